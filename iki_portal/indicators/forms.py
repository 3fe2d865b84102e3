"""The sheet editor's form: one form for the whole sheet, so that saving is one act and nothing typed is lost.

Statements and indicators have keys: the row's id, or "b1", "b2", … for rows that are not stored yet. Repeated hidden fields
(`statement`, `statement-<key>-indicator`) give the order; cells are `statement-<key>-text` and `indicator-<key>-<cell>`.
Shape only: texts, words of closed lists, numbers. What belongs together is asked in the operation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from iki_portal.documents.paper import Paper
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import parse_number, plain_number
from iki_portal.domain.targets import FIELD_WORDS, QUARTER_FIELDS, QUARTER_WORDS, TEXT_LIMIT, UNIT_LIMIT, Aggregation, Polarity
from iki_portal.indicators.operations import ROW_TWICE, IndicatorProposal, StatementProposal

TEXT_CELLS = ("text", "formula", "source", "unit_of_measure")
CHOICE_CELLS: dict[str, type[Polarity] | type[Aggregation]] = {"polarity": Polarity, "aggregation": Aggregation}
FIGURE_CELLS = ("target", "target_upper", "quarter_1", "quarter_2", "quarter_3", "quarter_4")
CELLS = (*TEXT_CELLS, *CHOICE_CELLS, *FIGURE_CELLS)
CELL_WORDS = {**FIELD_WORDS, **dict(zip(QUARTER_FIELDS, QUARTER_WORDS, strict=True))}
_KEY = re.compile(r"[0-9]{1,9}|b[0-9]{1,4}")
_MOST_ROWS = 2000
AMBIGUOUS = "Tadi tertulis “{typed}”; dimengerti sebagai {understood}. Betulkan bila keliru, lalu simpan lagi."


@dataclass
class IndicatorFields:
    key: str
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CELLS, ""))
    errors: dict[str, str] = field(default_factory=dict)

    def name(self, cell: str) -> str:
        return f"indicator-{self.key}-{cell}"


@dataclass
class StatementFields:
    key: str
    text: str = ""
    error: str = ""
    indicators: list[IndicatorFields] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"statement-{self.key}-text"


@dataclass(frozen=True, slots=True)
class Problem:
    field_id: str
    message: str


class SheetForm:
    """What stands in the editor: from the paper, or from what was posted."""

    def __init__(self, statements: list[StatementFields], version: int) -> None:
        self.statements = statements
        self.version = version

    @classmethod
    def of_paper(cls, paper: Paper, version: int) -> "SheetForm":
        statements = [
            StatementFields(
                str(statement.id),
                statement.text,
                indicators=[IndicatorFields(str(each.id), _values(each)) for each in statement.indicators],
            )
            for statement in paper.statements
        ]
        return cls(statements, version)

    @classmethod
    def of_post(cls, data: MultiDict[str, str]) -> "SheetForm":
        """Raises `Invalid` when the form itself is broken (no version, no end, keys that are none)."""
        version = data.get("version", type=int)
        is_whole = "whole" in data  # the form's last field: rows cut off on the way must not count as removed
        if version is None or not 0 < version < 2**31 or not is_whole:
            raise Invalid("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi.")
        statements = [
            StatementFields(
                key,
                _clean(data.get(f"statement-{key}-text", "")),
                indicators=[
                    IndicatorFields(inner, {cell: _clean(data.get(f"indicator-{inner}-{cell}", "")) for cell in CELLS})
                    for inner in _keys(data.getlist(f"statement-{key}-indicator"))
                ],
            )
            for key in _keys(data.getlist("statement"))
        ]
        _demand_once([each.key for each in statements])
        _demand_once([inner.key for each in statements for inner in each.indicators])
        return cls(statements, version)

    @property
    def problems(self) -> list[Problem]:
        """Every message with the field it belongs to, in the order of the sheet."""
        found = []
        for number, statement in enumerate(self.statements, start=1):
            if statement.error:
                found.append(Problem(statement.name, f"Kinerja {number}: {statement.error}"))
            for place, indicator in enumerate(statement.indicators, start=1):
                found += [
                    Problem(indicator.name(cell), f"Baris {number}.{place}, {CELL_WORDS[cell]}: {message}")
                    for cell, message in indicator.errors.items()
                ]
        return found

    def proposal(self) -> list[StatementProposal]:
        """The rows as they shall stand. Wrong cells are marked in the form (see `problems`) and come out empty."""
        return [
            StatementProposal(
                id=_row_id(statement.key),
                text=_limited(statement),
                indicators=tuple(_proposed(indicator) for indicator in statement.indicators),
            )
            for statement in self.statements
        ]

    def change_rows(self, action: str) -> str:
        """Carry out a button of the editor ("add-statement", "up-indicator:12"); returns the place to go to.

        Raises `Invalid` for a button that does not exist.
        """
        verb, _, key = action.partition(":")
        if verb == "add-statement":
            new = StatementFields(self._new_key(), indicators=[IndicatorFields(self._new_key(1))])
            self.statements.append(new)
            return new.name
        if verb == "add-indicator":
            statement = next((each for each in self.statements if each.key == key), None)
            if statement is not None:
                statement.indicators.append(IndicatorFields(self._new_key()))
                return statement.indicators[-1].name("text")
        for rows in (self.statements, *(statement.indicators for statement in self.statements)):
            if _shift(rows, verb, key):
                return ""
        raise Invalid("Tombol ini tidak dikenal. Muat ulang halaman, lalu coba lagi.")

    def _new_key(self, after: int = 0) -> str:
        keys = [each.key for each in self.statements]
        keys += [inner.key for each in self.statements for inner in each.indicators]
        taken = [int(key[1:]) for key in keys if key.startswith("b")]
        return f"b{max(taken, default=0) + 1 + after}"


def _shift(rows: Any, verb: str, key: str) -> bool:
    """Move or remove the row of `key` in its list; False when it is not there."""
    kind = "statement" if rows and isinstance(rows[0], StatementFields) else "indicator"
    place = next((index for index, row in enumerate(rows) if row.key == key), None)
    if place is None or verb not in (f"up-{kind}", f"down-{kind}", f"remove-{kind}"):
        return False
    row = rows.pop(place)
    if verb.startswith("up"):
        rows.insert(max(place - 1, 0), row)
    elif verb.startswith("down"):
        rows.insert(place + 1, row)
    return True


def _values(indicator: Any) -> dict[str, str]:
    figures = (indicator.target, indicator.target_upper, *indicator.quarters)
    return {
        **{cell: getattr(indicator, cell) for cell in TEXT_CELLS},
        **{cell: getattr(indicator, cell) or "" for cell in CHOICE_CELLS},
        **{cell: "" if value is None else plain_number(value) for cell, value in zip(FIGURE_CELLS, figures, strict=True)},
    }


def _keys(given: Iterable[str]) -> list[str]:
    keys = list(given)[:_MOST_ROWS]
    if not all(_KEY.fullmatch(key) for key in keys):
        raise Invalid("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi.")
    return keys


def _demand_once(keys: list[str]) -> None:
    """New rows have no id yet by which the operation could know them again."""
    if len(set(keys)) != len(keys):
        raise Invalid(ROW_TWICE)


def _clean(text: str) -> str:
    """White space folded as in the office's document; a NUL would be refused by PostgreSQL."""
    return " ".join(text.replace("\x00", "").split())


