"""Masuk dengan …: signing in through a real OpenID Connect provider, and every way in which one can lie, break or hang."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from iki_portal.auth import oidc
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, SignInSession, TrailEvent
from iki_portal.web.transaction import transaction
from tests import office
from tests.oidc_provider import CLIENT_ID, NAME, Provider, asked_of, serving
from tests.rows import fingerprint

NIP = "198501012010011001"
LIES = (
    *("wrong-nonce", "no-nonce", "wrong-audience", "shared-audience", "wrong-party", "expired", "endless", "other-issuer"),
    "other-audience-our-party",
    *("none", "public-key-as-secret", "client-secret-as-key", "stolen-name-of-a-key", "changed", "no-token-at-all"),
)
AWAY_AT_FIRST = ("no-json", "other-discovery", "open-address", "no-keys-address", "slow-discovery")
AWAY_AT_LAST = ("broken", "elsewhere", "slow", "broken-keys")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine, too, only who really hangs counts as away."""
    monkeypatch.setattr(oidc, "PATIENCE", 60)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving() as found:
        yield found


@contextmanager
def connected(url: str, provider: Provider, **more: Any) -> Iterator[Flask]:
    """The portal, where the owner of the sheet has a NIP."""
    app = office.portal(url, **{**provider.settings(), **more})
    with app.app_context(), transaction():
        owner = select(Account.employee_id).where(Account.name == office.OWNER).scalar_subquery()
        db.session.execute(update(Employee).where(Employee.id == owner).values(identifier=NIP))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def portal(url: str, provider: Provider) -> Iterator[Flask]:
    with connected(url, provider) as app:
        yield app


@contextmanager
def hurry(how: str) -> Iterator[None]:
    """Whoever hangs is away at once; the others are given their time, also on a slow machine."""
    with pytest.MonkeyPatch.context() as patched:
        if how.startswith("slow"):
            patched.setattr(oidc, "PATIENCE", 0.1)
        yield


def begin(client: FlaskClient, target: str = "") -> str:
    answer = client.get("/masuk/penyedia", query_string={"next": target} if target else {})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def enter(client: FlaskClient, provider: Provider, nip: str = NIP, target: str = "") -> Any:
    """To the provider and back; the portal's answer."""
    return client.get(provider.sign_in(begin(client, target), nip))


def said(client: FlaskClient) -> str:
    return str(client.get("/masuk").get_data(as_text=True))


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def change_account(app: Flask, **values: Any) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == office.OWNER).values(**values))


def refusals(app: Flask) -> list[str]:
    with app.app_context():
        query = select(TrailEvent.place).where(TrailEvent.action == TrailAction.REFUSAL).order_by(TrailEvent.number)
        return list(db.session.scalars(query))


def try_password(client: FlaskClient, name: str, password: str) -> int:
    token = office.csrf_token(client, "/masuk")
    return client.post("/masuk", data={"csrf_token": token, "name": name, "password": password}).status_code


def test_without_a_provider_there_is_no_such_door(app: Flask) -> None:
    client = app.test_client()
    assert "Masuk dengan" not in said(client)
    assert client.get("/masuk/penyedia").status_code == 404
    assert client.get("/masuk/penyedia/kembali?code=x&state=x").status_code == 404


def test_who_is_known_by_nip_comes_in(database_url: str, provider: Provider) -> None:
    with connected(database_url, provider) as app:
        client = app.test_client()
        assert f"Masuk dengan {NAME}" in said(client)
        address = begin(client)
        asked = asked_of(address)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == "http://localhost/masuk/penyedia/kembali"
        assert asked["code_challenge_method"] == "S256"
        assert {"state", "nonce", "code_challenge"} <= asked.keys()
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        answer = client.get(provider.sign_in(address, NIP))
        assert answer.headers["Location"] == "/"
        assert is_in(client)
        with app.app_context():
            event = db.session.scalars(select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).one()
            assert (event.action, event.note) == (TrailAction.SIGN_IN, f"Lewat {NAME}.")
            assert event.account_id == office.actor(office.OWNER).account_id
            assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 1


