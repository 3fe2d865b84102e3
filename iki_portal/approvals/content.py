"""What was submitted, and what was signed: stored once, under its own SHA-256."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from iki_portal.documents.paper import Paper, canonical, digest, paper_of
from iki_portal.documents.paper import content as paper_content
from iki_portal.domain.dates import office_day
from iki_portal.domain.people import full_name
from iki_portal.domain.workflow import FINAL
from iki_portal.extensions import db
from iki_portal.history.operations import Author
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Employee, FrozenCopy, HistoryEntry, Sheet, SheetContent

__all__ = ["Paper", "content_hash", "freeze", "frozen_papers", "store", "submitted_paper"]


def content_hash(paper: Paper) -> str:
    return digest(canonical(paper_content(paper)))


def store(paper: Paper, *, now: datetime) -> str:
    """Keep the content under its hash (once, however often it is submitted) and return the hash."""
    body = canonical(paper_content(paper))
    key = digest(body)
    if db.session.get(SheetContent, key) is None:
        db.session.add(SheetContent(hash=key, body=body, stored_at=now))
        db.session.flush()
    return key


def submitted_paper(key: str) -> Paper | None:
    """The paper behind a content hash."""
    body = db.session.scalar(select(SheetContent.body).where(SheetContent.hash == key))
    return None if body is None else paper_of(_read(body))


def freeze(sheet: SeenSheet, paper: Paper, *, approved_by: Author, history_number: int, now: datetime) -> None:
    """Write the frozen copy of an approved revision: its content, and everybody who signed, as they were that day."""
    data = {
        **paper_content(paper),
        "content_hash": sheet.content_hash,
        "history_number": history_number,
        "reason": {"class": sheet.reason_class, "note": sheet.reason_note} if sheet.reason_class else None,
        "proposed": _signed(sheet, "submit"),
        "reviewed": _signed(sheet, "review") if sheet.reviewed_by_id else None,
        "approved": _signature(approved_by, now),
    }
    body = canonical(data)
    db.session.add(FrozenCopy(sheet_id=sheet.id, history_number=history_number, sha256=digest(body), body=body, frozen_at=now))
    db.session.flush()


def _signed(sheet: SeenSheet, action: str) -> dict[str, Any]:
    """Who took the last such step, by which title, from the history itself."""
    row = db.session.execute(
        select(
            HistoryEntry.at,
            HistoryEntry.actor_id,
            HistoryEntry.actor_name,
            HistoryEntry.acting_position_id,
            HistoryEntry.acting_title,
            HistoryEntry.acting_kind,
        )
        .where(HistoryEntry.sheet_id == sheet.id, HistoryEntry.action == action)
        .order_by(HistoryEntry.number.desc())
        .limit(1)
    ).one()
    by = Author(row.actor_id, row.actor_name, row.acting_position_id, row.acting_title, row.acting_kind)
    return _signature(by, row.at)


def _signature(by: Author, at: datetime) -> dict[str, Any]:
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


def frozen_papers(sheet_ids: list[int]) -> dict[int, Paper]:
    """Papers of approved revisions, from their frozen copies alone."""
    query = select(FrozenCopy.sheet_id, FrozenCopy.body).where(FrozenCopy.sheet_id.in_(sheet_ids))
    return {row.sheet_id: paper_of(_read(row.body)) for row in db.session.execute(query)}


def broken_copies() -> list[str]:
    """Approved or superseded sheets without a frozen copy, and copies that do not match their hash."""
    query = (
        select(Sheet.id, FrozenCopy.sha256, FrozenCopy.body)
        .outerjoin(FrozenCopy, FrozenCopy.sheet_id == Sheet.id)
        .where(Sheet.state.in_(list(FINAL)))
        .order_by(Sheet.id)
    )
    broken = []
    for row in db.session.execute(query):
        if row.body is None:
            broken.append(f"sheet {row.id} has none")
        elif digest(row.body) != row.sha256:
            broken.append(f"the copy of sheet {row.id} was changed")
    return broken


def _read(body: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body)
    return data
