"""Settings of one running portal: read once from `IKI_*`, frozen, refused when wrong."""

import hashlib
import hmac
import importlib.util
import os
import re
import secrets
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

MINIMUM_KEY_LENGTH = 32
#: Keys that only look like keys: what examples and hurried people type.
PLACEHOLDERS = ("changeme", "change-me", "secret", "rahasia", "password", "example", "contoh", "demo", "default")

_SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LDAP_PORTS = {"ldap": 389, "ldap+starttls": 389, "ldaps": 636}
#: What travels to these leaves this machine never.
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Environment(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class WrongSettings(Exception):
    """The portal must not start; the message names the variable and says what to write there."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server as `IKI_SMTP_URL` names it. A password never travels in the clear, except on this machine."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "SmtpServer":
        """Raises `ValueError`, whose words do not repeat the URL: it may hold a password."""
        said = "must be like smtp://host, smtp+starttls://user:password@host:587 or smtps://user:password@host"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(said) from None
        if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError(said)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user + password).isascii():  # the library that speaks with the server can say no others
            raise ValueError("holds a user or password with letters that are not ASCII")
        return cls(parts.scheme, parts.hostname, port or _SMTP_PORTS[parts.scheme], user, password)

    @property
    def is_tls(self) -> bool:
        return self.scheme == "smtps"

    @property
    def needs_starttls(self) -> bool:
        is_here = self.host in _LOOPBACK
        return self.scheme == "smtp+starttls" or (self.scheme == "smtp" and bool(self.user) and not is_here)


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """The office's OpenID Connect provider, as the settings name it."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    nip_claim: str
    #: Where the provider sends people back to: built from IKI_PORTAL_URL, never from the host a request names.
    portal_url: str


@dataclass(frozen=True, slots=True)
class LdapDirectory:
    """The office's directory. A password travels under TLS with a checked certificate, or not beyond this machine."""

    name: str
    scheme: str
    host: str
    port: int
    #: Either the DN of a person, or where and how the reader looks for it; `{name}` and `{nip}` stand for the person's.
    user_dn: str
    search_base: str
    search_filter: str
    reader_dn: str
    reader_password: str = field(repr=False)

    @staticmethod
    def address(url: str) -> tuple[str, str, int]:
        """Scheme, host and port of `IKI_LDAP_URL`; raises `ValueError`."""
        said = "must be like ldaps://host, ldap+starttls://host or, on this machine alone, ldap://localhost"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(said) from None
        if (
            parts.scheme not in _LDAP_PORTS
            or not parts.hostname
            or parts.path not in ("", "/")
            or parts.query
            or parts.username
        ):
            raise ValueError(said)
        if parts.scheme == "ldap" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"would send passwords in the clear: {said}")
        return parts.scheme, parts.hostname, port or _LDAP_PORTS[parts.scheme]


