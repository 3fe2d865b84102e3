"""Achievement: the table of the product page with the regulation's own examples, and what holds for every figure."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.measurement import (
    DEFAULT_CAP,
    HUNDRED,
    Goal,
    Outcome,
    Realised,
    measure,
    measure_quarter,
    measure_year,
    shown,
    year_value,
)
from iki_portal.domain.scales import DEFAULT_SCALE, SCALES
from iki_portal.domain.targets import Aggregation, Polarity, Targets

MAXIMIZE, MINIMIZE, RANGE = Polarity.MAXIMIZE, Polarity.MINIMIZE, Polarity.RANGE


def d(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def goal(polarity: Polarity, target: str, upper: str = "") -> Goal:
    return Goal(polarity, d(target), d(upper) if upper else None)


@pytest.mark.parametrize(
    ("polarity", "target", "upper", "realised", "percentage", "explanation"),
    [
        (MAXIMIZE, "10", "", "8", "80%", "8 / 10 × 100 = 80%"),
        (MAXIMIZE, "10", "", "10", "100%", "10 / 10 × 100 = 100%"),
        (MAXIMIZE, "3", "", "1", "33,33%", "1 / 3 × 100 = 33,33%"),
        (MAXIMIZE, "10", "", "0", "0%", "0 / 10 × 100 = 0%"),
        (MINIMIZE, "10", "", "12", "80%", "(2 × 10 − 12) / 10 × 100 = 80%"),
        (MINIMIZE, "10", "", "8", "120%", "(2 × 10 − 8) / 10 × 100 = 120%"),
        (MINIMIZE, "10", "", "25", "0%", "(2 × 10 − 25) / 10 × 100 = 0%, tidak di bawah nol"),
        (MINIMIZE, "0", "", "0", "100%", "Target nol tercapai: 100%"),
        (MINIMIZE, "0", "", "1", "0%", "Target nol, realisasi 1: 0%"),
        # PermenPANRB 8/2021, page 100
        (MAXIMIZE, "80", "90", "70", "87,5%", "70 / 80 × 100 = 87,5%"),
        (MINIMIZE, "7", "8", "6,5", "107,14%", "(2 × 7 − 6,5) / 7 × 100 = 107,14%"),
        (MINIMIZE, "7", "8", "9", "87,5%", "(2 × 8 − 9) / 8 × 100 = 87,5%"),
        (MAXIMIZE, "80", "90", "85", "100%", "85 di dalam rentang 80–90: 100%"),
        (MAXIMIZE, "80", "90", "99", "110%", "99 / 90 × 100 = 110%"),
        # a range that is missed on both sides
        (RANGE, "80", "90", "70", "87,5%", "70 / 80 × 100 = 87,5%"),
        (RANGE, "80", "90", "80", "100%", "80 di dalam rentang 80–90: 100%"),
        (RANGE, "80", "90", "99", "90%", "(2 × 90 − 99) / 90 × 100 = 90%"),
    ],
)
def test_the_table_of_achievement(  # noqa: PLR0917  # a row of the table
    polarity: Polarity, target: str, upper: str, realised: str, percentage: str, explanation: str
) -> None:
    found = measure(goal(polarity, target, upper), d(realised), cap=Decimal(1000))
    assert found.outcome is Outcome.MEASURED
    assert found.raw is not None
    assert shown(found.raw) == percentage
    assert found.explanation == explanation


def test_raw_and_capped_are_both_kept_and_the_line_says_so() -> None:
    found = measure(goal(MAXIMIZE, "10"), d("25"))
    assert (found.raw, found.capped) == (d("250"), DEFAULT_CAP)
    assert found.explanation == "25 / 10 × 100 = 250%, dihitung paling tinggi 120%"


@pytest.mark.parametrize(
    ("given_goal", "realised", "outcome", "explanation"),
    [
        (goal(MAXIMIZE, "10"), None, Outcome.NOT_REPORTED, "Belum dilaporkan"),
        (None, d("3"), Outcome.NO_TARGET, "Tanpa target"),
        (None, None, Outcome.NOT_REPORTED, "Belum dilaporkan"),
        (goal(MAXIMIZE, "0"), d("3"), Outcome.NOT_COMPUTABLE, "Target nol: capaian tidak dapat dihitung."),
        (goal(MAXIMIZE, "0"), d("0"), Outcome.NOT_COMPUTABLE, "Target nol: capaian tidak dapat dihitung."),
        (goal(MINIMIZE, "-5"), d("3"), Outcome.NOT_COMPUTABLE, "Target negatif: capaian tidak dapat dihitung."),
        (goal(MAXIMIZE, "10"), Decimal("NaN"), Outcome.NOT_COMPUTABLE, "Nilainya bukan angka."),
        (goal(MAXIMIZE, "Infinity"), d("3"), Outcome.NOT_COMPUTABLE, "Nilainya bukan angka."),
    ],
)
def test_what_is_no_figure_says_why(
    given_goal: Goal | None, realised: Decimal | None, outcome: Outcome, explanation: str
) -> None:
    found = measure(given_goal, realised)
    assert (found.outcome, found.raw, found.capped) == (outcome, None, None)
    assert found.explanation == explanation


figures = st.decimals(min_value=0, max_value=Decimal(10) ** 12, places=4)
targets_above_nought = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10) ** 12, places=4)
extremes = st.sampled_from([Decimal("9E+999999"), Decimal("-9E+6144"), Decimal("1E-999999"), Decimal("sNaN"), Decimal("-0")])
anything = st.decimals(allow_nan=True, allow_infinity=True) | extremes | st.none()


@given(polarity=st.sampled_from([MAXIMIZE, MINIMIZE]), target=targets_above_nought, width=figures, one=figures, other=figures)
def test_better_figures_never_count_less(
    polarity: Polarity, target: Decimal, width: Decimal, one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))
    worse, better = (low, high) if polarity is MAXIMIZE else (high, low)
    for upper in (None, target + width):
        raw = [measure(Goal(polarity, target, upper), each).raw for each in (worse, better)]
        assert raw[0] is not None
        assert raw[1] is not None
        assert raw[0] <= raw[1]


@given(polarity=st.sampled_from(Polarity), target=targets_above_nought, width=figures)
def test_the_target_itself_is_a_hundred(polarity: Polarity, target: Decimal, width: Decimal) -> None:
    assert measure(Goal(polarity, target), target).raw == HUNDRED
    for realised in (target, target + width):
        assert measure(Goal(polarity, target, target + width), realised).raw == HUNDRED


@given(target=targets_above_nought, width=figures, one=figures, other=figures)
def test_a_range_counts_less_the_further_it_is_missed_on_either_side(
    target: Decimal, width: Decimal, one: Decimal, other: Decimal
) -> None:
    goal_ = Goal(RANGE, target, target + width)
    nearer, further = sorted((one, other))
    for missed in ((target - nearer, target - further), (target + width + nearer, target + width + further)):
        near, far = (measure(goal_, max(each, Decimal())).raw for each in missed)
        assert near is not None
        assert far is not None
        assert far <= near


@given(target=targets_above_nought, width=figures, realised=figures)
def test_a_range_is_never_better_than_inside(target: Decimal, width: Decimal, realised: Decimal) -> None:
    raw = measure(Goal(RANGE, target, target + width), realised).raw
    assert raw is not None
    assert (raw == HUNDRED) == (target <= realised <= target + width)
    assert raw <= HUNDRED


@given(
    polarity=st.sampled_from(Polarity) | st.none(),
    aggregation=st.sampled_from(Aggregation) | st.none(),
    bounds=st.tuples(anything, anything),
    quarters=st.tuples(anything, anything, anything, anything),
    reported=st.lists(st.none() | st.builds(Realised, anything, anything, anything), min_size=4, max_size=4),
)
def test_no_input_raises_and_every_figure_can_explain_itself(
    polarity: Polarity | None,
    aggregation: Aggregation | None,
    bounds: tuple[Decimal | None, Decimal | None],
    quarters: tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None],
    reported: list[Realised | None],
) -> None:
    targets = Targets(polarity, aggregation, *bounds, quarters)
    year = measure_year(targets, reported)
    found = [year.achievement, *(measure_quarter(targets, number, reported[number - 1]) for number in range(1, 5))]
    for each in found:
        assert each.explanation
        assert (each.raw is None) == (each.outcome is not Outcome.MEASURED)
        if each.raw is not None:
            assert each.raw.is_finite()
            assert each.raw >= 0
            assert each.capped == min(each.raw, DEFAULT_CAP)


def reported(*texts: str) -> list[Realised | None]:
    """ "3", "8/10" (operands), "" (not reported)."""
    found: list[Realised | None] = []
    for text in texts:
        above, _, below = text.partition("/")
        found.append((Realised(None, d(above), d(below)) if below else Realised(d(above))) if text else None)
    return found


@pytest.mark.parametrize(
    ("aggregation", "quarters", "value", "explanation"),
    [
        (Aggregation.SUM, ("3", "4", "", "5"), "12", "3 + 4 + 5 = 12"),
        (Aggregation.AVERAGE, ("3", "4", "", ""), "3,5", "(3 + 4) / 2 = 3,5"),
        (Aggregation.AVERAGE, ("1", "1", "2", ""), "1,33", "(1 + 1 + 2) / 3 = 1,33"),
        (Aggregation.LAST, ("3", "9", "", ""), "9", "Nilai Triwulan II"),
        (Aggregation.RATIO, ("8/10", "", "18/20", ""), "86,67", "(8 + 18) / (10 + 20) × 100 = 86,67%"),
    ],
)
def test_a_year_is_made_of_its_quarters(
    aggregation: Aggregation, quarters: tuple[str, ...], value: str, explanation: str
) -> None:
    found = year_value(aggregation, reported(*quarters), expected=(1, 2, 3, 4))
    assert found.value is not None
    assert shown(found.value) == f"{value}%"
    assert found.explanation == explanation
    assert found.missing == tuple(number for number, text in enumerate(quarters, start=1) if not text)


def test_a_ratio_is_that_of_the_sums_and_no_average_of_percentages() -> None:
    found = year_value(Aggregation.RATIO, reported("1/1", "0/99", "", ""))
    assert found.value == 1, "the average of 100% and 0% would say 50"


def test_a_denominator_of_nought_is_said_and_is_no_figure() -> None:
    targets = Targets(MAXIMIZE, Aggregation.RATIO, d("90"), None, (d("90"), None, None, None))
    quarter = measure_quarter(targets, 1, reported("0/0")[0])
    assert (quarter.outcome, quarter.explanation) == (Outcome.NOT_COMPUTABLE, "Penyebut nol: tidak dapat dihitung.")
    year = measure_year(targets, reported("0/0", "", "", ""))
    assert year.achievement.outcome is Outcome.NOT_COMPUTABLE
    assert year.achievement.explanation == "Penyebut nol (0): tidak dapat dihitung"


def test_nothing_reported_is_never_nought() -> None:
    targets = Targets(MINIMIZE, Aggregation.SUM, d("4"), None, (d("1"), d("1"), d("1"), d("1")))
    year = measure_year(targets, reported("", "", "", ""))
    assert year.achievement.outcome is Outcome.NOT_REPORTED
    assert (year.achievement.raw, year.value.value, year.value.missing) == (None, None, (1, 2, 3, 4))
    assert not year.is_complete


@given(values=st.lists(figures, min_size=4, max_size=4), aggregation=st.sampled_from([Aggregation.SUM, Aggregation.AVERAGE]))
def test_the_order_of_quarters_does_not_matter_for_sums(values: list[Decimal], aggregation: Aggregation) -> None:
    years = {year_value(aggregation, [Realised(value) for value in order]).value for order in permutations(values)}
    assert len(years) == 1


@given(pairs=st.lists(st.tuples(figures, targets_above_nought), min_size=1, max_size=4))
def test_an_annual_ratio_is_that_of_the_sums_in_whatever_order(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """Never the average of the quarters' percentages, which another order or another size of a quarter would not change."""
    above, below = sum((pair[0] for pair in pairs), Decimal()), sum((pair[1] for pair in pairs), Decimal())
    found = {year_value(Aggregation.RATIO, [Realised(None, *pair) for pair in order]).value for order in permutations(pairs)}
    assert len(found) == 1
    value = found.pop()
    assert value is not None
    assert abs(value * below - above * 100) <= Decimal("1e-30") * max(1, above * 100)


