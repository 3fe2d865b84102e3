"""The password of the office's directory, asked of a real slapd: right, wrong, unknown, hostile, away, hanging."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from iki_portal.auth import directory, outside
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.auth.directory import Directory, DirectoryAway, Word
from iki_portal.auth.operations import SignInRefused
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, SignInSession, TrailEvent
from iki_portal.web.transaction import transaction
from tests import office
from tests.ldap_server import BASE, PASSWORD, LdapServer, serving

NIP = "198501012010011001"
BY_NIP = {"ldap_search_filter": "(employeeNumber={nip})"}
BY_DN = {"ldap_user_dn": f"uid={{name}},{BASE}"}
SEALED = ("ldaps", "ldap+starttls")
WRONG = "Nama masuk atau sandi keliru"
AWAY = "direktori kantor tidak menjawab"


@pytest.fixture(scope="module")
def server() -> Iterator[LdapServer]:
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def _trusted(server: LdapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the directory's certificate; on a slow one, too, only who really hangs counts as away."""
    monkeypatch.setattr(directory, "PATIENCE", 60)
    monkeypatch.setenv("SSL_CERT_FILE", server.certificate)


@contextmanager
def connected(url: str, server: LdapServer, **more: Any) -> Iterator[Flask]:
    app = office.portal(url, **{**server.settings(), **more})
    with app.app_context(), transaction():
        owner = select(Account.employee_id).where(Account.name == office.OWNER).scalar_subquery()
        db.session.execute(update(Employee).where(Employee.id == owner).values(identifier=NIP))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def portal(url: str, server: LdapServer) -> Iterator[Flask]:
    with connected(url, server) as app:
        yield app


def directory_of(server: LdapServer, **more: str) -> Directory:
    settings = office.settings_for("", **server.settings(**more)).ldap_directory
    assert settings is not None
    return Directory(settings)


def try_password(client: FlaskClient, name: str, password: str) -> Any:
    token = office.csrf_token(client, "/masuk")
    return client.post("/masuk", data={"csrf_token": token, "name": name, "password": password})


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def account(app: Flask, name: str = office.OWNER) -> Account:
    with app.app_context():
        return db.session.scalars(select(Account).where(Account.name == name)).one()


def change_account(app: Flask, name: str = office.OWNER, **values: Any) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Account).where(Account.name == name).values(**values))


@pytest.mark.parametrize("by", [*SEALED, "ldap"])
@pytest.mark.parametrize("way", [{}, BY_NIP, BY_DN])
def test_the_directory_knows_its_people_and_their_passwords(server: LdapServer, by: str, way: dict[str, str]) -> None:
    asked = directory_of(server, by=by, **way)
    assert asked.ask(office.OWNER, NIP, PASSWORD) is Word.RIGHT
    assert asked.ask(office.OWNER, NIP, "salah") is Word.WRONG
    assert asked.ask("tidak.ada", "1", PASSWORD) is (Word.WRONG if way is BY_DN else Word.UNKNOWN)


@pytest.mark.parametrize("password", ["", "\0", "\0sandi", "\u00ad", " "])
@pytest.mark.parametrize("way", [{}, BY_DN])
def test_a_password_that_is_none_opens_nothing_where_the_server_would_take_it(
    server: LdapServer, way: dict[str, str], password: str
) -> None:
    """This slapd calls a bind without a password a success; a soft hyphen is nothing once it is prepared for comparison."""
    assert directory_of(server, **way).ask(office.OWNER, NIP, password) is Word.WRONG


@pytest.mark.parametrize(
    "name", ["*", "analis*", "*)(uid=*", "x)(|(uid=*)", "\\2a", "analis.pengadaan,dc=lumajang", "#1", " ", "a\x00"]
)
def test_a_hostile_name_finds_nobody(server: LdapServer, name: str) -> None:
    assert directory_of(server).ask(name, NIP, PASSWORD) is Word.UNKNOWN
    assert directory_of(server, **BY_NIP).ask(name, name, PASSWORD) is Word.UNKNOWN
    assert directory_of(server, **BY_DN).ask(name, NIP, PASSWORD) is Word.WRONG


