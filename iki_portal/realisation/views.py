"""Realisasi: the owner reports a quarter of the sheet in force, the reviewer verifies it, everybody reads what was verified."""

from datetime import UTC, datetime
from typing import Protocol

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.attachments import LARGEST_FILE, AttachmentKind
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import DomainError, Incomplete, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Actor, Permission
from iki_portal.domain.quarters import QUARTERS, Window
from iki_portal.domain.realisation import REPORT_PASSIVE, ReportStep
from iki_portal.domain.realised import RowProblem
from iki_portal.domain.workflow import FINAL
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.realisation import attachments, operations, pages, report_page
from iki_portal.realisation.attachments import EvidenceRefused
from iki_portal.realisation.forms import ReportForm, StepForm, VerificationForm
from iki_portal.realisation.operations import Proposal, ReasonMissing, Unfinished, Unreportable
from iki_portal.realisation.queries import AttachmentLine, report_of
from iki_portal.realisation.store import Damaged, StoreError, the_store
from iki_portal.realisation.windows import windows_of
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import DOCX, XLSX, evidence_file
from iki_portal.web.forms import problems as problems_of
from iki_portal.web.logs import log, log_refusal
from iki_portal.web.sizes import takes_file_of
from iki_portal.web.transaction import abandon

bp = Blueprint("realisation", __name__, template_folder="templates")

#: Several files in one sending; each is at most `LARGEST_FILE`.
LARGEST_SENDING = 3 * LARGEST_FILE
NOT_IN_FORCE = "Lembar ini belum ditetapkan; realisasinya diisi sesudah itu."
STORE_AWAY = "Penyimpanan bukti sedang tidak dapat dipakai, jadi belum ada yang tersimpan. Tunggu sebentar, lalu simpan lagi."
DAMAGED = "Berkas bukti ini hilang atau rusak di penyimpanan. Hubungi operator."
MEDIA_TYPES = {
    AttachmentKind.PDF: "application/pdf",
    AttachmentKind.PNG: "image/png",
    AttachmentKind.JPEG: "image/jpeg",
    AttachmentKind.XLSX: XLSX,
    AttachmentKind.DOCX: DOCX,
}


@bp.get("/lembar/<int:sheet_id>/realisasi")
@requires(Permission.SHEET_READ)
def newest_report(sheet_id: int) -> ResponseReturnValue:
    """The quarter that is being reported."""
    sheet = reported_sheet(sheet_id)
    quarter = pages.quarter_to_show(windows_of(sheet.year), today_in_office())
    return redirect(url_for("realisation.report", sheet_id=sheet_id, quarter=quarter))


@bp.get("/lembar/<int:sheet_id>/realisasi/<int:quarter>")
@requires(Permission.SHEET_READ)
def report(sheet_id: int, quarter: int) -> ResponseReturnValue:
    return report_page.render(reported_sheet(sheet_id), quarter_in_sight(quarter), current_actor())


@bp.post("/lembar/<int:sheet_id>/realisasi/<int:quarter>/isian")
@requires(Permission.REALISATION_REPORT)
@takes_file_of(LARGEST_SENDING)
def write_report(sheet_id: int, quarter: int) -> ResponseReturnValue:
    """Save figures, words and evidence of the quarter."""
    sheet, quarter = reported_sheet(sheet_id), quarter_in_sight(quarter)
    form = ReportForm.of_post(request.form, request.files)
    refused = _save(sheet, quarter, form)
    if refused is not None:
        return refused
    flash("Isian tersimpan.", "success")
    return redirect(url_for("realisation.report", sheet_id=sheet_id, quarter=quarter))


@bp.post("/lembar/<int:sheet_id>/realisasi/<int:quarter>/pengiriman")
@requires(Permission.REALISATION_REPORT)
@takes_file_of(LARGEST_SENDING)
def submit_report(sheet_id: int, quarter: int) -> ResponseReturnValue:
    """Save what stands on the page, and ask for its verification."""
    sheet, quarter, now = reported_sheet(sheet_id), quarter_in_sight(quarter), datetime.now(UTC)
    form = ReportForm.of_post(request.form, request.files)
    refused = _save(sheet, quarter, form, then_submit=True, now=now)
    if refused is not None:
        return refused
    flash("Laporan dikirim untuk diverifikasi.", "success")
    return redirect(url_for("realisation.report", sheet_id=sheet_id, quarter=quarter))


def _save(
    sheet: SeenSheet, quarter: int, form: ReportForm, *, then_submit: bool = False, now: datetime | None = None
) -> ResponseReturnValue | None:
    """None when it was saved; otherwise the page with everything that was typed, and why."""
    actor, now, window = current_actor(), now or datetime.now(UTC), windows_of(sheet.year)[quarter]
    by = actor.by(form.mandate)
    proposal = Proposal(rows=form.proposal(), files=form.files, links=form.links, withdrawn=form.withdrawn, reason=form.reason)
    if form.is_wrong:
        form.mark(operations.problems_in(sheet, proposal.rows))
        return _refused(sheet, quarter, form, status=422)
    try:
        _keep_files(sheet, window, form, actor=by, now=now)
        version = operations.save(sheet, window, proposal, actor=by, seen=form.version, now=now)
        if then_submit:
            operations.submit(sheet, window, actor=by, seen=version, now=now)
    except (Unreportable, EvidenceRefused, Unfinished, ReasonMissing) as refusal:
        _mark(form, refusal)
        return _refused(sheet, quarter, form, status=422)
    except (Outdated, WrongState) as refusal:
        return _refused(sheet, quarter, form, status=409, problem=str(refusal))
    except StoreError as error:
        log.error("evidence store", error=str(error))
        return _refused(sheet, quarter, form, status=503, problem=STORE_AWAY)
    return None


