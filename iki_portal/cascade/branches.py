"""The branches of the tree: each with its rows as a nested list and as a drawing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iki_portal.cascade.drawing import Drawing, Leaf, draw
from iki_portal.cascade.facts import Facts
from iki_portal.cascade.figures import YearFigures
from iki_portal.cascade.goals import IkuLine
from iki_portal.cascade.queries import RowLine
from iki_portal.domain.cascade import Gap, GapKind, GoalKey, OutcomeKey, RowKey, Target, above, all_below
from iki_portal.domain.realisation import ReportState
from iki_portal.domain.rollup import RollUp, roll_up
from iki_portal.domain.workflow import State
from iki_portal.realisation.rows import AchievementView, achievement_view
from iki_portal.web.labels import REPORT_LABELS, STATE_LABELS, Label

NOT_REPORTED = Label("Belum dilaporkan", "danger", "exclamation-octagon-fill")
NO_FIGURE = Label("Tanpa angka", "neutral", "dash-circle")


@dataclass(slots=True)
class Node:
    """One indicator in the list, with what supports it."""

    row: RowLine
    post: str
    #: Of a sheet that is not in force yet.
    state: Label | None
    achievement: AchievementView | None
    #: Instead of an achievement: that there is none, and why.
    reported: Label | None
    roll_up: RollUp | None
    #: Words of IKU, and of parents under which it is not listed.
    supports: list[str]
    gaps: frozenset[GapKind]
    #: Supporters of posts that this page does not show.
    elsewhere: int
    #: Of a post that the page does not ask about: shown because something supports it, and without sums.
    is_beside: bool
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Branch:
    name: str
    unit: str
    nodes: list[Node]
    drawing: Drawing


def branches(facts: Facts, found: Sequence[Gap]) -> list[Branch]:
    """One for each post without a sheet above it, with everything under it that is shown."""
    marks: dict[Target, set[GapKind]] = defaultdict(set)
    for gap in found:
        if not isinstance(gap.at, OutcomeKey):
            marks[gap.at].add(gap.kind)
    by_top: dict[int, list[RowKey]] = defaultdict(list)
    for key in facts.rows:
        by_top[facts.top_of(key.post_id)].append(key)
    return [_branch(facts, top, keys, marks) for top, keys in by_top.items()]


def _branch(facts: Facts, top: int, keys: list[RowKey], marks: Mapping[Target, set[GapKind]]) -> Branch:
    keys = sorted(keys, key=lambda key: facts.level(key.post_id))
    nodes = {key: _node(facts, key, marks.get(key, set())) for key in keys}
    parents, listed = above(each.link for each in facts.links), list[Node]()
    for key, node in nodes.items():
        targets = parents.get(key, [])
        under = next((each for each in targets if isinstance(each, RowKey) and each in nodes and each != key), None)
        if under is not None and facts.level(under.post_id) < facts.level(key.post_id):
            nodes[under].children.append(node)
        else:
            under = None
            listed.append(node)
        node.supports = [words for each in targets if each != under and (words := _words(facts, each))]
    line = facts.lines[top]
    return Branch(line.name, line.short_unit, listed, _drawing(facts, list(nodes.values())))


def _words(facts: Facts, target: Target) -> str:
    if isinstance(target, RowKey):
        return facts.rows[target].text if target in facts.rows else ""
    return f"IKU {facts.ikus[target.iku_id].text}" if target.iku_id in facts.ikus else ""


def _node(facts: Facts, key: RowKey, marks: set[GapKind]) -> Node:
    row, quarter = facts.rows[key], facts.quarter
    supporting, is_beside = all_below(key, facts.children), key.post_id not in facts.posts
    found = facts.figures.achievement(key, quarter, facts.asked.measuring) if quarter else None
    rolled = roll_up(facts.figures.contribution(facts.rows[each], quarter) for each in supporting) if quarter else None
    return Node(
        row=row,
        post=facts.lines[key.post_id].name,
        state=None if row.state is State.APPROVED else STATE_LABELS[row.state],
        achievement=achievement_view(found, facts.asked.measuring) if found else None,
        reported=None if found or not quarter else _unreported(facts.figures, key, quarter),
        roll_up=rolled if supporting and not is_beside else None,
        supports=[],
        gaps=frozenset(marks),
        elsewhere=facts.elsewhere.get(key, 0),
        is_beside=is_beside,
    )


def _unreported(figures: YearFigures, key: RowKey, quarter: int) -> Label:
    state = figures.states.get((key.post_id, quarter))
    return NOT_REPORTED if state is None else NO_FIGURE if state is ReportState.VERIFIED else REPORT_LABELS[state]


# The drawing


def _drawing(facts: Facts, nodes: Sequence[Node]) -> Drawing:
    keys = {node.row.key for node in nodes}
    supported = {each.link.parent for each in facts.links if each.link.child in keys}
    ikus = [facts.ikus[each.iku_id] for each in supported if isinstance(each, GoalKey) and each.iku_id in facts.ikus]
    leaves = [_iku_leaf(each) for each in sorted(ikus, key=lambda each: (each.order, each.id))]
    leaves += [_leaf(facts, node) for node in nodes]
    return draw(leaves, {parent: list(rows) for parent, rows in facts.children.items()})


def _iku_leaf(iku: IkuLine) -> Leaf:
    return Leaf(GoalKey(iku.id), 0, "IKU", iku.text, "progress")


def _leaf(facts: Facts, node: Node) -> Leaf:
    label = node.achievement.label if node.achievement else node.reported
    said = node.achievement.percentage or node.achievement.label.word if node.achievement else label.word if label else ""
    words = {GapKind.UNSUPPORTED: "tanpa pendukung", GapKind.SUPPORTS_NOTHING: "belum mendukung apa pun"}
    missing = [word for kind, word in words.items() if kind in node.gaps]
    return Leaf(
        key=node.row.key,
        column=facts.level(node.row.key.post_id),
        head=f"{node.row.number} · {node.post}",
        text=node.row.text,
        tone=label.tone if label else "neutral",
        url=facts.row_url(node.row.key),
        state=said,
        gap=", ".join(missing),
    )
