"""One sheet in sight: loaded and authorised in one act, with the route it takes today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from iki_portal.domain import policy
from iki_portal.domain.errors import NotFound
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor, Route
from iki_portal.domain.workflow import IN_PREPARATION, ReasonClass, State
from iki_portal.extensions import db
from iki_portal.models import PerformanceYear, Position, Sheet, Unit
from iki_portal.models.columns import LARGEST_ID
from iki_portal.organisation.queries import posts

NOT_FOUND = "Lembar ini tidak ada, atau bukan untuk Anda."


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSheet:
    """One sheet with the route it takes today: what policy, pages and operations need to know before anything else."""

    id: int
    year: int
    position_id: int
    revision: int
    state: State
    version: int
    heading: str
    order: int
    reviewer_id: int | None
    approver_id: int
    submitted_by_id: int | None
    submitted_at: datetime | None
    reviewed_by_id: int | None
    reviewed_at: datetime | None
    approved_by_id: int | None
    approved_at: datetime | None
    content_hash: str | None
    reason_class: ReasonClass | None
    reason_note: str
    begun_on: date
    changed_at: datetime
    changed_by: str
    title: str
    area: str
    unit_name: str
    deadline: date | None
    newer_id: int | None
    route: Route

    @property
    def name(self) -> str:
        """The post's title with its area, as screens tell posts apart."""
        return post_name(self.title, self.area)


_approver = aliased(Position)
_newer = aliased(Sheet)
_SHEET_COLUMNS = (
    "id",
    "year",
    "position_id",
    "revision",
    "state",
    "version",
    "heading",
    "order",
    "reviewer_id",
    "approver_id",
    "submitted_by_id",
    "submitted_at",
    "reviewed_by_id",
    "reviewed_at",
    "approved_by_id",
    "approved_at",
    "content_hash",
    "reason_class",
    "reason_note",
    "begun_on",
    "changed_at",
    "changed_by",
)


def title_of_sheet() -> ColumnElement[str]:
    """In SQL: the post's title on a sheet; an approved one keeps the title it was approved under."""
    return func.coalesce(Sheet.approved_title, Position.title)


def unit_of_sheet() -> ColumnElement[str]:
    return func.coalesce(Sheet.approved_unit, Unit.name)


@cache
def sheets_query() -> Select[*tuple[Any, ...]]:
    newer = (
        select(func.max(_newer.id))
        .where(
            _newer.position_id == Sheet.position_id,
            _newer.year == Sheet.year,
            _newer.revision > Sheet.revision,
            _newer.state.in_(IN_PREPARATION),
        )
        .correlate(Sheet)
        .scalar_subquery()
    )
    return (
        select(
            *(getattr(Sheet, name) for name in _SHEET_COLUMNS),
            title_of_sheet().label("title"),
            Position.area,
            Position.is_closed.label("is_closed"),
            unit_of_sheet().label("unit_name"),
            PerformanceYear.stage,
            PerformanceYear.planning_deadline_on.label("deadline"),
            _approver.superior_id,
            newer.label("newer_id"),
        )
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .join(PerformanceYear, PerformanceYear.year == Sheet.year)
        .join(_approver, _approver.id == Sheet.approver_id)
    )


def seen_sheets(rows: Sequence[Row[Any]], *, on: date) -> list[SeenSheet]:
    """Rows of `sheets_query` with their routes; one statement more, for any number of rows."""
    ids = {each for row in rows for each in (row.position_id, row.reviewer_id, row.approver_id, row.superior_id)}
    found = posts(ids, on=on) if rows else {}
    return [
        SeenSheet(
            **{name: getattr(row, name) for name in _SHEET_COLUMNS},
            title=row.title,
            area=row.area,
            unit_name=row.unit_name,
            deadline=row.deadline,
            newer_id=row.newer_id,
            route=Route(
                owner=found[row.position_id],
                reviewer=found[row.reviewer_id] if row.reviewer_id is not None else None,
                approver=found[row.approver_id],
                superior=found[row.superior_id] if row.superior_id is not None else None,
                stage=row.stage,
                newer_in_preparation=row.newer_id is not None,
                is_closed=bool(row.is_closed),
            ),
        )
        for row in rows
    ]


def sheets_where(*conditions: ColumnElement[bool], on: date, limit: int | None = None) -> list[SeenSheet]:
    """Sheets in document order, whoever asks: for operations and the command line; pages pass a reader's condition."""
    query = sheets_query().where(*conditions).order_by(Sheet.order, Sheet.revision).limit(limit)
    return seen_sheets(db.session.execute(query).all(), on=on)


@cache
def _one_sheet() -> Select[*tuple[Any, ...]]:
    return sheets_query().where(Sheet.id == bindparam("sheet_id"))


def sheet_in_sight(sheet_id: int, *, actor: Actor, on: date) -> SeenSheet:
    """Load and authorise in one act; raises `NotFound` for a sheet that is not there or not for this person."""
    rows = db.session.execute(_one_sheet(), {"sheet_id": sheet_id}).all() if 0 < sheet_id <= LARGEST_ID else []
    found = seen_sheets(rows, on=on)
    if not found or not policy.sees(actor, found[0], found[0].route):
        raise NotFound(NOT_FOUND)
    return found[0]
