"""The lines of a Word document: its paragraphs and the rows of its tables, in order, for the one parser of sheets.

A row keeps its cells, a paragraph is never taken for a row, and texts stay as they are: there is no markup in them to
free them of. Cells merged downwards say their text once (NO, KINERJA) or in every row (the other columns).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.oxml import parse_xml

from iki_portal.imports.archive import EDGES, NUMBERING, STYLES, TEXT, word_parts
from iki_portal.imports.columns import SAID_ONCE, column_named, counts_columns, is_header
from iki_portal.imports.findings import Unread, UnreadableDocument
from iki_portal.imports.lines import (
    LONGEST_LINE,
    MOST_CELLS,
    MOST_LINES,
    Line,
    Source,
    beside,
    title_rest,
    without_list_marks,
)
from iki_portal.imports.numbering import BULLET, Numbering
from iki_portal.imports.wordtext import W, blocks_of, box_text, paragraphs_in, text_of

#: What the portal's own documents hold besides the sheets (`iki_portal.documents.docx`).
NOT_THE_SHEET = ("IKI Kop Surat", "IKI Pembuka", "IKI Catatan", "IKI Tanda Tangan")
_FEWEST_COLUMNS = 4  # of a table that goes on without its header; sign blocks have two or three
_EDGE = "di kepala atau kaki halaman"
_TOO_LONG = "Dokumen lebih dari 20.000 baris; berkas ini tampaknya bukan dokumen IKI."


def read_word(content: bytes) -> Source:
    parts = word_parts(content)
    roots = {name: _parsed(data) for name, data in parts.items()}
    body = roots[TEXT].find(f"{W}body")
    if body is None:
        raise UnreadableDocument("Bentuk berkas Word ini tidak dikenal; simpan ulang sebagai .docx biasa.")
    reader = _Reader(roots.get(STYLES), Numbering(roots.get(NUMBERING), roots.get(STYLES)))
    reader.take(body)
    for name in sorted(filter(EDGES.fullmatch, parts)):
        reader.take_edge(roots[name])
    return Source(tuple(reader.lines), tuple(reader.aside), tuple(reader.boxes))


def _parsed(data: bytes) -> Any:
    try:
        return parse_xml(data)
    except (SyntaxError, ValueError):
        raise UnreadableDocument("Isi berkas Word ini rusak dan tidak dapat dibaca.") from None


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    marker: str
    style: str
    boxed: str

    @property
    def line(self) -> str:
        """With its letter; any other mark only says that this is an item of its own."""
        if not self.marker or not self.text.strip():
            return self.text
        return f"{self.marker if self.marker[0].isalpha() else BULLET} {self.text.strip()}"


@dataclass(frozen=True, slots=True)
class _Cell:
    paragraphs: tuple[_Paragraph, ...] = ()
    #: Merged with the cell above.
    continues: bool = False

    @property
    def text(self) -> str:
        texts = (one.text if one.marker in ("", BULLET) else f"{one.marker} {one.text}" for one in self.paragraphs)
        return " ".join(" ".join(texts).split())


@dataclass(slots=True)
class _Layout:
    """What the header of a sheet's table says of its columns."""

    width: int
    said_once: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Place:
    """Where in a table the reader is."""

    has_header: bool = False
    below_header: bool = False
    #: The texts that cells merged downwards still say, by column.
    above: dict[int, str] = field(default_factory=dict)


