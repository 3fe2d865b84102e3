"""The figures of verified reports, kept for dashboards and recapitulations.

They are written in the transaction that verifies a report, and taken back in the one that opens it for correction.
`iki audit verify` computes them anew (realisation/verifying.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, delete, exists, insert, select

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain.checks import text_key
from iki_portal.domain.measurement import Achievement, measure_quarter, measure_year
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import ReportState
from iki_portal.domain.realised import NOTHING_REPORTED, ReportedRow, realised_of
from iki_portal.domain.results import cut, fall, kept, tally
from iki_portal.domain.targets import targets_of
from iki_portal.extensions import Base, db
from iki_portal.indicators.papers import papers
from iki_portal.models import IndicatorResult, PerformanceYear, RealisationReport, ReportResult, Sheet, YearResult
from iki_portal.models.parameters import IDS
from iki_portal.realisation.queries import figures_in

_AT_ONCE = 200
#: What is kept, each with the column that makes its rows apart.
TABLES: tuple[tuple[type[Base], str], ...] = (
    (ReportResult, "report_id"),
    (YearResult, "position_id"),
    (IndicatorResult, "indicator_id"),
)

Kept = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """A verified report with what its sheet asks for and what was reported."""

    row: Row[Any]
    paper: Paper
    figures: Mapping[int, ReportedRow]


class Wanted(NamedTuple):
    """The rows that ought to be kept of some posts in a year, in the order of `TABLES`."""

    reports: list[Kept]
    years: list[Kept]
    indicators: list[Kept]


def follow(year: int, position_ids: Collection[int]) -> None:
    """Keep of those posts what their verified reports of the year come to now; what stands rightly is not touched."""
    for (table, key), wanted in zip(TABLES, wanted_of(year, position_ids), strict=True):
        standing = kept_of(table, key, year, position_ids)
        new = {row[key]: row for row in wanted}
        gone = [each for each, row in standing.items() if new.get(each) != row]
        if gone:
            column = getattr(table, key)
            where = [column.in_(gone)] + ([YearResult.year == year] if table is YearResult else [])
            db.session.execute(delete(table).where(*where).execution_options(synchronize_session=False))
        if added := [row for each, row in new.items() if standing.get(each) != row]:
            db.session.execute(insert(table), added)


def follow_missing() -> int:
    """Keep what reports come to that were verified before there was a place for it; returns of how many posts' years."""
    lacking = ~exists().where(ReportResult.report_id == RealisationReport.id)
    query = (
        select(RealisationReport.year, RealisationReport.position_id)
        .where(RealisationReport.state == ReportState.VERIFIED, lacking)
        .distinct()
        .order_by(RealisationReport.year, RealisationReport.position_id)
    )
    by_year: dict[int, list[int]] = defaultdict(list)
    for row in db.session.execute(query):
        by_year[row.year].append(row.position_id)
    for year, ids in by_year.items():
        for start in range(0, len(ids), _AT_ONCE):
            follow(year, ids[start : start + _AT_ONCE])
    return sum(map(len, by_year.values()))


def kept_of(table: type[Base], key: str, year: int, position_ids: Collection[int]) -> dict[int, Kept]:
    """Key → the row that is kept."""
    columns = table.__table__.columns
    query = select(*columns).where(columns["year"] == year, columns["position_id"].in_(sorted(position_ids)))
    return {row[key]: dict(row) for row in db.session.execute(query).mappings()}


def wanted_of(year: int, position_ids: Collection[int]) -> Wanted:
    """Computed from the reports themselves; five statements for any number of posts."""
    by_post: dict[int, list[Verified]] = defaultdict(list)
    for each in _verified(year, position_ids):
        by_post[each.row.position_id].append(each)
    cap = db.session.scalar(select(PerformanceYear.achievement_cap).where(PerformanceYear.year == year)) if by_post else None
    wanted = Wanted([], [], [])
    for reports in by_post.values():
        assert cap is not None  # noqa: S101  # a report's year is one
        for rows, more in zip(wanted, _of_post(reports, cap), strict=True):
            rows.extend(more)
    return wanted


@cache
def _reports() -> Select[*tuple[Any, ...]]:
    columns = ("id", "sheet_id", "position_id", "year", "quarter", "content_hash")
    return (
        select(*(getattr(RealisationReport, name) for name in columns), Sheet.revision)
        .join(Sheet, Sheet.id == RealisationReport.sheet_id)
        .where(
            RealisationReport.year == bindparam("year"),
            RealisationReport.position_id.in_(IDS),
            RealisationReport.state == ReportState.VERIFIED,
        )
        .order_by(RealisationReport.position_id, RealisationReport.quarter)
    )


