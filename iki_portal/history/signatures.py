"""Who signed, as they were that day: what frozen copies keep of a person under a paper."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from iki_portal.domain.dates import office_day
from iki_portal.domain.people import full_name
from iki_portal.extensions import db
from iki_portal.history.operations import Author
from iki_portal.models import Employee, HistoryEntry


def signature(by: Author, at: datetime) -> dict[str, Any]:
    """The person with name, number and rank of today, and the title they act by."""
    person = db.session.get_one(Employee, by.actor_id)
    return {
        "name": person.name,
        "degrees_before": person.degrees_before,
        "degrees_after": person.degrees_after,
        "full_name": full_name(person.name, person.degrees_before, person.degrees_after),
        "kind": person.kind,
        "identifier": person.identifier,
        "rank": person.rank,
        "title": by.acting_title,
        "acting": by.acting_kind,
        "on": office_day(at).isoformat(),
        "at": at.isoformat(timespec="seconds"),
    }


def last_signature(sheet_id: int, action: str, *, content_hash: str | None = None) -> dict[str, Any]:
    """Who took the last such step (on that content, where one is given), by which title, from the history itself."""
    query = (
        select(
            HistoryEntry.at,
            HistoryEntry.actor_id,
            HistoryEntry.actor_name,
            HistoryEntry.acting_position_id,
            HistoryEntry.acting_title,
            HistoryEntry.acting_kind,
        )
        .where(HistoryEntry.sheet_id == sheet_id, HistoryEntry.action == action)
        .order_by(HistoryEntry.number.desc())
        .limit(1)
    )
    if content_hash is not None:
        query = query.where(HistoryEntry.content_hash == content_hash)
    row = db.session.execute(query).one()
    by = Author(row.actor_id, row.actor_name, row.acting_position_id, row.acting_title, row.acting_kind)
    return signature(by, row.at)
