"""The document around the pages: python-docx's template emptied and given the styles of the house, packed without a clock."""

import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn

from iki_portal.documents.docx_elements import (
    CELL,
    COLUMN,
    FIELD,
    ITEM,
    LETTERHEAD,
    NOT_IN_XML,
    NOTE,
    OPENING,
    SIGNATURE,
    element,
    one_line,
    twips,
)

FONT = "Arial"  # every word processor has it, or Arimo or Liberation Sans with the same widths
#: On a draft without any date, in the properties and in the archive: the same bytes every day.
NO_DATE = date(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
#: The office's lettered list; the lists of one document are numbered from it on.
LIST_ID = 100
_KEPT_STYLES = {"Normal", "heading 1", "heading 2", "header", "footer", "Default Paragraph Font", "Normal Table", "No List"}
_LEFT_OUT_PARTS = ("stylesWithEffects", "customXml", "thumbnail")

FIELD_INDENT_MM = 34


def furnish(document: Any) -> None:
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
    spacing.getparent().replace(
        spacing, element("w:pPr", {}, element("w:spacing", {"after": 0, "line": 240, "lineRule": "auto"}))
    )
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
    shape = element("w:rPr", {}, element("w:rFonts", fonts), *([element("w:b"), element("w:bCs")] if bold else []))
    shape.append(element("w:color", {"val": "000000"}))
    shape.append(element("w:sz", {"val": size}))
    shape.append(element("w:szCs", {"val": size}))
    if language:
        shape.append(element("w:lang", {"val": "id-ID", "eastAsia": "id-ID", "bidi": "ar-SA"}))
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
    stop, indent = twips(FIELD_INDENT_MM - 4), twips(FIELD_INDENT_MM)
    hanging = ("w:ind", {"left": indent, "hanging": indent})
    tabs = element("w:tabs", {}, *(element("w:tab", {"val": "left", "pos": place}) for place in (stop, indent)))
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
    look = style.element
    for tag in ("w:pPr", "w:rPr", "w:link"):
        for found in look.findall(qn(tag)):
            look.remove(found)
    parts = [element(*part) if isinstance(part, tuple) else part for part in layout]
    if level is not None:
        parts.append(element("w:outlineLvl", {"val": level}))
    look.append(element("w:pPr", {}, *parts))
    look.append(_shape(size, bold=level is not None or name == COLUMN))


def _letters() -> Any:
    """The list of the office's document: a., b., …"""
    indent = twips(FIELD_INDENT_MM)
    level = element(
        "w:lvl",
        {"ilvl": 0},
        element("w:start", {"val": 1}),
        element("w:numFmt", {"val": "lowerLetter"}),
        element("w:lvlText", {"val": "%1."}),
        element("w:lvlJc", {"val": "left"}),
        element("w:pPr", {}, element("w:ind", {"left": indent + 400, "hanging": 400})),
    )
    return element("w:abstractNum", {"abstractNumId": LIST_ID}, element("w:multiLevelType", {"val": "singleLevel"}), level)


def set_properties(document: Any, title: str, day: date) -> None:
    properties = document.core_properties
    properties.title = NOT_IN_XML.sub("\ufffd", one_line(title))[:255]
    properties.language = "id-ID"
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.combine(day, time(), UTC)
    properties.revision = 1


def packed(document: Any) -> bytes:
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
