"""One sheet in sight: loaded and authorised in one act, with the route it takes today; and what waits for whom, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, select, text, true
from sqlalchemy.orm import aliased

from iki_portal.domain import policy
from iki_portal.domain.errors import NotFound
from iki_portal.domain.policy import Actor, Route
from iki_portal.domain.workflow import IN_PREPARATION, ReasonClass, State
from iki_portal.extensions import db
from iki_portal.models import Assignment, PerformanceYear, Position, Sheet, Unit
from iki_portal.models.parameters import HELD, PERSON, TODAY
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
        return f"{self.title} ({self.area})" if self.area else self.title


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
    "changed_at",
    "changed_by",
)


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
            Position.title,
            Position.area,
            Unit.name.label("unit_name"),
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
    found = seen_sheets(db.session.execute(_one_sheet(), {"sheet_id": sheet_id}).all(), on=on)
    if not found or not policy.sees(actor, found[0], found[0].route):
        raise NotFound(NOT_FOUND)
    return found[0]


# What waits for a person, in SQL: the twin of `policy.desk`, tested against it. Built once; ask with `asked_by`.


def asked_by(actor: Actor, on: date) -> dict[str, Any]:
    """The parameters of `waits_for` and `in_sight` for this reader on this day."""
    return {"today": on, "held": sorted(actor.position_ids), "person": actor.employee_id or 0}


def _held_today(assignment: Any) -> ColumnElement[bool]:
    return and_(assignment.starts_on <= TODAY, or_(assignment.ends_on.is_(None), assignment.ends_on >= TODAY))


def _every_holder_barred(post_id: ColumnElement[Any], *, also_reviewer: bool) -> ColumnElement[bool]:
    """Every holder of `post_id` (there is at least one) is the owner, the proposer, or already reviewed."""
    holder, own = aliased(Assignment), aliased(Assignment)
    holds = and_(holder.position_id == post_id, _held_today(holder))
    owns = (
        exists()
        .where(own.employee_id == holder.employee_id, own.position_id == Sheet.position_id, _held_today(own))
        .correlate(Sheet, holder)  # two levels down SQLAlchemy would bring in a second, unrelated sheet
    )
    barred = [and_(Sheet.submitted_by_id.is_not(None), holder.employee_id == Sheet.submitted_by_id), owns]
    if also_reviewer:
        barred.append(and_(Sheet.reviewed_by_id.is_not(None), holder.employee_id == Sheet.reviewed_by_id))
    free = exists().where(holds, ~or_(*barred)).correlate(Sheet)
    return and_(exists().where(holds).correlate(Sheet), ~free)


@cache
def waits_for() -> ColumnElement[bool]:
    """Sheets whose review or approval is the reader's turn today."""
    approver, reviewer = Sheet.approver_id.expression, Sheet.reviewer_id.expression
    above = Sheet.approver_id.in_(select(Position.id).where(Position.superior_id.in_(HELD)))
    review_moved = and_(
        _every_holder_barred(reviewer, also_reviewer=False),
        or_(Sheet.approver_id.in_(HELD), and_(above, _every_holder_barred(approver, also_reviewer=False))),
    )
    review = and_(
        Sheet.state == State.SUBMITTED,
        Sheet.reviewer_id.is_not(None),
        or_(Sheet.reviewer_id.in_(HELD), and_(or_(Sheet.approver_id.in_(HELD), above), review_moved)),
    )
    approve = and_(
        or_(Sheet.state == State.REVIEWED, and_(Sheet.state == State.SUBMITTED, Sheet.reviewer_id.is_(None))),
        or_(Sheet.reviewed_by_id.is_(None), Sheet.reviewed_by_id != PERSON),
        or_(Sheet.approver_id.in_(HELD), and_(above, _every_holder_barred(approver, also_reviewer=True))),
    )
    # said as a literal, so that the planner recognises its partial index (models/sheets.py)
    waiting = text("sheet.state IN ('submitted', 'reviewed')")
    return and_(waiting, Sheet.submitted_by_id != PERSON, Sheet.position_id.not_in(HELD), or_(review, approve))


def _moved_up() -> ColumnElement[bool]:
    """Sheets of which a duty has moved to a post that the reader holds: the approver's superior; its turn or not yet."""
    approver, reviewer = Sheet.approver_id.expression, Sheet.reviewer_id.expression
    review = and_(
        or_(Sheet.reviewer_id.is_(None), _every_holder_barred(reviewer, also_reviewer=False)),
        _every_holder_barred(approver, also_reviewer=False),
    )
    approve = and_(
        or_(Sheet.reviewed_by_id.is_(None), Sheet.reviewed_by_id != PERSON),
        _every_holder_barred(approver, also_reviewer=True),
    )
    return and_(
        Sheet.approver_id.in_(select(Position.id).where(Position.superior_id.in_(HELD))),
        or_(Sheet.submitted_by_id.is_(None), Sheet.submitted_by_id != PERSON),
        or_(review, approve),
    )


@cache
def _in_sight_of_posts() -> ColumnElement[bool]:
    return or_(
        Sheet.state.in_([State.APPROVED, State.SUPERSEDED]),
        Sheet.position_id.in_(HELD),
        Sheet.reviewer_id.in_(HELD),
        Sheet.approver_id.in_(HELD),
        _moved_up(),
    )


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """Sheets that the reader may see: the twin of `policy.sees`."""
    return true() if actor.is_head else _in_sight_of_posts()
