"""Tables as files: XLSX with typed cells and CSV, both without anything a spreadsheet could run.

Text comes from people, so it may look like a formula. XLSX keeps it as it is: a cell of text is marked as text, and only
an `<f>` element is ever computed; a sign before it would damage the text on its way back. CSV has no types, so there
such text is led by an apostrophe.
"""

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from iki_portal.domain.numbers import plain_number

Cell = str | int | Decimal | date | None

#: What a double carries without loss, and what Excel keeps of a figure.
EXACT_DIGITS = 15
_FIRST_GROUPED = 1000
#: The day of the office's language: "24 November 2026", whatever the reader's machine speaks.
_DATE_FORMAT = "[$-421]d mmmm yyyy"
_LONGEST_HEADER = 200
_A4 = 9

_STARTS_A_FORMULA = "=+-@"
_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"})
_PLAIN_NUMBER = re.compile(r"[+-]? ?[0-9]+(?:[ .,][0-9]+)*(?: ?%)?")
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")  # no XML and no UTF-8 can hold these


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    #: In characters.
    width: int


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet that guesses types could compute `text`: "=1+1", " @SUM(1)", "\\t=1", or any of them full-width.

    A plain number ("-5", "-5 %", "+62 811") and a lone dash compute nothing.
    """
    for character in text:
        if character in "\t\r\n":
            return True
        if unicodedata.category(character) not in _UNSEEN:
            starts = unicodedata.normalize("NFKC", character)[0] in _STARTS_A_FORMULA
            return starts and text.strip() != "-" and not _PLAIN_NUMBER.fullmatch(text.strip())
    return False


def table_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, semicolons and CRLF: what Excel with Indonesian settings opens as a table.

    Figures are "1234,5" without groups; days are ISO (2026-11-24), the one spelling no machine takes month first.
    """
    file = io.BytesIO()
    write_csv(file, columns, rows)
    return file.getvalue()


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """The same into a file, row by row."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    writer.writerows([_csv_text(cell) for cell in row] for row in rows)
    text.detach()


def _csv_text(cell: Cell) -> str:
    if isinstance(cell, str):
        text = _NO_CHARACTER.sub("\ufffd", cell)
        return f"'{text}" if looks_like_formula(text) else text
    if isinstance(cell, Decimal):
        return plain_number(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def table_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    name: str,
    title: str,
    year: int,
    closing: Iterable[Sequence[Cell]] = (),
) -> bytes:
    """One worksheet called `name`; `title` stands on every printed page. The same table gives the same bytes.

    `closing`: lines below the table and apart from it (signatures, remarks), which its filter leaves alone.
    """
    file = io.BytesIO()
    _write_book(file, columns, rows, name=name, title=title, year=year, kept_in="in_memory", closing=closing)
    return file.getvalue()


def write_xlsx(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, name: str, title: str, year: int
) -> None:
    """The same table into a file, row by row: however long it is, only one row is held in memory."""
    _write_book(file, columns, rows, name=name, title=title, year=year, kept_in="constant_memory")


def _write_book(
    file: IO[bytes],
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    name: str,
    title: str,
    year: int,
    kept_in: str,
    closing: Iterable[Sequence[Cell]] = (),
) -> None:
    book = xlsxwriter.Workbook(
        file,
        {kept_in: True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    # A fixed moment: the clock is no content.
    book.set_properties({"title": title, "created": datetime(year, 1, 1, tzinfo=UTC)})
    worksheet = book.add_worksheet(name)
    _lay_out(book, worksheet, columns, title)
    cells = _Cells(book, worksheet)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            cells.write(last, column, cell)
    worksheet.autofilter(0, 0, last, len(columns) - 1)
    for place, row in enumerate(closing, start=last + 2):
        for column, cell in enumerate(row):
            cells.write_below(place, column, cell)
    # Codes and long figures are text on purpose; Excel need not mark them.
    worksheet.ignore_errors({"number_stored_as_text": f"A1:{_letter(len(columns))}{last + 1}"})
    book.close()


def _lay_out(book: Any, worksheet: Any, columns: Sequence[Column], title: str) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E6ECF2"})
    for index, column in enumerate(columns):
        worksheet.set_column(index, index, column.width)
        worksheet.write_string(0, index, column.heading, head)
    worksheet.freeze_panes(1, 0)
    worksheet.repeat_rows(0)
    worksheet.set_landscape()
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_header("&L" + title[:_LONGEST_HEADER].replace("&", "&&"))
    worksheet.set_footer("&RHalaman &P dari &N")


def _letter(number: int) -> str:
    """The letter of the column, for tables up to Z."""
    return chr(ord("A") + number - 1)


class _Cells:
    """Writes each cell as the type it is."""

    def __init__(self, book: Any, worksheet: Any) -> None:
        self._worksheet = worksheet
        top: dict[str, Any] = {"valign": "top"}
        self._text = book.add_format(top | {"text_wrap": True})
        self._line = book.add_format(top)
        # Stays text also after somebody has pressed F2 and Enter in it.
        self._quoted = book.add_format(top | {"text_wrap": True, "quote_prefix": True})
        self._long_figure = book.add_format(top | {"align": "right", "num_format": "@"})
        self._day = book.add_format(top | {"align": "left", "num_format": _DATE_FORMAT})
        # "General" shows 12,5 and 12 as they are, also after an edit ("0.####" would show "12,"). It does not group,
        # so figures from a thousand on have a format for their own number of decimals.
        self._figure = book.add_format(top)
        places = ("", ".0", ".00", ".000", ".0000")
        self._grouped = [book.add_format(top | {"num_format": f"#,##0{each}"}) for each in places]

    def write(self, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            self._write_text(row, column, _NO_CHARACTER.sub("\ufffd", cell))
        elif isinstance(cell, Decimal):
            self._write_figure(row, column, cell)
        elif isinstance(cell, date):
            self._worksheet.write_datetime(row, column, cell, self._day)
        elif cell is not None:
            self._worksheet.write_number(row, column, cell, self._figure)

    def write_below(self, row: int, column: int, cell: Cell) -> None:
        """A line that may run over the cells beside it."""
        if isinstance(cell, str):
            self._write_text(row, column, _NO_CHARACTER.sub("\ufffd", cell), self._line)
        else:
            self.write(row, column, cell)

    def _write_text(self, row: int, column: int, text: str, plain: Any = None) -> None:
        style = self._quoted if looks_like_formula(text) else plain or self._text
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes such text for finished markup and writes it unescaped; so it gets finished markup.
            text = f'<r><t xml:space="preserve">{html.escape(text, quote=False)}</t></r>'
        if text:
            self._worksheet.write_string(row, column, text, style)

    def _write_figure(self, row: int, column: int, figure: Decimal) -> None:
        text = plain_number(figure)
        whole, _, decimals = text.lstrip("-").partition(",")
        if len(whole) + len(decimals) > EXACT_DIGITS or len(decimals) >= len(self._grouped):
            self._worksheet.write_string(row, column, text, self._long_figure)
            return
        style = self._figure if abs(figure) < _FIRST_GROUPED else self._grouped[len(decimals)]
        self._worksheet.write_number(row, column, figure, style)
