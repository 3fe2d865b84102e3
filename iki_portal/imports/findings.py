"""What the reader of a document has to say: findings it reports, and the one error with which it refuses.

A finding never changes what was read, and what finds no place is kept as `Unread`. Only where going on would give one
person the work of another, the reader refuses the document (`UnreadableDocument`), naming the line.
"""

from dataclasses import dataclass
from enum import StrEnum

from iki_portal.domain.errors import DomainError

MOST_FINDINGS = 2_000


class UnreadableDocument(DomainError):
    """The file is no such document, or one whose rows cannot be told apart by their owners."""


class FindingKind(StrEnum):
    # who and where
    POST_IN_UNIT = "post_in_unit"
    UNIT_UNKNOWN = "unit_unknown"
    SOURCE_DIFFERS = "source_differs"
    HEADING_DIFFERS = "heading_differs"
    HEADING_MISSING = "heading_missing"
    POSITION_MISSING = "position_missing"
    MISSING_FACTS = "missing_facts"
    # duties and functions
    COLON_MISSING = "colon_missing"
    FUNCTIONS_ON_LABEL_LINE = "functions_on_label_line"
    MAIN_DUTY_IS_LIST = "main_duty_is_list"
    MAIN_DUTY_MISSING = "main_duty_missing"
    LETTER_OUT_OF_ORDER = "letter_out_of_order"
    ITEM_WITHOUT_LETTER = "item_without_letter"
    ITEM_WITHOUT_END = "item_without_end"
    ITEM_HOLDS_TWO = "item_holds_two"
    OTHER_POST_NAMED = "other_post_named"
    LINE_JOINED = "line_joined"
    STRAY_TEXT = "stray_text"
    PAGE_IS_PICTURE = "page_is_picture"
    # the table
    TABLE_MISSING = "table_missing"
    TABLE_BROKEN = "table_broken"
    TABLE_NOT_READ = "table_not_read"
    HEADER_TAGGED = "header_tagged"
    HEADER_REPEATED = "header_repeated"
    COLUMN_MISSING = "column_missing"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_DOUBLED = "column_doubled"
    ROW_SHORT = "row_short"
    ROW_LONG = "row_long"
    ROW_TORN = "row_torn"
    POST_WITHOUT_ROWS = "post_without_rows"
    CELL_EMPTY = "cell_empty"
    NUMBER_UNREADABLE = "number_unreadable"
    NUMBER_OUT_OF_ORDER = "number_out_of_order"
    CONTINUATION_ROW = "continuation_row"
    ROW_SHARED = "row_shared"
    ROW_REPEATED = "row_repeated"
    # the figures
    TARGET_NOT_NUMBER = "target_not_number"
    TARGET_RANGE = "target_range"
    FIGURE_AMBIGUOUS = "figure_ambiguous"
    UNIT_FROM_TARGET = "unit_from_target"
    CELL_UNREADABLE = "cell_unreadable"
    # the words
    FORMULA_REPEATS_INDICATOR = "formula_repeats_indicator"
    RUN_TOGETHER = "run_together"
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class Finding:
    number: int
    kind: FindingKind
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that found no place in a sheet, word by word, and where it stood ("kolom PROGRAM", "di bawah tabel")."""

    line: int
    text: str
    where: str


class Findings:
    """Collects findings, and the texts nobody could place, in any order; hands them out in the order of the document."""

    def __init__(self) -> None:
        self._found: list[tuple[int, FindingKind, str]] = []
        self._unread: list[Unread] = []

    def leave(self, line: int, text: str, where: str) -> None:
        if text:
            self._unread.append(Unread(line, text, where))

    def unread(self) -> tuple[Unread, ...]:
        return tuple(sorted(self._unread, key=lambda each: each.line))

    def add(self, kind: FindingKind, line: int, message: str) -> None:
        if len(self._found) >= MOST_FINDINGS:
            # Also what keeps a hostile file from filling the memory with complaints about itself.
            raise UnreadableDocument("Lebih dari 2.000 temuan; berkas ini tampaknya bukan dokumen IKI.")
        self._found.append((line, kind, message))

    def add_summary(self, kind: FindingKind, lines: list[int], message: str) -> None:
        """One finding for a habit of the whole document; `message` says `{lines}` where the places belong."""
        if lines:
            self.add(kind, lines[0], message.format(lines=places(lines)))

    def numbered(self) -> tuple[Finding, ...]:
        in_order = sorted(self._found, key=lambda found: found[0])
        return tuple(Finding(number, kind, line, text) for number, (line, kind, text) in enumerate(in_order, start=1))


def places(lines: list[int]) -> str:
    """“baris 8”, “baris 20 sampai 23” or “baris 8, 202, 286”; a long list ends in a count."""
    first, last = lines[0], lines[-1]
    if len(lines) == 1:
        return f"baris {first}"
    if lines == list(range(first, last + 1)):
        return f"baris {first} sampai {last}" if len(lines) > 2 else f"baris {first} dan {last}"
    shown = ", ".join(str(line) for line in lines[:30])
    return f"baris {shown}" + (f" dan {len(lines) - 30} baris lain" if len(lines) > 30 else "")


def quote(text: str, most: int = 100) -> str:
    return f"“{text}”" if len(text) <= most else f"“{text[:most].rstrip()} …”"
