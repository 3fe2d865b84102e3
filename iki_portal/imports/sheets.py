"""What is read from a document: sheets with their texts verbatim. Nothing in here is corrected or completed."""

from dataclasses import dataclass, field
from decimal import Decimal

from iki_portal.domain.targets import Aggregation, Polarity, Quarters
from iki_portal.imports.findings import Finding, Unread


@dataclass(frozen=True, slots=True)
class ReadIndicator:
    """`target_text` is the target word by word where it is no number; "80-90" is a target and an upper bound."""

    text: str
    formula: str
    source: str
    line: int
    unit_of_measure: str = ""
    polarity: Polarity | None = None
    aggregation: Aggregation | None = None
    target: Decimal | None = None
    target_upper: Decimal | None = None
    target_text: str = ""
    quarters: Quarters = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """`number` is what the column NO says; None when it says nothing that is a number (a finding tells)."""

    number: int | None
    text: str
    indicators: tuple[ReadIndicator, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """`position` is what stands behind "Jabatan :", or behind "Unit Kerja :" where the office writes its posts.

    `unit` is written or derived, or None when it cannot be. `line` to `last_line` is where the original says all this.
    """

    heading: str
    position: str
    unit: str | None
    main_duty: str
    duties: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[ReadStatement, ...]
    line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class ReadDocument:
    sheets: tuple[ReadSheet, ...]
    findings: tuple[Finding, ...]
    #: Every text that found no place in a sheet.
    unread: tuple[Unread, ...] = ()
    #: The original, the first on line 1: what stands on the lines that sheets, findings and unread texts name.
    lines: tuple[str, ...] = field(default=(), compare=False, repr=False)
