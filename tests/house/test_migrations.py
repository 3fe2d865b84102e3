"""Migrations equal the models, run up and down with real rows, and keep every guard; seeds load twice with one result."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, func, inspect, select, text

from benchmarks.generate import POSTS_IN_A_UNIT, grow
from iki_portal.extensions import Base, db
from iki_portal.history.verifying import verify
from iki_portal.models import Position, Sheet, guards
from iki_portal.paths import MIGRATIONS
from iki_portal.web.transaction import transaction
from tests import office, postgres
from tests.conftest import DATABASES, copied_file
from tests.faults.bar import Figure, rounds_of
from tests.long_history import write_history
from tests.office import broken_copies
from tests.restoring import looking_at
from tests.rows import all_rows

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]

#: Rows of history, beside a thousand sheets; 0: the office's twenty sheets are enough.
ROWS = rounds_of(10_000, short=0)
LivedIn = Callable[[], AbstractContextManager[Flask]]


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


@pytest.fixture(scope="module", params=DATABASES)
def lived_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    """`with lived_in() as app:` a portal with rows in every part, as the owner of its tables; a new copy each time."""
    template = request.getfixturevalue(f"{request.param}_template")
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lived-in") / "iki.db"
        shutil.copy(template, path)
        live_in(f"sqlite:///{path}")
        yield lambda: looking_at(copied_file(path, tmp_path_factory.mktemp("copy")))
        return
    with postgres.database("lived_in", "TEMPLATE {}", template.name) as name:
        live_in(postgres.url_of(name))
        yield lambda: looking_at_a_copy_of(name)


@contextmanager
def looking_at_a_copy_of(name: str) -> Iterator[Flask]:
    with postgres.database("copy", "TEMPLATE {}", name) as copy, looking_at(postgres.url_of(copy)) as app:
        yield app


def live_in(url: str) -> None:
    with looking_at(url) as app:
        office.bring_to("approved")
        if ROWS:
            grow(app, 20 + 4 * POSTS_IN_A_UNIT)
            write_history(app, ROWS)


def triggers() -> dict[str, str]:
    """Every trigger with the words it was made of."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if on_sqlite
        else (
            "SELECT tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid"
            " WHERE NOT tgisinternal"
        )
    )
    return {row[0]: row[1] for row in db.session.execute(text(query))}


def down_and_up(app: Flask, revision: str) -> str:
    """Demand that whatever a revision leaves is the same afterwards: rows, triggers and chain; says how many rows that is."""
    before, standing = all_rows(), triggers()
    flask_migrate.downgrade(revision=revision)
    left = tables()
    remaining = all_rows(of=left)
    with db.engine.connect() as connection:
        wanted = {guard.name for guard in guards.standing_on(connection.dialect.name) if guard.table in left}
        assert wanted <= guards.present(connection)
    flask_migrate.upgrade()
    assert all_rows(of=left) == remaining
    after = all_rows()
    assert {name: after[name] for name in left} == {name: before[name] for name in left}, "a column came back empty"
    assert after.keys() == before.keys()
    assert triggers() == standing, "a guard came back otherwise, or not at all"
    if "history_entry" in left:
        found = verify(app.config["IKI"].history_keys)
        assert (found.rows, found.problem) == (len(before["history_entry"]), "")
    if "frozen_copy" in left:
        assert broken_copies() == []
    return f"{sum(map(len, remaining.values()))} of {sum(map(len, before.values()))} rows"


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_down_and_up_again_and_keeps_what_remains(lived_in: LivedIn, revision: str, figure: Figure) -> None:
    with lived_in() as app:
        remained = down_and_up(app, revision)
        if revision in (REVISIONS[0], REVISIONS[-1]):
            figure(f"down to {revision}, of {len(REVISIONS)} revisions, and up: {remained} remained, the same")


def lose_a_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite does by itself when a table is copied, dropped and renamed."""
    install = guards.install

    def forgetful(connection: Connection) -> None:
        install(connection)
        name = min(guards.present(connection))
        is_sqlite = connection.dialect.name == "sqlite"
        connection.execute(text(f'DROP TRIGGER "{name}"' if is_sqlite else f'DROP FUNCTION "{name}"() CASCADE'))

    monkeypatch.setattr(guards, "install", forgetful)


def lose_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = flask_migrate.upgrade

    def forgetful() -> None:
        upgrade()
        with transaction():
            db.session.execute(text("UPDATE position SET main_duty = ''"))

    monkeypatch.setattr(flask_migrate, "upgrade", forgetful)


@pytest.mark.parametrize("flaw", [lose_a_guard, lose_a_column])
def test_a_migration_with_a_planted_flaw_is_found(
    lived_in: LivedIn, monkeypatch: pytest.MonkeyPatch, flaw: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with lived_in() as app:
        flaw(monkeypatch)
        with pytest.raises(AssertionError):
            down_and_up(app, REVISIONS[-2])


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