@pytest.mark.parametrize("way", [{}, BY_DN])
def test_signs_that_mean_something_to_a_directory_are_part_of_a_name(server: LdapServer, way: dict[str, str]) -> None:
    assert directory_of(server, **way).ask("a,b+c", "3", PASSWORD) is Word.RIGHT


def test_who_cannot_be_told_apart_is_not_let_in(server: LdapServer) -> None:
    with pytest.raises(DirectoryAway, match="several entries"):
        directory_of(server, **BY_NIP).ask("kembar", "2", PASSWORD)


def test_who_has_no_nip_is_unknown_where_it_is_asked_by(server: LdapServer) -> None:
    assert directory_of(server, **BY_NIP).ask(office.OWNER, "", PASSWORD) is Word.UNKNOWN


@pytest.mark.parametrize("by", SEALED)
def test_a_certificate_that_nobody_vouches_for_is_told_no_password(
    server: LdapServer, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DirectoryAway, match="match"):  # vouched for, but of another name
        directory_of(server, by=by, host="localhost").ask(office.OWNER, NIP, PASSWORD)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DirectoryAway, match="CERTIFICATE_VERIFY_FAILED"):
        directory_of(server, by=by).ask(office.OWNER, NIP, PASSWORD)


def test_a_server_that_refuses_tls_is_told_nothing() -> None:
    with serving(has_tls=False) as plain:
        assert directory_of(plain, by="ldap").ask(office.OWNER, NIP, PASSWORD) is Word.RIGHT
        with pytest.raises(DirectoryAway, match="startTLS failed"):
            directory_of(plain, by="ldap+starttls").ask(office.OWNER, NIP, PASSWORD)


def test_a_reader_who_is_refused_is_no_wrong_password(server: LdapServer) -> None:
    with pytest.raises(DirectoryAway, match="the reader is refused"):
        directory_of(server, ldap_reader_password="lama").ask(office.OWNER, NIP, PASSWORD)
    with pytest.raises(DirectoryAway, match="no search"):
        directory_of(server, ldap_search_base="dc=lain").ask(office.OWNER, NIP, PASSWORD)


