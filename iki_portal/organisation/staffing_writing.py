"""Many units, posts, employees and assignments at once, in as few statements as their kinds of change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, select, update

from iki_portal.auth.accounts import follow_names
from iki_portal.domain.office import DutyKind, PositionKind, UnitKind, YearStage
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.domain.staffing import Fate
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.models import Assignment, Employee, PerformanceYear, Position, PositionDuty, Sheet, Unit
from iki_portal.organisation.staffing_rows import RowBody, Texts

_AT_ONCE = 5000
_DUTY_KINDS = {"duties": DutyKind.DUTY, "functions": DutyKind.FUNCTION}
Ids = Mapping[str, int]
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row to write: a new one, or the changed texts of the one that stands."""

    tab: Tab
    target_id: int | None
    title: str
    body: RowBody

    @property
    def fate(self) -> Fate:
        return Fate.NEW if self.target_id is None else Fate.CHANGED

    @property
    def now(self) -> Texts:
        return self.body.now


def write(changes: Sequence[Change]) -> None:
    """In the caller's transaction; what was planned was checked, and the database checks once more."""
    of = {tab: [change for change in changes if change.tab is tab] for tab in Tab}
    _write_units(of[Tab.UNITS])
    _write_posts(of[Tab.POSTS], ids_by_code(Unit))
    people = _write_employees(of[Tab.EMPLOYEES])
    _write_assignments(of[Tab.ASSIGNMENTS], people, ids_by_code(Position) if of[Tab.ASSIGNMENTS] else {})
    db.session.expire_all()


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def ids_by_code(model: type[Unit] | type[Position]) -> dict[str, int]:
    return {row.code: row.id for row in db.session.execute(select(model.code, model.id))}


def _new(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.target_id is None]


def _changed(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.target_id is not None]


def _insert(model: Any, rows: Sequence[Columns]) -> None:
    if rows:
        db.session.execute(insert(_table(model)), list(rows))


def _update(model: Any, rows: Iterable[tuple[int, Columns]], *, counts: bool = True) -> None:
    """One statement for each set of columns; `counts`: the row has a new version afterwards."""
    table, groups = _table(model), dict[tuple[str, ...], list[Columns]]()
    for row_id, columns in rows:
        if columns:
            row = {"row_id": row_id, **{f"to_{name}": value for name, value in columns.items()}}
            groups.setdefault(tuple(sorted(columns)), []).append(row)
    for names, values_of in groups.items():
        values: Columns = {name: bindparam(f"to_{name}") for name in names}
        if counts:
            values["version"] = table.c.version + 1
        db.session.execute(update(table).where(table.c.id == bindparam("row_id")).values(values), values_of)


# Units and posts


def _write_units(changes: Sequence[Change]) -> None:
    _insert(Unit, [{**_unit(change.now), "superior_id": None} for change in _new(changes)])
    ids = ids_by_code(Unit) if changes else {}
    standing = [(change.target_id or 0, change) for change in _changed(changes)]
    # names are unique, and two units may exchange theirs
    _update(Unit, [(row_id, {"name": f"#{row_id}"}) for row_id, change in standing if "name" in change.now], counts=False)
    _update(Unit, [(row_id, _unit(change.now)) for row_id, change in standing])
    hung = [(change.target_id or ids[change.now["code"]], change) for change in changes if "superior" in change.now]
    _update(Unit, [(row_id, _references(change.now, {"superior": ids})) for row_id, change in hung], counts=False)


def _unit(texts: Texts) -> Columns:
    columns = _plain(texts, ("code", "name", "short_name"))
    if "kind" in texts:
        columns["kind"] = UnitKind(texts["kind"])
    return columns | _common(texts, ("next_name", "next_short_name"))


def _plain(texts: Texts, names: Iterable[str]) -> Columns:
    return {name: texts[name] for name in names if name in texts}


def _common(texts: Texts, later: Sequence[str]) -> Columns:
    """The place in the order, the last day, and the names that follow on a day: both of them, or neither."""
    columns: Columns = {}
    if "order" in texts:
        columns["order"] = int(texts["order"])
    if "closed_on" in texts:
        columns["closed_on"] = _day(texts["closed_on"])
    if "next_on" in texts:
        columns["next_on"] = _day(texts["next_on"])
        columns |= {name: texts.get(name, "") if texts["next_on"] else None for name in later}
    return columns


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _references(texts: Texts, where: Mapping[str, Ids]) -> Columns:
    return {f"{name}_id": ids.get(texts[name]) for name, ids in where.items() if name in texts}


def _write_posts(changes: Sequence[Change], units: Ids) -> None:
    unit = {"unit": units}
    fresh = [{"area": "", "main_duty": "", **_post(change.now), **_references(change.now, unit)} for change in _new(changes)]
    _insert(Position, _alike(fresh))
    posts = ids_by_code(Position) if changes else {}
    standing = [(change.target_id or 0, change) for change in _changed(changes)]
    _update(Position, [(row_id, _post(change.now) | _references(change.now, unit)) for row_id, change in standing])
    route = dict.fromkeys(("superior", "reviewer", "approver"), posts)
    found = [(change.target_id or posts[change.now["code"]], change) for change in changes]
    _update(Position, [(row_id, _references(change.now, route)) for row_id, change in found], counts=False)
    _write_duties([(row_id, change.now) for row_id, change in found])
    _let_drafts_follow([change.target_id or 0 for change in _rerouted(changes)])


def _rerouted(changes: Iterable[Change]) -> list[Change]:
    return [change for change in _changed(changes) if change.tab is Tab.POSTS and {"reviewer", "approver"} & change.now.keys()]


