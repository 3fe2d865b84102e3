"""When the realisation of a quarter is reported: a window with a deadline, and what an operator opens again after it.

By default a quarter is reported in the first half of the month that follows it. Whoever is late is shown as late.
"""

from dataclasses import dataclass
from datetime import date

from iki_portal.domain.dates import format_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.targets import QUARTER_WORDS

QUARTERS = (1, 2, 3, 4)
_DEFAULT_DAYS = (1, 15)


def quarter_name(quarter: int, year: int) -> str:
    """ "Triwulan I 2027" """
    return f"{QUARTER_WORDS[quarter - 1]} {year}"


def note_of(quarter: int, note: str) -> str:
    """What a row of history about a quarter's report says: the quarter first."""
    word = QUARTER_WORDS[quarter - 1]
    return f"{word}: {note.strip()}" if note.strip() else f"{word}."


def told_apart(note: str) -> tuple[str, str]:
    """The quarter's word and the rest of what `note_of` made."""
    word = next((each for each in QUARTER_WORDS if note.startswith((f"{each}:", f"{each}."))), "")
    return word, note[len(word) + 1 :].strip() if word else note


def first_day(year: int, quarter: int) -> date:
    return date(year, 3 * quarter - 2, 1)


def quarter_of(day: date) -> int:
    return (day.month + 2) // 3


@dataclass(frozen=True, slots=True)
class Window:
    """Both days included. `reopened_until` lies after the deadline: reports are taken again, as late ones."""

    year: int
    quarter: int
    opens_on: date
    deadline_on: date
    reopened_until: date | None = None
    #: Of the stored row; 0 while the default holds.
    version: int = 0

    @property
    def name(self) -> str:
        return quarter_name(self.quarter, self.year)

    @property
    def last_day(self) -> date:
        """The last day on which a report is taken, on time or late."""
        return self.reopened_until or self.deadline_on

    def is_open(self, on: date) -> bool:
        return self.opens_on <= on <= self.last_day

    def is_late(self, on: date) -> bool:
        return on > self.deadline_on

    def closed_because(self, on: date) -> str:
        """Why nothing is reported on that day; "" while the window is open."""
        if on < self.opens_on:
            return f"Realisasi {self.name} diisi mulai {format_date(self.opens_on)}."
        if on > self.last_day:
            return (
                f"Tenggat realisasi {self.name}, {format_date(self.last_day)}, sudah lewat. "
                "Laporan terlambat hanya diterima bila operator membuka kembali triwulan ini."
            )
        return ""

    def check(self) -> None:
        """Raise `Invalid` for days that contradict each other or the calendar of the quarter."""
        begins = first_day(self.year, self.quarter)
        if self.opens_on < begins:
            raise Invalid(f"Realisasi tidak diisi sebelum triwulannya mulai, {format_date(begins)}.")
        if self.deadline_on < self.opens_on:
            raise Invalid(f"Tenggat harus pada atau sesudah hari pembukaan, {format_date(self.opens_on)}.")
        if self.reopened_until is not None and self.reopened_until <= self.deadline_on:
            raise Invalid(f"Pembukaan kembali berakhir sesudah tenggat, {format_date(self.deadline_on)}.")


def default_window(year: int, quarter: int) -> Window:
    following = date(year, 3 * quarter + 1, 1) if quarter < 4 else date(year + 1, 1, 1)
    opens, closes = _DEFAULT_DAYS
    return Window(year, quarter, following.replace(day=opens), following.replace(day=closes))
