"""Writing down the office's goals: the operator's acts. What is withdrawn counts no more and stays in the table."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import insert, select, update

from iki_portal.cascade.goals import PeriodLine, periods
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.goals import (
    LEVEL_WORDS,
    GoalLevel,
    GoalProposal,
    IkuProposal,
    PeriodProposal,
    check_goal,
    check_period,
    iku_problems,
)
from iki_portal.domain.numbers import format_number
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.models import CascadeLink, Goal, GoalPeriod, KeyIndicator, KeyIndicatorTarget

#: The version of what has not been written down yet.
NEW = 0
Row = TypeVar("Row", GoalPeriod, Goal, KeyIndicator)


class IkuRefused(Invalid):
    """Everything that is wrong with an IKU, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = dict(problems)


def write_period(row: PeriodLine | None, period: PeriodProposal, *, actor: Actor, seen: int, now: datetime) -> int:
    """Open a period, or change its name and years; returns its id. Raises `Invalid`, or `Outdated` for an old page."""
    demand_permission(actor, Permission.GOAL_WRITE)
    lock_head()  # one at a time: no two periods share a year
    others = [each.proposal for each in periods() if row is None or each.id != row.id]
    check_period(period, others, used=_used_years(row))
    values = {"name": period.name, "first_year": period.first_year, "last_year": period.last_year}
    if row is None:
        stored = _add(GoalPeriod(**values, changed_at=now, changed_by=actor.name))
        _note("add_period", period.first_year, f"{period.words}.", actor=actor, now=now)
        return stored.id
    _change(_held(GoalPeriod, row.id, seen), values, actor=actor, now=now)
    _note("change_period", period.first_year, f"{row.proposal.words} menjadi {period.words}.", actor=actor, now=now)
    return row.id


def _used_years(row: PeriodLine | None) -> list[int]:
    if row is None:
        return []
    query = (
        select(CascadeLink.year)
        .distinct()
        .join(KeyIndicator, KeyIndicator.id == CascadeLink.key_indicator_id)
        .join(Goal, Goal.id == KeyIndicator.goal_id)
        .where(Goal.period_id == row.id, CascadeLink.ended_at.is_(None))
    )
    return list(db.session.scalars(query))


def add_goal(period: PeriodLine, purpose: Goal | None, goal: GoalProposal, *, actor: Actor, now: datetime) -> int:
    """Write down a tujuan, or a sasaran under `purpose`; returns its id. What stands there already is not written again."""
    demand_permission(actor, Permission.GOAL_WRITE)
    lock_head()  # a form that is sent twice at once comes one after the other
    level = GoalLevel.PURPOSE if purpose is None else GoalLevel.OUTCOME
    check_goal(goal, level)
    if purpose is not None and (purpose.level is not GoalLevel.PURPOSE or purpose.period_id != period.id):
        raise Invalid("Sasaran berada di bawah sebuah tujuan periode ini.")
    values = {
        "period_id": period.id,
        "level": level,
        "superior_id": purpose.id if purpose else None,
        "order": goal.order,
        "text": goal.text,
    }
    if (standing := _standing(Goal, values)) is not None:
        return standing
    stored = _add(Goal(**values, changed_at=now, changed_by=actor.name))
    _note("add_goal", period.first_year, f"{LEVEL_WORDS[level]}: “{goal.text}”.", actor=actor, now=now)
    return stored.id


