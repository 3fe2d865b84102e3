"""The whole table: every state, step and person, for every way in which posts come to be held. Written by hand, not computed.

Letters: o owner, r reviewer, a approver, h the approver's superior (Kepala Badan). A sheet "by" somebody was proposed by them.
"""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain import policy
from iki_portal.domain.errors import NotAllowed, WrongState
from iki_portal.domain.office import PositionKind, YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Holder, Mandate, Permission, Post, Route
from iki_portal.domain.workflow import State, Step

POSTS = {"o": (1, "Analis"), "r": (2, "Kabid"), "a": (3, "Sekretaris"), "h": (4, "Kepala Badan"), "x": (5, "Lain")}
KINDS = {"o": PositionKind.STAFF, "r": PositionKind.DIVISION_HEAD, "a": PositionKind.SECRETARY, "h": PositionKind.HEAD}
PEOPLE = ("ana", "rina", "sari", "hadi", "plt", "tamu")
NUMBERS = {name: number for number, name in enumerate((*PEOPLE, "moved"), start=101)}
DRAFT, SUBMITTED, REVIEWED, APPROVED, SUPERSEDED = State


@dataclass(frozen=True)
class Sheet:
    state: State
    revision: int = 1
    submitted_by_id: int | None = None
    reviewed_by_id: int | None = None


@dataclass(frozen=True)
class Cast:
    """`held`: "ana": "or" says that Ana holds the posts of owner and reviewer; the first definitively, the rest as Plt."""

    held: dict[str, str]
    proposer: str
    reviewed_by: str
    #: who submits or withdraws and writes · who reviews · who approves (in `reviewed`) · who revises, comma-separated
    owns: str
    reviews: str
    approves: str
    revises: str
    #: who sees a sheet that is not approved yet
    sees: str


USUAL = {"ana": "o", "rina": "r", "sari": "a", "hadi": "h", "tamu": "x"}
CASTS = {
    "everybody in one post": Cast(USUAL, "ana", "rina", "ana", "rina", "sari", "ana,sari", "ana,rina,sari,hadi"),
    "a Plt. beside the reviewer": Cast(
        USUAL | {"plt": "xr"}, "ana", "plt", "ana", "rina,plt", "sari", "ana,sari", "ana,rina,sari,hadi,plt"
    ),
    "a Plt. alone as reviewer": Cast(
        {"ana": "o", "plt": "xr", "sari": "a", "hadi": "h", "tamu": "x"},
        "ana", "plt", "ana", "plt", "sari", "ana,sari", "ana,plt,sari,hadi",
    ),
    "a Plt. as owner": Cast(
        USUAL | {"plt": "xo"}, "plt", "rina", "ana,plt", "rina", "sari", "ana,plt,sari", "ana,plt,rina,sari,hadi"
    ),
    "the owner is the reviewer": Cast(
        {"ana": "or", "sari": "a", "hadi": "h", "tamu": "x"},
        "ana", "sari", "ana", "sari", "hadi", "ana,sari", "ana,sari,hadi",
    ),
    "the reviewer is the approver": Cast(
        {"ana": "o", "rina": "ra", "hadi": "h", "tamu": "x"},
        "ana", "rina", "ana", "rina", "hadi", "ana,rina", "ana,rina,hadi",
    ),
    "the owner is the approver": Cast(
        {"ana": "oa", "rina": "r", "hadi": "h", "tamu": "x"},
        "ana", "rina", "ana", "rina", "hadi", "ana", "ana,rina,hadi",
    ),
    "the owner is the reviewer and the approver": Cast(
        {"ana": "ora", "hadi": "h", "tamu": "x"}, "ana", "hadi", "ana", "hadi", "", "ana", "ana,hadi"
    ),
    "the approver is the head": Cast(
        {"ana": "o", "rina": "r", "hadi": "ha", "tamu": "x"},
        "ana", "rina", "ana", "rina", "hadi", "ana,hadi", "ana,rina,hadi",
    ),
    "the proposer has become the reviewer": Cast(
        {"ana": "o", "moved": "r", "sari": "a", "hadi": "h", "tamu": "x"},
        "moved", "sari", "ana", "sari", "hadi", "ana,sari", "ana,moved,sari,hadi",
    ),
    "the proposer has become the approver": Cast(
        {"ana": "o", "rina": "r", "moved": "a", "hadi": "h", "tamu": "x"},
        "moved", "rina", "ana", "rina", "hadi", "ana,moved", "ana,rina,moved,hadi",
    ),
    "the proposer has left": Cast(
        {"ana": "o", "rina": "r", "sari": "a", "hadi": "h", "moved": "x"},
        "moved", "rina", "ana", "rina", "sari", "ana,sari", "ana,rina,sari,hadi",
    ),
    "the one who reviewed has become the approver": Cast(
        {"ana": "o", "rina": "r", "moved": "a", "hadi": "h"},
        "ana", "moved", "ana", "rina", "hadi", "ana,moved", "ana,rina,moved,hadi",
    ),
    "nobody reviews": Cast(
        {"ana": "o", "sari": "a", "hadi": "h", "tamu": "x"}, "ana", "tamu", "ana", "", "sari", "ana,sari", "ana,sari,hadi"
    ),
    "nobody approves": Cast(
        {"ana": "o", "rina": "r", "hadi": "h", "tamu": "x"}, "ana", "rina", "ana", "rina", "", "ana", "ana,rina,hadi"
    ),
    "the owner's post is vacant": Cast(
        {"rina": "r", "sari": "a", "hadi": "h", "moved": "x"}, "moved", "rina", "", "rina", "sari", "sari", "rina,sari,hadi"
    ),
}  # fmt: skip