@given(pairs=st.lists(st.tuples(figures, targets_above_nought), min_size=1, max_size=4))
def test_an_annual_ratio_lies_between_its_quarters(pairs: list[tuple[Decimal, Decimal]]) -> None:
    quarters = [above / below * 100 for above, below in pairs]
    value = year_value(Aggregation.RATIO, [Realised(None, above, below) for above, below in pairs]).value
    assert value is not None
    little = Decimal("1e-9") * max(1, *quarters, 1)
    assert min(quarters) - little <= value <= max(quarters) + little


def test_a_quarter_is_measured_against_its_own_target() -> None:
    targets = Targets(MAXIMIZE, Aggregation.SUM, d("12"), None, (d("2"), None, d("4"), d("6")))
    quarters = reported("1", "", "", "9")
    found = [measure_quarter(targets, number, quarters[number - 1]) for number in (1, 2, 3, 4)]
    assert [each.outcome for each in found] == [
        Outcome.MEASURED,
        Outcome.NO_TARGET,
        Outcome.NOT_REPORTED,
        Outcome.MEASURED,
    ]
    assert [each.raw for each in found] == [50, None, None, 150]


def test_the_quarters_of_a_range_are_inside_it_unless_they_add_up() -> None:
    quarters = (d("20"), d("20"), d("20"), d("25"))
    added = Targets(RANGE, Aggregation.SUM, d("80"), d("90"), quarters)
    assert measure_quarter(added, 1, Realised(d("10"))).raw == 50
    each = Targets(RANGE, Aggregation.LAST, d("80"), d("90"), (d("85"), None, None, d("85")))
    assert measure_quarter(each, 1, Realised(d("90"))).raw == HUNDRED


