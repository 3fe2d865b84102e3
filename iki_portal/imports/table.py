"""The table of a sheet: its header, its rows, and the statements they add up to."""

import re
from dataclasses import dataclass, field

from iki_portal.imports.columns import (
    EXPECTED,
    NEEDED,
    Column,
    Columns,
    column_named,
    columns_of,
    counts_columns,
    names_column_below,
    second_row,
)
from iki_portal.imports.figures import read_indicator
from iki_portal.imports.findings import FindingKind, Findings, UnreadableDocument, places, quote
from iki_portal.imports.lines import Line
from iki_portal.imports.sheets import ReadIndicator, ReadStatement

_NUMBER = re.compile(r"\(?([0-9]{1,4})[.)]?")
_ROMAN = re.compile(r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})[.)]?")
#: "1.1", "1.a": the first part is the statement's number, the rest only counts its indicators.
_PART_OF = re.compile(r"([0-9]{1,4})[. ]?(?:[0-9]{1,3}|[a-z])[.)]?")
_ONLY_COUNTS = re.compile(r"[a-z][.)]?")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
#: What a torn row says at its foot, or does not say at all.
_SHORT_CELLS = (Column.SOURCE, Column.UNIT_OF_MEASURE, Column.TARGET)
_OF_THE_OWNER = (Column.POSITION, Column.UNIT, Column.NUMBER)


@dataclass(slots=True)
class Row:
    line: int
    page: int
    cells: dict[Column, str]

    def __getitem__(self, column: Column) -> str:
        return self.cells.get(column, "")

    @property
    def says_something(self) -> bool:
        return any(text for column, text in self.cells.items() if column not in _OF_THE_OWNER)


@dataclass(slots=True)
class Table:
    line: int
    #: The rows of the header as they are written.
    header: tuple[str, ...]
    names: tuple[str, ...]
    columns: Columns
    rows: list[Row] = field(default_factory=list)
    below: list[tuple[str, ...]] = field(default_factory=list)
    may_have_second_header: bool = True
    page: int = 0

    @property
    def names_owners(self) -> bool:
        return Column.POSITION in self.columns

    def continued(self) -> "Table":
        """The same columns for the rows of the next owner."""
        return Table(self.line, self.header, self.names, self.columns, may_have_second_header=False)


def read_header(cells: tuple[str, ...], line: Line) -> Table:
    return Table(line.number, cells, cells, columns_of(cells), page=line.page)


def lacks(table: Table) -> list[Column]:
    return [column for column in NEEDED if column not in table.columns]


def take_second_header(cells: tuple[str, ...], table: Table, line: Line, findings: Findings) -> bool:
    """Whether this row still belongs to the header; then its names are taken over."""
    if not table.may_have_second_header:
        return False
    if counts_columns(cells) or cells in table.below:
        return True
    names = second_row(table.names, cells)
    if names is None:
        return False
    table.below.append(cells)
    for cell in cells:
        if cell not in table.names and not names_column_below(cell):
            findings.leave(line.number, cell, "kepala tabel")
    table.names, table.columns = names, columns_of(names)
    return True


def check_columns(table: Table, findings: Findings) -> None:
    """What there is to say about the header, once its last row is known."""
    table.may_have_second_header = False
    for column in EXPECTED:
        if column not in table.columns:
            findings.add(
                FindingKind.COLUMN_MISSING, table.line, f"Kepala tabel tidak memuat kolom {column}; isinya dibiarkan kosong."
            )
    for name, found in zip(table.names, table.columns, strict=True):
        if not name or found:
            continue
        known = column_named(name)
        kind = FindingKind.COLUMN_UNKNOWN if known is None else FindingKind.COLUMN_DOUBLED
        why = "tidak dikenal" if known is None else f"bukan satu-satunya yang mungkin berarti {known}"
        why = "tidak berdampingan dengan kolom JABATAN" if known is Column.UNIT else why
        findings.add(kind, table.line, f"Kolom {quote(name)} {why}; isinya dicatat di luar lembar.")


def read_row(cells: tuple[str, ...], table: Table, line: Line, findings: Findings) -> Row:
    expected = len(table.columns)
    if any(cells[expected:]):
        said = f"Baris ini berisi {len(cells)} sel, padahal kepala tabel berisi {expected} kolom; kelebihannya dicatat di luar."
        findings.add(FindingKind.ROW_LONG, line.number, said)
        findings.leave(line.number, " ".join(cell for cell in cells[expected:] if cell), "di kanan tabel")
    if len(cells) < expected:
        said = f"Baris ini berisi {len(cells)} dari {expected} sel; sisanya dibiarkan kosong."
        findings.add(FindingKind.ROW_SHORT, line.number, said)
    row = Row(line.number, line.page, {})
    for place, cell in enumerate(cells[:expected]):
        column = table.columns[place]
        if column:
            row.cells[column] = cell
        else:
            findings.leave(line.number, cell, f"kolom {table.names[place] or f'ke-{place + 1}'}")
    return row


def keep_row(row: Row, table: Table, findings: Findings) -> None:
    """As a row of its own, or as the rest of one that a page break has torn."""
    above = table.rows[-1] if table.rows else None
    if above is None or row.page == above.page or row[Column.NUMBER] or Column.NUMBER not in table.columns:
        table.rows.append(row)
    elif _is_rest(row, above):
        _join(row, above, tuple(row.cells))
        above.page = row.page
        _tell_torn(row, findings)
    else:
        if row[Column.STATEMENT]:
            first = next(each for each in reversed(table.rows) if each[Column.STATEMENT] or each is table.rows[0])
            _join(row, first, (Column.STATEMENT,))
            row.cells[Column.STATEMENT] = ""
            _tell_torn(row, findings)
        table.rows.append(row)


