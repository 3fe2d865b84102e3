"""Buku kerja organisasi: a workbook of units, posts, employees and assignments goes out, comes back, is looked at, applied."""

from datetime import UTC, datetime

from flask import after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Incomplete, Invalid, Outdated, WrongState
from iki_portal.domain.policy import Permission
from iki_portal.domain.staffing import FATE_WORDS, Fate
from iki_portal.extensions import limiter
from iki_portal.history.noting import handed_out
from iki_portal.imports.staffing.reading import LARGEST_WORKBOOK
from iki_portal.imports.staffing.tabs import SHAPES, Tab
from iki_portal.imports.staffing.writing import report_xlsx, staffing_xlsx
from iki_portal.models import StaffingState
from iki_portal.organisation import staffing_applying, staffing_office, staffing_reading, staffing_workbooks
from iki_portal.organisation.post_views import bp
from iki_portal.organisation.staffing_pages import STEPS, counted, label_of, shown_rows
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import XLSX, download
from iki_portal.web.labels import FATE_LABELS
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import page_number
from iki_portal.web.sizes import takes_file_of
from iki_portal.web.transaction import abandon

__all__ = ["bp"]

TITLE = "Buku kerja organisasi"


@bp.get("/organisasi/buku-kerja")
@requires(Permission.ORGANISATION_WRITE)
def staffing() -> ResponseReturnValue:
    return _staffing_page()


def _staffing_page(problem: str = "") -> str:
    listed = staffing_workbooks.workbooks(now=datetime.now(UTC))
    return render_template(
        "organisation/staffing.html",
        workbooks=[(line, label_of(line)) for line in listed],
        is_under_way=any(line.is_under_way for line in listed),
        problem=problem,
        largest=LARGEST_WORKBOOK // 1024 // 1024,
        kept_days=staffing_workbooks.KEPT.days,
    )


@bp.post("/organisasi/buku-kerja")
@requires(Permission.ORGANISATION_WRITE)
@takes_file_of(LARGEST_WORKBOOK)
@limiter.limit("10 per minute")
def upload_staffing() -> ResponseReturnValue:
    file = request.files.get("file")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    try:
        workbook_id = staffing_workbooks.take_workbook(name, content, actor=current_actor(), now=datetime.now(UTC))
    except (Invalid, WrongState) as refusal:
        status = 422 if isinstance(refusal, Invalid) else 409
        log_refusal(str(refusal), status=status)
        abandon()
        return _staffing_page(str(refusal)), status
    _start_reader(workbook_id)
    return redirect(url_for("organisation.staffing_workbook", workbook_id=workbook_id))


def _start_reader(workbook_id: int) -> None:
    @after_this_request
    def start(response: BaseResponse) -> BaseResponse:  # after the commit: the reader must find the row
        staffing_reading.start_reader(workbook_id)
        return response


@bp.get("/organisasi/buku-kerja/templat")
@requires(Permission.ORGANISATION_WRITE)
def staffing_template() -> ResponseReturnValue:
    return download(staffing_xlsx({}, title=TITLE), "Templat-buku-kerja-organisasi.xlsx", XLSX)


@bp.get("/organisasi/buku-kerja/ekspor")
@requires(Permission.ORGANISATION_WRITE)
@limiter.limit("10 per minute")
def staffing_export() -> ResponseReturnValue:
    """Everything that stands; importing it changes nothing."""
    today = today_in_office()
    return handed_out(staffing_office.export(today), f"Buku-kerja-organisasi-{today.isoformat()}.xlsx", XLSX)


@bp.get("/organisasi/buku-kerja/<int:workbook_id>")
@requires(Permission.ORGANISATION_WRITE)
def staffing_workbook(workbook_id: int) -> ResponseReturnValue:
    return _workbook_page(workbook_id)


def _workbook_page(workbook_id: int, problem: str = "") -> str:
    line = staffing_workbooks.workbook_line(workbook_id, now=datetime.now(UTC))
    fate, tab = _chosen_fate(), _chosen_tab()
    has_rows = line.state in (StaffingState.READ, StaffingState.APPLIED)
    found = staffing_workbooks.row_list(workbook_id, fate=fate, tab=tab, page=page_number()) if has_rows else None
    return render_template(
        "organisation/staffing_workbook.html",
        workbook=line,
        label=label_of(line),
        steps=STEPS,
        table=counted(line),
        found=found,
        rows=shown_rows(found.lines) if found else [],
        fate=fate,
        tab=tab,
        fates=FATE_WORDS,
        fate_labels=FATE_LABELS,
        tabs={each: SHAPES[each].title for each in Tab},
        problem=problem,
    )


def _chosen_fate() -> Fate | None:
    """`?keadaan=wrong`; anything else chooses nothing."""
    chosen = request.args.get("keadaan", "")
    return Fate(chosen) if chosen in FATE_WORDS else None


def _chosen_tab() -> Tab | None:
    chosen = request.args.get("tab", "")
    return Tab(chosen) if chosen in SHAPES else None


@bp.get("/organisasi/buku-kerja/<int:workbook_id>/laporan")
@requires(Permission.ORGANISATION_WRITE)
def staffing_report(workbook_id: int) -> ResponseReturnValue:
    """Every wrong row as a table, to be worked through beside the workbook."""
    line = staffing_workbooks.workbook_line(workbook_id, now=datetime.now(UTC))
    rows = [
        (SHAPES[row.tab].title, str(row.number or ""), row.title, *problem)
        for row in staffing_workbooks.wrong_rows(workbook_id)
        for problem in row.body.problems
    ]
    return download(report_xlsx(rows, title=f"Laporan {line.file_name}"), f"Laporan-buku-kerja-{workbook_id}.xlsx", XLSX)


@bp.post("/organisasi/buku-kerja/<int:workbook_id>/pembacaan")
@requires(Permission.ORGANISATION_WRITE)
def read_staffing_again(workbook_id: int) -> ResponseReturnValue:
    staffing_workbooks.read_again(workbook_id, actor=current_actor(), now=datetime.now(UTC))
    _start_reader(workbook_id)
    return redirect(url_for("organisation.staffing_workbook", workbook_id=workbook_id))


@bp.post("/organisasi/buku-kerja/<int:workbook_id>/penerapan")
@requires(Permission.ORGANISATION_WRITE)
def apply_staffing(workbook_id: int) -> ResponseReturnValue:
    seal, ticked = request.form.get("seal", ""), bool(request.form.get("checked"))
    try:
        staffing_workbooks.ask_to_apply(workbook_id, seal=seal, ticked=ticked, actor=current_actor(), now=datetime.now(UTC))
    except (Incomplete, Outdated, WrongState) as refusal:
        status = 422 if isinstance(refusal, Incomplete) else 409
        log_refusal(str(refusal), status=status)
        abandon()
        return _workbook_page(workbook_id, str(refusal)), status

    @after_this_request
    def start(response: BaseResponse) -> BaseResponse:  # after the commit, as a reader
        staffing_applying.start(workbook_id)
        return response

    return redirect(url_for("organisation.staffing_workbook", workbook_id=workbook_id))


@bp.post("/organisasi/buku-kerja/<int:workbook_id>/pembatalan")
@requires(Permission.ORGANISATION_WRITE)
def cancel_staffing(workbook_id: int) -> ResponseReturnValue:
    staffing_workbooks.cancel_workbook(workbook_id, actor=current_actor())
    flash("Buku kerja dibatalkan; berkasnya dihapus dari portal. Organisasi tidak berubah.", "success")
    return redirect(url_for("organisation.staffing"))
