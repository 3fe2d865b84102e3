"""`iki database copy`: an office moves from SQLite to PostgreSQL with every row, or the target does not serve."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import NullPool, create_engine, select, text

from iki_portal.app import demand_ready
from iki_portal.approvals.export import exported_sheets
from iki_portal.cli import main
from iki_portal.databases import copying, roles
from iki_portal.databases.fingerprints import Content, content_of
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import Base, db
from iki_portal.models import IssuedPrint
from iki_portal.web.database import NotReady
from tests import office, postgres

KEY = "k" * 20 + "0123456789abcdefghij"
UNLIKE = {"history_entry", "history_head", "audit_check"}


@pytest.fixture(scope="module")
def migrated() -> Iterator[str]:
    """Name of a PostgreSQL database with every table and no rows."""
    postgres.demand_server()
    with postgres.database("migrated") as name:
        app = office.portal(postgres.url_of(name))
        with app.app_context():
            flask_migrate.upgrade()
            db.session.remove()
            db.engine.dispose()
        yield name


@pytest.fixture
def target(migrated: str) -> Iterator[str]:
    with postgres.database("moved", "TEMPLATE {}", migrated) as name:
        yield postgres.url_of(name)


@pytest.fixture(scope="module")
def office_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in which something of everything has happened, and nobody serves it any more."""
    path = tmp_path_factory.mktemp("moving") / "iki.db"
    shutil.copy(sqlite_template, path)
    app = office.portal(f"sqlite:///{path}")
    with app.app_context():
        office.comment("Rumusnya mengulang indikator.")
        sheet = office.bring_to("approved")
        with office.transaction():
            actor = office.actor(office.OWNER)
            office.approvals.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        office.submit()
        office.advise("kasubag.umum")
        office.uploaded()
        db.session.remove()
        office.sign_in(app, office.OWNER)
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture
def source(office_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(office_file, tmp_path / "iki.db"))


def run(source: Path, target: str, **environment: str) -> Result:
    given = {"IKI_ENV": "test", "IKI_SECRET_KEY": KEY, **environment}
    return CliRunner().invoke(main, ["database", "copy", "--from", f"sqlite:///{source}", "--to", target], env=given)


def good(source: Path, target: str) -> str:
    result = run(source, target)
    assert result.exit_code == 0, result.output
    return result.output


def refused(source: Path, target: str, **environment: str) -> str:
    result = run(source, target, **environment)
    assert result.exit_code == 1, result.output
    assert result.output.splitlines()[-1].startswith("iki: "), result.output
    return result.output


def contents(url: str) -> dict[str, Content]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return {table.name: content_of(connection, table) for table in Base.metadata.sorted_tables if table.name not in UNLIKE}


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def demand_moved(source: Path, target: str) -> None:
    """Everything is there, on both sides the same, and the portal serves it."""
    assert contents(target) == contents(f"sqlite:///{source}")
    app = office.portal(target)
    demand_ready(app)
    with app.app_context():
        moved = db.session.execute(text("SELECT action, note FROM history_entry ORDER BY number DESC LIMIT 1")).one()
    let_go(app)
    assert moved.action == "move_database"
    assert moved.note.startswith("Dipindahkan dari SQLite (iki.db): ")


def test_an_office_moves_with_every_row_and_goes_on(source: Path, target: str) -> None:
    with postgres.role("moving") as role:
        with create_engine(target, poolclass=NullPool).begin() as connection:
            roles.give(connection, role)
        before = source.read_bytes()
        assert "both sides are the same, and the history is whole" in good(source, target)
        demand_moved(source, target)
        assert source.read_bytes() == before
        assert all(content.rows for name, content in contents(target).items() if name in ("comment", "upload", "issued_print"))
        old, new = office.portal(f"sqlite:///{source}"), office.portal(target.replace("postgres@", f"{role}@"))
        with old.app_context():
            sheets, files = exported_sheets(office.YEAR, on=office.today_in_office()), prints()
        let_go(old)
        with new.app_context():
            assert (exported_sheets(office.YEAR, on=office.today_in_office()), prints()) == (sheets, files)
            office.review()
            assert office.approve().revision == 2
            assert office.bring_to("approved", "analis.mutasi").state == "approved"
            office.employ()
            db.session.remove()
            db.engine.dispose()
        environment = {"IKI_ENV": "test", "IKI_SECRET_KEY": KEY, "IKI_DATABASE_URL": target}
        said = CliRunner().invoke(main, ["audit", "verify"], env=environment)
        assert said.exit_code == 0, said.output
        assert "holds rows already" in refused(source, target), "it is an office by now"
        postgres.execute("DROP OWNED BY {}", role, database=target.rsplit("/", 1)[1])


def prints() -> list[tuple[int, bytes]]:
    return [tuple(row) for row in db.session.execute(select(IssuedPrint.sheet_id, IssuedPrint.body))]


def noted(target: str) -> int:
    with create_engine(target, poolclass=NullPool).connect() as connection:
        if not copying.is_unfinished(connection):
            return 0
        return int(connection.scalar(text(f"SELECT count(*) FROM {copying.NOTES}")) or 0)  # noqa: S608


