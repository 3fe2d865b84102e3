"""What every unit counts in a year, each figure in one statement, whatever the size of the office."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, and_, bindparam, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from iki_portal.domain.office import YearStage
from iki_portal.domain.quarters import Window
from iki_portal.domain.realisation import REPORTED, ReportState
from iki_portal.domain.reports import REPORTED_STAGES, YEAR, Figures, SheetStage, owe
from iki_portal.domain.results import Tally
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.models import (
    Indicator,
    PerformanceYear,
    Position,
    RealisationReport,
    ReportResult,
    Sheet,
    Statement,
    YearResult,
)
from iki_portal.reports.units import Scope

_OF_YEAR = bindparam("year", type_=Integer)
_TALLY = ("indicators", "measured", "untargeted", "uncomputable", "unreported", "capped_sum")
_other = aliased(RealisationReport, name="other_report")
_REPORTED = ", ".join(f"'{state.value}'" for state in sorted(REPORTED))


def is_reported(table: str = "realisation_report") -> ColumnElement[bool]:
    """Said as a literal, so that planners recognise the partial index of what was reported (models/realisation.py)."""
    return literal_column(f"{table}.state IN ({_REPORTED})", Boolean)


def counts() -> ColumnElement[bool]:
    """The report that speaks for its quarter: what was sent, and what was sent back while no other revision sent it."""
    report = RealisationReport
    elsewhere = (
        exists()
        .where(
            _other.position_id == report.position_id,
            _other.year == report.year,
            _other.quarter == report.quarter,
            is_reported("other_report"),
        )
        .correlate(report)
    )
    return or_(is_reported(), and_(report.state == ReportState.RETURNED, ~elsewhere))


def is_first_or_in_force() -> ColumnElement[bool]:
    return or_(Sheet.state == State.APPROVED, and_(Sheet.revision == 1, Sheet.state != State.SUPERSEDED))


def _of_open_posts() -> ColumnElement[int]:
    return func.sum(case((Position.is_closed, 0), else_=1)).label("open")


@cache
def _sheets() -> Select[*tuple[Any, ...]]:
    return (
        select(Position.unit_id, Sheet.state, func.count().label("number"), _of_open_posts())
        .join(Position, Position.id == Sheet.position_id)
        .where(Sheet.year == _OF_YEAR, is_first_or_in_force())
        .group_by(Position.unit_id, Sheet.state)
    )


@cache
def _posts() -> Select[*tuple[Any, ...]]:
    """Posts that ought to have a sheet."""
    return (
        select(Position.unit_id, func.count().label("number"))
        .where(Position.approver_id.is_not(None), ~Position.is_closed)
        .group_by(Position.unit_id)
    )


@cache
def _reports() -> Select[*tuple[Any, ...]]:
    report = RealisationReport
    return (
        select(Position.unit_id, report.quarter, report.state, func.count().label("number"), _of_open_posts())
        .join(Position, Position.id == report.position_id)
        .where(report.year == _OF_YEAR, counts())
        .group_by(Position.unit_id, report.quarter, report.state)
    )


@cache
def _results() -> Select[*tuple[Any, ...]]:
    sums = (func.sum(getattr(ReportResult, name)).label(name) for name in _TALLY)
    return (
        select(Position.unit_id, ReportResult.quarter.label("period"), *sums)
        .join(Position, Position.id == ReportResult.position_id)
        .where(ReportResult.year == _OF_YEAR)
        .group_by(Position.unit_id, ReportResult.quarter)
    )


@cache
def _years() -> Select[*tuple[Any, ...]]:
    sums = (func.sum(getattr(YearResult, name)).label(name) for name in _TALLY)
    return (
        select(Position.unit_id, YearResult.year, *sums)
        .join(Position, Position.id == YearResult.position_id)
        .where(YearResult.year.in_(bindparam("years", expanding=True)))
        .group_by(Position.unit_id, YearResult.year)
    )


@cache
def _indicators() -> Select[*tuple[Any, ...]]:
    return (
        select(Position.unit_id, func.count().label("number"))
        .select_from(Sheet)
        .join(Statement, Statement.sheet_id == Sheet.id)
        .join(Indicator, Indicator.statement_id == Statement.id)
        .join(Position, Position.id == Sheet.position_id)
        .where(Sheet.year == _OF_YEAR, Sheet.state == State.APPROVED)
        .group_by(Position.unit_id)
    )


def tally_of(row: Any) -> Tally:
    counted = {name: int(getattr(row, name)) for name in _TALLY[:-1]}
    return Tally(**counted, capped_sum=row.capped_sum)


def figures_of_units(year: PerformanceYear, windows: Mapping[int, Window], *, on: date) -> dict[int, Figures]:
    """Unit → what its own posts count; six statements."""
    found: dict[int, Figures] = defaultdict(Figures)
    asked = {"year": year.year}
    expected = _count_sheets(found, year, asked)
    reported: dict[int, Counter[int]] = defaultdict(Counter)
    for row in db.session.execute(_reports(), asked):
        found[row.unit_id].stages(row.quarter)[REPORTED_STAGES[row.state]] += row.number
        reported[row.unit_id][row.quarter] += row.open
    opened = frozenset(quarter for quarter, window in windows.items() if window.opens_on <= on)
    for unit_id, number in expected.items():
        owe(found[unit_id], number, reported[unit_id], opened)
    for row in db.session.execute(_results(), asked):
        found[row.unit_id].tallies[row.period] = tally_of(row)
    for row in db.session.execute(_years(), {"years": [year.year]}):
        found[row.unit_id].tallies[YEAR] = tally_of(row)
    for row in db.session.execute(_indicators(), asked):
        found[row.unit_id].indicators = row.number
    return found


def _count_sheets(found: dict[int, Figures], year: PerformanceYear, asked: dict[str, Any]) -> Counter[int]:
    """Sheets by their stage; returns how many of each unit owe reports."""
    expected: Counter[int] = Counter()
    with_sheet: Counter[int] = Counter()
    for row in db.session.execute(_sheets(), asked):
        found[row.unit_id].sheets[SheetStage(row.state.value)] += row.number
        with_sheet[row.unit_id] += row.open
        expected[row.unit_id] += row.open if row.state is State.APPROVED else 0
    if year.stage is not YearStage.CLOSED:  # posts that came later lack nothing in a year that is over
        for row in db.session.execute(_posts()):
            found[row.unit_id].sheets[SheetStage.WITHOUT] += max(row.number - with_sheet[row.unit_id], 0)
    return expected


def gathered(scopes: Sequence[Scope], by_unit: Mapping[int, Figures]) -> list[Figures]:
    """What each of the scopes counts."""
    found = []
    for scope in scopes:
        total = Figures()
        for unit_id in scope.unit_ids:
            if unit_id in by_unit:
                total.add(by_unit[unit_id])
        found.append(total)
    return found


def years_of_units(years: Sequence[int]) -> dict[int, dict[int, Tally]]:
    """Year → unit → what its own posts achieved; one statement for any number of years."""
    found: dict[int, dict[int, Tally]] = {year: {} for year in years}
    for row in db.session.execute(_years(), {"years": list(years)}):
        found[row.year][row.unit_id] = tally_of(row)
    return found
