"""A sheet, or a book of sheets, as a DOCX that people go on editing in Word or LibreOffice.

Texts come out as they are; what XML cannot hold becomes U+FFFD. Lists are numbered by the word processor, headings are
real headings, and whatever is not the sheet itself (letterhead, opening, notes, sign blocks) has a style of its own, by
which `iki_portal.imports.word` passes over it. The same facts give the same bytes.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import Office, PrintedSheet, Signer, target_text
from iki_portal.domain.workflow import revision_name

TITLE = "INDIKATOR KINERJA INDIVIDU (IKI)"
DRAFT = "DRAF"
FONT = "Arial"  # every word processor has it, or Arimo or Liberation Sans with the same widths
PAGE_SIZES_MM = {"a4": (210, 297), "f4": (215, 330)}
MARGIN_MM = 20
COLUMNS = (
    ("NO", 9),
    ("KINERJA", 33),
    ("INDIKATOR KINERJA", 33),
    ("PENJELASAN/\nFORMULASI", 32),
    ("SUMBER DATA", 29),
    ("SATUAN", 17),
    ("TARGET", 17),
)
_CENTRED_COLUMNS = (0, 5, 6)
#: On a draft without any date, in the properties and in the archive: the same bytes every day.
_NO_DATE = date(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIST_ID = 100
_KEPT_STYLES = {"Normal", "heading 1", "heading 2", "header", "footer", "Default Paragraph Font", "Normal Table", "No List"}
_LEFT_OUT_PARTS = ("stylesWithEffects", "customXml", "thumbnail")

LETTERHEAD, OPENING, NOTE, SIGNATURE = "IKI Kop Surat", "IKI Pembuka", "IKI Catatan", "IKI Tanda Tangan"
FIELD, ITEM, CELL, COLUMN = "IKI Isian", "IKI Butir", "IKI Sel", "IKI Kepala Kolom"
_FIELD_INDENT_MM = 34


def sheet_docx(sheet: PrintedSheet) -> bytes:
    title = f"Indikator Kinerja Individu – {sheet.paper.position} – {sheet.paper.year}"
    return _Writer(title, [sheet]).book(sheet.office, ())


def book_docx(
    sheets: Sequence[PrintedSheet], *, title: str, office: Office, opening: Sequence[str] = (), centred: int = 0
) -> bytes:
    """Many sheets, each from a new page on; `opening` is the text before them, under the letterhead of `office`.

    The first `centred` paragraphs of it are its title.
    """
    return _Writer(title, sheets).book(office, opening, centred)


@dataclass(frozen=True, slots=True)
class _Edges:
    """What stands above and below every page of a section."""

    header: str = ""
    note: str = ""


class _Writer:
    def __init__(self, title: str, sheets: Sequence[PrintedSheet]) -> None:
        self.sheets = sheets
        self.document: Any = docx.Document()
        _furnish(self.document)
        _set_properties(self.document, title, _day_of(sheets))
        self.numbering: Any = self.document.part.numbering_part.element
        self.lists = 0
        self.edges: _Edges | None = None

    def book(self, office: Office, opening: Sequence[str], centred: int = 0) -> bytes:
        section = self.document.sections[0]
        if opening:
            self._set_up(section, office, _Edges())
            self._add(*_letterhead(office), *_opening(opening, centred))
        for place, sheet in enumerate(self.sheets):
            if opening or place:
                section = self._next_page()
            self._set_up(section, sheet.office, _edges_of(sheet))
            self._add(*_letterhead(sheet.office), *self._sheet(sheet))
        self._add(_end())
        return _packed(self.document)

    def _add(self, *elements: Any) -> None:
        last = self.document.element.body[-1]
        for element in elements:
            last.addprevious(element)

    def _next_page(self) -> Any:
        """A section of its own; the paragraph that ends the one before takes no room, or it could fill a page."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        ending = self.document.element.body[-2]
        ending[0].insert(0, _el("w:pStyle", {"val": NOTE.replace(" ", "")}))
        ending[0].insert(1, _el("w:spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}))
        return section

    def _set_up(self, section: Any, office: Office, edges: _Edges) -> None:
        width, height = PAGE_SIZES_MM[office.page_size]
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
        section.header_distance = section.footer_distance = Mm(10)
        if edges == self.edges:
            return  # goes on from the section before
        self.edges = edges
        _fill(section.header, [_paragraph("Header", edges.header, bold=True)])
        pages = _el("w:p", {}, _style("Footer"), *_field_runs())
        _fill(section.footer, [pages, *([_paragraph("Footer", edges.note, size=14)] if edges.note else [])])

    def _sheet(self, sheet: PrintedSheet) -> Iterator[Any]:
        paper = sheet.paper
        if sheet.is_draft:
            yield _paragraph(NOTE, DRAFT, bold=True, centred=True, size=24)
        yield _paragraph("Heading1", TITLE)
        for line in paper.heading.splitlines():
            yield _paragraph("Heading2", line)
        yield _field("Unit Kerja", paper.position)
        yield _field("Tugas Pokok", paper.main_duty)
        if paper.duties and paper.main_duty:
            yield _field("Uraian Tugas", "")
        yield from self._list(paper.duties)
        if paper.functions:
            yield _field("Fungsi", "")
            yield from self._list(paper.functions)
        yield _gap(keep=True)
        signatures = _signatures(sheet)
        yield _table(paper, sheet.office, keep_end=signatures is not None)
        for text in sheet.remarks:
            yield _paragraph(NOTE, text, keep=signatures is not None)
        if signatures is not None:
            yield _gap(keep=True)
            yield signatures

    def _list(self, texts: Sequence[str]) -> Iterator[Any]:
        self.lists += 1
        number = _LIST_ID + self.lists
        start = _el("w:lvlOverride", {"ilvl": 0}, _el("w:startOverride", {"val": 1}))
        self.numbering.append(_el("w:num", {"numId": number}, _el("w:abstractNumId", {"val": _LIST_ID}), start))
        for text in texts:
            place = _el("w:numPr", {}, _el("w:ilvl", {"val": 0}), _el("w:numId", {"val": number}))
            properties = _style(ITEM)
            properties.append(place)
            yield _el("w:p", {}, properties, _run(_one_line(text)))


def _opening(texts: Sequence[str], centred: int) -> Iterator[Any]:
    for place, text in enumerate(texts):
        yield _paragraph(OPENING, text, bold=place < centred, centred=place < centred)


def _day_of(sheets: Sequence[PrintedSheet]) -> date:
    return max((sheet.approved.on for sheet in sheets if sheet.approved and sheet.approved.on), default=_NO_DATE)


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


def _letterhead(office: Office) -> Iterator[Any]:
    lines = office.letterhead
    for place, line in enumerate(lines):
        paragraph = _paragraph(LETTERHEAD, line, bold=place < 2)
        if place == len(lines) - 1:
            rule = _el("w:bottom", {"val": "single", "sz": 12, "space": 4, "color": "000000"})
            paragraph[0].append(_el("w:pBdr", {}, rule))
            paragraph[0].append(_el("w:spacing", {"after": 240}))
        yield paragraph


def _field(name: str, text: str) -> Any:
    """ "Unit Kerja : …", the texts of all fields below each other."""
    return _el("w:p", {}, _style(FIELD), _run(f"{name}\t:"), *([_run(f"\t{_one_line(text)}")] if text else []))


def _table(paper: Paper, office: Office, *, keep_end: bool) -> Any:
    widths = _widths(office)
    header = [_paragraph(COLUMN, name) for name, _ in COLUMNS]
    numbers = [_paragraph(COLUMN, f"({number})") for number in range(1, len(COLUMNS) + 1)]
    table = _el("w:tbl", {}, _table_properties(widths, "single"), _grid(widths))
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
            _paragraph(CELL, text, centred=column in _CENTRED_COLUMNS, keep=keep_end and last)
            for column, text in enumerate(texts)
        ]
        yield _row(cells, widths, merge=("restart" if first else "continue") if several else None)


def _indicator_texts(indicator: PaperIndicator | None) -> tuple[str, ...]:
    if indicator is None:
        return ("",) * 5
    target = target_text(indicator.target, indicator.target_upper)
    return (indicator.text, indicator.formula, indicator.source, indicator.unit_of_measure, target)


def _row(cells: Sequence[Any], widths: Sequence[int], *, repeated: bool = False, merge: str | None = None) -> Any:
    row = _el("w:tr", {}, _el("w:trPr", {}, _el("w:cantSplit"), *([_el("w:tblHeader")] if repeated else [])))
    for column, (content, width) in enumerate(zip(cells, widths, strict=True)):
        properties = _el("w:tcPr", {}, _el("w:tcW", {"w": width, "type": "dxa"}))
        if merge and column < 2:
            properties.append(_el("w:vMerge", {"val": merge}))
        if repeated:
            properties.append(_el("w:vAlign", {"val": "center"}))
        row.append(_el("w:tc", {}, properties, content))
    return row


def _signatures(sheet: PrintedSheet) -> Any | None:
    """Who proposed on the left, who approved on the right; None when nobody did."""
    if sheet.proposed is None and sheet.approved is None:
        return None
    left = _signature(sheet.proposed, ["Yang mengusulkan,"])
    approved = sheet.approved
    right = _signature(approved, sheet.office.at_place(approved.on) if approved else [])
    half = sum(_widths(sheet.office)) // 2
    properties, grid = _table_properties([half, half], "none"), _grid([half, half])
    row = _el("w:tr", {}, _el("w:trPr", {}, _el("w:cantSplit")))
    for paragraphs in (left, right):
        row.append(_el("w:tc", {}, _el("w:tcPr", {}, _el("w:tcW", {"w": half, "type": "dxa"})), *paragraphs))
    return _el("w:tbl", {}, properties, grid, row)


def _signature(signer: Signer | None, lines: Sequence[str]) -> list[Any]:
    if signer is None:
        return [_paragraph(SIGNATURE, "")]
    above = [*lines, *([f"{signer.title},"] if signer.title else [])]
    name = _paragraph(SIGNATURE, signer.full_name, bold=True, keep=True)
    name[0].append(_el("w:spacing", {"before": 1100}))
    below = [line for line in (signer.rank, signer.identifier) if line]
    return [
        *(_paragraph(SIGNATURE, line, keep=True) for line in above),
        name,
        *(_paragraph(SIGNATURE, line, keep=True) for line in below),
    ]


def _field_runs() -> Iterator[Any]:
    """ "Halaman n dari m", counted by the word processor."""
    for words, code in (("Halaman ", "PAGE"), (" dari ", "NUMPAGES")):
        yield _run(words)
        yield _el("w:r", {}, _el("w:fldChar", {"fldCharType": "begin"}))
        instruction = _el("w:instrText", {})
        instruction.text = f" {code} "
        instruction.set(qn("xml:space"), "preserve")
        yield _el("w:r", {}, instruction)
        yield _el("w:r", {}, _el("w:fldChar", {"fldCharType": "separate"}))
        yield _run("1")
        yield _el("w:r", {}, _el("w:fldChar", {"fldCharType": "end"}))


# Elements


def _el(tag: str, attributes: Mapping[str, object] | None = None, *children: Any) -> Any:
    element: Any = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        element.set(qn(f"w:{name}"), str(value))
    for child in children:
        element.append(child)
    return element


def _style(name: str) -> Any:
    return _el("w:pPr", {}, _el("w:pStyle", {"val": name.replace(" ", "")}))


def _paragraph(
    style: str, text: str, *, bold: bool = False, centred: bool = False, keep: bool = False, size: int | None = None
) -> Any:
    properties = _style(style)
    if keep:
        properties.append(_el("w:keepNext"))
    if centred:
        properties.append(_el("w:jc", {"val": "center"}))
    return _el("w:p", {}, properties, *([_run(text, bold=bold, size=size)] if text else []))


def _run(text: str, *, bold: bool = False, size: int | None = None) -> Any:
    run = _el("w:r")
    if bold or size:
        shape = _el("w:rPr", {}, *([_el("w:b"), _el("w:bCs")] if bold else []))
        if size:
            shape.append(_el("w:sz", {"val": size}))
            shape.append(_el("w:szCs", {"val": size}))
        run.append(shape)
    run.text = _NOT_IN_XML.sub("\ufffd", text.replace("\r\n", "\n"))  # python-docx: tabs and line breaks to elements
    return run


def _one_line(text: str) -> str:
    """For a field or an item: a line break in it would look like the next one."""
    return re.sub(r"[\t\r\n]+", " ", text)


def _gap(*, keep: bool) -> Any:
    """Between two tables, so that they stay two."""
    return _paragraph(NOTE, "", keep=keep)


def _end() -> Any:
    """Word wants a paragraph after the last table; it takes no room."""
    properties = _style(NOTE)
    properties.append(_el("w:spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}))
    return _el("w:p", {}, properties)


def _widths(office: Office) -> list[int]:
    """In twentieths of a point, over the whole width between the margins."""
    room = PAGE_SIZES_MM[office.page_size][0] - 2 * MARGIN_MM
    spare = room - sum(width for _, width in COLUMNS)
    return [_twips(width + (spare if place == 3 else 0)) for place, (_, width) in enumerate(COLUMNS)]


def _twips(millimetres: int) -> int:
    return round(millimetres * 1440 / 25.4)


def _table_properties(widths: Sequence[int], border: str) -> Any:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    line = {"val": border, "sz": 4, "space": 0, "color": "000000"}
    sides = ("top", "left", "bottom", "right")
    margins = {"top": 40, "left": 70, "bottom": 40, "right": 70}
    return _el(
        "w:tblPr",
        {},
        _el("w:tblW", {"w": sum(widths), "type": "dxa"}),
        _el("w:tblBorders", {}, *(_el(f"w:{edge}", line) for edge in edges)),
        _el("w:tblLayout", {"type": "fixed"}),
        _el("w:tblCellMar", {}, *(_el(f"w:{side}", {"w": margins[side], "type": "dxa"}) for side in sides)),
    )


def _grid(widths: Sequence[int]) -> Any:
    return _el("w:tblGrid", {}, *(_el("w:gridCol", {"w": width}) for width in widths))


def _fill(edge: Any, paragraphs: Sequence[Any]) -> None:
    edge.is_linked_to_previous = False
    first = edge.paragraphs[0]._p
    for paragraph in paragraphs:
        first.addprevious(paragraph)
    first.getparent().remove(first)


# The document around them


def _furnish(document: Any) -> None:
    """Take out of python-docx's template what is not ours, and put the styles of the house in."""
    for holder in (document.part, document.part.package):
        for key, relation in list(holder.rels.items()):
            if any(name in relation.reltype for name in _LEFT_OUT_PARTS):
                del holder.rels[key]
    _modernise(document.settings.element)
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.find(qn("w:name")).get(qn("w:val")) not in _KEPT_STYLES:
            styles.remove(style)
    shape = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    shape.getparent().replace(shape, _shape(20, language=True))
    spacing = styles.find(f"{qn('w:docDefaults')}/{qn('w:pPrDefault')}/{qn('w:pPr')}")
    spacing.getparent().replace(spacing, _el("w:pPr", {}, _el("w:spacing", {"after": 0, "line": 240, "lineRule": "auto"})))
    _restyle(document)
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    numbering.append(_letters())


def _modernise(settings: Any) -> None:
    """Not the compatibility mode of 2010, and no marks of somebody else's editing."""
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for name in ("w:rsids", "w:savePreviewPicture", "w:proofState"):
        for found in settings.findall(qn(name)):
            settings.remove(found)


def _shape(size: int, *, bold: bool = False, language: bool = False) -> Any:
    fonts = {"ascii": FONT, "hAnsi": FONT, "eastAsia": FONT, "cs": FONT}
    shape = _el("w:rPr", {}, _el("w:rFonts", fonts), *([_el("w:b"), _el("w:bCs")] if bold else []))
    shape.append(_el("w:color", {"val": "000000"}))
    shape.append(_el("w:sz", {"val": size}))
    shape.append(_el("w:szCs", {"val": size}))
    if language:
        shape.append(_el("w:lang", {"val": "id-ID", "eastAsia": "id-ID", "bidi": "ar-SA"}))
    return shape


def _restyle(document: Any) -> None:
    centred = ("w:jc", {"val": "center"})
    _dress(document, "Heading 1", 24, ("w:keepNext", {}), ("w:spacing", {"before": 0, "after": 0}), centred, level=0)
    _dress(document, "Heading 2", 24, ("w:keepNext", {}), ("w:spacing", {"before": 0, "after": 160}), centred, level=1)
    _dress(document, "Header", 18, centred)
    _dress(document, "Footer", 16, centred)
    _dress(document, LETTERHEAD, 22, centred)
    _dress(document, OPENING, 22, ("w:spacing", {"after": 120}))
    _dress(document, NOTE, 16)
    _dress(document, SIGNATURE, 20, centred)
    stop, indent = _twips(_FIELD_INDENT_MM - 4), _twips(_FIELD_INDENT_MM)
    hanging = ("w:ind", {"left": indent, "hanging": indent})
    tabs = _el("w:tabs", {}, *(_el("w:tab", {"val": "left", "pos": place}) for place in (stop, indent)))
    _dress(document, FIELD, 20, tabs, ("w:spacing", {"before": 60, "after": 40}), hanging)
    _dress(document, ITEM, 20, ("w:spacing", {"after": 20}))
    _dress(document, CELL, 18)
    _dress(document, COLUMN, 16, ("w:keepNext", {}), centred)


def _dress(document: Any, name: str, size: int, *layout: Any, level: int | None = None) -> None:
    """Give a style its whole look anew: what the template or its theme says of it is gone."""
    known = {style.name for style in document.styles}
    style = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.quick_style = True
    style.hidden = False
    element = style.element
    for tag in ("w:pPr", "w:rPr", "w:link"):
        for found in element.findall(qn(tag)):
            element.remove(found)
    parts = [_el(*part) if isinstance(part, tuple) else part for part in layout]
    if level is not None:
        parts.append(_el("w:outlineLvl", {"val": level}))
    element.append(_el("w:pPr", {}, *parts))
    element.append(_shape(size, bold=level is not None or name == COLUMN))


def _letters() -> Any:
    """The list of the office's document: a., b., …"""
    indent = _twips(_FIELD_INDENT_MM)
    level = _el(
        "w:lvl",
        {"ilvl": 0},
        _el("w:start", {"val": 1}),
        _el("w:numFmt", {"val": "lowerLetter"}),
        _el("w:lvlText", {"val": "%1."}),
        _el("w:lvlJc", {"val": "left"}),
        _el("w:pPr", {}, _el("w:ind", {"left": indent + 400, "hanging": 400})),
    )
    return _el("w:abstractNum", {"abstractNumId": _LIST_ID}, _el("w:multiLevelType", {"val": "singleLevel"}), level)


def _set_properties(document: Any, title: str, day: date) -> None:
    properties = document.core_properties
    properties.title = _NOT_IN_XML.sub("\ufffd", _one_line(title))[:255]
    properties.language = "id-ID"
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.combine(day, time(), UTC)
    properties.revision = 1


def _packed(document: Any) -> bytes:
    """The archive with fixed dates: when it was written is nobody's fact."""
    written, packed = BytesIO(), BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w") as target:
        for entry in source.infolist():
            dated = zipfile.ZipInfo(entry.filename, _ZIP_DATE)
            dated.compress_type = zipfile.ZIP_DEFLATED
            dated.create_system = 0
            target.writestr(dated, source.read(entry))
    return packed.getvalue()
