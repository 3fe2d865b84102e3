"""Settings come from IKI_* variables, wrong ones are named in a sentence, and production takes no demo."""

import importlib.util
import json
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from iki_portal.app import DemoAccounts
from iki_portal.cli import main
from iki_portal.config import Settings, WrongSettings, is_real_key, read_settings
from iki_portal.paths import PROJECT
from iki_portal.web.database import NotReady

KEY = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa"
FALSE_KEYS = ["", "short", "changeme" * 8, "a" * 64, "rahasia-kantor-bkd-lumajang-2027-x"]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"IKI_{name.upper()}", raising=False)


def production(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in {"ENV": "production", "SECRET_KEY": KEY, "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"IKI_{name}", value)


def test_without_any_setting_it_is_production_and_asks_for_a_key() -> None:
    with pytest.raises(WrongSettings, match="IKI_SECRET_KEY must be at least 32 random characters"):
        read_settings()


@pytest.mark.parametrize("key", FALSE_KEYS)
@pytest.mark.parametrize("name", ["secret_key", "csrf_key", "history_key"])
def test_production_refuses_every_key_that_only_looks_like_one(name: str, key: str) -> None:
    assert not is_real_key(key)
    if not key and name != "secret_key":
        assert read_settings(secret_key=KEY, **{name: key})  # derived from the secret key
        return
    with pytest.raises(WrongSettings, match=f"IKI_{name.upper()}"):
        read_settings(**{"secret_key": KEY, name: key})


def test_each_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "env": "demo", "secret_key": KEY, "secret_key_fallbacks": [KEY[::-1]], "csrf_key": "c" + KEY, "history_key": "h" + KEY,
        "history_key_fallbacks": ["x" + KEY], "database_url": "sqlite:////tmp/lain.db",
        "database_owner_url": "postgresql+psycopg://pemilik@localhost/iki", "instance_dir": "/srv/iki",
        "trusted_hosts": ["iki.lumajang"], "proxy_hops": 1, "https": False, "limiter_url": "redis://localhost", "port": 8080,
        "idle_minutes": 5, "session_hours": 3,
        "portal_url": "https://iki.lumajang", "signing_key": "/srv/tte.p12", "signing_password": "rahasia",
        "smtp_url": "smtps://iki:rahasia@surel.lumajang", "mail_from": "Portal IKI <iki@surel.lumajang>",
        "evidence_url": "s3://bukti/iki", "log_level": "warning", "metrics_token": "m" + KEY,
        "oidc_issuer": "https://sso.lumajang/realms/pemkab", "oidc_name": "SSO", "oidc_client_id": "iki",
        "oidc_client_secret": "rahasia", "oidc_scope": "openid nip", "oidc_nip_claim": "employee_number",
        "ldap_url": "ldaps://direktori.lumajang", "ldap_name": "direktori", "ldap_user_dn": "",
        "ldap_search_base": "dc=lumajang", "ldap_search_filter": "(employeeNumber={nip})",
        "ldap_reader_dn": "cn=iki,dc=lumajang", "ldap_reader_password": "rahasia",
        "backup_dir": "/srv/cadangan", "backup_key": "age12x34kv3apvs0y5z4ecv2fk59nh9gxqmdtd6e5l2rzduxga96jqfstecmfc",
    }  # fmt: skip
    assert given.keys() == Settings.model_fields.keys(), "name the new setting here with a value that is not its default"
    for name, value in given.items():
        monkeypatch.setenv(f"IKI_{name.upper()}", value if isinstance(value, str) else json.dumps(value))
    assert json.loads(read_settings().model_dump_json()) == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "produksi"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PROXY_HOPS", "-1"),
        ("IDLE_MINUTES", "0"),
        ("HTTPS", "mungkin"),
        ("DATABASE_URL", "mysql://x"),
        ("TRUSTED_HOSTS", "iki.lumajang"),
        ("SECRET_KEY_FALLBACKS", KEY),
        ("BACKUP_KEY", "rahasia"),
        ("LOG_LEVEL", "loud"),
        ("METRICS_TOKEN", "pendek"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("IKI_SECRET_KEY", KEY)
    monkeypatch.setenv(f"IKI_{name}", value)
    with pytest.raises(WrongSettings, match=f"IKI_{name}"):
        read_settings()
    said = CliRunner().invoke(main, ["database", "check"])
    assert said.exit_code == 1
    assert said.output.startswith("iki: ")
    assert f"IKI_{name}" in said.output


@pytest.mark.parametrize(
    ("url", "spoken"),
    [
        ("smtp://surel", ("surel", 25, "", False, False)),
        ("smtp+starttls://iki:p%40ss@surel", ("surel", 587, "p@ss", True, False)),
        ("smtps://iki:rahasia@surel:4650", ("surel", 4650, "rahasia", False, True)),
        ("smtp://iki:rahasia@surel:587", ("surel", 587, "rahasia", True, False)),
        ("smtp://iki:rahasia@127.0.0.1", ("127.0.0.1", 25, "rahasia", False, False)),
    ],
)
def test_a_mail_server_is_named_by_one_url(url: str, spoken: tuple[str, int, str, bool, bool]) -> None:
    server = read_settings(secret_key=KEY, smtp_url=url, mail_from="iki@surel").smtp_server
    assert server is not None
    assert (server.host, server.port, server.password, server.needs_starttls, server.is_tls) == spoken


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://iki:rahasia@surel", "iki@surel"),
        ("smtp://iki:rahasia@", "iki@surel"),
        ("smtp://iki:rahasia@surel:port", "iki@surel"),
        ("smtp://iki:rahasia@surel/kotak", "iki@surel"),
        ("smtp://iki:rahasiä@surel", "iki@surel"),
        ("smtp://iki:rahasia@surel", ""),
        ("smtp://iki:rahasia@surel", "Portal IKI"),
        ("smtp://iki:rahasia@surel", "iki@surel\nBcc: semua@surel"),
    ],
)
def test_a_wrong_mail_server_is_refused_and_its_password_is_not_repeated(url: str, sender: str) -> None:
    with pytest.raises(WrongSettings, match=r"IKI_(SMTP_URL|MAIL_FROM)") as refused:
        read_settings(secret_key=KEY, smtp_url=url, mail_from=sender)
    assert "rahasi" not in str(refused.value) + str(refused.value.__cause__)


