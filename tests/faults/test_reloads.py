"""A reload (SIGHUP) under load: new workers take over, and nobody gets an error, with the settings of gunicorn.conf.py."""

import os
import signal
import threading
import time
from collections import Counter

import pytest
from flask import Flask

from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import ROOT, Officer, Portal, serving, under_load, wait_until

pytestmark = pytest.mark.fault

#: Requests a second, and the threads that send them.
RATE, CLIENTS = 200, 20


class Readers:
    """Clients that ask at a steady rate, whatever happens, and count what they get."""

    def __init__(self, portal: Portal, cookie: str) -> None:
        self.portal, self.cookie = portal, cookie
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0
        self.ending = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self) -> "Readers":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for each in self._threads:
            each.join()

    def _ask(self) -> None:
        while not self.ending.is_set():
            begun = time.monotonic()
            try:
                answer = str(self.portal.get("/static/portal.js", cookie=self.cookie)[0])
            except Exception as error:
                answer = repr(error)
            took = time.monotonic() - begun
            self.answers[answer] += 1
            self.slowest = max(self.slowest, took)
            time.sleep(max(0.0, CLIENTS / RATE - took))


def test_a_reload_under_load_gives_nobody_an_error(each_app: Flask, database_url: str, figure: Figure) -> None:
    seconds = rounds_of(30, short=3)
    reader = Officer(each_app, office.HEAD)
    with (
        serving(database_url, config=ROOT / "gunicorn.conf.py") as portal,
        under_load(each_app, portal) as rounds,
        Readers(portal, reader.cookie) as readers,
    ):
        reloads, until = 0, time.monotonic() + seconds
        while reloads == 0 or time.monotonic() < until:
            before = set(portal.worker_ids())
            os.kill(portal.process.pid, signal.SIGHUP)
            wait_until(lambda before=before: not before & set(portal.worker_ids()), "the old workers stay", within=60)  # type: ignore[misc]
            reloads += 1
            time.sleep(1)
    decisions = sum((each.answers for each in rounds), Counter[str]())
    figure(
        f"{reloads} reloads, {readers.answers.total()} requests and {decisions.total()} decisions:"
        f" {dict(readers.answers)}, {dict(decisions)}, the slowest after {readers.slowest:.1f} s"
    )
    assert set(readers.answers) == {"200"}, readers.answers
    assert set(decisions) <= {"302", "409"}, decisions
