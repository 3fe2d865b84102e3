"""Which indicator supports which: an Analis' those of the Kabid, the Kabid's the office's goals (IKU).

An indicator is known by its post and its words, not by its row: so a link follows it into a later revision with the same words,
and an approved sheet never changes because something was linked. Links go to the nearest post above that has a sheet, or to
an IKU; a circle is refused. Identical words under two posts are twins: two indicators, never merged (domain/rollup.py
counts them once).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from iki_portal.domain import policy
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Post, Route, SheetLike, Verdict
from iki_portal.domain.workflow import Duty, State

LINK_NOTE_LIMIT = 200


class RowKey(NamedTuple):
    """An indicator of a year: its post, and its words as `checks.text_key` folds them."""

    post_id: int
    words: str


class GoalKey(NamedTuple):
    """An IKU."""

    iku_id: int


Target = RowKey | GoalKey


@dataclass(frozen=True, slots=True)
class OutcomeKey:
    """A sasaran."""

    goal_id: int


class Link(NamedTuple):
    child: RowKey
    parent: Target


class Place(NamedTuple):
    """Where a post stands: under which post, and whether it has a sheet of its own."""

    superior_id: int | None
    has_sheet: bool


def posts_above(post_id: int, places: Mapping[int, Place]) -> list[int]:
    """The posts with a sheet above that one, the nearest first; posts without a sheet are skipped, a circle ends it."""
    found, seen = [], {post_id}
    above = places[post_id].superior_id if post_id in places else None
    while above is not None and above in places and above not in seen:
        seen.add(above)
        if places[above].has_sheet:
            found.append(above)
        above = places[above].superior_id
    return found


# Links as a graph


def below(links: Iterable[Link]) -> dict[Target, list[RowKey]]:
    """Target → what supports it directly, each once, in the order of the links."""
    found: dict[Target, list[RowKey]] = defaultdict(list)
    for link in links:
        if link.child not in found[link.parent]:
            found[link.parent].append(link.child)
    return found


def above(links: Iterable[Link]) -> dict[RowKey, list[Target]]:
    """Row → what it supports directly, each once."""
    found: dict[RowKey, list[Target]] = defaultdict(list)
    for link in links:
        if link.parent not in found[link.child]:
            found[link.child].append(link.parent)
    return found


def all_below(target: Target, children: Mapping[Target, Sequence[RowKey]]) -> list[RowKey]:
    """Everything that supports `target`, directly or through others: each row once, whatever the number of paths to it."""
    found: dict[RowKey, None] = {}
    waiting = list(reversed(children.get(target, ())))
    while waiting:
        row = waiting.pop()
        if row in found or row == target:
            continue
        found[row] = None
        waiting += reversed(children.get(row, ()))
    return list(found)


def closes_a_circle(link: Link, links: Iterable[Link]) -> bool:
    """Whether with this link a row would support itself."""
    return link.child == link.parent or link.parent in all_below(link.child, below(links))


def not_to_link_because(link: Link, *, post_above: int | None, links: Collection[Link]) -> str:
    """Why this link may not be; "" when it may. Whether its ends exist is asked where they are kept."""
    if isinstance(link.parent, RowKey):
        if link.parent.post_id == link.child.post_id:
            return "Indikator tidak mendukung lembarnya sendiri."
        if link.parent.post_id != post_above:
            return "Indikator mendukung lembar atasan terdekat yang mempunyai lembar, atau IKU."
    if closes_a_circle(link, links):
        return "Kaitan ini membuat lingkaran: yang didukung sudah mendukung indikator ini."
    return ""


# Who may


def not_linkable_because(sheet: SheetLike, route: Route) -> str:
    """Why nobody links this sheet's indicators now; "" when somebody may. Links are no content: any standing sheet has them."""
    if route.stage is YearStage.CLOSED:
        return "Tahun kinerja ini sudah ditutup."
    if sheet.state is State.SUPERSEDED:
        return "Lembar ini sudah digantikan; kaitan diatur dari revisi yang lebih baru."
    return ""


def may_link(actor: Actor, sheet: SheetLike, route: Route, superior: Post | None) -> Verdict:
    """Whether `actor` may say what this sheet's indicators support: its owner, or the owner of the sheet above."""
    if reason := not_linkable_because(sheet, route):
        return Verdict(reason=reason)
    return policy.answered(actor, lambda one: _may_link(one, sheet, route, superior))


def _may_link(actor: Actor, sheet: SheetLike, route: Route, superior: Post | None) -> Verdict:
    mandates = policy.mandates_with(actor, sheet, route, Duty.OWNER)
    if superior is not None and not actor.is_operator:
        mandates += actor.mandates_for(superior.id)
    if mandates:
        return policy.allowed_by(mandates)
    owner = policy.desk(sheet, route, Duty.OWNER)
    also = f"; {policy.Desk(Duty.REVIEWER, superior, superior.holders).who}" if superior is not None else ""
    return Verdict(reason=policy.reserved_for(owner, "mengaitkan indikator lembar ini")[:-1] + f"{also}.")


# Gaps


