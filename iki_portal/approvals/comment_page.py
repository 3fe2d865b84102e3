"""The comments of a sheet as its page shows them: beside their rows, and as a list of what is still to be done."""

from dataclasses import dataclass, replace

from iki_portal.documents.paper import Paper
from iki_portal.domain.comments import CELL_WORDS, CommentState, CommentStep, may_act, may_comment
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import FINAL
from iki_portal.indicators.comments import Thread, row_places, threads
from iki_portal.indicators.sight import SeenSheet


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed and could not send: in which box ("indicator-34", "comment-12"), and why."""

    box: str
    text: str
    problem: str
    cell: str = ""


@dataclass(frozen=True, slots=True)
class ShownThread:
    thread: Thread
    #: What the reader may do about it now.
    steps: frozenset[CommentStep]

    @property
    def box(self) -> str:
        return f"comment-{self.thread.id}"

    @property
    def waits_for_reader(self) -> bool:
        """Mended by the owner, or looked at again by whoever asked."""
        is_done = self.thread.state is CommentState.DONE
        return CommentStep.TICK_OFF in self.steps or (is_done and CommentStep.CLOSE in self.steps)


@dataclass(frozen=True, slots=True)
class SheetComments:
    sheet_id: int
    may_write: bool
    #: Of an approved sheet: the papers of its preparation, for reading.
    is_kept: bool
    typed: Typed | None
    shown: list[ShownThread]
    #: Keys of the rows that stand now.
    rows: frozenset[str]

    @property
    def cells(self) -> list[tuple[str, str]]:
        """What a comment on an indicator can be about."""
        return [(cell.value, word) for cell, word in CELL_WORDS.items()]

    @property
    def lost_text(self) -> str:
        """What was typed in a box that stands on the page no longer: to be shown, so that it is not lost."""
        if self.typed is None:
            return ""
        boxes = {each.box for each in self.shown if each.steps} | (self.rows if self.may_write else set())
        return "" if self.typed.box in boxes else self.typed.text

    def beside(self, row: str) -> list[ShownThread]:
        return [each for each in self.shown if each.thread.row == row]

    def stands_under(self, row: str) -> bool:
        """Whether the row is followed by a band of comments."""
        return not self.is_kept and (self.may_write or bool(self.beside(row)))

    def typed_in(self, box: str) -> Typed | None:
        return self.typed if self.typed and self.typed.box == box else None

    @property
    def unsettled(self) -> list[ShownThread]:
        """What is still to be done, by the reader first."""
        unsettled = [each for each in self.shown if each.thread.state is not CommentState.CLOSED]
        return sorted(unsettled, key=lambda each: not each.waits_for_reader)

    @property
    def open_number(self) -> int:
        return sum(each.thread.state is CommentState.OPEN for each in self.shown)

    @property
    def done_number(self) -> int:
        return sum(each.thread.state is CommentState.DONE for each in self.shown)

    @property
    def rowless(self) -> list[ShownThread]:
        """Comments on rows that the owner has deleted since."""
        return [] if self.is_kept else self.beside("")


def sheet_comments(sheet: SeenSheet, paper: Paper, *, actor: Actor, typed: Typed | None = None) -> SheetComments:
    """What the reader may read; rows are named by the numbers they have now."""
    places = row_places(paper)
    found = (replace(each, place=places.get(each.row, each.place)) for each in threads(sheet, actor=actor))
    shown = [
        ShownThread(each, frozenset(step for step in CommentStep if may_act(actor, step, each, sheet, sheet.route)))
        for each in found
    ]
    may_write = bool(may_comment(actor, sheet, sheet.route))
    return SheetComments(sheet.id, may_write, sheet.state in FINAL, typed, shown, frozenset(places))
