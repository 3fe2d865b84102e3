"""An office moves from SQLite to PostgreSQL: every row of every table, compared on both sides, or a target that does not serve.

The source is only read, in one transaction, and so as it was at one moment. Each table is one transaction on the target: what
is copied is also written down there (`unfinished_copy`), so that an interrupted copy goes on where it was. While that table
of notes exists, the portal does not serve the database (web/database.py).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, func, inspect, select, text

from iki_portal.databases.fingerprints import Content, Counted, content_of, rows_of
from iki_portal.extensions import Base

NOTES = "unfinished_copy"
#: What stands in a database before anybody uses it: heads of chains, and that a portal was started.
FROM_THE_FIRST_DAY = {"history_head", "trail_head", "audit_check"}
Say = Callable[[str], None]


class NotCopied(Exception):
    """Why the copy stopped, and what to do, in a sentence. The target does not serve."""


def tables() -> list[Table]:
    """Every table of the portal, referred ones first."""
    return list(Base.metadata.sorted_tables)


def is_unfinished(connection: Connection) -> bool:
    """Whether this database is a copy that has not been completed."""
    return inspect(connection).has_table(NOTES)


@contextmanager
def opened_source(path: Path) -> Iterator[Connection]:
    """The SQLite database as it is now; raises `NotCopied` at the end when somebody wrote to it meanwhile."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=5)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with engine.connect() as connection:
        before = _writes(connection)
        connection.exec_driver_sql("BEGIN")
        yield connection
        connection.exec_driver_sql("ROLLBACK")
        if _writes(connection) != before:
            raise NotCopied(f"somebody wrote to {path} meanwhile: stop the portal that serves it, and copy again")


def _writes(connection: Connection) -> int:
    """Another number after each commit of somebody else."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def copy_all(source: Connection, target: Engine, *, say: Say) -> int:
    """Copy what the target does not have yet, compare both sides, and return the number of rows; raises `NotCopied`."""
    with target.connect() as connection, _alone(connection):
        with connection.begin():
            _demand_room(connection)
            noted = _notes(connection)
        if any(content_of(source, table) != noted[table.name] for table in tables() if table.name in noted):
            say("The source has changed since the copy was interrupted: it begins anew.")
            with connection.begin():
                _empty(connection)
            noted = {}
        for table in tables():
            if table.name not in noted:
                with connection.begin():
                    noted[table.name] = _copy(source, connection, table)
                say(f"{table.name}: {noted[table.name].rows}")
        with connection.begin():
            _compare(connection, noted)
    return sum(content.rows for content in noted.values())


def finish(connection: Connection) -> None:
    """Let ids go on after the copied ones, tell the planner what there is, and let the database be served."""
    for table in tables():
        for column in table.primary_key.columns:
            place = {"table": table.name, "column": column.name}
            sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), place)
            if sequence is not None:
                newest = connection.scalar(select(func.max(column))) or 0
                connection.execute(text("SELECT setval(:sequence, :next, false)"), {"sequence": sequence, "next": newest + 1})
    connection.execute(text(f"DROP TABLE {NOTES}"))
    connection.execute(text("ANALYZE"))


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """One copy at a time: the lock ends with the connection, also when this process is killed."""
    with connection.begin():
        if not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": NOTES}):
            raise NotCopied("another copy into this database is under way")
    yield


def _demand_room(connection: Connection) -> None:
    """The target is empty, or the beginning of a copy."""
    if is_unfinished(connection):
        return
    begun = [table.name for table in tables() if table.name not in FROM_THE_FIRST_DAY and _has_rows(connection, table)]
    if begun:
        raise NotCopied(
            f"the target holds rows already ({', '.join(begun[:3])}): make a new database, `iki database upgrade` it"
        )
    columns = "table_name text PRIMARY KEY, row_count bigint NOT NULL, content_sum text NOT NULL"
    connection.execute(text(f"CREATE TABLE {NOTES} ({columns})"))


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.scalar(select(table.c[0]).limit(1)) is not None


def _notes(connection: Connection) -> dict[str, Content]:
    rows = connection.execute(text(f"SELECT table_name, row_count, content_sum FROM {NOTES}"))  # noqa: S608  # our own word
    return {name: Content(count, content_sum) for name, count, content_sum in rows}


def _copy(source: Connection, target: Connection, table: Table) -> Content:
    """One COPY, so that rows may refer to later rows of the same table; the guards stand again when the transaction ends."""
    name, counted = _quoted(target, table.name), Counted()
    target.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    target.execute(table.delete())  # only what stands there from the first day
    processors = [column.type.dialect_impl(target.dialect).bind_processor(target.dialect) for column in table.columns]
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    )
    driver = target.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  # narrows: no other driver serves PostgreSQL here
    try:
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows_of(source, table):
                counted.add(row)
                copy.write_row([value if to is None else to(value) for to, value in zip(processors, row, strict=True)])
    except psycopg.DataError as error:
        raise NotCopied(f"PostgreSQL cannot hold a row of {table.name}: {' '.join(str(error).split())}") from error
    target.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
    content = counted.content
    note = {"name": table.name, "rows": content.rows, "sum": content.sum}
    target.execute(text(f"INSERT INTO {NOTES} VALUES (:name, :rows, :sum)"), note)  # noqa: S608
    return content


def _empty(target: Connection) -> None:
    names = [_quoted(target, table.name) for table in tables()]
    for name in names:
        target.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    target.execute(text(f"TRUNCATE {', '.join(names)}, {NOTES}"))
    for name in names:
        target.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def _compare(target: Connection, noted: dict[str, Content]) -> None:
    differing = [table.name for table in tables() if content_of(target, table) != noted[table.name]]
    if differing:
        raise NotCopied(f"not the same on both sides: {', '.join(differing)}")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
