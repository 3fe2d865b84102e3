"""The pages of talks: the list of a sheet's, one talk, and what changed in it. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from sqlalchemy import Row

from iki_portal.dialogue import queries
from iki_portal.dialogue.forms import TalkForm
from iki_portal.dialogue.operations import without_number
from iki_portal.dialogue.queries import SeenTalk
from iki_portal.documents.comparison import Change
from iki_portal.domain import dialogue
from iki_portal.domain.dates import format_date
from iki_portal.domain.dialogue import CELL_WORDS, SIDE_WORDS, Side, TalkState, TalkStep, TalkText
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.indicators.sight import SeenSheet
from iki_portal.web.labels import TALK_LABELS, Label
from iki_portal.web.timeline import Event, event_of


@dataclass(frozen=True, slots=True)
class TalkLine:
    """A talk in a list."""

    talk: SeenTalk
    label: Label
    #: It waits for the reader.
    is_turn: bool


def lines_of(talks: Sequence[SeenTalk], *, actor: Actor) -> list[TalkLine]:
    return [TalkLine(talk, TALK_LABELS[talk.state], _is_turn(talk, actor)) for talk in talks]


def _is_turn(talk: SeenTalk, actor: Actor) -> bool:
    side = dialogue.side_of(talk, actor.employee_id)
    return side is not None and dialogue.waits_for(side, talk) and bool(dialogue.mandates_of(actor, talk, side))


def list_page(sheet: SeenSheet, *, actor: Actor, on: date, around: dialogue.Around) -> str:
    return render_template(
        "dialogue/talks.html",
        sheet=sheet,
        lines=lines_of(queries.talks_of(sheet, actor=actor), actor=actor),
        begins=dialogue.may_begin(actor, around),
        on=on,
    )


def talk_page(talk: SeenTalk, *, actor: Actor, on: date, problem: str = "") -> str:
    """The whole talk, with what its reader may do."""
    acts = queries.acts_of(talk)
    side = dialogue.side_of(talk, actor.employee_id)
    return render_template(
        "dialogue/talk.html",
        talk=talk,
        label=TALK_LABELS[talk.state],
        cells=cells_of(talk.text),
        Side=Side,
        side_words=SIDE_WORDS,
        writes=dialogue.may_write(actor, talk),
        confirms=dialogue.may_confirm(actor, talk),
        gaps=dialogue.gaps(talk.text),
        next_line=dialogue.next_words(talk, queries.in_post(talk, on=on)),
        is_closed=talk.state is TalkState.CLOSED,
        changed=_changed_since_confirmed(talk, side, acts),
        events=[_event(row, talk) for row in reversed(acts)],
        problem=problem,
    )


def cells_of(text: TalkText) -> list[tuple[str, str]]:
    """The long texts with their headings, in the order of the page."""
    return [(CELL_WORDS[name], getattr(text, name)) for name in ("owner_part", "superior_part", "agreed")]


def _event(row: Row[Any], talk: SeenTalk) -> Event:
    event = event_of(row)
    return Event(**{name: getattr(event, name) for name in Event.__slots__} | {"note": without_number(talk.id, event.note)})


def _changed_since_confirmed(talk: SeenTalk, side: Side | None, acts: Sequence[Row[Any]]) -> list[Change]:
    """For whoever had confirmed and whose confirmation fell: what is different now."""
    if side is None or side in talk.confirmed:
        return []
    own = [row.content_hash for row in acts if row.action == TalkStep.CONFIRM and row.actor_id == talk.people[side].id]
    before = queries.text_under(talk, own[-1]) if own and own[-1] != talk.sha256 else None
    return changes(before, talk.text) if before is not None else []


def changes(before: TalkText, after: TalkText) -> list[Change]:
    """Cells that differ, in the order of the page."""
    old, new = _said(before), _said(after)
    return [Change(word, old[name], new[name]) for name, word in CELL_WORDS.items() if old[name] != new[name]]


def _said(text: TalkText) -> dict[str, str]:
    days = {name: format_date(day) if (day := getattr(text, name)) else "" for name in ("held_on", "follow_up_on")}
    quarter = QUARTER_WORDS[text.quarter - 1] if text.quarter else ""
    return {name: getattr(text, name) for name in CELL_WORDS} | days | {"quarter": quarter}


def form_changes(form: TalkForm, talk: SeenTalk) -> list[Change]:
    """Where what was typed differs from what stands now, for a page that was drawn before somebody else had written."""
    if form.held_on.data is None:
        return []
    typed = dialogue.written_by(form.side, dialogue.cleaned(form.text()), talk.text)
    return changes(talk.text, typed)
