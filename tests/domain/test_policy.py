"""Who may do what: every state, step and person as a full truth table, written down independently of the code that answers."""

from dataclasses import dataclass

import pytest

from iki_portal.domain import policy
from iki_portal.domain.errors import NotAllowed, WrongState
from iki_portal.domain.office import PositionKind, YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import GRANTS, Actor, Holder, Mandate, Permission, Post, Role, Route
from iki_portal.domain.workflow import Duty, State, Step

OWNER_POST, REVIEWER_POST, APPROVER_POST, HEAD_POST, OTHER_POST = 1, 2, 3, 4, 5
KINDS = {
    OWNER_POST: PositionKind.STAFF,
    REVIEWER_POST: PositionKind.DIVISION_HEAD,
    APPROVER_POST: PositionKind.SECRETARY,
    HEAD_POST: PositionKind.HEAD,
    OTHER_POST: PositionKind.STAFF,
}
TITLES = {
    OWNER_POST: "Analis",
    REVIEWER_POST: "Kabid",
    APPROVER_POST: "Sekretaris",
    HEAD_POST: "Kepala Badan",
    OTHER_POST: "Lain",
}
DEFINITIVE = AssignmentKind.DEFINITIVE


@dataclass
class Sheet:
    state: State
    revision: int = 1
    submitted_by_id: int | None = None
    reviewed_by_id: int | None = None


def office(**held: dict[int, AssignmentKind]) -> dict[int, Post]:
    """Posts with their holders; `ana={1: DEFINITIVE}` says what Ana holds."""
    people = {name: number for number, name in enumerate(sorted(held), start=101)}
    return {
        post: Post(
            post,
            TITLES[post],
            tuple(Holder(people[name], name, posts[post]) for name, posts in sorted(held.items()) if post in posts),
        )
        for post in TITLES
    }


def actor(name: str, **held: dict[int, AssignmentKind]) -> Actor:
    number = sorted(held).index(name) + 101
    mandates = tuple(Mandate(post, kind, TITLES[post], KINDS[post]) for post, kind in held[name].items())
    return Actor(number, number, name, mandates)


def route(posts: dict[int, Post], *, reviewer: bool = True, **more: object) -> Route:
    return Route(
        owner=posts[OWNER_POST],
        reviewer=posts[REVIEWER_POST] if reviewer else None,
        approver=posts[APPROVER_POST],
        superior=posts[HEAD_POST],
        **more,  # type: ignore[arg-type]
    )


CAST = {
    "owner": {OWNER_POST: DEFINITIVE},
    "reviewer": {REVIEWER_POST: DEFINITIVE},
    "approver": {APPROVER_POST: DEFINITIVE},
    "head": {HEAD_POST: DEFINITIVE},
    "outsider": {OTHER_POST: DEFINITIVE},
    "nobody": {},
}
#: What each person may do in each state of an ordinary sheet; everything else is refused.
ALLOWED = {
    ("owner", State.DRAFT): {Step.SUBMIT},
    ("owner", State.SUBMITTED): {Step.WITHDRAW},
    ("reviewer", State.SUBMITTED): {Step.REVIEW, Step.RETURN},
    ("approver", State.REVIEWED): {Step.APPROVE, Step.RETURN},
    ("owner", State.APPROVED): {Step.REVISE},
    ("approver", State.APPROVED): {Step.REVISE},
}


def id_of(name: str, cast: dict[str, dict[int, AssignmentKind]]) -> int:
    return sorted(cast).index(name) + 101


