"""Comments on the rows of a sheet: written on its page, answered and closed there."""

from datetime import UTC, datetime

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals import commenting, sheet_page
from iki_portal.approvals.comment_page import Typed
from iki_portal.approvals.forms import CommentForm, ReplyForm
from iki_portal.approvals.performance_views import bp
from iki_portal.domain.comments import Cell, CommentStep
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import DomainError, Incomplete, Invalid, Outdated, WrongState
from iki_portal.domain.policy import Permission
from iki_portal.indicators.comments import thread_in_sight
from iki_portal.indicators.sight import sheet_in_sight
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

__all__ = ["bp"]

SAID = {
    CommentStep.REPLY: "Tanggapan terkirim.",
    CommentStep.TICK_OFF: "Komentar ditandai sudah diperbaiki; penulisnya akan memeriksa sesudah lembar diajukan.",
    CommentStep.CLOSE: "Komentar ditutup.",
    CommentStep.REOPEN: "Komentar dibuka lagi.",
}


@bp.post("/lembar/<int:sheet_id>/komentar")
@requires(Permission.SHEET_COMMENT)
def comment(sheet_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), CommentForm()
    sheet = sheet_in_sight(sheet_id, actor=actor, on=today_in_office())
    row, text = form.row.data or "", form.text.data or ""
    typed = Typed(row, text, "", form.cell.data or "")
    if not form.validate():
        return _refused(sheet_id, typed, sheet_page.first_error(form), status=422)
    try:
        commenting.write_comment(sheet, actor=actor, row=row, cell=Cell(form.cell.data), text=text, now=datetime.now(UTC))
    except (Incomplete, Invalid, Outdated, WrongState) as refusal:
        return _refused(sheet_id, typed, str(refusal), status=_status(refusal))
    flash("Komentar tersimpan.", "success")
    return _back_to(sheet_id, row)


@bp.post("/lembar/<int:sheet_id>/komentar/<int:comment_id>/jawaban")
@requires(Permission.SHEET_COMMENT)
def reply_to_comment(sheet_id: int, comment_id: int) -> ResponseReturnValue:
    return _move(sheet_id, comment_id, CommentStep.REPLY)


@bp.post("/lembar/<int:sheet_id>/komentar/<int:comment_id>/selesai")
@requires(Permission.SHEET_COMMENT)
def tick_off_comment(sheet_id: int, comment_id: int) -> ResponseReturnValue:
    return _move(sheet_id, comment_id, CommentStep.TICK_OFF)


@bp.post("/lembar/<int:sheet_id>/komentar/<int:comment_id>/tutup")
@requires(Permission.SHEET_COMMENT)
def close_comment(sheet_id: int, comment_id: int) -> ResponseReturnValue:
    return _move(sheet_id, comment_id, CommentStep.CLOSE)


@bp.post("/lembar/<int:sheet_id>/komentar/<int:comment_id>/buka")
@requires(Permission.SHEET_COMMENT)
def reopen_comment(sheet_id: int, comment_id: int) -> ResponseReturnValue:
    return _move(sheet_id, comment_id, CommentStep.REOPEN)


def _move(sheet_id: int, comment_id: int, step: CommentStep) -> ResponseReturnValue:
    actor, form = current_actor(), ReplyForm()
    sheet = sheet_in_sight(sheet_id, actor=actor, on=today_in_office())
    thread = thread_in_sight(comment_id, sheet, actor=actor)
    text = form.text.data or ""
    typed = Typed(f"comment-{thread.id}", text, "")
    if not form.validate():
        return _refused(sheet_id, typed, sheet_page.first_error(form), status=422)
    seen, now = form.version.data, datetime.now(UTC)
    try:
        commenting.move_comment(sheet, thread, step, actor=actor, seen=seen, text=text, now=now)
    except (Incomplete, Outdated, WrongState) as refusal:
        return _refused(sheet_id, typed, str(refusal), status=_status(refusal))
    flash(SAID[step], "success")
    return _back_to(sheet_id, thread.row)


def _back_to(sheet_id: int, row: str) -> ResponseReturnValue:
    return redirect(url_for("approvals.sheet", sheet_id=sheet_id, _anchor=f"komentar-{row}" if row else "komentar-lepas"))


def _status(refusal: DomainError) -> int:
    return 409 if isinstance(refusal, Outdated | WrongState) else 422


def _refused(sheet_id: int, typed: Typed, problem: str, *, status: int) -> ResponseReturnValue:
    """The sheet as it stands now, with what was typed still in its box."""
    log_refusal(problem, status=status)
    abandon()
    actor = current_actor()
    sheet = sheet_in_sight(sheet_id, actor=actor, on=today_in_office())
    typed = Typed(typed.box, typed.text, problem, typed.cell)
    return sheet_page.render(sheet, actor, problem=problem, typed=typed), status
