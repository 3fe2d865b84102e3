"""Tahun kinerja: the operator opens a new year from the last one, and moves the deadline of one that is planned."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals import year_opening
from iki_portal.approvals.forms import DeadlineForm, OpeningForm
from iki_portal.approvals.rule_views import bp
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.office import STAGE_WORDS, YearStage
from iki_portal.domain.policy import Permission
from iki_portal.indicators.queries import performance_year
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.get("/tahun-kinerja")
@requires(Permission.YEAR_OPEN)
def performance_years() -> ResponseReturnValue:
    return _page(OpeningForm(formdata=None))


@bp.post("/tahun-kinerja")
@requires(Permission.YEAR_OPEN)
def open_year() -> ResponseReturnValue:
    form = OpeningForm()
    if not form.validate():
        return _page(form, problems(form)), 422
    year, now = form.year.data, datetime.now(UTC)
    try:
        carried = year_opening.open_year(year, deadline=form.deadline.data, actor=current_actor(), now=now)
    except Invalid as refusal:
        form.deadline.errors = [str(refusal)]
        return _page(form, problems(form)), 422
    except Outdated as refusal:
        return _page(form, refused_as_outdated(refusal)), 409
    flash(f"Tahun {year} dibuka dengan {carried.total} draf; pemilik lembar dapat mulai mengisi target.", "success")
    return redirect(url_for("approvals.performance_years"))


def _page(form: OpeningForm, summary: list[dict[str, str]] | None = None) -> str:
    following = year_opening.next_year()
    return render_template(
        "approvals/performance_years.html",
        years=year_opening.performance_years(),
        stages=STAGE_WORDS,
        following=following,
        carried=year_opening.carried_from(following - 1) if following else None,
        form=form,
        problems=summary or [],
    )


@bp.route("/tahun-kinerja/<int:year>/tenggat", methods=["GET", "POST"])
@requires(Permission.YEAR_OPEN)
def change_deadline(year: int) -> ResponseReturnValue:
    standing = performance_year(year).planning_deadline_on
    form = DeadlineForm()
    if not form.is_submitted():
        return _deadline_page(year, DeadlineForm(formdata=None, seen=standing, deadline=standing))
    if not form.validate():
        return _deadline_page(year, form, problems(form)), 422
    deadline, seen, now = form.deadline.data, form.seen.data, datetime.now(UTC)
    try:
        year_opening.change_deadline(year, deadline, actor=current_actor(), seen=seen, now=now)
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.seen.raw_data, form.seen.data = None, performance_year(year).planning_deadline_on
        return _deadline_page(year, form, summary), 409
    except WrongState as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _deadline_page(year, form, [{"field_id": "", "message": str(refusal)}]), 409
    except Invalid as refusal:
        form.deadline.errors = [str(refusal)]
        return _deadline_page(year, form, problems(form)), 422
    flash(f"Tenggat penetapan tahun {year} tersimpan.", "success")
    return redirect(url_for("approvals.performance_years"))


def _deadline_page(year: int, form: DeadlineForm, summary: list[dict[str, str]] | None = None) -> str:
    shown = performance_year(year)
    return render_template(
        "approvals/change_deadline.html",
        shown=shown,
        is_planning=shown.stage is YearStage.PLANNING,
        form=form,
        problems=summary or [],
    )
