"""What cannot be in an organisation: circles of superiors, routes that nobody or one person alone could walk.

Pure functions over plain values, for one post as for ten thousand: each finds everything that is wrong, in linear time.
Keys are whatever tells units and posts apart (ids of the database, codes of a workbook). A change is judged by what it
makes wrong (`caused`): what was wrong before stops nobody from mending something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from iki_portal.domain.appointments import Term, format_span, overlap
from iki_portal.domain.dates import format_date
from iki_portal.domain.errors import Invalid
from iki_portal.domain.office import DEFAULT_ROUTES, POSITION_KIND_WORDS, PositionKind
from iki_portal.domain.people import AssignmentKind

Key = int | str
#: (who reviews, who approves)
RoutePair = tuple[Key | None, Key | None]


class Fault(StrEnum):
    UNKNOWN = "unknown"
    CYCLE = "cycle"
    OUTLIVES = "outlives"
    NO_SUPERIOR = "no_superior"
    SECOND_HEAD = "second_head"
    NO_APPROVER = "no_approver"
    OWN_ROUTE = "own_route"
    SAME_POST = "same_post"
    UPSIDE_DOWN = "upside_down"
    SAME_PERSON = "same_person"
    SAME_NAME = "same_name"
    #: Somebody holds it, or sheets still need it (organisation/closing.py).
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one unit or post; the same thing said in other words is the same problem."""

    subject: Key
    fault: Fault
    others: tuple[Key, ...]
    text: str = field(compare=False)


class Impossible(Invalid):
    """A change that would make something wrong; `problems` are all of it, `str` its sentences in a row."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(dict.fromkeys(each.text for each in problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit as it stands or as it is meant to: `names` are the one of today and the one that follows."""

    names: tuple[str, ...]
    superior: Key | None = None
    closed_on: date | None = None

    @property
    def name(self) -> str:
        return self.names[0]

    def named(self, names: tuple[str, ...]) -> "UnitPlan":
        return replace(self, names=names)


