"""Row 4 of the bar: without a good form token nothing happens, everywhere, and what was typed comes back."""

import pytest
from flask import Flask
from structlog.testing import capture_logs
from wtforms import PasswordField

from iki_portal.auth.forms import PasswordForm, SignInForm
from iki_portal.domain.policy import permitted
from iki_portal.web.carried import is_carried
from tests import office
from tests.doors import DOORS, doors
from tests.rows import fingerprint

TYPED = "Catatan yang panjang"


def posting(app: Flask, *, public: bool) -> list[tuple[str, str]]:
    """Endpoint and address of each door that takes a form."""
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    found = [(door.endpoint, door.url) for door in doors(app, sheet_id) if "POST" in door.methods]
    return [(endpoint, url) for endpoint, url in found if (DOORS[endpoint] is None) == public]


@pytest.mark.parametrize("name", [office.OWNER, office.REVIEWER, office.APPROVER])
@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_without_a_good_token_nothing_happens_and_what_was_typed_comes_back(app: Flask, name: str, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
    client, again, other = office.sign_in(app, name), office.sign_in(app, name), office.sign_in(app, office.HEAD)
    bad_tokens = [None, "", "salah", office.csrf_token(client)[:-1], office.csrf_token(other), office.csrf_token(again)]
    with app.app_context():
        before, actor = fingerprint(), office.actor(name)
    for endpoint, url in posting(app, public=False):
        permission = DOORS[endpoint]
        if permission is None or not permitted(actor, permission):
            continue  # this door is closed to them before any token is read
        for token in bad_tokens:
            fields = {"note": TYPED, **({"csrf_token": token} if token is not None else {})}
            with capture_logs() as lines:
                answer = client.post(url, data=fields)
            assert answer.status_code == 400, (url, token)
            assert TYPED in answer.get_data(as_text=True), url
            assert [line["event"] for line in lines] == ["refused", "request"], url
    with app.app_context():
        assert fingerprint() == before


def test_signing_in_needs_the_token_of_this_very_browser(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    good, foreign = office.csrf_token(client, "/masuk"), office.csrf_token(other, "/masuk")
    with app.app_context():
        before = fingerprint()
    for _, url in posting(app, public=True):
        for token in ("", "salah", foreign):
            answer = client.post(url, data={"name": office.OWNER, "password": "rahasia-sekali", "csrf_token": token})
            assert answer.status_code == 400, (url, token)
            assert "rahasia-sekali" not in answer.get_data(as_text=True), "a password never stands on a page"
    with app.app_context():
        assert fingerprint() == before
    answer = client.post("/masuk", data={"name": office.OWNER, "password": "salah", "csrf_token": good})
    assert answer.status_code == 422


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_password_page_gives_no_password_back(app: Flask, signed_in: bool) -> None:
    client = office.sign_in(app, office.OWNER) if signed_in else app.test_client()
    token = "" if signed_in else office.csrf_token(client, "/masuk")
    fields = {"csrf_token": token, "current": "sandi-yang-lama", "new": "sandi-yang-baru", "again": "sandi-yang-baru"}
    answer = client.post("/sandi", data=fields)
    assert answer.status_code == (400 if signed_in else 401)
    assert "sandi-yang" not in answer.get_data(as_text=True)


def test_no_field_for_a_password_is_ever_carried_over(app: Flask) -> None:
    with app.test_request_context():
        fields = [field.name for form in (SignInForm(), PasswordForm()) for field in form if isinstance(field, PasswordField)]
    assert len(fields) == 4
    assert [name for name in fields if is_carried(name)] == [], "name it in web/carried.py"


def test_a_token_in_the_head_of_a_request_must_be_good_too(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
    answer = client.post(f"/lembar/{sheet.id}/ubah", headers={"X-CSRFToken": "salah", "X-Autosave": "1"})
    assert answer.status_code == 400
    assert "kedaluwarsa" in answer.get_json()["message"]
