"""The sheet editor's form: one form for the whole sheet, so that saving is one act and nothing typed is lost.

Statements and indicators have keys: the row's id, or "b1", "b2", … for rows that are not stored yet. Repeated hidden fields
(`statement`, `statement-<key>-indicator`) give the order; cells are `statement-<key>-text` and `indicator-<key>-<cell>`.
Shape only: texts, words of closed lists, numbers. What belongs together is asked in the operation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.datastructures import MultiDict

from iki_portal.domain.drafts import Disagreement, IndicatorProposal, Rows, StatementProposal
from iki_portal.domain.errors import Invalid
from iki_portal.domain.formulas import BLANK
from iki_portal.domain.numbers import plain_number
from iki_portal.domain.targets import (
    CODE_LIMIT,
    DETAIL_WORDS,
    FIELD_WORDS,
    QUARTER_FIELDS,
    QUARTER_WORDS,
    TEXT_LIMIT,
    UNIT_LIMIT,
    Aggregation,
    Polarity,
)
from iki_portal.indicators.operations import ROW_TWICE
from iki_portal.web.forms import read_figure

TEXT_CELLS = (
    *("text", "formula", "source", "unit_of_measure", "justification", "sub_kegiatan_code"),
    *("numerator", "denominator", "population", "record", "cut_off"),
)
CHOICE_CELLS: dict[str, type[Polarity] | type[Aggregation]] = {"polarity": Polarity, "aggregation": Aggregation}
FIGURE_CELLS = ("target", "target_upper", "quarter_1", "quarter_2", "quarter_3", "quarter_4", "baseline")
#: Shown when they are asked for, or hold something to look at.
DETAIL_CELLS = ("numerator", "denominator", "population", "record", "cut_off", "baseline", "justification", "sub_kegiatan_code")
CELLS = (*TEXT_CELLS, *CHOICE_CELLS, *FIGURE_CELLS)
CELL_WORDS = {**FIELD_WORDS, **DETAIL_WORDS, **dict(zip(QUARTER_FIELDS, QUARTER_WORDS, strict=True))}
_LIMITS = {"unit_of_measure": UNIT_LIMIT, "sub_kegiatan_code": CODE_LIMIT}
_KEY = re.compile(r"[0-9]{1,9}|b[0-9]{1,4}")
_MOST_ROWS = 2000
STORED_DIFFERS = "tersimpan sekarang “{stored}”. Di sini ketikan Anda, dan itu yang berlaku bila disimpan lagi."


@dataclass
class IndicatorFields:
    key: str
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CELLS, ""))
    errors: dict[str, str] = field(default_factory=dict)

    #: Just proposed: the details are to be looked at.
    is_open: bool = False

    def name(self, cell: str) -> str:
        return f"indicator-{self.key}-{cell}"

    @property
    def shows_details(self) -> bool:
        return self.is_open or any(BLANK in self.values[cell] or cell in self.errors for cell in DETAIL_CELLS)


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
    def of_rows(cls, rows: Rows, version: int) -> "SheetForm":
        """Rows without an id get keys of their own, as if they had just been added."""
        keys = (f"b{number}" for number in count(1))
        return cls(
            [
                StatementFields(
                    next(keys) if row.id is None else str(row.id),
                    row.text,
                    indicators=[
                        IndicatorFields(next(keys) if each.id is None else str(each.id), cell_texts(each))
                        for each in row.indicators
                    ],
                )
                for row in rows
            ],
            version,
        )

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

    def new_key(self) -> str:
        keys = [each.key for each in self.statements]
        keys += [inner.key for each in self.statements for inner in each.indicators]
        return f"b{max((int(key[1:]) for key in keys if key.startswith('b')), default=0) + 1}"

    def mark(self, disagreements: Iterable[Disagreement]) -> None:
        """Say at each cell that somebody else wrote differently what stands there."""
        statements = {each.key: each for each in self.statements}
        indicators = {inner.key: inner for each in self.statements for inner in each.indicators}
        for each in disagreements:
            message = STORED_DIFFERS.format(stored=cell_text(each.cell, each.second) or "(kosong)")
            if each.indicator_id is not None:
                indicators[str(each.indicator_id)].errors[each.cell] = message
            else:
                statements[str(each.statement_id)].error = message


def cell_texts(row: IndicatorProposal) -> dict[str, str]:
    """Every cell of the row as its field shows it."""
    return {cell: cell_text(cell, getattr(row, cell)) for cell in CELLS}


def cell_text(cell: str, value: Any) -> str:
    if value is None:
        return ""
    return plain_number(value) if cell in FIGURE_CELLS else str(value)


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
    cells |= {cell: read_figure(fields, cell, fields.values[cell]) for cell in FIGURE_CELLS}
    if cells["polarity"] is not Polarity.RANGE:
        cells["target_upper"] = None
    return IndicatorProposal(id=_row_id(fields.key), **cells)


def _text(fields: IndicatorFields, cell: str) -> str:
    text = fields.values[cell]
    limit = _LIMITS.get(cell, TEXT_LIMIT)
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
