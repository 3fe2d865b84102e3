"""A database as one stream, with the facts of that very moment, while people go on writing.

SQLite by `VACUUM INTO` (a copied file misses what was just committed); PostgreSQL by `pg_dump` in the snapshot that the
facts were read in.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from sqlalchemy import URL, create_engine, make_url, text

from iki_portal.upkeep.archive import workplace
from iki_portal.upkeep.facts import Facts, facts_of
from iki_portal.upkeep.sealing import Unusable
from iki_portal.web.database import engine_options

#: What the member of the archive is called.
NAMES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}

#: How the sessions of PostgreSQL's programs are told from others.
SESSION_NAME = "iki backup"


@dataclass(frozen=True, slots=True)
class Taken:
    dialect: str
    facts: Facts
    stream: BinaryIO


@contextmanager
def taken(url: str) -> Iterator[Taken]:
    """The database at `url` as it is now. Raises `Unusable`, also at the end, when the stream was not whole."""
    address = make_url(url)
    with _from_sqlite(address) if address.get_backend_name() == "sqlite" else _from_postgres(address) as found:
        yield found


@contextmanager
def _from_sqlite(url: URL) -> Iterator[Taken]:
    path = Path(url.database or "")
    if not path.exists():
        raise Unusable(f"there is no database at {path}")
    with workplace(path.parent) as work:
        copy = work / NAMES["sqlite"]
        try:
            with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as database:
                database.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise Unusable(f"the database cannot be copied: {error}") from error
        engine = create_engine(f"sqlite:///{copy}")
        with engine.connect() as connection:
            facts = facts_of(connection)
        engine.dispose()
        with copy.open("rb") as stream:
            yield Taken("sqlite", facts, stream)


@contextmanager
def _from_postgres(url: URL) -> Iterator[Taken]:
    engine = create_engine(url, **engine_options(str(url)), isolation_level="REPEATABLE READ")
    try:
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            facts = facts_of(connection)
            options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
            with program("pg_dump", url, *options, stdout=subprocess.PIPE) as process:
                yield Taken("postgresql", facts, cast(BinaryIO, process.stdout))
    finally:
        engine.dispose()


@contextmanager
def program(
    name: str, url: URL, *options: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of PostgreSQL's own, on this database: it must end well, and does not outlive the block."""
    found = shutil.which(name)
    if found is None:
        raise Unusable(f"{name} is not installed here: install PostgreSQL's client programs (Debian: postgresql-client)")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # PostgreSQL's own program, our own options
            [found, *options, f"--dbname={_without_password(url)}"],
            stdin=stdin,
            stdout=stdout,
            stderr=said,
            env={**os.environ, "PGAPPNAME": SESSION_NAME, **({"PGPASSWORD": str(url.password)} if url.password else {})},
        )
        try:
            yield process
            _close((process.stdin, process.stdout))
            ended_well = process.wait() == 0
        except BrokenPipeError:  # it ended first: what it said is the reason
            ended_well = False
        except BaseException:
            process.kill()
            raise
        finally:
            _close((process.stdin, process.stdout))
            process.wait()
        if not ended_well:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise Unusable(f"{name} failed: {words[0] if words else process.returncode}")


def _close(streams: Sequence[IO[bytes] | None]) -> None:
    for stream in streams:
        if stream is not None:
            stream.close()


def _without_password(url: URL) -> str:
    """Never on a command line, which everybody on the machine can read."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
