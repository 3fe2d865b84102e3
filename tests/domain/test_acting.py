"""Acting by one post of several: whoever chooses narrows what they may do, and never becomes another person."""

import pytest

from iki_portal.domain import policy
from iki_portal.domain.errors import NotAllowed
from iki_portal.domain.office import PositionKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Mandate, Permission, Route
from iki_portal.domain.workflow import Duty, State, Step
from tests.domain.test_policy import (
    APPROVER_POST,
    CAST,
    DEFINITIVE,
    HEAD_POST,
    KINDS,
    OTHER_POST,
    OWNER_POST,
    REVIEWER_POST,
    TITLES,
    Sheet,
    id_of,
    office,
    route,
)

PLT, PLH = AssignmentKind.PLT, AssignmentKind.PLH


def person(*held: tuple[int, AssignmentKind], number: int = 900) -> Actor:
    """Somebody who holds these posts; each mandate's id is its place."""
    mandates = (Mandate(post, kind, TITLES[post], KINDS[post], id=place) for place, (post, kind) in enumerate(held, start=1))
    return Actor(number, number, "Dua", tuple(mandates))


def way_with(who: Actor, **cast: dict[int, AssignmentKind]) -> Route:
    """The usual route, with that person in their posts beside the cast."""
    posts = office(**cast)
    assert who.employee_id is not None
    for mandate in who.held:
        post = posts[mandate.position_id]
        holder = policy.Holder(who.employee_id, who.name, mandate.kind)
        posts[post.id] = policy.Post(post.id, post.title, (*post.holders, holder))
    return route(posts)


def test_one_post_is_chosen_and_all_of_them_again() -> None:
    both = person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT))
    assert both.chosen is None
    narrowed = both.acting_as(2)
    assert narrowed.chosen == both.mandates[1]
    assert narrowed.position_ids == {REVIEWER_POST}
    assert narrowed.held == both.held
    assert narrowed.acting_as(None) == both


def test_a_choice_that_is_not_in_force_any_more_counts_as_all_posts() -> None:
    both = person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT))
    assert both.acting_as(99) == both
    alone = person((OTHER_POST, DEFINITIVE))
    assert alone.acting_as(1).chosen is None


@pytest.mark.parametrize("forged", [0, 3, 99])
def test_an_act_by_somebody_elses_mandate_is_refused(forged: int) -> None:
    with pytest.raises(NotAllowed, match="tidak bertindak dalam jabatan itu hari ini"):
        person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT)).by(forged)


def test_an_act_cannot_reach_past_the_post_that_was_chosen() -> None:
    both = person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT)).acting_as(1)
    assert both.by(None) is both
    assert both.by(1).position_ids == {OTHER_POST}
    with pytest.raises(NotAllowed):
        both.by(2)


#: Which post is chosen (0: all), and whether the Plt. may review.
@pytest.mark.parametrize(("choice", "may"), [(0, True), (1, False), (2, True)])
def test_only_the_chosen_post_reviews(choice: int, may: bool) -> None:
    both = person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT))
    sheet, way = Sheet(State.SUBMITTED, 1, id_of("owner", CAST)), way_with(both, **CAST)
    actor = both.acting_as(choice or None)
    verdict = policy.may(actor, Step.REVIEW, sheet, way)
    assert bool(verdict) is may
    assert policy.sees(actor, sheet, way) is may
    if may:
        assert verdict.mandate == both.mandates[1]
        assert policy.left_aside(actor, sheet, way) is None
    else:
        assert "Anda sedang bertindak sebagai Lain; langkah ini ada pada jabatan Anda sebagai Plt. Kabid" in verdict.reason
        assert policy.left_aside(actor, sheet, way) == both.mandates[1]


def test_choosing_another_post_makes_nobody_another_person() -> None:
    """Who proposed, or owns the sheet, reviews it by no choice of theirs."""
    both = person((OWNER_POST, DEFINITIVE), (REVIEWER_POST, PLT))
    way = way_with(both, **{name: held for name, held in CAST.items() if name not in ("owner", "reviewer")})
    for proposer in (both.employee_id, 7):
        sheet = Sheet(State.SUBMITTED, 1, proposer)
        assert not policy.may(both.acting_as(2), Step.REVIEW, sheet, way)
        assert not policy.may(both.acting_as(2), Step.RETURN, sheet, way)


def test_doors_close_with_the_post_that_is_left_aside() -> None:
    both = person((OTHER_POST, DEFINITIVE), (APPROVER_POST, PLT))
    assert policy.permitted(both, Permission.YEAR_CLOSE)
    with pytest.raises(NotAllowed, match=r"Sekretaris\. Anda sedang bertindak sebagai Lain; pilih jabatan lain"):
        policy.demand_permission(both.acting_as(1), Permission.YEAR_CLOSE)
    with pytest.raises(NotAllowed, match=r"Sekretaris\.$"):
        policy.demand_permission(person((OTHER_POST, DEFINITIVE)), Permission.YEAR_CLOSE)
    assert both.acting_as(2).mandate_as(PositionKind.SECRETARY).kind is PLT
    assert not person((HEAD_POST, PLH), (OTHER_POST, DEFINITIVE)).acting_as(2).is_head


def test_of_several_mandates_that_fit_the_definitive_one_is_proposed_and_each_may_be_chosen() -> None:
    twice = person((REVIEWER_POST, PLH), (REVIEWER_POST, DEFINITIVE))
    sheet = Sheet(State.SUBMITTED, 1, id_of("owner", CAST))
    way = way_with(twice, owner=CAST["owner"], approver=CAST["approver"])
    verdict = policy.may(twice, Step.REVIEW, sheet, way)
    assert [each.kind for each in verdict.choices] == [DEFINITIVE, PLH]
    assert verdict.mandate == verdict.choices[0]
    assert policy.may(twice.by(1), Step.REVIEW, sheet, way).mandate == twice.mandates[0]
    assert policy.may(twice.by(1), Step.REVIEW, sheet, way).choices == ()


def test_who_owns_and_approves_chooses_in_which_capacity_a_revision_is_made() -> None:
    both = person((APPROVER_POST, PLT), (OWNER_POST, DEFINITIVE))
    sheet, way = Sheet(State.APPROVED, 1, 7, 8), way_with(both)
    verdict = policy.may(both, Step.REVISE, sheet, way)
    assert [each.position_id for each in verdict.choices] == [OWNER_POST, APPROVER_POST]
    assert policy.may(both.by(1), Step.REVISE, sheet, way).mandate == both.mandates[0]


def test_a_mandate_of_today_that_does_not_carry_the_duty_is_refused() -> None:
    both = person((OTHER_POST, DEFINITIVE), (REVIEWER_POST, PLT))
    sheet, way = Sheet(State.SUBMITTED, 1, id_of("owner", CAST)), way_with(both, **CAST)
    assert not policy.may(both.by(1), Step.REVIEW, sheet, way)


def test_writing_follows_the_chosen_post_and_says_so() -> None:
    both = person((OWNER_POST, DEFINITIVE), (OTHER_POST, PLT))
    draft, way = Sheet(State.DRAFT), way_with(both)
    assert policy.may_write(both.acting_as(1), draft, way)
    assert "langkah ini ada pada jabatan Anda sebagai Analis" in policy.may_write(both.acting_as(2), draft, way).reason
    assert policy.holds(both.acting_as(2), draft, way, Duty.OWNER) is None
    assert not policy.may_import(both.acting_as(2), OWNER_POST)
