"""The rows of a draft as somebody wants them to stand, and how two people's changes to one draft become one.

`merged` takes the rows that both began from and the rows of each. Where only one side touched a cell, a row or the order,
that side counts; where both wrote the same cell differently, the first side's text stands in the outcome and the place is
named, so that a person decides. Nothing typed is dropped: a row that one side deleted while the other changed it stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from iki_portal.domain.targets import Aggregation, Polarity


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorProposal:
    """An indicator as it shall stand; `id` is None for a new row."""

    id: int | None
    text: str = ""
    formula: str = ""
    source: str = ""
    unit_of_measure: str = ""
    polarity: Polarity | None = None
    aggregation: Aggregation | None = None
    target: Decimal | None = None
    target_upper: Decimal | None = None
    quarter_1: Decimal | None = None
    quarter_2: Decimal | None = None
    quarter_3: Decimal | None = None
    quarter_4: Decimal | None = None
    baseline: Decimal | None = None
    justification: str = ""
    sub_kegiatan_code: str = ""
    numerator: str = ""
    denominator: str = ""
    population: str = ""
    record: str = ""
    cut_off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProposal:
    """A statement and its indicators in their order; `id` is None for a new row."""

    id: int | None
    text: str = ""
    indicators: tuple[IndicatorProposal, ...] = ()


Rows = Sequence[StatementProposal]
#: Everything of an indicator that can be written.
CELLS = tuple(field.name for field in fields(IndicatorProposal) if field.name != "id")


def cells_of(row: IndicatorProposal) -> dict[str, Any]:
    """The cells of a row by the names of their columns."""
    return {name: getattr(row, name) for name in CELLS}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell that both sides wrote differently; `indicator_id` is None for the text of the statement."""

    statement_id: int | None
    indicator_id: int | None
    cell: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Merged:
    rows: tuple[StatementProposal, ...]
    disagreements: tuple[Disagreement, ...]
    #: Rows that the other side had deleted or the first side wanted to delete, and that stay because they were changed.
    kept: int


def merged(base: Rows, first: Rows, second: Rows, *, second_wins: bool = False) -> Merged:
    """Both sides' changes to `base` in one; `second` is what is stored now, and gives the ids.

    A row of `first` that is not stored (any more) comes out without an id: it will be a new one.
    """
    return _Merge(base, first, second, second_wins=second_wins).outcome()


_Key = int | tuple[str, int]


class _Merge:
    """One merge. Statements and indicators are known by id; new rows of the first side by their place among them."""

    def __init__(self, base: Rows, first: Rows, second: Rows, *, second_wins: bool) -> None:
        self._base, self._first, self._second = _Side(base), _Side(first), _Side(second)
        self._second_wins = second_wins
        self._disagreements: list[Disagreement] = []
        self._kept = 0

    def outcome(self) -> Merged:
        keys = _order(self._base.order, self._first.order, self._second.order)
        rows = tuple(row for key in keys if (row := self._statement(key)) is not None)
        return Merged(rows, tuple(self._disagreements), self._kept)

    def _statement(self, key: _Key) -> StatementProposal | None:
        base, first, second = (side.statements.get(key) for side in (self._base, self._first, self._second))
        inner = _order(*(side.inner.get(key, ()) for side in (self._base, self._first, self._second)))
        here = (each for each in inner if self._home(each) == key)
        indicators = tuple(row for each in here if (row := self._indicator(each)) is not None)
        if first is not None and second is not None:
            text = self._cell("text", base, first, second, statement=key)
            return StatementProposal(id=second.id, text=text, indicators=indicators)
        left = first if second is None else second
        if left is None or (base is not None and left.text == base.text and not indicators):
            return None
        self._kept += base is not None and left.text != base.text
        return StatementProposal(id=second.id if second is not None else None, text=left.text, indicators=indicators)

    def _home(self, indicator: _Key) -> _Key | None:
        """The statement it belongs under: where the first side has moved it, else where the second has it."""
        base, first, second = (side.homes.get(indicator) for side in (self._base, self._first, self._second))
        return first if second is None or (first is not None and first != base) else second

    def _indicator(self, key: _Key) -> IndicatorProposal | None:
        base, first, second = (side.indicators.get(key) for side in (self._base, self._first, self._second))
        if first is not None and second is not None:
            cells = {name: self._cell(name, base, first, second, indicator=key) for name in CELLS}
            return replace(second, **cells)
        left = first if second is None else second
        if left is None or (base is not None and _same_cells(left, base)):
            return None
        self._kept += base is not None
        return left if second is not None else replace(left, id=None)

    def _cell(
        self, name: str, base: Any, first: Any, second: Any, *, statement: _Key | None = None, indicator: _Key | None = None
    ) -> Any:
        one, other, before = getattr(first, name), getattr(second, name), getattr(base, name, None)
        if one in (other, before):
            return other
        if other != before:
            ids = [key if isinstance(key, int) else None for key in (statement, indicator)]
            self._disagreements.append(Disagreement(ids[0], ids[1], name, one, other))
            return other if self._second_wins else one
        return one


