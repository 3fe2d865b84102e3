"""Comments on the rows of a sheet in preparation: what they point at, how they move, who takes part.

They are working papers: written and read by those who see the sheet in preparation, and by nobody else, also once it is
approved (docs/decisions/0014-comments.md).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from iki_portal.domain import policy
from iki_portal.domain.errors import Incomplete
from iki_portal.domain.office import PositionKind
from iki_portal.domain.policy import Actor, Mandate, Route, SheetLike, Verdict
from iki_portal.domain.workflow import DUTY_WORDS, IN_PREPARATION, STATE_WORDS, Duty, State

COMMENT_LIMIT = 2000
QUOTE_LIMIT = 200


class Cell(StrEnum):
    """What of a row a comment is about; `ROW`: all of it."""

    ROW = "row"
    TEXT = "text"
    FORMULA = "formula"
    SOURCE = "source"
    UNIT_OF_MEASURE = "unit_of_measure"
    POLARITY = "polarity"
    AGGREGATION = "aggregation"
    TARGET = "target"
    QUARTERS = "quarters"


class CommentState(StrEnum):
    OPEN = "open"
    #: The owner says that it is mended; whoever asked has not looked yet.
    DONE = "done"
    CLOSED = "closed"


class CommentStep(StrEnum):
    REPLY = "reply"
    TICK_OFF = "tick_off"
    CLOSE = "close"
    REOPEN = "reopen"


#: The life of a comment: what each step makes of each state; what is not here cannot be done.
MOVES: dict[tuple[CommentStep, CommentState], CommentState] = {
    (CommentStep.REPLY, CommentState.OPEN): CommentState.OPEN,
    (CommentStep.REPLY, CommentState.DONE): CommentState.DONE,
    (CommentStep.TICK_OFF, CommentState.OPEN): CommentState.DONE,
    (CommentStep.CLOSE, CommentState.OPEN): CommentState.CLOSED,
    (CommentStep.CLOSE, CommentState.DONE): CommentState.CLOSED,
    (CommentStep.REOPEN, CommentState.DONE): CommentState.OPEN,
    (CommentStep.REOPEN, CommentState.CLOSED): CommentState.OPEN,
}

CELL_WORDS = {
    Cell.ROW: "Seluruh baris",
    Cell.TEXT: "Indikator kinerja",
    Cell.FORMULA: "Penjelasan/formulasi",
    Cell.SOURCE: "Sumber data",
    Cell.UNIT_OF_MEASURE: "Satuan",
    Cell.POLARITY: "Polaritas",
    Cell.AGGREGATION: "Cara hitung tahunan",
    Cell.TARGET: "Target",
    Cell.QUARTERS: "Target triwulan",
}
COMMENT_STATE_WORDS = {
    CommentState.OPEN: "Terbuka",
    CommentState.DONE: "Sudah diperbaiki",
    CommentState.CLOSED: "Ditutup",
}
#: "Rina menutup komentar ini."
COMMENT_STEP_SAID = {
    CommentStep.REPLY: "menanggapi",
    CommentStep.TICK_OFF: "menandai sudah diperbaiki",
    CommentStep.CLOSE: "menutup komentar ini",
    CommentStep.REOPEN: "membuka lagi komentar ini",
}


class CommentLike(Protocol):
    """What the rules need of a comment."""

    @property
    def state(self) -> CommentState: ...
    @property
    def author_id(self) -> int: ...
    @property
    def duty(self) -> Duty | None: ...


@dataclass(frozen=True, slots=True)
class Voice:
    """As what somebody speaks about a sheet; `duty` is None for the Kepala Badan, who stands above its route."""

    mandate: Mandate
    duty: Duty | None


def voice(actor: Actor, sheet: SheetLike, route: Route) -> Voice | None:
    """The first duty that this person has for the sheet today, else the Kepala Badan's; None: they only read."""
    for duty in Duty:
        if mandate := policy.holds(actor, sheet, route, duty):
            return Voice(mandate, duty)
    return Voice(actor.mandate_as(PositionKind.HEAD), None) if actor.is_head else None


def may_read_comments(actor: Actor, sheet: SheetLike, route: Route) -> bool:
    """Whether the sheet's working papers are for this person: an approved sheet is for everybody, its comments are not."""
    return policy.sees_in_preparation(actor, sheet, route)


def closed_because(sheet: SheetLike) -> str:
    """Why nobody may say anything more about this sheet; "" while it is in preparation."""
    if sheet.state in IN_PREPARATION:
        return ""
    return f"Lembar sudah berstatus {STATE_WORDS[sheet.state]}; komentarnya tinggal untuk dibaca."


def impossible_because(step: CommentStep, comment: CommentLike, sheet: SheetLike) -> str:
    """Why nobody may take this step now; "" when somebody may."""
    if reason := closed_because(sheet):
        return reason
    if (step, comment.state) not in MOVES:
        return f"Komentar ini berstatus {COMMENT_STATE_WORDS[comment.state]}; langkah ini tidak dapat diambil lagi."
    if step is CommentStep.TICK_OFF and sheet.state is not State.DRAFT:
        return "Komentar ditandai sudah diperbaiki selama lembar masih draf."
    return ""


def may_comment(actor: Actor, sheet: SheetLike, route: Route) -> Verdict:
    """Owner, reviewer, approver and the Kepala Badan may, while the sheet is in preparation."""
    if reason := closed_because(sheet):
        return Verdict(reason=reason)
    if speaks := voice(actor, sheet, route):
        return Verdict(speaks.mandate)
    return Verdict(reason="Komentar ditulis oleh pemilik lembar, pereviu, pejabat yang menetapkan, dan Kepala Badan.")


def may_act(actor: Actor, step: CommentStep, comment: CommentLike, sheet: SheetLike, route: Route) -> Verdict:
    """Whether `actor` may take `step` on the comment: the owner ticks off; who asked, or has that duty now, closes."""
    if reason := impossible_because(step, comment, sheet):
        return Verdict(reason=reason)
    if step is CommentStep.REPLY:
        return may_comment(actor, sheet, route)
    if step is CommentStep.TICK_OFF:
        owner = policy.holds(actor, sheet, route, Duty.OWNER)
        return Verdict(owner) if owner else Verdict(reason="Hanya pemilik lembar yang menandai komentar sudah diperbaiki.")
    speaks = voice(actor, sheet, route)
    if speaks and (actor.employee_id == comment.author_id or _has_duty_of(comment, actor, sheet, route)):
        return Verdict(speaks.mandate)
    who = DUTY_WORDS[comment.duty] if comment.duty else "Kepala Badan"
    return Verdict(reason=f"Komentar ini ditutup atau dibuka lagi oleh penulisnya atau oleh {who}.")


def _has_duty_of(comment: CommentLike, actor: Actor, sheet: SheetLike, route: Route) -> bool:
    if comment.duty is None:
        return actor.is_head
    return policy.holds(actor, sheet, route, comment.duty) is not None


def check_text(text: str, *, is_needed: bool = True) -> str:
    """The text as it is kept; raises `Incomplete` when it is empty and must not be, or too long."""
    text = text.strip()
    if is_needed and not text:
        raise Incomplete("Tuliskan dulu komentar atau tanggapan Anda.")
    if len(text) > COMMENT_LIMIT:
        raise Incomplete(f"Komentar paling panjang {COMMENT_LIMIT} huruf; ini {len(text)} huruf.")
    return text
