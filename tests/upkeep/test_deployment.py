"""`iki check-deploy`: a good deployment passes, and each thing that can be wrong is named with what to do."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, make_url, update

from iki_portal.auth import directory, oidc
from iki_portal.config import read_settings
from iki_portal.extensions import db
from iki_portal.models import Account
from iki_portal.upkeep.deployment import CHECKS, Deployment, Finding, Verdict
from iki_portal.web.transaction import transaction
from tests import ldap_server, oidc_provider, postgres
from tests.faults.bar import Figure
from tests.restoring import Operator, looking_at

KEY = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa"
PUBLIC = "age12x34kv3apvs0y5z4ecv2fk59nh9gxqmdtd6e5l2rzduxga96jqfstecmfc"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder as it should be: closed, with a closed database, backed up an hour ago."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "iki.db").touch(mode=0o600)
    (tmp_path / "cadangan").mkdir()
    (tmp_path / "cadangan" / "iki-2026-11-24T103200-n1234-abcdef0123456789.tar").touch()
    return folder


def settings_of(data: Path, **changes: Any) -> dict[str, Any]:
    good = {
        "env": "production", "secret_key": KEY, "csrf_key": "c" + KEY, "history_key": "h" + KEY,
        "database_url": f"sqlite:///{data / 'iki.db'}", "instance_dir": data, "trusted_hosts": ("iki.lumajang.go.id",),
        "proxy_hops": 1, "portal_url": "https://iki.lumajang.go.id", "limiter_url": "redis://localhost",
        "smtp_url": "smtp://localhost", "mail_from": "iki@lumajang.go.id",
        "backup_dir": data.parent / "cadangan", "backup_key": PUBLIC,
    }  # fmt: skip
    return {**good, **changes}


def findings(data: Path, *, workers: int = 2, **changes: Any) -> dict[str, Finding]:
    here = Deployment(read_settings(**settings_of(data, **changes)), workers)
    return {finding.subject: finding for check in CHECKS for finding in check(here)}


def test_a_good_deployment_has_nothing_wrong(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = findings(data)
    assert {name for name, each in found.items() if each.verdict is not Verdict.GOOD} <= {"backups apart", "disk"}
    assert len(found) >= 12


#: One setting that is not as it should be, and what is said of it.
SETTINGS: list[tuple[str, Verdict, dict[str, Any]]] = [
    ("environment", Verdict.WRONG, {"env": "demo"}),
    ("keys", Verdict.WRONG, {"csrf_key": KEY}),
    ("keys", Verdict.WARNING, {"history_key": ""}),
    ("trusted hosts", Verdict.WRONG, {"trusted_hosts": ()}),
    ("portal address", Verdict.WARNING, {"portal_url": ""}),
    ("portal address", Verdict.WRONG, {"portal_url": "http://iki.lumajang.go.id"}),
    ("portal address", Verdict.WRONG, {"portal_url": "https://lain.go.id"}),
    ("portal address", Verdict.GOOD, {"trusted_hosts": (".lumajang.go.id",)}),
    ("https", Verdict.WRONG, {"https": False}),
    ("proxy", Verdict.WARNING, {"proxy_hops": 0}),
    ("attempts", Verdict.WARNING, {"limiter_url": "memory://"}),
    ("attempts", Verdict.GOOD, {"limiter_url": "memory://", "workers": 1}),
    ("backups", Verdict.WARNING, {"backup_dir": None}),
    ("backups", Verdict.WRONG, {"backup_dir": Path("/tidak/ada")}),
    ("backups apart", Verdict.WARNING, {"backup_key": ""}),
    ("owner", Verdict.WRONG, {"database_owner_url": "postgresql+psycopg://postgres@/iki"}),
    ("mail", Verdict.WARNING, {"smtp_url": ""}),
]


@pytest.mark.parametrize(("subject", "verdict", "changes"), SETTINGS)
def test_each_setting_that_is_not_as_it_should_be_is_named(
    data: Path, subject: str, verdict: Verdict, changes: dict[str, Any]
) -> None:
    found = findings(data, **changes)[subject]
    assert found.verdict is verdict, found
    assert ":" in found.words or verdict is Verdict.GOOD, "say what to do"


def yesterday(path: Path) -> None:
    os.utime(path, (time.time() - 90_000,) * 2)


#: One file that is not as it should be.
FILES: dict[str, Callable[[Path], object]] = {
    "data folder": lambda data: data.chmod(0o755),
    "database file": lambda data: (data / "iki.db").chmod(0o644),
    "backups": lambda data: [yesterday(path) for path in (data.parent / "cadangan").iterdir()],
    "keys apart": lambda data: (data / ".env").write_text(f"IKI_HISTORY_KEY=h{KEY}\n"),
}


def test_twelve_settings_and_more_are_found_when_they_are_wrong(figure: Figure) -> None:
    shown = {subject for subject, verdict, _ in SETTINGS if verdict is not Verdict.GOOD} | FILES.keys()
    figure(f"check-deploy: {len(shown)} settings found when wrong")
    assert len(shown) >= 12


@pytest.mark.parametrize(("subject", "spoil"), FILES.items())
def test_each_file_that_is_not_as_it_should_be_is_named(data: Path, subject: str, spoil: Callable[[Path], object]) -> None:
    assert findings(data)[subject].verdict is Verdict.GOOD
    spoil(data)
    assert findings(data)[subject].verdict is Verdict.WRONG


def test_the_command_prints_every_finding_and_ends_with_one_when_something_is_wrong(sqlite_url: str, tmp_path: Path) -> None:
    operator = Operator(sqlite_url, tmp_path)
    result = operator.run("check-deploy")
    assert result.exit_code == 1
    assert "SALAH       environment     IKI_ENV is test: set IKI_ENV=production" in result.output
    assert "OK          database        at this version's revision, every guard in place" in result.output
    assert "22 demo accounts" in result.output
    assert len(result.output.splitlines()) >= 15


def test_a_good_portal_ends_with_nought(sqlite_url: str, tmp_path: Path, data: Path) -> None:
    with looking_at(sqlite_url), transaction():
        db.session.execute(update(Account).values(is_demo=False))
    place = tmp_path / "iki.db"
    place.rename(data / "iki.db")
    (data / "iki.db").chmod(0o600)
    given = settings_of(data, limiter_url="memory://")
    named = {f"IKI_{name.upper()}": str(value) for name, value in given.items()} | {
        "IKI_TRUSTED_HOSTS": '["iki.lumajang.go.id"]'
    }
    result = Operator(sqlite_url, tmp_path).run("check-deploy", **named)
    assert result.exit_code == 0, result.output
    assert "PERINGATAN  operators       only one" in result.output


def test_an_absent_database_is_one_finding(tmp_path: Path) -> None:
    said = Operator(f"sqlite:///{tmp_path / 'tidak-ada.db'}", tmp_path).run("check-deploy").output
    assert "SALAH       database        database is at revision None" in said
    said = Operator("postgresql://iki@127.0.0.1:1/iki", tmp_path).run("check-deploy").output
    assert "SALAH       database        it does not answer" in said


def test_a_role_that_is_more_than_a_serving_role_is_wrong(owner_url: str, tmp_path: Path) -> None:
    said = Operator(owner_url, tmp_path).run("check-deploy").output
    assert "SALAH       role" in said
    assert "run `iki database prepare`" in said


def test_a_role_with_the_rights_to_serve_and_no_more_is_right(owner_url: str, postgres_url: str, tmp_path: Path) -> None:
    operator, role = Operator(postgres_url, tmp_path), make_url(postgres_url).username or ""
    operator.good("database", "prepare", "--owner-url", owner_url)
    assert "OK          role" in operator.run("check-deploy").output
    postgres.execute("GRANT DELETE ON history_entry TO {}", role, database=make_url(owner_url).database)
    assert "has DELETE on history_entry: run `iki database prepare`" in operator.run("check-deploy").output


def test_the_last_operator_is_missed(sqlite_url: str, tmp_path: Path) -> None:
    with looking_at(sqlite_url), transaction():
        db.session.execute(delete(Account).where(Account.is_operator))
    assert "SALAH       operators       there is none" in Operator(sqlite_url, tmp_path).run("check-deploy").output


def test_the_offices_own_sign_in_is_asked_for_real(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "PATIENCE", 60)
    monkeypatch.setattr(directory, "PATIENCE", 60)
    assert not {"provider", "directory"} & findings(data).keys()
    with oidc_provider.serving() as provider:
        given = {name: value for name, value in provider.settings().items() if name != "portal_url"}
        assert findings(data, **given)["provider"].verdict is Verdict.WARNING  # http, on this machine
        provider.be("other-discovery")
        found = findings(data, **given)["provider"]
        assert found.verdict is Verdict.WRONG
        assert "https://sso.jahat.example" in found.words
    with ldap_server.serving() as server:
        assert findings(data, **server.settings())["directory"].verdict is Verdict.WRONG  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", server.certificate)
        assert findings(data, **server.settings())["directory"].verdict is Verdict.GOOD
        found = findings(data, **server.settings(ldap_reader_password="lama"))["directory"]
        assert found.verdict is Verdict.WRONG
        assert "reader" in found.words
