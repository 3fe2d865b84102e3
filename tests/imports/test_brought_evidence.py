"""Files that are brought as evidence: the honest ones, those in disguise, and those that would do harm."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from docx import Document
from PIL import Image
from xlsxwriter import Workbook

from iki_portal.domain.attachments import LARGEST_FILE, AttachmentKind
from iki_portal.domain.errors import Invalid
from iki_portal.imports.evidence import kind_of
from tests.office import PDF

TYPES = b'<?xml version="1.0"?><Types/>'
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def picture(form: str) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (3, 2), "teal").save(body, form)
    return body.getvalue()


def docx() -> bytes:
    body = io.BytesIO()
    document = Document()
    document.add_paragraph("Laporan triwulan I")
    document.save(body)
    return body.getvalue()


def xlsx() -> bytes:
    body = io.BytesIO()
    with Workbook(body) as workbook:
        workbook.add_worksheet().write(0, 0, 12)
    return body.getvalue()


def archive(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return body.getvalue()


def word(**more: bytes) -> bytes:
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>", **more})


HONEST: list[tuple[str, Callable[[], bytes], AttachmentKind]] = [
    ("laporan.pdf", lambda: PDF, AttachmentKind.PDF),
    ("LAPORAN.PDF", lambda: PDF, AttachmentKind.PDF),
    ("foto.png", lambda: picture("PNG"), AttachmentKind.PNG),
    ("foto.jpg", lambda: picture("JPEG"), AttachmentKind.JPEG),
    ("foto.jpeg", lambda: picture("JPEG"), AttachmentKind.JPEG),
    ("rekap.xlsx", xlsx, AttachmentKind.XLSX),
    ("notulen.docx", docx, AttachmentKind.DOCX),
]


@pytest.mark.parametrize(("name", "content", "kind"), HONEST, ids=[each[0] for each in HONEST])
def test_an_honest_file_is_what_it_says(name: str, content: Callable[[], bytes], kind: AttachmentKind) -> None:
    assert kind_of(name, content()) is kind


DISGUISED = [
    ("gambar.svg", SVG, "tidak diterima"),
    ("halaman.html", HTML, "tidak diterima"),
    ("lama.doc", b"\xd0\xcf\x11\xe0" + bytes(64), "tidak diterima"),
    ("program.exe", b"MZ" + bytes(64), "tidak diterima"),
    ("laporan", PDF, "tidak diterima"),
    (".pdf", PDF, "tidak diterima"),
    ("laporan.pdf.svg", PDF, "tidak diterima"),
    ("kosong.pdf", b"", "kosong"),
    ("gambar.png", SVG, "bukan gambar PNG seperti namanya (isinya gambar SVG)"),
    ("laporan.pdf", HTML, "bukan PDF seperti namanya (isinya halaman HTML)"),
    ("laporan.pdf", HTML + PDF, "bukan PDF seperti namanya (isinya halaman HTML)"),
    ("laporan.pdf", PDF[:20], "bukan PDF"),
    ("foto.jpg", picture("PNG"), "bukan gambar JPEG seperti namanya (isinya gambar PNG)"),
    ("foto.png", picture("PNG") + HTML, "bukan gambar PNG"),
    ("foto.png", picture("PNG")[:-12], "bukan gambar PNG"),
    ("rekap.xlsx", PDF, "bukan buku kerja Excel seperti namanya (isinya PDF)"),
    ("rekap.xlsx", b"\xd0\xcf\x11\xe0" + bytes(64), "Office lama atau berkata sandi"),
    ("rekap.xlsx", word(), "isinya arsip lain"),
    ("notulen.docx", xlsx(), "isinya arsip lain"),
    ("notulen.docx", archive({"laporan.pdf": PDF}), "isinya arsip lain"),
    ("notulen.docx", b"PK\x03\x04" + bytes(200), "rusak"),
    ("notulen.docx", docx()[:-400], "rusak"),
    ("notulen.docx", word(**{"word/vbaProject.bin": b"x"}), "makro"),
    ("rekap.xlsx", archive({"[Content_Types].xml": b"<a macroEnabled/>", "xl/workbook.xml": b"<w/>"}), "makro"),
    ("notulen.docx", word(**{"../../etc/passwd": b"x"}), "nama bagian yang tidak sah"),
    ("notulen.docx", word(**{"/etc/passwd": b"x"}), "nama bagian yang tidak sah"),
    ("notulen.docx", word(**{"WORD/document.xml": b"x"}), "nama bagian yang tidak sah"),
    (
        "notulen.docx",
        archive({"[Content_Types].xml": TYPES, "word/document.xml": b"x"}, method=zipfile.ZIP_LZMA),
        "tidak wajar",
    ),
    ("notulen.docx", word(**{f"word/media/{number}.png": b"" for number in range(501)}), "lebih dari 500 bagian"),
]


@pytest.mark.parametrize(("name", "content", "said"), DISGUISED, ids=[f"{each[0]}-{each[2][-24:]}" for each in DISGUISED])
def test_a_file_in_disguise_is_refused_with_its_reason(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        kind_of(name, content)
    assert said in str(refused.value)


def locked() -> bytes:
    """The flag of a password on the first entry, in both places where an archive says it."""
    content = bytearray(word())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(mark) + place
        content[start : start + 2] = struct.pack("<H", 1)
    return bytes(content)


def bomb() -> bytes:
    """Far more inside than the file is long."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert packed
    return word(**{"word/media/nol.xml": bytes(110 * 1024 * 1024)})


def lying_bomb() -> bytes:
    """The same, with headers that claim nothing of it."""
    content = bytearray(bomb())
    size = struct.pack("<I", 110 * 1024 * 1024)
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"), [(locked, "kata sandi"), (bomb, "terlalu besar setelah dibuka"), (lying_bomb, "rusak")]
)
def test_an_archive_that_would_do_harm_is_refused_quickly_and_small(content: Callable[[], bytes], said: str) -> None:
    made = content()
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Invalid, match=said):
        kind_of("notulen.docx", made)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024
    assert time.process_time() - began < 3


def test_a_file_over_20_mb_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(Invalid, match="lebih besar dari 20 MB"):
        kind_of("laporan.pdf", b"%PDF-" + bytes(LARGEST_FILE))
