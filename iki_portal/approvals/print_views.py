"""Documents of a sheet, and the page that checks a print: open inside the intranet, also without signing in."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from iki_portal.approvals import prints
from iki_portal.approvals.prints import CheckedFile, Found
from iki_portal.approvals.views import bp
from iki_portal.documents import action_plan as plans
from iki_portal.documents.recapitulation import e_kinerja_rows, e_kinerja_xlsx
from iki_portal.documents.table_files import table_file
from iki_portal.domain.codes import read_code
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import NotFound
from iki_portal.domain.policy import Permission
from iki_portal.domain.workflow import FINAL
from iki_portal.extensions import limiter
from iki_portal.history.noting import handed_out
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.web.access import public, requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import DOCX, TABLE_FORMS, XLSX, download, form_asked_for
from iki_portal.web.labels import STATE_LABELS
from iki_portal.web.logs import log_refusal

__all__ = ["bp"]

UNKNOWN_CODE = "Kode ini tidak dikenal. Periksa huruf demi huruf pada cetakan; kode memuat 12 huruf dan angka."
NOT_A_CODE = "Kode terdiri atas 12 huruf dan angka, misalnya ACDE-FGHJ-KMNP."
NO_ACTION_PLAN = "Rencana aksi dicetak sesudah lembar ditetapkan."
LONGEST_CODE = 40


@bp.get("/lembar/<int:sheet_id>/pdf")
@requires(Permission.SHEET_READ)
def sheet_pdf(sheet_id: int) -> ResponseReturnValue:
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    is_final = sheet.state in FINAL
    body = prints.official_pdf(sheet) if is_final else prints.draft_pdf(sheet)
    return download(body, name_of(sheet, "pdf"), "application/pdf")


@bp.get("/lembar/<int:sheet_id>/docx")
@requires(Permission.SHEET_READ)
def sheet_docx(sheet_id: int) -> ResponseReturnValue:
    """For editing; the official document stays the PDF, and this one says so."""
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    # here and not above: a web worker of which nobody asks it keeps its seven megabytes
    from iki_portal.documents import docx  # noqa: PLC0415

    return download(docx.sheet_docx(prints.printed(sheet)), name_of(sheet, "docx"), DOCX)


@bp.get("/lembar/<int:sheet_id>/e-kinerja")
@requires(Permission.SHEET_READ)
def e_kinerja(sheet_id: int) -> ResponseReturnValue:
    """The rows to copy into the national e-Kinerja: on the page, and as a workbook with `?bentuk=xlsx`."""
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    printed = prints.printed(sheet)
    if request.args.get("bentuk") == "xlsx":
        return download(e_kinerja_xlsx(printed), name_of(sheet, "xlsx").replace("IKI-", "e-Kinerja-", 1), XLSX)
    return render_template(
        "approvals/e_kinerja.html", sheet=sheet, rows=e_kinerja_rows(printed), label=STATE_LABELS[sheet.state]
    )


@bp.get("/lembar/<int:sheet_id>/rencana-aksi")
@requires(Permission.SHEET_READ)
def action_plan(sheet_id: int) -> ResponseReturnValue:
    """The quarters' targets of an approved sheet: `?bentuk=` pdf, docx or xlsx."""
    sheet = sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
    if sheet.state not in FINAL:
        raise NotFound(NO_ACTION_PLAN)
    printed, form = prints.printed(sheet), form_asked_for(request.args.get("bentuk"))
    plan = plans.action_plan(printed)
    body = table_file(plan, form, lambda: plans.action_plan_xlsx(printed))
    return handed_out(body, f"{plan.name}.{form}", TABLE_FORMS[form], year=sheet.year, sheet_id=sheet.id)


def name_of(sheet: SeenSheet, ending: str) -> str:
    """ "IKI-2027-Analis-Kepegawaian-Muda-Pengadaan.pdf"; drafts and revisions say so."""
    marks = [f"perubahan-{sheet.revision - 1}"] if sheet.revision > 1 else []
    marks += [] if sheet.state in FINAL else ["draf"]
    return "-".join([*f"IKI {sheet.year} {sheet.name}".split(), *marks]) + f".{ending}"


@bp.get("/periksa")
@public
@limiter.limit("30 per minute")
def check() -> ResponseReturnValue:
    typed = request.args.get("kode", "")[:LONGEST_CODE]
    if not typed.strip():
        return _check_page()
    found = prints.by_code(typed)
    if found is None:
        known_form = read_code(typed) is not None
        log_refusal("unknown print code", status=404)
        return _check_page(typed=typed, problem=UNKNOWN_CODE if known_form else NOT_A_CODE), 404 if known_form else 422
    return _check_page(typed=typed, found=found)


@bp.post("/periksa")
@public
@limiter.limit("30 per minute")
def check_file() -> ResponseReturnValue:
    file = request.files.get("berkas")
    content = file.read() if file else b""
    if not content:
        return _check_page(problem="Pilih berkas PDF yang akan diperiksa."), 422
    file_is = prints.by_file(content)
    return _check_page(found=file_is.found, file=file_is)


def _check_page(*, typed: str = "", problem: str = "", found: Found | None = None, file: CheckedFile | None = None) -> str:
    return render_template("approvals/check.html", typed=typed, problem=problem, found=found, file=file)
