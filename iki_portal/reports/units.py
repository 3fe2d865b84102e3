"""The office as the reports draw it: one unit is opened, its direct parts are the rows, and each counts what lies below it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true

from iki_portal.domain.errors import NotAllowed, NotFound
from iki_portal.domain.policy import Actor
from iki_portal.domain.reports import NAMES_RESERVED, names_sight
from iki_portal.extensions import db
from iki_portal.models import Position, Unit

#: As many parts as one page shows.
MOST_ROWS = 40
WHOLE_OFFICE = "Seluruh kantor"
LED_UNITS = "Unit yang Anda pimpin"


@dataclass(slots=True)
class Node:
    id: int
    name: str
    superior_id: int | None
    below: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about: a unit with everything below it, or only the posts that stand in the unit itself."""

    #: None: the whole office.
    unit_id: int | None
    name: str
    unit_ids: tuple[int, ...]
    is_own: bool = False
    #: Of the whole office, the part whose names the reader may see.
    is_narrowed: bool = False

    def covers(self, column: Any) -> ColumnElement[bool]:
        return column.in_(self.unit_ids) if self.unit_id is not None or self.is_narrowed else true()

    @property
    def address(self) -> dict[str, Any]:
        """Its part of an address."""
        return {"unit": self.unit_id, "lingkup": "sendiri" if self.is_own else None}


@dataclass(frozen=True, slots=True)
class Office:
    nodes: dict[int, Node]
    roots: list[Node]

    def scope(self, unit_id: int | None, *, is_own: bool = False) -> Scope:
        """Raises `NotFound` for a unit that is not there."""
        if unit_id is None:
            name = self.roots[0].name if len(self.roots) == 1 else WHOLE_OFFICE
            return Scope(None, name, tuple(self.nodes))
        node = self.nodes.get(unit_id)
        if node is None:
            raise NotFound("Unit kerja ini tidak ada.")
        if is_own:
            return Scope(node.id, own_name(node), (node.id,), is_own=True)
        if self.roots == [node]:
            return self.scope(None)
        return Scope(node.id, node.name, tuple(each.id for each in below(node)))

    def parts(self, scope: Scope) -> list[Scope]:
        """The rows under it: the posts of the unit itself, then the units directly below; none where nothing lies below."""
        if scope.unit_id is None:
            top = self.roots[0] if len(self.roots) == 1 else None
            children = top.below if top else self.roots
        else:
            top = self.nodes[scope.unit_id]
            children = [] if scope.is_own else top.below
        if not children:
            return []
        own = [self.scope(top.id, is_own=True)] if top else []
        return own + [Scope(each.id, each.name, tuple(one.id for one in below(each))) for each in children]

    def way(self, scope: Scope) -> list[Node]:
        """The units above it, from the top down."""
        node = self.nodes.get(scope.unit_id or 0)
        found: list[Node] = []
        while node is not None and node.superior_id is not None:
            node = self.nodes[node.superior_id]
            found.insert(0, node)
        return found

    def all_below(self, unit_ids: Iterable[int]) -> frozenset[int]:
        return frozenset(one.id for each in unit_ids for one in below(self.nodes[each]))


def own_name(node: Node) -> str:
    return f"Jabatan langsung di {node.name}"


def below(node: Node) -> Iterator[Node]:
    """The unit itself, and every unit under it."""
    yield node
    for each in node.below:
        yield from below(each)


@cache
def _units() -> Select[*tuple[Any, ...]]:
    return select(Unit.id, Unit.name, Unit.superior_id).order_by(Unit.order, Unit.id)


def office() -> Office:
    """Closed units, too: what was reported in them stays theirs. One statement."""
    nodes = {row.id: Node(row.id, row.name, row.superior_id) for row in db.session.execute(_units())}
    for node in nodes.values():
        if node.superior_id is not None:
            nodes[node.superior_id].below.append(node)
    return Office(nodes, [node for node in nodes.values() if node.superior_id is None])


@dataclass(frozen=True, slots=True)
class NamedUnits:
    """The units of which this reader may read names."""

    all: bool
    ids: frozenset[int] = frozenset()

    def within(self, scope: Scope) -> Scope | None:
        """What of the scope they may read; None for nothing."""
        if self.covers(scope):
            return scope
        ids = tuple(each for each in scope.unit_ids if each in self.ids)
        return replace(scope, name=LED_UNITS, unit_ids=ids, is_narrowed=True) if ids else None

    def covers(self, scope: Scope) -> bool:
        return self.all or set(scope.unit_ids) <= self.ids


def named_units(whole: Office, actor: Actor) -> NamedUnits:
    sight = names_sight(actor)
    if sight.all or not sight.leading_posts:
        return NamedUnits(sight.all)
    led = db.session.scalars(select(Position.unit_id).where(Position.id.in_(sorted(sight.leading_posts)))).all()
    return NamedUnits(all=False, ids=whole.all_below(led))


def named_part(named: NamedUnits, scope: Scope) -> Scope:
    """The part of a unit of which the reader may see who is behind the numbers; raises `NotAllowed` where there is none."""
    mine = named.within(scope)
    if mine is None:
        raise NotAllowed(NAMES_RESERVED)
    return mine
