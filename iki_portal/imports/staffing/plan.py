"""What an import would do, row by row, and what it was compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from iki_portal.domain.staffing import Fate
from iki_portal.imports.staffing.rows import Problem
from iki_portal.imports.staffing.tabs import SHAPES, Shape, Tab

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the portal as the workbook writes it; `title` is what a person calls it."""

    id: int
    values: Values
    title: str
    #: Of a unit: the name that the database keeps unique (after its day, the later one is shown instead).
    kept_name: str = ""


@dataclass(frozen=True, slots=True)
class SheetsOnTheWay:
    """How many sheets in preparation, of years not closed, are a post's own, and how many of others pass it."""

    own: int = 0
    passing: int = 0


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that stands. Units and posts by code; people and assignments by number."""

    today: date
    units: Mapping[str, Standing] = field(default_factory=dict)
    posts: Mapping[str, Standing] = field(default_factory=dict)
    employees: Mapping[str, Standing] = field(default_factory=dict)
    #: The column `employee` holds the number of the employee, `post` the code of the post.
    assignments: Mapping[str, Standing] = field(default_factory=dict)
    #: By code of the post; posts without any are missing.
    sheets: Mapping[str, SheetsOnTheWay] = field(default_factory=dict)


@dataclass(slots=True)
class Planned:
    """One row of the workbook. `values` are as they would be stored, references resolved."""

    tab: Tab
    number: int
    values: Values
    title: str = ""
    standing: Standing | None = None
    problems: list[Problem] = field(default_factory=list)
    #: Worth knowing, and no obstacle.
    warnings: list[str] = field(default_factory=list)

    @property
    def shape(self) -> Shape:
        return SHAPES[self.tab]

    @property
    def fate(self) -> Fate:
        if self.problems:
            return Fate.WRONG
        if self.standing is None:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of the columns whose texts differ from what stands; none of a new row."""
        if self.standing is None or self.values == self.standing.values:
            return ()
        pairs = zip(self.shape.read, self.values, self.standing.values, strict=True)
        return tuple(column.name for column, now, before in pairs if now != before)

    def get(self, name: str) -> str:
        return self.values[self.shape.place(name)]

    def put(self, name: str, text: str) -> None:
        place = self.shape.place(name)
        self.values = (*self.values[:place], text, *self.values[place + 1 :])

    def object(self, name: str, reason: str, expected: str = "") -> None:
        """Say what is wrong in a column, with what stands there."""
        column = self.shape.read[self.shape.place(name)]
        self.problems.append(Problem(column.heading, self.get(name), reason, expected))

    @property
    def is_judged(self) -> bool:
        """New or changed: what the portal says already is not judged again."""
        return self.fate in (Fate.NEW, Fate.CHANGED)


@dataclass(frozen=True, slots=True)
class Plan:
    rows: dict[Tab, list[Planned]]
    faults: list[tuple[str, int, Problem]]
    notices: list[str]

    def all_rows(self) -> Iterable[Planned]:
        for tab in Tab:
            yield from self.rows.get(tab, ())
