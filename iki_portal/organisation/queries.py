"""The organisation as people read it: the tree of units, the posts in them, who holds them today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from iki_portal.documents.printed import Office, Signer, identifier_line
from iki_portal.domain.appointments import SOON, followed_by
from iki_portal.domain.office import LEADING, PositionKind, UnitKind, post_name
from iki_portal.domain.people import AssignmentKind, acting_title, format_rank, full_name
from iki_portal.domain.policy import Actor, Holder, Permission, Post, Role, permitted
from iki_portal.extensions import db
from iki_portal.models import Assignment, Employee, OfficeText, PerformanceYear, Position, Unit
from iki_portal.models.parameters import IDS, TODAY
from iki_portal.organisation.standing import holdings


@dataclass
class HolderLine:
    employee_id: int
    name: str
    kind: AssignmentKind
    capacity: str
    since: date
    until: date | None


@dataclass
class PostLine:
    id: int
    name: str
    title: str
    area: str
    holders: list[HolderLine] = field(default_factory=list)

    @property
    def is_vacant(self) -> bool:
        return not self.holders


@dataclass
class UnitLine:
    id: int
    name: str
    kind: UnitKind
    posts: list[PostLine] = field(default_factory=list)
    units: list["UnitLine"] = field(default_factory=list)
    #: False where a large office leaves them out (organisation/chart.py).
    shows_posts: bool = True


def tree(*, on: date, only: Sequence[int] | None = None) -> list[UnitLine]:
    """Units without a superior, each with its posts (of those ids, where some are given), today's holders, the units below."""
    units = {unit.id: (UnitLine(unit.id, unit.name, unit.kind), unit.superior_id) for unit in db.session.execute(_open_units())}
    for unit_id, post in _posts(on=on, only=only):
        units[unit_id][0].posts.append(post)
    roots: list[UnitLine] = []
    for line, superior_id in units.values():
        (units[superior_id][0].units if superior_id else roots).append(line)
    return roots


@cache
def _open_units() -> Select[*tuple[Any, ...]]:
    return select(Unit.id, Unit.name, Unit.kind, Unit.superior_id).where(~Unit.is_closed).order_by(Unit.order, Unit.id)


def _posts(*, on: date, only: Sequence[int] | None) -> list[tuple[int, PostLine]]:
    query = (
        select(
            Position.id,
            Position.unit_id,
            Position.title,
            Position.area,
            Assignment.kind,
            Assignment.starts_on,
            Assignment.ends_on,
            Employee.id.label("employee_id"),
            Employee.name,
            Employee.degrees_before,
            Employee.degrees_after,
        )
        .outerjoin(Assignment, and_(Assignment.position_id == Position.id, in_force()))
        .outerjoin(Employee, Employee.id == Assignment.employee_id)
        .where(~Position.is_closed)
        .order_by(Position.order, Position.id, Assignment.id)
    )
    if only is not None:
        query = query.where(Position.id.in_(only))
    posts: dict[int, tuple[int, PostLine]] = {}
    for row in db.session.execute(query, {"today": on}):
        name = post_name(row.title, row.area)
        _, post = posts.setdefault(row.id, (row.unit_id, PostLine(row.id, name, row.title, row.area)))
        if row.kind is not None:
            person = full_name(row.name, row.degrees_before, row.degrees_after)
            capacity = acting_title(row.kind, row.title)
            post.holders.append(HolderLine(row.employee_id, person, row.kind, capacity, row.starts_on, row.ends_on))
    return list(posts.values())


def years() -> list[int]:
    """The performance years, newest first."""
    return list(db.session.scalars(select(PerformanceYear.year).order_by(PerformanceYear.year.desc())))


def in_force(assignment: Any = Assignment) -> ColumnElement[bool]:
    """Assignments (or an alias of them) that count on the day of the parameter `today`: both ends are included."""
    return and_(assignment.starts_on <= TODAY, or_(assignment.ends_on.is_(None), assignment.ends_on >= TODAY))


@cache
def _held_posts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Position.id,
            Position.title,
            Position.area,
            Assignment.kind,
            Employee.id.label("employee_id"),
            Employee.name,
            Employee.degrees_before,
            Employee.degrees_after,
        )
        .outerjoin(Assignment, and_(Assignment.position_id == Position.id, in_force()))
        .outerjoin(Employee, Employee.id == Assignment.employee_id)
        .where(Position.id.in_(IDS))
        .order_by(Position.id, Assignment.id)
    )


def posts(ids: Iterable[int | None], *, on: date) -> dict[int, Post]:
    """Those posts with their holders on that day, for policy; one statement for any number."""
    found: dict[int, tuple[str, str, list[Holder]]] = {}
    for row in db.session.execute(_held_posts(), {"ids": sorted({each for each in ids if each is not None}), "today": on}):
        _, _, holders = found.setdefault(row.id, (row.title, row.area, []))
        if row.employee_id is not None:
            name = full_name(row.name, row.degrees_before, row.degrees_after)
            holders.append(Holder(row.employee_id, name, row.kind))
    return {key: Post(key, title, tuple(holders), area) for key, (title, area, holders) in found.items()}


MOST_TO_FILL = 20


