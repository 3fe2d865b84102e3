"""What a fault test says of itself."""

import pytest

from tests.faults.bar import Figure


@pytest.fixture
def figure(record_property: object) -> Figure:
    """Keeps a figure for the table of `make faults`."""

    def keep(said: str) -> None:
        record_property("figure", said)  # type: ignore[operator]
        print(said)

    return keep
