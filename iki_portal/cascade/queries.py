"""What stands where: posts, the indicators of their sheets as a reader may see them, and the links between these."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from iki_portal.domain.cascade import GoalKey, Link, Place, RowKey
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import Aggregation
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight
from iki_portal.models import CascadeLink, Indicator, Position, Sheet, Statement, Unit
from iki_portal.models.parameters import IDS

#: As many posts as one page shows.
MOST_POSTS = 40
_YEAR = bindparam("year", type_=Integer)


# Posts


@dataclass(frozen=True, slots=True)
class PostLine:
    name: str
    short_unit: str
    place: Place
    #: Posts with sheets stand directly under it.
    leads: bool


@cache
def _posts_query() -> Select[*tuple[Any, ...]]:
    above = select(Position.id, Position.superior_id).where(Position.id.in_(IDS)).cte("above", recursive=True)
    higher = aliased(Position)
    above = above.union(select(higher.id, higher.superior_id).where(higher.id == above.c.superior_id))
    under = aliased(Position)
    leads = select(under.id).where(under.superior_id == Position.id, under.approver_id.is_not(None), ~under.is_closed).exists()
    return (
        select(
            Position.id,
            Position.title,
            Position.area,
            Position.superior_id,
            Position.approver_id,
            Unit.short_name.label("unit"),
            leads.label("leads"),
        )
        .join(Unit, Unit.id == Position.unit_id)
        .where(Position.id.in_(select(above.c.id)))
    )


def post_lines(ids: Iterable[int]) -> dict[int, PostLine]:
    """Those posts and all above them; one statement."""
    rows = db.session.execute(_posts_query(), {"ids": sorted(set(ids))})
    return {
        row.id: PostLine(
            post_name(row.title, row.area), row.unit, Place(row.superior_id, row.approver_id is not None), bool(row.leads)
        )
        for row in rows
    }


def places_of(posts: Mapping[int, PostLine]) -> dict[int, Place]:
    return {key: line.place for key, line in posts.items()}


def page_of_posts(unit_id: int | None, page: int = 1) -> Sequence[int]:
    """Posts with a sheet, of that unit and the units under it where one is given; one more where more follow."""
    query = select(Position.id).where(Position.approver_id.is_not(None), ~Position.is_closed)
    if unit_id is not None:
        units = select(Unit.id).where(Unit.id == unit_id).cte("units", recursive=True)
        inner = aliased(Unit)
        units = units.union(select(inner.id).where(inner.superior_id == units.c.id))
        query = query.where(Position.unit_id.in_(select(units.c.id)))
    query = query.order_by(Position.order, Position.id).offset((page - 1) * MOST_POSTS).limit(MOST_POSTS + 1)
    return db.session.scalars(query).all()


# Indicators


@dataclass(frozen=True, slots=True)
class RowLine:
    """One indicator as it stands on the sheet that counts."""

    key: RowKey
    sheet_id: int
    indicator_id: int
    state: State
    #: As the sheet numbers it: "2.1".
    number: str
    text: str
    statement: str
    unit_of_measure: str
    aggregation: Aggregation | None
    population: str


def _rows_query(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Sheet.id.label("sheet_id"),
            Sheet.position_id,
            Sheet.state,
            Statement.number,
            Statement.text.label("statement"),
            Indicator.id,
            Indicator.text,
            Indicator.text_key,
            Indicator.unit_of_measure,
            Indicator.aggregation,
            Indicator.population,
        )
        .join(Statement, Statement.sheet_id == Sheet.id)
        .join(Indicator, Indicator.statement_id == Statement.id)
        .where(Sheet.year == _YEAR, Sheet.position_id.in_(IDS), Sheet.state != State.SUPERSEDED, in_sight(actor))
        .order_by(Sheet.order, Sheet.id, Statement.number, Indicator.order)
    )


def rows_of(
    year: int, post_ids: Collection[int], *, actor: Actor, on: date, chosen: int | None = None
) -> dict[RowKey, RowLine]:
    """The indicators of those posts, in the order of the office: of the sheet in force, else of the one in preparation that
    the reader may see; of sheet `chosen` for its post. Without words, and said twice on a sheet, they are left out."""
    parameters = {**asked_by(actor, on), "ids": sorted(post_ids), "year": year}
    sheets: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(_rows_query(actor), parameters) if post_ids else ():
        sheets[row.sheet_id].append(row)
    found: dict[RowKey, RowLine] = {}
    for sheet_id in _that_count(sheets, chosen):
        for line in _lines(sheets[sheet_id]):
            if line.key.words:
                found.setdefault(line.key, line)
    return found


def _that_count(sheets: Mapping[int, Sequence[Row[Any]]], chosen: int | None) -> list[int]:
    best: dict[int, int] = {}
    for sheet_id, (row, *_) in sheets.items():
        standing = best.get(row.position_id)
        better = standing is None or (row.state is State.APPROVED and standing != chosen)
        if sheet_id == chosen or better:
            best[row.position_id] = sheet_id
    return list(best.values())


def _lines(rows: Iterable[Row[Any]]) -> Iterable[RowLine]:
    places: dict[int, int] = defaultdict(int)
    for row in rows:
        places[row.number] += 1
        yield RowLine(
            RowKey(row.position_id, row.text_key),
            row.sheet_id,
            row.id,
            row.state,
            f"{row.number}.{places[row.number]}",
            row.text,
            row.statement,
            row.unit_of_measure,
            row.aggregation,
            row.population,
        )


# Links


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link that stands, with the words of both ends as they were when it was made."""

    id: int
    link: Link
    text: str
    parent_text: str
    note: str
    author_name: str
    author_title: str
    linked_at: datetime


