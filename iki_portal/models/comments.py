"""Comments on rows of a sheet in preparation, and everything that was answered: kept with the revision, never deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.comments import QUOTE_LIMIT, Cell, CommentState, CommentStep
from iki_portal.domain.workflow import Duty
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class Comment(Base):
    """One remark. Its state is where the last `CommentEntry` left it; everything else stands as it was written.

    The owner of a draft may delete the row: the database then lets go of its id (SQLite gives ids of deleted rows out
    again, and the remark must not wander to another row), and `place` and `quote` still say what was meant.
    """

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("statement_id IS NULL OR indicator_id IS NULL", name="one_row"),
        Index("ix_comment_sheet_id_id", "sheet_id", "id"),
        Index("ix_comment_statement_id", "statement_id"),
        Index("ix_comment_indicator_id", "indicator_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id", ondelete="SET NULL"))
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id", ondelete="SET NULL"))
    #: Number of the row as it was printed: "2" for a statement, "2.1" for an indicator.
    place: Mapped[str] = mapped_column(String(10))
    cell: Mapped[Cell] = mapped_column(word(Cell, "cell"))
    quote: Mapped[str] = mapped_column(String(QUOTE_LIMIT), default="")
    text: Mapped[str] = mapped_column(Text)
    #: As what the author spoke; None: as the Kepala Badan, above the route.
    duty: Mapped[Duty | None] = mapped_column(word(Duty, "duty"))
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[CommentState] = mapped_column(word(CommentState, "state"), default=CommentState.OPEN)
    #: Rises with every entry; a form carries the version it was drawn from.
    version: Mapped[int] = mapped_column(default=1)


class CommentEntry(Base):
    """What somebody did about a comment and said with it: an answer, a tick, closed, opened again."""

    __tablename__ = "comment_entry"
    __table_args__ = (Index("ix_comment_entry_comment_id_id", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    step: Mapped[CommentStep] = mapped_column(word(CommentStep, "step"))
    text: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