def ordinary(state: State, cast: dict[str, dict[int, AssignmentKind]] = CAST) -> Sheet:
    """The sheet as it stands after its owner submitted and its reviewer reviewed."""
    submitted = state is not State.DRAFT
    reviewed = state in (State.REVIEWED, State.APPROVED, State.SUPERSEDED)
    return Sheet(
        state,
        submitted_by_id=id_of("owner", cast) if submitted else None,
        reviewed_by_id=id_of("reviewer", cast) if reviewed else None,
    )


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("step", [step for step in Step if step is not Step.SUPERSEDE])
@pytest.mark.parametrize("state", list(State))
def test_every_person_may_do_what_the_office_says_and_nothing_else(state: State, step: Step, person: str) -> None:
    way = route(office(**CAST))
    verdict = policy.may(actor(person, **CAST), step, ordinary(state), way)
    assert bool(verdict) is (step in ALLOWED.get((person, state), set()))
    assert bool(verdict.reason) is not bool(verdict)


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.SUPERSEDE])
@pytest.mark.parametrize("state", list(State))
def test_an_operator_decides_nothing(state: State, step: Step) -> None:
    operator = Actor(1, None, "operator", is_operator=True)
    assert not policy.may(operator, step, ordinary(state), route(office(**CAST)))
    assert not policy.may_write(operator, ordinary(state), route(office(**CAST)))


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(State))
def test_only_the_owner_writes_and_only_in_a_draft(state: State, person: str) -> None:
    way = route(office(**CAST))
    assert bool(policy.may_write(actor(person, **CAST), ordinary(state), way)) is (person == "owner" and state is State.DRAFT)


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(State))
def test_who_sees_what(state: State, person: str) -> None:
    way = route(office(**CAST))
    finished = state in (State.APPROVED, State.SUPERSEDED)
    expected = finished or person in ("owner", "reviewer", "approver", "head")
    assert policy.sees(actor(person, **CAST), ordinary(state), way) is expected


