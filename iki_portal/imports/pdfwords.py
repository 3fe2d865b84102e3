"""The words of a page of a PDF, which knows only letters and where they stand."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

#: Wider than this share of a letter's size, a gap parts two words although no space was written.
_GAP = 0.25
_OVERLAP = 0.5
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_SOFT_HYPHEN = "\u00ad"


@dataclass(slots=True)
class Word:
    text: str
    left: float
    right: float
    top: float
    bottom: float
    #: Where its first letter stands.
    begin: float
    #: A space follows: what ends a line in a hyphen and a space ends there on purpose.
    is_spaced: bool = False

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def words_of(chars: Iterable[Any]) -> list[Word]:
    """In the order of writing, so that a word which runs into the next column stays one."""
    words: list[Word] = []
    seen: set[tuple[str, int, int]] = set()
    is_open = False
    for char in chars:
        place = (char["text"], round(char["x0"]), round(char["top"]))
        if _is_turned(char) or (place in seen and char["text"].strip()):  # bold by writing twice
            continue
        seen.add(place)
        if not char["text"].strip():
            if words and is_open:
                words[-1].is_spaced = True
            is_open = False
        elif is_open and _follows(words[-1], char):
            words[-1].text += char["text"]
            words[-1].right = max(words[-1].right, char["x1"])
        else:
            words.append(_begun(char))
            is_open = True
    return [word for word in words if _written(word)]


def turned_text(chars: Iterable[Any]) -> list[str]:
    """What is written across a page ("DRAF"), a run of letters each."""
    text = "".join(char["text"] for char in chars if _is_turned(char))
    return [" ".join(text.split())] if text.strip() else []


def lines_in(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words beside each other, from left to right, the lines from top to bottom."""
    line: list[Word] = []
    for word in sorted(words, key=lambda word: (word.middle, word.left)):
        if line and word.middle - line[0].middle > _OVERLAP * min(word.size, line[0].size):
            yield sorted(line, key=lambda word: word.left)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word.left)


def joined(words: Sequence[Word]) -> str:
    """The text of a cell or a line. "Perundang-" at the end of a line goes on without a space."""
    text, lines = "", list(lines_in(words))
    writes_spaces = any(line[-1].is_spaced for line in lines[:-1])
    for place, line in enumerate(lines):
        written = " ".join(word.text for word in line)
        if text.endswith(_SOFT_HYPHEN):
            text = text[:-1] + written
        elif text.endswith(("-", "/")) and not lines[place - 1][-1].is_spaced and (writes_spaces or text[-2:-1].isalnum()):
            text += written
        else:
            text = f"{text} {written}"
    return " ".join(text.split())


def _is_turned(char: Any) -> bool:
    """Not along the line; a letter that only leans is no such."""
    along, across = char["matrix"][:2]
    return bool(abs(across) > abs(along) / 100)


def _follows(word: Word, char: Any) -> bool:
    size = char["bottom"] - char["top"]
    same_line = abs((char["top"] + char["bottom"]) / 2 - word.middle) < _OVERLAP * min(size, word.size)
    return bool(same_line and -_OVERLAP * size < char["x0"] - word.right < _GAP * size)


def _begun(char: Any) -> Word:
    begin = (char["x0"] + char["x1"]) / 2
    return Word(char["text"], char["x0"], char["x1"], char["top"], char["bottom"], begin)


def _written(word: Word) -> bool:
    word.text = _NO_TEXT.sub("\ufffd", _UNSEEN.sub("", word.text))
    return bool(word.text)