@dataclass(frozen=True, slots=True)
class PostPlan:
    name: str
    kind: PositionKind
    unit: Key
    superior: Key | None = None
    reviewer: Key | None = None
    approver: Key | None = None
    closed_on: date | None = None

    @property
    def route(self) -> RoutePair:
        return (self.reviewer, self.approver)


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a post from when to when; the person is known by key, not by name."""

    person: Key
    term: Term


Units = Mapping[Key, UnitPlan]
Posts = Mapping[Key, PostPlan]


def caused(before: Iterable[Problem], after: Iterable[Problem]) -> list[Problem]:
    """What a change makes wrong that was not wrong before it."""
    known = set(before)
    return [each for each in after if each not in known]


def is_closed(plan: UnitPlan | PostPlan, on: date) -> bool:
    return plan.closed_on is not None and plan.closed_on <= on


def unit_problems(units: Units, *, on: date) -> list[Problem]:
    """Circles, superiors that are not there or end too early, and names that two units would bear."""
    superiors = {key: plan.superior for key, plan in units.items()}
    found = [
        Problem(key, Fault.CYCLE, (), f"{units[key].name} akan berada di bawah dirinya sendiri: {_path(circle, units)}.")
        for circle in circles(superiors)
        for key in circle
    ]
    for key, plan in units.items():
        if not is_closed(plan, on) and plan.superior is not None:
            found += _reference(key, plan, plan.superior, units, "unit di atasnya")
    return [*found, *_same_names(units)]


def _same_names(units: Units) -> Iterator[Problem]:
    """A name stays taken by a unit that is closed: its sheets still bear it."""
    bearers: dict[str, Key] = {}
    for key, plan in units.items():
        for name in dict.fromkeys(plan.names):
            first = bearers.setdefault(" ".join(name.split()).casefold(), key)
            if first != key:
                text = f"Nama {name} sudah dipakai oleh unit kerja lain, kini atau mulai tanggal yang akan datang."
                yield Problem(key, Fault.SAME_NAME, (first,), text)


def post_problems(posts: Posts, units: Units, *, on: date) -> list[Problem]:
    """Everything that is wrong with posts still open: where they stand, who is above them, which way their sheets go."""
    superiors = {key: plan.superior for key, plan in posts.items()}
    circling = circles(superiors)
    found = [
        Problem(key, Fault.CYCLE, (), f"{posts[key].name} akan menjadi atasan dirinya sendiri: {_path(circle, posts)}.")
        for circle in circling
        for key in circle
    ]
    caught = {key for circle in circling for key in circle}
    heads = [key for key, plan in posts.items() if plan.kind is PositionKind.HEAD and not is_closed(plan, on)]
    for key, plan in posts.items():
        if is_closed(plan, on):
            continue
        found += _standing(key, plan, posts, units, heads)
        found += _route_problems(key, plan, posts, caught)
    return found


def _standing(key: Key, plan: PostPlan, posts: Posts, units: Units, heads: Sequence[Key]) -> Iterator[Problem]:
    yield from _reference(key, plan, plan.unit, units, "unit kerjanya")
    if plan.superior is not None:
        yield from _reference(key, plan, plan.superior, posts, "atasannya")
    elif plan.kind is not PositionKind.HEAD:
        yield Problem(
            key, Fault.NO_SUPERIOR, (), f"{plan.name} belum punya atasan; hanya pimpinan tertinggi yang tanpa atasan."
        )
    if plan.kind is PositionKind.HEAD and key != heads[0]:
        text = f"{posts[heads[0]].name} sudah menjadi pimpinan kantor; kantor hanya punya satu."
        yield Problem(key, Fault.SECOND_HEAD, (heads[0],), text)


def _route_problems(key: Key, plan: PostPlan, posts: Posts, caught: set[Key]) -> Iterator[Problem]:
    """Which routes cannot be walked. That two posts approve each other's sheets is no circle: each sheet has its own three
    persons, and a duty that moves, moves up to a superior (docs/decisions/0025)."""
    reviewer, approver = plan.route
    if approver is None:
        if reviewer is not None:
            text = f"Jalur {plan.name} punya pereviu tetapi tidak punya yang menetapkan."
            yield Problem(key, Fault.NO_APPROVER, (), text)
        return
    for role, each in (("pereviunya", reviewer), ("yang menetapkannya", approver)):
        if each == key:
            yield Problem(key, Fault.OWN_ROUTE, (role,), f"{plan.name} menjadi {role} sendiri.")
        elif each is not None:
            yield from _reference(key, plan, each, posts, role)
    if reviewer == approver:
        text = f"Pereviu dan yang menetapkan lembar {plan.name} adalah jabatan yang sama, {_name(approver, posts)}."
        yield Problem(key, Fault.SAME_POST, (approver,), text)
    elif approver in posts and approver != key and approver not in caught:
        yield from _upside_down(key, plan, approver, posts)


def _upside_down(key: Key, plan: PostPlan, approver: Key, posts: Posts) -> Iterator[Problem]:
    """A duty that the approver may not have moves to their superior: who may not be the owner or the reviewer."""
    above = set(_above(approver, posts))
    for role, each in (("pemilik lembarnya", key), ("pereviunya", plan.reviewer)):
        if each is not None and each != approver and each in above:
            text = (
                f"Yang menetapkan lembar {plan.name}, {_name(approver, posts)}, adalah bawahan {role}"
                f"{'' if each == key else f', {_name(each, posts)}'}: tugas yang naik ke atasan akan kembali kepadanya."
            )
            yield Problem(key, Fault.UPSIDE_DOWN, (approver, each), text)


def _reference(
    key: Key, plan: UnitPlan | PostPlan, other: Key, others: Mapping[Key, UnitPlan] | Mapping[Key, PostPlan], role: str
) -> Iterator[Problem]:
    """What a unit or post hangs on must be there as long as it is itself."""
    if other not in others:
        yield Problem(key, Fault.UNKNOWN, (other, role), f"{plan.name}: {role} tidak ada ({other}).")
        return
    end = others[other].closed_on
    if end is not None and (plan.closed_on is None or plan.closed_on > end):
        text = f"{plan.name} masih ada sesudah {role}, {others[other].name}, ditutup mulai {format_date(end)}."
        yield Problem(key, Fault.OUTLIVES, (other, role), text)


def circles(superiors: Mapping[Key, Key | None]) -> list[list[Key]]:
    """Every circle once, in the order of its members; each key is visited once."""
    found: list[list[Key]] = []
    done: set[Key] = set()
    for start in superiors:
        path: dict[Key, int] = {}
        key: Key | None = start
        while key is not None and key in superiors and key not in done and key not in path:
            path[key] = len(path)
            key = superiors[key]
        if key is not None and key in path:
            found.append(list(path)[path[key] :])
        done.update(path)
    return found


def _above(key: Key, posts: Posts) -> Iterator[Key]:
    """Superiors, the nearest first; a circle is left after one round."""
    seen = {key}
    above = posts[key].superior
    while above is not None and above in posts and above not in seen:
        yield above
        seen.add(above)
        above = posts[above].superior


def _path(circle: Sequence[Key], plans: Mapping[Key, UnitPlan] | Mapping[Key, PostPlan]) -> str:
    return " di bawah ".join(plans[key].name for key in (*circle, circle[0]))


def _name(key: Key, posts: Posts) -> str:
    return posts[key].name if key in posts else str(key)


def same_persons(posts: Posts, holdings: Mapping[Key, Sequence[Holding]], *, on: date) -> tuple[list[Problem], list[Problem]]:
    """Who would be two of owner, reviewer and approver on a day that is not past: (refused, only worth knowing).

    Two definitive posts are a lasting clash, and refused. Where one of the two is a Plt. or Plh., the duty moves to a
    superior for those days (docs/decisions/0002).
    """
    refused: list[Problem] = []
    known: list[Problem] = []
    for key, plan in posts.items():
        if plan.approver is None or is_closed(plan, on):
            continue
        for one, other in ((key, plan.reviewer), (key, plan.approver), (plan.reviewer, plan.approver)):
            if one is None or other is None or one == other:
                continue
            for first, second, days in _shared(holdings.get(one, ()), holdings.get(other, ()), on):
                is_lasting = first.term.kind is second.term.kind is AssignmentKind.DEFINITIVE
                text = (
                    f"{first.term.name} memegang {_name(one, posts)} dan {_name(other, posts)}, {format_span(*days)}; "
                    f"pada lembar {plan.name} keduanya harus orang yang berbeda."
                )
                problem = Problem(key, Fault.SAME_PERSON, (one, other, first.person), text)
                (refused if is_lasting else known).append(problem)
    return refused, known


def _shared(
    ones: Sequence[Holding], others: Sequence[Holding], on: date
) -> Iterator[tuple[Holding, Holding, tuple[date, date | None]]]:
    for one in ones:
        for other in others:
            days = overlap(one.term, other.term) if one.person == other.person else None
            if days is not None and (days[1] is None or days[1] >= on):
                yield one, other, days


def first_of_kinds(posts: Posts, *, on: date) -> dict[PositionKind, Key]:
    """The first open post of each kind; `posts` in the order of the office."""
    firsts: dict[PositionKind, Key] = {}
    for key, plan in posts.items():
        if not is_closed(plan, on):
            firsts.setdefault(plan.kind, key)
    return firsts


def default_route(key: Key, posts: Posts, firsts: Mapping[PositionKind, Key]) -> RoutePair:
    """The reviewer and approver of the post's kind (domain/office.py): the nearest superiors of those kinds, or else the
    office's first one; (None, None) for a post whose kind has no sheet. Raises `Invalid` where the office has none."""
    plan = posts[key]
    if plan.superior is None or plan.superior not in posts:
        return (None, None)
    kinds = DEFAULT_ROUTES.get((plan.kind, posts[plan.superior].kind))
    if kinds is None:
        return (None, None)
    reviewer, approver = kinds
    return (_nearest(key, reviewer, posts, firsts) if reviewer else None, _nearest(key, approver, posts, firsts))


def _nearest(key: Key, kind: PositionKind, posts: Posts, firsts: Mapping[PositionKind, Key]) -> Key:
    for above in _above(key, posts):
        if posts[above].kind is kind:
            return above
    if kind not in firsts:
        raise Invalid(f"Tidak ada {POSITION_KIND_WORDS[kind]} untuk jalur lembar {posts[key].name}.")
    return firsts[kind]
