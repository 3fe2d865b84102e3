"""The tree as a drawing: where each box stands and how the lines between them run. Plain figures, drawn by a template.

Columns from left to right: IKU, then posts by how many sheets stand above them. Each row is one box, however many parents it
has; a box stands beside the middle of those that support it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from iki_portal.domain.cascade import Target

WIDTH, HEIGHT, GAP, COLUMN = 270, 82, 14, 62
LETTERS, LINES = 36, 3
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a box says, before it has a place."""

    key: Target
    column: int
    head: str
    text: str
    tone: str
    #: Address of the row on its sheet; empty for an IKU.
    url: str = ""
    #: Said at the bottom: how far it is, and what is missing.
    state: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    leaf: Leaf
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: list[Box]
    #: Paths from a supporter to what it supports.
    lines: list[str]


def draw(leaves: Sequence[Leaf], children: Mapping[Target, Sequence[Target]]) -> Drawing:
    """Of boxes in the order of the office; `children` may name what has no box."""
    by_key = {leaf.key: leaf for leaf in leaves}
    rows = _rows(by_key, children)
    columns = sorted({leaf.column for leaf in leaves})
    boxes = {key: _box(leaf, columns.index(leaf.column), rows[key]) for key, leaf in by_key.items()}
    lines = [
        _line(boxes[child], boxes[parent])
        for parent in boxes
        for child in children.get(parent, ())
        if child in boxes and boxes[child].x > boxes[parent].x
    ]
    height = max((box.y for box in boxes.values()), default=0) + HEIGHT + _MARGIN
    width = len(columns) * WIDTH + max(len(columns) - 1, 0) * COLUMN + 2 * _MARGIN
    return Drawing(width, height, list(boxes.values()), lines)


def _rows(leaves: Mapping[Target, Leaf], children: Mapping[Target, Sequence[Target]]) -> dict[Target, float]:
    """Key → its row, in heights of a box: leaves one under the other, a parent beside the middle of its own."""
    found: dict[Target, float] = {}
    begun: set[Target] = set()
    free = 0

    def place(key: Target) -> None:
        nonlocal free
        begun.add(key)
        own = [each for each in children.get(key, ()) if each in leaves and each not in begun and _is_right(each, key, leaves)]
        for each in own:
            if each not in begun:
                place(each)
        placed = [found[each] for each in own if each in found]
        if placed:
            found[key] = (min(placed) + max(placed)) / 2
        else:
            found[key], free = free, free + 1

    for key in sorted(leaves, key=lambda each: leaves[each].column):
        if key not in begun:
            place(key)
    return found


def _is_right(child: Target, parent: Target, leaves: Mapping[Target, Leaf]) -> bool:
    return leaves[child].column > leaves[parent].column


def _box(leaf: Leaf, column: int, row: float) -> Box:
    x, y = _MARGIN + column * (WIDTH + COLUMN), _MARGIN + round(row * (HEIGHT + GAP))
    return Box(leaf, x, y, tuple(_wrapped(leaf.text)))


def _wrapped(text: str) -> Iterable[str]:
    """At most three lines; what is cut stands in full in the title of the box and in the list under the drawing."""
    return wrap(text, LETTERS, max_lines=LINES, placeholder=" …", break_long_words=True)


def _line(child: Box, parent: Box) -> str:
    x0, y0 = parent.x + WIDTH, parent.y + HEIGHT // 2
    x1, y1 = child.x, child.y + HEIGHT // 2
    middle = x1 - COLUMN // 2
    return f"M{x0} {y0}C{middle} {y0} {middle} {y1} {x1} {y1}"
