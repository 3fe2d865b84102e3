"""The second step: turned on with a telephone, asked after the password, taken once; an operator cannot do without."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import select, update

from iki_portal.auth import second_step
from iki_portal.auth.accounts import reset_second_step_of
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.domain.errors import Invalid, WrongState
from iki_portal.extensions import db
from iki_portal.models import Account, HistoryEntry, RecoveryCode
from iki_portal.web.transaction import transaction
from tests import office
from tests.features.test_accounts import CODE, act, code_on, try_code
from tests.features.test_signing_in import hidden, is_in, try_password


@pytest.fixture(autouse=True)
def moving() -> Iterator[Any]:
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


def give(client: FlaskClient, code: str, **more: str) -> Any:
    return client.post("/masuk/kode", data={"csrf_token": office.csrf_token(client, "/masuk/kode"), "code": code, **more})


def after_password(app: Flask, name: str = office.OWNER) -> FlaskClient:
    """A browser that has passed the first step."""
    client = app.test_client()
    assert try_password(client, name, DEMO_PASSWORD).headers["Location"] == "/masuk/kode"
    return client


def telephone(app: Flask, name: str = office.OWNER) -> TOTP:
    with app.app_context():
        return office.telephone(name)


def set_up_by_page(client: FlaskClient) -> tuple[TOTP, list[str]]:
    """Turn it on as a person does: read the key from the page, send the first code."""
    page = client.get("/akun-saya/verifikasi")
    key = re.search(r'class="setup-key">([A-Z2-7 ]+)<', page.get_data(as_text=True))
    assert key is not None
    totp = TOTP(key[1].replace(" ", ""))
    salt = hidden(page, "salt")
    wrong = office.post(client, "/akun-saya/verifikasi", {"salt": salt, "code": "000000"})
    assert wrong.status_code == 422
    assert hidden(wrong, "salt") == salt
    done = office.post(client, "/akun-saya/verifikasi", {"salt": salt, "code": totp.at(datetime.now(UTC))})
    assert done.status_code == 200
    return totp, CODE.findall(done.get_data(as_text=True))


def test_it_is_turned_on_asked_after_the_password_and_turned_off_with_a_code(each_app: Flask, moving: Any) -> None:
    client = office.sign_in(each_app, office.OWNER)
    totp, recovery = set_up_by_page(client)
    assert len(set(recovery)) == 8
    assert "Menyala" in client.get("/akun-saya").get_data(as_text=True)
    moving.shift(timedelta(seconds=30))
    second = after_password(each_app)
    assert not is_in(second)
    code = totp.at(datetime.now(UTC))
    assert give(second, f" {code[:3]} {code[3:]} ").headers["Location"] == "/"
    assert is_in(second)
    assert office.post(client, "/akun-saya/verifikasi/pemadaman", {"code": code}).status_code == 422
    assert office.post(client, "/akun-saya/verifikasi/pemadaman", {"code": recovery[0]}).status_code == 302
    assert try_password(each_app.test_client(), office.OWNER, DEMO_PASSWORD).headers["Location"] == "/"
    with each_app.app_context():
        assert db.session.scalars(select(RecoveryCode)).all() == []


def test_a_code_is_taken_once_and_from_one_step_around(app: Flask, moving: Any) -> None:
    totp, now = telephone(app), datetime.now(UTC)
    for seconds in (-60, 60, 90):
        assert give(after_password(app), totp.at(now + timedelta(seconds=seconds))).status_code == 422
    code = totp.at(now + timedelta(seconds=30))
    assert give(after_password(app), code).status_code == 302
    assert give(after_password(app), code).status_code == 422, "taken twice"
    assert give(after_password(app), totp.at(now)).status_code == 422, "older than the last one taken"
    moving.shift(timedelta(seconds=60))
    assert give(after_password(app), totp.at(datetime.now(UTC))).status_code == 302


def test_a_recovery_code_is_good_once_and_no_hash_can_be_guessed_from_the_table(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    _, recovery = set_up_by_page(client)
    assert give(after_password(app), recovery[3].lower()).status_code == 302
    assert give(after_password(app), recovery[3]).status_code == 422
    assert give(after_password(app), recovery[4]).status_code == 302
    with app.app_context():
        kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == 6
    assert not {sha256(code.encode()).hexdigest() for code in recovery} & set(kept)


def test_ten_wrong_codes_lock_the_account_even_with_the_password_in_between(app: Flask) -> None:
    telephone(app)
    inside = office.sign_in(app, office.OWNER)
    for number in range(10):
        assert "keliru" in give(after_password(app), f"{number:06}").get_data(as_text=True)
    assert "dikunci sementara" in try_password(app.test_client(), office.OWNER, DEMO_PASSWORD).get_data(as_text=True)
    assert not is_in(inside)


@pytest.mark.parametrize("code", ["", "abc", "１２３４５６", "0" * 41, "\x00", "999999\n", "ACDE-FGHJ-KMNP", "é" * 6])
def test_hostile_codes_open_nothing(app: Flask, code: str) -> None:
    telephone(app)
    client = after_password(app)
    assert give(client, code).status_code == 422
    assert not is_in(client)


def test_the_page_of_the_code_opens_nothing_without_a_password_and_not_for_long(app: Flask, moving: Any) -> None:
    totp = telephone(app)
    stranger = app.test_client()
    assert stranger.get("/masuk/kode").headers["Location"] == "/masuk"
    client = after_password(app)
    assert client.get("/").status_code == 302
    moving.shift(timedelta(minutes=5, seconds=1))
    assert give(client, totp.at(datetime.now(UTC))).headers["Location"] == "/masuk"
    assert not is_in(client)


@pytest.mark.parametrize("action", ["reset", "deactivate"])
def test_an_act_of_the_operator_ends_a_half_finished_sign_in(app: Flask, action: str) -> None:
    totp = telephone(app)
    client = after_password(app)
    act(app, office.OWNER, action)
    assert give(client, totp.at(datetime.now(UTC))).headers["Location"] == "/masuk"
    assert not is_in(client)


def test_a_reset_password_does_not_get_around_the_second_step(app: Flask) -> None:
    totp = telephone(app)
    code = code_on(act(app, office.OWNER, "reset"))
    client = app.test_client()
    assert try_code(client, office.OWNER, code).headers["Location"] == "/masuk/kode"
    assert not is_in(client)
    assert give(client, totp.at(datetime.now(UTC))).status_code == 302
    assert is_in(client)


def test_what_was_typed_and_where_one_wanted_to_go_survive_the_second_step(app: Flask) -> None:
    totp = telephone(app)
    client, kept = app.test_client(), '[["note", "Catatan yang lama"]]'
    page = try_password(client, office.OWNER, DEMO_PASSWORD, next="/lembar", tertunda=kept)
    assert page.status_code == 200
    assert "Catatan yang lama" in hidden(page, "tertunda")
    back = give(client, totp.at(datetime.now(UTC)), next="/lembar", tertunda=kept)
    assert "Catatan yang lama" in back.get_data(as_text=True)
    second = app.test_client()
    asked = try_password(second, office.REVIEWER, DEMO_PASSWORD, next="/lembar")
    assert asked.headers["Location"] == "/lembar"


def test_an_operator_is_led_to_the_second_step_and_can_do_nothing_else(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.OPERATOR).values(is_demo=False))
    client = app.test_client()
    assert try_password(client, office.OPERATOR, DEMO_PASSWORD).status_code == 302
    for url in ("/", "/akun", "/akun-saya", "/sandi", "/organisasi/kop-naskah"):
        assert client.get(url).headers["Location"] == "/akun-saya/verifikasi", url
    token = office.csrf_token(client, "/akun-saya/verifikasi")
    posted = client.post("/akun/1", data={"csrf_token": token, "version": "1", "action": "deactivate"})
    assert posted.headers["Location"] == "/akun-saya/verifikasi"
    with app.app_context():
        assert db.session.get_one(Account, 1).is_active
    page = client.get("/akun-saya/verifikasi").get_data(as_text=True)
    assert "Akun operator wajib memakai verifikasi dua langkah" in page
    key = re.search(r'class="setup-key">([A-Z2-7 ]+)<', page)
    salt = re.search(r'name="salt" value="([0-9a-f]+)"', page)
    assert key is not None
    assert salt is not None
    code = TOTP(key[1].replace(" ", "")).at(datetime.now(UTC))
    fields = {"csrf_token": token, "salt": salt[1], "code": code}
    assert client.post("/akun-saya/verifikasi", data=fields).status_code == 200
    assert client.get("/akun").status_code == 200


def test_the_operator_turns_off_what_a_lost_telephone_locks(app: Flask) -> None:
    telephone(app)
    inside = office.sign_in(app, office.OWNER)
    assert act(app, office.OWNER, "reset-second-step").status_code == 302
    assert act(app, office.OWNER, "reset-second-step").status_code == 409
    assert not is_in(inside)
    assert try_password(app.test_client(), office.OWNER, DEMO_PASSWORD).headers["Location"] == "/"
    with app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.acting_title) == ("reset_second_step", "Operator")


def test_the_command_line_helps_an_operator_without_a_telephone(app: Flask) -> None:
    telephone(app, office.OPERATOR)
    with app.app_context():
        with transaction():
            reset_second_step_of(office.OPERATOR, now=office.now())
        for name, error in ((office.OPERATOR, WrongState), ("hantu", Invalid)):
            with pytest.raises(error):
                reset_second_step_of(name, now=office.now())
    assert try_password(app.test_client(), office.OPERATOR, DEMO_PASSWORD).headers["Location"] == "/"


def test_a_secret_belongs_to_one_account_and_survives_a_new_key_as_long_as_the_old_one_is_kept(app: Flask) -> None:
    salt = "a" * 32
    with app.app_context():
        assert second_step.secret_for_app(1, salt) != second_step.secret_for_app(2, salt)
    totp, settings = telephone(app), app.config["IKI"]
    new_key = "z9Yx8Wv7Ut6Sr5Qp4On3Ml2Kj1Ih0Gf9"
    app.config["IKI"] = settings.model_copy(update={"secret_key": new_key, "secret_key_fallbacks": (settings.secret_key,)})
    assert give(after_password(app), totp.at(datetime.now(UTC))).status_code == 302
    app.config["IKI"] = settings.model_copy(update={"secret_key": new_key, "secret_key_fallbacks": ()})
    code = totp.at(datetime.now(UTC) + timedelta(seconds=30))
    assert give(after_password(app), code).status_code == 422


def test_it_cannot_be_set_up_twice_nor_turned_off_when_it_is_off(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert office.post(client, "/akun-saya/verifikasi/pemadaman", {"code": "123456"}).status_code == 409
    telephone(app)
    assert office.post(client, "/akun-saya/verifikasi", {"salt": "b" * 32, "code": "123456"}).status_code == 409
    for salt in ("", "x", "g" * 32, "a" * 5000):
        other = office.sign_in(app, office.REVIEWER)
        assert office.post(other, "/akun-saya/verifikasi", {"salt": salt, "code": "123456"}).status_code == 422
