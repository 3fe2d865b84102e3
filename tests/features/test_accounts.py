"""Akun: the operator opens, resets, unlocks and closes accounts, and sees no password; activation by the code of a slip."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from iki_portal.auth import accounts, operations, passwords
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.domain.errors import NotAllowed, WrongState
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Account, HistoryEntry
from iki_portal.web.transaction import transaction
from tests import office
from tests.features.test_query_counts import counted
from tests.features.test_signing_in import NEW, is_in, try_password

CODE = re.compile(r"[34679ACDEFGHJKMNPQRTWX]{4}-[34679ACDEFGHJKMNPQRTWX]{4}-[34679ACDEFGHJKMNPQRTWX]{4}")
WRONG = "Nama masuk atau kode aktivasi keliru, sudah dipakai, atau lewat masanya."


@pytest.fixture
def moving() -> Iterator[Any]:
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


def account_of(app: Flask, name: str) -> Account:
    with app.app_context():
        found = db.session.scalars(select(Account).where(Account.name == name)).one()
        db.session.expunge(found)
        return found


def act(app: Flask, name: str, action: str, *, client: FlaskClient | None = None) -> Any:
    """The operator does something to an account, on a fresh page."""
    account = account_of(app, name)
    client = client or office.sign_in(app, office.OPERATOR)
    return office.post(client, f"/akun/{account.id}", {"version": str(account.version), "action": action})


def try_code(client: FlaskClient, name: str, code: str, new: str = NEW) -> Any:
    token = office.csrf_token(client, "/aktivasi")
    return client.post("/aktivasi", data={"csrf_token": token, "name": name, "code": code, "new": new, "again": new})


def code_on(answer: Any) -> str:
    found = CODE.search(answer.get_data(as_text=True))
    assert found is not None
    return found[0]


def acts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        assert verify(app.config["IKI"].history_keys).problem == ""
        rows = db.session.scalars(select(HistoryEntry).where(HistoryEntry.action.contains("account")))
        return [(row.action, row.note) for row in rows]


def test_an_account_is_opened_with_a_slip_and_activated_with_a_password_of_ones_own(each_app: Flask) -> None:
    with each_app.app_context():
        employee_id = office.employ("Siti Rahmawati", "198501012010012001")
    operator, siti = office.sign_in(each_app, office.OPERATOR), each_app.test_client()
    assert "Siti Rahmawati" in operator.get("/akun/baru").get_data(as_text=True)
    for number in ("198501012010012001", "19850101 201001 2 001"):
        listed = operator.get("/akun/baru", query_string={"cari": number}).get_data(as_text=True)
        assert "19850101 201001 2 001</td>" in listed
    url = f"/akun/baru/{employee_id}"
    assert 'value="198501012010012001"' in operator.get(url).get_data(as_text=True)
    slip = office.post(operator, url, {"name": "Siti.Rahmawati"})
    code, page = code_on(slip), slip.get_data(as_text=True)
    assert all(words in page for words in ("http://localhost/aktivasi", "siti.rahmawati", "Siti Rahmawati", "Ctrl+P"))
    assert office.post(operator, url, {"name": "siti.rahmawati"}).status_code == 404
    assert code not in operator.get("/akun").get_data(as_text=True)
    assert "Belum diaktifkan" in operator.get("/akun?cari=siti").get_data(as_text=True)
    account = account_of(each_app, "siti.rahmawati")
    assert account.password_hash == ""
    assert account.activation_hash.startswith("$argon2id$")
    assert code not in account.activation_hash
    assert try_password(siti, "siti.rahmawati", "").status_code == 422
    assert try_password(siti, "siti.rahmawati", "nobody has this password").status_code == 422
    assert try_code(siti, " SITI.rahmawati", f" {code.lower().replace('-', ' ')} ").headers["Location"] == "/"
    assert is_in(siti)
    assert "Aktif" in operator.get("/akun?cari=siti").get_data(as_text=True)
    assert try_password(each_app.test_client(), "siti.rahmawati", NEW).status_code == 302
    assert acts(each_app) == [("create_account", "Siti Rahmawati (siti.rahmawati)")]


def test_a_wrong_a_used_and_an_expired_code_are_told_alike_and_counted(app: Flask, moving: Any) -> None:
    with app.app_context():
        used, expired, waiting = (office.open_account(name) for name in ("pegawai.satu", "pegawai.dua", "pegawai.tiga"))
    assert try_code(app.test_client(), used.account_name, used.code).status_code == 302
    moving.shift(timedelta(days=7))
    tries = [
        (used.account_name, used.code),
        (expired.account_name, expired.code),
        (waiting.account_name, "ACDE-FGHJ-KMNP"),
        (waiting.account_name, "bukan kode"),
        ("tidak.ada", "ACDE-FGHJ-KMNP"),
        (office.OWNER, "ACDE-FGHJ-KMNP"),
    ]
    told = []
    for name, code in tries:
        answer = try_code(app.test_client(), name, code)
        assert answer.status_code == 422
        told.append(WRONG in answer.get_data(as_text=True))
    assert told == [True] * len(tries)
    assert account_of(app, waiting.account_name).failed_attempts == 2
    assert account_of(app, office.OWNER).failed_attempts == 1


def test_ten_wrong_codes_lock_the_account_also_for_the_right_one(app: Flask, moving: Any) -> None:
    with app.app_context():
        slip = office.open_account()
    client = app.test_client()
    for _ in range(10):
        assert WRONG in try_code(client, slip.account_name, "ACDE-FGHJ-KMNP").get_data(as_text=True)
    assert "dikunci sementara" in try_code(client, slip.account_name, slip.code).get_data(as_text=True)
    moving.shift(timedelta(minutes=16))
    assert try_code(client, slip.account_name, slip.code).status_code == 302


def test_every_wrong_code_costs_one_comparison_so_that_no_answer_is_quicker(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        waiting, used = office.open_account(), office.open_account("pegawai.dua")
    assert try_code(app.test_client(), used.account_name, used.code).status_code == 302
    compared, verify_one = [], passwords.verify

    def verify_counted(password_hash: str | None, password: str) -> bool:
        compared.append(password)
        return verify_one(password_hash, password)

    monkeypatch.setattr(passwords, "verify", verify_counted)
    for name in ("tidak.ada", waiting.account_name, used.account_name, office.OWNER):
        for code in ("ACDE-FGHJ-KMNP", "bukan kode"):
            assert try_code(app.test_client(), name, code).status_code == 422
    assert compared == ["ACDE-FGHJ-KMNP", ""] * 4


def test_a_weak_password_leaves_the_code_unused(app: Flask) -> None:
    with app.app_context():
        slip = office.open_account(identifier="198501012010012001")
    client = app.test_client()
    for weak in ("pendek", "198501012010012001", "sitirahmawati", "bkdlumajang2027"):
        assert try_code(client, slip.account_name, slip.code, weak).status_code == 422
    assert try_code(client, slip.account_name, slip.code).status_code == 302


def test_each_lock_in_a_row_is_longer_and_a_right_password_begins_anew(app: Flask, moving: Any) -> None:
    client, waits = app.test_client(), []
    for _ in range(6):
        for _ in range(10):
            try_password(client, office.OWNER, "salah")
        until = account_of(app, office.OWNER).locked_until
        assert until is not None
        waits.append((until - datetime.now(UTC)) // timedelta(minutes=1))
        moving.move_to(until)
    assert waits == [15, 30, 60, 120, 240, 240]
    assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
    for _ in range(10):
        try_password(app.test_client(), office.OWNER, "salah")
    assert account_of(app, office.OWNER).locked_until == datetime.now(UTC) + timedelta(minutes=15)


def test_the_operator_lifts_a_lock(app: Flask) -> None:
    client = app.test_client()
    assert act(app, office.OWNER, "unlock").status_code == 409
    for _ in range(10):
        try_password(client, office.OWNER, "salah")
    operator = office.sign_in(app, office.OPERATOR)
    assert "Terkunci" in operator.get(f"/akun?cari={office.OWNER}").get_data(as_text=True)
    assert act(app, office.OWNER, "unlock").status_code == 302
    assert try_password(client, office.OWNER, DEMO_PASSWORD).status_code == 302
    assert [action for action, _ in acts(app)] == ["unlock_account"]


def test_a_reset_ends_every_session_at_once_and_gives_a_code_instead_of_a_password(each_app: Flask) -> None:
    sessions = [office.sign_in(each_app, office.OWNER) for _ in range(2)]
    operator, page = office.sign_in(each_app, office.OPERATOR), account_of(each_app, office.OWNER)
    token, fields = office.csrf_token(operator), {"version": str(page.version), "action": "reset"}
    code = code_on(operator.post(f"/akun/{page.id}", data={"csrf_token": token, **fields}))
    assert not any(is_in(client) for client in sessions)
    assert try_password(each_app.test_client(), office.OWNER, DEMO_PASSWORD).status_code == 422
    again = operator.post(f"/akun/{page.id}", data={"csrf_token": token, **fields})
    assert again.status_code == 409
    assert CODE.search(again.get_data(as_text=True)) is None
    assert "sudah diubah sejak halaman Anda dibuka" in again.get_data(as_text=True)
    assert try_code(each_app.test_client(), office.OWNER, code).status_code == 302


def test_a_second_reset_makes_the_first_code_worthless(app: Flask) -> None:
    first, second = (code_on(act(app, office.OWNER, "reset")) for _ in range(2))
    assert try_code(app.test_client(), office.OWNER, first).status_code == 422
    assert try_code(app.test_client(), office.OWNER, second).status_code == 302


def test_deactivation_signs_a_second_browser_out_at_once_and_voids_the_code(app: Flask) -> None:
    inside = office.sign_in(app, office.OWNER)
    code = code_on(act(app, office.REVIEWER, "reset"))
    for name in (office.OWNER, office.REVIEWER):
        assert act(app, name, "deactivate").status_code == 302
        assert act(app, name, "deactivate").status_code == 409
    assert not is_in(inside)
    assert try_code(app.test_client(), office.REVIEWER, code).status_code == 422
    assert act(app, office.OWNER, "reset").status_code == 409
    for name in (office.OWNER, office.REVIEWER):
        assert act(app, name, "activate").status_code == 302
    assert not is_in(inside)
    assert try_password(app.test_client(), office.OWNER, DEMO_PASSWORD).status_code == 302
    assert try_code(app.test_client(), office.REVIEWER, code).status_code == 422
    assert [action for action, _ in acts(app)].count("deactivate_account") == 2


def test_the_last_operator_cannot_be_closed_nor_reset_alone(each_app: Flask) -> None:
    answer = act(each_app, office.OPERATOR, "deactivate")
    assert answer.status_code == 409
    assert "Akun operator terakhir tidak dapat dinonaktifkan" in answer.get_data(as_text=True)
    assert "melalui Ganti sandi" in act(each_app, office.OPERATOR, "reset").get_data(as_text=True)
    with each_app.app_context(), transaction():
        operations.create_account("operator.dua", password=NEW, employee_name=None, position_code=None, now=office.now())
    client = office.sign_in(each_app, office.OPERATOR)
    assert act(each_app, office.OPERATOR, "deactivate", client=client).status_code == 302
    assert not is_in(client)


def test_a_name_is_unique_and_an_employee_has_one_account(app: Flask) -> None:
    with app.app_context():
        employee_id = office.employ()
    operator = office.sign_in(app, office.OPERATOR)
    for name in (office.OWNER, office.OWNER.upper(), "", "a", "dua kata", "x" * 81, "\x00\x00\x00"):
        assert office.post(operator, f"/akun/baru/{employee_id}", {"name": name}).status_code == 422, name
    assert office.post(operator, f"/akun/baru/{employee_id}", {"name": "siti"}).status_code == 200
    for nobody in (employee_id, 10**12, 0):
        assert operator.get(f"/akun/baru/{nobody}").status_code == 404


def test_hostile_words_change_nothing(app: Flask) -> None:
    operator = office.sign_in(app, office.OPERATOR)
    for query in ("%", "_", "'; --", "\x00", "x" * 5000, "<b>"):
        assert operator.get("/akun", query_string={"cari": query, "halaman": "-1"}).status_code == 200
        assert operator.get("/akun/baru", query_string={"cari": query, "halaman": "9" * 9}).status_code == 200
    for account_id in (0, 10**12):
        assert office.post(operator, f"/akun/{account_id}", {"version": "1", "action": "deactivate"}).status_code == 404
    for fields in ({}, {"version": "1", "action": "delete"}, {"version": "x", "action": "reset"}):
        assert office.post(operator, "/akun/1", fields).status_code == 422


def test_accounts_are_closed_to_everybody_else(app: Flask) -> None:
    with app.app_context():
        for call in (accounts.unlock_account, accounts.deactivate_account, accounts.reset_account, accounts.reset_second_step):
            with pytest.raises(NotAllowed, match="oleh operator"):
                call(1, actor=office.actor(office.HEAD), seen=1, now=office.now())
    for name in (office.OWNER, office.HEAD, office.APPROVER):
        client = office.sign_in(app, name)
        page = client.get("/akun")
        assert page.status_code == 403
        assert "Akun diatur oleh operator" in page.get_data(as_text=True)
        assert 'href="/akun"' not in client.get("/").get_data(as_text=True)


def statements_of_pages(app: Flask, client: FlaskClient) -> list[int]:
    found = []
    for page in ("/akun", "/akun?halaman=2", "/akun/1", "/akun/baru", "/akun-saya"):
        with counted(app) as statements:
            assert client.get(page).status_code == 200
        found.append(len(statements))
    return found


def test_the_lists_take_the_same_statements_for_21_and_for_80_accounts(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    before = statements_of_pages(app, client)
    with app.app_context():
        for number in range(60):
            office.employ(f"Pegawai Tanpa {number}")
            office.open_account(f"baru{number}", name=f"Pegawai Baru {number}")
    for _ in range(5):
        office.sign_in(app, office.OPERATOR)
    assert statements_of_pages(app, client) == before == [2, 2, 2, 2, 4]
    assert "Berikutnya" in client.get("/akun").get_data(as_text=True)
    assert "Berikutnya" in client.get("/akun/baru").get_data(as_text=True)


def test_the_sign_ins_of_ones_own_are_listed_and_ended_one_by_one(app: Flask) -> None:
    here, there, other = (office.sign_in(app, name) for name in (office.OWNER, office.OWNER, office.REVIEWER))
    phone = app.test_client()
    agent = {"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"}
    token = office.csrf_token(phone, "/masuk")
    data = {"csrf_token": token, "name": office.OWNER, "password": DEMO_PASSWORD}
    assert phone.post("/masuk", data=data, headers=agent).status_code == 302
    page = here.get("/akun-saya").get_data(as_text=True)
    assert "Firefox di Android" in page
    assert "127.0.0.1" in page
    assert page.count("Perangkat ini") == 1
    keys = re.findall(r'name="sesi" value="([0-9a-f]{16})"', page)
    assert len(keys) == 2
    foreign = re.findall(
        r'value="([0-9a-f]{16})"', office.sign_in(app, office.REVIEWER).get("/akun-saya").get_data(as_text=True)
    )
    for key in (*foreign, "", "%", keys[0][:8], "x" * 5000):
        assert office.post(here, "/akun-saya/sesi", {"sesi": key}).status_code == 302
    assert all(is_in(client) for client in (here, there, other, phone))
    office.post(here, "/akun-saya/sesi", {"sesi": keys[0]})
    assert [is_in(there), is_in(phone)].count(False) == 1
    assert office.post(here, "/keluar/semua").headers["Location"] == "/masuk"
    assert not any(is_in(client) for client in (here, there, phone))
    assert is_in(other)


def test_where_somebody_signed_in_from_is_kept_for_ninety_days(app: Flask, moving: Any) -> None:
    client = office.sign_in(app, office.OWNER)
    moving.shift(timedelta(days=91))
    client = office.sign_in(app, office.REVIEWER)
    assert client.get("/akun-saya").get_data(as_text=True).count('scope="row"') == 1
    with app.app_context():
        kept = db.session.scalars(select(operations.SignInSession.created_at)).all()
    assert len(kept) == 1


def test_a_closed_account_cannot_be_unlocked_by_an_old_page(app: Flask) -> None:
    with app.app_context():
        account_id = account_of(app, office.OWNER).id
        with transaction():
            db.session.execute(update(Account).where(Account.id == account_id).values(is_active=False))
        with pytest.raises(WrongState):
            accounts.unlock_account(account_id, actor=office.actor(office.OPERATOR), seen=1, now=office.now())
