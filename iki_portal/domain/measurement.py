"""How far a target was reached, in per cent: one engine for every page and document, and each figure can say how it came about.

Sources: PermenPANRB 8/2021, page 100 (the formulas of both directions and of ranges, with its examples); Permendagri 86/2017
(the scale, domain/scales.py). Figures are exact decimals; they are rounded only where they are shown or put into a band.

    more is better   R / T × 100
    less is better   (2T − R) / T × 100, never below 0
    a range a – b    100 inside; outside, the formula of its direction with the bound that was missed

A range without a direction ("Dalam rentang") is missed on both sides. What was not reported is no figure: neither 0 nor
anything that could be taken for one. An annual ratio is the ratio of the sums, never the average of percentages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple

from iki_portal.domain.numbers import format_number, round_half_up
from iki_portal.domain.targets import QUARTER_WORDS, Aggregation, Polarity, Targets

HUNDRED = Decimal(100)
NOUGHT = Decimal(0)
#: A performance far above its target counts no more than this, unless the year says otherwise.
DEFAULT_CAP = Decimal(120)
#: Wide enough for the largest figure over the smallest one, and for their sums.
_EXACT = Context(prec=60)
#: Figures beyond these powers of ten are none that the tables keep (domain/numbers.py): no sum or ratio of them overflows.
_LARGEST_POWER = 20
#: As a line shows it.
_SHOWN_PLACES = 2


class Outcome(StrEnum):
    MEASURED = "measured"
    NOT_REPORTED = "not_reported"
    NO_TARGET = "no_target"
    NOT_COMPUTABLE = "not_computable"


OUTCOME_WORDS = {
    Outcome.MEASURED: "Terukur",
    Outcome.NOT_REPORTED: "Belum dilaporkan",
    Outcome.NO_TARGET: "Tanpa target",
    Outcome.NOT_COMPUTABLE: "Tidak dapat dihitung",
}


class Goal(NamedTuple):
    """What was to be reached; with an `upper` bound, anything from `target` to it."""

    polarity: Polarity
    target: Decimal
    upper: Decimal | None = None


class Realised(NamedTuple):
    """What was reported for one quarter: a value, or the operands of a ratio."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


class _Rule(StrEnum):
    """Which line of the table gave the figure."""

    SHARE = "share"
    REVERSED = "reversed"
    INSIDE = "inside"
    NOUGHT_KEPT = "nought_kept"
    NOUGHT_MISSED = "nought_missed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Achievement:
    """Per cent of the target, as computed (`raw`) and as it counts (`capped`); both None unless `outcome` is measured."""

    outcome: Outcome
    raw: Decimal | None = None
    capped: Decimal | None = None
    realised: Decimal | None = None
    goal: Goal | None = None
    rule: _Rule = _Rule.NONE
    #: The target, or the bound of the range that counted.
    bound: Decimal = NOUGHT
    reason: str = ""

    @property
    def explanation(self) -> str:
        """ "(2 × 10 − 12) / 10 × 100 = 80%", or why there is no figure."""
        if self.raw is None or self.capped is None:
            return self.reason or OUTCOME_WORDS[self.outcome]
        said = self._formula(shown(self.raw))
        return said if self.capped == self.raw else f"{said}, dihitung paling tinggi {shown(self.capped)}"

    def _formula(self, result: str) -> str:
        realised, bound = format_number(self.realised or NOUGHT), format_number(self.bound)
        if self.rule is _Rule.INSIDE:
            return f"{realised} di dalam rentang {self._range}: {result}"
        if self.rule is _Rule.NOUGHT_KEPT:
            return f"Target nol tercapai: {result}"
        if self.rule is _Rule.NOUGHT_MISSED:
            return f"Target nol, realisasi {realised}: {result}"
        formula = f"{realised} / {bound}" if self.rule is _Rule.SHARE else f"(2 × {bound} − {realised}) / {bound}"
        floor = ", tidak di bawah nol" if self.raw == 0 and self.realised else ""
        return f"{formula} × 100 = {result}{floor}"

    @property
    def _range(self) -> str:
        assert self.goal is not None and self.goal.upper is not None  # noqa: S101, PT018  # only a range has an inside
        return f"{format_number(self.goal.target)}–{format_number(self.goal.upper)}"


def shown(percentage: Decimal) -> str:
    """107,14%"""
    return f"{format_number(round_half_up(percentage, _SHOWN_PLACES))}%"


