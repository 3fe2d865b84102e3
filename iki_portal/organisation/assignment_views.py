"""Penugasan: the operator gives a post and corrects how and when, and sees before saving what follows."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.appointments import Term
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Permission
from iki_portal.models import Employee
from iki_portal.organisation import appointing
from iki_portal.organisation.appointing import KindStands, SpanProposal, StandingAssignment
from iki_portal.organisation.employee_views import bp
from iki_portal.organisation.employees import employee
from iki_portal.organisation.forms import AppointForm, CancelForm, CorrectionForm, SpanForm
from iki_portal.organisation.outlook import Outlook, outlook
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id
from iki_portal.web.transaction import abandon

__all__ = ["bp"]


@bp.route("/pegawai/<int:employee_id>/penugasan", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def appoint(employee_id: int) -> ResponseReturnValue:
    """Shown what follows, the operator saves; whatever has changed meanwhile is shown again."""
    person, form, on = employee(employee_id), AppointForm(), today_in_office()
    form.position.choices = [(0, "Pilih jabatan"), *appointing.post_choices()]
    if not form.is_submitted():
        form.position.data = chosen_id("jabatan") or 0
        return _appoint_page(person, form)
    if not form.validate():
        return _appoint_page(person, form), 422
    kind, position_id = AssignmentKind(form.kind.data), form.position.data
    try:
        term = Term(person.full_name, kind, form.starts_on.data, form.ends_on.data)
        shown = outlook(person, position_id, term, on=on)
        if form.previewed.data != shown.seal:
            return _appoint_page(person, form, shown)
        appointing.appoint(employee_id, position_id, kind, _span(form), actor=current_actor(), now=datetime.now(UTC))
    except Invalid as refusal:
        _refuse(form, refusal)
        return _appoint_page(employee(employee_id), form), 422
    flash(f"{person.full_name} diangkat. Hak dan tugasnya berlaku pada hari-hari penugasannya.", "success")
    return redirect(url_for("organisation.employee", employee_id=employee_id))


def _appoint_page(person: Employee, form: AppointForm, shown: Outlook | None = None) -> str:
    return render_template("organisation/appoint.html", employee=person, form=form, problems=problems(form), shown=shown)


@bp.route("/penugasan/<int:assignment_id>/ubah", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change_assignment(assignment_id: int) -> ResponseReturnValue:
    """End an assignment, or correct its kind, its days and its decree."""
    standing, form = appointing.assignment(assignment_id), CorrectionForm()
    if not form.is_submitted():
        return _change_page(standing, _as_it_stands(standing))
    if not form.validate():
        return _change_page(standing, form, problems(form)), 422
    return _change(assignment_id, standing, form)


def _change(assignment_id: int, standing: StandingAssignment, form: CorrectionForm) -> ResponseReturnValue:
    kind, seen, now = AssignmentKind(form.kind.data), form.version.data, datetime.now(UTC)
    try:
        shown = _outlook(standing, form)
        is_open = seen == standing.row.version and not standing.row.is_cancelled
        if is_open and form.previewed.data != shown.seal:
            return _change_page(standing, form, shown=shown)
        appointing.change_assignment(assignment_id, kind, _span(form), actor=current_actor(), seen=seen, now=now)
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        standing = appointing.assignment(assignment_id)
        form.version.data = standing.row.version
        return _change_page(standing, form, summary), 409
    except WrongState as refusal:
        return _stopped(assignment_id, refusal)
    except Invalid as refusal:
        _refuse(form, refusal)
        return _change_page(appointing.assignment(assignment_id), form, problems(form)), 422
    flash("Penugasan tersimpan.", "success")
    return redirect(url_for("organisation.employee", employee_id=standing.row.employee_id))


@bp.post("/penugasan/<int:assignment_id>/pembatalan")
@requires(Permission.ORGANISATION_WRITE)
def cancel_assignment(assignment_id: int) -> ResponseReturnValue:
    standing, form = appointing.assignment(assignment_id), CancelForm()
    if not form.validate():
        return _change_page(standing, _as_it_stands(standing), problems(form)), 422
    employee_id = standing.row.employee_id
    try:
        appointing.cancel_assignment(assignment_id, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except (Outdated, WrongState) as refusal:
        return _stopped(assignment_id, refusal)
    flash("Penugasan dibatalkan; tidak ada hari yang berlaku.", "success")
    return redirect(url_for("organisation.employee", employee_id=employee_id))


def _outlook(standing: StandingAssignment, form: SpanForm) -> Outlook:
    kind = AssignmentKind(form.kind.data)
    appointing.demand_free_kind(standing, kind)
    term = standing.term(kind, form.starts_on.data, form.ends_on.data)
    return outlook(standing.employee, standing.row.position_id, term, but=standing.row.id, on=today_in_office())


def _change_page(
    standing: StandingAssignment,
    form: CorrectionForm,
    summary: list[dict[str, str]] | None = None,
    shown: Outlook | None = None,
) -> str:
    return render_template(
        "organisation/change_assignment.html",
        standing=standing,
        form=form,
        problems=summary or [],
        shown=shown,
        kind_stands=appointing.kind_stands(standing),
        may_cancel=not standing.row.is_cancelled and standing.row.starts_on > today_in_office(),
    )


def _stopped(assignment_id: int, refusal: Outdated | WrongState) -> ResponseReturnValue:
    """The assignment as it stands now, with the reason on top."""
    log_refusal(str(refusal), status=409)
    abandon()
    standing = appointing.assignment(assignment_id)
    return _change_page(standing, _as_it_stands(standing), [{"field_id": "", "message": str(refusal)}]), 409


def _as_it_stands(standing: StandingAssignment) -> CorrectionForm:
    return CorrectionForm(formdata=None, obj=standing.row, kind=standing.row.kind.value)


def _span(form: SpanForm) -> SpanProposal:
    return SpanProposal(form.starts_on.data, form.ends_on.data, form.decree.data or "", form.decree_on.data)


def _refuse(form: SpanForm, refusal: Invalid) -> None:
    log_refusal(str(refusal), status=422)
    abandon()
    field = form.kind if isinstance(refusal, KindStands) else form.starts_on
    field.errors = [str(refusal)]
