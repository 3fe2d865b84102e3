"""Targets of a year and its quarters, and what a sheet still lacks before it can be submitted.

An empty quarter means "no target in that quarter", never nought. How the quarters make the year:

    sum      the filled quarters add up to the target
    average  the mean of the filled quarters, rounded half up to four decimals, is the target
    last     the fourth quarter is the target, so it must be filled
    ratio    the target lies between the lowest and the highest quarter (the operands decide, they are not known yet)

For a range the target is its lower bound: a sum must lie inside the range, otherwise every filled quarter must.
No target is negative, whatever the polarity: achievement divides by it, and below nought the regulation's formulas turn
around ("better" would count as worse). Nought is a target only where less is better, as the lower bound of a range, or with
a reason: from it no achievement can be computed, and the reviewer sees why it is meant.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from iki_portal.domain.numbers import DECIMAL_PLACES, format_number, round_half_up

TEXT_LIMIT = 2000
UNIT_LIMIT = 60
CODE_LIMIT = 40
MAX_STATEMENTS = 60
MAX_INDICATORS_PER_STATEMENT = 30


class Polarity(StrEnum):
    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"
    RANGE = "range"


class Aggregation(StrEnum):
    """How the quarters make the year."""

    SUM = "sum"
    AVERAGE = "average"
    LAST = "last"
    RATIO = "ratio"


POLARITY_WORDS = {
    Polarity.MAXIMIZE: "Semakin tinggi semakin baik",
    Polarity.MINIMIZE: "Semakin rendah semakin baik",
    Polarity.RANGE: "Dalam rentang",
}
AGGREGATION_WORDS = {
    Aggregation.SUM: "Jumlah",
    Aggregation.AVERAGE: "Rata-rata",
    Aggregation.LAST: "Nilai akhir",
    Aggregation.RATIO: "Rasio pembilang/penyebut",
}
QUARTER_WORDS = ("Triwulan I", "Triwulan II", "Triwulan III", "Triwulan IV")
QUARTER_FIELDS = ("quarter_1", "quarter_2", "quarter_3", "quarter_4")
#: Field → what the paper calls it.
FIELD_WORDS = {
    "text": "Indikator kinerja",
    "formula": "Penjelasan/formulasi",
    "source": "Sumber data",
    "unit_of_measure": "Satuan",
    "polarity": "Polaritas",
    "aggregation": "Cara hitung tahunan",
    "target": "Target",
    "target_upper": "Batas atas target",
    "quarters": "Target triwulan",
}
#: What may stay empty: it explains the row.
DETAIL_WORDS = {
    "baseline": "Kondisi awal",
    "justification": "Alasan target nol",
    "sub_kegiatan_code": "Kode sub-kegiatan",
    "numerator": "Yang dihitung (pembilang)",
    "denominator": "Pembanding (penyebut)",
    "population": "Populasi",
    "record": "Catatan asal",
    "cut_off": "Sampai dengan",
}

Quarters = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Targets:
    polarity: Polarity | None
    aggregation: Aggregation | None
    #: For a range its lower bound.
    target: Decimal | None
    #: The upper bound of a range; not looked at for any other polarity.
    target_upper: Decimal | None
    quarters: Quarters
    #: Why a target of nought is meant.
    justification: str = ""

    @property
    def filled(self) -> tuple[Decimal, ...]:
        return tuple(quarter for quarter in self.quarters if quarter is not None)

    @property
    def upper(self) -> Decimal | None:
        return self.target_upper if self.polarity is Polarity.RANGE else None


@dataclass(frozen=True, slots=True)
class TargetProblem:
    """`field`: `target`, `target_upper`, one of `QUARTER_FIELDS`, or `quarters` for all four together."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something not filled in yet; `field` is the indicator's attribute (`quarters` for all four together)."""

    field: str
    label: str

    @property
    def message(self) -> str:
        remedy = "; isi paling sedikit satu triwulan" if self.field == "quarters" else ""
        return f"{self.label} belum diisi{remedy}."


