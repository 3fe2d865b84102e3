"""What an operator does with accounts: open, reset, unlock, close. Each act stands in the history; no password passes here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from iki_portal.auth import passwords, second_step
from iki_portal.auth.operations import end_sessions, forget_failures
from iki_portal.auth.queries import employee_without_account
from iki_portal.domain.accounts import ACTIVATION_LASTS, read_account_name
from iki_portal.domain.codes import new_code
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.history.operations import COMMAND_LINE, Act, Author, lock_head, operator_author, record
from iki_portal.models import Account, Employee, PerformanceYear
from iki_portal.models.columns import LARGEST_ID


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the paper that the operator hands over; the code is in no table and on no other page."""

    account_name: str
    display_name: str
    code: str
    until: datetime


def open_account(employee_id: int, name: str, *, actor: Actor, now: datetime) -> Slip:
    """An account for an employee who has none; raises `Invalid` for a name that somebody has."""
    demand_permission(actor, Permission.ACCOUNT_WRITE)
    lock_head()
    employee = employee_without_account(employee_id)
    account = Account(name=_free_name(name), display_name=employee.name, employee_id=employee.id, created_at=now)
    return _open("create_account", account, actor=actor, now=now)


def follow_names(employee_ids: Collection[int]) -> None:
    """Let accounts, and the slips of later codes, bear the names that their employees have now."""
    name = select(Employee.name).where(Employee.id == Account.employee_id).scalar_subquery()
    statement = update(Account).where(Account.employee_id.in_(employee_ids)).values(display_name=name)
    db.session.execute(statement.execution_options(synchronize_session=False))


def open_operator(person: str, name: str, *, actor: Actor, now: datetime) -> Slip:
    """An account for another operator: somebody by name, and nobody's employee, so that no post can ever be theirs."""
    demand_permission(actor, Permission.ACCOUNT_WRITE)
    lock_head()
    account = Account(name=_free_name(name), display_name=" ".join(person.split()), is_operator=True, created_at=now)
    return _open("create_operator", account, actor=actor, now=now)


def _free_name(typed: str) -> str:
    name = read_account_name(typed)
    if db.session.scalar(select(Account.id).where(Account.name == name)) is not None:
        raise Invalid(f"Nama masuk “{name}” sudah dipakai. Pilih nama lain.")
    return name


def _open(action: str, account: Account, *, actor: Actor, now: datetime) -> Slip:
    account.password_hash, account.must_change_password = "", False
    slip = _give_code(account, now=now)
    db.session.add(account)
    db.session.flush()
    _record(action, account, by=operator_author(actor), now=now)
    return slip


def reset_account(account_id: int, *, actor: Actor, seen: int, now: datetime) -> Slip:
    """Take the password away, end every session, and give a code to choose a new one with."""
    account = _turn(account_id, actor=actor, seen=seen)
    if account.id == actor.account_id:
        raise WrongState("Sandi Anda sendiri diganti melalui Ganti sandi.")
    if not account.is_active:
        raise WrongState("Akun ini dinonaktifkan. Aktifkan lebih dahulu.")
    account.password_hash, account.must_change_password = "", False
    forget_failures(account)
    end_sessions(account.id, because="reset", now=now)
    slip = _give_code(account, now=now)
    _record("reset_account", account, by=operator_author(actor), now=now)
    return slip


def unlock_account(account_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    account = _turn(account_id, actor=actor, seen=seen)
    if account.locked_until is None or account.locked_until <= now:
        raise WrongState("Akun ini tidak sedang terkunci.")
    forget_failures(account)
    _record("unlock_account", account, by=operator_author(actor), now=now)


def deactivate_account(account_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """Close an account and end its sessions at once; the last operator who can sign in stays."""
    account = _turn(account_id, actor=actor, seen=seen)
    if not account.is_active:
        raise WrongState("Akun ini sudah dinonaktifkan.")
    if account.is_operator and not _other_operators(account.id):
        raise WrongState(
            "Akun operator terakhir tidak dapat dinonaktifkan. Buat akun operator lain lebih dahulu, dan tunggu sampai"
            " diaktifkan."
        )
    account.is_active = False
    account.activation_hash, account.activation_until = "", None
    end_sessions(account.id, because="deactivated", now=now)
    _record("deactivate_account", account, by=operator_author(actor), now=now)


def _other_operators(account_id: int) -> int:
    """How many other operators can sign in: one whose slip has not been used yet cannot."""
    others = select(func.count()).where(
        Account.is_operator, Account.is_active, Account.password_hash != "", Account.id != account_id
    )
    return db.session.scalar(others) or 0


def activate_account(account_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """Open a closed account again, with the password that it had."""
    account = _turn(account_id, actor=actor, seen=seen)
    if account.is_active:
        raise WrongState("Akun ini sudah aktif.")
    account.is_active = True
    forget_failures(account)
    _record("activate_account", account, by=operator_author(actor), now=now)


def reset_second_step(account_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """For somebody whose telephone is gone: turn the second step off and end every session."""
    _forget_second_step(_turn(account_id, actor=actor, seen=seen), by=operator_author(actor), now=now)


def reset_second_step_of(name: str, *, now: datetime) -> None:
    """The same from the command line, where an operator without a telephone is helped."""
    lock_head()
    account = db.session.scalar(select(Account).where(Account.name == name.strip().lower()).with_for_update())
    if account is None:
        raise Invalid(f"Akun “{name}” tidak ada.")
    account.version += 1
    _forget_second_step(account, by=COMMAND_LINE, now=now)


def _forget_second_step(account: Account, *, by: Author, now: datetime) -> None:
    if not account.otp_salt:
        raise WrongState("Verifikasi dua langkah akun ini tidak menyala.")
    second_step.turn_off(account)
    end_sessions(account.id, because="second step reset", now=now)
    _record("reset_second_step", account, by=by, now=now)


def _turn(account_id: int, *, actor: Actor, seen: int) -> Account:
    """The account, for one act of one operator at a time: the history's turn comes first, then what is read stays true."""
    demand_permission(actor, Permission.ACCOUNT_WRITE)
    lock_head()
    account = db.session.get(Account, account_id, with_for_update=True) if account_id <= LARGEST_ID else None
    if account is None:
        raise NotFound("Akun ini tidak ada.")
    if account.version != seen:
        raise Outdated("Akun ini sudah diubah sejak halaman Anda dibuka. Muat ulang halaman akun, lalu periksa keadaannya.")
    account.version += 1
    return account


def _give_code(account: Account, *, now: datetime) -> Slip:
    code, until = new_code(), now + ACTIVATION_LASTS
    account.activation_hash, account.activation_until = passwords.hash_password(code), until
    return Slip(account.name, account.display_name, code, until)


def _record(action: str, account: Account, *, by: Author, now: datetime) -> None:
    """An act upon the newest year; before the first one is opened, upon the calendar's."""
    year = db.session.scalar(select(func.max(PerformanceYear.year))) or office_day(now).year
    note = f"{account.display_name} ({account.name})"
    record(Act(action=action, year=year, at=now, note=note, subject_id=account.employee_id), by)
