"""The mail that waits: taken by one sender at a time, and marked as sent only after a mail server has accepted it.

A sender takes a mail by moving its next try beyond the lease, in a transaction of its own, and talks to the server outside of
any. If it dies in between, the lease runs out and the mail is due again, under the same Message-ID.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update

from iki_portal.domain.errors import WrongState
from iki_portal.domain.mail import LEASE, READ_KEPT, SENT_KEPT
from iki_portal.domain.people import full_name
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.history.trail import Event, note
from iki_portal.models import Employee, Notice, OutgoingMail
from iki_portal.models.columns import UtcDateTime

_LONGEST_REASON = 300
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that this sender, and nobody else, is to send now."""

    id: int
    #: Of the recipient today; "" when they have none any more.
    address: str
    message_id: str
    subject: str
    body: str
    created_at: datetime
    #: This try included.
    attempts: int


_OPEN = OutgoingMail.sent_at.is_(None) & OutgoingMail.failed_at.is_(None)


@cache
def _oldest_due() -> Select[*tuple[Any, ...]]:
    return (
        select(OutgoingMail.id, OutgoingMail.attempts)
        .where(_OPEN, OutgoingMail.next_try_at <= bindparam("moment", type_=UtcDateTime))
        .order_by(OutgoingMail.next_try_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def take_next(*, now: datetime) -> DueMail | None:
    """The mail that has been due longest, now this sender's for the length of the lease; None when none is due."""
    found = db.session.execute(_oldest_due(), {"moment": now}).one_or_none()
    if found is None:
        return None
    _write(found.id, attempts=found.attempts + 1, next_try_at=now + LEASE)
    row = db.session.execute(
        select(OutgoingMail, Employee.email)
        .join(Employee, Employee.id == OutgoingMail.employee_id)
        .where(OutgoingMail.id == found.id)
        .execution_options(populate_existing=True)
    ).one()
    mail: OutgoingMail = row.OutgoingMail
    return DueMail(mail.id, row.email, mail.message_id, mail.subject, mail.body, mail.created_at, mail.attempts)


def note_sent(mail: DueMail, *, now: datetime) -> None:
    _write(mail.id, sent_at=now, last_error="")


def note_vain_try(mail: DueMail, reason: str, *, again_at: datetime) -> None:
    _write(mail.id, next_try_at=again_at, last_error=reason[:_LONGEST_REASON])


def note_failed(mail: DueMail, reason: str, *, now: datetime) -> None:
    """Give it up: nothing will change by trying again. It stays on the operator's page."""
    _write(mail.id, failed_at=now, last_error=reason[:_LONGEST_REASON])


def _write(mail_id: int, **values: Any) -> None:
    query = update(OutgoingMail).where(OutgoingMail.id == mail_id, _OPEN).values(**values)
    db.session.execute(query, execution_options={"synchronize_session": False})


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail as an operator sees it: for whom and about what in one line, not its words."""

    id: int
    to: str
    subject: str
    created_at: datetime
    attempts: int
    next_try_at: datetime
    failed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class OutboxState:
    waiting: int
    failed: int
    last_sent_at: datetime | None
    #: The newest failures, then what has waited longest.
    lines: tuple[MailLine, ...]


def outbox_state() -> OutboxState:
    counts = select(
        func.count().filter(_OPEN).label("waiting"),
        func.count(OutgoingMail.failed_at).label("failed"),
        func.max(OutgoingMail.sent_at).label("last_sent_at"),
    )
    row = db.session.execute(counts).one()
    return OutboxState(row.waiting, row.failed, row.last_sent_at, tuple(_lines()))


def _lines() -> list[MailLine]:
    query = (
        select(OutgoingMail, Employee.name, Employee.degrees_before, Employee.degrees_after)
        .join(Employee, Employee.id == OutgoingMail.employee_id)
        .where(OutgoingMail.sent_at.is_(None))
        .order_by(OutgoingMail.failed_at.is_(None), OutgoingMail.failed_at.desc(), OutgoingMail.id)
        .limit(MOST_LISTED)
    )
    return [
        MailLine(
            row.OutgoingMail.id,
            full_name(row.name, row.degrees_before, row.degrees_after),
            row.OutgoingMail.subject,
            row.OutgoingMail.created_at,
            row.OutgoingMail.attempts,
            row.OutgoingMail.next_try_at,
            row.OutgoingMail.failed_at,
            row.OutgoingMail.last_error,
        )
        for row in db.session.execute(query)
    ]


def try_again(*, actor: Actor, now: datetime) -> int:
    """Let every mail that was given up be due again; how many. Raises `WrongState` when there is none."""
    demand_permission(actor, Permission.MAIL_WRITE)
    done = revive(now=now)
    if not done:
        raise WrongState("Tidak ada surel yang gagal.")
    note(Event(action=TrailAction.MAIL_RETRY, at=now, note=f"{done} surel."), actor)
    return done


def revive(*, now: datetime) -> int:
    query = update(OutgoingMail).where(OutgoingMail.failed_at.is_not(None)).values(failed_at=None, attempts=0, next_try_at=now)
    done = db.session.execute(query, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has a row count


def clear_away(*, now: datetime) -> None:
    """Delete what nobody needs any more: mail that was sent, and notices that were read, long ago."""
    db.session.execute(delete(OutgoingMail).where(OutgoingMail.sent_at < now - SENT_KEPT))
    db.session.execute(delete(Notice).where(Notice.read_at < now - READ_KEPT))
