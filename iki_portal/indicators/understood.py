"""What was understood of a document, beside the document's own lines: kept as JSON, so that no page parses a file."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from iki_portal.imports.findings import Finding, Unread
from iki_portal.imports.sheets import ReadDocument, ReadSheet


@dataclass(frozen=True, slots=True)
class Understood:
    sheets: tuple[ReadSheet, ...]
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    #: The document itself; the first stands on line 1.
    lines: tuple[str, ...]

    def part(self, place: int) -> range:
        """The numbers of the lines of a sheet; place 0 is what stands before the first one."""
        starts = [1, *(sheet.line for sheet in self.sheets), len(self.lines) + 1]
        return range(starts[place], starts[place + 1])


_JSON = TypeAdapter(Understood)


def to_json(understood: Understood) -> str:
    return _JSON.dump_json(understood).decode()


def from_json(text: str) -> Understood:
    return _JSON.validate_json(text)


def understood_of(read: ReadDocument) -> Understood:
    """What was read, and what could not be placed: a target that is no figure has no other place than among the unread."""
    targets = (
        Unread(each.line, each.target_text, "kolom TARGET")
        for sheet in read.sheets
        for statement in sheet.statements
        for each in statement.indicators
        if each.target_text
    )
    unread = sorted((*read.unread, *targets), key=lambda each: each.line)
    return Understood(read.sheets, read.findings, tuple(unread), read.lines)
