"""Once a day: deadlines that come near, posts that begin or end, and the digest of what waits.

`iki send-mail` makes the round; what was told already is not told again, however often it is made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from iki_portal.domain import policy
from iki_portal.domain.appointments import SOON
from iki_portal.domain.dates import OFFICE_ZONE, format_date, office_day
from iki_portal.domain.mail import ROUND_HOUR, MailChoice
from iki_portal.domain.notices import NEWS_FOR, About, NoticeKind, deadline_mark, sheet_words
from iki_portal.domain.office import YearStage
from iki_portal.domain.workflow import IN_PREPARATION, Duty
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Assignment, DailyRound, Notice, Position, Sheet
from iki_portal.notices.letters import HOME_PATH, Letter, body_of, subject_line
from iki_portal.notices.news import News, news_for
from iki_portal.notices.operations import is_first, mail_choices, mails_are_sent, post, tell
from iki_portal.notices.outbox import clear_away
from iki_portal.organisation.appointing import post_begins, post_ends

#: A digest names so many sheets of each kind; the rest as a number.
MOST_NAMED = 15
_DIGEST_HEADINGS = {
    Duty.REVIEWER: "Menunggu reviu Anda",
    Duty.APPROVER: "Menunggu penetapan Anda",
    Duty.OWNER: "Draf lembar Anda",
}


@dataclass
class Waiting:
    """What waits for one person today, by the duty they have for it."""

    sheets: dict[Duty, list[SeenSheet]] = field(default_factory=dict)
    unread: int = 0

    @property
    def decisions(self) -> int:
        return sum(len(found) for duty, found in self.sheets.items() if duty is not Duty.OWNER)


def make_round(*, now: datetime, again: bool = False) -> bool:
    """Make today's round unless it was made or it is still night; `again` makes it in any case. Whether it was made."""
    on = office_day(now)
    if not again and now.astimezone(OFFICE_ZONE).hour < ROUND_HOUR:
        return False
    if not (is_first(DailyRound(day=on, made_at=now)) or again):
        return False
    sheets = sheets_where(Sheet.state.in_(IN_PREPARATION), on=on)
    tell([*_deadline_news(sheets, on), *_post_news(on)], now=now)
    if mails_are_sent():
        post(list(_digests(sheets, on)), now=now)
    clear_away(now=now)
    return True


def _deadline_news(sheets: Sequence[SeenSheet], on: date) -> list[News]:
    """Everybody at whose desk a first revision lies, when the end of its year's planning stage is near."""
    people: dict[tuple[int, date, int], set[int]] = {}
    for sheet in sheets:
        if sheet.revision > 1 or sheet.route.stage is not YearStage.PLANNING or sheet.deadline is None:
            continue
        mark = deadline_mark(sheet.deadline, on)
        place = policy.waiting_desk(sheet, sheet.route)
        if mark is not None and place is not None:
            told = people.setdefault((sheet.year, sheet.deadline, mark), set())
            told.update(each.employee_id for each in place.candidates)
    return [
        each
        for (year, deadline, mark), told in people.items()
        for each in news_for(told, NoticeKind.DEADLINE, f"deadline:{year}:{deadline}:{mark}", About(year=year, day=deadline))
    ]


def _post_news(on: date) -> list[News]:
    return [
        *(
            post_begins(row.Assignment, row.Position)
            for row in _assignments(Assignment.starts_on.between(on - NEWS_FOR, on), on)
        ),
        *(post_ends(row.Assignment, row.Position) for row in _assignments(Assignment.ends_on.between(on, on + SOON), on)),
    ]


def _assignments(which: Any, on: date) -> Sequence[Any]:
    """Those that hold today, with their posts."""
    holds = (Assignment.starts_on <= on, Assignment.ends_on.is_(None) | (Assignment.ends_on >= on))
    query = select(Assignment, Position).join(Position, Position.id == Assignment.position_id).where(which, *holds)
    return db.session.execute(query.order_by(Assignment.id)).all()


def _digests(sheets: Sequence[SeenSheet], on: date) -> Iterable[Letter]:
    """One for everybody who wants it and for whom something waits; a draft alone, untouched for months, is no reason."""
    waiting = _waiting(sheets)
    choices = mail_choices(waiting.keys())
    for employee_id, found in sorted(waiting.items()):
        is_wanted = choices.get(employee_id) is MailChoice.DAILY
        if is_wanted and (found.decisions or found.unread):
            yield _digest(employee_id, found, on)


def _waiting(sheets: Sequence[SeenSheet]) -> dict[int, Waiting]:
    found: dict[int, Waiting] = {}
    for sheet in sheets:
        place = policy.waiting_desk(sheet, sheet.route)
        for person in place.candidates if place is not None else ():
            duties = found.setdefault(person.employee_id, Waiting()).sheets
            duties.setdefault(place.duty, []).append(sheet)  # type: ignore[union-attr]  # it has candidates
    unread = select(Notice.employee_id, func.count().label("number")).where(Notice.read_at.is_(None))
    for row in db.session.execute(unread.group_by(Notice.employee_id)):
        found.setdefault(row.employee_id, Waiting()).unread = row.number
    return found


def _digest(employee_id: int, waiting: Waiting, on: date) -> Letter:
    lines = [f"Ringkasan {format_date(on)}."]
    for duty, heading in _DIGEST_HEADINGS.items():
        lines += _section(heading, waiting.sheets.get(duty, []), on)
    if waiting.unread:
        lines += ["", f"Pemberitahuan yang belum Anda baca: {waiting.unread}."]
    what = f"{waiting.decisions} lembar menunggu Anda" if waiting.decisions else f"{waiting.unread} pemberitahuan baru"
    return Letter(employee_id, f"digest:{on.isoformat()}", subject_line(what), body_of(lines, HOME_PATH))


def _section(heading: str, sheets: Sequence[SeenSheet], on: date) -> list[str]:
    if not sheets:
        return []
    more = len(sheets) - MOST_NAMED
    tail = [f"- dan {more} lembar lain"] if more > 0 else []
    return ["", f"{heading} ({len(sheets)}):", *(_line(sheet, on) for sheet in sheets[:MOST_NAMED]), *tail]


def _line(sheet: SeenSheet, on: date) -> str:
    is_bound = sheet.revision == 1 and sheet.route.stage is YearStage.PLANNING and sheet.deadline is not None
    deadline = f", tenggat {format_date(sheet.deadline)}" if is_bound and sheet.deadline and sheet.deadline >= on else ""
    return f"- {sheet_words(sheet.name, sheet.revision)}, tahun {sheet.year}{deadline}"
