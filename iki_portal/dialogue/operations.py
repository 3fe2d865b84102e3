"""A talk is begun, written by two, and confirmed by both; every text that stood stays, and so does what was done with it.

Whoever writes or confirms holds the talk's row first: what they take away, or complete, is what stands at that moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.dialogue import content
from iki_portal.dialogue.queries import Party, SeenTalk, begun_by, circle_of, in_post, talk_in_sight
from iki_portal.dialogue.telling import tell_of_talk
from iki_portal.domain import dialogue
from iki_portal.domain.dates import format_datetime, office_day
from iki_portal.domain.dialogue import OTHER, Around, Side, TalkStep, TalkText, TextProblem
from iki_portal.domain.errors import Incomplete, Invalid, NotAllowed, Outdated, WrongState
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Actor, Holder, Mandate, Verdict
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, record
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Sheet, Talk, TalkAct, TalkWriting
from iki_portal.organisation.queries import posts

SENT_TWICE = "Dialog ini baru saja tercatat, mungkin karena dikirim dua kali."
WHOM = "Pilih dengan siapa dialog ini berlangsung."


class Unwritable(Invalid):
    """A text that cannot be kept, each cell with its reason."""

    def __init__(self, problems: Sequence[TextProblem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


class Unready(Incomplete):
    """A text that lacks what both shall confirm."""

    def __init__(self, gaps: Sequence[TextProblem]) -> None:
        super().__init__(" ".join(["Belum dapat dikonfirmasi.", *(gap.message for gap in gaps)]))


def note_of(talk_id: int, note: str = "") -> str:
    """What the history says of an act on a talk: its number, and never a word of it."""
    return f"{_number(talk_id)} {note}".strip()


def without_number(talk_id: int, note: str) -> str:
    return note.removeprefix(_number(talk_id)).strip()


def _number(talk_id: int) -> str:
    return f"Dialog nomor {talk_id}."


# Begin


def begin(
    sheet: SeenSheet, typed: TalkText, *, actor: Actor, partner_id: int | None = None, seen: int = 0, now: datetime
) -> int:
    """Begin a talk with the other side (of several holders the one of that id); returns the talk's id.

    `seen`: how many talks on the sheet this person had begun when the page was drawn (`queries.begun_by`).
    """
    around = circle_of(sheet, actor=actor, on=office_day(now)).around
    if reason := dialogue.no_beginning_because(around):
        raise WrongState(reason)
    mandate = _demanded(dialogue.may_begin(actor, around))
    side = dialogue.side_today(actor, around)
    if side is None:
        raise NotAllowed("Dialog dicatat oleh pemilik lembar atau atasannya.")
    if begun_by(actor, sheet) != seen:
        raise Outdated(SENT_TWICE)
    other = _partner(dialogue.people_of(OTHER[side], around), partner_id)
    people = _people(side, Party(actor.employee_id or 0, actor.full_name or actor.name, mandate.signature), other, around)
    superior_post = mandate.position_id if side is Side.SUPERIOR else dialogue.post_of(Side.SUPERIOR, around).id
    text = dialogue.written_by(side, dialogue.cleaned(typed), None)
    _demand_right(text, None, people, {Side.OWNER: sheet.position_id, Side.SUPERIOR: superior_post}, on=office_day(now))
    _hold(sheet)
    talk_id = _insert(sheet, people, superior_post, begun_by_id=actor.employee_id or 0, number=seen + 1)
    _keep(talk_id, sheet.id, 1, people, text, actor=actor, mandate=mandate, now=now)
    talk = talk_in_sight(talk_id, sheet.id, actor=actor)
    _record(talk, TalkStep.BEGIN, side, actor=actor, mandate=mandate, now=now)
    return talk_id


def _hold(sheet: SeenSheet) -> None:
    """Nobody may replace the sheet by a newer revision while a talk is begun on it."""
    held = select(Sheet.id).where(Sheet.id == sheet.id, Sheet.state == sheet.state).with_for_update(read=True)
    if db.session.scalar(held) is None:
        raise Outdated("Lembar ini baru saja digantikan oleh perubahannya.")


def _demanded(verdict: Verdict) -> Mandate:
    if verdict.mandate is None:
        raise NotAllowed(verdict.reason)
    return verdict.mandate


def _partner(others: Sequence[Holder], partner_id: int | None) -> Holder:
    if partner_id is None:
        return others[0]
    found = next((each for each in others if each.employee_id == partner_id), None)
    if found is None:
        raise Invalid(WHOM)
    return found


def _people(side: Side, own: Party, other: Holder, around: Around) -> dict[Side, Party]:
    """Both by name and title, as they are today."""
    title = acting_title(other.kind, dialogue.post_of(OTHER[side], around).title)
    return {side: own, OTHER[side]: Party(other.employee_id, other.name, title)}


def _demand_right(
    text: TalkText, standing: TalkText | None, people: dict[Side, Party], post_ids: dict[Side, int], *, on: date
) -> None:
    """Raise `Unwritable` with everything that is wrong. A day that stood already was asked about when it was written."""
    problems = list(dialogue.problems(text, on=on))
    if text.held_on <= on and (standing is None or text.held_on != standing.held_on):
        found = posts(post_ids.values(), on=text.held_on)
        held = {side: [each.employee_id for each in found[post_ids[side]].holders] for side in Side}
        ids = {side: party.id for side, party in people.items()}
        problems += dialogue.not_held(text, ids, held, {side: party.name for side, party in people.items()})
    if problems:
        raise Unwritable(problems)


def _insert(sheet: SeenSheet, people: dict[Side, Party], superior_post: int, *, begun_by_id: int, number: int) -> int:
    owner, superior = people[Side.OWNER], people[Side.SUPERIOR]
    begun = Talk(
        sheet_id=sheet.id,
        owner_id=owner.id,
        owner_name=owner.name,
        owner_title=owner.title,
        superior_id=superior.id,
        superior_name=superior.name,
        superior_title=superior.title,
        superior_post_id=superior_post,
        begun_by_id=begun_by_id,
        number=number,
        version=1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(begun)
            db.session.flush()
    except IntegrityError as error:
        raise Outdated(SENT_TWICE) from error
    return begun.id


# Write and confirm


def write(talk: SeenTalk, typed: TalkText, *, actor: Actor, seen: int, now: datetime) -> str | None:
    """Write one's own part and the common ones; None when nothing is new.

    Whoever had confirmed has confirmed no more: the answer says so, and is "" where nobody had.
    """
    talk, mandate, side = _turn(talk, TalkStep.WRITE, actor=actor, seen=seen)
    text = dialogue.written_by(side, dialogue.cleaned(typed), talk.text)
    if text == talk.text:
        return None
    _demand_right(
        text, talk.text, talk.people, {Side.OWNER: talk.owner_post_id, Side.SUPERIOR: talk.superior_post_id}, on=office_day(now)
    )
    lost = dialogue.lost_words(talk.confirmed, talk.parties)
    changed = {"version": seen + 1, "owner_confirmed_at": None, "superior_confirmed_at": None}
    _advance(talk, changed)
    _keep(talk.id, talk.sheet_id, seen + 1, talk.people, text, actor=actor, mandate=mandate, now=now)
    written = talk_in_sight(talk.id, talk.sheet_id, actor=actor)
    was = OTHER[side] in talk.confirmed
    _record(written, TalkStep.WRITE, side, actor=actor, mandate=mandate, now=now, note=lost, lost=was)
    return lost


def confirm(talk: SeenTalk, *, actor: Actor, seen: int, now: datetime) -> SeenTalk:
    """Say that the whole text, as it stands, is what was talked; returns the talk as that leaves it."""
    talk, mandate, side = _turn(talk, TalkStep.CONFIRM, actor=actor, seen=seen)
    if missing := dialogue.gaps(talk.text):
        raise Unready(missing)
    confirmed = replace(talk, owner_confirmed_at=now) if side is Side.OWNER else replace(talk, superior_confirmed_at=now)
    _advance(talk, {f"{side.value}_confirmed_at": now})
    _record(confirmed, TalkStep.CONFIRM, side, actor=actor, mandate=mandate, now=now)
    return confirmed


def _turn(talk: SeenTalk, step: TalkStep, *, actor: Actor, seen: int) -> tuple[SeenTalk, Mandate, Side]:
    """The talk as it stands, held until the transaction ends. What nobody may do is said first, then that the page is old."""
    db.session.execute(select(Talk.id).where(Talk.id == talk.id).with_for_update())
    talk = talk_in_sight(talk.id, talk.sheet_id, actor=actor)
    side, verdict = dialogue.side_of(talk, actor.employee_id), dialogue.MAY[step](actor, talk)
    if reason := dialogue.IMPOSSIBLE[step](side, talk):
        raise WrongState(reason)
    mandate = _demanded(verdict)
    if talk.version != seen:
        when = format_datetime(talk.written_at)
        raise Outdated(f"Dialog ini berubah sesudah halaman Anda dibuka. Terakhir ditulis {talk.written_by}, {when}.")
    if side is None:
        raise NotAllowed(verdict.reason)
    return talk, mandate, side


def _advance(talk: SeenTalk, values: Mapping[str, object]) -> None:
    moved = db.session.execute(
        update(Talk)
        .where(Talk.id == talk.id, Talk.version == talk.version)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Dialog ini baru saja diubah pada halaman atau oleh orang lain.")


def _keep(
    talk_id: int,
    sheet_id: int,
    version: int,
    people: dict[Side, Party],
    text: TalkText,
    *,
    actor: Actor,
    mandate: Mandate,
    now: datetime,
) -> None:
    """One more text of the talk."""
    by = author(actor, mandate)
    said_by = {"author_id": by.actor_id, "author_name": by.actor_name, "author_title": by.acting_title}
    row = {"talk_id": talk_id, "version": version, **text._asdict(), **said_by, "written_at": now}
    db.session.execute(insert(TalkWriting), [row | {"sha256": content.hash_of(sheet_id, people, text)}])


def _record(
    talk: SeenTalk,
    step: TalkStep,
    side: Side,
    *,
    actor: Actor,
    mandate: Mandate,
    now: datetime,
    note: str = "",
    lost: bool = False,
) -> None:
    """One row of the history, which names neither the sheet nor a word of the talk; and the other is told."""
    other = talk.people[OTHER[side]]
    act = Act(
        action=step,
        year=talk.year,
        at=now,
        note=note_of(talk.id, note),
        content_hash=talk.sha256,
        subject_id=other.id,
    )
    number = record(act, author(actor, mandate))
    db.session.execute(insert(TalkAct), [{"talk_id": talk.id, "history_number": number}])
    still = in_post(talk, on=office_day(now))[OTHER[side]]
    tell_of_talk(talk, side, number=number, lost=lost, in_post=still, now=now)
