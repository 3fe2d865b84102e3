"""What waits, what happened, how far the year is: always for one reader, on one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, column, exists, func, or_, select, tuple_

from iki_portal.domain.office import STAGE_WORDS, YearStage
from iki_portal.domain.policy import Actor, Role
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight, waiting_sheets
from iki_portal.indicators.queries import PAGE_SIZE
from iki_portal.indicators.sight import SeenSheet, seen_sheets, sheets_query, sheets_where, title_of_sheet
from iki_portal.models import HistoryEntry, PerformanceYear, Position, Sheet, Unit
from iki_portal.models.columns import UtcDateTime
from iki_portal.models.parameters import HELD
from iki_portal.organisation.queries import posts

EVENTS_ON_HOME = 8
_OLDEST_FIRST: tuple[ColumnElement[Any], ...] = (column("submitted_at"), column("id"))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of sheets, oldest first, and whether there are more."""

    sheets: list[SeenSheet]
    number: int
    has_next: bool


@cache
def _inbox() -> Select[*tuple[Any, ...]]:
    waiting = waiting_sheets().order_by(*_OLDEST_FIRST)
    window = waiting.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer)).subquery()
    return sheets_query().where(Sheet.id.in_(select(window.c.id))).order_by(Sheet.submitted_at, Sheet.id)


