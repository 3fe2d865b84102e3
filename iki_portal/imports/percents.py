"""Which cells of a workbook Excel shows as per cent: what it keeps of "100%" is the figure 1.

The parser of workbooks gives values without their formats, so the formats are read here, from an archive that
`workbook.examined` has made: small parts, plain XML, no document types.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from xml.parsers import expat

from iki_portal.imports.unpacking import chunks

#: The built-in formats "0%" and "0.00%".
_PER_CENT_FORMATS = frozenset({"9", "10"})
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLES, _BOOK, _RELATIONS = "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"

Element = tuple[str, dict[str, str]]


def per_cent_cells(file: io.BytesIO) -> list[frozenset[tuple[int, int]]]:
    """For each worksheet, in the order of the tabs, the row and column (from 0) of cells shown as per cent."""
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        styles = _per_cent_styles(archive) if _STYLES in names else frozenset()
        parts = [part for part in _worksheets(archive, names) if part in names]
        return [frozenset(_cells(archive, part, styles)) if styles else frozenset() for part in parts]


def parts_by_tab(file: io.BytesIO) -> dict[str, str]:
    """The name of each worksheet → the part of the archive that holds its cells."""
    with zipfile.ZipFile(file) as archive:
        targets = _targets(archive, set(archive.namelist()))
        tabs = [attributes for tag, attributes in _elements(archive, _BOOK) if tag == "sheet"]
    return {tab.get("name", ""): targets[tab["r:id"]] for tab in tabs if tab.get("r:id") in targets}


def _worksheets(archive: zipfile.ZipFile, names: set[str]) -> list[str]:
    targets = _targets(archive, names)
    ids = [attributes.get("r:id", "") for tag, attributes in _elements(archive, _BOOK) if tag == "sheet"]
    return [targets[each] for each in ids if each in targets]


def _targets(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    """The id of each relation to a worksheet → the part that it leads to."""
    targets = {}
    if _RELATIONS in names:
        for tag, attributes in _elements(archive, _RELATIONS):
            if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = (
                    target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
                )
    return targets


def _per_cent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    formats, styles, inside = set(_PER_CENT_FORMATS), [], False
    for tag, attributes in _elements(archive, _STYLES):
        if tag == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(attributes.get("numFmtId", ""))
        elif tag in ("cellXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            styles.append(attributes.get("numFmtId", ""))
    return frozenset(str(place) for place, number in enumerate(styles) if number in formats)


def _cells(archive: zipfile.ZipFile, part: str, styles: frozenset[str]) -> Iterator[tuple[int, int]]:
    row = column = -1
    for tag, attributes in _elements(archive, part):
        if tag == "row":
            row, column = int(attributes.get("r", row + 2)) - 1, -1
        elif tag == "c":
            column += 1
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                row, column = int(match[2]) - 1, _column_number(match[1])
            if attributes.get("s") in styles:
                yield row, column


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[Element]:
    """The elements of a part in the order in which they begin, without the prefix of their namespace."""
    found: list[Element] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    for chunk in chunks(archive, archive.getinfo(part)):
        parser.Parse(chunk, False)
        yield from found
        found.clear()
