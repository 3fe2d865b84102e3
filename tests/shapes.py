"""The shape of a page: what axe can find something in, without the words and figures that it stands around."""

import re
from hashlib import sha256
from pathlib import Path

_SCRIPTS = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
_WORDS = re.compile(r">[^<>]*\S[^<>]*<")
#: Attributes whose value is words or an address; that there is one counts, and what it says does not.
_VALUES = re.compile(r'\b(href|src|value|content|action|title|alt|aria-label|placeholder|data-[a-z-]+)="[^"]+"')
_FIGURES = re.compile(r"[0-9]+")
#: Rows, entries and choices that are the same again.
_REPEATS = re.compile(r"(<(li|tr|option)\b(?:(?!<\2\b).)*?</\2>)(?:\s*\1)+", re.DOTALL)


def shape_of(html: str) -> str:
    """Two pages of one shape differ in words, figures, addresses, and in how many equal rows they have."""
    html = _WORDS.sub(">x<", _SCRIPTS.sub("", html))
    return _REPEATS.sub(r"\1", _FIGURES.sub("", _VALUES.sub(r'\1="x"', html)))


class Judged:
    """The shapes that were found good in this run, also by the browser of another worker: an empty file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def path(self, clothes: str, html: str) -> Path:
        return self.folder / sha256(f"{clothes} {shape_of(html)}".encode()).hexdigest()