def measure(goal: Goal | None, realised: Decimal | None, *, cap: Decimal = DEFAULT_CAP) -> Achievement:
    """How far `realised` reaches `goal`; no exception for any figures."""
    if realised is None:
        return Achievement(Outcome.NOT_REPORTED, goal=goal)
    if goal is None:
        return Achievement(Outcome.NO_TARGET, realised=realised)
    if not all(_is_figure(figure) for figure in (realised, goal.target, goal.upper or NOUGHT)):
        return _without(goal, realised, "Nilainya bukan angka.")
    if _top(goal) <= 0 and goal.polarity is not Polarity.MINIMIZE:
        return _without(goal, realised, "Target nol: capaian tidak dapat dihitung.")
    if goal.target < 0:
        return _without(goal, realised, "Target negatif: capaian tidak dapat dihitung.")
    rule, bound = _rule(goal, realised)
    raw = _percentage(rule, bound, realised)
    return Achievement(Outcome.MEASURED, raw, min(raw, cap), realised, goal, rule, bound)


def _without(goal: Goal, realised: Decimal, reason: str) -> Achievement:
    return Achievement(Outcome.NOT_COMPUTABLE, realised=realised, goal=goal, reason=reason)


def _top(goal: Goal) -> Decimal:
    return goal.target if goal.upper is None else max(goal.target, goal.upper)


def _rule(goal: Goal, realised: Decimal) -> tuple[_Rule, Decimal]:
    top = _top(goal)
    if goal.upper is not None and goal.target <= realised <= top:
        return _Rule.INSIDE, goal.target
    bound = top if realised > top else goal.target
    if goal.polarity is Polarity.MAXIMIZE or (goal.polarity is Polarity.RANGE and realised <= bound):
        # a range that begins at nought has nothing below it but figures that no count gives
        return (_Rule.SHARE, bound) if bound else (_Rule.NOUGHT_MISSED, bound)
    if bound == 0:
        return (_Rule.NOUGHT_MISSED if realised > 0 else _Rule.NOUGHT_KEPT), bound
    return _Rule.REVERSED, bound


def _percentage(rule: _Rule, bound: Decimal, realised: Decimal) -> Decimal:
    if rule in (_Rule.INSIDE, _Rule.NOUGHT_KEPT):
        return HUNDRED
    if rule is _Rule.NOUGHT_MISSED:
        return NOUGHT
    with localcontext(_EXACT):
        reached = realised if rule is _Rule.SHARE else 2 * bound - realised
        return max(reached / bound * 100, NOUGHT)


# A year from its quarters


_INCOMPLETE = "Angka yang dilaporkan tidak lengkap."


@dataclass(frozen=True, slots=True)
class YearValue:
    """What the reported quarters make of the year. `missing`: quarters (1–4) that had a target and no report."""

    value: Decimal | None
    aggregation: Aggregation
    #: Quarter → its figures, of those that can be computed with.
    reported: dict[int, Realised]
    missing: tuple[int, ...] = ()
    is_anything_reported: bool = True

    @property
    def explanation(self) -> str:
        """ "3 + 4 + 5 = 12", or why there is no value."""
        if not self.reported:
            return _INCOMPLETE if self.is_anything_reported else OUTCOME_WORDS[Outcome.NOT_REPORTED]
        if self.aggregation is Aggregation.RATIO:
            return self._ratio_in_words()
        if self.aggregation is Aggregation.LAST:
            return f"Nilai {QUARTER_WORDS[max(self.reported) - 1]}"
        added, value = _added(each.value for each in self.reported.values()), self.value or NOUGHT
        if self.aggregation is Aggregation.SUM:
            return f"{added} = {format_number(value)}"
        return f"({added}) / {len(self.reported)} = {format_number(round_half_up(value, _SHOWN_PLACES))}"

    def _ratio_in_words(self) -> str:
        above = _added(each.numerator for each in self.reported.values())
        below = _added(each.denominator for each in self.reported.values())
        if self.value is None:
            return f"Penyebut nol ({below}): tidak dapat dihitung"
        return f"({above}) / ({below}) × 100 = {shown(self.value)}"


def _added(figures: Iterable[Decimal | None]) -> str:
    return " + ".join(format_number(figure or NOUGHT) for figure in figures)


