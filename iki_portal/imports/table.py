"""The table of a sheet: its header, its rows, and the statements they add up to."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from iki_portal.imports.findings import FindingKind, Findings, UnreadableDocument, places, quote
from iki_portal.imports.sheets import ReadIndicator, ReadStatement

_NUMBER = re.compile(r"([0-9]{1,4})\.?")


class Column(StrEnum):
    NUMBER = "NO"
    STATEMENT = "KINERJA"
    INDICATOR = "INDIKATOR KINERJA"
    FORMULA = "PENJELASAN / FORMULASI PERHITUNGAN"
    SOURCE = "SUMBER DATA"


_COLUMNS = {column.value: column for column in Column}


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    number: str
    statement: str
    indicator: str
    formula: str
    source: str

    def starts_statement(self) -> bool:
        return bool(self.number or self.statement)


@dataclass(slots=True)
class Table:
    line: int
    columns: tuple[Column | None, ...]
    rows: list[Row] = field(default_factory=list)


def column_named(cell: str) -> Column | None:
    name = " ".join(cell.upper().replace("/", " / ").split()).rstrip(".")
    if name.startswith(("PENJELASAN", "FORMULASI")):
        return Column.FORMULA
    return _COLUMNS.get(name)


def is_header(cells: tuple[str, ...]) -> bool:
    return sum(column_named(cell) is not None for cell in cells) > len(cells) / 2 and len(cells) > 1


def read_header(cells: tuple[str, ...], line: int, findings: Findings) -> Table:
    columns = tuple(column_named(cell) for cell in cells)
    named = [column for column in columns if column]
    if len(set(named)) < len(named):
        raise UnreadableDocument(f"Baris {line}: satu kolom muncul dua kali di kepala tabel.")
    for column in (Column.STATEMENT, Column.INDICATOR):
        if column not in columns:
            raise UnreadableDocument(f"Baris {line}: kepala tabel tidak memuat kolom {column}.")
    for column in Column:
        if column not in columns:
            findings.add(
                FindingKind.COLUMN_MISSING, line, f"Kepala tabel tidak memuat kolom {column}; isinya dibiarkan kosong."
            )
    for cell, known in zip(cells, columns, strict=True):
        if cell and not known:
            findings.add(
                FindingKind.COLUMN_UNKNOWN, line, f"Kolom {quote(cell)} tidak dikenal; hanya dapat dibaca bila kosong."
            )
    return Table(line, columns)


def read_row(cells: tuple[str, ...], table: Table, line: int, findings: Findings) -> None:
    expected = len(table.columns)
    if any(cells[expected:]):
        raise UnreadableDocument(f"Baris {line}: {len(cells)} sel, padahal kepala tabel berisi {expected} kolom.")
    if len(cells) < expected:
        findings.add(
            FindingKind.ROW_SHORT, line, f"Baris ini berisi {len(cells)} dari {expected} sel; sisanya dibiarkan kosong."
        )
    texts = dict.fromkeys(Column, "")
    for column, cell in zip(table.columns, cells, strict=False):
        if column:
            texts[column] = cell
        elif cell:
            raise UnreadableDocument(f"Baris {line}: {quote(cell)} berada di kolom yang tidak dikenal.")
    table.rows.append(Row(line, *texts.values()))


def statements_of(table: Table, findings: Findings) -> tuple[ReadStatement, ...]:
    groups: list[list[Row]] = []
    for row in table.rows:
        if row.starts_statement():
            groups.append([row])
        elif groups:
            groups[-1].append(row)
        else:
            raise UnreadableDocument(
                f"Baris {row.line}: NO dan KINERJA kosong, padahal tidak ada kinerja di atasnya pada tabel ini."
            )
    statements: list[ReadStatement] = []
    before = 0
    for rows in groups:
        number = _number_of(rows[0], Column.NUMBER in table.columns, before, findings)
        before = before + 1 if number is None else number
        statements.append(_statement(number, rows, table, findings))
    return tuple(statements)


def _number_of(row: Row, column_exists: bool, before: int, findings: Findings) -> int | None:
    match = _NUMBER.fullmatch(row.number)
    if not match:
        if column_exists:
            said = f"NO berisi {quote(row.number)}, bukan angka" if row.number else "NO kosong pada kinerja baru"
            findings.add(FindingKind.NUMBER_UNREADABLE, row.line, f"{said}; nomor dibiarkan kosong.")
        return None
    number = int(match[1])
    if number != before + 1:
        previous = f"sesudah NO {before}" if before else "pada baris pertama"
        findings.add(FindingKind.NUMBER_OUT_OF_ORDER, row.line, f"NO {number} {previous}; seharusnya {before + 1}.")
    return number


def _statement(number: int | None, rows: list[Row], table: Table, findings: Findings) -> ReadStatement:
    first = rows[0]
    name = f"nomor {number}" if number is not None else f"pada baris {first.line}"
    if not first.statement:
        findings.add(FindingKind.CELL_EMPTY, first.line, "Sel KINERJA kosong padahal NO terisi.")
    if len(rows) > 1:
        lines = [row.line for row in rows[1:]]
        findings.add(
            FindingKind.CONTINUATION_ROW,
            lines[0],
            f"NO kosong pada {places(lines)}: dibaca sebagai indikator lanjutan dari kinerja {name} "
            f"(seluruhnya {len(rows)} indikator).",
        )
    indicators = tuple(_indicator(row, table, findings) for row in rows if row.indicator or row.formula or row.source)
    if not indicators:
        findings.add(FindingKind.CELL_EMPTY, first.line, f"Kinerja {name} tidak mempunyai indikator.")
    return ReadStatement(number, first.statement, indicators, first.line)


def _indicator(row: Row, table: Table, findings: Findings) -> ReadIndicator:
    cells = ((Column.INDICATOR, row.indicator), (Column.FORMULA, row.formula), (Column.SOURCE, row.source))
    empty = [column.value for column, text in cells if not text and column in table.columns]
    if empty:
        findings.add(FindingKind.CELL_EMPTY, row.line, f"Sel {' dan '.join(empty)} kosong.")
    return ReadIndicator(row.indicator, row.formula, row.source, row.line)
