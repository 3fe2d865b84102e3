"""Dasbor as plain values: a row a unit, with how far its sheets and quarters are and what its verified indicators achieved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from iki_portal.domain.measurement import shown
from iki_portal.domain.quarters import QUARTERS, Window
from iki_portal.domain.reports import NO_SHEET, NOT_MEASURED, YEAR, Figures, SheetStage, Stage, loudest
from iki_portal.domain.results import Tally
from iki_portal.models import PerformanceYear
from iki_portal.realisation.windows import Measuring
from iki_portal.reports.counting import figures_of_units, gathered
from iki_portal.reports.units import MOST_ROWS, Office, Scope
from iki_portal.web.labels import BAND_ICONS, SHEET_STAGE_LABELS, STAGE_LABELS, Label

PERIODS = (*QUARTERS, YEAR)
_NOTHING = Label(NO_SHEET, "neutral", "dash-circle")
_UNMEASURED = Label(NOT_MEASURED, "neutral", "dash-circle")
#: A year's target is there to be reached by its end: before that its figure is no verdict, and has no band.
RUNNING = Label("Tahun berjalan", "neutral", "hourglass-split")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar. `left` and `width` are per cent of the bar, for the drawing."""

    key: StrEnum
    label: Label
    number: int
    left: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    segments: tuple[Segment, ...]
    total: int
    #: The stage in which everything should be.
    done: int

    @property
    def words(self) -> str:
        """ "12 ditetapkan, 8 diajukan": what the drawing says, for who does not see it."""
        return ", ".join(f"{each.number} {each.label.word.lower()}" for each in self.segments)


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit's achievement in a period; what stands instead of it while there is none."""

    period: int
    label: Label
    #: "96,4%"; empty where nothing is measured.
    percentage: str
    measured: int
    indicators: int
    missing: int
    #: Achieved as it is kept, for files.
    mean: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    scope: Scope
    figures: Figures
    sheets: Bar
    quarters: tuple[tuple[int, Bar], ...]
    cells: tuple[Cell, ...]
    #: It has parts of its own to look into.
    has_parts: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    year: PerformanceYear
    measuring: Measuring
    windows: Mapping[int, Window]
    scope: Scope
    total: Row
    rows: list[Row]
    page: int
    has_next: bool
    #: The last quarter whose time has come; None before the first one's.
    quarter: int | None


_Key = TypeVar("_Key", bound=StrEnum)


def bar(labels: Mapping[_Key, Label], counts: Mapping[_Key, int], done: _Key) -> Bar:
    """Parts in the order of `labels`, none for what counts nothing."""
    total, before, segments = sum(counts.values()), 0, []
    for key, label in labels.items():
        if number := counts.get(key, 0):
            segments.append(Segment(key, label, number, _share(before, total), _share(number, total)))
            before += number
    return Bar(tuple(segments), total, counts.get(done, 0))


def _share(number: int, total: int) -> str:
    return f"{100 * number / total:.3f}"


def achieved(found: Tally, measuring: Measuring, *, is_running: bool = False) -> tuple[Label, str] | None:
    """Band and per cent of a mean; None where nothing is measured."""
    if found.mean is None:
        return None
    if is_running:
        return RUNNING, shown(found.mean)
    band = measuring.scale.band(found.mean)
    tone, picture = BAND_ICONS[band.tone]
    return Label(band.word, tone, picture), shown(found.mean)


def cell(figures: Figures, period: int, measuring: Measuring, *, is_over: bool) -> Cell:
    found = figures.tally(period)
    missing = figures.stages(period)[Stage.MISSING] if period != YEAR else 0
    said = achieved(found, measuring, is_running=period == YEAR and not is_over)
    label, percentage = said or (_instead(figures, period, found), "")
    return Cell(period, label, percentage, found.measured, figures.indicators, missing, found.mean)


def is_year_over(windows: Mapping[int, Window], on: date) -> bool:
    """The last quarter can be reported no more: what the year came to is final."""
    return on > windows[QUARTERS[-1]].last_day


def _instead(figures: Figures, period: int, found: Tally) -> Label:
    if found.indicators:
        return _UNMEASURED
    if period != YEAR:
        stage = loudest(figures.stages(period))
        return STAGE_LABELS[stage] if stage else _NOTHING
    stages = [loudest(figures.stages(quarter)) for quarter in QUARTERS]
    first = next((stage for stage in stages if stage is not None), None)
    return STAGE_LABELS[first] if first else _NOTHING


def row_of(scope: Scope, figures: Figures, measuring: Measuring, *, is_over: bool, has_parts: bool = False) -> Row:
    return Row(
        scope,
        figures,
        bar(SHEET_STAGE_LABELS, figures.sheets, SheetStage.APPROVED),
        tuple((quarter, bar(STAGE_LABELS, figures.stages(quarter), Stage.VERIFIED)) for quarter in QUARTERS),
        tuple(cell(figures, period, measuring, is_over=is_over) for period in PERIODS),
        has_parts,
    )


def dashboard(
    year: PerformanceYear,
    office: Office,
    scope: Scope,
    measuring: Measuring,
    windows: Mapping[int, Window],
    *,
    on: date,
    page: int | None = 1,
) -> Dashboard:
    """The opened unit and a page of its parts (all of them where `page` is None); parts that count nothing are left out."""
    by_unit = figures_of_units(year, windows, on=on)
    parts = office.parts(scope)
    whole, *others = gathered([scope, *parts], by_unit)
    filled = [(part, figures) for part, figures in zip(parts, others, strict=True) if not figures.is_empty]
    start = 0 if page is None else (page - 1) * MOST_ROWS
    shown_parts = filled[start:] if page is None else filled[start : start + MOST_ROWS]
    is_over = is_year_over(windows, on)
    begun = [quarter for quarter in QUARTERS if windows[quarter].opens_on <= on]
    return Dashboard(
        year,
        measuring,
        windows,
        scope,
        row_of(scope, whole, measuring, is_over=is_over),
        [
            row_of(part, counted, measuring, is_over=is_over, has_parts=bool(office.parts(part)))
            for part, counted in shown_parts
        ],
        page or 1,
        page is not None and len(filled) > start + MOST_ROWS,
        begun[-1] if begun else None,
    )
