"""The page "Pohon kinerja": gaps by name, the goals with who answers for them, and the branches."""

from dataclasses import dataclass
from datetime import date

from iki_portal.cascade import queries
from iki_portal.cascade.branches import Branch, branches
from iki_portal.cascade.facts import Asked, read_facts
from iki_portal.cascade.gap_groups import GapGroup, gap_groups, gaps_in
from iki_portal.cascade.goals import GoalLine, PeriodLine, backers, goals_of, owners_of, period_of
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import QUARTER_WORDS


@dataclass(frozen=True, slots=True)
class TreePage:
    asked: Asked
    #: Every post with a sheet is on this page.
    is_whole: bool
    has_next: bool
    period: PeriodLine | None
    goals: list[GoalLine]
    owners: dict[int, list[str]]
    gaps: list[GapGroup]
    branches: list[Branch]
    quarter: int | None

    @property
    def quarter_word(self) -> str:
        return QUARTER_WORDS[self.quarter - 1] if self.quarter else ""

    @property
    def to_mend(self) -> int:
        return sum(len(group.lines) for group in self.gaps if not group.is_harmless)


def tree_page(asked: Asked, *, actor: Actor, on: date) -> TreePage:
    """A constant number of statements for any number of posts, links and figures (tests/features/test_supporting.py)."""
    found = queries.page_of_posts(asked.unit_id, asked.page)
    posts, has_next = found[: queries.MOST_POSTS], len(found) > queries.MOST_POSTS
    is_whole = asked.unit_id is None and asked.page == 1 and not has_next
    period = period_of(asked.year)
    goals = goals_of(period.id) if period else []
    backing = backers(period.id, asked.year) if period else []
    facts = read_facts(asked, posts, goals, backing, actor=actor, on=on)
    owned = owners_of(backing, facts.lines)
    seen = gaps_in(facts, goals if is_whole else [], owned)
    return TreePage(
        asked=asked,
        is_whole=is_whole,
        has_next=has_next,
        period=period,
        goals=goals if is_whole else [],
        owners=owned,
        gaps=gap_groups(seen, facts, goals),
        branches=branches(facts, seen),
        quarter=facts.quarter,
    )
