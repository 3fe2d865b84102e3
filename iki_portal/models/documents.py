"""What the office writes for its year's decree, and the books composed from approved sheets and verified reports."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
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
    XLSX = "xlsx"


class BookSubject(StrEnum):
    """What a book is composed of."""

    #: The year's decree and its sheets.
    SHEETS = "sheets"
    #: Pengukuran Kinerja of a quarter or of the year.
    MEASUREMENT = "measurement"
    #: The figures of the office's yearly report (LKjIP).
    LKJIP = "lkjip"


class BookState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Book(Base):
    """One composition of a year's book, of the whole office or of one unit: asked for, under way, ready to be downloaded."""

    __tablename__ = "book"
    __table_args__ = (
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        Index("ix_book_year_id", "year", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    form: Mapped[BookForm] = mapped_column(word(BookForm, "form"))
    subject: Mapped[BookSubject] = mapped_column(
        word(BookSubject, "subject"), default=BookSubject.SHEETS, server_default=BookSubject.SHEETS.value
    )
    #: Of a measurement; None for the whole year.
    quarter: Mapped[int | None]
    #: Of a composition of reports, as it stands on it.
    title: Mapped[str] = mapped_column(String(400), default="", server_default="")
    #: Typed to check a printed composition; a book of sheets has none, its sheets have.
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    #: History numbers of the report copies that it was composed of, separated by spaces.
    sources: Mapped[str] = mapped_column(Text, default="", server_default="")
    state: Mapped[BookState] = mapped_column(word(BookState, "state"), default=BookState.QUEUED)
    #: Sheets composed so far, of how many.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the composer last gave a sign of life.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
