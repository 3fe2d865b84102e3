"""The year's documents: the words of the decree, books under way and ready, recapitulations."""

from datetime import UTC, datetime

from flask import after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from iki_portal.approvals import books, recapitulations
from iki_portal.approvals.books import DecreeProposal
from iki_portal.approvals.forms import DecreeForm
from iki_portal.approvals.print_views import bp
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Outdated
from iki_portal.domain.policy import Permission, permitted
from iki_portal.history.noting import handed_out
from iki_portal.indicators.queries import performance_year, unit_choices
from iki_portal.models import BookForm
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import DOCX, XLSX
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.pages import chosen_id

__all__ = ["bp"]

MIMETYPES = {BookForm.PDF: "application/pdf", BookForm.DOCX: DOCX}


@bp.get("/tahun/<int:year>/naskah")
@requires(Permission.YEAR_READ)
def decree(year: int) -> ResponseReturnValue:
    row = books.decree_text(performance_year(year).year)
    return _page(year, DecreeForm(formdata=None, obj=row, version=row.version if row else 0))


@bp.post("/tahun/<int:year>/naskah")
@requires(Permission.DECREE_WRITE)
def change_decree(year: int) -> ResponseReturnValue:
    performance_year(year)
    form = DecreeForm()
    if not form.validate():
        return _page(year, form, problems(form)), 422
    names = [name for name in DecreeProposal.__slots__ if name != "decided_on"]
    texts = {name: (getattr(form, name).data or "").replace("\r\n", "\n").strip() for name in names}
    proposal = DecreeProposal(**texts, decided_on=form.decided_on.data)
    try:
        books.change_decree(year, proposal, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        row = books.decree_text(year)
        form.version.data = row.version if row else 0
        return _page(year, form, summary), 409
    flash("Naskah keputusan tersimpan. Buku yang sudah disusun tidak berubah.", "success")
    return redirect(url_for("approvals.decree", year=year))


def _page(year: int, form: DecreeForm, summary: list[dict[str, str]] | None = None) -> str:
    return render_template(
        "approvals/decree.html",
        year=year,
        form=form,
        problems=summary or [],
        may_write=permitted(current_actor(), Permission.DECREE_WRITE),
    )


@bp.get("/tahun/<int:year>/buku", endpoint="books")
@requires(Permission.YEAR_READ)
def year_books(year: int) -> ResponseReturnValue:
    listed = books.books(performance_year(year).year, now=datetime.now(UTC))
    return render_template(
        "approvals/books.html",
        year=year,
        books=listed,
        is_under_way=any(book.is_under_way for book in listed),
        approved=len(books.in_force(year, None)),
        units=unit_choices(),
    )


@bp.post("/tahun/<int:year>/buku")
@requires(Permission.BOOK_COMPOSE)
def compose_book(year: int) -> ResponseReturnValue:
    performance_year(year)
    form = BookForm.DOCX if request.form.get("form") == "docx" else BookForm.PDF
    unit_id = chosen_id("unit")
    if unit_id is not None and unit_id not in {each for each, _ in unit_choices()}:
        unit_id = None
    book_id = books.ask_for_book(year, unit_id=unit_id, form=form, actor=current_actor(), now=datetime.now(UTC))

    @after_this_request
    def start(response: BaseResponse) -> BaseResponse:  # after the commit: the composer must find the row
        books.start_composer(book_id)
        return response

    flash("Buku sedang disusun. Halaman ini boleh ditinggalkan; buku dapat diunduh di sini bila selesai.", "success")
    return redirect(url_for("approvals.books", year=year))


@bp.get("/buku/<int:book_id>")
@requires(Permission.YEAR_READ)
def book(book_id: int) -> ResponseReturnValue:
    found, body = books.finished_book(book_id)
    return handed_out(body, f"Buku IKI {found.year} {found.id}.{found.form.value}", MIMETYPES[found.form], year=found.year)


@bp.get("/tahun/<int:year>/rekapitulasi")
@requires(Permission.SHEET_READ)
def recapitulation(year: int) -> ResponseReturnValue:
    """Every indicator of the sheets that this person may see, as a workbook, or as CSV with `?bentuk=csv`."""
    performance_year(year)
    actor, on = current_actor(), today_in_office()
    if request.args.get("bentuk") == "csv":
        body = recapitulations.year_csv(year, actor=actor, on=on)
        return handed_out(body, f"Rekapitulasi IKI {year}.csv", "text/csv", year=year)
    body = recapitulations.year_xlsx(year, actor=actor, on=on)
    return handed_out(body, f"Rekapitulasi IKI {year}.xlsx", XLSX, year=year)
