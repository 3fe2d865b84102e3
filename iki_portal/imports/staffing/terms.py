"""Who would share a post with whom after an import: the rules of domain/appointments.py over many posts at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iki_portal.domain.appointments import Term, remarks, remarks_on_person
from iki_portal.domain.dates import format_date
from iki_portal.domain.office import post_name
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.routes import Holding, Key, caused, same_persons
from iki_portal.domain.routes import Problem as Clash
from iki_portal.imports.staffing.people import People
from iki_portal.imports.staffing.plan import Office, Planned, Values
from iki_portal.imports.staffing.structure import Structure, post_plans
from iki_portal.imports.staffing.tabs import ASSIGNMENTS, POSTS, Tab

#: A post with more terms is not searched for gaps between them.
_MOST_TERMS = 40
#: Of one kind, at one row.
_MOST_SAID = 3
_PLACES = {column.name: place for place, column in enumerate(ASSIGNMENTS.read)}


@dataclass(frozen=True, slots=True)
class Held:
    """Who has which term, and the row of the workbook that says so; None for one that the workbook does not mention."""

    person: str
    term: Term
    row: Planned | None = None

    @property
    def last(self) -> date:
        return self.term.ends_on or date.max


Terms = dict[str, list[Held]]


def terms_after(rows: Sequence[Planned], people: People, office: Office) -> Terms:
    """Of every post all terms as they would be; without cancelled ones and wrong rows."""
    mentioned = {row.standing.id for row in rows if row.standing}
    found: Terms = {}
    for standing in office.assignments.values():
        if standing.id not in mentioned:
            _take(found, standing.values, None, people)
    for row in rows:
        if not row.problems:
            _take(found, row.values, row, people)
    return found


def _take(found: Terms, values: Values, row: Planned | None, people: People) -> None:
    if not values[_PLACES["cancelled"]]:
        held = Held(values[_PLACES["employee"]], _term(values, people), row)
        found.setdefault(values[_PLACES["post"]], []).append(held)


def touched(rows: Iterable[Planned]) -> set[str]:
    """The posts whose terms the workbook changes."""
    return {row.get("post") for row in rows if row.is_judged}


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


def refuse_beyond_closing(held: Sequence[Held], closed_on: date, post: Planned | None) -> None:
    """Nobody holds a post that is no more; `closed_on` is the first day without it, `post` its row where that changes."""
    for each in held:
        if each.last < closed_on:
            continue
        if each.row is not None and each.row.is_judged:
            reason = f"Jabatan ini ditutup mulai {format_date(closed_on)}."
            each.row.object("ends_on", reason, "Berakhir sebelum hari itu.")
        elif post is not None and len(post.problems) < _MOST_SAID:
            reason = f"Jabatan ini masih dipegang {each.term.who}, {each.term.span}."
            post.object("closed_on", reason, "Penugasan yang berakhir sebelum hari itu.")


def remark(held: Sequence[Held]) -> None:
    """Tell what is worth knowing of each new or changed term: gaps, shared days, a Plt. without an end."""
    for each in held if len(held) <= _MOST_TERMS else ():
        if each.row is not None and each.row.is_judged:
            each.row.warnings.extend(remarks(each.term, [other.term for other in held if other is not each]))


def remark_on_persons(after: Terms, structure: Structure) -> None:
    """Tell of each new or changed term which other posts its person would hold definitively on the same days."""
    held: dict[str, list[tuple[str, Held]]] = {}
    for post, terms in after.items():
        for each in terms:
            held.setdefault(each.person, []).append((post, each))
    for own in held.values():
        for post, each in own if len(own) > 1 else ():
            if each.row is not None and each.row.is_judged:
                others = [(_name_of(code, structure), other.term) for code, other in own if code != post]
                each.row.warnings.extend(remarks_on_person(each.term, others))


def _name_of(code: str, structure: Structure) -> str:
    post = structure.posts.get(code)
    return post_name(post[POSTS.place("title")], post[POSTS.place("area")]) if post else code


def refuse_same_persons(after: Terms, rows: Sequence[Planned], structure: Structure, people: People) -> None:
    """No route makes one person two of owner, reviewer and approver for good. An assignment may, and a Plt. or Plh. may: the
    duty then moves to a superior, which is worth knowing (docs/decisions/0018, 0025)."""
    office, on = structure.office, structure.office.today
    before: Terms = {}
    for standing in office.assignments.values():
        _take(before, standing.values, None, people)
    posts_before = post_plans({code: each.values for code, each in office.posts.items()})
    old_refused, old_known = same_persons(posts_before, _holdings(before, on), on=on)
    refused, known = same_persons(post_plans(structure.posts), _holdings(after, on), on=on)
    judged = {(row.get("employee"), row.get("post")): row for row in rows if row.is_judged}
    lasting = set(caused(old_refused, refused))
    for each in (*lasting, *caused(old_known, known)):
        row = _row_behind(each, judged, structure)
        if row is None or not row.is_judged:
            continue
        if each in lasting and row.tab is Tab.POSTS:
            row.object("approver", each.text, "Jalur yang tidak mempertemukan satu orang dengan dirinya sendiri.")
        elif len(row.warnings) < _MOST_SAID:
            row.warnings.append(each.text)


def _holdings(terms: Terms, on: date) -> dict[Key, list[Holding]]:
    return {post: [Holding(each.person, each.term) for each in held if each.last >= on] for post, held in terms.items()}


def _row_behind(problem: Clash, judged: Mapping[tuple[str, str], Planned], structure: Structure) -> Planned | None:
    """The new or changed assignment that makes one person two, or else the post whose route does."""
    one, other, person = map(str, problem.others)
    return judged.get((person, one)) or judged.get((person, other)) or structure.read_posts.get(str(problem.subject))


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
        before = row.standing.values if row.standing else row.values
        lost = days_lost(days, _texts(before), _texts(row.values))
        if lost:
            name = "starts_on" if lost[0].isoformat() < row.get("starts_on") else "ends_on"
            reason = f"Pejabat ini bertindak dalam jabatan ini pada {format_date(lost[0])}."
            row.object(name, reason, "Penugasan memuat setiap hari ia bertindak.")


def _texts(values: Values) -> dict[str, str]:
    return {name: values[_PLACES[name]] for name in ("starts_on", "ends_on")}


def days_lost(days: Iterable[date], before: Mapping[str, str], now: Mapping[str, str]) -> list[date]:
    """Those of `days` that an assignment held before and would not hold any more; both have `starts_on` and `ends_on`."""
    held, kept = _span(before), _span(now)
    return sorted(day for day in days if held[0] <= day <= held[1] and not kept[0] <= day <= kept[1])


def _span(texts: Mapping[str, str]) -> tuple[date, date]:
    last = texts["ends_on"]
    return date.fromisoformat(texts["starts_on"]), date.fromisoformat(last) if last else date.max
