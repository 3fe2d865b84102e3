"""Dialog kinerja: dated notes of a talk between the owner of a sheet and their superior; who begins, writes, confirms, reads.

    being written → one side has confirmed → both have (closed for good)
                  ← the text changes: what was confirmed is confirmed no more

A talk belongs to two persons. Each writes a part of their own, and both the rest; each confirms the whole text as it stands.
The owner's side is whoever holds the sheet's post; the superior's side whoever holds the post above it, and never the same
person: where they would be, the talk is held with the next post of the route. Both come from assignments in force that day,
and both must have held their posts on the day of the talk. Only these two read it, and the Kepala Badan
(docs/decisions/0044-a-talk-belongs-to-two-persons.md).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from iki_portal.domain import policy
from iki_portal.domain.dates import format_date
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Desk, Holder, Mandate, Post, Route, SheetLike, Verdict
from iki_portal.domain.workflow import STATE_WORDS, Duty, State


class Side(StrEnum):
    OWNER = "owner"
    SUPERIOR = "superior"


OTHER = {Side.OWNER: Side.SUPERIOR, Side.SUPERIOR: Side.OWNER}
SIDE_WORDS = {Side.OWNER: "pemilik lembar", Side.SUPERIOR: "atasan"}


class TalkStep(StrEnum):
    """The values are the acts of the history."""

    BEGIN = "begin_talk"
    WRITE = "write_talk"
    CONFIRM = "confirm_talk"


class TalkState(StrEnum):
    """Follows from who has confirmed; stored nowhere."""

    WRITING = "writing"
    HALF = "half"
    CLOSED = "closed"


TALK_WORDS = {
    TalkState.WRITING: "Sedang ditulis",
    TalkState.HALF: "Menunggu satu konfirmasi",
    TalkState.CLOSED: "Dikonfirmasi kedua pihak",
}
TOPIC_LIMIT = 200
TEXT_LIMIT = 4000


class TalkText(NamedTuple):
    """Everything that was written of a talk: what is confirmed, and hashed."""

    held_on: date
    topic: str
    quarter: int | None = None
    owner_part: str = ""
    superior_part: str = ""
    agreed: str = ""
    follow_up: str = ""
    follow_up_on: date | None = None


PART_OF = {Side.OWNER: "owner_part", Side.SUPERIOR: "superior_part"}
#: In the order in which a page shows them.
CELL_WORDS = {
    "held_on": "Tanggal dialog",
    "quarter": "Triwulan",
    "topic": "Topik",
    "owner_part": "Catatan pemilik lembar",
    "superior_part": "Catatan atasan",
    "agreed": "Kesepakatan",
    "follow_up": "Tindak lanjut",
    "follow_up_on": "Tenggat tindak lanjut",
}


class TextProblem(NamedTuple):
    """What is wrong or missing in one cell."""

    cell: str
    message: str


class TalkLike(Protocol):
    """What the rules need of a talk."""

    @property
    def owner_id(self) -> int: ...
    @property
    def superior_id(self) -> int: ...
    @property
    def owner_post_id(self) -> int: ...
    @property
    def superior_post_id(self) -> int: ...
    @property
    def confirmed(self) -> frozenset[Side]: ...
    @property
    def text(self) -> TalkText: ...
    @property
    def parties(self) -> Mapping[Side, str]:
        """Side → the person's name, as it was when the talk was begun."""


@dataclass(frozen=True, slots=True)
class Around:
    """What else is asked about: the sheet, today's route, and the post above the sheet's."""

    sheet: SheetLike
    route: Route
    superior: Post | None


# Sides


def superior_desk(around: Around) -> Desk:
    """Who is the superior's side today: the post above the sheet's, or the first of the route that another person holds.

    A vacant post does not pass it on: that is for the operator to mend.
    """
    owners = {holder.employee_id for holder in around.route.owner.holders}
    route = (around.superior, around.route.reviewer, around.route.approver, around.route.superior)
    chain = list({post.id: post for post in route if post is not None}.values())
    return policy.first_desk(Duty.REVIEWER, chain, owners)


def people_of(side: Side, around: Around) -> tuple[Holder, ...]:
    """Who may be that side of a talk that is begun today."""
    return around.route.owner.holders if side is Side.OWNER else superior_desk(around).candidates


def post_of(side: Side, around: Around) -> Post:
    return around.route.owner if side is Side.OWNER else superior_desk(around).post


