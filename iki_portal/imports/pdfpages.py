"""Reads the pages of a PDF, as a process of its own: bytes on standard input, JSON on standard output (`pdf.read_pdf`).

Ruled tables become rows of cells, everything else lines in the order one reads them, wrapped lines joined. A word belongs
to the cell in which it begins: one that is too long for its column runs into the next.
"""

import io
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError
from pdfminer.pdfpage import PDFPage

from iki_portal.imports.columns import NEEDED, column_named, is_header
from iki_portal.imports.findings import UnreadableDocument
from iki_portal.imports.lines import LONGEST_LINE, MOST_CELLS, MOST_LINES, Line, beside, starts_anew
from iki_portal.imports.pdfwords import Word, joined, lines_in, turned_text, words_of

MOST_PAGES = 120
MOST_OBJECTS = 40_000
MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 60
_EDGE_SHARE = 0.15
_EDGE, _TURNED = "di kepala atau kaki halaman", "tulisan miring di atas halaman"
_FIGURES = re.compile(r"[0-9]+")
_MOST_UNKNOWN = 0.05
_SAVE_AS = "simpan dahulu sebagai .docx"


@dataclass(slots=True)
class _Item:
    """A line of text, or a row of a table when it has cells."""

    page: int
    text: str
    top: float
    bottom: float
    left: float = 0
    right: float = 0
    size: float = 0
    first_width: float = 0
    ends_open: bool = False
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class _Page:
    number: int
    height: float
    right: float
    items: list[_Item]


@dataclass(slots=True)
class Reading:
    lines: list[tuple[int, int, str, tuple[str, ...]]] = field(default_factory=list)
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)

    def add(self, page: int, raw: str, cells: tuple[str, ...]) -> None:
        number = self._number(raw)
        self.lines.append((number, page, raw, cells))

    def leave(self, text: str, where: str) -> None:
        self.aside.append((self._number(text), text, where))

    def _number(self, raw: str) -> int:
        number = len(self.lines) + len(self.aside) + 1
        if number > MOST_LINES:
            raise UnreadableDocument("Dokumen lebih dari 20.000 baris; berkas ini tampaknya bukan dokumen IKI.")
        if len(raw) > LONGEST_LINE:
            raise UnreadableDocument(f"Baris {number} lebih panjang dari 20.000 huruf dan tidak dapat dibaca.")
        return number


def read_pages(content: bytes) -> Reading:
    try:
        with pdfplumber.open(io.BytesIO(content)) as book:
            _check_pages(book.doc)
            return _reading(book)
    except UnreadableDocument:
        raise
    except PDFEncryptionError:
        raise UnreadableDocument(f"Berkas PDF ini terkunci; {_SAVE_AS} atau PDF tanpa kata sandi.") from None
    except Exception as error:  # whatever a broken file does to its parser
        if isinstance(error.__cause__ or error.__context__, PDFEncryptionError):
            raise UnreadableDocument(f"Berkas PDF ini terkunci; {_SAVE_AS} atau PDF tanpa kata sandi.") from None
        raise UnreadableDocument(f"Berkas PDF ini rusak dan tidak dapat dibuka; {_SAVE_AS}.") from None


def _check_pages(document: Any) -> None:
    if document.encryption is not None:
        raise UnreadableDocument(f"Berkas PDF ini terkunci; {_SAVE_AS} atau PDF tanpa kata sandi.")
    if sum(1 for _ in islice(PDFPage.create_pages(document), MOST_PAGES + 1)) > MOST_PAGES:
        raise UnreadableDocument(f"Berkas PDF ini lebih dari {MOST_PAGES} halaman; unggah bagian yang memuat IKI saja.")


