"""The lines of a document, freed of markup.

White space is folded, emphasis, tags and list dashes are dropped, the words are untouched. Every line is bounded in
length and every pattern is anchored or bounded, so that no file can make the reader slow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iki_portal.imports.findings import UnreadableDocument

MOST_LINES = 20_000  # forty times the office's document
LONGEST_LINE = 20_000
MOST_CELLS = 50

# ASCII throughout: without it, IGNORECASE takes a dotless i for an i, and a label would be matched that has no name.
IGNORING_CASE = re.IGNORECASE | re.ASCII

# Only tags that word processors leave behind: "nilai < 3" must survive.
_BREAK_TAG = re.compile(r"</?(?:br|p|div)\b[^<>]{0,200}>", IGNORING_CASE)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|font|sup|sub)\b[^<>]{0,200}>", IGNORING_CASE)
_LIST_MARKS = "-\u2013\u2022#"
_TITLE = re.compile(r"INDIKATOR KINERJA INDIVIDU(?: ?\( ?IKI ?\)|$) ?(?P<rest>.*)", IGNORING_CASE)
_LABEL = re.compile(
    r"(?P<name>unit kerja|tugas pokok|uraian tugas|fungsi)(?: ?(?P<colon>:) ?|$| (?=[a-z][.)] ))(?P<rest>.*)", IGNORING_CASE
)
_LABEL_WITHOUT_COLON = re.compile(r"(?P<name>Unit Kerja|Tugas Pokok) (?P<rest>.+)")
_ITEM = re.compile(r"(?P<letter>([a-z])\2?)[.)] (?P<text>.+)")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_RULE_CELL = re.compile(r":?-+:?")


@dataclass(frozen=True, slots=True)
class Line:
    """`cells` is None where only the text tells whether this is a row; a paragraph of Word has none, a row has its own."""

    number: int
    raw: str
    text: str
    cells: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of a file, whatever its format, and what a Word document holds besides."""

    lines: tuple[Line, ...]
    #: Letterhead, notes and sign blocks of the portal's own documents: looked at for facts, read by nobody.
    aside: tuple[Line, ...] = ()
    #: Rows whose SATUAN or TARGET is not read.
    left_out: tuple[int, ...] = ()
    #: Lines beside which a text box stands.
    boxes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    has_colon: bool
    rest: str


def lines_of(text: str) -> Iterator[Line]:
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(rows) > MOST_LINES:
        raise UnreadableDocument("Dokumen lebih dari 20.000 baris; berkas ini tampaknya bukan dokumen IKI.")
    for number, raw in enumerate(rows, start=1):
        if len(raw) > LONGEST_LINE:
            raise UnreadableDocument(f"Baris {number} lebih panjang dari 20.000 huruf dan tidak dapat dibaca.")
        yield Line(number, raw, without_list_marks(clean(raw)))


def clean(raw: str) -> str:
    if "<" in raw:
        raw = _INLINE_TAG.sub("", _BREAK_TAG.sub(" ", raw))
    return " ".join(raw.replace("*", "").split())


def without_list_marks(text: str) -> str:
    return text.lstrip(_LIST_MARKS + " ")


def is_bulleted(raw: str) -> bool:
    start = raw.lstrip()
    return start.startswith(("-", "\u2013", "\u2022", "* "))


def title_rest(text: str) -> str | None:
    """What stands behind the title on its own line ("" when nothing does); None when this is no title."""
    match = _TITLE.match(text)
    return match["rest"] if match else None


def label_of(line: Line) -> Label | None:
    match = _LABEL.match(line.text)
    if match:
        return Label(match["name"].lower(), match["colon"] is not None, match["rest"])
    match = _LABEL_WITHOUT_COLON.match(line.text)
    return Label(match["name"].lower(), False, match["rest"]) if match else None


def item_of(text: str) -> tuple[str, str] | None:
    match = _ITEM.match(text)
    return (match["letter"], match["text"]) if match else None


def letter_after(letter: str) -> str:
    return "aa" if letter == "z" else chr(ord(letter[0]) + 1) * len(letter)


def cells_of(line: Line) -> tuple[str, ...]:
    """The cells of a row, cut at tabs or, in a Markdown table, at pipes. No separator: one cell."""
    if line.cells is not None:
        return line.cells
    stripped = line.raw.strip()
    piped = stripped.startswith("|")
    if line.raw.count("|" if piped else "\t") > MOST_CELLS:
        raise UnreadableDocument(f"Baris {line.number} berisi lebih dari {MOST_CELLS} sel dan tidak dapat dibaca.")
    if piped:
        inner = stripped[1:-1] if stripped.endswith("|") and not stripped.endswith("\\|") else stripped[1:]
        return tuple(clean(cell.replace("\\|", "|")) for cell in _UNESCAPED_PIPE.split(inner))
    return tuple(clean(cell) for cell in line.raw.split("\t"))


def is_table_rule(cells: tuple[str, ...]) -> bool:
    """The line of dashes under the header of a Markdown table."""
    return len(cells) > 1 and all(_RULE_CELL.fullmatch(cell) for cell in cells)
