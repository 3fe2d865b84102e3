"""Aturan mutu: what the portal checks on every sheet of a year; everybody reads, the operator sets."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals.comment_views import bp
from iki_portal.approvals.forms import RuleForm
from iki_portal.domain.errors import Incomplete, Outdated
from iki_portal.domain.policy import Permission, permitted
from iki_portal.domain.quality import SEVERITY_WORDS, Severity
from iki_portal.indicators.queries import performance_year
from iki_portal.indicators.rule_settings import RuleOfTheYear, rule_of_the_year, rules_of_the_year, set_rule
from iki_portal.organisation.queries import years
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.labels import SEVERITY_LABELS

__all__ = ["bp"]


@bp.get("/aturan-mutu")
@requires(Permission.SHEET_READ)
def newest_rules() -> ResponseReturnValue:
    return redirect(url_for("approvals.rules", year=performance_year(None).year))


@bp.get("/aturan-mutu/<int:year>")
@requires(Permission.SHEET_READ)
def rules(year: int) -> ResponseReturnValue:
    return render_template(
        "approvals/rules.html",
        year=performance_year(year).year,
        other_years=[each for each in years() if each != year],
        rules=rules_of_the_year(year),
        labels=SEVERITY_LABELS,
        may_set=permitted(current_actor(), Permission.RULE_WRITE),
    )


@bp.route("/aturan-mutu/<int:year>/<int:number>", methods=["GET", "POST"])
@requires(Permission.RULE_WRITE)
def change_rule(year: int, number: int) -> ResponseReturnValue:
    """Set one rule: a page of its own, because it asks why."""
    standing = rule_of_the_year(performance_year(year).year, number)
    if request.method == "GET":
        return _page(year, standing, RuleForm(formdata=None, version=standing.version, severity=standing.severity.value))
    form = RuleForm()
    if not form.validate():
        return _page(year, standing, form, problems(form)), 422
    severity, seen, now = Severity(form.severity.data), form.version.data, datetime.now(UTC)
    try:
        set_rule(year, standing.rule, severity, actor=current_actor(), reason=form.reason.data, seen=seen, now=now)
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        standing = rule_of_the_year(year, number)
        form.version.data = standing.version
        return _page(year, standing, form, summary), 409
    except Incomplete as refusal:
        form.reason.errors = [str(refusal)]
        return _page(year, standing, form, problems(form)), 422
    flash(f"Aturan {standing.rule.code} tahun {year}: {SEVERITY_WORDS[severity].lower()}.", "success")
    return redirect(url_for("approvals.rules", year=year, _anchor=standing.rule.code))


def _page(year: int, standing: RuleOfTheYear, form: RuleForm, summary: list[dict[str, str]] | None = None) -> str:
    return render_template(
        "approvals/change_rule.html",
        year=year,
        standing=standing,
        form=form,
        problems=summary or [],
        labels=SEVERITY_LABELS,
    )
