"""Realisasi at a glance: what waits, one's own quarters; and the operator's pages of windows and scales."""

from datetime import UTC, datetime
from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.numbers import format_number, parse_number, plain_number
from iki_portal.domain.office import LEADING
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import Window, default_window
from iki_portal.domain.scales import SCALES
from iki_portal.indicators.queries import performance_year
from iki_portal.realisation import desks, pages, windows
from iki_portal.realisation.forms import MeasuringForm, WindowForm
from iki_portal.realisation.views import bp, quarter_in_sight
from iki_portal.realisation.windows import Measuring
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import VERSION_MISSING, problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import page_number
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.get("/realisasi")
@requires(Permission.SHEET_READ)
def overview() -> ResponseReturnValue:
    """What waits to be verified, and the quarters of one's own sheets in force."""
    actor, on = current_actor(), today_in_office()
    return render_template(
        "realisation/overview.html",
        page=page_number(),
        waiting=desks.reports_to_verify(actor=actor, on=on, page=page_number()),
        own=pages.own_lines(desks.own_in_force(actor=actor, on=on), on=on),
        composing_year=windows.year_to_measure(on) if any(each.position_kind in LEADING for each in actor.mandates) else None,
    )


@bp.get("/tahun-kinerja/<int:year>/triwulan")
@requires(Permission.YEAR_OPEN)
def quarters(year: int) -> ResponseReturnValue:
    """When the quarters of a year are reported, and by which scale it is judged."""
    return _quarters_page(year, None)


@bp.post("/tahun-kinerja/<int:year>/triwulan")
@requires(Permission.YEAR_OPEN)
def set_measuring(year: int) -> ResponseReturnValue:
    performance_year(year)
    form = MeasuringForm()
    if not form.validate():
        return _quarters_page(year, form, problems(form)), 422
    try:
        cap = _cap(form)
        seen = Measuring(SCALES[form.seen_scale.data], parse_number(form.seen_cap.data).value)
        windows.set_measuring(year, form.scale.data, cap, actor=current_actor(), seen=seen, now=datetime.now(UTC))
    except KeyError:
        return _quarters_page(year, form, [{"field_id": "", "message": VERSION_MISSING}]), 422
    except Invalid as refusal:
        form.cap.errors = [str(refusal)]
        return _quarters_page(year, form, problems(form)), 422
    except Outdated as refusal:
        return _quarters_page(year, form, refused_as_outdated(refusal)), 409
    except WrongState as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _quarters_page(year, form, [{"field_id": "", "message": str(refusal)}]), 409
    flash(f"Skala tahun {year} tersimpan.", "success")
    return redirect(url_for("realisation.quarters", year=year))


def _cap(form: MeasuringForm) -> Decimal:
    number = parse_number(form.cap.data)
    if number.ambiguous:
        form.cap.raw_data, form.cap.data = None, number.understood
        raise Invalid(f"Dimengerti sebagai {number.understood}. Betulkan bila keliru, lalu simpan lagi.")
    return number.value


def _quarters_page(year: int, form: MeasuringForm | None, summary: list[dict[str, str]] | None = None) -> str:
    shown = performance_year(year)
    measuring = windows.measuring_of(year)
    if form is None:
        form = MeasuringForm(formdata=None, scale=measuring.scale.key, cap=plain_number(measuring.cap))
    return render_template(
        "realisation/quarters.html",
        shown=shown,
        windows=list(windows.windows_of(year).values()),
        measuring=measuring,
        cap=format_number(measuring.cap),
        seen_cap=plain_number(measuring.cap),
        scales=SCALES.values(),
        stands=windows.measuring_stands(year),
        on=today_in_office(),
        form=form,
        problems=summary or [],
    )


@bp.route("/tahun-kinerja/<int:year>/triwulan/<int:quarter>", methods=["GET", "POST"])
@requires(Permission.YEAR_OPEN)
def change_window(year: int, quarter: int) -> ResponseReturnValue:
    """Other days for a quarter, or open it again after its deadline."""
    performance_year(year)
    standing = windows.windows_of(year)[quarter_in_sight(quarter)]
    form = WindowForm()
    if not form.is_submitted():
        given = {name: getattr(standing, name) for name in ("version", "opens_on", "deadline_on", "reopened_until")}
        return _window_page(standing, WindowForm(formdata=None, **given))
    if not form.validate():
        return _window_page(standing, form, problems(form)), 422
    window = Window(year, quarter, form.opens_on.data, form.deadline_on.data, form.reopened_until.data)
    try:
        windows.change_window(window, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except Invalid as refusal:
        return _window_page(standing, form, [{"field_id": "deadline_on", "message": str(refusal)}]), 422
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        standing = windows.windows_of(year)[quarter]
        form.version.raw_data, form.version.data = None, standing.version
        return _window_page(standing, form, summary), 409
    except WrongState as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _window_page(standing, form, [{"field_id": "", "message": str(refusal)}]), 409
    flash(f"Waktu pelaporan {window.name} tersimpan.", "success")
    return redirect(url_for("realisation.quarters", year=year))


def _window_page(standing: Window, form: WindowForm, summary: list[dict[str, str]] | None = None) -> str:
    return render_template(
        "realisation/change_window.html",
        year=standing.year,
        window=standing,
        usual=default_window(standing.year, standing.quarter),
        is_over=standing.is_late(today_in_office()),
        form=form,
        problems=summary or [],
    )
