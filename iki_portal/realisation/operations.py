"""Reporting a quarter: figures and evidence are written, the report is submitted, verified, returned, corrected.

`_advance` is the only place that moves a report: one UPDATE that names the state and the version it starts from. What stands in
a report is never changed: a figure that is another one now is one more row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain import realisation
from iki_portal.domain.dates import format_datetime, office_day
from iki_portal.domain.errors import Incomplete, Invalid, NotAllowed, Outdated, WrongState
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.quarters import Window, note_of
from iki_portal.domain.realisation import MAY, Move, ReportState, ReportStep, move_of
from iki_portal.domain.realised import REMARK_LIMIT, ReportedRow, RowGap, RowProblem, gaps, is_corrected, row_problems
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, lock_head, record
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import RealisationEntry, RealisationReport, Sheet
from iki_portal.realisation import attachments, content, copies, results
from iki_portal.realisation.attachments import Linked, Sent
from iki_portal.realisation.queries import SeenReport, Written, circumstances, report_of, written_in
from iki_portal.realisation.telling import tell_of_report

REASON_NEEDED = "Angka yang pernah dikirim berubah: tuliskan alasan koreksinya."
ROW_UNKNOWN = "Baris yang diisi tidak ada pada lembar ini. Muat ulang halaman, lalu ulangi."


class Unreportable(Invalid):
    """Figures that cannot be kept, each with its reason."""

    def __init__(self, problems: Mapping[int, tuple[RowProblem, ...]]) -> None:
        first = next(iter(problems.values()))[0]
        super().__init__(first.message)
        self.problems = problems


class Unfinished(Incomplete):
    """A report that lacks figures, each with its indicator."""

    def __init__(self, missing: Sequence[RowGap]) -> None:
        super().__init__(f"Laporan belum lengkap: {len(missing)} indikator belum diisi.")
        self.gaps = tuple(missing)


class ReasonMissing(Incomplete):
    """A figure that was submitted before is another one now, and nobody says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody sends of a quarter: the rows as they shall stand, and what is added to them."""

    rows: Mapping[int, ReportedRow]
    files: Sequence[Sent] = ()
    links: Sequence[Linked] = ()
    #: Ids of evidence that shall count no more.
    withdrawn: frozenset[int] = frozenset()
    #: Why figures that were submitted before are other ones now.
    reason: str = ""


def save(sheet: SeenSheet, window: Window, proposal: Proposal, *, actor: Actor, seen: int, now: datetime) -> int:
    """Write what is new in the proposal; returns the report's version afterwards (the same when nothing is new).

    Raises `Unreportable` and `EvidenceRefused` with everything that is wrong, `ReasonMissing` for a correction without one,
    `Outdated` when the report is no longer the one of version `seen`, `StoreError` when a file cannot be kept.
    """
    report = report_of(sheet, window.quarter)
    mandate = demand_reporting(sheet, report, window, actor=actor, now=now)
    _demand_seen(report, seen)
    indicators = _indicators(papers([sheet.id])[sheet.id])
    beside = {each.indicator_id for each in proposal.files} | {each.indicator_id for each in proposal.links}
    if not proposal.rows.keys() | beside <= indicators.keys():
        raise Invalid(ROW_UNKNOWN)
    standing = _written(report)
    changed = {key: row for key, row in proposal.rows.items() if row != standing.row(key)}
    _demand_right(indicators, changed)
    taken = attachments.looked_at(proposal.files, proposal.links, standing)
    reason = _reason(report, standing, changed, proposal.reason)
    if not changed and not taken and not proposal.withdrawn:
        return report.version
    said_by = _said_by(actor, mandate)
    report_id = _begin_or_touch(sheet, report, actor=actor, now=now)
    entries = [
        {"report_id": report_id, "indicator_id": key, **_columns(row), "reason": reason, **said_by, "written_at": now}
        for key, row in changed.items()
    ]
    if entries:
        db.session.execute(insert(RealisationEntry), entries)
    attachments.add(report_id, taken, said_by=said_by, now=now)
    attachments.withdraw(report_id, proposal.withdrawn, by=actor, now=now)
    return report.version + 1


def demand_reporting(sheet: SeenSheet, report: SeenReport, window: Window, *, actor: Actor, now: datetime) -> Mandate:
    """The mandate by which this person writes figures; raises `WrongState` or `NotAllowed` with the verdict's sentence."""
    around = circumstances(sheet, window, office_day(now))
    if reason := realisation.not_to_report_because(report, around):
        raise WrongState(reason)
    verdict = realisation.may_report(actor, report, around)
    if verdict.mandate is None:
        raise NotAllowed(verdict.reason)
    return verdict.mandate


def _demand_seen(report: SeenReport, seen: int) -> None:
    if report.version != seen:
        who = report.changed_by or "orang lain"
        when = f", {format_datetime(report.changed_at)}" if report.changed_at else ""
        raise Outdated(f"Laporan ini berubah sesudah halaman Anda dibuka. Terakhir diubah {who}{when}.")


