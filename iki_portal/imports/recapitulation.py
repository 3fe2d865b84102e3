"""Reads the recapitulation workbook back: the rows as they stand, or one sentence about what is wrong.

A workbook is a stranger's ZIP file, and a small one can fill the memory of whatever parses it. So nothing parses it
before `_examined` has counted what really comes out of it, and the parser is given a new archive holding those parts
alone that were examined: what the two might understand differently never reaches it.
"""

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from iki_portal.domain.dates import parse_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import format_number, parse_number, plain_number
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity, Quarters

LARGEST_WORKBOOK = 10 * 1024 * 1024
#: Everything the archive really holds, counted while it is unpacked.
LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_ENTRIES = 500
MOST_ROWS = 10_000
#: Characters in all cells together, a text that several cells share counted in each.
MOST_TEXT = 20_000_000

HEADINGS = (
    *("Tahun", "Kode jabatan", "Jabatan", "Unit kerja", "Pemilik", "Revisi", "Status"),
    *("No", "Kinerja", "No indikator", "Indikator kinerja", "Penjelasan/formulasi", "Sumber data", "Satuan"),
    *("Polaritas", "Cara hitung tahunan", "Target", "Batas atas target", "TW I", "TW II", "TW III", "TW IV"),
    *("Nomor register", "Ditetapkan oleh", "Tanggal ditetapkan"),
)
T = TypeVar("T")

_TAB = re.compile(r"Rekapitulasi ([0-9]{4})")
_POLARITIES = {word: polarity for polarity, word in POLARITY_WORDS.items()}
_AGGREGATIONS = {word: aggregation for aggregation, word in AGGREGATION_WORDS.items()}

_UNREADABLE = "Berkas Excel ini rusak atau tidak lengkap; simpan ulang sebagai .xlsx, lalu unggah lagi."
_UNUSUAL = "Berkas Excel ini tidak disusun seperti biasa; simpan ulang sebagai .xlsx dengan Excel atau LibreOffice."


@dataclass(frozen=True, slots=True)
class RecapRow:
    """One row: an indicator, or a statement or sheet that has none (then its numbers are None and its texts empty)."""

    year: int
    code: str
    position: str
    unit: str
    owner: str
    revision: str
    state: str
    number: int | None
    statement: str
    indicator_number: int | None
    indicator: str
    formula: str
    source: str
    unit_of_measure: str
    polarity: Polarity | None
    aggregation: Aggregation | None
    target: Decimal | None
    target_upper: Decimal | None
    quarters: Quarters
    register: str
    approved_by: str
    approved_on: date | None


def read_recapitulation(content: bytes) -> tuple[RecapRow, ...]:
    """The rows of a recapitulation as the portal writes it; raises `Invalid` and nothing else."""
    examined = _examined(content)
    try:
        with CalamineWorkbook.from_filelike(examined) as book:
            sheet, year = _the_sheet(book)
            return tuple(_rows_of(sheet, year))
    except (CalamineError, OSError, ValueError):
        raise Invalid(_UNREADABLE) from None
    except BaseException as error:
        # What the parser, written in Rust, gives up with (a day in the year -3000) is no `Exception` and has no module.
        if type(error).__name__ == "PanicException":
            raise Invalid(_UNREADABLE) from None
        raise


# The rows


def _the_sheet(book: CalamineWorkbook) -> tuple[CalamineSheet, int]:
    tabs = book.sheets_metadata
    match = _TAB.fullmatch(tabs[0].name) if tabs else None
    if match is None or len(tabs) > 1 or tabs[0].typ is not SheetTypeEnum.WorkSheet:
        raise Invalid("Buku kerja harus berisi satu lembar kerja saja, bernama “Rekapitulasi” dan tahunnya.")
    return book.get_sheet_by_index(0), int(match[1])


