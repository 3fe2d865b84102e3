"""The rows of a plan as they are kept: one JSON each, so that a page reads a page of them, and the import what it writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from iki_portal.domain.staffing import Fate
from iki_portal.imports.staffing.plan import Plan, Planned
from iki_portal.imports.staffing.rows import Problem
from iki_portal.imports.staffing.tabs import SHAPES, TOGETHER, Tab

Texts = dict[str, str]
_WRITTEN = (Fate.NEW, Fate.CHANGED)
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class RowBody:
    """Of a new row every text that is not empty, of a changed one the changed texts and what they were."""

    now: Texts = field(default_factory=dict)
    before: Texts = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    #: By which an assignment of the same workbook names somebody new.
    key: str = ""

    def to_json(self) -> str:
        said = {"now": self.now, "before": self.before, "problems": self.problems, "warnings": self.warnings, "key": self.key}
        return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "RowBody":
        said = json.loads(text) if text else {}
        problems = tuple(Problem(*each) for each in said.get("problems", ()))
        return cls(said.get("now", {}), said.get("before", {}), problems, tuple(said.get("warnings", ())), said.get("key", ""))


def body_of(row: Planned) -> RowBody:
    problems, warnings = tuple(row.problems), tuple(row.warnings)
    pairs = zip(row.shape.read, row.values, strict=True)
    if row.fate is Fate.CHANGED and row.standing is not None:
        names = written_with(row)
        standing = zip(row.shape.read, row.standing.values, strict=True)
        now = {column.name: text for column, text in pairs if column.name in names}
        before = {column.name: text for column, text in standing if column.name in names}
        return RowBody(now, before, problems, warnings)
    if row.fate is Fate.NEW:
        return RowBody({column.name: text for column, text in pairs if text}, {}, problems, warnings, f"+{row.number}")
    return RowBody({}, {}, problems, warnings)


def written_with(row: Planned) -> set[str]:
    """The columns that are written: a later name that holds already is written as the name, an assignment with all its days."""
    names, block = set(row.changes), TOGETHER.get(row.tab, frozenset())
    return names | block if names & block else names


def kept_rows(plan: Plan) -> list[dict[str, Any]]:
    """What is stored of every row, in the order of the workbook; faults of whole tabs come first."""
    rows = [*_faults(plan), *(_kept(row) for row in plan.all_rows())]
    return [{**row, "place": place} for place, row in enumerate(rows, start=1)]


def _faults(plan: Plan) -> Iterator[dict[str, Any]]:
    titles = {shape.title: shape.tab for shape in SHAPES.values()}
    for title, number, problem in plan.faults:
        yield {
            "tab": titles[title].value,
            "number": number,
            "fate": Fate.WRONG,
            "has_warnings": False,
            "title": "",
            "target_id": None,
            "body": RowBody(problems=(problem,)).to_json(),
        }


def _kept(row: Planned) -> dict[str, Any]:
    fate = row.fate
    return {
        "tab": row.tab.value,
        "number": row.number,
        "fate": fate,
        "has_warnings": bool(row.warnings) and fate in _WRITTEN,
        "title": row.title,
        "target_id": row.standing.id if row.standing else None,
        "body": "" if fate is Fate.UNCHANGED else body_of(row).to_json(),
    }


def seal_of(rows: list[dict[str, Any]]) -> str:
    """SHA-256 over everything that would be written."""
    written = sha256()
    for row in rows:
        if row["fate"] in _WRITTEN:
            written.update(f"{row['tab']}\t{row['target_id']}\t{row['body']}\n".encode())
    return written.hexdigest()


def counts_of(rows: list[dict[str, Any]]) -> Counts:
    """Tab → fate → rows; under "warnings" how many rows have any."""
    counts: Counts = {tab.value: {fate.value: 0 for fate in Fate} for tab in Tab}
    warned = 0
    for row in rows:
        counts[row["tab"]][row["fate"].value] += 1
        warned += row["has_warnings"]
    counts["warnings"] = {"rows": warned}
    return counts
