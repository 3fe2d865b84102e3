"""The reports of a sheet, the figures and evidence in them, and what waits at whose desk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, union

from iki_portal.domain.attachments import AttachmentKind
from iki_portal.domain.quarters import QUARTERS, Window
from iki_portal.domain.realisation import REPORTED, Circumstances, ReportState
from iki_portal.domain.realised import NOTHING_REPORTED, ReportedRow
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Attachment, RealisationEntry, RealisationReport, Sheet
from iki_portal.models.parameters import IDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReport:
    """The report of one quarter of a sheet; `id` is None, and the version 0, while nobody has begun it."""

    quarter: int
    id: int | None = None
    state: ReportState = ReportState.DRAFT
    version: int = 0
    submitted_by_id: int | None = None
    submitted_at: datetime | None = None
    is_late: bool = False
    verified_by_id: int | None = None
    verified_at: datetime | None = None
    content_hash: str | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    reporter_ids: frozenset[int] = frozenset()
    #: Another revision of the sheet holds the report of this quarter.
    other_revision: int | None = None
    other_sheet_id: int | None = None
    other_report_id: int | None = None
    other_state: ReportState | None = None

    @property
    def was_submitted(self) -> bool:
        return self.submitted_at is not None


_COLUMNS = (
    *("id", "quarter", "state", "version", "submitted_by_id", "submitted_at", "is_late"),
    *("verified_by_id", "verified_at", "content_hash", "changed_at", "changed_by"),
)


def report_columns() -> tuple[Any, ...]:
    """What `seen_report` reads of a report."""
    return tuple(getattr(RealisationReport, name) for name in _COLUMNS)


@cache
def _reports() -> Select[*tuple[Any, ...]]:
    return (
        select(*report_columns(), RealisationReport.sheet_id, Sheet.revision)
        .join(Sheet, Sheet.id == RealisationReport.sheet_id)
        .where(RealisationReport.position_id == bindparam("position_id"), RealisationReport.year == bindparam("year"))
        .order_by(RealisationReport.quarter, Sheet.revision)
    )


def reports_of(sheet: SeenSheet) -> dict[int, SeenReport]:
    """Quarter → its report on this revision, with what another revision says of the quarter; two statements."""
    rows = db.session.execute(_reports(), {"position_id": sheet.position_id, "year": sheet.year}).all()
    own = {row.quarter: row for row in rows if row.sheet_id == sheet.id}
    others = {row.quarter: row for row in rows if row.sheet_id != sheet.id and row.state in REPORTED}
    reporters = reporters_of([row.id for row in own.values()])
    return {quarter: seen_report(quarter, own.get(quarter), others.get(quarter), reporters) for quarter in QUARTERS}


def report_of(sheet: SeenSheet, quarter: int) -> SeenReport:
    return reports_of(sheet)[quarter]


def seen_report(quarter: int, row: Row[Any] | None, other: Row[Any] | None, reporters: Mapping[int, set[int]]) -> SeenReport:
    """From the row of this revision, and that of another one that reported the quarter."""
    elsewhere = (
        {
            "other_revision": other.revision,
            "other_sheet_id": other.sheet_id,
            "other_report_id": other.id,
            "other_state": other.state,
        }
        if other
        else {}
    )
    if row is None:
        return SeenReport(quarter=quarter, **elsewhere)
    wrote = reporters.get(row.id, set()) | ({row.submitted_by_id} if row.submitted_by_id is not None else set())
    return SeenReport(**{name: getattr(row, name) for name in _COLUMNS}, reporter_ids=frozenset(wrote), **elsewhere)


@cache
def _reporters() -> Select[*tuple[Any, ...]]:
    wrote = select(RealisationEntry.report_id, RealisationEntry.author_id).where(RealisationEntry.report_id.in_(IDS))
    added = select(Attachment.report_id, Attachment.author_id).where(Attachment.report_id.in_(IDS))
    both = union(wrote, added).subquery()
    return select(both.c.report_id, both.c.author_id)


def reporters_of(report_ids: Sequence[int]) -> dict[int, set[int]]:
    """Report → everybody who wrote a figure in it or added evidence."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in db.session.execute(_reporters(), {"ids": list(report_ids)}) if report_ids else ():
        found[row.report_id].add(row.author_id)
    return found