def names(text: str) -> set[str]:
    return set(filter(None, text.split(",")))


def kind_of(place: int) -> AssignmentKind:
    return AssignmentKind.DEFINITIVE if place == 0 else AssignmentKind.PLT


def actor(name: str, held: dict[str, str]) -> Actor:
    if name == "operator":
        return Actor(1, None, name, is_operator=True)
    mandates = [
        Mandate(POSTS[post][0], kind_of(place), POSTS[post][1], KINDS.get(post, PositionKind.STAFF))
        for place, post in enumerate(held.get(name, ""))
    ]
    return Actor(NUMBERS[name], NUMBERS[name], name, tuple(mandates))


def post(letter: str, held: dict[str, str]) -> Post:
    holders = tuple(
        Holder(NUMBERS[name], name, kind_of(posts.index(letter))) for name, posts in held.items() if letter in posts
    )
    return Post(*POSTS[letter], holders)


def route(held: dict[str, str], stage: YearStage = YearStage.PLANNING) -> Route:
    owner, reviewer, approver, head = (post(letter, held) for letter in "orah")
    return Route(owner=owner, approver=approver, reviewer=reviewer, superior=head, stage=stage)


def sheet_of(cast: Cast, state: State) -> Sheet:
    proposed, reviewed = state is not DRAFT, state in (REVIEWED, APPROVED, SUPERSEDED)
    return Sheet(state, 1, NUMBERS[cast.proposer] if proposed else None, NUMBERS[cast.reviewed_by] if reviewed else None)


def entitled(cast: Cast, state: State, step: Step) -> set[str] | None:
    """Who may, by the table of the office; None where the step does not start in that state."""
    table = {
        (DRAFT, Step.SUBMIT): cast.owns,
        (SUBMITTED, Step.WITHDRAW): cast.owns,
        (SUBMITTED, Step.REVIEW): cast.reviews,
        (SUBMITTED, Step.RETURN): cast.reviews,
        (REVIEWED, Step.RETURN): cast.approves,
        (REVIEWED, Step.APPROVE): cast.approves,
        (APPROVED, Step.REVISE): cast.revises,
    }
    return names(table[state, step]) if (state, step) in table else None


EVERYONE = (*NUMBERS, "operator")


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
def test_exactly_the_entitled_may_take_each_step(cast: Cast, state: State, step: Step) -> None:
    sheet, way, expected = sheet_of(cast, state), route(cast.held), entitled(cast, state, step)
    verdicts = {name: policy.may(actor(name, cast.held), step, sheet, way) for name in EVERYONE}
    assert {name for name, verdict in verdicts.items() if verdict} == (expected or set())
    for name, verdict in verdicts.items():
        if verdict:
            assert policy.demand(verdict, step, sheet, way) in actor(name, cast.held).mandates
            continue
        assert verdict.reason.endswith(".")
        with pytest.raises(WrongState if expected is None else NotAllowed, match=r".+") as refusal:
            policy.demand(verdict, step, sheet, way)
        assert str(refusal.value) == verdict.reason


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
def test_a_refusal_names_everyone_who_may(cast: Cast, state: State, step: Step) -> None:
    expected = entitled(cast, state, step)
    verdict = policy.may(actor("operator", cast.held), step, sheet_of(cast, state), route(cast.held))
    for name in expected or ():
        assert name in verdict.reason


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
def test_exactly_the_owners_write_and_only_a_draft(cast: Cast, state: State) -> None:
    expected = names(cast.owns) if state is DRAFT else set()
    sheet, way = sheet_of(cast, state), route(cast.held)
    assert {name for name in EVERYONE if policy.may_write(actor(name, cast.held), sheet, way)} == expected


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
def test_who_sees_a_sheet(cast: Cast, state: State) -> None:
    expected = set(EVERYONE) if state in (APPROVED, SUPERSEDED) else names(cast.sees)
    sheet, way = sheet_of(cast, state), route(cast.held)
    assert {name for name in EVERYONE if policy.sees(actor(name, cast.held), sheet, way)} == expected


