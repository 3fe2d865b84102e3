"""The inbox in SQL says what policy says, for offices in which people hold posts in every way."""

import random
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from iki_portal.domain import policy
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import Duty, next_duty
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet, asked_by, in_sight, sheets_where, waits_for
from iki_portal.models import Account, Assignment, Employee, Position, Sheet
from iki_portal.organisation.operations import assign
from iki_portal.web.transaction import transaction
from tests import office

OFFICES = 15
CODES = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, "perencana", office.OUTSIDER)


def shuffle_posts(dice: random.Random) -> None:
    """End some assignments, begin others: Plt. and Plh. upon posts of the route, past, present and to come."""
    today = office.today_in_office()
    people = list(db.session.scalars(select(Employee).order_by(Employee.id).limit(10)))
    posts = list(db.session.scalars(select(Position).where(Position.code.in_(CODES)).order_by(Position.order)))
    with transaction():
        for held in db.session.scalars(select(Assignment).where(Assignment.position_id.in_([post.id for post in posts]))):
            if dice.random() < 0.4:
                held.ends_on = max(held.starts_on, today - timedelta(days=dice.choice([0, 1])))
        for _ in range(dice.randint(2, 8)):
            begins = today + timedelta(days=dice.choice([-5, -1, 0, 1]))
            ends = dice.choice([None, begins, begins + timedelta(days=5)])
            kind = dice.choice([AssignmentKind.PLT, AssignmentKind.PLH])
            assign(dice.choice(people), dice.choice(posts), kind=kind, starts_on=begins, ends_on=ends)


def scatter_sheets(dice: random.Random) -> None:
    """Put drafts into every state in preparation, proposed and reviewed by anybody (as the past may have left them)."""
    people = list(db.session.scalars(select(Employee.id).order_by(Employee.id).limit(10)))
    now = office.now()
    with transaction():
        for sheet_id in db.session.scalars(select(Sheet.id).where(Sheet.state != "approved")).all():
            state = dice.choice(["draft", "submitted", "reviewed"])
            proposer, reviewer = dice.sample(people, 2)
            signed = {"submitted_by_id": proposer, "submitted_at": now, "content_hash": "0" * 64} if state != "draft" else {}
            if state == "reviewed":
                signed |= {"reviewed_by_id": reviewer, "reviewed_at": now}
            blank = dict.fromkeys(("submitted_by_id", "submitted_at", "content_hash", "reviewed_by_id", "reviewed_at"))
            db.session.execute(update(Sheet).where(Sheet.id == sheet_id).values(state=state, **{**blank, **signed}))


def turn(actor: Actor, sheet: SeenSheet) -> bool:
    """Whether policy says that this sheet waits for this person's decision."""
    duty = next_duty(sheet.state, has_reviewer=sheet.route.reviewer is not None)
    return duty in (Duty.REVIEWER, Duty.APPROVER) and policy.holds(actor, sheet, sheet.route, duty) is not None


@pytest.mark.parametrize("seed", range(OFFICES))
def test_sql_and_policy_agree_about_what_waits_and_what_is_seen(app: Flask, seed: int) -> None:
    compare(app, seed)


def test_they_agree_on_postgresql_too(each_app: Flask) -> None:
    for seed in range(100, 103):
        compare(each_app, seed)


def compare(app: Flask, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a die, not a secret
    with app.app_context():
        shuffle_posts(dice)
        scatter_sheets(dice)
        on = office.today_in_office()
        sheets = sheets_where(text("1 = 1"), on=on)  # type: ignore[arg-type]
        for name in db.session.scalars(select(Account.name).order_by(Account.id)).all():
            actor = office.actor(name)
            waiting = set(db.session.scalars(select(Sheet.id).where(waits_for()), asked_by(actor, on)))
            assert waiting == {sheet.id for sheet in sheets if turn(actor, sheet)}, name
            seen = set(db.session.scalars(select(Sheet.id).where(in_sight(actor)), asked_by(actor, on)))
            assert seen == {sheet.id for sheet in sheets if policy.sees(actor, sheet, sheet.route)}, name
