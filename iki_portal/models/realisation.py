"""What was achieved in each quarter, reported against the revision in force: figures and evidence only grow."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.attachments import AttachmentKind
from iki_portal.domain.realisation import ReportState
from iki_portal.extensions import Base
from iki_portal.models.columns import Amount, UtcDateTime, word

_REPORTED = text("state IN ('submitted', 'verified')")
_TO_VERIFY = text("state = 'submitted'")
_STANDING = text("withdrawn_at IS NULL AND sha256 IS NOT NULL")


class QuarterWindow(Base):
    """When a quarter is reported, where an operator set other days than the default (domain/quarters.py)."""

    __tablename__ = "quarter_window"
    __table_args__ = (
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint("opens_on <= deadline_on", name="days"),
        CheckConstraint("reopened_until IS NULL OR reopened_until > deadline_on", name="reopened"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True, autoincrement=False)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens_on: Mapped[date]
    deadline_on: Mapped[date]
    #: Reports are taken again until that day, as late ones.
    reopened_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(300), default="")


class RealisationReport(Base):
    """The report of one quarter of a sheet. Its state moves in one operation; its post and year stand beside the sheet
    so that the database can refuse a second report of the quarter by another revision."""

    __tablename__ = "realisation_report"
    __table_args__ = (
        UniqueConstraint("sheet_id", "quarter"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint(
            "state NOT IN ('submitted', 'verified')"
            " OR (submitted_by_id IS NOT NULL AND submitted_at IS NOT NULL AND content_hash IS NOT NULL)",
            name="submitted",
        ),
        CheckConstraint(
            "(state = 'verified') = (verified_by_id IS NOT NULL AND verified_at IS NOT NULL)",
            name="verified",
        ),
        CheckConstraint("submitted_by_id <> verified_by_id", name="different_persons"),
        Index(
            "uq_realisation_report_reported",
            "position_id",
            "year",
            "quarter",
            unique=True,
            sqlite_where=_REPORTED,
            postgresql_where=_REPORTED,
        ),
        Index("ix_realisation_report_position_id_year", "position_id", "year"),
        # how far the quarters of a year are, without reading the reports
        Index("ix_realisation_report_year_quarter_state", "year", "quarter", "state", "position_id"),
        # what waits to be verified: holds only that, however many quarters lie behind
        Index("ix_realisation_report_to_verify", "submitted_at", "id", sqlite_where=_TO_VERIFY, postgresql_where=_TO_VERIFY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    quarter: Mapped[int]
    state: Mapped[ReportState] = mapped_column(word(ReportState, "state"), default=ReportState.DRAFT)
    #: Rises with every change of the report; a form carries the version it was drawn from.
    version: Mapped[int] = mapped_column(default=1)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: When it was last submitted; it stays while the report is mended, and says that there was something before.
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Submitted for the first time after the deadline.
    is_late: Mapped[bool] = mapped_column(default=False)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: SHA-256 of what was submitted (models/history.py, `SheetContent`).
    content_hash: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(300), default="")


class RealisationEntry(Base):
    """What somebody wrote of one indicator; the newest row of a report counts, and those before it stay."""

    __tablename__ = "realisation_entry"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value"),
        CheckConstraint("numerator >= 0", name="numerator"),
        CheckConstraint("denominator > 0", name="denominator"),
        CheckConstraint("value IS NULL OR (numerator IS NULL AND denominator IS NULL)", name="one_kind"),
        Index("ix_realisation_entry_report_id_indicator_id_id", "report_id", "indicator_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("realisation_report.id"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    value: Mapped[Decimal | None] = mapped_column(Amount)
    numerator: Mapped[Decimal | None] = mapped_column(Amount)
    denominator: Mapped[Decimal | None] = mapped_column(Amount)
    note: Mapped[str] = mapped_column(Text, default="")
    obstacle: Mapped[str] = mapped_column(Text, default="")
    follow_up: Mapped[str] = mapped_column(Text, default="")
    #: Why a figure that was submitted before is another one now.
    reason: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Base):
    """Evidence for one indicator of a report. The file lies in the store under its SHA-256 (realisation/store.py).

    Taken back, the row and the file stay; it only counts no more.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("(kind = 'link') = (sha256 IS NULL) AND (sha256 IS NULL) = (size IS NULL)", name="file"),
        CheckConstraint("(kind = 'link') = (url IS NOT NULL)", name="link"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        Index(
            "uq_attachment_file",
            "report_id",
            "indicator_id",
            "sha256",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index("ix_attachment_report_id_id", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("realisation_report.id"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    kind: Mapped[AttachmentKind] = mapped_column(word(AttachmentKind, "kind"))
    #: The file's name as it was sent, cleaned; of a link nothing.
    name: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str | None] = mapped_column(String(64))
    #: In bytes.
    size: Mapped[int | None]
    url: Mapped[str | None] = mapped_column(String(1000))
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(400))


class ReportCopy(Base):
    """Everything that Pengukuran Kinerja of a quarter prints, as it was verified (canonical JSON): every later print comes
    from here alone. A correction leaves it standing; the next verification adds another one, and the newest counts.
    """

    __tablename__ = "report_copy"
    __table_args__ = (Index("ix_report_copy_report_id_history_number", "report_id", "history_number"),)

    #: The row of history that verified; it names `sha256`.
    history_number: Mapped[int] = mapped_column(ForeignKey("history_entry.number"), primary_key=True, autoincrement=False)
    report_id: Mapped[int] = mapped_column(ForeignKey("realisation_report.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    #: "2027-TW1-0007": the seventh report of that quarter that was verified.
    register: Mapped[str] = mapped_column(String(20), unique=True)
    #: Typed to check a print, as that of a sheet (domain/codes.py).
    code: Mapped[str] = mapped_column(String(20), unique=True)
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
