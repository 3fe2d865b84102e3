"""Daftar lembar, and writing a sheet where it is printed."""

from datetime import UTC, datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain import policy
from iki_portal.domain.dates import format_time, today_in_office
from iki_portal.domain.errors import DomainError, Invalid, NotAllowed, Outdated, WrongState
from iki_portal.domain.policy import Permission
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, completeness
from iki_portal.domain.units_of_measure import SUGGESTIONS
from iki_portal.domain.workflow import STATE_WORDS, State
from iki_portal.indicators import operations, queries
from iki_portal.indicators.checking import checked, kept_counts
from iki_portal.indicators.forms import SheetForm
from iki_portal.indicators.papers import papers
from iki_portal.indicators.queries import SheetFilter
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.errors import wants_json
from iki_portal.web.labels import STATE_LABELS, beside_rows
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id, page_number, search_words
from iki_portal.web.transaction import abandon

bp = Blueprint("indicators", __name__, template_folder="templates")

LONGEST_SEARCH = 100
UNITS_OF_MEASURE = sorted({unit for _, unit in SUGGESTIONS})


@bp.get("/lembar")
@requires(Permission.SHEET_READ)
def sheets() -> ResponseReturnValue:
    actor, on = current_actor(), today_in_office()
    year = queries.performance_year(request.args.get("tahun", type=int))
    chosen = SheetFilter(
        year=year.year,
        unit_id=chosen_id("unit"),
        state=_state(request.args.get("status", "")),
        text=search_words(LONGEST_SEARCH),
        page=page_number(),
    )
    found = queries.sheet_list(chosen, actor=actor, on=on)
    return render_template(
        "indicators/sheets.html",
        year=year.year,
        found=found,
        counts=kept_counts([line.id for line in found.lines]),
        chosen=chosen,
        units=queries.unit_choices(),
        states=[(state.value, word) for state, word in STATE_WORDS.items()],
        labels=STATE_LABELS,
    )


def _state(word: str) -> State | None:
    return State(word) if word in STATE_WORDS else None


@bp.route("/lembar/<int:sheet_id>/ubah", methods=["GET", "POST"])
@requires(Permission.SHEET_WRITE)
def edit(sheet_id: int) -> ResponseReturnValue:
    sheet = _sheet_to_write(sheet_id)
    if request.method == "GET":
        form = SheetForm.of_paper(papers([sheet.id])[sheet.id], sheet.version)
        return _editor(sheet, form)
    form = SheetForm.of_post(request.form)
    rows = form.proposal()
    if form.problems:
        return _not_saved(sheet, form, "Belum tersimpan: " + form.problems[0].message, 422)
    action = request.form.get("action", "save")
    place = "" if action in ("save", "done") else form.change_rows(action)
    if action not in ("save", "done"):
        rows = form.proposal()
    now = datetime.now(UTC)
    try:
        version = operations.save_sheet(sheet, rows, actor=current_actor(), seen=form.version, now=now)
    except (Outdated, Invalid) as refusal:
        return _refused(refusal, sheet_id, form)
    if wants_json():
        return _autosaved(sheet_id, version, now)
    return _after_saving(sheet_id, action, place)


def _after_saving(sheet_id: int, action: str, place: str) -> ResponseReturnValue:
    if action == "done":
        flash("Draf tersimpan.", "success")
        return redirect(url_for("approvals.sheet", sheet_id=sheet_id))
    if action == "save":
        flash("Draf tersimpan.", "success")
    anchor = "baru" if place else None
    return redirect(url_for("indicators.edit", sheet_id=sheet_id, _anchor=anchor))


def _autosaved(sheet_id: int, version: int, now: datetime) -> ResponseReturnValue:
    return jsonify(version=version, saved_at=format_time(now), sheet=sheet_id)


def _refused(refusal: DomainError, sheet_id: int, form: SheetForm) -> ResponseReturnValue:
    """Nothing was written: say why, show what was typed, and let it be sent again on top of what stands now."""
    status = 409 if isinstance(refusal, Outdated) else 422
    abandon()
    sheet = _sheet_to_write(sheet_id)
    return _not_saved(sheet, form, str(refusal), status)


def _not_saved(sheet: SeenSheet, form: SheetForm, message: str, status: int) -> ResponseReturnValue:
    log_refusal(message if status == 409 else "form", status=status)
    if wants_json():
        return jsonify(message=message), status
    if status == 409:
        form.version = sheet.version
        standing = SheetForm.of_paper(papers([sheet.id])[sheet.id], sheet.version)
        return _editor(sheet, form, problem=message, standing=standing), 409
    return _editor(sheet, form, problem="" if form.problems else message), status


def _editor(sheet: SeenSheet, form: SheetForm, *, problem: str = "", standing: SheetForm | None = None) -> str:
    paper = papers([sheet.id])[sheet.id]
    return render_template(
        "indicators/edit.html",
        sheet=sheet,
        year=sheet.year,
        form=form,
        problem=problem,
        standing=standing,
        complete=completeness(paper.statements),
        beside=beside_rows(checked(sheet.id, paper, actor=current_actor(), on=today_in_office())),
        label=STATE_LABELS[sheet.state],
        polarities=[("", "Pilih …"), *((key.value, word) for key, word in POLARITY_WORDS.items())],
        aggregations=[("", "Pilih …"), *((key.value, word) for key, word in AGGREGATION_WORDS.items())],
        units_of_measure=UNITS_OF_MEASURE,
    )


def _sheet_to_write(sheet_id: int) -> SeenSheet:
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    verdict = policy.may_write(current_actor(), sheet, sheet.route)
    if not verdict:
        raise (NotAllowed if sheet.state is State.DRAFT else WrongState)(verdict.reason)
    return sheet
