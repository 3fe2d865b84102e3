"""The archive around a Word document, looked over before anything in it is parsed.

Sizes are checked as declared and again as unpacked, so that a file cannot fill the memory; what has no business in a
text (macros, document types, path tricks, passwords) is refused whole.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from iki_portal.imports.findings import UnreadableDocument
from iki_portal.imports.unpacking import ENCRYPTED, LARGEST_UNPACKED, METHODS, MOST_ENTRIES, chunks

#: A text in XML packs 10 to 30 times, a long table 60 times; small files may do so better still.
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 5 * 1024 * 1024
#: Tags and attributes of one part: each costs a hundred times its size once parsed.
MOST_MARKS = 300_000

TEXT, STYLES, NUMBERING = "word/document.xml", "word/styles.xml", "word/numbering.xml"
#: The edges of pages and what stands at their feet: part of no sheet, but nothing is dropped.
EDGES = re.compile(r"word/(?:header|footer)[0-9]{1,3}\.xml|word/(?:footnotes|endnotes)\.xml")
_READ = (TEXT, STYLES, NUMBERING)
_XML = (".xml", ".rels", ".vml")
_ENTRY_MARK = b"PK\x01\x02"
_BAD_NAME = re.compile(r"^/|^[A-Za-z]:|\\|\x00|(?:^|/)\.\.(?:/|$)")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{0,40})["']""")
_TYPES = tuple(word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be"))

_BROKEN = "Berkas Word ini rusak dan tidak dapat dibuka."
_TOO_LARGE = "Isi berkas Word ini terlalu besar setelah dibuka; berkas ini tampaknya bukan dokumen IKI."


def word_parts(content: bytes) -> Mapping[str, bytes]:
    """The parts of a Word document that are read; raises `UnreadableDocument` for an archive that is not safe to read."""
    if content.count(_ENTRY_MARK) > MOST_ENTRIES:  # before the list of entries is even built
        raise UnreadableDocument("Berkas Word ini berisi lebih dari 500 bagian dan tidak dapat dibaca.")
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(content))
            return _unpacked(archive, entries)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableDocument(_BROKEN) from None


def _check_entries(entries: Sequence[ZipInfo], packed: int) -> None:
    names = [entry.orig_filename for entry in entries]
    lowered = {name.lower() for name in names}
    if any(_BAD_NAME.search(name) for name in names) or len(lowered) < len(names):
        raise UnreadableDocument("Berkas Word ini memuat nama bagian yang tidak sah dan tidak dapat dibaca.")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise UnreadableDocument("Berkas Word ini terkunci kata sandi; simpan dahulu tanpa kata sandi.")
    if TEXT not in names:
        raise UnreadableDocument(
            "Berkas ini bukan dokumen Word (.docx) dan bukan buku kerja Excel (.xlsx); arsip lain tidak dapat dibaca."
        )
    if any(name.endswith("vbaproject.bin") for name in lowered):
        raise UnreadableDocument("Berkas Word ini memuat makro; simpan dahulu sebagai .docx tanpa makro.")
    if any(entry.compress_type not in METHODS for entry in entries):
        raise UnreadableDocument(_BROKEN)
    _check_size(sum(entry.file_size for entry in entries), packed)


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > LARGEST_UNPACKED or (unpacked > _RATIO_COUNTS_FROM and unpacked > MOST_RATIO * packed):
        raise UnreadableDocument(_TOO_LARGE)


def _unpacked(archive: ZipFile, entries: Sequence[ZipInfo]) -> Mapping[str, bytes]:
    """Every entry is unpacked and counted, whatever it says of its size; only what is read is kept."""
    parts: dict[str, bytes] = {}
    room = LARGEST_UNPACKED
    for entry in entries:
        data = bytearray()
        for chunk in chunks(archive, entry):
            room -= len(chunk)
            if room < 0:
                raise UnreadableDocument(_TOO_LARGE)
            data += chunk
        name = entry.orig_filename
        if name.lower().endswith(_XML):
            _check_xml(name, bytes(data))
        if _is_read(name):
            parts[name] = bytes(data)
    return parts


def _is_read(name: str) -> bool:
    return name in _READ or EDGES.fullmatch(name) is not None


def _check_xml(name: str, data: bytes) -> None:
    if any(word in data for word in _TYPES):
        raise UnreadableDocument("Berkas Word ini memuat deklarasi DTD atau entitas dan tidak dapat dibaca.")
    if name == "[Content_Types].xml" and b"macroenabled" in data.lower():
        raise UnreadableDocument("Berkas Word ini memuat makro; simpan dahulu sebagai .docx tanpa makro.")
    if not _is_read(name):
        return
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in data or (declared and declared[1].lower() != b"utf-8"):  # an encoding could hide a document type
        raise UnreadableDocument(_BROKEN)
    if data.count(b"<") + data.count(b"=") > MOST_MARKS:
        raise UnreadableDocument(_TOO_LARGE)
