"""Databases for tests: furnished once, copied for each test. SQLite always; PostgreSQL where a server answers."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask
from psycopg import sql

from iki_portal.approvals import books
from iki_portal.extensions import db
from iki_portal.indicators import reading
from iki_portal.organisation import staffing_applying, staffing_reading
from tests import office

#: The real one, for a journey.
start_composer = books.start_composer
start_reader = reading.start_reader
POSTGRES_URL = os.environ.get("IKI_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")


def furnished(url: str) -> None:
    """Migrate and fill the database at `url`."""
    app = office.portal(url)
    with app.app_context():
        flask_migrate.upgrade()
        office.furnish()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def asked_books(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of books asked for in this process: their composers do not start by themselves, a test calls `books.compose`."""
    asked: list[int] = []
    monkeypatch.setattr(books, "start_composer", asked.append)
    return asked


@pytest.fixture(autouse=True)
def asked_uploads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of uploads to be read: as with books, a test calls `reading.read_upload`."""
    asked: list[int] = []
    monkeypatch.setattr(reading, "start_reader", asked.append)
    return asked


@pytest.fixture(autouse=True)
def asked_workbooks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is asked of workbooks of the organisation: a test calls `read_workbook` and `apply_workbook`."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(staffing_reading, "start_reader", lambda number: asked.append(("read", number)))
    monkeypatch.setattr(staffing_applying, "start", lambda number: asked.append(("apply", number)))
    return asked


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "iki.db"
    furnished(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A furnished SQLite database of this test's own."""
    path = tmp_path / "iki.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def _admin() -> psycopg.Connection:
    return psycopg.connect(POSTGRES_URL, autocommit=True, connect_timeout=3)


def _server_or_skip() -> None:
    try:
        _admin().close()
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL at IKI_TEST_POSTGRES_URL: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def _url_of(name: str) -> str:
    return POSTGRES_URL.rsplit("/", 1)[0] + "/" + name


def _drop(name: str) -> None:
    with _admin() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    _server_or_skip()
    name = f"iki_template_{uuid.uuid4().hex[:12]}"
    with _admin() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    furnished(_url_of(name))
    yield name
    _drop(name)


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """A furnished PostgreSQL database of this test's own."""
    name = f"iki_test_{uuid.uuid4().hex[:12]}"
    with _admin() as connection:
        query = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(query.format(sql.Identifier(name), sql.Identifier(postgres_template)))
    yield _url_of(name)
    _drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _running(url: str) -> Iterator[Flask]:
    app = office.portal(url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """The portal on a furnished SQLite database."""
    yield from _running(sqlite_url)


@pytest.fixture
def each_app(database_url: str) -> Iterator[Flask]:
    """The portal on a furnished database, once on SQLite and once on PostgreSQL."""
    yield from _running(database_url)
