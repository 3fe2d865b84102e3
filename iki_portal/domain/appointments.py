"""Who holds a post from when to when, as spans of days: what cannot be, and what is worth knowing before it is saved.

Sources: one seat has one definitive holder; SE Kepala BKN 1/SE/I/2021, a Plt. serves three months and may be extended.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from iki_portal.domain.dates import format_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import ACTING_PREFIXES, AssignmentKind

LONGEST_PLT_MONTHS = 3
#: A Plt. or Plh. who ends within so many days is named on Beranda.
SOON = timedelta(days=14)
_DAY = timedelta(days=1)


class TermState(StrEnum):
    FUTURE = "future"
    IN_FORCE = "in_force"
    PAST = "past"
    CANCELLED = "cancelled"


TERM_STATE_WORDS = {
    TermState.FUTURE: "Akan datang",
    TermState.IN_FORCE: "Berlaku",
    TermState.PAST: "Selesai",
    TermState.CANCELLED: "Dibatalkan",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One person in one post from day to day, both included; without an end until further notice."""

    name: str
    kind: AssignmentKind
    starts_on: date
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day <= (self.ends_on or date.max)

    @property
    def who(self) -> str:
        """ "Plt. Rina"."""
        return f"{ACTING_PREFIXES[self.kind]}{self.name}"

    @property
    def span(self) -> str:
        return format_span(self.starts_on, self.ends_on)


def format_span(starts_on: date, ends_on: date | None) -> str:
    """1 Maret 2027 sampai 31 Maret 2027"""
    return f"{format_date(starts_on)} sampai {format_date(ends_on) if ends_on else 'seterusnya'}"


def term_state(starts_on: date, ends_on: date | None, on: date) -> TermState:
    """A cancelled term ends before it starts, so that no day lies in it (docs/decisions/0018-people-and-posts.md)."""
    if ends_on is not None and ends_on < starts_on:
        return TermState.CANCELLED
    if on < starts_on:
        return TermState.FUTURE
    return TermState.PAST if ends_on is not None and ends_on < on else TermState.IN_FORCE


def overlap(one: Term, other: Term) -> tuple[date, date | None] | None:
    """The days that both terms hold, the last one None when neither ends; None when there are none."""
    first = max(one.starts_on, other.starts_on)
    last = min((day for day in (one.ends_on, other.ends_on) if day is not None), default=None)
    return None if last is not None and last < first else (first, last)


def definitive_clash(proposed: Term, others: Iterable[Term]) -> Term | None:
    """The definitive holder with whom a proposed definitive one would share a day."""
    if proposed.kind is not AssignmentKind.DEFINITIVE:
        return None
    definitive = (other for other in others if other.kind is AssignmentKind.DEFINITIVE)
    return next((other for other in definitive if overlap(proposed, other)), None)


def demand_possible(proposed: Term, others: Iterable[Term]) -> None:
    """Raise `Invalid` for an end before the start, and for a second definitive holder on one day."""
    if proposed.ends_on is not None and proposed.ends_on < proposed.starts_on:
        raise Invalid(f"Berakhir {format_date(proposed.ends_on)}, sebelum mulai {format_date(proposed.starts_on)}.")
    if clash := definitive_clash(proposed, others):
        raise Invalid(
            f"{clash.name} memegang jabatan ini secara definitif, {clash.span}. Satu jabatan hanya satu pejabat definitif"
            " pada satu hari: akhiri dulu penugasan itu, atau pilih hari sesudahnya."
        )


def demand_before_closing(proposed: Term, closed_on: date | None) -> None:
    """Raise `Invalid` for a term in a post that is no more by then; `closed_on` is the first day without the post."""
    if closed_on is not None and (proposed.ends_on is None or proposed.ends_on >= closed_on):
        raise Invalid(f"Jabatan ini ditutup mulai {format_date(closed_on)}; penugasan harus berakhir sebelum hari itu.")


def remarks(proposed: Term, others: Iterable[Term]) -> tuple[str, ...]:
    """What the operator should know and may still want: a sentence each."""
    known = tuple(others)
    shared = (_shared(other, days) for other in known if (days := overlap(proposed, other)))
    said = (_length(proposed), _gap_before(proposed, known), *shared, _gap_after(proposed, known))
    return tuple(each for each in said if each)


def remarks_on_person(proposed: Term, elsewhere: Iterable[tuple[str, Term]]) -> tuple[str, ...]:
    """A sentence for each other post, with its name, that the same person would hold definitively on the same day: more
    often a post that nobody ended than one of two."""
    if proposed.kind is not AssignmentKind.DEFINITIVE:
        return ()
    return tuple(
        f"{term.name} juga memegang {post} secara definitif, {term.span}. Bila berpindah jabatan, akhiri dulu penugasan itu."
        for post, term in elsewhere
        if term.kind is AssignmentKind.DEFINITIVE and overlap(proposed, term)
    )


def followed_by(terms: Iterable[Term], until: date | None, *, on: date) -> str:
    """Who has a post after `until`, or after today where it is vacant: "sesudahnya Rina", "Rina mulai 1 Maret 2027"."""
    follows = [each for each in terms if each.ends_on is None or each.ends_on > (until or on)]
    if not follows:
        return ""
    first = min(follows, key=lambda each: each.starts_on)
    if until is not None and first.starts_on <= until + _DAY:
        return f"sesudahnya {first.who}"
    return f"{first.who} mulai {format_date(first.starts_on)}"


def _length(term: Term) -> str:
    if term.kind is AssignmentKind.DEFINITIVE:
        return ""
    prefix = ACTING_PREFIXES[term.kind].strip()
    if term.ends_on is None:
        return f"Penugasan {prefix} ini tidak berakhir. Isilah tanggal akhirnya bila sudah diketahui."
    if term.kind is AssignmentKind.PLT and term.ends_on >= months_later(term.starts_on, LONGEST_PLT_MONTHS):
        return f"Plt. paling lama {LONGEST_PLT_MONTHS} bulan dan dapat diperpanjang dengan surat perintah baru."
    return ""


def _shared(other: Term, days: tuple[date, date | None]) -> str:
    first, last = days
    return f"Jabatan ini juga dipegang {other.who}, {format_span(first, last)}: keduanya dapat bertindak."


def _gap_before(term: Term, others: tuple[Term, ...]) -> str:
    ends = [other.ends_on for other in others if other.ends_on is not None and other.ends_on < term.starts_on]
    eve = term.starts_on - _DAY
    if not ends or any(other.holds_on(eve) for other in others):
        return ""
    return f"Sebelumnya jabatan ini kosong, {format_span(max(ends) + _DAY, eve)}."


def _gap_after(term: Term, others: tuple[Term, ...]) -> str:
    if term.ends_on is None or any(other.holds_on(term.ends_on + _DAY) for other in others):
        return ""
    starts = [other.starts_on for other in others if other.starts_on > term.ends_on]
    return f"Sesudahnya jabatan ini kosong, {format_span(term.ends_on + _DAY, min(starts) - _DAY if starts else None)}."


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
