"""Organisasi: everybody reads who holds which post; the operator writes what documents print of the office."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Outdated
from iki_portal.domain.policy import Permission, permitted
from iki_portal.organisation import operations, queries
from iki_portal.organisation.chart import chart
from iki_portal.organisation.forms import OfficeForm
from iki_portal.organisation.operations import OfficeProposal
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.pages import chosen_id, page_number

bp = Blueprint("organisation", __name__, template_folder="templates")


@bp.get("/organisasi")
@requires(Permission.ORGANISATION_READ)
def tree() -> ResponseReturnValue:
    on, actor = today_in_office(), current_actor()
    shown = chart(chosen_id("unit"), actor=actor, on=on, page=page_number())
    may_write = permitted(actor, Permission.ORGANISATION_WRITE)
    return render_template("organisation/tree.html", chart=shown, on=on, may_write=may_write)


@bp.get("/organisasi/kop-naskah")
@requires(Permission.OFFICE_WRITE)
def office_text() -> ResponseReturnValue:
    form = OfficeForm(formdata=None, obj=queries.office(), version=queries.office_version())
    return render_template("organisation/office_text.html", form=form, problems=[])


@bp.post("/organisasi/kop-naskah")
@requires(Permission.OFFICE_WRITE)
def change_office_text() -> ResponseReturnValue:
    form = OfficeForm()
    if not form.validate():
        return render_template("organisation/office_text.html", form=form, problems=problems(form)), 422
    proposal = OfficeProposal(**{name: getattr(form, name).data or "" for name in OfficeProposal.__slots__})
    try:
        operations.change_office(proposal, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.version.data = queries.office_version()
        return render_template("organisation/office_text.html", form=form, problems=summary), 409
    flash("Kop naskah tersimpan. Dokumen yang sudah ditetapkan tidak berubah.", "success")
    return redirect(url_for("organisation.office_text"))
