"""The lines of a workbook: the portal's own template, or any table that has a recognisable header.

Every worksheet with such a header is a sheet, or several where a column names their posts. Rows above a header, below the
last row and on other worksheets are lines of text. A row of Excel keeps its number; those of later worksheets count on.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from iki_portal.domain.dates import format_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import plain_number
from iki_portal.imports.columns import Column, Columns, columns_of, is_header
from iki_portal.imports.findings import Unread, UnreadableDocument
from iki_portal.imports.lines import MOST_CELLS, MOST_LINES, Line, Source, beside, title_rest, without_list_marks
from iki_portal.imports.percents import per_cent_cells
from iki_portal.imports.table import number_in
from iki_portal.imports.template import INSTRUCTIONS, INSTRUCTIONS_TAB, TAB
from iki_portal.imports.workbook import UNREADABLE, examined

Cells = tuple[str, ...]
_TOO_LONG = "Buku kerja lebih dari 20.000 baris; berkas ini tampaknya bukan dokumen IKI."


def read_worksheets(content: bytes) -> Source:
    try:
        archive = examined(content)
        per_cent = per_cent_cells(archive)
        archive.seek(0)
        with CalamineWorkbook.from_filelike(archive) as book:
            return _source_of(book, per_cent)
    except Invalid as error:
        raise UnreadableDocument(str(error)) from None
    except (CalamineError, OSError, ValueError):
        raise UnreadableDocument(UNREADABLE) from None
    except BaseException as error:
        # What the parser, written in Rust, gives up with is no `Exception` and has no module.
        if type(error).__name__ == "PanicException":
            raise UnreadableDocument(UNREADABLE) from None
        raise


def _source_of(book: CalamineWorkbook, per_cent: Sequence[frozenset[tuple[int, int]]]) -> Source:
    reader = _Reader()
    tabs = [tab.name for tab in book.sheets_metadata if tab.typ is SheetTypeEnum.WorkSheet]
    for place, name in enumerate(tabs):
        rows = _rows_of(book.get_sheet_by_name(name), per_cent[place] if place < len(per_cent) else frozenset())
        reader.take(name, rows)
    return Source(tuple(reader.lines), tuple(reader.aside))


def _rows_of(sheet: CalamineSheet, per_cent: frozenset[tuple[int, int]]) -> list[Cells]:
    """All rows from the first one on, with what a merged cell says in each row that it covers."""
    if sheet.total_height > MOST_LINES:
        raise UnreadableDocument(_TOO_LONG)
    if sheet.total_width > MOST_CELLS:
        raise UnreadableDocument(f"Lembar kerja berisi lebih dari {MOST_CELLS} kolom dan tidak dapat dibaca.")
    rows = [
        [_text(value, is_per_cent=(row, column) in per_cent) for column, value in enumerate(values)]
        for row, values in enumerate(sheet.to_python(skip_empty_area=False))
    ]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if left < len(rows[row]):
                rows[row][left] = rows[top][left]
    return [tuple(row) for row in rows]


def _text(value: Any, *, is_per_cent: bool) -> str:
    """The cell as the office would write it: a figure with a comma, per cent where Excel shows it, a day in words."""
    if isinstance(value, bool):
        return "BENAR" if value else "SALAH"
    if isinstance(value, int | float):
        figure = Decimal(repr(value))
        return f"{plain_number(figure * 100)}%" if is_per_cent else plain_number(figure)
    if isinstance(value, datetime):
        return format_date(value.date())
    if isinstance(value, date):
        return format_date(value)
    return " ".join(str(value).split())


class _Reader:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.aside: list[Unread] = []
        self._count = 0

    def take(self, name: str, rows: Sequence[Cells]) -> None:
        start = self._count + 1
        self._count += max(len(rows), 1)
        if self._count > MOST_LINES:
            raise UnreadableDocument(_TOO_LONG)
        has_title = any(_is_title(row) for row in rows)
        if name == INSTRUCTIONS_TAB and _is_ours(rows):
            return
        if not has_title and not any(is_header(row) for row in rows):
            self._leave(start, name, rows)
            return
        if not has_title:
            self.lines.append(Line(start, name, name, (), opens=True))
        if has_title or name != TAB:
            self.aside.append(Unread(start, name, "nama lembar kerja"))
        self.lines += _lines_of(rows, start)

    def _leave(self, start: int, name: str, rows: Sequence[Cells]) -> None:
        where = f"lembar kerja {name}"
        for number, row in enumerate(rows, start=start):
            text = " ".join(cell for cell in row if cell)
            if text:
                self.aside.append(Unread(number, text, where))


def _is_title(row: Cells) -> bool:
    filled = [cell for cell in row if cell]
    return len(filled) == 1 and title_rest(filled[0]) is not None


def _is_ours(rows: Sequence[Cells]) -> bool:
    return {cell for row in rows for cell in row if cell} <= set(INSTRUCTIONS)


def _lines_of(rows: Sequence[Cells], start: int) -> Iterator[Line]:
    columns: Columns = ()
    after_gap = False
    for number, row in enumerate(rows, start=start):
        if not any(row):
            after_gap = True
            continue
        if _is_title(row):
            columns = ()
        elif is_header(row):
            columns = columns or columns_of(row)
        is_row = is_header(row) or (bool(columns) and _is_row(row, columns, after_gap=after_gap))
        after_gap = after_gap and not is_row
        yield _row_line(number, row) if is_row else _text_line(number, row)


def _is_row(row: Cells, columns: Columns, *, after_gap: bool) -> bool:
    """Not a title across the table, and below a gap only a row that counts on: sign blocks stand there too."""
    cells = dict(zip(columns, row, strict=False))
    if after_gap:
        return number_in(cells.get(Column.NUMBER, "")) is not None and bool(cells.get(Column.INDICATOR))
    filled = [cell for cell in row if cell]
    return len(filled) > 1 or bool(cells.get(Column.INDICATOR))


def _row_line(number: int, row: Cells) -> Line:
    return Line(number, "\t".join(row), " ".join(cell for cell in row if cell), row)


def _text_line(number: int, row: Cells) -> Line:
    raw = beside(row)
    return Line(number, raw, without_list_marks(raw), ())
