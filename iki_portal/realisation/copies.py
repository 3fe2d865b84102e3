"""Frozen copies of verified reports: made once with the verification, and all that is ever printed of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from iki_portal.config import Settings
from iki_portal.documents import measured
from iki_portal.documents.measured import MeasuredEvidence, MeasuredReport, measured_rows, scale_facts
from iki_portal.documents.paper import Paper, canonical, digest
from iki_portal.domain.codes import new_code, report_register
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.history.operations import Author
from iki_portal.history.signatures import last_signature, signature
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import FrozenCopy, HistoryEntry, RealisationReport, ReportCopy
from iki_portal.organisation.queries import office
from iki_portal.realisation.queries import AttachmentLine, SeenReport, Written
from iki_portal.realisation.windows import measuring_of


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy before it is stored: the history row that verifies carries its hash, and comes first."""

    body: str
    sha256: str
    register: str
    code: str


def copy_of(
    sheet: SeenSheet, report: SeenReport, paper: Paper, written: Written, *, verified_by: Author, now: datetime
) -> Copy:
    """Everything that is printed of a report, as it is on this day.

    The caller holds the head of the history: of two verifications at once, each gets a register number of its own.
    """
    settings: Settings = current_app.config["IKI"]
    register, code = _next_register(sheet.year, report.quarter), new_code()
    body = canonical(
        {
            "format": measured.FORMAT,
            "kind": measured.KIND,
            **_content(sheet, report, paper, written),
            "reported": last_signature(sheet.id, ReportStep.SUBMIT, content_hash=report.content_hash),
            "verified": signature(verified_by, now),
            "office": asdict(office()),
            "portal_address": settings.print_address,
            "register": register,
            "code": code,
        }
    )
    return Copy(body, digest(body), register, code)


def _next_register(year: int, quarter: int) -> str:
    same = ReportCopy.register.startswith(report_register(year, quarter, None))
    taken = db.session.scalar(select(func.count()).select_from(ReportCopy).where(same)) or 0
    return report_register(year, quarter, taken + 1)


def _content(sheet: SeenSheet, report: SeenReport, paper: Paper, written: Written) -> dict[str, Any]:
    """What was aimed at and reached."""
    measuring = measuring_of(sheet.year)
    keys = [each.id or 0 for statement in paper.statements for each in statement.indicators]
    rows = measured_rows(
        paper,
        report.quarter,
        {key: written.row(key) for key in keys},
        {key: [_evidence(each) for each in written.evidence(key)] for key in keys},
        scale=measuring.scale,
        cap=measuring.cap,
    )
    return {
        "year": sheet.year,
        "quarter": report.quarter,
        "revision": sheet.revision,
        "position": sheet.name,
        "unit": sheet.unit_name,
        "sheet_register": db.session.scalar(select(FrozenCopy.register).where(FrozenCopy.sheet_id == sheet.id)) or "",
        "content_hash": report.content_hash,
        "is_late": report.is_late,
        "scale": measured.scale_content(scale_facts(measuring.scale, measuring.cap)),
        "rows": measured.rows_content(rows),
    }


def _evidence(line: AttachmentLine) -> MeasuredEvidence:
    return MeasuredEvidence(line.kind.value, line.name, line.size, line.sha256 or "", line.url or "")


def freeze(copy: Copy, report_id: int | None, *, history_number: int, now: datetime) -> None:
    """Store the copy beside the history row that names its hash."""
    row = ReportCopy(
        history_number=history_number,
        report_id=report_id,
        sha256=copy.sha256,
        body=copy.body,
        register=copy.register,
        code=copy.code,
        frozen_at=now,
    )
    db.session.add(row)
    db.session.flush()


# Reading them


_newer = aliased(ReportCopy)


def _copies() -> Select[*tuple[Any, ...]]:
    return select(ReportCopy.history_number, ReportCopy.report_id, ReportCopy.sha256, ReportCopy.body, HistoryEntry.hash).join(
        HistoryEntry, HistoryEntry.number == ReportCopy.history_number
    )


def _standing() -> Select[*tuple[Any, ...]]:
    """Copies that count: the newest of a report that is verified now."""
    replaced = select(_newer.history_number).where(
        _newer.report_id == ReportCopy.report_id, _newer.history_number > ReportCopy.history_number
    )
    return (
        _copies()
        .join(RealisationReport, RealisationReport.id == ReportCopy.report_id)
        .where(RealisationReport.state == ReportState.VERIFIED, ~replaced.exists())
    )


def _read(row: Row[Any]) -> MeasuredReport:
    data: dict[str, Any] = json.loads(row.body)
    return measured.report_of_copy(data, copy_hash=row.sha256, history_number=row.history_number, history_hash=row.hash)


def reports_of_post(position_id: int, year: int) -> dict[int, MeasuredReport]:
    """Quarter → the verified report of the post, whichever revision it was reported on; one statement."""
    return reports_of_posts([position_id], year).get(position_id, {})


def reports_of_posts(position_ids: Collection[int], year: int) -> dict[int, dict[int, MeasuredReport]]:
    """Post → quarter → its verified report; one statement for any number of posts."""
    query = (
        _standing()
        .add_columns(RealisationReport.position_id)
        .where(RealisationReport.position_id.in_(sorted(position_ids)), RealisationReport.year == year)
        .order_by(RealisationReport.position_id, RealisationReport.quarter)
    )
    found: dict[int, dict[int, MeasuredReport]] = {}
    for row in db.session.execute(query):
        report = _read(row)
        found.setdefault(row.position_id, {})[report.quarter] = report
    return found


def printable_quarters(position_id: int, year: int) -> frozenset[int]:
    """The quarters of a post that can be printed: verified, and frozen with it."""
    query = (
        _standing()
        .with_only_columns(RealisationReport.quarter)
        .where(RealisationReport.position_id == position_id, RealisationReport.year == year)
    )
    return frozenset(db.session.scalars(query))


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """A print of a report and what has become of it: shows no more than the paper does."""

    report: MeasuredReport
    is_standing: bool
    #: Of the copy that replaced it; nothing while the report is open again for its correction.
    replaced_by: str


def report_by_code(code: str) -> CheckedReport | None:
    """The print with this code, as `read_code` gave it."""
    row = db.session.execute(_copies().where(ReportCopy.code == code)).one_or_none()
    if row is None:
        return None
    newest = db.session.execute(
        select(ReportCopy.history_number, ReportCopy.register, RealisationReport.state)
        .join(RealisationReport, RealisationReport.id == ReportCopy.report_id)
        .where(ReportCopy.report_id == row.report_id)
        .order_by(ReportCopy.history_number.desc())
        .limit(1)
    ).one()
    is_newest = newest.history_number == row.history_number
    return CheckedReport(
        report=_read(row),
        is_standing=is_newest and newest.state is ReportState.VERIFIED,
        replaced_by="" if is_newest else newest.register,
    )


def replaced_among(numbers: Sequence[int]) -> int:
    """How many of those copies count no more."""
    if not numbers:
        return 0
    standing = _standing().where(ReportCopy.history_number.in_(numbers)).subquery()
    return len(set(numbers)) - (db.session.scalar(select(func.count()).select_from(standing)) or 0)
