"""The steps of the workflow. Each asks the rule, then the right, then moves the sheet once, and writes one row of history.

`_advance` is the only place that changes a sheet's state: a single UPDATE that names the state and the version it starts
from, so that of two people who act at once exactly one wins and the other is told.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.approvals import content, prints
from iki_portal.approvals.telling import tell_of_step
from iki_portal.domain import policy
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Incomplete, Invalid, Outdated, WrongState
from iki_portal.domain.office import PositionKind, YearStage
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.targets import completeness
from iki_portal.domain.workflow import NOTE_LIMIT, Duty, ReasonClass, State, Step, Transition
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, lock_head, record
from iki_portal.indicators.answering import recount, take_along
from iki_portal.indicators.checking import checked
from iki_portal.indicators.learning import learn
from iki_portal.indicators.operations import new_statements, outdated
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import PerformanceYear, Position, Sheet

CLOSE_ACTION = "close_planning"


def submit(sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime) -> None:
    """Ask for review. Raises `Incomplete` while something is missing; what is submitted is stored word for word."""
    mandate, move = _allowed(actor, Step.SUBMIT, sheet, seen=seen)
    paper = papers([sheet.id])[sheet.id]
    state_of_work = completeness(paper.statements)
    if not state_of_work.is_complete:
        raise Incomplete(f"Lembar belum lengkap: {len(state_of_work.gaps)} isian belum terisi atau belum sesuai.")
    stops = [each for each in checked(sheet.id, paper, actor=actor, on=office_day(now)) if each.blocks]
    if stops:
        raise Incomplete(f"Lembar belum dapat diajukan. {stops[0].place}: {stops[0].message}" + _and_more(len(stops) - 1))
    content_hash = content.store(paper, now=now)
    _advance(sheet, move, actor=actor, now=now, submitted_by_id=actor.employee_id, submitted_at=now, content_hash=content_hash)
    recount([sheet.id])
    _record(sheet, move, actor=actor, mandate=mandate, now=now, content_hash=content_hash)


def _and_more(number: int) -> str:
    return f" Dan {number} temuan lain yang menghalangi." if number else ""


def withdraw(sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime) -> None:
    """Take a submitted sheet back into the draft."""
    mandate, move = _allowed(actor, Step.WITHDRAW, sheet, seen=seen)
    _advance(sheet, move, actor=actor, now=now, **_BLANK, **_route_of_post(sheet))
    _record(sheet, move, actor=actor, mandate=mandate, now=now)


def review(sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime, note: str = "") -> None:
    """Agree as the reviewer; the sheet goes on to the approver."""
    mandate, move = _allowed(actor, Step.REVIEW, sheet, seen=seen)
    move.check_note(note)
    _demand_same_content(sheet)
    _advance(sheet, move, actor=actor, now=now, reviewed_by_id=actor.employee_id, reviewed_at=now)
    _record(sheet, move, actor=actor, mandate=mandate, now=now, note=note)


def return_sheet(
    sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime, note: str, indicator_ids: Sequence[int] = ()
) -> None:
    """Send it back to the owner with a note, which may point at rows."""
    mandate, move = _allowed(actor, Step.RETURN, sheet, seen=seen)
    move.check_note(note)
    rows = _pointed_at(sheet, indicator_ids)
    _advance(sheet, move, actor=actor, now=now, **_BLANK, **_route_of_post(sheet))
    _record(sheet, move, actor=actor, mandate=mandate, now=now, note=note, rows=rows)


def approve(sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime, note: str = "") -> None:
    """Sign off: the sheet is in force from now on, its copy frozen, the revision before it superseded."""
    mandate, move = _allowed(actor, Step.APPROVE, sheet, seen=seen)
    move.check_note(note)
    paper = _demand_same_content(sheet)
    if former := _former(sheet, now=now):
        _hold(sheet, move)
    for old in former:  # it makes room, in the same transaction: the portal's own step, taken for the approver
        _advance(old, _SUPERSEDE, actor=actor, now=now)
    names = {"approved_title": paper.position, "approved_unit": paper.unit}
    _advance(sheet, move, actor=actor, now=now, approved_by_id=actor.employee_id, approved_at=now, **names)
    # Only now the history, whose head is locked last by everybody: who holds it and waits for a sheet waits forever.
    lock_head()
    for old in former:
        _record(old, _SUPERSEDE, actor=actor, mandate=mandate, now=now, note=f"Digantikan revisi {sheet.revision}.")
    copy = content.copy_of(sheet, paper, approved_by=author(actor, mandate), now=now)
    number = _record(sheet, move, actor=actor, mandate=mandate, now=now, note=note, content_hash=copy.sha256)
    content.freeze(copy, sheet.id, history_number=number, now=now)
    prints.issue(sheet.id, now=now)
    learn(paper, position_id=sheet.position_id)


def revise(sheet: SeenSheet, *, actor: Actor, reason: ReasonClass, note: str, now: datetime) -> int:
    """Open revision n+1 as a draft with the same rows; returns its id. The sheet in force stays as it is."""
    mandate = policy.demand(policy.may(actor, Step.REVISE, sheet, sheet.route), Step.REVISE, sheet, sheet.route)
    if not note.strip():
        raise Incomplete("Alasan perubahan wajib diisi.")
    if len(note) > NOTE_LIMIT:
        raise Incomplete(f"Alasan paling panjang {NOTE_LIMIT} huruf; ini {len(note)} huruf.")
    try:
        with db.session.begin_nested():
            newer = _copy(sheet, reason=reason, note=note, actor=actor, now=now)
            take_along(sheet.id, newer.id)
    except IntegrityError as error:
        raise Outdated("Perubahan atas lembar ini baru saja dibuat orang lain.") from error
    act = Act(
        action=Step.REVISE,
        year=sheet.year,
        at=now,
        sheet_id=newer.id,
        revision=newer.revision,
        to_state=State.DRAFT,
        note=note,
        sheet_version=newer.version,
    )
    record(act, author(actor, mandate))
    tell_of_step(replace(sheet, id=newer.id, revision=newer.revision), Step.REVISE, actor=actor, now=now)
    return newer.id


def close_planning(year: int, *, actor: Actor, now: datetime) -> None:
    """End the planning stage of a year; afterwards only revisions. Needs every sheet of the year approved."""
    policy.demand_permission(actor, policy.Permission.YEAR_CLOSE)
    open_sheets = db.session.scalar(
        select(Sheet.id).where(Sheet.year == year, Sheet.state.in_(["draft", "submitted", "reviewed"]), Sheet.revision == 1)
    )
    if open_sheets is not None:
        raise Incomplete("Belum semua lembar ditetapkan; tahap penetapan belum dapat ditutup.")
    if db.session.scalar(select(Sheet.id).where(Sheet.year == year).limit(1)) is None:
        raise Incomplete("Tahun ini belum memiliki lembar.")
    closed = db.session.execute(
        update(PerformanceYear)
        .where(PerformanceYear.year == year, PerformanceYear.stage == YearStage.PLANNING)
        .values(stage=YearStage.RUNNING, planning_closed_at=now)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise WrongState(f"Tahap penetapan {year} sudah ditutup.")
    record(Act(action=CLOSE_ACTION, year=year, at=now), author(actor, actor.mandate_as(PositionKind.SECRETARY)))


#: A sheet that is a draft again carries no names of the round before; those stay in the history.
_BLANK: dict[str, Any] = dict.fromkeys(
    ("submitted_by_id", "submitted_at", "reviewed_by_id", "reviewed_at", "content_hash"), None
)


def _route_of_post(sheet: SeenSheet) -> dict[str, int | None]:
    """A draft goes the way that its post goes now; one that is submitted keeps the way it was sent on (decision 0025)."""
    query = select(Position.reviewer_id, Position.approver_id).where(Position.id == sheet.position_id)
    row = db.session.execute(query).one()
    route = row if row.approver_id is not None else sheet  # a post without a way any more: the one that was
    return {"reviewer_id": route.reviewer_id, "approver_id": route.approver_id}


def _allowed(actor: Actor, step: Step, sheet: SeenSheet, *, seen: int) -> tuple[Mandate, Transition]:
    """An outdated page is told so first: its reader may act, only not on what they saw."""
    if sheet.version != seen:
        raise outdated(sheet)
    verdict = policy.may(actor, step, sheet, sheet.route)
    mandate = policy.demand(verdict, step, sheet, sheet.route)
    if verdict.move is None:
        raise WrongState(verdict.reason)
    return mandate, verdict.move


def _advance(sheet: SeenSheet, move: Transition, *, actor: Actor, now: datetime, **columns: Any) -> None:
    result = db.session.execute(
        update(Sheet)
        .where(Sheet.id == sheet.id, Sheet.state == move.from_state, Sheet.version == sheet.version)
        .values(state=move.to_state, version=sheet.version + 1, changed_at=now, changed_by=actor.name, **columns)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Outdated(_TOO_LATE)


_TOO_LATE = "Orang lain baru saja lebih dulu mengambil keputusan atas lembar ini."


def _hold(sheet: SeenSheet, move: Transition) -> None:
    """Let nobody decide on it meanwhile: the database lets a sheet be superseded only by one that is up for approval."""
    up = select(Sheet.id).where(Sheet.id == sheet.id, Sheet.state == move.from_state, Sheet.version == sheet.version)
    if db.session.scalar(up.with_for_update()) is None:
        raise Outdated(_TOO_LATE)


def _record(
    sheet: SeenSheet,
    move: Transition,
    *,
    actor: Actor,
    mandate: Mandate,
    now: datetime,
    note: str = "",
    rows: str = "",
    content_hash: str | None = None,
) -> int:
    act = Act(
        action=move.step,
        year=sheet.year,
        at=now,
        sheet_id=sheet.id,
        revision=sheet.revision,
        from_state=move.from_state,
        to_state=move.to_state,
        note=note.strip(),
        rows=rows,
        sheet_version=sheet.version + 1,
        content_hash=content_hash or sheet.content_hash,
    )
    number = record(act, author(actor, mandate))
    tell_of_step(sheet, move.step, actor=actor, now=now)
    return number


def _demand_same_content(sheet: SeenSheet) -> content.Paper:
    """What is decided on must be what was submitted: also the post's title and duties, which others maintain."""
    paper = papers([sheet.id])[sheet.id]
    if content.content_hash(paper) != sheet.content_hash:
        raise WrongState(
            "Isi lembar tidak lagi sama dengan yang diajukan: nama jabatan, unit, atau tugasnya sudah berubah. "
            "Kembalikan lembar ini supaya diajukan ulang."
        )
    return paper


