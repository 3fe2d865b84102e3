"""Is this portal set up as an office's portal must be? What settings and files say; deployed_database.py asks the database.

One function a question; each finding says what is so and, when it is not as it should be, what to do.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from iki_portal.auth.directory import Directory, DirectoryAway
from iki_portal.auth.oidc import Provider, ProviderAway
from iki_portal.config import Settings, is_real_key
from iki_portal.realisation.store import Store, StoreError
from iki_portal.upkeep.archive import archives
from iki_portal.web.database import ROOM

_DAY = 24 * 3600
#: Bytes of free disk that last until somebody reads a warning.
COMFORTABLE = 2**30
_LARGEST_KEY_FILE = 64 * 1024


class Verdict(StrEnum):
    GOOD = "OK"
    WARNING = "PERINGATAN"
    WRONG = "SALAH"


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True)
class Deployment:
    settings: Settings
    #: Processes that serve.
    workers: int

    @property
    def is_sqlite(self) -> bool:
        return make_url(self.settings.database).get_backend_name() == "sqlite"

    @property
    def data(self) -> Path:
        """The folder of the database file; with PostgreSQL, of what else the portal keeps."""
        return Path(make_url(self.settings.database).database or "").parent if self.is_sqlite else self.settings.instance_dir


Check = Callable[[Deployment], Iterator[Finding]]


def good(subject: str, words: str) -> Finding:
    return Finding(subject, Verdict.GOOD, words)


def warning(subject: str, words: str) -> Finding:
    return Finding(subject, Verdict.WARNING, words)


def wrong(subject: str, words: str) -> Finding:
    return Finding(subject, Verdict.WRONG, words)


def environment(here: Deployment) -> Iterator[Finding]:
    if not here.settings.is_production:
        yield wrong("environment", f"IKI_ENV is {here.settings.env}: set IKI_ENV=production")
    elif os.environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        yield wrong("environment", "FLASK_DEBUG is set: unset it")
    else:
        yield good("environment", "production, no debugging")


def keys(here: Deployment) -> Iterator[Finding]:
    settings = here.settings
    given = {"IKI_SECRET_KEY": settings.secret_key, "IKI_CSRF_KEY": settings.csrf_key, "IKI_HISTORY_KEY": settings.history_key}
    used = {name: key for name, key in given.items() if key}
    if weak := [name for name, key in used.items() if not is_real_key(key)]:
        yield wrong("keys", f"{', '.join(weak)}: 32 or more random characters are needed")
    elif len(set(used.values())) < len(used):
        yield wrong("keys", f"two of {', '.join(used)} are equal: give each a value of its own")
    elif missing := given.keys() - used.keys():
        yield warning(
            "keys", f"{', '.join(sorted(missing))} not set, derived from IKI_SECRET_KEY: replacing that one replaces them"
        )
    else:
        yield good("keys", "real and different")


def keys_apart(here: Deployment) -> Iterator[Finding]:
    """Who can read the database must not find the key of its history beside it."""
    settings = here.settings
    secrets = [key.encode() for key in (settings.secret_key, settings.csrf_key, settings.history_key) if key]
    small = (path for path in _files_in(here.data) if path.stat().st_size <= _LARGEST_KEY_FILE)
    beside = [path for path in small if any(key in path.read_bytes() for key in secrets)]
    if beside:
        yield wrong("keys apart", f"{beside[0]} holds a key and lies beside the database: move it elsewhere")
    else:
        yield good("keys apart", "no key lies beside the database")


def _files_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.is_file() and os.access(path, os.R_OK))


def addresses(here: Deployment) -> Iterator[Finding]:
    settings = here.settings
    hosts = settings.trusted_hosts
    if hosts:
        yield good("trusted hosts", ", ".join(hosts))
    else:
        yield wrong("trusted hosts", "any host name is answered: name the portal's own in IKI_TRUSTED_HOSTS")
    address = urlsplit(settings.portal_url)
    if not settings.portal_url:
        yield warning("portal address", "prints name no address for checking: set IKI_PORTAL_URL")
    elif address.scheme != "https":
        yield wrong("portal address", f"{settings.portal_url} is not https: QR codes on prints would lead there")
    elif hosts and not any(address.hostname == host.lstrip(".") or f".{address.hostname}".endswith(host) for host in hosts):
        yield wrong(
            "portal address", f"{address.hostname} is not one of IKI_TRUSTED_HOSTS: QR codes on prints would lead nowhere"
        )
    else:
        yield good("portal address", settings.portal_url)


def proxy(here: Deployment) -> Iterator[Finding]:
    settings = here.settings
    if settings.https:
        yield good("https", "cookies are sent over https only")
    else:
        yield wrong("https", "cookies travel in the clear: set IKI_HTTPS=true and serve over https")
    if settings.proxy_hops:
        yield good("proxy", f"{settings.proxy_hops} in front, whose X-Forwarded-* count")
    else:
        yield warning("proxy", "none is counted: behind nginx set IKI_PROXY_HOPS=1, or everybody shares one limit of attempts")


def attempts(here: Deployment) -> Iterator[Finding]:
    if not here.settings.limiter_url.startswith("memory:"):
        yield good("attempts", "counted for all workers together")
    elif here.workers > 1 or not here.is_sqlite:
        yield warning(
            "attempts",
            "each worker counts by itself (accounts lock all the same): set IKI_LIMITER_URL=redis://… to count together",
        )
    else:
        yield good("attempts", "counted by the only worker")


def folders(here: Deployment) -> Iterator[Finding]:
    if os.name == "nt":  # rights are kept elsewhere there
        return
    if not here.data.is_dir():
        yield wrong("data folder", f"there is no {here.data}: make it, for the portal's user alone (mode 0700)")
        return
    yield _closed("data folder", here.data, "chmod 0700")
    if here.is_sqlite and (file := Path(make_url(here.settings.database).database or "")).exists():
        yield _closed("database file", file, "chmod 0600")
    if here.settings.signing_key and here.settings.signing_key.exists():
        yield _closed("certificate", here.settings.signing_key, "chmod 0600")
    if os.geteuid() == 0:
        yield warning("user", "this is root: let the portal have a user of its own, and check as that user")
    else:
        yield good("user", "not root")


def _closed(subject: str, path: Path, remedy: str) -> Finding:
    mode = path.stat().st_mode & 0o777
    if mode & 0o007:
        return wrong(subject, f"{path} is open to everybody on this machine (mode {mode:04o}): {remedy} {path}")
    if mode & 0o070:
        return warning(subject, f"{path} is open to its group (mode {mode:04o}): {remedy} {path}")
    return good(subject, f"{path} is closed to others")


def room(here: Deployment) -> Iterator[Finding]:
    if not here.data.is_dir():
        return
    free = shutil.disk_usage(here.data).free
    words = f"{free / 1e9:.1f} GB free where {here.data} lies"
    if free < ROOM:
        yield wrong("disk", f"{words}: the portal counts itself unhealthy; make room")
    elif free < COMFORTABLE:
        yield warning("disk", f"{words}: make room")
    else:
        yield good("disk", words)


def backups(here: Deployment) -> Iterator[Finding]:
    settings = here.settings
    folder = settings.backup_dir
    if folder is None:
        yield warning("backups", "IKI_BACKUP_DIR is not set: nobody knows whether there are any")
        return
    kept = archives(folder) if folder.is_dir() else []
    if not kept:
        yield wrong("backups", f"there is none in {folder}: run `iki backup`, and let a timer do it")
        return
    age = time.time() - kept[-1].stat().st_mtime
    words = f"{kept[-1].name} is {age / 3600:.0f} hours old"
    yield good("backups", words) if age < _DAY else wrong("backups", f"{words}: see why the timer does not run")
    if not settings.backup_key:
        yield warning("backups apart", "they are not encrypted: see `iki backup-key`")
    elif folder.stat().st_dev == here.data.stat().st_dev:
        yield warning("backups apart", f"{folder} is on the disk of the portal's data: copy them elsewhere, too")
    else:
        yield good("backups apart", "encrypted, on another disk")


def programs(here: Deployment) -> Iterator[Finding]:
    if not here.is_sqlite:
        found = shutil.which("pg_dump")
        yield (
            good("pg_dump", found)
            if found
            else wrong("pg_dump", "not found, so no backup can be made: install postgresql-client")
        )


def owner_apart(here: Deployment) -> Iterator[Finding]:
    if here.settings.database_owner_url:
        yield wrong("owner", "IKI_DATABASE_OWNER_URL is in the portal's environment: give it to `iki database` alone")


def mail(here: Deployment) -> Iterator[Finding]:
    if here.settings.smtp_server is None:
        yield warning("mail", "none is sent, people must look into the portal: set IKI_SMTP_URL and IKI_MAIL_FROM")
    elif not here.settings.portal_url:
        yield wrong("mail", "it leads nowhere: set IKI_PORTAL_URL")
    else:
        yield good("mail", f"through {here.settings.smtp_server.host}")


def provider(here: Deployment) -> Iterator[Finding]:
    """Asked for real: a wrong issuer or an unknown certificate would show to the first person who wants to sign in."""
    settings = here.settings.oidc_provider
    if settings is None:
        return
    try:
        Provider(settings, redirect_uri="", signed_out_uri="").look()
    except ProviderAway as error:
        yield wrong("provider", f"nobody can sign in by {settings.name}: {error}")
        return
    words = f"{settings.name} answers as {settings.issuer}"
    yield good("provider", words) if settings.issuer.startswith("https:") else warning("provider", f"{words}, for trials only")


def directory(here: Deployment) -> Iterator[Finding]:
    settings = here.settings.ldap_directory
    if settings is None:
        return
    try:
        Directory(settings).look()
    except DirectoryAway as error:
        yield wrong("directory", f"no employee can sign in: {error}")
    else:
        yield good("directory", f"{settings.host} answers over {settings.scheme}")


def evidence(here: Deployment) -> Iterator[Finding]:
    place = here.settings.evidence_url or "the instance folder"
    try:
        Store(here.settings.evidence_store).demand_writable()
    except StoreError as error:
        yield wrong("evidence", f"no file can be written to {place}: {error}")
    else:
        yield good("evidence", f"files can be written to {place}")


CHECKS: tuple[Check, ...] = (
    environment,
    keys,
    keys_apart,
    addresses,
    proxy,
    attempts,
    folders,
    room,
    backups,
    programs,
    owner_apart,
    mail,
    provider,
    directory,
    evidence,
)
