"""`iki database`: create or migrate, and check."""

import click
import flask_migrate

from iki_portal.app import demand_ready
from iki_portal.cli.portal import Refused, the_app
from iki_portal.extensions import db
from iki_portal.indicators.answering import recount_all
from iki_portal.web.database import NotReady, demand_finished
from iki_portal.web.transaction import transaction


@click.group()
def database() -> None:
    """Create, migrate and check the database."""


@database.command()
def upgrade() -> None:
    """Create the database or bring it to this version's revision, with all guards; its rules count anew what lists show."""
    app = the_app(ready=False)
    settings = app.config["IKI"]
    if not settings.database_url:
        settings.instance_dir.mkdir(parents=True, exist_ok=True)
    try:
        with app.app_context():
            demand_finished(db.engine)
            flask_migrate.upgrade()
        demand_ready(app)
    except NotReady as error:
        raise Refused(str(error)) from error
    with app.app_context(), transaction():
        recount_all()
    click.echo("Database is up to date.")


@database.command()
def check() -> None:
    """Say whether the database fits this version: its revision, and every guard in place."""
    the_app()
    click.echo("Database is up to date; every guard stands.")
