"""Random organisations whose people come and go by the day, and sheets that walk through them step by step.

Beside `test_policy_of_every_cast.py`, whose offices stand still, and `tests/faults/test_stateful.py`, which walks one sheet
through the whole portal: here the posts, the route and the terms themselves are drawn, thousands of them.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from iki_portal.domain import policy
from iki_portal.domain.appointments import Term
from iki_portal.domain.office import PositionKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Desk, Holder, Mandate, Post, Route
from iki_portal.domain.workflow import Duty, State, Step, Transition

FIRST_DAY = date(2027, 12, 28)  # so that a walk crosses the end of a year
PEOPLE, POSTS = range(1, 6), range(1, 5)
STEPS = (Step.SUBMIT, Step.WITHDRAW, Step.REVIEW, Step.RETURN, Step.APPROVE)


@dataclass(frozen=True)
class Held:
    person: int
    post: int
    term: Term


@dataclass(frozen=True)
class Sheet:
    state: State = State.DRAFT
    revision: int = 1
    submitted_by_id: int | None = None
    reviewed_by_id: int | None = None
    approved_by_id: int | None = None


@dataclass(frozen=True)
class Office:
    """`posts` of owner, reviewer, approver and superior; the last two may be one post, reviewer and superior may be none."""

    held: tuple[Held, ...]
    owner: int
    reviewer: int | None
    approver: int
    superior: int | None

    def post(self, number: int, day: date) -> Post:
        holders = (Holder(each.person, str(each.person), each.term.kind) for each in self.held if self.is_in(each, number, day))
        return Post(number, f"Jabatan {number}", tuple(holders))

    @staticmethod
    def is_in(held: Held, number: int, day: date) -> bool:
        return held.post == number and held.term.holds_on(day)

    def route(self, day: date) -> Route:
        return Route(
            owner=self.post(self.owner, day),
            reviewer=self.post(self.reviewer, day) if self.reviewer else None,
            approver=self.post(self.approver, day),
            superior=self.post(self.superior, day) if self.superior else None,
        )

    def actor(self, person: int, day: date) -> Actor:
        mandates = tuple(
            Mandate(each.post, each.term.kind, f"Jabatan {each.post}", PositionKind.STAFF, id=number)
            for number, each in enumerate(self.held, start=1)
            if each.person == person and each.term.holds_on(day)
        )
        return Actor(person, person, str(person), mandates)


days = st.integers(0, 8).map(lambda number: FIRST_DAY + timedelta(days=number))
terms = st.builds(
    lambda kind, start, length: Term("", kind, start, None if length is None else start + timedelta(days=length)),
    st.sampled_from(AssignmentKind),
    days,
    st.none() | st.integers(0, 5),
)
holdings = st.builds(Held, st.sampled_from(PEOPLE), st.sampled_from(POSTS), terms)


@st.composite
def offices(draw: st.DrawFn) -> Office:
    owner, reviewer, approver, superior = draw(st.permutations(POSTS))
    return Office(
        tuple(draw(st.lists(holdings, min_size=2, max_size=12))),
        owner,
        draw(st.sampled_from([reviewer, reviewer, None])),
        approver,
        draw(st.sampled_from([superior, superior, reviewer, None])),
    )


walks = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(PEOPLE), st.sampled_from(STEPS), st.integers(0, 12), st.booleans()),
    min_size=6,
    max_size=20,
)


def moved(sheet: Sheet, move: Transition, person: int) -> Sheet:
    """The sheet after the step, as `approvals/operations.py` leaves it."""
    if move.to_state is State.DRAFT:
        return Sheet()
    signed = {State.SUBMITTED: "submitted_by_id", State.REVIEWED: "reviewed_by_id", State.APPROVED: "approved_by_id"}
    return replace(sheet, state=move.to_state, **{signed[move.to_state]: person})  # type: ignore[arg-type]


def entitled(office: Office, step: Step, sheet: Sheet, day: date) -> list[int]:
    return [each for each in PEOPLE if policy.may(office.actor(each, day), step, sheet, office.route(day))]


def next_step(sheet: Sheet, office: Office) -> Step:
    if sheet.state is State.DRAFT:
        return Step.SUBMIT
    return Step.REVIEW if sheet.state is State.SUBMITTED and office.reviewer else Step.APPROVE


@settings(max_examples=300, deadline=None)
@given(office=offices(), walk=walks)
def test_no_revision_has_one_person_in_two_roles_however_staff_changes(
    office: Office, walk: list[tuple[int, int, Step, int, bool]]
) -> None:
    sheet, day = Sheet(), FIRST_DAY
    for later, somebody, some_step, choice, goes_on in walk:
        day += timedelta(days=later)
        step = next_step(sheet, office) if goes_on else some_step  # so that walks get somewhere
        person = next(iter(entitled(office, step, sheet, day)), somebody) if goes_on else somebody
        actor = office.actor(person, day).acting_as(choice)
        verdict = policy.may(actor, step, sheet, office.route(day))
        if verdict and verdict.move:
            assert verdict.mandate in actor.mandates
            sheet = moved(sheet, verdict.move, person)
        signed = [each for each in (sheet.submitted_by_id, sheet.reviewed_by_id, sheet.approved_by_id) if each]
        assert len(set(signed)) == len(signed)
    event(f"ended {sheet.state}")


@given(office=offices(), sheet=st.builds(Sheet, st.sampled_from(State), st.just(1), *[st.sampled_from(PEOPLE)] * 2), day=days)
def test_somebody_may_decide_or_the_desk_says_why_nobody_can(office: Office, sheet: Sheet, day: date) -> None:
    way = office.route(day)
    place = policy.waiting_desk(sheet, way)
    if place is None:
        return
    step = {Duty.OWNER: Step.SUBMIT, Duty.REVIEWER: Step.REVIEW, Duty.APPROVER: Step.APPROVE}[place.duty]
    able = entitled(office, step, sheet, day)
    assert bool(able) is not bool(place.stuck)
    if not place.stuck:
        assert able == sorted({each.employee_id for each in place.candidates})
        return
    assert place.stuck == reason_for(place)
    for person in PEOPLE:
        assert place.stuck in policy.may(office.actor(person, day), step, sheet, way).reason or place.duty is Duty.OWNER


def reason_for(place: Desk) -> str:
    if not place.post.holders:
        return f"Jabatan {place.post.title} sedang kosong; operator perlu menetapkan pejabat, Plt., atau Plh."
    return "Tidak ada pejabat lain yang dapat bertindak: pengusul, pereviu, dan yang menetapkan harus tiga orang berbeda."


@given(office=offices(), sheet=st.builds(Sheet, st.sampled_from(State), st.just(1), *[st.sampled_from(PEOPLE)] * 2), day=days)
def test_choosing_a_post_takes_rights_and_gives_none(office: Office, sheet: Sheet, day: date) -> None:
    way = office.route(day)
    for person in PEOPLE:
        whole = office.actor(person, day)
        for mandate in whole.mandates:
            narrowed = whole.acting_as(mandate.id)
            for step in Step:
                verdict = policy.may(narrowed, step, sheet, way)
                assert not verdict or policy.may(whole, step, sheet, way)
                assert not verdict or verdict.mandate == mandate
            assert not policy.sees(narrowed, sheet, way) or policy.sees(whole, sheet, way)
            assert not policy.may_write(narrowed, sheet, way) or policy.may_write(whole, sheet, way)
            assert narrowed.roles <= whole.roles
        for step in Step:
            allowed = policy.may(whole, step, sheet, way)
            by_one = [policy.may(whole.acting_as(each.id), step, sheet, way) for each in whole.mandates]
            assert bool(allowed) is any(by_one)
