"""Giving somebody a post, and correcting how and from when to when: never deleted, because every right came from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from iki_portal.domain.appointments import Term, format_span
from iki_portal.domain.dates import OFFICE_ZONE, format_date, office_day
from iki_portal.domain.errors import Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.notices import About, NoticeKind
from iki_portal.domain.office import post_name
from iki_portal.domain.people import AssignmentKind, acting_title
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.models import Assignment, Employee, HistoryEntry, Position
from iki_portal.models.columns import LARGEST_ID
from iki_portal.notices.news import News
from iki_portal.notices.operations import tell
from iki_portal.organisation.employees import employee
from iki_portal.organisation.outlook import demand_term

NOT_FOUND = "Penugasan ini tidak ada."


class KindStands(Invalid):
    """Somebody acted by the assignment as what it is: it cannot have been another kind."""


@dataclass(frozen=True, slots=True)
class SpanProposal:
    """From when to when, and by which decree."""

    starts_on: date
    ends_on: date | None
    decree: str
    decree_on: date | None


def post_choices() -> list[tuple[int, str]]:
    """Every post that is not closed, in the order of the office."""
    query = select(Position.id, Position.title, Position.area).where(~Position.is_closed).order_by(Position.order, Position.id)
    return [(row.id, post_name(row.title, row.area)) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class StandingAssignment:
    """One assignment with its person and its post."""

    row: Assignment
    employee: Employee
    position: Position

    @property
    def title(self) -> str:
        return acting_title(self.row.kind, self.position.name)

    def term(self, kind: AssignmentKind, starts_on: date, ends_on: date | None) -> Term:
        return Term(self.employee.full_name, kind, starts_on, ends_on)


def assignment(assignment_id: int) -> StandingAssignment:
    """Raises `NotFound` for a number that none has."""
    query = (
        select(Assignment, Employee, Position)
        .join(Employee, Employee.id == Assignment.employee_id)
        .join(Position, Position.id == Assignment.position_id)
        .where(Assignment.id == assignment_id)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).one_or_none() if 0 < assignment_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(NOT_FOUND)
    return StandingAssignment(found.Assignment, found.Employee, found.Position)


def appoint(
    employee_id: int, position_id: int, kind: AssignmentKind, proposal: SpanProposal, *, actor: Actor, now: datetime
) -> None:
    """Give somebody a post. Raises `Invalid` for dates that cannot be and for a second definitive holder on one day.

    What stands already, to the day, is not written down again: the form came twice.
    """
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    lock_head()  # who appoints at the same time waits here, and then sees this one
    person, position = employee(employee_id), db.session.get(Position, position_id)
    if position is None:
        raise NotFound("Jabatan ini tidak ada.")
    if _stands(employee_id, position_id, kind, proposal):
        return
    demand_term(position_id, Term(person.full_name, kind, proposal.starts_on, proposal.ends_on))
    row = Assignment(employee_id=employee_id, position_id=position_id, kind=kind)
    _write(row, proposal)
    db.session.add(row)
    db.session.flush()
    standing = StandingAssignment(row, person, position)
    _record("appoint", standing, standing.title, _span(row), actor=actor, now=now)
    tell([post_begins(row, position)] if _has_begun(row, office_day(now)) else [], now=now)


def _stands(employee_id: int, position_id: int, kind: AssignmentKind, proposal: SpanProposal) -> bool:
    same = select(Assignment.id).where(
        *(Assignment.employee_id == employee_id, Assignment.position_id == position_id, Assignment.kind == kind),
        *(Assignment.starts_on == proposal.starts_on, Assignment.ends_on == proposal.ends_on),
    )
    return db.session.scalar(same.limit(1)) is not None


def _has_begun(row: Assignment, on: date) -> bool:
    return row.starts_on <= on and (row.ends_on is None or row.ends_on >= on)


def post_begins(row: Assignment, position: Position) -> News:
    """Told when it is written down, or on its first day: once."""
    return _news_of(row, position, NoticeKind.POST_BEGINS, row.starts_on)


def post_ends(row: Assignment, position: Position) -> News:
    """Told some days before; another end is told anew."""
    return _news_of(row, position, NoticeKind.POST_ENDS, row.ends_on)


def _news_of(row: Assignment, position: Position, kind: NoticeKind, day: date | None) -> News:
    about, key = About(post=position.name, day=day), f"{kind.value}:{row.id}:{day}"
    return News(employee_id=row.employee_id, kind=kind, key=key, about=about, position_id=row.position_id)


def change_assignment(
    assignment_id: int, kind: AssignmentKind, proposal: SpanProposal, *, actor: Actor, seen: int, now: datetime
) -> None:
    """End an assignment or correct it. Days on which its holder acted stay inside; its kind is corrected before anybody acts.

    Raises `Invalid`, `KindStands`, `Outdated`.
    """
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    standing = _locked(assignment_id, seen)
    row, title, before = standing.row, standing.title, _span(standing.row)
    demand_free_kind(standing, kind)
    demand_term(row.position_id, standing.term(kind, proposal.starts_on, proposal.ends_on), but=row.id)
    _demand_acts_inside(row, proposal)
    row.kind = kind
    _write(row, proposal)
    row.version = seen + 1
    db.session.flush()
    other_kind = f"{standing.title}, " if standing.title != title else ""
    _record("change_assignment", standing, title, f"{before} menjadi {other_kind}{_span(row)}", actor=actor, now=now)


def demand_free_kind(standing: StandingAssignment, kind: AssignmentKind) -> None:
    """Raise `KindStands` for another kind than the one by which its holder has acted already."""
    if kind is not standing.row.kind and (reason := kind_stands(standing)):
        raise KindStands(reason)


def kind_stands(standing: StandingAssignment) -> str:
    """Why the kind cannot be corrected any more; nothing while nobody has acted by this assignment."""
    first, _ = _acts(standing.row)
    if first is None:
        return ""
    return (
        f"Pejabat ini sudah bertindak sebagai {standing.title} pada {format_date(first)}; cara memegang jabatannya tidak dapat"
        " diubah lagi. Akhiri penugasan ini, lalu angkat lagi."
    )


def cancel_assignment(assignment_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """Take back an assignment that has not begun. Raises `WrongState` once it has: then it is ended, not undone."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    standing = _locked(assignment_id, seen)
    row, before = standing.row, _span(standing.row)
    if row.starts_on <= office_day(now):
        raise WrongState("Penugasan yang sudah mulai tidak dapat dibatalkan; isilah tanggal akhirnya.")
    row.is_cancelled, row.ends_on, row.version = True, row.starts_on - timedelta(days=1), seen + 1
    db.session.flush()
    _record("change_assignment", standing, standing.title, f"{before} dibatalkan", actor=actor, now=now)


