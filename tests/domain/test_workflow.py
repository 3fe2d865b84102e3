"""The life of a sheet as a full truth table: every state, every step, with and without a reviewer."""

import pytest

from iki_portal.domain.errors import Incomplete, WrongState
from iki_portal.domain.workflow import (
    DUTY_WORDS,
    FINAL,
    IN_PREPARATION,
    NOTE_LIMIT,
    REASON_WORDS,
    STATE_WORDS,
    STEP_PASSIVE,
    STEP_WORDS,
    TRANSITIONS,
    Duty,
    ReasonClass,
    State,
    Step,
    next_duty,
    revision_name,
    transition,
)

D, S, R, A = State.DRAFT, State.SUBMITTED, State.REVIEWED, State.APPROVED
OWNER, REVIEWER, APPROVER = Duty.OWNER, Duty.REVIEWER, Duty.APPROVER

#: (from, step, has a reviewer) → (to, by); everything that is not here is refused.
EXPECTED = {
    (D, Step.SUBMIT, True): (S, OWNER),
    (D, Step.SUBMIT, False): (S, OWNER),
    (S, Step.WITHDRAW, True): (D, OWNER),
    (S, Step.WITHDRAW, False): (D, OWNER),
    (S, Step.REVIEW, True): (R, REVIEWER),
    (S, Step.RETURN, True): (D, REVIEWER),
    (S, Step.RETURN, False): (D, APPROVER),
    (R, Step.RETURN, True): (D, APPROVER),
    (R, Step.RETURN, False): (D, APPROVER),
    (R, Step.APPROVE, True): (A, APPROVER),
    (R, Step.APPROVE, False): (A, APPROVER),
    (S, Step.APPROVE, False): (A, APPROVER),
}


@pytest.mark.parametrize("has_reviewer", [True, False])
@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(State))
def test_every_state_and_step_does_what_the_office_says(state: State, step: Step, has_reviewer: bool) -> None:
    expected = EXPECTED.get((state, step, has_reviewer))
    if expected is None:
        with pytest.raises(WrongState) as refusal:
            transition(state, step, has_reviewer=has_reviewer)
        assert STATE_WORDS[state] in str(refusal.value)
    else:
        move = transition(state, step, has_reviewer=has_reviewer)
        assert (move.to_state, move.by) == expected


def test_no_two_moves_answer_the_same_question() -> None:
    for has_reviewer in (True, False):
        keys = [
            (move.step, move.from_state)
            for move in TRANSITIONS
            if move.reviewed_route is None or move.reviewed_route is has_reviewer
        ]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("note", ["", "   ", "\n\t"])
def test_returning_needs_a_note(note: str) -> None:
    with pytest.raises(Incomplete):
        transition(S, Step.RETURN, has_reviewer=True).check_note(note)


def test_only_returning_needs_a_note_and_no_note_is_endless() -> None:
    assert {move.step for move in TRANSITIONS if move.needs_note} == {Step.RETURN}
    transition(R, Step.APPROVE, has_reviewer=True).check_note("x" * NOTE_LIMIT)
    with pytest.raises(Incomplete):
        transition(R, Step.APPROVE, has_reviewer=True).check_note("x" * (NOTE_LIMIT + 1))


def test_whose_turn_it_is() -> None:
    turns = {(state, has): next_duty(state, has_reviewer=has) for state in State for has in (True, False)}
    assert turns == {
        (State.DRAFT, True): OWNER,
        (State.DRAFT, False): OWNER,
        (State.SUBMITTED, True): REVIEWER,
        (State.SUBMITTED, False): APPROVER,
        (State.REVIEWED, True): APPROVER,
        (State.REVIEWED, False): APPROVER,
        (State.APPROVED, True): None,
        (State.APPROVED, False): None,
        (State.SUPERSEDED, True): None,
        (State.SUPERSEDED, False): None,
    }


def test_revisions_are_counted_as_the_office_does() -> None:
    assert [revision_name(number) for number in (1, 2, 3)] == ["Penetapan awal", "Perubahan ke-1", "Perubahan ke-2"]


def test_every_word_is_there() -> None:
    assert STATE_WORDS.keys() == set(State)
    assert STEP_WORDS.keys() == STEP_PASSIVE.keys() == set(Step)
    assert DUTY_WORDS.keys() == set(Duty)
    assert REASON_WORDS.keys() == set(ReasonClass)


def test_the_table_is_the_whole_life_of_a_sheet() -> None:
    """Row by row: a new row, or one that goes, is a decision of the office and changes this test."""
    assert {(move.step, move.from_state, move.to_state, move.by, move.reviewed_route) for move in TRANSITIONS} == {
        (Step.SUBMIT, D, S, OWNER, None),
        (Step.WITHDRAW, S, D, OWNER, None),
        (Step.REVIEW, S, R, REVIEWER, True),
        (Step.RETURN, S, D, REVIEWER, True),
        (Step.RETURN, S, D, APPROVER, False),
        (Step.RETURN, R, D, APPROVER, None),
        (Step.APPROVE, R, A, APPROVER, None),
        (Step.APPROVE, S, A, APPROVER, False),
    }
    assert len(TRANSITIONS) == 8
    assert set(Step) - {move.step for move in TRANSITIONS} == {Step.REVISE, Step.SUPERSEDE}


@pytest.mark.parametrize("has_reviewer", [True, False])
def test_every_sheet_can_reach_approval_and_nothing_leaves_it(has_reviewer: bool) -> None:
    moves = [move for move in TRANSITIONS if move.reviewed_route in (None, has_reviewer)]
    reached, grown = {D}, True
    while grown:
        further = reached | {move.to_state for move in moves if move.from_state in reached}
        reached, grown = further, further != reached
    assert reached == ({D, S, R, A} if has_reviewer else {D, S, A})
    assert not {move.from_state for move in moves} & FINAL


@pytest.mark.parametrize("has_reviewer", [True, False])
def test_whoever_is_next_has_a_step_to_take(has_reviewer: bool) -> None:
    for state in (D, S, R):
        moves = [move for move in TRANSITIONS if move.from_state is state and move.reviewed_route in (None, has_reviewer)]
        assert next_duty(state, has_reviewer=has_reviewer) in {move.by for move in moves if move.step is not Step.WITHDRAW}


def test_a_state_is_final_or_in_preparation() -> None:
    assert set(State) == FINAL | IN_PREPARATION
    assert not FINAL & IN_PREPARATION


@pytest.mark.parametrize("words", [STATE_WORDS, STEP_WORDS, STEP_PASSIVE, DUTY_WORDS, REASON_WORDS])
def test_no_word_is_empty_or_used_twice(words: dict[object, str]) -> None:
    assert all(word.strip() for word in words.values())
    assert len(set(words.values())) == len(words)
