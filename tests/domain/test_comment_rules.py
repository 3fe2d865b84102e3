"""Comments as truth tables: every state of the sheet and of the comment, every step, every person."""

from dataclasses import dataclass

import pytest

from iki_portal.domain import comments, policy
from iki_portal.domain.comments import COMMENT_LIMIT, COMMENT_STEP_SAID, MOVES, CommentState, CommentStep
from iki_portal.domain.errors import Incomplete
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import Duty, State
from tests.domain.test_policy import CAST, DEFINITIVE, PLT, actor, id_of, office, ordinary, route

OPEN, DONE, CLOSED = CommentState
REPLY, TICK_OFF, CLOSE, REOPEN = CommentStep
PREPARED = (State.DRAFT, State.SUBMITTED, State.REVIEWED)
SPEAKERS = {"owner", "reviewer", "approver", "head"}

#: (state of the comment, step) → (state after, who takes it on the reviewer's comment); everything that is not here is refused.
EXPECTED = {
    (OPEN, REPLY): (OPEN, SPEAKERS),
    (DONE, REPLY): (DONE, SPEAKERS),
    (OPEN, TICK_OFF): (DONE, {"owner"}),
    (OPEN, CLOSE): (CLOSED, {"reviewer"}),
    (DONE, CLOSE): (CLOSED, {"reviewer"}),
    (DONE, REOPEN): (OPEN, {"reviewer"}),
    (CLOSED, REOPEN): (OPEN, {"reviewer"}),
}


@dataclass
class Remark:
    state: CommentState = OPEN
    author_id: int = id_of("reviewer", CAST)
    duty: Duty | None = Duty.REVIEWER


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("step", list(CommentStep))
@pytest.mark.parametrize("standing", list(CommentState))
@pytest.mark.parametrize("state", list(State))
def test_who_moves_a_comment_of_the_reviewer(state: State, standing: CommentState, step: CommentStep, person: str) -> None:
    _, people = EXPECTED.get((standing, step), (None, set()))
    allowed = person in people and state in (PREPARED if step is not TICK_OFF else (State.DRAFT,))
    verdict = comments.may_act(actor(person, **CAST), step, Remark(standing), ordinary(state), route(office(**CAST)))
    assert bool(verdict) is allowed
    assert bool(verdict.reason) is not allowed


def test_the_moves_are_these() -> None:
    assert {(state, step): after for (step, state), after in MOVES.items()} == {key: to for key, (to, _) in EXPECTED.items()}
    assert COMMENT_STEP_SAID.keys() == set(CommentStep)


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(State))
def test_who_reads_and_who_writes(state: State, person: str) -> None:
    who, way = actor(person, **CAST), route(office(**CAST))
    assert comments.may_read_comments(who, ordinary(state), way) is (person in SPEAKERS)
    assert bool(comments.may_comment(who, ordinary(state), way)) is (person in SPEAKERS and state in PREPARED)
    assert policy.sees(who, ordinary(state), way) is (person in SPEAKERS or state not in PREPARED)


@pytest.mark.parametrize("state", list(State))
def test_an_operator_neither_reads_nor_writes(state: State) -> None:
    operator, way = Actor(1, None, "operator", is_operator=True), route(office(**CAST))
    assert not comments.may_read_comments(operator, ordinary(state), way)
    assert not comments.may_comment(operator, ordinary(state), way)
    for step in CommentStep:
        assert not comments.may_act(operator, step, Remark(), ordinary(state), way)


@pytest.mark.parametrize(
    ("author", "duty", "closers"),
    [
        ("owner", Duty.OWNER, {"owner"}),
        ("approver", Duty.APPROVER, {"approver"}),
        ("head", None, {"head"}),
        # who wrote it may close it still, in whatever duty they speak now
        ("approver", Duty.REVIEWER, {"approver", "reviewer"}),
    ],
)
def test_who_asked_closes_and_whoever_has_that_duty_now(author: str, duty: Duty | None, closers: set[str]) -> None:
    remark = Remark(author_id=id_of(author, CAST), duty=duty)
    sheet, way = ordinary(State.SUBMITTED), route(office(**CAST))
    assert {name for name in CAST if comments.may_act(actor(name, **CAST), CLOSE, remark, sheet, way)} == closers


def test_a_successor_and_an_acting_official_close_what_their_predecessor_asked() -> None:
    cast: dict[str, dict[int, AssignmentKind]] = {**CAST, "plt": {2: PLT}, "reviewer": {5: DEFINITIVE}}
    remark, sheet, way = Remark(author_id=id_of("reviewer", cast)), ordinary(State.SUBMITTED, cast), route(office(**cast))
    assert {name for name in cast if comments.may_act(actor(name, **cast), CLOSE, remark, sheet, way)} == {"plt"}


def test_a_person_speaks_by_their_duty_before_they_speak_as_the_head() -> None:
    cast = {**CAST, "head": {4: DEFINITIVE, 3: PLT}, "approver": {5: DEFINITIVE}}
    spoken = comments.voice(actor("head", **cast), ordinary(State.REVIEWED, cast), route(office(**cast)))
    assert spoken is not None
    assert (spoken.duty, spoken.mandate.kind) == (Duty.APPROVER, PLT)
    above = comments.voice(actor("head", **CAST), ordinary(State.REVIEWED), route(office(**CAST)))
    assert above is not None
    assert (above.duty, above.mandate.title) == (None, "Kepala Badan")


def test_a_text_is_kept_without_its_edges_and_has_a_limit() -> None:
    assert comments.check_text("  dua\nbaris \n") == "dua\nbaris"
    assert comments.check_text(" ", is_needed=False) == ""
    assert comments.check_text("x" * COMMENT_LIMIT) == "x" * COMMENT_LIMIT
    with pytest.raises(Incomplete, match="Tuliskan dulu"):
        comments.check_text(" \n ")
    with pytest.raises(Incomplete, match="2001 huruf"):
        comments.check_text("x" * (COMMENT_LIMIT + 1))
