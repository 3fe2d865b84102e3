"""What was read of a workbook: rows of texts, each with what is wrong in its cells; kept as JSON between two processes."""

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from iki_portal.imports.staffing.tabs import Tab


class Problem(NamedTuple):
    """What is wrong in one cell, or, without a column, in the row; three texts for the person who mends it."""

    column: str
    value: str
    reason: str
    expected: str = ""


class ReadRow(NamedTuple):
    """`number` is the row of Excel; `values` stand in the order of `Shape.read`."""

    number: int
    values: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBook:
    rows: dict[Tab, list[ReadRow]]
    #: What is wrong with a tab as a whole: while there is any, no row is read. Row of Excel and what is wrong.
    faults: list[tuple[str, int, Problem]] = field(default_factory=list)
    #: What was not read and does no harm.
    notices: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


def to_json(book: ReadBook) -> str:
    return json.dumps({"rows": book.rows, "faults": book.faults, "notices": book.notices}, ensure_ascii=False)


def from_json(text: str) -> ReadBook:
    said = json.loads(text)
    rows = {
        Tab(tab): [
            ReadRow(number, tuple(values), tuple(Problem(*each) for each in problems)) for number, values, problems in found
        ]
        for tab, found in said["rows"].items()
    }
    faults = [(tab, number, Problem(*problem)) for tab, number, problem in said["faults"]]
    return ReadBook(rows, faults, said["notices"])
