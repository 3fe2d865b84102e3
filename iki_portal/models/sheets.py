"""A post's sheet of one year in one revision, its statements and its indicators."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from iki_portal.domain.checks import KEY_LENGTH, text_key
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.domain.workflow import ReasonClass, State
from iki_portal.extensions import Base
from iki_portal.models.columns import Amount, UtcDateTime, word
from iki_portal.models.organisation import Position

IN_FORCE = text("state = 'approved'")
WAITING = text("state IN ('submitted', 'reviewed')")
IN_PREPARATION = text("state IN ('draft', 'submitted', 'reviewed')")


class Sheet(Base):
    """The state changes in one operation only; the database repeats what it can of the workflow's invariants."""

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("position_id", "year", "revision"),
        CheckConstraint(
            "(state IN ('approved', 'superseded')) = (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "state = 'draft' OR (submitted_by_id IS NOT NULL AND submitted_at IS NOT NULL AND content_hash IS NOT NULL)",
            name="submitted",
        ),
        CheckConstraint(
            "state NOT IN ('reviewed', 'approved', 'superseded') OR reviewer_id IS NULL"
            " OR (reviewed_by_id IS NOT NULL AND reviewed_at IS NOT NULL)",
            name="reviewed",
        ),
        CheckConstraint(
            "submitted_by_id <> reviewed_by_id AND submitted_by_id <> approved_by_id AND reviewed_by_id <> approved_by_id",
            name="different_persons",
        ),
        CheckConstraint("(revision = 1) = (reason_class IS NULL)", name="reason"),
        CheckConstraint(
            "(approved_at IS NULL) = (approved_title IS NULL) AND (approved_at IS NULL) = (approved_unit IS NULL)",
            name="approved_names",
        ),
        Index("uq_sheet_in_force", "position_id", "year", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        Index(
            "uq_sheet_in_preparation",
            "position_id",
            "year",
            unique=True,
            sqlite_where=IN_PREPARATION,
            postgresql_where=IN_PREPARATION,
        ),
        # what waits at a post, oldest first: holds only what waits, however many years lie behind
        *(
            Index(
                f"ix_sheet_waiting_{desk}", f"{desk}_id", "submitted_at", "id", sqlite_where=WAITING, postgresql_where=WAITING
            )
            for desk in ("reviewer", "approver")
        ),
        # sheets on which somebody of the approver's post may not decide (indicators/desks.py)
        Index("ix_sheet_approver_owner", "approver_id", "position_id"),
        Index("ix_sheet_approver_proposer", "approver_id", "submitted_by_id"),
        Index("ix_sheet_approver_reviewer", "approver_id", "reviewed_by_id"),
        Index("ix_sheet_year_order", "year", "order", "revision"),
        Index("ix_sheet_reviewer_state_proposer", "reviewer_id", "state", "submitted_by_id"),
        # since when posts that changed hands matter (approvals/unconfirmed.py)
        Index("ix_sheet_year_begun_on_state", "year", "begun_on", "state"),
        # how far a year is, and which posts lack a sheet (approvals/queries.py)
        Index("ix_sheet_year_state", "year", "state", "revision", "position_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[State] = mapped_column(word(State, "state"), default=State.DRAFT)
    #: Rises with every change of the sheet; a form carries the version it was drawn from.
    version: Mapped[int] = mapped_column(default=1)
    heading: Mapped[str] = mapped_column(default="")
    #: Place in the office's document; lists and exports follow it.
    order: Mapped[int]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    approver_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    reason_class: Mapped[ReasonClass | None] = mapped_column(word(ReasonClass, "reason_class"))
    reason_note: Mapped[str] = mapped_column(default="")
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The names of the post and of its unit as they were approved; those of today may be others.
    approved_title: Mapped[str | None] = mapped_column(String(200))
    approved_unit: Mapped[str | None] = mapped_column(String(200))
    #: SHA-256 of what was submitted (models/history.py, `SheetContent`).
    content_hash: Mapped[str | None] = mapped_column(String(64))
    #: The office's day on which the post's sheet of the year was begun, the same on each revision (domain/handover.py).
    begun_on: Mapped[date] = mapped_column(default=today_in_office)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(300), default="")

    position: Mapped[Position] = relationship(foreign_keys=[position_id], lazy="raise")
    statements: Mapped[list["Statement"]] = relationship(
        lazy="raise", order_by="Statement.number", cascade="all, delete-orphan", passive_deletes=False
    )


class Statement(Base):
    __tablename__ = "statement"
    __table_args__ = (Index("ix_statement_sheet_id_number", "sheet_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(default="")

    indicators: Mapped[list["Indicator"]] = relationship(lazy="raise", order_by="Indicator.order", cascade="all, delete-orphan")


class Indicator(Base):
    """One measured line. Empty texts and missing figures mean "not yet filled in"; nothing is invented."""

    __tablename__ = "indicator"
    __table_args__ = (
        Index("ix_indicator_statement_id_order", "statement_id", "order"),
        Index("ix_indicator_text_key", "text_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    order: Mapped[int]
    text: Mapped[str] = mapped_column(default="")
    formula: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    unit_of_measure: Mapped[str] = mapped_column(String(60), default="")
    polarity: Mapped[Polarity | None] = mapped_column(word(Polarity, "polarity"))
    aggregation: Mapped[Aggregation | None] = mapped_column(word(Aggregation, "aggregation"))
    target: Mapped[Decimal | None] = mapped_column(Amount)
    #: Upper bound of a range; for every other polarity empty.
    target_upper: Mapped[Decimal | None] = mapped_column(Amount)
    quarter_1: Mapped[Decimal | None] = mapped_column(Amount)
    quarter_2: Mapped[Decimal | None] = mapped_column(Amount)
    quarter_3: Mapped[Decimal | None] = mapped_column(Amount)
    quarter_4: Mapped[Decimal | None] = mapped_column(Amount)
    #: Last year's value.
    baseline: Mapped[Decimal | None] = mapped_column(Amount)
    #: Why a target of nought is meant ("semakin tinggi" cannot be computed from it).
    justification: Mapped[str] = mapped_column(default="")
    #: Code of the sub-kegiatan in the national nomenclature that pays for this row ("5.03.02.2.01.0006").
    sub_kegiatan_code: Mapped[str] = mapped_column(String(40), default="")
    # The formula in fields (domain/formulas.py); `formula` is the text that is printed.
    numerator: Mapped[str] = mapped_column(default="")
    denominator: Mapped[str] = mapped_column(default="")
    population: Mapped[str] = mapped_column(default="")
    record: Mapped[str] = mapped_column(default="")
    cut_off: Mapped[str] = mapped_column(default="")
    #: Finds the same words on other sheets; follows `text`.
    text_key: Mapped[str] = mapped_column(String(KEY_LENGTH), default="")

    @validates("text")
    def _follow_text(self, _name: str, text: str) -> str:
        self.text_key = text_key(text)
        return text

    @property
    def quarters(self) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
        return (self.quarter_1, self.quarter_2, self.quarter_3, self.quarter_4)
