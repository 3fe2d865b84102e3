"""What units and posts have in common on screen: another name from a day on, and an end."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Outdated, WrongState
from iki_portal.models import Position, Unit
from iki_portal.organisation import closing, naming
from iki_portal.organisation.naming import NameProposal
from iki_portal.organisation.previewing import Draw, previewed
from iki_portal.organisation.standing import Foreseen
from iki_portal.organisation.structure_forms import ClosingForm, KeepNameForm, PostNameForm, UnitNameForm
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

_TEMPLATES = {Unit: "organisation/{}_unit.html", Position: "organisation/{}_post.html"}
NameForm = UnitNameForm | PostNameForm


def change_name(row: Unit | Position, form_class: type[NameForm], back: str) -> ResponseReturnValue:
    """The page on which a name is given from a day on."""
    form, on = form_class(), today_in_office()
    draw = _draw_name(row, form)
    if not form.is_submitted():
        _fill(form, row)
        return draw([])

    def proposal() -> NameProposal:
        return NameProposal(form.name.data or "", form.short_name.data or "", form.starts_on.data)

    def save() -> str:
        naming.rename(row, proposal(), actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
        flash("Nama tersimpan. Lembar yang sudah ditetapkan tetap memakai nama lama.", "success")
        return back

    return previewed(
        form,
        draw,
        foresee=lambda: naming.foresee_rename(row, proposal(), seen=form.version.data, on=on),
        save=save,
        version_now=lambda: row.version,
    )


def take_name_back(row: Unit | Position, form_class: type[NameForm], back: str) -> ResponseReturnValue:
    """A coming name does not come; refused, the page of the name says why."""
    form = KeepNameForm()
    if not form.validate():
        return _name_page_again(row, form_class, problems(form)), 422
    try:
        naming.keep_name(row, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
    except (Outdated, WrongState) as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _name_page_again(row, form_class, [{"field_id": "", "message": str(refusal)}]), 409
    flash("Nama baru dibatalkan; nama sekarang tetap berlaku.", "success")
    return redirect(back)


def _name_page_again(row: Unit | Position, form_class: type[NameForm], summary: list[dict[str, str]]) -> str:
    form = form_class(formdata=None)
    _fill(form, row)
    return _draw_name(row, form)(summary)


def _fill(form: NameForm, row: Unit | Position) -> None:
    """The coming name where there is one, to correct it; else today's."""
    coming = naming.coming_name(row)
    name = coming.pair if coming else naming.name_today(row)
    form.name.data, form.short_name.data = name
    form.starts_on.data, form.version.data = coming.starts_on if coming else None, row.version


def _draw_name(row: Unit | Position, form: NameForm) -> Draw:
    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        return render_template(
            _TEMPLATES[type(row)].format("rename"),
            row=row,
            form=form,
            problems=summary,
            shown=shown,
            coming=naming.coming_name(row),
        )

    return draw


def change_closing(row: Unit | Position, back: str) -> ResponseReturnValue:
    """The page on which a unit or a post ends on a day, or does not end after all (an empty day)."""
    form, on = ClosingForm(), today_in_office()
    if not form.is_submitted():
        form = ClosingForm(formdata=None, obj=row)

    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        template = _TEMPLATES[type(row)].format("close")
        return render_template(template, row=row, form=form, problems=summary, shown=shown)

    if not form.is_submitted():
        return draw([])

    def save() -> str:
        day = form.closed_on.data
        closing.close(row, day, actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
        flash("Penutupan tersimpan." if day else "Penutupan dibatalkan.", "success")
        return back

    return previewed(
        form,
        draw,
        foresee=lambda: closing.foresee_closing(row, form.closed_on.data, seen=form.version.data, on=on),
        save=save,
        version_now=lambda: row.version,
    )
