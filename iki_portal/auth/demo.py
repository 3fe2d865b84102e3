"""Accounts to play with: one per post, plus an operator. Its people have no names or NIP that could be taken for real."""

from datetime import date, datetime

from sqlalchemy import select

from iki_portal.auth.passwords import hash_password
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.extensions import db
from iki_portal.models import Account, Assignment, Employee, Position

DEMO_PASSWORD = "contoh-lumajang"  # noqa: S105  # printed on purpose, and impossible in production
OPERATOR = "operator"


def make_demo_accounts(*, now: datetime, on: date) -> list[tuple[str, str]]:
    """Make the accounts that are missing; returns every sign-in name with its post, in the order of the organisation."""
    known = set(db.session.scalars(select(Account.name)))
    password = hash_password(DEMO_PASSWORD)
    players = []
    posts = db.session.scalars(select(Position).where(~Position.is_closed).order_by(Position.order))
    for number, post in enumerate(posts, start=1):
        players.append((post.code, post.name))
        if post.code not in known:
            _add_player(post, number, password, now=now, on=on)
    if OPERATOR not in known:
        db.session.add(_account(OPERATOR, "Operator Contoh", None, password, now))
    db.session.flush()
    return [*players, (OPERATOR, "Operator portal")]


def _add_player(post: Position, number: int, password: str, *, now: datetime, on: date) -> None:
    name = f"Pegawai Contoh {number:02}"
    employee = Employee(name=name, degrees_before="", degrees_after="", kind=EmployeeKind.PNS, identifier=None, rank=None)
    db.session.add(employee)
    db.session.flush()
    db.session.add(
        Assignment(
            employee_id=employee.id,
            position_id=post.id,
            kind=AssignmentKind.DEFINITIVE,
            starts_on=on.replace(month=1, day=1),
            ends_on=None,
            decree="",
        )
    )
    db.session.add(_account(post.code, name, employee.id, password, now))


def _account(name: str, display_name: str, employee_id: int | None, password: str, now: datetime) -> Account:
    return Account(
        name=name,
        display_name=display_name,
        password_hash=password,
        employee_id=employee_id,
        is_operator=employee_id is None,
        is_active=True,
        is_demo=True,
        must_change_password=False,
        failed_attempts=0,
        locked_until=None,
        created_at=now,
    )
