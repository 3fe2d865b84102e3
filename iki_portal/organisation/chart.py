"""How much of the organisation one page shows: all of it while it is small, else the way to one unit and that unit's posts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from iki_portal.domain.policy import Actor
from iki_portal.extensions import db
from iki_portal.models import Position, Unit
from iki_portal.organisation.queries import UnitLine, tree

#: As many posts as one page shows.
MOST_POSTS = 60


@dataclass(frozen=True, slots=True)
class Chart:
    roots: list[UnitLine]
    #: The unit whose posts are shown; None where every unit's are.
    opened: int | None = None
    page: int = 1
    has_next: bool = False


def chart(unit_id: int | None, *, actor: Actor, on: date, page: int = 1) -> Chart:
    """The whole tree; in a large office the way to that unit and one page of its posts, the reader's own unit by default."""
    if len(_post_ids(None)) <= MOST_POSTS:
        return Chart(tree(on=on))
    opened = _unit_of_a_large_office(unit_id, actor)
    ids = _post_ids(opened, page)
    roots = tree(on=on, only=ids[:MOST_POSTS])
    _fold(roots, _way_to(opened, roots), opened)
    return Chart(roots, opened, page, len(ids) > MOST_POSTS)


def unit_to_open(unit_id: int | None, *, actor: Actor) -> int | None:
    """That unit where there is one; else the reader's own in a large office, and none in a small one."""
    if (known := _known(unit_id)) is not None or len(_post_ids(None)) <= MOST_POSTS:
        return known
    return _unit_of_a_large_office(None, actor)


def _unit_of_a_large_office(unit_id: int | None, actor: Actor) -> int | None:
    return _known(unit_id) or _own_unit(actor) or _top()


def _post_ids(unit_id: int | None, page: int = 1) -> Sequence[int]:
    """A page of posts, of that unit where one is given, and one more where more follow."""
    query = select(Position.id).where(~Position.is_closed)
    if unit_id is not None:
        query = query.where(Position.unit_id == unit_id).order_by(Position.order, Position.id)
    return db.session.scalars(query.offset((page - 1) * MOST_POSTS).limit(MOST_POSTS + 1)).all()


def _known(unit_id: int | None) -> int | None:
    return None if unit_id is None else db.session.scalar(select(Unit.id).where(Unit.id == unit_id, ~Unit.is_closed))


def _own_unit(actor: Actor) -> int | None:
    held = [mandate.position_id for mandate in actor.mandates][:1]
    return db.session.scalar(select(Position.unit_id).where(Position.id.in_(held))) if held else None


def _top() -> int | None:
    return db.session.scalar(select(Unit.id).where(Unit.superior_id.is_(None), ~Unit.is_closed).order_by(Unit.order).limit(1))


def _way_to(unit_id: int | None, lines: Iterable[UnitLine]) -> frozenset[int]:
    """Ids of the units from the top down to that one; none where it is not among these."""
    for line in lines:
        if line.id == unit_id:
            return frozenset({line.id})
        if below := _way_to(unit_id, line.units):
            return below | {line.id}
    return frozenset()


def _fold(lines: Iterable[UnitLine], way: frozenset[int], opened: int | None) -> None:
    """Leave out what lies below units beside the way, and say of which units no posts are shown."""
    for line in lines:
        line.shows_posts = line.id == opened
        if line.id in way:
            _fold(line.units, way, opened)
        else:
            line.units = []
