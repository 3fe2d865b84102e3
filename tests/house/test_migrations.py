"""Migrations equal the models, run up and down with real rows, and keep every guard; seeds load twice with one result."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select

from iki_portal.extensions import Base, db
from iki_portal.models import Position, Sheet, guards
from iki_portal.paths import MIGRATIONS
from tests import office
from tests.rows import all_rows

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]


def tables() -> dict[str, list[str]]:
    """The portal's tables as they are now, with the columns they have."""
    inspector = inspect(db.engine)
    names = sorted(set(inspector.get_table_names()) & Base.metadata.tables.keys())
    return {name: [column["name"] for column in inspector.get_columns(name)] for name in names}


def test_there_is_one_head_and_it_is_the_last_file() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [REVISIONS[-1]]


def test_migrations_equal_the_models(each_owned_app: Flask) -> None:
    with each_owned_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == [], "write a migration for this difference"


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_down_and_up_again_and_keeps_the_rows_that_remain(each_owned_app: Flask, revision: str) -> None:
    with each_owned_app.app_context():
        office.bring_to("approved")
        before = all_rows()
        flask_migrate.downgrade(revision=revision)
        left = tables()
        remaining = all_rows(of=left)
        with db.engine.connect() as connection:
            standing = {guard.name for guard in guards.standing_on(connection.dialect.name) if guard.table in left}
            assert standing <= guards.present(connection)
        flask_migrate.upgrade()
        assert all_rows(of=left) == remaining
        after = all_rows()
        assert {name: after[name] for name in left} == {name: before[name] for name in left}, "a column came back empty"
        assert after.keys() == before.keys()
        with db.engine.connect() as connection:
            assert guards.missing(connection) == set()


def test_a_downgrade_to_nothing_leaves_nothing(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_seeds_load_twice_with_the_same_result(app: Flask) -> None:
    with app.app_context():
        before = all_rows()
        office.furnish()
        assert all_rows() == before
        assert db.session.scalar(select(func.count()).select_from(Position)) == 21
        assert db.session.scalar(select(func.count()).select_from(Sheet)) == 20
