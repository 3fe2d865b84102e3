"""Rows copied out of a spreadsheet: tab-separated text becomes rows of the editor, every cell as it was typed."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iki_portal.domain.errors import Invalid
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, QUARTER_FIELDS

MOST_ROWS = 200
LONGEST_PASTE = 200_000
STATEMENT = "statement"
_NUMBER = "number"
#: How a heading begins, folded; the longer stand above the shorter.
_HEADINGS = (
    ("nomor", _NUMBER),
    ("no", _NUMBER),
    ("indikator", "text"),
    ("sasaran", STATEMENT),
    ("kinerja", STATEMENT),
    ("penjelasan", "formula"),
    ("formula", "formula"),
    ("rumus", "formula"),
    ("definisi operasional", "formula"),
    ("sumber", "source"),
    ("satuan", "unit_of_measure"),
    ("polaritas", "polarity"),
    ("cara hitung", "aggregation"),
    ("kondisi awal", "baseline"),
    ("kode sub", "sub_kegiatan_code"),
    ("batas atas", "target_upper"),
    *((f"{opening}{roman}", f"quarter_{4 - place}") for opening in ("tw ", "triwulan ", "target tw ", "target triwulan ")
      for place, roman in enumerate(("iv", "iii", "ii", "i"))),
    ("target", "target"),
)  # fmt: skip
_HEADING_WORDS = frozenset(
    (
        *("kinerja", "individu", "utama", "iki", "strategis", "program", "kegiatan", "target"),
        *("data", "formulasi", "perhitungan", "operasional", "tahun", "tahunan"),
    )
)
#: What the columns are when no heading says so: as on the paper.
_ORDER = (STATEMENT, "text", "formula", "source", "unit_of_measure", "target", *QUARTER_FIELDS)
_WORDS = {word.casefold(): value.value for words in (POLARITY_WORDS, AGGREGATION_WORDS) for value, word in words.items()}
_LEAST_HEADINGS = 2


@dataclass(frozen=True, slots=True)
class PastedRow:
    #: Empty: the indicator belongs under the statement above.
    statement: str
    cells: dict[str, str]


def pasted_rows(text: str) -> list[PastedRow]:
    """The rows in a text copied from Excel, LibreOffice or a web page's table; raises `Invalid` when there are none."""
    if len(text) > LONGEST_PASTE:
        raise Invalid("Yang ditempel terlalu panjang; tempel paling banyak 200 baris sekaligus.")
    lines = [[" ".join(cell.split()) for cell in line] for line in _lines(text)]
    lines = [line for line in lines if any(line)]
    if not lines:
        raise Invalid("Belum ada yang ditempel: salin dahulu barisnya dari lembar kerja, lalu tempel di kotak ini.")
    columns = _headings(lines[0])
    rows = [_row(columns, line) for line in lines[1:]] if columns else [_row(_columns(lines), line) for line in lines]
    rows = [row for row in rows if row.statement or any(row.cells.values())]
    if not rows:
        raise Invalid("Yang ditempel hanya berisi judul kolom; salin juga barisnya.")
    if len(rows) > MOST_ROWS:
        raise Invalid(f"Yang ditempel berisi {len(rows)} baris; tempel paling banyak {MOST_ROWS} baris sekaligus.")
    return rows


def _lines(text: str) -> Iterator[list[str]]:
    """A cell with a line break stands in quotation marks, as spreadsheets copy it; where those do not close, they are text."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        yield from list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab", strict=True))
    except csv.Error:
        yield from (line.split("\t") for line in text.split("\n"))


def _headings(line: Sequence[str]) -> list[str | None]:
    """What each column holds, from the line of headings; empty when this is none."""
    columns = [_column(cell) for cell in line]
    named = [column for column in columns if column]
    is_heading = len(named) >= _LEAST_HEADINGS and len(set(named)) == len(named) and all(len(cell) < 60 for cell in line)
    return columns if is_heading and "text" in named else []


def _column(heading: str) -> str | None:
    """A heading is an opening we know and nothing behind it but words of headings: "Kinerja A" is none."""
    words = re.sub(r"[./()-]", " ", heading.casefold()).split()
    for opening, column in _HEADINGS:
        length = len(opening.split())
        if words[:length] == opening.split() and all(word in _HEADING_WORDS or word.isdigit() for word in words[length:]):
            return column
    return None


def _columns(lines: Sequence[Sequence[str]]) -> list[str | None]:
    """A single column holds indicators; a first column of numbers is NO."""
    width = max(len(line) for line in lines)
    if width == 1:
        return ["text"]
    numbered = all(re.fullmatch(r"[0-9]{0,4}\.?", line[0]) for line in lines)
    return [_NUMBER, *_ORDER] if numbered else list(_ORDER)


def _row(columns: Sequence[str | None], line: Sequence[str]) -> PastedRow:
    """Raises `Invalid` for a filled cell in a column that nobody knows: it would be lost."""
    cells: dict[str, str] = {}
    for place, cell in enumerate(line):
        column = columns[place] if place < len(columns) else None
        if cell and column is None:
            raise Invalid(f"Kolom ke-{place + 1} (berisi “{cell[:40]}”) tidak dikenal; hapus kolom itu atau beri judul.")
        if column and column != _NUMBER:
            cells[column] = _WORDS.get(cell.casefold(), cell)
    return PastedRow(cells.pop(STATEMENT, ""), cells)
