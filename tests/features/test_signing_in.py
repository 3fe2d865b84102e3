"""Sessions, passwords, and what happens to typed text when a session is gone."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.auth.operations import sign_in_demo
from iki_portal.auth.views import is_local_path
from iki_portal.domain.dates import format_time
from iki_portal.extensions import db, limiter
from iki_portal.models import Account, SignInSession
from iki_portal.web.transaction import transaction
from tests import office
from tests.doors import addresses

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


def test_the_table_of_sessions_gives_no_cookie_away(app: Flask) -> None:
    with app.app_context():
        with transaction():
            tokens = {sign_in_demo(office.OWNER, now=office.now()).token for _ in range(3)}
        kept = str(db.session.execute(select(SignInSession.__table__)).all())
    assert {len(token) for token in tokens} == {43}, "256 bits in letters of six"
    assert not [token for token in tokens if token in kept]


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


def test_ten_wrong_current_passwords_lock_the_account_and_end_its_sessions(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    token = office.csrf_token(client)
    for number in range(10):
        guess = {"csrf_token": token, "current": f"tebakan {number}", "new": NEW, "again": NEW}
        assert "Sandi yang sekarang keliru" in client.post("/sandi", data=guess).get_data(as_text=True), number
    assert not is_in(client)
    assert "dikunci sementara" in try_password(client, office.OWNER, DEMO_PASSWORD).get_data(as_text=True)


def test_guessing_is_limited_before_a_password_is_hashed(url: str) -> None:
    app = office.portal(url, env="demo")  # the limiter sleeps where `test` is the environment
    client = office.sign_in(app, office.OWNER)
    token = office.csrf_token(client)
    try:
        statuses = [client.post("/sandi", data={"csrf_token": token}).status_code for _ in range(31)]
    finally:
        limiter.reset()
        limiter.enabled = False
        with app.app_context():
            db.engine.dispose()
    assert statuses == [422] * 30 + [429]


@pytest.mark.parametrize("door", ["/masuk", "/aktivasi", "/sandi"])
def test_a_password_is_typed_unseen_and_a_manager_of_passwords_may_fill_it_in(app: Flask, door: str) -> None:
    client = office.sign_in(app, office.OWNER) if door == "/sandi" else app.test_client()
    page = client.get(door).get_data(as_text=True)
    fields = re.findall(r'<input[^>]*name="(?:password|current|new|again)"[^>]*>', page)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(?:current|new)-password"', field), field


def test_every_page_of_somebody_signed_in_shows_the_way_out(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    pages = [client.get(url) for url in addresses(app, "GET") if url != "/aktivasi"]  # a door for those outside
    shown = [page for page in pages if page.status_code == 200 and page.mimetype == "text/html"]
    assert len(shown) > 10
    assert [page.request.path for page in shown if 'action="/keluar"' not in page.get_data(as_text=True)] == []


def test_a_weak_new_password_is_no_wrong_guess(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    for _ in range(11):
        answer = office.post(client, "/sandi", {"current": DEMO_PASSWORD, "new": "pendek", "again": "pendek"})
        assert "Sandi paling pendek" in answer.get_data(as_text=True)
    assert is_in(client)


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


def test_nine_wrong_passwords_lock_nobody_and_a_right_one_forgets_them(app: Flask) -> None:
    client = app.test_client()
    for _ in range(2):
        for _ in range(9):
            assert try_password(client, office.OWNER, "salah").status_code == 422
        assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
        office.post(client, "/keluar")


def test_a_lock_holds_for_a_quarter_of_an_hour_and_says_until_when(app: Flask, moving: Any) -> None:
    client = app.test_client()
    for _ in range(10):
        try_password(client, office.OWNER, "salah")
    until = format_time(datetime.now(UTC) + timedelta(minutes=15))
    moving.shift(timedelta(minutes=14, seconds=59))
    told = try_password(client, office.OWNER, DEMO_PASSWORD)
    assert told.status_code == 422
    assert f"Coba lagi setelah pukul {until}" in told.get_data(as_text=True)
    moving.shift(timedelta(seconds=2))
    assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302


def test_a_lock_shuts_out_nobody_else(app: Flask) -> None:
    client = app.test_client()
    for _ in range(11):
        try_password(client, office.OWNER, "salah")
    assert try_password(app.test_client(), office.REVIEWER, DEMO_PASSWORD).status_code == 302


def test_signing_in_begins_a_new_session(app: Flask) -> None:
    client = app.test_client()
    client.get("/masuk")
    before = client.get_cookie("iki")
    planted = copied(app, client)
    assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
    after = client.get_cookie("iki")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert not is_in(planted)


def test_a_cookie_that_was_changed_is_nobody(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    cookie = client.get_cookie("iki")
    assert cookie is not None
    for value in ("", "x", cookie.value[:-2], cookie.value.replace(".", "", 1), cookie.value + "A"):
        stranger = app.test_client()
        stranger.set_cookie("iki", value)
        assert stranger.get("/").status_code == 302, value


def test_a_session_that_is_used_every_hour_but_one_lives_on(app: Flask, moving: Any) -> None:
    client = office.sign_in(app, office.OWNER)
    for _ in range(3):
        moving.shift(timedelta(minutes=59))
        assert is_in(client)


def test_a_button_without_fields_leads_home_when_its_session_had_ended(app: Flask) -> None:
    """The address of a button is no page: to be led there after signing in would be an error."""
    page = app.test_client().post("/keluar")
    assert page.status_code == 401
    back = try_password(
        app.test_client(), office.OWNER, DEMO_PASSWORD, next=hidden(page, "next"), tertunda=hidden(page, "tertunda")
    )
    assert (back.status_code, back.location) == (302, "/")


def test_a_session_that_ended_while_writing_gives_a_sign_in_page_that_never_sends_by_itself(app: Flask, moving: Any) -> None:
    with app.app_context():
        sheet = office.bring_to("draft")
    client = office.sign_in(app, office.OWNER)
    data = {"csrf_token": office.csrf_token(client), "version": str(sheet.version)}
    moving.shift(timedelta(minutes=61))
    page = client.post(f"/lembar/{sheet.id}/pengajuan", data=data)
    assert page.status_code == 401
    kept = html.unescape(hidden(page, "tertunda"))
    wrong = try_password(client, office.OWNER, "salah", next=f"/lembar/{sheet.id}/pengajuan", tertunda=kept)
    assert wrong.status_code == 422
    assert html.unescape(hidden(wrong, "tertunda")) == kept
    back = try_password(client, office.OWNER, DEMO_PASSWORD, next=f"/lembar/{sheet.id}/pengajuan", tertunda=kept)
    assert back.status_code == 200
    assert hidden(back, "version") == str(sheet.version)
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "draft"
    again = {"csrf_token": hidden(back, "csrf_token"), "version": hidden(back, "version")}
    assert client.post(f"/lembar/{sheet.id}/pengajuan", data=again).status_code == 302


def test_a_whole_editor_survives_an_ended_session(app: Flask) -> None:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
    client = office.sign_in(app, office.OWNER)
    page = client.get(f"/lembar/{sheet.id}/ubah").get_data(as_text=True)
    names = set(re.findall(r'name="((?:statement|indicator)-[^"]+)"', page))
    typed = {name: f"Ketikan {number} “dengan” <tanda> & é" for number, name in enumerate(sorted(names))}
    office.post(copied(app, client), "/keluar")
    kept = html.unescape(hidden(client.post(f"/lembar/{sheet.id}/ubah", data=typed), "tertunda"))
    back = try_password(client, office.OWNER, DEMO_PASSWORD, next=f"/lembar/{sheet.id}/ubah", tertunda=kept)
    for name, text in typed.items():
        assert html.unescape(hidden(back, name)) == text


def test_passwords_are_never_carried(app: Flask) -> None:
    answer = app.test_client().post("/sandi", data={"current": "rahasia-lama", "new": NEW, "again": NEW})
    assert answer.status_code == 401
    assert "rahasia-lama" not in answer.get_data(as_text=True)
    assert NEW not in answer.get_data(as_text=True)


def test_who_must_first_change_the_password_gets_the_typed_text_back_afterwards(app: Flask) -> None:
    """An operator who gives somebody a new password ends their session, also in the middle of a sentence."""
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.OWNER).values(must_change_password=True))
    client = app.test_client()
    kept = json.dumps([["statement-1-text", "Kalimat yang lama disusun"]])
    first = try_password(client, office.OWNER, DEMO_PASSWORD, next="/lembar/1/ubah", tertunda=kept)
    page = first if first.status_code == 200 else client.get(first.headers["Location"])
    assert html.unescape(hidden(page, "tertunda")) == kept
    data = {"current": DEMO_PASSWORD, "new": NEW, "again": NEW, "next": "/lembar/1/ubah", "tertunda": kept}
    weak = office.post(client, "/sandi", {**data, "again": "lain"})
    assert html.unescape(hidden(weak, "tertunda")) == kept
    back = office.post(client, "/sandi", data)
    assert back.status_code == 200
    assert hidden(back, "statement-1-text") == "Kalimat yang lama disusun"
    assert 'action="/lembar/1/ubah"' in back.get_data(as_text=True)


def test_the_demo_opens_by_a_click_and_only_for_demo_accounts(url: str) -> None:
    demo = office.portal(url, env="demo")
    client = demo.test_client()
    page = client.get("/masuk")
    token = hidden(page, "csrf_token")
    with demo.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.REVIEWER).values(is_demo=False))
    for name, status in ((office.REVIEWER, 422), ("tidak.ada", 422), ("", 422), (office.OWNER, 302)):
        assert client.post("/masuk/demo", data={"csrf_token": token, "name": name}).status_code == status, name
    assert is_in(client)
    with demo.app_context():
        db.session.remove()
        db.engine.dispose()


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'name="{re.escape(name)}"[^>]* value="([^"]*)"', answer.get_data(as_text=True))
    assert found is not None, name
    return found[1]
