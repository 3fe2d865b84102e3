"""Talks as their readers may see them: the two persons and the Kepala Badan; for everybody else there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Integer, Row, Select, and_, bindparam, func, or_, select

from iki_portal.domain import dialogue
from iki_portal.domain.dialogue import Around, Side, TalkState, TalkText, state_of
from iki_portal.domain.errors import NotFound
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import FINAL
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet, title_of_sheet
from iki_portal.models import HistoryEntry, Position, Sheet, Talk, TalkAct, TalkWriting
from iki_portal.models.columns import LARGEST_ID
from iki_portal.models.parameters import PERSON
from iki_portal.organisation.queries import posts

NOT_FOUND = "Dialog kinerja ini tidak ada, atau bukan untuk Anda."
MOST_WAITING = 25

_HEAD = bindparam("is_head", type_=Boolean)
_OPEN = or_(Talk.owner_confirmed_at.is_(None), Talk.superior_confirmed_at.is_(None))


class Party(NamedTuple):
    """One of the two, as they were when the talk was begun."""

    id: int
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTalk:
    """A talk with the text that stands now."""

    id: int
    sheet_id: int
    year: int
    revision: int
    #: The sheet's post, as lists tell posts apart.
    sheet_name: str
    owner: Party
    superior: Party
    owner_post_id: int
    superior_post_id: int
    version: int
    owner_confirmed_at: datetime | None
    superior_confirmed_at: datetime | None
    text: TalkText
    sha256: str
    written_by: str
    written_at: datetime

    @property
    def owner_id(self) -> int:
        return self.owner.id

    @property
    def superior_id(self) -> int:
        return self.superior.id

    @property
    def people(self) -> dict[Side, Party]:
        return {Side.OWNER: self.owner, Side.SUPERIOR: self.superior}

    @property
    def parties(self) -> dict[Side, str]:
        return {side: party.name for side, party in self.people.items()}

    @property
    def confirmed_at(self) -> dict[Side, datetime | None]:
        return {Side.OWNER: self.owner_confirmed_at, Side.SUPERIOR: self.superior_confirmed_at}

    @property
    def confirmed(self) -> frozenset[Side]:
        return frozenset(side for side, moment in self.confirmed_at.items() if moment is not None)

    @property
    def state(self) -> TalkState:
        return state_of(self)


_TALK_COLUMNS = (
    *("id", "sheet_id", "version", "owner_confirmed_at", "superior_confirmed_at", "superior_post_id"),
    *("owner_id", "owner_name", "owner_title", "superior_id", "superior_name", "superior_title"),
)


def text_of(row: Any) -> TalkText:
    """From the columns of a writing."""
    return TalkText(**{name: getattr(row, name) for name in TalkText._fields})


@cache
def _talks() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(Talk, name) for name in _TALK_COLUMNS),
            *(getattr(TalkWriting, name) for name in TalkText._fields),
            *(TalkWriting.sha256, TalkWriting.author_name, TalkWriting.written_at),
            *(Sheet.year, Sheet.revision, Sheet.position_id, Position.area),
            title_of_sheet().label("title"),
        )
        .join(TalkWriting, and_(TalkWriting.talk_id == Talk.id, TalkWriting.version == Talk.version))
        .join(Sheet, Sheet.id == Talk.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .order_by(TalkWriting.held_on.desc(), Talk.id.desc())
    )


def _in_sight() -> ColumnElement[bool]:
    """The twin of `dialogue.sees`."""
    return or_(Talk.owner_id == PERSON, Talk.superior_id == PERSON, _HEAD)


def _reader(actor: Actor) -> dict[str, Any]:
    person = 0 if actor.is_operator else actor.employee_id or 0
    return {"person": person, "is_head": actor.is_head and not actor.is_operator}


def _seen(row: Row[Any]) -> SeenTalk:
    return SeenTalk(
        id=row.id,
        sheet_id=row.sheet_id,
        year=row.year,
        revision=row.revision,
        sheet_name=post_name(row.title, row.area),
        owner=Party(row.owner_id, row.owner_name, row.owner_title),
        superior=Party(row.superior_id, row.superior_name, row.superior_title),
        owner_post_id=row.position_id,
        superior_post_id=row.superior_post_id,
        version=row.version,
        owner_confirmed_at=row.owner_confirmed_at,
        superior_confirmed_at=row.superior_confirmed_at,
        text=text_of(row),
        sha256=row.sha256,
        written_by=row.author_name,
        written_at=row.written_at,
    )


def _of_post_and_year() -> ColumnElement[bool]:
    return and_(Sheet.position_id == bindparam("position_id", type_=Integer), Sheet.year == bindparam("year", type_=Integer))


@cache
def _talks_of_sheets() -> Select[*tuple[Any, ...]]:
    return _talks().where(_of_post_and_year(), _in_sight())


def talks_of(sheet: SeenSheet, *, actor: Actor) -> list[SeenTalk]:
    """Of the sheet's post and year, on whichever revision, as far as this reader may see; the newest first."""
    place = {"position_id": sheet.position_id, "year": sheet.year}
    return [_seen(row) for row in db.session.execute(_talks_of_sheets(), {**place, **_reader(actor)})]


