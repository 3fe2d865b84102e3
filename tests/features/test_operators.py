"""Operators open and close operators; one who can sign in always stays, and none of them holds a post."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.auth import accounts
from iki_portal.domain.errors import NotAllowed
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Account, HistoryEntry
from tests import office
from tests.features.test_accounts import account_of, act, code_on, try_code

PAGE = "/akun/operator-baru"
SECOND = {"person": " Siti  Rahmawati ", "name": "Operator.Siti"}
NAME = "operator.siti"


def test_an_operator_opens_another_who_activates_it_and_must_set_up_the_second_step(each_app: Flask) -> None:
    operator, siti = office.sign_in(each_app, office.OPERATOR), each_app.test_client()
    assert PAGE in operator.get("/akun").get_data(as_text=True)
    slip = office.post(operator, PAGE, SECOND)
    assert slip.status_code == 200
    page = slip.get_data(as_text=True)
    assert all(words in page for words in (NAME, "Siti Rahmawati", "http://localhost/aktivasi"))
    account = account_of(each_app, NAME)
    assert (account.is_operator, account.is_demo, account.employee_id, account.password_hash) == (True, False, None, "")
    assert "(operator)" in operator.get("/akun?cari=siti").get_data(as_text=True)
    assert "tanpa jabatan" in operator.get(f"/akun/{account.id}").get_data(as_text=True)
    assert try_code(siti, NAME, code_on(slip)).status_code == 302
    assert siti.get("/akun").headers["Location"].startswith("/akun-saya/verifikasi"), "nothing before the second step"
    with each_app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        assert (entry.action, entry.note) == ("create_operator", f"Siti Rahmawati ({NAME})")
        assert verify(each_app.config["IKI"].history_keys).problem == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": " ", "name": NAME}, "Isi nama operator"),
        ({"person": "x" * 201, "name": NAME}, "Paling panjang 200 huruf"),
        ({"person": "Siti", "name": ""}, "Isi nama masuk"),
        ({"person": "Siti", "name": "dua kata"}, "Nama masuk terdiri atas"),
        ({"person": "Siti", "name": office.OWNER.upper()}, "sudah dipakai"),
    ],
)
def test_an_operator_needs_a_name_and_a_sign_in_name_that_nobody_has(app: Flask, fields: dict[str, str], said: str) -> None:
    answer = office.post(office.sign_in(app, office.OPERATOR), PAGE, fields)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    with app.app_context():
        assert len(db.session.scalars(select(Account.id).where(Account.is_operator)).all()) == 1


def test_an_operator_who_cannot_sign_in_yet_does_not_count_as_another(app: Flask) -> None:
    slip = office.post(office.sign_in(app, office.OPERATOR), PAGE, SECOND)
    refused = act(app, office.OPERATOR, "deactivate")
    assert refused.status_code == 409
    assert "tunggu sampai diaktifkan" in refused.get_data(as_text=True)
    assert act(app, NAME, "deactivate").status_code == 302, "the other one may go, also before it is used"
    assert act(app, NAME, "activate").status_code == 302
    code = code_on(act(app, NAME, "reset"))
    assert code != code_on(slip)
    assert try_code(app.test_client(), NAME, code).status_code == 302
    assert act(app, office.OPERATOR, "deactivate").status_code == 302


def test_no_operator_can_be_given_a_post(app: Flask) -> None:
    office.post(office.sign_in(app, office.OPERATOR), PAGE, SECOND)
    with app.app_context():
        person = office.actor(NAME)
        assert (person.employee_id, person.mandates, person.is_operator) == (None, (), True)
        employee_id = office.employ()
        with pytest.raises(IntegrityError), office.transaction():  # nor behind the portal: the database refuses both in one
            db.session.execute(update(Account).where(Account.name == NAME).values(employee_id=employee_id))


def test_nobody_else_opens_operators(app: Flask) -> None:
    with app.app_context():
        for name in (office.HEAD, office.APPROVER, office.OWNER):
            with pytest.raises(NotAllowed, match="oleh operator"):
                accounts.open_operator("Siti", NAME, actor=office.actor(name), now=office.now())
    assert office.sign_in(app, office.APPROVER).get(PAGE).status_code == 403
