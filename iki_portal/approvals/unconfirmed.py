"""Sheets whose new holder has not said yet that they take them over: `domain.handover` in SQL, tested against it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, and_, extract, func, or_, select, union
from sqlalchemy.orm import aliased

from iki_portal.approvals.handovers import ANSWERED, answers
from iki_portal.domain.handover import STANDING
from iki_portal.domain.office import YearStage, post_name
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Actor, Role
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by
from iki_portal.indicators.sight import title_of_sheet
from iki_portal.models import Assignment, Employee, HistoryEntry, PerformanceYear, Position, Sheet
from iki_portal.models.parameters import HELD, IDS, TODAY
from iki_portal.organisation.queries import in_force

MOST_SHOWN = 20
_ASKED_OF = [*IN_PREPARATION, State.APPROVED]


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A sheet that waits for its new holder's word, as Beranda lists it."""

    sheet_id: int
    name: str
    year: int
    state: State
    #: "Plt. Rina", and the former holder likewise; "" where the post was vacant.
    holder: str
    former: str
    since: date
    is_mine: bool


_other, _gone, _holder, _former = aliased(Assignment), aliased(Assignment), aliased(Employee), aliased(Employee)


def _stands(assignment: Any) -> ColumnElement[bool]:
    stands: ColumnElement[bool] = assignment.kind.in_(STANDING)
    return stands


def _nobody_answers() -> ColumnElement[bool]:
    """In SQL: nobody who answers for the sheet stands in its post today (the twin of `domain.handover.handovers`)."""
    here, before = aliased(Assignment), aliased(Assignment)
    last = (
        answers()
        .with_only_columns(HistoryEntry.actor_id)
        .where(ANSWERED.position_id == Sheet.position_id, ANSWERED.year == Sheet.year)
        .where(HistoryEntry.acting_kind.in_(STANDING))
        .order_by(HistoryEntry.number.desc())
        .limit(1)
        .correlate(Sheet)
        .scalar_subquery()
    )
    begun = and_(
        before.position_id == here.position_id,
        before.employee_id == here.employee_id,
        _stands(before),
        before.starts_on <= Sheet.begun_on,
        or_(before.ends_on.is_(None), before.ends_on >= Sheet.begun_on),
    )
    stood_then = select(before.id).where(begun).correlate(here, Sheet).exists()
    is_theirs = or_(here.employee_id == last, and_(last.is_(None), stood_then))
    still = select(here.id).where(here.position_id == Sheet.position_id, _stands(here), in_force(here), is_theirs)
    return ~still.correlate(Sheet).exists()


def _last_gone() -> ColumnElement[Any]:
    """In SQL: the assignment of the post's former holder, another person's that ended last."""
    gone = (
        select(_other.id)
        .where(_other.position_id == Assignment.position_id, _other.employee_id != Assignment.employee_id, _stands(_other))
        .where(_other.ends_on < TODAY, _other.ends_on >= _other.starts_on)
    )
    return gone.order_by(_other.ends_on.desc(), _other.starts_on, _other.id).limit(1).correlate(Assignment).scalar_subquery()


def _may_be_new() -> ColumnElement[bool]:
    """Cheap and true of every handover: the holder came after the sheet, or somebody has left since it was begun."""
    left = aliased(Assignment)
    someone = select(left.id).where(
        left.position_id == Sheet.position_id, _stands(left), left.ends_on < TODAY, left.ends_on >= Sheet.begun_on
    )
    return or_(Assignment.starts_on > Sheet.begun_on, someone.correlate(Sheet).exists())