@dataclass(frozen=True, slots=True)
class PostToFill:
    """A post that nobody holds today, or whose Plt. or Plh. ends soon."""

    id: int
    name: str
    #: "Plt. Rina"; nothing while the post is vacant.
    acting: str
    until: date | None
    #: "sesudahnya Rina"; nothing while nobody follows.
    after: str


_SOON = bindparam("soon", type_=Date)


def _perhaps_to_fill() -> CompoundSelect[*tuple[Any, ...]]:
    """Few of a kabupaten's posts: whoever has one definitively and without an end, from before today, fills it."""
    lasting, later, leaving = aliased(Assignment), aliased(Assignment), aliased(Assignment)
    # a literal: only so do planners recognise the index of those (models/organisation.py)
    is_lasting = and_(lasting.kind == literal_column(f"'{AssignmentKind.DEFINITIVE.value}'"), lasting.ends_on.is_(None))
    return union_all(
        select(Position.id).where(~exists().where(lasting.position_id == Position.id, is_lasting)),
        select(later.position_id).where(later.starts_on > TODAY),
        select(leaving.position_id).where(leaving.ends_on.between(TODAY, _SOON)),
    )


@cache
def _posts_to_fill() -> Select[*tuple[Any, ...]]:
    ends_soon = and_(Assignment.kind != AssignmentKind.DEFINITIVE, Assignment.ends_on <= _SOON)
    return (
        select(Position.id, Position.title, Position.area, Assignment.kind, Assignment.ends_on, Employee.name)
        .outerjoin(Assignment, and_(Assignment.position_id == Position.id, in_force()))
        .outerjoin(Employee, Employee.id == Assignment.employee_id)
        .where(Position.id.in_(_perhaps_to_fill()), ~Position.is_closed, or_(Assignment.id.is_(None), ends_soon))
        .order_by(Position.order, Assignment.id)
        .limit(MOST_TO_FILL + 1)
    )


def posts_to_fill(*, actor: Actor, on: date) -> list[PostToFill]:
    """For the operator, who can mend it, and the Sekretaris, who must know; the first ones in the order of the office."""
    if not permitted(actor, Permission.ORGANISATION_WRITE) and Role.SECRETARY not in actor.roles:
        return []
    rows = db.session.execute(_posts_to_fill(), {"today": on, "soon": on + SOON}).all()
    later = holdings([row.id for row in rows], on=on) if rows else {}
    return [
        PostToFill(
            row.id,
            post_name(row.title, row.area),
            acting_title(row.kind, row.name) if row.kind else "",
            row.ends_on,
            followed_by([each.term for each in later.get(row.id, ())], row.ends_on, on=on),
        )
        for row in rows
    ]


def office() -> Office:
    """What the office says of itself on paper today; nothing before anybody has written it."""
    row = db.session.get(OfficeText, 1)
    return Office(row.government, row.agency, row.address, row.contact, row.place, row.page_size) if row else Office()


def office_version() -> int:
    """Of which version a page about the office is drawn; 0 before anybody has written one."""
    return db.session.scalar(select(OfficeText.version)) or 0


def head_of_office(*, on: date) -> Signer | None:
    """Who signs for the whole office on that day, by which title; None while the post is vacant."""
    found = _head(Position.kind == PositionKind.HEAD, on=on)
    return found if found and found.full_name else None


#: In place of a name, where a post is vacant: the line stays open.
BLANK_NAME = "(………………………………)"


def signer_of_unit(unit_id: int | None, *, on: date) -> Signer:
    """Who heads the unit (None: the office) on that day, also as Plt. or Plh.; a vacant post's title over an open line."""
    leads = Position.kind == PositionKind.HEAD
    if unit_id is not None:
        leads = and_(Position.unit_id == unit_id, Position.kind.in_(sorted(LEADING)))
    found = _head(leads, on=on) or Signer("", "")
    return found if found.full_name else replace(found, full_name=BLANK_NAME)


def _head(leads: ColumnElement[bool], *, on: date) -> Signer | None:
    """The holder of the first such post, or its bare title; None where there is no such post."""
    query = (
        select(Position.title, Assignment.kind, Employee)
        .outerjoin(Assignment, and_(Assignment.position_id == Position.id, in_force()))
        .outerjoin(Employee, Employee.id == Assignment.employee_id)
        .where(leads, ~Position.is_closed)
        .order_by(Position.order, Position.id, Assignment.kind != AssignmentKind.DEFINITIVE, Assignment.id)
        .limit(1)
    )
    row = db.session.execute(query, {"today": on}).one_or_none()
    if row is None:
        return None
    person = row.Employee
    if person is None:
        return Signer("", row.title)
    return Signer(
        full_name=full_name(person.name, person.degrees_before, person.degrees_after),
        title=acting_title(row.kind, row.title),
        identifier=identifier_line(person.kind, person.identifier),
        rank=format_rank(person.kind, person.rank),
    )


def unit_and_below(units: Select[int]) -> Select[int]:
    """Those units and every one below them."""
    below = units.cte(recursive=True)
    below = below.union_all(select(Unit.id).where(Unit.superior_id == below.c[0]))
    return select(below.c[0])
