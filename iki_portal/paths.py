"""Folders beside the package, in a checkout (the portal is run from one), and how a folder is put on the disk."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MIGRATIONS = PROJECT / "migrations"
SEEDS = PROJECT / "seeds"
REFERENCE = SEEDS / "indicator-units.tsv"


def sync_folder(folder: Path) -> None:
    """A new name survives a power cut only once its folder is on the disk (Windows has no such thing)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
