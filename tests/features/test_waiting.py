"""The inbox in SQL says what policy says, for offices in which people hold posts, and sheets take routes, in every way."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Executable, select, true, update

from iki_portal.auth.queries import actor_of
from iki_portal.domain import policy
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import FINAL, Duty, State, next_duty
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, deciding_post, in_sight, perhaps_without_anybody, waiting_sheets, without_desk
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Assignment, Employee, Position, Sheet, guards
from iki_portal.organisation.operations import assign
from tests import office

#: From the Kepala Badan down to an Analis: routes over these also have superiors who are not the Kepala Badan.
POSTS = (office.HEAD, office.APPROVER, office.REVIEWER, office.OWNER, "kasubag.umum", "analis.profesi")
PEOPLE = (*POSTS, office.OUTSIDER)
READERS = (*PEOPLE, office.OPERATOR)
SIGNED = ("submitted", "reviewed", "approved")

#: Built once, as in the portal itself (docs/decisions/0009).
WAITING, STUCK = waiting_sheets(), select(Sheet.id).where(without_desk())
DECIDING = select(Sheet.id, deciding_post().label("post"))

posts = st.sampled_from(POSTS)
people = st.sampled_from(PEOPLE)


@dataclass(frozen=True)
class Term:
    """Somebody holds a post from one day to another, counted from the day of the question."""

    person: str
    post: str
    kind: AssignmentKind
    begins: int
    lasts: int | None


@dataclass(frozen=True)
class Past:
    """Where a sheet stands, on which route, and who signed it (as any past may have left it)."""

    state: State
    reviewer: str | None
    approver: str
    signers: list[str]


terms = st.builds(
    Term,
    person=people,
    post=posts,
    kind=st.sampled_from([AssignmentKind.PLT, AssignmentKind.PLH]),
    begins=st.integers(-2, 1),
    lasts=st.none() | st.integers(0, 3),
)
pasts = st.builds(
    Past,
    state=st.sampled_from(State),
    reviewer=st.none() | posts,
    approver=posts,
    signers=st.lists(people, min_size=3, max_size=3, unique=True),
)
offices = st.fixed_dictionaries(
    {
        "vacated": st.sets(posts, max_size=3),
        "terms": st.lists(terms, max_size=8),
        "pasts": st.fixed_dictionaries(
            dict.fromkeys(("analis.pengadaan", "analis.profesi", "kasubag.umum", "sekretaris"), pasts)
        ),
    }
)


def moved_to_an_owner() -> dict[str, Any]:
    """The Analis' superior, to whom an approval has moved, stands in for the sheet's owner as well."""
    drafts = dict.fromkeys(
        ("analis.pengadaan", "analis.profesi", "sekretaris"), Past(State.DRAFT, None, office.HEAD, [*PEOPLE[:3]])
    )
    submitted = Past(State.SUBMITTED, None, "analis.profesi", ["kasubag.umum", office.REVIEWER, office.HEAD])
    terms = [Term(each, "kasubag.umum", AssignmentKind.PLH, 0, None) for each in ("analis.profesi", office.REVIEWER)]
    return {"vacated": set(), "terms": terms, "pasts": {**drafts, "kasubag.umum": submitted}}


def test_sql_and_policy_agree_about_what_waits_and_what_is_seen(each_owned_app: Flask) -> None:
    on_sqlite = each_owned_app.config["IKI"].database_url.startswith("sqlite")

    @settings(max_examples=120 if on_sqlite else 40, deadline=None, suppress_health_check=list(HealthCheck))
    @example(drawn=moved_to_an_owner())
    @given(drawn=offices)
    def agree(drawn: dict[str, Any]) -> None:
        try:
            furnish(drawn, on := office.today_in_office())
            compare(on)
        finally:
            db.session.rollback()

    with each_owned_app.app_context():
        with office.transaction():  # any past may be drawn, also one that the guards would never let happen
            guards.remove(db.session.connection())
        agree()


def furnish(drawn: dict[str, Any], on: date) -> None:
    """Change the office as drawn; the caller rolls back."""
    post_ids = {row.code: row.id for row in db.session.execute(select(Position.code, Position.id))}
    person_ids = {name: actor_or_fail(name, on).employee_id for name in PEOPLE}
    for code in drawn["vacated"]:
        ended = update(Assignment).where(Assignment.position_id == post_ids[code])
        db.session.execute(ended.values(ends_on=on - timedelta(days=1)))
    for term in drawn["terms"]:
        begins = on + timedelta(days=term.begins)
        ends = None if term.lasts is None else begins + timedelta(days=term.lasts)
        person, post = db.session.get_one(Employee, person_ids[term.person]), db.session.get_one(Position, post_ids[term.post])
        assign(person, post, kind=term.kind, starts_on=begins, ends_on=ends)
    for code, past in drawn["pasts"].items():
        columns = columns_of(past, code, post_ids, person_ids)
        db.session.execute(update(Sheet).where(Sheet.position_id == post_ids[code]).values(**columns))


def columns_of(past: Past, code: str, post_ids: dict[str, int], person_ids: dict[str, int | None]) -> dict[str, Any]:
    """What the sheet's row says of that past; a post is not its own reviewer or approver, nor both."""
    approver = past.approver if past.approver != code else next(each for each in POSTS if each != code)
    reviewer = past.reviewer if past.reviewer not in (code, approver) else None
    route = {"approver_id": post_ids[approver], "reviewer_id": post_ids[reviewer] if reviewer else None}
    state = State.SUBMITTED if past.state is State.REVIEWED and reviewer is None else past.state
    columns = route | {"state": state, "content_hash": None if state is State.DRAFT else "0" * 64}
    if state in FINAL:
        columns |= {"approved_title": "Analis", "approved_unit": "Bidang"}
    steps = {State.DRAFT: 0, State.SUBMITTED: 1, State.REVIEWED: 2}.get(state, 3)
    for step, signer in zip(SIGNED[:steps], past.signers, strict=False):
        if step != "reviewed" or reviewer is not None:
            columns |= {f"{step}_by_id": person_ids[signer], f"{step}_at": office.now()}
    if steps == len(SIGNED):
        columns |= {"approved_title": code, "approved_unit": "unit"}
    return columns


