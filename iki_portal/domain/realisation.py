"""The report of one quarter of a sheet: how it moves, and who may write, submit, verify and return it.

    draft → submitted → verified
              ↓ returned → submitted

The owner of the sheet reports, its reviewer verifies (the approver where a sheet has no reviewer). Nobody verifies a figure
that they reported themselves, in whichever post: the duty moves up as in the workflow (policy.desk). A report belongs to the
revision that was in force, and stays with it: a later revision changes no target that was reported against.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from iki_portal.domain import policy
from iki_portal.domain.errors import Incomplete
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Desk, Mandate, Route, SheetLike, Verdict
from iki_portal.domain.quarters import Window
from iki_portal.domain.workflow import NOTE_LIMIT, STATE_WORDS, Duty, State, revision_name


class ReportState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"


class ReportStep(StrEnum):
    """The values are the acts of the history, beside those of sheets."""

    SUBMIT = "submit_report"
    VERIFY = "verify_report"
    RETURN = "return_report"
    CORRECT = "correct_report"


@dataclass(frozen=True, slots=True)
class Move:
    step: ReportStep
    from_state: ReportState
    to_state: ReportState
    by: Duty
    needs_note: bool = False


MOVES = (
    #    step                from                   to                     by
    Move(ReportStep.SUBMIT, ReportState.DRAFT, ReportState.SUBMITTED, Duty.OWNER),
    Move(ReportStep.SUBMIT, ReportState.RETURNED, ReportState.SUBMITTED, Duty.OWNER),
    Move(ReportStep.VERIFY, ReportState.SUBMITTED, ReportState.VERIFIED, Duty.REVIEWER),
    Move(ReportStep.RETURN, ReportState.SUBMITTED, ReportState.RETURNED, Duty.REVIEWER, needs_note=True),
    Move(ReportStep.CORRECT, ReportState.SUBMITTED, ReportState.DRAFT, Duty.OWNER, needs_note=True),
    Move(ReportStep.CORRECT, ReportState.VERIFIED, ReportState.DRAFT, Duty.OWNER, needs_note=True),
)
#: States in which figures and evidence are written.
OPEN = frozenset({ReportState.DRAFT, ReportState.RETURNED})
#: States that count as reported: one revision of a sheet has such a report of a quarter, and no other.
REPORTED = frozenset({ReportState.SUBMITTED, ReportState.VERIFIED})

REPORT_WORDS = {
    ReportState.DRAFT: "Belum dilaporkan",
    ReportState.SUBMITTED: "Menunggu verifikasi",
    ReportState.RETURNED: "Dikembalikan",
    ReportState.VERIFIED: "Terverifikasi",
}
#: Of a quarter that nobody has begun to report: before its window opens, and after its deadline.
NOT_YET_WORD, OVERDUE_WORD = "Belum waktunya", "Belum dilaporkan, tenggat lewat"
REPORT_PASSIVE = {
    ReportStep.SUBMIT: "dikirim",
    ReportStep.VERIFY: "diverifikasi",
    ReportStep.RETURN: "dikembalikan",
    ReportStep.CORRECT: "dikoreksi",
}
_NOTE_NEEDED = {
    ReportStep.RETURN: "Catatan wajib diisi: tuliskan apa yang perlu diperbaiki.",
    ReportStep.CORRECT: "Alasan koreksi wajib diisi.",
}


class ReportLike(Protocol):
    """What the rules need of a report; one that nobody has begun is a draft without reporters."""

    @property
    def state(self) -> ReportState: ...
    @property
    def was_submitted(self) -> bool: ...
    @property
    def reporter_ids(self) -> frozenset[int]:
        """Everybody who wrote a figure, added evidence or submitted it."""

    @property
    def other_revision(self) -> int | None:
        """The revision of the same sheet that holds the report of this quarter, when it is another one."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything else that the rules ask about."""

    sheet: SheetLike
    route: Route
    window: Window
    #: The office's day on which somebody acts.
    on: date


def move_of(step: ReportStep, state: ReportState) -> Move | None:
    return next((move for move in MOVES if move.step is step and move.from_state is state), None)


def check_note(move: Move, note: str) -> None:
    """Raise `Incomplete` when the step needs a note and has none, or the note is longer than `NOTE_LIMIT`."""
    if move.needs_note and not note.strip():
        raise Incomplete(_NOTE_NEEDED[move.step])
    if len(note) > NOTE_LIMIT:
        raise Incomplete(f"Catatan paling panjang {NOTE_LIMIT} huruf; ini {len(note)} huruf.")


def quarter_word(state: ReportState, window: Window, on: date, *, other: ReportState | None = None) -> str:
    """The state of a quarter as it is told everywhere; `other`: of the revision that holds its report, when it is another."""
    if other is not None or state is not ReportState.DRAFT:
        return REPORT_WORDS[other or state]
    if on < window.opens_on:
        return NOT_YET_WORD
    return OVERDUE_WORD if window.is_late(on) else REPORT_WORDS[ReportState.DRAFT]


# What nobody may do now


def not_to_report_because(report: ReportLike, around: Circumstances) -> str:
    """Why nobody may write figures of this quarter now; "" while its owner may."""
    return (
        _never_because(report, around)
        or ("" if report.state in OPEN else f"Laporan berstatus {REPORT_WORDS[report.state]} tidak dapat diubah isinya.")
        or _outside_the_window(report, around)
    )


