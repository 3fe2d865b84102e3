"""What a database holds, in a few figures: read when a backup is taken, and held against what was restored."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from iki_portal.models.guards import UNFINISHED
from iki_portal.upkeep.archive import ANCHOR_DIGITS
from iki_portal.upkeep.sealing import Unusable

_EVIDENCE = text("SELECT DISTINCT sha256 FROM attachment WHERE sha256 IS NOT NULL ORDER BY sha256")


@dataclass(frozen=True, slots=True)
class Facts:
    """Revision, rows of each table, and the head of the history with the digits that make an anchor."""

    revision: str
    counts: dict[str, int]
    history_number: int
    history_hash: str
    #: Hashes of the evidence files that it names.
    evidence: tuple[str, ...] = ()


def facts_of(connection: Connection) -> Facts:
    tables = sorted(set(inspect(connection).get_table_names()) - {UNFINISHED})
    if not {"alembic_version", "history_head"} <= set(tables):
        raise Unusable("this database holds no portal: there is nothing to back up")
    head = connection.execute(text("SELECT number, hash FROM history_head")).one()
    return Facts(
        revision=connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        counts={name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables},  # noqa: S608
        history_number=head.number,
        history_hash=head.hash[:ANCHOR_DIGITS],
        evidence=tuple(connection.execute(_EVIDENCE).scalars()) if "attachment" in tables else (),
    )
