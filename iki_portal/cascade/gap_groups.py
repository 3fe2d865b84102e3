"""What is missing in the tree, as the page names it: by kind, each place with whose it is and where it is mended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for

from iki_portal.cascade.facts import Facts
from iki_portal.cascade.goals import GoalLine, bare_outcomes, ikus_in
from iki_portal.domain.cascade import (
    GAP_WORDS,
    HARMLESS,
    Gap,
    GapKind,
    GoalKey,
    OutcomeKey,
    RowKey,
    Shown,
    gaps,
    posts_above,
)

SEE_GOALS = "Buka Sasaran"


@dataclass(frozen=True, slots=True)
class GapLine:
    text: str
    #: Whose row it is; empty for goals.
    post: str = ""
    url: str = ""
    #: Where it is mended.
    mend_url: str = ""
    mend_word: str = "Atur kaitan"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GapGroup:
    kind: GapKind
    name: str
    remedy: str
    is_harmless: bool
    lines: list[GapLine]


def gaps_in(facts: Facts, goals: list[GoalLine], owned: Mapping[int, list[str]]) -> list[Gap]:
    """What is missing; `goals` are those whose owners and IKU are asked here."""
    own = set(facts.posts)
    return gaps(
        Shown(
            rows=list(facts.rows),
            links=[each.link for each in facts.links],
            leading=[key for key, line in facts.lines.items() if line.leads],
            topmost=[key for key in facts.lines if not posts_above(key, facts.places)],
            ikus=list(facts.ikus),
            ikus_asked=[each.id for each in ikus_in(goals)],
            bare_outcomes=[each.id for each in bare_outcomes(goals)],
            beside={key for key in facts.rows if key.post_id not in own},
            supported_elsewhere={*facts.elsewhere, *(GoalKey(each) for each in owned)},
        )
    )


def gap_groups(found: Iterable[Gap], facts: Facts, goals: list[GoalLine]) -> list[GapGroup]:
    lines: dict[GapKind, list[GapLine]] = defaultdict(list)
    outcomes = {outcome.id: outcome.text for goal in goals for outcome in goal.outcomes}
    for gap in found:
        lines[gap.kind].append(_gap_line(gap, facts, outcomes))
    return [GapGroup(kind, *GAP_WORDS[kind], kind in HARMLESS, each) for kind, each in lines.items()]


def _gap_line(gap: Gap, facts: Facts, outcomes: Mapping[int, str]) -> GapLine:
    if isinstance(gap.at, OutcomeKey):
        return GapLine(outcomes[gap.at.goal_id], mend_url=url_for("cascade.goals"), mend_word=SEE_GOALS)
    if isinstance(gap.at, GoalKey):
        return GapLine(facts.ikus[gap.at.iku_id].text, mend_url=url_for("cascade.goals"), mend_word=SEE_GOALS)
    row, post = facts.rows.get(gap.at), facts.lines[gap.at.post_id].name
    detail = _detail(gap, facts)
    if row is None:
        words = next(each.text for each in facts.links if each.link.child == gap.at)
        return GapLine(words, post, mend_url=facts.support_url(gap.at.post_id), detail=detail)
    mend = facts.support_url(gap.at.post_id) if gap.kind in (GapKind.SUPPORTS_NOTHING, GapKind.BROKEN) else ""
    return GapLine(row.text, post, facts.row_url(gap.at), mend, detail=detail)


def _detail(gap: Gap, facts: Facts) -> str:
    if gap.kind is GapKind.TWINS:
        return "juga pada " + "; ".join(facts.lines[each.post_id].name for each in gap.others if isinstance(each, RowKey))
    if gap.kind is GapKind.BROKEN:
        return f"mendukung “{next(each.parent_text for each in facts.links if each.link == (gap.at, gap.others[0]))}”"
    return ""
