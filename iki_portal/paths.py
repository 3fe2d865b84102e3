"""Folders beside the package, in a checkout: the portal is run from one."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MIGRATIONS = PROJECT / "migrations"
SEEDS = PROJECT / "seeds"
REFERENCE = SEEDS / "indicator-units.tsv"
