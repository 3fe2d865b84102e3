"""Runs migrations through the portal's own connection, with the guards taken down before and set up after.

On SQLite a table is changed by copy, drop and rename: that drops triggers silently and, with foreign keys on, would delete
child rows. So foreign keys are off while migrations run, and checked afterwards (docs/decisions, trust findings).
"""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from iki_portal.extensions import Base
from iki_portal.models import guards
from iki_portal.web.transaction import writing


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with writing(), engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # a pragma counts only outside a transaction: use the driver's own connection
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,  # our own BEGIN makes it so on SQLite too: all of a migration, or nothing
        )
        with context.begin_transaction():
            guards.remove(connection)
            context.run_migrations()
            if is_sqlite:
                demand_whole_references(connection)
            guards.install(connection)
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def demand_whole_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"the migration would leave broken references: {broken[:5]}")


run()
