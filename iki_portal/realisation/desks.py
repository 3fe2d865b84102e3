"""Whose turn it is to verify a report, in SQL: the twin of `realisation.verifying_desk`, tested against it; own quarters."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import REPORTED, ReportState
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by
from iki_portal.indicators.sight import SeenSheet, sheets_where, title_of_sheet, unit_of_sheet
from iki_portal.models import Assignment, Attachment, Position, RealisationEntry, RealisationReport, Sheet, Unit
from iki_portal.models.parameters import HELD, IDS, OWN, PERSON
from iki_portal.organisation.queries import in_force
from iki_portal.realisation.queries import SeenReport, report_columns, reporters_of, seen_report

PAGE_SIZE = 25
_MOST_OWN = 20
#: Said as a literal, so that the planner recognises the partial index of what waits (models/realisation.py).
_SUBMITTED = RealisationReport.state.expression == literal_column(f"'{ReportState.SUBMITTED.value}'")


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """A report that the reader may verify now."""

    sheet_id: int
    quarter: int
    year: int
    revision: int
    name: str
    unit_name: str
    submitted_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class WaitingReports:
    reports: list[WaitingReport]
    has_next: bool


def reports_to_verify(*, actor: Actor, on: date, size: int = PAGE_SIZE, page: int = 1) -> WaitingReports:
    """Oldest first; whoever acts for no post has none."""
    if not actor.mandates:
        return WaitingReports([], has_next=False)
    facts = {**asked_by(actor, on), "limit": size + 1, "offset": (page - 1) * size}
    rows = db.session.execute(_to_verify(), facts).all()
    found = [
        WaitingReport(
            row.sheet_id,
            row.quarter,
            row.year,
            row.revision,
            post_name(row.title, row.area),
            row.unit_name,
            row.submitted_at,
            row.is_late,
        )
        for row in rows[:size]
    ]
    return WaitingReports(found, len(rows) > size)


@cache
def _to_verify() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(RealisationReport.sheet_id, RealisationReport.quarter, RealisationReport.year, RealisationReport.is_late),
            *(RealisationReport.submitted_at, Sheet.revision, Position.area),
            title_of_sheet().label("title"),
            unit_of_sheet().label("unit_name"),
        )
        .join(Sheet, Sheet.id == RealisationReport.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(_SUBMITTED, _is_turn())
        .order_by(RealisationReport.submitted_at, RealisationReport.id)
        .limit(bindparam("limit", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )


def _is_turn() -> ColumnElement[bool]:
    """The reader holds the first post of the route that is not barred, and is not barred themselves."""
    reviewer, approver = Sheet.reviewer_id.expression, Sheet.approver_id.expression
    above = select(Position.superior_id).where(Position.id == Sheet.approver_id).correlate(Sheet).scalar_subquery()
    past_the_reviewer = or_(reviewer.is_(None), _every_holder_barred(reviewer))
    turn = or_(
        reviewer.in_(HELD),
        and_(approver.in_(HELD), past_the_reviewer),
        and_(above.in_(HELD), past_the_reviewer, _every_holder_barred(approver)),
    )
    return and_(turn, Sheet.position_id.not_in(OWN), ~_reported_by(PERSON))


def verifying_post() -> ColumnElement[int]:
    """The post at which a submitted report lies today: the twin of `realisation.verifying_desk`, in SQL."""
    reviewer, approver = Sheet.reviewer_id.expression, Sheet.approver_id.expression
    above = select(Position.superior_id).where(Position.id == Sheet.approver_id).correlate(Sheet).scalar_subquery()
    return case(
        (and_(reviewer.is_not(None), _every_holder_barred(reviewer).is_not(true())), reviewer),
        (or_(_every_holder_barred(approver).is_not(true()), above.is_(None)), approver),
        else_=above,
    )


def _reported_by(person: Any) -> ColumnElement[bool]:
    """`person` wrote a figure, added evidence or submitted the report."""
    wrote = exists().where(RealisationEntry.report_id == RealisationReport.id, RealisationEntry.author_id == person)
    added = exists().where(Attachment.report_id == RealisationReport.id, Attachment.author_id == person)
    return or_(RealisationReport.submitted_by_id == person, wrote, added)


def _every_holder_barred(post_id: Any) -> ColumnElement[bool]:
    """Somebody holds the post, and every holder owns the sheet or reported; a vacant post bars nobody."""
    holder, own = aliased(Assignment), aliased(Assignment)
    owns = (
        exists()
        .where(own.employee_id == holder.employee_id, own.position_id == Sheet.position_id, in_force(own))
        .correlate(Sheet, holder)
    )
    wrote, added = aliased(RealisationEntry), aliased(Attachment)
    reported = or_(
        RealisationReport.submitted_by_id == holder.employee_id,
        exists()
        .where(wrote.report_id == RealisationReport.id, wrote.author_id == holder.employee_id)
        .correlate(RealisationReport, holder),
        exists()
        .where(added.report_id == RealisationReport.id, added.author_id == holder.employee_id)
        .correlate(RealisationReport, holder),
    )
    everyone = select(func.min(case((or_(owns, reported), 1), else_=0))).where(holder.position_id == post_id, in_force(holder))
    return everyone.correlate(Sheet, RealisationReport).scalar_subquery() == 1


def own_in_force(*, actor: Actor, on: date) -> list[SeenSheet]:
    """The sheets in force of the posts that this person acts for, newest year first."""
    if not actor.position_ids:
        return []
    held = Sheet.position_id.in_(sorted(actor.position_ids))
    found = sheets_where(held, Sheet.state == State.APPROVED, on=on, limit=_MOST_OWN)
    return sorted(found, key=lambda each: (-each.year, each.order))


@cache
def _reports_of_posts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *report_columns(), RealisationReport.sheet_id, RealisationReport.position_id, RealisationReport.year, Sheet.revision
        )
        .join(Sheet, Sheet.id == RealisationReport.sheet_id)
        .where(RealisationReport.position_id.in_(IDS))
        .order_by(RealisationReport.quarter, Sheet.revision)
    )


def quarters_of(sheets: Sequence[SeenSheet]) -> dict[int, dict[int, SeenReport]]:
    """Sheet → quarter → its report; two statements for any number of sheets."""
    if not sheets:
        return {}
    rows = db.session.execute(_reports_of_posts(), {"ids": sorted({each.position_id for each in sheets})}).all()
    reporters = reporters_of([row.id for row in rows if row.state is ReportState.SUBMITTED])
    by_place: dict[tuple[int, int, int], list[Any]] = defaultdict(list)
    for row in rows:
        by_place[row.position_id, row.year, row.quarter].append(row)
    found: dict[int, dict[int, SeenReport]] = {}
    for sheet in sheets:
        found[sheet.id] = {}
        for quarter in QUARTERS:
            here = by_place[sheet.position_id, sheet.year, quarter]
            own = next((row for row in here if row.sheet_id == sheet.id), None)
            other = next((row for row in here if row.sheet_id != sheet.id and row.state in REPORTED), None)
            found[sheet.id][quarter] = seen_report(quarter, own, other, reporters)
    return found
