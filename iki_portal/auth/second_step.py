"""The second step of signing in: a six-figure code from a telephone (RFC 6238), or a recovery code.

The secret is not stored. It is derived from the portal's key, the account and a salt, so that a leaked database gives
no code away (docs/decisions/0019).
"""

import hmac
import re
import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

import segno
from flask import current_app
from pyotp import TOTP
from sqlalchemy import delete, update

from iki_portal.config import Settings
from iki_portal.domain.codes import new_code, read_code
from iki_portal.domain.errors import Invalid, WrongState
from iki_portal.domain.policy import Actor
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.history.trail import Event, note
from iki_portal.models import Account, RecoveryCode

RECOVERY_CODES = 8
_STEP = 30
_SALT = re.compile("[0-9a-f]{32}")
WRONG_CODE = "Kode ini keliru, sudah dipakai, atau sudah berganti. Tunggu kode berikutnya di ponsel Anda, lalu coba lagi."


def read_salt(sent: str | None) -> str:
    """The salt that a page was drawn with, so that the telephone need not scan again; a fresh one for anything else.

    Nobody gains by choosing it: the secret is bound to the account.
    """
    return sent if sent and _SALT.fullmatch(sent) else secrets.token_hex(16)


def secret_for_app(account_id: int, salt: str) -> str:
    """What the authenticator on the telephone is told, in the letters it is typed with; under the key of today."""
    return _totp(account_id, salt, _newest_key()).secret


def picture_for_app(account_id: int, account_name: str, salt: str) -> str:
    """The same as a QR code, for the `src` of a picture."""
    address = _totp(account_id, salt, _newest_key()).provisioning_uri(name=account_name, issuer_name="Portal IKI")
    picture: str = segno.make(address, error="m").png_data_uri(scale=5, border=4)
    return picture


def set_up(actor: Actor, *, salt: str, code: str, now: datetime) -> list[str]:
    """Turn the second step on once a first code shows that the telephone has the secret; returns the recovery codes."""
    account = db.session.get_one(Account, actor.account_id, with_for_update=True)
    if account.otp_salt:
        raise WrongState("Verifikasi dua langkah sudah menyala.")
    if not _SALT.fullmatch(salt):
        raise Invalid("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi.")
    totp = _totp(account.id, salt, _newest_key())
    step = _step_of(totp, code, now=now)
    if step is None:
        raise Invalid(WRONG_CODE)
    account.otp_salt, account.otp_key_id, account.otp_last_step = salt, next(iter(_keys())), step
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(account_id=account.id, code_hash=_recovery_hash(totp, each)) for each in codes)
    db.session.flush()
    note(Event(action=TrailAction.SECOND_STEP_ON, at=now), actor)
    return codes


def accepts(account: Account, typed: str, *, now: datetime) -> bool:
    """Whether this is a code of the account that was not taken before; takes it. The database decides between two at once."""
    key = _keys().get(account.otp_key_id)
    if not account.otp_salt or key is None:
        return False
    totp = _totp(account.id, account.otp_salt, key)
    step = _step_of(totp, typed, now=now)
    if step is not None:
        newer = update(Account).where(Account.id == account.id, Account.otp_last_step < step).values(otp_last_step=step)
        return db.session.scalar(newer.returning(Account.id)) is not None
    recovery = read_code(typed)
    if recovery is None:
        return False
    used = delete(RecoveryCode).where(
        RecoveryCode.account_id == account.id, RecoveryCode.code_hash == _recovery_hash(totp, recovery)
    )
    return db.session.scalar(used.returning(RecoveryCode.id)) is not None


def turn_off(account: Account) -> None:
    """Forget the secret and the recovery codes."""
    account.otp_salt, account.otp_key_id, account.otp_last_step = "", "", 0
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _keys() -> dict[str, bytes]:
    settings: Settings = current_app.config["IKI"]
    return settings.one_time_keys


def _newest_key() -> bytes:
    return next(iter(_keys().values()))


def _totp(account_id: int, salt: str, key: bytes) -> TOTP:
    derived = hmac.new(key, f"{account_id}/{salt}".encode(), sha256).digest()[:20]
    return TOTP(b32encode(derived).decode(), interval=_STEP)


def _step_of(totp: TOTP, typed: str, *, now: datetime) -> int | None:
    """The half minute whose code this is: this one, the one before or the one after, for clocks that differ."""
    code = re.sub(r"\s", "", typed)
    here = int(now.timestamp()) // _STEP
    steps = (here - 1, here, here + 1)
    matching = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return matching[-1] if matching else None


def _recovery_hash(totp: TOTP, code: str) -> str:
    return hmac.new(totp.byte_secret(), f"recovery/{code}".encode(), sha256).hexdigest()
