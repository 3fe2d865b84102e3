"""What follows from an assignment, for the operator to see before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from iki_portal.domain.appointments import Term, demand_before_closing, demand_possible, remarks, remarks_on_person
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Desk, Holder, Post, Route, desk
from iki_portal.domain.workflow import IN_PREPARATION, Duty
from iki_portal.extensions import db
from iki_portal.models import Assignment, Employee, Position, Sheet
from iki_portal.organisation.employees import account_of
from iki_portal.organisation.queries import posts


@dataclass(frozen=True, slots=True)
class Outlook:
    """Duties on the sheets now in preparation, from the first day that is not past, and what is worth knowing."""

    term: Term
    #: None when the term lies in the past and gives no duty any more.
    since: date | None
    proposes: int
    reviews: int
    approves: int
    remarks: tuple[str, ...]

    @property
    def seal(self) -> str:
        """Of what exactly was shown: saving with another seal shows it again."""
        return sha256(repr(self).encode()).hexdigest()


def outlook(employee: Employee, position_id: int, term: Term, *, but: int = 0, on: date) -> Outlook:
    """What follows when `employee` holds the post for `term`, instead of assignment `but`. Raises `Invalid`."""
    others = demand_term(position_id, term, but=but)
    said = (*remarks(term, others), *remarks_on_person(term, _elsewhere(employee, position_id, but=but)))
    since = max(term.starts_on, on)
    if not term.holds_on(since):
        return Outlook(term, None, 0, 0, 0, said)
    found = _sheets_of(position_id)
    ids = {each for row in found for each in (row.position_id, row.reviewer_id, row.approver_id, row.superior_id)}
    held = posts(ids | {position_id}, on=since)
    post, me = held[position_id], Holder(employee.id, employee.full_name, term.kind)
    others_there = tuple(each for each in post.holders if each.employee_id != employee.id)
    held[position_id] = replace(post, holders=(*others_there, me))
    desks = [_desks(row, held) for row in found]
    reviews, approves = (sum(_is_mine(pair[number], position_id, me) for pair in desks) for number in (0, 1))
    return Outlook(
        term,
        since,
        sum(row.position_id == position_id for row in found),
        reviews,
        approves,
        (*said, *_moving(desks, me), *_without_account(employee)),
    )


def demand_term(position_id: int, term: Term, *, but: int = 0) -> list[Term]:
    """Everybody else's terms in the post, beside which `term` is possible. Raises `Invalid`."""
    others = terms_at(position_id, but=but)
    demand_possible(term, others)
    demand_before_closing(term, db.session.scalar(select(Position.closed_on).where(Position.id == position_id)))
    return others


def terms_at(position_id: int, *, but: int = 0) -> list[Term]:
    """Everybody's terms in a post, without cancelled ones."""
    query = (
        select(Assignment, Employee)
        .join(Employee, Employee.id == Assignment.employee_id)
        .where(Assignment.position_id == position_id, Assignment.id != but, ~Assignment.is_cancelled)
        .order_by(Assignment.starts_on, Assignment.id)
    )
    return [
        Term(row.Employee.full_name, row.Assignment.kind, row.Assignment.starts_on, row.Assignment.ends_on)
        for row in db.session.execute(query)
    ]


def _elsewhere(employee: Employee, position_id: int, *, but: int) -> list[tuple[str, Term]]:
    """The same person's terms in other posts, with their names."""
    query = (
        select(Assignment, Position.title, Position.area)
        .join(Position, Position.id == Assignment.position_id)
        .where(
            Assignment.employee_id == employee.id,
            Assignment.position_id != position_id,
            Assignment.id != but,
            ~Assignment.is_cancelled,
        )
        .order_by(Assignment.starts_on, Assignment.id)
    )
    return [
        (
            post_name(row.title, row.area),
            Term(employee.full_name, row.Assignment.kind, row.Assignment.starts_on, row.Assignment.ends_on),
        )
        for row in db.session.execute(query)
    ]


def _sheets_of(position_id: int) -> Sequence[Any]:
    """Sheets in preparation that pass this post, with what the rules ask of them."""
    approver = aliased(Position)
    query = (
        select(
            *(Sheet.position_id, Sheet.state, Sheet.revision, Sheet.submitted_by_id, Sheet.reviewed_by_id),
            *(Sheet.reviewer_id, Sheet.approver_id, approver.superior_id),
        )
        .join(approver, approver.id == Sheet.approver_id)
        .where(
            Sheet.state.in_(IN_PREPARATION),
            or_(
                Sheet.position_id == position_id,
                Sheet.reviewer_id == position_id,
                Sheet.approver_id == position_id,
                approver.superior_id == position_id,
            ),
        )
    )
    return db.session.execute(query).all()


def _desks(row: Any, held: dict[int, Post]) -> tuple[Desk | None, Desk]:
    """Where review (of a sheet that has one) and approval would lie."""
    route = Route(
        owner=held[row.position_id],
        approver=held[row.approver_id],
        reviewer=held[row.reviewer_id] if row.reviewer_id is not None else None,
        superior=held[row.superior_id] if row.superior_id is not None else None,
    )
    return (desk(row, route, Duty.REVIEWER) if route.reviewer else None, desk(row, route, Duty.APPROVER))


def _is_mine(place: Desk | None, position_id: int, me: Holder) -> bool:
    return place is not None and place.post.id == position_id and me in place.candidates


def _without_account(employee: Employee) -> list[str]:
    if account_of(employee.id):
        return []
    return [f"{employee.full_name} belum mempunyai akun, sehingga belum dapat bertindak di portal."]


def _moving(desks: Sequence[tuple[Desk | None, Desk]], me: Holder) -> list[str]:
    """The rule of three persons (docs/decisions/0002-…): whose turn it is when one person would be two of them."""
    both = sum(_has(review, me) and _has(approval, me) for review, approval in desks)
    moved = sum(_lost(place, me) for pair in desks for place in pair)
    said = []
    if both:
        said.append(f"Pereviu sekaligus yang menetapkan pada {both} lembar; penetapan yang direviunya sendiri naik ke atasan.")
    if moved:
        said.append(f"{moved} tugas naik ke atasan, karena ia pemilik lembarnya atau sudah mereviunya.")
    return said


def _has(place: Desk | None, me: Holder) -> bool:
    return place is not None and any(each.employee_id == me.employee_id for each in place.candidates)


def _lost(place: Desk | None, me: Holder) -> bool:
    """A duty of a post this person holds that lies elsewhere, because this person may not have it."""
    if place is None or _has(place, me):
        return False
    start = place.moved_from or place.post
    return any(each.employee_id == me.employee_id for each in start.holders)
