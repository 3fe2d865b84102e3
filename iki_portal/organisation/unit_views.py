"""Unit kerja: read by everybody; entered, moved, renamed and closed by the operator. What is no more has a list of its own."""

from datetime import UTC, datetime

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.office import UnitKind
from iki_portal.domain.policy import Permission, permitted
from iki_portal.models import Unit
from iki_portal.organisation import structure_pages, units
from iki_portal.organisation.assignment_views import bp
from iki_portal.organisation.name_views import change_closing, change_name, take_name_back
from iki_portal.organisation.naming import standing
from iki_portal.organisation.previewing import previewed
from iki_portal.organisation.standing import Foreseen
from iki_portal.organisation.structure_forms import NONE, NewUnitForm, UnitForm, UnitNameForm
from iki_portal.organisation.units import NEW, UnitProposal
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.pages import chosen_id, page_number
from iki_portal.web.timeline import event_of

__all__ = ["bp"]


@bp.get("/unit-kerja/<int:unit_id>")
@requires(Permission.ORGANISATION_READ)
def unit(unit_id: int) -> ResponseReturnValue:
    page = structure_pages.unit_page(unit_id, on=today_in_office())
    may_write = permitted(current_actor(), Permission.ORGANISATION_WRITE)
    events = [event_of(row) for row in page.acts]
    return render_template("organisation/unit.html", page=page, unit=page.row, events=events, may_write=may_write)


@bp.get("/organisasi/penutupan", endpoint="closed")
@requires(Permission.ORGANISATION_READ)
def closed_list() -> ResponseReturnValue:
    """Posts and units that are no more, or will not be."""
    number = page_number()
    return render_template("organisation/closed.html", found=structure_pages.closed(page=number), page=number)


@bp.route("/unit-kerja/baru", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def new_unit() -> ResponseReturnValue:
    form, on = NewUnitForm(), today_in_office()
    form.superior.choices = [(NONE, "Tidak ada"), *units.unit_choices(on=on)]

    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        return render_template("organisation/new_unit.html", form=form, problems=summary, shown=shown)

    if not form.is_submitted():
        form.version.data, form.superior.data, form.order.data = NEW, chosen_id("unit") or NONE, units.next_unit_order()
        return draw([])
    name, short_name = (" ".join((field.data or "").split()) for field in (form.name, form.short_name))

    def save() -> str:
        row = units.enter_unit(name, short_name, _proposal(form), actor=current_actor(), now=datetime.now(UTC))
        flash(f"{row.name} tercatat.", "success")
        return url_for("organisation.unit", unit_id=row.id)

    return previewed(
        form,
        draw,
        foresee=lambda: units.foresee_unit(None, name, _proposal(form), seen=NEW, on=on),
        save=save,
        version_now=lambda: NEW,
    )


@bp.route("/unit-kerja/<int:unit_id>/ubah", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change_unit(unit_id: int) -> ResponseReturnValue:
    row, form, on = standing(Unit, unit_id), UnitForm(), today_in_office()
    if not form.is_submitted():
        form = UnitForm(formdata=None, obj=row, kind=row.kind.value, superior=row.superior_id or NONE)
    form.superior.choices = [(NONE, "Tidak ada"), *(each for each in units.unit_choices(on=on) if each[0] != unit_id)]

    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        return render_template("organisation/change_unit.html", unit=row, form=form, problems=summary, shown=shown)

    if not form.is_submitted():
        return draw([])

    def save() -> str:
        units.change_unit(row, _proposal(form), actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
        flash("Unit kerja tersimpan.", "success")
        return url_for("organisation.unit", unit_id=unit_id)

    return previewed(
        form,
        draw,
        foresee=lambda: units.foresee_unit(row, row.name, _proposal(form), seen=form.version.data, on=on),
        save=save,
        version_now=lambda: row.version,
    )


def _proposal(form: UnitForm) -> UnitProposal:
    return UnitProposal(UnitKind(form.kind.data), form.superior.data or None, form.order.data)


@bp.route("/unit-kerja/<int:unit_id>/nama", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def rename_unit(unit_id: int) -> ResponseReturnValue:
    return change_name(standing(Unit, unit_id), UnitNameForm, url_for("organisation.unit", unit_id=unit_id))


@bp.post("/unit-kerja/<int:unit_id>/nama/pembatalan")
@requires(Permission.ORGANISATION_WRITE)
def keep_unit_name(unit_id: int) -> ResponseReturnValue:
    return take_name_back(standing(Unit, unit_id), UnitNameForm, url_for("organisation.unit", unit_id=unit_id))


@bp.route("/unit-kerja/<int:unit_id>/penutupan", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def close_unit(unit_id: int) -> ResponseReturnValue:
    return change_closing(standing(Unit, unit_id), url_for("organisation.unit", unit_id=unit_id))
