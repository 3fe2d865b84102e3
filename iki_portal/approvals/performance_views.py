"""Dokumen kinerja: Pengukuran Kinerja of a unit or the office and the figures of the LKjIP, asked for here and taken away."""

from datetime import UTC, datetime

from flask import after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from iki_portal.approvals import books, performance_books
from iki_portal.approvals.book_views import bp
from iki_portal.approvals.performance_books import Asked
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import QUARTERS, quarter_of
from iki_portal.history.noting import handed_out
from iki_portal.indicators.queries import performance_year
from iki_portal.models import BookForm, BookSubject
from iki_portal.organisation.queries import years
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import TABLE_FORMS
from iki_portal.web.pages import chosen_id

__all__ = ["bp"]


@bp.get("/tahun/<int:year>/dokumen-kinerja", endpoint="performance_books")
@requires(Permission.PERFORMANCE_COMPOSE)
def listed_performance(year: int) -> ResponseReturnValue:
    reach = performance_books.demand_reach(current_actor())
    listed = books.books(performance_year(year).year, now=datetime.now(UTC), which=performance_books.listed(reach))
    return render_template(
        "approvals/performance_books.html",
        year=year,
        other_years=[each for each in years() if each != year],
        reach=reach,
        books=listed,
        is_under_way=any(book.is_under_way for book in listed),
        quarter=_last_quarter(year),
        whole_office=performance_books.WHOLE_OFFICE,
    )


def _last_quarter(year: int) -> int:
    """The newest one whose figures there can be."""
    on = today_in_office()
    return QUARTERS[-1] if on.year > year else max(quarter_of(on) - 1, 1)


@bp.post("/tahun/<int:year>/dokumen-kinerja")
@requires(Permission.PERFORMANCE_COMPOSE)
def compose_performance(year: int) -> ResponseReturnValue:
    performance_year(year)
    asked = Asked(
        subject=BookSubject.LKJIP if request.form.get("subject") == BookSubject.LKJIP else BookSubject.MEASUREMENT,
        form=BookForm(found) if (found := request.form.get("form")) in TABLE_FORMS else BookForm.PDF,
        quarter=chosen_id("quarter"),
        unit_id=chosen_id("unit"),
    )
    book_id = performance_books.ask(year, asked, actor=current_actor(), now=datetime.now(UTC))

    @after_this_request
    def start(response: BaseResponse) -> BaseResponse:  # after the commit: the composer must find the row
        books.start_composer(book_id)
        return response

    flash("Dokumen sedang disusun. Halaman ini boleh ditinggalkan; dokumen dapat diunduh di sini bila selesai.", "success")
    return redirect(url_for("approvals.performance_books", year=year))


@bp.get("/dokumen-kinerja/<int:book_id>")
@requires(Permission.PERFORMANCE_COMPOSE)
def performance_book(book_id: int) -> ResponseReturnValue:
    reach = performance_books.demand_reach(current_actor())
    found, body = books.finished_book(book_id, which=performance_books.listed(reach))
    form = found.form.value
    return handed_out(body, f"{found.title}.{form}", TABLE_FORMS[form], year=found.year)