def _indicators(paper: Paper) -> dict[int, PaperIndicator]:
    return {each.id: each for statement in paper.statements for each in statement.indicators if each.id is not None}


def _written(report: SeenReport) -> Written:
    return written_in([report.id])[report.id] if report.id is not None else Written()


def problems_in(sheet: SeenSheet, rows: Mapping[int, ReportedRow]) -> dict[int, tuple[RowProblem, ...]]:
    """What contradicts itself in those rows, for a page that has other things to say of them, too."""
    return _problems(_indicators(papers([sheet.id])[sheet.id]), rows)


def _problems(indicators: Mapping[int, PaperIndicator], rows: Mapping[int, ReportedRow]) -> dict[int, tuple[RowProblem, ...]]:
    known = {key: row for key, row in rows.items() if key in indicators}
    return {key: found for key, row in known.items() if (found := row_problems(indicators[key], row))}


def _demand_right(indicators: Mapping[int, PaperIndicator], rows: Mapping[int, ReportedRow]) -> None:
    if problems := _problems(indicators, rows):
        raise Unreportable(problems)


def _reason(report: SeenReport, standing: Written, changed: Mapping[int, ReportedRow], given: str) -> str:
    """The reason of a correction; before anything was submitted there is nothing to correct."""
    reason = given.strip()
    if len(reason) > REMARK_LIMIT:
        raise ReasonMissing(f"Alasan paling panjang {REMARK_LIMIT} huruf; ini {len(reason)} huruf.")
    corrected = any(is_corrected(standing.row(key), row) for key, row in changed.items())
    if not report.was_submitted or not corrected:
        return ""
    if not reason:
        raise ReasonMissing(REASON_NEEDED)
    return reason


def _columns(row: ReportedRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReportedRow.__slots__}


def _said_by(actor: Actor, mandate: Mandate) -> dict[str, Any]:
    """Who wrote; by value, as names and titles are that day."""
    by = author(actor, mandate)
    return {"author_id": by.actor_id, "author_name": by.actor_name, "author_title": by.acting_title}


def _begin_or_touch(sheet: SeenSheet, report: SeenReport, *, actor: Actor, now: datetime) -> int:
    _hold(sheet)
    if report.id is not None:
        _touch(report, actor=actor, now=now)
        return report.id
    begun = RealisationReport(
        sheet_id=sheet.id,
        position_id=sheet.position_id,
        year=sheet.year,
        quarter=report.quarter,
        state=ReportState.DRAFT,
        version=1,
        is_late=False,
        changed_at=now,
        changed_by=actor.name,
    )
    try:
        with db.session.begin_nested():
            db.session.add(begun)
            db.session.flush()
    except IntegrityError as error:
        raise Outdated("Laporan ini baru saja dimulai pada halaman atau oleh orang lain.") from error
    return begun.id


def _touch(report: SeenReport, *, actor: Actor, now: datetime) -> None:
    """One writer a version: of two who save at once, one is told."""
    touched = db.session.execute(
        update(RealisationReport)
        .where(
            RealisationReport.id == report.id,
            RealisationReport.state == report.state,
            RealisationReport.version == report.version,
        )
        .values(version=report.version + 1, changed_at=now, changed_by=actor.name)
        .execution_options(synchronize_session=False)
    )
    if touched.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Laporan ini baru saja diubah pada halaman atau oleh orang lain.")


def _hold(sheet: SeenSheet) -> None:
    """Nobody may replace the sheet by a newer revision while something is reported on it."""
    held = select(Sheet.id).where(Sheet.id == sheet.id, Sheet.state == sheet.state).with_for_update(read=True)
    if db.session.scalar(held) is None:
        raise Outdated("Lembar ini baru saja digantikan oleh perubahannya.")


# Steps


def submit(sheet: SeenSheet, window: Window, *, actor: Actor, seen: int, now: datetime) -> None:
    """Ask for verification; what is submitted is stored word for word. Raises `Unfinished` while a figure is missing."""
    report, mandate, move = _allowed(sheet, window, ReportStep.SUBMIT, actor=actor, seen=seen, now=now)
    paper, written = papers([sheet.id])[sheet.id], _written(report)
    missing = gaps(((each, written.row(key)) for key, each in _indicators(paper).items()), window.quarter)
    if missing:
        raise Unfinished(missing)
    _hold(sheet)
    late = report.is_late or (not report.was_submitted and window.is_late(office_day(now)))
    content_hash = content.store(content.body_of(sheet, window.quarter, paper, written), now=now)
    columns = {
        RealisationReport.submitted_by_id: actor.employee_id,
        RealisationReport.submitted_at: now,
        RealisationReport.is_late: late,
        RealisationReport.content_hash: content_hash,
    }
    try:
        with db.session.begin_nested():
            _advance(report, move, columns, actor=actor, now=now)
    except IntegrityError as error:
        raise Outdated("Triwulan ini baru saja dilaporkan pada revisi lain.") from error
    submitted = replace(report, reporter_ids=report.reporter_ids | {actor.employee_id or 0}, content_hash=content_hash)
    _record(sheet, submitted, move, actor=actor, mandate=mandate, now=now)


