"""Pegawai: found, read, entered and changed by the operator."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.people import (
    EMPLOYEE_KIND_WORDS,
    EmployeeKind,
    bare_identifier,
    check_identifier,
    format_identifier,
    format_rank,
)
from iki_portal.domain.policy import Permission
from iki_portal.organisation import employees as people
from iki_portal.organisation.appointing import post_choices
from iki_portal.organisation.employees import EmployeeProposal
from iki_portal.organisation.forms import EmployeeForm
from iki_portal.organisation.views import bp
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.labels import TERM_LABELS
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id, page_number, search_words
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.get("/pegawai", endpoint="employees")
@requires(Permission.ORGANISATION_WRITE)
def employee_list() -> ResponseReturnValue:
    """Everybody by name; with `?jabatan=` to choose whom to appoint to that post."""
    text, post_id = search_words(), chosen_id("jabatan")
    return render_template(
        "organisation/employees.html",
        found=people.employee_list(text, on=today_in_office(), page=page_number()),
        text=text,
        post_id=post_id,
        post_name=dict(post_choices()).get(post_id, "") if post_id else "",
    )


@bp.get("/pegawai/<int:employee_id>")
@requires(Permission.ORGANISATION_WRITE)
def employee(employee_id: int) -> ResponseReturnValue:
    found = people.employee(employee_id)
    return render_template(
        "organisation/employee.html",
        employee=found,
        kind_word=EMPLOYEE_KIND_WORDS[found.kind],
        identifier=format_identifier(found.identifier or ""),
        rank=format_rank(found.kind, found.rank),
        terms=people.terms_of(employee_id, on=today_in_office()),
        account=people.account_of(employee_id),
        labels=TERM_LABELS,
    )


@bp.route("/pegawai/baru", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def new_employee() -> ResponseReturnValue:
    form = EmployeeForm()
    if not form.is_submitted():
        form.version.data, form.kind.data = 0, EmployeeKind.PNS.value
        return render_template("organisation/new_employee.html", form=form, problems=[], warnings=())
    proposal, warnings = _proposal(form)
    if proposal is None:
        page = render_template("organisation/new_employee.html", form=form, problems=problems(form), warnings=warnings)
        return page, 422
    try:
        entered = people.enter_employee(proposal, actor=current_actor(), now=datetime.now(UTC))
    except Invalid as refusal:
        _refuse(form, refusal)
        return render_template("organisation/new_employee.html", form=form, problems=problems(form), warnings=()), 422
    flash(f"{entered.full_name} tercatat.", "success")
    following = "auth.open_account" if form.with_account.data else "organisation.employee"
    return redirect(url_for(following, employee_id=entered.id))


@bp.route("/pegawai/<int:employee_id>/ubah", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change_employee(employee_id: int) -> ResponseReturnValue:
    found = people.employee(employee_id)
    form = EmployeeForm()
    if not form.is_submitted():
        form = EmployeeForm(formdata=None, obj=found, kind=found.kind.value, rank=found.rank or "")
        form.identifier.data = format_identifier(found.identifier or "")
        return _change_page(employee_id, form)
    proposal, warnings = _proposal(form, standing=(found.kind, found.identifier or ""))
    if proposal is None:
        return _change_page(employee_id, form, problems(form), warnings), 422
    now = datetime.now(UTC)
    try:
        people.change_employee(employee_id, proposal, actor=current_actor(), seen=form.version.data, now=now)
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.version.data = people.employee(employee_id).version
        return _change_page(employee_id, form, summary, warnings), 409
    except Invalid as refusal:
        _refuse(form, refusal)
        return _change_page(employee_id, form, problems(form)), 422
    flash("Data pegawai tersimpan. Lembar yang sudah ditetapkan tidak berubah.", "success")
    return redirect(url_for("organisation.employee", employee_id=employee_id))


def _change_page(
    employee_id: int, form: EmployeeForm, summary: list[dict[str, str]] | None = None, warnings: tuple[str, ...] = ()
) -> str:
    return render_template(
        "organisation/change_employee.html",
        employee=people.employee(employee_id),
        form=form,
        problems=summary or [],
        warnings=warnings,
    )


def _proposal(
    form: EmployeeForm, *, standing: tuple[EmployeeKind, str] | None = None
) -> tuple[EmployeeProposal | None, tuple[str, ...]]:
    """What is to be saved, or None; and what looks wrong in the number, which stops the first attempt only.

    A number that stands already, of somebody of that kind, was meant when it was written.
    """
    if not form.validate():
        return None, ()
    kind, number = EmployeeKind(form.kind.data), bare_identifier(form.identifier.data or "")
    warnings = () if (kind, number) == standing else check_identifier(kind, number)
    if warnings and not form.despite.data:
        form.identifier.errors = list(warnings)
        return None, warnings
    texts = {name: getattr(form, name).data or "" for name in EmployeeProposal.__slots__ if name != "kind"}
    return EmployeeProposal(**texts, kind=kind), warnings


def _refuse(form: EmployeeForm, refusal: Invalid) -> None:
    """The one thing that only the database knows: the number of somebody else."""
    log_refusal(str(refusal), status=422)
    abandon()
    form.identifier.errors = [str(refusal)]