def _verified(year: int, position_ids: Collection[int]) -> list[Verified]:
    rows = db.session.execute(_reports(), {"year": year, "ids": sorted(position_ids)}).all()
    if not rows:
        return []
    written, figures = papers(sorted({row.sheet_id for row in rows})), figures_in([row.id for row in rows])
    return [Verified(row, written[row.sheet_id], figures.get(row.id, {})) for row in rows]


def _of_post(reports: Sequence[Verified], cap: Decimal) -> Wanted:
    """All of one post's year. `reports` are its verified quarters, in their order."""
    newest = max(reports, key=lambda each: each.row.revision)
    kept_rows = {each.row.id: _quarter(each, cap) for each in reports}
    rows: dict[int, dict[int, tuple[ReportedRow, Achievement]]] = {_key(each): {} for each in indicators_of(newest.paper)}
    homes = dict.fromkeys(rows, newest.row.sheet_id)
    for each in reports:
        same = same_rows(each.paper, newest.paper) if each.row.sheet_id != newest.row.sheet_id else {}
        for key, found in kept_rows[each.row.id].items():
            home = same.get(key, key)
            rows.setdefault(home, {})[each.row.quarter] = (each.figures.get(key, NOTHING_REPORTED), found)
            homes.setdefault(home, each.row.sheet_id)
    year = {_key(each): _year(each, rows[_key(each)], cap) for each in indicators_of(newest.paper)}
    head = {"position_id": newest.row.position_id, "year": newest.row.year}
    return Wanted(
        [_report_row(each, kept_rows[each.row.id].values()) for each in reports],
        [{**head, "sheet_id": newest.row.sheet_id, **_span(reports), **_columns(year.values())}],
        [{**head, "sheet_id": homes[key], **_indicator_row(key, quarters, year.get(key))} for key, quarters in rows.items()],
    )


def _quarter(each: Verified, cap: Decimal) -> dict[int, Achievement]:
    """Indicator → what it achieved in that quarter, against the target then in force."""
    return {
        _key(indicator): measure_quarter(
            targets_of(indicator),
            each.row.quarter,
            realised_of(indicator, each.figures.get(_key(indicator), NOTHING_REPORTED)),
            cap=cap,
        )
        for indicator in indicators_of(each.paper)
    }


def _year(indicator: PaperIndicator, quarters: Mapping[int, tuple[ReportedRow, Achievement]], cap: Decimal) -> Achievement:
    realised = [realised_of(indicator, quarters[quarter][0]) if quarter in quarters else None for quarter in QUARTERS]
    return measure_year(targets_of(indicator), realised, cap=cap).achievement


def _report_row(each: Verified, achieved: Iterable[Achievement]) -> Kept:
    row = each.row
    head = {"report_id": row.id, "sheet_id": row.sheet_id, "position_id": row.position_id, "year": row.year}
    return {**head, "quarter": row.quarter, "content_hash": row.content_hash, **_columns(achieved)}


def _span(reports: Sequence[Verified]) -> Kept:
    return {"quarters": len(reports), "last_quarter": reports[-1].row.quarter}


def _columns(achieved: Iterable[Achievement]) -> Kept:
    found = tally(achieved)
    return {name: getattr(found, name) for name in type(found).__slots__}


def _indicator_row(key: int, quarters: Mapping[int, tuple[ReportedRow, Achievement]], year: Achievement | None) -> Kept:
    row: Kept = {"indicator_id": key}
    for quarter in QUARTERS:
        found = _achieved(quarters[quarter][1] if quarter in quarters else None)
        row |= {f"{name}_{quarter}": value for name, value in found.items()}
    fell = fall({quarter: cut(each.capped) for quarter, (_, each) in quarters.items() if each.capped is not None})
    row |= {f"year_{name}": value for name, value in _achieved(year).items()}
    return row | {"fall": fell.points if fell else None, "fell_in": fell.quarter if fell else None}


def _achieved(found: Achievement | None) -> Kept:
    if found is None:
        return {"outcome": None, "realised": None, "capped": None}
    return {"outcome": found.outcome, "realised": kept(found.realised), "capped": kept(found.capped)}


def _key(indicator: PaperIndicator) -> int:
    return indicator.id or 0


def indicators_of(paper: Paper) -> Iterable[PaperIndicator]:
    return (each for statement in paper.statements for each in statement.indicators)


def same_rows(former: Paper, paper: Paper) -> dict[int, int]:
    """Indicator of the former revision → indicator of this one with the same words; none where two have them."""
    here, there = _by_words(paper), _by_words(former)
    return {there[words]: here[words] for words in there.keys() & here.keys()}


def _by_words(paper: Paper) -> dict[str, int]:
    keys = [(text_key(each.text), _key(each)) for each in indicators_of(paper)]
    words = [key for key, _ in keys]
    return {key: each for key, each in keys if words.count(key) == 1}