def is_sealed_address(url: object) -> bool:
    """Whether what is sent there cannot be read on the way: https, or http that does not leave this machine."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))


class Settings(BaseSettings):
    """One variable per field, named `IKI_` + the field in capitals. The table in docs/operations.md is tested against it."""

    #: A wrong value may be a key or a password: no message repeats it.
    model_config = SettingsConfigDict(env_prefix="IKI_", frozen=True, extra="ignore", hide_input_in_errors=True)

    env: Environment = Field(default=Environment.PRODUCTION, description="`production`, `demo` or `test`")
    secret_key: str = Field(
        default="", description="signs the session cookie; at least 32 random characters; needed in production"
    )
    secret_key_fallbacks: tuple[str, ...] = Field(
        default=(), description="earlier secret keys, still accepted while a new one spreads (JSON list)"
    )
    csrf_key: str = Field(default="", description="signs form tokens; derived from the secret key when empty")
    history_key: str = Field(
        default="", description="keys the hash chain of the history; derived from the secret key when empty"
    )
    history_key_fallbacks: tuple[str, ...] = Field(
        default=(), description="earlier history keys, needed to verify the rows they signed (JSON list)"
    )
    database_url: str = Field(
        default="", description="`sqlite:////path/iki.db` or `postgresql+psycopg://…`; empty: SQLite in the instance folder"
    )
    database_owner_url: str = Field(
        default="",
        description="URL of the role that owns the tables, for `iki database` only; empty: IKI_DATABASE_URL does everything",
    )
    instance_dir: Path = Field(default=Path("instance"), description="folder of the embedded database and demo keys")
    evidence_url: str = Field(
        default="",
        description="where evidence files are kept: `file:///srv/iki/bukti` or `s3://bucket/prefix` (extra `s3`);"
        " empty: a folder in the instance folder",
    )
    trusted_hosts: tuple[str, ...] = Field(default=(), description="host names the portal answers to (JSON list); empty: any")
    proxy_hops: int = Field(default=0, ge=0, le=4, description="reverse proxies in front that set X-Forwarded-*")
    https: bool = Field(default=True, description="cookies only over https; `demo` and `test` always serve plain http")
    limiter_url: str = Field(
        default="memory://", description="where attempts are counted: `memory://` or `redis://…` for several processes"
    )
    port: int = Field(default=5000, ge=1, le=65535, description="port of `make demo`")
    portal_url: str = Field(
        default="", description="address that prints name for checking, like `https://iki.example.go.id`; empty: none is named"
    )
    signing_key: Path | None = Field(
        default=None, description="PKCS#12 file that signs approved prints (PAdES; needs the extra `tte`)"
    )
    signing_password: str = Field(default="", description="password of that file")
    smtp_url: str = Field(
        default="",
        description="mail server: `smtp://host`, `smtp+starttls://user:password@host`, `smtps://…`; empty: no e-mail is sent",
    )
    mail_from: str = Field(
        default="", description="sender of e-mail, like `Portal IKI <iki@example.go.id>`; needed with a mail server"
    )
    backup_dir: Path | None = Field(
        default=None, description="folder where `iki backup` writes, on another disk than the database"
    )
    backup_key: str = Field(
        default="", description="age key that encrypts backups; its public half (`age1…`) is enough; empty: not encrypted"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="`debug`, `info` (one line a request), `warning` (refusals) or `error`"
    )
    metrics_token: str = Field(
        default="", description="who sends it as `Authorization: Bearer …` may read `/metrics`; empty: there is no such page"
    )
    oidc_name: str = Field(
        default="", max_length=60, description="what people call the OpenID Connect provider: “Masuk dengan …”"
    )
    oidc_issuer: str = Field(
        default="", description="the provider's issuer, like `https://sso.example.go.id/realms/pemkab`; empty: there is none"
    )
    oidc_client_id: str = Field(default="", description="what the provider calls the portal")
    oidc_client_secret: str = Field(default="", description="what the portal proves itself with to the provider")
    oidc_scope: str = Field(default="openid profile", description="what is asked of the provider")
    oidc_nip_claim: str = Field(default="nip", description="the claim of the id_token that holds the NIP")
    ldap_name: str = Field(default="kantor", max_length=60, description="what people call the directory: “sandi …”")
    ldap_url: str = Field(
        default="", description="`ldaps://host` or `ldap+starttls://host`; `ldap://` only to this machine; empty: none"
    )
    ldap_user_dn: str = Field(default="", description="DN of a person, with `{nip}` or `{name}` (the sign-in name)")
    ldap_search_base: str = Field(default="", description="instead: where the entry of a person is looked for")
    ldap_search_filter: str = Field(default="(uid={name})", description="… and by what, with `{nip}` or `{name}`")
    ldap_reader_dn: str = Field(default="", description="who looks; empty: anonymously")
    ldap_reader_password: str = Field(default="", description="password of the reader")
    idle_minutes: int = Field(default=60, ge=1, description="a session ends after so long without a request")
    session_hours: int = Field(default=12, ge=1, description="a session ends after so long in any case")

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith(("postgresql://", "postgres://")):
            value = "postgresql+psycopg://" + value.split("://", 1)[1]
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("evidence_url")
    @classmethod
    def _known_store(cls, value: str, info: ValidationInfo) -> str:
        known = r"file:///|s3://[^/\s]" if info.data.get("env") is Environment.PRODUCTION else r"file:///|s3://[^/\s]|memory://"
        if value and not re.fullmatch(rf"(?:{known})\S*", value):
            raise ValueError("must begin with file:/// or s3://")
        return value

    @field_validator("portal_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/]+", value.rstrip("/")):
            raise ValueError("must be like https://iki.example.go.id, without a path")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, value: str) -> str:
        if value:
            SmtpServer.of(value)
        return value

    @model_validator(mode="after")
    def _a_sender(self) -> "Settings":
        if self.smtp_url and not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", parseaddr(self.mail_from)[1]):
            raise ValueError(
                "IKI_MAIL_FROM must be an address, like `Portal IKI <iki@example.go.id>`, because IKI_SMTP_URL is set"
            )
        if not self.mail_from.isprintable():
            raise ValueError("IKI_MAIL_FROM must be one line")
        return self

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        if value and (not is_sealed_address(value) or set(value) & set("?# ")):
            raise ValueError("must be an https address without ? and #, exactly as the provider writes it")
        return value

    @field_validator("ldap_url")
    @classmethod
    def _a_directory_server(cls, value: str) -> str:
        if value:
            LdapDirectory.address(value)
        return value

    @field_validator("ldap_user_dn", "ldap_search_filter")
    @classmethod
    def _about_a_person(cls, value: str) -> str:
        if value and not {"{nip}", "{name}"} >= set(re.findall(r"\{.*?\}", value)) > set():
            raise ValueError("must hold {nip} or {name}, and no other braces")
        return value

    @model_validator(mode="after")
    def _a_whole_provider(self) -> "Settings":
        needed = ("oidc_issuer", "oidc_name", "oidc_client_id", "oidc_client_secret")
        if not any(getattr(self, name) for name in needed):
            return self
        _demand_all(self, *needed, "oidc_nip_claim", "portal_url")
        if "openid" not in self.oidc_scope.split():
            raise ValueError("IKI_OIDC_SCOPE must hold openid")
        _demand_extra("oidc", "authlib", "requests")
        return self

    @model_validator(mode="after")
    def _a_whole_directory(self) -> "Settings":
        ways = [name for name in ("ldap_user_dn", "ldap_search_base") if getattr(self, name)]
        if not (ways or self.ldap_url or self.ldap_reader_dn or self.ldap_reader_password):
            return self
        _demand_all(self, "ldap_url", "ldap_name")
        if len(ways) != 1:
            raise ValueError("set either IKI_LDAP_USER_DN or IKI_LDAP_SEARCH_BASE")
        if self.ldap_reader_dn or self.ldap_reader_password:
            _demand_all(self, "ldap_reader_dn", "ldap_reader_password", "ldap_search_base", "ldap_search_filter")
        _demand_extra("ldap", "ldap3")
        return self

    @field_validator("metrics_token")
    @classmethod
    def _not_guessable(cls, value: str) -> str:
        if value and not is_real_key(value):
            raise ValueError(f"must be at least {MINIMUM_KEY_LENGTH} random characters")
        return value

    @field_validator("backup_key")
    @classmethod
    def _an_age_key(cls, value: str) -> str:
        if value and not re.fullmatch(r"age1[0-9a-z]{20,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}", value):
            raise ValueError("must be an age key (age1… or AGE-SECRET-KEY-1…), for example from `iki backup-key`")
        return value

    @model_validator(mode="after")
    def _real_keys(self) -> "Settings":
        if self.env is Environment.PRODUCTION:
            for name in ("secret_key", "csrf_key", "history_key"):
                value = getattr(self, name)
                if (value or name == "secret_key") and not is_real_key(value):
                    raise ValueError(
                        f"IKI_{name.upper()} must be at least {MINIMUM_KEY_LENGTH} random characters, for example from "
                        '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`'
                    )
        return self

    @property
    def is_production(self) -> bool:
        return self.env is Environment.PRODUCTION

    @property
    def secure_cookies(self) -> bool:
        return self.https and self.is_production

    @property
    def database(self) -> str:
        """The URL in use: the given one, else the embedded SQLite database."""
        return self.database_url or f"sqlite:///{self.instance_dir.resolve() / 'iki.db'}"

    @property
    def evidence_store(self) -> str:
        """The URL in use: the given one, else a folder beside the embedded database."""
        return self.evidence_url or (self.instance_dir.resolve() / "evidence").as_uri()

    @property
    def print_address(self) -> str:
        """Where prints say that they can be checked; in the demo, where it is served."""
        return self.portal_url or (f"http://127.0.0.1:{self.port}" if self.env is Environment.DEMO else "")

    @property
    def smtp_server(self) -> "SmtpServer | None":
        return SmtpServer.of(self.smtp_url) if self.smtp_url else None

    @property
    def oidc_provider(self) -> "OidcProvider | None":
        if not self.oidc_issuer:
            return None
        return OidcProvider(
            self.oidc_name,
            self.oidc_issuer,
            self.oidc_client_id,
            self.oidc_client_secret,
            self.oidc_scope,
            self.oidc_nip_claim,
            self.portal_url,
        )

    @property
    def ldap_directory(self) -> "LdapDirectory | None":
        if not self.ldap_url:
            return None
        return LdapDirectory(
            self.ldap_name,
            *LdapDirectory.address(self.ldap_url),
            self.ldap_user_dn,
            self.ldap_search_base,
            self.ldap_search_filter,
            self.ldap_reader_dn,
            self.ldap_reader_password,
        )

    @property
    def form_token_key(self) -> str:
        return self.csrf_key or derived_key(self.secret_key, "csrf")

    @property
    def history_keys(self) -> dict[str, bytes]:
        """Key id → key. The first one signs; the others only verify rows that they signed."""
        given = [self.history_key, *self.history_key_fallbacks] if self.history_key else list(self.history_key_fallbacks)
        derived = [derived_key(key, "history") for key in (self.secret_key, *self.secret_key_fallbacks)]
        return {key_id(key): key.encode() for key in (given + derived if self.history_key else derived + given)}

    @property
    def one_time_keys(self) -> dict[str, bytes]:
        """Key id → key that second steps are derived with. The first serves new ones, the others those set up earlier."""
        derived = [derived_key(key, "one-time") for key in (self.secret_key, *self.secret_key_fallbacks)]
        return {key_id(key): key.encode() for key in derived}


def _demand_all(settings: Settings, *names: str) -> None:
    """Raise `ValueError` naming what is missing: half a sign-in system lets nobody in, and says so only then."""
    missing = [f"IKI_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise ValueError(f"{', '.join(missing)} must be set as well")


def _demand_extra(name: str, *modules: str) -> None:
    """Raise `ValueError` when what the settings ask for is not installed."""
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise ValueError(f"the extra `{name}` is not installed: pip install -r requirements-{name}.txt")


def is_real_key(value: str) -> bool:
    """Long enough, not one letter over and over, and none of the placeholders of examples."""
    plain = value.lower()
    return len(value) >= MINIMUM_KEY_LENGTH and len(set(value)) >= 10 and not any(word in plain for word in PLACEHOLDERS)


def derived_key(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), f"iki-portal/{purpose}".encode(), hashlib.sha256).hexdigest()


def key_id(key: str) -> str:
    """A public name of a key: says which key signed a row, nothing about the key."""
    return hashlib.sha256(b"iki-portal/key-id" + key.encode()).hexdigest()[:8]


def read_settings(**given: object) -> Settings:
    """The settings of the environment, with `given` on top; raises `WrongSettings` in one readable sentence.

    Outside production a missing secret key is made once and kept in the instance folder (readable by its owner only).
    """
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks what it is given
        if not settings.secret_key and not settings.is_production:
            settings = settings.model_copy(update={"secret_key": kept_demo_key(settings.instance_dir)})
    except ValidationError as error:
        raise WrongSettings("; ".join(_sentence(detail) for detail in error.errors())) from error
    except SettingsError as error:  # a list that is no JSON; its cause would show the value, which may be a key
        raise WrongSettings(f'{_variable(error)}: must be a JSON list, for example ["first", "second"]') from None
    return settings


def _variable(error: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(error))
    return f"IKI_{named[1].upper()}" if named else str(error)


def _sentence(detail: object) -> str:
    assert isinstance(detail, dict)  # noqa: S101  # narrows pydantic's TypedDict
    where = ".".join(f"IKI_{str(part).upper()}" for part in detail["loc"][:1])
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def kept_demo_key(instance_dir: Path) -> str:
    path = instance_dir / "demo-secret-key"
    if not path.exists():
        instance_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
