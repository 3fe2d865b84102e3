"""Dialog kinerja: the talks of a sheet, begun, written and confirmed by its owner and their superior."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.dialogue import operations, pages, queries
from iki_portal.dialogue.forms import ConfirmForm, TalkForm
from iki_portal.dialogue.operations import Unready, Unwritable
from iki_portal.dialogue.queries import Circle, SeenTalk
from iki_portal.domain import dialogue
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.dialogue import OTHER, SIDE_WORDS, TalkState
from iki_portal.domain.errors import DomainError, Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Permission
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

bp = Blueprint("dialogue", __name__, template_folder="templates")


@bp.get("/lembar/<int:sheet_id>/dialog")
@requires(Permission.SHEET_READ)
def talks(sheet_id: int) -> ResponseReturnValue:
    """The talks on the sheet's post and year that the reader may see."""
    sheet, circle = _circle(sheet_id)
    return pages.list_page(sheet, actor=current_actor(), on=today_in_office(), around=circle.around)


def _circle(sheet_id: int) -> tuple[SeenSheet, Circle]:
    """The sheet, for whoever takes part in talks on it; for everybody else there are none."""
    actor, on = current_actor(), today_in_office()
    sheet = sheet_in_sight(sheet_id, actor=actor, on=on)
    circle = queries.entry_of(sheet, actor=actor, on=on)
    if circle is None:
        raise NotFound(queries.NOT_FOUND)
    return sheet, circle


@bp.route("/lembar/<int:sheet_id>/dialog/baru", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_WRITE)
def new_talk(sheet_id: int) -> ResponseReturnValue:
    """Record a talk that was held."""
    (sheet, circle), actor = _circle(sheet_id), current_actor()
    if reason := dialogue.no_beginning_because(circle.around):
        raise WrongState(reason)
    verdict = dialogue.may_begin(actor, circle.around)
    if not verdict:
        raise NotAllowed(verdict.reason)
    side = dialogue.side_today(actor, circle.around)
    partners = dialogue.people_of(OTHER[side], circle.around) if side else ()
    form = TalkForm(side=side, partners=partners)
    if not form.is_submitted():
        form = TalkForm(
            formdata=None, side=side, partners=partners, version=queries.begun_by(actor, sheet), held_on=today_in_office()
        )
        return _new_page(sheet, circle, form)
    return _begin(sheet, circle, form)


def _begin(sheet: SeenSheet, circle: Circle, form: TalkForm) -> ResponseReturnValue:
    actor, now = current_actor(), datetime.now(UTC)
    if not form.validate():
        return _new_page(sheet, circle, form, problems(form)), 422
    try:
        by, seen = actor.by(form.mandate.data), form.version.data
        talk_id = operations.begin(sheet, form.text(), actor=by, partner_id=form.partner_id, seen=seen, now=now)
    except Unwritable as refusal:
        form.mark(refusal.problems)
        log_refusal(str(refusal), status=422)
        return _new_page(sheet, circle, form, problems(form)), 422
    except Invalid as refusal:
        form.partner.errors = [str(refusal)]
        log_refusal(str(refusal), status=422)
        return _new_page(sheet, circle, form, problems(form)), 422
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.version.raw_data, form.version.data = None, queries.begun_by(actor, sheet)
        return _new_page(sheet, circle, form, summary), 409
    flash("Dialog kinerja tercatat. Pihak lain diberi tahu untuk menulis bagiannya.", "success")
    return redirect(url_for("dialogue.talk", sheet_id=sheet.id, talk_id=talk_id))


def _new_page(sheet: SeenSheet, circle: Circle, form: TalkForm, summary: list[dict[str, str]] | None = None) -> str:
    other = OTHER[form.side]
    return render_template(
        "dialogue/new_talk.html",
        sheet=sheet,
        form=form,
        begins=dialogue.may_begin(current_actor(), circle.around),
        others=dialogue.people_of(other, circle.around),
        other_word=SIDE_WORDS[other],
        problems=summary or [],
    )


@bp.get("/lembar/<int:sheet_id>/dialog/<int:talk_id>")
@requires(Permission.SHEET_READ)
def talk(sheet_id: int, talk_id: int) -> ResponseReturnValue:
    return pages.talk_page(_talk(sheet_id, talk_id), actor=current_actor(), on=today_in_office())


