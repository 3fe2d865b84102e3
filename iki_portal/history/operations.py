"""Writing history. Whoever writes locks the head first, so that rows follow each other also when people act at once."""

from dataclasses import dataclass, field
from datetime import datetime

from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.workflow import State
from iki_portal.history.streams import HISTORY, append, lock


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
    #: The employee whom an act upon people, assignments or accounts is about.
    subject_id: int | None = None


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
    lock(HISTORY)


def record(act: Act, by: Author) -> int:
    """Append one row to the history; returns its number. Needs the caller's transaction."""
    return append(
        HISTORY,
        {
            **{name: getattr(act, name) for name in Act.__slots__},
            **{name: getattr(by, name) for name in Author.__slots__},
        },
    )
