"""What verified reports come to: sums that say nothing of what was not measured, and percentages that keep their band."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.measurement import Achievement, Goal, Outcome, measure, shown
from iki_portal.domain.results import Fall, Tally, cut, fall, kept, tally
from iki_portal.domain.scales import SCALES
from iki_portal.domain.targets import Polarity

D = Decimal
GOAL = Goal(Polarity.MAXIMIZE, D(3))


def test_only_what_is_measured_makes_the_mean() -> None:
    achieved = [
        measure(GOAL, D(1)),
        measure(GOAL, D(6)),
        Achievement(Outcome.NOT_REPORTED),
        Achievement(Outcome.NO_TARGET),
        Achievement(Outcome.NOT_COMPUTABLE),
    ]
    found = tally(achieved)
    assert found == Tally(5, 2, 1, 1, 1, D("153.3333"))
    assert found.mean == D("76.66665")


def test_what_nobody_measured_has_no_mean_and_is_not_nought() -> None:
    assert tally([Achievement(Outcome.NOT_REPORTED)]).mean is None
    assert tally([]).mean is None
    assert tally([measure(GOAL, D(0))]).mean == 0


def test_tallies_add_up_in_any_order() -> None:
    one, other = Tally(3, 2, 1, 0, 0, D("180.5")), Tally(2, 1, 0, 1, 0, D("20.25"))
    assert one + other == other + one == Tally(5, 3, 1, 1, 0, D("200.75"))
    assert one + Tally() == one


@given(st.decimals(0, 1000, allow_nan=False, places=9))
def test_a_percentage_that_was_cut_keeps_its_band_and_what_is_shown(percentage: D) -> None:
    assert shown(cut(percentage)) == shown(percentage)
    for scale in SCALES.values():
        assert scale.band(cut(percentage)) == scale.band(percentage)


@pytest.mark.parametrize(
    ("quarters", "found"),
    [
        ({}, None),
        ({1: D(50)}, None),
        ({1: D(50), 2: D(50)}, None),
        ({1: D(50), 2: D(60)}, None),
        ({1: D(100), 2: D(60)}, Fall(D(40), 2)),
        ({1: D(100), 3: D(60)}, Fall(D(40), 3)),  # nobody verified the second one
        ({1: D(100), 2: D(20), 3: D(60)}, None),  # it rises again
    ],
)
def test_what_fell_is_the_last_quarter_against_the_one_before_it(quarters: dict[int, D], found: Fall | None) -> None:
    assert fall(quarters) == found


def test_a_figure_that_no_table_holds_is_left_out() -> None:
    assert kept(D(10) ** 14) is None
    assert kept(None) is None
    assert kept(D("1.00009")) == D("1.0000")
