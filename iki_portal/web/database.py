"""How the portal talks to its two databases: what is set on each connection, and when it refuses to serve."""

import sqlite3
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text

from iki_portal.databases import roles
from iki_portal.databases.copying import is_unfinished
from iki_portal.models import guards
from iki_portal.web.transaction import is_writing

#: Seconds until a connection attempt, and a wait for a pooled connection, give up: a page with a sentence beats a hang.
PATIENCE = 3


class NotReady(Exception):
    """The database is not what this version of the portal expects; the message says what to run."""


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"isolation_level": None, "timeout": 5, "check_same_thread": False}}
    return {
        "pool_pre_ping": True,
        "pool_timeout": PATIENCE,
        "connect_args": {
            "connect_timeout": PATIENCE,
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
            "tcp_user_timeout": 4000,
            # compiling a statement takes half a second longer than its execution
            "options": "-c jit=off",
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


def demand_ready(engine: Engine, scripts: ScriptDirectory) -> None:
    """Raise `NotReady` when the database is at another revision, a guard trigger is missing, or rows are still to come."""
    demand_migrated(engine, scripts)
    with engine.connect() as connection:
        if is_unfinished(connection):
            raise NotReady("this database is an unfinished copy: run `iki database copy` again")


def demand_migrated(engine: Engine, scripts: ScriptDirectory) -> None:
    """Raise `NotReady` when the database is at another revision or a guard trigger is missing."""
    with engine.connect() as connection:
        demand_revision(connection, scripts)
        if lacking := guards.missing(connection):
            raise NotReady(f"guards are missing ({', '.join(sorted(lacking))}): run `iki database upgrade`")


def demand_revision(connection: Connection, scripts: ScriptDirectory) -> None:
    """Raise `NotReady` when these tables are not the ones of this version."""
    revision, expected = MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
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
