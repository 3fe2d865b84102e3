"""Dialog kinerja: talks between two persons about a sheet, every text that was written of them, their place in the history."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.dialogue import TOPIC_LIMIT
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime

_OPEN = text("owner_confirmed_at IS NULL OR superior_confirmed_at IS NULL")


class Talk(Base):
    """One talk: whose it is, and who has confirmed the text that stands now (the newest `TalkWriting`).

    The names and titles of the two are kept as they were when it was begun.
    """

    __tablename__ = "talk"
    __table_args__ = (
        UniqueConstraint("sheet_id", "begun_by_id", "number"),
        CheckConstraint("owner_id <> superior_id", name="two_persons"),
        CheckConstraint("begun_by_id IN (owner_id, superior_id)", name="begun_by_one_of_them"),
        Index("ix_talk_sheet_id_id", "sheet_id", "id"),
        Index("ix_talk_owner_id_id", "owner_id", "id"),
        Index("ix_talk_superior_id_id", "superior_id", "id"),
        # what waits for somebody: holds only what is open, however many talks are over
        Index("ix_talk_open_owner_id", "owner_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_talk_open_superior_id", "superior_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    owner_name: Mapped[str] = mapped_column(String(400))
    owner_title: Mapped[str] = mapped_column(String(300))
    superior_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    superior_name: Mapped[str] = mapped_column(String(400))
    superior_title: Mapped[str] = mapped_column(String(300))
    #: By which post the superior takes part; the owner takes part by the sheet's.
    superior_post_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    #: The how manieth talk that this person began on this sheet: a form sent twice begins one.
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    number: Mapped[int]
    #: Of the text; a confirmation names the one that it is of, and does not raise it.
    version: Mapped[int] = mapped_column(default=1)
    owner_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    superior_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TalkWriting(Base):
    """The whole text of a talk as it stood after somebody had written; those before it stay."""

    __tablename__ = "talk_writing"
    __table_args__ = (
        UniqueConstraint("talk_id", "version"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint("follow_up_on >= held_on", name="follow_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talk.id"))
    version: Mapped[int]
    held_on: Mapped[date]
    quarter: Mapped[int | None]
    topic: Mapped[str] = mapped_column(String(TOPIC_LIMIT))
    owner_part: Mapped[str] = mapped_column(Text, default="")
    superior_part: Mapped[str] = mapped_column(Text, default="")
    agreed: Mapped[str] = mapped_column(Text, default="")
    follow_up: Mapped[str] = mapped_column(Text, default="")
    follow_up_on: Mapped[date | None]
    #: SHA-256 of the talk with this text, as the history names it.
    sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalkAct(Base):
    """Which talk a row of history is about. The row itself names no sheet: pages of the sheet must not tell of the talk."""

    __tablename__ = "talk_act"
    __table_args__ = (
        UniqueConstraint("history_number"),
        Index("ix_talk_act_talk_id_history_number", "talk_id", "history_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talk.id"))
    history_number: Mapped[int] = mapped_column(ForeignKey("history_entry.number"))
