"""Reads the recapitulation workbook back: the rows as they stand, or one sentence about what is wrong.

A workbook is a stranger's ZIP file, and a small one can fill the memory of whatever parses it. So nothing parses it
before `workbook.examined` has counted what really comes out of it, and the parser is given a new archive holding those parts
alone that were examined: what the two might understand differently never reaches it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from iki_portal.domain.dates import parse_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import parse_number, plain_number
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity, Quarters
from iki_portal.imports.workbook import UNREADABLE, examined

HEADINGS = (
    *("Tahun", "Kode jabatan", "Jabatan", "Unit kerja", "Pemilik", "Revisi", "Status"),
    *("No", "Kinerja", "No indikator", "Indikator kinerja", "Penjelasan/formulasi", "Sumber data", "Satuan"),
    *("Polaritas", "Cara hitung tahunan", "Target", "Batas atas target", "TW I", "TW II", "TW III", "TW IV"),
    *("Nomor register", "Ditetapkan oleh", "Tanggal ditetapkan"),
)
T = TypeVar("T")

_TAB = re.compile(r"Rekapitulasi ([0-9]{4})")
_POLARITIES = {word: polarity for polarity, word in POLARITY_WORDS.items()}
_AGGREGATIONS = {word: aggregation for aggregation, word in AGGREGATION_WORDS.items()}


@dataclass(frozen=True, slots=True)
class RecapRow:
    """One row: an indicator, or a statement or sheet that has none (then its numbers are None and its texts empty)."""

    year: int
    code: str
    position: str
    unit: str
    owner: str
    revision: str
    state: str
    number: int | None
    statement: str
    indicator_number: int | None
    indicator: str
    formula: str
    source: str
    unit_of_measure: str
    polarity: Polarity | None
    aggregation: Aggregation | None
    target: Decimal | None
    target_upper: Decimal | None
    quarters: Quarters
    register: str
    approved_by: str
    approved_on: date | None


def read_recapitulation(content: bytes) -> tuple[RecapRow, ...]:
    """The rows of a recapitulation as the portal writes it; raises `Invalid` and nothing else."""
    archive = examined(content)
    try:
        with CalamineWorkbook.from_filelike(archive) as book:
            sheet, year = _the_sheet(book)
            return tuple(_rows_of(sheet, year))
    except (CalamineError, OSError, ValueError):
        raise Invalid(UNREADABLE) from None
    except BaseException as error:
        # What the parser, written in Rust, gives up with (a day in the year -3000) is no `Exception` and has no module.
        if type(error).__name__ == "PanicException":
            raise Invalid(UNREADABLE) from None
        raise


# The rows


def _the_sheet(book: CalamineWorkbook) -> tuple[CalamineSheet, int]:
    tabs = book.sheets_metadata
    match = _TAB.fullmatch(tabs[0].name) if tabs else None
    if match is None or len(tabs) > 1 or tabs[0].typ is not SheetTypeEnum.WorkSheet:
        raise Invalid("Buku kerja harus berisi satu lembar kerja saja, bernama “Rekapitulasi” dan tahunnya.")
    return book.get_sheet_by_index(0), int(match[1])


def _rows_of(sheet: CalamineSheet, year: int) -> Iterator[RecapRow]:
    rows = sheet.iter_rows() if sheet.start == (0, 0) else iter(())
    _check_headings(next(rows, []))
    for number, values in enumerate(rows, start=2):
        if all(value == "" for value in values):
            continue
        if any(value != "" for value in values[len(HEADINGS) :]):
            raise Invalid(f"Baris {number} berisi lebih banyak kolom daripada judulnya.")
        row = _Row(number, values).read()
        if row.year != year:
            raise Invalid(f"Baris {number}: tahun {row.year}, seharusnya {year} seperti nama lembar kerjanya.")
        yield row


def _check_headings(found: Sequence[Any]) -> None:
    for index in range(max(len(HEADINGS), len(found))):
        heading = str(found[index]) if index < len(found) else ""
        expected = HEADINGS[index] if index < len(HEADINGS) else ""
        if heading != expected:
            said = f"seharusnya “{expected}”" if expected else "seharusnya tidak ada"
            shown = heading if len(heading) <= 40 else f"{heading[:40]} …"
            raise Invalid(f"Judul kolom {index + 1} tertulis “{shown}”, {said}; pakai judul dari rekapitulasi portal.")


class _Row:
    """The cells of one row, taken from left to right."""

    def __init__(self, number: int, values: Sequence[Any]) -> None:
        self._number = number
        self._values = values
        self._at = 0

    def read(self) -> RecapRow:
        return RecapRow(
            year=self._wanted(self._take(_whole)),
            code=self._take(_text),
            position=self._take(_text),
            unit=self._take(_text),
            owner=self._take(_text),
            revision=self._take(_text),
            state=self._take(_text),
            number=self._take(_whole),
            statement=self._take(_text),
            indicator_number=self._take(_whole),
            indicator=self._take(_text),
            formula=self._take(_text),
            source=self._take(_text),
            unit_of_measure=self._take(_text),
            polarity=self._take(_polarity),
            aggregation=self._take(_aggregation),
            target=self._take(_figure),
            target_upper=self._take(_figure),
            quarters=(self._take(_figure), self._take(_figure), self._take(_figure), self._take(_figure)),
            register=self._take(_text),
            approved_by=self._take(_text),
            approved_on=self._take(_day),
        )

    def _take(self, reader: Callable[[Any], T]) -> T:
        value = self._values[self._at]
        self._at += 1
        try:
            return reader(value)
        except Invalid as error:
            raise Invalid(f"Baris {self._number}, kolom {HEADINGS[self._at - 1]}: {error}") from None

    def _wanted(self, year: int | None) -> int:
        if year is None:
            raise Invalid(f"Baris {self._number}, kolom {HEADINGS[0]}: Tahun belum diisi.")
        return year


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("Sel ini harus berisi teks; awali isinya dengan tanda petik tunggal (').")
    return value


def _figure(value: Any) -> Decimal | None:
    """A figure, also one written as text because a number of Excel cannot carry it ("9999999999999,1234")."""
    if value == "" and isinstance(value, str):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid("Sel ini harus berisi angka, misalnya 12,5.")
    if not isinstance(value, str):
        # The shortest decimal spelling of the double: the figure that was typed.
        return parse_number(plain_number(Decimal(repr(value)))).value
    parsed = parse_number(value)
    if parsed.ambiguous:
        raise Invalid(f"Angka “{value}” dapat dibaca dua cara; tuliskan {parsed.understood} bila itu yang dimaksud.")
    return parsed.value


def _whole(value: Any) -> int | None:
    figure = _figure(value)
    if figure is None:
        return None
    if figure != int(figure):
        raise Invalid("Sel ini harus berisi bilangan bulat.")
    return int(figure)


def _day(value: Any) -> date | None:
    if value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(_text(value))


def _polarity(value: Any) -> Polarity | None:
    return _word(_text(value), _POLARITIES)


def _aggregation(value: Any) -> Aggregation | None:
    return _word(_text(value), _AGGREGATIONS)


def _word(value: str, words: dict[str, T]) -> T | None:
    if value and value not in words:
        raise Invalid(f"Isinya harus salah satu dari: {', '.join(words)}.")
    return words[value] if value else None
