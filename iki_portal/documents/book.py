"""The year's book: the decree, a table of contents with page numbers, and every sheet, on continuous pages.

A thousand sheets in one typst document take more memory than an office PC has: sheets are set in parts, each beginning on
the page after the part before, and the parts are joined. Joining loses what makes a file PDF/A; the official documents are the
sheets' own prints, and the book says so.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from iki_portal.documents.decree import BLANK_NUMBER, Decree, decree_heading, decree_subject, dictum, items
from iki_portal.documents.joining import page_count
from iki_portal.documents.pdf import compile_pdf, sheet_facts, shown
from iki_portal.documents.printed import PrintedSheet, Signer

#: Few: typst keeps what it has set in memory (5: 350 MB for 1,000 sheets; 20: 500 MB).
SHEETS_IN_A_PART = 5


def book_pdf(
    decree: Decree, sheets: Sequence[PrintedSheet], *, composed_on: date, progress: Callable[[int], None] = lambda _done: None
) -> bytes:
    """The book of these sheets, in their order; `progress` is told after each part how many sheets are set."""
    pages = [0] * len(sheets)
    front = page_count(_front(decree, sheets, pages, composed_on))
    parts: list[bytes] = []
    next_page, done = front + 1, 0
    for start_of_part in range(0, len(sheets), SHEETS_IN_A_PART):
        made = _part(decree, sheets[start_of_part : start_of_part + SHEETS_IN_A_PART], next_page, composed_on)
        parts.append(made)
        for start in _starts(made):
            pages[done] = next_page + start
            done += 1
        next_page += page_count(made)
        progress(done)
    return _joined([_front(decree, sheets, pages, composed_on), *parts], decree, sheets, pages)


def _front(decree: Decree, sheets: Sequence[PrintedSheet], pages: Sequence[int], composed_on: date) -> bytes:
    signer = decree.signer or Signer("", "")
    facts = {
        "title": f"Buku IKI tahun {decree.year}",
        "letterhead": list(decree.office.letterhead),
        "heading": decree_heading(decree),
        "number": decree.number or BLANK_NUMBER,
        "subject": decree_subject(decree),
        "considering": [
            {"mark": f"{chr(97 + place % 26)}.", "text": row} for place, row in enumerate(items(decree.considering))
        ],
        "recalling": [{"mark": f"{place}.", "text": row} for place, row in enumerate(items(decree.recalling), start=1)],
        "deciding": [{"mark": dictum(number), "text": row} for number, row in enumerate(items(decree.deciding), start=1)],
        "at_place": decree.office.at_place(decree.decided_on),
        "signer": {"name": signer.full_name, "title": signer.title, "rank": signer.rank, "identifier": signer.identifier},
        "contents": [
            {"position": sheet.paper.position, "name": sheet.proposed.full_name if sheet.proposed else "", "page": page}
            for sheet, page in zip(sheets, pages, strict=True)
        ],
        "footer": _footer(decree),
    }
    plain = {"date": _ymd(composed_on), "page_size": decree.office.page_size}
    body = json.dumps({**{name: shown(value) for name, value in facts.items()}, **plain}, ensure_ascii=False)
    return compile_pdf("decree.typ", {"decree": body}, on=composed_on, is_official=False)


def _part(decree: Decree, sheets: Sequence[PrintedSheet], first_page: int, composed_on: date) -> bytes:
    facts = {
        "title": f"Buku IKI tahun {decree.year}",
        "first_page": first_page,
        "sheets": [{**sheet_facts(sheet), "letterhead": shown(list(sheet.office.letterhead))} for sheet in sheets],
        "footer": shown(_footer(decree)),
        "date": _ymd(composed_on),
        "page_size": decree.office.page_size,
    }
    body = json.dumps(facts, ensure_ascii=False)
    return compile_pdf("sheets.typ", {"part": body}, on=composed_on, is_official=False)


def _footer(decree: Decree) -> str:
    return f"Buku IKI tahun {decree.year} · naskah resmi tiap lembar: cetakannya sendiri"


def _ymd(day: date) -> list[int]:
    return [day.year, day.month, day.day]


def _starts(pdf: bytes) -> list[int]:
    """The page of each sheet within its part, from 0: the headings, as the outline lists them."""
    reader = PdfReader(BytesIO(pdf))
    return [reader.get_destination_page_number(entry) or 0 for entry in reader.outline if not isinstance(entry, list)]


def _joined(parts: Sequence[bytes], decree: Decree, sheets: Sequence[PrintedSheet], pages: Sequence[int]) -> bytes:
    writer = PdfWriter()
    for part in parts:
        writer.append(BytesIO(part), import_outline=False)
    for sheet, page in zip(sheets, pages, strict=True):
        writer.add_outline_item(title=sheet.paper.position, page_number=page - 1)
    writer.add_metadata({"/Title": f"Buku IKI tahun {decree.year}"})
    made = BytesIO()
    writer.write(made)
    return made.getvalue()
