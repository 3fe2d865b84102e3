"""Lays what was read beside what stands: which rows are new, changed, unchanged, or wrong, and why.

Order matters: units, then the posts in them, then people, then who holds which post.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from iki_portal.imports.staffing.assignments import Known, check_assignment, find_assignment, keys_of
from iki_portal.imports.staffing.cells import year_problem
from iki_portal.imports.staffing.people import People, check_person, find_person
from iki_portal.imports.staffing.plan import Office, Plan, Planned, Standing
from iki_portal.imports.staffing.rows import ReadBook
from iki_portal.imports.staffing.structure import Structure, check_post, check_unit, refuse_impossible
from iki_portal.imports.staffing.tabs import SHAPES, Kind, Tab
from iki_portal.imports.staffing.terms import (
    Terms,
    refuse_beyond_closing,
    refuse_same_persons,
    refuse_shared_days,
    remark,
    remark_on_persons,
    terms_after,
    touched,
)


def compare(read: ReadBook, office: Office) -> Plan:
    """The plan of an import on the day `office.today`. What its people did meanwhile is asked by `terms.narrowed`."""
    units = _coded(read, Tab.UNITS, office.units)
    posts = _coded(read, Tab.POSTS, office.posts)
    structure = Structure.of(office, units, posts)
    _judge(units, lambda row: check_unit(row, structure))
    _judge(posts, lambda row: check_post(row, structure))
    faults = refuse_impossible(structure)
    people = People.of(office)
    employees = _employees(read, people)
    assignments = _assignments(read, people, structure, office)
    rows = {Tab.UNITS: units, Tab.POSTS: posts, Tab.EMPLOYEES: employees, Tab.ASSIGNMENTS: assignments}
    return Plan(rows, [*read.faults, *faults], list(read.notices))


def _employees(read: ReadBook, people: People) -> list[Planned]:
    rows = _rows(read, Tab.EMPLOYEES)
    for row in rows:
        find_person(row, people)
    _refuse_twice(rows, lambda row: people.key_of(row) if row.standing else row.get("number").casefold(), "number")
    people.take(rows)
    _judge(rows, lambda row: check_person(row, people))
    return rows


def _assignments(read: ReadBook, people: People, structure: Structure, office: Office) -> list[Planned]:
    rows, known = _rows(read, Tab.ASSIGNMENTS), Known.of(office)
    for row in rows:
        find_assignment(row, people, structure, known)
    _refuse_twice(rows, lambda row: str(row.standing.id) if row.standing else "", "number")
    _refuse_twice(rows, lambda row: "" if row.standing or row.problems else "/".join(keys_of(row.values)), "starts_on")
    _judge(rows, lambda row: check_assignment(row, office.today))
    after = terms_after(rows, people, office)
    for post in touched(rows):
        refuse_shared_days(after.get(post, ()))
        remark(after.get(post, ()))
    remark_on_persons(after, structure)
    _refuse_beyond_closing(after, structure, touched(rows))
    refuse_same_persons(after, rows, structure, people)
    return rows


def _refuse_beyond_closing(after: Terms, structure: Structure, touched_posts: set[str]) -> None:
    place = SHAPES[Tab.POSTS].place("closed_on")
    closing = {code for code, row in structure.read_posts.items() if row.standing and "closed_on" in row.changes}
    for code in closing | touched_posts:
        if code in structure.posts and (day := structure.posts[code][place]):
            post = structure.read_posts[code] if code in closing else None
            refuse_beyond_closing(after.get(code, ()), date.fromisoformat(day), post)


def _rows(read: ReadBook, tab: Tab) -> list[Planned]:
    return [Planned(tab, each.number, each.values, problems=list(each.problems)) for each in read.rows.get(tab, ())]


def _coded(read: ReadBook, tab: Tab, standing: Mapping[str, Standing]) -> list[Planned]:
    """Units or posts, each beside the one that has its code; a new one without a place in the order comes last."""
    rows, order = _rows(read, tab), SHAPES[tab].place("order")
    last = max((int(each.values[order]) for each in standing.values()), default=0)
    for row in rows:
        row.standing = standing.get(row.get("code"))
        row.title = row.values[1]
        if not row.values[order]:
            last += row.standing is None
            row.put("order", row.standing.values[order] if row.standing else str(last))
    _refuse_twice(rows, lambda row: row.get("code"), "code")
    return rows


def _judge(rows: Sequence[Planned], check: Callable[[Planned], None]) -> None:
    """Ask of what is new and what has changed; what the portal says already is not judged again."""
    for row in rows:
        if row.is_judged:
            _check_days(row)
            check(row)


def _check_days(row: Planned) -> None:
    asked = set(row.changes) if row.standing else {column.name for column in row.shape.read}
    for column, text in zip(row.shape.read, row.values, strict=True):
        if column.kind is Kind.DAY and column.name in asked and (problem := year_problem(column, text)):
            row.problems.append(problem)


def _refuse_twice(rows: Iterable[Planned], key_of: Callable[[Planned], str], column: str) -> None:
    """Two rows about one thing are both wrong: which of them holds is not for the portal to guess."""
    found: dict[str, list[Planned]] = {}
    for row in rows:
        if key := key_of(row):
            found.setdefault(key, []).append(row)
    for same in found.values():
        for place, row in enumerate(same if len(same) > 1 else ()):
            other = same[0] if place else same[1]
            more = f" dan {len(same) - 2} baris lain" if len(same) > 2 else ""
            row.object(column, f"Baris {other.number}{more} menyebut hal yang sama.", "Satu baris untuk satu hal.")
