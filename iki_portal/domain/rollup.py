"""What supporters add up to under a parent, without counting anything twice and without inventing a sum.

Each row counts once, on however many paths it is reached. Twins (the same words, satuan, cara hitung and population under
several posts) measure one thing, which counts once; when they report different figures nobody knows which is right, so
neither is added.
Only counts are added, each satuan by itself: an indicator whose year is the sum of its quarters. Shares, averages and states at
the end of a period are shown row by row. What is not reported is not nought: it is missing, and the total says of how many.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from iki_portal.domain.cascade import RowKey
from iki_portal.domain.checks import text_key
from iki_portal.domain.targets import Aggregation

PERCENT = "%"


class Thing(NamedTuple):
    """What an indicator measures: rows that agree in all of this measure one thing."""

    words: str
    unit: str
    aggregation: Aggregation | None
    population: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """A supporting row, with what was verified of it up to a quarter; None while that quarter is not."""

    row: RowKey
    unit: str
    aggregation: Aggregation | None
    value: Decimal | None
    population: str = ""

    @property
    def thing(self) -> Thing:
        return Thing(self.row.words, self.unit.strip(), self.aggregation, text_key(self.population))

    @property
    def adds(self) -> bool:
        return self.aggregation is Aggregation.SUM and self.thing.unit not in ("", PERCENT)


@dataclass(frozen=True, slots=True)
class Total:
    """What the rows of one satuan add up to."""

    unit: str
    #: None while nothing is reported.
    value: Decimal | None
    #: Different things measured in it, and how many of them are in the sum.
    things: int
    reported: int


@dataclass(frozen=True, slots=True)
class RollUp:
    rows: int
    reported: int
    totals: tuple[Total, ...]
    #: Rows that add to nothing: shares, averages, states.
    not_added: int
    #: Rows that measure what another row measures already.
    twins: int
    #: Things whose twins report different figures.
    differing: int


def roll_up(contributions: Iterable[Contribution]) -> RollUp:
    """Of the supporters of a parent; the same whatever order they come in, and however often one comes."""
    rows = list({each.row: each for each in contributions}.values())
    things: dict[Thing, list[Contribution]] = defaultdict(list)
    for each in rows:
        things[each.thing].append(each)
    counted = {thing: group for thing, group in things.items() if group[0].adds}
    return RollUp(
        rows=len(rows),
        reported=sum(each.value is not None for each in rows),
        totals=tuple(_totals(counted)),
        not_added=sum(not each.adds for each in rows),
        twins=len(rows) - len(things),
        differing=sum(_differ(group) for group in counted.values()),
    )


def _totals(things: dict[Thing, list[Contribution]]) -> Iterable[Total]:
    by_unit: dict[str, list[list[Contribution]]] = defaultdict(list)
    for thing, group in things.items():
        by_unit[thing.unit].append(group)
    for unit in sorted(by_unit):
        values = [value for group in by_unit[unit] if (value := _value_of(group)) is not None]
        yield Total(unit, sum(values, Decimal()) if values else None, len(by_unit[unit]), len(values))


def _figures(group: Sequence[Contribution]) -> set[Decimal]:
    return {each.value for each in group if each.value is not None}


def _differ(group: Sequence[Contribution]) -> bool:
    return len(_figures(group)) > 1


def _value_of(group: Sequence[Contribution]) -> Decimal | None:
    """The figure of one thing; none where its twins contradict each other."""
    figures = _figures(group)
    return figures.pop() if len(figures) == 1 else None
