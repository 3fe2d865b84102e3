"""Dasbor: how far the year is and what was achieved, for everyone signed in; names behind what is missing, for who leads."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.reports import SheetStage, Stage
from iki_portal.domain.scales import SCALES
from iki_portal.indicators.queries import performance_year
from iki_portal.organisation.queries import years
from iki_portal.realisation.windows import Measuring, measuring_of, windows_of
from iki_portal.reports import dashboard as dashboards
from iki_portal.reports import lists, tables, trend, waiting
from iki_portal.reports.files import FORMS, as_file
from iki_portal.reports.lists import Slice
from iki_portal.reports.units import Office, Scope, named_units, office
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.labels import SHEET_STAGE_LABELS, STAGE_LABELS
from iki_portal.web.pages import chosen_id, page_number

bp = Blueprint("reports", __name__, template_folder="templates")

#: Of each list on Dasbor itself.
SHOWN = 5


def asked_form() -> str | None:
    """`?bentuk=xlsx`: the same rows as a file."""
    form = request.args.get("bentuk")
    return form if form in FORMS else None


def asked_scope(whole: Office) -> Scope:
    return whole.scope(chosen_id("unit"), is_own=request.args.get("lingkup") == "sendiri" and chosen_id("unit") is not None)


@bp.get("/dasbor")
@requires(Permission.DASHBOARD_READ)
def newest() -> ResponseReturnValue:
    """The year that was chosen, or that is running; before that was opened, the newest one."""
    asked, opened = request.args.get("tahun", today_in_office().year, type=int), years()
    shown = asked if asked in opened else performance_year(None).year
    return redirect(url_for("reports.dashboard", year=shown, **asked_scope(office()).address))


@bp.get("/dasbor/<int:year>")
@requires(Permission.DASHBOARD_READ)
def dashboard(year: int) -> ResponseReturnValue:
    found_year, on, whole = performance_year(year), today_in_office(), office()
    scope, form = asked_scope(whole), asked_form()
    windows, measuring = windows_of(year), Measuring(SCALES[found_year.scale], found_year.achievement_cap)
    page = None if form else page_number()
    found = dashboards.dashboard(found_year, whole, scope, measuring, windows, on=on, page=page)
    if form:
        return as_file(tables.dashboard_table(found), form)
    named = named_units(whole, current_actor())
    mine = named.within(scope)
    owed = {quarter: Stage.MISSING for quarter in QUARTERS if found.total.figures.stages(quarter)[Stage.MISSING]}
    few = Slice(size=SHOWN)
    return render_template(
        "reports/dashboard.html",
        found=found,
        year=year,
        years=years(),
        way=whole.way(scope),
        scope=scope,
        mine=mine,
        owed=owed,
        unreported=lists.unreported(year, mine, owed, on=on, part=few) if mine and owed else None,
        fallen=lists.indicators(year, scope, found.quarter or 1, only_fallen=True, on=None, part=few),
        desks=waiting.desks(year, mine, on=on) if mine else [],
        sheet_labels=SHEET_STAGE_LABELS,
        stage_labels=STAGE_LABELS,
        may_see=named.covers,
        open_stages={Stage.VERIFIED, SheetStage.APPROVED},
        on=on,
    )


@bp.get("/dasbor/tren")
@requires(Permission.DASHBOARD_READ)
def trends() -> ResponseReturnValue:
    whole, form = office(), asked_form()
    scope = asked_scope(whole)
    found = trend.trend(whole, scope, on=today_in_office(), page=None if form else page_number())
    if form:
        return as_file(tables.trend_table(found), form)
    return render_template("reports/trends.html", found=found, scope=scope, way=whole.way(scope))


@bp.get("/dasbor/<int:year>/rekapitulasi")
@requires(Permission.DASHBOARD_READ)
def recapitulation(year: int) -> ResponseReturnValue:
    """Every indicator with what was realised and achieved, as a workbook, or as CSV with `?bentuk=csv`."""
    performance_year(year)
    scope, windows = asked_scope(office()), windows_of(year)
    table = tables.recapitulation(year, scope, measuring_of(year), windows, on=today_in_office())
    return as_file(table, asked_form() or FORMS[0])
