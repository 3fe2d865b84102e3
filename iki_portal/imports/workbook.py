"""A stranger's workbook, looked over before anything parses it: what comes out of it is counted, and scanned (scanning.py)."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from xml.parsers import expat

from iki_portal.domain.errors import Invalid
from iki_portal.imports.scanning import (
    MOST_ROWS,
    ORDINARY,
    UNREADABLE,
    UNUSUAL,
    Markup,
    Noted,
    Oddities,
    Part,
    Room,
    Totals,
    too_many_rows,
)
from iki_portal.imports.unpacking import ENCRYPTED, METHODS, MOST_ENTRIES, chunks

__all__ = ["LARGEST_WORKBOOK", "MOST_ROWS", "UNREADABLE", "Noted", "Oddities", "Room", "examined"]

LARGEST_WORKBOOK = 10 * 1024 * 1024
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_PDF_MAY_START_WITHIN = 1024
#: The record that ends an archive: its mark, then disks and counts, size and place of the directory, length of a comment.
_END, _END_MARK = struct.Struct("<4s4H2IH"), b"PK\x05\x06"
#: Room for the names of `MOST_ENTRIES`: the directory is read whole before an entry can be counted.
_LARGEST_DIRECTORY = MOST_ENTRIES * 256
_SEGMENT = r"[A-Za-z0-9_\[\]-][A-Za-z0-9_\[\] .()-]*"
_PART_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*|_rels/\.rels")
_ACTIVE = ("vbaproject", "vbadata", "macrosheets/", "dialogsheets/", "activex/", "embeddings/", "externallinks/")
#: What the parser needs; pictures, themes, printer settings and the like stay behind.
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/[^/]+\.xml"
)


def examined(content: bytes, room: Room = ORDINARY, noted: Noted | None = None) -> io.BytesIO:
    """A new archive of the parts that the parser needs, all of them examined.

    A cell that is computed is refused, unless the caller wants it `noted` and says itself what is wrong with it.
    """
    _check_signature(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _check_unpacked(archive, entries, room)
            return _copied(archive, entries, room, noted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeError, expat.ExpatError):
        raise Invalid(UNREADABLE) from None


def _check_signature(content: bytes) -> None:
    if len(content) > LARGEST_WORKBOOK:
        raise Invalid("Berkas lebih besar dari 10 MB.")
    if not content:
        raise Invalid("Berkas kosong.")
    if content.startswith(_OLE):
        raise Invalid("Ini berkas Excel lama (.xls) atau berkata sandi; simpan sebagai .xlsx tanpa kata sandi.")
    if _PDF in content[:_PDF_MAY_START_WITHIN]:
        raise Invalid("Ini berkas PDF, bukan Excel; unggah buku kerja .xlsx.")
    if not content.startswith(_ZIP):
        raise Invalid("Ini bukan berkas Excel (.xlsx).")
    _check_end(content)


def _check_end(content: bytes) -> None:
    """One archive from the first byte to the last, with nothing behind it and a small directory."""
    place = len(content) - _END.size
    if place < 0:
        raise Invalid(UNREADABLE)
    mark, _, _, _, _, size, start, comment = _END.unpack_from(content, place)
    if mark != _END_MARK or comment or start + size != place:
        raise Invalid(UNREADABLE)
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
    if any(entry.flag_bits & ENCRYPTED or entry.compress_type not in METHODS for entry in entries):
        raise Invalid(UNUSUAL)


def _check_unpacked(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], room: Room) -> None:
    """Count what comes out; what the headers say of it is only a claim. A table far too long is known by its tags alone."""
    total = 0
    for entry in entries:
        rows = 0
        for chunk in chunks(archive, entry):
            total += len(chunk)
            rows += chunk.count(b"<row ")
            if total > room.unpacked:
                raise Invalid(f"Isi berkas Excel ini lebih besar dari {room.unpacked // 1024 // 1024} MB.")
            if rows > room.rows + 1:
                raise too_many_rows(room)


def _copied(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], room: Room, noted: Noted | None) -> io.BytesIO:
    file = io.BytesIO()
    totals = Totals(room)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in entries:
            name = entry.filename
            if _NEEDED.fullmatch(name):
                part = Part(totals, None if noted is None else noted.setdefault(name, Oddities()))
                with copy.open(name, "w") as target:
                    for chunk in chunks(archive, entry):
                        part.take(chunk)
                        target.write(chunk)
                part.end()
            elif name.endswith((".xml", ".rels", ".vml")):
                _check_markup(archive, entry)
    totals.check()
    file.seek(0)
    return file


def _check_markup(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    markup = Markup()
    for chunk in chunks(archive, entry):
        markup.take(chunk)
    markup.end()
