"""The office's directory (the extra `ldap`: ldap3): whether a password is somebody's. Asks no database, knows no request.

A person is looked for first, by a reader or by a DN that is composed, and then bound as. Nobody is bound as without a
password, referrals are not followed, and nothing secret travels in the clear (config.py).
"""

import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Any

from iki_portal.config import LdapDirectory

#: Seconds until a server that says nothing counts as away: whole ones, as the library wants.
PATIENCE = 3
#: LDAP results that say nothing about the password: busy, unavailable, other.
_NOT_NOW = frozenset({51, 52, 80})
_SUCCESS, _MORE_THAN_ASKED = 0, 4


class Word(Enum):
    """What the directory says of a password."""

    RIGHT = auto()
    WRONG = auto()
    #: It does not know the person.
    UNKNOWN = auto()


class DirectoryAway(Exception):
    """The directory does not answer, or cannot be asked as the settings say; the message is for the log."""


class Directory:
    def __init__(self, settings: LdapDirectory) -> None:
        self.name = settings.name
        self._settings = settings

    def ask(self, name: str, nip: str, password: str) -> Word:
        """Whether it is the password of whom `name` and `nip` stand for; takes as long for a stranger.

        Raises `DirectoryAway`.
        """
        from ldap3.core.exceptions import LDAPException  # noqa: PLC0415  # an extra

        if not password or "\0" in password:  # an empty one binds as nobody, which a server may call a success
            return Word.WRONG
        try:
            found = self._find(name, nip)
            if found is None:
                self._binds(f"cn={secrets.token_hex(8)},{self._settings.search_base}", secrets.token_hex(16))
                return Word.UNKNOWN
            return Word.RIGHT if self._binds(found, password) else Word.WRONG
        except (LDAPException, OSError, ValueError) as error:
            raise DirectoryAway(f"{self._settings.host}: {error!r}") from error

    def look(self) -> None:
        """Whether it could be asked now; raises `DirectoryAway`."""
        self.ask(*stranger(), secrets.token_hex(16))

    def _find(self, name: str, nip: str) -> str | None:
        """The DN of a person; None when there is none."""
        from ldap3.utils.conv import escape_filter_chars  # noqa: PLC0415
        from ldap3.utils.dn import escape_rdn  # noqa: PLC0415

        settings = self._settings
        template = settings.user_dn or settings.search_filter
        if not name or (not nip and "{nip}" in template):
            return None
        escape = escape_rdn if settings.user_dn else escape_filter_chars
        asked = template.replace("{nip}", escape(nip) if nip else "").replace("{name}", escape(name))
        return asked if settings.user_dn else self._search(asked)

    def _search(self, asked: str) -> str | None:
        from ldap3 import NO_ATTRIBUTES, SUBTREE  # noqa: PLC0415

        settings = self._settings
        with self._connection(settings.reader_dn, settings.reader_password) as connection:
            if not connection.bind():
                raise DirectoryAway(f"{settings.host}: the reader is refused: {connection.result['description']}")
            connection.search(settings.search_base, asked, SUBTREE, attributes=NO_ATTRIBUTES, size_limit=2, time_limit=PATIENCE)
            if connection.result["result"] not in (_SUCCESS, _MORE_THAN_ASKED):
                raise DirectoryAway(f"{settings.host}: no search: {connection.result['description']}")
            found = [each["dn"] for each in connection.response or () if each["type"] == "searchResEntry"]
        if len(found) > 1:
            raise DirectoryAway(f"{settings.host}: several entries for one person")
        return found[0] if found else None

    def _binds(self, dn: str, password: str) -> bool:
        with self._connection(dn, password) as connection:
            is_right = bool(connection.bind())
            if connection.result["result"] in _NOT_NOW:
                raise DirectoryAway(f"{self._settings.host}: {connection.result['description']}")
            return is_right

    @contextmanager
    def _connection(self, user: str, password: str) -> Iterator[Any]:
        """An open connection, under TLS before anything is said; to bind as nobody when `user` is empty."""
        from ldap3 import NONE, Connection, Server  # noqa: PLC0415
        from ldap3.core.exceptions import LDAPException  # noqa: PLC0415

        settings = self._settings
        is_tls, seal = settings.scheme == "ldaps", _seal(settings.host)
        server = Server(settings.host, settings.port, use_ssl=is_tls, tls=seal, get_info=NONE, connect_timeout=PATIENCE)
        connection = Connection(
            server,
            user or None,
            password.encode() or None,  # bytes go as they are: nothing is mapped away
            receive_timeout=PATIENCE,
            auto_referrals=False,
            read_only=True,
        )
        try:
            connection.open()
            if settings.scheme == "ldap+starttls":
                connection.start_tls()
            yield connection
        finally:
            with suppress(LDAPException):
                connection.unbind()
            if connection.socket is not None:  # left open where the certificate was refused
                connection.socket.close()


def _seal(host: str) -> Any:
    """TLS as Python does it: the certificate must be `host`'s, by an authority of this machine (or of SSL_CERT_FILE).

    The library's own compares names with a function that Python has given up.
    """
    from ldap3 import Tls  # noqa: PLC0415

    class Seal(Tls):  # type: ignore[misc]  # the library is untyped
        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002  # always done here
            connection.socket = ssl.create_default_context().wrap_socket(connection.socket, server_hostname=host)

    return Seal(validate=ssl.CERT_REQUIRED)


def stranger() -> tuple[str, str]:
    """A name and a NIP that nobody has, to ask with when there is nobody to ask about."""
    return f"tidak-ada-{secrets.token_hex(8)}", secrets.token_hex(9)
