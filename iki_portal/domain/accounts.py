"""What an account may be called, how it stands, how long it is locked, and where somebody signed in from."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from iki_portal.domain.errors import Invalid

#: Wrong passwords and codes in a row until an account is locked.
MOST_ATTEMPTS = 10
#: Each further lock lasts longer; the last wait is the longest, so that nobody can shut a person out for days.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240))
#: An activation code that lies about longer than this opens nothing.
ACTIVATION_LASTS = timedelta(days=7)
#: Where somebody signed in from is personal data, and kept no longer.
SIGN_INS_KEPT = timedelta(days=90)

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,78})[a-z0-9]")
_ADDRESS_LENGTH, _AGENT_LENGTH = 45, 200


class AccountState(StrEnum):
    ACTIVE = "active"
    #: No password yet, or none after a reset: only the activation code opens it.
    NEW = "new"
    LOCKED = "locked"
    CLOSED = "closed"


def state_of(*, is_active: bool, has_password: bool, locked_until: datetime | None, now: datetime) -> AccountState:
    """How an account stands now; the first that holds of: closed, locked, not activated."""
    if not is_active:
        return AccountState.CLOSED
    if locked_until is not None and locked_until > now:
        return AccountState.LOCKED
    return AccountState.ACTIVE if has_password else AccountState.NEW


def wait_of_lock(number: int) -> timedelta:
    """How long the first, second, … lock in a row lasts."""
    return _WAITS[min(number, len(_WAITS)) - 1]


def read_account_name(typed: str) -> str:
    """The name as it is kept; raises `Invalid` for what nobody could type without asking."""
    name = typed.strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid(
            "Nama masuk terdiri atas 3 sampai 80 huruf kecil, angka, titik, atau tanda hubung, misalnya siti.rahmawati."
        )
    return name


def proposed_name(full_name: str, identifier: str | None, taken: Collection[str]) -> str:
    """The NIP, which everybody knows by heart and nobody shares; else the name, numbered where somebody has it already."""
    wanted = identifier or ".".join(re.findall(r"[a-z0-9]+", full_name.lower()))[:70] or "pegawai"
    numbered = (f"{wanted}{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody signs in from: the address and what the browser says of itself."""

    address: str = ""
    agent: str = ""

    @classmethod
    def told(cls, address: str | None, agent: str | None) -> Self:
        """Cut to what is kept; without signs that no database takes."""
        return cls(_plain(address)[:_ADDRESS_LENGTH], _plain(agent)[:_AGENT_LENGTH])


#: Of the command line and of tests.
NOWHERE = Origin()


def _plain(text: str | None) -> str:
    return "".join(sign for sign in text or "" if sign.isprintable())


#: Looked for in this order: each browser also claims to be those below it.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "Chrome": "Chrome"}
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}


def browser_words(agent: str) -> str:
    """ "Chrome di Windows", from what the browser says of itself."""
    browsers = _BROWSERS | {"Safari": "Safari"}
    browser = next((word for mark, word in browsers.items() if mark in agent), "Peramban lain")
    system = next((word for mark, word in _SYSTEMS.items() if mark in agent), "")
    return f"{browser} di {system}" if system else browser
