"""What is read from a document: sheets with their texts verbatim. Nothing in here is corrected or completed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadIndicator:
    text: str
    formula: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """`number` is what the column NO says; None when it says nothing that is a number (a finding tells)."""

    number: int | None
    text: str
    indicators: tuple[ReadIndicator, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """`position` is what stands behind "Unit Kerja :"; `unit` is derived, or None when it cannot be."""

    heading: str
    position: str
    unit: str | None
    main_duty: str
    duties: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[ReadStatement, ...]
    line: int
