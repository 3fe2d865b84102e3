"""Pengukuran Kinerja of a quarter and of a year, as PDF, DOCX and XLSX: made from the frozen copies of verified reports."""

from collections.abc import Callable

from flask import Response, request
from flask.typing import ResponseReturnValue

from iki_portal.documents.measurement import quarter_document
from iki_portal.documents.measurement_tables import quarter_xlsx, year_xlsx
from iki_portal.documents.table_files import table_file
from iki_portal.documents.tables import TableDocument
from iki_portal.documents.year_measurement import year_document
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import WrongState
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import quarter_name
from iki_portal.history.noting import handed_out
from iki_portal.indicators.sight import SeenSheet
from iki_portal.realisation import copies
from iki_portal.realisation.measured_posts import in_force_for, years_of
from iki_portal.realisation.views import quarter_in_sight, reported_sheet
from iki_portal.realisation.window_views import bp
from iki_portal.web.access import requires
from iki_portal.web.downloads import TABLE_FORMS, form_asked_for

__all__ = ["bp"]

NOTHING_VERIFIED = "Belum ada triwulan tahun ini yang terverifikasi, jadi belum ada yang dapat dicetak."


@bp.get("/lembar/<int:sheet_id>/realisasi/<int:quarter>/pengukuran")
@requires(Permission.SHEET_READ)
def measurement(sheet_id: int, quarter: int) -> ResponseReturnValue:
    """Of one quarter: `?bentuk=` pdf, docx or xlsx. Refused while it is not verified."""
    sheet, quarter = reported_sheet(sheet_id), quarter_in_sight(quarter)
    report = copies.reports_of_post(sheet.position_id, sheet.year).get(quarter)
    if report is None:
        name = quarter_name(quarter, sheet.year)
        raise WrongState(f"Pengukuran Kinerja {name} dicetak dari laporan yang terverifikasi; yang ini belum, atau belum lagi.")
    return _handed_out(quarter_document(report), lambda: quarter_xlsx(report), sheet)


@bp.get("/lembar/<int:sheet_id>/pengukuran")
@requires(Permission.SHEET_READ)
def year_measurement(sheet_id: int) -> ResponseReturnValue:
    """Of the year so far, against the revision in force. Refused while no quarter of it is verified."""
    sheet, on = reported_sheet(sheet_id), today_in_office()
    year = years_of([in_force_for(sheet, on=on)], on=on)[0]
    if not year.reports:
        raise WrongState(NOTHING_VERIFIED)
    return _handed_out(year_document(year), lambda: year_xlsx(year), sheet)


def _handed_out(document: TableDocument, workbook: Callable[[], bytes], sheet: SeenSheet) -> Response:
    form = form_asked_for(request.args.get("bentuk"))
    body = table_file(document, form, workbook)
    return handed_out(body, f"{document.name}.{form}", TABLE_FORMS[form], year=sheet.year, sheet_id=sheet.id)
