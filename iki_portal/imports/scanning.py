"""Reads the parts of a workbook token by token, before a parser sees them: counts what they hold, notes what is odd in them."""

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from xml.parsers import expat

from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import format_number
from iki_portal.imports.unpacking import CHUNK, LARGEST_UNPACKED

UNREADABLE = "Berkas Excel ini rusak atau tidak lengkap; simpan ulang sebagai .xlsx, lalu unggah lagi."
UNUSUAL = "Berkas Excel ini tidak disusun seperti biasa; simpan ulang sebagai .xlsx dengan Excel atau LibreOffice."

_TOO_MUCH_TEXT = "Teks di dalam lembar kerja terlalu banyak untuk dibaca."

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Room:
    """How much a workbook may hold: rows of one table below its head; elements and characters of all cells together,
    a text that several cells share counted in each; bytes that come out of the archive."""

    rows: int = MOST_ROWS
    elements: int = 800_000  # 10,000 full rows have some 650,000
    text: int = 20_000_000
    unpacked: int = LARGEST_UNPACKED


ORDINARY = Room()


@dataclass(slots=True)
class Oddities:
    """Cells of one table that hold no plain value, in the order of the file: row and column from 1."""

    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    #: "A5:A7"
    merged: list[str] = field(default_factory=list)


#: The name of a part of the archive → what is odd in it.
Noted = dict[str, Oddities]


def too_many_rows(room: Room) -> Invalid:
    return Invalid(f"Lembar kerja berisi lebih dari {format_number(Decimal(room.rows))} baris.")


class Markup:
    """Plain XML in UTF-8, and no document type: nothing can define an entity, and no token is long."""

    #: A piece of markup that does not end is scanned again with every chunk, so it may not go on for long.
    LONGEST_TOKEN = 4 * CHUNK

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._taken = 0

    def take(self, chunk: bytes) -> None:
        if b"\0" in chunk:  # UTF-16, or no text at all
            raise Invalid(UNREADABLE)
        self._parser.Parse(chunk, False)
        self._taken += len(chunk)
        if self._taken - self._parser.CurrentByteIndex > self.LONGEST_TOKEN:
            raise Invalid(UNUSUAL)

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise Invalid(UNUSUAL)

    def _document_type(self, *_: object) -> None:
        raise Invalid("Berkas Excel ini memuat DTD, yang tidak pernah ada di berkas Excel biasa.")


@dataclass(slots=True)
class Totals:
    """What all parts add up to. A text that many cells share is small in the file and large in the memory."""

    room: Room
    elements: int = 0
    #: Text between the tags of a table, and text that cells refer to by number.
    own_text: int = 0
    shared_text: int = 0
    shared_lengths: list[int] = field(default_factory=list)
    shared_uses: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        text = self.own_text
        for index, uses in self.shared_uses.items():
            if not (index.isascii() and index.isdigit() and int(index) < len(self.shared_lengths)):
                raise Invalid(UNREADABLE)
            text += self.shared_lengths[int(index)] * uses
        if text > self.room.text:
            raise Invalid(_TOO_MUCH_TEXT)


class Part(Markup):
    """A part that the parser will read: cells where a table has them, with values, and without formulas or with each noted."""

    MOST_COLUMNS = 100
    #: Enough to say what is wrong.
    MOST_ODDITIES = 500
    _REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
    _LONGEST_INDEX = 10

    def __init__(self, totals: Totals, odd: Oddities | None) -> None:
        super().__init__()
        self._totals = totals
        self._room = totals.room
        self._odd = odd
        self._row = self._column = 0
        self._in_shared_text = False
        #: What has been read of the number of a shared text; None outside a cell that has one.
        self._index: str | None = None
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._characters

    def end(self) -> None:
        super().end()
        self._end_cell()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._totals.elements += 1
        if self._totals.elements > self._room.elements:
            raise Invalid("Isi lembar kerja terlalu banyak untuk dibaca.")
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "v":
            return
        self._end_cell()
        if local == "c":
            self._cell(attributes)
        elif local == "row":
            self._row, self._column = self._number(attributes.get("r"), self._row + 1), 0
        elif local == "si":
            self._totals.shared_lengths.append(0)
            self._in_shared_text = True
        elif local == "f":
            self._formula()
        elif local == "mergeCell" and self._odd is not None and len(self._odd.merged) < self.MOST_ODDITIES:
            self._odd.merged.append(attributes.get("ref", ""))

    def _formula(self) -> None:
        if self._odd is None:
            raise Invalid("Lembar kerja berisi rumus; salin selnya lalu tempel sebagai nilai, kemudian unggah lagi.")
        self._note(self._odd.formulas, self._row)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._column += 1
        row = self._row
        if "r" in attributes:
            match = self._REFERENCE.fullmatch(attributes["r"])
            if match is None:
                raise Invalid(UNUSUAL)
            row, self._column = int(match[2]), _column_number(match[1])
        if row > self._room.rows + 1:
            raise too_many_rows(self._room)
        if self._column > self.MOST_COLUMNS:
            raise Invalid("Lembar kerja berisi lebih banyak kolom daripada yang dapat dibaca.")
        kind = attributes.get("t")
        if kind == "e":
            self._error(row)
        self._index = "" if kind == "s" else None

    def _error(self, row: int) -> None:
        if self._odd is None:
            raise Invalid("Lembar kerja berisi sel yang salah hitung (misalnya #REF!); tuliskan nilainya.")
        self._note(self._odd.errors, row)

    def _note(self, found: list[tuple[int, int]], row: int) -> None:
        if len(found) < self.MOST_ODDITIES:
            found.append((row, self._column))

    def _end_cell(self) -> None:
        if self._index and self._index.strip():
            self._totals.shared_uses[self._index.strip()] += 1
        self._index = None

    def _characters(self, data: str) -> None:
        if self._in_shared_text:
            self._totals.shared_lengths[-1] += len(data)
            self._totals.shared_text += len(data)
        else:
            self._totals.own_text += len(data)
        if max(self._totals.shared_text, self._totals.own_text) > self._room.text:
            raise Invalid(_TOO_MUCH_TEXT)
        if self._index is not None and len(self._index) < self._LONGEST_INDEX:
            self._index += data

    @staticmethod
    def _number(text: str | None, otherwise: int) -> int:
        if text is None:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) <= 7):
            raise Invalid(UNUSUAL)
        return int(text)


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
