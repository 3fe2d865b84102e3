"""Who would share a post with whom after an import: the rules of domain/appointments.py over many posts at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iki_portal.domain.appointments import Term, remarks
from iki_portal.domain.dates import format_date
from iki_portal.domain.people import AssignmentKind
from iki_portal.imports.staffing.people import People
from iki_portal.imports.staffing.plan import Office, Planned, Values
from iki_portal.imports.staffing.tabs import ASSIGNMENTS

#: A post with more terms is not searched for gaps between them.
_MOST_TERMS = 40
_PLACES = {column.name: place for place, column in enumerate(ASSIGNMENTS.read)}


@dataclass(frozen=True, slots=True)
class Held:
    """A term, and the row of the workbook that says so; None for one that the workbook does not mention."""

    term: Term
    row: Planned | None = None

    @property
    def last(self) -> date:
        return self.term.ends_on or date.max


def terms_by_post(rows: Sequence[Planned], people: People, office: Office) -> dict[str, list[Held]]:
    """Of every post that the workbook touches, all terms as they would be; without cancelled ones and wrong rows."""
    touched: dict[str, list[Held]] = {row.get("post"): [] for row in rows if row.is_judged}
    mentioned = {row.standing.id for row in rows if row.standing}
    for standing in office.assignments.values():
        if standing.id not in mentioned:
            _take(touched, standing.values, None, people)
    for row in rows:
        if not row.problems:
            _take(touched, row.values, row, people)
    return touched


def _take(touched: Mapping[str, list[Held]], values: Values, row: Planned | None, people: People) -> None:
    held = touched.get(values[_PLACES["post"]])
    if held is not None and not values[_PLACES["cancelled"]]:
        held.append(Held(_term(values, people), row))


def _term(values: Values, people: People) -> Term:
    employee, kind, starts, ends = (values[_PLACES[name]] for name in ("employee", "kind", "starts_on", "ends_on"))
    last = date.fromisoformat(ends) if ends else None
    return Term(people.names[employee], AssignmentKind(kind), date.fromisoformat(starts), last)


def refuse_shared_days(held: Iterable[Held]) -> None:
    """One definitive holder a day, along the calendar: whoever begins before the one that lasts longest has ended is one
    too many. What the portal says already is not judged."""
    longest: Held | None = None
    definitive = (each for each in held if each.term.kind is AssignmentKind.DEFINITIVE)
    for each in sorted(definitive, key=lambda each: each.term.starts_on):
        if longest is not None and each.term.starts_on <= longest.last:
            _say_shared(each, longest)
            _say_shared(longest, each)
        if longest is None or each.last > longest.last:
            longest = each


def _say_shared(one: Held, other: Held) -> None:
    row = one.row
    if row is None or not row.is_judged:
        return
    place = f" (baris {other.row.number})" if other.row else ""
    reason = f"{other.term.name}{place} memegang jabatan ini secara definitif, {other.term.span}."
    row.object("starts_on", reason, "Satu pejabat definitif pada satu hari: akhiri dulu penugasan itu, atau pilih hari lain.")


def remark(held: Sequence[Held]) -> None:
    """Tell what is worth knowing of each new or changed term: gaps, shared days, a Plt. without an end."""
    for each in held if len(held) <= _MOST_TERMS else ():
        if each.row is not None and each.row.is_judged:
            each.row.warnings.extend(remarks(each.term, [other.term for other in held if other is not each]))


def narrowed(rows: Iterable[Planned]) -> dict[int, Planned]:
    """Assignments that would lose days they had, by their number."""
    found = {}
    for row in rows:
        if row.standing is not None and row.is_judged and {"starts_on", "ends_on"} & set(row.changes):
            found[row.standing.id] = row
    return found


def refuse_lost_acts(rows: Mapping[int, Planned], acts: Mapping[int, Sequence[date]]) -> None:
    """What was done by a mandate was done by right: its days stay inside. `acts` are days by number of the assignment."""
    for number, days in acts.items():
        row = rows[number]
        before = [row.standing.values[_PLACES[name]] for name in ("starts_on", "ends_on")] if row.standing else []
        held, kept = _span(before), _span([row.get("starts_on"), row.get("ends_on")])
        lost = sorted(day for day in days if held[0] <= day <= held[1] and not kept[0] <= day <= kept[1])
        if lost:
            name = "starts_on" if lost[0] < kept[0] else "ends_on"
            reason = f"Pejabat ini bertindak dalam jabatan ini pada {format_date(lost[0])}."
            row.object(name, reason, "Penugasan memuat setiap hari ia bertindak.")


def _span(days: Sequence[str]) -> tuple[date, date]:
    first, last = days
    return date.fromisoformat(first), date.fromisoformat(last) if last else date.max