def starts_again(row: Row, table: Table) -> bool:
    """NO 1 below a higher number: a post of the same title begins."""
    numbers = [number_in(each[Column.NUMBER]) or 0 for each in table.rows]
    return number_in(row[Column.NUMBER]) == 1 and max(numbers, default=0) > 1


def _is_rest(row: Row, above: Row) -> bool:
    """A new indicator begins with a capital and says its satuan or source in its first lines."""
    indicator = row[Column.INDICATOR]
    if not indicator or not (indicator[0].isupper() or indicator[0].isdigit()):
        return True
    said_above = [column for column in _SHORT_CELLS if above[column]]
    return bool(said_above) and not any(row[column] for column in _SHORT_CELLS)


def _join(row: Row, above: Row, columns: tuple[Column, ...]) -> None:
    for column in columns:
        above.cells[column] = " ".join(text for text in (above[column], row[column]) if text)


def _tell_torn(row: Row, findings: Findings) -> None:
    said = "Baris tabel terpotong pergantian halaman; potongannya disambung ke baris di atasnya."
    findings.add(FindingKind.ROW_TORN, row.line, said)


def statements_of(table: Table, findings: Findings) -> tuple[ReadStatement, ...]:
    has_numbers = Column.NUMBER in table.columns
    statements: list[ReadStatement] = []
    before = 0
    for rows in _groups(table.rows):
        number = _number_of(rows[0], has_numbers, before, findings)
        before = before + 1 if number is None else number
        statements.append(_statement(number, rows, table, findings))
    return tuple(statements)


def _groups(rows: list[Row]) -> list[list[Row]]:
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _continues(row, groups[-1]):
            groups[-1].append(row)
        elif row[Column.NUMBER] or row[Column.STATEMENT]:
            groups.append([row])
        else:
            raise UnreadableDocument(
                f"Baris {row.line}: NO dan KINERJA kosong, padahal tidak ada kinerja di atasnya pada tabel ini."
            )
    return groups


def _continues(row: Row, group: list[Row]) -> bool:
    """Whether the row tells of the statement above: nothing new in KINERJA, and in NO nothing that counts on."""
    first, written = group[0], row[Column.NUMBER]
    if row[Column.STATEMENT] not in ("", first[Column.STATEMENT]):
        return False
    if not written or _ONLY_COUNTS.fullmatch(written):
        return True
    if written == first[Column.NUMBER]:
        return True
    part, whole = _PART_OF.fullmatch(written), number_in(first[Column.NUMBER])
    return part is not None and number_in(written) == whole


def number_in(written: str) -> int | None:
    """The number of the statement in "2", "2.", "(2)", "II" or "2.1"; None when it holds none."""
    match = _NUMBER.fullmatch(written) or _PART_OF.fullmatch(written)
    if match:
        return int(match[1])
    return _roman(written.rstrip(".)")) if _ROMAN.fullmatch(written) else None


def _roman(written: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in written]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _number_of(row: Row, column_exists: bool, before: int, findings: Findings) -> int | None:
    written = row[Column.NUMBER]
    number = number_in(written)
    if number is None:
        if column_exists:
            said = f"NO berisi {quote(written)}, bukan angka" if written else "NO kosong pada kinerja baru"
            findings.add(FindingKind.NUMBER_UNREADABLE, row.line, f"{said}; nomor dibiarkan kosong.")
            findings.leave(row.line, written, f"kolom {Column.NUMBER}")
        return None
    if number != before + 1:
        previous = f"sesudah NO {before}" if before else "pada baris pertama"
        findings.add(FindingKind.NUMBER_OUT_OF_ORDER, row.line, f"NO {number} {previous}; seharusnya {before + 1}.")
    return number


def _statement(number: int | None, rows: list[Row], table: Table, findings: Findings) -> ReadStatement:
    first = rows[0]
    name = f"nomor {number}" if number is not None else f"pada baris {first.line}"
    if not first[Column.STATEMENT]:
        findings.add(FindingKind.CELL_EMPTY, first.line, "Sel KINERJA kosong padahal NO terisi.")
    if len(rows) > 1:
        lines = [row.line for row in rows[1:]]
        said = f"{places(lines).capitalize()} melanjutkan kinerja {name}"
        if not any(row[Column.NUMBER] or row[Column.STATEMENT] for row in rows[1:]):
            said = f"NO kosong pada {places(lines)}: dibaca sebagai indikator lanjutan dari kinerja {name}"
        findings.add(FindingKind.CONTINUATION_ROW, lines[0], f"{said} (seluruhnya {len(rows)} indikator).")
    indicators = tuple(_indicator(row, table, findings) for row in rows if _has_indicator(row))
    if not indicators:
        findings.add(FindingKind.CELL_EMPTY, first.line, f"Kinerja {name} tidak mempunyai indikator.")
    return ReadStatement(number, first[Column.STATEMENT], indicators, first.line)


def _has_indicator(row: Row) -> bool:
    return any(text for column, text in row.cells.items() if column not in (*_OF_THE_OWNER, Column.STATEMENT))


def _indicator(row: Row, table: Table, findings: Findings) -> ReadIndicator:
    needed = (Column.INDICATOR, Column.FORMULA, Column.SOURCE)
    empty = [column.value for column in needed if not row[column] and column in table.columns]
    if empty:
        findings.add(FindingKind.CELL_EMPTY, row.line, f"Sel {' dan '.join(empty)} kosong.")
    return read_indicator(row.line, row.cells, findings)
