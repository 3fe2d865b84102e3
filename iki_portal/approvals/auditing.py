"""The check of everything that must not change: both chains, and what is kept of sheets. And the mark that a check leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from time import monotonic

from flask import current_app
from sqlalchemy import select, text

from iki_portal.approvals.evidence import COMPARISONS, Compared, compare
from iki_portal.config import Settings
from iki_portal.documents.audit_report import AuditReport, CheckedChain
from iki_portal.domain.dates import format_date, office_day
from iki_portal.extensions import db
from iki_portal.history.streams import HISTORY, TRAIL, Stream
from iki_portal.history.verifying import Anchor, Progress, Verified, verify
from iki_portal.models import AuditCheck, CheckScope

#: Rows of each chain that are checked when the portal starts: about a tenth of a second.
TAIL = 1000
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Audit:
    """What one check found."""

    scope: CheckScope
    at: datetime
    seconds: float
    history: Verified
    trail: Verified
    compared: tuple[Compared, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        told = (line for each in self.compared for line in each.problems)
        return (*self.history.problems, *self.trail.problems, *told)

    @property
    def problem_count(self) -> int:
        counted = sum(each.problem_count for each in self.compared)
        return self.history.problem_count + self.trail.problem_count + counted


def check_everything(
    *, now: datetime, anchors: Sequence[tuple[Stream, Anchor]] = (), progress: Progress = lambda _rows: None
) -> Audit:
    """Every row of both chains, every anchor and earlier mark, and every record that the chains name."""
    began, marks = monotonic(), _marks()
    history, trail = (
        verify(
            _keys(),
            stream,
            anchors=[anchor for of, anchor in (*anchors, *marks) if of is stream],
            progress=progress,
        )
        for stream in (HISTORY, TRAIL)
    )
    compared = tuple(compare(name, records) for name, records in COMPARISONS)
    return Audit(CheckScope.FULL, now, monotonic() - began, history, trail, compared)


def check_tail(*, now: datetime) -> Audit:
    """The newest rows of both chains, and that they still pass through the last mark: cheap enough for every start."""
    began, marks = monotonic(), _marks(newest=1)
    history, trail = (_tail_of(stream, [anchor for of, anchor in marks if of is stream]) for stream in (HISTORY, TRAIL))
    return Audit(CheckScope.TAIL, now, monotonic() - began, history, trail)


def _tail_of(stream: Stream, marks: Sequence[Anchor]) -> Verified:
    after = max((db.session.scalar(select(stream.head.number)) or 0) - TAIL, 0)
    return verify(_keys(), stream, after=after, anchors=[mark for mark in marks if mark.number > after])


def _keys() -> dict[str, bytes]:
    settings: Settings = current_app.config["IKI"]
    return settings.history_keys


def _marks(newest: int | None = None) -> list[tuple[Stream, Anchor]]:
    """Where the heads stood when checks found everything whole. Inside the database, so no proof against its owner."""
    query = select(AuditCheck).where(AuditCheck.problems == 0).order_by(AuditCheck.id.desc()).limit(newest)
    marks = []
    for row in db.session.scalars(query):
        source = f"tanda pemeriksaan {format_date(office_day(row.at))}"
        marks += [
            (stream, Anchor(number, hash_, source))
            for stream, number, hash_ in (
                (HISTORY, row.history_number, row.history_hash),
                (TRAIL, row.trail_number, row.trail_hash),
            )
            if number
        ]
    return marks


def mark(audit: Audit) -> AuditCheck:
    """Keep what a check found: shown on "Jejak audit", and held against the chains by the checks after it."""
    row = AuditCheck(
        at=audit.at,
        scope=audit.scope,
        version=version("iki-portal"),
        rows=audit.history.rows + audit.trail.rows,
        compared=sum(each.count for each in audit.compared),
        history_number=audit.history.number,
        history_hash=audit.history.hash,
        trail_number=audit.trail.number,
        trail_hash=audit.trail.hash,
        problems=audit.problem_count,
        found="\n".join(audit.problems),
    )
    db.session.add(row)
    db.session.flush()
    return row


def report_of(audit: Audit) -> AuditReport:
    """The same for people; needs the database, whose revision it names."""
    return AuditReport(
        at=audit.at,
        seconds=audit.seconds,
        version=version("iki-portal"),
        database=_DATABASES[db.engine.dialect.name],
        revision=db.session.scalar(text("SELECT version_num FROM alembic_version")) or "",
        chains=[
            CheckedChain(each.stream.name, each.rows, each.anchor, each.keys, each.anchors, each.first_break)
            for each in (audit.history, audit.trail)
        ],
        compared={each.name: each.count for each in audit.compared},
        problems=audit.problems,
        problem_count=audit.problem_count,
    )
