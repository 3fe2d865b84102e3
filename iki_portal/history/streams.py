"""The two chains. The history: what was decided and set. The trail: who came in, who was refused, what left the portal.

They are apart, so that a sign-in never waits for an approval (docs/decisions/0029).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import insert, select, update

from iki_portal.config import Settings
from iki_portal.domain.errors import Outdated
from iki_portal.extensions import db
from iki_portal.history.chain import HISTORY_COLUMNS, TRAIL_COLUMNS, Seal
from iki_portal.models import HistoryEntry, HistoryHead, TrailEvent, TrailHead


@dataclass(frozen=True, slots=True)
class Stream:
    """A chain: its rows, its head, and the columns that the hash of a row covers."""

    #: On screens and in reports.
    name: str
    #: Before the number of an anchor, to tell the two apart; prints of approved sheets name the history's without any.
    letter: str
    rows: type[HistoryEntry] | type[TrailEvent]
    head: type[HistoryHead] | type[TrailHead]
    covered: tuple[str, ...]


HISTORY = Stream("Riwayat", "", HistoryEntry, HistoryHead, HISTORY_COLUMNS)
TRAIL = Stream("Catatan akses", "A", TrailEvent, TrailHead, TRAIL_COLUMNS)


def lock(stream: Stream) -> None:
    """Take the turn of a chain: nobody else appends to it before this transaction ends."""
    db.session.execute(select(stream.head.number).with_for_update()).one()


def append(stream: Stream, values: Mapping[str, Any]) -> int:
    """Append one row under the newest key and move the head; returns the row's number. Needs the caller's transaction."""
    settings: Settings = current_app.config["IKI"]
    key_name, key = next(iter(settings.history_keys.items()))
    head = db.session.execute(select(stream.head.number, stream.head.hash).with_for_update()).one()
    row = {**values, "number": head.number + 1, "key_id": key_name, "previous_hash": head.hash}
    row["hash"] = Seal(key).hash_of({name: row[name] for name in stream.covered})
    db.session.execute(insert(stream.rows).values(row))
    moved = db.session.execute(
        update(stream.head)
        .where(stream.head.id == 1, stream.head.number == head.number)
        .values(number=row["number"], hash=row["hash"])
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated(f"{stream.name} sedang ditulis orang lain. Coba lagi.")
    return int(row["number"])