def _reading(book: Any) -> Reading:
    reading, pages, turned = Reading(), [], dict[str, None]()
    reader = _PageReader()
    for page in book.pages:
        _check_objects(page)
        words, more = words_of(page.chars), turned_text(page.chars)
        if not words and page.images:
            reading.pictures.append(page.page_number)
        turned |= dict.fromkeys(more)
        pages.append(reader.read(page, words))
        page.close()
    if not any(page.items for page in pages):
        raise UnreadableDocument(
            "Berkas PDF ini hasil pindaian tanpa teks; unggah berkas aslinya (.docx, .xlsx, atau PDF teks)."
        )
    edges = _taken_edges(pages)
    for item in _whole_lines(pages):
        reading.add(item.page, "\t".join(item.cells) or item.text, item.cells)
    for text in edges:
        reading.leave(text, _EDGE)
    for text in turned:
        reading.leave(text, _TURNED)
    return reading


def _check_objects(page: Any) -> None:
    count = sum(len(each) for each in page.objects.values())
    if count > MOST_OBJECTS:
        raise UnreadableDocument(f"Halaman {page.page_number} berkas PDF ini terlalu rumit untuk dibaca; {_SAVE_AS}.")
    unknown = sum(char["text"].startswith("(cid:") for char in page.chars)
    if unknown > _MOST_UNKNOWN * len(page.chars):
        raise UnreadableDocument(f"Huruf pada halaman {page.page_number} tidak dapat dikenali; {_SAVE_AS}.")


class _PageReader:
    """Remembers the width of the sheet's table, by which one that goes on without its header is known."""

    def __init__(self) -> None:
        self._width = 0

    def read(self, page: Any, words: Sequence[Word]) -> _Page:
        items: list[_Item] = []
        free = list(words)
        for table in page.find_tables():
            free = self._take_table(table, page.page_number, free, items)
        items.extend(_text_item(line, page.page_number) for line in lines_in(free))
        right = max((item.right for item in items), default=0)
        return _Page(page.page_number, float(page.height), right, sorted(items, key=lambda item: (item.top, item.left)))

    def _take_table(self, table: Any, number: int, words: Sequence[Word], items: list[_Item]) -> list[Word]:
        """The words that are left for others."""
        rows = [row.cells for row in table.rows]
        inside: dict[tuple[int, int], list[Word]] = {}
        free = []
        for word in words:
            place = _cell_of(word, rows) if _holds(table.bbox, word) else None
            if place is None:
                free.append(word)
            else:
                inside.setdefault(place, []).append(word)
        texts = [tuple(joined(inside.get((row, column), ())) for column in range(len(cells))) for row, cells in enumerate(rows)]
        if any(len(each) > MOST_CELLS for each in texts):
            raise UnreadableDocument(
                f"Tabel pada halaman {number} berisi lebih dari {MOST_CELLS} kolom; berkas ini tidak dibaca."
            )
        if any(is_header(each) for each in texts):
            self._width = len(texts[0])
        is_sheet = len(texts[0]) == self._width
        for row, each in enumerate(texts):
            if any(each):
                items.append(_row_item(each, rows[row], table.bbox, number, is_sheet=is_sheet))
        return free


def _holds(box: Sequence[float], word: Word) -> bool:
    return box[0] <= word.begin <= box[2] and box[1] <= word.middle <= box[3]


def _cell_of(word: Word, rows: Sequence[Sequence[Any]]) -> tuple[int, int] | None:
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None and _holds(cell, word):
                return row, column
    return None


def _row_item(texts: tuple[str, ...], cells: Sequence[Any], box: Sequence[float], page: int, *, is_sheet: bool) -> _Item:
    """Not a row: a title across the table, and whatever a table of another kind only lays out."""
    written = [cell for cell, text in zip(cells, texts, strict=True) if text]
    wide = len(written) == 1 and written[0][2] - written[0][0] > (box[2] - box[0]) / 2
    tops = [cell for cell in cells if cell is not None]
    top, bottom = min(cell[1] for cell in tops), max(cell[3] for cell in tops)
    is_row = is_sheet and not wide
    return _Item(page, beside(texts), top, bottom, box[0], 0, cells=texts if is_row else ())


