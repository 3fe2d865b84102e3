"""What a Word document shows: the text of a paragraph as printed, and the blocks and cells inside their wrappers.

Pending changes count as accepted. Letters of a list are in no text, so `Numbering` adds them.
"""

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_WRITTEN = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}sym": "\ufffd"}
_TEXTS = (f"{W}t", f"{_M}t")
_NO_TEXT = {f"{_MC}Choice"} | {  # its fallback says the same in words everybody knows
    f"{W}{name}" for name in ("pPr", "rPr", "sdtPr", "del", "moveFrom", "drawing", "pict", "object", "rt")
}
_WRAPPERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_BOX = f"{W}txbxContent"


def text_of(paragraph: Any) -> str:
    """With "\\t" and "\\n" where the paragraph has tabs and line breaks."""
    pieces: list[str] = []
    _collect(paragraph, pieces)
    return "".join(pieces)


def _collect(element: Any, pieces: list[str]) -> None:
    """Into one list: handed up level by level, a deeply nested text would take long."""
    for child in element:
        tag = child.tag
        if tag in _TEXTS:
            pieces.append(child.text or "")
        elif tag in _WRITTEN:
            pieces.append(_WRITTEN[tag])
        elif tag == f"{_M}f":
            _collect_fraction(child, pieces)
        elif isinstance(tag, str) and tag not in _NO_TEXT:
            _collect(child, pieces)


def _collect_fraction(fraction: Any, pieces: list[str]) -> None:
    """A fraction of the equation editor, on one line."""
    for part, before, after in (("num", "(", ") / "), ("den", "(", ")")):
        pieces.append(before)
        for each in fraction.findall(f"{_M}{part}"):
            _collect(each, pieces)
        pieces.append(after)


def box_text(paragraph: Any) -> str:
    """What floats in boxes beside the paragraph: it has no place among the lines. Each box is there once or twice."""
    texts = dict.fromkeys("".join(text.text or "" for text in box.iter(f"{W}t")) for box in paragraph.iter(_BOX))
    return " ".join(" ".join(texts).split())


def blocks_of(parent: Any) -> list[Any]:
    """The elements right below, also those that a content control or a tracked change wraps."""
    blocks: list[Any] = []
    _collect_blocks(parent, blocks, _WRAPPERS)
    return blocks


def paragraphs_in(cell: Any) -> list[Any]:
    """Also those of a table in the cell, not those of a text box."""
    blocks: list[Any] = []
    _collect_blocks(cell, blocks, _WRAPPERS | {f"{W}tbl", f"{W}tr", f"{W}tc"})
    return [block for block in blocks if block.tag == f"{W}p"]


def _collect_blocks(parent: Any, blocks: list[Any], opened: set[str]) -> None:
    for child in parent:
        if child.tag in opened:
            _collect_blocks(child, blocks, opened)
        else:
            blocks.append(child)
