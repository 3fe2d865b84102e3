"""Sessions, passwords, and what happens to typed text when a session is gone."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.auth.views import is_local_path
from iki_portal.extensions import db
from iki_portal.models import Account
from iki_portal.web.transaction import transaction
from tests import office

NEW = "kuda pelangi mencatat hujan"


def try_password(client: FlaskClient, name: str, password: str, **more: str) -> Any:
    page = client.get("/masuk").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return client.post("/masuk", data={"csrf_token": token[1], "name": name, "password": password, **more})


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def copied(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another browser with the same cookie."""
    cookie = client.get_cookie("iki")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("iki", cookie.value)
    return thief


@pytest.fixture
def moving() -> Iterator[Any]:
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


def test_a_right_password_opens_a_wrong_one_does_not(app: Flask) -> None:
    client = app.test_client()
    wrong = try_password(client, office.OWNER, "salah")
    assert wrong.status_code == 422
    assert "Nama masuk atau sandi keliru" in wrong.get_data(as_text=True)
    assert try_password(client, "tidak.ada", "salah").status_code == 422
    assert not is_in(client)
    assert try_password(client, f" {office.OWNER.upper()} ", DEMO_PASSWORD).status_code == 302
    assert is_in(client)


def test_ten_wrong_passwords_lock_the_account_and_end_its_sessions(app: Flask, moving: Any) -> None:
    inside, client = office.sign_in(app, office.OWNER), app.test_client()
    for _ in range(10):
        try_password(client, office.OWNER, "salah")
    assert "dikunci sementara" in try_password(client, office.OWNER, DEMO_PASSWORD).get_data(as_text=True)
    assert not is_in(inside)
    moving.shift(timedelta(minutes=16))
    assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302


def test_a_copied_cookie_dies_at_sign_out(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    client.get("/")
    thief = copied(app, client)
    assert is_in(thief)
    assert office.post(client, "/keluar").status_code == 302
    assert not is_in(thief)
    assert not is_in(client)


def test_a_password_change_ends_every_other_session(app: Flask) -> None:
    client, elsewhere = office.sign_in(app, office.OWNER), office.sign_in(app, office.OWNER)
    thief = copied(app, client)
    wrong = office.post(client, "/sandi", {"current": "x", "new": NEW, "again": NEW})
    assert "Sandi yang sekarang keliru" in wrong.get_data(as_text=True)
    for weak in ("pendek", "rahasia123", "lumajang2027"):
        assert office.post(client, "/sandi", {"current": DEMO_PASSWORD, "new": weak, "again": weak}).status_code == 422
    assert office.post(client, "/sandi", {"current": DEMO_PASSWORD, "new": NEW, "again": "lain"}).status_code == 422
    assert office.post(client, "/sandi", {"current": DEMO_PASSWORD, "new": NEW, "again": NEW}).status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    assert not is_in(thief)
    assert try_password(app.test_client(), office.OWNER, NEW).status_code == 302


def test_a_first_password_must_be_changed_before_anything_else(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.OWNER).values(must_change_password=True))
    client = app.test_client()
    assert try_password(client, office.OWNER, DEMO_PASSWORD).headers["Location"] == "/sandi"
    assert client.get("/lembar").headers["Location"] == "/sandi"
    assert office.post(client, "/sandi", {"current": DEMO_PASSWORD, "new": NEW, "again": NEW}).status_code == 302
    assert client.get("/lembar").status_code == 200


def test_sessions_end_when_idle_and_in_any_case(app: Flask, moving: Any) -> None:
    idle = office.sign_in(app, office.OWNER)
    moving.shift(timedelta(minutes=61))
    assert not is_in(idle)
    busy = office.sign_in(app, office.OWNER)
    for _ in range(12 * 2):
        assert is_in(busy)
        moving.shift(timedelta(minutes=30))
    assert not is_in(busy)


def test_a_closed_account_is_out_at_the_next_request(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert is_in(client)
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.OWNER).values(is_active=False))
    assert not is_in(client)
    assert try_password(app.test_client(), office.OWNER, DEMO_PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "target",
    [
        "//evil",
        "/\\evil",
        "///evil",
        "\\\\evil",
        "http:///evil",
        "https://evil",
        "javascript:alert(1)",
        "/\x00",
        "/\t/evil",
        "",
        " /x",
    ],
)
def test_no_redirect_leaves_the_portal(app: Flask, target: str) -> None:
    assert not is_local_path(target)
    answer = try_password(app.test_client(), office.OWNER, DEMO_PASSWORD, next=target)
    assert answer.headers["Location"] == "/"


def test_a_reader_comes_back_to_where_he_wanted_to_go(app: Flask) -> None:
    client = app.test_client()
    asked = client.get("/lembar?status=draft").headers["Location"]
    page = client.get(asked).get_data(as_text=True)
    assert 'name="next" value="/lembar?status=draft"' in page
    answer = try_password(client, office.OWNER, DEMO_PASSWORD, next="/lembar?status=draft")
    assert answer.headers["Location"] == "/lembar?status=draft"


def test_what_was_typed_survives_an_ended_session(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    token = office.csrf_token(client)
    elsewhere = copied(app, client)
    office.post(elsewhere, "/keluar")
    data = {"csrf_token": token, "version": str(sheet.version), "step": "return", "note": "Catatan yang lama disusun"}
    answer = client.post(f"/lembar/{sheet.id}/keputusan", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Catatan yang lama disusun" in page
    kept = json.dumps([["version", str(sheet.version)], ["step", "return"], ["note", "Catatan yang lama disusun"]])
    back = try_password(client, office.REVIEWER, DEMO_PASSWORD, next=f"/lembar/{sheet.id}/keputusan", tertunda=kept)
    page = back.get_data(as_text=True)
    assert back.status_code == 200
    assert f'action="/lembar/{sheet.id}/keputusan"' in page
    assert "Catatan yang lama disusun" in page
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"


def test_the_demo_door_exists_only_in_the_demo(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/masuk").get_data(as_text=True)
    assert "Coba sebagai" not in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/masuk/demo", data={"csrf_token": token, "name": office.OWNER}).status_code == 404
