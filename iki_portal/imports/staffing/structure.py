"""Units and posts of a workbook, held to the rules of domain/routes.py together with everything that it does not mention."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iki_portal.domain import routes
from iki_portal.domain.dates import format_date
from iki_portal.domain.office import PositionKind, post_name
from iki_portal.domain.routes import Fault, PostPlan, UnitPlan
from iki_portal.imports.staffing.plan import Office, Planned, SheetsOnTheWay, Standing, Values
from iki_portal.imports.staffing.rows import Problem
from iki_portal.imports.staffing.tabs import POSTS, SHAPES, TOGETHER, UNITS, Tab

_UNIT_NAME, _POST_NAME = TOGETHER[Tab.UNITS], TOGETHER[Tab.POSTS]
#: In which column a fault is mended; the others lie in the column of the superior.
_COLUMN_OF = {
    Fault.SAME_NAME: "name",
    Fault.SECOND_HEAD: "kind",
    Fault.NO_APPROVER: "approver",
    Fault.OWN_ROUTE: "approver",
    Fault.SAME_POST: "approver",
    Fault.UPSIDE_DOWN: "approver",
    Fault.OUTLIVES: "closed_on",
}


@dataclass(frozen=True, slots=True)
class Structure:
    """Units and posts by code as they would stand after the import, and the rows of the workbook that say so."""

    office: Office
    units: Mapping[str, Values]
    posts: Mapping[str, Values]
    read_units: Mapping[str, Planned]
    read_posts: Mapping[str, Planned]

    @classmethod
    def of(cls, office: Office, units: Sequence[Planned], posts: Sequence[Planned]) -> "Structure":
        read_units = {row.get("code"): row for row in units if row.get("code")}
        read_posts = {row.get("code"): row for row in posts if row.get("code")}
        return cls(office, _after(office.units, read_units), _after(office.posts, read_posts), read_units, read_posts)


def _after(standing: Mapping[str, Standing], read: Mapping[str, Planned]) -> dict[str, Values]:
    return {code: each.values for code, each in standing.items()} | {code: row.values for code, row in read.items()}


def check_unit(row: Planned, structure: Structure) -> None:
    _demand_known(row, ("superior",), structure.units, "Unit kerja")
    _check_next(row, structure.office.today, _UNIT_NAME, needed=("next_name", "next_short_name"))


def check_post(row: Planned, structure: Structure) -> None:
    _demand_known(row, ("unit",), structure.units, "Unit kerja")
    _demand_known(row, ("superior", "reviewer", "approver"), structure.posts, "Jabatan")
    _check_next(row, structure.office.today, _POST_NAME, needed=("next_title",))
    sheets = structure.office.sheets.get(row.get("code"), SheetsOnTheWay())
    for name, reason in sheets_in_the_way({name: row.get(name) for name in row.changes}, sheets):
        row.object(name, reason, "Sesudah lembar itu ditetapkan.")


def sheets_in_the_way(changed: Mapping[str, str], sheets: SheetsOnTheWay) -> Iterator[tuple[str, str]]:
    """What sheets in preparation forbid of a change to a post: the column, and why (docs/decisions/0025)."""
    if changed.get("approver") == "" and sheets.own:
        yield "approver", f"{sheets.own} lembar jabatan ini sedang disiapkan; jalurnya tidak dapat dihapus."
    if changed.get("closed_on"):
        if sheets.own:
            yield "closed_on", f"{sheets.own} lembar jabatan ini sedang disiapkan."
        if sheets.passing:
            yield "closed_on", f"{sheets.passing} lembar jabatan lain yang sedang disiapkan masih melewati jabatan ini."


def _demand_known(row: Planned, names: Iterable[str], known: Mapping[str, Values], what: str) -> None:
    for name in names:
        if row.get(name) and row.get(name) not in known:
            row.object(name, f"{what} berkode “{row.get(name)}” tidak ada di portal dan di buku kerja ini.", "Kode yang ada.")


def _check_next(row: Planned, today: date, block: frozenset[str], *, needed: tuple[str, ...]) -> None:
    """A later name has its day, and that day is still to come: a name that holds already is simply the name."""
    if row.standing and not block & set(row.changes):
        return
    day = row.get("next_on")
    if not day:
        if any(row.get(name) for name in block if name.startswith("next_") and name != "next_on"):
            row.object("next_on", "Nama berikutnya ada, tetapi harinya tidak.", "Tanggal nama itu mulai berlaku.")
        return
    for name in needed:
        if not row.get(name):
            row.object(name, "Berlaku mulai terisi, tetapi nama berikutnya tidak.", "Nama yang berlaku sejak hari itu.")
    if date.fromisoformat(day) <= today:
        expected = f"Hari sesudah {format_date(today)}; nama yang sudah berlaku ditulis di kolom namanya."
        row.object("next_on", "Hari ini sudah lewat, atau hari ini juga.", expected)


def refuse_impossible(structure: Structure) -> list[tuple[str, int, Problem]]:
    """Say at its row what an import would make wrong; what has no row of its own comes back, to be said of the tab."""
    on, office = structure.office.today, structure.office
    before, after = unit_plans(_values(office.units), office), unit_plans(structure.units, office, structure.read_units)
    posts_before, posts_after = post_plans(_values(office.posts)), post_plans(structure.posts)
    of_units = routes.caused(routes.unit_problems(before, on=on), routes.unit_problems(after, on=on))
    of_posts = routes.caused(routes.post_problems(posts_before, before, on=on), routes.post_problems(posts_after, after, on=on))
    faults = [*_say(of_units, Tab.UNITS, structure), *_say(of_posts, Tab.POSTS, structure)]
    return list(dict.fromkeys(faults))


def _values(standing: Mapping[str, Standing]) -> dict[str, Values]:
    return {code: each.values for code, each in standing.items()}


def unit_plans(
    units: Mapping[str, Values], office: Office, read: Mapping[str, Planned] | None = None
) -> dict[routes.Key, UnitPlan]:
    return {code: _unit_plan(values, _kept_name(code, office, read or {})) for code, values in units.items()}


def _kept_name(code: str, office: Office, read: Mapping[str, Planned]) -> str:
    """A name that has been followed by another one stays taken until the unit is written again."""
    row, standing = read.get(code), office.units.get(code)
    if standing is None or (row is not None and _UNIT_NAME & set(row.changes)):
        return ""
    return standing.kept_name


def _unit_plan(values: Values, kept_name: str) -> UnitPlan:
    at = UNITS.place
    names = tuple(name for name in (values[at("name")], values[at("next_name")], kept_name) if name)
    return UnitPlan(names or ("",), values[at("superior")] or None, _day(values[at("closed_on")]))


def post_plans(posts: Mapping[str, Values]) -> dict[routes.Key, PostPlan]:
    """Those of a kind that is known; a row without one is wrong already."""
    kind = POSTS.place("kind")
    return {code: _post_plan(values) for code, values in posts.items() if values[kind]}


def _post_plan(values: Values) -> PostPlan:
    at = POSTS.place
    return PostPlan(
        post_name(values[at("title")], values[at("area")]),
        PositionKind(values[at("kind")]),
        values[at("unit")],
        values[at("superior")] or None,
        values[at("reviewer")] or None,
        values[at("approver")] or None,
        _day(values[at("closed_on")]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _say(found: Iterable[routes.Problem], tab: Tab, structure: Structure) -> Iterator[tuple[str, int, Problem]]:
    for each in found:
        if each.fault is Fault.UNKNOWN:  # said by `_demand_known`, with its column
            continue
        row = _row_of(each, tab, structure)
        column = _COLUMN_OF.get(each.fault, "superior")
        if row is None:
            yield SHAPES[tab].title, 0, Problem("", "", each.text, "Baris yang menyebabkannya, diperbaiki.")
        else:
            row.object(column if row.tab is tab else "closed_on", each.text)


def _row_of(problem: routes.Problem, tab: Tab, structure: Structure) -> Planned | None:
    """The row about the unit or post itself, or else about one that it hangs on."""
    own = structure.read_units if tab is Tab.UNITS else structure.read_posts
    row = own.get(str(problem.subject))
    if row is not None and (row.is_judged or row.problems):
        return row
    for other in problem.others:
        for rows in (own, structure.read_units):
            row = rows.get(str(other))
            if row is not None and (row.is_judged or row.problems):
                return row
    return None
