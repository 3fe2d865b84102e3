"""Flask-Migrate, for commands that change tables; a process that only serves does without (revisions.py)."""

import flask_migrate
from flask import Flask
from flask_migrate import Migrate

from iki_portal.extensions import db
from iki_portal.paths import MIGRATIONS


def bind(app: Flask) -> None:
    """Let `flask_migrate.upgrade()` and its like work on the app's database."""
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)


def upgrade(app: Flask) -> None:
    """Bring the app's database to this version's revision; needs its context."""
    bind(app)
    flask_migrate.upgrade()
