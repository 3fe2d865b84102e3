"""Pohon kinerja: everybody reads who supports whom; the owner of a sheet, and the owner of the one above, say so."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.cascade import operations
from iki_portal.cascade.facts import Asked
from iki_portal.cascade.forms import LinkForm, UnlinkForm, link_numbers, wanted_links
from iki_portal.cascade.support_page import support_page
from iki_portal.cascade.tree_page import tree_page
from iki_portal.domain.cascade import GapKind
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import DomainError, Invalid, Outdated, WrongState
from iki_portal.domain.policy import Permission, permitted
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.scales import SCALES
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.indicators.queries import performance_year, unit_choices
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.organisation.chart import unit_to_open
from iki_portal.organisation.queries import years
from iki_portal.realisation.windows import Measuring
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems
from iki_portal.web.labels import STATE_LABELS
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import chosen_id, page_number
from iki_portal.web.transaction import abandon

bp = Blueprint("cascade", __name__, template_folder="templates")


@bp.get("/pohon-kinerja")
@requires(Permission.SHEET_READ)
def tree() -> ResponseReturnValue:
    """The tree of a year, or of one unit of it; a large office is shown a unit at a time."""
    actor, on = current_actor(), today_in_office()
    year = performance_year(request.args.get("tahun", type=int))
    quarter = request.args.get("triwulan", type=int)
    asked = Asked(
        year.year,
        unit_to_open(chosen_id("unit"), actor=actor),
        page_number(),
        Measuring(SCALES[year.scale], year.achievement_cap),
        quarter if quarter in QUARTERS else None,
    )
    return render_template(
        "cascade/tree.html",
        page=tree_page(asked, actor=actor, on=on),
        asked=asked,
        years=years(),
        units=unit_choices(),
        quarters=list(enumerate(QUARTER_WORDS, start=1)),
        GapKind=GapKind,
    )


@bp.get("/lembar/<int:sheet_id>/dukungan")
@requires(Permission.SHEET_READ)
def support(sheet_id: int) -> ResponseReturnValue:
    """What each indicator of a sheet supports, and what is proposed."""
    return _support_page(_sheet(sheet_id), LinkForm(formdata=None))


@bp.post("/lembar/<int:sheet_id>/dukungan")
@requires(Permission.CASCADE_LINK)
def link(sheet_id: int) -> ResponseReturnValue:
    """Accept a proposal, all of them, or what was chosen by hand."""
    sheet, form, actor = _sheet(sheet_id), LinkForm(), current_actor()
    if not form.validate():
        return _support_page(sheet, form, problems(form)), 422
    try:
        wanted = wanted_links(request.form.getlist("link"))
        note = form.note.data or ""
        new = operations.link(sheet, wanted, actor=actor.by(form.mandate.data), now=datetime.now(UTC), note=note)
    except (Invalid, Outdated, WrongState) as refusal:
        return _refused(sheet_id, form, refusal)
    flash(f"{new} kaitan tersimpan. Isi lembar tidak berubah." if new else "Kaitan itu sudah ada.", "success")
    return redirect(url_for("cascade.support", sheet_id=sheet_id))


@bp.post("/lembar/<int:sheet_id>/dukungan/pelepasan")
@requires(Permission.CASCADE_LINK)
def unlink(sheet_id: int) -> ResponseReturnValue:
    """Take a link back."""
    sheet, form, actor = _sheet(sheet_id), UnlinkForm(), current_actor()
    if not form.validate():
        return _support_page(sheet, LinkForm(formdata=None), problems(form)), 422
    try:
        numbers = link_numbers(request.form.getlist("kaitan"))
        operations.unlink(sheet, numbers, actor=actor.by(form.mandate.data), now=datetime.now(UTC))
    except (Invalid, Outdated, WrongState) as refusal:
        return _refused(sheet_id, LinkForm(formdata=None), refusal)
    flash("Kaitan dilepas.", "success")
    return redirect(url_for("cascade.support", sheet_id=sheet_id))


def _refused(sheet_id: int, form: LinkForm, refusal: DomainError) -> ResponseReturnValue:
    """Nothing was saved: the page as things stand now, and why."""
    status = 422 if isinstance(refusal, Invalid) else 409
    log_refusal(str(refusal), status=status)
    abandon()
    return _support_page(_sheet(sheet_id), form, [{"field_id": "", "message": str(refusal)}]), status


def _support_page(sheet: SeenSheet, form: LinkForm, summary: list[dict[str, str]] | None = None) -> str:
    actor = current_actor()
    return render_template(
        "cascade/support.html",
        page=support_page(sheet, actor=actor, on=today_in_office()),
        sheet=sheet,
        label=STATE_LABELS[sheet.state],
        form=form,
        problems=summary or [],
        may_write_goals=permitted(actor, Permission.GOAL_WRITE),
    )


def _sheet(sheet_id: int) -> SeenSheet:
    return sheet_in_sight(sheet_id, actor=current_actor(), on=today_in_office())