def _keep_files(sheet: SeenSheet, window: Window, form: ReportForm, *, actor: Actor, now: datetime) -> None:
    """Files of whoever may report here are written before the transaction that names them: nobody waits for a disk."""
    if form.files:
        operations.demand_reporting(sheet, report_of(sheet, window.quarter), window, actor=actor, now=now)
        abandon()
        attachments.keep_beforehand(form.files)


def _mark(form: ReportForm, refusal: DomainError) -> None:
    """Each message at its field."""
    if isinstance(refusal, Unreportable):
        form.mark(refusal.problems)
    elif isinstance(refusal, EvidenceRefused):
        for problem in refusal.problems:
            form.mark({problem.indicator_id: [RowProblem(problem.field, problem.message)]})
    elif isinstance(refusal, Unfinished):
        form.mark({gap.indicator_id: [RowProblem(gap.field, gap.message)] for gap in refusal.gaps})
    else:
        form.reason_error = str(refusal)


def _refused(sheet: SeenSheet, quarter: int, form: ReportForm, *, status: int, problem: str = "") -> ResponseReturnValue:
    """Nothing was saved: the page as things stand now, with what was typed in its fields."""
    log_refusal(problem or "report", status=status)
    abandon()
    actor = current_actor()
    sheet = sheet_in_sight(sheet.id, actor=actor, on=today_in_office())
    return report_page.render(sheet, quarter, actor, form=form, problem=problem), status


@bp.post("/lembar/<int:sheet_id>/realisasi/<int:quarter>/verifikasi")
@requires(Permission.REALISATION_VERIFY)
def decide_report(sheet_id: int, quarter: int) -> ResponseReturnValue:
    """The reviewer says that the figures are right, or sends them back."""
    form = VerificationForm()
    step = ReportStep.RETURN if form.step.data == ReportStep.RETURN else ReportStep.VERIFY
    return _step(sheet_id, quarter, form, step)


@bp.post("/lembar/<int:sheet_id>/realisasi/<int:quarter>/koreksi")
@requires(Permission.REALISATION_REPORT)
def correct_report(sheet_id: int, quarter: int) -> ResponseReturnValue:
    """The owner opens a report again, with the reason."""
    return _step(sheet_id, quarter, StepForm(), ReportStep.CORRECT)


class _Operation(Protocol):
    def __call__(self, sheet: SeenSheet, window: Window, *, actor: Actor, seen: int, now: datetime, note: str) -> None: ...


_OPERATIONS: dict[ReportStep, _Operation] = {
    ReportStep.VERIFY: operations.verify,
    ReportStep.RETURN: operations.return_report,
    ReportStep.CORRECT: operations.correct,
}


def _step(sheet_id: int, quarter: int, form: StepForm, step: ReportStep) -> ResponseReturnValue:
    sheet, quarter, actor = reported_sheet(sheet_id), quarter_in_sight(quarter), current_actor()
    if not form.validate():
        return report_page.render(sheet, quarter, actor, deciding=form, summary=problems_of(form)), 422
    note, now = (form.note.data or "").replace("\r\n", "\n"), datetime.now(UTC)
    by, window = actor.by(form.mandate.data), windows_of(sheet.year)[quarter]
    try:
        _OPERATIONS[step](sheet, window, actor=by, seen=form.version.data, now=now, note=note)
    except (Outdated, WrongState) as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return report_page.render(reported_sheet(sheet_id), quarter, actor, deciding=form, problem=str(refusal)), 409
    except Incomplete as refusal:
        log_refusal(str(refusal), status=422)
        abandon()
        form.note.errors = [str(refusal)]
        return report_page.render(sheet, quarter, actor, deciding=form, summary=problems_of(form)), 422
    flash(f"Laporan {REPORT_PASSIVE[step]}.", "success")
    return redirect(url_for("realisation.report", sheet_id=sheet_id, quarter=quarter))


@bp.get("/lembar/<int:sheet_id>/bukti/<int:attachment_id>")
@requires(Permission.SHEET_READ)
def attachment(sheet_id: int, attachment_id: int) -> ResponseReturnValue:
    """A file of evidence, as it was sent: saved by the browser, never opened as a page of the portal."""
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    found, _ = attachments.attachment_in_sight(sheet, attachment_id, actor=current_actor())
    if found.sha256 is None:
        raise NotFound(attachments.NOT_FOUND)
    try:
        body = the_store().read(found.sha256)
    except StoreError as error:
        log.error("evidence store", error=str(error))
        said = (
            DAMAGED
            if isinstance(error, Damaged)
            else "Penyimpanan bukti sedang tidak menjawab. Tunggu sebentar, lalu coba lagi."
        )
        return render_template("errors/error.html", status=503, title="Bukti tidak dapat diambil", text=said, code=""), 503
    return _handed_out(body, found)


def _handed_out(body: bytes, found: AttachmentLine) -> Response:
    return evidence_file(body, found.name, MEDIA_TYPES[found.kind])


def reported_sheet(sheet_id: int) -> SeenSheet:
    """A sheet in sight that is or was in force; figures are reported on no other."""
    found = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    if found.state not in FINAL:
        raise NotFound(NOT_IN_FORCE)
    return found


def quarter_in_sight(number: int) -> int:
    """Raises `NotFound` for an address that names none of the four."""
    if number not in QUARTERS:
        raise NotFound("Triwulan ini tidak ada.")
    return number
