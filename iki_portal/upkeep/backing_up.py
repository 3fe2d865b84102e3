"""One backup of a running portal, from the snapshot to the finished file."""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from iki_portal.realisation.store import Store
from iki_portal.upkeep import evidence
from iki_portal.upkeep.archive import Manifest, finish, prune, store, workplace
from iki_portal.upkeep.taking import NAMES, taken


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    manifest: Manifest
    pruned: int


def back_up(url: str, evidence_store: Store, folder: Path, *, key: str, keep: int | None, now: datetime) -> Made:
    """Write one backup of the database at `url`, and of the evidence that it names, into `folder`; keep the newest `keep`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with workplace(folder) as work:
        with taken(url) as found:
            members = [store(found.stream, work, NAMES[found.dialect], key=key)]
        missing: tuple[str, ...] = ()
        if found.facts.evidence:  # files only come and never go: what the snapshot names is there now, too
            with evidence.packed(found.facts.evidence, evidence_store, work) as (stream, missing):
                members.append(store(stream, work, evidence.NAME, key=key))
        manifest = Manifest(
            portal=version("iki-portal"),
            made_at=now,
            dialect=found.dialect,
            revision=found.facts.revision,
            counts=found.facts.counts,
            history_number=found.facts.history_number,
            history_hash=found.facts.history_hash,
            members=tuple(members),
            missing_evidence=missing,
        )
        path = finish(manifest, work, folder)
    return Made(path, manifest, prune(folder, keep=keep) if keep else 0)
