"""What the reports show, as tables for files: the same rows under the same filter, and the recapitulation of a year."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any

from sqlalchemy import Integer, Select, bindparam, or_, select

from iki_portal.documents.cells import Cell, Column
from iki_portal.domain.dates import office_day
from iki_portal.domain.measurement import OUTCOME_WORDS, Outcome
from iki_portal.domain.office import post_name
from iki_portal.domain.quarters import QUARTERS, Window
from iki_portal.domain.reports import STAGE_WORDS, YEAR
from iki_portal.domain.results import cut
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import State, revision_name
from iki_portal.extensions import db
from iki_portal.indicators.sight import title_of_sheet, unit_of_sheet
from iki_portal.models import Indicator, IndicatorResult, Position, Sheet, Statement, Unit
from iki_portal.realisation.windows import Measuring
from iki_portal.reports.dashboard import RUNNING, Dashboard, Row, is_year_over
from iki_portal.reports.lists import IndicatorLine, ReportLine, SheetLine
from iki_portal.reports.trend import Trend
from iki_portal.reports.units import Scope
from iki_portal.reports.waiting import WaitingLine
from iki_portal.web.labels import REPORT_LABELS, SHEET_STAGE_LABELS, STATE_LABELS

_ROWS_AT_ONCE = 1000
_POST = (Column("Jabatan", 34), Column("Pemegang", 30), Column("Unit kerja", 30))


@dataclass(frozen=True, slots=True)
class Table:
    #: Of the worksheet; at most 31 letters.
    name: str
    #: On every printed page, and the file's name.
    title: str
    year: int
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def period_word(period: int) -> str:
    return "tahun" if period == YEAR else QUARTER_WORDS[period - 1]


def dashboard_table(found: Dashboard) -> Table:
    columns = (
        *(Column("Unit kerja", 40), Column("Periode", 14)),
        *(Column(label.word, 12) for label in SHEET_STAGE_LABELS.values()),
        *(Column(word, 13) for word in STAGE_WORDS.values()),
        *(Column("Capaian (%)", 12), Column("Kategori", 16)),
        *(Column("Indikator terukur", 12), Column("Indikator seluruhnya", 12)),
    )
    title = f"Dasbor {found.year.year} {found.scope.name}"
    rows = (line for row in (found.total, *found.rows) for line in _dashboard_rows(row))
    return Table(f"Dasbor {found.year.year}", title, found.year.year, columns, rows)


def _dashboard_rows(row: Row) -> Iterator[tuple[Cell, ...]]:
    for cell in row.cells:
        is_year = cell.period == YEAR
        sheets: list[Cell] = [row.figures.sheets[stage] if is_year else None for stage in SHEET_STAGE_LABELS]
        counted = row.figures.stages(cell.period) if not is_year else {}
        stages: list[Cell] = [counted[stage] if not is_year else None for stage in STAGE_WORDS]
        mean = cut(cell.mean) if cell.mean is not None else None
        yield (
            *(row.scope.name, period_word(cell.period), *sheets, *stages),
            *(mean, cell.label.word, cell.measured, cell.indicators),
        )


def _whose(line: Any) -> tuple[Cell, ...]:
    return (line.post.name, line.post.holders or "(kosong)", line.post.unit_name)


def reports_table(lines: Iterable[ReportLine], *, year: int, title: str) -> Table:
    columns = (
        *(*_POST, Column("Triwulan", 14), Column("Keadaan", 20), Column("Sejak", 18), Column("Terlambat", 11)),
        *(Column("Capaian (%)", 12), Column("Indikator terukur", 12)),
    )
    rows = (
        (
            *(*_whose(each), QUARTER_WORDS[each.quarter - 1], STAGE_WORDS[each.stage]),
            *(office_day(each.at) if each.at else None, "Ya" if each.is_late else ""),
            *((cut(each.tally.mean), each.tally.measured) if each.tally.mean is not None else (None, None)),
        )
        for each in lines
    )
    return Table("Laporan", title, year, columns, rows)


def sheets_table(lines: Iterable[SheetLine], *, year: int, title: str) -> Table:
    columns = (*_POST, Column("Status", 16), Column("Sejak", 18))
    rows = ((*_whose(each), SHEET_STAGE_LABELS[each.stage].word, office_day(each.at) if each.at else None) for each in lines)
    return Table("Lembar", title, year, columns, rows)


def indicators_table(lines: Iterable[IndicatorLine], measuring: Measuring, *, year: int, title: str) -> Table:
    columns = (
        *(Column("Indikator kinerja", 48), *_POST, Column("Periode", 14), Column("Realisasi", 14), Column("Satuan", 12)),
        *(Column("Capaian (%)", 12), Column("Kategori", 16), Column("Turun (poin)", 12), Column("Turun pada", 14)),
    )
    rows = (
        (
            *(each.text, *_whose(each), period_word(each.quarter), each.realised, each.unit_of_measure),
            *(each.capped, band_word(each.outcome, each.capped, measuring), each.fall),
            QUARTER_WORDS[each.fell_in - 1] if each.fell_in else "",
        )
        for each in lines
    )
    return Table("Capaian indikator", title, year, columns, rows)


def band_word(outcome: Outcome, capped: Decimal | None, measuring: Measuring) -> str:
    return OUTCOME_WORDS[outcome] if capped is None else measuring.scale.band(capped).word


def waiting_table(lines: Iterable[WaitingLine], *, year: int, title: str) -> Table:
    columns = (
        *(Column("Ditunggu", 40), Column("Jabatan", 34), Column("Unit kerja", 30)),
        *(Column("Yang menunggu", 18), Column("Keadaan", 20), Column("Sejak", 18)),
    )
    rows = (
        (
            *(each.who, each.name, each.unit_name),
            QUARTER_WORDS[each.quarter - 1] if each.quarter else "Lembar",
            STATE_LABELS[each.state].word if isinstance(each.state, State) else REPORT_LABELS[each.state].word,
            office_day(each.since),
        )
        for each in lines
    )
    return Table("Menunggu", title, year, columns, rows)


def trend_table(found: Trend) -> Table:
    columns = (Column("Unit kerja", 40), *(Column(f"Capaian {year} (%)", 14) for year in found.years))
    rows = (
        (row.scope.name, *(cut(each.mean) if each.mean is not None else None for each in row.cells))
        for row in (found.total, *found.rows)
    )
    return Table("Tren", f"Tren capaian {found.scope.name}", max(found.years, default=2000), columns, rows)


# The recapitulation


RECAP_COLUMNS = (
    *(Column("Kode jabatan", 16), Column("Jabatan", 34), Column("Unit kerja", 28), Column("Revisi", 16)),
    *(Column("No", 6), Column("Indikator kinerja", 48), Column("Satuan", 12), Column("Target tahun", 14)),
    *(
        column
        for word in ("TW I", "TW II", "TW III", "TW IV", "tahun")
        for column in (Column(f"Realisasi {word}", 14), Column(f"Capaian {word} (%)", 14))
    ),
    Column("Kategori tahun", 16),
)
UNVERIFIED = "Belum terverifikasi"


@cache
def _recap() -> Select[*tuple[Any, ...]]:
    names = (*(f"{name}_{quarter}" for quarter in QUARTERS for name in ("outcome", "realised", "capped")),)
    return (
        select(
            *(Position.code, title_of_sheet().label("title"), Position.area, unit_of_sheet().label("unit_name")),
            *(Sheet.revision, Statement.number, Indicator.order, Indicator.text, Indicator.unit_of_measure, Indicator.target),
            *(getattr(IndicatorResult, name) for name in (*names, "year_outcome", "year_realised", "year_capped")),
        )
        .select_from(Sheet)
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .join(Statement, Statement.sheet_id == Sheet.id)
        .join(Indicator, Indicator.statement_id == Statement.id)
        .outerjoin(IndicatorResult, IndicatorResult.indicator_id == Indicator.id)
        .where(Sheet.year == bindparam("year", type_=Integer), Sheet.state.in_([State.APPROVED, State.SUPERSEDED]))
        .where(or_(Sheet.state == State.APPROVED, IndicatorResult.indicator_id.is_not(None)))
        .order_by(Sheet.order, Sheet.revision, Statement.number, Indicator.order)
    )


def recapitulation(year: int, scope: Scope, measuring: Measuring, windows: Mapping[int, Window], *, on: date) -> Table:
    """Every indicator in force with its verified quarters, and what an earlier revision reported in words that are gone; read
    from the database as it is written into the file."""
    opened = [windows[quarter].opens_on <= on for quarter in QUARTERS]
    query = _recap().where(scope.covers(Position.unit_id)).execution_options(yield_per=_ROWS_AT_ONCE)
    band = partial(band_word, measuring=measuring) if is_year_over(windows, on) else _running
    rows = (_recap_row(row, band, opened) for row in db.session.execute(query, {"year": year}))
    title = f"Rekapitulasi realisasi {year} {scope.name}"
    return Table(f"Realisasi {year}", title, year, RECAP_COLUMNS, rows)


def _running(outcome: Outcome, capped: Decimal | None) -> str:
    return OUTCOME_WORDS[outcome] if capped is None else RUNNING.word


def _recap_row(row: Any, band: Callable[[Outcome, Decimal | None], str], opened: Sequence[bool]) -> tuple[Cell, ...]:
    quarters = (
        cell
        for place in range(4)
        for cell in _achieved(
            row[10 + 3 * place], row[11 + 3 * place], row[12 + 3 * place], UNVERIFIED if opened[place] else ""
        )
    )
    outcome, realised, capped = row.year_outcome, row.year_realised, row.year_capped
    return (
        *(row.code, post_name(row.title, row.area), row.unit_name, revision_name(row.revision)),
        *(f"{row.number}.{row.order}", row.text, row.unit_of_measure, row.target, *quarters),
        *_achieved(outcome, realised, capped, UNVERIFIED if opened[0] else ""),
        band(outcome, capped) if outcome is not None else "",
    )


def _achieved(outcome: Outcome | None, realised: Decimal | None, capped: Decimal | None, instead: str) -> tuple[Cell, Cell]:
    """What is not there is said in words: never 0."""
    if outcome is None:
        return None, instead
    return realised, capped if capped is not None else OUTCOME_WORDS[outcome]
