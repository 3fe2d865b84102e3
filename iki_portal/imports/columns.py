"""What the columns of a table are called, in this office and in others: one table of names, as data.

A name that nobody knows is no reason to refuse a document: whatever is filled in below it goes to the texts that found
no place, with the name it stood under.
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class Column(StrEnum):
    """A column of the sheet; the value is what messages call it."""

    POSITION = "JABATAN"
    UNIT = "UNIT KERJA"
    NUMBER = "NO"
    STATEMENT = "KINERJA"
    INDICATOR = "INDIKATOR KINERJA"
    FORMULA = "PENJELASAN / FORMULASI PERHITUNGAN"
    SOURCE = "SUMBER DATA"
    UNIT_OF_MEASURE = "SATUAN"
    POLARITY = "POLARITAS"
    AGGREGATION = "CARA HITUNG TAHUNAN"
    TARGET = "TARGET"
    TARGET_UPPER = "BATAS ATAS TARGET"
    QUARTER_1 = "TW I"
    QUARTER_2 = "TW II"
    QUARTER_3 = "TW III"
    QUARTER_4 = "TW IV"


QUARTER_COLUMNS = (Column.QUARTER_1, Column.QUARTER_2, Column.QUARTER_3, Column.QUARTER_4)
#: The columns of the office's own table: told when they are missing.
EXPECTED = (Column.NUMBER, Column.STATEMENT, Column.INDICATOR, Column.FORMULA, Column.SOURCE)
#: Without these nobody can tell what a row says.
NEEDED = (Column.STATEMENT, Column.INDICATOR)
#: Cells merged downwards say these once: a second time they would begin a new statement.
SAID_ONCE = (Column.NUMBER, Column.STATEMENT)

NAMES = {
    Column.POSITION: ("JABATAN", "NAMA JABATAN"),
    Column.UNIT: ("UNIT KERJA", "UNIT ORGANISASI"),
    Column.NUMBER: ("NO", "NOMOR", "NO URUT", "NOMOR URUT"),
    Column.STATEMENT: (
        *("KINERJA", "KINERJA UTAMA", "KINERJA INDIVIDU", "URAIAN KINERJA", "HASIL KERJA", "RENCANA HASIL KERJA"),
        *("SASARAN", "SASARAN KINERJA", "SASARAN STRATEGIS", "SASARAN PROGRAM", "SASARAN KEGIATAN", "SASARAN / KINERJA"),
        *("PROGRAM", "KEGIATAN", "SUB KEGIATAN", "PROGRAM / KEGIATAN"),
    ),
    Column.INDICATOR: (
        *("INDIKATOR", "INDIKATOR KINERJA", "INDIKATOR KINERJA INDIVIDU", "INDIKATOR KINERJA INDIVIDU (IKI)", "IKI"),
        *("INDIKATOR KINERJA UTAMA", "INDIKATOR KINERJA UTAMA (IKU)", "IKU", "INDIKATOR SASARAN"),
    ),
    Column.FORMULA: ("DEFINISI OPERASIONAL", "CARA PERHITUNGAN", "CARA MENGHITUNG", "METODE PERHITUNGAN", "RUMUS"),
    Column.SOURCE: ("SUMBER DATA", "SUMBER"),
    Column.UNIT_OF_MEASURE: ("SATUAN", "SATUAN TARGET", "SATUAN UKURAN"),
    Column.POLARITY: ("POLARITAS", "POLARISASI"),
    Column.AGGREGATION: ("CARA HITUNG TAHUNAN",),
    Column.TARGET: ("TARGET", "TARGET TAHUNAN", "TARGET KINERJA", "TARGET SETAHUN", "TARGET 1 TAHUN"),
    Column.TARGET_UPPER: ("BATAS ATAS TARGET",),
}
_COLUMN_OF_NAME = {name: column for column, names in NAMES.items() for name in names}
_FORMULA_BEGINS = ("PENJELASAN", "FORMULASI", "FORMULA")
_TARGET_OF_A_YEAR = re.compile(r"TARGET (?:TAHUN )?20[0-9]{2}")
_QUARTER = re.compile(r"(?:TARGET )?(?:TW|TRIWULAN)\.?[ -]?(?:KE-? ?)?(I{1,3}|IV|[1-4])")
_PLACE_IN_YEAR = {"I": 0, "II": 1, "III": 2, "IV": 3, "1": 0, "2": 1, "3": 2, "4": 3}
_YEAR = re.compile(r"20[0-9]{2}")
_COUNTED = re.compile(r"\(?([0-9]{1,2})\)?")
_LONGEST_NAME = 60

Columns = tuple[Column | None, ...]


def column_named(cell: str) -> Column | None:
    name = _normal(cell)
    if name.startswith(_FORMULA_BEGINS):
        return Column.FORMULA
    if _TARGET_OF_A_YEAR.fullmatch(name):
        return Column.TARGET
    return _COLUMN_OF_NAME.get(name) or _quarter(name)


def is_header(cells: Sequence[str]) -> bool:
    """More names of columns than anything else; an empty cell may be spanned by the one before."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and sum(column_named(cell) is not None for cell in filled) > len(filled) / 2


