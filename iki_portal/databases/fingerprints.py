"""What a table holds, in two figures that are the same on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, Table, select

_BITS = 256


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows, and the sum of their hashes: rows in another order are the same content."""

    rows: int
    sum: str


class Counted:
    """Adds rows up to a `Content`."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, 0

    def add(self, row: Row[Any]) -> None:
        self._rows += 1
        self._sum += int.from_bytes(sha256(repr(tuple(row)).encode()).digest())

    @property
    def content(self) -> Content:
        return Content(self._rows, f"{self._sum % 2**_BITS:064x}")


def rows_of(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """Every row, a few at a time: files and books are large."""
    step = 10 if any(isinstance(column.type, LargeBinary) for column in table.columns) else 1000
    yield from connection.execute(select(table), execution_options={"yield_per": step})


def content_of(connection: Connection, table: Table) -> Content:
    counted = Counted()
    for row in rows_of(connection, table):
        counted.add(row)
    return counted.content
