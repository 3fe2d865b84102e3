"""Everything that one page of the tree is drawn from, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from iki_portal.cascade import queries
from iki_portal.cascade.figures import YearFigures, figures_of
from iki_portal.cascade.goals import GoalLine, IkuLine, ikus_in
from iki_portal.cascade.queries import LinkLine, PostLine, RowLine
from iki_portal.domain.cascade import Place, RowKey, Target, below, posts_above
from iki_portal.domain.policy import Actor
from iki_portal.realisation.windows import Measuring


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page shows of which year."""

    year: int
    unit_id: int | None
    page: int
    measuring: Measuring
    quarter: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was read for one page."""

    asked: Asked
    posts: Sequence[int]
    lines: dict[int, PostLine]
    rows: dict[RowKey, RowLine]
    links: list[LinkLine]
    elsewhere: dict[RowKey, int]
    figures: YearFigures
    ikus: dict[int, IkuLine]
    quarter: int | None

    places: dict[int, Place]
    #: Target → what supports it directly, of what is shown.
    children: dict[Target, list[RowKey]]

    def level(self, post_id: int) -> int:
        return len(posts_above(post_id, self.places)) + 1

    def top_of(self, post_id: int) -> int:
        """The post without a sheet above it, under which that one stands."""
        return (posts_above(post_id, self.places) or [post_id])[-1]

    def row_url(self, key: RowKey) -> str:
        row = self.rows[key]
        return url_for("approvals.sheet", sheet_id=row.sheet_id, _anchor=f"indikator-{row.indicator_id}")

    def support_url(self, post_id: int) -> str:
        """Where what the indicators of that post support is said; empty where its sheet is not shown."""
        sheet_id = next((row.sheet_id for row in self.rows.values() if row.key.post_id == post_id), None)
        return url_for("cascade.support", sheet_id=sheet_id) if sheet_id else ""


def read_facts(
    asked: Asked,
    posts: Sequence[int],
    goals: list[GoalLine],
    backing: list[tuple[int, int]],
    *,
    actor: Actor,
    on: date,
) -> Facts:
    """What stands on those posts' sheets, with everything above it that it supports."""
    links = queries.links_up(asked.year, posts)
    linked = {end for each in links for end in each.link if isinstance(end, RowKey)}
    concerned = {*posts, *(end.post_id for end in linked)}
    rows = queries.rows_of(asked.year, concerned, actor=actor, on=on)
    own = set(posts)
    shown = {key: row for key, row in rows.items() if key.post_id in own or key in linked}
    lines = queries.post_lines({*concerned, *(post_id for _, post_id in backing)})
    figures = figures_of(asked.year, concerned)
    return Facts(
        asked=asked,
        posts=posts,
        lines=lines,
        rows=shown,
        links=links,
        elsewhere=queries.supporters(asked.year, posts, but=posts),
        figures=figures,
        ikus={each.id: each for each in ikus_in(goals)},
        quarter=asked.quarter or figures.newest_quarter,
        places=queries.places_of(lines),
        children=below(each.link for each in links if each.link.child in shown),
    )
