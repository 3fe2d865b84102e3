"""Daftar lembar."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.policy import Permission
from iki_portal.domain.workflow import STATE_WORDS, State
from iki_portal.indicators import queries
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.queries import SheetFilter
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.labels import STATE_LABELS
from iki_portal.web.pages import chosen_id, page_number, search_words

bp = Blueprint("indicators", __name__, template_folder="templates")


@bp.get("/lembar")
@requires(Permission.SHEET_READ)
def sheets() -> ResponseReturnValue:
    actor, on = current_actor(), today_in_office()
    year = queries.performance_year(request.args.get("tahun", type=int))
    chosen = SheetFilter(
        year=year.year,
        unit_id=chosen_id("unit"),
        state=_state(request.args.get("status", "")),
        text=search_words(),
        page=page_number(),
    )
    found = queries.sheet_list(chosen, actor=actor, on=on)
    return render_template(
        "indicators/sheets.html",
        year=year.year,
        found=found,
        counts=kept_counts([line.id for line in found.lines]),
        chosen=chosen,
        units=queries.unit_choices(),
        states=[(state.value, word) for state, word in STATE_WORDS.items()],
        labels=STATE_LABELS,
    )


def _state(word: str) -> State | None:
    return State(word) if word in STATE_WORDS else None
