"""Sheets as their readers may see them: one in sight, its paper, and the list of a year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.domain import policy
from iki_portal.domain.errors import NotFound
from iki_portal.domain.office import DutyKind
from iki_portal.domain.policy import Actor, Route
from iki_portal.domain.workflow import IN_PREPARATION, ReasonClass, State
from iki_portal.extensions import db
from iki_portal.models import (
    Assignment,
    Employee,
    Indicator,
    PerformanceYear,
    Position,
    PositionDuty,
    Sheet,
    Statement,
    Unit,
)
from iki_portal.organisation.queries import in_force, posts

PAGE_SIZE = 25
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


def sheet_in_sight(sheet_id: int, *, actor: Actor, on: date) -> SeenSheet:
    """Load and authorise in one act; raises `NotFound` for a sheet that is not there or not for this person."""
    found = sheets_where(Sheet.id == sheet_id, on=on)
    if not found or not policy.sees(actor, found[0], found[0].route):
        raise NotFound(NOT_FOUND)
    return found[0]


# What waits for a person, in SQL: the twin of `policy.desk`, tested against it.


def _excluded_or_absent(post_id: ColumnElement[Any], *, on: date, also_reviewer: bool) -> ColumnElement[bool]:
    """Every holder of `post_id` (there is at least one) is the owner, the proposer, or already reviewed."""
    holder, own = aliased(Assignment), aliased(Assignment)
    held_today = [
        holder.position_id == post_id,
        holder.starts_on <= on,
        or_(holder.ends_on.is_(None), holder.ends_on >= on),
    ]
    owns = exists().where(
        own.employee_id == holder.employee_id,
        own.position_id == Sheet.position_id,
        own.starts_on <= on,
        or_(own.ends_on.is_(None), own.ends_on >= on),
    )
    barred = [holder.employee_id == Sheet.submitted_by_id, owns]
    if also_reviewer:
        barred.append(and_(Sheet.reviewed_by_id.is_not(None), holder.employee_id == Sheet.reviewed_by_id))
    free = exists().where(*held_today, ~or_(*barred)).correlate(Sheet)
    return and_(exists().where(*held_today).correlate(Sheet), ~free)


def waits_for(actor: Actor, *, on: date) -> ColumnElement[bool]:
    """Sheets whose review or approval is this person's turn today."""
    held = sorted(actor.position_ids)
    if not held or actor.employee_id is None:
        return false()
    mine = Sheet.submitted_by_id == actor.employee_id
    above = Sheet.approver_id.in_(select(Position.id).where(Position.superior_id.in_(held)))
    review_moved = and_(
        _excluded_or_absent(Sheet.reviewer_id.expression, on=on, also_reviewer=False),
        or_(
            Sheet.approver_id.in_(held),
            and_(above, _excluded_or_absent(Sheet.approver_id.expression, on=on, also_reviewer=False)),
        ),
    )
    review = and_(
        Sheet.state == State.SUBMITTED,
        Sheet.reviewer_id.is_not(None),
        or_(Sheet.reviewer_id.in_(held), review_moved),
    )
    approve = and_(
        or_(Sheet.state == State.REVIEWED, and_(Sheet.state == State.SUBMITTED, Sheet.reviewer_id.is_(None))),
        or_(Sheet.reviewed_by_id.is_(None), Sheet.reviewed_by_id != actor.employee_id),
        or_(
            Sheet.approver_id.in_(held),
            and_(above, _excluded_or_absent(Sheet.approver_id.expression, on=on, also_reviewer=True)),
        ),
    )
    return and_(~mine, Sheet.position_id.not_in(held), or_(review, approve))


def in_sight(actor: Actor, *, on: date) -> ColumnElement[bool]:
    """Sheets that this person may see: the twin of `policy.sees`."""
    if actor.is_head:
        return true()
    finished = Sheet.state.in_([State.APPROVED, State.SUPERSEDED])
    held = sorted(actor.position_ids)
    if not held:
        return finished
    return or_(
        finished,
        Sheet.position_id.in_(held),
        Sheet.reviewer_id.in_(held),
        Sheet.approver_id.in_(held),
        waits_for(actor, on=on),
    )


# Papers


def papers(sheet_ids: Sequence[int]) -> dict[int, Paper]:
    """What stands on those sheets now, from the tables; three statements for any number of sheets."""
    head = db.session.execute(
        select(
            Sheet.id,
            Sheet.year,
            Sheet.revision,
            Sheet.heading,
            Sheet.position_id,
            Position.title,
            Position.main_duty,
            Unit.name.label("unit"),
        )
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(Sheet.id.in_(sheet_ids))
    ).all()
    duties = _duties({row.position_id for row in head})
    statements = _statements(sheet_ids)
    return {
        row.id: Paper(
            year=row.year,
            revision=row.revision,
            heading=row.heading,
            position=row.title,
            unit=row.unit,
            main_duty=row.main_duty,
            duties=tuple(duties[row.position_id, DutyKind.DUTY]),
            functions=tuple(duties[row.position_id, DutyKind.FUNCTION]),
            statements=tuple(statements[row.id]),
        )
        for row in head
    }


