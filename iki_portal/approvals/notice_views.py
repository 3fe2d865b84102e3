"""Pemberitahuan; reminding desks; and the operator's page of the mail that waits."""

from datetime import UTC, datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.approvals import notices as own
from iki_portal.approvals import reminding
from iki_portal.approvals.views import year_page
from iki_portal.approvals.year_views import bp
from iki_portal.config import Settings
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import WrongState
from iki_portal.domain.notices import OF_REPORTS, OF_TALKS
from iki_portal.domain.policy import Permission
from iki_portal.domain.quarters import quarter_of
from iki_portal.indicators.queries import performance_year
from iki_portal.notices import operations, outbox
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.labels import NOTICE_LABELS, STATE_LABELS
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id, page_number
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.get("/pemberitahuan")
@requires(Permission.NOTICE_READ)
def notices() -> ResponseReturnValue:
    page = own.own_notices(actor=current_actor(), on=today_in_office(), page=page_number())
    return render_template("approvals/notices.html", page=page, labels=NOTICE_LABELS, states=STATE_LABELS)


@bp.post("/pemberitahuan/<int:notice_id>/dibaca")
@requires(Permission.NOTICE_READ)
def read_notice(notice_id: int) -> ResponseReturnValue:
    """Mark it as read, and go to what it is about or back to the list."""
    found = operations.read_notice(notice_id, actor=current_actor(), now=datetime.now(UTC))
    if "buka" not in request.form:
        return redirect(url_for("approvals.notices", halaman=page_number() if page_number() > 1 else None))
    if found.sheet_id is None:
        return redirect(url_for("approvals.home"))
    if found.kind in OF_REPORTS and found.day is not None:
        return redirect(url_for("realisation.report", sheet_id=found.sheet_id, quarter=quarter_of(found.day)))
    page = "dialogue.talks" if found.kind in OF_TALKS else "approvals.sheet"
    return redirect(url_for(page, sheet_id=found.sheet_id))


@bp.post("/pemberitahuan/dibaca")
@requires(Permission.NOTICE_READ)
def read_all_notices() -> ResponseReturnValue:
    """Mark everything as read that the page knew of."""
    operations.read_all(actor=current_actor(), up_to=chosen_id("sampai") or 0, now=datetime.now(UTC))
    flash("Semua pemberitahuan ditandai sudah dibaca.", "success")
    return redirect(url_for("approvals.notices"))


@bp.post("/tahun/<int:year>/pengingat")
@requires(Permission.YEAR_REMIND)
def remind(year: int) -> ResponseReturnValue:
    """One desk, or all of them."""
    performance_year(year)
    try:
        desks = reminding.remind(year, position_id=chosen_id("meja"), actor=current_actor(), now=datetime.now(UTC))
    except WrongState as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return year_page(year, problem=str(refusal)), 409
    flash(f"{desks} meja diingatkan. Pengingat tampil di Pemberitahuan mereka.", "success")
    return redirect(url_for("approvals.year", year=year))


@bp.get("/surel")
@requires(Permission.MAIL_WRITE)
def mail() -> ResponseReturnValue:
    return _mail_page()


@bp.post("/surel/percobaan")
@requires(Permission.MAIL_WRITE)
def try_mail_again() -> ResponseReturnValue:
    """Let the mails that were given up go out with the next run."""
    try:
        number = outbox.try_again(actor=current_actor(), now=datetime.now(UTC))
    except WrongState as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _mail_page(problem=str(refusal)), 409
    flash(f"{number} surel akan dicoba lagi pada pengiriman berikutnya.", "success")
    return redirect(url_for("approvals.mail"))


def _mail_page(problem: str = "") -> str:
    settings: Settings = current_app.config["IKI"]
    return render_template(
        "approvals/mail.html",
        outbox=outbox.outbox_state(),
        server=settings.smtp_server,
        sender=settings.mail_from,
        problem=problem,
    )
