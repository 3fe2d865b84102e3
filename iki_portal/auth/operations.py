"""Signing in and out, activating an account, changing a password.

Failed attempts are counted in the database and lock the account, longer each time.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.auth import passwords, second_step
from iki_portal.auth.queries import KEY_LENGTH, actor_of, token_hash
from iki_portal.domain.accounts import MOST_ATTEMPTS, NOWHERE, SIGN_INS_KEPT, Origin, wait_of_lock
from iki_portal.domain.codes import read_code
from iki_portal.domain.dates import format_time, office_day
from iki_portal.domain.errors import Invalid, WrongState
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.history.operations import COMMAND_LINE, Act, record
from iki_portal.history.trail import Event, note
from iki_portal.models import Account, Assignment, Employee, Position, SignInSession

#: How long the page that asks for the second step may lie open.
CODE_AWAITED = timedelta(minutes=5)
WRONG = "Nama masuk atau sandi keliru. Periksa huruf besar dan kecilnya, lalu coba lagi."
WRONG_ACTIVATION = (
    "Nama masuk atau kode aktivasi keliru, sudah dipakai, atau lewat masanya. Mintalah kode baru kepada operator."
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class CodeAwaited:
    """The password was right; `token` opens nothing until the second step is taken."""

    token: str


@dataclass(frozen=True, slots=True)
class SignInRefused:
    message: str


def sign_in(name: str, password: str, *, now: datetime, origin: Origin = NOWHERE) -> SignedIn | CodeAwaited | SignInRefused:
    """Open a session, or say why not. Returns instead of raising, so that a counted failure is committed."""
    account = named(name)
    if account is not None and (locked := lock_of(account, now=now)):
        return locked
    right = passwords.verify(account.password_hash if account is not None and account.is_active else None, password)
    if account is None:
        return SignInRefused(WRONG)
    if not right:
        return _count_failure(account, WRONG, now=now)
    if passwords.needs_rehash(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return let_in(account, now=now, origin=origin)


def sign_in_demo(name: str, *, now: datetime, origin: Origin = NOWHERE) -> SignedIn:
    """Open a session for a demo account without a password; raises `Invalid` for any other account."""
    account = db.session.scalar(select(Account).where(Account.name == name, Account.is_demo, Account.is_active))
    if account is None:
        raise Invalid("Akun contoh ini tidak ada.")
    _note(TrailAction.SIGN_IN, account, now=now, words="Akun contoh, tanpa sandi.")
    return _open(account, now=now, origin=origin)


def take_second_step(token: str, code: str, *, now: datetime, origin: Origin = NOWHERE) -> SignedIn | SignInRefused | None:
    """Open the session that awaited its code; None when nothing awaits one (too late, used, ended, closed)."""
    account = taking_turns(
        select(Account)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.awaits_code,
            SignInSession.ended_at.is_(None),
            SignInSession.created_at > now - CODE_AWAITED,
            Account.is_active,
        )
    )
    if account is None:
        return None
    if locked := lock_of(account, now=now):
        return locked
    if not second_step.accepts(account, code, now=now):
        return _count_failure(account, second_step.WRONG_CODE, now=now)
    forget_failures(account)
    _end_session(token, now=now)
    _note(TrailAction.SIGN_IN, account, now=now, words="Dengan verifikasi dua langkah.")
    return _open(account, now=now, origin=origin)


def activate(
    name: str, code: str, *, new: str, now: datetime, origin: Origin = NOWHERE
) -> SignedIn | CodeAwaited | SignInRefused:
    """Give an account its own password, once, by the code of the slip; raises `Invalid` for a weak one.

    A wrong code is answered as slowly as a right one, and counted like a wrong password.
    """
    account = named(name)
    if account is not None and (locked := lock_of(account, now=now)):
        return locked
    known = account.activation_hash if account is not None and account.is_active else None
    right = passwords.verify(known, read_code(code) or "")
    if account is None:
        return SignInRefused(WRONG_ACTIVATION)
    if not right or account.activation_until is None or account.activation_until <= now:
        return _count_failure(account, WRONG_ACTIVATION, now=now)
    passwords.check_strength(new, personal=_personal(account))
    if not _use_activation(account, new):
        return SignInRefused(WRONG_ACTIVATION)
    end_sessions(account.id, because="activated", now=now)
    return let_in(account, now=now, origin=origin, by=TrailAction.ACTIVATE)


def _use_activation(account: Account, new: str) -> bool:
    """Whether this request was the one that used the code up."""
    used = (
        update(Account)
        .where(Account.id == account.id, Account.activation_hash == account.activation_hash)
        .values(
            activation_hash="", activation_until=None, password_hash=passwords.hash_password(new), must_change_password=False
        )
    )
    return db.session.scalar(used.returning(Account.id)) is not None


def named(name: str) -> Account | None:
    return taking_turns(select(Account).where(Account.name == name.strip().lower()))


def taking_turns(query: Select[Account]) -> Account | None:
    """The account, its row locked: of guesses sent at once each waits its turn, and meets the lock that the others set."""
    return db.session.scalar(query.with_for_update(of=Account).execution_options(populate_existing=True))


def _personal(account: Account) -> tuple[str, ...]:
    """What everybody knows of a person, and tries first."""
    employee = db.session.get(Employee, account.employee_id) if account.employee_id is not None else None
    return (account.name, account.display_name, *((employee.name, employee.identifier or "") if employee else ()))


def lock_of(account: Account, *, now: datetime) -> SignInRefused | None:
    if account.locked_until is None or account.locked_until <= now:
        return None
    until = format_time(account.locked_until)
    return SignInRefused(f"Akun ini dikunci sementara karena terlalu banyak percobaan. Coba lagi setelah pukul {until}.")


def _count_failure(account: Account, message: str, *, now: datetime) -> SignInRefused:
    if count_attempt(account) >= MOST_ATTEMPTS:
        lock(account, now=now)
    return SignInRefused(message)


def count_attempt(account: Account) -> int:
    """How many there were now; counted in the database itself: two guesses at the same moment are two guesses."""
    counted = _changed(account).values(failed_attempts=Account.failed_attempts + 1).returning(Account.failed_attempts)
    return db.session.execute(counted).scalar_one()


def lock(account: Account, *, now: datetime) -> None:
    """Lock, longer than the last time, and end every session."""
    counted = _changed(account).values(failed_attempts=0, locks=Account.locks + 1).returning(Account.locks)
    until = now + wait_of_lock(db.session.execute(counted).scalar_one())
    db.session.execute(_changed(account).values(locked_until=until))
    end_sessions(account.id, because="locked", now=now)
    words = f"{account.name}: {MOST_ATTEMPTS} sandi atau kode keliru berturut-turut; sampai pukul {format_time(until)}."
    _note(TrailAction.LOCK, account, now=now, words=words)


def _changed(account: Account) -> Update:
    return update(Account).where(Account.id == account.id).execution_options(synchronize_session=False)


def forget_failures(account: Account) -> None:
    """Lift the lock and begin to count anew."""
    account.failed_attempts, account.locks, account.locked_until = 0, 0, None


def let_in(
    account: Account, *, now: datetime, origin: Origin, by: TrailAction = TrailAction.SIGN_IN, words: str = ""
) -> SignedIn | CodeAwaited:
    """The password was right, or who was asked instead said so.

    Failures are forgotten with the last step only: a code cannot be guessed ten at a time.
    """
    if account.otp_salt:
        if by is TrailAction.ACTIVATE:
            _note(by, account, now=now)
        return CodeAwaited(_open(account, now=now, origin=origin, awaits_code=True).token)
    forget_failures(account)
    _note(by, account, now=now, words=words)
    return _open(account, now=now, origin=origin)


def _open(account: Account, *, now: datetime, origin: Origin, awaits_code: bool = False) -> SignedIn:
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(SignInSession).where(SignInSession.created_at < now - SIGN_INS_KEPT))
    db.session.add(
        SignInSession(
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            ended_because="",
            awaits_code=awaits_code,
            address=origin.address,
            agent=origin.agent,
        )
    )
    return SignedIn(token, account.must_change_password)


def note_seen(token: str, *, now: datetime) -> None:
    """Keep in the table when a session last wrote something."""
    db.session.execute(update(SignInSession).where(SignInSession.token_hash == token_hash(token)).values(last_seen_at=now))


def act_as(actor: Actor, token: str, mandate_id: int | None, *, now: datetime) -> Actor:
    """Choose by which mandate this session acts from now on (None: by all); raises `NotAllowed` for one not held today."""
    chosen = actor.acting_as(None).by(mandate_id)
    mine = (SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
    other = update(SignInSession).where(*mine, SignInSession.acting_as_id.is_distinct_from(mandate_id))
    if _rows_of(other.values(acting_as_id=mandate_id, last_seen_at=now)):
        note(Event(action=TrailAction.ACT_AS, at=now), chosen)
    return chosen


def _rows_of(command: Update) -> int:
    """How many rows it changed: whoever comes second with the same form changes none, and nothing is noted twice."""
    number: int = db.session.execute(command).rowcount  # type: ignore[attr-defined]  # an UPDATE's result has a row count
    return number


def _note(action: TrailAction, account: Account, *, now: datetime, words: str = "") -> None:
    """Into the trail, with what the account's owner is on that day."""
    db.session.flush()
    note(Event(action=action, at=now, note=words), actor_of(account.name, on=office_day(now)))