@pytest.mark.parametrize("how", ["spaced-nip", "new-key", "no-end"])
def test_an_honest_provider_may_write_a_nip_with_spaces_change_its_key_and_end_no_session(
    portal: Flask, provider: Provider, how: str
) -> None:
    client = portal.test_client()
    if how == "new-key":
        enter(portal.test_client(), provider)  # the keys are known now
    provider.be(how)
    assert enter(client, provider).headers["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize("how", LIES)
def test_an_answer_that_proves_nothing_lets_nobody_in(portal: Flask, provider: Provider, how: str) -> None:
    client = portal.test_client()
    provider.be(how)
    with portal.app_context():
        before = fingerprint()
    assert enter(client, provider, target="/lembar").headers["Location"] == "/masuk?next=/lembar"
    assert f"Jawaban {NAME} tidak dapat dipercaya" in said(client)
    assert not is_in(client)
    with portal.app_context():
        assert fingerprint() == before


@pytest.mark.parametrize("how", AWAY_AT_FIRST)
def test_a_provider_that_is_away_is_a_sentence_and_the_portals_own_passwords_still_open(
    portal: Flask, provider: Provider, how: str
) -> None:
    client = portal.test_client()
    provider.be(how)
    with hurry(how):
        assert begin(client, "/lembar") == "/masuk?next=/lembar"
    assert f"{NAME} sedang tidak menjawab" in said(client)
    assert try_password(client, office.OPERATOR, DEMO_PASSWORD) == 302
    assert is_in(client)


def test_a_portal_starts_and_serves_while_its_provider_is_down(url: str, provider: Provider) -> None:
    with socket.socket() as silent:  # bound, and nobody listens
        silent.bind(("127.0.0.1", 0))
        with connected(url, provider, oidc_issuer=f"http://127.0.0.1:{silent.getsockname()[1]}") as app:
            client = app.test_client()
            assert begin(client) == "/masuk"
            assert f"{NAME} sedang tidak menjawab" in said(client)
            assert try_password(client, office.OPERATOR, DEMO_PASSWORD) == 302


@pytest.mark.parametrize("how", AWAY_AT_LAST)
def test_a_provider_that_goes_away_meanwhile_lets_nobody_in(portal: Flask, provider: Provider, how: str) -> None:
    client = portal.test_client()
    back = provider.sign_in(begin(client), NIP)
    provider.be(how)
    with hurry(how):
        assert client.get(back).headers["Location"] == "/masuk"
    assert f"{NAME} sedang tidak menjawab" in said(client)
    assert not is_in(client)
    provider.be("honest")
    assert enter(client, provider).headers["Location"] == "/", "it heals by the next try"


def test_whom_the_portal_does_not_know_or_does_not_want_stays_outside(database_url: str, provider: Provider) -> None:
    with connected(database_url, provider) as app:
        client = app.test_client()
        for _ in range(2):
            enter(client, provider, "199001012015011002")
            assert "belum mempunyai akun portal" in said(client)
        provider.be("no-nip")
        enter(client, provider)
        assert "tidak memberitahukan NIP" in said(client)
        provider.be("honest")
        change_account(app, locked_until=datetime.now(UTC) + timedelta(minutes=5))
        enter(client, provider)
        assert "dikunci sementara" in said(client)
        change_account(app, locked_until=None, is_active=False)
        enter(client, provider)
        assert "dinonaktifkan" in said(client)
        assert not is_in(client)
        lead = f"masuk lewat {NAME}: "
        owner = office.OWNER
        assert refusals(app) == [
            f"{lead}NIP …1002 tanpa akun",  # twice, noted once
            f"{lead}tanpa NIP",
            f"{lead}akun {owner} terkunci",
            f"{lead}akun {owner} dinonaktifkan",
        ]
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0


@pytest.mark.parametrize("nip", ["' OR 1=1 --", "*", "%", "1" * 5000, "١٢٣", "a\x00b", " "])
def test_a_hostile_claim_is_nobody(portal: Flask, provider: Provider, nip: str) -> None:
    client = portal.test_client()
    assert enter(client, provider, nip).headers["Location"] == "/masuk"
    assert not is_in(client)


def test_an_operator_cannot_come_in_by_the_provider(portal: Flask, provider: Provider) -> None:
    """No claim can name one: an operator is nobody's employee, which the database itself keeps (CHECK one_role)."""
    client = portal.test_client()
    enter(client, provider, office.OPERATOR)
    assert not is_in(client)
    with portal.app_context():
        assert office.actor(office.OPERATOR).employee_id is None


def test_an_answer_counts_once_in_the_browser_that_asked_and_within_ten_minutes(portal: Flask, provider: Provider) -> None:
    client, other = portal.test_client(), portal.test_client()
    back = provider.sign_in(begin(client), NIP)
    assert other.get(back).headers["Location"] == "/masuk"
    assert "dimulai di peramban lain" in said(other)
    begin(other)
    assert other.get(back).headers["Location"] == "/masuk", "another attempt's state"
    assert not is_in(other)
    assert client.get(back).headers["Location"] == "/"
    assert client.get(back).headers["Location"] == "/masuk", "used up"
    late = portal.test_client()
    back = provider.sign_in(begin(late), NIP)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert late.get(back).headers["Location"] == "/masuk"
        assert not is_in(late)


def test_a_stolen_code_is_worth_nothing_without_the_browsers_verifier(portal: Flask, provider: Provider) -> None:
    victim, thief = portal.test_client(), portal.test_client()
    code = asked_of(provider.sign_in(begin(victim), NIP))["code"]
    state = asked_of(begin(thief))["state"]
    assert thief.get("/masuk/penyedia/kembali", query_string={"code": code, "state": state}).headers["Location"] == "/masuk"
    assert "tidak dapat dipercaya" in said(thief)
    assert not is_in(thief)


def test_who_changes_their_mind_at_the_provider_reads_so(portal: Flask, provider: Provider) -> None:
    client = portal.test_client()
    provider.be("denied")
    assert enter(client, provider).headers["Location"] == "/masuk"
    assert f"Anda tidak jadi masuk lewat {NAME}" in said(client)


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/lembar?state=draft", "/lembar?state=draft"),
        ("//jahat.example", "/"),
        ("/\\jahat.example", "/"),
        ("https://jahat.example", "/"),
    ],
)
def test_one_comes_out_where_one_wanted_to_go_and_never_elsewhere(
    portal: Flask, provider: Provider, target: str, reached: str
) -> None:
    assert enter(portal.test_client(), provider, target=target).headers["Location"] == reached