def side_today(actor: Actor, around: Around) -> Side | None:
    """On which side this person would begin a talk today, by whichever of their posts."""
    held = (side for side in Side if any(each.employee_id == actor.employee_id for each in people_of(side, around)))
    return None if actor.is_operator or actor.employee_id is None else next(held, None)


def side_of(talk: TalkLike, employee_id: int | None) -> Side | None:
    return {talk.owner_id: Side.OWNER, talk.superior_id: Side.SUPERIOR}.get(employee_id or 0)


def state_of(talk: TalkLike) -> TalkState:
    return (TalkState.WRITING, TalkState.HALF, TalkState.CLOSED)[len(talk.confirmed)]


# Who may


def sees(actor: Actor, talk: TalkLike) -> bool:
    """The two persons, in whichever post they are now, and the Kepala Badan; for everybody else there is no such talk."""
    return not actor.is_operator and (side_of(talk, actor.employee_id) is not None or actor.is_head)


def no_beginning_because(around: Around) -> str:
    """Why nobody may begin a talk on this sheet; "" while somebody may."""
    if around.route.stage is YearStage.CLOSED:
        return "Tahun kinerja ini sudah ditutup."
    if around.sheet.state is not State.APPROVED:
        return f"Dialog kinerja dicatat pada lembar yang berlaku; lembar ini {STATE_WORDS[around.sheet.state]}."
    if not around.route.owner.holders:
        return f"Jabatan {around.route.owner.title} sedang kosong; tidak ada pemilik lembar untuk diajak berdialog."
    return _nobody_above(superior_desk(around))


def _nobody_above(place: Desk) -> str:
    if place.candidates or not place.post.holders:
        return place.stuck
    return "Tidak ada pejabat lain yang dapat menjadi atasan dalam dialog ini: satu orang tidak dapat menjadi kedua pihak."


def may_begin(actor: Actor, around: Around) -> Verdict:
    """Whether `actor` may begin a talk on this sheet now: its owner, or their superior."""
    if reason := no_beginning_because(around):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _may_begin(one, around))


def _may_begin(actor: Actor, around: Around) -> Verdict:
    side = side_today(actor, around)
    if side is not None and (mandates := actor.mandates_for(post_of(side, around).id)):
        return policy.allowed_by(mandates)
    owner, above = policy.desk(around.sheet, around.route, Duty.OWNER), superior_desk(around)
    return Verdict(reason=f"Dialog atas lembar ini dicatat oleh {owner.who} atau {above.who}.")


def no_writing_because(_side: Side | None, talk: TalkLike) -> str:
    """Why nobody may change the text; "" while somebody may."""
    closed = state_of(talk) is TalkState.CLOSED
    return "Dialog ini sudah dikonfirmasi kedua pihak dan tidak berubah lagi." if closed else ""


def no_confirming_because(side: Side | None, talk: TalkLike) -> str:
    """Why that side has nothing to confirm; "" while it has."""
    return no_writing_because(side, talk) or ("Anda sudah mengonfirmasi teks ini." if side in talk.confirmed else "")


def may_write(actor: Actor, talk: TalkLike) -> Verdict:
    """Whether `actor` may change the text now: one of the two, in the post by which they take part, until both confirmed."""
    if reason := no_writing_because(None, talk):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _as_side(one, talk))


def may_confirm(actor: Actor, talk: TalkLike) -> Verdict:
    """Whether `actor` may confirm the text as it stands. What it lacks is the operation's question (`gaps`)."""
    if reason := no_confirming_because(side_of(talk, actor.employee_id), talk):
        return Verdict(reason=reason)
    return may_write(actor, talk)


#: Of each act on a talk that stands: why nobody may, and who may.
IMPOSSIBLE: dict[TalkStep, Callable[[Side | None, TalkLike], str]] = {
    TalkStep.WRITE: no_writing_because,
    TalkStep.CONFIRM: no_confirming_because,
}
MAY: dict[TalkStep, Callable[[Actor, TalkLike], Verdict]] = {TalkStep.WRITE: may_write, TalkStep.CONFIRM: may_confirm}


def _as_side(actor: Actor, talk: TalkLike) -> Verdict:
    side = side_of(talk, actor.employee_id)
    if side is None or actor.is_operator:
        both = " dan ".join(talk.parties[each] for each in Side)
        return Verdict(reason=f"Dialog ini ditulis dan dikonfirmasi oleh {both}.")
    if mandates := mandates_of(actor, talk, side):
        return policy.allowed_by(mandates)
    return Verdict(reason="Anda tidak lagi memegang jabatan yang Anda wakili dalam dialog ini, jadi hanya dapat membacanya.")


