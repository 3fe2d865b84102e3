"""What happened and what it looked like: append-only, chained, guarded by triggers (models/guards.py)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import State
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class HistoryEntry(Base):
    """One act. `hash` keys (HMAC) everything in the row and the hash of the row before it.

    Names and titles are kept as they were on the day: the row must still read right when people have moved on.
    """

    __tablename__ = "history_entry"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        Index("ix_history_entry_sheet_id_number", "sheet_id", "number"),
        Index("ix_history_entry_at", "at"),
        Index("ix_history_entry_actor_id_at", "actor_id", "at"),
        Index("ix_history_entry_subject_id_at", "subject_id", "at"),
        Index("ix_history_entry_action_at", "action", "at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: A workflow step, or an act upon a whole year (`import`, `close_planning`).
    action: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("sheet.id"))
    revision: Mapped[int | None]
    from_state: Mapped[State | None] = mapped_column(word(State, "from_state"))
    to_state: Mapped[State | None] = mapped_column(word(State, "to_state"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    actor_name: Mapped[str] = mapped_column(String(400))
    #: The employee whom an act upon people, assignments or accounts is about; unknown of acts from before this column.
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    acting_position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    #: "Plt. Kepala Bidang …", as the person signed.
    acting_title: Mapped[str] = mapped_column(String(300), default="")
    acting_kind: Mapped[AssignmentKind | None] = mapped_column(word(AssignmentKind, "acting_kind"))
    note: Mapped[str] = mapped_column(Text, default="")
    #: Rows that a return points at: indicator numbers like "2" or "2.1", separated by spaces.
    rows: Mapped[str] = mapped_column(Text, default="")
    sheet_version: Mapped[int | None]
    #: SHA-256 of what the act was about: the submitted content, or, of an approval and of a verification, the frozen copy
    #: (which names its content).
    content_hash: Mapped[str | None] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(8))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class HistoryHead(Base):
    """The one row that everybody who writes history locks first; without it concurrent acts break the chain."""

    __tablename__ = "history_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class OrganisationAct(Base):
    """Which unit or post a row of history is about, so that its page tells its past; one row may be about many."""

    __tablename__ = "organisation_act"
    __table_args__ = (
        CheckConstraint("(unit_id IS NULL) <> (position_id IS NULL)", name="one_subject"),
        Index("ix_organisation_act_unit_id_history_number", "unit_id", "history_number"),
        Index("ix_organisation_act_position_id_history_number", "position_id", "history_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    history_number: Mapped[int] = mapped_column(ForeignKey("history_entry.number"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))


class SheetContent(Base):
    """What was submitted, word for word (canonical JSON), under its own SHA-256."""

    __tablename__ = "sheet_content"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FrozenCopy(Base):
    """Everything printed on an approved revision (canonical JSON): every later print comes from here alone.

    Copies made before documents existed have no register number and no code.
    """

    __tablename__ = "frozen_copy"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    history_number: Mapped[int] = mapped_column(ForeignKey("history_entry.number"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    #: "2027-0007": the seventh sheet approved for 2027.
    register: Mapped[str | None] = mapped_column(String(20), unique=True)
    #: Typed to check a print: unguessable, without letters that look alike (domain/codes.py).
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IssuedPrint(Base):
    """The official PDF of an approved revision, byte for byte: what is downloaded today and in ten years is this file."""

    __tablename__ = "issued_print"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("frozen_copy.sheet_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: With a certificate (PAdES): only then may the portal say so.
    is_signed: Mapped[bool]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
