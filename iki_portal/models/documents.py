"""What the office writes for its year's decree, and the books composed from approved sheets."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class DecreeText(Base):
    """The words of one year's "Keputusan Kepala Badan"; each line of a text is one item. Empty parts are not printed."""

    __tablename__ = "decree_text"

    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(300), default="")
    number: Mapped[str] = mapped_column(String(100), default="")
    decided_on: Mapped[date | None]
    considering: Mapped[str] = mapped_column(Text, default="")
    recalling: Mapped[str] = mapped_column(Text, default="")
    deciding: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(300), default="")


class BookForm(StrEnum):
    PDF = "pdf"
    DOCX = "docx"


class BookState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Book(Base):
    """One composition of a year's book, or of one bidang's: asked for, under way, ready to be downloaded."""

    __tablename__ = "book"
    __table_args__ = (Index("ix_book_year_id", "year", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    form: Mapped[BookForm] = mapped_column(word(BookForm, "form"))
    state: Mapped[BookState] = mapped_column(word(BookState, "state"), default=BookState.QUEUED)
    #: Sheets set so far, of how many.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the composer last gave a sign of life.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