@cache
def _links_query() -> Select[*tuple[Any, ...]]:
    stands = (CascadeLink.year == _YEAR, CascadeLink.ended_at.is_(None))
    up = (
        select(CascadeLink.id, CascadeLink.parent_id, CascadeLink.parent_key)
        .where(CascadeLink.position_id.in_(IDS), *stands)
        .cte("up", recursive=True)
    )
    higher = aliased(CascadeLink)
    joins = and_(higher.position_id == up.c.parent_id, higher.text_key == up.c.parent_key)
    up = up.union(
        select(higher.id, higher.parent_id, higher.parent_key)
        .join(up, joins)
        .where(higher.year == _YEAR, higher.ended_at.is_(None))
    )
    return select(CascadeLink.__table__).where(CascadeLink.id.in_(select(up.c.id))).order_by(CascadeLink.id)


def links_up(year: int, post_ids: Collection[int]) -> list[LinkLine]:
    """The standing links of those posts' indicators, and those above them, all the way; one statement."""
    if not post_ids:
        return []
    return [link_line(row) for row in db.session.execute(_links_query(), {"ids": sorted(post_ids), "year": year})]


def link_line(row: Row[Any]) -> LinkLine:
    parent = RowKey(row.parent_id, row.parent_key) if row.parent_id is not None else GoalKey(row.key_indicator_id)
    link = Link(RowKey(row.position_id, row.text_key), parent)
    return LinkLine(row.id, link, row.text, row.parent_text, row.note, row.author_name, row.author_title, row.linked_at)


def links_of_year(year: int, post_id: int) -> list[Link]:
    """What a post's indicators supported in that year: for the proposals of the next one."""
    stands = (CascadeLink.year == year, CascadeLink.position_id == post_id, CascadeLink.ended_at.is_(None))
    return [link_line(row).link for row in db.session.execute(select(CascadeLink.__table__).where(*stands))]


def supporters(year: int, post_ids: Collection[int], *, but: Collection[int] = ()) -> dict[RowKey, int]:
    """Indicator of those posts → how many indicators of posts other than `but` support it."""
    if not post_ids:
        return {}
    query = (
        select(CascadeLink.parent_id, CascadeLink.parent_key, func.count().label("number"))
        .where(CascadeLink.year == year, CascadeLink.parent_id.in_(post_ids), CascadeLink.ended_at.is_(None))
        .where(CascadeLink.position_id.not_in(but), child_stands())
        .group_by(CascadeLink.parent_id, CascadeLink.parent_key)
    )
    return {RowKey(row.parent_id, row.parent_key): row.number for row in db.session.execute(query)}


def child_stands() -> Any:
    """In SQL: the supporting indicator still says these words on a sheet of its post."""
    return (
        select(Indicator.id)
        .join(Statement, Statement.id == Indicator.statement_id)
        .join(Sheet, Sheet.id == Statement.sheet_id)
        .where(
            Sheet.position_id == CascadeLink.position_id,
            Sheet.year == CascadeLink.year,
            Sheet.state != State.SUPERSEDED,
            # with "": found from the post's few sheets, never from the thousands of rows that say the same words
            Indicator.text_key.concat("") == CascadeLink.text_key,
        )
        .correlate(CascadeLink)
        .exists()
    )
