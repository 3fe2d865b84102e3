"""Organisasi: everybody reads who holds which post."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.policy import Permission
from iki_portal.organisation import queries
from iki_portal.web.access import requires

bp = Blueprint("organisation", __name__, template_folder="templates")


@bp.get("/organisasi")
@requires(Permission.ORGANISATION_READ)
def tree() -> ResponseReturnValue:
    on = today_in_office()
    return render_template("organisation/tree.html", roots=queries.tree(on=on), on=on)
