"""The rows behind a number of Dasbor, as pages and as files; the address says which."""

from enum import StrEnum
from typing import Any, TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import NotFound
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.reports import OPEN_TO_ALL, STAGE_WORDS, YEAR, SheetStage, Stage
from iki_portal.domain.scales import Band, Scale
from iki_portal.indicators.queries import performance_year
from iki_portal.realisation.rows import achievement_words
from iki_portal.realisation.windows import Measuring, measuring_of, windows_of
from iki_portal.reports import lists, tables, waiting
from iki_portal.reports.dashboard import RUNNING, achieved, is_year_over
from iki_portal.reports.files import as_file
from iki_portal.reports.lists import IndicatorLine, Slice, Some
from iki_portal.reports.units import NamedUnits, Office, Scope, named_part, named_units, office
from iki_portal.reports.views import asked_form, asked_scope, bp
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.labels import REPORT_LABELS, SHEET_STAGE_LABELS, STAGE_LABELS, STATE_LABELS, Label
from iki_portal.web.pages import chosen_id, page_number

__all__ = ["bp"]

_Word = TypeVar("_Word", bound=StrEnum)


def _asked_word(kind: type[_Word], default: _Word) -> _Word:
    word = request.args.get("keadaan", default.value)
    if word not in {each.value for each in kind}:
        raise NotFound("Keadaan ini tidak ada.")
    return kind(word)


def _asked_period(*, default: int) -> int:
    period = request.args.get("triwulan", default, type=int)
    if period not in (*QUARTERS, YEAR):
        raise NotFound("Triwulan ini tidak ada.")
    return period


def _place() -> tuple[Office, Scope, NamedUnits]:
    whole = office()
    return whole, asked_scope(whole), named_units(whole, current_actor())


def _part() -> Slice:
    return Slice(size=None) if asked_form() else Slice(page_number())


def _listed(template: str, found: Some, year: int, whole: Office, scope: Scope, **more: Any) -> str:
    return render_template(template, found=found, year=year, scope=scope, way=whole.way(scope), **more)


@bp.get("/dasbor/<int:year>/laporan")
@requires(Permission.DASHBOARD_READ)
def reports(year: int) -> ResponseReturnValue:
    """Reports of a quarter in one stage; who has not reported is for who leads."""
    performance_year(year)
    (whole, scope, named), on, windows = _place(), today_in_office(), windows_of(year)
    begun = [quarter for quarter in QUARTERS if windows[quarter].opens_on <= on]
    quarter = _asked_period(default=begun[-1] if begun else QUARTERS[0]) or QUARTERS[0]
    stage = _asked_word(Stage, Stage.VERIFIED)
    if stage in (Stage.MISSING, Stage.NOT_YET):
        stage = Stage.MISSING if windows[quarter].opens_on <= on else Stage.NOT_YET
    read = scope if stage in OPEN_TO_ALL else named_part(named, scope)
    found = lists.reports(year, read, quarter, stage, on=on, part=_part())
    title = f"{STAGE_WORDS[stage]}, {windows[quarter].name}"
    if form := asked_form():
        return as_file(tables.reports_table(found.lines, year=year, title=f"{title} {read.name}"), form)
    measuring = measuring_of(year)
    stages = [each for each in Stage if each is not (Stage.NOT_YET if quarter in begun else Stage.MISSING)]
    return _listed(
        "reports/reports.html",
        found,
        year,
        whole,
        read,
        title=title,
        quarter=quarter,
        stage=stage,
        window=windows[quarter],
        stages=[each for each in stages if each in OPEN_TO_ALL or named.within(scope)],
        labels=STAGE_LABELS,
        achieved={line: achieved(line.tally, measuring) for line in found.lines},
    )


@bp.get("/dasbor/<int:year>/lembar")
@requires(Permission.DASHBOARD_READ)
def sheets(year: int) -> ResponseReturnValue:
    """Posts by the stage of their sheet; those that are not done are for who leads."""
    performance_year(year)
    whole, scope, named = _place()
    stage = _asked_word(SheetStage, SheetStage.APPROVED)
    read = scope if stage is SheetStage.APPROVED else named_part(named, scope)
    found = lists.sheets(year, read, stage, on=today_in_office(), part=_part())
    title = (
        f"Lembar {SHEET_STAGE_LABELS[stage].word.lower()} {year}" if stage is not SheetStage.WITHOUT else f"Tanpa lembar {year}"
    )
    if form := asked_form():
        return as_file(tables.sheets_table(found.lines, year=year, title=f"{title} {read.name}"), form)
    stages = [each for each in SheetStage if each is SheetStage.APPROVED or named.within(scope)]
    return _listed(
        "reports/sheets.html", found, year, whole, read, title=title, stage=stage, stages=stages, labels=SHEET_STAGE_LABELS
    )


@bp.get("/dasbor/<int:year>/capaian")
@requires(Permission.DASHBOARD_READ)
def indicators(year: int) -> ResponseReturnValue:
    """Verified indicators of a quarter or of the year: what achieved least first, or what fell most."""
    performance_year(year)
    whole, measuring = office(), measuring_of(year)
    scope, period = asked_scope(whole), _asked_period(default=YEAR)
    band, only_fallen = _asked_band(measuring.scale), request.args.get("urut") == "turun"
    is_running = period == YEAR and not only_fallen and not is_year_over(windows_of(year), today_in_office())
    found = lists.indicators(year, scope, period, band=band, only_fallen=only_fallen, on=today_in_office(), part=_part())
    title = f"Indikator yang turun {year}" if only_fallen else f"Capaian indikator, {tables.period_word(period)} {year}"
    if form := asked_form():
        return as_file(tables.indicators_table(found.lines, measuring, year=year, title=f"{title} {scope.name}"), form)
    return _listed(
        "reports/indicators.html",
        found,
        year,
        whole,
        scope,
        title=title,
        period=period,
        only_fallen=only_fallen,
        measuring=measuring,
        band=band[1] if band else None,
        achievements={line: _achieved(line, measuring, is_running=is_running) for line in found.lines},
    )


def _achieved(line: IndicatorLine, measuring: Measuring, *, is_running: bool) -> tuple[Label, str]:
    label, percentage = achievement_words(line.outcome, line.capped, measuring)
    return (RUNNING, percentage) if percentage and is_running else (label, percentage)


def _asked_band(scale: Scale) -> tuple[Scale, Band] | None:
    """`?kategori=76`: the band that begins there; anything else chooses none."""
    lowest = request.args.get("kategori", type=int)
    band = next((each for each in scale.bands if each.lowest == lowest), None)
    return (scale, band) if band is not None else None


@bp.get("/dasbor/<int:year>/menunggu")
@requires(Permission.DASHBOARD_READ)
def waits(year: int) -> ResponseReturnValue:
    """What lies at which desk, for who leads: what has waited longest first."""
    performance_year(year)
    (whole, scope, named), on, desk = _place(), today_in_office(), chosen_id("meja")
    scope = named_part(named, scope)
    found = waiting.waiting_at(year, scope, desk, on=on, part=_part())
    title = f"Siapa menunggu siapa {year}"
    if form := asked_form():
        return as_file(tables.waiting_table(found.lines, year=year, title=f"{title} {scope.name}"), form)
    return _listed(
        "reports/waits.html", found, year, whole, scope, title=title, desk=desk, labels=(STATE_LABELS, REPORT_LABELS)
    )
