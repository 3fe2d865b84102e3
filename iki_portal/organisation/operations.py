"""Building up the organisation: units, posts with their routes, people, assignments, years."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.office import PositionKind, UnitKind, YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.routes import Key, PostPlan, default_route, first_of_kinds
from iki_portal.extensions import db
from iki_portal.history.operations import Act, operator_author, record
from iki_portal.models import Assignment, Employee, OfficeText, PerformanceYear, Position, Unit
from iki_portal.organisation.standing import post_plan


@dataclass(frozen=True)
class Loaded:
    """How much of the organisation was new."""

    units: int
    posts: int


def load_organisation(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Loaded:
    """Create the units and posts of `seeds/organisation.toml` that do not exist yet; change nothing that does.

    Units and posts are known by code. Raises `Invalid` when the data points at something that is not in it.
    """
    try:
        units, new_units = _load_units(data["unit"])
        new_posts = _load_posts(data["post"], units)
    except (KeyError, ValueError) as error:
        raise Invalid(f"Berkas organisasi tidak lengkap: {error}.") from error
    return Loaded(new_units, new_posts)


def _load_units(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Unit], int]:
    known = {unit.code: unit for unit in db.session.scalars(select(Unit))}
    by_key: dict[str, Unit] = {}
    new = 0
    for order, row in enumerate(rows, start=1):
        unit = known.get(row["key"])
        if unit is None:
            superior = by_key[row["superior"]].id if "superior" in row else None
            unit = Unit(
                code=row["key"],
                given_name=row["name"],
                given_short_name=row["short_name"],
                kind=UnitKind(row["kind"]),
                superior_id=superior,
                order=order,
            )
            db.session.add(unit)
            db.session.flush()
            new += 1
        by_key[row["key"]] = unit
    return by_key, new


def _load_posts(rows: Sequence[Mapping[str, Any]], units: Mapping[str, Unit]) -> int:
    by_code = {post.code: post for post in db.session.scalars(select(Position))}
    fresh: list[Position] = []
    for order, row in enumerate(rows, start=1):
        if row["code"] in by_code:
            continue
        post = Position(
            code=row["code"],
            given_title=row["title"],
            given_area=row.get("area", ""),
            kind=PositionKind(row["kind"]),
            unit_id=units[row["unit"]].id,
            superior_id=by_code[row["superior"]].id if "superior" in row else None,
            order=order,
        )
        db.session.add(post)
        db.session.flush()
        by_code[post.code] = post
        fresh.append(post)
    set_default_routes(fresh, by_code.values())
    return len(fresh)


def set_default_routes(fresh: Iterable[Position], among: Iterable[Position]) -> None:
    """Give posts the reviewer and approver of their kind (domain/office.py), found among all posts."""
    plans: dict[Key, PostPlan] = {post.id: post_plan(post) for post in sorted(among, key=lambda each: each.order)}
    firsts = first_of_kinds(plans, on=today_in_office())
    for post in fresh:
        reviewer, approver = default_route(post.id, plans, firsts)
        post.reviewer_id = None if reviewer is None else int(reviewer)
        post.approver_id = None if approver is None else int(approver)
    db.session.flush()


def add_year(year: int, *, deadline: date | None) -> PerformanceYear:
    """The performance year, created in its planning stage when it does not exist yet."""
    found = db.session.get(PerformanceYear, year)
    if found is None:
        found = PerformanceYear(year=year, stage=YearStage.PLANNING, planning_deadline_on=deadline)
        db.session.add(found)
        db.session.flush()
    return found


def assign(
    employee: Employee,
    position: Position,
    *,
    kind: AssignmentKind = AssignmentKind.DEFINITIVE,
    starts_on: date,
    ends_on: date | None = None,
    decree: str = "",
) -> Assignment:
    """Give `employee` the post from day to day, both included."""
    assignment = Assignment(
        employee_id=employee.id,
        position_id=position.id,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        decree=decree,
    )
    db.session.add(assignment)
    db.session.flush()
    return assignment


@dataclass(frozen=True, slots=True)
class OfficeProposal:
    """The texts of the letterhead as somebody wants them; `page_size` is "a4" or "f4"."""

    government: str
    agency: str
    address: str
    contact: str
    place: str
    page_size: str


def change_office(proposal: OfficeProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Set what new documents print of the office; frozen copies keep theirs. Raises `Outdated` for an old page."""
    demand_permission(actor, Permission.OFFICE_WRITE)
    row = db.session.get(OfficeText, 1, with_for_update=True)
    if (row.version if row else 0) != seen:
        who = row.changed_by if row else "orang lain"
        raise Outdated(f"Kop naskah sudah diubah {who} sesudah halaman Anda dibuka.")
    values = {name: " ".join(getattr(proposal, name).split()) for name in OfficeProposal.__slots__}
    if row is None:
        db.session.add(OfficeText(id=1, version=1, changed_at=now, changed_by=actor.name, **values))
    else:
        for name, value in {**values, "version": seen + 1, "changed_at": now, "changed_by": actor.name}.items():
            setattr(row, name, value)
    db.session.flush()
    act = Act(action="office_text", year=now.year, at=now, note="; ".join(value for value in values.values() if value))
    record(act, operator_author(actor))
