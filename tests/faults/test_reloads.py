"""A reload under load: new workers, or a new master with new code, take over, and nobody gets an error (gunicorn.conf.py)."""

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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


class Master:
    """The process that makes the workers, and whichever takes its place."""

    def __init__(self, portal: Portal) -> None:
        self.process = portal.process.pid

    def children(self) -> set[int]:
        return set(map(int, Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()))

    def refresh_workers(self) -> None:
        before = self.children()
        os.kill(self.process, signal.SIGHUP)
        wait_until(lambda: not before & self.children(), "the old workers stay", within=60)

    def renew(self) -> None:
        """What `systemctl reload` does: another master loads the portal anew, and this one ends."""
        before = self.children()
        os.kill(self.process, signal.SIGUSR2)
        wait_until(lambda: bool(self.children() - before), "no new master")
        (newer,) = self.children() - before
        wait_until(lambda: _has_ended(self.process), "the old master stays", within=90)
        self.process = newer


def _has_ended(process: int) -> bool:
    """Gone, or only waiting for its parent (this test) to notice."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def systemd(path: Path) -> Iterator[socket.socket]:
    """Where systemd would hear from the portal."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(1)
        yield listener


def heard(listener: socket.socket) -> Iterator[str]:
    with suppress(TimeoutError):
        while True:
            yield listener.recv(4096).decode()


def test_a_restart_in_place_of_a_reload_is_seen(app: Flask, url: str) -> None:
    """A planted flaw: the portal is away for a moment."""
    reader = Officer(app, office.HEAD)
    with serving(url) as portal, Readers(portal, reader.cookie) as readers:
        wait_until(lambda: readers.answers["200"] > CLIENTS, "nobody reads")
        portal.stop()
        wait_until(lambda: set(readers.answers) != {"200"}, "nobody notices")


def test_a_reload_under_load_gives_nobody_an_error(app: Flask, url: str, tmp_path: Path, figure: Figure) -> None:
    # twice: what the first master leaves behind must not be in the way of the third
    reload_under_load(app, url, tmp_path / "notify", figure, times=2)


@pytest.mark.bar
def test_ten_reloads_on_each_database_give_nobody_an_error(
    each_app: Flask, database_url: str, tmp_path: Path, figure: Figure
) -> None:
    reload_under_load(each_app, database_url, tmp_path / "notify", figure, times=rounds_of(10, short=2))


def reload_under_load(app: Flask, url: str, notify: Path, figure: Figure, *, times: int) -> None:
    reader = Officer(app, office.HEAD)
    notified = {"NOTIFY_SOCKET": str(notify)}
    with (
        systemd(notify) as listener,
        serving(url, config=ROOT / "gunicorn.conf.py", more=notified) as portal,
        under_load(app, portal, most=1) as rounds,  # nobody waits for anybody else's turn to write
        Readers(portal, reader.cookie) as readers,
    ):
        master, told = Master(portal), list[str]()
        try:
            for _ in range(times):
                time.sleep(0.5)
                master.refresh_workers()
                master.renew()
                told += heard(listener)  # as systemd does: whoever tells one that does not listen waits when its queue is full
            assert [said for said in told if "MAINPID" in said][-1] == f"MAINPID={master.process}"
        finally:
            for each in (*rounds, readers):
                each.ending.set()
            time.sleep(0.5)
            os.killpg(portal.process.pid, signal.SIGKILL)
    decisions = sum((each.answers for each in rounds), Counter[str]())
    figure(
        f"{times} refreshes and {times} reloads: {readers.answers.total()} requests, {decisions.total()} decisions,"
        f" the slowest after {readers.slowest:.1f} s"
    )
    assert set(readers.answers) == {"200"}, readers.answers
    assert set(decisions) == {"302"}, decisions
