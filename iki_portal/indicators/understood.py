"""What was understood of a document, beside the document's own lines: kept as JSON, so that no page parses a file."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from iki_portal.imports.document import Finding, ReadDocument, ReadSheet
from iki_portal.imports.lines import lines_of
from iki_portal.imports.word import read_word

_ARCHIVE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that found no place in a sheet, word by word, and where it stood."""

    line: int
    text: str
    where: str


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


def understood_of(read: ReadDocument, content: bytes) -> Understood:
    """The adapter to the reader: what it read, what it could not place, and the lines of the file it was given."""
    return Understood(read.sheets, read.findings, (), _lines(content))


def _lines(content: bytes) -> tuple[str, ...]:
    lines = read_word(content).lines if content.startswith(_ARCHIVE) else tuple(lines_of(content.decode("utf-8-sig")))
    texts = {line.number: line.raw for line in lines}
    return tuple(texts.get(number, "") for number in range(1, max(texts) + 1))
