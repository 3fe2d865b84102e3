"""Who waits on whom: the desks at which sheets and reports of a year lie today, and what lies there."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal_column, null, select, text, union_all

from iki_portal.domain.office import post_name
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Post
from iki_portal.domain.realisation import ReportState
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.desks import WAITING_SHEET, deciding_post
from iki_portal.indicators.sight import title_of_sheet, unit_of_sheet
from iki_portal.models import Position, RealisationReport, Sheet, Unit
from iki_portal.organisation.queries import posts
from iki_portal.realisation.desks import verifying_post
from iki_portal.reports.lists import Slice, Some
from iki_portal.reports.units import Scope

MOST_DESKS = 6
_OF_YEAR = bindparam("year", type_=Integer)
_SUBMITTED = RealisationReport.state.expression == literal_column(f"'{ReportState.SUBMITTED.value}'")


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A desk, and what waits there."""

    post_id: int
    who: str
    sheets: int
    reports: int
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A sheet, or a report of one of its quarters."""

    sheet_id: int
    #: None for the sheet itself.
    quarter: int | None
    name: str
    unit_name: str
    state: State | ReportState
    since: datetime
    who: str


@cache
def _waiting() -> Any:
    """Sheets and reports that somebody must decide on, each with the post at which it lies."""
    sheets: Select[*tuple[Any, ...]] = (
        select(
            *(Sheet.id.label("sheet_id"), Position.unit_id, null().label("quarter")),
            *(deciding_post().label("desk"), func.coalesce(Sheet.reviewed_at, Sheet.submitted_at).label("since")),
        )
        .join(Position, Position.id == Sheet.position_id)
        .where(text(WAITING_SHEET), Sheet.year == _OF_YEAR)
    )
    reports: Select[*tuple[Any, ...]] = (
        select(
            *(Sheet.id.label("sheet_id"), Position.unit_id, RealisationReport.quarter),
            *(verifying_post().label("desk"), RealisationReport.submitted_at.label("since")),
        )
        .join(Sheet, Sheet.id == RealisationReport.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .where(_SUBMITTED, RealisationReport.year == _OF_YEAR)
    )
    return union_all(sheets, reports).subquery("waiting")


def desks(year: int, scope: Scope, *, on: date, size: int | None = MOST_DESKS) -> list[DeskLine]:
    """The desks with the most to do, what has waited longest first among equals; two statements."""
    found = _waiting()
    reports = func.count(found.c.quarter)
    query = (
        select(found.c.desk, func.count().label("number"), reports.label("reports"), func.min(found.c.since).label("since"))
        .where(scope.covers(found.c.unit_id))
        .group_by(found.c.desk)
        .order_by(func.count().desc(), func.min(found.c.since), found.c.desk)
        .limit(size)
    )
    rows = db.session.execute(query, {"year": year, "today": on}).all()
    named = posts((row.desk for row in rows), on=on) if rows else {}
    return [DeskLine(row.desk, who_holds(named[row.desk]), row.number - row.reports, row.reports, row.since) for row in rows]


def who_holds(post: Post) -> str:
    people = ", ".join(f"{each.name} ({acting_title(each.kind, post.name)})" for each in post.holders)
    return people or f"{post.name} (kosong)"


def waiting_at(year: int, scope: Scope, desk: int | None, *, on: date, part: Slice) -> Some:
    """What lies at one desk, or at all of them, what has waited longest first; two statements."""
    found = _waiting()
    query: Select[*tuple[Any, ...]] = (
        select(
            *(found.c.sheet_id, found.c.quarter, found.c.desk, found.c.since, Sheet.state, Position.area),
            *(title_of_sheet().label("title"), unit_of_sheet().label("unit_name")),
        )
        .join(Sheet, Sheet.id == found.c.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(scope.covers(found.c.unit_id), _at(found, desk))
        .order_by(found.c.since, found.c.sheet_id, found.c.quarter)
    )
    rows = db.session.execute(part.of(query), {"year": year, "today": on}).all()
    page = rows if part.size is None else rows[: part.size]
    named = posts((row.desk for row in page), on=on) if page else {}
    return part.some(rows, [_line(row, who_holds(named[row.desk])) for row in page])


def _at(found: Any, desk: int | None) -> ColumnElement[bool]:
    return found.c.desk == desk if desk is not None else found.c.desk.is_not(None)  # type: ignore[no-any-return]


def _line(row: Any, who: str) -> WaitingLine:
    state = row.state if row.quarter is None else ReportState.SUBMITTED
    return WaitingLine(row.sheet_id, row.quarter, post_name(row.title, row.area), row.unit_name, state, row.since, who)
