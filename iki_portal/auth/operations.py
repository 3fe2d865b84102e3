"""Signing in and out, changing a password. Failed attempts are counted in the database and lock the account."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.auth import passwords
from iki_portal.auth.queries import token_hash
from iki_portal.domain.dates import format_time, office_day
from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.domain.policy import Actor
from iki_portal.extensions import db
from iki_portal.models import Account, Assignment, Employee, Position, SignInSession

MOST_ATTEMPTS = 10
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class SignInRefused:
    message: str


WRONG = "Nama masuk atau sandi keliru. Periksa huruf besar dan kecilnya, lalu coba lagi."


class WrongPassword(Invalid):
    """The current password was not the current password."""


def sign_in(name: str, password: str, *, now: datetime) -> SignedIn | SignInRefused:
    """Open a session, or say why not. Returns instead of raising, so that a counted failure is committed."""
    account = db.session.scalar(select(Account).where(Account.name == name.strip().lower()))
    if account is not None and account.locked_until is not None and account.locked_until > now:
        until = format_time(account.locked_until)
        return SignInRefused(f"Akun ini dikunci sementara karena terlalu banyak percobaan. Coba lagi setelah pukul {until}.")
    right = passwords.verify(account.password_hash if account is not None and account.is_active else None, password)
    if account is None:
        return SignInRefused(WRONG)
    if not right:
        return _count_failure(account, now=now)
    if passwords.needs_rehash(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    account.failed_attempts, account.locked_until = 0, None
    return _open(account, now=now)


def sign_in_demo(name: str, *, now: datetime) -> SignedIn:
    """Open a session for a demo account without a password; raises `Invalid` for any other account."""
    account = db.session.scalar(select(Account).where(Account.name == name, Account.is_demo, Account.is_active))
    if account is None:
        raise Invalid("Akun contoh ini tidak ada.")
    return _open(account, now=now)


def _count_failure(account: Account, *, now: datetime) -> SignInRefused:
    """Count in the database itself: two guesses at the same moment are two guesses."""
    attempts = db.session.scalar(
        update(Account)
        .where(Account.id == account.id)
        .values(failed_attempts=Account.failed_attempts + 1)
        .returning(Account.failed_attempts)
        .execution_options(synchronize_session=False)
    )
    if (attempts or 0) >= MOST_ATTEMPTS:
        db.session.execute(
            update(Account)
            .where(Account.id == account.id)
            .values(failed_attempts=0, locked_until=now + LOCKED_FOR)
            .execution_options(synchronize_session=False)
        )
        end_sessions(account.id, because="locked", now=now)
    return SignInRefused(WRONG)


def _open(account: Account, *, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignInSession(token_hash=token_hash(token), account_id=account.id, created_at=now, last_seen_at=now, ended_because="")
    )
    return SignedIn(token, account.must_change_password)


def note_seen(token: str, *, now: datetime) -> None:
    """Keep in the table when a session last wrote something."""
    db.session.execute(update(SignInSession).where(SignInSession.token_hash == token_hash(token)).values(last_seen_at=now))


def sign_out(token: str, *, now: datetime) -> None:
    """End this session: a copy of its cookie opens nothing any more."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now, ended_because="signed out")
    )


def end_sessions(account_id: int, *, because: str, now: datetime) -> None:
    """End every open session of an account."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now, ended_because=because)
    )


def change_password(actor: Actor, *, current: str, new: str, now: datetime) -> SignedIn:
    """Set a new password, end every session of the account and open a fresh one; raises `Invalid`."""
    account = db.session.get_one(Account, actor.account_id)
    if not passwords.verify(account.password_hash, current):
        raise WrongPassword("Sandi yang sekarang keliru.")
    if current == new:
        raise Invalid("Sandi baru harus berbeda dari yang sekarang.")
    passwords.check_strength(new, personal=(account.name, account.display_name, actor.name))
    account.password_hash = passwords.hash_password(new)
    account.must_change_password = False
    end_sessions(account.id, because="password changed", now=now)
    return _open(account, now=now)


def create_account(name: str, *, password: str, employee_name: str | None, position_code: str | None, now: datetime) -> Account:
    """An account for a new employee (who may hold a post from today on), or for an operator when no name is given."""
    name = name.strip().lower()
    if not name or db.session.scalar(select(Account.id).where(Account.name == name)) is not None:
        raise Invalid(f"Nama masuk “{name}” kosong atau sudah dipakai.")
    employee = None
    if employee_name:
        employee = Employee(
            name=employee_name, degrees_before="", degrees_after="", kind=EmployeeKind.PNS, identifier=None, rank=None
        )
        db.session.add(employee)
        db.session.flush()
    if position_code:
        _hold(employee, position_code, on=office_day(now))
    account = Account(
        name=name,
        display_name=employee_name or "Operator",
        password_hash=passwords.hash_password(password),
        employee_id=employee.id if employee else None,
        is_operator=employee is None,
        is_active=True,
        is_demo=False,
        must_change_password=True,
        failed_attempts=0,
        locked_until=None,
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    return account


def _hold(employee: Employee | None, position_code: str, *, on: date) -> None:
    post = db.session.scalar(select(Position).where(Position.code == position_code))
    if post is None or employee is None:
        raise Invalid(f"Jabatan berkode “{position_code}” tidak ada, atau tidak ada pegawainya.")
    db.session.add(
        Assignment(
            employee_id=employee.id,
            position_id=post.id,
            kind=AssignmentKind.DEFINITIVE,
            starts_on=on,
            ends_on=None,
            decree="",
        )
    )
    title = post.title
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Invalid(f"Jabatan {title} sudah dijabat definitif.") from error


def reset_password(name: str, *, password: str, now: datetime) -> None:
    """A new first password, to be changed at the next sign-in; ends every open session."""
    account = db.session.scalar(select(Account).where(Account.name == name.strip().lower()))
    if account is None:
        raise Invalid(f"Akun “{name}” tidak ada.")
    account.password_hash = passwords.hash_password(password)
    account.must_change_password = True
    account.failed_attempts, account.locked_until = 0, None
    end_sessions(account.id, because="password reset", now=now)
