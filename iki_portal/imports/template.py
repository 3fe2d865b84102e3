"""The portal's own workbook to fill in: one row for each indicator, read back by `worksheets`.

All cells are text, also those for targets: a figure then stays as it was typed, "100%" or "12,5", whatever the settings
of the machine, and what looks like a formula computes nothing.
"""

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS

TAB, INSTRUCTIONS_TAB = "Lembar IKI", "Petunjuk"
#: Heading → width in characters.
COLUMNS = {
    "Jabatan": 32,
    "Unit kerja": 32,
    "No": 6,
    "Kinerja": 40,
    "Indikator kinerja": 40,
    "Penjelasan/formulasi": 40,
    "Sumber data": 24,
    "Satuan": 14,
    "Polaritas": 28,
    "Cara hitung tahunan": 26,
    "Target": 12,
    "TW I": 10,
    "TW II": 10,
    "TW III": 10,
    "TW IV": 10,
}
INSTRUCTIONS = (
    "Cara mengisi",
    "Satu baris untuk satu indikator. Jangan mengubah nama kolom pada baris pertama.",
    "Jabatan dan Unit kerja boleh dikosongkan pada baris lanjutan; baris itu milik jabatan di atasnya.",
    "No dan Kinerja boleh dikosongkan bila satu kinerja mempunyai beberapa indikator.",
    "Dua jabatan bernama sama dalam satu unit dibedakan oleh No yang mulai lagi dari 1.",
    "Penjelasan/formulasi menyebut cara menghitung, bukan mengulang indikator.",
    "Satuan misalnya %, dokumen, laporan, orang, paket, atau unit.",
    "Polaritas dan Cara hitung tahunan dipilih dari daftar pada selnya.",
    "Target dan TW ditulis dengan angka: titik memisahkan ribuan dan koma memisahkan desimal, misalnya 1.234,5.",
    "Target berupa rentang ditulis dengan tanda hubung, misalnya 80-90.",
    "Triwulan tanpa target dibiarkan kosong, bukan diisi nol.",
    "Baris jabatan yang tidak diisi kinerjanya tidak dijadikan lembar.",
)
_ROOM_BELOW = 300
_NO_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class TemplatePost:
    """A post for which a row is prepared."""

    position: str
    unit: str = ""


def template_xlsx(posts: Sequence[TemplatePost]) -> bytes:
    """An empty template, with a row for each of `posts` in their order."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1})
    # Stays text also after somebody has pressed F2 and Enter in it.
    quoted = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "quote_prefix": True})
    worksheet = book.add_worksheet(TAB)
    _lay_out(book, worksheet, text, last=len(posts) + _ROOM_BELOW)
    for row, post in enumerate(posts, start=1):
        worksheet.write_string(row, 0, _safe(post.position), quoted)
        worksheet.write_string(row, 1, _safe(post.unit), quoted)
    _write_instructions(book)
    book.close()
    return file.getvalue()


def _lay_out(book: Any, worksheet: Any, text: Any, *, last: int) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E6ECF2"})
    for column, (heading, width) in enumerate(COLUMNS.items()):
        worksheet.set_column(column, column, width, text)
        worksheet.write_string(0, column, heading, head)
    headings = list(COLUMNS)
    for heading, words in (("Polaritas", POLARITY_WORDS), ("Cara hitung tahunan", AGGREGATION_WORDS)):
        column = headings.index(heading)
        worksheet.data_validation(1, column, last, column, {"validate": "list", "source": list(words.values())})
    worksheet.freeze_panes(1, 0)
    worksheet.repeat_rows(0)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.ignore_errors({"number_stored_as_text": f"A1:O{last + 1}"})


def _write_instructions(book: Any) -> None:
    worksheet = book.add_worksheet(INSTRUCTIONS_TAB)
    worksheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, words in enumerate(INSTRUCTIONS):
        worksheet.write_string(row, 0, words)


def _safe(text: str) -> str:
    """XlsxWriter takes text between <r> tags for finished markup and writes it unescaped; so it gets finished markup."""
    text = _NO_CHARACTER.sub("\ufffd", text)
    is_markup = text.startswith("<r>") and text.endswith("</r>")
    return f'<r><t xml:space="preserve">{html.escape(text, quote=False)}</t></r>' if is_markup else text
