"""Beranda, the sheet, the inbox and the year: where sheets are read and decided."""

from datetime import UTC, date, datetime
from typing import Protocol

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals import handovers, operations, queries, reminding, sheet_page, standstill, unconfirmed
from iki_portal.approvals.forms import AnswerForm, DecisionForm, RevisionForm, VersionForm
from iki_portal.approvals.pages import path_of
from iki_portal.dialogue.pages import lines_of
from iki_portal.dialogue.queries import talks_waiting
from iki_portal.domain import policy
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Incomplete, Invalid, Outdated, WrongState
from iki_portal.domain.office import STAGE_WORDS, YearStage
from iki_portal.domain.policy import Actor, Permission
from iki_portal.domain.targets import completeness
from iki_portal.domain.workflow import State, Step, revision_name
from iki_portal.history.listing import last_checks
from iki_portal.history.queries import of_sheets
from iki_portal.indicators import answering
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.comments import open_counts
from iki_portal.indicators.papers import papers
from iki_portal.indicators.queries import performance_year
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.organisation.queries import MOST_TO_FILL, posts_to_fill
from iki_portal.realisation.desks import reports_to_verify
from iki_portal.realisation.pages import own_lines
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems
from iki_portal.web.labels import STATE_LABELS
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import page_number
from iki_portal.web.timeline import event_of
from iki_portal.web.transaction import abandon

bp = Blueprint("approvals", __name__, template_folder="templates")

SHOWN_ON_HOME = 5


@bp.get("/")
@requires(Permission.HOME_READ)
def home() -> ResponseReturnValue:
    actor, on = current_actor(), today_in_office()
    own = queries.own_sheets(actor=actor, on=on)
    drafts = [sheet.id for sheet in own if sheet.state is State.DRAFT]
    written = papers(drafts) if drafts else {}
    under_way = [sheet.id for sheet in own if sheet.state is not State.DRAFT]
    history = of_sheets(under_way) if under_way else {}
    stage = queries.year_line(on=on)
    waiting = queries.inbox(actor=actor, on=on, size=SHOWN_ON_HOME) if actor.mandates else None
    counted = [*drafts, *(sheet.id for sheet in waiting.sheets)] if waiting else drafts
    return render_template(
        "approvals/home.html",
        stage=stage,
        waiting=waiting,
        own=[(sheet, path_of(sheet, history.get(sheet.id, ()))) for sheet in own],
        realised={line.sheet.id: line for line in own_lines([each for each in own if each.state is State.APPROVED], on=on)},
        talks=lines_of(talks_waiting(actor=actor), actor=actor),
        to_verify=reports_to_verify(actor=actor, on=on, size=SHOWN_ON_HOME),
        complete={key: completeness(paper.statements) for key, paper in written.items()},
        counts=kept_counts(counted) if counted else {},
        comments=open_counts(drafts) if drafts else {},
        to_fill=posts_to_fill(actor=actor, on=on),
        most_to_fill=MOST_TO_FILL,
        stuck=standstill.stuck_sheets(actor=actor, on=on),
        handed_over=unconfirmed.unconfirmed(actor=actor, on=on),
        most_shown=standstill.MOST_SHOWN,
        may_appoint=policy.permitted(actor, Permission.ORGANISATION_WRITE),
        events=[(row, event_of(row)) for row in queries.events(actor=actor, on=on)],
        labels=STATE_LABELS,
        broken=last_checks().broken if policy.permitted(actor, Permission.AUDIT_READ) else None,
        on=on,
    )


@bp.get("/persetujuan")
@requires(Permission.INBOX_READ)
def inbox() -> ResponseReturnValue:
    on = today_in_office()
    page = queries.inbox(actor=current_actor(), on=on, page=page_number())
    counts = kept_counts([sheet.id for sheet in page.sheets])
    return render_template("approvals/inbox.html", page=page, counts=counts, labels=STATE_LABELS, on=on)


@bp.get("/lembar/<int:sheet_id>")
@requires(Permission.SHEET_READ)
def sheet(sheet_id: int) -> ResponseReturnValue:
    return sheet_page.render(_sheet(sheet_id), current_actor())


