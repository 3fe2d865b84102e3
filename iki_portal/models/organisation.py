"""Units, posts, people, and who holds which post from when to when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.measurement import DEFAULT_CAP
from iki_portal.domain.office import DutyKind, PositionKind, UnitKind, YearStage, post_name
from iki_portal.domain.people import AssignmentKind, EmployeeKind, full_name
from iki_portal.domain.scales import DEFAULT_SCALE
from iki_portal.extensions import Base
from iki_portal.models.columns import Amount, UtcDateTime, word


class OfficeText(Base):
    """What the office says of itself on paper, in one row; an empty text prints nothing (documents/printed.py, `Office`)."""

    __tablename__ = "office_text"
    __table_args__ = (CheckConstraint("id = 1", name="single"), CheckConstraint("page_size IN ('a4', 'f4')", name="page_size"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    government: Mapped[str] = mapped_column(String(200), default="")
    agency: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[str] = mapped_column(String(60), default="")
    page_size: Mapped[str] = mapped_column(String(2), default="a4")
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(300), default="")


_Text = InstrumentedAttribute[str]
_LaterText = InstrumentedAttribute[str | None]
_LaterDay = InstrumentedAttribute[date | None]
#: The office's day at the moment a statement is executed, however long ago it was built.
_OFFICE_DAY = bindparam("office_day", type_=Date, callable_=today_in_office)


def _name_today(given: _Text, later: _LaterText, later_on: _LaterDay) -> ColumnElement[str]:
    """In SQL: the name that holds today, of the one given and the one that follows it on a day."""
    name: ColumnElement[str] = case((later_on <= _OFFICE_DAY, later), else_=given)
    return name


class Dated:
    """What of a unit or a post changes on a day, without a task of the night that must notice it (decision 0021)."""

    #: From this day the later name holds.
    next_on: Mapped[date | None] = mapped_column(sort_order=1)
    #: From this day it is no more.
    closed_on: Mapped[date | None] = mapped_column(sort_order=1)
    version: Mapped[int] = mapped_column(default=1, sort_order=1)

    @property
    def is_renamed(self) -> bool:
        """The later name holds already."""
        return self.next_on is not None and self.next_on <= today_in_office()

    @hybrid_property
    def is_closed(self) -> bool:
        """It is no more."""
        return self.closed_on is not None and self.closed_on <= today_in_office()

    @is_closed.inplace.expression
    @classmethod
    def _is_closed(cls) -> ColumnElement[bool]:
        return and_(cls.closed_on.is_not(None), cls.closed_on <= _OFFICE_DAY)


class Unit(Dated, Base):
    """A part of the office. `code` is its key in workbooks; its name may be another one from a day on (decision 0021)."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(
            "(next_on IS NULL) = (next_name IS NULL) AND (next_on IS NULL) = (next_short_name IS NULL)", name="next_name"
        ),
        CheckConstraint("id <> superior_id", name="other_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    given_name: Mapped[str] = mapped_column("name", String(200), unique=True)
    given_short_name: Mapped[str] = mapped_column("short_name", String(60))
    #: The names that hold from `next_on`.
    next_name: Mapped[str | None] = mapped_column(String(200))
    next_short_name: Mapped[str | None] = mapped_column(String(60))
    kind: Mapped[UnitKind] = mapped_column(word(UnitKind, "kind"))
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    order: Mapped[int]

    @hybrid_property
    def name(self) -> str:
        return (self.next_name or "") if self.is_renamed else self.given_name

    @name.inplace.expression
    @classmethod
    def _name(cls) -> ColumnElement[str]:
        return _name_today(cls.given_name, cls.next_name, cls.next_on)

    @hybrid_property
    def short_name(self) -> str:
        return (self.next_short_name or "") if self.is_renamed else self.given_short_name

    @short_name.inplace.expression
    @classmethod
    def _short_name(cls) -> ColumnElement[str]:
        return _name_today(cls.given_short_name, cls.next_short_name, cls.next_on)


class Position(Dated, Base):
    """One seat. `code` is its key for people who script; the title is not: 12 posts share one, and it may be another one
    from a day on (decision 0021)."""

    __tablename__ = "position"
    __table_args__ = (
        CheckConstraint("reviewer_id IS NULL OR approver_id IS NOT NULL", name="route"),
        CheckConstraint("id <> superior_id AND id <> reviewer_id AND id <> approver_id", name="other_posts"),
        CheckConstraint(
            "(next_on IS NULL) = (next_title IS NULL) AND (next_on IS NULL) = (next_area IS NULL)", name="next_title"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    given_title: Mapped[str] = mapped_column("title", String(200))
    #: Short name of what the post works on; tells posts of one title apart on screen, never printed.
    given_area: Mapped[str] = mapped_column("area", String(60))
    #: The title and area that hold from `next_on`.
    next_title: Mapped[str | None] = mapped_column(String(200))
    next_area: Mapped[str | None] = mapped_column(String(60))
    kind: Mapped[PositionKind] = mapped_column(word(PositionKind, "kind"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    #: The route of this post's sheet; no approver: the post has no sheet.
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    order: Mapped[int]
    main_duty: Mapped[str] = mapped_column(default="")

    unit: Mapped[Unit] = relationship(lazy="raise")
    duties: Mapped[list["PositionDuty"]] = relationship(lazy="raise", order_by="PositionDuty.order")

    @hybrid_property
    def title(self) -> str:
        return (self.next_title or "") if self.is_renamed else self.given_title

    @title.inplace.expression
    @classmethod
    def _title(cls) -> ColumnElement[str]:
        return _name_today(cls.given_title, cls.next_title, cls.next_on)

    @hybrid_property
    def area(self) -> str:
        return (self.next_area or "") if self.is_renamed else self.given_area

    @area.inplace.expression
    @classmethod
    def _area(cls) -> ColumnElement[str]:
        return _name_today(cls.given_area, cls.next_area, cls.next_on)

    @property
    def name(self) -> str:
        """Title and area, as screens tell posts apart."""
        return post_name(self.title, self.area)


class PositionDuty(Base):
    __tablename__ = "position_duty"
    __table_args__ = (UniqueConstraint("position_id", "kind", "order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    kind: Mapped[DutyKind] = mapped_column(word(DutyKind, "kind"))
    order: Mapped[int]
    text: Mapped[str]


class Employee(Base):
    __tablename__ = "employee"
    #: The order of the list of employees, and everything that it is searched by: no search reads the rows themselves.
    __table_args__ = (
        Index("ix_employee_list", "name", "id", "identifier", "rank", "degrees_before", "degrees_after", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    degrees_before: Mapped[str] = mapped_column(String(60), default="")
    degrees_after: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[EmployeeKind] = mapped_column(word(EmployeeKind, "kind"))
    identifier: Mapped[str | None] = mapped_column(String(18), unique=True)
    rank: Mapped[str | None] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254), default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def full_name(self) -> str:
        return full_name(self.name, self.degrees_before, self.degrees_after)


class Assignment(Base):
    """Employee ↔ post, both days included. Every right in the portal comes from one of these, on the day.

    A cancelled one ends the day before it starts: no day lies in it, and whoever asks for a day need not know more.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("is_cancelled = (ends_on IS NOT NULL AND ends_on < starts_on)", name="dates"),
        Index(
            "uq_assignment_open_definitive",
            "position_id",
            unique=True,
            sqlite_where=text("kind = 'definitive' AND ends_on IS NULL"),
            postgresql_where=text("kind = 'definitive' AND ends_on IS NULL"),
        ),
        # who holds a post on a day, without a look at the row itself
        Index("ix_assignment_holders", "position_id", "employee_id", "starts_on", "ends_on", "kind"),
        # which posts changed hands of late
        Index("ix_assignment_starts_on", "starts_on"),
        Index("ix_assignment_ends_on", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    kind: Mapped[AssignmentKind] = mapped_column(word(AssignmentKind, "kind"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    decree: Mapped[str] = mapped_column(String(200), default="")
    decree_on: Mapped[date | None]
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class PerformanceYear(Base):
    __tablename__ = "performance_year"
    __table_args__ = (
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        CheckConstraint("achievement_cap BETWEEN 1000000 AND 10000000", name="achievement_cap"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[YearStage] = mapped_column(word(YearStage, "stage"), default=YearStage.PLANNING)
    planning_deadline_on: Mapped[date | None]
    planning_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Key of the scale that bands achievements of the year (domain/scales.py).
    scale: Mapped[str] = mapped_column(String(40), default=DEFAULT_SCALE.key, server_default=DEFAULT_SCALE.key)
    #: An achievement counts no more than this, in per cent: 100 to 1.000.
    achievement_cap: Mapped[Decimal] = mapped_column(Amount, default=DEFAULT_CAP, server_default=text("1200000"))
