"""Writing the trail. Its head is the last lock that anybody takes: nobody who holds it waits for anything else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from iki_portal.domain.policy import Actor
from iki_portal.domain.trail import MOST_REFUSALS, REFUSALS_APART, TrailAction
from iki_portal.extensions import db
from iki_portal.history.streams import TRAIL, append
from iki_portal.models import Sheet, TrailEvent
from iki_portal.models.columns import LARGEST_ID

_LONGEST_PLACE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What happened, for `note`; the columns of `TrailEvent`."""

    action: TrailAction
    at: datetime
    place: str = ""
    year: int | None = None
    sheet_id: int | None = None
    note: str = ""
    content_hash: str | None = None


def note(event: Event, by: Actor | None) -> int:
    """Append one event to the trail; returns its number. `by` is None for what the portal did. Needs a transaction."""
    return append(
        TRAIL,
        {
            **{name: getattr(event, name) for name in Event.__slots__},
            "action": event.action.value,
            "place": "".join(sign for sign in event.place if sign.isprintable())[:_LONGEST_PLACE],
            "account_id": by.account_id if by else None,
            "actor_id": by.employee_id if by else None,
            "actor_name": (by.full_name or by.name) if by else "Portal IKI",
            "acting_title": _title(by) if by else "",
        },
    )


def handed_out_as(content_hash: str) -> str | None:
    """The name under which a file of that hash last left the portal; None for one that never did."""
    return db.session.scalars(
        select(TrailEvent.place)
        .where(TrailEvent.content_hash == content_hash, TrailEvent.action == TrailAction.DOWNLOAD)
        .order_by(TrailEvent.number.desc())
        .limit(1)
    ).one_or_none()


def _title(actor: Actor) -> str:
    return "Operator" if actor.is_operator else "; ".join(mandate.name for mandate in actor.mandates)


def is_new_refusal(place: str, *, account_id: int | None, now: datetime) -> bool:
    """Whether a refusal is still to be noted: not the same one a moment ago, and not one of a flood.

    `account_id` is None for people who were not let in.
    """
    lately = db.session.scalars(
        select(TrailEvent.place)
        .where(
            TrailEvent.account_id == account_id,
            TrailEvent.at > now - REFUSALS_APART,
            TrailEvent.action == TrailAction.REFUSAL,
        )
        .limit(MOST_REFUSALS)
    ).all()
    return len(lately) < MOST_REFUSALS and place not in lately


def note_refusal(place: str, reason: str, *, sheet_id: int | None, actor: Actor, now: datetime) -> None:
    """Note who was refused what, and why; `sheet_id` as it stood in the address, whether or not there is such a sheet."""
    known = None
    if sheet_id is not None and sheet_id <= LARGEST_ID:
        known = db.session.scalar(select(Sheet.id).where(Sheet.id == sheet_id))
    note(Event(action=TrailAction.REFUSAL, at=now, place=place, sheet_id=known, note=reason), actor)
