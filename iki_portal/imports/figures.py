"""Targets as other people write them: "100%", "80-90", "4.25". What is no number stays a text, and a finding says so."""

import re
from collections.abc import Mapping
from decimal import Decimal

from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import parse_number
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, UNIT_LIMIT, Aggregation, Polarity
from iki_portal.imports.columns import QUARTER_COLUMNS, Column
from iki_portal.imports.findings import FindingKind, Findings, quote
from iki_portal.imports.sheets import ReadIndicator

_NUMBER = r"[0-9][0-9.,]{0,40}"
_RANGE = re.compile(
    rf"({_NUMBER}) ?%? ?(?:-|\u2013|\u2212|s\.? ?d\.?|s/d|sampai(?: dengan)?) ?({_NUMBER}) ?(%?)", re.IGNORECASE
)
_POLARITIES = {word.casefold(): polarity for polarity, word in POLARITY_WORDS.items()}
_AGGREGATIONS = {word.casefold(): aggregation for aggregation, word in AGGREGATION_WORDS.items()}


def read_indicator(line: int, cells: Mapping[Column, str], findings: Findings) -> ReadIndicator:
    return _IndicatorCells(line, cells, findings).read()


def states_target(indicator: ReadIndicator) -> bool:
    quarters = any(quarter is not None for quarter in indicator.quarters)
    return indicator.target is not None or bool(indicator.target_text) or quarters


class _IndicatorCells:
    """The cells of one row, by column. The satuan may come from the target: "100%"."""

    def __init__(self, line: int, cells: Mapping[Column, str], findings: Findings) -> None:
        self._line = line
        self._cells = cells
        self._findings = findings
        self._unit = self._unit_of_measure()

    def read(self) -> ReadIndicator:
        target, upper, text = self._target()
        first, second, third, fourth = (self._figure_in(column) for column in QUARTER_COLUMNS)
        return ReadIndicator(
            text=self._text(Column.INDICATOR),
            formula=self._text(Column.FORMULA),
            source=self._text(Column.SOURCE),
            line=self._line,
            polarity=self._polarity(),
            aggregation=self._aggregation(),
            target=target,
            target_upper=self._figure_in(Column.TARGET_UPPER) if upper is None else upper,
            target_text=text,
            quarters=(first, second, third, fourth),
            unit_of_measure=self._unit,
        )

    def _text(self, column: Column) -> str:
        return self._cells.get(column, "")

    def _unit_of_measure(self) -> str:
        text = self._text(Column.UNIT_OF_MEASURE)
        if len(text) <= UNIT_LIMIT:
            return text
        self._leave(Column.UNIT_OF_MEASURE, f"Satuan {quote(text, 40)} lebih panjang dari {UNIT_LIMIT} huruf")
        return ""

    def _target(self) -> tuple[Decimal | None, Decimal | None, str]:
        text = self._text(Column.TARGET)
        bounds = _RANGE.fullmatch(text)
        if bounds:
            lower, upper = self._number(bounds[1], Column.TARGET), self._number(bounds[2] + bounds[3], Column.TARGET)
            if lower is not None and upper is not None and lower <= upper:
                self._tell(FindingKind.TARGET_RANGE, f"Target {quote(text)} dibaca sebagai rentang; periksa kedua batasnya.")
                return lower, upper, ""
        target = None if bounds else self._number(text, Column.TARGET)
        if target is None and text:
            self._tell(
                FindingKind.TARGET_NOT_NUMBER, f"Target {quote(text)} bukan angka; dicatat sebagai teks, angkanya kosong."
            )
            return None, None, text
        return target, None, ""

    def _figure_in(self, column: Column) -> Decimal | None:
        text = self._text(column)
        figure = self._number(text, column)
        if figure is None and text:
            self._leave(column, f"Isi {quote(text, 40)} pada kolom {column} bukan angka")
        return figure

    def _number(self, text: str, column: Column) -> Decimal | None:
        """The figure, without the satuan that stands behind it; None for an empty text and for what is no number."""
        bare = self._without_unit(text)
        try:
            parsed = parse_number(bare)
        except Invalid:
            return None
        if parsed.ambiguous:
            self._tell(
                FindingKind.FIGURE_AMBIGUOUS,
                f"Angka {quote(text, 40)} pada kolom {column} dapat dibaca dua cara; dipahami {parsed.understood}.",
            )
        if text.endswith("%"):
            self._take_per_cent(text)
        return parsed.value

    def _without_unit(self, text: str) -> str:
        if text.endswith("%"):
            return text[:-1].rstrip()
        unit = self._unit.casefold()
        return text[: -len(unit)].rstrip() if unit and text.casefold().endswith(f" {unit}") else text

    def _take_per_cent(self, text: str) -> None:
        if not self._unit:
            self._unit = "%"
            self._tell(FindingKind.UNIT_FROM_TARGET, f"Satuan kosong; “%” diambil dari target {quote(text, 40)}.")
        elif self._unit.casefold() not in ("%", "persen", "persentase", "prosentase"):
            said = f"Target {quote(text, 40)} bertanda %, padahal satuannya {quote(self._unit, 40)}; keduanya dicatat."
            self._tell(FindingKind.UNIT_FROM_TARGET, said)

    def _polarity(self) -> Polarity | None:
        return _POLARITIES.get(self._word(Column.POLARITY, _POLARITIES))

    def _aggregation(self) -> Aggregation | None:
        return _AGGREGATIONS.get(self._word(Column.AGGREGATION, _AGGREGATIONS))

    def _word(self, column: Column, known: dict[str, Polarity] | dict[str, Aggregation]) -> str:
        text = self._text(column)
        if text and text.casefold() not in known:
            self._leave(column, f"Isi {quote(text, 40)} pada kolom {column} tidak dikenal")
        return text.casefold()

    def _tell(self, kind: FindingKind, message: str) -> None:
        self._findings.add(kind, self._line, message)

    def _leave(self, column: Column, why: str) -> None:
        self._tell(FindingKind.CELL_UNREADABLE, f"{why}; teksnya dicatat di luar lembar.")
        self._findings.leave(self._line, self._text(column), f"kolom {column}")