def sign_out(actor: Actor, token: str, *, now: datetime) -> None:
    """End this session: a copy of its cookie opens nothing any more."""
    if _end_session(token, now=now):
        note(Event(action=TrailAction.SIGN_OUT, at=now), actor)


def sign_out_everywhere(actor: Actor, *, now: datetime) -> None:
    if end_sessions(actor.account_id, because="signed out everywhere", now=now):
        note(Event(action=TrailAction.SIGN_OUT_EVERYWHERE, at=now), actor)


def _end_session(token: str, *, now: datetime) -> int:
    return _rows_of(
        update(SignInSession)
        .where(SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now, ended_because="signed out")
    )


def end_sessions(account_id: int, *, because: str, now: datetime) -> int:
    """End every open session of an account; how many those were."""
    return _rows_of(
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now, ended_because=because)
    )


def end_session(actor: Actor, key: str, *, now: datetime) -> None:
    """End one of one's own sessions, by the key of `queries.sign_ins`; one that has ended stays so."""
    ended = _rows_of(
        update(SignInSession)
        .where(
            SignInSession.account_id == actor.account_id,
            func.substr(SignInSession.token_hash, 1, KEY_LENGTH) == key,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=now, ended_because="ended by its owner")
    )
    if ended:
        note(Event(action=TrailAction.END_SESSION, at=now), actor)