def change_goal(goal_id: int, goal: GoalProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Give it other words or another place; links and IKU under it stay."""
    demand_permission(actor, Permission.GOAL_WRITE)
    row = _held(Goal, goal_id, seen)
    check_goal(goal, row.level)
    note = f"{LEVEL_WORDS[row.level]}: “{row.text}” menjadi “{goal.text}”."
    _change(row, {"text": goal.text, "order": goal.order}, actor=actor, now=now)
    _note("change_goal", _first_year(row), note, actor=actor, now=now)


def withdraw_goal(goal_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """Let it count no more; raises `WrongState` while something stands under it."""
    demand_permission(actor, Permission.GOAL_WRITE)
    row = _held(Goal, goal_id, seen)
    beneath = (
        select(Goal.id).where(Goal.superior_id == goal_id, Goal.withdrawn_at.is_(None)),
        select(KeyIndicator.id).where(KeyIndicator.goal_id == goal_id, KeyIndicator.withdrawn_at.is_(None)),
    )
    if any(db.session.scalar(query.limit(1)) is not None for query in beneath):
        raise WrongState(f"{LEVEL_WORDS[row.level]} ini masih mempunyai sasaran atau IKU; cabut itu lebih dulu.")
    _change(row, {"withdrawn_at": now}, actor=actor, now=now)
    _note("withdraw_goal", _first_year(row), f"{LEVEL_WORDS[row.level]}: “{row.text}”.", actor=actor, now=now)


def add_iku(goal: Goal, iku: IkuProposal, *, actor: Actor, now: datetime) -> int:
    """Write down an IKU of a goal; returns its id. What stands there already is not written again.

    Raises `IkuRefused` with everything that is wrong.
    """
    demand_permission(actor, Permission.GOAL_WRITE)
    lock_head()
    period = _period_of(goal)
    _demand_right(iku, period)
    values = {"goal_id": goal.id, **_columns(iku)}
    if (standing := _standing(KeyIndicator, values)) is not None:
        return standing
    stored = _add(KeyIndicator(**values, changed_at=now, changed_by=actor.name))
    _store_targets(stored.id, iku.targets)
    _note("add_iku", period.first_year, f"{_said(iku)}.", actor=actor, now=now)
    return stored.id


def change_iku(iku_id: int, iku: IkuProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Give it other words, targets or another place; what supports it goes on supporting it."""
    demand_permission(actor, Permission.GOAL_WRITE)
    row = _held(KeyIndicator, iku_id, seen)
    goal = db.session.get_one(Goal, row.goal_id)
    _demand_right(iku, _period_of(goal))
    before = row.text
    _change(row, _columns(iku), actor=actor, now=now)
    _store_targets(iku_id, iku.targets)
    _note("change_iku", _first_year(goal), f"“{before}” menjadi {_said(iku)}.", actor=actor, now=now)


def withdraw_iku(iku_id: int, *, actor: Actor, seen: int, now: datetime) -> None:
    """Let it count no more. What supports it is named as broken: whoever owns that indicator links it anew."""
    demand_permission(actor, Permission.GOAL_WRITE)
    row = _held(KeyIndicator, iku_id, seen)
    goal = db.session.get_one(Goal, row.goal_id)
    _change(row, {"withdrawn_at": now}, actor=actor, now=now)
    _note("withdraw_iku", _first_year(goal), f"“{row.text}”.", actor=actor, now=now)


# What all of them do


def _columns(iku: IkuProposal) -> dict[str, Any]:
    return {
        "text": iku.text,
        "unit_of_measure": iku.unit_of_measure,
        "polarity": iku.polarity,
        "order": iku.order,
    }


def _said(iku: IkuProposal) -> str:
    """ "“Indeks merit” (nilai): 2026 280, 2027 290"."""
    targets = (f"{year} {format_number(target)}" for year, target in sorted(iku.targets.items()) if target is not None)
    return f"“{iku.text}” ({iku.unit_of_measure}): {', '.join(targets) or 'tanpa target'}"


def _demand_right(iku: IkuProposal, period: GoalPeriod) -> None:
    if problems := dict(iku_problems(iku, range(period.first_year, period.last_year + 1))):
        raise IkuRefused(problems)


def _store_targets(iku_id: int, targets: Mapping[int, Decimal | None]) -> None:
    table = KeyIndicatorTarget
    known = set(db.session.scalars(select(table.year).where(table.key_indicator_id == iku_id)))
    for year in sorted(known & targets.keys()):
        place = (table.key_indicator_id == iku_id) & (table.year == year)
        db.session.execute(update(table).where(place).values(target=targets[year]))
    new = [{"key_indicator_id": iku_id, "year": year, "target": targets[year]} for year in sorted(targets.keys() - known)]
    if new:
        db.session.execute(insert(table), new)


def _period_of(goal: Goal) -> GoalPeriod:
    return db.session.get_one(GoalPeriod, goal.period_id)


def _first_year(goal: Goal) -> int:
    return _period_of(goal).first_year


def _standing(model: type[Goal] | type[KeyIndicator], values: Mapping[str, Any]) -> int | None:
    """The id of one that says the same at the same place: the form came twice."""
    same = (getattr(model, name) == value for name, value in values.items())
    return db.session.scalar(select(model.id).where(*same, model.withdrawn_at.is_(None)).limit(1))


def _add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row


def _held(model: type[Row], row_id: int, seen: int) -> Row:
    """The row, which nobody else changes meanwhile; raises `Outdated` when it is no longer that of version `seen`."""
    row = db.session.get_one(model, row_id, with_for_update=True, populate_existing=True)
    if row.version != seen or getattr(row, "withdrawn_at", None) is not None:
        raise Outdated(f"Bagian ini sudah diubah {row.changed_by or 'orang lain'} sesudah halaman Anda dibuka.")
    return row


def _change(row: GoalPeriod | Goal | KeyIndicator, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    for name, value in {**values, "version": row.version + 1, "changed_at": now, "changed_by": actor.name}.items():
        setattr(row, name, value)
    db.session.flush()


def _note(action: str, year: int, note: str, *, actor: Actor, now: datetime) -> None:
    """Of no sheet: goals belong to the whole office. The year is the first of their period."""
    record(Act(action=action, year=year, at=now, note=note), operator_author(actor))
