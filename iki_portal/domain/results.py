"""What verified reports come to, as it is kept for the figures of units and years: sums of whole ten-thousandths, no averages.

A unit's achievement is the mean of the capped achievements of its verified, measurable indicators. What is not reported, has
no target or cannot be computed counts beside them and never as nought. A percentage is kept cut off after four decimals: its
band, and the two decimals that are shown, are those of the exact one (both begin on a ten-thousandth).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from iki_portal.domain.measurement import NOUGHT, Achievement, Outcome

_TEN_THOUSANDTH = Decimal("0.0001")
#: Beyond this a realised figure (of a ratio with a tiny denominator) is no longer kept; its achievement is.
_LARGEST = Decimal(10) ** 14


def cut(figure: Decimal) -> Decimal:
    """A figure as it is kept."""
    return figure.quantize(_TEN_THOUSANDTH, rounding=ROUND_DOWN)


def kept(figure: Decimal | None) -> Decimal | None:
    """The same; None for none, and for one that no table holds."""
    return None if figure is None or abs(figure) >= _LARGEST else cut(figure)


@dataclass(frozen=True, slots=True)
class Tally:
    """Indicators by what became of them, and the sum of what the measured ones achieved (capped, in per cent)."""

    indicators: int = 0
    measured: int = 0
    untargeted: int = 0
    uncomputable: int = 0
    unreported: int = 0
    capped_sum: Decimal = NOUGHT

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.indicators + other.indicators,
            self.measured + other.measured,
            self.untargeted + other.untargeted,
            self.uncomputable + other.uncomputable,
            self.unreported + other.unreported,
            self.capped_sum + other.capped_sum,
        )

    @property
    def mean(self) -> Decimal | None:
        """None while nothing is measured: never 0."""
        return self.capped_sum / self.measured if self.measured else None


def tally(achievements: Iterable[Achievement]) -> Tally:
    found = list(achievements)
    outcomes = [each.outcome for each in found]
    return Tally(
        len(found),
        outcomes.count(Outcome.MEASURED),
        outcomes.count(Outcome.NO_TARGET),
        outcomes.count(Outcome.NOT_COMPUTABLE),
        outcomes.count(Outcome.NOT_REPORTED),
        sum((cut(each.capped) for each in found if each.capped is not None), NOUGHT),
    )


class Fall(NamedTuple):
    """By how many points an achievement fell, and in which quarter."""

    points: Decimal
    quarter: int


def fall(quarters: Mapping[int, Decimal]) -> Fall | None:
    """From the last quarter but one that has a figure to the last one; None where it did not fall."""
    if len(quarters) < 2:
        return None
    before, last = sorted(quarters)[-2:]
    points = quarters[before] - quarters[last]
    return Fall(points, last) if points > 0 else None
