"""Achievement over the years: a row a unit, a column a year. Units are those of today; a post's past goes with its unit."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from iki_portal.domain.reports import NOT_MEASURED
from iki_portal.domain.results import Tally
from iki_portal.domain.scales import SCALES
from iki_portal.extensions import db
from iki_portal.models import PerformanceYear
from iki_portal.realisation.windows import Measuring, windows_for
from iki_portal.reports.counting import years_of_units
from iki_portal.reports.dashboard import achieved, is_year_over
from iki_portal.reports.units import MOST_ROWS, Office, Scope
from iki_portal.web.labels import Label

MOST_YEARS = 6
_NOTHING = Label("Belum ada yang terverifikasi", "neutral", "dash-circle")
_UNMEASURED = Label(NOT_MEASURED, "neutral", "dash-circle")
#: The drawing's upper edge, in per cent.
_TOP = Decimal(120)


@dataclass(frozen=True, slots=True)
class YearCell:
    year: int
    label: Label
    percentage: str
    measured: int
    mean: Decimal | None
    #: Of a drawing 120 high.
    height: str = "0"


@dataclass(frozen=True, slots=True)
class TrendRow:
    scope: Scope
    cells: tuple[YearCell, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    scope: Scope
    years: list[int]
    total: TrendRow
    rows: list[TrendRow]
    page: int
    has_next: bool


def measured_years() -> dict[int, Measuring]:
    """The last years, oldest first, each with its scale."""
    query = select(PerformanceYear.year, PerformanceYear.scale, PerformanceYear.achievement_cap)
    rows = db.session.execute(query.order_by(PerformanceYear.year.desc()).limit(MOST_YEARS)).all()
    return {row.year: Measuring(SCALES[row.scale], row.achievement_cap) for row in reversed(rows)}


def trend(office: Office, scope: Scope, *, on: date, page: int | None = 1) -> Trend:
    """Three statements for any number of units; parts and years of which nothing is verified are left out."""
    measuring = measured_years()
    by_year = years_of_units(list(measuring))
    years = [year for year, found in by_year.items() if found]
    over = {year for year, windows in windows_for(years).items() if is_year_over(windows, on)}
    whole, *parts = (_row(each, by_year, measuring, years, over) for each in (scope, *office.parts(scope)))
    filled = [row for row in parts if any(cell.measured for cell in row.cells)]
    start = 0 if page is None else (page - 1) * MOST_ROWS
    rows = filled if page is None else filled[start : start + MOST_ROWS]
    return Trend(scope, years, whole, rows, page or 1, page is not None and len(filled) > start + MOST_ROWS)


def _row(
    scope: Scope,
    by_year: Mapping[int, Mapping[int, Tally]],
    measuring: Mapping[int, Measuring],
    years: Sequence[int],
    over: Container[int],
) -> TrendRow:
    cells = []
    for year in years:
        units = by_year[year]
        found = sum((units[each] for each in scope.unit_ids if each in units), Tally())
        cells.append(_cell(year, found, measuring[year], is_over=year in over))
    return TrendRow(scope, tuple(cells))


def _cell(year: int, found: Tally, measuring: Measuring, *, is_over: bool) -> YearCell:
    said = achieved(found, measuring, is_running=not is_over)
    if said is None or found.mean is None:
        return YearCell(year, _UNMEASURED if found.indicators else _NOTHING, "", 0, None)
    label, percentage = said
    return YearCell(year, label, percentage, found.measured, found.mean, f"{min(found.mean, _TOP):.2f}")