def _rows_of(sheet: CalamineSheet, year: int) -> Iterator[RecapRow]:
    rows = sheet.iter_rows() if sheet.start == (0, 0) else iter(())
    _check_headings(next(rows, []))
    for number, values in enumerate(rows, start=2):
        if all(value == "" for value in values):
            continue
        if any(value != "" for value in values[len(HEADINGS) :]):
            raise Invalid(f"Baris {number} berisi lebih banyak kolom daripada judulnya.")
        row = _Row(number, values).read()
        if row.year != year:
            raise Invalid(f"Baris {number}: tahun {row.year}, seharusnya {year} seperti nama lembar kerjanya.")
        yield row


def _check_headings(found: Sequence[Any]) -> None:
    for index in range(max(len(HEADINGS), len(found))):
        heading = str(found[index]) if index < len(found) else ""
        expected = HEADINGS[index] if index < len(HEADINGS) else ""
        if heading != expected:
            said = f"seharusnya “{expected}”" if expected else "seharusnya tidak ada"
            shown = heading if len(heading) <= 40 else f"{heading[:40]} …"
            raise Invalid(f"Judul kolom {index + 1} tertulis “{shown}”, {said}; pakai judul dari rekapitulasi portal.")


class _Row:
    """The cells of one row, taken from left to right."""

    def __init__(self, number: int, values: Sequence[Any]) -> None:
        self._number = number
        self._values = values
        self._at = 0

    def read(self) -> RecapRow:
        return RecapRow(
            year=self._wanted(self._take(_whole)),
            code=self._take(_text),
            position=self._take(_text),
            unit=self._take(_text),
            owner=self._take(_text),
            revision=self._take(_text),
            state=self._take(_text),
            number=self._take(_whole),
            statement=self._take(_text),
            indicator_number=self._take(_whole),
            indicator=self._take(_text),
            formula=self._take(_text),
            source=self._take(_text),
            unit_of_measure=self._take(_text),
            polarity=self._take(_polarity),
            aggregation=self._take(_aggregation),
            target=self._take(_figure),
            target_upper=self._take(_figure),
            quarters=(self._take(_figure), self._take(_figure), self._take(_figure), self._take(_figure)),
            register=self._take(_text),
            approved_by=self._take(_text),
            approved_on=self._take(_day),
        )

    def _take(self, reader: Callable[[Any], T]) -> T:
        value = self._values[self._at]
        self._at += 1
        try:
            return reader(value)
        except Invalid as error:
            raise Invalid(f"Baris {self._number}, kolom {HEADINGS[self._at - 1]}: {error}") from None

    def _wanted(self, year: int | None) -> int:
        if year is None:
            raise Invalid(f"Baris {self._number}, kolom {HEADINGS[0]}: Tahun belum diisi.")
        return year


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("Sel ini harus berisi teks; awali isinya dengan tanda petik tunggal (').")
    return value


def _figure(value: Any) -> Decimal | None:
    """A figure, also one written as text because a number of Excel cannot carry it ("9999999999999,1234")."""
    if value == "" and isinstance(value, str):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid("Sel ini harus berisi angka, misalnya 12,5.")
    if not isinstance(value, str):
        # The shortest decimal spelling of the double: the figure that was typed.
        return parse_number(plain_number(Decimal(repr(value)))).value
    parsed = parse_number(value)
    if parsed.ambiguous:
        raise Invalid(f"Angka “{value}” dapat dibaca dua cara; tuliskan {parsed.understood} bila itu yang dimaksud.")
    return parsed.value


def _whole(value: Any) -> int | None:
    figure = _figure(value)
    if figure is None:
        return None
    if figure != int(figure):
        raise Invalid("Sel ini harus berisi bilangan bulat.")
    return int(figure)


def _day(value: Any) -> date | None:
    if value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(_text(value))


def _polarity(value: Any) -> Polarity | None:
    return _word(_text(value), _POLARITIES)


def _aggregation(value: Any) -> Aggregation | None:
    return _word(_text(value), _AGGREGATIONS)


def _word(value: str, words: dict[str, T]) -> T | None:
    if value and value not in words:
        raise Invalid(f"Isinya harus salah satu dari: {', '.join(words)}.")
    return words[value] if value else None


