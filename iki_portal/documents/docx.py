"""A sheet, or a book of sheets, as a DOCX that people go on editing in Word or LibreOffice.

Texts come out as they are; what XML cannot hold becomes U+FFFD. Lists are numbered by the word processor, headings are
real headings, and whatever is not the sheet itself (letterhead, opening, notes, sign blocks) has a style of its own, by
which `iki_portal.imports.word` passes over it. The same facts give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.shared import Mm

from iki_portal.documents.docx_elements import (
    CELL,
    COLUMN,
    COLUMNS,
    FIELD,
    ITEM,
    MARGIN_MM,
    NOTE,
    OPENING,
    PAGE_SIZES_MM,
    column_widths,
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
)
from iki_portal.documents.docx_parts import letterhead, page_numbers, signature
from iki_portal.documents.docx_template import LIST_ID, NO_DATE, furnish, packed, set_properties
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import Office, PrintedSheet, target_text
from iki_portal.domain.workflow import revision_name

TITLE = "INDIKATOR KINERJA INDIVIDU (IKI)"
DRAFT = "DRAF"
_CENTRED_COLUMNS = (0, 5, 6)
#: Sheets from one word about the progress of a book to the next.
SHEETS_TO_A_WORD = 50


def sheet_docx(sheet: PrintedSheet) -> bytes:
    title = f"Indikator Kinerja Individu – {sheet.paper.position} – {sheet.paper.year}"
    return _Writer(title, [sheet]).book(sheet.office, ())


def book_docx(
    sheets: Sequence[PrintedSheet],
    *,
    title: str,
    office: Office,
    opening: Sequence[str] = (),
    centred: int = 0,
    progress: Callable[[int], None] = lambda _done: None,
) -> bytes:
    """Many sheets, each from a new page on; `opening` is the text before them, under the letterhead of `office`.

    The first `centred` paragraphs of it are its title. `progress` is told now and then how many sheets are written.
    """
    return _Writer(title, sheets).book(office, opening, centred, progress)


@dataclass(frozen=True, slots=True)
class _Edges:
    """What stands above and below every page of a section."""

    header: str = ""
    note: str = ""


class _Writer:
    def __init__(self, title: str, sheets: Sequence[PrintedSheet]) -> None:
        self.sheets = sheets
        self.document: Any = docx.Document()
        furnish(self.document)
        set_properties(self.document, title, _day_of(sheets))
        self.numbering: Any = self.document.part.numbering_part.element
        self.lists = 0
        self.edges: _Edges | None = None

    def book(
        self,
        office: Office,
        opening: Sequence[str],
        centred: int = 0,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> bytes:
        section = self.document.sections[0]
        if opening:
            self._set_up(section, office, _Edges())
            self._add(*letterhead(office), *_opening(opening, centred))
        for place, sheet in enumerate(self.sheets):
            if opening or place:
                section = self._next_page()
            self._set_up(section, sheet.office, _edges_of(sheet))
            self._add(*letterhead(sheet.office), *self._sheet(sheet))
            if place and place % SHEETS_TO_A_WORD == 0:
                progress(place)
        self._add(ending())
        return packed(self.document)

    def _add(self, *elements: Any) -> None:
        last = self.document.element.body[-1]
        for each in elements:
            last.addprevious(each)

    def _next_page(self) -> Any:
        """A section of its own; the paragraph that ends the one before takes no room, or it could fill a page."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        ending = self.document.element.body[-2]
        ending[0].insert(0, element("w:pStyle", {"val": NOTE.replace(" ", "")}))
        ending[0].insert(1, element("w:spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}))
        return section

    def _set_up(self, section: Any, office: Office, edges: _Edges) -> None:
        width, height = PAGE_SIZES_MM[office.page_size]
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
        section.header_distance = section.footer_distance = Mm(10)
        if edges == self.edges:
            return  # goes on from the section before
        self.edges = edges
        fill(section.header, [paragraph("Header", edges.header, bold=True)])
        pages = page_numbers()
        fill(section.footer, [pages, *([paragraph("Footer", edges.note, size=14)] if edges.note else [])])

    def _sheet(self, sheet: PrintedSheet) -> Iterator[Any]:
        paper = sheet.paper
        if sheet.is_draft:
            yield paragraph(NOTE, DRAFT, bold=True, centred=True, size=24)
        yield paragraph("Heading1", TITLE)
        for line in paper.heading.splitlines():
            yield paragraph("Heading2", line)
        yield _field("Unit Kerja", paper.position)
        yield _field("Tugas Pokok", paper.main_duty)
        if paper.duties and paper.main_duty:
            yield _field("Uraian Tugas", "")
        yield from self._list(paper.duties)
        if paper.functions:
            yield _field("Fungsi", "")
            yield from self._list(paper.functions)
        yield gap(keep=True)
        signatures = _signatures(sheet)
        yield _table(paper, sheet.office, keep_end=signatures is not None)
        for text in sheet.remarks:
            yield paragraph(NOTE, text, keep=signatures is not None)
        if signatures is not None:
            yield gap(keep=True)
            yield signatures

    def _list(self, texts: Sequence[str]) -> Iterator[Any]:
        self.lists += 1
        number = LIST_ID + self.lists
        start = element("w:lvlOverride", {"ilvl": 0}, element("w:startOverride", {"val": 1}))
        self.numbering.append(element("w:num", {"numId": number}, element("w:abstractNumId", {"val": LIST_ID}), start))
        for text in texts:
            place = element("w:numPr", {}, element("w:ilvl", {"val": 0}), element("w:numId", {"val": number}))
            properties = styled(ITEM)
            properties.append(place)
            yield element("w:p", {}, properties, run(one_line(text)))


def _opening(texts: Sequence[str], centred: int) -> Iterator[Any]:
    for place, text in enumerate(texts):
        yield paragraph(OPENING, text, bold=place < centred, centred=place < centred)


def _day_of(sheets: Sequence[PrintedSheet]) -> date:
    return max((sheet.approved.on for sheet in sheets if sheet.approved and sheet.approved.on), default=NO_DATE)


def _edges_of(sheet: PrintedSheet) -> _Edges:
    if sheet.is_draft:
        return _Edges(header=DRAFT)
    if sheet.proof is None:
        return _Edges()
    revision = revision_name(sheet.paper.revision)
    return _Edges(
        note=f"Salinan untuk disunting dari lembar register {sheet.proof.register}, {revision[0].lower()}{revision[1:]}; "
        "bukan dokumen resmi. Naskah resmi: PDF dari Portal IKI."
    )


# The parts of a page


def _field(name: str, text: str) -> Any:
    """ "Unit Kerja : …", the texts of all fields below each other."""
    return element("w:p", {}, styled(FIELD), run(f"{name}\t:"), *([run(f"\t{one_line(text)}")] if text else []))


def _table(paper: Paper, office: Office, *, keep_end: bool) -> Any:
    widths = column_widths(office)
    header = [paragraph(COLUMN, name) for name, _ in COLUMNS]
    numbers = [paragraph(COLUMN, f"({number})") for number in range(1, len(COLUMNS) + 1)]
    table = element("w:tbl", {}, table_properties(widths, "single"), grid(widths))
    table.append(_row(header, widths, repeated=True))
    table.append(_row(numbers, widths, repeated=True))
    for statement in paper.statements:
        last = statement is paper.statements[-1]
        for row in _statement_rows(statement, widths, keep_end=keep_end and last):
            table.append(row)
    return table


def _statement_rows(statement: PaperStatement, widths: Sequence[int], *, keep_end: bool) -> Iterator[Any]:
    several = len(statement.indicators) > 1
    for place, indicator in enumerate(statement.indicators or (None,)):
        first, last = place == 0, place >= len(statement.indicators) - 1
        texts = [str(statement.number) if first else "", statement.text if first else "", *_indicator_texts(indicator)]
        cells = [
            paragraph(CELL, text, centred=column in _CENTRED_COLUMNS, keep=keep_end and last)
            for column, text in enumerate(texts)
        ]
        yield _row(cells, widths, merge=("restart" if first else "continue") if several else None)


def _indicator_texts(indicator: PaperIndicator | None) -> tuple[str, ...]:
    if indicator is None:
        return ("",) * 5
    target = target_text(indicator.target, indicator.target_upper)
    return (indicator.text, indicator.formula, indicator.source, indicator.unit_of_measure, target)


def _row(cells: Sequence[Any], widths: Sequence[int], *, repeated: bool = False, merge: str | None = None) -> Any:
    row = element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit"), *([element("w:tblHeader")] if repeated else [])))
    for column, (content, width) in enumerate(zip(cells, widths, strict=True)):
        properties = element("w:tcPr", {}, element("w:tcW", {"w": width, "type": "dxa"}))
        if merge and column < 2:
            properties.append(element("w:vMerge", {"val": merge}))
        if repeated:
            properties.append(element("w:vAlign", {"val": "center"}))
        row.append(element("w:tc", {}, properties, content))
    return row


def _signatures(sheet: PrintedSheet) -> Any | None:
    """Who proposed on the left, who approved on the right; None when nobody did."""
    if sheet.proposed is None and sheet.approved is None:
        return None
    left = signature(sheet.proposed, ["Yang mengusulkan,"])
    approved = sheet.approved
    right = signature(approved, sheet.office.at_place(approved.on) if approved else [])
    half = sum(column_widths(sheet.office)) // 2
    properties, columns = table_properties([half, half], "none"), grid([half, half])
    row = element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit")))
    for paragraphs in (left, right):
        row.append(element("w:tc", {}, element("w:tcPr", {}, element("w:tcW", {"w": half, "type": "dxa"})), *paragraphs))
    return element("w:tbl", {}, properties, columns, row)
