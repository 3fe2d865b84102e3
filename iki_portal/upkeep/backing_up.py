"""One backup of a running portal, from the snapshot to the finished file."""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from iki_portal.upkeep.archive import Manifest, finish, prune, store, workplace
from iki_portal.upkeep.taking import NAMES, taken


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    manifest: Manifest
    pruned: int


def back_up(url: str, folder: Path, *, key: str, keep: int | None, now: datetime) -> Made:
    """Write one backup of the database at `url` into `folder`, then remove all but the newest `keep`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with workplace(folder) as work:
        with taken(url) as found:
            member = store(found.stream, work, NAMES[found.dialect], key=key)
        manifest = Manifest(
            portal=version("iki-portal"),
            made_at=now,
            dialect=found.dialect,
            revision=found.facts.revision,
            counts=found.facts.counts,
            history_number=found.facts.history_number,
            history_hash=found.facts.history_hash,
            members=(member,),
        )
        path = finish(manifest, work, folder)
    return Made(path, manifest, prune(folder, keep=keep) if keep else 0)
