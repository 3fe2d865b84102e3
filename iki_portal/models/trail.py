"""Who came in, who was refused, what left the portal: a second chain beside the history, and when both were last checked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word

_NAMES_A_FILE = text("content_hash IS NOT NULL")


class TrailEvent(Base):
    """One event, chained like a `HistoryEntry`. Never an address or a browser: those must be deletable (UU 27/2022)."""

    __tablename__ = "trail_event"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        Index("ix_trail_event_at", "at"),
        Index("ix_trail_event_account_id_at", "account_id", "at"),
        Index("ix_trail_event_actor_id_at", "actor_id", "at"),
        Index("ix_trail_event_action_at", "action", "at"),
        Index("ix_trail_event_sheet_id_at", "sheet_id", "at"),
        # was this very file handed out? (Periksa dokumen)
        Index("ix_trail_event_content_hash", "content_hash", sqlite_where=_NAMES_A_FILE, postgresql_where=_NAMES_A_FILE),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(20))
    #: None for what the portal or its command line did.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: As they were that day.
    actor_name: Mapped[str] = mapped_column(String(400))
    acting_title: Mapped[str] = mapped_column(Text, default="")
    #: Of a refusal: method and path. Of a download: the name of the file. Of a print: its register number.
    place: Mapped[str] = mapped_column(String(200), default="")
    #: The performance year of what was downloaded.
    year: Mapped[int | None]
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("sheet.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    #: SHA-256 of the file that left the portal, or that was issued.
    content_hash: Mapped[str | None] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(8))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class TrailHead(Base):
    """The one row that everybody who writes to the trail locks first. Whoever needs both heads takes the history's before."""

    __tablename__ = "trail_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class CheckScope(StrEnum):
    #: The newest rows, when the portal starts.
    TAIL = "tail"
    FULL = "full"


class AuditCheck(Base):
    """When the records were checked and what was found; where the heads stood then is held against the chains ever after."""

    __tablename__ = "audit_check"
    __table_args__ = (Index("ix_audit_check_scope_id", "scope", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scope: Mapped[CheckScope] = mapped_column(word(CheckScope, "scope"))
    #: Of the portal that checked.
    version: Mapped[str] = mapped_column(String(20))
    #: Rows of both chains that were recomputed, and copies, prints, contents and sheets compared.
    rows: Mapped[int]
    compared: Mapped[int]
    history_number: Mapped[int]
    history_hash: Mapped[str] = mapped_column(String(64))
    trail_number: Mapped[int]
    trail_hash: Mapped[str] = mapped_column(String(64))
    problems: Mapped[int]
    #: The first of them, a sentence each line; empty when everything held.
    found: Mapped[str] = mapped_column(Text, default="")
