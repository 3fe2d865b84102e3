"""From facts to what the pages show: the path of a sheet, its timeline, its paper. Plain values, ready for templates."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from iki_portal.domain import policy
from iki_portal.domain.dates import format_date, office_day
from iki_portal.domain.handover import TAKE_OVER
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Desk
from iki_portal.domain.workflow import FINAL, Duty, State, Step, next_duty
from iki_portal.indicators.sight import SeenSheet
from iki_portal.web.labels import STATE_LABELS

_ORDER = (State.DRAFT, State.SUBMITTED, State.REVIEWED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the path strip. `state`: done, current, waiting or skipped."""

    word: str
    state: str
    name: str = ""
    post: str = ""
    when: str = ""


def path_of(sheet: SeenSheet, history: Iterable[Row[Any]]) -> list[Stop]:
    """Draf → Diajukan → Direviu → Ditetapkan, each with who and when, and who is next."""
    place = len(_ORDER) if sheet.state in FINAL else _ORDER.index(sheet.state)
    acts = _acts_of_this_round(history)
    stops = [_draft_stop(sheet, is_current=place == 0)]
    for index, (state, step, duty) in enumerate(
        (
            (State.SUBMITTED, Step.SUBMIT, Duty.OWNER),
            (State.REVIEWED, Step.REVIEW, Duty.REVIEWER),
            (State.APPROVED, Step.APPROVE, Duty.APPROVER),
        ),
        start=1,
    ):
        word = STATE_LABELS[state].word
        if state is State.REVIEWED and sheet.route.reviewer is None:
            stops.append(Stop(word, "skipped", post="Tanpa pereviu"))
        elif step in acts and place >= index:
            row = acts[step]
            stops.append(Stop(word, "done", row.actor_name, row.acting_title, format_date(office_day(row.at))))
        else:
            stops.append(_open_stop(sheet, word, duty))
    return stops


def _acts_of_this_round(history: Iterable[Row[Any]]) -> dict[str, Row[Any]]:
    """The last submit, review and approve; a sheet that went back to its owner begins again."""
    acts: dict[str, Row[Any]] = {}
    for row in history:
        if row.action in (Step.RETURN, Step.WITHDRAW):
            acts.clear()
        acts[row.action] = row
    return acts


def _draft_stop(sheet: SeenSheet, *, is_current: bool) -> Stop:
    word = STATE_LABELS[State.DRAFT].word
    if is_current:
        return _desk_stop(word, policy.desk(sheet, sheet.route, Duty.OWNER), "current", "menyusun lembar")
    return Stop(word, "done", post=sheet.title)


def _open_stop(sheet: SeenSheet, word: str, duty: Duty) -> Stop:
    waiting = next_duty(sheet.state, has_reviewer=sheet.route.reviewer is not None)
    is_next = duty is waiting and sheet.state is not State.DRAFT
    if duty is Duty.OWNER:
        return Stop(word, "waiting")
    place = policy.desk(sheet, sheet.route, duty)
    since = f"menunggu sejak {format_date(office_day(sheet.changed_at))}" if is_next else ""
    return _desk_stop(word, place, "current" if is_next else "waiting", since)


def _desk_stop(word: str, place: Desk, state: str, when: str) -> Stop:
    names = ", ".join(dict.fromkeys(holder.name for holder in place.candidates))
    if not names and state == "current":
        when = place.stuck or when
    kinds = {holder.kind for holder in place.candidates}
    post = acting_title(next(iter(kinds)), place.post.title) if len(kinds) == 1 else place.post.title
    return Stop(word, state, names, post, when)


def last_return(sheet: SeenSheet, history: Iterable[Row[Any]]) -> Row[Any] | None:
    """The return that the sheet is being mended after; whoever takes it over meanwhile mends on."""
    steps = [row for row in history if row.action != TAKE_OVER]
    is_returned = sheet.state is State.DRAFT and steps and steps[-1].action == Step.RETURN
    return steps[-1] if is_returned else None


def flagged_ids(returned: Row[Any] | None) -> frozenset[int]:
    """Rows that the return points at."""
    return frozenset(int(pointer.split(":")[1]) for pointer in returned.rows.split()) if returned else frozenset()
