"""The portal behind a command: settings, database, and refusals as one sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from iki_portal.app import create_app, demand_ready
from iki_portal.config import Settings, WrongSettings, read_settings
from iki_portal.domain.errors import DomainError
from iki_portal.extensions import db
from iki_portal.web.database import NotReady, engine_options


class Refused(click.ClickException):
    """One clear sentence on stderr, exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"iki: {self.message}", err=True, file=file)


def the_settings(**given: str) -> Settings:
    """The settings of the environment, with `given` on top."""
    try:
        return read_settings(**given)
    except WrongSettings as error:
        raise Refused(str(error)) from error


def app_with(settings: Settings) -> Flask:
    """The portal with these settings, whose connections are closed when the command ends."""
    app = create_app(settings)

    def let_go() -> None:
        with app.app_context():
            db.engine.dispose()

    click.get_current_context().call_on_close(let_go)
    return app


def the_app(*, ready: bool = True) -> Flask:
    """The portal with the settings of the environment; with `ready`, only when its database is up to date."""
    app = app_with(the_settings())
    try:
        if ready:
            demand_ready(app)
    except NotReady as error:
        raise Refused(str(error)) from error
    except OperationalError as error:
        raise no_answer(error) from error
    return app


def no_answer(error: OperationalError) -> Refused:
    return Refused(f"the database does not answer: {error.orig}")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on the database at `url`; what the database refuses becomes one sentence."""
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise no_answer(error) from error
    except DBAPIError as error:
        raise Refused(f"the database refuses: {error.orig}") from error
    finally:
        engine.dispose()


def with_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run the command inside the portal; the office's refusals become one sentence instead of a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with the_app().app_context():
            try:
                return command(*args, **kwargs)
            except DomainError as error:
                raise Refused(str(error)) from error
            except OperationalError as error:
                raise no_answer(error) from error

    return run
