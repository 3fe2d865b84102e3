"""How tests serve the portal: loaded once, so that a killed worker is replaced in a blink; and flaws to plant.

`IKI_PLANTED_FLAW` exists here only. A test that finds nothing must first be seen to find one of these.
"""

import os
import time
from typing import Any

from flask import Response, redirect, request

preload_app = True
threads = 4
worker_class = "gthread"
graceful_timeout = 5
FLAW = os.environ.get("IKI_PLANTED_FLAW", "")
#: Seconds between an answer and what it says.
DELAY = float(os.environ.get("IKI_PLANTED_DELAY", "0.3"))


def post_fork(_server: Any, worker: Any) -> None:
    """A connection of the master's is nobody's to share."""
    from iki_portal.extensions import db

    app = worker.app.callable
    with app.app_context():
        db.engine.dispose(close=False)


def answer_before_commit() -> None:
    """Tell the officer first, save a moment later."""
    from flask import Flask

    from iki_portal.extensions import db
    from iki_portal.web.transaction import SAFE_METHODS, TransactionalFlask

    def dispatch_request(self: Flask) -> Response:
        response = self.make_response(Flask.dispatch_request(self))
        if request.method in SAFE_METHODS or response.status_code >= 400:
            db.session.rollback()
            return response
        session = db.session()
        db.session.registry.clear()

        def later() -> None:
            time.sleep(DELAY)
            session.commit()
            session.close()

        response.call_on_close(later)
        return response

    TransactionalFlask.dispatch_request = dispatch_request  # type: ignore[method-assign]


def say_done_anyway() -> None:
    """Take an error of the database for a success."""
    from iki_portal.web import errors

    errors._database_error = lambda _error: redirect("/")


def no_row_locks() -> None:
    """Read the head of the history without taking its turn."""
    from sqlalchemy import Select

    Select.with_for_update = lambda self, **_more: self  # type: ignore[method-assign]


def no_lock() -> None:
    """Forget every wrong password."""
    from iki_portal.auth import operations

    operations._count_failure = lambda _account, message, **_more: operations.SignInRefused(message)


def locked_while_it_comes() -> None:
    """Hold what the database was asked under while a large body comes in and is written to the disk."""
    from iki_portal.realisation import views
    from iki_portal.web import sizes

    sizes.abandon = lambda: None
    views._keep_files = lambda *_, **__: None


FLAWS = {
    "answer before commit": answer_before_commit,
    "say done anyway": say_done_anyway,
    "no row locks": no_row_locks,
    "no lock": no_lock,
    "locked while it comes": locked_while_it_comes,
}

if FLAW:  # before the portal is loaded
    FLAWS[FLAW]()
