"""A file that is brought as evidence: what it is, told by its ending and its content, which must agree.

It is kept and handed out as it is, and never opened by the portal: nothing here parses it. An archive (Word, Excel) is unpacked
once and counted, so that nobody else's computer is filled by it; what runs (macros) or asks elsewhere is refused.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from iki_portal.domain.attachments import ENDINGS, KIND_WORDS, LARGEST_FILE, TAKEN_WORDS, AttachmentKind
from iki_portal.domain.errors import Invalid
from iki_portal.imports.unpacking import ENCRYPTED, METHODS, MOST_ENTRIES, chunks

#: Pictures in a document are packed already, so it may come near its own size; a table packs 60 times.
LARGEST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 5 * 1024 * 1024

_PDF, _PDF_END = b"%PDF-", b"%%EOF"
_PDF_ENDS_WITHIN = 1024
_PNG, _PNG_FIRST, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IHDR", b"IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_ZIP, _OLD_OFFICE_FILE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MAIN_PART = {AttachmentKind.DOCX: "word/document.xml", AttachmentKind.XLSX: "xl/workbook.xml"}
_TYPES = "[Content_Types].xml"
_ACTIVE = ("vbaproject", "vbadata", "macrosheets/", "dialogsheets/", "activex/")
_BAD_NAME = re.compile(r"^/|^[A-Za-z]:|\\|\x00|(?:^|/)\.\.(?:/|$)")
_ENTRY_MARK = b"PK\x01\x02"
_MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:[?!a-z])", re.IGNORECASE)
#: What a file that is none of ours looks like, for its refusal.
_LOOKS_LIKE = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "gambar SVG"),
    (re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)[\s>]", re.IGNORECASE), "halaman HTML"),
    (re.compile(rb"\A(?:MZ|\x7fELF|#!)"), "program"),
)
_LOOKED_AT = 4096


def kind_of(name: str, content: bytes) -> AttachmentKind:
    """What the file is; raises `Invalid` with what is wrong with it and what to do."""
    if not content:
        raise Invalid("Berkas ini kosong.")
    if len(content) > LARGEST_FILE:
        raise Invalid("Berkas lebih besar dari 20 MB. Kecilkan, atau simpan di tempat lain dan cantumkan tautannya.")
    stem, dot, ending = name.rpartition(".")
    kind = ENDINGS.get(ending.lower()) if dot and stem else None
    if kind is None:
        raise Invalid(f"Jenis berkas ini tidak diterima. Yang diterima: {TAKEN_WORDS}.")
    if not _HOLDS[kind](content):
        raise Invalid(
            f"Isi berkas ini bukan {KIND_WORDS[kind]} seperti namanya{_what_instead(content)}. Simpan ulang, lalu pilih lagi."
        )
    if kind in _MAIN_PART:
        _check_archive(content, kind)
    return kind


def _is_pdf(content: bytes) -> bool:
    """From its first byte: a PDF may begin later, and what stands before it could be a page."""
    return content.startswith(_PDF) and _PDF_END in content[-_PDF_ENDS_WITHIN:]


def _is_png(content: bytes) -> bool:
    return content.startswith(_PNG) and content[12:16] == _PNG_FIRST and content.endswith(_PNG_END)


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(_JPEG) and _JPEG_END in content


def _is_archive(content: bytes) -> bool:
    return content.startswith(_ZIP)


_HOLDS: dict[AttachmentKind, Callable[[bytes], bool]] = {
    AttachmentKind.PDF: _is_pdf,
    AttachmentKind.PNG: _is_png,
    AttachmentKind.JPEG: _is_jpeg,
    AttachmentKind.XLSX: _is_archive,
    AttachmentKind.DOCX: _is_archive,
}


def _what_instead(content: bytes) -> str:
    """ " (isinya gambar SVG)", as far as it can be told."""
    head = content[:_LOOKED_AT]
    for pattern, word in _LOOKS_LIKE:
        if pattern.search(head):
            return f" (isinya {word})"
    if content.startswith(_OLD_OFFICE_FILE):
        return " (isinya berkas Office lama atau berkata sandi)"
    if content.startswith(_ZIP):
        return " (isinya arsip)"
    other = next((kind for kind, holds in _HOLDS.items() if holds(content)), None)
    return f" (isinya {KIND_WORDS[other]})" if other else ""


def _check_archive(content: bytes, kind: AttachmentKind) -> None:
    if content.count(_ENTRY_MARK) > MOST_ENTRIES * 4:  # before the list of entries is even built
        raise Invalid("Berkas ini berisi terlalu banyak bagian.")
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, kind)
            _check_unpacked(archive, entries, len(content))
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise Invalid(f"Berkas ini rusak dan bukan {KIND_WORDS[kind]}. Simpan ulang, lalu pilih lagi.") from None


def _check_entries(entries: Sequence[ZipInfo], kind: AttachmentKind) -> None:
    names = [entry.orig_filename for entry in entries]
    lowered = [name.lower() for name in names]
    if len(entries) > MOST_ENTRIES:
        raise Invalid(f"Berkas ini berisi lebih dari {MOST_ENTRIES} bagian.")
    if any(_BAD_NAME.search(name) for name in names) or len(set(lowered)) < len(lowered):
        raise Invalid("Berkas ini memuat nama bagian yang tidak sah.")
    if _MAIN_PART[kind] not in names or _TYPES not in names:
        raise Invalid(
            f"Isi berkas ini bukan {KIND_WORDS[kind]} seperti namanya (isinya arsip lain). Simpan ulang, lalu pilih lagi."
        )
    if any(mark in name for name in lowered for mark in _ACTIVE):
        raise Invalid("Berkas ini memuat makro; simpan dahulu tanpa makro.")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Invalid("Berkas ini terkunci kata sandi; simpan dahulu tanpa kata sandi.")
    if any(entry.compress_type not in METHODS for entry in entries):
        raise Invalid("Berkas ini dimampatkan dengan cara yang tidak wajar; simpan ulang.")


def _check_unpacked(archive: ZipFile, entries: Sequence[ZipInfo], packed: int) -> None:
    """Every entry is unpacked and counted, whatever it says of its size; nothing of it is kept but the list of its types."""
    room = min(LARGEST_UNPACKED, max(_RATIO_COUNTS_FROM, MOST_RATIO * packed))
    for entry in entries:
        types = bytearray()
        for chunk in chunks(archive, entry):
            room -= len(chunk)
            if room < 0:
                raise Invalid("Isi berkas ini terlalu besar setelah dibuka.")
            if entry.orig_filename == _TYPES:
                types += chunk
        if b"macroenabled" in bytes(types).lower():
            raise Invalid("Berkas ini memuat makro; simpan dahulu tanpa makro.")
