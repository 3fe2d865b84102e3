"""Days and times as the office writes them, in the zone of the office. A month never comes first."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from iki_portal.domain.errors import Invalid

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
ZONE_WORD = "WIB"

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
#: A year outside is a slip of the finger: "0226", "20266".
FIRST_YEAR, LAST_YEAR = 1900, 2100

_EXAMPLE = "misalnya 24-11-2026 atau 24 November 2026"
#: Spellings from before the office's present ones, still met in decrees.
_OLD_MONTHS = {"pebruari": 2, "nopember": 11}
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)} | _OLD_MONTHS
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[-/])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_IN_WORDS = re.compile(r"(?P<day>[0-9]{1,2})\s+(?P<month>[A-Za-z]+)\s+(?P<year>[0-9]{4})")


def parse_date(text: str) -> date:
    """Read 24-11-2026, 24/11/2026, 2026-11-24 or "24 November 2026"; raises `Invalid`, with an example, otherwise."""
    typed = text.strip()
    if not typed:
        raise Invalid(f"Tanggal belum diisi. Tuliskan {_EXAMPLE}.")
    match = _DAY_FIRST.fullmatch(typed) or _ISO.fullmatch(typed) or _IN_WORDS.fullmatch(typed)
    if match is None:
        raise Invalid(f"Tanggal tidak dikenali. Tuliskan tanggal, bulan, lalu tahun empat angka, {_EXAMPLE}.")
    day, year = int(match["day"]), int(match["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(f"Tahun harus antara {FIRST_YEAR} dan {LAST_YEAR}, {_EXAMPLE}.")
    try:
        return date(year, _month(match["month"]), day)
    except ValueError:
        raise Invalid(f"Tanggal ini tidak ada di kalender. Tuliskan tanggal lebih dulu, lalu bulan, {_EXAMPLE}.") from None


def format_date(day: date) -> str:
    """24 November 2026; the first of a month without a leading zero."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_datetime(at: datetime) -> str:
    """24 November 2026 pukul 10.32 WIB"""
    return f"{format_date(office_day(at))} pukul {format_time(at)} {ZONE_WORD}"


def format_time(at: datetime) -> str:
    """10.32, on the office's clock."""
    return f"{_in_office(at):%H.%M}"


def office_day(at: datetime) -> date:
    """The day on the office's calendar at that moment: from 17.00 UTC it is already the next one."""
    return _in_office(at).date()


def today_in_office(now: datetime | None = None) -> date:
    """The office's day now; `now` stands in for the clock."""
    return office_day(now if now is not None else datetime.now(UTC))


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    if text.lower() not in _MONTH_NUMBERS:
        raise Invalid(f"Nama bulan tidak dikenali. Tuliskan nama bulan lengkap, {_EXAMPLE}.")
    return _MONTH_NUMBERS[text.lower()]


def _in_office(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(OFFICE_ZONE)
