"""Both chains as one list, newest first, narrowed by who, what, which sheet and when. A page costs the same at any depth.

It shows acts, their notes and their numbers; never what stands in a sheet.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, union_all

from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.domain.people import full_name
from iki_portal.domain.policy import Actor, reads_whole_trail
from iki_portal.domain.trail import HOUSEKEEPING, HOUSEKEEPING_EVENTS
from iki_portal.extensions import db
from iki_portal.history.streams import HISTORY, TRAIL, Stream
from iki_portal.models import AuditCheck, CheckScope, Employee, Position, Sheet
from iki_portal.models.columns import LARGEST_ID
from iki_portal.models.parameters import IDS
from iki_portal.models.people_search import matching

PAGE_SIZE = 50
#: A name in the filter may fit so many employees; of more, somebody must say which.
MOST_PEOPLE = 10
#: Stands for everybody who is no employee: operators, the command line, the portal itself.
NOBODY = 0
_CURSOR = re.compile(r"([0-9]{1,16})\.(A?)([0-9]{1,9})")
_EPOCH = datetime(1970, 1, 1, tzinfo=OFFICE_ZONE)


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in the list: of two rows of one moment, the history's comes first, then the higher number."""

    at: datetime
    stream: Stream
    number: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place of an address; None for anything else."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            return None
        try:
            at = _EPOCH + timedelta(microseconds=int(match[1]))
        except OverflowError:
            return None
        return cls(at, TRAIL if match[2] else HISTORY, int(match[3]))

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.stream.letter}{self.number}"

    def before(self, stream: Stream) -> ColumnElement[bool]:
        """In SQL: the rows of `stream` that come after this place in the list."""
        at, number = stream.rows.at, stream.rows.number
        if stream is self.stream:
            return and_(at <= self.at, or_(at < self.at, number < self.number))
        return at <= self.at if stream is TRAIL else at < self.at


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What somebody wants to see; nothing chosen is everything that they may see."""

    #: Ids of employees, one of whom acted, or `NOBODY` alone.
    people: tuple[int, ...] = ()
    action: str = ""
    sheet_id: int | None = None
    #: Days on the office's calendar, both included.
    since: date | None = None
    until: date | None = None
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Line:
    place: Place
    who: str
    #: Id of the employee who acted; `NOBODY` for everybody else.
    person: int
    capacity: str
    action: str
    #: Of the trail: the file that was taken, the address that was refused, the register number of a print.
    what: str
    note: str
    sheet_id: int | None
    #: "Analis Kepegawaian Muda, 2027, revisi 1".
    sheet: str
    hash: str

    @property
    def number(self) -> str:
        """As anchors and prints name it: "812", "A98"."""
        return f"{self.place.stream.letter}{self.place.number}"


@dataclass(frozen=True, slots=True)
class TrailPage:
    lines: list[Line]
    #: Where the next page begins.
    next: Place | None


def page(chosen: TrailFilter, *, actor: Actor, size: int = PAGE_SIZE) -> TrailPage:
    """The lines from `chosen.after` on that this reader may see."""
    lines = as_lines(islice(_merged(chosen, actor, size + 1), size + 1))
    return TrailPage(lines[:size], lines[size - 1].place if len(lines) > size else None)


def as_lines(found: Iterable[tuple[Stream, Row[Any]]]) -> list[Line]:
    """Rows of the chains as a reader sees them, with the names of their sheets."""
    rows = list(found)
    names = _sheet_names({row.sheet_id for _, row in rows if row.sheet_id is not None})
    return [_line(stream, row, names) for stream, row in rows]


def every_line(chosen: TrailFilter, *, actor: Actor, most: int) -> Iterator[Line]:
    """At most so many lines, read in parts: for files."""
    left, place = most, chosen.after
    while left > 0:
        part = page(replace(chosen, after=place), actor=actor, size=min(left, 1000))
        yield from part.lines
        left, place = left - len(part.lines), part.next
        if place is None:
            return


def _merged(chosen: TrailFilter, actor: Actor, limit: int) -> Iterator[tuple[Stream, Row[Any]]]:
    both = [[(stream, row) for row in _newest(stream, chosen, actor, limit)] for stream in (HISTORY, TRAIL)]
    return merge(*both, key=_order, reverse=True)


def _order(found: tuple[Stream, Row[Any]]) -> tuple[datetime, bool, int]:
    stream, row = found
    return row.at, stream is HISTORY, row.number


def _newest(stream: Stream, chosen: TrailFilter, actor: Actor, limit: int) -> Sequence[Row[Any]]:
    table = stream.rows
    newest = select(table.__table__).where(*_conditions(stream, chosen, actor))
    newest = newest.order_by(table.at.desc(), table.number.desc()).limit(limit)
    if not chosen.people:
        return db.session.execute(newest).all()
    # one branch a person: asked for several at once, a planner reads all that anybody did until a page is full
    acted = (table.actor_id == each if each != NOBODY else table.actor_id.is_(None) for each in chosen.people)
    found = union_all(*(select(newest.where(each).subquery()) for each in acted)).subquery()
    return db.session.execute(select(found).order_by(found.c.at.desc(), found.c.number.desc()).limit(limit)).all()


def _conditions(stream: Stream, chosen: TrailFilter, actor: Actor) -> Iterator[ColumnElement[bool]]:
    table = stream.rows
    if not reads_whole_trail(actor):
        yield table.action.in_(HOUSEKEEPING if stream is HISTORY else HOUSEKEEPING_EVENTS)
    if chosen.action:
        yield table.action == chosen.action
    if chosen.sheet_id is not None:
        yield table.sheet_id == chosen.sheet_id
    if chosen.since is not None:
        yield table.at >= _midnight(chosen.since)
    if chosen.until is not None:
        yield table.at < _midnight(chosen.until + timedelta(days=1))
    if chosen.after is not None:
        yield chosen.after.before(stream)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_ZONE)


@cache
def _sheets() -> Select[*tuple[Any, ...]]:
    title = func.coalesce(Sheet.approved_title, Position.title).label("title")
    return (
        select(Sheet.id, title, Position.area, Sheet.year, Sheet.revision)
        .join(Position, Position.id == Sheet.position_id)
        .where(Sheet.id.in_(IDS))
    )


def _sheet_names(sheet_ids: set[int]) -> dict[int, str]:
    if not sheet_ids:
        return {}
    found = db.session.execute(_sheets(), {"ids": sorted(sheet_ids)})
    return {row.id: _sheet_name(row) for row in found}


def _sheet_name(row: Row[Any]) -> str:
    area = f" ({row.area})" if row.area else ""
    return f"{row.title}{area}, {row.year}, revisi {row.revision}"


def _line(stream: Stream, row: Row[Any], names: dict[int, str]) -> Line:
    return Line(
        place=Place(row.at, stream, row.number),
        who=row.actor_name,
        person=row.actor_id or NOBODY,
        capacity=row.acting_title,
        action=row.action,
        what=row.place if stream is TRAIL else "",
        note=row.note,
        sheet_id=row.sheet_id,
        sheet=names.get(row.sheet_id, ""),
        hash=row.hash,
    )


def sheet_name(sheet_id: int) -> str:
    """How lists call a sheet; nothing for one that is not there."""
    return _sheet_names({sheet_id}).get(sheet_id, "") if sheet_id <= LARGEST_ID else ""


def people_named(text: str) -> list[tuple[int, str]]:
    """Id and name of the employees whom `text` fits, at most one more than `MOST_PEOPLE`."""
    return _people(matching(text))


def people(ids: Sequence[int]) -> list[tuple[int, str]]:
    """Id and name of those employees who are there."""
    return _people(Employee.id.in_(ids))


def _people(which: ColumnElement[bool]) -> list[tuple[int, str]]:
    named = select(Employee.id, Employee.name, Employee.degrees_before, Employee.degrees_after)
    rows = db.session.execute(named.where(which).order_by(Employee.name, Employee.id).limit(MOST_PEOPLE + 1))
    return [(row.id, full_name(row.name, row.degrees_before, row.degrees_after)) for row in rows]


@dataclass(frozen=True, slots=True)
class LastChecks:
    """The newest full check, and the newest check at a start."""

    full: AuditCheck | None
    tail: AuditCheck | None

    @property
    def broken(self) -> AuditCheck | None:
        """The newest check, if it found something: one of the tail cannot take back what a full one found before it."""
        is_later = self.tail is not None and (self.full is None or self.tail.id > self.full.id)
        if is_later and self.tail is not None and self.tail.problems:
            return self.tail
        return self.full if self.full is not None and self.full.problems else None


@cache
def _newest_checks() -> Select[AuditCheck]:
    newest = select(func.max(AuditCheck.id)).group_by(AuditCheck.scope)
    return select(AuditCheck).where(AuditCheck.id.in_(newest))


def last_checks() -> LastChecks:
    found = {row.scope: row for row in db.session.scalars(_newest_checks())}
    return LastChecks(found.get(CheckScope.FULL), found.get(CheckScope.TAIL))
