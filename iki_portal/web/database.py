"""How the portal talks to its two databases: what is set on each connection, and when it refuses to serve."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from errno import ENOSPC
from pathlib import Path
from shutil import disk_usage
from time import time
from typing import Any, cast

from psycopg import Connection as PsycopgConnection
from sqlalchemy import Connection, Engine, event, inspect, text

from iki_portal.databases import revisions, roles
from iki_portal.databases.copying import is_unfinished
from iki_portal.models import guards
from iki_portal.web.figures import MeasuredPool
from iki_portal.web.transaction import is_writing, writing

#: Seconds until a connection attempt, and a wait for a pooled connection, give up: a page with a sentence beats a hang.
PATIENCE = 3
#: What PostgreSQL (on Linux) is told of each session. A host that vanished holds its locks for four seconds, not for hours: its
#: silence is noticed, and also by those of its sessions that wait for a lock themselves (docs/decisions/0037).
_OF_A_SESSION = {
    "tcp_keepalives_idle": 1,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 3000,
    "client_connection_check_interval": 500,
    # compiling a statement takes half a second longer than its execution
    "jit": "off",
}
#: Bytes of disk without which an embedded database counts as full: an approval keeps its print, some 50 KB, several times.
ROOM = 8 * 2**20


class Unsure(OSError):
    """The database has kept a write, but not everywhere where it must be kept."""


class NotReady(Exception):
    """The database is not what this version of the portal expects; the message says what to run."""


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"poolclass": MeasuredPool, "connect_args": {"isolation_level": None, "timeout": 5, "check_same_thread": False}}
    return {
        "poolclass": MeasuredPool,
        "pool_pre_ping": True,
        "pool_timeout": PATIENCE,
        "connect_args": {
            "connect_timeout": PATIENCE,
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
            "tcp_user_timeout": 4000,
            "options": " ".join(f"-c {name}={value}" for name, value in _OF_A_SESSION.items()),
        },
    }


def prepare(engine: Engine) -> None:
    """Durability, foreign keys, and a BEGIN of our own on SQLite (trust page, finding 2).

    The driver's deferred BEGIN fails at once when it writes after somebody else's write (no timeout helps), so a
    writing request begins IMMEDIATE; a reading one does not queue for the write lock.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        # recursive_triggers: without it, REPLACE deletes the row in its way unseen by the guards against DELETE
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing() else "BEGIN")


def demand_ready(engine: Engine) -> None:
    """Raise `NotReady` when rows are still to come, the database is at another revision, or a guard trigger is missing."""
    demand_finished(engine)
    demand_migrated(engine)
    with engine.connect() as connection:
        if is_unfinished(connection):
            raise NotReady("this database is an unfinished copy: run `iki database copy` again")


def unfinished_file(database: Path) -> Path:
    """Where a restore makes a SQLite database before it takes its place."""
    return database.with_name(f".{database.name}.restoring")


def demand_finished(engine: Engine) -> None:
    """Raise `NotReady` beside what a killed `iki restore` left."""
    if engine.dialect.name == "sqlite":
        is_left = unfinished_file(Path(engine.url.database or "")).exists()
    else:
        is_left = inspect(engine).has_table(guards.UNFINISHED)
    if is_left:
        raise NotReady("a restore into this database was not finished: run `iki restore` again")


def demand_migrated(engine: Engine) -> None:
    """Raise `NotReady` when the database is at another revision or a guard trigger is missing."""
    with engine.connect() as connection:
        demand_revision(connection)
        if lacking := guards.missing(connection):
            raise NotReady(f"guards are missing ({', '.join(sorted(lacking))}): run `iki database upgrade`")


def demand_revision(connection: Connection) -> None:
    """Raise `NotReady` when these tables are not the ones of this version."""
    revision, expected = revisions.of_database(connection), revisions.newest()
    if revision != expected:
        raise NotReady(f"database is at revision {revision}, this portal needs {expected}: run `iki database upgrade`")


def demand_serving_role(engine: Engine) -> None:
    """Raise `NotReady` when the portal would serve with more rights on PostgreSQL, or fewer, than it needs."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        role = connection.scalar(text("SELECT current_user"))
        if found := roles.unfit(connection, role) or roles.faults(connection, role):
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            raise NotReady(f"{'; '.join(found[:3])}{more}: see `iki database prepare`")


def prove_write(engine: Engine) -> None:
    """Commit something that changes no row, and have it on the disk: raises what the database raises when it takes no writes.

    A write that is rolled back proves nothing: SQLite keeps it in memory. So SQLite's spare number in the head of the file is
    set to the time, and PostgreSQL logs an empty message for nobody (docs/decisions/0028).
    A standby that must have it and does not answer counts as no write (docs/decisions/0038).
    """
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        if disk_usage(path.parent).free < ROOM:  # a log of changes that has been long before takes small writes on a full disk
            raise OSError(ENOSPC, "almost no room on the disk")
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=1)) as connection:
            connection.execute(f"PRAGMA user_version={int(time())}")
        return
    with writing(), engine.connect() as session, _within(1, session), session.begin():
        session.execute(text("SELECT pg_logical_emit_message(true, 'iki', '')"))


@contextmanager
def _within(seconds: float, session: Connection) -> Iterator[None]:
    """Interrupt what takes longer; raise `Unsure` when that was a commit that waited for a standby.

    No time limit of PostgreSQL's own ends such a wait.
    """
    driver = cast(PsycopgConnection[Any], session.connection.driver_connection)
    rang = threading.Event()

    def give_up() -> None:
        rang.set()
        driver.cancel_safe(timeout=PATIENCE)

    timer = threading.Timer(seconds, give_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if rang.is_set():
            session.invalidate()  # the word to give up may still be on its way, and is for nobody else
    if rang.is_set():
        raise Unsure("the standby does not answer")
