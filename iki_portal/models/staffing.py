"""Workbooks of the organisation that operators upload, and what each of their rows would do."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from iki_portal.domain.staffing import Fate
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class StaffingState(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    COMPARING = "comparing"
    READ = "read"
    REFUSED = "refused"
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class StaffingWorkbook(Base):
    """One file, seen by every operator. An applied one is kept: it is what the history's entry speaks of."""

    __tablename__ = "staffing_workbook"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Made safe to show (domain/file_names.py); never used as a path.
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    state: Mapped[StaffingState] = mapped_column(word(StaffingState, "state"), default=StaffingState.QUEUED)
    #: Why the file could not be read, or why its preview was made anew: a sentence for the operator.
    remark: Mapped[str] = mapped_column(Text, default="")
    #: What was not read and does no harm, one a line.
    notices: Mapped[str] = mapped_column(Text, default="")
    #: Tab → fate → rows, and how many have warnings: JSON, so that a page counts nothing.
    counts: Mapped[str] = mapped_column(Text, default="")
    #: Of the organisation that the rows were compared with.
    fingerprint: Mapped[str] = mapped_column(String(200), default="")
    #: SHA-256 of every new and changed row: what is applied is what was shown; the history names it.
    seal: Mapped[str] = mapped_column(String(64), default="")
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_by: Mapped[str] = mapped_column(String(300))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When its reader or its application was asked for, or began.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    applied_by: Mapped[str] = mapped_column(String(300), default="")
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffingRow(Base):
    """One row of a workbook beside what stood; of an applied one the new and changed rows stay, as evidence."""

    __tablename__ = "staffing_row"
    __table_args__ = (Index("ix_staffing_row_workbook_id_fate_tab_place", "workbook_id", "fate", "tab", "place"),)

    workbook_id: Mapped[int] = mapped_column(ForeignKey("staffing_workbook.id"), primary_key=True)
    #: Its turn in the whole workbook, from 1.
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tab: Mapped[str] = mapped_column(String(20))
    #: The row of Excel; 0 for a tab that is missing.
    number: Mapped[int]
    fate: Mapped[Fate] = mapped_column(word(Fate, "fate"))
    has_warnings: Mapped[bool]
    title: Mapped[str] = mapped_column(Text)
    #: The unit, post, employee or assignment that stands; None for a new one.
    target_id: Mapped[int | None]
    #: Texts as they will be, those of changed columns as they were, problems, warnings: JSON.
    body: Mapped[str] = mapped_column(Text)
