"""Documents of tables as PDF, set by typst on landscape pages: PDF/A-2a and PDF/UA-1, the same bytes for the same facts."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from iki_portal.documents.pdf import KEYWORD, check_code, compile_pdf, shown
from iki_portal.documents.tables import Check, PaperTable, Section, SignBlock, TableDocument


def table_pdf(document: TableDocument) -> bytes:
    """One file of the whole document, its annex in the same run: for documents of one sheet."""
    return set_pdf(document, document.annex, is_official=True)


def set_pdf(document: TableDocument, annex: Sequence[Section], *, is_official: bool, first_page: int = 0) -> bytes:
    """The document with those sections as its annex; with `first_page` these alone, from that page on."""
    facts: dict[str, Any] = {
        "title": document.name,
        "keywords": [KEYWORD, document.check.code] if document.check else [],
        "letterhead": list(document.office.letterhead),
        "footer": document.footer,
        "front": None if first_page else _section(document.section),
        "signatures": [_signature(each) for each in document.signatures],
        "proof": _check(document.check) if document.check else None,
        "annex": [_section(each) for each in annex],
    }
    plain = {
        "date": _ymd(document.on),
        "page_size": document.office.page_size,
        "first_page": first_page,
        # pages of a part are counted on; how many there are in the end, nobody knows yet
        "is_whole": is_official,
    }
    body = json.dumps({**{name: shown(value) for name, value in facts.items()}, **plain}, ensure_ascii=False)
    return compile_pdf("tables.typ", {"document": body}, on=document.on, is_official=is_official)


def _ymd(day: date) -> list[int]:
    return [day.year, day.month, day.day]


def _section(section: Section) -> dict[str, Any]:
    return {
        "titles": list(section.titles),
        "fields": [list(each) for each in section.fields],
        "tables": [_table(each) for each in section.tables],
        "notes": list(section.notes),
    }


def _table(table: PaperTable) -> dict[str, Any]:
    return {
        "heading": table.heading,
        "columns": [
            {"heading": column.heading, "width": column.width, "is_centred": column.is_centred} for column in table.columns
        ],
        "groups": [
            {
                "lead": [text.split("\n") for text in group.lead],
                "rows": [[text.split("\n") for text in row] for row in group.rows],
                "tall": table.is_tall(group),
            }
            for group in table.groups
        ],
    }


def _signature(block: SignBlock) -> dict[str, Any]:
    signer = block.signer
    return {
        "above": list(block.above),
        "signer": {
            "name": signer.full_name,
            "title": f"{signer.title}," if signer.title else "",
            "rank": signer.rank,
            "identifier": signer.identifier,
        },
    }


def _check(check: Check) -> dict[str, Any]:
    drawn, aim = check_code(check.code, check.address)
    return {"qr": drawn, "qr_says": f"Kode QR: {aim}", "lines": list(check.lines)}