class GapKind(StrEnum):
    WITHOUT_OWNER = "without_owner"
    WITHOUT_IKU = "without_iku"
    UNSUPPORTED = "unsupported"
    SUPPORTS_NOTHING = "supports_nothing"
    BROKEN = "broken"
    TWINS = "twins"


#: Kind → what it is called, and what is to be done about it.
GAP_WORDS: dict[GapKind, tuple[str, str]] = {
    GapKind.WITHOUT_OWNER: (
        "IKU tanpa penanggung jawab",
        "Belum ada indikator Kepala Bidang atau Sekretaris yang mendukung IKU ini.",
    ),
    GapKind.WITHOUT_IKU: ("Sasaran tanpa IKU", "Operator melengkapi IKU-nya pada halaman Sasaran."),
    GapKind.UNSUPPORTED: (
        "Indikator pimpinan tanpa pendukung",
        "Belum ada indikator bawahan yang mendukungnya; kaitkan dari lembar bawahan.",
    ),
    GapKind.SUPPORTS_NOTHING: (
        "Indikator yang belum mendukung apa pun",
        "Kaitkan dengan indikator atasan atau IKU.",
    ),
    GapKind.BROKEN: ("Kaitan yang terputus", "Bunyi indikatornya berubah atau barisnya dihapus; lepas lalu kaitkan lagi."),
    GapKind.TWINS: (
        "Indikator kembar",
        "Bunyinya sama pada beberapa jabatan. Itu boleh; dalam jumlah, yang sama diukurnya dihitung sekali.",
    ),
}
#: Worth knowing, and nothing to mend.
HARMLESS = frozenset({GapKind.TWINS})


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a year, or of the part of it that a page shows."""

    rows: Collection[RowKey]
    links: Collection[Link]
    #: Posts that have posts with sheets under them: their indicators are to be supported.
    leading: Collection[int]
    #: Posts without a sheet above them: theirs are the indicators that answer for an IKU.
    topmost: Collection[int]
    #: The IKU of the year's period, and of these the ones whose owner is asked here.
    ikus: Collection[int] = ()
    ikus_asked: Collection[int] = ()
    #: Sasaran without an IKU.
    bare_outcomes: Collection[int] = ()
    #: Rows of posts that are not shown: what they support is not asked here.
    beside: Collection[RowKey] = ()
    #: IKUs and rows of which supporters are known elsewhere.
    supported_elsewhere: Collection[Target] = ()


class Gap(NamedTuple):
    kind: GapKind
    at: Target | OutcomeKey
    #: Of twins, the others; of a broken link, its other end.
    others: tuple[Target, ...] = ()


def gaps(shown: Shown) -> list[Gap]:
    """Everything that is missing or worth knowing, in the order of `GapKind`; a place at most once of each kind."""
    standing, broken = _sorted_out(shown)
    children, parents = below(standing), above(standing)
    own = [row for row in shown.rows if row not in shown.beside]
    found = [
        *(Gap(GapKind.WITHOUT_OWNER, GoalKey(each)) for each in shown.ikus_asked if not _is_owned(each, children, shown)),
        *(Gap(GapKind.WITHOUT_IKU, OutcomeKey(each)) for each in shown.bare_outcomes),
        *(Gap(GapKind.UNSUPPORTED, row) for row in own if _is_unsupported(row, children, shown)),
        *(Gap(GapKind.SUPPORTS_NOTHING, row) for row in own if not parents.get(row)),
        *(Gap(GapKind.BROKEN, link.child, (link.parent,)) for link in broken),
        *(Gap(GapKind.TWINS, first, tuple(others)) for first, *others in twins(own)),
    ]
    order = list(GapKind)
    return sorted(found, key=lambda gap: order.index(gap.kind))


def _sorted_out(shown: Shown) -> tuple[list[Link], list[Link]]:
    """Links whose ends are there, and those of which one is not."""
    posts, rows, ikus = {row.post_id for row in shown.rows}, set(shown.rows), set(shown.ikus)

    def is_gone(end: Target) -> bool:
        return end.iku_id not in ikus if isinstance(end, GoalKey) else end.post_id in posts and end not in rows

    broken = [link for link in shown.links if any(is_gone(end) for end in link)]
    return [link for link in shown.links if link not in broken], broken


def _is_owned(iku_id: int, children: Mapping[Target, Sequence[RowKey]], shown: Shown) -> bool:
    iku = GoalKey(iku_id)
    return iku in shown.supported_elsewhere or any(row.post_id in shown.topmost for row in children.get(iku, ()))


def _is_unsupported(row: RowKey, children: Mapping[Target, Sequence[RowKey]], shown: Shown) -> bool:
    return row.post_id in shown.leading and not children.get(row) and row not in shown.supported_elsewhere


def twins(rows: Iterable[RowKey]) -> Iterator[list[RowKey]]:
    """Rows of different posts with the same words, in groups."""
    groups: dict[str, list[RowKey]] = defaultdict(list)
    for row in rows:
        groups[row.words].append(row)
    return (group for group in groups.values() if len({row.post_id for row in group}) > 1)
