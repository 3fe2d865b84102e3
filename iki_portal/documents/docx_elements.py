"""The elements of a Word document as the portal writes them: paragraphs, runs, and the frame of a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from iki_portal.documents.printed import Office

#: Styles of what is not the sheet itself, and of the sheet's own parts.
LETTERHEAD, OPENING, NOTE, SIGNATURE = "IKI Kop Surat", "IKI Pembuka", "IKI Catatan", "IKI Tanda Tangan"
FIELD, ITEM, CELL, COLUMN = "IKI Isian", "IKI Butir", "IKI Sel", "IKI Kepala Kolom"
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
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, attributes: Mapping[str, object] | None = None, *children: Any) -> Any:
    made: Any = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(f"w:{name}"), str(value))
    for child in children:
        made.append(child)
    return made


def styled(name: str) -> Any:
    return element("w:pPr", {}, element("w:pStyle", {"val": name.replace(" ", "")}))


def paragraph(
    style: str, text: str, *, bold: bool = False, centred: bool = False, keep: bool = False, size: int | None = None
) -> Any:
    properties = styled(style)
    if keep:
        properties.append(element("w:keepNext"))
    if centred:
        properties.append(element("w:jc", {"val": "center"}))
    return element("w:p", {}, properties, *([run(text, bold=bold, size=size)] if text else []))


def run(text: str, *, bold: bool = False, size: int | None = None) -> Any:
    made = element("w:r")
    if bold or size:
        shape = element("w:rPr", {}, *([element("w:b"), element("w:bCs")] if bold else []))
        if size:
            shape.append(element("w:sz", {"val": size}))
            shape.append(element("w:szCs", {"val": size}))
        made.append(shape)
    made.text = NOT_IN_XML.sub("\ufffd", text.replace("\r\n", "\n"))  # python-docx: tabs and line breaks to elements
    return made


def one_line(text: str) -> str:
    """For a field or an item: a line break in it would look like the next one."""
    return re.sub(r"[\t\r\n]+", " ", text)


def gap(*, keep: bool) -> Any:
    """Between two tables, so that they stay two."""
    return paragraph(NOTE, "", keep=keep)


def ending() -> Any:
    """Word wants a paragraph after the last table; it takes no room."""
    properties = styled(NOTE)
    properties.append(element("w:spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}))
    return element("w:p", {}, properties)


def column_widths(office: Office) -> list[int]:
    """In twentieths of a point, over the whole width between the margins."""
    room = PAGE_SIZES_MM[office.page_size][0] - 2 * MARGIN_MM
    spare = room - sum(width for _, width in COLUMNS)
    return [twips(width + (spare if place == 3 else 0)) for place, (_, width) in enumerate(COLUMNS)]


def twips(millimetres: int) -> int:
    return round(millimetres * 1440 / 25.4)


def table_properties(widths: Sequence[int], border: str) -> Any:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    line = {"val": border, "sz": 4, "space": 0, "color": "000000"}
    sides = ("top", "left", "bottom", "right")
    margins = {"top": 40, "left": 70, "bottom": 40, "right": 70}
    return element(
        "w:tblPr",
        {},
        element("w:tblW", {"w": sum(widths), "type": "dxa"}),
        element("w:tblBorders", {}, *(element(f"w:{edge}", line) for edge in edges)),
        element("w:tblLayout", {"type": "fixed"}),
        element("w:tblCellMar", {}, *(element(f"w:{side}", {"w": margins[side], "type": "dxa"}) for side in sides)),
    )


def grid(widths: Sequence[int]) -> Any:
    return element("w:tblGrid", {}, *(element("w:gridCol", {"w": width}) for width in widths))


def fill(edge: Any, paragraphs: Sequence[Any]) -> None:
    edge.is_linked_to_previous = False
    first = edge.paragraphs[0]._p
    for each in paragraphs:
        first.addprevious(each)
    first.getparent().remove(first)
