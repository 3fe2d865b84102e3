"""The page of one unit and of one post, for everybody: facts, today's holders, the route of its sheets, its past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select

from iki_portal.domain.appointments import TermState, term_state
from iki_portal.domain.errors import Invalid
from iki_portal.domain.office import POSITION_KIND_WORDS, UNIT_KIND_WORDS, PositionKind, post_name
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Post
from iki_portal.domain.routes import Key, default_route, first_of_kinds
from iki_portal.extensions import db
from iki_portal.models import Assignment, Employee, Position, Unit
from iki_portal.organisation.naming import NameProposal, coming_name, standing
from iki_portal.organisation.posts import duty_texts
from iki_portal.organisation.queries import posts
from iki_portal.organisation.standing import acts_upon, post_plan

#: So many terms of a post are listed on its page, the newest ones.
MOST_TERMS = 30
#: So many posts of a unit are named on its page; the tree shows them all.
MOST_POSTS = 100


@dataclass(frozen=True, slots=True)
class HolderTerm:
    """Somebody's days in a post, past, of today or to come."""

    assignment_id: int
    employee_id: int
    #: "Plt. Rina"
    who: str
    starts_on: date
    ends_on: date | None
    state: TermState


@dataclass(frozen=True, slots=True)
class PostPage:
    row: Position
    kind_word: str
    unit: Unit
    superior: Post | None
    reviewer: Post | None
    approver: Post | None
    is_default_route: bool
    #: (employee, "Plt. Rina")
    holders: tuple[tuple[int, str], ...]
    terms: list[HolderTerm]
    coming: NameProposal | None
    duties: tuple[str, ...]
    functions: tuple[str, ...]
    acts: Sequence[Row[Any]]


def post_page(position_id: int, *, on: date) -> PostPage:
    """Raises `NotFound` for a number that no post has."""
    row = standing(Position, position_id)
    duties, functions = duty_texts(row.id)
    held = posts((row.id, row.superior_id, row.reviewer_id, row.approver_id), on=on)
    return PostPage(
        row=row,
        kind_word=POSITION_KIND_WORDS[row.kind],
        unit=db.session.get_one(Unit, row.unit_id),
        superior=held.get(row.superior_id or 0),
        reviewer=held.get(row.reviewer_id or 0),
        approver=held.get(row.approver_id or 0),
        is_default_route=has_default_route(row, on=on),
        holders=tuple((each.employee_id, acting_title(each.kind, each.name)) for each in held[row.id].holders),
        terms=_terms_in(row.id, on=on),
        coming=coming_name(row),
        duties=duties,
        functions=functions,
        acts=acts_upon(Position, row.id),
    )


def _terms_in(position_id: int, *, on: date) -> list[HolderTerm]:
    """The newest first, without those that were cancelled before they began."""
    query = (
        select(Assignment, Employee)
        .join(Employee, Employee.id == Assignment.employee_id)
        .where(Assignment.position_id == position_id, ~Assignment.is_cancelled)
        .order_by(Assignment.starts_on.desc(), Assignment.id.desc())
        .limit(MOST_TERMS)
    )
    return [
        HolderTerm(
            row.Assignment.id,
            row.Employee.id,
            acting_title(row.Assignment.kind, row.Employee.full_name),
            row.Assignment.starts_on,
            row.Assignment.ends_on,
            term_state(row.Assignment.starts_on, row.Assignment.ends_on, on),
        )
        for row in db.session.execute(query)
    ]


@cache
def _around() -> Select[*tuple[Any, ...]]:
    """The post, everybody above it, and the posts that a route may lead to from anywhere (domain/office.py)."""
    chain = select(Position.id, Position.superior_id).where(Position.id == bindparam("position_id")).cte(recursive=True)
    above = select(Position.id, Position.superior_id).where(Position.id == chain.c.superior_id)
    chain = chain.union(above)
    columns = (Position.title, Position.area, Position.kind, Position.unit_id, Position.superior_id)
    return (
        select(Position.id, *columns, Position.reviewer_id, Position.approver_id, Position.closed_on)
        .where(
            or_(
                Position.id.in_(select(chain.c.id)),
                Position.kind.in_([PositionKind.SECRETARY, PositionKind.HEAD]),
            )
        )
        .order_by(Position.order, Position.id)
    )


def has_default_route(row: Position, *, on: date) -> bool:
    """Whether the post's sheets go the way of its kind; one statement, however large the office."""
    found = db.session.execute(_around(), {"position_id": row.id})
    plans = {each.id: post_plan(each) for each in found}
    keyed: dict[Key, Any] = dict(plans)
    try:
        return default_route(row.id, keyed, first_of_kinds(keyed, on=on)) == (row.reviewer_id, row.approver_id)
    except Invalid:
        return False


@dataclass(frozen=True, slots=True)
class PostOfUnit:
    id: int
    name: str
    holders: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    row: Unit
    kind_word: str
    superior: Unit | None
    coming: NameProposal | None
    below: Sequence[Unit]
    posts: list[PostOfUnit]
    has_more_posts: bool
    acts: Sequence[Row[Any]]


def unit_page(unit_id: int, *, on: date) -> UnitPage:
    """Raises `NotFound` for a number that no unit has."""
    row = standing(Unit, unit_id)
    below = select(Unit).where(Unit.superior_id == row.id, ~Unit.is_closed).order_by(Unit.order, Unit.id)
    within = select(Position.id, Position.title, Position.area).where(Position.unit_id == row.id, ~Position.is_closed)
    found = db.session.execute(within.order_by(Position.order, Position.id).limit(MOST_POSTS + 1)).all()
    held = posts((each.id for each in found[:MOST_POSTS]), on=on)
    return UnitPage(
        row=row,
        kind_word=UNIT_KIND_WORDS[row.kind],
        superior=db.session.get(Unit, row.superior_id) if row.superior_id else None,
        coming=coming_name(row),
        below=db.session.scalars(below).all(),
        posts=[PostOfUnit(each.id, post_name(each.title, each.area), _holders(held[each.id])) for each in found[:MOST_POSTS]],
        has_more_posts=len(found) > MOST_POSTS,
        acts=acts_upon(Unit, row.id),
    )


def _holders(post: Post) -> str:
    return ", ".join(acting_title(each.kind, each.name) for each in post.holders)


@dataclass(frozen=True, slots=True)
class ClosedLine:
    """A post that is no more, or that has a last day."""

    id: int
    name: str
    unit_name: str
    closed_on: date


@dataclass(frozen=True, slots=True)
class Closed:
    posts: list[ClosedLine]
    units: Sequence[Unit]
    has_next: bool


PAGE_SIZE = 50


def closed(*, page: int = 1) -> Closed:
    """Posts with a day of closing, the last ones first, a page at a time; and such units, all of them on the first page."""
    query = (
        select(Position.id, Position.title, Position.area, Position.closed_on, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Position.unit_id)
        .where(Position.closed_on.is_not(None))
        .order_by(Position.closed_on.desc(), Position.id)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    )
    rows = db.session.execute(query).all()
    units = select(Unit).where(Unit.closed_on.is_not(None)).order_by(Unit.closed_on.desc(), Unit.id)
    return Closed(
        [ClosedLine(row.id, post_name(row.title, row.area), row.unit_name, row.closed_on) for row in rows[:PAGE_SIZE]],
        db.session.scalars(units).all() if page == 1 else [],
        len(rows) > PAGE_SIZE,
    )
