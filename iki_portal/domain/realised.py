"""One row of a quarterly report: what is asked of an indicator, and what its figures must be to count.

An indicator whose year is a ratio, or whose formula is composed of what is counted and what it is divided by, is reported as
these two; any other by its value. Figures are never below nought. A share above its whole is a slip until it is explained.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from iki_portal.domain.measurement import Realised, realised_value
from iki_portal.domain.numbers import format_number
from iki_portal.domain.targets import Aggregation, IndicatorFacts, IndicatorRow, targets_of

#: Of a note, an obstacle, a follow-up and a reason, in letters.
REMARK_LIMIT = 2000
FIGURES = ("value", "numerator", "denominator")
REMARKS = ("note", "obstacle", "follow_up")
PERCENT = "%"
_WHOLE = Decimal(100)

FIGURE_WORDS = {"value": "Realisasi", "numerator": "Pembilang", "denominator": "Penyebut"}
REMARK_WORDS = {"note": "Catatan", "obstacle": "Kendala", "follow_up": "Tindak lanjut"}
ROW_WORDS = FIGURE_WORDS | REMARK_WORDS


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """What is reported of one indicator; empty figures are not reported, never nought."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    note: str = ""
    obstacle: str = ""
    follow_up: str = ""

    @property
    def has_figures(self) -> bool:
        return self.value is not None or (self.numerator is not None and self.denominator is not None)


NOTHING_REPORTED = ReportedRow()


class RowProblem(NamedTuple):
    field: str
    message: str


def is_ratio(indicator: IndicatorFacts) -> bool:
    """Whether two operands are reported, not a value."""
    return indicator.aggregation == Aggregation.RATIO or bool(indicator.numerator.strip() and indicator.denominator.strip())


def figures_of(indicator: IndicatorFacts) -> tuple[str, ...]:
    """The figures that are asked for."""
    return ("numerator", "denominator") if is_ratio(indicator) else ("value",)


def figure_word(indicator: IndicatorFacts, figure: str) -> str:
    """What its field is called: the words of the composed formula where there are any."""
    own: str = getattr(indicator, figure, "") if figure != "value" else ""
    return f"{FIGURE_WORDS[figure]}: {own.strip()}" if own.strip() else FIGURE_WORDS[figure]


def realised_of(indicator: IndicatorFacts, row: ReportedRow) -> Realised | None:
    """The row for the engine; None while nothing is reported."""
    if not is_ratio(indicator):
        return None if row.value is None else Realised(value=row.value)
    if row.numerator is None or row.denominator is None:
        return None
    operands = Realised(numerator=row.numerator, denominator=row.denominator)
    return operands._replace(value=realised_value(Aggregation.RATIO, operands))


def row_problems(indicator: IndicatorFacts, row: ReportedRow) -> tuple[RowProblem, ...]:
    """What contradicts itself in the figures filled in so far."""
    return (*_figure_problems(row), *_operand_problems(indicator, row), *_share_problems(indicator, row))


def _figure_problems(row: ReportedRow) -> Iterator[RowProblem]:
    for figure in FIGURES:
        found: Decimal | None = getattr(row, figure)
        if found is not None and found < 0:
            shown = format_number(found)
            yield RowProblem(figure, f"{FIGURE_WORDS[figure]} tidak boleh negatif ({shown}); tuliskan misalnya 5.")


def _operand_problems(indicator: IndicatorFacts, row: ReportedRow) -> Iterator[RowProblem]:
    if is_ratio(indicator) and row.denominator == 0:
        yield RowProblem(
            "denominator",
            "Penyebut nol: capaian tidak dapat dihitung. Isi penyebut di atas nol; bila memang tidak ada yang diukur pada "
            "triwulan ini, kosongkan pembilang dan penyebut lalu jelaskan pada Kendala.",
        )


def _share_problems(indicator: IndicatorFacts, row: ReportedRow) -> Iterator[RowProblem]:
    """A part is no larger than its whole; where per cent may exceed 100 (growth, say), a note says why."""
    realised = realised_of(indicator, row)
    if not _is_share(indicator) or realised is None or realised.value is None or realised.value <= _WHOLE or row.note.strip():
        return
    field = figures_of(indicator)[0]
    yield RowProblem(
        field,
        f"{format_number(round(realised.value, 2))}% melebihi 100%, sedangkan targetnya bagian dari keseluruhan. "
        "Periksa angkanya; bila memang benar, jelaskan pada Catatan.",
    )


def _is_share(indicator: IndicatorFacts) -> bool:
    targets = targets_of(indicator)
    tops = [figure for figure in (targets.target, targets.upper, *targets.filled) if figure is not None]
    return (indicator.unit_of_measure or "").strip() == PERCENT and bool(tops) and max(tops) <= _WHOLE


class RowGap(NamedTuple):
    """What keeps a report from being submitted: the indicator's id, the field, and what is missing."""

    indicator_id: int
    field: str
    message: str


def gaps(rows: Iterable[tuple[IndicatorRow, ReportedRow]], quarter: int) -> tuple[RowGap, ...]:
    """Every indicator with a target in the quarter needs its figures, or an obstacle that says why there are none."""
    return tuple(gap for indicator, row in rows for gap in _gaps_of(indicator, row, quarter))


def _gaps_of(indicator: IndicatorRow, row: ReportedRow, quarter: int) -> Iterator[RowGap]:
    asked = figures_of(indicator)
    missing = [figure for figure in asked if getattr(row, figure) is None]
    if not missing or indicator.id is None:
        return
    if len(missing) < len(asked):
        yield RowGap(indicator.id, missing[0], f"{FIGURE_WORDS[missing[0]]} belum diisi.")
    elif targets_of(indicator).quarters[quarter - 1] is not None and not row.obstacle.strip():
        yield RowGap(indicator.id, missing[0], "Realisasi belum diisi, dan Kendala tidak menjelaskannya.")


def is_corrected(before: ReportedRow, after: ReportedRow) -> bool:
    """Whether a figure is another one than before; words may be mended without a reason."""
    return any(getattr(before, figure) != getattr(after, figure) for figure in FIGURES)