#: (stage, revision) → what the owner may still do: w write, s submit, v revise an approved sheet
STAGES = {
    (YearStage.PLANNING, 1): "wsv",
    (YearStage.PLANNING, 2): "wsv",
    (YearStage.RUNNING, 1): "wv",
    (YearStage.RUNNING, 2): "wsv",
    (YearStage.CLOSED, 1): "",
    (YearStage.CLOSED, 2): "",
}


@pytest.mark.parametrize(("stage", "revision"), STAGES)
def test_what_a_stage_of_the_year_leaves_to_the_owner(stage: YearStage, revision: int) -> None:
    ana, way = actor("ana", USUAL), route(USUAL, stage)
    draft, approved = Sheet(DRAFT, revision), Sheet(APPROVED, revision, NUMBERS["ana"], NUMBERS["rina"])
    verdicts = {
        "w": policy.may_write(ana, draft, way),
        "s": policy.may(ana, Step.SUBMIT, draft, way),
        "v": policy.may(ana, Step.REVISE, approved, way),
    }
    assert "".join(letter for letter, verdict in verdicts.items() if verdict) == STAGES[stage, revision]
    assert all(verdict.reason for letter, verdict in verdicts.items() if letter not in STAGES[stage, revision])


@pytest.mark.parametrize("letter", ["r", "a"])
def test_a_vacant_post_is_named_so_that_the_operator_can_mend_it(letter: str) -> None:
    held = {name: posts for name, posts in USUAL.items() if posts != letter}
    state, step = (SUBMITTED, Step.REVIEW) if letter == "r" else (REVIEWED, Step.APPROVE)
    reason = policy.may(actor("tamu", held), step, sheet_of(CASTS["everybody in one post"], state), route(held)).reason
    assert f"Jabatan {POSTS[letter][1]} sedang kosong" in reason
    assert "operator" in reason


def test_no_kind_of_person_without_a_post_may_knock_at_a_door_that_changes_a_sheet() -> None:
    doors = (Permission.SHEET_WRITE, Permission.SHEET_SUBMIT, Permission.SHEET_DECIDE, Permission.SHEET_REVISE)
    for name, door in product(("operator", "plt"), doors):
        assert not policy.permitted(actor(name, {}), door)
        assert policy.permitted(actor("ana", USUAL), door)


holdings = st.dictionaries(st.sampled_from(PEOPLE), st.text("orahx", max_size=4).map(lambda each: "".join(dict.fromkeys(each))))


@given(before=holdings, between=holdings, after=holdings, has_reviewer=st.booleans())
def test_no_change_of_staff_lets_one_person_sign_a_revision_twice(
    before: dict[str, str], between: dict[str, str], after: dict[str, str], has_reviewer: bool
) -> None:
    """Invariant 2, over three days with three different offices: whoever may propose, review and approve are three."""

    def may(held: dict[str, str], step: Step, sheet: Sheet) -> set[str]:
        way = route(held)
        way = way if has_reviewer else Route(owner=way.owner, approver=way.approver, superior=way.superior)
        return {name for name in PEOPLE if policy.may(actor(name, held), step, sheet, way)}

    for proposer in may(before, Step.SUBMIT, Sheet(DRAFT)):
        submitted = Sheet(SUBMITTED, 1, NUMBERS[proposer])
        assert proposer not in may(between, Step.REVIEW, submitted) | may(between, Step.APPROVE, submitted)
        for reviewer in may(between, Step.REVIEW, submitted):
            reviewed = Sheet(REVIEWED, 1, NUMBERS[proposer], NUMBERS[reviewer])
            assert not {proposer, reviewer} & may(after, Step.APPROVE, reviewed)
