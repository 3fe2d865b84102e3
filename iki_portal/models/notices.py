"""What the portal tells people, and the mail that waits to go out. Both are written with the step they tell of."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.notices import NoticeKind
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word

_UNREAD = text("read_at IS NULL")
_WAITING = text("sent_at IS NULL AND failed_at IS NULL")


class Notice(Base):
    """One thing told to one person. Names are looked up when it is read, and only if its reader may see the sheet."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("employee_id", "key"),
        Index("ix_notice_employee_id_id", "employee_id", "id"),
        # every page counts what is unread; it holds no more than that, however much was read before
        Index("ix_notice_unread", "employee_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_notice_unread_sheet", "sheet_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: What exactly it tells of: telling it again changes nothing.
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[NoticeKind] = mapped_column(word(NoticeKind, "kind"))
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("sheet.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    year: Mapped[int | None]
    day: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Read; or what it asks for was done, by whomever.
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutgoingMail(Base):
    """One mail from the moment it is owed until it was sent or given up. The address is looked up when it is sent."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        UniqueConstraint("employee_id", "key"),
        CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="one_end"),
        Index("ix_outgoing_mail_waiting", "next_try_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    key: Mapped[str] = mapped_column(String(80))
    #: The same on every repeat, so that a reader's mailbox can tell that it is one.
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    #: Due from then on; a sender that takes it moves this on, so that nobody else takes it meanwhile.
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(300), default="")


class Reminder(Base):
    """A desk was reminded on that day: at most once, whoever presses the button at the same moment."""

    __tablename__ = "reminder"

    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True, autoincrement=False)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), primary_key=True, autoincrement=False)
    reminded_on: Mapped[date] = mapped_column(primary_key=True)


class DailyRound(Base):
    """The round of that day (deadlines, posts that begin and end, digests) was made."""

    __tablename__ = "daily_round"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
