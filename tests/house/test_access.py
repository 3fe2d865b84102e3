"""Rows 1 and 2 of the bar: who may knock at which door, and a matrix of doors, people and states with real rows."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from structlog.testing import capture_logs

from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Permission
from iki_portal.extensions import db
from iki_portal.models import Account
from iki_portal.web.access import LIBRARY_FILES, declared
from iki_portal.web.transaction import transaction
from tests import office

P = Permission
#: Every endpoint and what it asks for; None: open to everybody.
DOORS: dict[str, Permission | None] = {
    "static": None,
    "bootstrap.static": None,
    "assets.font": None,
    "auth.sign_in": None,
    "auth.enter": None,
    "auth.enter_demo": None,
    "auth.sign_out": P.ACCOUNT_OWN,
    "auth.change_password": P.ACCOUNT_OWN,
    "organisation.tree": P.ORGANISATION_READ,
    "indicators.sheets": P.SHEET_READ,
    "indicators.edit": P.SHEET_WRITE,
    "approvals.home": P.HOME_READ,
    "approvals.inbox": P.INBOX_READ,
    "approvals.sheet": P.SHEET_READ,
    "approvals.submit": P.SHEET_SUBMIT,
    "approvals.withdraw": P.SHEET_SUBMIT,
    "approvals.decide": P.SHEET_DECIDE,
    "approvals.revise": P.SHEET_REVISE,
    "approvals.newest_year": P.YEAR_READ,
    "approvals.year": P.YEAR_READ,
    "approvals.close_planning": P.YEAR_CLOSE,
}


def test_every_endpoint_declares_its_access_and_the_list_says_the_same(app: Flask) -> None:
    found = {}
    for endpoint in app.view_functions:
        access = declared(app, endpoint)
        assert access is not None, f"{endpoint}: put @public or @requires(...) below its route decorator"
        found[endpoint] = access.permission
    assert found == DOORS, "add the new endpoint to DOORS, or take the old one out"


def test_addresses_are_typed_kebab_case_nouns(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in LIBRARY_FILES or rule.endpoint == "assets.font":
            continue
        assert re.fullmatch(r"(/([a-z-]+|<int:[a-z_]+>))*/?", rule.rule), f"{rule.rule}: kebab-case, parameters as <int:name>"


# The matrix

READ, HIDDEN, DENIED, LATE = 200, 404, 403, 409
PEOPLE = ("owner", "colleague", "kabid", "other kabid", "sekretaris", "kepala", "operator", "plt", "ended plt", "disabled")
ACCOUNTS = {
    "owner": office.OWNER,
    "colleague": "analis.profesi",
    "kabid": office.REVIEWER,
    "other kabid": office.OTHER_REVIEWER,
    "sekretaris": office.APPROVER,
    "kepala": office.HEAD,
    "operator": office.OPERATOR,
    "plt": "analis.promosi",
    "ended plt": "analis.kepangkatan",
    "disabled": "analis.mutasi",
}
IN_SIGHT = {"owner", "kabid", "sekretaris", "kepala", "plt"}
DECIDES = {"submitted": {"kabid", "plt"}, "reviewed": {"sekretaris"}}
STATES = ("draft", "submitted", "reviewed", "approved")


@pytest.fixture(scope="module", params=STATES)
def staged(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the owner's sheet has reached a state, and everybody of the matrix is in place."""
    path = tmp_path_factory.mktemp("matrix") / f"{request.param}.db"
    shutil.copy(sqlite_template, path)
    app = office.portal(f"sqlite:///{path}")
    with app.app_context():
        office.bring_to(request.param)
        today = office.today_in_office()
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
        past = today - timedelta(days=30)
        office.give_post("analis.kepangkatan", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=past, ends_on=past)
        with transaction():
            db.session.execute(update(Account).where(Account.name == ACCOUNTS["disabled"]).values(is_active=True))
        db.engine.dispose()
    return path


def expected(person: str, state: str, act: str) -> set[int]:
    """What the office's rules say, written down once more and independently."""
    finished = state == "approved"
    if act == "page":
        return {READ} if finished or person in IN_SIGHT else {HIDDEN}
    if person == "operator":
        return {DENIED}  # the door is closed to an operator, whatever lies behind it
    if not finished and person not in IN_SIGHT:
        return {HIDDEN}
    return _expected_act(person, state, act, finished)


