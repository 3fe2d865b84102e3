"""Writing history. Whoever writes locks the head first, so that rows follow each other also when people act at once."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from sqlalchemy import insert, select, update

from iki_portal.config import Settings
from iki_portal.domain.errors import Outdated
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.history.chain import row_hash
from iki_portal.models import HistoryEntry, HistoryHead


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What happened, for `record`; the chain's own columns are added there."""

    action: str
    year: int
    at: datetime
    sheet_id: int | None = None
    revision: int | None = None
    from_state: State | None = None
    to_state: State | None = None
    note: str = ""
    rows: str = ""
    sheet_version: int | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who acted, by which mandate; kept by value, as it was that day."""

    actor_id: int | None
    actor_name: str
    acting_position_id: int | None = None
    acting_title: str = ""
    acting_kind: AssignmentKind | None = field(default=None)


COMMAND_LINE = Author(None, "Operator (baris perintah)")


def author(actor: Actor, mandate: Mandate) -> Author:
    return Author(actor.employee_id, actor.full_name or actor.name, mandate.position_id, mandate.signature, mandate.kind)


def operator_author(actor: Actor) -> Author:
    """Somebody who acts as operator: no post, and so no mandate."""
    return Author(actor.employee_id, actor.full_name or actor.name, acting_title="Operator")


def lock_head() -> None:
    """Take the history's turn before anything is read that only one writer may read at a time (register numbers)."""
    db.session.execute(select(HistoryHead.number).with_for_update()).one()


def record(act: Act, by: Author) -> int:
    """Append one row and move the head; returns the row's number. Needs the caller's transaction."""
    settings: Settings = current_app.config["IKI"]
    key_name, key = next(iter(settings.history_keys.items()))
    head = db.session.execute(select(HistoryHead.number, HistoryHead.hash).with_for_update()).one()
    row = {
        **{name: getattr(act, name) for name in Act.__slots__},
        **{name: getattr(by, name) for name in Author.__slots__},
        "number": head.number + 1,
        "key_id": key_name,
        "previous_hash": head.hash,
    }
    row["hash"] = row_hash(row, key)
    db.session.execute(insert(HistoryEntry).values(row))
    moved = db.session.execute(
        update(HistoryHead)
        .where(HistoryHead.id == 1, HistoryHead.number == head.number)
        .values(number=row["number"], hash=row["hash"])
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Riwayat sedang ditulis orang lain. Coba lagi.")
    return int(row["number"])