class _Reader:
    def __init__(self, styles: Any | None, numbering: Numbering) -> None:
        self.lines: list[Line] = []
        self.aside: list[Unread] = []
        self.boxes: list[int] = []
        self._numbering = numbering
        self._styles = {} if styles is None else _style_names(styles)
        self._layout: _Layout | None = None
        self._count = 0
        self._rows = 0

    def take(self, body: Any) -> None:
        for block in blocks_of(body):
            if block.tag == f"{W}p":
                self._take_text([self._paragraph(block)])
            elif block.tag == f"{W}tbl":
                self._take_table(block)
            elif block.tag in (f"{W}altChunk", f"{W}subDoc"):
                raise UnreadableDocument("Berkas Word ini memuat dokumen sisipan; salin isinya ke dalam dokumen ini dahulu.")

    def take_edge(self, root: Any) -> None:
        """A header, a footer or the notes: each of their texts once."""
        texts = (" ".join(text_of(each).split()) for each in root.iter(f"{W}p"))
        known = {each.text for each in self.aside if each.where == _EDGE}
        for text in dict.fromkeys(texts):
            if text and text not in known:
                self.aside.append(Unread(self._line(text).number, text, _EDGE))

    def _paragraph(self, element: Any) -> _Paragraph:
        """Once for each, in order: the letters of lists are counted."""
        found = element.find(f"{W}pPr/{W}pStyle")
        style = "" if found is None else found.get(f"{W}val", "")
        marker = self._numbering.marker(element, style)
        return _Paragraph(text_of(element), marker, self._styles.get(style, ""), box_text(element))

    # Text

    def _take_text(self, paragraphs: Sequence[_Paragraph]) -> None:
        """One paragraph, or those that stand beside each other in a row without being rows of the sheet."""
        style = paragraphs[0].style
        for text in beside([one.line for one in paragraphs]).split("\n"):
            if style in NOT_THE_SHEET:
                line = self._line(text)
                self.aside.append(Unread(line.number, line.text, style.removeprefix("IKI ")))
            else:
                self._add(text, is_heading=style.casefold().startswith("heading"))
        self._note_boxes(paragraphs)

    def _add(self, text: str, *, is_heading: bool) -> None:
        if "\t" in text and is_header(tuple(" ".join(cell.split()) for cell in text.split("\t"))):
            raise UnreadableDocument(f"Baris {self._count + 1}: tabel ditulis dengan tab; jadikan tabel Word dahulu.")
        line = self._line(text, is_heading=is_heading)
        if title_rest(line.text) is not None:
            self._layout = None
        self.lines.append(line)

    def _line(self, text: str, *, is_heading: bool = False) -> Line:
        raw = " ".join(text.split())
        return self._numbered(raw, raw if is_heading else without_list_marks(raw), ())

    def _numbered(self, raw: str, text: str, cells: tuple[str, ...]) -> Line:
        self._count += 1
        if self._count > MOST_LINES:
            raise UnreadableDocument(_TOO_LONG)
        if len(raw) > LONGEST_LINE:
            raise UnreadableDocument(f"Baris {self._count} lebih panjang dari 20.000 huruf dan tidak dapat dibaca.")
        return Line(self._count, raw, text, cells)

    # Tables

    def _take_table(self, table: Any) -> None:
        place = _Place()
        for row in [block for block in blocks_of(table) if block.tag == f"{W}tr"]:
            self._rows += 1
            if self._rows > MOST_LINES:
                raise UnreadableDocument(_TOO_LONG)
            cells = self._cells(row)
            if is_header([cell.text for cell in cells]) and not place.below_header:
                self._open(cells, place)
            elif self._layout and place.below_header and _repeats_header(cells, self._layout):
                self._add_row(
                    [place.above.get(column, "") if cell.continues else cell.text for column, cell in enumerate(cells)]
                )
            elif self._layout and self._is_row(cells, self._layout, place):
                self._take_row(cells, self._layout, place)
            else:
                self._take_beside(cells)

    def _cells(self, row: Any) -> list[_Cell]:
        """One for each column of the grid; a cell over several columns says its text in the first."""
        cells = [_Cell()] * _span(row.find(f"{W}trPr/{W}gridBefore"), 0)
        for cell in blocks_of(row):
            if cell.tag != f"{W}tc":
                continue
            merge, span = cell.find(f"{W}tcPr/{W}vMerge"), _span(cell.find(f"{W}tcPr/{W}gridSpan"), 1)
            continues = merge is not None and merge.get(f"{W}val") != "restart"
            cells.append(_Cell(tuple(self._paragraph(each) for each in paragraphs_in(cell)), continues))
            cells += [_Cell((), continues)] * (span - 1)
            if len(cells) > MOST_CELLS:
                raise UnreadableDocument(f"Baris {self._count + 1} berisi lebih dari {MOST_CELLS} sel dan tidak dapat dibaca.")
        return cells

    def _open(self, cells: Sequence[_Cell], place: _Place) -> None:
        texts = [cell.text for cell in cells]
        once = {column for column, text in enumerate(texts) if column_named(text) in SAID_ONCE}
        self._layout = _Layout(len(cells), once)
        place.has_header = place.below_header = True
        place.above = dict(enumerate(texts))
        self._add_row(texts)

    def _is_row(self, cells: Sequence[_Cell], layout: _Layout, place: _Place) -> bool:
        """Not a title or a remark across a table, nor a sign block in a table of its own."""
        written = [cell for cell in cells if cell.paragraphs]
        if len(written) == 1 and len(cells) > 1:
            return False
        return place.has_header or len(cells) in range(_FEWEST_COLUMNS, MOST_CELLS + 1) or len(cells) == layout.width

    def _take_row(self, cells: Sequence[_Cell], layout: _Layout, place: _Place) -> None:
        place.below_header = False
        texts = []
        for column, cell in enumerate(cells):
            if not cell.continues:
                place.above[column] = cell.text
            texts.append("" if cell.continues and column in layout.said_once else place.above.get(column, ""))
        if any(texts):
            self._add_row(texts)
        self._note_boxes([one for cell in cells for one in cell.paragraphs])

    def _add_row(self, texts: Sequence[str]) -> None:
        self.lines.append(self._numbered("\t".join(texts), " ".join(text for text in texts if text), tuple(texts)))

    def _take_beside(self, cells: Sequence[_Cell]) -> None:
        """A row that only lays text out: "Unit Kerja", ":" and the post in three cells, or two sign blocks."""
        written = [cell.paragraphs for cell in cells if cell.paragraphs]
        first = [paragraphs[0] for paragraphs in written]
        if first and all(one.style in NOT_THE_SHEET for one in first):
            written = [(one,) for paragraphs in written for one in paragraphs]
            first = []
        if first:
            self._take_text(first)
            written = [paragraphs[1:] for paragraphs in written]
        for paragraphs in written:
            for one in paragraphs:
                self._take_text([one])

    def _note_boxes(self, paragraphs: Sequence[_Paragraph]) -> None:
        boxed = [one.boxed for one in paragraphs if one.boxed]
        if boxed:
            self.boxes.append(self._count)
            self.aside.append(Unread(self._count, " ".join(boxed), "di kotak teks"))


def _repeats_header(cells: Sequence[_Cell], layout: _Layout) -> bool:
    """The second line of a header: "(1) (2) (3) …", the names below a wide cell, or NO or KINERJA merged with the first."""
    texts = [cell.text for cell in cells]
    merged = any(cell.continues for column, cell in enumerate(cells) if column in layout.said_once)
    return merged or counts_columns(texts) or is_header(texts)


def _style_names(styles: Any) -> dict[str, str]:
    names = {}
    for style in styles.findall(f"{W}style"):
        name = style.find(f"{W}name")
        if name is not None:
            names[str(style.get(f"{W}styleId", ""))] = str(name.get(f"{W}val", ""))
    return names


def _span(element: Any | None, otherwise: int) -> int:
    text = "" if element is None else str(element.get(f"{W}val", ""))
    if not (text.isascii() and text.isdigit()):
        return otherwise
    return max(otherwise, int(text)) if len(text) < 3 else MOST_CELLS + 1
