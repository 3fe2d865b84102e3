"""Jabatan: read by everybody; entered, changed, renamed and closed by the operator."""

from datetime import UTC, datetime

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.office import PositionKind, lettered_lines, post_name
from iki_portal.domain.policy import Permission, permitted
from iki_portal.models import Position
from iki_portal.organisation import posts, structure_pages
from iki_portal.organisation.name_views import change_closing, change_name, take_name_back
from iki_portal.organisation.naming import standing
from iki_portal.organisation.posts import PostProposal
from iki_portal.organisation.previewing import previewed
from iki_portal.organisation.standing import Foreseen
from iki_portal.organisation.structure_forms import (
    DEFAULT_ROUTE,
    NONE,
    OWN_ROUTE,
    NewPostForm,
    PostForm,
    PostNameForm,
)
from iki_portal.organisation.unit_views import bp
from iki_portal.organisation.units import NEW, unit_choices
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.labels import TERM_LABELS
from iki_portal.web.pages import chosen_id
from iki_portal.web.timeline import event_of

__all__ = ["bp"]


@bp.get("/jabatan/<int:position_id>")
@requires(Permission.ORGANISATION_READ)
def post(position_id: int) -> ResponseReturnValue:
    page = structure_pages.post_page(position_id, on=today_in_office())
    may_write = permitted(current_actor(), Permission.ORGANISATION_WRITE)
    events = [event_of(row) for row in page.acts]
    return render_template(
        "organisation/post.html", page=page, post=page.row, events=events, may_write=may_write, labels=TERM_LABELS
    )


@bp.route("/jabatan/baru", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def new_post() -> ResponseReturnValue:
    form, on = NewPostForm(), today_in_office()
    if not form.is_submitted():
        form.version.data, form.kind.data, form.route.data = NEW, PositionKind.STAFF.value, DEFAULT_ROUTE
        form.unit.data = chosen_id("unit")
        form.order.data = posts.next_post_order(form.unit.data)
        form.superior.data = posts.usual_superior(form.unit.data) or NONE
    _offer(form, None)

    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        return render_template("organisation/new_post.html", form=form, problems=summary, shown=shown)

    if not form.is_submitted():
        return draw([])
    title, area = (" ".join((field.data or "").split()) for field in (form.title, form.area))

    def save() -> str:
        row = posts.enter_post(title, area, _proposal(form), actor=current_actor(), now=datetime.now(UTC))
        flash(f"{row.name} tercatat. Jabatan ini masih kosong; angkat pejabatnya.", "success")
        return url_for("organisation.post", position_id=row.id)

    return previewed(
        form,
        draw,
        foresee=lambda: posts.foresee_post(None, post_name(title, area), _proposal(form), seen=NEW, on=on),
        save=save,
        version_now=lambda: NEW,
    )


@bp.route("/jabatan/<int:position_id>/ubah", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change_post(position_id: int) -> ResponseReturnValue:
    row, form, on = standing(Position, position_id), PostForm(), today_in_office()
    if not form.is_submitted():
        form = _filled(row)
    _offer(form, row)

    def draw(summary: list[dict[str, str]], shown: Foreseen | None = None) -> str:
        return render_template("organisation/change_post.html", post=row, form=form, problems=summary, shown=shown)

    if not form.is_submitted():
        return draw([])

    def save() -> str:
        posts.change_post(row, _proposal(form), actor=current_actor(), seen=form.version.data, now=datetime.now(UTC))
        flash("Jabatan tersimpan. Lembar yang sudah ditetapkan tidak berubah.", "success")
        return url_for("organisation.post", position_id=position_id)

    return previewed(
        form,
        draw,
        foresee=lambda: posts.foresee_post(row, row.name, _proposal(form), seen=form.version.data, on=on),
        save=save,
        version_now=lambda: row.version,
    )


def _filled(row: Position) -> PostForm:
    is_default = structure_pages.has_default_route(row, on=today_in_office())
    duties, functions = posts.duty_texts(row.id)
    form = PostForm(formdata=None, kind=row.kind.value, unit=row.unit_id, superior=row.superior_id or NONE)
    form.version.data, form.order.data, form.main_duty.data = row.version, row.order, row.main_duty
    form.route.data = DEFAULT_ROUTE if is_default else OWN_ROUTE
    form.reviewer.data, form.approver.data = row.reviewer_id or NONE, row.approver_id or NONE
    form.duties.data, form.functions.data = "\n".join(duties), "\n".join(functions)
    return form


def _offer(form: PostForm, row: Position | None) -> None:
    """What may be chosen: near the unit that the post is in, and the one that it is moved to."""
    standing_ids = (row.superior_id, row.reviewer_id, row.approver_id) if row else ()
    near = posts.post_choices_near((form.unit.data, row.unit_id if row else None), standing_ids, on=today_in_office())
    others = [(NONE, "Tidak ada"), *(each for each in near if row is None or each[0] != row.id)]
    for field in (form.superior, form.reviewer, form.approver):
        field.choices = others
    form.unit.choices = unit_choices(on=today_in_office())


def _proposal(form: PostForm) -> PostProposal:
    return PostProposal(
        kind=PositionKind(form.kind.data),
        unit_id=form.unit.data,
        superior_id=form.superior.data or None,
        is_default=form.route.data == DEFAULT_ROUTE,
        reviewer_id=form.reviewer.data or None,
        approver_id=form.approver.data or None,
        order=form.order.data,
        main_duty=" ".join((form.main_duty.data or "").split()),
        duties=lettered_lines(form.duties.data or ""),
        functions=lettered_lines(form.functions.data or ""),
    )


@bp.route("/jabatan/<int:position_id>/nama", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def rename_post(position_id: int) -> ResponseReturnValue:
    return change_name(standing(Position, position_id), PostNameForm, url_for("organisation.post", position_id=position_id))


@bp.post("/jabatan/<int:position_id>/nama/pembatalan")
@requires(Permission.ORGANISATION_WRITE)
def keep_post_name(position_id: int) -> ResponseReturnValue:
    return take_name_back(standing(Position, position_id), PostNameForm, url_for("organisation.post", position_id=position_id))


@bp.route("/jabatan/<int:position_id>/penutupan", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def close_post(position_id: int) -> ResponseReturnValue:
    return change_closing(standing(Position, position_id), url_for("organisation.post", position_id=position_id))
