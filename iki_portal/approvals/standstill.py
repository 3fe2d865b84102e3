"""Sheets on which nobody may decide: for the operator, who can mend it, and the Sekretaris, who must know."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select

from iki_portal.domain import policy
from iki_portal.domain.dates import office_day
from iki_portal.domain.policy import Actor, Permission, Role
from iki_portal.domain.workflow import DUTY_WORDS, revision_name
from iki_portal.extensions import db
from iki_portal.indicators.desks import perhaps_without_anybody, without_desk
from iki_portal.indicators.sight import SeenSheet, seen_sheets, sheets_query
from iki_portal.models import Sheet

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class StuckSheet:
    """Which sheet, since when, why, and at which post an appointment would free it; nothing of what is written on it."""

    name: str
    unit_name: str
    #: "penetapan awal 2027"
    revision: str
    duty: str
    since: date
    reason: str
    post_id: int
    post_name: str
    is_vacant: bool
    #: None for a reader who may not see it.
    sheet_id: int | None


@cache
def _stuck() -> Select[*tuple[Any, ...]]:
    return sheets_query().where(without_desk()).order_by(Sheet.submitted_at, Sheet.id).limit(MOST_SHOWN + 1)


def stuck_sheets(*, actor: Actor, on: date) -> list[StuckSheet]:
    """The ones that have waited longest; drafts wait for nobody else, and vacant posts have a list of their own."""
    if not policy.permitted(actor, Permission.ORGANISATION_WRITE) and Role.SECRETARY not in actor.roles:
        return []
    at_risk = db.session.scalars(perhaps_without_anybody(), {"today": on}).all()
    if not at_risk:
        return []
    rows = db.session.execute(_stuck(), {"today": on, "ids": at_risk}).all()
    return [_line(sheet, actor) for sheet in seen_sheets(rows, on=on)]


def _line(sheet: SeenSheet, actor: Actor) -> StuckSheet:
    place = policy.waiting_desk(sheet, sheet.route)
    if place is None or not place.stuck:
        raise RuntimeError(f"SQL and policy disagree about sheet {sheet.id}")
    return StuckSheet(
        name=sheet.name,
        unit_name=sheet.unit_name,
        revision=f"{revision_name(sheet.revision).lower()} {sheet.year}",
        duty=DUTY_WORDS[place.duty],
        since=office_day(sheet.changed_at),
        reason=place.stuck,
        post_id=place.post.id,
        post_name=place.post.name,
        is_vacant=not place.post.holders,
        sheet_id=sheet.id if policy.sees(actor, sheet, sheet.route) else None,
    )
