"""What kind of file somebody has brought, told by its content and never by its name, and the reader for each kind."""

import re

from iki_portal.imports.findings import UnreadableDocument
from iki_portal.imports.limits import LARGEST_DOCUMENT
from iki_portal.imports.lines import Source, lines_of
from iki_portal.imports.pdf import read_pdf
from iki_portal.imports.word import read_word
from iki_portal.imports.worksheets import read_worksheets

_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ARCHIVE, _PDF, _OLD_OFFICE_FILE = b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0"
_PDF_STARTS_WITHIN = 1024
_WORD_PART, _WORKBOOK_PART, _BINARY_WORKBOOK_PART = b"word/document.xml", b"xl/workbook.xml", b"xl/workbook.bin"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
#: Streams inside an old office file, by their names in UTF-16.
_OLD_KINDS = {
    "EncryptedPackage": "Berkas ini terkunci kata sandi; simpan dahulu tanpa kata sandi.",
    "Workbook": "Berkas Excel lama (.xls) tidak dapat dibaca; simpan dahulu sebagai .xlsx.",
}
_SAVE_AS = "simpan dahulu sebagai .docx, .xlsx, .pdf, atau teks UTF-8."


def source_of(content: bytes) -> Source:
    """The lines of the file; raises `UnreadableDocument` with what to do about a kind that nobody reads here."""
    refuse_large(len(content))
    if content.startswith(_ARCHIVE):
        return _source_of_archive(content)
    if _PDF in content[:_PDF_STARTS_WITHIN]:
        return read_pdf(content)
    _refuse_other_kinds(content)
    return Source(tuple(lines_of(_text_of(content))))


def refuse_large(size: int) -> None:
    if size > LARGEST_DOCUMENT:
        raise UnreadableDocument("Berkas lebih besar dari 5 MB.")


def _source_of_archive(content: bytes) -> Source:
    """The names of the parts stand unpacked in an archive; a Word document may hold a workbook, not the other way."""
    if _WORD_PART in content:
        return read_word(content)
    if _BINARY_WORKBOOK_PART in content:
        raise UnreadableDocument("Berkas Excel biner (.xlsb) tidak dapat dibaca; simpan dahulu sebagai .xlsx.")
    return read_worksheets(content) if _WORKBOOK_PART in content else read_word(content)


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(_OLD_OFFICE_FILE):
        for stream, said in _OLD_KINDS.items():
            if stream.encode("utf-16-le") in content:
                raise UnreadableDocument(said)
        raise UnreadableDocument(
            "Berkas Word lama (.doc) atau berkas terkunci kata sandi tidak dapat dibaca; "
            "simpan dahulu sebagai .docx tanpa kata sandi."
        )
    if content.startswith(_PICTURES) and b"\0" in content[:200]:  # a text may begin with BM
        raise UnreadableDocument(f"Berkas ini gambar, tidak ada teks yang dapat dibaca; {_SAVE_AS}")
    if content.startswith(b"{\\rtf"):
        raise UnreadableDocument(f"Berkas RTF tidak dapat dibaca; {_SAVE_AS}")


def _text_of(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableDocument(f"Berkas bukan teks UTF-8; {_SAVE_AS}") from None
    if _NOT_TEXT.search(text):
        raise UnreadableDocument(f"Berkas berisi data biner, bukan teks; {_SAVE_AS}")
    if not text.strip():
        raise UnreadableDocument("Berkas kosong.")
    return text