def _text_item(line: Sequence[Word], page: int) -> _Item:
    first, last = line[0], line[-1]
    _refuse_table_without_rules(line, page)
    return _Item(
        page=page,
        text=joined(line),
        top=min(word.top for word in line),
        bottom=max(word.bottom for word in line),
        left=first.left,
        right=last.right,
        size=first.size,
        first_width=first.right - first.left,
        ends_open=last.text.endswith("-") and not last.is_spaced,
    )


def _refuse_table_without_rules(line: Sequence[Word], page: int) -> None:
    cells = [[line[0]]]
    for word in line[1:]:
        if word.left - cells[-1][-1].right > word.size:
            cells.append([])
        cells[-1].append(word)
    names = [joined(cell) for cell in cells]
    if is_header(names) and set(NEEDED) <= {column_named(name) for name in names}:
        raise UnreadableDocument(f"Tabel pada halaman {page} tidak bergaris sehingga kolomnya tidak pasti; {_SAVE_AS}.")


# Over all pages


def _taken_edges(pages: Sequence[_Page]) -> list[str]:
    """The lines that most pages repeat at their edges, taken out of the pages; each once."""
    repeated = Counter(mark for page in pages for mark in {_mark(item) for item in _edge_items(page)})
    wanted = max(2, (len(pages) + 1) // 2)
    taken: dict[str, str] = {}
    for page in pages:
        for items in (list(page.items), page.items[::-1]):
            for item in _edge(items, page, lambda item: repeated[_mark(item)] >= wanted):
                page.items.remove(item)
                taken.setdefault(_mark(item)[1], item.text)
    return list(taken.values())


def _edge(items: Sequence[_Item], page: _Page, is_repeated: Callable[[_Item], bool]) -> list[_Item]:
    """From the edge of the page inwards, as far as a gap parts it from the text."""
    edge: list[_Item] = []
    for item in items:
        if item.cells or starts_anew(_as_line(item)) or not (_at_edge(item, page) and is_repeated(item)):
            break
        edge.append(item)
    while edge and len(edge) < len(items) and not _stands_apart(edge[-1], items[len(edge)]):
        edge.pop()
    return edge


def _stands_apart(item: _Item, other: _Item) -> bool:
    return max(item.top - other.bottom, other.top - item.bottom) > item.bottom - item.top


def _edge_items(page: _Page) -> Iterator[_Item]:
    return (item for item in page.items if not item.cells and _at_edge(item, page))


def _at_edge(item: _Item, page: _Page) -> bool:
    return item.bottom < page.height * _EDGE_SHARE or item.top > page.height * (1 - _EDGE_SHARE / 2)


def _mark(item: _Item) -> tuple[int, str]:
    return round(item.top / 4), _FIGURES.sub("0", item.text)


def _whole_lines(pages: Iterable[_Page]) -> Iterator[_Item]:
    """Lines that only the width of the page has parted become one again."""
    before: _Item | None = None
    for page in pages:
        for item in page.items:
            if before is not None and _goes_on(before, item, page.right):
                text = f"{before.text}{'' if before.ends_open else ' '}{item.text}"
                before = replace(item, text=text, left=before.left)
                continue
            if before is not None:
                yield before
            before = item
    if before is not None:
        yield before


def _goes_on(before: _Item, item: _Item, right: float) -> bool:
    if before.cells or item.cells or not before.size or abs(before.size - item.size) > 1 or starts_anew(_as_line(item)):
        return False
    follows = item.page != before.page or 0 <= item.top - before.top < 2 * (before.bottom - before.top) + item.size
    return follows and before.right + before.size / 4 + item.first_width > right


def _as_line(item: _Item) -> Line:
    return Line(0, item.text, item.text, ())


# The process


def _bound() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  unknown to Windows, where the time limit of the caller has to do

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def main() -> None:
    _bound()
    logging.disable()
    try:
        reading = read_pages(sys.stdin.buffer.read())
        answer = {"lines": reading.lines, "aside": reading.aside, "pictures": reading.pictures}
    except UnreadableDocument as error:
        answer = {"refusal": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
