"""Sheets as PDF, set by typst: PDF/A-2a and PDF/UA-1, fonts from installed packages, the same bytes for the same facts.

Text reaches typst as JSON, never as markup, so that `#`, `*` or `<b>` print as they are. What no font of ours can show is
printed by its code point ("[U+1F600]"): visible, and nothing is lost.
"""

import json
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_arimo
import fontpkg_noto_sans_arabic
import segno
import typst
from fontTools.ttLib import TTFont

from iki_portal.documents.printed import PrintedSheet, Proof, Signer, target_text
from iki_portal.domain.dates import format_date
from iki_portal.domain.workflow import revision_name

HEADING = "INDIKATOR KINERJA INDIVIDU (IKI)"
#: Marks our files, so that a changed one is told from a stranger's (`Periksa dokumen`).
KEYWORD = "portal-iki"

_TEMPLATES = Path(__file__).parent / "typst"
_FONT_FOLDERS = [Path(package.__file__).parent / "files" for package in (fontpkg_arimo, fontpkg_noto_sans_arabic)]
#: Characters of a cell above which it may not fit on one page, and a row may be torn.
_TALLEST_CELL = 1400
_TALLEST_STATEMENT = 3200
#: Unicode categories that print nothing of themselves: control, format, surrogate, private use, unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Format signs that shape the letters beside them: soft hyphen, zero-width joiner and non-joiner.
_JOINERS = frozenset({0xAD, 0x200C, 0x200D})
_own = threading.local()


def sheet_pdf(sheet: PrintedSheet, *, printed_on: date) -> bytes:
    """One sheet. `printed_on` stands on drafts alone: an approved sheet's document names no day but its own."""
    facts = {**sheet_facts(sheet), **_document_facts(sheet, printed_on)}
    return compile_pdf("one.typ", {"sheet": json.dumps(facts, ensure_ascii=False)}, on=sheet_day(sheet, printed_on))


