"""Databases for tests: furnished once, copied for each test. SQLite always; PostgreSQL where a server answers.

A test of `app` runs on SQLite, a test of `each_app` on both. With IKI_TEST_DATABASE=postgres (`make test-postgres`) a test of
`app` runs on PostgreSQL, and the others rest: they were there before. On PostgreSQL the portal is the serving role, with the
rights of models/grants.py.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, make_url

from iki_portal.approvals import books
from iki_portal.databases import roles
from iki_portal.extensions import db
from iki_portal.indicators import reading
from iki_portal.organisation import staffing_applying, staffing_reading
from tests import office, once, postgres
from tests.faults.bar import Figure

#: The real one, for a journey.
start_composer = books.start_composer
start_reader = reading.start_reader
#: The database that this run is about.
DATABASE = os.environ.get("IKI_TEST_DATABASE", "sqlite")
DATABASES = ["sqlite", "postgres"]
#: Whoever asks for one of these gets the database that this run is about.
OF_THIS_RUN = frozenset({"fresh", "owned_app", "empty_url"})


def pytest_configure() -> None:
    once.compile_once()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """On PostgreSQL leave out what `make test` has run as well: tests of both databases, of none, or of a certain one."""
    if DATABASE == "sqlite":
        return
    others = [item for item in items if OF_THIS_RUN.isdisjoint(item.fixturenames)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


Fresh = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Keeps what a test saw for the table of `make faults`."""

    def keep(said: str) -> None:
        record_property("figure", said)
        print(said)

    return keep


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
    return copied_file(sqlite_template, tmp_path)


def copied_file(template: Path, folder: Path) -> str:
    """The URL of a copy of the SQLite database `template` in `folder`."""
    path = folder / "iki.db"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@dataclass(frozen=True)
class Template:
    """A furnished database to be copied, and the role that serves it and its copies."""

    name: str
    role: str


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[Template]:
    postgres.demand_server()
    with postgres.role("serving") as role, postgres.database("template") as name:
        url = postgres.url_of(name)
        furnished(url)
        with create_engine(url, poolclass=NullPool).begin() as connection:
            roles.give(connection, role)
        yield Template(name, role)


@pytest.fixture
def owner_url(postgres_template: Template) -> Iterator[str]:
    """A furnished PostgreSQL database of this test's own, as the owner of its tables."""
    with _copied_database(postgres_template) as name:
        yield postgres.url_of(name)


@pytest.fixture
def postgres_url(owner_url: str, postgres_template: Template) -> str:
    """The same database as the role that serves it: with no more rights than in production."""
    return postgres.url_of(str(make_url(owner_url).database), postgres_template.role)


@contextmanager
def _served(template: Template) -> Iterator[str]:
    with _copied_database(template) as name:
        yield postgres.url_of(name, template.role)


@contextmanager
def _copied_database(template: Template) -> Iterator[str]:
    """With the rights to its tables; those to the database itself are not copied."""
    with postgres.database("test", "TEMPLATE {}", template.name, is_dropped_beside=True) as name:
        postgres.execute("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", name)
        yield name


@pytest.fixture(scope="session")
def fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[str]]:
    """`with fresh() as url:` a furnished database for the length of the block."""
    template = request.getfixturevalue(f"{DATABASE}_template")
    if DATABASE == "sqlite":
        return lambda: nullcontext(copied_file(template, tmp_path_factory.mktemp("fresh")))
    return lambda: _served(template)


@pytest.fixture
def url(fresh: Fresh) -> Iterator[str]:
    """A furnished database of this test's own, on SQLite or what IKI_TEST_DATABASE says."""
    with fresh() as found:
        yield found


@pytest.fixture
def empty_url(tmp_path: Path) -> Iterator[str]:
    """A database without tables, as its owner."""
    if DATABASE == "sqlite":
        yield f"sqlite:///{tmp_path / 'iki.db'}"
        return
    postgres.demand_server()
    with postgres.database("empty") as name:
        yield postgres.url_of(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


def _running(url: str) -> Iterator[Flask]:
    app = office.portal(url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(url: str) -> Iterator[Flask]:
    """The portal on a furnished database: SQLite, or what IKI_TEST_DATABASE says."""
    yield from _running(url)


@pytest.fixture
def sqlite_app(sqlite_url: str) -> Iterator[Flask]:
    """The portal on SQLite in every run, for what is about that file."""
    yield from _running(sqlite_url)


@pytest.fixture
def owned_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The portal as the owner of the tables, on SQLite or what IKI_TEST_DATABASE says."""
    yield from _running(request.getfixturevalue("sqlite_url" if DATABASE == "sqlite" else "owner_url"))


@pytest.fixture
def each_app(database_url: str) -> Iterator[Flask]:
    """The portal on a furnished database, once on SQLite and once on PostgreSQL."""
    yield from _running(database_url)


@pytest.fixture(params=DATABASES)
def each_owned_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The same as the owner of the tables, for what only an owner may do."""
    yield from _running(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "owner_url"))
