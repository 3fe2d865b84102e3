"""A whole database kept as it is now, to be put back as often as a test likes."""
# ruff: noqa: S608  # our own table names, no input

import sqlite3
from typing import Protocol

import psycopg
from sqlalchemy import URL

from iki_portal.extensions import Base
from tests import postgres


class Kept(Protocol):
    def differs(self, *, but: frozenset[str]) -> bool:
        """Whether any table but those holds other rows than were kept."""

    def put_back(self) -> None: ...

    def close(self) -> None: ...


def keep(url: URL) -> Kept:
    """Remember the database at `url` as it is."""
    database = str(url.database)
    return KeptFile(database) if url.get_backend_name() == "sqlite" else KeptServer(database)


class KeptFile:
    def __init__(self, path: str) -> None:
        self.live = sqlite3.connect(path)
        self.copy = sqlite3.connect(":memory:")
        self.live.backup(self.copy)
        self.seen = self.version()

    def version(self) -> object:
        """Another number after each commit of somebody else."""
        return self.live.execute("PRAGMA data_version").fetchone()

    def differs(self, *, but: frozenset[str]) -> bool:
        if self.seen == (version := self.version()):
            return False
        self.seen = version
        rows = (f'SELECT * FROM "{table}"' for table in Base.metadata.tables.keys() - but)
        return any(self.live.execute(each).fetchall() != self.copy.execute(each).fetchall() for each in rows)

    def put_back(self) -> None:
        self.copy.backup(self.live)

    def close(self) -> None:
        self.live.close()
        self.copy.close()


class KeptServer:
    """On PostgreSQL the rows lie in a schema beside; only tables that changed are filled again, by the superuser."""

    def __init__(self, database: str) -> None:
        self.live = psycopg.connect(postgres.url_of(database).replace("+psycopg", ""), autocommit=True)
        self.live.execute("SET synchronous_commit = off")
        # every row that is written carries the number of its transaction
        self.marks = " UNION ALL ".join(
            f"SELECT '{name}', count(*), sum(xmin::text::bigint) FROM public.{name}" for name in Base.metadata.tables
        )
        self.live.execute("CREATE SCHEMA kept")
        for name in Base.metadata.tables:
            self.live.execute(f"CREATE TABLE kept.{name} AS TABLE public.{name}")
        # numbers that were given out are given out again
        listed = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        self.sequences = self.live.execute(listed).fetchall()
        self.standing = self.mark()

    def mark(self) -> dict[str, object]:
        return {name: figures for name, *figures in self.live.execute(self.marks).fetchall()}

    def _changed(self) -> list[str]:
        return [name for name, figures in self.mark().items() if figures != self.standing[name]]

    def differs(self, *, but: frozenset[str]) -> bool:
        return not but.issuperset(self._changed())

    def put_back(self) -> None:
        changed = self._changed()
        with self.live.transaction():
            self.live.execute("SET LOCAL session_replication_role = replica")  # neither guards nor references
            for name in changed:
                self.live.execute(f"DELETE FROM {name}")
                self.live.execute(f"INSERT INTO {name} SELECT * FROM kept.{name}")
            for name, value in self.sequences:
                self.live.execute("SELECT setval(%s, %s, %s)", (name, value or 1, value is not None))
        self.standing = self.mark()

    def close(self) -> None:
        self.live.execute("DROP SCHEMA kept CASCADE")
        self.live.close()