OIDC = {
    "oidc_issuer": "https://sso.lumajang/realms/pemkab", "oidc_name": "SSO", "oidc_client_id": "iki",
    "oidc_client_secret": "rahasia-klien", "portal_url": "https://iki.lumajang",
}  # fmt: skip
LDAP = {
    "ldap_url": "ldaps://direktori",
    "ldap_search_base": "dc=lumajang",
    "ldap_reader_dn": "cn=iki",
    "ldap_reader_password": "x",
}


@pytest.mark.parametrize("missing", OIDC)
def test_half_a_provider_is_refused(missing: str) -> None:
    assert read_settings(secret_key=KEY, **OIDC).oidc_provider is not None
    with pytest.raises(WrongSettings, match=f"IKI_{missing.upper()}") as refused:
        read_settings(secret_key=KEY, **(OIDC | {missing: ""}))
    assert "rahasia" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oidc_issuer", "http://sso.lumajang"),
        ("oidc_issuer", "https://sso.lumajang?x=1"),
        ("oidc_issuer", "sso.lumajang"),
        ("oidc_scope", "profile"),
        ("oidc_nip_claim", ""),
        ("ldap_url", "ldap://direktori"),
        ("ldap_url", "ldaps://iki:rahasia@direktori"),
        ("ldap_url", "ldaps://direktori/dc=lumajang"),
        ("ldap_url", "ldaps://direktori:pintu"),
        ("ldap_url", "https://direktori"),
        ("ldap_url", ""),
        ("ldap_user_dn", "uid={nip},dc=lumajang"),
        ("ldap_search_base", ""),
        ("ldap_search_filter", "(uid=siti)"),
        ("ldap_search_filter", "(uid={nama})"),
        ("ldap_search_filter", "(uid={0.host})"),
        ("ldap_search_filter", ""),
        ("ldap_reader_dn", ""),
        ("ldap_reader_password", ""),
    ],
)
def test_a_sign_in_that_cannot_be_safe_or_whole_is_refused(name: str, value: str) -> None:
    assert read_settings(secret_key=KEY, **OIDC, **LDAP).ldap_directory is not None
    with pytest.raises(WrongSettings, match=r"IKI_(OIDC|LDAP)") as refused:
        read_settings(secret_key=KEY, **(OIDC | LDAP | {name: value}))
    assert "rahasia" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "spoken"),
    [
        ("ldaps://direktori", ("ldaps", "direktori", 636)),
        ("ldap+starttls://direktori:3890", ("ldap+starttls", "direktori", 3890)),
        ("ldap://127.0.0.1", ("ldap", "127.0.0.1", 389)),
    ],
)
def test_a_directory_is_named_by_one_url(url: str, spoken: tuple[str, str, int]) -> None:
    directory = read_settings(secret_key=KEY, ldap_url=url, ldap_user_dn="uid={name},dc=lumajang").ldap_directory
    assert directory is not None
    assert (directory.scheme, directory.host, directory.port) == spoken


@pytest.mark.parametrize(("given", "extra", "module"), [(OIDC, "oidc", "authlib"), (LDAP, "ldap", "ldap3")])
def test_a_sign_in_whose_library_is_missing_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], extra: str, module: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else find(name))
    with pytest.raises(WrongSettings, match=f"requirements-{extra}.txt"):
        read_settings(secret_key=KEY, **given)


def test_settings_are_frozen() -> None:
    settings = read_settings(secret_key=KEY)
    with pytest.raises(ValidationError, match="frozen"):
        settings.env = "demo"  # type: ignore[assignment,misc]


def test_the_three_keys_differ_and_do_not_give_each_other_away() -> None:
    settings = read_settings(secret_key=KEY)
    keys = {settings.secret_key, settings.form_token_key, *(key.decode() for key in settings.history_keys.values())}
    assert len(keys) == 3


def test_the_kept_demo_key_is_for_its_owner_only(tmp_path: Path) -> None:
    first = read_settings(env="demo", instance_dir=tmp_path)
    assert is_real_key(first.secret_key)
    assert read_settings(env="demo", instance_dir=tmp_path).secret_key == first.secret_key
    assert (tmp_path / "demo-secret-key").stat().st_mode & 0o777 == 0o600


def test_a_server_does_not_load_a_database_with_demo_accounts(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    production(monkeypatch, sqlite_url)
    with pytest.raises(DemoAccounts, match="demo accounts"):
        runpy.run_path(str(PROJECT / "wsgi.py"))


def test_a_server_does_not_load_an_empty_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    production(monkeypatch, f"sqlite:///{tmp_path / 'iki.db'}")
    with pytest.raises(NotReady, match="iki database upgrade"):
        runpy.run_path(str(PROJECT / "wsgi.py"))


def test_the_demo_is_refused_in_production(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    production(monkeypatch, sqlite_url)
    said = CliRunner().invoke(main, ["demo"])
    assert said.exit_code == 1
    assert "IKI_ENV=production" in said.output