def mandates_of(actor: Actor, talk: TalkLike, side: Side) -> tuple[Mandate, ...]:
    return actor.mandates_for(talk.owner_post_id if side is Side.OWNER else talk.superior_post_id)


def waits_for(side: Side, talk: TalkLike) -> bool:
    """Whether it is that side's turn: to write their part, or to confirm what both have written."""
    if side in talk.confirmed:
        return False
    return not _part(talk.text, side) or bool(_part(talk.text, OTHER[side]))


def _part(text: TalkText, side: Side) -> str:
    return text.owner_part if side is Side.OWNER else text.superior_part


# The text


def written_by(side: Side, typed: TalkText, standing: TalkText | None) -> TalkText:
    """What stands after `side` has written: nobody changes the part of the other."""
    if side is Side.OWNER:
        return typed._replace(superior_part=standing.superior_part if standing else "")
    return typed._replace(owner_part=standing.owner_part if standing else "")


def problems(text: TalkText, *, on: date) -> tuple[TextProblem, ...]:
    """What cannot be kept."""
    found = []
    if text.held_on > on:
        found.append(TextProblem("held_on", "Tanggal dialog belum tiba; dialog dicatat sesudah berlangsung."))
    if not text.topic:
        found.append(TextProblem("topic", "Topik wajib diisi."))
    for cell in ("topic", "owner_part", "superior_part", "agreed", "follow_up"):
        limit, length = TOPIC_LIMIT if cell == "topic" else TEXT_LIMIT, len(getattr(text, cell))
        if length > limit:
            found.append(TextProblem(cell, f"Paling panjang {limit} huruf; ini {length} huruf."))
    if text.follow_up_on is not None and text.follow_up_on < text.held_on:
        found.append(TextProblem("follow_up_on", "Tenggat tindak lanjut tidak dapat sebelum tanggal dialog."))
    return tuple(found)


def not_held(
    text: TalkText, talk: Mapping[Side, int], held: Mapping[Side, Collection[int]], names: Mapping[Side, str]
) -> tuple[TextProblem, ...]:
    """Which of the two did not hold their post on the day of the talk; `held`: side → who did."""
    day = format_date(text.held_on)
    return tuple(
        TextProblem("held_on", f"Pada {day} {names[side]} tidak memegang jabatannya sebagai {SIDE_WORDS[side]}.")
        for side in Side
        if talk[side] not in held[side]
    )


def gaps(text: TalkText) -> tuple[TextProblem, ...]:
    """What is missing before anybody may confirm."""
    found = [
        TextProblem(cell, f"{CELL_WORDS[cell]} belum ditulis.")
        for cell in ("owner_part", "superior_part", "agreed")
        if not getattr(text, cell)
    ]
    if bool(text.follow_up) != bool(text.follow_up_on):
        lacking = "follow_up_on" if text.follow_up else "follow_up"
        found.append(TextProblem(lacking, "Tindak lanjut ditulis bersama tenggatnya, atau keduanya dikosongkan."))
    return tuple(found)


def cleaned(text: TalkText) -> TalkText:
    """As it is kept: without blanks at the ends, ends of lines as one sign."""
    cells: dict[str, Any] = text._asdict()
    texts: dict[str, Any] = {name: each.replace("\r\n", "\n").strip() for name, each in cells.items() if isinstance(each, str)}
    return text._replace(**texts)


def lost_words(confirmed: Collection[Side], parties: Mapping[Side, str]) -> str:
    """Said in the history where a change takes a confirmation away; "" where there was none."""
    lost = [parties[side] for side in Side if side in confirmed]
    return f"Konfirmasi {lost[0]} gugur karena teks berubah." if lost else ""


def next_words(talk: TalkLike, in_post: Mapping[Side, bool]) -> str:
    """Who is next; `in_post`: side → whether that person still holds the post by which they take part."""
    if state_of(talk) is TalkState.CLOSED:
        return ""
    gone = [side for side in Side if not in_post[side]]
    if gone:
        return (
            f"{talk.parties[gone[0]]} tidak lagi memegang jabatannya. Dialog ini tersimpan sebagaimana adanya, "
            "tanpa konfirmasi kedua pihak."
        )
    waiting = [talk.parties[side] for side in Side if waits_for(side, talk)]
    return f"Menunggu {' dan '.join(waiting)}."
