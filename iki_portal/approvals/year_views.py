"""Tahun kinerja: the operator opens a new year from the last one."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals import year_opening
from iki_portal.approvals.forms import OpeningForm
from iki_portal.approvals.rule_views import bp
from iki_portal.domain.dates import parse_date
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.office import STAGE_WORDS
from iki_portal.domain.policy import Permission
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated

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
    year, typed = form.year.data, (form.deadline.data or "").strip()
    try:
        deadline = parse_date(typed) if typed else None
        carried = year_opening.open_year(year, deadline=deadline, actor=current_actor(), now=datetime.now(UTC))
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
