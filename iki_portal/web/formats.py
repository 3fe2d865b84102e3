"""Filters: the only way a template turns a value into text."""

from datetime import date, datetime
from decimal import Decimal

from flask import Flask

from iki_portal.domain.comments import COMMENT_STEP_SAID
from iki_portal.domain.dates import format_date, format_datetime, office_day
from iki_portal.domain.numbers import format_number
from iki_portal.domain.quarters import quarter_name
from iki_portal.domain.workflow import revision_name
from iki_portal.web.labels import COMMENT_LABELS


def number(value: Decimal | int | None) -> str:
    """1.234,56; nothing for a missing figure (the page shows "belum diisi" itself)."""
    return "" if value is None else format_number(Decimal(value))


def day(value: date | None) -> str:
    return "" if value is None else format_date(value)


def moment(value: datetime | None) -> str:
    return "" if value is None else format_datetime(value)


def office_day_of(value: datetime | None) -> str:
    """The day of a moment on the calendar of the office."""
    return "" if value is None else format_date(office_day(value))


def letter(index: int) -> str:
    """0 → a, 25 → z, 26 → aa: lettered duties of a post."""
    if index < 26:
        return chr(ord("a") + index)
    return letter(index // 26 - 1) + letter(index % 26)


def register_formats(app: Flask) -> None:
    for name, convert in (
        ("number", number),
        ("day", day),
        ("moment", moment),
        ("office_day", office_day_of),
        ("letter", letter),
        ("revision_name", revision_name),
        ("quarter_name", quarter_name),
        ("comment_label", COMMENT_LABELS.__getitem__),
        ("comment_said", COMMENT_STEP_SAID.__getitem__),
    ):
        app.jinja_env.filters[name] = convert
