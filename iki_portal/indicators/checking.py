"""The quality check of a sheet as its reader sees it, and the counts that lists show.

Reading takes two statements for a sheet, and one for the counts of any number of sheets.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, null, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from iki_portal.documents.paper import Paper
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor
from iki_portal.domain.quality import Answer, Counts, Finding, Severity, findings, rule_numbered
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight
from iki_portal.models import FindingAnswer, FindingCount, Indicator, Position, RuleSetting, Sheet, Statement
from iki_portal.models.columns import UtcDateTime
from iki_portal.models.parameters import IDS

Answers = Mapping[tuple[int, str], Answer]


def checked(sheet_id: int, paper: Paper, *, actor: Actor, on: date) -> tuple[Finding, ...]:
    """What the rules of its year see on the sheet, with the owner's answers; other sheets are named where `actor` sees them."""
    severities, answers = _year_and_owner([sheet_id])[sheet_id]
    elsewhere = _elsewhere(sheet_id, actor=actor, on=on)
    return findings(paper, severities=severities, elsewhere=elsewhere, answers=answers)


@cache
def _said_of_rules() -> CompoundSelect[*tuple[Any, ...]]:
    """What the year has set and what the owner has answered, in one statement: pages have few to spare."""
    years = (
        select(
            Sheet.id.label("sheet_id"),
            RuleSetting.rule,
            RuleSetting.severity,
            null().label("place"),
            null().label("about"),
            null().label("reason"),
            null().label("answered_by"),
            type_coerce(null(), UtcDateTime).label("answered_at"),
        )
        .join(RuleSetting, RuleSetting.year == Sheet.year)
        .where(Sheet.id.in_(IDS))
    )
    owners = select(
        FindingAnswer.sheet_id,
        FindingAnswer.rule,
        null(),
        FindingAnswer.place,
        FindingAnswer.about,
        FindingAnswer.reason,
        FindingAnswer.answered_by,
        FindingAnswer.answered_at,
    ).where(FindingAnswer.sheet_id.in_(IDS))
    return union_all(years, owners)


def _year_and_owner(sheet_ids: Sequence[int]) -> dict[int, tuple[dict[int, Severity], dict[tuple[int, str], Answer]]]:
    said: dict[int, tuple[dict[int, Severity], dict[tuple[int, str], Answer]]] = {each: ({}, {}) for each in sheet_ids}
    for row in db.session.execute(_said_of_rules(), {"ids": list(sheet_ids)}):
        severities, answers = said[row.sheet_id]
        if row.severity is not None:
            severities[row.rule] = row.severity
        else:
            answers[row.rule, row.place] = Answer(row.about, row.reason, row.answered_by, row.answered_at)
    return said


def answers_of(sheet_ids: Sequence[int]) -> dict[int, Answers]:
    """The owners' answers, by sheet, then by rule and place."""
    return {sheet_id: answers for sheet_id, (_, answers) in _year_and_owner(sheet_ids).items()}


_own = aliased(Sheet)


@cache
def _same_words() -> Select[*tuple[Any, ...]]:
    """Posts whose sheet of the same year has an indicator of this sheet; to be narrowed to what the reader sees.

    Both databases must begin with the sheet's own words: whoever begins with the year reads every sheet of it, and asks of
    each whether the reader sees it. So the years are subtracted: of a difference no index knows anything.
    """
    its_words, its_rows = aliased(Indicator), aliased(Statement)
    words = (
        select(its_words.text_key)
        .distinct()
        .join(its_rows, its_rows.id == its_words.statement_id)
        .where(its_rows.sheet_id.in_(IDS), its_words.text_key != "")
        .cte("words")
        .prefix_with("MATERIALIZED")
    )
    alike = (
        select(Indicator.text_key, Statement.sheet_id)
        .distinct()
        .join(words, words.c.text_key == Indicator.text_key)
        .join(Statement, Statement.id == Indicator.statement_id)
        .cte("alike")
        .prefix_with("MATERIALIZED")
    )
    return (
        select(alike.c.text_key, Position.title, Position.area, Position.order)
        .distinct()
        .select_from(alike)
        .join(Sheet, Sheet.id == alike.c.sheet_id)
        .join(_own, and_(Sheet.year - _own.year == 0, _own.position_id != Sheet.position_id, _own.id.in_(IDS)))
        .join(Position, Position.id == Sheet.position_id)
        .where(Sheet.state != State.SUPERSEDED)
        .order_by(Position.order)
    )


def _elsewhere(sheet_id: int, *, actor: Actor, on: date) -> dict[str, tuple[str, ...]]:
    actor = actor.acting_as(None)  # choosing a post must not hide what another one shows, and may block
    query = _same_words().where(in_sight(actor))
    posts: dict[str, list[str]] = defaultdict(list)
    for row in db.session.execute(query, {**asked_by(actor, on), "ids": [sheet_id]}):
        posts[row.text_key].append(post_name(row.title, row.area))
    return {key: tuple(names) for key, names in posts.items()}


@cache
def _kept_counts() -> Select[*tuple[Any, ...]]:
    setting = and_(RuleSetting.year == Sheet.year, RuleSetting.rule == FindingCount.rule)
    return (
        select(FindingCount.sheet_id, FindingCount.rule, FindingCount.found, FindingCount.answered, RuleSetting.severity)
        .join(Sheet, Sheet.id == FindingCount.sheet_id)
        .outerjoin(RuleSetting, setting)
        # asked of both, or PostgreSQL goes through every sheet of ten years up to the largest of the numbers
        .where(FindingCount.sheet_id.in_(IDS), Sheet.id.in_(IDS), Sheet.state.in_(IN_PREPARATION))
    )


def kept_counts(sheet_ids: Sequence[int]) -> dict[int, Counts]:
    """Open findings of those of the sheets that are in preparation and have any, by the severities of their years."""
    blocking: dict[int, int] = defaultdict(int)
    advising: dict[int, int] = defaultdict(int)
    for row in db.session.execute(_kept_counts(), {"ids": list(sheet_ids)}):
        rule = rule_numbered(row.rule)
        severity = row.severity or (rule.severity if rule else Severity.OFF)
        if severity is Severity.BLOCKS:
            blocking[row.sheet_id] += row.found
        elif severity is Severity.ADVISES:
            advising[row.sheet_id] += row.found - row.answered
    counts = {each: Counts(blocking[each], advising[each]) for each in {*blocking, *advising}}
    return {sheet_id: each for sheet_id, each in counts.items() if each}
