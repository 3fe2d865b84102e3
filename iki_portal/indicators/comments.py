"""Comments on the rows of a sheet, with everything that was answered: the working papers of those who prepare it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, func, select

from iki_portal.documents.paper import Paper
from iki_portal.domain.comments import CELL_WORDS, Cell, CommentState, CommentStep, may_read_comments
from iki_portal.domain.errors import NotFound
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import Duty
from iki_portal.extensions import db
from iki_portal.indicators.sight import NOT_FOUND, SeenSheet
from iki_portal.models import Comment, CommentEntry
from iki_portal.models.parameters import IDS


@dataclass(frozen=True, slots=True)
class Entry:
    step: CommentStep
    text: str
    author_name: str
    author_title: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One comment and its entries, oldest first."""

    id: int
    statement_id: int | None
    indicator_id: int | None
    place: str
    cell: Cell
    quote: str
    text: str
    duty: Duty | None
    author_id: int
    author_name: str
    author_title: str
    written_at: datetime
    state: CommentState
    version: int
    entries: tuple[Entry, ...] = ()

    @property
    def row(self) -> str:
        """Key of the row, as forms and anchors name it; "" when the row is no longer there."""
        return row_key(statement_id=self.statement_id, indicator_id=self.indicator_id)

    @property
    def where(self) -> str:
        """ "Kinerja 2", "Baris 2.1", "Baris 2.1, Sumber data"."""
        row = f"Baris {self.place}" if "." in self.place else f"Kinerja {self.place}"
        return row if self.cell is Cell.ROW else f"{row}, {CELL_WORDS[self.cell]}"


def row_key(*, statement_id: int | None = None, indicator_id: int | None = None) -> str:
    if indicator_id is not None:
        return f"indicator-{indicator_id}"
    return f"statement-{statement_id}" if statement_id is not None else ""


_COLUMNS = tuple(name for name in Thread.__slots__ if name != "entries")


@cache
def _threads() -> Select[*tuple[Any, ...]]:
    said = (CommentEntry.step, CommentEntry.text, CommentEntry.author_name, CommentEntry.author_title, CommentEntry.written_at)
    return (
        select(*(getattr(Comment, name) for name in _COLUMNS), *(each.label(f"entry_{each.key}") for each in said))
        .outerjoin(CommentEntry, CommentEntry.comment_id == Comment.id)
        .where(Comment.sheet_id.in_(IDS))
        .order_by(Comment.id, CommentEntry.id)
    )


def threads(sheet: SeenSheet, *, actor: Actor) -> list[Thread]:
    """The sheet's comments, oldest first; none for a reader whom its working papers do not concern."""
    if not may_read_comments(actor, sheet, sheet.route):
        return []
    found: dict[int, tuple[Row[Any], list[Entry]]] = {}
    for row in db.session.execute(_threads(), {"ids": [sheet.id]}):
        _, entries = found.setdefault(row.id, (row, []))
        if row.entry_step is not None:
            said = (row.entry_step, row.entry_text, row.entry_author_name, row.entry_author_title, row.entry_written_at)
            entries.append(Entry(*said))
    return [
        Thread(**{name: getattr(row, name) for name in _COLUMNS}, entries=tuple(entries)) for row, entries in found.values()
    ]


def row_places(paper: Paper) -> dict[str, str]:
    """Row key → printed number, as the rows stand now."""
    places = {}
    for statement in paper.statements:
        places[row_key(statement_id=statement.id)] = str(statement.number)
        for place, indicator in enumerate(statement.indicators, start=1):
            places[row_key(indicator_id=indicator.id)] = f"{statement.number}.{place}"
    return places


def thread_in_sight(comment_id: int, sheet: SeenSheet, *, actor: Actor) -> Thread:
    """Load and authorise in one act; raises `NotFound` for a comment of another sheet, or not for this person."""
    for thread in threads(sheet, actor=actor):
        if thread.id == comment_id:
            return thread
    raise NotFound(NOT_FOUND)


def unsettled_beside(sheet: SeenSheet, paper: Paper, *, actor: Actor) -> dict[str, list[Thread]]:
    """Row key → comments on that row that are not closed, for `components/row_comments.html`."""
    places = row_places(paper)
    beside: dict[str, list[Thread]] = {}
    for thread in threads(sheet, actor=actor):
        if thread.state is not CommentState.CLOSED and thread.row in places:
            beside.setdefault(thread.row, []).append(replace(thread, place=places[thread.row]))
    return beside


@cache
def _open_counts() -> Select[int, int]:
    number = func.count().label("number")
    open_ones = Comment.state == CommentState.OPEN
    return select(Comment.sheet_id, number).where(Comment.sheet_id.in_(IDS), open_ones).group_by(Comment.sheet_id)


def open_counts(sheet_ids: Sequence[int]) -> dict[int, int]:
    """How many comments wait on each of the reader's own sheets; sheets without any are left out."""
    return {row.sheet_id: row.number for row in db.session.execute(_open_counts(), {"ids": list(sheet_ids)})}
