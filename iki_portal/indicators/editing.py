"""Writing a sheet where it is printed: saving, autosave, the buttons in between, and what happens when two people write."""

from datetime import UTC, datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain import policy
from iki_portal.domain.dates import format_time, today_in_office
from iki_portal.domain.drafts import Rows, changed_cells, same_shape
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.policy import Permission
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, completeness
from iki_portal.domain.units_of_measure import SUGGESTIONS
from iki_portal.indicators import draft_versions, operations, queries
from iki_portal.indicators.checking import checked
from iki_portal.indicators.comments import unsettled_beside
from iki_portal.indicators.editor_buttons import UNKNOWN, Pressed, accept_all, acceptable, press
from iki_portal.indicators.forms import SheetForm, cell_text
from iki_portal.indicators.operations import Disagreed, Saved
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.indicators.suggesting import Suggestion, suggestions
from iki_portal.indicators.views import bp
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.errors import wants_json
from iki_portal.web.labels import STATE_LABELS, beside_rows
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

__all__ = ["bp"]

UNITS_OF_MEASURE = sorted({unit for _, unit in SUGGESTIONS})


@bp.route("/lembar/<int:sheet_id>/ubah", methods=["GET", "POST"])
@requires(Permission.SHEET_WRITE)
def edit(sheet_id: int) -> ResponseReturnValue:
    sheet = _sheet_to_write(sheet_id)
    if request.method == "GET":
        return _editor(sheet)
    form = SheetForm.of_post(request.form)
    action, now = request.form.get("action", "save"), datetime.now(UTC)
    try:
        pressed = _pressed(form, action, sheet)
        rows = form.proposal()
        if form.problems:
            return _not_saved(sheet, form, "Belum tersimpan: " + form.problems[0].message, 422)
        saved = operations.save_beside_others(sheet, rows, actor=current_actor(), seen=form.version, now=now, act=pressed.act)
        pressed = _once_saved(sheet, action, now) or pressed
    except (Outdated, Invalid) as refusal:
        return _refused(refusal, sheet_id, form)
    if wants_json():
        return _autosaved(sheet, rows, saved, now)
    return _after_saving(sheet_id, action, pressed, saved)


def _pressed(form: SheetForm, action: str, sheet: SeenSheet) -> Pressed:
    """What a button changes in the form itself, before it is saved."""
    if action in ("save", "done") or action.startswith(("undo:", "copy-to:")):
        return Pressed()
    if action == "accept-all":
        return accept_all(form, _suggested(form))
    return press(form, action, year=sheet.year, pasted=request.form.get("pasted", ""))


def _suggested(form: SheetForm) -> dict[str, Suggestion]:
    """What is suggested for rows without a satuan or a code; every other row needs none."""
    rows = [row for statement in form.statements for row in statement.indicators]
    asking = [row for row in rows if not (row.values["unit_of_measure"] and row.values["sub_kegiatan_code"])]
    return suggestions({row.key: row.values["text"] for row in asking}, actor=current_actor())


def _once_saved(sheet: SeenSheet, action: str, now: datetime) -> Pressed | None:
    """What a button does with the saved draft."""
    verb, *numbers = action.split(":")
    if verb == "undo":
        (version,) = _whole_numbers(numbers, 1)
        return Pressed(said=f"Diurungkan: {operations.undo(sheet, version, actor=current_actor(), now=now)}.")
    if verb == "copy-to":
        row, target_id = _whole_numbers(numbers, 2)
        target = _sheet_to_write(target_id)
        operations.copy_to(target, sheet, row, actor=current_actor(), now=now)
        return Pressed(f"indikator-{row}", said=f"Baris disalin ke draf tahun {target.year}.")
    return None


def _whole_numbers(texts: list[str], count: int) -> list[int]:
    if len(texts) != count or not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts):
        raise Invalid(UNKNOWN)
    return [int(text) for text in texts]


