"""Whose desk a sheet lies on and who may see it, in SQL: the twin of `policy.desk` and `policy.sees`, tested against them.

Statements are built once; ask with `asked_by`.
"""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import State
from iki_portal.models import Assignment, Position, Sheet
from iki_portal.models.parameters import HELD, IDS, OWN, PERSON
from iki_portal.organisation.queries import in_force

#: Said as a literal, so that the planner recognises the partial indexes of what waits (models/sheets.py).
WAITING_SHEET = "sheet.state IN ('submitted', 'reviewed')"


def asked_by(actor: Actor, on: date) -> dict[str, Any]:
    """The parameters of `waiting_sheets` and `in_sight` for this reader on this day."""
    # never empty: for one parameter under IN and under NOT IN, SQLAlchemy 2.1 writes an empty list as "OR true" on PostgreSQL
    return {
        "today": on,
        "held": sorted(actor.position_ids) or [0],
        "own": sorted({each.position_id for each in actor.held}) or [0],
        "person": actor.employee_id or 0,
    }


def _every_holder_barred(post_id: Any, *, also_reviewer: bool) -> ColumnElement[bool]:
    """Every holder of `post_id` (there is at least one) is the owner, the proposer, or already reviewed."""
    return _barred(post_id, also_reviewer=also_reviewer) == 1


def _barred(post_id: Any, *, also_reviewer: bool) -> ColumnElement[Any]:
    """0 while some holder of `post_id` may act, 1 when every one is barred, NULL while nobody holds it."""
    holder, own = aliased(Assignment), aliased(Assignment)
    owns = (
        exists()
        .where(own.employee_id == holder.employee_id, own.position_id == Sheet.position_id, in_force(own))
        .correlate(Sheet, holder)  # two levels down SQLAlchemy would bring in a second, unrelated sheet
    )
    signers = [Sheet.submitted_by_id.expression, *([Sheet.reviewed_by_id.expression] if also_reviewer else [])]
    signed = or_(*(and_(signer.is_not(None), holder.employee_id == signer) for signer in signers))
    # no row, no minimum: a vacant post bars nobody
    everyone = select(func.min(case((or_(signed, owns), 1), else_=0))).where(holder.position_id == post_id, in_force(holder))
    return everyone.correlate(Sheet).scalar_subquery()


def deciding_post() -> ColumnElement[int]:
    """The post at which a submitted or reviewed sheet lies today: the twin of `policy.waiting_desk`, in SQL."""
    reviewer, approver = Sheet.reviewer_id.expression, Sheet.approver_id.expression
    above = select(Position.superior_id).where(Position.id == Sheet.approver_id).correlate(Sheet).scalar_subquery()
    to_review = and_(Sheet.state == State.SUBMITTED, reviewer.is_not(None))
    return case(
        (and_(to_review, func.coalesce(_barred(reviewer, also_reviewer=False), 0) == 0), reviewer),
        (or_(func.coalesce(_barred(approver, also_reviewer=True), 0) == 0, above.is_(None)), approver),
        else_=above,
    )


def _under_a_barred_approver() -> CompoundSelect[*tuple[Any, ...]]:
    """Sheets one step below the reader of which some holder of the approver's post is the owner, the proposer or the reviewer.

    Found from those few holders, not from the many sheets: whether *every* holder is barred is asked of these alone.
    """
    holder, own = aliased(Assignment), aliased(Assignment)
    below = select(holder.position_id, holder.employee_id).join(Position, Position.id == holder.position_id)
    beneath = below.where(Position.superior_id.in_(HELD), in_force(holder)).cte().prefix_with("MATERIALIZED")
    post, person = beneath.c.position_id, beneath.c.employee_id
    posts_of_holders = select(post, own.position_id.label("owned_id")).join(own, own.employee_id == person)
    owned = posts_of_holders.where(in_force(own)).cte().prefix_with("MATERIALIZED")
    waiting = select(Sheet.id).where(text(WAITING_SHEET))  # of ten years, those of today: what waits has an index of its own
    # one branch for each reason, so that each reads an index of its own
    return union_all(
        waiting.join(beneath, and_(Sheet.approver_id == post, Sheet.submitted_by_id == person)),
        waiting.join(beneath, and_(Sheet.approver_id == post, Sheet.reviewed_by_id == person)),
        waiting.join(owned, and_(Sheet.approver_id == owned.c.position_id, Sheet.position_id == owned.c.owned_id)),
    )


def _stands(state: State, sheet: Any = Sheet) -> ColumnElement[bool]:
    """A state as a literal: compared with a parameter, SQLite plans anew at each execution because of the partial indexes."""
    stands: ColumnElement[bool] = sheet.state == literal_column(f"'{state.value}'")
    return stands


def _turns() -> tuple[ColumnElement[bool], ...]:
    """The ways in which a waiting sheet can be the reader's to decide; no sheet fits two, and each has an index of its own."""
    approver, reviewer = Sheet.approver_id.expression, Sheet.reviewer_id.expression
    to_review = and_(_stands(State.SUBMITTED), Sheet.reviewer_id.is_not(None))
    to_approve = and_(
        or_(_stands(State.REVIEWED), and_(_stands(State.SUBMITTED), Sheet.reviewer_id.is_(None))),
        or_(Sheet.reviewed_by_id.is_(None), Sheet.reviewed_by_id != PERSON),
    )
    # by itself: PostgreSQL would rather ask the dear question of whatever waits anywhere than begin with those few
    under_a_barred = _under_a_barred_approver().cte().prefix_with("MATERIALIZED")
    past_the_reviewer = or_(to_approve, and_(to_review, _every_holder_barred(reviewer, also_reviewer=False)))
    return (
        and_(to_review, Sheet.reviewer_id.in_(HELD)),
        and_(past_the_reviewer, Sheet.approver_id.in_(HELD)),
        # who reviewed is asked about a review, too: nobody has before it, and one question serves both duties
        and_(past_the_reviewer, Sheet.id.in_(select(under_a_barred.c.id)), _every_holder_barred(approver, also_reviewer=True)),
    )