def _duties(position_ids: Iterable[int]) -> dict[tuple[int, DutyKind], list[str]]:
    lines: dict[tuple[int, DutyKind], list[str]] = defaultdict(list)
    query = (
        select(PositionDuty.position_id, PositionDuty.kind, PositionDuty.text)
        .where(PositionDuty.position_id.in_(position_ids))
        .order_by(PositionDuty.position_id, PositionDuty.order)
    )
    for row in db.session.execute(query):
        lines[row.position_id, row.kind].append(row.text)
    return lines


def _statements(sheet_ids: Sequence[int]) -> dict[int, list[PaperStatement]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Statement.sheet_id,
            Statement.id.label("statement_id"),
            Statement.number,
            Statement.text.label("statement_text"),
            Indicator.id,
            Indicator.text,
            Indicator.formula,
            Indicator.source,
            Indicator.unit_of_measure,
            Indicator.polarity,
            Indicator.aggregation,
            Indicator.target,
            Indicator.target_upper,
            Indicator.quarter_1,
            Indicator.quarter_2,
            Indicator.quarter_3,
            Indicator.quarter_4,
        )
        .outerjoin(Indicator, Indicator.statement_id == Statement.id)
        .where(Statement.sheet_id.in_(sheet_ids))
        .order_by(Statement.sheet_id, Statement.number, Indicator.order)
    )
    rows: dict[int, tuple[Row[Any], list[PaperIndicator]]] = {}
    for row in db.session.execute(query):
        _, indicators = rows.setdefault(row.statement_id, (row, []))
        if row.id is not None:
            indicators.append(_paper_indicator(row))
    sheets: dict[int, list[PaperStatement]] = defaultdict(list)
    for first, indicators in rows.values():
        sheets[first.sheet_id].append(PaperStatement(first.statement_id, first.number, first.statement_text, tuple(indicators)))
    return sheets


def _paper_indicator(row: Row[Any]) -> PaperIndicator:
    return PaperIndicator(
        id=row.id,
        text=row.text,
        formula=row.formula,
        source=row.source,
        unit_of_measure=row.unit_of_measure,
        polarity=row.polarity,
        aggregation=row.aggregation,
        target=row.target,
        target_upper=row.target_upper,
        quarters=(row.quarter_1, row.quarter_2, row.quarter_3, row.quarter_4),
    )


# The list of a year


@dataclass(frozen=True, slots=True)
class SheetFilter:
    """What the list shows; every part comes from, and goes back into, the address."""

    year: int
    unit_id: int | None = None
    state: State | None = None
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class SheetLine:
    id: int
    revision: int
    state: State
    title: str
    area: str
    unit_name: str
    changed_at: datetime
    owners: str


@dataclass(frozen=True, slots=True)
class SheetList:
    lines: list[SheetLine]
    page: int
    has_next: bool


def sheet_list(chosen: SheetFilter, *, actor: Actor, on: date) -> SheetList:
    """One page of the sheets this person may see, in document order; superseded ones only when asked for."""
    conditions = [Sheet.year == chosen.year, in_sight(actor, on=on)]
    conditions.append(Sheet.state == chosen.state if chosen.state else Sheet.state != State.SUPERSEDED)
    if chosen.unit_id is not None:
        conditions.append(Position.unit_id == chosen.unit_id)
    if chosen.text:
        conditions.append(_matches(chosen.text, on=on))
    rows = db.session.execute(
        select(
            Sheet.id,
            Sheet.revision,
            Sheet.state,
            Sheet.changed_at,
            Sheet.position_id,
            Position.title,
            Position.area,
            Unit.name.label("unit_name"),
        )
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(*conditions)
        .order_by(Sheet.order, Sheet.revision)
        .limit(PAGE_SIZE + 1)
        .offset((chosen.page - 1) * PAGE_SIZE)
    ).all()
    shown = rows[:PAGE_SIZE]
    holders = posts((row.position_id for row in shown), on=on) if shown else {}
    lines = [
        SheetLine(
            row.id,
            row.revision,
            row.state,
            row.title,
            row.area,
            row.unit_name,
            row.changed_at,
            ", ".join(holder.name for holder in holders[row.position_id].holders),
        )
        for row in shown
    ]
    return SheetList(lines, chosen.page, len(rows) > PAGE_SIZE)


def _matches(text: str, *, on: date) -> ColumnElement[bool]:
    """Title, area or today's holder contains the words; % and _ are what they are."""
    held = exists().where(
        Assignment.position_id == Sheet.position_id,
        Employee.id == Assignment.employee_id,
        in_force(on),
        Employee.name.icontains(text, autoescape=True),
    )
    return or_(Position.title.icontains(text, autoescape=True), Position.area.icontains(text, autoescape=True), held)


def unit_choices() -> list[tuple[int, str]]:
    """Units that have posts, in the order of the office."""
    query = select(Unit.id, Unit.name).where(exists().where(Position.unit_id == Unit.id)).order_by(Unit.order)
    return [(row.id, row.name) for row in db.session.execute(query)]


def performance_year(year: int | None) -> PerformanceYear:
    """That year, or the newest one; raises `NotFound` when there is none."""
    query = select(PerformanceYear).order_by(PerformanceYear.year.desc()).limit(1)
    found = db.session.scalar(query.where(PerformanceYear.year == year) if year is not None else query)
    if found is None:
        raise NotFound("Tahun kinerja ini belum dibuka.")
    return found
