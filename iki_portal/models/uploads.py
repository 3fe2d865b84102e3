"""Documents that people upload, from the queue to the drafts they became."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class UploadState(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    READ = "read"
    REFUSED = "refused"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class Upload(Base):
    """One file, seen by the account that sent it and by nobody else."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_uploaded_by_id_id", "uploaded_by_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    #: Made safe to show (domain/file_names.py); never used as a path.
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    #: Kept only as long as it may be read again.
    body: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    state: Mapped[UploadState] = mapped_column(word(UploadState, "state"), default=UploadState.QUEUED)
    #: Why the file could not be read, a sentence for the person who sent it.
    refusal: Mapped[str] = mapped_column(Text, default="")
    #: What was read, as JSON (indicators/understood.py): no page parses a file.
    understood: Mapped[str | None] = deferred(mapped_column(Text))
    #: What became of the sheets, as JSON (indicators/applying.py).
    outcome: Mapped[str] = mapped_column(Text, default="")
    #: An operator is no employee, so it is the account that is kept.
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_by: Mapped[str] = mapped_column(String(300))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When its reader was asked for, or began.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
