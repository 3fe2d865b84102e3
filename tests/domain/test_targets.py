"""Targets: how four quarters make a year, and what keeps a sheet from being submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.targets import (
    AGGREGATION_WORDS,
    FIELD_WORDS,
    POLARITY_WORDS,
    QUARTER_FIELDS,
    QUARTER_WORDS,
    Aggregation,
    Gap,
    Polarity,
    Quarters,
    TargetProblem,
    Targets,
    check_quarters,
    check_target,
    completeness,
    missing_parts,
    target_problems,
    targets_of,
)

MAX, MIN, RANGE = Polarity
SUM, AVERAGE, LAST, RATIO = Aggregation
FIGURES = st.decimals(min_value=0, max_value=10**12, places=4)


def quarters(spelled: str) -> Quarters:
    """ "10 - 20 -" → (10, empty, 20, empty)"""
    first, second, third, fourth = (None if word == "-" else Decimal(word) for word in spelled.split())
    return first, second, third, fourth


def targets(
    polarity: Polarity | None,
    aggregation: Aggregation | None,
    target: str | None,
    spelled: str = "- - - -",
    *,
    upper: str | None = None,
    justification: str = "",
) -> Targets:
    return Targets(
        polarity,
        aggregation,
        None if target is None else Decimal(target),
        None if upper is None else Decimal(upper),
        quarters(spelled),
        justification,
    )


# The quarters against the year


@pytest.mark.parametrize("polarity", [MAX, MIN])
@pytest.mark.parametrize(
    ("aggregation", "target", "spelled"),
    [
        (SUM, "12", "3 3 3 3"),
        (SUM, "12", "- 12 - -"),
        (SUM, "12", "- - - 12"),
        (SUM, "0.3", "0.1 0.2 - -"),
        (SUM, "12.0000", "6 6.00 - -"),
        (AVERAGE, "90", "80 90 100 90"),
        (AVERAGE, "90", "- 85 95 -"),
        (AVERAGE, "33.3333", "33 33 34 -"),
        (AVERAGE, "0.0001", "0.0001 0.0001 0.0001 -"),
        (AVERAGE, "1.0001", "1.0001 1.0000 - -"),
        (LAST, "100", "25 50 75 100"),
        (LAST, "100", "- - - 100"),
        (LAST, "5", "9 8 7 5"),
        (RATIO, "100", "100 100 100 100"),
        (RATIO, "90", "80 - 100 -"),
        (RATIO, "80", "80 - 100 -"),
        (RATIO, "100", "80 - 100 -"),
        (RATIO, "75", "- - 75 -"),
    ],
)
def test_quarters_that_make_the_year(polarity: Polarity, aggregation: Aggregation, target: str, spelled: str) -> None:
    assert target_problems(targets(polarity, aggregation, target, spelled)) == ()


@pytest.mark.parametrize("polarity", [MAX, MIN])
@pytest.mark.parametrize(
    ("aggregation", "target", "spelled", "field", "message"),
    [
        (SUM, "12", "3 3 3 -", "quarters", "Jumlah target triwulan 9, seharusnya 12 seperti target tahunan."),
        (
            SUM,
            "1234.5",
            "1000 1000 - -",
            "quarters",
            "Jumlah target triwulan 2.000, seharusnya 1.234,5 seperti target tahunan.",
        ),
        (
            SUM,
            "12",
            "12.0001 - - -",
            "quarters",
            "Jumlah target triwulan 12,0001, seharusnya 12 seperti target tahunan.",
        ),
        (AVERAGE, "90", "80 90 - -", "quarters", "Rata-rata target triwulan 85, seharusnya 90 seperti target tahunan."),
        (
            AVERAGE,
            "33.3",
            "33 33 34 -",
            "quarters",
            "Rata-rata target triwulan 33,3333, seharusnya 33,3 seperti target tahunan.",
        ),
        (LAST, "100", "25 50 75 90", "quarter_4", "Target Triwulan IV 90, seharusnya 100 seperti target tahunan."),
        (
            LAST,
            "100",
            "25 50 100 -",
            "quarter_4",
            "Target Triwulan IV wajib diisi, karena nilai akhir tahun menjadi nilai tahunan.",
        ),
        (
            RATIO,
            "70",
            "80 - 100 -",
            "quarters",
            "Target tahunan 70, seharusnya antara target triwulan terendah 80 dan tertinggi 100.",
        ),
        (
            RATIO,
            "100.5",
            "80 - 100 -",
            "quarters",
            "Target tahunan 100,5, seharusnya antara target triwulan terendah 80 dan tertinggi 100.",
        ),
    ],
)
def test_quarters_that_do_not_make_the_year_show_both_figures(
    *, polarity: Polarity, aggregation: Aggregation, target: str, spelled: str, field: str, message: str
) -> None:
    assert check_quarters(targets(polarity, aggregation, target, spelled)) == (TargetProblem(field, message),)


@pytest.mark.parametrize(
    ("aggregation", "spelled", "fields"),
    [
        (SUM, "20 20 20 25", ()),
        (SUM, "80 - - -", ()),
        (SUM, "90 - - -", ()),
        (SUM, "20 20 20 -", ("quarters",)),
        (SUM, "90 1 - -", ("quarters",)),
        (AVERAGE, "80 85 90 -", ()),
        (AVERAGE, "70 90 95 -", ("quarter_1", "quarter_3")),
        (LAST, "80 85 90 85", ()),
        (LAST, "- - - 91", ("quarter_4",)),
        (LAST, "85 - - -", ("quarter_4",)),
        (RATIO, "- 85 - -", ()),
        (RATIO, "- 79.9999 90 -", ("quarter_2",)),
    ],
)
def test_in_a_range_a_sum_or_every_quarter_lies_inside(aggregation: Aggregation, spelled: str, fields: tuple[str, ...]) -> None:
    found = check_quarters(targets(RANGE, aggregation, "80", spelled, upper="90"))
    assert tuple(problem.field for problem in found) == fields


def test_outside_the_range_both_bounds_are_named() -> None:
    (problem,) = check_quarters(targets(RANGE, AVERAGE, "80", "70 - - -", upper="90"))
    assert problem.message == "Target Triwulan I 70, seharusnya antara 80 dan 90."
    (problem,) = check_quarters(targets(RANGE, SUM, "80", "70 - - -", upper="90"))
    assert problem.message == "Jumlah target triwulan 70, seharusnya antara 80 dan 90."


@pytest.mark.parametrize(
    "unfinished",
    [
        targets(None, SUM, "12", "1 - - -"),
        targets(MAX, None, "12", "1 - - -"),
        targets(MAX, SUM, None, "1 - - -"),
        targets(RANGE, SUM, "80", "1 - - -"),
        targets(RANGE, SUM, None, "1 - - -", upper="90"),
        targets(RANGE, AVERAGE, "80", "1 - - -", upper="80"),
    ],
)
def test_an_unfinished_row_is_not_judged_against_the_year(unfinished: Targets) -> None:
    assert check_quarters(unfinished) == ()


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("polarity", Polarity)
def test_four_empty_quarters_are_a_gap_and_no_problem(polarity: Polarity, aggregation: Aggregation) -> None:
    assert target_problems(targets(polarity, aggregation, "80", upper="90")) == ()


@pytest.mark.parametrize("target", [None, "100"])
def test_the_last_quarter_is_wanted_as_soon_as_another_is_filled(target: str | None) -> None:
    (problem,) = check_quarters(targets(MAX, LAST, target, "50 - - -"))
    assert problem.field == "quarter_4"


# Each figure by itself


@pytest.mark.parametrize("polarity", [*Polarity, None])
def test_no_target_is_negative(polarity: Polarity | None) -> None:
    (problem,) = check_target(targets(polarity, SUM, "-5", upper="5"))
    assert problem.field == "target"
    assert "tidak boleh negatif (-5)" in problem.message
    (problem,) = check_quarters(targets(polarity, SUM, "5", "- -1.5 - -", upper="6"))
    assert problem.field == "quarter_2"
    assert "Target Triwulan II tidak boleh negatif (-1,5)" in problem.message


@pytest.mark.parametrize(
    ("polarity", "fields"),
    [(MAX, ("target", "quarter_1")), (MIN, ()), (RANGE, ()), (None, ())],
)
def test_nought_is_a_target_only_where_less_is_better(polarity: Polarity | None, fields: tuple[str, ...]) -> None:
    found = target_problems(targets(polarity, SUM, "0", "0 - - -", upper="1"))
    assert tuple(problem.field for problem in found) == fields
    assert all("tidak dapat dihitung" in problem.message for problem in found)


def test_a_quarter_of_nought_is_told_to_stay_empty() -> None:
    (problem,) = check_quarters(targets(MAX, SUM, "12", "0 - 6 6"))
    assert problem == TargetProblem(
        "quarter_1",
        "Target Triwulan I nol: capaiannya tidak dapat dihitung; kosongkan bila triwulan ini tanpa target, atau isi alasan"
        " target nol.",
    )


@pytest.mark.parametrize(
    ("spelled", "target", "justification", "fields"),
    [
        ("- - - -", "0", "", ("target",)),
        ("- - - -", "0", " \n", ("target",)),
        ("- - - -", "0", "Seleksi ditiadakan", ()),
        ("0 - - -", "0", "", ("target", "quarter_1")),
        ("0 0 0 0", "0", "Seleksi ditiadakan", ()),
        ("0 - 6 6", "12", "", ("quarter_1",)),
        ("0 - 6 6", "12", "Triwulan I menunggu formasi", ()),
        # a reason excuses nought, and nothing else
        ("0 - 6 7", "12", "Triwulan I menunggu formasi", ("quarters",)),
        ("-1 - - -", "0", "Seleksi ditiadakan", ("quarter_1",)),
        ("- - - -", "-1", "Seleksi ditiadakan", ("target",)),
        ("- - - -", "0.0001", "", ()),
    ],
)
def test_a_reason_makes_nought_a_target(spelled: str, target: str, justification: str, fields: tuple[str, ...]) -> None:
    found = target_problems(targets(MAX, SUM, target, spelled, justification=justification))
    assert tuple(problem.field for problem in found) == fields


@pytest.mark.parametrize(("upper", "is_wrong"), [("79", True), ("80", True), ("-1", True), ("80.0001", False)])
def test_a_range_ends_above_its_lower_bound(upper: str, is_wrong: bool) -> None:
    found = check_target(targets(RANGE, AVERAGE, "80", upper=upper))
    assert [problem.field for problem in found] == (["target_upper"] if is_wrong else [])


def test_the_bounds_are_both_named_when_they_are_the_wrong_way_round() -> None:
    (problem,) = check_target(targets(RANGE, AVERAGE, "1234.5", upper="80"))
    assert problem.message == "Batas atas target 80, seharusnya lebih besar dari batas bawah 1.234,5."


def test_an_upper_bound_without_a_lower_one_is_judged_alone() -> None:
    assert check_target(targets(RANGE, AVERAGE, None, upper="80")) == ()
    (problem,) = check_target(targets(RANGE, AVERAGE, None, upper="-80"))
    assert problem.field == "target_upper"


@pytest.mark.parametrize("polarity", [MAX, MIN, None])
def test_an_upper_bound_left_over_from_a_range_is_not_looked_at(polarity: Polarity | None) -> None:
    assert target_problems(targets(polarity, SUM, "12", "12 - - -", upper="-3")) == ()


@given(st.lists(FIGURES, min_size=4, max_size=4), st.sampled_from([MIN, RANGE]))
def test_the_sum_of_any_four_quarters_is_a_fitting_yearly_target(figures: list[Decimal], polarity: Polarity) -> None:
    first, second, third, fourth = figures
    year = sum(figures, Decimal(0))
    assert target_problems(Targets(polarity, SUM, year, year + 1, (first, second, third, fourth))) == ()


@given(
    st.sampled_from([*Polarity, None]),
    st.sampled_from([*Aggregation, None]),
    st.lists(st.none() | FIGURES | FIGURES.map(Decimal.copy_negate), min_size=6, max_size=6),
)
def test_any_figures_get_complete_sentences_on_known_fields(
    polarity: Polarity | None, aggregation: Aggregation | None, figures: list[Decimal | None]
) -> None:
    target, upper, first, second, third, fourth = figures
    for problem in target_problems(Targets(polarity, aggregation, target, upper, (first, second, third, fourth))):
        assert problem.field in {*QUARTER_FIELDS, "quarters", "target", "target_upper"}
        assert problem.message.endswith(".")
        assert "None" not in problem.message


# What is missing


@dataclass(frozen=True)
class Line:
    id: int | None = 7
    text: str | None = "Jumlah dokumen"
    formula: str | None = "Banyaknya dokumen yang disahkan"
    source: str | None = "Bidang Mutasi"
    unit_of_measure: str | None = "dokumen"
    polarity: str | None = "maximize"
    aggregation: str | None = "sum"
    target: Decimal | None = Decimal(12)
    target_upper: Decimal | None = None
    quarters: Sequence[Decimal | None] = (Decimal(6), None, None, Decimal(6))
    justification: str = ""


@dataclass(frozen=True)
class Result:
    number: int = 1
    id: int | None = None
    text: str | None = "Meningkatnya tertib administrasi"
    indicators: Sequence[Line] = (Line(),)


EMPTY_LINE = Line(None, "", "", "", "", None, None, None, None, (None, None, None, None))


def test_a_full_indicator_misses_nothing() -> None:
    assert missing_parts(Line()) == ()


@pytest.mark.parametrize("part", ["text", "formula", "source", "unit_of_measure"])
@pytest.mark.parametrize("blank", ["", "  \n", None])
def test_each_empty_text_is_named_as_on_the_paper(part: str, blank: str | None) -> None:
    assert missing_parts(replace(Line(), **{part: blank})) == (Gap(part, FIELD_WORDS[part]),)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["polarity", "aggregation", "target"])
def test_each_missing_choice_or_figure_is_named(part: str) -> None:
    assert missing_parts(replace(Line(), **{part: None})) == (Gap(part, FIELD_WORDS[part]),)  # type: ignore[arg-type]


def test_one_filled_quarter_is_enough_and_none_is_a_gap() -> None:
    assert missing_parts(replace(Line(), quarters=(None, None, Decimal(0), None))) == ()
    (gap,) = missing_parts(replace(Line(), quarters=(None, None, None, None)))
    assert gap.message == "Target triwulan belum diisi; isi paling sedikit satu triwulan."


def test_a_range_misses_its_bounds_by_name() -> None:
    gaps = missing_parts(replace(Line(), polarity="range", target=None))
    assert [gap.message for gap in gaps] == ["Batas bawah target belum diisi.", "Batas atas target belum diisi."]


def test_nought_is_a_figure_and_not_a_gap() -> None:
    assert missing_parts(replace(Line(), target=Decimal(0))) == ()


def test_an_empty_indicator_misses_everything_but_an_upper_bound_in_the_order_of_the_paper() -> None:
    assert [gap.field for gap in missing_parts(EMPTY_LINE)] == [field for field in FIELD_WORDS if field != "target_upper"]


def test_targets_are_read_from_stored_words() -> None:
    assert targets_of(Line()) == targets(MAX, SUM, "12", "6 - - 6")
    assert targets_of(replace(Line(), justification="Ya")).justification == "Ya"
    assert targets_of(EMPTY_LINE) == targets(None, None, None)


# The sheet


def test_a_sheet_with_every_part_is_complete() -> None:
    state = completeness([Result(1, indicators=(Line(), Line())), Result(2)])
    assert (state.done, state.total, state.gaps, state.is_complete) == (3, 3, (), True)


def test_a_sheet_without_statements_is_not_complete() -> None:
    state = completeness([])
    assert (state.done, state.total, state.is_complete) == (0, 0, False)
    (gap,) = state.gaps
    assert (gap.statement_number, gap.indicator_index, gap.indicator_id, gap.field) == (None, None, None, "statements")


def test_a_statement_without_indicators_is_one_open_line() -> None:
    state = completeness([Result(), Result(2, indicators=())])
    assert (state.done, state.total) == (1, 2)
    (gap,) = state.gaps
    assert (gap.statement_number, gap.indicator_index, gap.field) == (2, None, "indicators")


def test_a_missing_statement_text_leaves_its_first_line_open_only() -> None:
    state = completeness([Result(4, text=" ", indicators=(Line(), Line()))])
    assert (state.done, state.total, state.is_complete) == (1, 2, False)
    (gap,) = state.gaps
    assert (gap.statement_number, gap.indicator_index, gap.field, gap.message) == (
        4,
        None,
        "text",
        "Kinerja belum diisi.",
    )


def test_an_empty_statement_lacks_text_and_indicators() -> None:
    state = completeness([Result(1, text="", indicators=())])
    assert [gap.field for gap in state.gaps] == ["text", "indicators"]
    assert (state.done, state.total) == (0, 1)


def test_a_gap_says_in_which_row_it_is() -> None:
    state = completeness([Result(), Result(2, indicators=(Line(), replace(Line(), id=41, formula="")))])
    (gap,) = state.gaps
    assert (gap.statement_number, gap.indicator_index, gap.indicator_id) == (2, 2, 41)
    assert (gap.field, gap.message) == ("formula", "Penjelasan/formulasi belum diisi.")


def test_targets_that_contradict_each_other_keep_a_sheet_incomplete() -> None:
    state = completeness([Result(indicators=(replace(Line(), target=Decimal(13)),))])
    (gap,) = state.gaps
    assert (state.done, gap.field) == (0, "quarters")
    assert gap.message == "Jumlah target triwulan 12, seharusnya 13 seperti target tahunan."


LINES = st.sampled_from([Line(), EMPTY_LINE, replace(Line(), source=""), replace(Line(), target=Decimal(0))])
RESULTS = st.builds(Result, text=st.sampled_from(["Kinerja", ""]), indicators=st.lists(LINES, max_size=3))


@given(st.lists(RESULTS, max_size=5))
def test_all_lines_done_and_no_gap_are_the_same_thing(statements: list[Result]) -> None:
    state = completeness(statements)
    assert 0 <= state.done <= state.total
    assert state.is_complete == (state.done == state.total > 0)


def test_every_choice_has_its_word() -> None:
    assert set(POLARITY_WORDS) == set(Polarity)
    assert set(AGGREGATION_WORDS) == set(Aggregation)
    assert len(QUARTER_WORDS) == len(QUARTER_FIELDS) == 4
