"""The table of `make faults` itself: complete, in order, and it tells what its tests saw."""

import os
from pathlib import Path

import pytest

from tests.faults import bar
from tests.faults.bar import BAR, PLANTED, Figure, Row, run

TESTS = Path(bar.__file__).parents[1]


def test_every_row_is_there_once_and_so_is_what_it_names() -> None:
    numbers = [row.number for row in BAR]
    assert numbers == list(range(1, 35))
    for named in (*(each for row in BAR for each in row.tests), *PLANTED.values()):
        path, _, test = named.partition("::")
        assert (TESTS / path).exists(), named
        assert not test or f"def {test}(" in (TESTS / path).read_text(), named


def test_every_row_is_shown_to_be_able_to_fail() -> None:
    assert {row.number for row in BAR} == PLANTED.keys(), "plant a flaw that the row must find"


def test_a_figure_comes_from_a_test_into_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar, "RESULTS", tmp_path)
    result = run(Row(0, "the table", "says what was seen", ("house/test_bar.py::test_something_is_seen",)), tree="")
    assert (result.passed, result.figures) == (True, ["3 of 3"])


def test_a_row_of_which_nothing_could_be_tried_has_not_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar, "RESULTS", tmp_path)
    result = run(Row(0, "the table", "says what was not tried", ("house/test_bar.py::test_nothing_is_tried",)), tree="")
    assert (result.passed, result.figures) == (False, ["not tried: nobody is here"])


def test_nothing_is_tried() -> None:
    if os.environ.get(bar.SWITCH):
        pytest.skip("nobody is here")


def test_something_is_seen(figure: Figure) -> None:
    figure("3 of 3")
