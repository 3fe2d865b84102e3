"""The office's goals as everybody reads them: tujuan, sasaran, IKU with their targets, and who answers for each IKU."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select

from iki_portal.cascade.queries import PostLine, child_stands, places_of, post_lines
from iki_portal.domain.cascade import posts_above
from iki_portal.domain.errors import NotFound
from iki_portal.domain.goals import GoalLevel, PeriodProposal
from iki_portal.domain.targets import Polarity
from iki_portal.extensions import db
from iki_portal.models import CascadeLink, Goal, GoalPeriod, KeyIndicator, KeyIndicatorTarget
from iki_portal.models.columns import LARGEST_ID

NO_PERIOD = "Periode ini tidak ada."
NO_GOAL = "Tujuan atau sasaran ini tidak ada, atau sudah dicabut."
NO_IKU = "IKU ini tidak ada, atau sudah dicabut."
_PERIOD, _YEAR = bindparam("period", type_=Integer), bindparam("year", type_=Integer)


@dataclass(frozen=True, slots=True)
class PeriodLine:
    id: int
    name: str
    first_year: int
    last_year: int
    version: int

    @property
    def proposal(self) -> PeriodProposal:
        return PeriodProposal(self.name, self.first_year, self.last_year)

    @property
    def years(self) -> range:
        return self.proposal.years


@dataclass(slots=True)
class IkuLine:
    id: int
    goal_id: int
    text: str
    unit_of_measure: str
    polarity: Polarity
    order: int
    version: int
    targets: dict[int, Decimal | None] = field(default_factory=dict)


@dataclass(slots=True)
class GoalLine:
    id: int
    level: GoalLevel
    superior_id: int | None
    text: str
    order: int
    version: int
    ikus: list[IkuLine] = field(default_factory=list)
    outcomes: list["GoalLine"] = field(default_factory=list)


def periods() -> list[PeriodLine]:
    """Newest first."""
    rows = db.session.execute(select(GoalPeriod.__table__).order_by(GoalPeriod.first_year.desc()))
    return [PeriodLine(row.id, row.name, row.first_year, row.last_year, row.version) for row in rows]


def period_of(year: int) -> PeriodLine | None:
    return next((each for each in periods() if year in each.years), None)


def period(period_id: int) -> PeriodLine:
    """Raises `NotFound`."""
    found = next((each for each in periods() if each.id == period_id), None)
    if found is None:
        raise NotFound(NO_PERIOD)
    return found


@cache
def _goals_query() -> Select[*tuple[Any, ...]]:
    stands = (Goal.period_id == _PERIOD, Goal.withdrawn_at.is_(None))
    return select(Goal.__table__).where(*stands).order_by(Goal.order, Goal.id)


@cache
def _ikus_query() -> Select[*tuple[Any, ...]]:
    target = KeyIndicatorTarget
    return (
        select(KeyIndicator.__table__, target.year, target.target)
        .join(Goal, Goal.id == KeyIndicator.goal_id)
        .outerjoin(target, target.key_indicator_id == KeyIndicator.id)
        .where(Goal.period_id == _PERIOD, Goal.withdrawn_at.is_(None), KeyIndicator.withdrawn_at.is_(None))
        .order_by(KeyIndicator.order, KeyIndicator.id, target.year)
    )


def goals_of(period_id: int) -> list[GoalLine]:
    """The tujuan of a period with everything under them; two statements. What stands under a withdrawn one is not shown."""
    goals = {
        row.id: GoalLine(row.id, row.level, row.superior_id, row.text, row.order, row.version)
        for row in db.session.execute(_goals_query(), {"period": period_id})
    }
    ikus: dict[int, IkuLine] = {}
    for row in db.session.execute(_ikus_query(), {"period": period_id}):
        if row.id not in ikus:
            ikus[row.id] = IkuLine(row.id, row.goal_id, row.text, row.unit_of_measure, row.polarity, row.order, row.version)
            goals[row.goal_id].ikus.append(ikus[row.id])
        if row.year is not None:
            ikus[row.id].targets[row.year] = row.target
    for goal in goals.values():
        if goal.superior_id in goals:
            goals[goal.superior_id].outcomes.append(goal)
    return [goal for goal in goals.values() if goal.level is GoalLevel.PURPOSE]


def ikus_in(goals: list[GoalLine]) -> Iterator[IkuLine]:
    for goal in goals:
        yield from goal.ikus
        yield from ikus_in(goal.outcomes)


def bare_outcomes(goals: list[GoalLine]) -> list[GoalLine]:
    """Sasaran without an IKU."""
    return [outcome for goal in goals for outcome in goal.outcomes if not outcome.ikus]


def goal(goal_id: int) -> Goal:
    """Raises `NotFound` also for what was withdrawn."""
    found = db.session.get(Goal, goal_id) if 0 < goal_id <= LARGEST_ID else None
    if found is None or found.withdrawn_at is not None:
        raise NotFound(NO_GOAL)
    return found


def iku(iku_id: int) -> KeyIndicator:
    """Raises `NotFound` also for what was withdrawn."""
    found = db.session.get(KeyIndicator, iku_id) if 0 < iku_id <= LARGEST_ID else None
    if found is None or found.withdrawn_at is not None:
        raise NotFound(NO_IKU)
    return found


def iku_line(row: KeyIndicator) -> IkuLine:
    targets = select(KeyIndicatorTarget.year, KeyIndicatorTarget.target).where(KeyIndicatorTarget.key_indicator_id == row.id)
    found = {each.year: each.target for each in db.session.execute(targets)}
    return IkuLine(row.id, row.goal_id, row.text, row.unit_of_measure, row.polarity, row.order, row.version, found)


@cache
def _backers_query() -> Select[*tuple[Any, ...]]:
    return (
        select(CascadeLink.key_indicator_id, CascadeLink.position_id)
        .join(KeyIndicator, KeyIndicator.id == CascadeLink.key_indicator_id)
        .join(Goal, Goal.id == KeyIndicator.goal_id)
        .where(Goal.period_id == _PERIOD, CascadeLink.year == _YEAR, CascadeLink.ended_at.is_(None), child_stands())
        .order_by(CascadeLink.id)
    )


def backers(period_id: int, year: int) -> list[tuple[int, int]]:
    """(IKU, post) for each indicator that supports one in that year."""
    rows = db.session.execute(_backers_query(), {"period": period_id, "year": year})
    return [(row.key_indicator_id, row.position_id) for row in rows]


def owners_of(backing: list[tuple[int, int]], posts: dict[int, PostLine]) -> dict[int, list[str]]:
    """IKU → the posts that answer for it: those without a sheet above them."""
    places, found = places_of(posts), dict[int, list[str]]()
    for iku_id, post_id in backing:
        if not posts_above(post_id, places) and posts[post_id].name not in found.setdefault(iku_id, []):
            found[iku_id].append(posts[post_id].name)
    return found


def owners(period_id: int, year: int) -> dict[int, list[str]]:
    """The same for a page of goals alone; two statements."""
    backing = backers(period_id, year)
    return owners_of(backing, post_lines(post_id for _, post_id in backing) if backing else {})
