"""`iki database`: create or migrate, give the serving role its rights, and check."""

import click
from flask import Flask
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from iki_portal.cli.moving import copy
from iki_portal.cli.portal import Refused, app_with, connected, no_answer, the_app, the_settings
from iki_portal.config import Settings
from iki_portal.databases import migrating, roles
from iki_portal.extensions import db
from iki_portal.indicators.answering import recount_all
from iki_portal.realisation.results import follow_missing
from iki_portal.web.database import NotReady, demand_finished, demand_ready
from iki_portal.web.transaction import transaction


@click.group()
def database() -> None:
    """Create, migrate and check the database; move it to PostgreSQL."""


database.add_command(copy)


@database.command()
def upgrade() -> None:
    """Create the database or bring it to this version's revision, with all guards; its rules count anew what lists show,
    and what verified reports come to is kept where it was not yet.

    Runs as the role of IKI_DATABASE_OWNER_URL where one is given, and gives the serving role its rights to new tables.
    """
    settings = the_settings()
    if not settings.database_url:
        settings.instance_dir.mkdir(parents=True, exist_ok=True)
    owner_url = settings.database_owner_url
    _upgrade(app_with(settings.model_copy(update={"database_url": owner_url or settings.database_url})))
    if owner_url:
        with connected(owner_url) as connection:
            _mend(connection, _serving_role(settings))
    click.echo("Database is up to date.")


def _upgrade(app: Flask) -> None:
    with app.app_context():
        try:
            demand_finished(db.engine)
            migrating.upgrade(app)
            demand_ready(db.engine)
        except NotReady as error:
            raise Refused(str(error)) from error
        except OperationalError as error:
            raise no_answer(error) from error
        with transaction():
            recount_all()
            follow_missing()


@database.command()
def check() -> None:
    """Say whether the database fits this version: its revision, every guard, in production the rights of the role."""
    the_app()
    click.echo("Database is up to date; every guard stands.")


@database.command()
@click.option("--owner-url", help="Role that owns the tables and may create roles. Default: IKI_DATABASE_OWNER_URL.")
@click.option("--check", "only_checks", is_flag=True, help="Only say what is wrong (exit code 1); change nothing.")
def prepare(owner_url: str | None, only_checks: bool) -> None:
    """Make the role of IKI_DATABASE_URL on PostgreSQL, and give it the rights that serving needs and no others."""
    settings = the_settings(**({"database_owner_url": owner_url} if owner_url else {}))
    role, serving = _serving_role(settings), make_url(settings.database)
    owner_url = settings.database_owner_url or (settings.database if only_checks else "")
    if not owner_url:
        raise click.UsageError("say --owner-url, or set IKI_DATABASE_OWNER_URL")
    if make_url(owner_url).database != serving.database:
        raise Refused("IKI_DATABASE_URL and the owner's URL name different databases")
    with connected(owner_url) as connection:
        if not only_checks:
            _make(connection, role, serving.password)
        _demand_right(connection, role)
    with connected(settings.database) as connection:
        connection.execute(text("SELECT 1"))
    click.echo(f"{role} may do what the portal needs, and nothing else.")


def _serving_role(settings: Settings) -> str:
    url = make_url(settings.database)
    if url.get_backend_name() != "postgresql":
        raise Refused("SQLite knows no roles: there is nothing to prepare")
    if not url.username:
        raise Refused("IKI_DATABASE_URL names no role")
    return url.username


def _make(connection: Connection, role: str, password: str | None) -> None:
    if not roles.has_tables(connection):
        raise Refused("there are no tables yet: run `iki database upgrade`")
    if not roles.exists(connection, role):
        roles.create(connection, role, password)
        click.echo(f"Made the role {role}.")
    _mend(connection, role)


def _mend(connection: Connection, role: str) -> None:
    """Rights to new tables, and none too many; a role that must not serve at all is left as it is."""
    if not roles.exists(connection, role):
        click.echo(f"There is no role {role} yet: run `iki database prepare`.")
    elif not roles.unfit(connection, role) and (found := roles.faults(connection, role)):
        roles.give(connection, role)
        click.echo(f"Mended: {'; '.join(found[:5])}{'; …' if len(found) > 5 else ''}.")


def _demand_right(connection: Connection, role: str) -> None:
    if not roles.exists(connection, role):
        raise Refused(f"there is no role {role}: run `iki database prepare`")
    if found := roles.unfit(connection, role) or roles.faults(connection, role):
        raise Refused("; ".join(found))