@dataclass(frozen=True, slots=True)
class RowGap:
    """A gap or problem of the sheet and where it is.

    `indicator_index` counts from 1 within the statement; without it the gap is the statement's own, and without
    `statement_number` the sheet's.
    """

    statement_number: int | None
    indicator_index: int | None
    indicator_id: int | None
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many lines of the paper are ready. A line is an indicator, or a statement that has none yet."""

    done: int
    total: int
    gaps: tuple[RowGap, ...]

    @property
    def is_complete(self) -> bool:
        return not self.gaps


class FormulaFields(Protocol):
    """The formula of an indicator in fields (domain/formulas.py)."""

    @property
    def numerator(self) -> str: ...
    @property
    def denominator(self) -> str: ...
    @property
    def population(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def cut_off(self) -> str: ...


class IndicatorFacts(FormulaFields, Protocol):
    """What the rules read of an indicator; tables, forms and papers satisfy it alike."""

    @property
    def text(self) -> str | None: ...
    @property
    def formula(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def unit_of_measure(self) -> str | None: ...
    @property
    def polarity(self) -> str | None: ...
    @property
    def aggregation(self) -> str | None: ...
    @property
    def target(self) -> Decimal | None: ...
    @property
    def target_upper(self) -> Decimal | None: ...
    @property
    def quarters(self) -> Sequence[Decimal | None]: ...
    @property
    def baseline(self) -> Decimal | None: ...
    @property
    def justification(self) -> str: ...


class IndicatorRow(IndicatorFacts, Protocol):
    """An indicator on a sheet; `id` is None while it is not stored."""

    @property
    def id(self) -> int | None: ...


class StatementFacts(Protocol):
    """A statement on a sheet; `id` is None while it is not stored."""

    @property
    def id(self) -> int | None: ...
    @property
    def number(self) -> int: ...
    @property
    def text(self) -> str | None: ...
    @property
    def indicators(self) -> Sequence[IndicatorRow]: ...


def targets_of(indicator: IndicatorFacts) -> Targets:
    first, second, third, fourth = indicator.quarters
    return Targets(
        polarity=Polarity(indicator.polarity) if indicator.polarity else None,
        aggregation=Aggregation(indicator.aggregation) if indicator.aggregation else None,
        target=indicator.target,
        target_upper=indicator.target_upper,
        quarters=(first, second, third, fourth),
        justification=indicator.justification,
    )


# What contradicts itself


def target_problems(targets: Targets) -> tuple[TargetProblem, ...]:
    """Everything that contradicts itself in the figures filled in so far; an empty field is a gap, not a problem."""
    return check_target(targets) + check_quarters(targets)


def check_target(targets: Targets) -> tuple[TargetProblem, ...]:
    """The yearly target, and for a range its upper bound."""
    target, upper = targets.target, targets.upper
    problems: list[TargetProblem] = []
    if target is not None:
        problems += _figure_problems("target", _target_word(targets.polarity), target, targets)
    if upper is not None and target is not None and upper <= target:
        expected = f"seharusnya lebih besar dari batas bawah {format_number(target)}"
        problems.append(TargetProblem("target_upper", f"Batas atas target {format_number(upper)}, {expected}."))
    elif upper is not None:
        problems += _figure_problems("target_upper", FIELD_WORDS["target_upper"], upper, targets)
    return tuple(problems)


def check_quarters(targets: Targets) -> tuple[TargetProblem, ...]:
    """The quarters, each and against the year. Nothing to say while no quarter is filled: `missing_parts` says that."""
    problems: list[TargetProblem] = []
    for field, word, quarter in zip(QUARTER_FIELDS, QUARTER_WORDS, targets.quarters, strict=True):
        if quarter is not None:
            problems += _figure_problems(field, f"Target {word}", quarter, targets)
    if not problems and targets.filled:
        problems += _against_the_year(targets)
    return tuple(problems)


def _target_word(polarity: str | None) -> str:
    return "Batas bawah target" if polarity == Polarity.RANGE else FIELD_WORDS["target"]


def _figure_problems(field: str, name: str, figure: Decimal, targets: Targets) -> Iterator[TargetProblem]:
    if figure < 0:
        yield TargetProblem(field, f"{name} tidak boleh negatif ({format_number(figure)}); tuliskan misalnya 5.")
    elif figure == 0 and targets.polarity is Polarity.MAXIMIZE and _is_blank(targets.justification):
        remedy = "isi dengan angka di atas nol" if field == "target" else "kosongkan bila triwulan ini tanpa target"
        yield TargetProblem(field, f"{name} nol: capaiannya tidak dapat dihitung; {remedy}, atau isi alasan target nol.")


def _against_the_year(targets: Targets) -> Iterator[TargetProblem]:
    if targets.aggregation is Aggregation.LAST and targets.quarters[3] is None:
        yield TargetProblem("quarter_4", "Target Triwulan IV wajib diisi, karena nilai akhir tahun menjadi nilai tahunan.")
    if targets.target is None or targets.aggregation is None or targets.polarity is None:
        return
    if targets.polarity is Polarity.RANGE:
        yield from _inside_the_range(targets, targets.target)
    else:
        yield from _makes_the_year(targets, targets.target)


def _inside_the_range(targets: Targets, lower: Decimal) -> Iterator[TargetProblem]:
    upper = targets.upper
    if upper is None or upper <= lower:
        return
    expected = f"seharusnya antara {format_number(lower)} dan {format_number(upper)}"
    if targets.aggregation is Aggregation.SUM:
        total = sum(targets.filled, Decimal(0))
        if not lower <= total <= upper:
            yield TargetProblem("quarters", f"Jumlah target triwulan {format_number(total)}, {expected}.")
        return
    for field, word, quarter in zip(QUARTER_FIELDS, QUARTER_WORDS, targets.quarters, strict=True):
        if quarter is not None and not lower <= quarter <= upper:
            yield TargetProblem(field, f"Target {word} {format_number(quarter)}, {expected}.")


def _makes_the_year(targets: Targets, target: Decimal) -> Iterator[TargetProblem]:
    if targets.aggregation is Aggregation.RATIO:
        lowest, highest = min(targets.filled), max(targets.filled)
        if not lowest <= target <= highest:
            between = f"antara target triwulan terendah {format_number(lowest)} dan tertinggi {format_number(highest)}"
            yield TargetProblem("quarters", f"Target tahunan {format_number(target)}, seharusnya {between}.")
        return
    field, name, found = _year_from_quarters(targets)
    if found is not None and found != target:
        expected = f"seharusnya {format_number(target)} seperti target tahunan"
        yield TargetProblem(field, f"{name} {format_number(found)}, {expected}.")


def _year_from_quarters(targets: Targets) -> tuple[str, str, Decimal | None]:
    """The field to mend, what the figure is called, and the figure that the quarters make of the year."""
    total = sum(targets.filled, Decimal(0))
    if targets.aggregation is Aggregation.SUM:
        return "quarters", "Jumlah target triwulan", total
    if targets.aggregation is Aggregation.AVERAGE:
        return "quarters", "Rata-rata target triwulan", round_half_up(total / len(targets.filled), DECIMAL_PLACES)
    return "quarter_4", "Target Triwulan IV", targets.quarters[3]


# What is missing


def missing_parts(indicator: IndicatorFacts) -> tuple[Gap, ...]:
    """What is not filled in, in the order of the paper's columns."""
    empty = {
        "text": _is_blank(indicator.text),
        "formula": _is_blank(indicator.formula),
        "source": _is_blank(indicator.source),
        "unit_of_measure": _is_blank(indicator.unit_of_measure),
        "polarity": not indicator.polarity,
        "aggregation": not indicator.aggregation,
        "target": indicator.target is None,
        "target_upper": indicator.polarity == Polarity.RANGE and indicator.target_upper is None,
        "quarters": all(quarter is None for quarter in indicator.quarters),
    }
    words = FIELD_WORDS | {"target": _target_word(indicator.polarity)}
    return tuple(Gap(field, words[field]) for field, is_empty in empty.items() if is_empty)


