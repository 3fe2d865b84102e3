"""The sheets of a year as a list, and what the list can be narrowed by."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from iki_portal.domain.dates import FIRST_YEAR, LAST_YEAR
from iki_portal.domain.errors import NotFound
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight
from iki_portal.indicators.sight import SeenSheet, title_of_sheet, unit_of_sheet
from iki_portal.models import Assignment, Employee, PerformanceYear, Position, Sheet, Unit
from iki_portal.organisation.queries import in_force, posts

PAGE_SIZE = 25


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


@cache
def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Sheet.id,
            Sheet.revision,
            Sheet.state,
            Sheet.changed_at,
            Sheet.position_id,
            title_of_sheet().label("title"),
            Position.area,
            unit_of_sheet().label("unit_name"),
        )
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .order_by(Sheet.order, Sheet.revision)
    )


def sheet_list(chosen: SheetFilter, *, actor: Actor, on: date) -> SheetList:
    """One page of the sheets this person may see, in document order; superseded ones only when asked for."""
    # "+ 0": with a unit, SQLite must start from the unit's few posts and not read the whole year in order
    year = Sheet.year + 0 if chosen.unit_id is not None else Sheet.year.expression
    conditions = [year == chosen.year, in_sight(actor)]
    conditions.append(Sheet.state == chosen.state if chosen.state else Sheet.state != State.SUPERSEDED)
    if chosen.unit_id is not None:
        conditions.append(Position.unit_id == chosen.unit_id)
    if chosen.text:
        conditions.append(_matches(chosen.text))
    query = _lines().where(*conditions).limit(PAGE_SIZE + 1).offset((chosen.page - 1) * PAGE_SIZE)
    rows = db.session.execute(query, asked_by(actor, on)).all()
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


def _matches(text: str) -> ColumnElement[bool]:
    """Title, area or today's holder contains the words; % and _ are what they are."""
    held = exists().where(
        Assignment.position_id == Sheet.position_id,
        Employee.id == Assignment.employee_id,
        in_force(),
        Employee.name.icontains(text, autoescape=True),
    )
    return or_(title_of_sheet().icontains(text, autoescape=True), Position.area.icontains(text, autoescape=True), held)


def unit_choices() -> list[tuple[int, str]]:
    """Units that have posts, in the order of the office."""
    return [(row.id, row.name) for row in db.session.execute(_units())]


@cache
def _units() -> Select[*tuple[Any, ...]]:
    return select(Unit.id, Unit.name).where(exists().where(Position.unit_id == Unit.id)).order_by(Unit.order)


def performance_year(year: int | None) -> PerformanceYear:
    """That year, or the newest one; raises `NotFound` when there is none."""
    query = select(PerformanceYear).order_by(PerformanceYear.year.desc()).limit(1)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound("Tahun kinerja ini belum dibuka.")
    found = db.session.scalar(query.where(PerformanceYear.year == year) if year is not None else query)
    if found is None:
        raise NotFound("Tahun kinerja ini belum dibuka.")
    return found


def other_drafts(sheet: SeenSheet) -> list[tuple[int, int]]:
    """(id, year) of the same post's drafts of other years, newest first; who may write there is asked when it is done."""
    query = (
        select(Sheet.id, Sheet.year)
        .where(Sheet.position_id == sheet.position_id, Sheet.year != sheet.year, Sheet.state == State.DRAFT)
        .order_by(Sheet.year.desc())
    )
    return [(row.id, row.year) for row in db.session.execute(query)]
