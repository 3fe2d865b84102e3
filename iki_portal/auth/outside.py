"""Signing in by the word of a system the office has already: its provider's (oidc.py) or its directory's (directory.py).

Either only says who somebody is. What they may do, and whether they come in at all, the portal decides as for everybody
(docs/decisions/0035 and 0036). An operator belongs to no employee, so neither can ever speak for one.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from iki_portal.auth import passwords
from iki_portal.auth.directory import Word, stranger
from iki_portal.auth.operations import (
    WRONG,
    CodeAwaited,
    SignedIn,
    SignInRefused,
    count_attempt,
    let_in,
    lock,
    lock_of,
    named,
    taking_turns,
)
from iki_portal.auth.queries import actor_of
from iki_portal.domain.accounts import MOST_ATTEMPTS, NOWHERE, Origin
from iki_portal.domain.dates import office_day
from iki_portal.domain.people import IDENTIFIER_LENGTH
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.history.trail import Event, is_new_refusal, note
from iki_portal.models import Account, Employee


@dataclass(frozen=True, slots=True)
class Guess:
    """A password that is going to be shown to the directory, counted already; for nobody when there is no such account."""

    account_id: int | None
    name: str
    nip: str


def sign_in_by_nip(nip: str, *, by: str, now: datetime, origin: Origin = NOWHERE) -> SignedIn | CodeAwaited | SignInRefused:
    """Let in whom the provider called `by` vouches for by a NIP, or say why not; returns, so that the refusal is noted."""
    if not nip.isalnum() or len(nip) > IDENTIFIER_LENGTH:
        said = f"{by} tidak memberitahukan NIP Anda kepada portal. Hubungi pengelola {by}."
        return _refuse(None, "tanpa NIP", said, by=by, now=now)
    of_employee = select(Account).join(Employee, Employee.id == Account.employee_id).where(Employee.identifier == nip)
    account = taking_turns(of_employee)
    if account is None:
        said = f"{by} mengenal Anda, tetapi NIP Anda belum mempunyai akun portal. Mintalah operator membukakannya."
        return _refuse(None, f"NIP …{nip[-4:]} tanpa akun", said, by=by, now=now)
    if not account.is_active:
        said = "Akun portal Anda dinonaktifkan. Hubungi operator portal."
        return _refuse(account, f"akun {account.name} dinonaktifkan", said, by=by, now=now)
    if locked := lock_of(account, now=now):
        return _refuse(account, f"akun {account.name} terkunci", locked.message, by=by, now=now)
    _forget_first_password(account)
    return let_in(account, now=now, origin=origin, words=f"Lewat {by}.")


def _refuse(account: Account | None, why: str, said: str, *, by: str, now: datetime) -> SignInRefused:
    """One row of the trail for the same refusal in ten minutes, without a name that the portal does not know."""
    actor = actor_of(account.name, on=office_day(now)) if account is not None else None
    place = f"masuk lewat {by}: {why}"
    if is_new_refusal(place, account_id=actor.account_id if actor else None, now=now):
        note(Event(action=TrailAction.REFUSAL, at=now, place=place, note=said), actor)
    return SignInRefused(said)


def _forget_first_password(account: Account) -> None:
    """Of a password that somebody else has chosen nothing is left, once its owner comes in without it."""
    if account.must_change_password:
        account.password_hash, account.must_change_password = "", False


def take_guess(name: str, *, now: datetime) -> Guess | SignInRefused | None:
    """Count a guess before the directory hears it, so that many at once are no more than ten; None for an operator.

    Without an account, or with a closed one, the directory is asked about a stranger: nobody tries passwords of people
    through the portal who have nothing to do with it.
    """
    account = named(name)
    if account is None:
        return Guess(None, *stranger())
    if account.employee_id is None:
        return None
    if locked := lock_of(account, now=now):
        return locked
    if count_attempt(account) > MOST_ATTEMPTS:  # as many are on their way already
        lock(account, now=now)
        return SignInRefused(WRONG)
    if not account.is_active:
        return Guess(account.id, *stranger())
    employee = db.session.get_one(Employee, account.employee_id)
    return Guess(account.id, account.name, employee.identifier or "")


def give_back(guess: Guess) -> None:
    """The directory was away: nothing was guessed."""
    account = _guessed(guess)
    if account is not None:
        _uncount(account)


def judge(
    guess: Guess, word: Word, password: str, *, by: str, now: datetime, origin: Origin = NOWHERE
) -> SignedIn | CodeAwaited | SignInRefused:
    """What follows from the directory's word: it is the last one about everybody it knows, others have a password here."""
    account = _guessed(guess)
    own = account.password_hash if account is not None and account.is_active and word is Word.UNKNOWN else None
    is_right = passwords.verify(own, password) or word is Word.RIGHT
    if account is None:
        return SignInRefused(WRONG)
    if locked := lock_of(account, now=now):
        return locked
    if not is_right or not account.is_active:
        if account.failed_attempts >= MOST_ATTEMPTS:
            lock(account, now=now)
        return SignInRefused(WRONG)
    _uncount(account)
    if word is Word.RIGHT:
        _forget_first_password(account)
    return let_in(account, now=now, origin=origin, words=f"Dengan sandi {by}." if word is Word.RIGHT else "")


def _guessed(guess: Guess) -> Account | None:
    return taking_turns(select(Account).where(Account.id == guess.account_id)) if guess.account_id is not None else None


def _uncount(account: Account) -> None:
    account.failed_attempts = max(0, account.failed_attempts - 1)
