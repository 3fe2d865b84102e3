"""The office's goals of a period, and which indicator supports which: no content of a sheet, approved ones are linked, too."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.cascade import LINK_NOTE_LIMIT
from iki_portal.domain.checks import KEY_LENGTH
from iki_portal.domain.goals import NAME_LIMIT, GoalLevel
from iki_portal.domain.targets import UNIT_LIMIT, Polarity
from iki_portal.extensions import Base
from iki_portal.models.columns import Amount, UtcDateTime, word

_TO_A_ROW = text("ended_at IS NULL AND key_indicator_id IS NULL")
_TO_AN_IKU = text("ended_at IS NULL AND parent_id IS NULL")


class Changed:
    """Who wrote it last; its past stands in the history."""

    version: Mapped[int] = mapped_column(default=1, sort_order=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=1)
    changed_by: Mapped[str] = mapped_column(String(300), default="", sort_order=1)


class Withdrawable(Changed):
    """Withdrawn it counts no more; the row stays, because links and the history name it."""

    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=1)


class GoalPeriod(Changed, Base):
    """The years of one strategic plan; no two periods share a year (domain/goals.py)."""

    __tablename__ = "goal_period"
    __table_args__ = (CheckConstraint("first_year <= last_year AND first_year >= 2000 AND last_year <= 2100", name="years"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    first_year: Mapped[int]
    last_year: Mapped[int]


class Goal(Withdrawable, Base):
    """A tujuan, or a sasaran under one."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("(level = 'purpose') = (superior_id IS NULL)", name="under_a_purpose"),
        CheckConstraint("id <> superior_id", name="other_goal"),
        Index("ix_goal_period_id_order", "period_id", "order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("goal_period.id"))
    level: Mapped[GoalLevel] = mapped_column(word(GoalLevel, "level"))
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("goal.id"))
    order: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class KeyIndicator(Withdrawable, Base):
    """An IKU: by what a goal is measured."""

    __tablename__ = "key_indicator"
    __table_args__ = (
        CheckConstraint("polarity IN ('maximize', 'minimize')", name="direction"),
        Index("ix_key_indicator_goal_id_order", "goal_id", "order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id"))
    order: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    unit_of_measure: Mapped[str] = mapped_column(String(UNIT_LIMIT))
    polarity: Mapped[Polarity] = mapped_column(word(Polarity, "polarity"))


class KeyIndicatorTarget(Base):
    """The target of an IKU in one year of its period; empty where there is none."""

    __tablename__ = "key_indicator_target"
    __table_args__ = (CheckConstraint("target >= 0", name="target"),)

    key_indicator_id: Mapped[int] = mapped_column(ForeignKey("key_indicator.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[Decimal | None] = mapped_column(Amount)


class CascadeLink(Base):
    """An indicator supports an indicator of another post, or an IKU.

    Indicators are named by post, year and words (`Indicator.text_key`), so that a link holds on each revision that says the
    same; the texts stand beside them as they were read when it was made. Taken back, the row stays.
    """

    __tablename__ = "cascade_link"
    __table_args__ = (
        CheckConstraint("(parent_id IS NULL) <> (key_indicator_id IS NULL)", name="one_parent"),
        CheckConstraint("(parent_id IS NULL) = (parent_key IS NULL)", name="parent_words"),
        CheckConstraint("position_id <> parent_id", name="other_post"),
        CheckConstraint("text_key <> '' AND parent_key <> ''", name="words"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_cascade_link_row",
            "year",
            "position_id",
            "text_key",
            "parent_id",
            "parent_key",
            unique=True,
            sqlite_where=_TO_A_ROW,
            postgresql_where=_TO_A_ROW,
        ),
        Index(
            "uq_cascade_link_iku",
            "year",
            "position_id",
            "text_key",
            "key_indicator_id",
            unique=True,
            sqlite_where=_TO_AN_IKU,
            postgresql_where=_TO_AN_IKU,
        ),
        Index("ix_cascade_link_position_id_year", "position_id", "year"),
        Index("ix_cascade_link_parent_id_year", "parent_id", "year"),
        Index("ix_cascade_link_key_indicator_id_year", "key_indicator_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    text_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    text: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    parent_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    key_indicator_id: Mapped[int | None] = mapped_column(ForeignKey("key_indicator.id"))
    parent_text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(LINK_NOTE_LIMIT), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    author_name: Mapped[str] = mapped_column(String(400))
    author_title: Mapped[str] = mapped_column(String(300))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(400))
