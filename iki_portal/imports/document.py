"""Reads IKI documents, the office's and others': sheets with their texts verbatim, and findings about all that is odd.

It may be a text, a Word file, a PDF or a workbook; one parser serves all. Nothing is invented, corrected or dropped: what
finds no place in a sheet is in `ReadDocument.unread`. The only exception that leaves this module is `UnreadableDocument`.
"""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from iki_portal.imports.checks import (
    check_duties,
    check_facts,
    check_habits,
    check_owner,
    check_pictures,
    check_repeated_rows,
    check_rows,
    check_words,
    facts_in,
    figures_in,
)
from iki_portal.imports.drafts import Part, SheetDraft
from iki_portal.imports.findings import Finding, FindingKind, Findings, Unread, UnreadableDocument
from iki_portal.imports.kinds import refuse_large, source_of
from iki_portal.imports.limits import LARGEST_DOCUMENT
from iki_portal.imports.lines import Line, title_rest, with_whole_titles
from iki_portal.imports.sheets import ReadDocument, ReadIndicator, ReadSheet, ReadStatement
from iki_portal.imports.table import statements_of
from iki_portal.imports.units import Above, DerivedUnit, derive_unit, written_unit
from iki_portal.imports.walk import Walk

__all__ = [
    "LARGEST_DOCUMENT",
    "Finding",
    "FindingKind",
    "ReadDocument",
    "ReadIndicator",
    "ReadSheet",
    "ReadStatement",
    "Unread",
    "UnreadableDocument",
    "read_document",
    "read_document_file",
]


def read_document(content: bytes) -> ReadDocument:
    source = source_of(content)
    lines = tuple(with_whole_titles(source.lines))
    if not any(line.opens or (not line.cells and title_rest(line.text) is not None) for line in lines):
        raise UnreadableDocument("Dokumen tidak memuat judul INDIKATOR KINERJA INDIVIDU (IKI).")
    notes = _Notes()
    for each in source.aside:
        notes.take_aside(each)
    walk = Walk(notes.findings)
    drafts = walk.through(notes.while_passing(lines))
    sheets = _sheets_of(drafts, notes.findings)
    check_repeated_rows(sheets, notes.findings)
    check_habits(walk.habits, drafts, notes.findings)
    check_facts(notes.facts | figures_in(sheets), drafts[0], notes.findings)
    check_pictures(source, notes.findings)
    return ReadDocument(sheets, notes.findings.numbered(), notes.findings.unread(), source.original())


def read_document_file(path: Path) -> ReadDocument:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableDocument(f"“{path.name}” bukan berkas biasa.")
        refuse_large(status.st_size)
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
            self.facts |= facts_in(line.text)
            yield line

    def take_aside(self, each: Unread) -> None:
        self.facts |= facts_in(each.text)
        self.findings.leave(each.line, each.text, each.where)


def _sheets_of(drafts: list[SheetDraft], findings: Findings) -> tuple[ReadSheet, ...]:
    sheets: list[ReadSheet] = []
    above: Above | None = None
    for draft in drafts:
        statements = statements_of(draft.table, findings) if draft.table else ()
        sources = [indicator.source for statement in statements for indicator in statement.indicators]
        unit = (
            written_unit(draft.unit, draft.position) if draft.unit else derive_unit(draft.position, draft.title, sources, above)
        )
        if unit.leads or unit.ends_the_order:
            above = Above(unit, draft.line) if unit.leads else None
        sheet = _sheet_of(draft, unit, statements)
        check_owner(draft, unit, findings)
        _leave_second_unit(draft, findings)
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
        last_line=draft.last_line,
    )


def _leave_second_unit(draft: SheetDraft, findings: Findings) -> None:
    """ "Unit Kerja" and "Unit Organisasi" both: the smaller is the post's, the other stays beside."""
    other = draft.owner.get(Part.ORGANISATION, "")
    if other and other != draft.unit:
        findings.leave(draft.line_of(Part.ORGANISATION), other, "Unit Organisasi")