def impossible_because(step: ReportStep, report: ReportLike, around: Circumstances) -> str:
    """Why nobody may take this step now; "" when somebody may."""
    move = move_of(step, report.state)
    by_reviewer = step in (ReportStep.VERIFY, ReportStep.RETURN)
    if never := _year_closed(around) if by_reviewer else _never_because(report, around):
        return never
    if move is None:
        return f"Laporan berstatus {REPORT_WORDS[report.state]} tidak dapat {REPORT_PASSIVE[step]}."
    if step is ReportStep.CORRECT and (reason := around.window.closed_because(around.on)):
        hint = " Pereviu dapat mengembalikan laporan ini." if report.state is ReportState.SUBMITTED else ""
        return reason + hint
    return _outside_the_window(report, around) if step is ReportStep.SUBMIT else ""


def _never_because(report: ReportLike, around: Circumstances) -> str:
    """A report goes on where it was submitted; a new one is begun on the revision in force."""
    if reason := _year_closed(around):
        return reason
    if report.other_revision is not None:
        word = revision_name(report.other_revision).lower()
        return f"Triwulan ini sudah dilaporkan pada {word}, terhadap target yang berlaku waktu itu."
    stands = around.sheet.state is State.APPROVED or (around.sheet.state is State.SUPERSEDED and report.was_submitted)
    return "" if stands else f"Realisasi diisi pada lembar yang berlaku; lembar ini {STATE_WORDS[around.sheet.state]}."


def _year_closed(around: Circumstances) -> str:
    return "Tahun kinerja ini sudah ditutup." if around.route.stage is YearStage.CLOSED else ""


def _outside_the_window(report: ReportLike, around: Circumstances) -> str:
    """Whoever reported in time and was sent back may mend it after the deadline, too."""
    return "" if report.state is ReportState.RETURNED else around.window.closed_because(around.on)


# Who may


def may_report(actor: Actor, report: ReportLike, around: Circumstances) -> Verdict:
    """Whether `actor` may write figures and evidence now: the owner of the sheet, while the quarter is open."""
    if reason := not_to_report_because(report, around):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _by_owner(one, around, "mengisi realisasi lembar ini"))


def may_submit(actor: Actor, report: ReportLike, around: Circumstances) -> Verdict:
    """Whether `actor` may ask for verification now. Completeness is the operation's question."""
    return _may_as_owner(actor, ReportStep.SUBMIT, report, around, "mengirim laporan ini")


def may_correct(actor: Actor, report: ReportLike, around: Circumstances) -> Verdict:
    """Whether `actor` may open a report again that was submitted or verified, to correct it with a reason."""
    return _may_as_owner(actor, ReportStep.CORRECT, report, around, "mengoreksi laporan ini")


def may_verify(actor: Actor, report: ReportLike, around: Circumstances) -> Verdict:
    """Whether `actor` may say that the figures are right: the reviewer, and never who reported them."""
    return _may_as_verifier(actor, ReportStep.VERIFY, report, around)


def may_return(actor: Actor, report: ReportLike, around: Circumstances) -> Verdict:
    """Whether `actor` may send the report back to be mended."""
    return _may_as_verifier(actor, ReportStep.RETURN, report, around)


MAY = {
    ReportStep.SUBMIT: may_submit,
    ReportStep.VERIFY: may_verify,
    ReportStep.RETURN: may_return,
    ReportStep.CORRECT: may_correct,
}


def _may_as_owner(actor: Actor, step: ReportStep, report: ReportLike, around: Circumstances, what: str) -> Verdict:
    if reason := impossible_because(step, report, around):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _by_owner(one, around, what))


def _by_owner(actor: Actor, around: Circumstances, what: str) -> Verdict:
    if mandates := policy.mandates_with(actor, around.sheet, around.route, Duty.OWNER):
        return policy.allowed_by(mandates)
    return Verdict(reason=policy.reserved_for(policy.desk(around.sheet, around.route, Duty.OWNER), what))


def _may_as_verifier(actor: Actor, step: ReportStep, report: ReportLike, around: Circumstances) -> Verdict:
    if reason := impossible_because(step, report, around):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _by_verifier(one, report, around.route))


def _by_verifier(actor: Actor, report: ReportLike, route: Route) -> Verdict:
    if mandates := verifying_mandates(actor, report, route):
        return policy.allowed_by(mandates)
    place = verifying_desk(report, route)
    return Verdict(reason=stuck_because(place) or policy.reserved_for(place, "memverifikasi laporan ini"))


def verifying_desk(report: ReportLike, route: Route) -> Desk:
    """Who verifies today: the reviewer, or the next post above whose holder neither owns the sheet nor reported."""
    excluded = {holder.employee_id for holder in route.owner.holders} | report.reporter_ids
    chain = [post for post in (route.reviewer, route.approver, route.superior) if post is not None]
    return policy.first_desk(Duty.REVIEWER, chain, excluded)


def stuck_because(place: Desk) -> str:
    """Why nobody may verify today; "" when somebody may."""
    if place.candidates or not place.post.holders:
        return place.stuck
    return "Tidak ada pejabat lain yang dapat memverifikasi: yang melaporkan tidak memverifikasi laporannya sendiri."


def verifying_mandates(actor: Actor, report: ReportLike, route: Route) -> tuple[Mandate, ...]:
    if actor.is_operator or actor.employee_id is None:
        return ()
    place = verifying_desk(report, route)
    if all(holder.employee_id != actor.employee_id for holder in place.candidates):
        return ()
    return actor.mandates_for(place.post.id)


def sees_report(actor: Actor, report: ReportLike, sheet: SheetLike, route: Route) -> bool:
    """Verified figures are open to whoever sees the sheet; others to its route, to who verifies, and to the Kepala Badan."""
    if report.state is ReportState.VERIFIED:
        return policy.sees(actor, sheet, route)
    return policy.sees_in_preparation(actor, sheet, route) or bool(verifying_mandates(actor, report, route))
