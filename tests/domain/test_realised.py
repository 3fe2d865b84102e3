"""What a row of a report must be: negative figures, a denominator of nought, a share above its whole, what is missing."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from iki_portal.domain.realised import (
    NOTHING_REPORTED,
    ReportedRow,
    figure_word,
    figures_of,
    gaps,
    is_corrected,
    is_ratio,
    realised_of,
    row_problems,
)

D = Decimal


@dataclass
class Row:
    id: int | None = 7
    text: str = "Jumlah dokumen"
    formula: str = ""
    source: str = ""
    unit_of_measure: str = "dokumen"
    polarity: str | None = "maximize"
    aggregation: str | None = "sum"
    target: Decimal | None = Decimal("4")
    target_upper: Decimal | None = None
    quarters: tuple[Decimal | None, ...] = (D(1), D(1), None, D(2))
    baseline: Decimal | None = None
    justification: str = ""
    numerator: str = ""
    denominator: str = ""
    population: str = ""
    record: str = ""
    cut_off: str = ""


SHARE = Row(unit_of_measure="%", aggregation="ratio", target=D(95), quarters=(D(25), D(50), D(75), D(95)))
GROWTH = Row(unit_of_measure="%", aggregation="last", target=D(110), quarters=(D(100), D(104), D(107), D(110)))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row(), False),
        (SHARE, True),
        (Row(aggregation="last", numerator="berkas selesai", denominator="berkas masuk"), True),
        (Row(aggregation="last", numerator="berkas selesai"), False),
    ],
)
def test_which_indicators_are_reported_as_two_operands(row: Row, expected: bool) -> None:
    assert is_ratio(row) is expected
    assert figures_of(row) == (("numerator", "denominator") if expected else ("value",))


def test_operands_are_called_what_the_formula_calls_them() -> None:
    row = Row(aggregation="ratio", numerator="berkas selesai", denominator="berkas masuk")
    assert figure_word(row, "numerator") == "Pembilang: berkas selesai"
    assert figure_word(SHARE, "denominator") == "Penyebut"
    assert figure_word(Row(), "value") == "Realisasi"


@pytest.mark.parametrize(
    ("row", "reported", "field", "said"),
    [
        (Row(), ReportedRow(value=D(-5)), "value", "tidak boleh negatif (-5)"),
        (SHARE, ReportedRow(numerator=D(-1), denominator=D(10)), "numerator", "tidak boleh negatif"),
        (SHARE, ReportedRow(numerator=D(1), denominator=D(-10)), "denominator", "tidak boleh negatif"),
        (SHARE, ReportedRow(numerator=D(1), denominator=D(0)), "denominator", "Penyebut nol"),
        (SHARE, ReportedRow(numerator=D(12), denominator=D(10)), "numerator", "120% melebihi 100%"),
        (Row(unit_of_measure="%", target=D(100)), ReportedRow(value=D("100.01")), "value", "100,01% melebihi 100%"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(row: Row, reported: ReportedRow, field: str, said: str) -> None:
    problems = {each.field: each.message for each in row_problems(row, reported)}
    assert said in problems[field]


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        (Row(), NOTHING_REPORTED),
        (Row(), ReportedRow(value=D(0))),
        (SHARE, ReportedRow(numerator=D(10), denominator=D(10))),
        (SHARE, ReportedRow(numerator=D(12), denominator=D(10), note="Termasuk sisa tahun lalu.")),
        (GROWTH, ReportedRow(value=D(150))),
        (Row(unit_of_measure="orang"), ReportedRow(value=D(150))),
    ],
)
def test_what_may_be_is_taken(row: Row, reported: ReportedRow) -> None:
    assert row_problems(row, reported) == ()


def test_the_engine_gets_operands_and_their_share() -> None:
    realised = realised_of(SHARE, ReportedRow(numerator=D(19), denominator=D(20)))
    assert realised is not None
    assert (realised.value, realised.numerator, realised.denominator) == (D(95), D(19), D(20))
    assert realised_of(SHARE, ReportedRow(numerator=D(19))) is None
    assert realised_of(Row(), NOTHING_REPORTED) is None
    assert realised_of(Row(), ReportedRow(value=D(0))) is not None


@pytest.mark.parametrize(
    ("row", "quarter", "reported", "missing"),
    [
        (Row(), 1, NOTHING_REPORTED, ["value"]),
        (Row(), 3, NOTHING_REPORTED, []),  # no target in that quarter
        (Row(), 1, ReportedRow(value=D(0)), []),
        (Row(), 1, ReportedRow(obstacle="Belum ada berkas masuk."), []),
        (SHARE, 1, NOTHING_REPORTED, ["numerator"]),
        (SHARE, 1, ReportedRow(numerator=D(1), obstacle="x"), ["denominator"]),
        (SHARE, 1, ReportedRow(numerator=D(1), denominator=D(2)), []),
    ],
)
def test_what_keeps_a_report_from_being_submitted(row: Row, quarter: int, reported: ReportedRow, missing: list[str]) -> None:
    found = gaps([(row, reported)], quarter)
    assert [(gap.indicator_id, gap.field) for gap in found] == [(7, field) for field in missing]


def test_words_may_be_mended_without_a_reason_figures_may_not() -> None:
    before = ReportedRow(value=D(3), note="a")
    assert not is_corrected(before, ReportedRow(value=D("3.0"), note="b"))
    assert is_corrected(before, ReportedRow(value=D(4), note="a"))
    assert is_corrected(before, ReportedRow(note="a"))