# (what the cast is, what "owner" and others hold, state) → who decides: the rule of three persons
PLT = AssignmentKind.PLT
MOVES = [
    # the reviewer's post is held by the owner too: the approver's post reviews, its superior approves
    ("owner is Plt. Kabid", {"owner": {1: DEFINITIVE, 2: PLT}, "approver": {3: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.SUBMITTED, None, Step.REVIEW, {"approver"}),
    ("then the head approves", {"owner": {1: DEFINITIVE, 2: PLT}, "approver": {3: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.REVIEWED, "approver", Step.APPROVE, {"head"}),
    # the approver is the reviewer: the superior approves
    ("reviewer is Plt. Sekretaris", {"owner": {1: DEFINITIVE}, "reviewer": {2: DEFINITIVE, 3: PLT}, "head": {4: DEFINITIVE}},
     State.REVIEWED, "reviewer", Step.APPROVE, {"head"}),
    # the approver is the owner
    ("owner is Plt. Sekretaris",
     {"owner": {1: DEFINITIVE, 3: PLT}, "reviewer": {2: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.REVIEWED, "reviewer", Step.APPROVE, {"head"}),
    # a second holder takes the duty before it moves
    ("owner is Plt. Kabid beside the Kabid",
     {"owner": {1: DEFINITIVE, 2: PLT}, "kabid": {2: DEFINITIVE}, "approver": {3: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.SUBMITTED, None, Step.REVIEW, {"kabid"}),
    # a vacant post passes nothing up: the sheet is stuck
    ("vacant Kabid", {"owner": {1: DEFINITIVE}, "approver": {3: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.SUBMITTED, None, Step.REVIEW, set()),
    ("vacant Sekretaris", {"owner": {1: DEFINITIVE}, "reviewer": {2: DEFINITIVE}, "head": {4: DEFINITIVE}},
     State.REVIEWED, "reviewer", Step.APPROVE, set()),
    # nobody is left
    ("one person holds everything", {"owner": {1: DEFINITIVE, 2: PLT, 3: PLT, 4: PLT}},
     State.SUBMITTED, None, Step.REVIEW, set()),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "cast", "state", "reviewer", "step", "expected"), MOVES, ids=[each[0] for each in MOVES])
def test_three_different_persons(
    _name: str,
    cast: dict[str, dict[int, AssignmentKind]],
    state: State,
    reviewer: str | None,
    step: Step,
    expected: set[str],
) -> None:
    sheet = Sheet(state, 1, id_of("owner", cast), id_of(reviewer, cast) if reviewer else None)
    way = route(office(**cast))
    allowed = {name for name in cast if policy.may(actor(name, **cast), step, sheet, way)}
    assert allowed == expected
    if not expected:
        place = policy.desk(sheet, way, Duty.REVIEWER if step is Step.REVIEW else Duty.APPROVER)
        assert place.stuck


def test_a_proposer_who_has_moved_to_the_reviewers_post_may_not_review_his_own_proposal() -> None:
    cast = {"ana": {2: DEFINITIVE}, "new": {1: DEFINITIVE}, "sek": {3: DEFINITIVE}, "head": {4: DEFINITIVE}}
    sheet = Sheet(State.SUBMITTED, 1, id_of("ana", cast))
    way = route(office(**cast))
    assert {name for name in cast if policy.may(actor(name, **cast), Step.REVIEW, sheet, way)} == {"sek"}


def test_the_sekretaris_own_sheet_goes_straight_to_the_approver() -> None:
    way = Route(owner=office(**CAST)[APPROVER_POST], approver=office(**CAST)[HEAD_POST])
    sheet = Sheet(State.SUBMITTED, 1, id_of("approver", CAST))
    allowed = {(name, step) for name in CAST for step in Step if policy.may(actor(name, **CAST), step, sheet, way)}
    assert allowed == {("approver", Step.WITHDRAW), ("head", Step.APPROVE), ("head", Step.RETURN)}


@pytest.mark.parametrize(
    ("stage", "revision", "allowed"),
    [
        (YearStage.PLANNING, 1, True),
        (YearStage.PLANNING, 2, True),
        (YearStage.RUNNING, 1, False),
        (YearStage.RUNNING, 2, True),
        (YearStage.CLOSED, 1, False),
        (YearStage.CLOSED, 2, False),
    ],
)
def test_after_closing_only_revisions_are_submitted(stage: YearStage, revision: int, allowed: bool) -> None:
    way = route(office(**CAST), stage=stage)
    assert bool(policy.may(actor("owner", **CAST), Step.SUBMIT, Sheet(State.DRAFT, revision), way)) is allowed


def test_at_most_one_newer_revision_is_in_preparation() -> None:
    way = route(office(**CAST), newer_in_preparation=True)
    verdict = policy.may(actor("owner", **CAST), Step.REVISE, ordinary(State.APPROVED), way)
    assert not verdict
    with pytest.raises(WrongState):
        policy.demand(verdict, Step.REVISE, ordinary(State.APPROVED), way)


def test_a_refusal_says_who_may_act() -> None:
    verdict = policy.may(actor("outsider", **CAST), Step.REVIEW, ordinary(State.SUBMITTED), route(office(**CAST)))
    assert "reviewer (Kabid)" in verdict.reason
    with pytest.raises(NotAllowed):
        policy.demand(verdict, Step.REVIEW, ordinary(State.SUBMITTED), route(office(**CAST)))
    wrong = policy.may(actor("owner", **CAST), Step.APPROVE, ordinary(State.DRAFT), route(office(**CAST)))
    with pytest.raises(WrongState):
        policy.demand(wrong, Step.APPROVE, ordinary(State.DRAFT), route(office(**CAST)))


def test_the_definitive_mandate_comes_before_the_acting_one() -> None:
    mandates = tuple(Mandate(1, kind, "Analis", PositionKind.STAFF) for kind in (AssignmentKind.PLH, PLT, DEFINITIVE))
    chosen = Actor(1, 1, "ana", mandates).mandate_for(1)
    assert chosen is not None
    assert chosen.kind is DEFINITIVE


def test_the_grants_are_these() -> None:
    everyone = {Permission.ACCOUNT_OWN, Permission.HOME_READ, Permission.SHEET_READ, Permission.ORGANISATION_READ}
    everyone |= {Permission.DASHBOARD_READ}
    assert {role: set(granted) for role, granted in GRANTS.items()} == {
        Role.EMPLOYEE: everyone | {Permission.NOTICE_READ},
        Role.OPERATOR: everyone
        | {
            Permission.ORGANISATION_WRITE,
            Permission.OFFICE_WRITE,
            Permission.RULE_WRITE,
            Permission.DOCUMENT_IMPORT,
            Permission.YEAR_OPEN,
            Permission.GOAL_WRITE,
            Permission.ACCOUNT_WRITE,
            Permission.MAIL_WRITE,
            Permission.AUDIT_READ,
        },
        Role.HOLDER: {
            Permission.SHEET_WRITE,
            Permission.SHEET_SUBMIT,
            Permission.SHEET_DECIDE,
            Permission.SHEET_REVISE,
            Permission.SHEET_COMMENT,
            Permission.REALISATION_REPORT,
            Permission.REALISATION_VERIFY,
            Permission.CASCADE_LINK,
            Permission.DIALOGUE_WRITE,
            Permission.PERFORMANCE_COMPOSE,
            Permission.INBOX_READ,
            Permission.DOCUMENT_IMPORT,
        },
        Role.SECRETARY: {
            Permission.YEAR_READ,
            Permission.YEAR_CLOSE,
            Permission.YEAR_REMIND,
            Permission.DECREE_WRITE,
            Permission.BOOK_COMPOSE,
            Permission.AUDIT_READ,
        },
        Role.HEAD: {Permission.YEAR_READ, Permission.BOOK_COMPOSE, Permission.AUDIT_READ},
    }
