"""The lines of a document, freed of markup.

White space is folded, emphasis, tags and list dashes are dropped, the words are untouched. Every line is bounded in
length and every pattern is anchored or bounded, so that no file can make the reader slow.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from iki_portal.imports.findings import Unread, UnreadableDocument

MOST_LINES = 20_000  # forty times the office's document
LONGEST_LINE = 20_000
MOST_CELLS = 50

# ASCII throughout: without it, IGNORECASE takes a dotless i for an i, and a label would be matched that has no name.
IGNORING_CASE = re.IGNORECASE | re.ASCII

# Only tags that word processors leave behind: "nilai < 3" must survive.
_BREAK_TAG = re.compile(r"</?(?:br|p|div)\b[^<>]{0,200}>", IGNORING_CASE)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|font|sup|sub)\b[^<>]{0,200}>", IGNORING_CASE)
_LIST_MARKS = "-\u2013\u2022#"
_TITLE = re.compile(r"INDIKATOR KINERJA INDIVIDU(?: ?\( ?IKI ?\)|$|(?= TAHUN 20[0-9]{2})) ?(?P<rest>.*)", IGNORING_CASE)
#: Without "(IKI)" only capitals tell a title from a sentence that begins with the same words.
_SHOUTED_TITLE = re.compile(r"INDIKATOR KINERJA INDIVIDU (?P<rest>[A-Z0-9 ,.&/()-]+)")
_FIRST_OF_TWO, _SECOND_OF_TWO = "INDIKATOR KINERJA", re.compile(r"INDIVIDU\b.*", IGNORING_CASE)
_YEAR_OR_SHORT_NAME = re.compile(
    r"\( ?IKI ?\)|(?:PERIODE |TAHUN )(?:ANGGARAN |KINERJA |PENILAIAN )?:? ?20[0-9]{2}", IGNORING_CASE
)
#: As the office writes them, and as others do; the longer of two comes first.
_LABEL = re.compile(
    r"(?P<name>unit kerja|tugas pokok|uraian tugas|fungsi)(?: ?(?P<colon>:) ?|$| (?=[a-z][.)] ))(?P<rest>.*)", IGNORING_CASE
)
_LABEL_OF_OTHERS = re.compile(
    r"(?P<name>nama jabatan|jabatan|unit organisasi|tugas pokok (?:dan|&) fungsi|tugas dan fungsi|tupoksi|tugas jabatan|tugas)"
    r" ?(?P<colon>:) ?(?P<rest>.*)",
    IGNORING_CASE,
)
_LABEL_WITHOUT_COLON = re.compile(r"(?P<name>Unit Kerja|Tugas Pokok) (?P<rest>.+)")
#: Lines about the person or the paper: facts that the portal has from elsewhere.
_FACT = re.compile(
    r"(?:nama(?: lengkap| pegawai| asn| pejabat)?|n\.?i\.?p\.?(?: ?pppk)?|ni pppk|pangkat[^:]{0,40}|gol(?:ongan)?\b[^:]{0,40}"
    r"|eselon|kelas jabatan|jenjang jabatan|instansi|perangkat daerah|opd|skpd|satuan kerja|atasan[^:]{0,40}"
    r"|pejabat penilai[^:]{0,40}|tahun(?: anggaran| kinerja)?|periode[^:]{0,40}) ?:",
    IGNORING_CASE,
)
_ITEM = re.compile(r"(?P<letter>([a-z])\2?)[.)] (?P<text>.+)")
_NUMBERED_ITEM = re.compile(r"(?P<number>[0-9]{1,2})[.)] (?P<text>.+)")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_RULE_CELL = re.compile(r":?-+:?")


@dataclass(frozen=True, slots=True)
class Line:
    """`cells` is None where only the text tells whether this is a row; a paragraph of Word has none, a row has its own."""

    number: int
    raw: str
    text: str
    cells: tuple[str, ...] | None = None
    #: Of a PDF; a page break may tear a row, and repeats the header.
    page: int = 0
    #: The name of a worksheet: a sheet begins here, though no title says so.
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of a file, whatever its format, and what it holds besides."""

    lines: tuple[Line, ...]
    #: Letterheads, notes, text boxes, the edges of pages: looked at for facts, part of no sheet.
    aside: tuple[Unread, ...] = ()
    #: Lines beside which a text box stands.
    boxes: tuple[int, ...] = ()
    #: Pages of a PDF without a text.
    pictures: tuple[int, ...] = ()

    def original(self) -> tuple[str, ...]:
        """What stands on each line, the first on line 1."""
        texts = {line.number: line.raw for line in self.lines}
        for each in self.aside:
            texts[each.line] = f"{texts.get(each.line, '')} {each.text}".strip()
        return tuple(texts.get(number, "") for number in range(1, max(texts, default=0) + 1))


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
    match = _TITLE.match(text) or _SHOUTED_TITLE.fullmatch(text)
    return match["rest"] if match else None


def with_whole_titles(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines; a title written on two of them ("INDIKATOR KINERJA", "INDIVIDU …") becomes one."""
    first: Line | None = None
    for line in lines:
        if first is not None and not line.cells and _SECOND_OF_TWO.fullmatch(line.text):
            yield replace(first, raw=f"{first.raw} {line.raw}", text=f"{first.text} {line.text}")
            first = None
            continue
        if first is not None:
            yield first
        first = line if not line.cells and line.text.upper() == _FIRST_OF_TWO else None
        if first is None:
            yield line
    if first is not None:
        yield first


def is_year_or_short_name(text: str) -> bool:
    """ "TAHUN 2027" or "(IKI)" below a title: part of the title, not of the heading."""
    return _YEAR_OR_SHORT_NAME.fullmatch(text) is not None


def label_of(line: Line) -> Label | None:
    match = _LABEL.match(line.text) or _LABEL_OF_OTHERS.match(line.text)
    if match:
        return Label(match["name"].lower(), match["colon"] is not None, match["rest"])
    match = _LABEL_WITHOUT_COLON.match(line.text)
    return Label(match["name"].lower(), False, match["rest"]) if match else None


def is_fact(text: str) -> bool:
    return _FACT.match(text) is not None


def starts_anew(line: Line) -> bool:
    """Whether this line begins something, and so goes on with nothing."""
    text = line.text
    begins = title_rest(text) is not None or label_of(line) is not None or is_fact(text) or is_bulleted(text)
    return begins or item_of(text) is not None or numbered_item_of(text) is not None


def beside(texts: Sequence[str]) -> str:
    """Cells that only lay text out, as one line: "Jabatan" and "Analis" in two cells are a label and what it labels."""
    first, *rest = [text for text in texts if text] or [""]
    named = rest and ":" not in first and not rest[0].startswith(":")
    with_colon = f"{first} :"
    if named and (_LABEL.fullmatch(with_colon) or _LABEL_OF_OTHERS.fullmatch(with_colon) or is_fact(with_colon)):
        first = with_colon
    return " ".join((first, *rest))


def item_of(text: str) -> tuple[str, str] | None:
    match = _ITEM.match(text)
    return (match["letter"], match["text"]) if match else None


def numbered_item_of(text: str) -> tuple[str, str] | None:
    match = _NUMBERED_ITEM.match(text)
    return (match["number"], match["text"]) if match else None


def letter_after(letter: str) -> str:
    if letter.isdigit():
        return str(int(letter) + 1)
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
