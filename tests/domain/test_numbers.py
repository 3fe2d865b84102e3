"""Numbers in and out: what is taken, what is doubted, what is refused and how the refusal helps."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import (
    NUMBER_LIMIT,
    ParsedNumber,
    format_number,
    parse_number,
    plain_number,
    round_half_up,
)

FIGURES = st.decimals(min_value=1 - NUMBER_LIMIT, max_value=NUMBER_LIMIT - 1, places=4)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0", "0"),
        ("5", "5"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("007", "7"),
        ("  12  ", "12"),
        ("\u00a012\t", "12"),
        ("1234", "1234"),
        ("1234,5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("-1.234,5", "-1234.5"),
        ("1,234", "1.234"),
        ("0,0001", "0.0001"),
        ("100,00", "100"),
        ("1.234.567", "1234567"),
        ("999.999.999", "999999999"),
        ("9.999.999.999.999,9999", "9999999999999.9999"),
    ],
)
def test_an_indonesian_number_is_read_without_doubt(typed: str, value: str) -> None:
    assert parse_number(typed) == ParsedNumber(Decimal(value), False, plain_number(Decimal(value)))


@pytest.mark.parametrize(
    ("typed", "value", "understood"),
    [
        ("4.25", "4.25", "4,25"),
        ("-4.25", "-4.25", "-4,25"),
        ("4.5", "4.5", "4,5"),
        ("1.2345", "1.2345", "1,2345"),
        ("1.234", "1234", "1234"),
        ("-1.234", "-1234", "-1234"),
        ("12.500", "12500", "12500"),
        ("999.999", "999999", "999999"),
        ("0.234", "0.234", "0,234"),
        ("012.345", "12.345", "12,345"),
        ("1234.567", "1234.567", "1234,567"),
        ("10.50", "10.5", "10,5"),
    ],
)
def test_one_dot_alone_is_never_guessed_silently(typed: str, value: str, understood: str) -> None:
    assert parse_number(typed) == ParsedNumber(Decimal(value), True, understood)


@pytest.mark.parametrize("typed", ["4.25", "1.234", "0.234", "-12.500"])
def test_what_was_understood_is_read_the_second_time_without_doubt(typed: str) -> None:
    first = parse_number(typed)
    assert parse_number(first.understood) == ParsedNumber(first.value, False, first.understood)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "belum diisi"),
        ("   ", "belum diisi"),
        ("12,5%", "isian Satuan"),
        ("12 %", "isian Satuan"),
        ("%", "isian Satuan"),
        ("dua", "bukan angka"),
        ("12 dokumen", "bukan angka"),
        ("Rp1.000", "bukan angka"),
        ("1e3", "bukan angka"),
        ("1E+3", "bukan angka"),
        ("NaN", "bukan angka"),
        ("Infinity", "bukan angka"),
        ("+5", "bukan angka"),
        ("1 234", "bukan angka"),
        ("1_000", "bukan angka"),
        ("1/2", "bukan angka"),
        ("\u0661\u0662", "bukan angka"),
        ("\u00b2", "bukan angka"),
        ("1.23,4", "titik memisahkan ribuan"),
        ("12.34.5", "titik memisahkan ribuan"),
        ("0.123.456", "titik memisahkan ribuan"),
        ("1234.567.890", "titik memisahkan ribuan"),
        ("1,234.5", "titik memisahkan ribuan"),
        ("1,234,567", "titik memisahkan ribuan"),
        ("1..234", "titik memisahkan ribuan"),
        (",5", "titik memisahkan ribuan"),
        (".5", "titik memisahkan ribuan"),
        ("5,", "titik memisahkan ribuan"),
        ("5.", "titik memisahkan ribuan"),
        ("--5", "titik memisahkan ribuan"),
        ("5-", "titik memisahkan ribuan"),
        ("-", "titik memisahkan ribuan"),
        ("1,23456", "paling banyak 4"),
        ("1.23456", "paling banyak 4"),
        ("10000000000000", "terlalu besar"),
        ("-10.000.000.000.000", "terlalu besar"),
        ("9" * 5000, "terlalu besar"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(typed: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse_number(typed)


@pytest.mark.parametrize("typed", ["", "12%", "dua", "1.23,4", "1,23456"])
def test_a_refusal_shows_an_example(typed: str) -> None:
    with pytest.raises(Invalid, match=r"misalnya [0-9]"):
        parse_number(typed)


@given(st.text(alphabet="0123456789.,-% e\u0661", max_size=12))
def test_any_text_is_either_read_or_refused(typed: str) -> None:
    try:
        parsed = parse_number(typed)
    except Invalid:
        return
    assert abs(parsed.value) < NUMBER_LIMIT
    assert parse_number(parsed.understood).value == parsed.value


@pytest.mark.parametrize(
    ("value", "formatted", "plain"),
    [
        ("0", "0", "0"),
        ("-0", "0", "0"),
        ("-0.0000", "0", "0"),
        ("100.0000", "100", "100"),
        ("1E+3", "1.000", "1000"),
        ("1E-4", "0,0001", "0,0001"),
        ("-0.5", "-0,5", "-0,5"),
        ("1234.56", "1.234,56", "1234,56"),
        ("-1234567.8900", "-1.234.567,89", "-1234567,89"),
        (
            "123456789012345678901234567890.5",
            "123.456.789.012.345.678.901.234.567.890,5",
            "123456789012345678901234567890,5",
        ),
    ],
)
def test_a_number_is_written_as_the_office_does(value: str, formatted: str, plain: str) -> None:
    assert plain_number(Decimal(value)) == plain
    assert format_number(Decimal(value)) == formatted


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_never_printed(value: str) -> None:
    with pytest.raises(Invalid):
        format_number(Decimal(value))
    with pytest.raises(Invalid):
        plain_number(Decimal(value))


@given(FIGURES)
def test_an_input_field_gives_back_what_it_was_given(value: Decimal) -> None:
    assert parse_number(plain_number(value)) == ParsedNumber(value, False, plain_number(value))


@given(FIGURES)
def test_a_formatted_number_means_the_same_figure(value: Decimal) -> None:
    parsed = parse_number(format_number(value))
    assert parsed.value == value
    assert parsed.ambiguous == (format_number(value).count(".") == 1 and "," not in format_number(value))


@given(FIGURES)
def test_a_parsed_value_carries_no_trailing_zeros(value: Decimal) -> None:
    digits = str(parse_number(plain_number(value)).value)
    assert "E" not in digits
    assert not ("." in digits and digits.endswith("0"))


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("2.5", 0, "3"),
        ("2.4999", 0, "2"),
        ("-2.5", 0, "-3"),
        ("89.5", 0, "90"),
        ("90.49999999999999999999999999", 0, "90"),
        ("33.33335", 4, "33.3334"),
        ("0.005", 2, "0.01"),
        ("0", 2, "0.00"),
        ("9999999999999.99995", 4, "10000000000000.0000"),
        ("1234", -2, "1200"),
        ("1250", -2, "1300"),
    ],
)
def test_a_half_is_rounded_up(value: str, places: int, rounded: str) -> None:
    assert round_half_up(Decimal(value), places) == Decimal(rounded)


def test_rounding_does_not_depend_on_the_context_of_the_caller() -> None:
    with localcontext(prec=3):
        assert round_half_up(Decimal("123456.785"), 2) == Decimal("123456.79")


def test_rounding_never_leaves_a_sign_before_nought() -> None:
    assert str(round_half_up(Decimal("-0.4"))) == "0"