def completeness(statements: Iterable[StatementFacts]) -> Completeness:
    """How far the sheet is, and everything that keeps it from being submitted."""
    done = total = 0
    gaps: list[RowGap] = []
    for statement in statements:
        lines = _lines(statement)
        total += len(lines)
        done += sum(not line for line in lines)
        gaps += [gap for line in lines for gap in line]
    if not total:
        gaps.append(RowGap(None, None, None, "statements", "Lembar ini belum memuat kinerja; isi paling sedikit satu."))
    return Completeness(done, total, tuple(gaps))


def _lines(statement: StatementFacts) -> list[tuple[RowGap, ...]]:
    """The gaps of each line; the statement's own belong to its first line, where the paper prints its text."""
    own = tuple(_statement_gaps(statement))
    lines = [tuple(_indicator_gaps(statement, index)) for index in range(1, len(statement.indicators) + 1)]
    return [own + lines[0], *lines[1:]] if lines else [own]


def _statement_gaps(statement: StatementFacts) -> Iterator[RowGap]:
    if _is_blank(statement.text):
        yield RowGap(statement.number, None, None, "text", "Kinerja belum diisi.")
    if not statement.indicators:
        message = "Kinerja ini belum memiliki indikator; isi paling sedikit satu."
        yield RowGap(statement.number, None, None, "indicators", message)


def _indicator_gaps(statement: StatementFacts, index: int) -> Iterator[RowGap]:
    indicator = statement.indicators[index - 1]
    findings: tuple[Gap | TargetProblem, ...] = (*missing_parts(indicator), *target_problems(targets_of(indicator)))
    for finding in findings:
        yield RowGap(statement.number, index, indicator.id, finding.field, finding.message)


def _is_blank(text: str | None) -> bool:
    return not (text or "").strip()