def _expected_act(person: str, state: str, act: str, finished: bool) -> set[int]:
    entitled = {
        "edit": state == "draft" and person == "owner",
        "submit": state == "draft" and person == "owner",
        "withdraw": state == "submitted" and person == "owner",
        "review": state == "submitted" and person in DECIDES["submitted"],
        "return": person in DECIDES.get(state, set()),
        "approve": state == "reviewed" and person in DECIDES["reviewed"],
        "revise": finished and person in ("owner", "sekretaris"),
    }[act]
    if entitled:
        return {302}
    starts = {
        "edit": state == "draft",
        "submit": state == "draft",
        "withdraw": state == "submitted",
        "review": state == "submitted",
        "return": state in ("submitted", "reviewed"),
        "approve": state == "reviewed",
        "revise": finished,
    }[act]
    return {DENIED} if starts else {LATE}


ACTS = {
    "page": ("GET", "/lembar/{id}", {}),
    "edit": ("POST", "/lembar/{id}/ubah", {"action": "add-statement", "whole": "1"}),
    "submit": ("POST", "/lembar/{id}/pengajuan", {}),
    "withdraw": ("POST", "/lembar/{id}/penarikan", {}),
    "review": ("POST", "/lembar/{id}/keputusan", {"step": "review"}),
    "return": ("POST", "/lembar/{id}/keputusan", {"step": "return", "note": "Perbaiki."}),
    "approve": ("POST", "/lembar/{id}/keputusan", {"step": "approve"}),
    "revise": ("POST", "/lembar/{id}/perubahan", {"reason": "budget", "note": "Anggaran berubah."}),
}


def test_the_matrix_of_people_states_and_acts(staged: Path, tmp_path: Path) -> None:
    state = staged.stem
    wrong = []
    for person in PEOPLE:
        for act in ACTS:
            status, lines = _try(staged, tmp_path, person, act)
            allowed = {302, 401} if person == "disabled" else expected(person, state, act)
            if status not in allowed:
                wrong.append(f"{person} {act} in {state}: {status}, not {allowed}")
            if status >= 400 and len(lines) != 1:
                wrong.append(f"{person} {act} in {state}: {len(lines)} lines in the log for one refusal")
    assert wrong == []


def _try(staged: Path, folder: Path, person: str, act: str) -> tuple[int, list[object]]:
    """One act on a database of its own; returns its status and the refusals it logged."""
    method, url, data = ACTS[act]
    copy = folder / "cell.db"
    for old in folder.glob("cell.db*"):
        old.unlink()
    shutil.copy(staged, copy)
    app = office.portal(f"sqlite:///{copy}")
    client = office.sign_in(app, ACCOUNTS[person])
    token = office.csrf_token(client)
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        if person == "disabled":
            with transaction():
                db.session.execute(update(Account).where(Account.name == ACCOUNTS[person]).values(is_active=False))
        db.engine.dispose()
    with capture_logs() as lines:
        fields = {"csrf_token": token, "version": str(sheet.version), **data}
        address = url.format(id=sheet.id)
        response = client.get(address) if method == "GET" else client.post(address, data=fields)
    with app.app_context():
        db.engine.dispose()
    return response.status_code, [line for line in lines if line["event"] == "refused"]


@pytest.mark.parametrize(
    ("person", "status"), [("sekretaris", 200), ("kepala", 200), ("owner", 403), ("kabid", 403), ("operator", 403)]
)
def test_the_year_is_for_the_sekretaris_and_the_kepala_badan(app: Flask, person: str, status: int) -> None:
    client = office.sign_in(app, ACCOUNTS[person])
    assert client.get(f"/tahun/{office.YEAR}").status_code == status
    closing = office.post(client, f"/tahun/{office.YEAR}/penutupan").status_code
    assert closing == (409 if person == "sekretaris" else 403)


def test_a_plt_gains_the_duty_with_the_first_day_and_loses_it_after_the_last(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        today = office.today_in_office()
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
        sheet_id = office.sheet_of(office.OWNER).id
    client = office.sign_in(app, "analis.promosi")
    assert client.get(f"/lembar/{sheet_id}").status_code == 200
    with app.app_context():
        office.end_post("analis.promosi", office.REVIEWER, ends_on=today - timedelta(days=0))
    assert client.get(f"/lembar/{sheet_id}").status_code == 200
    with app.app_context():
        office.give_post("analis.standar", office.REVIEWER, kind=AssignmentKind.PLH, starts_on=today + timedelta(days=1))
    assert office.sign_in(app, "analis.standar").get(f"/lembar/{sheet_id}").status_code == 404


def test_a_stranger_is_asked_to_sign_in_everywhere(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if DOORS[rule.endpoint] is None:
            continue
        url = re.sub(r"<int:\w+>", "1", rule.rule)
        if "GET" in (rule.methods or ()):
            assert client.get(url).headers["Location"].startswith("/masuk"), url
        if "POST" in (rule.methods or ()):
            page = client.get("/masuk").get_data(as_text=True)
            token = page.split('name="csrf_token" value="')[1].split('"')[0]
            assert client.post(url, data={"csrf_token": token}).status_code == 401, url
