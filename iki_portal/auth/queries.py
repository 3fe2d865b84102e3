"""Who is behind a cookie or a sign-in name, and which mandates they have today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, false, func, or_, select

from iki_portal.domain.accounts import SIGN_INS_KEPT, AccountState, browser_words, proposed_name, state_of
from iki_portal.domain.errors import NotFound
from iki_portal.domain.people import acting_title, bare_identifier, format_identifier, full_name
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.extensions import db
from iki_portal.models import Account, Assignment, Employee, PerformanceYear, Position, SignInSession, Unit
from iki_portal.models.columns import LARGEST_ID, UtcDateTime
from iki_portal.models.parameters import TODAY, TOKEN
from iki_portal.notices.queries import unread_of_account

#: So much of a session's hash names it on its owner's page; none of its token.
KEY_LENGTH = 16
PAGE_SIZE = 25
MOST_SIGN_INS = 50


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session in force: who it is, and when it began and was last noted."""

    actor: Actor
    account_name: str
    must_change_password: bool
    #: An operator's account needs a second step; the demo's do without.
    must_set_up_second_step: bool
    last_seen_at: datetime
    #: The newest performance year, for the frame of every page; None before the first one is opened.
    newest_year: int | None
    #: Notices that were not read yet, counted up to `MOST_COUNTED`; 0 for an operator, who gets none.
    unread: int


@cache
def _people() -> Select[*tuple[Any, ...]]:
    """Accounts with their employee and today's mandates: one row per mandate, or one without any."""
    in_force = and_(
        Assignment.employee_id == Account.employee_id,
        Assignment.starts_on <= TODAY,
        or_(Assignment.ends_on.is_(None), Assignment.ends_on >= TODAY),
    )
    return (
        select(
            Account.id,
            Account.name,
            Account.display_name,
            Account.employee_id,
            Account.is_operator,
            Account.must_change_password,
            Account.is_demo,
            Account.otp_salt,
            Employee.name.label("employee_name"),
            Employee.degrees_before,
            Employee.degrees_after,
            Assignment.id.label("assignment_id"),
            Assignment.kind.label("assignment_kind"),
            Position.id.label("position_id"),
            Position.title,
            Position.area,
            Position.kind.label("position_kind"),
        )
        .outerjoin(Employee, Employee.id == Account.employee_id)
        .outerjoin(Assignment, in_force)
        .outerjoin(Position, Position.id == Assignment.position_id)
        .order_by(Assignment.id)
    )


def _actor(rows: Sequence[Row[Any]]) -> Actor:
    first = rows[0]
    mandates = tuple(
        Mandate(row.position_id, row.assignment_kind, row.title, row.position_kind, row.area, row.assignment_id)
        for row in rows
        if row.position_id is not None
    )
    printed = (
        full_name(first.employee_name, first.degrees_before, first.degrees_after)
        if first.employee_id is not None
        else first.display_name
    )
    return Actor(
        account_id=first.id,
        employee_id=first.employee_id,
        name=first.employee_name or first.display_name,
        mandates=mandates,
        is_operator=first.is_operator,
        full_name=printed,
    )


@cache
def _open_sessions() -> Select[*tuple[Any, ...]]:
    newest_year = select(func.max(PerformanceYear.year)).scalar_subquery().label("newest_year")
    return (
        _people()
        .add_columns(SignInSession.last_seen_at, SignInSession.acting_as_id, newest_year, unread_of_account().label("unread"))
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(
            SignInSession.token_hash == TOKEN,
            SignInSession.ended_at.is_(None),
            SignInSession.awaits_code.is_(False),
            SignInSession.created_at > bindparam("began_after", type_=UtcDateTime),
            Account.is_active,
        )
    )


def open_session(token: str, *, now: datetime, on: date, longest: timedelta) -> OpenSession | None:
    """The session behind a cookie's token, unless it has ended, is too old, or its account is closed."""
    facts = {"token": token_hash(token), "began_after": now - longest, "today": on}
    rows = db.session.execute(_open_sessions(), facts).all()
    if not rows:
        return None
    first = rows[0]
    lacks_second_step = first.is_operator and not first.is_demo and not first.otp_salt
    return OpenSession(
        _actor(rows).acting_as(first.acting_as_id),
        first.name,
        first.must_change_password,
        lacks_second_step,
        first.last_seen_at,
        first.newest_year,
        first.unread,
    )


@cache
def _of_a_name() -> Select[*tuple[Any, ...]]:
    return _people().where(Account.name == bindparam("account_name"), Account.is_active)


def actor_of(account_name: str, *, on: date) -> Actor | None:
    """The person behind a sign-in name, for the command line and tests."""
    rows = db.session.execute(_of_a_name(), {"account_name": account_name, "today": on}).all()
    return _actor(rows) if rows else None


@dataclass(frozen=True, slots=True)
class DemoPlayer:
    """One part of the demo: a sign-in name and the post behind it."""

    account_name: str
    title: str
    area: str
    unit: str


