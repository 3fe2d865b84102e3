"""A backup into an empty database, which stays empty, or visibly unfinished, unless everything went well.

SQLite: the file is made beside its place and takes it at the very end. PostgreSQL: a table `unfinished_restore` stands in
the database until then; the portal refuses to serve beside it, and the next restore clears everything away.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, create_engine, inspect, make_url, text

from iki_portal.models import guards
from iki_portal.models.guards import UNFINISHED
from iki_portal.paths import sync_folder
from iki_portal.upkeep.archive import Archive, Member
from iki_portal.upkeep.sealing import Sink, Unusable
from iki_portal.upkeep.taking import NAMES, SESSION_NAME, program
from iki_portal.web.database import PATIENCE, engine_options, unfinished_file

_END_PROGRAMS = text(
    "SELECT pg_terminate_backend(pid, :patience) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name"
)


@contextmanager
def loaded(archive: Archive, url: str, key: str) -> Iterator[str]:
    """The URL where the loaded database can be looked at. It becomes the one at `url` when the block ends well."""
    address = make_url(url)
    dialect = address.get_backend_name()
    if dialect != archive.manifest.dialect:
        raise Unusable(f"this backup is of a {archive.manifest.dialect} database; IKI_DATABASE_URL names {dialect}")
    member = next((each for each in archive.manifest.members if each.name.startswith(NAMES[dialect])), None)
    if member is None:
        raise Unusable("this backup holds no database")
    with (_into_sqlite if dialect == "sqlite" else _into_postgres)(archive, member, address, key) as where:
        yield where


@contextmanager
def _into_sqlite(archive: Archive, member: Member, url: URL, key: str) -> Iterator[str]:
    place = Path(url.database or "")
    _demand_no_tables(url, is_there=place.exists())
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = unfinished_file(place)
    _remove(beside)
    try:
        with beside.open("xb") as file:
            beside.chmod(0o600)
            archive.check(key)
            archive.pour(member, file, key)
        yield f"sqlite:///{beside}"
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        _remove(place)
        beside.replace(place)
        sync_folder(place.parent)
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _demand_no_tables(url: URL, *, is_there: bool) -> None:
    if not is_there:
        return
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    engine.dispose()
    if tables:
        raise _not_empty(tables)


def _not_empty(tables: list[str]) -> Unusable:
    return Unusable(f"the target is not empty ({len(tables)} tables): restore into a new, empty database")


@contextmanager
def _into_postgres(archive: Archive, member: Member, url: URL, key: str) -> Iterator[str]:
    engine = create_engine(url, **engine_options(str(url)))
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
        if tables and UNFINISHED not in tables:
            raise _not_empty(tables)
        archive.check(key)
        with engine.begin() as connection:
            _clear(connection)
            connection.execute(text(f"CREATE TABLE {UNFINISHED} (begun_at timestamptz DEFAULT now())"))
        try:
            _pour_into_postgres(archive, member, url, key)
            yield url.render_as_string(hide_password=False)
        except BaseException:
            with engine.begin() as connection:
                _clear(connection)
            raise
        with engine.begin() as connection:
            connection.execute(text(f"DROP TABLE {UNFINISHED}"))
    finally:
        engine.dispose()


def _pour_into_postgres(archive: Archive, member: Member, url: URL, key: str) -> None:
    """Streamed, so that nothing unencrypted touches the disk, and a killed restore takes `pg_restore` with it."""
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    with program("pg_restore", url, *options, stdin=subprocess.PIPE) as process:
        archive.pour(member, cast(Sink, process.stdin), key)


def _clear(connection: Connection) -> None:
    """Drop what an unfinished restore left; the caller knows that it is one.

    Its `pg_restore` may outlive it and would yet commit: it is ended first.
    """
    connection.execute(_END_PROGRAMS, {"name": SESSION_NAME, "patience": PATIENCE * 1000})
    guards.remove(connection)
    for name in inspect(connection).get_table_names():
        connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
