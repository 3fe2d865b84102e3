"""What was verified of the year's indicators: by their words, so that a later revision finds what an earlier one reported."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select

from iki_portal.cascade.queries import RowLine
from iki_portal.domain.cascade import RowKey
from iki_portal.domain.measurement import Achievement, Realised, measure_quarter, year_value
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import REPORTED, ReportState
from iki_portal.domain.realised import ReportedRow, realised_of
from iki_portal.domain.rollup import Contribution
from iki_portal.domain.targets import Aggregation, targets_of
from iki_portal.extensions import db
from iki_portal.models import Indicator, RealisationReport
from iki_portal.models.parameters import IDS
from iki_portal.realisation.queries import figures_in
from iki_portal.realisation.windows import Measuring


@dataclass(frozen=True, slots=True)
class Reported:
    """One verified figure, with the indicator as it was when it was reported: its target was the one then in force."""

    indicator: Indicator
    row: ReportedRow

    @property
    def realised(self) -> Realised | None:
        return realised_of(self.indicator, self.row)


@dataclass(frozen=True, slots=True)
class YearFigures:
    rows: Mapping[RowKey, Mapping[int, Reported]] = field(default_factory=dict)
    #: (post, quarter) → how far its report is; none where nobody sent one.
    states: Mapping[tuple[int, int], ReportState] = field(default_factory=dict)

    @property
    def newest_quarter(self) -> int | None:
        """The last quarter of which anything is verified."""
        return max((quarter for (_, quarter), state in self.states.items() if state is ReportState.VERIFIED), default=None)

    def achievement(self, key: RowKey, quarter: int, measuring: Measuring) -> Achievement | None:
        """Of the quarter, against the target then in force; None where nothing of the row was verified."""
        found = self.rows.get(key, {}).get(quarter)
        if found is None:
            return None
        return measure_quarter(targets_of(found.indicator), quarter, found.realised, cap=measuring.cap)

    def contribution(self, row: RowLine, quarter: int) -> Contribution:
        """What the row adds to its parents up to that quarter; nothing while the quarter itself is not verified."""
        return Contribution(row.key, row.unit_of_measure, row.aggregation, self._value(row, quarter), row.population)

    def _value(self, row: RowLine, quarter: int) -> Any:
        reported = self.rows.get(row.key, {})
        realised = reported[quarter].realised if quarter in reported else None
        if realised is None or row.aggregation is not Aggregation.SUM:
            return realised.value if realised else None
        so_far = [reported[each].realised if each in reported else None for each in QUARTERS if each <= quarter]
        return year_value(Aggregation.SUM, so_far).value


@cache
def _reports_query() -> Select[*tuple[Any, ...]]:
    return select(
        RealisationReport.id, RealisationReport.position_id, RealisationReport.quarter, RealisationReport.state
    ).where(
        RealisationReport.year == bindparam("year", type_=Integer),
        RealisationReport.position_id.in_(IDS),
        RealisationReport.state.in_(sorted(REPORTED)),
    )


@cache
def _indicators_query() -> Select[Any]:
    return select(Indicator).where(Indicator.id.in_(IDS))


def figures_of(year: int, post_ids: Collection[int]) -> YearFigures:
    """Three statements for any number of posts."""
    if not post_ids:
        return YearFigures()
    reports = db.session.execute(_reports_query(), {"year": year, "ids": sorted(post_ids)}).all()
    figures = figures_in(each.id for each in reports if each.state is ReportState.VERIFIED)
    ids = {key for rows in figures.values() for key in rows}
    indicators = {each.id: each for each in db.session.scalars(_indicators_query(), {"ids": sorted(ids)})} if ids else {}
    found: dict[RowKey, dict[int, Reported]] = defaultdict(dict)
    for report in reports:
        for indicator_id, row in figures.get(report.id, {}).items():
            indicator = indicators[indicator_id]
            found[RowKey(report.position_id, indicator.text_key)][report.quarter] = Reported(indicator, row)
    return YearFigures(found, {(each.position_id, each.quarter): each.state for each in reports})