def waiting_sheets(*conditions: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """`id` and `submitted_at` of the sheets whose review or approval is the reader's turn today; to be ordered and limited.

    One branch for each way, not one condition with OR: every branch then reads its own posts' sheets in order, however many
    wait at other desks.
    """
    free = and_(text(WAITING_SHEET), Sheet.submitted_by_id != PERSON, Sheet.position_id.not_in(OWN), *conditions)
    return union_all(*(select(Sheet.id, Sheet.submitted_at).where(turn, free) for turn in _turns()))


def _waited_at(desk: Any) -> CTE:
    """The posts in that column of waiting sheets, each found by one leap through the column's own index."""
    least = select(func.min(desk).label("post_id")).where(text(WAITING_SHEET))
    posts = least.cte(recursive=True)
    following = least.where(desk > posts.c.post_id).correlate(posts).scalar_subquery()
    return posts.union_all(select(following).where(posts.c.post_id.is_not(None)))


@cache
def perhaps_without_anybody() -> Select[int]:
    """Of the posts at which sheets wait: those without a holder who holds no other post and has signed nothing there.

    Such a holder is barred from no sheet there, so that only what waits at the others needs the dear question. Asked by
    itself, since a planner that sees both begins with the sheets.
    """
    holder, another, signed = aliased(Assignment), aliased(Assignment), aliased(Sheet)
    waited_at = union(*(select(each.c.post_id) for each in map(_waited_at, (Sheet.reviewer_id, Sheet.approver_id)))).cte()
    post_id = waited_at.c.post_id
    submitted = _stands(State.SUBMITTED, signed)
    waits = or_(submitted, _stands(State.REVIEWED, signed))  # only today's, of ten years
    ties = (
        exists().where(another.employee_id == holder.employee_id, another.position_id != holder.position_id),
        exists().where(waits, signed.approver_id == post_id, signed.submitted_by_id == holder.employee_id),
        exists().where(waits, signed.approver_id == post_id, signed.reviewed_by_id == holder.employee_id),
        exists().where(submitted, signed.reviewer_id == post_id, signed.submitted_by_id == holder.employee_id),
    )
    untied = (~each.correlate(holder, waited_at) for each in ties)
    # counted, not "exists": PostgreSQL would turn that round and begin with every assignment
    free = select(func.count()).where(holder.position_id == post_id, in_force(holder), *untied).correlate(waited_at)
    return select(post_id).where(post_id.is_not(None), free.scalar_subquery() == 0)


def without_desk() -> ColumnElement[bool]:
    """Waiting sheets on which nobody may decide today: the twin of `Desk.stuck`.

    To be asked with the `ids` of `perhaps_without_anybody`.
    """
    above = select(Position.superior_id).where(Position.id == Sheet.approver_id).correlate(Sheet).scalar_subquery()
    reviewer, approver = Sheet.reviewer_id.expression, Sheet.approver_id.expression
    to_review = (_stands(State.SUBMITTED), reviewer.in_(IDS), _nobody(reviewer, approver, above, also_reviewer=False))
    is_past_review = or_(_stands(State.REVIEWED), reviewer.is_(None))
    to_approve = (is_past_review, approver.in_(IDS), _nobody(approver, above, also_reviewer=True))
    # one branch for each duty, as with waiting sheets: with OR a planner reads them all
    found = union_all(*(select(Sheet.id).where(text(WAITING_SHEET), *turn) for turn in (to_review, to_approve))).subquery()
    return Sheet.id.in_(select(found.c.id))


def _nobody(post_id: Any, *above: Any, also_reviewer: bool) -> ColumnElement[bool]:
    """The post is vacant; or its every holder is barred, and it is the last one or there is nobody above either."""
    barred = _barred(post_id, also_reviewer=also_reviewer)
    if not above:
        return or_(barred.is_(None), barred == 1)
    return or_(barred.is_(None), and_(barred == 1, _nobody(*above, also_reviewer=also_reviewer)))


def _moved_up() -> ColumnElement[bool]:
    """Sheets of which a duty has moved to a post that the reader holds: the approver's superior; its turn or not yet."""
    approver, reviewer = Sheet.approver_id.expression, Sheet.reviewer_id.expression
    review = and_(
        or_(Sheet.reviewer_id.is_(None), _every_holder_barred(reviewer, also_reviewer=False)),
        _every_holder_barred(approver, also_reviewer=False),
    )
    approve = and_(
        or_(Sheet.reviewed_by_id.is_(None), Sheet.reviewed_by_id != PERSON),
        _every_holder_barred(approver, also_reviewer=True),
    )
    return and_(
        Sheet.approver_id.in_(select(Position.id).where(Position.superior_id.in_(HELD))),
        Sheet.position_id.not_in(OWN),
        or_(Sheet.submitted_by_id.is_(None), Sheet.submitted_by_id != PERSON),
        or_(review, approve),
    )


@cache
def _in_sight_of_posts() -> ColumnElement[bool]:
    return or_(
        Sheet.state.in_([State.APPROVED, State.SUPERSEDED]),
        Sheet.position_id.in_(HELD),
        Sheet.reviewer_id.in_(HELD),
        Sheet.approver_id.in_(HELD),
        _moved_up(),
    )


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """Sheets that the reader may see: the twin of `policy.sees`."""
    return true() if actor.is_head else _in_sight_of_posts()
