"""Evidence for what was achieved: which files are taken, and what a link must look like."""

from enum import StrEnum
from urllib.parse import urlsplit

from iki_portal.domain.errors import Invalid

LARGEST_FILE = 20 * 1024 * 1024
MOST_ON_A_ROW = 20
LINK_LIMIT = 1000


class AttachmentKind(StrEnum):
    """What evidence is: a file by what it holds, whatever it is called, or the address of something kept elsewhere."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    XLSX = "xlsx"
    DOCX = "docx"
    LINK = "link"


KIND_WORDS = {
    AttachmentKind.PDF: "PDF",
    AttachmentKind.PNG: "gambar PNG",
    AttachmentKind.JPEG: "gambar JPEG",
    AttachmentKind.XLSX: "buku kerja Excel",
    AttachmentKind.DOCX: "dokumen Word",
    AttachmentKind.LINK: "tautan",
}
#: Ending of a file's name → what the file must then hold.
ENDINGS = {
    "pdf": AttachmentKind.PDF,
    "png": AttachmentKind.PNG,
    "jpg": AttachmentKind.JPEG,
    "jpeg": AttachmentKind.JPEG,
    "xlsx": AttachmentKind.XLSX,
    "docx": AttachmentKind.DOCX,
}
TAKEN_WORDS = "PDF, PNG, JPEG, XLSX, atau DOCX"


def checked_link(text: str) -> str:
    """The address as it is kept; raises `Invalid` for what is none. Nothing but http and https, and no password in it."""
    link = text.strip()
    if len(link) > LINK_LIMIT:
        raise Invalid(f"Tautan paling panjang {LINK_LIMIT} huruf; ini {len(link)} huruf.")
    try:
        parts = urlsplit(link)
        is_address = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port is not False
    except ValueError:
        is_address = False
    if not is_address or not link.isprintable() or " " in link:
        raise Invalid("Tautan ini bukan alamat. Tuliskan lengkap, misalnya https://drive.lumajangkab.go.id/laporan.")
    if parts.password is not None or parts.username is not None:
        raise Invalid("Tautan tidak boleh memuat nama pengguna atau sandi.")
    return link