def test_the_session_is_a_new_one_and_holds_no_token(portal: Flask, provider: Provider) -> None:
    client = portal.test_client()
    office.csrf_token(client, "/masuk")
    before = client.get_cookie("iki")
    assert before is not None
    fixed = portal.test_client()
    fixed.set_cookie("iki", before.value)
    enter(client, provider)
    assert is_in(client)
    assert not is_in(fixed)
    with client.session_transaction() as kept:
        assert set(kept) <= {"_user_id", "_fresh", "_permanent", "seen", "leaves_by", "csrf_token", "_id"}


def test_a_second_step_is_asked_whichever_way_one_comes(portal: Flask, provider: Provider) -> None:
    with portal.app_context():
        phone = office.telephone(office.OWNER)
    client = portal.test_client()
    assert enter(client, provider, target="/lembar").headers["Location"] == "/masuk/kode?next=/lembar"
    assert not is_in(client)
    token = office.csrf_token(client, "/masuk/kode")
    answer = client.post("/masuk/kode", data={"csrf_token": token, "code": phone.now(), "next": "/lembar"})
    assert answer.headers["Location"] == "/lembar"
    assert office.post(client, "/keluar").headers["Refresh"].startswith(f"0; url={provider.issuer}/keluar?")


@pytest.mark.parametrize("must_change", [True, False])
def test_a_first_password_is_forgotten_and_a_chosen_one_stays(portal: Flask, provider: Provider, must_change: bool) -> None:
    change_account(portal, must_change_password=must_change)
    client = portal.test_client()
    assert enter(client, provider).headers["Location"] == "/"
    assert is_in(client), "nobody asks for a password that nobody needs"
    assert try_password(portal.test_client(), office.OWNER, DEMO_PASSWORD) == (422 if must_change else 302)
    if must_change:
        fields = {"current": DEMO_PASSWORD, "new": "kuda pelangi mencatat hujan", "again": "kuda pelangi mencatat hujan"}
        assert "tidak mempunyai sandi portal" in office.post(client, "/sandi", fields).get_data(as_text=True)


