"""Who still has to act in a year, and reminding them: a desk at most once a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from iki_portal.domain import policy
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import WrongState
from iki_portal.domain.notices import About, NoticeKind
from iki_portal.domain.office import PositionKind
from iki_portal.domain.policy import Actor, Desk, Permission, Post
from iki_portal.domain.workflow import IN_PREPARATION
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, record
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Reminder, Sheet
from iki_portal.notices.news import news_for
from iki_portal.notices.operations import is_first, tell

REMIND_ACTION = "remind"
#: The note in the history names so many desks; the rest as a number.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class BusyDesk:
    """A post at which sheets lie, and who can act there today."""

    post: Post
    people: set[int] = field(default_factory=set)
    sheets: list[SeenSheet] = field(default_factory=list)

    @property
    def words(self) -> str:
        return f"{self.post.name} ({len(self.sheets)} lembar)"


def busy_desks(sheets: Iterable[SeenSheet]) -> dict[int, BusyDesk]:
    """Post → its desk, in the order of the sheets; a vacant post is no desk: there is nobody to tell."""
    found: dict[int, BusyDesk] = {}
    for sheet in sheets:
        place = policy.waiting_desk(sheet, sheet.route)
        if place is not None and place.candidates:
            desk = found.setdefault(place.post.id, BusyDesk(place.post))
            desk.people.update(each.employee_id for each in place.candidates)
            desk.sheets.append(sheet)
    return found


def reminded(year: int, *, on: date) -> frozenset[int]:
    """The posts that were reminded that day."""
    query = select(Reminder.position_id).where(Reminder.year == year, Reminder.reminded_on == on)
    return frozenset(db.session.scalars(query))


def may_remind(actor: Actor, desk: Desk | None) -> bool:
    """Whether there is somebody else to remind at that desk."""
    return desk is not None and any(each.employee_id != actor.employee_id for each in desk.candidates)


def remind(year: int, *, position_id: int | None, actor: Actor, now: datetime) -> int:
    """Remind whoever sits at that desk, or at every desk, of the sheets that lie there; returns how many desks.

    Raises `WrongState` when nothing lies there, or all of them were reminded today.
    """
    policy.demand_permission(actor, Permission.YEAR_REMIND)
    on = office_day(now)
    desks = busy_desks(sheets_where(Sheet.year == year, Sheet.state.in_(IN_PREPARATION), on=on))
    asked = [desk for key, desk in desks.items() if position_id in (None, key) and desk.people - {actor.employee_id}]
    if not asked:
        raise WrongState("Tidak ada lembar yang menunggu orang lain di meja itu.")
    fresh = [desk for desk in asked if _is_first_today(desk, year, on)]
    if not fresh:
        raise WrongState("Sudah diingatkan hari ini. Satu meja diingatkan paling banyak sekali sehari.")
    _tell(fresh, year, on, actor=actor, now=now)
    act = Act(action=REMIND_ACTION, year=year, at=now, note=_note(fresh))
    record(act, author(actor, actor.mandate_as(PositionKind.SECRETARY)))
    return len(fresh)


def _is_first_today(desk: BusyDesk, year: int, on: date) -> bool:
    """The database decides between two who press the button at once."""
    return is_first(Reminder(year=year, position_id=desk.post.id, reminded_on=on))


def _tell(desks: Sequence[BusyDesk], year: int, on: date, *, actor: Actor, now: datetime) -> None:
    news = []
    for desk in desks:
        people = (each for each in desk.people if each != actor.employee_id)
        about = About(year=year, post=desk.post.name)
        key = f"{REMIND_ACTION}:{year}:{desk.post.id}:{on.isoformat()}"
        news += news_for(people, NoticeKind.REMINDED, key, about, position_id=desk.post.id)
    tell(news, now=now)


def _note(desks: Sequence[BusyDesk]) -> str:
    named = ", ".join(desk.words for desk in desks[:MOST_NAMED])
    more = len(desks) - MOST_NAMED
    return f"Mengingatkan {named}{f', dan {more} meja lain' if more > 0 else ''}."
