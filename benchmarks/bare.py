"""The yardstick: plain Flask, Flask-SQLAlchemy and Jinja, the same rows in a plain table, nothing else.

No sign-in, no rights, no workflow, no layout: a page as somebody writes it who only wants to see the data, with ordinary ORM
objects of the same tables and their relationships loaded by `selectinload`.
"""

import os
from typing import Any

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.schema import ForeignKey

SHEET_ID = int(os.environ["BARE_SHEET_ID"])
YEAR = int(os.environ["BARE_YEAR"])
#: Ids of the sheets that wait for the reader, and of the reader's own: the bare page knows no rules that would find them.
WAITING = [int(each) for each in os.environ["BARE_WAITING"].split(",") if each]
OWN = [int(each) for each in os.environ["BARE_OWN"].split(",") if each]


class Base(DeclarativeBase):
    pass


class Unit(Base):
    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Employee(Base):
    __tablename__ = "employee"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Assignment(Base):
    __tablename__ = "assignment"
    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kind: Mapped[str]
    employee: Mapped[Employee] = relationship()


class PositionDuty(Base):
    __tablename__ = "position_duty"
    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    kind: Mapped[str]
    order: Mapped[int]
    text: Mapped[str]


class Position(Base):
    __tablename__ = "position"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    area: Mapped[str]
    main_duty: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    unit: Mapped[Unit] = relationship()
    assignments: Mapped[list[Assignment]] = relationship()
    duties: Mapped[list[PositionDuty]] = relationship(order_by=PositionDuty.order)


class HistoryEntry(Base):
    __tablename__ = "history_entry"
    number: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    at: Mapped[str]
    action: Mapped[str]
    actor_name: Mapped[str]
    acting_title: Mapped[str]
    note: Mapped[str]


class Indicator(Base):
    __tablename__ = "indicator"
    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    order: Mapped[int]
    text: Mapped[str]
    formula: Mapped[str]
    source: Mapped[str]
    unit_of_measure: Mapped[str]
    polarity: Mapped[str | None]
    aggregation: Mapped[str | None]
    target: Mapped[int | None]
    quarter_1: Mapped[int | None]
    quarter_2: Mapped[int | None]
    quarter_3: Mapped[int | None]
    quarter_4: Mapped[int | None]


class Statement(Base):
    __tablename__ = "statement"
    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    number: Mapped[int]
    text: Mapped[str]
    indicators: Mapped[list[Indicator]] = relationship(order_by=Indicator.order)


class Sheet(Base):
    __tablename__ = "sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    revision: Mapped[int]
    state: Mapped[str]
    order: Mapped[int]
    heading: Mapped[str]
    submitted_at: Mapped[str | None]
    changed_at: Mapped[str]
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    approver_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    position: Mapped[Position] = relationship(foreign_keys=[position_id])
    reviewer: Mapped[Position | None] = relationship(foreign_keys=[reviewer_id])
    approver: Mapped[Position] = relationship(foreign_keys=[approver_id])
    statements: Mapped[list[Statement]] = relationship(order_by=Statement.number)
    history: Mapped[list[HistoryEntry]] = relationship(order_by=HistoryEntry.number)


db = SQLAlchemy(metadata=Base.metadata)
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BARE_DATABASE_URL"]
db.init_app(app)

