"""The letters and numbers that Word writes before a paragraph: they stand nowhere in its text."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_LETTERS = 26
BULLET = "-"


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    start: int


@dataclass(slots=True)
class _List:
    """Lists of one kind count on from each other, unless one of them starts anew."""

    kind: str
    levels: dict[str, _Level] = field(default_factory=dict)
    starts_anew: bool = False


class Numbering:
    def __init__(self, root: Any | None, styles: Any | None) -> None:
        self._lists = {} if root is None else _lists_in(root)
        self._of_style = {} if styles is None else _places_of_styles(styles)
        self._counted: dict[str, dict[int, int]] = defaultdict(dict)

    def marker(self, paragraph: Any, style: str) -> str:
        """ "a.", "2.", "-" or nothing; each paragraph is asked once, in order."""
        properties = paragraph.find(qn("w:pPr"))
        place = _place_in(properties) if properties is not None else None
        number, level = place or self._of_style.get(style, ("0", "0"))
        found = self._lists.get(number)
        if found is None or level not in found.levels:
            return ""
        return _written(found.levels[level].form, self._count(number, found, level))

    def _count(self, number: str, found: _List, level: str) -> int:
        counted = self._counted[number if found.starts_anew else f"kind {found.kind}"]
        depth = int(level)
        counted[depth] = counted.get(depth, found.levels[level].start - 1) + 1
        for deeper in [each for each in counted if each > depth]:
            del counted[deeper]
        return counted[depth]


def _written(form: str, count: int) -> str:
    if form == "none":
        return ""
    if form == "lowerLetter" and 1 <= count <= 2 * _LETTERS:  # beyond, no letter says it plainly
        return chr(ord("a") + (count - 1) % _LETTERS) * ((count - 1) // _LETTERS + 1) + "."
    return f"{count}." if form == "decimal" else BULLET


def _lists_in(root: Any) -> dict[str, _List]:
    kinds = {_attribute(kind, "abstractNumId"): _levels_in(kind) for kind in root.findall(qn("w:abstractNum"))}
    lists = {}
    for each in root.findall(qn("w:num")):
        kind = _value(each.find(qn("w:abstractNumId")))
        found = _List(kind, dict(kinds.get(kind, {})))
        for override in each.findall(qn("w:lvlOverride")):
            _override(found, override)
        lists[_attribute(each, "numId")] = found
    return lists


def _override(found: _List, override: Any) -> None:
    level = _attribute(override, "ilvl")
    found.levels |= _levels_in(override)
    start = override.find(qn("w:startOverride"))
    if start is not None:
        found.starts_anew = True
        if level in found.levels:
            found.levels[level] = _Level(found.levels[level].form, _number(_value(start), 1))


def _levels_in(parent: Any) -> dict[str, _Level]:
    levels = {}
    for level in parent.findall(qn("w:lvl")):
        depth = _attribute(level, "ilvl")
        if depth in "012345678" and len(depth) == 1:
            form = _value(level.find(qn("w:numFmt"))) or "decimal"
            levels[depth] = _Level(form, _number(_value(level.find(qn("w:start"))), 1))
    return levels


def _places_of_styles(styles: Any) -> dict[str, tuple[str, str]]:
    places = {}
    for style in styles.findall(qn("w:style")):
        properties = style.find(qn("w:pPr"))
        place = None if properties is None else _place_in(properties)
        if place:
            places[_attribute(style, "styleId")] = place
    return places


def _place_in(properties: Any) -> tuple[str, str] | None:
    place = properties.find(qn("w:numPr"))
    if place is None:
        return None
    return _value(place.find(qn("w:numId"))) or "0", _value(place.find(qn("w:ilvl"))) or "0"


def _attribute(element: Any, name: str) -> str:
    return str(element.get(qn(f"w:{name}"), ""))


def _value(element: Any | None) -> str:
    return "" if element is None else _attribute(element, "val")


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
