"""The PostgreSQL server of the tests: databases and roles that are made for a test and dropped after it."""

import os
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, NullPool, create_engine, make_url

from iki_portal.extensions import db

SERVER = os.environ.get("IKI_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")


def _admin(url: str = SERVER) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, connect_timeout=3)


def demand_server() -> None:
    """Skip the test where no server answers; in CI that is a failure."""
    try:
        _admin().close()
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL at IKI_TEST_POSTGRES_URL: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def new_name(kind: str) -> str:
    return f"iki_{kind}_{uuid.uuid4().hex[:12]}"


def url_of(database: str, role: str | None = None) -> str:
    """Where that database is, as the server's superuser or as `role` (with the same password)."""
    url = make_url(SERVER).set(database=database, drivername="postgresql+psycopg")
    return (url.set(username=role) if role else url).render_as_string(hide_password=False)


def execute(command: str, *names: str, database: str | None = None) -> None:
    """Run a command as the superuser; each {} in it stands for one of the names."""
    with _admin(url_of(database).replace("+psycopg", "") if database else SERVER) as connection:
        connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


@contextmanager
def database(kind: str, more: str = "", *names: str, is_dropped_beside: bool = False) -> Iterator[str]:
    """The name of a new database; `more` says of what template or owner.

    Dropping one waits for a checkpoint, up to half a second. `is_dropped_beside`: the next test need not wait for that; good
    where no role of the test's own holds anything in it.
    """
    name = new_name(kind)
    execute(f"CREATE DATABASE {{}} {more}", name, *names)
    try:
        yield name
    finally:
        drop = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        if is_dropped_beside:
            _drops.append(_beside.submit(execute, drop, name))
        else:
            execute(drop, name)


_beside = ThreadPoolExecutor(max_workers=1)
_drops: list[Future[None]] = []


def _wait_for_drops() -> None:
    while _drops:
        _drops.pop().result()


@contextmanager
def role(kind: str, more: str = "") -> Iterator[str]:
    """The name of a new role; what it holds must be gone when the block ends."""
    name = new_name(kind)
    execute(f"CREATE ROLE {{}} LOGIN {more}", name)
    if password := make_url(SERVER).password:
        execute(f"ALTER ROLE {{}} PASSWORD {sql.Literal(password).as_string(None)}", name)
    try:
        yield name
    finally:
        _wait_for_drops()
        execute("DROP ROLE IF EXISTS {}", name)


@contextmanager
def as_owner() -> Iterator[Connection]:
    """A transaction on the current app's database with the owner's rights (on SQLite everybody has them)."""
    url = db.engine.url
    engine = create_engine(url if url.get_backend_name() == "sqlite" else url_of(str(url.database)), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
