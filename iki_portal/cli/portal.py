"""The portal behind a command: settings, database, and refusals as one sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from iki_portal.app import create_app, demand_ready
from iki_portal.config import WrongSettings, read_settings
from iki_portal.domain.errors import DomainError
from iki_portal.web.database import NotReady


class Refused(click.ClickException):
    """One clear sentence on stderr, exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"iki: {self.message}", err=True, file=file)


def the_app(*, ready: bool = True) -> Flask:
    """The portal with the settings of the environment; with `ready`, only when its database is up to date."""
    try:
        app = create_app(read_settings())
        if ready:
            demand_ready(app)
    except (WrongSettings, NotReady) as error:
        raise Refused(str(error)) from error
    except OperationalError as error:
        raise _no_answer(error) from error
    return app


def _no_answer(error: OperationalError) -> Refused:
    return Refused(f"the database does not answer: {error.orig}")


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
                raise _no_answer(error) from error

    return run
