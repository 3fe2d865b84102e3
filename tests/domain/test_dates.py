"""Days and times: read without ever taking a month for a day, written on the office's clock."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.dates import (
    MONTHS,
    format_date,
    format_datetime,
    format_time,
    office_day,
    parse_date,
    today_in_office,
)
from iki_portal.domain.errors import Invalid

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "24-11-2026",
        "24/11/2026",
        "2026-11-24",
        "24 November 2026",
        "24 november 2026",
        "24  NOVEMBER  2026",
        "24 Nopember 2026",
        "  24-11-2026  ",
    ],
)
def test_one_day_in_every_accepted_spelling(typed: str) -> None:
    assert parse_date(typed) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1-2-2026", date(2026, 2, 1)),
        ("01/02/2026", date(2026, 2, 1)),
        ("11/12/2026", date(2026, 12, 11)),
        ("1 Mei 2026", date(2026, 5, 1)),
        ("2 Pebruari 2026", date(2026, 2, 2)),
        ("29-2-2028", date(2028, 2, 29)),
    ],
)
def test_the_day_comes_before_the_month(typed: str, day: date) -> None:
    assert parse_date(typed) == day


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "belum diisi"),
        ("   ", "belum diisi"),
        ("besok", "tidak dikenali"),
        ("24-11-26", "tidak dikenali"),
        ("24-11/2026", "tidak dikenali"),
        ("24.11.2026", "tidak dikenali"),
        ("2026/11/24", "tidak dikenali"),
        ("2026-1-4", "tidak dikenali"),
        ("20261124", "tidak dikenali"),
        ("November 24, 2026", "tidak dikenali"),
        ("24-11-2026 10:32", "tidak dikenali"),
        ("\u0662\u0664-11-2026", "tidak dikenali"),
        ("24 Movember 2026", "Nama bulan tidak dikenali"),
        ("24 Nov 2026", "Nama bulan tidak dikenali"),
        ("11/24/2026", "tidak ada di kalender"),
        ("2026-24-11", "tidak ada di kalender"),
        ("31 Februari 2026", "tidak ada di kalender"),
        ("29-2-2026", "tidak ada di kalender"),
        ("0-1-2026", "tidak ada di kalender"),
        ("1-0-2026", "tidak ada di kalender"),
        ("24-11-0226", "antara 1900 dan 2100"),
        ("24-11-2101", "antara 1900 dan 2100"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason_and_an_example(typed: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refusal:
        parse_date(typed)
    assert "misalnya 24-11-2026 atau 24 November 2026" in str(refusal.value)


@given(DAYS)
def test_a_written_day_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%d-%m-%Y}") == day


def test_the_first_of_a_month_has_no_leading_zero() -> None:
    assert format_date(date(2026, 1, 1)) == "1 Januari 2026"


def test_every_month_has_its_name() -> None:
    assert [format_date(date(2026, month, 2)) for month in range(1, 13)] == [f"2 {name} 2026" for name in MONTHS]


def test_a_moment_is_written_on_the_clock_of_the_office() -> None:
    at = datetime(2026, 11, 24, 3, 32, 59, tzinfo=UTC)
    assert format_datetime(at) == "24 November 2026 pukul 10.32 WIB"
    assert format_time(at) == "10.32"


def test_early_hours_keep_two_figures() -> None:
    assert format_time(datetime(2026, 11, 24, 0, 5, tzinfo=UTC)) == "07.05"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 12, 31)),
    ],
)
def test_the_day_turns_at_midnight_in_the_office(at: datetime, day: date) -> None:
    assert office_day(at) == day
    assert today_in_office(at) == day


def test_today_comes_from_the_clock_when_nothing_stands_in_for_it() -> None:
    with time_machine.travel(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)):
        assert today_in_office() == date(2026, 11, 24)


def test_a_moment_without_a_zone_is_a_mistake_of_the_program() -> None:
    naive = datetime(2026, 11, 24, 10, 32)  # noqa: DTZ001  # the mistake itself
    for written in (format_datetime, format_time, office_day, today_in_office):
        with pytest.raises(ValueError, match="time zone"):
            written(naive)
