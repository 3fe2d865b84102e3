"""How far a quarter is said to be, and who reads the names behind the numbers."""

from collections import Counter
from decimal import Decimal

import pytest

from iki_portal.domain.office import PositionKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.reports import YEAR, Figures, SheetStage, Stage, loudest, names_sight, owe
from iki_portal.domain.results import Tally

S = Stage


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ({}, None),
        ({S.NOT_YET: 3}, S.NOT_YET),
        ({S.VERIFIED: 3}, S.VERIFIED),
        ({S.VERIFIED: 3, S.SUBMITTED: 1}, S.SUBMITTED),
        ({S.VERIFIED: 9, S.SUBMITTED: 9, S.RETURNED: 1}, S.RETURNED),
        ({S.VERIFIED: 9, S.SUBMITTED: 9, S.RETURNED: 9, S.MISSING: 1}, S.MISSING),
    ],
)
def test_what_is_missing_is_said_before_anything_else(counted: dict[Stage, int], said: Stage | None) -> None:
    assert loudest(Counter(counted)) is said


def test_a_quarter_is_owed_from_the_day_it_opens() -> None:
    figures = Figures()
    figures.stages(1)[S.VERIFIED] = 2
    owe(figures, 5, Counter({1: 2}), opened=frozenset({1, 2}))
    assert [dict(figures.stages(quarter)) for quarter in (1, 2, 3)] == [
        {S.VERIFIED: 2, S.MISSING: 3},
        {S.MISSING: 5},
        {S.NOT_YET: 5},
    ]


def test_nobody_owes_less_than_nothing() -> None:
    figures = Figures()
    owe(figures, 1, Counter({1: 3}), opened=frozenset({1}))
    assert not figures.stages(1)


def test_a_unit_counts_itself_and_what_lies_below() -> None:
    above, below = (
        Figures(Counter({SheetStage.DRAFT: 1}), indicators=2),
        Figures(Counter({SheetStage.APPROVED: 3}), indicators=5),
    )
    above.tallies[YEAR], below.tallies[YEAR] = Tally(1, 1, 0, 0, 0, Decimal(50)), Tally(3, 3, 0, 0, 0, Decimal(300))
    above.add(below)
    assert above.sheets == {SheetStage.DRAFT: 1, SheetStage.APPROVED: 3}
    assert above.indicators == 7
    assert above.tally(YEAR).mean == Decimal("87.5"), "of four indicators, not of two units"
    assert below.sheets == {SheetStage.APPROVED: 3}


@pytest.mark.parametrize(
    ("kind", "sees_all", "posts"),
    [
        (PositionKind.HEAD, True, set()),
        (PositionKind.SECRETARY, True, set()),
        (PositionKind.DIVISION_HEAD, False, {7}),
        (PositionKind.SUBSECTION_HEAD, False, {7}),
        (PositionKind.STAFF, False, set()),
    ],
)
@pytest.mark.parametrize("capacity", AssignmentKind)
def test_names_are_read_by_who_leads(kind: PositionKind, sees_all: bool, posts: set[int], capacity: AssignmentKind) -> None:
    actor = Actor(1, 1, "Siti", mandates=(Mandate(7, capacity, "Jabatan", kind),))
    sight = names_sight(actor)
    assert (sight.all, sight.leading_posts) == (sees_all, posts)
    assert sight.any is (sees_all or bool(posts))


def test_an_operator_and_who_chose_another_post_read_none() -> None:
    assert not names_sight(Actor(1, None, "Operator", is_operator=True)).any
    held = (
        Mandate(7, AssignmentKind.PLT, "Kabid", PositionKind.DIVISION_HEAD, id=1),
        Mandate(8, AssignmentKind.DEFINITIVE, "Analis", PositionKind.STAFF, id=2),
    )
    assert names_sight(Actor(1, 1, "Siti", mandates=held)).any
    assert not names_sight(Actor(1, 1, "Siti", mandates=held).acting_as(2)).any
