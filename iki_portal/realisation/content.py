"""What a report says, word for word: canonical text under its own SHA-256, stored once when it is submitted."""

from datetime import datetime
from typing import Any

from iki_portal.documents.paper import Paper, canonical, digest, figure
from iki_portal.domain.realised import FIGURES, REMARKS
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import SheetContent
from iki_portal.realisation.queries import Written


def body_of(sheet: SeenSheet, quarter: int, paper: Paper, written: Written) -> str:
    """Every row of the sheet with its target, figures, words and evidence."""
    rows = [
        {
            "indicator": indicator.id,
            "number": f"{statement.number}.{place}",
            "text": indicator.text,
            "target": figure(indicator.quarters[quarter - 1]),
            **_row(written, indicator.id),
        }
        for statement in paper.statements
        for place, indicator in enumerate(statement.indicators, start=1)
    ]
    return canonical({"sheet": sheet.id, "year": sheet.year, "revision": sheet.revision, "quarter": quarter, "rows": rows})


def _row(written: Written, indicator_id: int | None) -> dict[str, Any]:
    row = written.row(indicator_id or 0)
    figures: dict[str, Any] = {name: figure(getattr(row, name)) for name in FIGURES}
    remarks = {name: getattr(row, name) for name in REMARKS}
    evidence = [each.sha256 or each.url for each in written.evidence(indicator_id or 0)]
    return {**figures, **remarks, "evidence": evidence}


def hash_of(body: str) -> str:
    return digest(body)


def store(body: str, *, now: datetime) -> str:
    """Keep it under its hash, once however often it is submitted; returns the hash."""
    key = digest(body)
    if db.session.get(SheetContent, key) is None:
        db.session.add(SheetContent(hash=key, body=body, stored_at=now))
        db.session.flush()
    return key