@cache
def _one_talk() -> Select[*tuple[Any, ...]]:
    return _talks().where(
        Talk.id == bindparam("talk_id", type_=Integer), Talk.sheet_id == bindparam("sheet_id", type_=Integer), _in_sight()
    )


def talk_in_sight(talk_id: int, sheet_id: int, *, actor: Actor) -> SeenTalk:
    """Load and authorise in one act; raises `NotFound` for a talk that is not there or not for this person."""
    known = 0 < talk_id <= LARGEST_ID and 0 < sheet_id <= LARGEST_ID
    row = (
        db.session.execute(_one_talk(), {"talk_id": talk_id, "sheet_id": sheet_id, **_reader(actor)}).one_or_none()
        if known
        else None
    )
    if row is None or not dialogue.sees(actor, found := _seen(row)):
        raise NotFound(NOT_FOUND)
    return found


@cache
def _open_talks() -> Select[*tuple[Any, ...]]:
    return _talks().where(_OPEN, or_(Talk.owner_id == PERSON, Talk.superior_id == PERSON)).limit(MOST_WAITING)


def talks_waiting(*, actor: Actor) -> list[SeenTalk]:
    """Talks in which it is this person's turn, in a post by which they act now; one statement."""
    if not actor.mandates or actor.is_operator:
        return []
    rows = db.session.execute(_open_talks(), {"person": actor.employee_id or 0})
    return [talk for talk in map(_seen, rows) if _is_turn(actor, talk)]


def _is_turn(actor: Actor, talk: SeenTalk) -> bool:
    side = dialogue.side_of(talk, actor.employee_id)
    return side is not None and dialogue.waits_for(side, talk) and bool(dialogue.mandates_of(actor, talk, side))


# Around a talk


@cache
def _post_above() -> Select[*tuple[Any, ...]]:
    talks = (
        select(func.count(Talk.id))
        .join(Sheet, Sheet.id == Talk.sheet_id)
        .where(_of_post_and_year(), _in_sight())
        .scalar_subquery()
    )
    return select(Position.superior_id, talks.label("talks")).where(Position.id == bindparam("position_id", type_=Integer))


@dataclass(frozen=True, slots=True)
class Circle:
    """What a page of the sheet needs to know before it offers a talk."""

    around: Around
    #: How many talks this reader may see.
    talks: int


def circle_of(sheet: SeenSheet, *, actor: Actor, on: date) -> Circle:
    """One statement; two where the post above the sheet's is none of its route."""
    place = {"position_id": sheet.position_id, "year": sheet.year}
    row = db.session.execute(_post_above(), {**place, **_reader(actor)}).one()
    route = (sheet.route.reviewer, sheet.route.approver, sheet.route.superior)
    superior = next((post for post in route if post is not None and post.id == row.superior_id), None)
    if superior is None and row.superior_id is not None:
        superior = posts({row.superior_id}, on=on)[row.superior_id]
    return Circle(Around(sheet, sheet.route, superior), row.talks)


def opens_talks(actor: Actor, circle: Circle) -> bool:
    """Whether the sheet's talks are a page for this person: their own ones, or a talk that they might begin."""
    if actor.is_operator:
        return False
    return circle.talks > 0 or actor.is_head or dialogue.side_today(actor, circle.around) is not None


def entry_of(sheet: SeenSheet, *, actor: Actor, on: date) -> Circle | None:
    """For pages of a sheet that lead to its talks; None where they shall not even name them."""
    if sheet.state not in FINAL or actor.is_operator:
        return None
    circle = circle_of(sheet, actor=actor, on=on)
    return circle if opens_talks(actor, circle) else None


def in_post(talk: SeenTalk, *, on: date) -> dict[Side, bool]:
    """Side → whether that person holds the post by which they take part on that day."""
    found = posts({talk.owner_post_id, talk.superior_post_id}, on=on)
    held = {Side.OWNER: found[talk.owner_post_id], Side.SUPERIOR: found[talk.superior_post_id]}
    return {side: any(each.employee_id == talk.people[side].id for each in post.holders) for side, post in held.items()}


def begun_by(actor: Actor, sheet: SeenSheet) -> int:
    """How many talks on the sheet this person has begun: what a form for one more was drawn from."""
    query = select(func.max(Talk.number)).where(Talk.sheet_id == sheet.id, Talk.begun_by_id == (actor.employee_id or 0))
    return db.session.scalar(query) or 0


@cache
def _acts() -> Select[*tuple[Any, ...]]:
    return (
        select(HistoryEntry.__table__)
        .join(TalkAct, TalkAct.history_number == HistoryEntry.number)
        .where(TalkAct.talk_id == bindparam("talk_id", type_=Integer))
        .order_by(HistoryEntry.number)
    )


def acts_of(talk: SeenTalk) -> Sequence[Row[Any]]:
    """What was done with the talk, oldest first; columns as in `HistoryEntry`."""
    return db.session.execute(_acts(), {"talk_id": talk.id}).all()


def text_under(talk: SeenTalk, sha256: str) -> TalkText | None:
    """The talk's text of that hash; None when there is none."""
    query = select(TalkWriting.__table__).where(TalkWriting.talk_id == talk.id, TalkWriting.sha256 == sha256)
    row = db.session.execute(query.order_by(TalkWriting.version.desc()).limit(1)).one_or_none()
    return text_of(row) if row is not None else None