ROW = """{% macro row(sheet) %}<tr><td>{{ sheet.position.title }}</td><td>{{ sheet.position.area }}</td>
<td>{{ sheet.position.unit.name }}</td><td>{{ sheet.revision }}</td><td>{{ sheet.state }}</td><td>{{ sheet.changed_at }}</td>
<td>{% for each in sheet.position.assignments %}{{ each.employee.name }} ({{ each.kind }}) {% endfor %}</td></tr>{% endmacro %}"""
POST = "{% macro post(post) %}{{ post.title }}: {% for each in post.assignments %}{{ each.employee.name }} {% endfor %}{% endmacro %}"
EVENT = """{% macro event(entry) %}<tr><td>{{ entry.at }}</td><td>{{ entry.action }}</td><td>{{ entry.actor_name }}</td>
<td>{{ entry.acting_title }}</td><td>{{ entry.note }}</td></tr>{% endmacro %}"""
app.jinja_loader = DictLoader(
    {
        "row.html": ROW,
        "post.html": POST,
        "event.html": EVENT,
        "list.html": """{% from "row.html" import row %}<!doctype html><title>list</title>
<table>{% for sheet in sheets %}{{ row(sheet) }}{% endfor %}</table>""",
        "home.html": """{% from "row.html" import row %}{% from "post.html" import post %}{% from "event.html" import event %}
<!doctype html><title>home</title><table>{% for sheet in waiting %}{{ row(sheet) }}{% endfor %}</table>
{% for sheet in own %}<table>{{ row(sheet) }}</table><p>{{ post(sheet.approver) }}</p>
{% if sheet.reviewer %}<p>{{ post(sheet.reviewer) }}</p>{% endif %}
<p>{{ sheet.statements|map(attribute="indicators")|map("length")|sum }}</p>{% endfor %}
<table>{% for entry in events %}{{ event(entry) }}{% endfor %}</table>""",
        "sheet.html": """{% from "row.html" import row %}{% from "post.html" import post %}{% from "event.html" import event %}
<!doctype html><title>sheet</title><h1>{{ sheet.heading }}</h1><table>{{ row(sheet) }}</table><p>{{ sheet.position.main_duty }}</p>
<p>{{ post(sheet.approver) }}</p>{% if sheet.reviewer %}<p>{{ post(sheet.reviewer) }}</p>{% endif %}
<ol>{% for duty in sheet.position.duties %}<li>{{ duty.text }}</li>{% endfor %}</ol><table>
{% for statement in sheet.statements %}{% for each in statement.indicators %}<tr><td>{{ statement.number }}</td><td>{{ statement.text }}</td>
<td>{{ each.text }}</td><td>{{ each.formula }}</td><td>{{ each.source }}</td><td>{{ each.unit_of_measure }}</td><td>{{ each.polarity }}</td>
<td>{{ each.aggregation }}</td><td>{{ each.target }}</td><td>{{ each.quarter_1 }}</td><td>{{ each.quarter_2 }}</td><td>{{ each.quarter_3 }}</td>
<td>{{ each.quarter_4 }}</td></tr>{% endfor %}{% endfor %}</table><table>{% for entry in sheet.history %}{{ event(entry) }}{% endfor %}</table>""",
    }
)


def _post(way: Any) -> Any:
    return way.selectinload(Position.assignments).selectinload(Assignment.employee)


def _listed() -> Any:
    place = selectinload(Sheet.position)
    return select(Sheet).options(place.selectinload(Position.unit), _post(place))


def _routed() -> Any:
    return _listed().options(_post(selectinload(Sheet.reviewer)), _post(selectinload(Sheet.approver)))


@app.get("/home")
def home() -> str:
    own = _routed().options(selectinload(Sheet.statements).selectinload(Statement.indicators))
    return render_template(
        "home.html",
        waiting=db.session.scalars(_listed().where(Sheet.id.in_(WAITING[:5])).order_by(Sheet.submitted_at)).all(),
        own=db.session.scalars(own.where(Sheet.id.in_(OWN))).all(),
        events=db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(8)).all(),
    )


@app.get("/sheet")
def sheet() -> str:
    query = _routed().options(
        selectinload(Sheet.statements).selectinload(Statement.indicators),
        selectinload(Sheet.history),
        selectinload(Sheet.position).selectinload(Position.duties),
    )
    return render_template("sheet.html", sheet=db.session.scalars(query.where(Sheet.id == SHEET_ID)).one())


@app.get("/list")
def listed() -> str:
    query = _listed().where(Sheet.year == YEAR).order_by(Sheet.order).limit(25)
    return render_template("list.html", sheets=db.session.scalars(query).all())


@app.get("/inbox")
def inbox() -> str:
    query = _listed().where(Sheet.id.in_(WAITING[:25])).order_by(Sheet.submitted_at)
    return render_template("list.html", sheets=db.session.scalars(query).all())
