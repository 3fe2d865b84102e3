"""Opening a new performance year from the last one: every post begins with its texts, units and formulas as a draft."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from iki_portal.approvals.content import frozen_papers
from iki_portal.domain.dates import LAST_YEAR, office_day
from iki_portal.domain.drafts import IndicatorProposal, StatementProposal, cells_of
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.formulas import printed_formula
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.targets import QUARTER_FIELDS
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.history.operations import Act, Author, record
from iki_portal.indicators.answering import recount
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.models import Indicator, PerformanceYear, Position, Sheet, Statement
from iki_portal.organisation.operations import add_year

OPEN_ACTION = "open_year"


@dataclass(frozen=True, slots=True)
class Carried:
    """What each post begins the year with: how many sheets come from where."""

    in_force: int = 0
    in_preparation: int = 0
    empty: int = 0

    @property
    def total(self) -> int:
        return self.in_force + self.in_preparation + self.empty


def next_year() -> int | None:
    """The year that can be opened now: the one after the newest; None before the first one, and after the last."""
    newest = db.session.scalar(select(PerformanceYear.year).order_by(PerformanceYear.year.desc()).limit(1))
    return newest + 1 if newest is not None and newest < LAST_YEAR else None


def performance_years() -> list[PerformanceYear]:
    return list(db.session.scalars(select(PerformanceYear).order_by(PerformanceYear.year.desc())))


def carried_from(year: int) -> Carried:
    """What opening the year after `year` would carry over."""
    standing, posts = _standing(year), _posts()
    states = Counter(standing[post.id].state is State.APPROVED for post in posts if post.id in standing)
    return Carried(states[True], states[False], len(posts) - states.total())


def open_year(year: int, *, deadline: date | None, actor: Actor, now: datetime) -> Carried:
    """Create the year in its planning stage, with a draft for every post that has a route.

    A sheet in force is carried over as it was approved, its targets as last year's values; one that is still in preparation
    with its texts alone, because nobody agreed to its targets. Raises `Invalid` for a year that is not the next one or a
    deadline that is past, `Outdated` when somebody else has just opened it.
    """
    demand_permission(actor, Permission.YEAR_OPEN)
    if year != next_year():
        raise Outdated(f"Tahun {year} tidak dapat dibuka: mungkin baru saja dibuka orang lain, dan tahun dibuka berurutan.")
    if deadline is not None and deadline < office_day(now):
        raise Invalid("Tenggat sudah lewat; isi tanggal yang akan datang.")
    carried = carried_from(year - 1)
    try:
        with db.session.begin_nested():
            add_year(year, deadline=deadline)
    except IntegrityError as error:
        raise Outdated(f"Tahun {year} baru saja dibuka orang lain.") from error
    drafts = list(_drafts(year, actor=actor, now=now))
    db.session.add_all(drafts)
    db.session.flush()
    recount([draft.id for draft in drafts])
    note = f"{carried.total} draf dibuat: {carried.in_force} dari lembar yang berlaku pada {year - 1}."
    by = Author(actor.employee_id, actor.full_name or actor.name, acting_title="Operator")
    record(Act(action=OPEN_ACTION, year=year, at=now, note=note), by)
    return carried


def _posts() -> list[Position]:
    """Posts that have a sheet, in the order of the office."""
    return list(db.session.scalars(select(Position).where(Position.approver_id.is_not(None)).order_by(Position.order)))


def _standing(year: int) -> dict[int, Sheet]:
    """Each post's sheet of that year that begins the next: the one in force, or else the one in preparation."""
    query = select(Sheet).where(Sheet.year == year, Sheet.state.in_([State.APPROVED, *IN_PREPARATION]))
    found: dict[int, Sheet] = {}
    for sheet in db.session.scalars(query.order_by(Sheet.revision.desc())):
        if sheet.position_id not in found or sheet.state is State.APPROVED:
            found[sheet.position_id] = sheet
    return found


def _drafts(year: int, *, actor: Actor, now: datetime) -> Iterable[Sheet]:
    standing = _standing(year - 1)
    approved = frozen_papers([sheet.id for sheet in standing.values() if sheet.state is State.APPROVED])
    others = papers([sheet.id for sheet in standing.values() if sheet.id not in approved])
    for post in _posts():
        before = standing.get(post.id)
        rows: Iterable[StatementProposal] = ()
        if before is not None:
            is_agreed = before.id in approved
            rows = rows_on((approved if is_agreed else others)[before.id])
            rows = [_carried(row, year=year, is_agreed=is_agreed) for row in rows]
        yield Sheet(
            year=year,
            position_id=post.id,
            heading=before.heading if before else post.title.upper(),
            order=before.order if before else post.order,
            reviewer_id=post.reviewer_id,
            approver_id=post.approver_id,
            changed_at=now,
            changed_by=actor.name,
            statements=[_statement(row, number) for number, row in enumerate(rows, start=1)],
        )


def _statement(row: StatementProposal, number: int) -> Statement:
    indicators = [Indicator(order=place, **cells_of(each)) for place, each in enumerate(row.indicators, start=1)]
    return Statement(number=number, text=row.text, indicators=indicators)


def _carried(row: StatementProposal, *, year: int, is_agreed: bool) -> StatementProposal:
    return replace(row, indicators=tuple(_carried_row(each, year=year, is_agreed=is_agreed) for each in row.indicators))


def _carried_row(row: IndicatorProposal, *, year: int, is_agreed: bool) -> IndicatorProposal:
    """Texts, satuan and formula stay; last year's target becomes the value to start from, and a cut-off moves on by a year."""
    cells: dict[str, Any] = dict.fromkeys(("target", "target_upper", *QUARTER_FIELDS))
    cells |= {"baseline": row.target if is_agreed else None, "justification": ""}
    carried = replace(row, **cells, cut_off=row.cut_off.replace(str(year - 1), str(year)))
    return replace(carried, formula=printed_formula(carried, row))
