"""What was submitted, and what was signed: stored once, under its own SHA-256."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from iki_portal.config import Settings
from iki_portal.documents.paper import Paper, canonical, digest, paper_of
from iki_portal.documents.paper import content as paper_content
from iki_portal.documents.printed import PrintedSheet, printed_copy
from iki_portal.domain.codes import new_code, register_number
from iki_portal.domain.workflow import Step
from iki_portal.extensions import db
from iki_portal.history.operations import Author
from iki_portal.history.signatures import last_signature, signature
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import FrozenCopy, HistoryEntry, SheetContent
from iki_portal.organisation.queries import office

__all__ = ["Copy", "Paper", "content_hash", "copy_of", "freeze", "frozen_papers", "printed_copies", "store", "submitted_paper"]


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


@dataclass(frozen=True, slots=True)
class Copy:
    """A frozen copy before it is stored: the history row that approves carries its hash, and comes first."""

    body: str
    sha256: str
    register: str
    code: str


def copy_of(sheet: SeenSheet, paper: Paper, *, approved_by: Author, now: datetime) -> Copy:
    """Everything printed on an approved revision, as it is on this day: content, office, and everybody who signed.

    The caller holds the head of the history: of two approvals at once, each gets a register number of its own.
    """
    taken = select(func.count()).select_from(FrozenCopy).where(FrozenCopy.register.startswith(f"{sheet.year}-"))
    register = register_number(sheet.year, (db.session.scalar(taken) or 0) + 1)
    settings: Settings = current_app.config["IKI"]
    data = {
        **paper_content(paper),
        "content_hash": sheet.content_hash,
        "reason": {"class": sheet.reason_class, "note": sheet.reason_note} if sheet.reason_class else None,
        "proposed": last_signature(sheet.id, Step.SUBMIT),
        "reviewed": last_signature(sheet.id, Step.REVIEW) if sheet.reviewed_by_id else None,
        "approved": signature(approved_by, now),
        "office": asdict(office()),
        "portal_address": settings.print_address,
        "register": register,
        "code": (code := new_code()),
    }
    body = canonical(data)
    return Copy(body, digest(body), register, code)


def freeze(copy: Copy, sheet_id: int, *, history_number: int, now: datetime) -> None:
    """Store the copy beside the history row that names its hash."""
    row = FrozenCopy(
        sheet_id=sheet_id,
        history_number=history_number,
        sha256=copy.sha256,
        body=copy.body,
        register=copy.register,
        code=copy.code,
        frozen_at=now,
    )
    db.session.add(row)
    db.session.flush()


def frozen_papers(sheet_ids: list[int]) -> dict[int, Paper]:
    """Papers of approved revisions, from their frozen copies alone."""
    query = select(FrozenCopy.sheet_id, FrozenCopy.body).where(FrozenCopy.sheet_id.in_(sheet_ids))
    return {row.sheet_id: paper_of(_read(row.body)) for row in db.session.execute(query)}


def printed_copies(sheet_ids: Sequence[int]) -> dict[int, PrintedSheet]:
    """What documents of approved revisions print: their frozen copies, and the history row that a print names."""
    query = (
        select(FrozenCopy.sheet_id, FrozenCopy.body, FrozenCopy.sha256, FrozenCopy.history_number, HistoryEntry.hash)
        .join(HistoryEntry, HistoryEntry.number == FrozenCopy.history_number)
        .where(FrozenCopy.sheet_id.in_(sheet_ids))
    )
    return {
        row.sheet_id: printed_copy(
            _read(row.body), copy_hash=row.sha256, history_number=row.history_number, history_hash=row.hash
        )
        for row in db.session.execute(query)
    }


def _read(body: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body)
    return data