def inbox(*, actor: Actor, on: date, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """Sheets whose review or approval is this person's turn, oldest first."""
    window = {"limit": size + 1, "offset": (page - 1) * size}
    rows = db.session.execute(_inbox(), {**asked_by(actor, on), **window}).all()
    return Page(seen_sheets(rows[:size], on=on), page, len(rows) > size)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The sheets before and after this one in the inbox."""

    previous_id: int | None
    next_id: int | None


@cache
def _neighbours() -> Select[*tuple[Any, ...]]:
    here = tuple_(Sheet.submitted_at, Sheet.id)
    place = tuple_(bindparam("submitted_at", type_=UtcDateTime), bindparam("sheet_id", type_=Integer))
    before = waiting_sheets(here < place).order_by(*(each.desc() for each in _OLDEST_FIRST)).limit(1).subquery()
    after = waiting_sheets(here > place).order_by(*_OLDEST_FIRST).limit(1).subquery()
    return select(
        select(before.c.id).scalar_subquery().label("previous_id"), select(after.c.id).scalar_subquery().label("next_id")
    )


def neighbours(sheet: SeenSheet, *, actor: Actor, on: date) -> Neighbours:
    place = {"submitted_at": sheet.submitted_at, "sheet_id": sheet.id}
    row = db.session.execute(_neighbours(), {**asked_by(actor, on), **place}).one()
    return Neighbours(row.previous_id, row.next_id)


@cache
def _next_waiting() -> Select[int]:
    return select(waiting_sheets().order_by(*_OLDEST_FIRST).limit(1).subquery().c.id)


def next_waiting(*, actor: Actor, on: date) -> int | None:
    """The oldest sheet that waits for this person."""
    return db.session.scalar(_next_waiting(), asked_by(actor, on))


@cache
def _own_sheets() -> Select[*tuple[Any, ...]]:
    return (
        sheets_query()
        .where(Sheet.position_id.in_(HELD), Sheet.state.in_([*IN_PREPARATION, State.APPROVED]))
        .order_by(Sheet.year.desc(), Sheet.order, Sheet.revision.desc())
        .limit(10)
    )


def own_sheets(*, actor: Actor, on: date) -> list[SeenSheet]:
    """The newest sheet, in preparation or in force, of each post that this person holds."""
    if not actor.position_ids:
        return []
    rows = db.session.execute(_own_sheets(), asked_by(actor, on)).all()
    newest: dict[tuple[int, int], Row[Any]] = {}
    for row in rows:
        newest.setdefault((row.position_id, row.year), row)
    return seen_sheets(list(newest.values()), on=on)


@dataclass(frozen=True, slots=True)
class RevisionLine:
    id: int
    revision: int
    state: State


@cache
def _revisions() -> Select[*tuple[Any, ...]]:
    """Every revision of one post and year; states in preparation only where `in_sight` holds."""
    return (
        select(Sheet.id, Sheet.revision, Sheet.state)
        .where(Sheet.position_id == bindparam("position_id"), Sheet.year == bindparam("year"))
        .order_by(Sheet.revision)
    )


def revisions(sheet: SeenSheet, *, actor: Actor, on: date) -> list[RevisionLine]:
    """All revisions of the same post and year that this person may see, first to last."""
    query = _revisions().where(in_sight(actor))
    facts = {**asked_by(actor, on), "position_id": sheet.position_id, "year": sheet.year}
    return [RevisionLine(row.id, row.revision, row.state) for row in db.session.execute(query, facts)]


@cache
def _events() -> Select[*tuple[Any, ...]]:
    return (
        select(HistoryEntry.__table__, title_of_sheet().label("sheet_title"), Position.area.label("sheet_area"))
        .join(Sheet, Sheet.id == HistoryEntry.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .order_by(HistoryEntry.number.desc())
        .limit(EVENTS_ON_HOME)
    )


@cache
def _events_of_own_desk() -> Select[*tuple[Any, ...]]:
    concerned = select(Sheet.id).where(or_(Sheet.position_id.in_(HELD), Sheet.reviewer_id.in_(HELD)))
    return _events().where(HistoryEntry.sheet_id.in_(concerned))


def events(*, actor: Actor, on: date) -> Sequence[Row[Any]]:
    """What happened lately on sheets this person has to do with, newest first.

    The leaders follow the whole office; everybody else their own sheets and those that pass their desk first.
    """
    if not actor.position_ids:
        return []
    leads = actor.is_head or Role.SECRETARY in actor.roles
    query = _events().where(in_sight(actor)) if leads else _events_of_own_desk()
    return db.session.execute(query, asked_by(actor, on)).all()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many sheets of a year stand in each state (those in preparation and in force), and posts without one."""

    counts: dict[State, int]
    without_sheet: int

    @property
    def sheets(self) -> int:
        return sum(self.counts.values())

    @property
    def total(self) -> int:
        return self.sheets + self.without_sheet

    @property
    def approved(self) -> int:
        return self.counts.get(State.APPROVED, 0)

    @property
    def is_complete(self) -> bool:
        """Every sheet is approved; a post without a sheet is shown, and stops nobody."""
        return 0 < self.sheets == self.approved


def progress(year: int) -> Progress:
    """Only first sheets count: a revision in preparation does not undo that its post is done."""
    query = (
        select(Sheet.state, func.count().label("number"))
        .where(Sheet.year == year, or_(Sheet.state == State.APPROVED, Sheet.revision == 1), Sheet.state != State.SUPERSEDED)
        .group_by(Sheet.state)
    )
    counts = {row.state: row.number for row in db.session.execute(query)}
    missing = db.session.scalar(select(func.count()).select_from(Position).where(_lacks_sheet(year)))
    return Progress(counts, missing or 0)


def _lacks_sheet(year: int) -> ColumnElement[bool]:
    has = exists().where(Sheet.position_id == Position.id, Sheet.year == year)
    return and_(Position.approver_id.is_not(None), ~Position.is_closed, ~has)


@dataclass(frozen=True, slots=True)
class MissingPost:
    title: str
    area: str
    unit_name: str
    holders: str


def posts_without_sheet(year: int, *, on: date, limit: int = PAGE_SIZE) -> list[MissingPost]:
    rows = db.session.execute(
        select(Position.id, Position.title, Position.area, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Position.unit_id)
        .where(_lacks_sheet(year))
        .order_by(Position.order)
        .limit(limit)
    ).all()
    found = posts((row.id for row in rows), on=on) if rows else {}
    return [
        MissingPost(row.title, row.area, row.unit_name, ", ".join(each.name for each in found[row.id].holders)) for row in rows
    ]


def year_sheets(year: int, *, on: date, page: int, only_open: bool) -> Page:
    """Sheets of the year in document order, for the Sekretaris and the Kepala Badan."""
    states = [State.DRAFT, State.SUBMITTED, State.REVIEWED] if only_open else [*IN_PREPARATION, State.APPROVED]
    query = (
        sheets_query()
        .where(Sheet.year == year, Sheet.state.in_(states))
        .order_by(Sheet.order, Sheet.revision)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    )
    rows = db.session.execute(query).all()
    return Page(seen_sheets(rows[:PAGE_SIZE], on=on), page, len(rows) > PAGE_SIZE)


def year_export(year: int, *, on: date) -> list[SeenSheet]:
    """Every revision of every sheet of a year, in document order."""
    return sheets_where(Sheet.year == year, on=on)


@dataclass(frozen=True, slots=True)
class YearLine:
    """The year as Beranda shows it."""

    year: int
    stage_word: str
    is_planning: bool
    deadline: date | None
    days_left: int | None


@cache
def _newest_year() -> Select[*tuple[Any, ...]]:
    columns = (PerformanceYear.year, PerformanceYear.stage, PerformanceYear.planning_deadline_on)
    return select(*columns).order_by(PerformanceYear.year.desc()).limit(1)


def year_line(*, on: date) -> YearLine | None:
    """The newest performance year; None before the first one is opened."""
    row = db.session.execute(_newest_year()).one_or_none()
    if row is None:
        return None
    deadline = row.planning_deadline_on
    left = (deadline - on).days if deadline else None
    return YearLine(row.year, STAGE_WORDS[row.stage], row.stage is YearStage.PLANNING, deadline, left)
