"""Employees as the operator keeps them: found, read, entered and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from iki_portal.auth.accounts import follow_names
from iki_portal.domain.appointments import TermState, term_state
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Invalid, NotFound, Outdated
from iki_portal.domain.office import post_name
from iki_portal.domain.people import (
    EMPLOYEE_KIND_WORDS,
    EmployeeKind,
    acting_title,
    bare_identifier,
    format_identifier,
    format_rank,
    parse_rank,
)
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.models import Account, Assignment, Employee, Position
from iki_portal.models.columns import LARGEST_ID
from iki_portal.models.parameters import IDS
from iki_portal.models.people_search import matching
from iki_portal.organisation.queries import in_force

PAGE_SIZE = 25
NOT_FOUND = "Pegawai ini tidak ada."


@dataclass(frozen=True, slots=True)
class EmployeeLine:
    id: int
    name: str
    kind_word: str
    identifier: str
    rank: str
    posts: str


@dataclass(frozen=True, slots=True)
class EmployeeList:
    lines: list[EmployeeLine]
    page: int
    has_next: bool


def employee_list(text: str, *, on: date, page: int = 1) -> EmployeeList:
    """One page of employees by name, with the posts they hold that day."""
    in_order = (Employee.name, Employee.id)
    # which ones, from the index of the list alone; only then are their rows read
    found = select(Employee.id).order_by(*in_order).limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    found = found.where(matching(text)) if text else found
    rows = db.session.scalars(select(Employee).where(Employee.id.in_(found)).order_by(*in_order)).all()
    shown = rows[:PAGE_SIZE]
    held = _held_titles([row.id for row in shown], on=on)
    return EmployeeList([_line(row, held) for row in shown], page, len(rows) > PAGE_SIZE)


def _line(row: Employee, held: dict[int, list[str]]) -> EmployeeLine:
    return EmployeeLine(
        row.id,
        row.full_name,
        EMPLOYEE_KIND_WORDS[row.kind],
        format_identifier(row.identifier or ""),
        format_rank(row.kind, row.rank),
        ", ".join(held.get(row.id, ())),
    )


@cache
def _titles() -> Select[*tuple[Any, ...]]:
    return (
        select(Assignment.employee_id, Assignment.kind, Position.title, Position.area)
        .join(Position, Position.id == Assignment.position_id)
        .where(Assignment.employee_id.in_(IDS), in_force())
        .order_by(Assignment.employee_id, Assignment.id)
    )


def _held_titles(ids: Sequence[int], *, on: date) -> dict[int, list[str]]:
    held: dict[int, list[str]] = {}
    for row in db.session.execute(_titles(), {"ids": list(ids), "today": on}):
        held.setdefault(row.employee_id, []).append(post_name(acting_title(row.kind, row.title), row.area))
    return held


def employee(employee_id: int) -> Employee:
    """Raises `NotFound` for a number that nobody has."""
    found = db.session.get(Employee, employee_id) if 0 < employee_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


@dataclass(frozen=True, slots=True)
class TermLine:
    """One assignment on the page of its employee."""

    id: int
    title: str
    starts_on: date
    ends_on: date | None
    decree: str
    decree_on: date | None
    state: TermState


def terms_of(employee_id: int, *, on: date) -> list[TermLine]:
    """Every assignment of somebody, the newest first, cancelled ones included."""
    query = (
        select(Assignment, Position.title, Position.area)
        .join(Position, Position.id == Assignment.position_id)
        .where(Assignment.employee_id == employee_id)
        .order_by(Assignment.starts_on.desc(), Assignment.id.desc())
    )
    return [
        TermLine(
            row.Assignment.id,
            post_name(acting_title(row.Assignment.kind, row.title), row.area),
            row.Assignment.starts_on,
            row.Assignment.ends_on,
            row.Assignment.decree,
            row.Assignment.decree_on,
            term_state(row.Assignment.starts_on, row.Assignment.ends_on, on),
        )
        for row in db.session.execute(query)
    ]


def account_of(employee_id: int) -> tuple[int, str] | None:
    """The account of somebody, and the name it is opened by; nothing while they have none."""
    row = db.session.execute(select(Account.id, Account.name).where(Account.employee_id == employee_id)).one_or_none()
    return (row.id, row.name) if row else None


@dataclass(frozen=True, slots=True)
class EmployeeProposal:
    """An employee as the operator wants them written."""

    name: str
    degrees_before: str
    degrees_after: str
    kind: EmployeeKind
    identifier: str
    rank: str
    email: str

    def values(self) -> dict[str, Any]:
        """As it is stored: single spaces, the bare number, the golongan in its one spelling. Raises `Invalid`."""
        texts = {name: " ".join(getattr(self, name).split()) for name in ("name", "degrees_before", "degrees_after")}
        if not texts["name"]:
            raise Invalid("Nama wajib diisi.")
        number = self.identifier.strip() if self.kind is EmployeeKind.OTHER else bare_identifier(self.identifier)
        rank = parse_rank(self.kind, self.rank) if self.rank else None
        return {**texts, "kind": self.kind, "identifier": number or None, "rank": rank, "email": self.email.strip()}


FIELD_WORDS = {
    "name": "Nama",
    "degrees_before": "Gelar di depan",
    "degrees_after": "Gelar di belakang",
    "kind": "Jenis",
    "identifier": "Nomor",
    "rank": "Golongan",
    "email": "Surel",
}


def enter_employee(proposal: EmployeeProposal, *, actor: Actor, now: datetime) -> Employee:
    """Write down a new employee. Raises `Invalid` for a number that somebody has already."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    values = proposal.values()
    lock_head()
    _demand_own_number(values["identifier"])
    row = Employee(**values)
    db.session.add(row)
    db.session.flush()
    _record("add_employee", row, f"{row.full_name}, {EMPLOYEE_KIND_WORDS[row.kind]}", actor=actor, now=now)
    return row


def change_employee(employee_id: int, proposal: EmployeeProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Change what new documents print of somebody; frozen copies keep what they have. Raises `Invalid`, `Outdated`."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    values = proposal.values()
    lock_head()
    row = db.session.get(Employee, employee_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(NOT_FOUND)
    if row.version != seen:
        raise Outdated(f"Data {row.name} sudah diubah orang lain sesudah halaman Anda dibuka.")
    _demand_own_number(values["identifier"], but=employee_id)
    before = row.full_name
    changes = [
        f"{word}: {getattr(row, name) or '–'} menjadi {values[name] or '–'}"
        for name, word in FIELD_WORDS.items()
        if (getattr(row, name) or "") != (values[name] or "")
    ]
    if not changes:
        return
    for name, value in values.items():
        setattr(row, name, value)
    row.version = seen + 1
    db.session.flush()
    follow_names([row.id])
    _record("change_employee", row, f"{before}. " + "; ".join(changes), actor=actor, now=now)


def _demand_own_number(identifier: str | None, *, but: int = 0) -> None:
    query = select(Employee).where(Employee.identifier == identifier, Employee.id != but)
    if identifier and (other := db.session.scalar(query)):
        raise Invalid(f"Nomor ini sudah dipakai {other.full_name}.")


def _record(action: str, row: Employee, note: str, *, actor: Actor, now: datetime) -> None:
    act = Act(action=action, year=office_day(now).year, at=now, note=note, subject_id=row.id)
    record(act, operator_author(actor))