def compile_pdf(template: str, inputs: Mapping[str, str], *, on: date, is_official: bool = True) -> bytes:
    """Bytes of the PDF; one compiler per thread, because typst's is not made to be shared.

    `is_official`: to the archive and accessibility standards; parts of a book, which are joined later, without.
    """
    compiler = getattr(_own, "compiler", None)
    if compiler is None:
        compiler = _own.compiler = typst.Compiler(root=_TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True)
    made = compiler.compile(
        input=_TEMPLATES / template,
        format="pdf",
        sys_inputs=dict(inputs),
        pdf_standards=["a-2a", "ua-1"] if is_official else [],
        pdf_tags=is_official,
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave more than one file")
    return made


def sheet_facts(sheet: PrintedSheet) -> dict[str, Any]:
    """What the template prints of a sheet, every text fit for its fonts."""
    paper = sheet.paper
    facts = {
        "heading_lines": [HEADING, *paper.heading.splitlines()],
        "position": paper.position,
        "main_duty": paper.main_duty,
        "duties": list(paper.duties),
        "functions": list(paper.functions),
        "statements": [_statement_facts(each) for each in paper.statements],
        "remarks": list(sheet.remarks),
        "is_draft": sheet.is_draft,
        "proposed": _signer_facts(sheet.proposed),
        "approved": _signer_facts(sheet.approved),
        "at_place": sheet.office.at_place(sheet.approved.on) if sheet.approved else [],
        "proof": _proof_facts(sheet, sheet.proof) if sheet.proof else None,
    }
    return {name: shown(value) for name, value in facts.items()}


def sheet_day(sheet: PrintedSheet, printed_on: date) -> date:
    return sheet.approved.on if sheet.approved and sheet.approved.on else printed_on


def _document_facts(sheet: PrintedSheet, printed_on: date) -> dict[str, Any]:
    paper, day = sheet.paper, sheet_day(sheet, printed_on)
    name = f"IKI {paper.position}, tahun {paper.year}, {revision_name(paper.revision).lower()}"
    words = {
        "title": name,
        "keywords": [KEYWORD, sheet.proof.code] if sheet.proof else [],
        "letterhead": list(sheet.office.letterhead),
        "footer": f"DRAF, dicetak {format_date(printed_on)}: bukan dokumen resmi" if sheet.is_draft else _footer(sheet),
    }
    return {
        **{name: shown(value) for name, value in words.items()},
        "date": [day.year, day.month, day.day],
        "page_size": sheet.office.page_size,
    }


def _footer(sheet: PrintedSheet) -> str:
    paper = sheet.paper
    register = f"Register {sheet.proof.register} · " if sheet.proof else ""
    return f"{register}{paper.position} · Tahun {paper.year} · {revision_name(paper.revision)}"


def _statement_facts(statement: Any) -> dict[str, Any]:
    indicators = [
        {
            "text": each.text,
            "formula": each.formula,
            "source": each.source,
            "unit": each.unit_of_measure,
            "target": target_text(each.target, each.target_upper),
        }
        for each in statement.indicators
    ]
    rows = [max(len(each["text"]), len(each["formula"]), len(each["source"]) * 4 // 3) for each in indicators] or [0]
    longest = max(len(statement.text), *rows)
    return {
        "number": statement.number,
        "text": statement.text,
        "indicators": indicators,
        "tall": longest > _TALLEST_CELL or max(sum(rows), len(statement.text)) > _TALLEST_STATEMENT,
    }


def _signer_facts(signer: Signer | None) -> dict[str, str] | None:
    if signer is None:
        return None
    return {"name": signer.full_name, "title": signer.title, "rank": signer.rank, "identifier": signer.identifier}


def _proof_facts(sheet: PrintedSheet, proof: Proof) -> dict[str, Any]:
    where = f"{proof.address}/periksa" if proof.address else "Portal IKI, halaman Periksa dokumen,"
    lines = [f"Nomor register {proof.register} · {revision_name(sheet.paper.revision)} · Kode {proof.code}"]
    if sheet.reviewed and sheet.reviewed.on:
        lines.append(f"Direviu oleh {sheet.reviewed.full_name}, {sheet.reviewed.title}, {format_date(sheet.reviewed.on)}.")
    lines += [
        f"Periksa keaslian cetakan ini di {where} dengan kode di atas.",
        "Kode ini bukan tanda tangan elektronik: ia menunjukkan tempat memeriksa dokumen.",
        f"Riwayat no. {proof.history_number}: {proof.history_hash[:16]} · SHA-256 salinan: {proof.copy_hash[:16]}",
    ]
    drawn, aim = check_code(proof.code, proof.address)
    return {"qr": drawn, "qr_says": f"Kode QR: {aim}", "lines": lines}


def check_code(code: str, address: str) -> tuple[str, str]:
    """The QR code (an SVG) that leads to the page that checks a print, and where it leads; without an address, the code."""
    aim = f"{address}/periksa?kode={code}" if address else code
    drawn: str = segno.make(aim, error="m", micro=False).svg_inline(
        scale=4, border=2, dark="#000", light="#fff", omitsize=False
    )
    return drawn, aim


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(_FONT_FOLDERS))


@cache
def _covered() -> frozenset[int]:
    """Code points that a font of ours can show. Without control signs and those that turn the direction of text around."""
    covered: set[int] = set()
    for folder in _FONT_FOLDERS:
        for file in folder.glob("*.ttf"):
            if "Italic" not in file.name:
                with TTFont(file, lazy=True) as font:
                    covered |= set(font.getBestCmap())
    hidden = {point for point in covered if unicodedata.category(chr(point)) in _HIDDEN} - _JOINERS
    return frozenset((covered - hidden) | {0x0A})


def shown(value: Any) -> Any:
    """The same value with every text fit for the page."""
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shown(each) for each in value]
    return value


def _shown_text(text: str) -> str:
    covered = _covered()
    if all(ord(sign) in covered for sign in text):
        return text
    return "".join(sign if ord(sign) in covered else f"[U+{ord(sign):04X}]" for sign in text)