def _after_saving(sheet_id: int, action: str, pressed: Pressed, saved: Saved) -> ResponseReturnValue:
    if saved.with_others:
        flash("Perubahan dari halaman atau orang lain ikut tersimpan.", "success")
    if action == "done":
        flash("Draf tersimpan.", "success")
        return redirect(url_for("approvals.sheet", sheet_id=sheet_id))
    if said := pressed.said or ("Draf tersimpan." if action == "save" else ""):
        flash(said, "success")
    return redirect(url_for("indicators.edit", sheet_id=sheet_id, _anchor=_anchor(pressed.place)))


def _anchor(place: str) -> str | None:
    """The field to go on with; a row that was new in the form has another name by now."""
    return "baru" if place.partition("-")[2].startswith("b") else place or None


def _autosaved(sheet: SeenSheet, sent: Rows, saved: Saved, now: datetime) -> ResponseReturnValue:
    """What the page must know: the version to go on from, and every cell that now differs from what it sent."""
    stored = {each.id: each for row in saved.rows for each in row.indicators}
    texts = {row.id: row.text for row in saved.rows}
    cells = {
        f"{kind}-{key}-{cell}": texts[key] if kind == "statement" else cell_text(cell, getattr(stored[key], cell))
        for kind, key, cell in changed_cells(sent, saved.rows)
    }
    return jsonify(
        version=saved.version,
        saved_at=format_time(now),
        sheet=sheet.id,
        cells=cells,
        rows_differ=not same_shape(sent, saved.rows),
    )


def _refused(refusal: Outdated | Invalid, sheet_id: int, form: SheetForm) -> ResponseReturnValue:
    """Nothing was written: say why, show what was typed, and let it be sent again on top of what stands now."""
    status = 409 if isinstance(refusal, Outdated) else 422
    abandon()
    sheet = _sheet_to_write(sheet_id)
    if isinstance(refusal, Disagreed):
        form = SheetForm.of_rows(refusal.merged.rows, sheet.version)
        form.mark(refusal.merged.disagreements)
    return _not_saved(sheet, form, str(refusal), status)


def _not_saved(sheet: SeenSheet, form: SheetForm, message: str, status: int) -> ResponseReturnValue:
    log_refusal(message if status == 409 else "form", status=status)
    if wants_json():
        return jsonify(message=message), status
    if status == 409:
        form.version = sheet.version
        return _editor(sheet, form, problem=message, shows_standing=not form.problems), 409
    return _editor(sheet, form, problem="" if form.problems else message), status


def _editor(sheet: SeenSheet, form: SheetForm | None = None, *, problem: str = "", shows_standing: bool = False) -> str:
    """The page with what stands, or with what was typed; `shows_standing`: and with what stands beside it."""
    paper = papers([sheet.id])[sheet.id]
    standing = SheetForm.of_rows(rows_on(paper), sheet.version)
    suggested = _suggested(form or standing)
    return render_template(
        "indicators/edit.html",
        sheet=sheet,
        year=sheet.year,
        form=form or standing,
        problem=problem,
        standing=standing if shows_standing else None,
        complete=completeness(paper.statements),
        beside=beside_rows(checked(sheet.id, paper, actor=current_actor(), on=today_in_office())),
        comments=unsettled_beside(sheet, paper, actor=current_actor()),
        pasted=request.form.get("pasted", "") if form else "",
        other_drafts=queries.other_drafts(sheet),
        suggested=suggested,
        acceptable=acceptable(form or standing, suggested),
        undoable=draft_versions.undoable(sheet.id),
        label=STATE_LABELS[sheet.state],
        polarities=[("", "Pilih …"), *((key.value, word) for key, word in POLARITY_WORDS.items())],
        aggregations=[("", "Pilih …"), *((key.value, word) for key, word in AGGREGATION_WORDS.items())],
        units_of_measure=UNITS_OF_MEASURE,
    )


def _sheet_to_write(sheet_id: int) -> SeenSheet:
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    policy.demand_writing(current_actor(), sheet, sheet.route)
    return sheet
