"""The life of a sheet as a table. Buttons, guards, history, documentation and tests are drawn from it.

Source: the office's practice (product page, "The life of a sheet"). The Sekretaris' own sheet has no reviewer:
for it, and for it alone, the approver decides straight from `submitted`.
"""

from dataclasses import dataclass
from enum import StrEnum

from iki_portal.domain.errors import Incomplete, WrongState


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Step(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    REVIEW = "review"
    RETURN = "return"
    APPROVE = "approve"
    REVISE = "revise"
    SUPERSEDE = "supersede"


class Duty(StrEnum):
    """What somebody is to one sheet, by an assignment in force on the day."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    APPROVER = "approver"


class ReasonClass(StrEnum):
    """Why an approved sheet is revised: the three cases of PermenPANRB 53/2014, and a plain correction."""

    STRATEGY = "strategy"
    BUDGET = "budget"
    ORGANISATION = "organisation"
    CORRECTION = "correction"


NOTE_LIMIT = 2000

#: States in which nobody may change a word of the sheet any more, this revision or ever.
FINAL = frozenset({State.APPROVED, State.SUPERSEDED})
#: States of the one newer revision that may be in preparation beside the sheet in force.
IN_PREPARATION = frozenset({State.DRAFT, State.SUBMITTED, State.REVIEWED})


@dataclass(frozen=True)
class Transition:
    step: Step
    from_state: State
    to_state: State
    by: Duty
    needs_note: bool = False
    #: None: for every route; True or False: only for a sheet that has, or has not, a reviewer.
    reviewed_route: bool | None = None

    def check_note(self, note: str) -> None:
        """Raise `Incomplete` when the step needs a note and has none, or the note is longer than `NOTE_LIMIT`."""
        if self.needs_note and not note.strip():
            raise Incomplete("Catatan wajib diisi: tuliskan apa yang perlu diperbaiki.")
        if len(note) > NOTE_LIMIT:
            raise Incomplete(f"Catatan paling panjang {NOTE_LIMIT} huruf; ini {len(note)} huruf.")


TRANSITIONS = (
    #          step           from             to               by
    Transition(Step.SUBMIT, State.DRAFT, State.SUBMITTED, Duty.OWNER),
    Transition(Step.WITHDRAW, State.SUBMITTED, State.DRAFT, Duty.OWNER),
    Transition(Step.REVIEW, State.SUBMITTED, State.REVIEWED, Duty.REVIEWER, reviewed_route=True),
    Transition(Step.RETURN, State.SUBMITTED, State.DRAFT, Duty.REVIEWER, needs_note=True, reviewed_route=True),
    Transition(Step.RETURN, State.SUBMITTED, State.DRAFT, Duty.APPROVER, needs_note=True, reviewed_route=False),
    Transition(Step.RETURN, State.REVIEWED, State.DRAFT, Duty.APPROVER, needs_note=True),
    Transition(Step.APPROVE, State.REVIEWED, State.APPROVED, Duty.APPROVER),
    Transition(Step.APPROVE, State.SUBMITTED, State.APPROVED, Duty.APPROVER, reviewed_route=False),
)
# Three steps stand outside the table because they are not a move of one sheet by one duty: REVISE leaves its sheet
# as it is and opens the next revision; SUPERSEDE is taken by the portal when that revision is approved.


def transition(state: State, step: Step, *, has_reviewer: bool) -> Transition:
    """The move that `step` makes from `state` on a sheet with or without a reviewer; `WrongState` if there is none."""
    for move in TRANSITIONS:
        if move.step is step and move.from_state is state and move.reviewed_route in (None, has_reviewer):
            return move
    raise WrongState(f"Lembar berstatus {STATE_WORDS[state]} tidak dapat {STEP_PASSIVE[step]}.")


def next_duty(state: State, *, has_reviewer: bool) -> Duty | None:
    """Whose turn it is: the owner in a draft, then the reviewer, then the approver; nobody at the end."""
    if state is State.DRAFT:
        return Duty.OWNER
    if state is State.SUBMITTED:
        return Duty.REVIEWER if has_reviewer else Duty.APPROVER
    return Duty.APPROVER if state is State.REVIEWED else None


def revision_name(revision: int) -> str:
    """The first revision is the "Penetapan awal"; the next ones are counted as the office does ("Perubahan ke-1")."""
    return "Penetapan awal" if revision == 1 else f"Perubahan ke-{revision - 1}"


# One word each, everywhere on the screens (the tone and the icon of a word live in `web/labels.py`).
STATE_WORDS = {
    State.DRAFT: "Draf",
    State.SUBMITTED: "Diajukan",
    State.REVIEWED: "Direviu",
    State.APPROVED: "Ditetapkan",
    State.SUPERSEDED: "Digantikan",
}
STEP_WORDS = {
    Step.SUBMIT: "Ajukan",
    Step.WITHDRAW: "Tarik kembali",
    Step.REVIEW: "Setujui reviu",
    Step.RETURN: "Kembalikan",
    Step.APPROVE: "Tetapkan",
    Step.REVISE: "Buat perubahan",
    Step.SUPERSEDE: "Gantikan",
}
STEP_PASSIVE = {
    Step.SUBMIT: "diajukan",
    Step.WITHDRAW: "ditarik kembali",
    Step.REVIEW: "disetujui reviunya",
    Step.RETURN: "dikembalikan",
    Step.APPROVE: "ditetapkan",
    Step.REVISE: "diubah dengan revisi baru",
    Step.SUPERSEDE: "digantikan",
}
DUTY_WORDS = {
    Duty.OWNER: "pemilik lembar",
    Duty.REVIEWER: "pereviu",
    Duty.APPROVER: "pejabat yang menetapkan",
}
REASON_WORDS = {
    ReasonClass.STRATEGY: "Perubahan strategi: tujuan, sasaran, program atau kegiatan",
    ReasonClass.BUDGET: "Perubahan anggaran yang memengaruhi pencapaian target",
    ReasonClass.ORGANISATION: "Pergantian atau mutasi pejabat, atau perubahan tugas jabatan",
    ReasonClass.CORRECTION: "Koreksi: kekeliruan penulisan atau hitungan",
}