def killed_copy(source: Path, target: str, *, after: int) -> None:
    """The command in a process of its own, killed without warning when `after` tables are there and it waits for the next."""
    command = [sys.executable, "-m", "iki_portal.cli", "database", "copy", "--from", f"sqlite:///{source}", "--to", target]
    environment = {**os.environ, "IKI_ENV": "test", "IKI_SECRET_KEY": KEY}
    next_one = copying.tables()[after].name
    with create_engine(target, poolclass=NullPool).begin() as holder:
        holder.execute(text(f"LOCK TABLE {next_one} IN SHARE MODE"))  # read by anybody, written by nobody
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not others(target, waiting=True):
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
    while others(target):  # the server notices a moment later
        time.sleep(0.05)
    assert noted(target) == after


def others(target: str, *, waiting: bool = False) -> int:
    """How many other connections to that database there are, or only those that wait for a lock."""
    with create_engine(target, poolclass=NullPool).connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return int(connection.scalar(text(query + (" AND wait_event_type = 'Lock'" if waiting else ""))) or 0)


def test_a_copy_that_is_killed_serves_nobody_and_goes_on(source: Path, target: str) -> None:
    killed_copy(source, target, after=3)
    app = office.portal(target)
    with pytest.raises(NotReady, match="unfinished copy: run `iki database copy` again"):
        demand_ready(app)
    let_go(app)
    said = good(source, target)
    assert "employee: " not in said, "what was there is not copied again"
    demand_moved(source, target)


def test_a_copy_that_breaks_off_anywhere_is_completed_by_the_next(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a table, of every third one."""
    real = copying.rows_of
    for broken in copying.tables()[::3]:

        def breaking(connection, table, broken=broken):  # type: ignore[no-untyped-def]
            for row in real(connection, table):
                yield row
                if table.name == broken.name:
                    raise KeyboardInterrupt

        monkeypatch.setattr(copying, "rows_of", breaking)
        if run(source, target).exit_code == 0:
            break  # the table has no rows to break off after
    monkeypatch.setattr(copying, "rows_of", real)
    if noted(target):
        good(source, target)
    demand_moved(source, target)


def test_a_source_that_changed_since_begins_anew(source: Path, target: str) -> None:
    killed_copy(source, target, after=20)
    with closing(sqlite3.connect(source)) as prompt:
        prompt.execute("UPDATE employee SET name = 'Nama Baru' WHERE id = 1")
        prompt.commit()
    assert "it begins anew" in good(source, target)
    demand_moved(source, target)


def test_a_source_that_is_written_to_meanwhile_is_not_taken_for_moved(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copying.copy_all

    def slowly(connection, engine, *, say):  # type: ignore[no-untyped-def]
        rows = real(connection, engine, say=say)
        with closing(sqlite3.connect(source)) as prompt:
            prompt.execute("UPDATE employee SET name = 'Nama Baru' WHERE id = 1")
            prompt.commit()
        return rows

    monkeypatch.setattr(copying, "copy_all", slowly)
    assert "somebody wrote to" in refused(source, target)
    monkeypatch.setattr(copying, "copy_all", real)
    assert "it begins anew" in good(source, target)
    demand_moved(source, target)


def test_a_broken_office_is_not_moved(source: Path, target: str) -> None:
    assert "tidak dikenal portal ini" in refused(source, target, IKI_SECRET_KEY="another" + KEY)
    broken = source.with_name("broken.db")
    shutil.copy(source, broken)
    with closing(sqlite3.connect(broken)) as prompt:
        for (name,) in prompt.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            prompt.execute(f"DROP TRIGGER {name}")
        prompt.execute("UPDATE issued_print SET body = CAST('x' AS BLOB)")
        prompt.execute("UPDATE history_entry SET note = 'lain' WHERE number = 2")
        prompt.commit()
    said = refused(broken, target)
    assert "baris 2 diubah sesudah ditulis" in said
    assert "cetakan resmi lembar" in said
    assert noted(target) == len(copying.tables()), "and the portal does not serve it"


@pytest.mark.parametrize("value", ["'x' || char(0)", "printf('%.300c', 'x')"])
def test_what_postgresql_cannot_hold_is_named(source: Path, target: str, value: str) -> None:
    with closing(sqlite3.connect(source)) as prompt:
        prompt.execute(f"UPDATE employee SET name = {value} WHERE id = 1")  # noqa: S608
        prompt.commit()
    assert "PostgreSQL cannot hold a row of employee: " in refused(source, target)


def test_what_is_no_copy_is_said_in_a_sentence(source: Path, target: str, tmp_path: Path) -> None:
    assert "there is no database at" in refused(tmp_path / "lain.db", target)
    words = ["database", "copy", "--from", target, "--to", f"sqlite:///{source}"]
    assert CliRunner().invoke(main, words, env={"IKI_ENV": "test", "IKI_SECRET_KEY": KEY}).exit_code == 2
    with closing(sqlite3.connect(source)) as prompt:
        prompt.execute("UPDATE alembic_version SET version_num = '0001'")
        prompt.commit()
    assert "at revision 0001" in refused(source, target)
    with postgres.database("empty") as name:
        assert "at revision None" in refused(source, postgres.url_of(name))