@pytest.mark.parametrize("door", ["/keluar", "/keluar/semua"])
def test_signing_out_leads_on_to_the_provider_for_who_came_by_it(portal: Flask, provider: Provider, door: str) -> None:
    client = portal.test_client()
    enter(client, provider)
    answer = office.post(client, door)
    assert answer.status_code == 200
    address = answer.headers["Refresh"].removeprefix("0; url=")
    assert address.startswith(f"{provider.issuer}/keluar?")
    assert asked_of(address) == {"client_id": CLIENT_ID, "post_logout_redirect_uri": "http://localhost/masuk"}
    assert f"keluar juga dari {NAME}" in answer.get_data(as_text=True)
    assert not is_in(client)
    assert try_password(client, office.OWNER, DEMO_PASSWORD) == 302
    assert office.post(client, door).headers["Location"] == "/masuk", "who came with a password goes home"


def test_what_was_typed_before_a_session_ended_is_sent_again_after_signing_in_elsewhere(
    portal: Flask, provider: Provider
) -> None:
    client = portal.test_client()
    typed = "Catatan yang panjang dan tidak boleh hilang"
    token = office.csrf_token(client, "/masuk")
    page = client.post("/akun-saya/surel", data={"csrf_token": token, "choice": typed}).get_data(as_text=True)
    assert 'target="_blank"' in page
    assert '<form method="post" action="/akun-saya/surel">' in page
    assert f'<input type="hidden" name="choice" value="{typed}">' in page
    enter(client, provider)  # in another tab
    answer = client.post("/akun-saya/surel", data={"csrf_token": token, "choice": typed})
    assert answer.status_code == 400
    assert typed in answer.get_data(as_text=True), "with a fresh token, ready to be sent"


def test_a_hostile_target_is_no_place_to_send_what_was_typed(portal: Flask) -> None:
    client = portal.test_client()
    fields = {"name": "x", "password": "x", "next": "https://jahat.example", "tertunda": '[["note", "rahasia kantor"]]'}
    page = client.post("/masuk", data={"csrf_token": office.csrf_token(client, "/masuk"), **fields}).get_data(as_text=True)
    assert 'action="https://jahat.example"' not in page


def test_while_the_provider_thinks_others_write(portal: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    real = oidc.Provider.nip

    def nip(self: oidc.Provider, code: str, attempt: oidc.Attempt) -> str:
        change_account(portal, display_name="Siti")  # waits in vain while another transaction writes
        return real(self, code, attempt)

    monkeypatch.setattr(oidc.Provider, "nip", nip)
    assert enter(portal.test_client(), provider).headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/masuk/penyedia", "/masuk/penyedia/kembali"])
def test_the_door_takes_no_other_method(portal: Flask, path: str) -> None:
    client = portal.test_client()
    assert client.post(path, data={"csrf_token": office.csrf_token(client, "/masuk")}).status_code == 405
