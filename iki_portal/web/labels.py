"""One word, one tone and one icon for each State, Step and Duty: never colour alone, the same on every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from iki_portal.domain.comments import COMMENT_STATE_WORDS, CommentState
from iki_portal.domain.quality import SEVERITY_WORDS, Finding
from iki_portal.domain.workflow import STATE_WORDS, STEP_PASSIVE, State, Step


@dataclass(frozen=True, slots=True)
class Label:
    word: str
    #: neutral · waiting · progress · done · danger
    tone: str
    #: A name in Bootstrap's icon sprite.
    icon: str


STATE_LABELS: dict[State, Label] = {
    State.DRAFT: Label(STATE_WORDS[State.DRAFT], "neutral", "pencil"),
    State.SUBMITTED: Label(STATE_WORDS[State.SUBMITTED], "waiting", "send"),
    State.REVIEWED: Label(STATE_WORDS[State.REVIEWED], "progress", "check2"),
    State.APPROVED: Label(STATE_WORDS[State.APPROVED], "done", "patch-check"),
    State.SUPERSEDED: Label(STATE_WORDS[State.SUPERSEDED], "neutral", "archive"),
}

STEP_LABELS: dict[Step, Label] = {
    Step.SUBMIT: Label("mengajukan lembar untuk reviu", "waiting", "send"),
    Step.WITHDRAW: Label("menarik kembali lembar", "neutral", "arrow-counterclockwise"),
    Step.REVIEW: Label("menyetujui reviu", "progress", "check2"),
    Step.RETURN: Label("mengembalikan lembar untuk diperbaiki", "danger", "arrow-return-left"),
    Step.APPROVE: Label("menetapkan lembar", "done", "patch-check"),
    Step.REVISE: Label("membuat perubahan", "neutral", "files"),
    Step.SUPERSEDE: Label("lembar digantikan oleh perubahan yang ditetapkan", "neutral", "archive"),
}

#: Said after the step was taken.
STEP_DONE: dict[Step, str] = {step: f"Lembar {passive}." for step, passive in STEP_PASSIVE.items()}

#: Everything that the history can hold, by its `action`.
ACTION_LABELS: dict[str, Label] = {
    **{step.value: label for step, label in STEP_LABELS.items()},
    "import": Label("membaca lembar dari dokumen kantor", "neutral", "file-earmark-text"),
    "close_planning": Label("menutup tahap penetapan", "done", "lock"),
}

COMMENT_LABELS: dict[CommentState, Label] = {
    CommentState.OPEN: Label(COMMENT_STATE_WORDS[CommentState.OPEN], "waiting", "chat-left-text-fill"),
    CommentState.DONE: Label(COMMENT_STATE_WORDS[CommentState.DONE], "progress", "check2"),
    CommentState.CLOSED: Label(COMMENT_STATE_WORDS[CommentState.CLOSED], "neutral", "check2-all"),
}


def state_label(state: State) -> Label:
    return STATE_LABELS[state]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of the quality check as it stands beside its row."""

    message: str
    tone: str
    icon: str


def beside_rows(found: Iterable[Finding]) -> dict[int, list[FindingLine]]:
    """Indicator id → what stands beside its row; findings on a statement or the whole sheet have no row."""
    lines: dict[int, list[FindingLine]] = {}
    for each in found:
        if each.spot.indicator_id is not None:
            tone, icon = ("danger", "exclamation-octagon-fill") if each.blocks else ("waiting", "lightbulb")
            word = SEVERITY_WORDS[each.rule.severity]
            line = FindingLine(f"{word} ({each.rule.code}): {each.message}", tone, icon)
            lines.setdefault(each.spot.indicator_id, []).append(line)
    return lines