@pytest.mark.parametrize(
    ("percentage", "word"),
    [
        ("120", "Sangat tinggi"),
        ("91", "Sangat tinggi"),
        ("90,5", "Sangat tinggi"),
        ("90,4999", "Tinggi"),
        ("76", "Tinggi"),
        ("75,49", "Sedang"),
        ("66", "Sedang"),
        ("65", "Rendah"),
        ("51", "Rendah"),
        ("50", "Sangat rendah"),
        ("0", "Sangat rendah"),
    ],
)
def test_a_percentage_is_rounded_half_up_for_its_band_only(percentage: str, word: str) -> None:
    assert DEFAULT_SCALE.band(d(percentage)).word == word


def test_the_scale_of_permendagri_86_2017_is_the_default_of_several() -> None:
    assert (DEFAULT_SCALE.key, SCALES[DEFAULT_SCALE.key]) == ("permendagri-86-2017", DEFAULT_SCALE)
    assert "86" in DEFAULT_SCALE.source
    assert len(SCALES) > 1


@pytest.mark.parametrize("key", SCALES)
def test_every_scale_falls_to_nought_and_names_its_source(key: str) -> None:
    scale = SCALES[key]
    floors = [band.lowest for band in scale.bands]
    assert floors == sorted(set(floors), reverse=True)
    assert floors[-1] == 0
    assert "/" in scale.source
