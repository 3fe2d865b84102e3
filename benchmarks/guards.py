"""`make bench-guards`: what a decision pays for its guards: triggers, chain, and the comparison with what was submitted.

A Kepala Bidang agrees to one sheet again and again through the portal's page (in between it is returned, unmeasured): the
lightest of all decisions, so that guards weigh most. The same is done in a second throw-away database without triggers, and
with a history that is only written: no head, no hash, no content compared. CPU of this process and of the database's, medians
of interleaved rounds, on SQLite and on PostgreSQL where a server answers. Exit code 1 when the bar is missed.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import flask_migrate
import psutil
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, text

from iki_portal.approvals import operations as approvals
from iki_portal.extensions import db
from iki_portal.history import operations as history
from iki_portal.history.streams import Stream
from iki_portal.indicators.papers import papers
from iki_portal.models import guards
from iki_portal.web.transaction import transaction
from tests import office, postgres

ROUNDS, DECISIONS = 9, 40
#: Share of a decision's CPU that its guards may take.
BAR = 0.15


def append_plainly(stream: Stream, values: Mapping[str, Any]) -> int:
    """A row of history as an unguarded portal writes it: numbered, under no key, after nobody."""
    number = (db.session.scalar(select(func.max(stream.rows.number))) or 0) + 1
    row = {**values, "number": number, "key_id": "", "previous_hash": "", "hash": f"{number:064}"}
    db.session.execute(insert(stream.rows).values(row))
    return number


@contextmanager
def guards_off() -> Iterator[None]:
    """Only here: whatever is not a trigger. The paper is still loaded: an approval prints it."""
    with (
        patch.object(history, "append", append_plainly),
        patch.object(history, "lock_head", lambda: None),
        patch.object(approvals, "lock_head", lambda: None),
        patch.object(approvals, "_demand_same_content", lambda sheet: papers([sheet.id])[sheet.id]),
    ):
        yield


class Desk:
    """The Kepala Bidang at a submitted sheet, in a portal with its guards or without."""

    def __init__(self, app: Flask, *, guarded: bool) -> None:
        self.app, self.guarded = app, guarded
        with app.app_context():
            self.sheet_id = office.bring_to("submitted").id
            if not guarded:
                with transaction():
                    guards.remove(db.session.connection())
        app.test_client_class = FlaskClient
        self.client = office.sign_in(app, office.REVIEWER)
        self.token = office.csrf_token(self.client)
        self.server = self._server()

    def _server(self) -> psutil.Process | None:
        """The database's process behind the portal's one connection."""
        with self.app.app_context():
            if db.engine.dialect.name != "postgresql":
                return None
            return psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))

    def cpu(self) -> float:
        times = self.server.cpu_times() if self.server else None
        return time.process_time() + (times.user + times.system if times else 0.0)

    def round(self) -> float:
        """CPU milliseconds of one decision."""
        with ExitStack() as stack:
            if not self.guarded:
                stack.enter_context(guards_off())
            return sum(self._decision() for _ in range(DECISIONS)) / DECISIONS * 1000

    def _decision(self) -> float:
        with self.app.app_context():
            sheet = office.sheet_of(office.OWNER)
            if sheet.state == "reviewed":
                with transaction():
                    actor, now = office.actor(office.APPROVER), office.now()
                    approvals.return_sheet(sheet, actor=actor, seen=sheet.version, now=now, note="Ulangi.")
                sheet = office.submit()
            db.session.remove()
        fields = {"csrf_token": self.token, "version": str(sheet.version), "step": "review"}
        before = self.cpu()
        answer = self.client.post(f"/lembar/{self.sheet_id}/keputusan", data=fields)
        spent = self.cpu() - before
        if answer.status_code != 302:
            raise RuntimeError(f"the decision was answered with {answer.status_code}")
        return spent


def portal_on(url: str) -> Flask:
    app = office.portal(url, log_level="warning")
    with app.app_context():
        flask_migrate.upgrade()
        office.furnish()
        db.session.remove()
    return app


def measured(name: str, url_of: Callable[[str], str]) -> bool:
    """Whether the bar is met on that database."""
    desks = [Desk(portal_on(url_of(kind)), guarded=kind == "with") for kind in ("with", "without")]
    costs = [[desk.round() for desk in desks] for _ in range(ROUNDS + 1)][1:]  # the first one warms up
    guarded, bare = (statistics.median(each) for each in zip(*costs, strict=True))
    share = (guarded - bare) / guarded
    print(f"{name:<12}{guarded:>14.2f}{bare:>17.2f}{share:>9.1%}{BAR:>7.0%}")
    for desk in desks:
        with desk.app.app_context():
            db.engine.dispose()
    return share <= BAR


def main() -> int:
    print(f"{'a decision':<12}{'guarded, ms':>14}{'without, ms':>17}{'guards':>9}{'bar':>7}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        met = [measured("SQLite", lambda kind: f"sqlite:///{Path(folder) / kind}.db")]
        try:
            postgres.demand_server()
        except BaseException as absent:  # pytest's word for it is none of Exception
            print(f"not on PostgreSQL: {absent}")
        else:
            met.append(measured("PostgreSQL", lambda _: postgres.url_of(stack.enter_context(postgres.database("bench")))))
    print("every bar is met" if all(met) else "missed")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
