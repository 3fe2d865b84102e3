"""Which post a sheet of a document is meant for, and what importing it there would do. Proposals: a person decides.

The document holds titles, not posts: 12 posts share "Analis Kepegawaian Muda". So the unit must agree as well, and among
equal titles of one unit the order of the document is the order of the posts. What is only alike is proposed only where it
cannot mean another post.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iki_portal.domain.workflow import State


@dataclass(frozen=True, slots=True)
class Sought:
    """What a sheet of a document says of its post; `unit` is None where it says nothing certain."""

    title: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Seat:
    """A post of the office; seats come in the office's order."""

    id: int
    title: str
    unit: str


#: Two names are alike when so many of the words in either are in both.
ALIKE = 0.65
_ACTING = re.compile(r"(?:plt|plh)\.? ")
_SMALL_WORDS = frozenset({"dan", "pada", "di"})
_NOT_WORDS = re.compile(r"[^\w]+")


def propose(sheets: Sequence[Sought], seats: Sequence[Seat]) -> list[int | None]:
    """The seat proposed for each sheet, in the order of the document; None where a person must say. No seat twice."""
    found: list[int | None] = [None] * len(sheets)
    free = list(seats)
    for fits, takes_first in _ROUNDS:
        for place, sheet in enumerate(sheets):
            fitting = [seat for seat in free if fits(sheet, seat)] if found[place] is None else []
            if fitting and (takes_first or len(fitting) == 1):
                found[place] = fitting[0].id
                free.remove(fitting[0])
    return found


def _plain(name: str) -> str:
    words = _NOT_WORDS.sub(" ", name.casefold()).replace("subbagian", "sub bagian").replace("subbag ", "sub bagian ")
    return _ACTING.sub("", " ".join(words.split()))


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _alike(one: str, other: str) -> bool:
    first, second = (set(_plain(name).split()) - _SMALL_WORDS for name in (one, other))
    both = first | second
    return bool(both) and len(first & second) / len(both) >= ALIKE


def _same_title_and_unit(sheet: Sought, seat: Seat) -> bool:
    return sheet.unit is not None and _same(sheet.title, seat.title) and _same(sheet.unit, seat.unit)


def _same_title_in_a_like_unit(sheet: Sought, seat: Seat) -> bool:
    return sheet.unit is not None and _same(sheet.title, seat.title) and _alike(sheet.unit, seat.unit)


def _like_title_in_a_like_unit(sheet: Sought, seat: Seat) -> bool:
    return sheet.unit is not None and _alike(sheet.title, seat.title) and _alike(sheet.unit, seat.unit)


def _same_title(sheet: Sought, seat: Seat) -> bool:
    return _same(sheet.title, seat.title)


def _like_title(sheet: Sought, seat: Seat) -> bool:
    return _alike(sheet.title, seat.title)


#: From certain to merely alike; the second half says whether the first of several may be taken.
_ROUNDS: tuple[tuple[Callable[[Sought, Seat], bool], bool], ...] = (
    (_same_title_and_unit, True),
    (_same_title_in_a_like_unit, True),
    (_like_title_in_a_like_unit, False),
    (_same_title, False),
    (_like_title, False),
)


class Fate(StrEnum):
    """What importing a sheet into a post would meet there."""

    CREATES = "creates"
    REPLACES = "replaces"
    REVISION_IN_PREPARATION = "revision"
    SUBMITTED = "submitted"
    APPROVED = "approved"


FATE_WORDS = {
    Fate.CREATES: "dibuat sebagai draf baru",
    Fate.REPLACES: "menggantikan isi draf",
    Fate.REVISION_IN_PREPARATION: "perubahannya sedang disiapkan",
    Fate.SUBMITTED: "sudah diajukan",
    Fate.APPROVED: "sudah ditetapkan",
}
OPEN_FATES = frozenset({Fate.CREATES, Fate.REPLACES})


def fate_of(state: State | None, revision: int = 1) -> Fate:
    """By the newest sheet of the post in that year; `state` is None when there is none."""
    match state:
        case None:
            return Fate.CREATES
        case State.DRAFT:
            return Fate.REPLACES if revision == 1 else Fate.REVISION_IN_PREPARATION
        case State.SUBMITTED | State.REVIEWED:
            return Fate.SUBMITTED
        case _:
            return Fate.APPROVED


def choice_key(post_id: int, sheet_id: int, version: int) -> str:
    """A post as a page offers it: with the sheet that stands there (0: none) and its version."""
    return f"{post_id}:{sheet_id}:{version}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants with one sheet of the document; an empty key leaves it out."""

    key: str = ""
    #: "Ganti isi draf yang ada" is ticked.
    replaces: bool = False

    @property
    def post_id(self) -> int:
        return int(self.key.partition(":")[0] or 0)