def counts_columns(cells: Sequence[str]) -> bool:
    """ "(1) (2) (3) …" below a header."""
    filled = [cell for cell in cells if cell]
    numbers = [match[1] for match in map(_COUNTED.fullmatch, filled) if match]
    return len(filled) > 2 and numbers == [str(number) for number in range(1, len(filled) + 1)]


def columns_of(header: Sequence[str]) -> Columns:
    """Each column of the sheet at most once; what else has its name is left without one."""
    columns = [column_named(cell) for cell in header]
    statement = _nearest_statement(columns)
    targets = columns.count(Column.TARGET)
    kept: list[Column | None] = []
    for place, column in enumerate(columns):
        doubled = column in kept or (column is Column.STATEMENT and place != statement)
        # Which of two targets is this year's, the names alone do not say.
        unsure = column is Column.TARGET and targets > 1
        # Without a post beside it, it may be anybody's unit.
        unsure = unsure or (column is Column.UNIT and Column.POSITION not in columns)
        kept.append(None if doubled or unsure else column)
    return tuple(kept)


def _nearest_statement(columns: Sequence[Column | None]) -> int | None:
    """SASARAN and PROGRAM both: the one beside the indicator says what the indicator measures."""
    if Column.INDICATOR not in columns:
        return columns.index(Column.STATEMENT) if Column.STATEMENT in columns else None
    indicator = columns.index(Column.INDICATOR)
    places = [place for place, column in enumerate(columns) if column is Column.STATEMENT]
    return min(places, key=lambda place: abs(place - indicator), default=None)


def second_row(names: Sequence[str], cells: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the columns when `cells` is the second row of a header ("TW I" … below a wide TARGET); else None."""
    if not any(cells) or any(cells[len(names) :]):
        return None
    # Cells merged downwards say the same again, as no row would.
    whole, spanning, is_merged = list(names), "", any(cell and cell == name for cell, name in zip(cells, names, strict=False))
    for place, name in enumerate(names):
        spanning = name or spanning
        cell = cells[place] if place < len(cells) else ""
        if not cell or cell == name:
            continue
        is_wide = not name or (place + 1 < len(names) and not names[place + 1])
        below = _name_below(spanning, cell, is_wide=is_wide or is_merged)
        if below is None:
            return None
        whole[place] = name if name and column_named(name) not in (None, Column.TARGET) else below
    return tuple(whole)


def names_column_below(cell: str) -> bool:
    """Whether the cell says nothing but the name of a column, alone or below a wide TARGET."""
    return column_named(cell) is not None or _normal(cell) in _PLACE_IN_YEAR or _YEAR.fullmatch(cell) is not None


def _name_below(spanning: str, cell: str, *, is_wide: bool) -> str | None:
    """None where `cell` names no column: then it belongs to the first row of the table."""
    above = column_named(spanning)
    if above is Column.TARGET and _normal(cell) in _PLACE_IN_YEAR:
        return QUARTER_COLUMNS[_PLACE_IN_YEAR[_normal(cell)]].value
    if column_named(cell) and (is_wide or above in (None, Column.TARGET)):
        return cell
    says_a_name = len(cell) <= _LONGEST_NAME and (cell[0].isalpha() or _YEAR.fullmatch(cell))
    return f"{spanning} {cell}" if is_wide and says_a_name else None


def _quarter(name: str) -> Column | None:
    match = _QUARTER.fullmatch(name)
    return QUARTER_COLUMNS[_PLACE_IN_YEAR[match[1]]] if match else None


def _normal(cell: str) -> str:
    if len(cell) > _LONGEST_NAME * 3:
        return ""
    return " ".join(cell.upper().replace("/", " / ").replace("\u200b", "").split()).rstrip(".:").replace("NO. ", "NO ")