def _pointed_at(sheet: SeenSheet, indicator_ids: Sequence[int]) -> str:
    """ "2.1:117": printed number and row id of each indicator that the note points at."""
    if not indicator_ids:
        return ""
    paper = papers([sheet.id])[sheet.id]
    numbers = {
        indicator.id: f"{statement.number}.{place}:{indicator.id}"
        for statement in paper.statements
        for place, indicator in enumerate(statement.indicators, start=1)
    }
    if not set(indicator_ids) <= numbers.keys():
        raise Invalid("Baris yang ditunjuk tidak ada pada lembar ini.")
    return " ".join(text for key, text in numbers.items() if key in set(indicator_ids))


_SUPERSEDE = Transition(Step.SUPERSEDE, State.APPROVED, State.SUPERSEDED, Duty.APPROVER)


def _former(sheet: SeenSheet, *, now: datetime) -> list[SeenSheet]:
    """The revision in force beside this one, if there is one."""
    return sheets_where(
        Sheet.position_id == sheet.position_id, Sheet.year == sheet.year, Sheet.state == State.APPROVED, on=now.date()
    )


def _copy(sheet: SeenSheet, *, reason: ReasonClass, note: str, actor: Actor, now: datetime) -> Sheet:
    newer = Sheet(
        year=sheet.year,
        position_id=sheet.position_id,
        revision=sheet.revision + 1,
        state=State.DRAFT,
        version=1,
        heading=sheet.heading,
        order=sheet.order,
        **_route_of_post(sheet),
        reason_class=reason,
        reason_note=note.strip(),
        begun_on=sheet.begun_on,
        changed_at=now,
        changed_by=actor.name,
        statements=new_statements(rows_on(papers([sheet.id])[sheet.id])),
    )
    db.session.add(newer)
    db.session.flush()
    return newer