@bp.get("/lembar/<int:sheet_id>/perbandingan")
@requires(Permission.SHEET_READ)
def compare(sheet_id: int) -> ResponseReturnValue:
    return sheet_page.compared(_sheet(sheet_id), current_actor())


@bp.post("/lembar/<int:sheet_id>/pengajuan")
@requires(Permission.SHEET_SUBMIT)
def submit(sheet_id: int) -> ResponseReturnValue:
    return _step(sheet_id, operations.submit, said=Step.SUBMIT)


@bp.post("/lembar/<int:sheet_id>/penarikan")
@requires(Permission.SHEET_SUBMIT)
def withdraw(sheet_id: int) -> ResponseReturnValue:
    return _step(sheet_id, operations.withdraw, said=Step.WITHDRAW)


@bp.post("/lembar/<int:sheet_id>/penerimaan")
@requires(Permission.SHEET_SUBMIT)
def take_over(sheet_id: int) -> ResponseReturnValue:
    """The post's new holder says that the sheet is theirs now."""
    return _step(sheet_id, handovers.take_over)


class _Operation(Protocol):
    def __call__(self, sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime) -> None: ...


def _step(sheet_id: int, operation: _Operation, *, said: Step | None = None) -> ResponseReturnValue:
    """A step that needs nothing but the version seen; refused, it comes back to the sheet with the reason on top."""
    found = _sheet(sheet_id)
    form = VersionForm()
    if not form.validate():
        return sheet_page.render(found, current_actor(), problem=sheet_page.first_error(form)), 422
    actor = current_actor().by(form.mandate.data)
    try:
        operation(found, actor=actor, seen=form.version.data, now=datetime.now(UTC))
    except (Outdated, WrongState, Incomplete) as refusal:
        return sheet_page.refused(refusal, sheet_id, current_actor())
    flash(sheet_page.done(said, found) if said else f"Anda menerima lembar {found.name}, {found.year}.", "success")
    return redirect(url_for("approvals.sheet", sheet_id=sheet_id))


@bp.post("/lembar/<int:sheet_id>/keputusan")
@requires(Permission.SHEET_DECIDE)
def decide(sheet_id: int) -> ResponseReturnValue:
    actor, found, form = current_actor(), _sheet(sheet_id), DecisionForm()
    rows = request.form.getlist("rows", type=int)
    if not form.validate():
        return sheet_page.render(found, actor, decision=form, pointed=rows), 422
    step, seen, now = Step(form.step.data), form.version.data, datetime.now(UTC)
    note, by = (form.note.data or "").replace("\r\n", "\n"), actor.by(form.mandate.data)
    try:
        if step is Step.RETURN:
            operations.return_sheet(found, actor=by, seen=seen, now=now, note=note, indicator_ids=rows)
        elif step is Step.REVIEW:
            operations.review(found, actor=by, seen=seen, now=now, note=note)
        else:
            operations.approve(found, actor=by, seen=seen, now=now, note=note)
    except (Outdated, WrongState) as refusal:
        return sheet_page.refused(refusal, sheet_id, actor, decision=form, seen=seen, pointed=rows)
    except (Incomplete, Invalid) as refusal:
        log_refusal(str(refusal), status=422)
        abandon()
        form.note.errors = [str(refusal)]
        return sheet_page.render(found, actor, decision=form, pointed=rows), 422
    flash(sheet_page.done(step, found), "success")
    following = queries.next_waiting(actor=actor, on=today_in_office())
    if following is None:
        return redirect(url_for("approvals.inbox"))
    return redirect(url_for("approvals.sheet", sheet_id=following))


