"""Column types that every table shares."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

AMOUNT_PLACES = 4
#: The databases' own integers end here; a larger number in an address is no id, and must not reach them.
LARGEST_ID = 2**31 - 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both databases (SQLite would hand it back naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the interface
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """A figure with up to four decimals, kept as whole ten-thousandths: exact on both databases.

    SQLite has no decimals; a float would turn the office's 0,1 into something else.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        scaled = value.scaleb(AMOUNT_PLACES)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"more than {AMOUNT_PLACES} decimals: {value}")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value).scaleb(-AMOUNT_PLACES)


def word(kind: type[StrEnum], name: str) -> Enum:
    """A column for a word of a closed list: stored as its value, checked by the database (`ck_<table>_<name>`)."""
    return Enum(
        kind, name=name, native_enum=False, create_constraint=True, length=20, values_callable=_values, validate_strings=True
    )


def _values(kind: Any) -> list[str]:
    return [member.value for member in kind]