def _row_id(key: str) -> int | None:
    return None if key.startswith("b") else int(key)


def _limited(statement: StatementFields) -> str:
    if len(statement.text) > TEXT_LIMIT:
        statement.error = f"Teks paling panjang {TEXT_LIMIT} huruf; ini {len(statement.text)} huruf."
    return statement.text


def _proposed(fields: IndicatorFields) -> IndicatorProposal:
    cells: dict[str, Any] = {cell: _text(fields, cell) for cell in TEXT_CELLS}
    cells |= {cell: _choice(fields, cell, kind) for cell, kind in CHOICE_CELLS.items()}
    cells |= {cell: _figure(fields, cell) for cell in FIGURE_CELLS}
    if cells["polarity"] is not Polarity.RANGE:
        cells["target_upper"] = None
    return IndicatorProposal(id=_row_id(fields.key), **cells)


def _text(fields: IndicatorFields, cell: str) -> str:
    text = fields.values[cell]
    limit = UNIT_LIMIT if cell == "unit_of_measure" else TEXT_LIMIT
    if len(text) > limit:
        fields.errors[cell] = f"paling panjang {limit} huruf; ini {len(text)} huruf."
    return text


def _choice(fields: IndicatorFields, cell: str, kind: type[Polarity] | type[Aggregation]) -> Any:
    word = fields.values[cell]
    if not word:
        return None
    try:
        return kind(word)
    except ValueError:
        fields.errors[cell] = "pilih salah satu dari daftar."
        return None


def _figure(fields: IndicatorFields, cell: str) -> Decimal | None:
    typed = fields.values[cell]
    if not typed:
        return None
    try:
        number = parse_number(typed)
    except Invalid as refusal:
        fields.errors[cell] = str(refusal)
        return None
    if number.ambiguous:  # never guess silently: show what was understood, save when it is sent again
        fields.errors[cell] = AMBIGUOUS.format(typed=typed, understood=number.understood)
        fields.values[cell] = number.understood
    return number.value