@pytest.mark.parametrize("by", ["ldap", *SEALED])
def test_a_server_that_hangs_is_away(server: LdapServer, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(server, "plain_port", silent.getsockname()[1])
        monkeypatch.setattr(server, "tls_port", silent.getsockname()[1])
        with pytest.raises(DirectoryAway, match=r"timed out|LDAPSocketReceiveError"):
            directory_of(server, by=by).ask(office.OWNER, NIP, PASSWORD)


def test_whom_the_directory_knows_comes_in_with_its_password_alone(database_url: str, server: LdapServer) -> None:
    with connected(database_url, server) as app:
        client = app.test_client()
        assert "sandi SSO Pemkab" in client.get("/masuk").get_data(as_text=True)
        for wrong in ("salah", DEMO_PASSWORD):  # the second opens it where there is no directory
            assert WRONG in try_password(client, office.OWNER, wrong).get_data(as_text=True)
        assert account(app).failed_attempts == 2
        assert try_password(client, f" {office.OWNER.upper()} ", PASSWORD).status_code == 302
        assert is_in(client)
        assert account(app).failed_attempts == 0
        with app.app_context():
            event = db.session.scalars(select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).one()
            assert (event.action, event.note) == (TrailAction.SIGN_IN, "Dengan sandi SSO Pemkab.")


def test_operators_and_whom_the_directory_does_not_know_have_the_portals_password(portal: Flask) -> None:
    assert WRONG in try_password(portal.test_client(), office.OPERATOR, PASSWORD).get_data(as_text=True)
    assert try_password(portal.test_client(), office.OPERATOR, DEMO_PASSWORD).status_code == 302
    assert try_password(portal.test_client(), office.HEAD, "salah").status_code == 422
    assert try_password(portal.test_client(), office.HEAD, DEMO_PASSWORD).status_code == 302


def test_people_without_an_account_cannot_be_guessed_through_the_portal(portal: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = Directory.ask

    def ask(self: Directory, name: str, nip: str, password: str) -> Word:
        asked.append(name)
        return real(self, name, nip, password)

    monkeypatch.setattr(Directory, "ask", ask)
    client = portal.test_client()
    assert WRONG in try_password(client, "kembar", PASSWORD).get_data(as_text=True)
    change_account(portal, is_active=False)
    assert WRONG in try_password(client, office.OWNER, PASSWORD).get_data(as_text=True)
    assert not is_in(client)
    assert len(asked) == 2, "asked all the same, so that the answer takes as long"
    assert not {"kembar", office.OWNER} & set(asked)


def test_ten_wrong_ones_lock_and_the_lock_grows(database_url: str, server: LdapServer) -> None:
    with connected(database_url, server) as app:
        inside, client = office.sign_in(app, office.OWNER), app.test_client()
        for round_, minutes in ((1, 15), (2, 30)):
            for _ in range(10):
                try_password(client, office.OWNER, "salah")
            assert "dikunci sementara" in try_password(client, office.OWNER, PASSWORD).get_data(as_text=True)
            kept = account(app)
            assert (kept.locks, kept.failed_attempts) == (round_, 0)
            assert kept.locked_until is not None
            assert timedelta(minutes=minutes / 2) < kept.locked_until - datetime.now(UTC) <= timedelta(minutes=minutes)
            change_account(app, locked_until=datetime.now(UTC) - timedelta(seconds=1))
        assert not is_in(inside)
        assert try_password(client, office.OWNER, PASSWORD).status_code == 302
        assert account(app).locks == 0


def test_of_many_guesses_at_once_the_directory_hears_ten(portal: Flask) -> None:
    """Each is counted before it is asked, as if all were on their way at the same moment."""
    taken = []
    for _ in range(12):
        with portal.app_context(), transaction():
            taken.append(outside.take_guess(office.OWNER, now=office.now()))
    assert [isinstance(each, outside.Guess) for each in taken] == [True] * 10 + [False] * 2
    assert account(portal).locks == 1
    first = taken[0]
    assert isinstance(first, outside.Guess)
    with portal.app_context(), transaction():
        late = outside.judge(first, Word.RIGHT, PASSWORD, by="SSO", now=office.now())
        assert isinstance(late, SignInRefused), "a locked account opens for nobody"
        assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_a_directory_that_is_away_is_a_sentence_and_no_guess(database_url: str, server: LdapServer) -> None:
    with connected(database_url, server) as app:
        server.stop()
        try:
            client = app.test_client()
            for name in (office.OWNER, "tidak.ada"):
                answer = try_password(client, name, PASSWORD)
                assert answer.status_code == 503
                assert AWAY in answer.get_data(as_text=True)
                assert PASSWORD not in answer.get_data(as_text=True)
            assert account(app).failed_attempts == 0
            assert try_password(client, office.OPERATOR, DEMO_PASSWORD).status_code == 302
        finally:
            server.start()
        assert try_password(app.test_client(), office.OWNER, PASSWORD).status_code == 302


def test_while_the_directory_thinks_others_write(portal: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Directory.ask

    def ask(self: Directory, name: str, nip: str, password: str) -> Word:
        with portal.app_context(), transaction():  # waits in vain while another transaction writes
            db.session.execute(update(Account).where(Account.name == office.OWNER).values(display_name="Siti"))
        return real(self, name, nip, password)

    monkeypatch.setattr(Directory, "ask", ask)
    assert try_password(portal.test_client(), office.OWNER, PASSWORD).status_code == 302


def test_a_second_step_is_asked_after_the_directorys_password(portal: Flask) -> None:
    with portal.app_context():
        phone = office.telephone(office.OWNER)
    client = portal.test_client()
    for _ in range(11):  # right every time: nothing is counted
        assert try_password(client, office.OWNER, PASSWORD).headers["Location"] == "/masuk/kode"
    assert not is_in(client)
    token = office.csrf_token(client, "/masuk/kode")
    assert client.post("/masuk/kode", data={"csrf_token": token, "code": phone.now()}).status_code == 302
    assert is_in(client)


def test_a_first_password_is_forgotten(portal: Flask) -> None:
    change_account(portal, must_change_password=True)
    client = portal.test_client()
    assert try_password(client, office.OWNER, PASSWORD).headers["Location"] == "/"
    assert is_in(client)
    assert account(portal).password_hash == ""
    page = office.sign_in(portal, office.OPERATOR).get("/akun?q=pengadaan").get_data(as_text=True)
    assert "Tanpa sandi portal" in page
    assert "Belum diaktifkan" not in page
