"""The table of `make faults` itself: complete, in order, and it tells what its tests saw."""

from pathlib import Path

import pytest

from tests.faults import bar
from tests.faults.bar import BAR, Figure, Row, run


def test_every_row_of_the_bar_stands_in_order() -> None:
    numbers = [row.number for row in BAR]
    assert numbers == sorted(set(numbers))


def test_a_figure_comes_from_a_test_into_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar, "RESULTS", tmp_path)
    result = run(Row(0, "the table", "says what was seen", ("house/test_bar.py::test_something_is_seen",)), tree="")
    assert (result.passed, result.figures) == (True, ["3 of 3"])


def test_something_is_seen(figure: Figure) -> None:
    figure("3 of 3")