def turn_off_second_step(actor: Actor, code: str, *, now: datetime) -> SignInRefused | None:
    """Turn one's own second step off; a wrong code is counted like a wrong password."""
    account = db.session.get_one(Account, actor.account_id, with_for_update=True)
    if not account.otp_salt:
        raise WrongState("Verifikasi dua langkah belum dinyalakan.")
    if locked := lock_of(account, now=now):
        return locked
    if not second_step.accepts(account, code, now=now):
        return _count_failure(account, second_step.WRONG_CODE, now=now)
    second_step.turn_off(account)
    note(Event(action=TrailAction.SECOND_STEP_OFF, at=now), actor)
    return None


def change_password(
    actor: Actor, *, current: str, new: str, now: datetime, origin: Origin = NOWHERE
) -> SignedIn | SignInRefused:
    """Set a new password, end every session of the account and open a fresh one; raises `Invalid` for a weak one.

    A wrong current password is counted like one at the door: an unattended session is no place to guess it.
    """
    account = db.session.get_one(Account, actor.account_id, with_for_update=True)
    if not account.password_hash:
        return SignInRefused("Akun ini tidak mempunyai sandi portal: yang Anda pakai diganti di tempat asalnya.")
    if locked := lock_of(account, now=now):
        return locked
    if not passwords.verify(account.password_hash, current):
        return _count_failure(account, "Sandi yang sekarang keliru.", now=now)
    if current == new:
        raise Invalid("Sandi baru harus berbeda dari yang sekarang.")
    passwords.check_strength(new, personal=_personal(account))
    account.password_hash = passwords.hash_password(new)
    account.must_change_password = False
    end_sessions(account.id, because="password changed", now=now)
    note(Event(action=TrailAction.CHANGE_PASSWORD, at=now), actor)
    return _open(account, now=now, origin=origin)


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
    _record("create_account", account, now=now)
    return account


def _hold(employee: Employee | None, position_code: str, *, on: date) -> None:
    post = db.session.scalar(select(Position).where(Position.code == position_code))
    if post is None or employee is None or post.is_closed:
        raise Invalid(f"Jabatan berkode “{position_code}” tidak ada atau sudah ditutup, atau tidak ada pegawainya.")
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
    account = named(name)
    if account is None:
        raise Invalid(f"Akun “{name}” tidak ada.")
    account.password_hash = passwords.hash_password(password)
    account.must_change_password = True
    account.activation_hash, account.activation_until = "", None
    forget_failures(account)
    end_sessions(account.id, because="password reset", now=now)
    _record("reset_account", account, now=now)


def _record(action: str, account: Account, *, now: datetime) -> None:
    """What the command line does with accounts."""
    what = f"{account.display_name} ({account.name})"
    record(Act(action=action, year=office_day(now).year, at=now, note=what, subject_id=account.employee_id), COMMAND_LINE)