def hold_drafts(changes: Sequence[Change]) -> None:
    """Lock the drafts whose route will change; everywhere sheets are locked before the head of the history."""
    for where in _drafts_of([change.target_id or 0 for change in _rerouted(changes)]):
        db.session.execute(select(Sheet.id).where(*where).order_by(Sheet.id).with_for_update(of=Sheet)).all()


def _drafts_of(posts: Sequence[int]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    open_years = select(PerformanceYear.year).where(PerformanceYear.stage != YearStage.CLOSED)
    for start in range(0, len(posts), _AT_ONCE):
        ids = posts[start : start + _AT_ONCE]
        yield (Sheet.position_id.in_(ids), Sheet.state == State.DRAFT, Sheet.year.in_(open_years))


def _let_drafts_follow(posts: Sequence[int]) -> None:
    """Drafts take the new route at once; what is submitted keeps the way it was sent on (docs/decisions/0025)."""
    route = {
        name: select(getattr(Position, name)).where(Position.id == Sheet.position_id).scalar_subquery()
        for name in ("reviewer_id", "approver_id")
    }
    for where in _drafts_of(posts):
        statement = update(Sheet).where(*where).values(route)
        db.session.execute(statement.execution_options(synchronize_session=False))


def _alike(rows: Sequence[Columns]) -> list[Columns]:
    """With the same columns in every row: one statement."""
    names = {name for row in rows for name in row}
    return [{name: row.get(name) for name in names} for row in rows]


def _post(texts: Texts) -> Columns:
    columns = _plain(texts, ("code", "title", "area", "main_duty"))
    if "kind" in texts:
        columns["kind"] = PositionKind(texts["kind"])
    return columns | _common(texts, ("next_title", "next_area"))


def _write_duties(posts: Sequence[tuple[int, Texts]]) -> None:
    for name, kind in _DUTY_KINDS.items():
        told = [(post_id, texts[name]) for post_id, texts in posts if name in texts]
        for start in range(0, len(told), _AT_ONCE):
            ids = [post_id for post_id, _ in told[start : start + _AT_ONCE]]
            db.session.execute(delete(_table(PositionDuty)).where(PositionDuty.position_id.in_(ids), PositionDuty.kind == kind))
        _insert(
            PositionDuty,
            [
                {"position_id": post_id, "kind": kind, "order": order, "text": text}
                for post_id, lines in told
                for order, text in enumerate(lines.splitlines(), start=1)
            ],
        )


# People and what they hold


def _write_employees(changes: Sequence[Change]) -> dict[str, int]:
    """Returns the ids of new ones, by the key that assignments of the workbook name them with."""
    standing = [(change.target_id or 0, _employee(change.now)) for change in _changed(changes)]
    # numbers are unique, and two people may have been confused
    _update(Employee, [(row_id, {"identifier": None}) for row_id, each in standing if "identifier" in each], counts=False)
    _update(Employee, standing)
    renamed = [row_id for row_id, each in standing if "name" in each]
    for first in range(0, len(renamed), _AT_ONCE):
        follow_names(renamed[first : first + _AT_ONCE])
    fresh = _new(changes)
    if not fresh:
        return {}
    blank = {"degrees_before": "", "degrees_after": "", "identifier": None, "rank": None, "email": ""}
    statement = insert(_table(Employee)).returning(Employee.id, sort_by_parameter_order=True)
    ids = db.session.scalars(statement, [blank | _employee(change.now) for change in fresh]).all()
    return {change.body.key: row_id for change, row_id in zip(fresh, ids, strict=True)}


def _employee(texts: Texts) -> Columns:
    columns = _plain(texts, ("name", "degrees_before", "degrees_after", "email"))
    columns |= {name: texts[name] or None for name in ("identifier", "rank") if name in texts}
    if "kind" in texts:
        columns["kind"] = EmployeeKind(texts["kind"])
    return columns


def _write_assignments(changes: Sequence[Change], people: Ids, posts: Ids) -> None:
    standing = [(change.target_id or 0, change.body) for change in _changed(changes)]
    moved = [(row_id, body) for row_id, body in standing if "starts_on" in body.now]
    # days may pass from one to another: all of them let go first, so that the database never sees two on one day
    _update(Assignment, [(row_id, _without_days(body)) for row_id, body in moved], counts=False)
    _update(Assignment, [(row_id, _assignment(body)) for row_id, body in standing])
    fresh = []
    for change in _new(changes):
        texts = change.now
        key = texts["employee"]
        holder = {"employee_id": people[key] if key.startswith("+") else int(key), "position_id": posts[texts["post"]]}
        fresh.append({"decree": "", "kind": AssignmentKind(texts["kind"]), **holder, **_assignment(change.body)})
    _insert(Assignment, _alike(fresh))


def _without_days(body: RowBody) -> Columns:
    first = date.fromisoformat(body.before["starts_on"])
    return {"starts_on": first, "ends_on": first - timedelta(days=1), "is_cancelled": True}


def _assignment(body: RowBody) -> Columns:
    texts = body.now
    columns = _plain(texts, ("decree",))
    columns |= {name: _day(texts[name]) for name in ("starts_on", "ends_on", "decree_on") if name in texts}
    if "starts_on" in texts:  # and so all of its days
        columns["is_cancelled"] = bool(texts.get("cancelled"))
    if columns.get("is_cancelled"):
        columns["ends_on"] = columns["starts_on"] - timedelta(days=1)
    return columns