def actor_or_fail(name: str, on: date) -> Actor:
    actor = actor_of(name, on=on)
    assert actor is not None
    return actor


def compare(on: date) -> None:
    sheets = sorted(sheets_where(true(), on=on), key=lambda each: each.id)
    for name in READERS:
        whole = actor_or_fail(name, on)
        choices = [each.id for each in whole.mandates] if len(whole.mandates) > 1 else []
        for actor in (whole, *map(whole.acting_as, choices)):  # by every post, and by each one alone
            said = name, actor.chosen
            assert found(WAITING, actor, on) == [sheet.id for sheet in sheets if turn(actor, sheet)], said
            seen = select(Sheet.id).where(in_sight(actor))
            assert found(seen, actor, on) == [each.id for each in sheets if policy.sees(actor, each, each.route)], said
    lies_at = {row.id: row.post for row in db.session.execute(DECIDING, {"today": on})}
    decided = {each.id: place.post.id for each in sheets if (place := waiting_at(each)) is not None}
    assert {key: lies_at[key] for key in decided} == decided
    at_risk = db.session.scalars(perhaps_without_anybody(), {"today": on}).all()
    assert found(STUCK, whole, on, ids=at_risk) == [each.id for each in sheets if is_stuck(each)]


def waiting_at(sheet: SeenSheet) -> policy.Desk | None:
    """The desk at which a decision is awaited."""
    place = policy.waiting_desk(sheet, sheet.route)
    return place if place is not None and place.duty is not Duty.OWNER else None


def is_stuck(sheet: SeenSheet) -> bool:
    place = waiting_at(sheet)
    return place is not None and bool(place.stuck)


def found(query: Executable, actor: Actor, on: date, **more: Any) -> list[int]:
    """Ids in order, so that a sheet found twice is seen."""
    return sorted(db.session.scalars(query, asked_by(actor, on) | more))


def turn(actor: Actor, sheet: SeenSheet) -> bool:
    """Whether policy says that this sheet waits for this person's decision."""
    duty = next_duty(sheet.state, has_reviewer=sheet.route.reviewer is not None)
    waits = duty in (Duty.REVIEWER, Duty.APPROVER) and policy.holds(actor, sheet, sheet.route, duty) is not None
    place = policy.waiting_desk(sheet, sheet.route)
    listed = (
        place is not None
        and place.duty is not Duty.OWNER
        and actor.employee_id in {each.employee_id for each in place.candidates}
        and place.post.id in actor.position_ids
    )
    assert waits is listed
    return waits
