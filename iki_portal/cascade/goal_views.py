"""Sasaran: the office's goals of a period, read by everybody, written down by the operator."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.cascade import goal_writing
from iki_portal.cascade import goals as reading
from iki_portal.cascade.goal_forms import IS_PURPOSE, GoalForm, IkuForm, NewGoalForm, PeriodForm, TargetFields, WithdrawForm
from iki_portal.cascade.goal_writing import NEW, IkuRefused
from iki_portal.cascade.goals import PeriodLine
from iki_portal.cascade.views import bp
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.goals import LEVEL_WORDS, GoalProposal, IkuProposal, PeriodProposal
from iki_portal.domain.policy import Permission, permitted
from iki_portal.domain.targets import POLARITY_WORDS, Polarity
from iki_portal.models import Goal
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import PortalForm, problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id
from iki_portal.web.transaction import abandon

__all__ = ["bp"]

Draw = Callable[[list[dict[str, str]]], str]


@bp.get("/sasaran")
@requires(Permission.SHEET_READ)
def goals() -> ResponseReturnValue:
    """Tujuan, sasaran and IKU of a period, with their targets and who answers for them this year."""
    return _goals_page()


def _goals_page(problem: str = "") -> str:
    known, this_year = reading.periods(), today_in_office().year
    chosen = chosen_id("periode")
    by_year = next((each for each in known if this_year in each.years), known[0] if known else None)
    shown = next((each for each in known if each.id == chosen), by_year)
    year = shown and min(max(this_year, shown.first_year), shown.last_year)
    return render_template(
        "cascade/goals.html",
        periods=known,
        shown=shown,
        year=year,
        goals=reading.goals_of(shown.id) if shown else [],
        owners=reading.owners(shown.id, year) if shown and year else {},
        may_write=permitted(current_actor(), Permission.GOAL_WRITE),
        polarities=POLARITY_WORDS,
        problem=problem,
    )


@bp.route("/sasaran/periode/baru", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def new_period() -> ResponseReturnValue:
    form, first = PeriodForm(), today_in_office().year
    if not form.is_submitted():
        form = PeriodForm(formdata=None, version=NEW, first_year=first, last_year=first + 4)
    return _write_period(None, form)


@bp.route("/sasaran/periode/<int:period_id>/ubah", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def change_period(period_id: int) -> ResponseReturnValue:
    standing, form = reading.period(period_id), PeriodForm()
    if not form.is_submitted():
        form = PeriodForm(formdata=None, obj=standing)
    return _write_period(standing, form)


def _write_period(standing: PeriodLine | None, form: PeriodForm) -> ResponseReturnValue:
    page = "cascade/change_period.html" if standing else "cascade/new_period.html"

    def draw(summary: list[dict[str, str]]) -> str:
        return render_template(page, form=form, period=standing, problems=summary)

    def save() -> str:
        period = PeriodProposal(" ".join(form.name.data.split()), form.first_year.data, form.last_year.data)
        more: dict[str, Any] = {"actor": current_actor(), "seen": form.version.data, "now": datetime.now(UTC)}
        period_id = goal_writing.write_period(standing, period, **more)
        flash(f"Periode {period.words} tersimpan.", "success")
        return url_for("cascade.goals", periode=period_id)

    return _written(form, draw, save, version_now=lambda: reading.period(standing.id).version if standing else NEW)


def _written(form: PortalForm, draw: Draw, save: Callable[[], str], *, version_now: Callable[[], int]) -> ResponseReturnValue:
    """A form that is shown, checked and saved; refused, it comes back with everything that was typed."""
    if not form.is_submitted():
        return draw([])
    if not form.validate():
        return draw(problems(form)), 422
    try:
        return redirect(save())
    except IkuRefused:
        return draw(problems(form)), 422
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.version.data = version_now()
        return draw(summary), 409
    except Invalid as refusal:
        log_refusal(str(refusal), status=422)
        abandon()
        return draw([{"field_id": "", "message": str(refusal)}]), 422


@bp.route("/sasaran/periode/<int:period_id>/tujuan/baru", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def new_goal(period_id: int) -> ResponseReturnValue:
    """A tujuan, or a sasaran under one."""
    period, form = reading.period(period_id), NewGoalForm()
    known = reading.goals_of(period.id)
    form.superior.choices = [(IS_PURPOSE, "Tidak ada: ini sebuah tujuan"), *((each.id, each.text) for each in known)]
    if not form.is_submitted():
        form.version.data, form.order.data = NEW, _next_order(known, chosen_id("tujuan"))
        form.superior.data = chosen_id("tujuan") or IS_PURPOSE

    def draw(summary: list[dict[str, str]]) -> str:
        return render_template("cascade/new_goal.html", form=form, period=period, problems=summary)

    def save() -> str:
        purpose = reading.goal(form.superior.data) if form.superior.data else None
        proposal = _goal_proposal(form)
        goal_writing.add_goal(period, purpose, proposal, actor=current_actor(), now=datetime.now(UTC))
        flash("Tersimpan.", "success")
        return url_for("cascade.goals", periode=period.id)

    return _written(form, draw, save, version_now=lambda: NEW)


def _next_order(known: list[reading.GoalLine], purpose_id: int | None) -> int:
    beside = next((each.outcomes for each in known if each.id == purpose_id), known)
    return max((each.order for each in beside), default=0) + 1


def _goal_proposal(form: GoalForm) -> GoalProposal:
    return GoalProposal(" ".join(form.text.data.split()), form.order.data)


@bp.route("/sasaran/<int:goal_id>/ubah", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def change_goal(goal_id: int) -> ResponseReturnValue:
    row, form = reading.goal(goal_id), GoalForm()
    if not form.is_submitted():
        form = GoalForm(formdata=None, obj=row)
    form.text.label.text = word = LEVEL_WORDS[row.level]
    period_id = row.period_id

    def draw(summary: list[dict[str, str]]) -> str:
        return render_template(
            "cascade/change_goal.html", form=form, goal_id=goal_id, period_id=period_id, word=word, problems=summary
        )

    def save() -> str:
        more: dict[str, Any] = {"actor": current_actor(), "seen": form.version.data, "now": datetime.now(UTC)}
        goal_writing.change_goal(goal_id, _goal_proposal(form), **more)
        flash(f"{word} tersimpan.", "success")
        return url_for("cascade.goals", periode=period_id)

    return _written(form, draw, save, version_now=lambda: reading.goal(goal_id).version)


@bp.post("/sasaran/<int:goal_id>/pencabutan")
@requires(Permission.GOAL_WRITE)
def withdraw_goal(goal_id: int) -> ResponseReturnValue:
    row = reading.goal(goal_id)
    word, period_id = LEVEL_WORDS[row.level], row.period_id
    return _withdrawn(goal_writing.withdraw_goal, goal_id, word, period_id)


def _withdrawn(operation: Callable[..., None], row_id: int, word: str, period_id: int) -> ResponseReturnValue:
    form = WithdrawForm()
    if not form.validate():
        return _goals_page(problems(form)[0]["message"]), 422
    try:
        operation(row_id, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except (Outdated, WrongState) as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _goals_page(str(refusal)), 409
    flash(f"{word} dicabut.", "success")
    return redirect(url_for("cascade.goals", periode=period_id))


@bp.route("/sasaran/<int:goal_id>/iku/baru", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def new_iku(goal_id: int) -> ResponseReturnValue:
    goal = reading.goal(goal_id)
    period = reading.period(goal.period_id)
    form = IkuForm() if request.method == "POST" else IkuForm(formdata=None, version=NEW, order=_next_iku(goal, period))

    def save(proposal: IkuProposal) -> None:
        goal_writing.add_iku(reading.goal(goal_id), proposal, actor=current_actor(), now=datetime.now(UTC))

    targets = _targets(period, {})
    return _write_iku("cascade/new_iku.html", form, targets, save, period=period, goal=goal, version_now=lambda: NEW)


def _next_iku(goal: Goal, period: PeriodLine) -> int:
    return max((each.order for each in reading.ikus_in(reading.goals_of(period.id)) if each.goal_id == goal.id), default=0) + 1


@bp.route("/iku/<int:iku_id>/ubah", methods=["GET", "POST"])
@requires(Permission.GOAL_WRITE)
def change_iku(iku_id: int) -> ResponseReturnValue:
    line = reading.iku_line(reading.iku(iku_id))
    goal = reading.goal(line.goal_id)
    period = reading.period(goal.period_id)
    form = IkuForm() if request.method == "POST" else IkuForm(formdata=None, obj=line, polarity=line.polarity.value)

    def save(proposal: IkuProposal) -> None:
        more: dict[str, Any] = {"actor": current_actor(), "seen": form.version.data, "now": datetime.now(UTC)}
        goal_writing.change_iku(iku_id, proposal, **more)

    return _write_iku(
        "cascade/change_iku.html",
        form,
        _targets(period, line.targets),
        save,
        period=period,
        goal=goal,
        iku_id=iku_id,
        version_now=lambda: reading.iku(iku_id).version,
    )


def _targets(period: PeriodLine, standing: dict[int, Any]) -> TargetFields:
    if request.method == "POST":
        return TargetFields.of_post(period.years, request.form)
    return TargetFields.of_targets(period.years, standing)


def _write_iku(
    page: str,
    form: IkuForm,
    fields: TargetFields,
    write: Callable[[IkuProposal], None],
    *,
    period: PeriodLine,
    goal: Goal,
    iku_id: int | None = None,
    version_now: Callable[[], int],
) -> ResponseReturnValue:
    words, goal_id = f"{LEVEL_WORDS[goal.level]}: {goal.text}", goal.id

    def draw(summary: list[dict[str, str]]) -> str:
        shown = [*summary, *fields.problems]
        facts = {"form": form, "fields": fields, "period": period, "goal": words, "goal_id": goal_id, "iku_id": iku_id}
        return render_template(page, **facts, problems=shown)

    def save() -> str:
        targets = fields.targets()
        proposal = IkuProposal(
            " ".join(form.text.data.split()),
            form.unit_of_measure.data.strip(),
            Polarity(form.polarity.data),
            form.order.data,
            targets,
        )
        if fields.errors:
            raise IkuRefused(fields.errors)
        try:
            write(proposal)
        except IkuRefused as refusal:
            _mark(form, fields, refusal)
            raise
        flash("IKU tersimpan.", "success")
        return url_for("cascade.goals", periode=period.id)

    return _written(form, draw, save, version_now=version_now)


def _mark(form: IkuForm, fields: TargetFields, refusal: IkuRefused) -> None:
    """Each message at its field."""
    for name, said in refusal.problems.items():
        if name in fields.values:
            fields.errors[name] = said
        else:
            getattr(form, name).errors = [said]


@bp.post("/iku/<int:iku_id>/pencabutan")
@requires(Permission.GOAL_WRITE)
def withdraw_iku(iku_id: int) -> ResponseReturnValue:
    row = reading.iku(iku_id)
    period_id = reading.goal(row.goal_id).period_id
    return _withdrawn(goal_writing.withdraw_iku, iku_id, "IKU", period_id)
