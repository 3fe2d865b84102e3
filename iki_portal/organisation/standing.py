"""The organisation as it stands, in the plain values of domain/routes.py, and what every change of it shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, insert, or_, select, update

from iki_portal.domain.appointments import Term
from iki_portal.domain.dates import office_day
from iki_portal.domain.office import post_name
from iki_portal.domain.people import full_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.routes import Holding, Impossible, Key, PostPlan, Problem, UnitPlan, caused, post_problems, unit_problems
from iki_portal.extensions import db
from iki_portal.history.operations import Act, operator_author, record
from iki_portal.models import Assignment, Employee, HistoryEntry, OrganisationAct, Position, Unit
from iki_portal.models.parameters import IDS

MOST_ACTS = 50


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What follows from a change, for the operator to read before it is saved; `proposal` is what was typed."""

    said: tuple[str, ...]
    warnings: tuple[str, ...]
    proposal: Any

    @property
    def seal(self) -> str:
        """Of what exactly was shown: saving with another seal shows it again."""
        return sha256(repr(self).encode()).hexdigest()


def unit_plans() -> dict[Key, UnitPlan]:
    """Every unit, in the order of the office; its names are the one of today and a coming one."""
    query = select(Unit.id, Unit.name, Unit.next_name, Unit.superior_id, Unit.closed_on).order_by(Unit.order, Unit.id)
    return {
        row.id: UnitPlan(tuple(name for name in (row.name, row.next_name) if name), row.superior_id, row.closed_on)
        for row in db.session.execute(query)
    }


_PLAN_COLUMNS = (
    *(Position.id, Position.title, Position.area, Position.kind, Position.unit_id, Position.superior_id),
    *(Position.reviewer_id, Position.approver_id, Position.closed_on),
)


def post_plan(row: Any) -> PostPlan:
    """Of a row or a `Position`."""
    return PostPlan(
        post_name(row.title, row.area),
        row.kind,
        row.unit_id,
        row.superior_id,
        row.reviewer_id,
        row.approver_id,
        row.closed_on,
    )


def post_plans() -> dict[Key, PostPlan]:
    """Every post, in the order of the office."""
    query = select(*_PLAN_COLUMNS).order_by(Position.order, Position.id)
    return {row.id: post_plan(row) for row in db.session.execute(query)}


def holdings(position_ids: Iterable[Key | None], *, on: date) -> dict[Key, list[Holding]]:
    """Who holds those posts that day or later."""
    query = (
        select(Assignment, Employee)
        .join(Employee, Employee.id == Assignment.employee_id)
        .where(
            Assignment.position_id.in_({each for each in position_ids if each is not None}),
            ~Assignment.is_cancelled,
            or_(Assignment.ends_on.is_(None), Assignment.ends_on >= on),
        )
        .order_by(Assignment.starts_on, Assignment.id)
    )
    found: dict[Key, list[Holding]] = {}
    for row in db.session.execute(query):
        given, person = row.Assignment, row.Employee
        name = full_name(person.name, person.degrees_before, person.degrees_after)
        term = Term(name, given.kind, given.starts_on, given.ends_on)
        found.setdefault(given.position_id, []).append(Holding(person.id, term))
    return found


def demand_none(problems: Sequence[Problem]) -> None:
    """Raise `Impossible` with everything that a change would make wrong."""
    if problems:
        raise Impossible(problems)


def demand_sound_units(before: dict[Key, UnitPlan], after: dict[Key, UnitPlan], *, on: date) -> None:
    """Of units as they would be, and of the posts in them."""
    demand_none(caused(unit_problems(before, on=on), unit_problems(after, on=on)))
    posts = post_plans()
    demand_none(caused(post_problems(posts, before, on=on), post_problems(posts, after, on=on)))


def fold_due_names(model: type[Unit] | type[Position], *, on: date) -> None:
    """A name that follows on a day becomes the given one once the day has come, so that a second change finds room.

    Nothing that anybody sees changes, and so no version.
    """
    names = {"given_name": "next_name", "given_short_name": "next_short_name"}
    if model is Position:
        names = {"given_title": "next_title", "given_area": "next_area"}
    given = {getattr(model, into): getattr(model, coming) for into, coming in names.items()}
    cleared = dict.fromkeys((*(getattr(model, coming) for coming in names.values()), model.next_on))
    db.session.execute(
        update(model).where(model.next_on <= on).values({**given, **cleared}).execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def write_down(action: str, note: str, *, about: Unit | Position, actor: Actor, now: datetime) -> None:
    """One row of history about one unit or post."""
    number = record(Act(action=action, year=office_day(now).year, at=now, note=note), operator_author(actor))
    subject = {"unit_id": about.id} if isinstance(about, Unit) else {"position_id": about.id}
    db.session.execute(insert(OrganisationAct).values(history_number=number, **subject))


@cache
def _acts(model: type[Unit] | type[Position]) -> Select[*tuple[Any, ...]]:
    subject = OrganisationAct.unit_id if model is Unit else OrganisationAct.position_id
    return (
        select(HistoryEntry.__table__)
        .join(OrganisationAct, OrganisationAct.history_number == HistoryEntry.number)
        .where(subject.in_(IDS))
        .order_by(HistoryEntry.number.desc())
        .limit(MOST_ACTS)
    )


def acts_upon(model: type[Unit] | type[Position], row_id: int) -> Sequence[Row[Any]]:
    """What was done to a unit or post, the newest first; columns as in `HistoryEntry`."""
    return db.session.execute(_acts(model), {"ids": [row_id]}).all()
