"""Who is told of what: every step and every person of the cast, and the words."""

from datetime import date, timedelta

import pytest

from iki_portal.domain.mail import LEASE, MOST_TRIES, WAITS, is_address, wait_after
from iki_portal.domain.notices import (
    NOTICE_WORDS,
    About,
    NoticeKind,
    deadline_mark,
    sentence,
    sheet_words,
    told_of,
)
from iki_portal.domain.workflow import State, Step
from tests.domain.test_policy import (
    APPROVER_POST,
    CAST,
    DEFINITIVE,
    OWNER_POST,
    PLT,
    REVIEWER_POST,
    id_of,
    office,
    ordinary,
    route,
)

K = NoticeKind
#: (step, state it starts from, who takes it) → who learns what.
EXPECTED = {
    (Step.SUBMIT, State.DRAFT, "owner"): {"reviewer": K.TO_REVIEW},
    (Step.WITHDRAW, State.SUBMITTED, "owner"): {},
    (Step.REVIEW, State.SUBMITTED, "reviewer"): {"approver": K.TO_APPROVE},
    (Step.RETURN, State.SUBMITTED, "reviewer"): {"owner": K.RETURNED},
    (Step.RETURN, State.REVIEWED, "approver"): {"owner": K.RETURNED},
    (Step.APPROVE, State.REVIEWED, "approver"): {"owner": K.APPROVED, "reviewer": K.APPROVED},
    (Step.REVISE, State.APPROVED, "owner"): {},
    (Step.REVISE, State.APPROVED, "approver"): {"owner": K.REVISED},
    (Step.SUPERSEDE, State.APPROVED, "approver"): {},
}


@pytest.mark.parametrize(("step", "state", "by"), EXPECTED)
def test_who_learns_what_of_a_step(step: Step, state: State, by: str) -> None:
    told = told_of(step, ordinary(state), route(office(**CAST)), by=id_of(by, CAST))
    assert told == {id_of(name, CAST): kind for name, kind in EXPECTED[step, state, by].items()}


def test_without_a_reviewer_the_approver_is_told_at_once() -> None:
    told = told_of(Step.SUBMIT, ordinary(State.DRAFT), route(office(**CAST), reviewer=False), by=id_of("owner", CAST))
    assert told == {id_of("approver", CAST): K.TO_APPROVE}


def test_everybody_who_holds_the_desk_is_told() -> None:
    cast = {**CAST, "stand-in": {REVIEWER_POST: PLT}}
    told = told_of(Step.SUBMIT, ordinary(State.DRAFT, cast), route(office(**cast)), by=id_of("owner", cast))
    assert told == dict.fromkeys(sorted((id_of("reviewer", cast), id_of("stand-in", cast))), K.TO_REVIEW)


def test_where_the_duty_moves_up_its_new_desk_is_told() -> None:
    cast = {**CAST, "approver": {APPROVER_POST: DEFINITIVE, REVIEWER_POST: PLT}, "reviewer": {}}
    submitted = ordinary(State.SUBMITTED, cast)
    told = told_of(Step.REVIEW, submitted, route(office(**cast)), by=id_of("approver", cast))
    assert told == {id_of("head", cast): K.TO_APPROVE}


def test_a_vacant_desk_is_told_nothing_and_a_former_owner_nothing_that_is_not_public() -> None:
    cast = {**CAST, "owner": {}, "successor": {OWNER_POST: DEFINITIVE}, "reviewer": {}}
    way, former = route(office(**cast)), id_of("owner", cast)
    assert told_of(Step.SUBMIT, ordinary(State.DRAFT, cast), way, by=id_of("successor", cast)) == {}
    returned = told_of(Step.RETURN, ordinary(State.REVIEWED, cast), way, by=id_of("approver", cast))
    assert returned == {id_of("successor", cast): K.RETURNED}
    assert former in told_of(Step.APPROVE, ordinary(State.REVIEWED, cast), way, by=id_of("approver", cast))


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_each_kind_is_one_plain_sentence(kind: NoticeKind) -> None:
    said = sentence(kind, About(sheet="Analis {0} (Mutasi)", year=2027, post="Kepala Bidang", day=date(2027, 3, 1)))
    assert said.endswith(".")
    assert not {"None", "{sheet}", "{year}"} & set(said.split())
    assert NOTICE_WORDS[kind]


def test_a_revision_is_named() -> None:
    assert sheet_words("Sekretaris", 1) == "Sekretaris"
    assert sheet_words("Sekretaris", 2) == "Sekretaris, Perubahan ke-1"


@pytest.mark.parametrize(("left", "mark"), [(8, None), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)])
def test_a_deadline_is_told_of_a_week_and_a_day_before(left: int, mark: int | None) -> None:
    on = date(2026, 12, 24)
    assert deadline_mark(on + timedelta(days=left), on) == mark


def test_waits_grow_and_end_within_three_days() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS, timedelta()) <= timedelta(days=3)
    assert wait_after(MOST_TRIES - 1) == WAITS[-1]
    assert wait_after(MOST_TRIES) is None
    assert timedelta(minutes=10) < LEASE


@pytest.mark.parametrize("text", ["a@b", "siti.rahmawati@lumajangkab.go.id", "siti+iki@x.id"])
def test_an_address_is_one(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["", "siti", "a@b@c", "a@b, c@d", "a@b\nBcc: c@d", "Siti <a@b>", "a b@c", "a@b\x00"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_address(text)
