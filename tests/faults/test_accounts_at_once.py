"""Accounts under people who act at the same moment, on both databases: one operator stays, a code is taken once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from iki_portal.auth import operations, passwords
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Account
from tests import office
from tests.faults.bar import rounds_of
from tests.faults.test_races import Desk, at_once, posting
from tests.features.test_signing_in import NEW, try_password

pytestmark = pytest.mark.fault

ROUNDS = rounds_of(150, short=12)
SECOND = "operator.dua"


def open_all_operators(app: Flask) -> dict[str, tuple[int, int]]:
    """Both operators active; account name to its id and version."""
    with app.app_context():
        with office.transaction():
            db.session.execute(update(Account).where(Account.is_operator).values(is_active=True))
        rows = db.session.execute(select(Account.name, Account.id, Account.version).where(Account.is_operator))
        return {name: (account_id, version) for name, account_id, version in rows}


def test_two_operators_who_close_each_other_at_once_leave_one(each_app: Flask) -> None:
    with each_app.app_context(), office.transaction():
        account = operations.create_account(SECOND, password=NEW, employee_name=None, position_code=None, now=office.now())
        account.is_demo, account.must_change_password = True, False
    for _ in range(ROUNDS):
        standing = open_all_operators(each_app)
        calls = []
        for own, other in ((office.OPERATOR, SECOND), (SECOND, office.OPERATOR)):
            account_id, version = standing[other]
            calls.append(Desk(each_app, own).post(f"/akun/{account_id}", action="deactivate", version=str(version)))
        answers = sorted(status for status, _ in at_once(*calls))
        assert answers in ([302, 401], [302, 409])
        with each_app.app_context():
            left = db.session.scalar(select(func.count()).where(Account.is_operator, Account.is_active))
            assert left == 1
            assert verify(each_app.config["IKI"].history_keys).problem == ""


def test_an_activation_code_sent_twice_at_once_is_used_once(each_app: Flask) -> None:
    for number in range(ROUNDS):
        with each_app.app_context():
            slip = office.open_account(f"pegawai.baru{number}")
        calls = []
        for password in (NEW, "payung kuning melompat sungai"):
            client = each_app.test_client()
            fields = {"name": slip.account_name, "code": slip.code, "new": password, "again": password}
            calls.append(posting(client, office.csrf_token(client, "/aktivasi"), "/aktivasi", fields))
        assert sorted(status for status, _ in at_once(*calls)) == [302, 422]


def test_a_code_of_the_telephone_sent_twice_at_once_opens_once(each_app: Flask) -> None:
    with each_app.app_context():
        totp = office.telephone(office.OWNER)
    calls, code = [], totp.at(office.now() + timedelta(seconds=30))
    for _ in range(2):
        client = each_app.test_client()
        assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
        calls.append(posting(client, office.csrf_token(client, "/masuk/kode"), "/masuk/kode", {"code": code}))
    assert sorted(status for status, _ in at_once(*calls)) == [302, 422]


def test_wrong_codes_sent_at_once_are_all_counted(each_app: Flask) -> None:
    with each_app.app_context():
        slip = office.open_account()
    calls = []
    for _ in range(8):
        client = each_app.test_client()
        fields = {"name": slip.account_name, "code": "ACDE-FGHJ-KMNP", "new": NEW, "again": NEW}
        calls.append(posting(client, office.csrf_token(client, "/aktivasi"), "/aktivasi", fields))
    assert {status for status, _ in at_once(*calls)} == {422}
    with each_app.app_context():
        attempts = db.session.scalar(select(Account.failed_attempts).where(Account.name == slip.account_name))
    assert attempts == len(calls)


def test_of_guesses_sent_at_once_ten_are_weighed(each_app: Flask) -> None:
    calls = []
    for number in range(14):
        client = each_app.test_client()
        fields = {"name": office.OWNER, "password": f"tebakan {number}"}
        calls.append(posting(client, office.csrf_token(client, "/masuk"), "/masuk", fields))
    answers = at_once(*calls)
    assert {status for status, _ in answers} == {422}
    assert sum("dikunci sementara" in page for _, page in answers) == 4


def test_of_codes_sent_at_once_ten_are_weighed(each_app: Flask) -> None:
    with each_app.app_context():
        office.telephone(office.OWNER)
    calls = []
    for _ in range(14):
        client = each_app.test_client()
        assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
        calls.append(posting(client, office.csrf_token(client, "/masuk/kode"), "/masuk/kode", {"code": "bukan kode"}))
    pages = [page for _, page in at_once(*calls)]
    assert sum("Kode ini keliru" in page for page in pages) == 10


def test_of_guesses_of_the_current_password_sent_at_once_ten_are_weighed(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "verify", lambda *_: False)  # as it will be, without its cost
    calls = []
    for number in range(14):
        fields = {"current": f"tebakan {number}", "new": NEW, "again": NEW}
        calls.append(Desk(each_app, office.OWNER).post("/sandi", **fields))
    pages = [page for _, page in at_once(*calls)]
    assert sum("Sandi yang sekarang keliru" in page for page in pages) == 10


def test_of_codes_to_turn_the_second_step_off_sent_at_once_ten_are_weighed(each_app: Flask) -> None:
    with each_app.app_context():
        office.telephone(office.OWNER)
    calls = [Desk(each_app, office.OWNER).post("/akun-saya/verifikasi/pemadaman", code="bukan kode") for _ in range(14)]
    pages = [page for _, page in at_once(*calls)]
    assert sum("Kode ini keliru" in page for page in pages) == 10