def demo_players(*, on: date) -> list[DemoPlayer]:
    """Demo accounts in the order of the organisation, the operator last."""
    query = (
        select(Account.name, Assignment.kind, Position.title, Position.area, Unit.name.label("unit"))
        .outerjoin(
            Assignment,
            and_(
                Assignment.employee_id == Account.employee_id,
                Assignment.starts_on <= TODAY,
                or_(Assignment.ends_on.is_(None), Assignment.ends_on >= TODAY),
            ),
        )
        .outerjoin(Position, Position.id == Assignment.position_id)
        .outerjoin(Unit, Unit.id == Position.unit_id)
        .where(Account.is_demo, Account.is_active)
        .order_by(Account.is_operator, Position.order, Account.id)
    )
    return [
        DemoPlayer(
            row.name,
            acting_title(row.kind, row.title) if row.kind else "Operator",
            row.area or "",
            row.unit or "Pengelola portal",
        )
        for row in db.session.execute(query, {"today": on})
    ]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as the operator sees it: how it stands, and nothing that opens it."""

    id: int
    name: str
    display_name: str
    is_operator: bool
    state: AccountState
    locked_until: datetime | None
    activation_until: datetime | None
    has_second_step: bool
    version: int
    employee_id: int | None


@dataclass(frozen=True, slots=True)
class AccountList:
    lines: list[AccountLine]
    page: int
    has_next: bool


def _line(account: Account, *, now: datetime) -> AccountLine:
    state = state_of(
        is_active=account.is_active, has_password=bool(account.password_hash), locked_until=account.locked_until, now=now
    )
    return AccountLine(
        account.id,
        account.name,
        account.display_name,
        account.is_operator,
        state,
        account.locked_until,
        account.activation_until,
        bool(account.otp_salt),
        account.version,
        account.employee_id,
    )


def accounts(*, now: datetime, text: str = "", page: int = 1) -> AccountList:
    """All accounts by the name of the person, closed ones too; narrowed by a part of either name."""
    query = select(Account).order_by(Account.display_name, Account.id)
    if text:
        numbered = Account.employee_id.in_(select(Employee.id).where(_holds_number(text)))
        query = query.where(or_(_holds(Account.display_name, text), _holds(Account.name, text), numbered))
    rows = db.session.scalars(query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    return AccountList([_line(row, now=now) for row in rows[:PAGE_SIZE]], page, len(rows) > PAGE_SIZE)


def account_line(account_id: int, *, now: datetime) -> AccountLine:
    """Raises `NotFound`."""
    account = db.session.get(Account, account_id) if account_id <= LARGEST_ID else None
    if account is None:
        raise NotFound("Akun ini tidak ada.")
    return _line(account, now=now)


@dataclass(frozen=True, slots=True)
class EmployeeLine:
    id: int
    name: str
    identifier: str | None

    @property
    def number(self) -> str:
        """NIP or NI PPPK as it is printed."""
        return format_identifier(self.identifier or "")


@dataclass(frozen=True, slots=True)
class EmployeeList:
    lines: list[EmployeeLine]
    page: int
    has_next: bool


def _without_account() -> Select[*tuple[Any, ...]]:
    nobody = ~exists().where(Account.employee_id == Employee.id)
    return select(Employee.id, Employee.name, Employee.identifier).where(nobody)


def without_account(*, text: str = "", page: int = 1) -> EmployeeList:
    """Employees whom nobody has given an account yet."""
    query = _without_account().order_by(Employee.name, Employee.id)
    if text:
        query = query.where(or_(_holds(Employee.name, text), _holds_number(text)))
    rows = db.session.execute(query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    return EmployeeList([EmployeeLine(*row) for row in rows[:PAGE_SIZE]], page, len(rows) > PAGE_SIZE)


def employee_without_account(employee_id: int) -> EmployeeLine:
    """Raises `NotFound`, also for somebody who has one (a slip that is loaded again)."""
    row = None
    if employee_id <= LARGEST_ID:
        row = db.session.execute(_without_account().where(Employee.id == employee_id)).one_or_none()
    if row is None:
        raise NotFound("Pegawai ini tidak ada, atau sudah mempunyai akun. Kode yang hilang diganti dari halaman akunnya.")
    return EmployeeLine(*row)


def name_for(employee: EmployeeLine) -> str:
    """A sign-in name that nobody has yet."""
    return proposed_name(employee.name, employee.identifier, set(db.session.scalars(select(Account.name))))


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One of somebody's own sign-ins."""

    key: str
    began_at: datetime
    address: str
    browser: str
    is_open: bool
    is_this: bool


def sign_ins(account_id: int, *, token: str, now: datetime, longest: timedelta) -> list[SignInLine]:
    """The newest sign-ins that are still kept; `token` marks this very browser."""
    here = token_hash(token)
    rows = db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.account_id == account_id,
            SignInSession.awaits_code.is_(False),
            SignInSession.created_at > now - SIGN_INS_KEPT,
        )
        .order_by(SignInSession.created_at.desc(), SignInSession.token_hash)
        .limit(MOST_SIGN_INS)
    )
    return [
        SignInLine(
            row.token_hash[:KEY_LENGTH],
            row.created_at,
            row.address,
            browser_words(row.agent),
            row.ended_at is None and row.created_at > now - longest,
            row.token_hash == here,
        )
        for row in rows
    ]


def has_second_step(account_id: int) -> bool:
    return bool(db.session.scalar(select(Account.otp_salt).where(Account.id == account_id)))


def _holds_number(text: str) -> ColumnElement[bool]:
    """Whether the NIP of an employee has these figures, however they are grouped."""
    number = bare_identifier(text)
    return Employee.identifier.contains(number, autoescape=True) if number.isdigit() else false()


def _holds(column: Any, text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)
