"""Writes the workbook: an empty template, or everything that stands. One row after the other leaves the memory.

All text is text, also a NIP and what looks like a formula: it computes nothing, and comes back as it went out.
"""

import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import xlsxwriter

from iki_portal.imports.staffing.tabs import (
    INSTRUCTIONS,
    INSTRUCTIONS_TAB,
    LONGEST_CELL,
    SHAPES,
    Column,
    Kind,
    Shape,
    Tab,
)

#: Prepared for typing below what stands: formats and lists to choose from.
_ROOM_BELOW = 1000
_DAY_FORMAT = "dd-mm-yyyy"
_NO_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
TOO_LONG = "(Terlalu panjang untuk satu sel Excel; tidak diubah oleh impor.)"

#: A row of texts, with what is only shown where `Shape.columns` has such a column.
Row = Sequence[str]


def writable(text: str) -> str:
    """`text` as a cell can hold it: what the portal's own texts are compared by."""
    kept = _NO_CHARACTER.sub("\ufffd", text)
    return kept if len(kept) <= LONGEST_CELL else TOO_LONG


def staffing_xlsx(rows: Mapping[Tab, Iterable[Row]], *, title: str) -> bytes:
    """The workbook with these rows (the template: with none). A row has a text for every column of its tab."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    # A fixed moment: the clock is no content.
    book.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
    formats = _Formats(book)
    for tab, shape in SHAPES.items():
        _write_tab(book.add_worksheet(shape.title), shape, rows.get(tab, ()), formats)
    _write_instructions(book)
    book.close()
    return file.getvalue()


_REPORT = {
    "Tab": 14,
    "Baris": 8,
    "Hal": 36,
    "Kolom": 20,
    "Isi sel": 30,
    "Yang keliru": 60,
    "Yang diharapkan": 60,
}


def report_xlsx(rows: Iterable[Row], *, title: str) -> bytes:
    """What is wrong in a workbook, one problem a row: tab, row, thing, column, value, reason, what was expected."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
    formats, worksheet = _Formats(book), book.add_worksheet("Laporan")
    for place, (heading, width) in enumerate(_REPORT.items()):
        worksheet.set_column(place, place, width)
        worksheet.write_string(0, place, heading, formats.head)
    worksheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            worksheet.write_string(number, place, _safe(text), formats.lines)
    book.close()
    return file.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        top: dict[str, Any] = {"valign": "top"}
        look = {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E6ECF2"}
        self.head = book.add_format(look)
        self.shown_head = book.add_format(look | {"bg_color": "#EEEEEE", "italic": True})
        self.bold = book.add_format({"bold": True})
        self.hint = book.add_format({"italic": True, "font_size": 9, "font_color": "#555555"})
        # Stays text also after somebody has pressed F2 and Enter in it.
        self.text = book.add_format(top | {"num_format": "@", "quote_prefix": True})
        self.lines = book.add_format(top | {"num_format": "@", "quote_prefix": True, "text_wrap": True})
        self.shown = book.add_format(top | {"num_format": "@", "quote_prefix": True, "font_color": "#666666"})
        self.day = book.add_format(top | {"num_format": _DAY_FORMAT, "align": "left"})
        self.whole = book.add_format(top | {"num_format": "0"})

    def of(self, column: Column) -> Any:
        own = {Kind.DAY: self.day, Kind.WHOLE: self.whole, Kind.LINES: self.lines, Kind.SHOWN: self.shown}
        return own.get(column.kind, self.text)


def _write_tab(worksheet: Any, shape: Shape, rows: Iterable[Row], formats: _Formats) -> None:
    for place, column in enumerate(shape.columns):
        worksheet.set_column(place, place, column.width, formats.of(column))
    worksheet.set_row(0, 48)
    worksheet.freeze_panes(1, 1)
    for place, column in enumerate(shape.columns):
        _write_heading(worksheet, place, column, formats)
    last, styles = 0, [formats.of(column) for column in shape.columns]
    for last, row in enumerate(rows, start=1):
        for place, (column, text) in enumerate(zip(shape.columns, row, strict=True)):
            if text:
                _write_cell(worksheet, (last, place), column, text, styles[place])
    _write_lists(worksheet, shape, last + _ROOM_BELOW)
    worksheet.autofilter(0, 0, max(last, 1), len(shape.columns) - 1)
    worksheet.repeat_rows(0)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.ignore_errors({"number_stored_as_text": f"A1:{chr(ord('A') + len(shape.columns) - 1)}{last + _ROOM_BELOW}"})


def _write_heading(worksheet: Any, place: int, column: Column, formats: _Formats) -> None:
    style = formats.shown_head if column.kind is Kind.SHOWN else formats.head
    if column.note:
        worksheet.write_rich_string(0, place, formats.bold, column.heading, formats.hint, f"\n{column.note}", style)
    else:
        worksheet.write_string(0, place, column.heading, style)


def _write_cell(worksheet: Any, at: tuple[int, int], column: Column, text: str, style: Any) -> None:
    if column.kind is Kind.DAY:
        worksheet.write_datetime(*at, date.fromisoformat(text), style)
    elif column.kind is Kind.WHOLE:
        worksheet.write_number(*at, int(text), style)
    else:
        worksheet.write_string(*at, _safe(column.choices.get(text, text)), style)


def _write_lists(worksheet: Any, shape: Shape, last: int) -> None:
    for place, column in enumerate(shape.columns):
        if column.choices:
            worksheet.data_validation(1, place, last, place, {"validate": "list", "source": list(column.choices.values())})


def _write_instructions(book: Any) -> None:
    worksheet = book.add_worksheet(INSTRUCTIONS_TAB)
    worksheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    heading = book.add_format({"bold": True})
    for row, words in enumerate(INSTRUCTIONS):
        worksheet.write_string(row, 0, words, *([heading] if row == 0 else []))


def _safe(text: str) -> str:
    """XlsxWriter takes text between <r> tags for finished markup and writes it unescaped; so it gets finished markup."""
    text = writable(text)
    is_markup = text.startswith("<r>") and text.endswith("</r>")
    return f'<r><t xml:space="preserve">{html.escape(text, quote=False)}</t></r>' if is_markup else text