@cache
def _changed_posts() -> CompoundSelect[*tuple[Any, ...]]:
    """Posts that somebody got or left since the oldest sheet of an open year was begun: few, and all others need no look.

    Asked by itself: a planner takes them for many, and begins with the sheets.
    """
    old = aliased(Sheet)
    first = select(func.min(old.begun_on)).where(old.year == PerformanceYear.year, old.state.in_(_ASKED_OF))
    of_each_year = first.correlate(PerformanceYear).scalar_subquery().label("begun_on")
    years = select(of_each_year).where(PerformanceYear.stage != YearStage.CLOSED).subquery()
    oldest = select(func.min(years.c.begun_on)).scalar_subquery()
    held = select(Assignment.position_id).where(_stands(Assignment))
    came, left = Assignment.starts_on > oldest, and_(Assignment.ends_on < TODAY, Assignment.ends_on >= oldest)
    return union(held.where(came), held.where(left))  # each day has an index of its own


def _unconfirmed(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    newer = aliased(Sheet)
    is_newest = ~(
        select(newer.id)
        .where(newer.position_id == Sheet.position_id, newer.year == Sheet.year, newer.revision > Sheet.revision)
        .correlate(Sheet)
        .exists()
    )
    people = (_holder.name.label("holder"), _former.name.label("former"))
    terms = (Assignment.kind, Assignment.starts_on, _gone.kind.label("former_kind"), _gone.ends_on.label("former_until"))
    sheet = (Sheet.id, Sheet.position_id, Sheet.year, Sheet.state, title_of_sheet().label("title"), Position.area)
    return (
        select(*sheet, *people, *terms, Assignment.employee_id)
        .join(Position, Position.id == Sheet.position_id)
        .join(PerformanceYear, and_(PerformanceYear.year == Sheet.year, PerformanceYear.stage != YearStage.CLOSED))
        .join(Assignment, and_(Assignment.position_id == Sheet.position_id, in_force(), _stands(Assignment)))
        .join(_holder, _holder.id == Assignment.employee_id)
        .outerjoin(_gone, _gone.id == _last_gone())
        .outerjoin(_former, _former.id == _gone.employee_id)
        .where(Sheet.state.in_(_ASKED_OF), whose, is_newest, _may_be_new())
        .where(extract("year", Assignment.starts_on) <= Sheet.year, _nobody_answers())
        .order_by(Sheet.year.desc(), Sheet.order, Assignment.id)
        .limit(MOST_SHOWN + 1)
    )


@cache
def _unconfirmed_of_posts() -> Select[*tuple[Any, ...]]:
    return _unconfirmed(Sheet.position_id.in_(IDS))


@cache
def _unconfirmed_of_desk() -> Select[*tuple[Any, ...]]:
    desks = (Sheet.position_id, Sheet.reviewer_id, Sheet.approver_id)
    return _unconfirmed(or_(*(each.in_(HELD) for each in desks)))


def unconfirmed(*, actor: Actor, on: date) -> list[Unconfirmed]:
    """What this person has to take over, and what others have not: the Sekretaris sees every sheet, others their desk's."""
    if not actor.position_ids:
        return []
    if Role.SECRETARY in actor.roles:
        changed = db.session.scalars(_changed_posts(), {"today": on}).all()
        rows = db.session.execute(_unconfirmed_of_posts(), asked_by(actor, on) | {"ids": changed}).all() if changed else []
    else:
        rows = db.session.execute(_unconfirmed_of_desk(), asked_by(actor, on)).all()
    # somebody may hold a post by two decrees at once: one line for both
    return list(dict.fromkeys(_line(row, actor) for row in rows))


def _line(row: Row[Any], actor: Actor) -> Unconfirmed:
    has_former = row.former_until is not None
    return Unconfirmed(
        sheet_id=row.id,
        name=post_name(row.title, row.area),
        year=row.year,
        state=row.state,
        holder=acting_title(row.kind, row.holder),
        former=acting_title(row.former_kind, row.former) if has_former else "",
        since=max(row.starts_on, row.former_until + timedelta(days=1)) if has_former else row.starts_on,
        is_mine=row.employee_id == actor.employee_id and row.position_id in actor.position_ids,
    )