def circumstances(sheet: SeenSheet, window: Window, on: date) -> Circumstances:
    return Circumstances(sheet, sheet.route, window, on)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """What somebody wrote of an indicator, and when."""

    id: int
    indicator_id: int
    row: ReportedRow
    reason: str
    author_name: str
    author_title: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """One piece of evidence."""

    id: int
    report_id: int
    indicator_id: int
    kind: AttachmentKind
    name: str
    sha256: str | None
    size: int | None
    url: str | None
    author_name: str
    author_title: str
    added_at: datetime
    withdrawn_at: datetime | None

    @property
    def is_link(self) -> bool:
        return self.kind is AttachmentKind.LINK

    @property
    def kilobytes(self) -> int:
        return -(-(self.size or 0) // 1024)


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that stands in a report, by indicator; entries oldest first."""

    entries: dict[int, list[EntryLine]] = field(default_factory=dict)
    attachments: dict[int, list[AttachmentLine]] = field(default_factory=dict)

    def row(self, indicator_id: int) -> ReportedRow:
        """What counts: the newest entry."""
        written = self.entries.get(indicator_id)
        return written[-1].row if written else NOTHING_REPORTED

    def evidence(self, indicator_id: int) -> list[AttachmentLine]:
        return self.attachments.get(indicator_id, [])


@cache
def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(RealisationEntry.__table__)
        .where(RealisationEntry.report_id.in_(IDS))
        .order_by(RealisationEntry.report_id, RealisationEntry.id)
    )


@cache
def _attachments() -> Select[*tuple[Any, ...]]:
    return (
        select(Attachment.__table__)
        .where(Attachment.report_id.in_(IDS), Attachment.withdrawn_at.is_(None))
        .order_by(Attachment.report_id, Attachment.id)
    )


def written_in(report_ids: Sequence[int]) -> dict[int, Written]:
    """Report → what stands in it; two statements for any number of reports."""
    found = {each: Written() for each in report_ids}
    if not found:
        return found
    for row in db.session.execute(_entries(), {"ids": list(report_ids)}):
        found[row.report_id].entries.setdefault(row.indicator_id, []).append(_entry(row))
    for row in db.session.execute(_attachments(), {"ids": list(report_ids)}):
        found[row.report_id].attachments.setdefault(row.indicator_id, []).append(attachment_line(row))
    return found


def figures_in(report_ids: Iterable[int]) -> dict[int, dict[int, ReportedRow]]:
    """Report → indicator → what counts; one statement, for pages that show no evidence."""
    found: dict[int, dict[int, ReportedRow]] = defaultdict(dict)
    ids = list(report_ids)
    for row in db.session.execute(_entries(), {"ids": ids}) if ids else ():
        found[row.report_id][row.indicator_id] = _reported(row)
    return found


def _entry(row: Row[Any]) -> EntryLine:
    return EntryLine(row.id, row.indicator_id, _reported(row), row.reason, row.author_name, row.author_title, row.written_at)


def _reported(row: Row[Any]) -> ReportedRow:
    value: Decimal | None = row.value
    return ReportedRow(value, row.numerator, row.denominator, row.note, row.obstacle, row.follow_up)


def attachment_line(row: Row[Any]) -> AttachmentLine:
    return AttachmentLine(
        row.id,
        row.report_id,
        row.indicator_id,
        row.kind,
        row.name,
        row.sha256,
        row.size,
        row.url,
        row.author_name,
        row.author_title,
        row.added_at,
        row.withdrawn_at,
    )
