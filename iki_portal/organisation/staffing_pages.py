"""How a workbook and its rows are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from iki_portal.domain.dates import format_date
from iki_portal.domain.people import format_identifier
from iki_portal.domain.staffing import Fate
from iki_portal.imports.staffing.rows import Problem
from iki_portal.imports.staffing.tabs import SHAPES, Column, Kind, Tab
from iki_portal.models import StaffingState
from iki_portal.organisation.staffing_workbooks import RowLine, WorkbookLine
from iki_portal.web.labels import FATE_LABELS, STAFFING_LABELS, UPLOAD_STALE, Label

#: What is under way, in its order: the page says how far it is.
STEPS = {
    StaffingState.QUEUED: "Menunggu dibaca",
    StaffingState.READING: "Membaca berkas",
    StaffingState.COMPARING: "Membandingkan dengan organisasi",
}


def label_of(line: WorkbookLine) -> Label:
    return UPLOAD_STALE if line.is_stale else STAFFING_LABELS[line.state]


@dataclass(frozen=True, slots=True)
class CountLine:
    """One tab in the table of counts."""

    tab: Tab
    title: str
    counts: dict[Fate, int]


def counted(line: WorkbookLine) -> list[CountLine]:
    return [CountLine(tab, SHAPES[tab].title, {fate: line.count(fate, tab) for fate in Fate}) for tab in Tab if line.counts]


@dataclass(frozen=True, slots=True)
class Shown:
    """One text of a row: what it is to be, and, of a changed one, what it was."""

    heading: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row as the page has it."""

    tab: str
    number: int
    title: str
    label: Label
    is_new: bool
    texts: list[Shown]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = field(default=())


def shown_rows(lines: Sequence[RowLine]) -> list[ShownRow]:
    return [
        ShownRow(
            SHAPES[line.tab].title,
            line.number,
            line.title,
            FATE_LABELS[line.fate],
            line.fate is Fate.NEW,
            list(_texts(line)),
            tuple(_quoted(problem, line.tab) for problem in line.body.problems),
            line.body.warnings,
        )
        for line in lines
    ]


def _texts(line: RowLine) -> Iterator[Shown]:
    now, before = line.body.now, line.body.before
    for column in SHAPES[line.tab].read:
        text = now.get(column.name, "")
        if column.name in now and text != before.get(column.name, ""):
            yield Shown(column.heading, _in_words(column, text), _in_words(column, before.get(column.name, "")))


def _quoted(problem: Problem, tab: Tab) -> Problem:
    """What the portal wrote into the row (a day, a kind) in words; what was typed as it was typed."""
    column = next((each for each in SHAPES[tab].read if each.heading == problem.column and each.kind is not Kind.DIGITS), None)
    return problem._replace(value=_in_words(column, problem.value)) if column else problem


def _in_words(column: Column, text: str) -> str:
    if column.kind is Kind.DIGITS:
        return format_identifier(text)
    if column.kind is Kind.DAY and len(text) == 10 and text[4] == "-":
        return format_date(date.fromisoformat(text))
    if column.name == "employee" and text.startswith("+"):
        return f"pegawai baru di baris {text[1:]}"
    return column.choices.get(text, text)