def _talk(sheet_id: int, talk_id: int) -> SeenTalk:
    return queries.talk_in_sight(talk_id, sheet_id, actor=current_actor())


@bp.route("/lembar/<int:sheet_id>/dialog/<int:talk_id>/ubah", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_WRITE)
def change_talk(sheet_id: int, talk_id: int) -> ResponseReturnValue:
    """Write one's own part and the common ones."""
    talk, actor = _talk(sheet_id, talk_id), current_actor()
    side = dialogue.side_of(talk, actor.employee_id)
    verdict, form = dialogue.may_write(actor, talk), TalkForm(side=side)
    if form.is_submitted() and side is not None:
        return _write(talk, form)
    if not verdict or side is None:
        raise (WrongState if talk.state is TalkState.CLOSED else NotAllowed)(verdict.reason)
    return _change_page(talk, TalkForm.of_text(talk.text, side, version=talk.version))


def _write(talk: SeenTalk, form: TalkForm) -> ResponseReturnValue:
    actor, now = current_actor(), datetime.now(UTC)
    try:
        by = actor.by(form.mandate.data)
        if not form.validate():
            return _change_page(talk, form, problems(form)), 422
        lost = operations.write(talk, form.text(), actor=by, seen=form.version.data, now=now)
    except Unwritable as refusal:
        form.mark(refusal.problems)
        log_refusal(str(refusal), status=422)
        return _change_page(talk, form, problems(form)), 422
    except (Outdated, WrongState) as refusal:
        return _overtaken(talk, form, refusal)
    flash("Tidak ada yang berubah." if lost is None else f"Tersimpan. {lost}".strip(), "success")
    return redirect(url_for("dialogue.talk", sheet_id=talk.sheet_id, talk_id=talk.id))


def _overtaken(talk: SeenTalk, form: TalkForm, refusal: DomainError) -> ResponseReturnValue:
    """Nothing was saved: the form over the talk as it stands now, with what was typed."""
    summary = refused_as_outdated(refusal) if isinstance(refusal, Outdated) else []
    if not summary:
        log_refusal(str(refusal), status=409)
        abandon()
    talk = _talk(talk.sheet_id, talk.id)
    form.version.raw_data, form.version.data = None, talk.version
    return _change_page(talk, form, summary, problem="" if summary else str(refusal)), 409


def _change_page(talk: SeenTalk, form: TalkForm, summary: list[dict[str, str]] | None = None, *, problem: str = "") -> str:
    other = OTHER[form.side]
    return render_template(
        "dialogue/change_talk.html",
        talk=talk,
        form=form,
        writes=dialogue.may_write(current_actor(), talk),
        other=talk.people[other],
        other_word=SIDE_WORDS[other],
        other_part=talk.text.superior_part if other is dialogue.Side.SUPERIOR else talk.text.owner_part,
        other_confirmed=other in talk.confirmed,
        problems=summary or [],
        problem=problem,
        stands=pages.form_changes(form, talk) if summary or problem else [],
    )


@bp.post("/lembar/<int:sheet_id>/dialog/<int:talk_id>/konfirmasi")
@requires(Permission.DIALOGUE_WRITE)
def confirm_talk(sheet_id: int, talk_id: int) -> ResponseReturnValue:
    """Confirm the whole text, as it was shown."""
    talk, form, actor = _talk(sheet_id, talk_id), ConfirmForm(), current_actor()
    if not form.validate():
        raise Invalid(str(problems(form)[0]["message"]))
    try:
        by = actor.by(form.mandate.data)
        confirmed = operations.confirm(talk, actor=by, seen=form.version.data, now=datetime.now(UTC))
    except (Unready, Outdated, WrongState) as refusal:
        status = 422 if isinstance(refusal, Unready) else 409
        log_refusal(str(refusal), status=status)
        abandon()
        page = pages.talk_page(_talk(sheet_id, talk_id), actor=actor, on=today_in_office(), problem=str(refusal))
        return page, status
    closed = confirmed.state is TalkState.CLOSED
    flash("Dikonfirmasi kedua pihak; dialog ini tidak berubah lagi." if closed else "Konfirmasi Anda tersimpan.", "success")
    return redirect(url_for("dialogue.talk", sheet_id=sheet_id, talk_id=talk_id))
