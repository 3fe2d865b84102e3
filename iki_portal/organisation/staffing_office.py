"""The whole organisation as the rows of its workbook: compared with what was read, and exported."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select

from iki_portal.domain.dates import office_day
from iki_portal.domain.office import DutyKind, YearStage, post_name
from iki_portal.domain.people import full_name
from iki_portal.domain.workflow import IN_PREPARATION
from iki_portal.extensions import db
from iki_portal.imports.staffing.cells import lines_of, one_line
from iki_portal.imports.staffing.plan import Office, SheetsOnTheWay, Standing, Values
from iki_portal.imports.staffing.tabs import ASSIGNMENTS, EMPLOYEES, YES, Tab
from iki_portal.imports.staffing.writing import staffing_xlsx, writable
from iki_portal.models import Assignment, Employee, HistoryEntry, PerformanceYear, Position, PositionDuty, Sheet, Unit
from iki_portal.models.parameters import IDS

#: Numbers in one statement; databases know an end to them.
_AT_ONCE = 5000


@cache
def _fingerprint() -> Select[*tuple[Any, ...]]:
    parts: list[Any] = []
    for table in (Unit, Position, Employee, Assignment):
        parts += [
            select(func.count(table.id)).scalar_subquery(),
            select(func.coalesce(func.sum(table.version), 0)).scalar_subquery(),
        ]
    # documents fill in duties without a new version of the post
    duties = func.coalesce(func.sum(func.length(PositionDuty.text)), 0)
    main_duties = func.coalesce(func.sum(func.length(Position.main_duty)), 0)
    return select(*parts, *(select(each).scalar_subquery() for each in (func.count(PositionDuty.id), duties, main_duties)))


def fingerprint() -> str:
    """Of everything that a workbook is compared with: rows only grow in number and in version, so any change shows."""
    return ".".join(map(str, db.session.execute(_fingerprint()).one()))


def fingerprint_on(day: date) -> str:
    """The same, of that day: what is planned for a day holds from then on without any change."""
    return f"{day.isoformat()}/{fingerprint()}"


def office_now(today: date) -> Office:
    """Everything that stands, by its keys; eight statements."""
    codes = {row.id: row.code for row in db.session.execute(select(Position.id, Position.code))}
    unit_codes = {row.id: row.code for row in db.session.execute(select(Unit.id, Unit.code))}
    return Office(
        today,
        {each.values[0]: each for each in _units(today, unit_codes)},
        {each.values[0]: each for each in _posts(today, unit_codes, codes)},
        {str(each.id): each for each in _employees()},
        {str(each.id): each for each in _assignments(codes)},
        {codes[number]: each for number, each in sheets_on_the_way().items()},
    )


def sheets_on_the_way() -> dict[int, SheetsOnTheWay]:
    """Sheets in preparation of years that are not closed, by number of the post that they are of or pass."""
    query = select(Sheet.position_id, Sheet.reviewer_id, Sheet.approver_id).join(
        PerformanceYear, PerformanceYear.year == Sheet.year
    )
    own, passing = Counter[int](), Counter[int]()
    for row in db.session.execute(query.where(Sheet.state.in_(IN_PREPARATION), PerformanceYear.stage != YearStage.CLOSED)):
        own[row.position_id] += 1
        passing.update({row.reviewer_id, row.approver_id} - {None, row.position_id})
    return {number: SheetsOnTheWay(own[number], passing[number]) for number in own.keys() | passing.keys()}


def _units(today: date, codes: dict[int, str]) -> Iterator[Standing]:
    for row in db.session.execute(select(Unit.__table__).order_by(Unit.order, Unit.id)):
        name, short_name, *later = _names(row, today, ("name", "short_name"), ("next_name", "next_short_name"))
        superior = codes.get(row.superior_id, "")
        values = (row.code, name, short_name, row.kind.value, superior, str(row.order), *later, _iso(row.closed_on))
        yield Standing(row.id, values, name, kept_name=row.name)


def _names(row: Any, today: date, now: tuple[str, str], later: tuple[str, str]) -> list[str]:
    """Two names of today, the two that follow, and the day: a later name that holds already is the name."""
    is_due = row.next_on is not None and row.next_on <= today
    names = [_line(getattr(row, name) or "") for name in (later if is_due else now)]
    if is_due or row.next_on is None:
        return [*names, "", "", ""]
    return [*names, *(_line(getattr(row, name) or "") for name in later), row.next_on.isoformat()]


def _posts(today: date, units: dict[int, str], codes: dict[int, str]) -> Iterator[Standing]:
    duties = _duties()
    for row in db.session.execute(select(Position.__table__).order_by(Position.order, Position.id)):
        title, area, *later = _names(row, today, ("title", "area"), ("next_title", "next_area"))
        route = (codes.get(each, "") for each in (row.superior_id, row.reviewer_id, row.approver_id))
        texts = (duties.get((row.id, kind), "") for kind in (DutyKind.DUTY, DutyKind.FUNCTION))
        yield Standing(
            row.id,
            (
                *(row.code, title, area, row.kind.value, units[row.unit_id], *route, str(row.order)),
                *(writable(lines_of(row.main_duty)), *texts, *later, _iso(row.closed_on)),
            ),
            post_name(title, area),
        )


def _duties() -> dict[tuple[int, DutyKind], str]:
    found: dict[tuple[int, DutyKind], list[str]] = {}
    query = select(PositionDuty.position_id, PositionDuty.kind, PositionDuty.text)
    for row in db.session.execute(query.order_by(PositionDuty.position_id, PositionDuty.kind, PositionDuty.order)):
        found.setdefault((row.position_id, row.kind), []).append(one_line(row.text))
    return {key: writable("\n".join(texts)) for key, texts in found.items()}


def _employees() -> Iterator[Standing]:
    for row in db.session.execute(select(Employee.__table__).order_by(Employee.name, Employee.id)):
        texts = [_line(each) for each in (row.name, row.degrees_before, row.degrees_after)]
        more = [_line(each or "") for each in (row.identifier, row.rank, row.email)]
        yield Standing(row.id, (str(row.id), *texts, row.kind.value, *more), full_name(*texts))


def _assignments(codes: dict[int, str]) -> Iterator[Standing]:
    order = (Position.order, Position.id, Assignment.starts_on, Assignment.id)
    query = select(Assignment.__table__).join(Position, Position.id == Assignment.position_id).order_by(*order)
    for row in db.session.execute(query):
        ends_on = "" if row.is_cancelled else _iso(row.ends_on)
        values = (
            *(str(row.id), str(row.employee_id), "", codes[row.position_id], row.kind.value, row.starts_on.isoformat()),
            *(ends_on, _line(row.decree), _iso(row.decree_on), YES if row.is_cancelled else ""),
        )
        yield Standing(row.id, values, "")


def _line(text: str) -> str:
    return writable(one_line(text))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def export(today: date) -> bytes:
    """The workbook of everything that stands: importing it changes nothing."""
    office = office_now(today)
    rows: dict[Tab, Iterable[Sequence[str]]] = {
        Tab.UNITS: (each.values for each in office.units.values()),
        Tab.POSTS: (each.values for each in office.posts.values()),
        Tab.EMPLOYEES: (each.values for each in office.employees.values()),
        Tab.ASSIGNMENTS: _shown_assignments(office),
    }
    return staffing_xlsx(rows, title="Buku kerja organisasi")


def _shown_assignments(office: Office) -> Iterator[Sequence[str]]:
    """With the number, the name and the title that a reader needs beside the keys."""
    employee, post, number = ASSIGNMENTS.place("employee"), ASSIGNMENTS.place("post"), EMPLOYEES.place("identifier")
    for each in office.assignments.values():
        person, held = office.employees[each.values[employee]], office.posts[each.values[post]]
        texts: Values = each.values
        yield (*texts[:2], person.values[number], person.title, held.values[0], held.title, *texts[post + 1 :])


def acts_on(numbers: Iterable[int]) -> dict[int, list[date]]:
    """On which days the holders of these assignments acted by their post in that capacity, by number of the assignment."""
    wanted, found = list(numbers), dict[int, list[date]]()
    for start in range(0, len(wanted), _AT_ONCE):
        for row in db.session.execute(_acts(), {"ids": wanted[start : start + _AT_ONCE]}):
            found.setdefault(row.id, []).append(office_day(row.at))
    return found


@cache
def _acts() -> Select[*tuple[Any, ...]]:
    mandate = (
        (HistoryEntry.actor_id == Assignment.employee_id)
        & (HistoryEntry.acting_position_id == Assignment.position_id)
        & (HistoryEntry.acting_kind == Assignment.kind)
    )
    return select(Assignment.id, HistoryEntry.at).join(HistoryEntry, mandate).where(Assignment.id.in_(IDS))
