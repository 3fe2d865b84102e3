"""Writing a comment on a row, and moving it on. Every word is one row that stays; only the comment's state changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from iki_portal.approvals.telling import tell_of_answer, tell_of_comment
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.domain import comments
from iki_portal.domain.comments import MOVES, QUOTE_LIMIT, Cell, CommentState, CommentStep, Voice
from iki_portal.domain.errors import Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Actor, Verdict
from iki_portal.extensions import db
from iki_portal.history.operations import author
from iki_portal.indicators.comments import Thread, row_key, row_places
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import NOT_FOUND, SeenSheet
from iki_portal.models import Comment, CommentEntry, Sheet

ROW_GONE = "Baris yang Anda komentari sudah tidak ada pada lembar ini."


def write_comment(sheet: SeenSheet, *, actor: Actor, row: str, cell: Cell, text: str, now: datetime) -> int:
    """Comment on the row with that key, or on one cell of it; returns the comment's id. What is sent twice is said once.

    Raises `Incomplete` for a text that is empty or too long, `Invalid` when the row is no longer there.
    """
    if not comments.may_read_comments(actor, sheet, sheet.route):
        raise NotFound(NOT_FOUND)
    if reason := comments.closed_because(sheet):
        raise WrongState(reason)
    voice = _voice(actor, sheet, comments.may_comment(actor, sheet, sheet.route))
    text = comments.check_text(text)
    _hold(sheet, alone=True)
    about = _about(papers([sheet.id])[sheet.id], row, cell)
    if said := _said_already(sheet, about, text, actor):
        return said
    comment = Comment(
        sheet_id=sheet.id,
        **about,
        text=text,
        duty=voice.duty,
        **_said_by(actor, voice, now),
        state=CommentState.OPEN,
        version=1,
    )
    db.session.add(comment)
    db.session.flush()
    tell_of_comment(sheet, actor=actor, now=now)
    return comment.id


def move_comment(
    sheet: SeenSheet, thread: Thread, step: CommentStep, *, actor: Actor, seen: int, text: str = "", now: datetime
) -> None:
    """Answer, tick off, close or open again. Raises `Outdated` when somebody did something about it since version `seen`."""
    if thread.version != seen:
        raise Outdated(_too_late(thread))
    if reason := comments.impossible_because(step, thread, sheet):
        raise WrongState(reason)
    voice = _voice(actor, sheet, comments.may_act(actor, step, thread, sheet, sheet.route))
    text = comments.check_text(text, is_needed=step is CommentStep.REPLY)
    _hold(sheet)
    moved = db.session.execute(
        update(Comment)
        .where(Comment.id == thread.id, Comment.state == thread.state, Comment.version == seen)
        .values({Comment.state: MOVES[step, thread.state], Comment.version: seen + 1})
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Orang lain baru saja menanggapi komentar ini.")
    db.session.add(CommentEntry(comment_id=thread.id, step=step, text=text, **_said_by(actor, voice, now)))
    db.session.flush()
    tell_of_answer(sheet, thread.id, to=thread.author_id, seen=seen, actor=actor, now=now)


def _voice(actor: Actor, sheet: SeenSheet, verdict: Verdict) -> Voice:
    speaks = comments.voice(actor, sheet, sheet.route)
    if not verdict or speaks is None:
        raise NotAllowed(verdict.reason)
    return speaks


def _said_by(actor: Actor, voice: Voice, now: datetime) -> dict[str, Any]:
    """Who spoke and when; by value, as names and titles were that day."""
    by = author(actor, voice.mandate)
    return {
        "author_id": by.actor_id,
        "author_name": by.actor_name,
        "author_title": by.acting_title,
        "written_at": now,
    }


def _hold(sheet: SeenSheet, *, alone: bool = False) -> None:
    """Nobody may decide on the sheet, or take a row out of it, while something is said about it; `alone`: nor say more."""
    held = select(Sheet.id).where(Sheet.id == sheet.id, Sheet.state == sheet.state)
    locked = held.with_for_update(key_share=True) if alone else held.with_for_update(read=True)
    if db.session.scalar(locked) is None:
        raise Outdated("Lembar ini baru saja berpindah status.")


def _said_already(sheet: SeenSheet, about: dict[str, Any], text: str, actor: Actor) -> int | None:
    """The same words of the same person on the same cell, which nobody has answered yet: a form that was sent again."""
    same = [getattr(Comment, name) == about[name] for name in ("statement_id", "indicator_id", "cell")]
    query = select(Comment.id).where(Comment.sheet_id == sheet.id, Comment.author_id == actor.employee_id, *same)
    return db.session.scalar(query.where(Comment.text == text, Comment.version == 1).limit(1))


def _too_late(thread: Thread) -> str:
    last = thread.entries[-1] if thread.entries else None
    if last is None:
        return "Komentar ini berubah sesudah halaman Anda dibuka."
    return f"{last.author_name} {comments.COMMENT_STEP_SAID[last.step]} sesudah halaman Anda dibuka."


def _about(paper: Paper, row: str, cell: Cell) -> dict[str, Any]:
    """Which row and cell; by value too, because the owner may delete the row."""
    found = _find(paper, row)
    of_statement = isinstance(found, PaperStatement)
    return {
        "statement_id": found.id if of_statement else None,
        "indicator_id": None if of_statement else found.id,
        "place": row_places(paper)[row],
        "cell": Cell.ROW if of_statement else cell,
        "quote": _quote(found, cell),
    }


def _find(paper: Paper, row: str) -> PaperStatement | PaperIndicator:
    for statement in paper.statements:
        if row == row_key(statement_id=statement.id):
            return statement
        for indicator in statement.indicators:
            if row == row_key(indicator_id=indicator.id):
                return indicator
    raise Invalid(ROW_GONE)


def _quote(row: PaperStatement | PaperIndicator, cell: Cell) -> str:
    """The words that were commented on; of a figure, the indicator it belongs to."""
    quoted = (
        cell if cell in (Cell.FORMULA, Cell.SOURCE, Cell.UNIT_OF_MEASURE) and isinstance(row, PaperIndicator) else Cell.TEXT
    )
    text = " ".join((getattr(row, quoted) or row.text).split())
    return text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1] + "…"
