"""What verified reports come to (domain/results.py), kept beside them by realisation/results.py."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.measurement import Outcome
from iki_portal.extensions import Base
from iki_portal.models.columns import Amount, word

_FELL = text("fall IS NOT NULL")


class _Tally:
    """The columns of a `Tally`."""

    #: All indicators of the sheet; those below are parts of them.
    indicators: Mapped[int] = mapped_column(sort_order=1)
    measured: Mapped[int] = mapped_column(sort_order=1)
    untargeted: Mapped[int] = mapped_column(sort_order=1)
    uncomputable: Mapped[int] = mapped_column(sort_order=1)
    unreported: Mapped[int] = mapped_column(sort_order=1)
    #: Of the measured ones, in per cent.
    capped_sum: Mapped[Decimal] = mapped_column(Amount, sort_order=1)


class ReportResult(_Tally, Base):
    """One verified report, against the targets of its revision; it goes when the report is opened for correction."""

    __tablename__ = "report_result"
    __table_args__ = (
        CheckConstraint("measured + untargeted + uncomputable + unreported = indicators", name="parts"),
        Index("ix_report_result_year_quarter", "year", "quarter"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("realisation_report.id"), primary_key=True, autoincrement=False)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    year: Mapped[int]
    quarter: Mapped[int]
    #: SHA-256 of what was verified.
    content_hash: Mapped[str] = mapped_column(String(64))


class YearResult(_Tally, Base):
    """A post's year up to its last verified quarter, against the yearly targets of the newest revision that has one."""

    __tablename__ = "year_result"
    __table_args__ = (
        CheckConstraint("measured + untargeted + uncomputable + unreported = indicators", name="parts"),
        Index("ix_year_result_year", "year"),
    )

    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True, autoincrement=False)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    #: How many quarters are verified, and the last of them.
    quarters: Mapped[int]
    last_quarter: Mapped[int]


class IndicatorResult(Base):
    """An indicator's year: each verified quarter, and the year so far. What an earlier revision reported stands at the same
    words of the newest one, or by itself where they are gone; then the year says nothing of it."""

    __tablename__ = "indicator_result"
    __table_args__ = (
        Index("ix_indicator_result_position_id_year", "position_id", "year"),
        # what fell most: holds only what fell
        Index("ix_indicator_result_fall", "year", "fall", sqlite_where=_FELL, postgresql_where=_FELL),
    )

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True, autoincrement=False)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    year: Mapped[int]
    outcome_1: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome_1"))
    realised_1: Mapped[Decimal | None] = mapped_column(Amount)
    capped_1: Mapped[Decimal | None] = mapped_column(Amount)
    outcome_2: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome_2"))
    realised_2: Mapped[Decimal | None] = mapped_column(Amount)
    capped_2: Mapped[Decimal | None] = mapped_column(Amount)
    outcome_3: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome_3"))
    realised_3: Mapped[Decimal | None] = mapped_column(Amount)
    capped_3: Mapped[Decimal | None] = mapped_column(Amount)
    outcome_4: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome_4"))
    realised_4: Mapped[Decimal | None] = mapped_column(Amount)
    capped_4: Mapped[Decimal | None] = mapped_column(Amount)
    year_outcome: Mapped[Outcome | None] = mapped_column(word(Outcome, "year_outcome"))
    year_realised: Mapped[Decimal | None] = mapped_column(Amount)
    year_capped: Mapped[Decimal | None] = mapped_column(Amount)
    #: Points lost between the last two quarters that have a figure, and the later of them.
    fall: Mapped[Decimal | None] = mapped_column(Amount)
    fell_in: Mapped[int | None]