def realised_value(aggregation: Aggregation, quarter: Realised) -> Decimal | None:
    """The figure of one quarter: what was reported, or for a ratio its operands in per cent; None where that gives none."""
    if not _is_usable(aggregation, quarter):
        return None
    return quarter.value if aggregation is not Aggregation.RATIO else _ratio([quarter])


def year_value(aggregation: Aggregation, quarters: Sequence[Realised | None], *, expected: Sequence[int] = ()) -> YearValue:
    """The year's figure from the quarters reported so far; `expected` are the quarters with a target."""
    reported = {
        number: each for number, each in enumerate(quarters, start=1) if each is not None and _is_usable(aggregation, each)
    }
    missing = tuple(number for number in expected if number not in reported)
    value = _year(aggregation, reported) if reported else None
    return YearValue(value, aggregation, reported, missing, any(quarters))


def _is_usable(aggregation: Aggregation, quarter: Realised) -> bool:
    if aggregation is Aggregation.RATIO:
        return _is_figure(quarter.numerator) and _is_figure(quarter.denominator)
    return _is_figure(quarter.value)


def _is_figure(figure: Decimal | None) -> bool:
    return figure is not None and figure.is_finite() and (not figure or abs(figure.adjusted()) <= _LARGEST_POWER)


def _year(aggregation: Aggregation, reported: dict[int, Realised]) -> Decimal | None:
    if aggregation is Aggregation.RATIO:
        return _ratio(list(reported.values()))
    if aggregation is Aggregation.LAST:
        return reported[max(reported)].value
    with localcontext(_EXACT):
        total = sum((each.value or NOUGHT for each in reported.values()), NOUGHT)
        return total if aggregation is Aggregation.SUM else total / len(reported)


def _ratio(quarters: Sequence[Realised]) -> Decimal | None:
    with localcontext(_EXACT):
        above = sum((each.numerator or NOUGHT for each in quarters), NOUGHT)
        below = sum((each.denominator or NOUGHT for each in quarters), NOUGHT)
        return above / below * 100 if below else None


# Which goal counts


def year_goal(targets: Targets) -> Goal | None:
    """The goal of the whole year."""
    if targets.polarity is None or targets.target is None:
        return None
    return Goal(targets.polarity, targets.target, targets.upper)


def quarter_goal(targets: Targets, quarter: int) -> Goal | None:
    """The goal of one quarter (1–4); None where it has no target.

    A range holds in each quarter, unless its quarters add up: then each has the share planned for it.
    """
    planned = targets.quarters[quarter - 1]
    if targets.polarity is None or planned is None:
        return None
    if targets.polarity is Polarity.RANGE and targets.aggregation is not Aggregation.SUM:
        return year_goal(targets)
    return Goal(targets.polarity, planned)


def measure_quarter(targets: Targets, quarter: int, realised: Realised | None, *, cap: Decimal = DEFAULT_CAP) -> Achievement:
    """One quarter against its own target. `targets` are those of the revision in force when it was reported."""
    goal = quarter_goal(targets, quarter)
    if realised is None:
        return Achievement(Outcome.NO_TARGET if goal is None else Outcome.NOT_REPORTED, goal=goal)
    aggregation = targets.aggregation or Aggregation.LAST
    value = realised_value(aggregation, realised)
    if value is None:
        reason = "Penyebut nol: tidak dapat dihitung." if _is_usable(aggregation, realised) else _INCOMPLETE
        return Achievement(Outcome.NOT_COMPUTABLE, goal=goal, reason=reason)
    return measure(goal, value, cap=cap)


@dataclass(frozen=True, slots=True)
class YearAchievement:
    """The year against its target, with what its value was made of."""

    achievement: Achievement
    value: YearValue

    @property
    def is_complete(self) -> bool:
        return self.achievement.outcome is Outcome.MEASURED and not self.value.missing


def measure_year(targets: Targets, quarters: Sequence[Realised | None], *, cap: Decimal = DEFAULT_CAP) -> YearAchievement:
    """The quarters reported so far against the year's target; what is missing is named, never counted as nought."""
    expected = [number for number, planned in enumerate(targets.quarters, start=1) if planned is not None]
    value = year_value(targets.aggregation or Aggregation.LAST, quarters, expected=expected)
    goal = year_goal(targets)
    if value.value is None and any(quarters):
        return YearAchievement(Achievement(Outcome.NOT_COMPUTABLE, goal=goal, reason=value.explanation), value)
    return YearAchievement(measure(goal, value.value, cap=cap), value)