class _Side:
    """The rows of one side by key, under which statement each indicator stands, and the order of both."""

    def __init__(self, rows: Rows) -> None:
        self.statements: dict[_Key, StatementProposal] = {}
        self.indicators: dict[_Key, IndicatorProposal] = {}
        self.inner: dict[_Key, tuple[_Key, ...]] = {}
        self.homes: dict[_Key, _Key] = {}
        new = 0
        for row in rows:
            new += 1
            key: _Key = ("new", new) if row.id is None else row.id
            self.statements[key] = row
            inner: list[_Key] = []
            for each in row.indicators:
                new += 1
                inner.append(("new", new) if each.id is None else each.id)
                self.indicators[inner[-1]] = each
                self.homes[inner[-1]] = key
            self.inner[key] = tuple(inner)
        self.order = tuple(self.statements)


def _order(base: Sequence[_Key], first: Sequence[_Key], second: Sequence[_Key]) -> list[_Key]:
    """Every key of both sides once. The side that moved rows gives the order; the other's own stand after their neighbour."""
    first_moved = _common(first, base) != _common(base, first)
    lead, other = (first, second) if first_moved else (second, first)
    keys = list(lead)
    for place, key in enumerate(other):
        if key not in keys:
            before = [each for each in other[:place] if each in keys]
            keys.insert(keys.index(before[-1]) + 1 if before else 0, key)
    return keys


def _common(keys: Sequence[_Key], others: Sequence[_Key]) -> list[_Key]:
    return [key for key in keys if key in others]


def _same_cells(one: IndicatorProposal, other: IndicatorProposal) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in CELLS)


def changed_cells(before: Rows, after: Rows) -> Iterator[tuple[str, int, str]]:
    """("statement" or "indicator", id, cell) of each cell that differs in a row which both have."""
    old, new = _Side(before), _Side(after)
    for key, row in new.statements.items():
        if isinstance(key, int) and key in old.statements and old.statements[key].text != row.text:
            yield "statement", key, "text"
    for key, each in new.indicators.items():
        if isinstance(key, int) and key in old.indicators:
            yield from (("indicator", key, name) for name in CELLS if getattr(old.indicators[key], name) != getattr(each, name))


def same_shape(one: Rows, other: Rows) -> bool:
    """Whether both have the same rows in the same order, whatever stands in them."""
    return [(row.id, [each.id for each in row.indicators]) for row in one] == [
        (row.id, [each.id for each in row.indicators]) for row in other
    ]


def same_but_new(sent: Rows, stored: Rows) -> bool:
    """Whether `stored` is what came of `sent`: the same in every cell, where rows that were new have got their ids."""
    known = {row.id for row in sent} | {each.id for row in sent for each in row.indicators}
    return _with_ids(sent, known) == _with_ids(stored, known)


def _with_ids(rows: Rows, known: set[int | None]) -> list[StatementProposal]:
    def only(row_id: int | None) -> int | None:
        return row_id if row_id in known else None

    return [
        replace(row, id=only(row.id), indicators=tuple(replace(each, id=only(each.id)) for each in row.indicators))
        for row in rows
    ]