# What the file really is


_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_PDF_MAY_START_WITHIN = 1024
#: The record that ends an archive: its mark, then disks and counts, size and place of the directory, length of a comment.
_END, _END_MARK = struct.Struct("<4s4H2IH"), b"PK\x05\x06"
#: Room for the names of `MOST_ENTRIES`: the directory is read whole before an entry can be counted.
_LARGEST_DIRECTORY = MOST_ENTRIES * 256
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_SEGMENT = r"[A-Za-z0-9_\[\]-][A-Za-z0-9_\[\] .()-]*"
_PART_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*|_rels/\.rels")
_ACTIVE = ("vbaproject", "vbadata", "macrosheets/", "dialogsheets/", "activex/", "embeddings/", "externallinks/")
#: What the parser needs; pictures, themes, printer settings and the like stay behind.
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/[^/]+\.xml"
)
_CHUNK = 64 * 1024
_TOO_MUCH_TEXT = "Teks di dalam lembar kerja terlalu banyak untuk sebuah rekapitulasi."


def _examined(content: bytes) -> io.BytesIO:
    """A new archive of the parts that the parser needs, all of them examined."""
    _check_signature(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _check_unpacked(archive, entries)
            return _copied(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeError, expat.ExpatError):
        raise Invalid(_UNREADABLE) from None


def _check_signature(content: bytes) -> None:
    if len(content) > LARGEST_WORKBOOK:
        raise Invalid("Berkas lebih besar dari 10 MB.")
    if not content:
        raise Invalid("Berkas kosong.")
    if content.startswith(_OLE):
        raise Invalid("Ini berkas Excel lama (.xls) atau berkata sandi; simpan sebagai .xlsx tanpa kata sandi.")
    if _PDF in content[:_PDF_MAY_START_WITHIN]:
        raise Invalid("Ini berkas PDF, bukan Excel; unggah rekapitulasi .xlsx dari portal.")
    if not content.startswith(_ZIP):
        raise Invalid("Ini bukan berkas Excel (.xlsx).")
    _check_end(content)


def _check_end(content: bytes) -> None:
    """One archive from the first byte to the last, with nothing behind it and a small directory."""
    place = len(content) - _END.size
    if place < 0:
        raise Invalid(_UNREADABLE)
    mark, _, _, _, _, size, start, comment = _END.unpack_from(content, place)
    if mark != _END_MARK or comment or start + size != place:
        raise Invalid(_UNREADABLE)
    if size > _LARGEST_DIRECTORY:
        raise Invalid(f"Berkas Excel ini berisi lebih dari {MOST_ENTRIES} bagian.")


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Invalid(f"Berkas Excel ini berisi lebih dari {MOST_ENTRIES} bagian.")
    names = [entry.orig_filename for entry in entries]
    lower = [name.lower() for name in names]
    if not all(_PART_NAME.fullmatch(name) for name in names) or len(set(lower)) < len(lower):
        raise Invalid("Berkas Excel ini memuat bagian dengan nama yang tidak wajar.")
    if any(mark in name for name in lower for mark in _ACTIVE):
        raise Invalid("Berkas Excel ini memuat makro, objek sisipan, atau tautan ke berkas lain; simpan tanpa itu.")
    if "xl/workbook.xml" not in names:
        raise Invalid("Ini bukan buku kerja Excel (.xlsx).")
    if any(entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS for entry in entries):
        raise Invalid(_UNUSUAL)


def _check_unpacked(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Count what comes out; what the headers say of it is only a claim."""
    total = 0
    for entry in entries:
        for chunk in _chunks(archive, entry):
            total += len(chunk)
            if total > LARGEST_UNPACKED:
                raise Invalid(f"Isi berkas Excel ini lebih besar dari {LARGEST_UNPACKED // 1024 // 1024} MB.")


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _copied(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> io.BytesIO:
    file = io.BytesIO()
    totals = _Totals()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in entries:
            name = entry.filename
            if _NEEDED.fullmatch(name):
                part = _Part(totals)
                with copy.open(name, "w") as target:
                    for chunk in _chunks(archive, entry):
                        part.take(chunk)
                        target.write(chunk)
                part.end()
            elif name.endswith((".xml", ".rels", ".vml")):
                _check_markup(archive, entry)
    totals.check()
    file.seek(0)
    return file


def _check_markup(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    markup = _Markup()
    for chunk in _chunks(archive, entry):
        markup.take(chunk)
    markup.end()


class _Markup:
    """Plain XML in UTF-8, and no document type: nothing can define an entity, and no token is long."""

    #: A piece of markup that does not end is scanned again with every chunk, so it may not go on for long.
    LONGEST_TOKEN = 4 * _CHUNK

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._taken = 0

    def take(self, chunk: bytes) -> None:
        if b"\0" in chunk:  # UTF-16, or no text at all
            raise Invalid(_UNREADABLE)
        self._parser.Parse(chunk, False)
        self._taken += len(chunk)
        if self._taken - self._parser.CurrentByteIndex > self.LONGEST_TOKEN:
            raise Invalid(_UNUSUAL)

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise Invalid(_UNUSUAL)

    def _document_type(self, *_: object) -> None:
        raise Invalid("Berkas Excel ini memuat DTD, yang tidak pernah ada di berkas Excel biasa.")


@dataclass(slots=True)
class _Totals:
    """What all parts add up to. A text that many cells share is small in the file and large in the memory."""

    MOST_ELEMENTS = 800_000  # 10,000 full rows have some 650,000
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
                raise Invalid(_UNREADABLE)
            text += self.shared_lengths[int(index)] * uses
        if text > MOST_TEXT:
            raise Invalid(_TOO_MUCH_TEXT)


class _Part(_Markup):
    """A part that the parser will read: cells where a table has them, with values and without formulas."""

    MOST_COLUMNS = 100
    _REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
    _LONGEST_INDEX = 10

    def __init__(self, totals: _Totals) -> None:
        super().__init__()
        self._totals = totals
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
        if self._totals.elements > self._totals.MOST_ELEMENTS:
            raise Invalid("Isi lembar kerja terlalu banyak untuk sebuah rekapitulasi.")
        local = name.rpartition(":")[2]
        if local != "v":
            self._end_cell()
        if local == "c":
            self._cell(attributes)
        elif local == "row":
            self._row, self._column = self._number(attributes.get("r"), self._row + 1), 0
        elif local == "si":
            self._totals.shared_lengths.append(0)
            self._in_shared_text = True
        elif local == "f":
            raise Invalid("Lembar kerja berisi rumus; salin selnya lalu tempel sebagai nilai, kemudian unggah lagi.")

    def _cell(self, attributes: dict[str, str]) -> None:
        self._column += 1
        row = self._row
        if "r" in attributes:
            match = self._REFERENCE.fullmatch(attributes["r"])
            if match is None:
                raise Invalid(_UNUSUAL)
            row, self._column = int(match[2]), _column_number(match[1])
        if row > MOST_ROWS + 1:
            raise Invalid(f"Lembar kerja berisi lebih dari {format_number(Decimal(MOST_ROWS))} baris.")
        if self._column > self.MOST_COLUMNS:
            raise Invalid("Lembar kerja berisi lebih banyak kolom daripada rekapitulasi portal.")
        kind = attributes.get("t")
        if kind == "e":
            raise Invalid("Lembar kerja berisi sel yang salah hitung (misalnya #REF!); tuliskan nilainya.")
        self._index = "" if kind == "s" else None

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
        if max(self._totals.shared_text, self._totals.own_text) > MOST_TEXT:
            raise Invalid(_TOO_MUCH_TEXT)
        if self._index is not None and len(self._index) < self._LONGEST_INDEX:
            self._index += data

    @staticmethod
    def _number(text: str | None, otherwise: int) -> int:
        if text is None:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) <= 7):
            raise Invalid(_UNUSUAL)
        return int(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
