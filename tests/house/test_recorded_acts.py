"""Row 19 of the bar: every form that changes something leaves one row of history or trail: who, in which capacity, what, when.

From where stands beside it: the session that it came in by keeps address and browser, which no chain holds (decision 0029).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, func, select

from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.auth.operations import Origin
from iki_portal.extensions import Base, db
from iki_portal.history import operations as history
from iki_portal.history.wording import LABELS
from iki_portal.models import Account, HistoryEntry, SignInSession, TrailEvent
from tests import office
from tests.doors import doors
from tests.faults.bar import Figure
from tests.features.test_signing_in import try_password
from tests.house.test_mass_assignment import CASES, READING, furnish_state

ADDRESS, BROWSER = "192.0.2.7", "Firefox/999"
FROM_THERE = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}

COMMENTS = "working papers of a sheet: each word stands in a row of its own, which the database keeps as it was said"
READING_MATTER = "what somebody has read is nobody else's business, and decides nothing"
WAITING_FILES = "a file that waits: whoever applies it stands in the history, and what is cancelled leaves nothing behind"
REPORTED = "only grows, and says itself who and when; that the quarter is submitted and verified is chained"
OWN_DRAFT = "one's own draft, saved as it is typed: its versions say who and when until it is submitted"


@dataclass(frozen=True)
class Elsewhere:
    """An act that no chain tells of: why not, and the table that tells who and when instead, if any does."""

    reason: str
    table: str = ""


#: Whatever is not named here leaves its row in a chain.
UNCHAINED = {
    "edit": Elsewhere(OWN_DRAFT, "draft_version"),
    "answer": Elsewhere("part of one's own draft, read and kept with it", "finding_answer"),
    "comment": Elsewhere(COMMENTS, "comment"),
    **dict.fromkeys(("reply", "tick off", "close", "reopen"), Elsewhere(COMMENTS, "comment_entry")),
    "report": Elsewhere(
        "a value that only grows: each entry says who and when, and its submission is chained", "realisation_entry"
    ),
    "evidence": Elsewhere(
        "the file itself says who brought it and when, and its quarter's submission is chained", "attachment"
    ),
    **dict.fromkeys(
        ("book", "performance"),
        Elsewhere("composed of what is frozen, and can be composed again; who takes it away stands in the trail", "book"),
    ),
    "upload": Elsewhere(WAITING_FILES, "upload"),
    "upload a workbook": Elsewhere(WAITING_FILES, "staffing_workbook"),
    **dict.fromkeys(("read an upload again", "cancel an upload"), Elsewhere(WAITING_FILES)),
    **dict.fromkeys(("read a workbook again", "cancel a workbook"), Elsewhere(WAITING_FILES)),
    "apply a workbook": Elsewhere("the process that applies it writes the history (tests/features/test_staffing.py)"),
    **dict.fromkeys(("read a notice", "read all notices"), Elsewhere(READING_MATTER)),
}
#: Who acts where nobody is signed in yet.
COMING_IN = {"sign in": office.OWNER, "activate": "siti.rahmawati"}
#: The portal's own row beside the person's: the print that an approval issues.
BY_THE_PORTAL = "Portal IKI"
CHAINS = {"history_entry": HistoryEntry.__table__, "trail_event": TrailEvent.__table__}


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def signed_in(app: Flask, name: str) -> FlaskClient:
    """With the password, from an address and a browser that are known."""
    client = app.test_client()
    client.environ_base |= FROM_THERE
    if name:
        assert try_password(client, name, DEMO_PASSWORD).status_code == 302
    return client


def rows_of(table: Table) -> list[Any]:
    return list(db.session.execute(select(table).order_by(table.primary_key.columns[0])))


def chained() -> list[tuple[str, Any]]:
    """Every row of both chains, with the table that it is of."""
    return [(name, row) for name, table in CHAINS.items() for row in rows_of(table)]


def act(app: Flask, name: str) -> tuple[list[tuple[str, Any]], int]:
    """Send the form; the rows that came to the chains, and how many came to the table that is named instead."""
    case = CASES[name]
    client = signed_in(app, case.person)
    with app.app_context():
        sheet = furnish_state(case.state)
        honest, sent = case.fields(sheet), case.sent(sheet)
        before, elsewhere = chained(), number_in(name)
    token = office.csrf_token(client, "/sandi" if case.person else "/masuk")
    answer = client.post(case.url.format(id=sheet.id), data=case.form([("csrf_token", token), *honest], sent))
    assert answer.status_code == case.status
    with app.app_context():
        known = {(table, row.number) for table, row in before}
        new = [(table, row) for table, row in chained() if (table, row.number) not in known]
        return new, number_in(name) - elsewhere


def number_in(name: str) -> int:
    table = UNCHAINED[name].table if name in UNCHAINED else ""
    return db.session.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0 if table else 0


def faults_of(app: Flask, name: str) -> list[str]:
    """What is missing in what the act leaves behind, as a sentence each."""
    rows, elsewhere = act(app, name)
    of_people = [(table, row) for table, row in rows if row.actor_name != BY_THE_PORTAL]
    if name in UNCHAINED:
        told = elsewhere == 1 or not UNCHAINED[name].table
        stale = [f"{name} leaves a row of {table}: take it out of UNCHAINED" for table, _ in of_people]
        return stale + ([] if told else [f"{name} leaves {elsewhere} rows in {UNCHAINED[name].table}, not one"])
    if len(of_people) != 1:
        return [f"{name} leaves {len(of_people)} rows in the chains, not one: record it, or say in UNCHAINED why not"]
    with app.app_context():
        return list(_untold(COMING_IN.get(name, CASES[name].person), name, *of_people[0]))


def _untold(person: str, name: str, table: str, row: Any) -> Iterator[str]:
    account = db.session.scalars(select(Account).where(Account.name == person)).one()
    actor = office.actor(person)
    if row.actor_id != actor.employee_id or row.actor_name != actor.full_name:
        yield f"{name}: done by {person}, written down as {row.actor_name}"
    if table == "trail_event" and row.account_id != account.id:
        yield f"{name}: another account's number"
    titles_of = (history.operator_author(actor).acting_title,) if actor.is_operator else ()
    capacities = {*titles_of, *(title for each in actor.mandates for title in (each.signature, each.name))}
    titles = set(row.acting_title.split("; ")) if row.acting_title else set()
    if titles - capacities or (capacities and not titles):
        yield f"{name}: in no capacity of theirs: {row.acting_title!r}"
    if row.action not in LABELS:
        yield f"{name}: nobody can read what {row.action!r} means"
    if row.at != office.now():
        yield f"{name}: at {row.at}"
    came = select(func.count()).where(
        SignInSession.account_id == account.id, SignInSession.address == ADDRESS, SignInSession.agent.contains(BROWSER)
    )
    if not db.session.scalar(came):
        yield f"{name}: nothing says from where"


@pytest.mark.parametrize("name", CASES)
def test_an_act_leaves_one_row_of_who_in_which_capacity_what_and_when(app: Flask, name: str) -> None:
    assert faults_of(app, name) == []


def twice(*words: Any) -> int:
    history.record(*words)
    return history.record(*words)


#: The place in the portal, and what stands there instead.
FLAWS: dict[str, tuple[str, str, Any]] = {
    "leaves 0 rows": ("submit", "approvals.operations.record", lambda *_: 1),
    "leaves 2 rows": ("submit", "approvals.operations.record", twice),
    "in no capacity of theirs": ("submit", "approvals.operations.author", lambda actor, _: history.operator_author(actor)),
    "in no capacity of theirs: ''": ("sign out", "history.trail._title", lambda _: ""),
    "nothing says from where": ("sign out", "auth.entry_views.origin", lambda: Origin("", "")),
}


@pytest.mark.parametrize("said", FLAWS)
def test_a_planted_flaw_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    name, place, flaw = FLAWS[said]
    monkeypatch.setattr(f"iki_portal.{place}", flaw)
    assert any(said in each for each in faults_of(app, name))


def test_a_code_of_the_telephone_and_a_demo_player_come_in_with_one_row_each(url: str) -> None:
    app = office.portal(url, env="demo")
    with app.app_context():
        totp = office.telephone(office.OWNER)
        before = len(chained())
    client = signed_in(app, office.OWNER)
    client.post("/masuk/kode", data={"csrf_token": office.csrf_token(client, "/masuk/kode"), "code": totp.at(office.now())})
    player = app.test_client()
    player.post("/masuk/demo", data={"csrf_token": office.csrf_token(player, "/masuk"), "name": office.HEAD})
    with app.app_context():
        assert [(row.action, row.account_id) for _, row in chained()[before:]] == [
            ("sign_in", office.actor(name).account_id) for name in (office.OWNER, office.HEAD)
        ]
        db.session.remove()
        db.engine.dispose()


def test_every_form_of_the_url_map_is_held_to_this(app: Flask, figure: Figure) -> None:
    posting = {door.endpoint for door in doors(app, 1) if "POST" in door.methods} - READING
    tried = {case.endpoint for case in CASES.values()}
    assert posting - tried == {"auth.enter_demo", "auth.second_step"}, "the test above; others belong into CASES"
    assert UNCHAINED.keys() <= CASES.keys(), "an act that is no more"
    figure(f"{len(posting)} forms of {len(posting)}: {len(CASES) - len(UNCHAINED)} acts in the chains, {len(UNCHAINED)} named")
