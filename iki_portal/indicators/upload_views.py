"""Impor dokumen: send a file, see what was understood of it beside the original, and make drafts of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.placing import Choice
from iki_portal.domain.policy import Permission
from iki_portal.extensions import limiter
from iki_portal.imports.limits import LARGEST_DOCUMENT
from iki_portal.imports.template import TemplatePost, template_xlsx
from iki_portal.indicators import applying, reading, uploads
from iki_portal.indicators.applying import Problem, Unplaceable, outcome_of
from iki_portal.indicators.editing import bp
from iki_portal.indicators.understood import from_json
from iki_portal.indicators.upload_forms import choices_in
from iki_portal.indicators.upload_pages import preview as preview_of
from iki_portal.indicators.uploads import UploadLine
from iki_portal.models import UploadState
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import XLSX, download
from iki_portal.web.labels import UPLOAD_LABELS, UPLOAD_STALE, Label
from iki_portal.web.logs import log_refusal
from iki_portal.web.sizes import takes_file_of
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.get("/impor", endpoint="uploads")
@requires(Permission.DOCUMENT_IMPORT)
def own_uploads() -> ResponseReturnValue:
    return _uploads_page()


@bp.post("/impor")
@requires(Permission.DOCUMENT_IMPORT)
@takes_file_of(LARGEST_DOCUMENT)
@limiter.limit("10 per minute")
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    year = request.form.get("year", type=int)
    try:
        upload_id = uploads.take_upload(name, content, year=year, actor=current_actor(), now=datetime.now(UTC))
    except Invalid as refusal:
        log_refusal(str(refusal), status=422)
        abandon()
        return _uploads_page(problem=str(refusal), year=year), 422
    _start_reader(upload_id)
    return redirect(url_for("indicators.preview", upload_id=upload_id))


@bp.get("/impor/templat")
@requires(Permission.DOCUMENT_IMPORT)
def template() -> ResponseReturnValue:
    """The workbook to fill in, with a row for each post that this person may import for."""
    posts = applying.posts_to_import(current_actor())
    return download(template_xlsx([TemplatePost(post.title, post.unit) for post in posts]), "Templat-IKI.xlsx", XLSX)


def _start_reader(upload_id: int) -> None:
    @after_this_request
    def start(response: BaseResponse) -> BaseResponse:  # after the commit: the reader must find the row
        reading.start_reader(upload_id)
        return response


def _uploads_page(*, problem: str = "", year: int | None = None) -> str:
    actor, now = current_actor(), datetime.now(UTC)
    years = uploads.planning_years()
    listed = uploads.uploads(actor, now=now)
    return render_template(
        "indicators/uploads.html",
        uploads=[(line, _label(line)) for line in listed],
        is_under_way=any(line.is_under_way for line in listed),
        years=years,
        chosen_year=year if year in years else (years[0] if years else None),
        problem=problem,
        is_operator=actor.is_operator,
        kept_days=uploads.KEPT.days,
    )


def _label(line: UploadLine) -> Label:
    return UPLOAD_STALE if line.is_stale else UPLOAD_LABELS[line.state]


@bp.get("/impor/<int:upload_id>")
@requires(Permission.DOCUMENT_IMPORT)
def preview(upload_id: int) -> ResponseReturnValue:
    return _upload_page(upload_id)


def _upload_page(
    upload_id: int,
    *,
    problem: str = "",
    choices: Mapping[int, Choice] | None = None,
    problems: Sequence[Problem] = (),
) -> str:
    actor = current_actor()
    line = uploads.upload_in_sight(upload_id, actor=actor, now=datetime.now(UTC))
    understood = from_json(uploads.understood_text(upload_id)) if line.state is UploadState.READ else None
    return render_template(
        "indicators/preview.html",
        upload=line,
        year=line.year,
        label=_label(line),
        understood=understood,
        preview=preview_of(understood, line.year, actor=actor, choices=choices, problems=problems) if understood else None,
        placed=outcome_of(line.outcome),
        own_posts=actor.position_ids,
        is_operator=actor.is_operator,
        problem=problem,
        problems=[{"field_id": f"post-{each.place}", "message": f"Lembar {each.place}: {each.message}"} for each in problems],
    )


@bp.post("/impor/<int:upload_id>/pembacaan")
@requires(Permission.DOCUMENT_IMPORT)
def read_again(upload_id: int) -> ResponseReturnValue:
    uploads.read_again(upload_id, actor=current_actor(), now=datetime.now(UTC))
    _start_reader(upload_id)
    return redirect(url_for("indicators.preview", upload_id=upload_id))


@bp.post("/impor/<int:upload_id>/penerapan")
@requires(Permission.DOCUMENT_IMPORT)
def apply_upload(upload_id: int) -> ResponseReturnValue:
    choices = choices_in(request.form)
    try:
        placed = applying.apply_upload(upload_id, choices, actor=current_actor(), now=datetime.now(UTC), on=today_in_office())
    except (Invalid, Outdated) as refusal:
        return _not_applied(upload_id, refusal, choices)
    flash(f"{len(placed)} lembar diterapkan sebagai draf.", "success")
    return redirect(url_for("indicators.preview", upload_id=upload_id))


def _not_applied(upload_id: int, refusal: Invalid | Outdated, choices: Mapping[int, Choice]) -> ResponseReturnValue:
    """Nothing was written: the page as things stand now, with what was chosen and why it could not be done."""
    problems = refusal.problems if isinstance(refusal, Unplaceable) else ()
    status = 409 if isinstance(refusal, Outdated) or any(each.is_outdated for each in problems) else 422
    log_refusal(str(refusal), status=status)
    abandon()
    problem = "" if problems else str(refusal)
    return _upload_page(upload_id, problem=problem, choices=choices, problems=problems), status


@bp.post("/impor/<int:upload_id>/pembatalan")
@requires(Permission.DOCUMENT_IMPORT)
def cancel_upload(upload_id: int) -> ResponseReturnValue:
    uploads.cancel_upload(upload_id, actor=current_actor())
    flash("Unggahan dibatalkan; berkasnya dihapus dari portal.", "success")
    return redirect(url_for("indicators.uploads"))