@bp.post("/lembar/<int:sheet_id>/temuan")
@requires(Permission.SHEET_WRITE)
def answer(sheet_id: int) -> ResponseReturnValue:
    """The owner says why a finding stands on purpose, or takes that back."""
    actor, found, form = current_actor(), _sheet(sheet_id), AnswerForm()
    if not form.validate():
        return sheet_page.render(found, actor, answering=form), 422
    key, reason, now = form.finding.data, (form.reason.data or "").replace("\r\n", "\n"), datetime.now(UTC)
    try:
        if form.action.data == "withdraw":
            answering.withdraw_answer(found, key, actor=actor, now=now)
        else:
            answering.answer(found, key, actor=actor, reason=reason, now=now)
    except (Outdated, WrongState) as refusal:
        return sheet_page.refused(refusal, sheet_id, actor, answering=form)
    except Incomplete as refusal:
        log_refusal(str(refusal), status=422)
        abandon()
        form.reason.errors = [str(refusal)]
        return sheet_page.render(found, actor, answering=form), 422
    flash("Jawaban Anda dicabut." if form.action.data == "withdraw" else "Jawaban tersimpan; pereviu membacanya.", "success")
    place = key.split(".")[1]
    return redirect(url_for("approvals.sheet", sheet_id=sheet_id, _anchor=place if place.startswith("indikator") else "mutu"))


@bp.route("/lembar/<int:sheet_id>/perubahan", methods=["GET", "POST"])
@requires(Permission.SHEET_REVISE)
def revise(sheet_id: int) -> ResponseReturnValue:
    """Open the next revision: a page of its own, because it asks why."""
    actor, found, form = current_actor(), _sheet(sheet_id), RevisionForm()
    verdict = policy.may(actor, Step.REVISE, found, found.route)
    policy.demand(verdict, Step.REVISE, found, found.route)
    if request.method == "GET":
        return render_template("approvals/revise.html", sheet=found, form=form, verdict=verdict, problems=[])
    if not form.validate():
        page = render_template("approvals/revise.html", sheet=found, form=form, verdict=verdict, problems=problems(form))
        return page, 422
    now, by = datetime.now(UTC), actor.by(form.mandate.data)
    newer = operations.revise(found, actor=by, reason=form.reason.data, note=form.note.data, now=now)
    flash(f"{revision_name(found.revision + 1)} dibuat sebagai draf. Lembar yang berlaku tetap berlaku.", "success")
    return redirect(url_for("approvals.sheet", sheet_id=newer))


@bp.get("/tahun")
@requires(Permission.YEAR_READ)
def newest_year() -> ResponseReturnValue:
    return redirect(url_for("approvals.year", year=performance_year(None).year))


@bp.get("/tahun/<int:year>")
@requires(Permission.YEAR_READ)
def year(year: int) -> ResponseReturnValue:
    return year_page(year)


@bp.post("/tahun/<int:year>/penutupan")
@requires(Permission.YEAR_CLOSE)
def close_planning(year: int) -> ResponseReturnValue:
    performance_year(year)
    try:
        operations.close_planning(year, actor=current_actor(), now=datetime.now(UTC))
    except (Incomplete, WrongState) as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return year_page(year, problem=str(refusal)), 409
    flash(f"Tahap penetapan {year} ditutup. Sejak sekarang hanya perubahan yang diterima.", "success")
    return redirect(url_for("approvals.year", year=year))


def year_page(number: int, problem: str = "") -> str:
    """Penetapan tahun, also with what was refused on it."""
    actor, on = current_actor(), today_in_office()
    found = performance_year(number)
    only_open = request.args.get("tampil") != "semua"
    page = queries.year_sheets(number, on=on, page=page_number(), only_open=only_open)
    desks = [(each, policy.waiting_desk(each, each.route)) for each in page.sheets]
    progress = queries.progress(number)
    return render_template(
        "approvals/year.html",
        shown=found,
        year=number,
        stage_word=STAGE_WORDS[found.stage],
        is_planning=found.stage is YearStage.PLANNING,
        may_close=policy.permitted(actor, Permission.YEAR_CLOSE),
        progress=progress,
        missing=queries.posts_without_sheet(number, on=on) if progress.without_sheet else [],
        lines=[(each, desk, reminding.may_remind(actor, desk)) for each, desk in desks],
        may_remind=policy.permitted(actor, Permission.YEAR_REMIND),
        reminded=reminding.reminded(number, on=on),
        page=page,
        only_open=only_open,
        labels=STATE_LABELS,
        problem=problem,
        days_left=days_left(found.planning_deadline_on, on),
    )


def days_left(deadline: date | None, on: date) -> int | None:
    return None if deadline is None else (deadline - on).days


def _sheet(sheet_id: int) -> SeenSheet:
    return sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
