"""The rows behind the numbers: reports of a quarter, sheets of a year, indicators of a period; a page, or all for a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, case, exists, literal_column, null, select, true, union_all

from iki_portal.domain.measurement import Outcome, shown
from iki_portal.domain.office import post_name
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import ReportState
from iki_portal.domain.reports import REPORTED_STAGES, YEAR, SheetStage, Stage
from iki_portal.domain.results import Tally
from iki_portal.domain.scales import Band, Scale
from iki_portal.domain.units_of_measure import with_unit
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.sight import title_of_sheet, unit_of_sheet
from iki_portal.models import Indicator, IndicatorResult, Position, RealisationReport, ReportResult, Sheet, Unit
from iki_portal.organisation.queries import posts
from iki_portal.reports.counting import counts, is_first_or_in_force, tally_of
from iki_portal.reports.units import Scope

PAGE_SIZE = 25
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class PostLine:
    """What every list says of a row: whose it is."""

    sheet_id: int | None
    name: str
    unit_name: str
    #: Of today; empty while the post is vacant.
    holders: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    post: PostLine
    quarter: int
    stage: Stage
    at: datetime | None
    is_late: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class SheetLine:
    post: PostLine
    stage: SheetStage
    at: datetime | None


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    post: PostLine
    text: str
    unit_of_measure: str
    quarter: int
    outcome: Outcome
    realised: Decimal | None
    capped: Decimal | None
    fall: Decimal | None
    fell_in: int | None

    @property
    def fall_words(self) -> str:
        return shown(self.fall).removesuffix("%") if self.fall is not None else ""

    @property
    def realised_words(self) -> str:
        if self.realised is None:
            return ""
        return with_unit(shown(self.realised).removesuffix("%"), self.unit_of_measure)


@dataclass(frozen=True, slots=True)
class Some:
    """One page of a list."""

    lines: list[Any]
    page: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is asked for; a size of None is all of it."""

    page: int = 1
    size: int | None = PAGE_SIZE

    def of(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        return query if self.size is None else query.limit(self.size + 1).offset((self.page - 1) * self.size)

    def some(self, rows: Sequence[Any], lines: list[Any]) -> Some:
        return Some(lines, self.page, self.size is not None and len(rows) > self.size)


def _holders(rows: Sequence[Row[Any]], on: date) -> dict[int, str]:
    found = posts((row.position_id for row in rows), on=on) if rows else {}
    return {key: ", ".join(each.name for each in post.holders) for key, post in found.items()}


def _post(row: Row[Any], holders: dict[int, str]) -> PostLine:
    return PostLine(row.sheet_id, post_name(row.title, row.area), row.unit_name, holders.get(row.position_id, ""))


def _place(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """With the post and the unit of the sheet."""
    return query.join(Position, Position.id == Sheet.position_id).join(Unit, Unit.id == Position.unit_id)


def _words() -> tuple[Any, ...]:
    return (
        Sheet.id.label("sheet_id"),
        Sheet.position_id,
        title_of_sheet().label("title"),
        Position.area,
        unit_of_sheet().label("unit_name"),
    )


# Reports


def reports(year: int, scope: Scope, quarter: int, stage: Stage, *, on: date, part: Slice) -> Some:
    """Of that quarter those in that stage, in the order of the office; two statements."""
    if stage in (Stage.MISSING, Stage.NOT_YET):
        return unreported(year, scope, {quarter: stage}, on=on, part=part)
    state = next(state for state, each in REPORTED_STAGES.items() if each is stage)
    report = RealisationReport
    query = (
        _place(
            select(
                *_words(),
                *(report.quarter, report.state, report.submitted_at, report.verified_at, report.is_late),
                *(getattr(ReportResult, name) for name in ("indicators", "measured", "untargeted")),
                *(getattr(ReportResult, name) for name in ("uncomputable", "unreported", "capped_sum")),
            ).join(report, report.sheet_id == Sheet.id)
        )
        .outerjoin(ReportResult, ReportResult.report_id == report.id)
        .where(report.year == year, report.quarter == quarter, report.state == state, counts())
        .where(scope.covers(Position.unit_id))
        .order_by(Sheet.order, Sheet.revision)
    )
    rows = db.session.execute(part.of(query)).all()
    page = rows if part.size is None else rows[: part.size]
    holders = _holders(page, on)
    return part.some(rows, [_report_line(row, holders) for row in page])


def _report_line(row: Row[Any], holders: dict[int, str]) -> ReportLine:
    at = row.verified_at if row.state is ReportState.VERIFIED else row.submitted_at
    tally = tally_of(row) if row.indicators is not None else Tally()
    return ReportLine(_post(row, holders), row.quarter, REPORTED_STAGES[row.state], at, row.is_late, tally)


#: The four quarters as rows.
_QUARTERS = union_all(*(select(literal_column(str(each), Integer).label("quarter")) for each in QUARTERS)).subquery("quarters")


def unreported(year: int, scope: Scope, quarters: dict[int, Stage], *, on: date, part: Slice) -> Some:
    """Sheets in force of which nothing was sent in those quarters, the earliest quarter first; two statements."""
    mine = exists().where(
        RealisationReport.position_id == Sheet.position_id,
        RealisationReport.year == Sheet.year,
        RealisationReport.quarter == _QUARTERS.c.quarter,
        counts(),
    )
    query = (
        _place(select(*_words(), _QUARTERS.c.quarter).select_from(Sheet).join(_QUARTERS, true()))
        .where(Sheet.year == year, Sheet.state == State.APPROVED, ~Position.is_closed, scope.covers(Position.unit_id))
        .where(_QUARTERS.c.quarter.in_(sorted(quarters)), ~mine)
        .order_by(_QUARTERS.c.quarter, Sheet.order, Sheet.revision)
    )
    rows = db.session.execute(part.of(query)).all()
    page = rows if part.size is None else rows[: part.size]
    holders = _holders(page, on)
    lines = [ReportLine(_post(row, holders), row.quarter, quarters[row.quarter], None, False, Tally()) for row in page]
    return part.some(rows, lines)


# Sheets


def sheets(year: int, scope: Scope, stage: SheetStage, *, on: date, part: Slice) -> Some:
    """Posts whose sheet of the year is in that stage; two statements."""
    query = _without_sheet(year) if stage is SheetStage.WITHOUT else _in_state(year, State(stage.value))
    rows = db.session.execute(part.of(query.where(scope.covers(Position.unit_id)))).all()
    page = rows if part.size is None else rows[: part.size]
    holders = _holders(page, on)
    return part.some(rows, [SheetLine(_post(row, holders), stage, row.at) for row in page])


def _in_state(year: int, state: State) -> Select[*tuple[Any, ...]]:
    at = case((Sheet.state == State.APPROVED, Sheet.approved_at), else_=Sheet.changed_at).label("at")
    query = _place(select(*_words(), at)).where(Sheet.year == year, Sheet.state == state, is_first_or_in_force())
    return query.order_by(Sheet.order, Sheet.revision)


def _without_sheet(year: int) -> Select[*tuple[Any, ...]]:
    has = exists().where(Sheet.position_id == Position.id, Sheet.year == year)
    words = (Position.id.label("position_id"), Position.title, Position.area, Unit.name.label("unit_name"))
    query: Select[*tuple[Any, ...]] = (
        select(null().label("sheet_id"), *words, null().label("at"))
        .join(Unit, Unit.id == Position.unit_id)
        .where(Position.approver_id.is_not(None), ~Position.is_closed, ~has)
        .order_by(Position.order, Position.id)
    )
    return query


# Indicators


def indicators(
    year: int,
    scope: Scope,
    period: int,
    *,
    band: tuple[Scale, Band] | None = None,
    only_fallen: bool = False,
    on: date | None,
    part: Slice,
) -> Some:
    """Verified indicators of a quarter or of the year: what fell most first, or what achieved least.

    With today's holders where a day is given: a statement more.
    """
    outcome, realised, capped = _fallen_columns() if only_fallen else _columns(period)
    words = (outcome.label("outcome"), realised.label("realised"), capped.label("capped"))
    query = (
        _place(
            select(
                *_words(),
                *(Indicator.text, Indicator.unit_of_measure, *words),
                *(IndicatorResult.fall, IndicatorResult.fell_in),
            )
            .select_from(IndicatorResult)
            .join(Indicator, Indicator.id == IndicatorResult.indicator_id)
            .join(Sheet, Sheet.id == IndicatorResult.sheet_id)
        )
        .where(IndicatorResult.year == year, outcome.is_not(None), scope.covers(Position.unit_id))
        .order_by(*_order(capped, only_fallen=only_fallen))
    )
    if only_fallen:
        query = query.where(IndicatorResult.fall.is_not(None))
    if band is not None:
        query = query.where(_in_band(capped, *band))
    rows = db.session.execute(part.of(query)).all()
    page = rows if part.size is None else rows[: part.size]
    holders = _holders(page, on) if on is not None else {}
    return part.some(rows, [_indicator_line(row, period, holders) for row in page])


def _fallen_columns() -> tuple[Any, Any, Any]:
    """Of the quarter in which each of them fell."""
    quarters = [(quarter, _columns(quarter)) for quarter in QUARTERS]
    outcome, realised, capped = (
        case(*((IndicatorResult.fell_in == quarter, columns[place]) for quarter, columns in quarters)) for place in range(3)
    )
    return outcome, realised, capped


def _columns(period: int) -> tuple[Any, Any, Any]:
    names = ("year_outcome", "year_realised", "year_capped")
    if period != YEAR:
        names = (f"outcome_{period}", f"realised_{period}", f"capped_{period}")
    outcome, realised, capped = (getattr(IndicatorResult, name) for name in names)
    return outcome, realised, capped


def _order(capped: Any, *, only_fallen: bool) -> tuple[Any, ...]:
    if only_fallen:
        return (IndicatorResult.fall.desc(), IndicatorResult.indicator_id)
    return (case((capped.is_(None), 1), else_=0), capped, Sheet.order, IndicatorResult.indicator_id)


def _in_band(capped: Any, scale: Scale, band: Band) -> ColumnElement[bool]:
    """Rounded half up to a whole per cent it lies in that band."""
    place = scale.bands.index(band)
    floor = capped >= Decimal(band.lowest) - _HALF if place < len(scale.bands) - 1 else capped.is_not(None)
    return floor if place == 0 else and_(floor, capped < Decimal(scale.bands[place - 1].lowest) - _HALF)


def _indicator_line(row: Row[Any], period: int, holders: dict[int, str]) -> IndicatorLine:
    return IndicatorLine(
        _post(row, holders),
        row.text,
        row.unit_of_measure,
        period,
        row.outcome,
        row.realised,
        row.capped,
        row.fall,
        row.fell_in,
    )
