"""Who is behind a cookie or a sign-in name, and which mandates they have today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select

from iki_portal.domain.people import full_name
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.extensions import db
from iki_portal.models import Account, Assignment, Employee, PerformanceYear, Position, SignInSession, Unit
from iki_portal.models.columns import UtcDateTime
from iki_portal.models.parameters import TODAY, TOKEN


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session in force: who it is, and when it began and was last noted."""

    actor: Actor
    account_name: str
    must_change_password: bool
    last_seen_at: datetime
    #: The newest performance year, for the frame of every page; None before the first one is opened.
    newest_year: int | None


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
            Employee.name.label("employee_name"),
            Employee.degrees_before,
            Employee.degrees_after,
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
        Mandate(row.position_id, row.assignment_kind, row.title, row.position_kind, row.area)
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
        .add_columns(SignInSession.last_seen_at, newest_year)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(
            SignInSession.token_hash == TOKEN,
            SignInSession.ended_at.is_(None),
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
    return OpenSession(_actor(rows), first.name, first.must_change_password, first.last_seen_at, first.newest_year)


def actor_of(account_name: str, *, on: date) -> Actor | None:
    """The person behind a sign-in name, for the command line and tests."""
    rows = db.session.execute(_people().where(Account.name == account_name, Account.is_active), {"today": on}).all()
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
        select(Account.name, Position.title, Position.area, Unit.name.label("unit"))
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
        DemoPlayer(row.name, row.title or "Operator", row.area or "", row.unit or "Pengelola portal")
        for row in db.session.execute(query, {"today": on})
    ]