def verify(sheet: SeenSheet, window: Window, *, actor: Actor, seen: int, now: datetime, note: str = "") -> None:
    """Say as the reviewer that the figures are right; what is printed of them is frozen with it."""
    report, mandate, move = _allowed(sheet, window, ReportStep.VERIFY, actor=actor, seen=seen, now=now)
    realisation.check_note(move, note)
    paper, written = papers([sheet.id])[sheet.id], _written(report)
    if content.hash_of(content.body_of(sheet, window.quarter, paper, written)) != report.content_hash:
        raise WrongState("Isi laporan tidak sama dengan yang dikirim. Kembalikan laporan ini supaya dikirim ulang.")
    columns = {RealisationReport.verified_by_id: actor.employee_id, RealisationReport.verified_at: now}
    _advance(report, move, columns, actor=actor, now=now)
    lock_head()  # only now: whoever holds the head waits for nothing else
    copy = copies.copy_of(sheet, report, paper, written, verified_by=author(actor, mandate), now=now)
    number = _record(sheet, report, move, actor=actor, mandate=mandate, now=now, note=note, content_hash=copy.sha256)
    copies.freeze(copy, report.id, history_number=number, now=now)


def return_report(sheet: SeenSheet, window: Window, *, actor: Actor, seen: int, now: datetime, note: str) -> None:
    """Send it back to its owner with a note."""
    _move(sheet, window, ReportStep.RETURN, actor=actor, seen=seen, now=now, note=note)


def correct(sheet: SeenSheet, window: Window, *, actor: Actor, seen: int, now: datetime, note: str) -> None:
    """Open a report again that was submitted or verified, with the reason; it is then corrected and submitted anew."""
    _move(sheet, window, ReportStep.CORRECT, actor=actor, seen=seen, now=now, note=note)


def _move(sheet: SeenSheet, window: Window, step: ReportStep, *, actor: Actor, seen: int, now: datetime, note: str) -> None:
    report, mandate, move = _allowed(sheet, window, step, actor=actor, seen=seen, now=now)
    realisation.check_note(move, note)
    columns = {RealisationReport.verified_by_id: None, RealisationReport.verified_at: None}
    _advance(report, move, columns, actor=actor, now=now)
    _record(sheet, report, move, actor=actor, mandate=mandate, now=now, note=note)


def _allowed(
    sheet: SeenSheet, window: Window, step: ReportStep, *, actor: Actor, seen: int, now: datetime
) -> tuple[SeenReport, Mandate, Move]:
    """What nobody may do now is said first, then that the page is outdated, then who may."""
    report, around = report_of(sheet, window.quarter), circumstances(sheet, window, office_day(now))
    if reason := realisation.impossible_because(step, report, around):
        raise WrongState(reason)
    _demand_seen(report, seen)
    verdict, move = MAY[step](actor, report, around), move_of(step, report.state)
    if verdict.mandate is None or move is None:
        raise NotAllowed(verdict.reason)
    return report, verdict.mandate, move


def _advance(report: SeenReport, move: Move, columns: Mapping[Any, Any], *, actor: Actor, now: datetime) -> None:
    moved = db.session.execute(
        update(RealisationReport)
        .where(
            RealisationReport.id == report.id,
            RealisationReport.state == move.from_state,
            RealisationReport.version == report.version,
        )
        .values(
            {
                RealisationReport.state: move.to_state,
                RealisationReport.version: report.version + 1,
                RealisationReport.changed_at: now,
                RealisationReport.changed_by: actor.name,
                **columns,
            }
        )
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Outdated("Orang lain baru saja lebih dulu bertindak atas laporan ini.")


def _record(
    sheet: SeenSheet,
    report: SeenReport,
    move: Move,
    *,
    actor: Actor,
    mandate: Mandate,
    now: datetime,
    note: str = "",
    content_hash: str | None = None,
) -> int:
    """One row of the sheet's own history, and its number, its note begins with the quarter; and what the figures of the office
    owe to it."""
    act = Act(
        action=move.step,
        year=sheet.year,
        at=now,
        sheet_id=sheet.id,
        revision=sheet.revision,
        note=note_of(report.quarter, note),
        content_hash=content_hash or report.content_hash,
    )
    number = record(act, author(actor, mandate))
    # behind the head of the chain, so that two reports of one post that are verified at once see each other
    if ReportState.VERIFIED in (move.from_state, move.to_state):
        results.follow(sheet.year, [sheet.position_id])
    version = report.version + 1
    tell_of_report(sheet, report.quarter, report, move.step, version=version, actor=actor, now=now)
    return number
