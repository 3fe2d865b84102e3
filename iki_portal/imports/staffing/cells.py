"""One cell of a stranger's workbook: its text, or what is wrong with it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from iki_portal.domain.dates import LAST_YEAR, format_date, parse_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import plain_number
from iki_portal.domain.people import IDENTIFIER_LENGTH
from iki_portal.imports.staffing.rows import Problem
from iki_portal.imports.staffing.tabs import Column, Kind

#: Before this, a day is what Excel makes of a small figure (1 is 1 January 1900).
FIRST_YEAR = 1950
#: Integers up to here are exact in Excel.
_EXACT = 10**15
_AS_DATE = "Ubah format sel menjadi Teks, lalu ketik lagi isinya."


class BadCell(Exception):
    """`reason` and `expected`, for the report."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(reason)
        self.reason, self.expected = reason, expected


def one_line(text: str) -> str:
    return " ".join(text.split())


def lines_of(text: str) -> str:
    """Each line with single spaces, without empty ones."""
    return "\n".join(line for line in map(one_line, text.splitlines()) if line)


def read_cell(column: Column, value: Any) -> str:
    """The text of the cell. Raises `BadCell`."""
    if value == "" or value is None:
        if column.is_required:
            raise BadCell("Kolom ini wajib diisi.", column.expected)
        return ""
    text = _READERS[column.kind](column, value)
    if len(text) > column.longest:
        raise BadCell(f"Terlalu panjang: {len(text)} huruf.", f"Paling panjang {column.longest} huruf.")
    if not text and column.is_required:
        raise BadCell("Kolom ini wajib diisi.", column.expected)
    return text


def shown(value: Any) -> str:
    """The cell as the report quotes it."""
    if isinstance(value, bool):
        return "BENAR" if value else "SALAH"
    if isinstance(value, datetime):
        return f"{format_date(value.date())} {value:%H.%M}"
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else plain_number(Decimal(repr(value)))
    return str(value)


def problem_of(column: Column, value: Any, bad: BadCell) -> Problem:
    return Problem(column.heading, shown(value)[:200], bad.reason, bad.expected)


def _text(_column: Column, value: Any) -> str:
    return one_line(_typed(value))


def _lines(_column: Column, value: Any) -> str:
    return lines_of(_typed(value))


def _typed(value: Any) -> str:
    """What somebody typed. A whole figure is what it looks like; whatever Excel made of the rest is not known."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise BadCell("Sel ini berisi nilai benar/salah, bukan teks.", _AS_DATE)
    if isinstance(value, date | time | timedelta):
        raise BadCell("Excel mengubah isi sel ini menjadi tanggal atau jam; yang semula diketik tidak diketahui.", _AS_DATE)
    if float(value).is_integer() and abs(value) < _EXACT:
        return str(int(value))
    raise BadCell("Sel ini berisi bilangan, bukan teks; digit yang tidak disimpan Excel tidak diketahui.", _AS_DATE)


def _digits(_column: Column, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise BadCell(
            "Nomor ini tersimpan sebagai bilangan: Excel hanya menyimpan 15 angka, angka terakhirnya mungkin sudah berubah.",
            f"Teks dengan {IDENTIFIER_LENGTH} angka: ubah format sel menjadi Teks, lalu ketik ulang dari surat keputusan.",
        )
    return _text(_column, value)


def _whole(_column: Column, value: Any) -> str:
    if isinstance(value, bool | date | time | timedelta):
        raise BadCell("Ini bukan bilangan.", "Bilangan bulat, misalnya 10.")
    try:
        number = float(value.strip() if isinstance(value, str) else value)
    except ValueError:
        raise BadCell("Ini bukan bilangan.", "Bilangan bulat, misalnya 10.") from None
    if not 0 <= number < 2**31 or number != int(number):
        raise BadCell("Urutan adalah bilangan bulat dari 0.", "Bilangan bulat, misalnya 10.")
    return str(int(number))


def _day(_column: Column, value: Any) -> str:
    expected = "Tanggal Excel, misalnya 24-11-2026 dengan format sel Tanggal."
    if isinstance(value, datetime):
        if value.time() != time():
            raise BadCell("Tanggal ini memuat jam.", expected)
        value = value.date()
    if not isinstance(value, date):
        raise BadCell(_no_day(value), expected)
    return value.isoformat()


def year_problem(column: Column, text: str) -> Problem | None:
    """A day outside every career. Asked of what changes only: the portal's own days come back as they are."""
    if column.kind is not Kind.DAY or not text or FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        return None
    reason = f"Tahun {text[:4]} tidak mungkin; biasanya ini bilangan kecil yang diberi format tanggal."
    expected = f"Tanggal antara tahun {FIRST_YEAR} dan {LAST_YEAR}."
    return Problem(column.heading, format_date(date.fromisoformat(text)), reason, expected)


def _no_day(value: Any) -> str:
    if isinstance(value, str):
        try:
            return f"Tanggal ini teks, bukan tanggal Excel; mungkin maksudnya {format_date(parse_date(value))}."
        except Invalid:
            return "Ini teks, dan bukan tanggal yang dikenali."
    if isinstance(value, time | timedelta):
        return "Ini jam, atau bilangan di luar kalender, bukan tanggal."
    return "Ini bilangan tanpa format tanggal."


def _choice(column: Column, value: Any) -> str:
    typed = one_line(_typed(value)).rstrip(".").casefold()
    for word, shown_word in column.choices.items():
        if typed in (word, shown_word.rstrip(".").casefold()):
            return word
    raise BadCell(
        "Kata ini tidak ada dalam daftar.", "Salah satu dari: " + ", ".join(column.choices.values()).rstrip(".") + "."
    )


_READERS: dict[Kind, Callable[[Column, Any], str]] = {
    Kind.TEXT: _text,
    Kind.LINES: _lines,
    Kind.DIGITS: _digits,
    Kind.WHOLE: _whole,
    Kind.DAY: _day,
    Kind.CHOICE: _choice,
}
