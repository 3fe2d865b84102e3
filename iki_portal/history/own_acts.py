"""What the chains hold of one person: acts by them, acts about them, and downloads that may name them (UU 27/2022)."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select

from iki_portal.domain.policy import Actor
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.history.listing import Line, as_lines
from iki_portal.history.streams import HISTORY, TRAIL, Stream
from iki_portal.models import HistoryEntry, Sheet, TrailEvent


def acts_by(actor: Actor, *, most: int) -> list[Line]:
    """Newest first. What an operator did stands in the history by name only, so theirs are the events of their account."""
    by_account = _newest(TRAIL, TrailEvent.account_id == actor.account_id, most)
    if actor.employee_id is None:
        return list(by_account)
    lines = [*_newest(HISTORY, HistoryEntry.actor_id == actor.employee_id, most), *by_account]
    return sorted(lines, key=lambda line: line.place.at, reverse=True)[:most]


def acts_about(actor: Actor, *, most: int) -> list[Line]:
    """What others did with this person's data, assignments and account."""
    if actor.employee_id is None:
        return []
    return list(_newest(HISTORY, HistoryEntry.subject_id == actor.employee_id, most))


def downloads_naming(actor: Actor, *, most: int) -> list[Line]:
    """Recapitulations and books of the years whose sheets this person signed, and downloads of the trail."""
    if actor.employee_id is None:
        return []
    signed = or_(
        *(column == actor.employee_id for column in (Sheet.submitted_by_id, Sheet.reviewed_by_id, Sheet.approved_by_id))
    )
    years = select(Sheet.year).where(signed)
    names = or_(TrailEvent.year.is_(None), TrailEvent.year.in_(years))
    by_others = or_(TrailEvent.account_id.is_(None), TrailEvent.account_id != actor.account_id)
    return list(_newest(TRAIL, (TrailEvent.action == TrailAction.DOWNLOAD) & names & by_others, most))


def _newest(stream: Stream, condition: ColumnElement[bool], most: int) -> Iterable[Line]:
    table = stream.rows
    query = select(table.__table__).where(condition).order_by(table.at.desc(), table.number.desc()).limit(most)
    return as_lines((stream, row) for row in db.session.execute(query).all())
