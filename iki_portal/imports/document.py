"""Reads the office's IKI document: sheets with their texts verbatim, and findings about everything out of the ordinary.

It may be a text or a Word file; one parser serves both. Nothing is invented or corrected. The only exception that leaves
this module is `UnreadableDocument`: the file is no such document, or reading on would lose or misplace a text.
"""

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from iki_portal.imports.checks import (
    COLUMNS_OF_PORTAL,
    check_duties,
    check_facts,
    check_habits,
    check_owner,
    check_repeated_rows,
    check_rows,
    check_word,
    check_words,
    facts_in,
)
from iki_portal.imports.drafts import SheetDraft, Walk
from iki_portal.imports.findings import Finding, FindingKind, Findings, UnreadableDocument
from iki_portal.imports.lines import Line, Source, lines_of, title_rest
from iki_portal.imports.sheets import ReadIndicator, ReadSheet, ReadStatement
from iki_portal.imports.table import statements_of
from iki_portal.imports.units import Above, DerivedUnit, derive_unit
from iki_portal.imports.word import read_word

__all__ = [
    "LARGEST_DOCUMENT",
    "Finding",
    "FindingKind",
    "ReadDocument",
    "ReadIndicator",
    "ReadSheet",
    "ReadStatement",
    "UnreadableDocument",
    "read_document",
    "read_document_file",
]

LARGEST_DOCUMENT = 5 * 1024 * 1024
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ARCHIVE, _PDF, _OLD_OFFICE_FILE = b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class ReadDocument:
    sheets: tuple[ReadSheet, ...]
    findings: tuple[Finding, ...]


def read_document(content: bytes) -> ReadDocument:
    source = _source_of(content)
    if all(line.cells or title_rest(line.text) is None for line in source.lines):
        raise UnreadableDocument("Dokumen tidak memuat judul INDIKATOR KINERJA INDIVIDU (IKI).")
    notes = _Notes()
    for line in source.aside:
        notes.facts |= facts_in(line)
    notes.facts |= set(COLUMNS_OF_PORTAL) if source.left_out else set()
    walk = Walk(notes.findings)
    drafts = walk.through(notes.while_passing(source.lines))
    sheets = _sheets_of(drafts, notes.findings)
    check_repeated_rows(sheets, notes.findings)
    check_habits(walk.habits, drafts, notes.findings)
    check_facts(notes.facts, drafts[0], notes.findings)
    check_word(source, notes.findings)
    return ReadDocument(sheets, notes.findings.numbered())


def read_document_file(path: Path) -> ReadDocument:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableDocument(f"“{path.name}” bukan berkas biasa.")
        _refuse_large(status.st_size)
        with path.open("rb") as file:
            content = file.read(LARGEST_DOCUMENT + 1)  # the file may have grown since
    except FileNotFoundError:
        raise UnreadableDocument(f"Berkas “{path.name}” tidak ditemukan.") from None
    except (OSError, ValueError):
        raise UnreadableDocument(f"Berkas “{path.name}” tidak dapat dibuka.") from None
    return read_document(content)


@dataclass(slots=True)
class _Notes:
    """What is noticed on each line, wherever it ends up."""

    findings: Findings = field(default_factory=Findings)
    facts: set[str] = field(default_factory=set)

    def while_passing(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            check_words(line, self.findings)
            self.facts |= facts_in(line)
            yield line


def _source_of(content: bytes) -> Source:
    _refuse_large(len(content))
    if content.startswith(_ARCHIVE):
        return read_word(content)
    return Source(tuple(lines_of(_text_of(content))))


def _text_of(content: bytes) -> str:
    if content.startswith(_OLD_OFFICE_FILE):
        raise UnreadableDocument(
            "Berkas Word lama (.doc) atau berkas terkunci kata sandi tidak dapat dibaca; "
            "simpan dahulu sebagai .docx tanpa kata sandi."
        )
    if content.startswith(_PDF):
        raise UnreadableDocument("Berkas PDF tidak dapat dibaca; simpan dahulu sebagai .docx atau teks UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableDocument("Berkas bukan teks UTF-8.") from None
    if _NOT_TEXT.search(text):
        raise UnreadableDocument("Berkas berisi data biner, bukan teks.")
    if not text.strip():
        raise UnreadableDocument("Berkas kosong.")
    return text


def _refuse_large(size: int) -> None:
    if size > LARGEST_DOCUMENT:
        raise UnreadableDocument("Berkas lebih besar dari 5 MB.")


def _sheets_of(drafts: list[SheetDraft], findings: Findings) -> tuple[ReadSheet, ...]:
    sheets: list[ReadSheet] = []
    above: Above | None = None
    for draft in drafts:
        statements = statements_of(draft.table, findings) if draft.table else ()
        sources = [indicator.source for statement in statements for indicator in statement.indicators]
        unit = derive_unit(draft.position, draft.title, sources, above)
        if unit.leads or unit.ends_the_order:
            above = Above(unit, draft.line) if unit.leads else None
        sheet = _sheet_of(draft, unit, statements)
        check_owner(draft, unit, findings)
        check_duties(draft, unit, findings)
        check_rows(sheet, draft, unit, findings)
        sheets.append(sheet)
    return tuple(sheets)


def _sheet_of(draft: SheetDraft, unit: DerivedUnit, statements: tuple[ReadStatement, ...]) -> ReadSheet:
    return ReadSheet(
        heading=draft.title,
        position=draft.position,
        unit=unit.name,
        main_duty=" ".join(draft.main_duty),
        duties=tuple(item.text for item in draft.duties),
        functions=tuple(item.text for item in draft.functions),
        statements=statements,
        line=draft.line,
    )
