"""Documents of tables as DOCX, for people who go on editing them: the same facts as their PDF, on landscape pages.

Every column heading is repeated on each page, no row is torn unless it is taller than a page, and a footer says where the
official form is. The same facts give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Mm

from iki_portal.documents.docx_elements import (
    CELL,
    COLUMN,
    FIELD,
    MARGIN_MM,
    NOTE,
    PAGE_SIZES_MM,
    element,
    ending,
    fill,
    gap,
    grid,
    one_line,
    paragraph,
    run,
    styled,
    table_properties,
    twips,
)
from iki_portal.documents.docx_parts import letterhead, page_numbers, signature
from iki_portal.documents.docx_template import furnish, packed, set_properties
from iki_portal.documents.tables import PAGE_WIDTH_MM, Group, PaperTable, Section, SignBlock, TableDocument

#: Half points.
_CELL_SIZE, _HEADING_SIZE, _SMALL_NOTE = 15, 19, 14
#: Sections from one word about the progress to the next.
_SECTIONS_TO_A_WORD = 20


def table_docx(document: TableDocument, *, progress: Callable[[int], None] = lambda _done: None) -> bytes:
    """`progress` is told now and then how many sections of the annex are written."""
    made: Any = docx.Document()
    furnish(made)
    set_properties(made, document.name, document.on)
    room = _set_up(made.sections[0], document)
    _add(made, *letterhead(document.office), *_section(document.section, room), *_end(document, room))
    for place, each in enumerate(document.annex, start=1):
        _next_page(made)
        _add(made, *_section(each, room))
        if place % _SECTIONS_TO_A_WORD == 0:
            progress(place)
    _add(made, ending())
    return packed(made)


def _add(made: Any, *elements: Any) -> None:
    last = made.element.body[-1]
    for each in elements:
        last.addprevious(each)


def _next_page(made: Any) -> None:
    """A section of its own, as the one before; the paragraph that ends that takes no room."""
    made.add_section(WD_SECTION.NEW_PAGE)
    closing = made.element.body[-2]
    closing[0].insert(0, element("w:pStyle", {"val": NOTE.replace(" ", "")}))
    closing[0].insert(1, element("w:spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}))


def _set_up(section: Any, document: TableDocument) -> int:
    """A landscape page with its footer; returns the room between its margins in millimetres."""
    width, height = PAGE_SIZES_MM[document.office.page_size]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(height), Mm(width)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    section.header_distance = section.footer_distance = Mm(10)
    note = [paragraph("Footer", document.editable, size=_SMALL_NOTE)] if document.editable else []
    fill(section.footer, [page_numbers(), *note])
    return height - 2 * MARGIN_MM


def _section(section: Section, room: int) -> Iterator[Any]:
    yield paragraph("Heading1", section.titles[0])
    for place, words in enumerate(section.titles[1:], start=2):
        yield paragraph("Heading2" if place == len(section.titles) else "Heading1", words)
    for name, text in section.fields:
        yield element("w:p", {}, styled(FIELD), run(f"{name}\t:"), run(f"\t{one_line(text)}"))
    yield gap(keep=True)
    for table in section.tables:
        if table.heading:
            yield gap(keep=True)
            yield paragraph(NOTE, table.heading, bold=True, keep=True, size=_HEADING_SIZE)
        if table.groups:
            yield _table(table, room)
    for words in section.notes:
        yield paragraph(NOTE, words)


def _table(table: PaperTable, room: int) -> Any:
    widths = [twips(round(column.width * room / PAGE_WIDTH_MM)) for column in table.columns]
    made = element("w:tbl", {}, table_properties(widths, "single"), grid(widths))
    heads = [paragraph(COLUMN, column.heading, size=_CELL_SIZE) for column in table.columns]
    numbers = [paragraph(COLUMN, f"({number})", size=12) for number in range(1, len(table.columns) + 1)]
    for cells in (heads, numbers):
        made.append(_row(cells, widths, element("w:cantSplit"), element("w:tblHeader")))
    for group in table.groups:
        for row in _group(table, group, widths):
            made.append(row)
    return made


def _group(table: PaperTable, group: Group, widths: Sequence[int]) -> Iterator[Any]:
    several, shared = len(group.rows) > 1, len(group.lead)
    for place, cells in enumerate(group.rows):
        texts = (*(group.lead if place == 0 else ("",) * shared), *cells)
        made = [_cell(text, is_centred=table.columns[column].is_centred) for column, text in enumerate(texts)]
        merged = shared if several else 0
        split = () if table.is_tall(group) else (element("w:cantSplit"),)
        yield _row(made, widths, *split, merged=merged, restarts=place == 0)


def _cell(text: str, *, is_centred: bool) -> Any:
    return paragraph(CELL, text, centred=is_centred, size=_CELL_SIZE)


def _row(cells: Sequence[Any], widths: Sequence[int], *properties: Any, merged: int = 0, restarts: bool = False) -> Any:
    """`merged`: so many first cells go on from the row above, unless they restart here."""
    row = element("w:tr", {}, element("w:trPr", {}, *properties))
    for column, (content, width) in enumerate(zip(cells, widths, strict=True)):
        shape = element("w:tcPr", {}, element("w:tcW", {"w": width, "type": "dxa"}))
        if column < merged:
            shape.append(element("w:vMerge", {"val": "restart" if restarts else "continue"}))
        row.append(element("w:tc", {}, shape, content))
    return row


def _end(document: TableDocument, room: int) -> Iterator[Any]:
    if document.signatures:
        yield gap(keep=True)
        yield _signatures(document.signatures, room)
    if document.check:
        yield gap(keep=True)
        for words in document.check.lines:
            yield paragraph(NOTE, words, size=_SMALL_NOTE)


def _signatures(blocks: Sequence[SignBlock], room: int) -> Any:
    """One on the right; two beside each other, their titles on one line."""
    columns = [None, *blocks] if len(blocks) == 1 else list(blocks)
    width = twips(room) // len(columns)
    widths, most = [width] * len(columns), max(len(each.above) for each in blocks)
    row = element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit")))
    for block in columns:
        lines = [*[""] * (most - len(block.above)), *block.above] if block else []
        paragraphs = signature(block.signer if block else None, lines)
        row.append(element("w:tc", {}, element("w:tcPr", {}, element("w:tcW", {"w": width, "type": "dxa"})), *paragraphs))
    return element("w:tbl", {}, table_properties(widths, "none"), grid(widths), row)
