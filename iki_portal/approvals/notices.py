"""One's own notices as the page shows them: names are looked up now, and only of sheets that are in sight now."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, case, func, select, true

from iki_portal.domain.notices import (
    OF_REPORTS,
    OF_TALKS,
    OUT_OF_CHOICE,
    OUT_OF_SIGHT,
    About,
    NoticeKind,
    sentence,
    sheet_words,
)
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import quarter_of
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight
from iki_portal.indicators.queries import PAGE_SIZE
from iki_portal.indicators.sight import title_of_sheet
from iki_portal.models import Notice, Position, Sheet
from iki_portal.models.parameters import PERSON


@dataclass(frozen=True, slots=True)
class NoticeLine:
    id: int
    kind: NoticeKind
    text: str
    created_at: datetime
    is_unread: bool
    #: Its reader may see, by what they act by now, what it is about.
    is_visible: bool
    #: Where it leads; None: to Beranda.
    sheet_id: int | None
    #: The quarter of the report that it is about, if it is about one.
    quarter: int | None
    #: It leads to the talks on the sheet.
    is_of_talk: bool
    #: How the sheet stands now, which may be further than what is told.
    state: State | None


@dataclass(frozen=True, slots=True)
class NoticePage:
    lines: list[NoticeLine]
    number: int
    has_next: bool


@cache
def _notices() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Notice.id, Notice.kind, Notice.sheet_id, Notice.year, Notice.day, Notice.created_at, Notice.read_at),
            *(Sheet.revision, Sheet.state, title_of_sheet().label("title"), Position.area),
        )
        .outerjoin(Sheet, Sheet.id == Notice.sheet_id)
        .outerjoin(Position, Position.id == func.coalesce(Sheet.position_id, Notice.position_id))
        .where(Notice.employee_id == PERSON)
        .order_by(Notice.id.desc())
        .limit(bindparam("limit", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )


def own_notices(*, actor: Actor, on: date, page: int) -> NoticePage:
    """Newest first."""
    window = {"limit": PAGE_SIZE + 1, "offset": (page - 1) * PAGE_SIZE}
    visible = case((Notice.sheet_id.is_(None), true()), else_=in_sight(actor)).label("is_visible")
    rows = db.session.execute(_notices().add_columns(visible), {**asked_by(actor, on), **window}).all()
    hidden = OUT_OF_CHOICE if actor.chosen else OUT_OF_SIGHT
    return NoticePage([_line(row, hidden) for row in rows[:PAGE_SIZE]], page, len(rows) > PAGE_SIZE)


def _line(row: Row[Any], hidden: str) -> NoticeLine:
    named = post_name(row.title or "", row.area or "")
    sheet = sheet_words(named, row.revision) if row.revision is not None else ""
    text = sentence(row.kind, About(sheet=sheet, year=row.year, post=named, day=row.day)) if row.is_visible else hidden
    seen = row.is_visible and row.sheet_id is not None
    return NoticeLine(
        row.id,
        row.kind,
        text,
        row.created_at,
        row.read_at is None,
        bool(row.is_visible),
        row.sheet_id if seen else None,
        quarter_of(row.day) if row.kind in OF_REPORTS and row.day else None,
        row.kind in OF_TALKS,
        row.state if seen and row.kind not in OF_TALKS else None,
    )