def _locked(assignment_id: int, seen: int) -> StandingAssignment:
    """The assignment as it stands under the lock of the history, unless somebody has changed or cancelled it."""
    lock_head()
    standing = assignment(assignment_id)
    if standing.row.version != seen:
        raise Outdated("Penugasan ini sudah diubah orang lain sesudah halaman Anda dibuka.")
    if standing.row.is_cancelled:
        raise WrongState("Penugasan ini sudah dibatalkan.")
    return standing


def _write(row: Assignment, proposal: SpanProposal) -> None:
    row.starts_on, row.ends_on = proposal.starts_on, proposal.ends_on
    row.decree, row.decree_on = " ".join(proposal.decree.split()), proposal.decree_on


def _demand_acts_inside(row: Assignment, proposal: SpanProposal) -> None:
    """What was done by this mandate was done by right: its days cannot be taken out of the assignment afterwards."""
    first, last = _acts(row)
    if first is not None and first < proposal.starts_on:
        raise Invalid(f"Pejabat ini bertindak dalam jabatan ini pada {format_date(first)}; penugasan harus memuat hari itu.")
    if last is not None and proposal.ends_on is not None and last > proposal.ends_on:
        raise Invalid(f"Pejabat ini bertindak dalam jabatan ini pada {format_date(last)}; penugasan harus memuat hari itu.")


def _acts(row: Assignment) -> tuple[date | None, date | None]:
    """The first and the last day on which the holder acted by this assignment."""
    query = select(func.min(HistoryEntry.at), func.max(HistoryEntry.at)).where(
        HistoryEntry.actor_id == row.employee_id,
        HistoryEntry.acting_position_id == row.position_id,
        HistoryEntry.acting_kind == row.kind,
        HistoryEntry.at >= _begin(row.starts_on),
    )
    if row.ends_on is not None:
        query = query.where(HistoryEntry.at < _begin(row.ends_on + timedelta(days=1)))
    days: Sequence[Any] | Row[Any] = db.session.execute(query).one()
    first, last = (office_day(at) if at is not None else None for at in days)
    return first, last


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_ZONE)


def _span(row: Assignment) -> str:
    decree = f"; {row.decree}" if row.decree else ""
    signed = f", {format_date(row.decree_on)}" if row.decree_on else ""
    return f"{format_span(row.starts_on, row.ends_on)}{decree}{signed}"


def _record(action: str, standing: StandingAssignment, title: str, what: str, *, actor: Actor, now: datetime) -> None:
    note = f"{standing.employee.full_name}, {title}: {what}"
    act = Act(action=action, year=office_day(now).year, at=now, note=note, subject_id=standing.employee.id)
    record(act, operator_author(actor))
