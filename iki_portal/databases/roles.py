"""The serving role on PostgreSQL: made, compared with models/grants.py, and given exactly that.

What a role may do is asked of PostgreSQL itself (`has_table_privilege` …), so that a right that comes from PUBLIC or from a
membership is seen as well.
"""

from collections.abc import Iterable

from psycopg import sql
from sqlalchemy import Connection, text

from iki_portal.models.grants import EVERY_COLUMN, GRANTS

#: A right as it is granted, and on what: ("UPDATE (state)", "sheet"), ("CREATE", "schema public").
Right = tuple[str, str]

_HELD = text("""
WITH here AS (SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace),
     base AS (SELECT oid, relname FROM here WHERE relkind IN ('r', 'p', 'v', 'm', 'f'))
SELECT privilege, relname FROM base
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
  WHERE has_table_privilege(:role, oid, privilege)
UNION ALL
SELECT privilege || ' (' || attname || ')', relname FROM base
  JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege
  WHERE has_column_privilege(:role, oid, attnum, privilege) AND NOT has_table_privilege(:role, oid, privilege)
UNION ALL
SELECT privilege, 'sequence ' || relname FROM here CROSS JOIN unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS privilege
  WHERE relkind = 'S' AND has_sequence_privilege(:role, oid, privilege)
UNION ALL
SELECT privilege, 'schema ' || current_schema() FROM unnest(ARRAY['USAGE', 'CREATE']) AS privilege
  WHERE has_schema_privilege(:role, current_schema(), privilege)
UNION ALL
SELECT privilege, 'database ' || current_database() FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) AS privilege
  WHERE has_database_privilege(:role, current_database(), privilege)
""")
_PLACES = text("""
SELECT relname, relkind = 'S' AS is_sequence FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
""")
#: What no grant gives and no revoke takes away.
_NATURE = text("""
SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, NOT rolcanlogin AS shut
  FROM pg_roles WHERE rolname = :role
""")
_OWNERS = text("""
SELECT DISTINCT pg_get_userbyid(owner) FROM (
  SELECT relowner AS owner FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
  UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()
  UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()
) AS owners WHERE pg_has_role(:role, owner, 'MEMBER')
""")
_NATURES = {
    "rolsuper": "is a superuser",
    "rolcreatedb": "may create databases",
    "rolcreaterole": "may create roles",
    "rolreplication": "may replicate",
    "rolbypassrls": "bypasses row security",
    "shut": "may not sign in",
}


def exists(connection: Connection, role: str) -> bool:
    return connection.execute(_NATURE, {"role": role}).one_or_none() is not None


def has_tables(connection: Connection) -> bool:
    return any(not is_sequence for _, is_sequence in connection.execute(_PLACES))


def create(connection: Connection, role: str, password: str | None) -> None:
    """Make the role. The password leaves this machine only as a verifier, so no server log shows it."""
    statement = sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role))
    if password:
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101  # a connection in use has one
        verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier))
    _run(connection, [statement])


def unfit(connection: Connection, role: str) -> list[str]:
    """Why this role must not serve, whatever it is granted; a sentence each."""
    nature = connection.execute(_NATURE, {"role": role}).one()
    if nature.rolsuper:
        return [f"{role} is a superuser"]
    found = [f"{role} {words}" for name, words in _NATURES.items() if getattr(nature, name)]
    owners = connection.scalars(_OWNERS, {"role": role})
    return found + [f"{role} is the owner of the tables, or can become it ({owner})" for owner in owners]


def held(connection: Connection, role: str) -> set[Right]:
    """Everything that the role may do here."""
    return {(row[0], row[1]) for row in connection.execute(_HELD, {"role": role})}


def wanted(connection: Connection) -> set[Right]:
    """Everything that a serving role should be able to do with the tables that are there."""
    schema, database = connection.execute(text("SELECT current_schema(), current_database()")).one()
    rights: set[Right] = {("CONNECT", f"database {database}"), ("USAGE", f"schema {schema}")}
    for name, is_sequence in connection.execute(_PLACES):
        if is_sequence:
            rights |= {("USAGE", f"sequence {name}"), ("SELECT", f"sequence {name}")}  # to read: `iki backup` dumps them
        else:
            rights.update((right, name) for right in _rights_to(name))
    return rights


def _rights_to(table: str) -> Iterable[str]:
    if (grant := GRANTS.get(table)) is None:
        return
    yield "SELECT"
    if grant.insert:
        yield "INSERT"
    if grant.delete:
        yield "DELETE"
    yield from ("UPDATE" if column in EVERY_COLUMN else f"UPDATE ({column})" for column in grant.update)


def faults(connection: Connection, role: str) -> list[str]:
    """How the role's rights differ from models/grants.py, a sentence each."""
    has, needs = held(connection, role), wanted(connection)
    lacks = [f"{role} lacks {right} on {place}" for right, place in sorted(needs - has)]
    return lacks + [f"{role} has {right} on {place}" for right, place in sorted(has - needs)]


def give(connection: Connection, role: str) -> None:
    """Take every right away from the role, and from PUBLIC what is too much; give what models/grants.py says.

    Needs the owner's connection. All in the caller's transaction: a portal that is serving meanwhile notices nothing.
    """
    schema, database = connection.execute(text("SELECT current_schema(), current_database()")).one()
    names = {"role": sql.Identifier(role), "schema": sql.Identifier(schema), "database": sql.Identifier(database)}
    takings = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}, PUBLIC",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}, PUBLIC",
        "REVOKE ALL ON SCHEMA {schema} FROM {role}",
        "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM {role}",
        "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
    ]
    _run(connection, [sql.SQL(taking).format(**names) for taking in takings])
    _run(connection, [_grant(right, place, role) for right, place in sorted(wanted(connection))])


def _grant(right: str, place: str, role: str) -> sql.Composed:
    kind, _, name = place.rpartition(" ")
    verb, _, column = right.partition(" ")
    columns = sql.SQL("({})").format(sql.Identifier(column.strip("()"))) if column else sql.SQL("")
    parts = (sql.SQL(verb), columns, sql.SQL(kind), sql.Identifier(name), sql.Identifier(role))
    return sql.SQL("GRANT {} {} ON {} {} TO {}").format(*parts)


def _run(connection: Connection, statements: Iterable[sql.Composable]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement.as_string(None))
