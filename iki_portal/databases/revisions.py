"""At which revision a database is, and which ones there are: what Alembic would say, without loading it into a process that
only serves (10 MB of each)."""

from sqlalchemy import Connection, inspect, text

from iki_portal.paths import MIGRATIONS


def known() -> list[str]:
    """Every revision of this version, oldest first: a migration's file begins with its number."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def newest() -> str:
    return known()[-1]


def of_database(connection: Connection) -> str | None:
    """None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
