"""What the year sets of the quality check, what owners answer to it, and how many findings each sheet has."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.quality import REASON_LIMIT, Severity
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class RuleSetting(Base):
    """How severe a rule is in one year, where that is not the rule's own; the history keeps what it was before."""

    __tablename__ = "rule_setting"

    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True)
    rule: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    severity: Mapped[Severity] = mapped_column(word(Severity, "severity"))
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT))
    set_by: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class FindingAnswer(Base):
    """Why the owner means it so. Kept while the sheet is a draft, unchanged afterwards (models/guards.py)."""

    __tablename__ = "finding_answer"
    __table_args__ = (UniqueConstraint("sheet_id", "rule", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    rule: Mapped[int]
    #: `Spot.place`: an indicator or a statement by its id, or the whole sheet.
    place: Mapped[str] = mapped_column(String(30))
    #: What the finding said; another wording is not answered by this.
    about: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT))
    answered_by: Mapped[str] = mapped_column(String(300))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FindingCount(Base):
    """How often a rule sees something on a sheet: lists show it without reading the sheets (decision 0015)."""

    __tablename__ = "finding_count"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    rule: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    found: Mapped[int]
    answered: Mapped[int]
