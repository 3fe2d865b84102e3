"""Real portals to break: gunicorn in processes of its own, officers who decide over HTTP, and what they were told.

Nothing here pretends: requests go over sockets, workers die by SIGKILL, and what counts is what an officer was answered.
"""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import HistoryEntry, Position, Sheet
from tests import office
from tests.office import broken_copies

ROOT = Path(__file__).parents[2]
#: Whatever is waited for (a worker, a port) comes within this many seconds, or the test fails.
PATIENCE = 20
#: Nobody waits longer for an answer (row 14 of the bar).
LONGEST_ANSWER = 10


def wait_until(what: Callable[[], bool], said: str, *, within: float = PATIENCE) -> float:
    """Ask until `what` holds, and say how many seconds it took; fail with `said` when it does not come."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < within, said
        time.sleep(0.01)
    return time.monotonic() - begun


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Door:
    """Where officers knock: each request on a connection of its own, its errors raised as a browser would show them."""

    host: str
    port: int

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=LONGEST_ANSWER)

    def exchange(
        self, method: str, path: str, headers: dict[str, str], body: dict[str, str] | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Status, page and headers."""
        connection = self.connection()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        try:
            connection.request(method, path, urlencode(body or {}) if method == "POST" else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def request(self, method: str, path: str, *, cookie: str = "", body: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and page of one request."""
        status, page, _ = self.exchange(method, path, {"Cookie": f"iki={cookie}"}, body)
        return status, page

    def get(self, path: str, *, cookie: str = "") -> tuple[int, str]:
        return self.request("GET", path, cookie=cookie)


@dataclass
class Portal(Door):
    """A gunicorn of this test's own over `url`; `flaw` plants one of tests/faults/gunicorn_conf.py."""

    url: str
    workers: int = 2
    flaw: str = ""
    host: str = "127.0.0.1"
    #: What to run it under, for example ("ip", "netns", "exec", …).
    under: Sequence[str] = ()
    program: Sequence[str] = (str(Path(sys.executable).with_name("gunicorn")),)
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    is_logged: bool = True
    config: Path = Path("tests/faults/gunicorn_conf.py")

    def __post_init__(self) -> None:
        settings = office.settings_for(self.url)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("IKI_")}
        environment |= {
            "IKI_ENV": "demo",
            "IKI_SECRET_KEY": settings.secret_key,
            "IKI_DATABASE_URL": self.url,
            "IKI_PLANTED_FLAW": self.flaw,
            "PYTHONPATH": str(ROOT),
            **self.more,
        }
        command = [*self.under, *self.program, "--no-control-socket", "-c", str(self.config)]
        command += ["--bind", f"{self.host}:{self.port}", "--workers", str(self.workers), "wsgi:app"]
        self.log = Path(tempfile.gettempdir()) / f"iki-portal-{self.port}.log"
        with (self.log if self.is_logged else Path(os.devnull)).open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
            )

    def wait(self) -> "Portal":
        wait_until(self._answers, "the portal does not start")
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:] if self.is_logged else "the portal does not start"
        try:
            return self.get("/masuk")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def worker_ids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]

    def kill_a_worker(self) -> None:
        """SIGKILL to one worker; the master makes a new one."""
        before = self.worker_ids()
        victim = random.choice(before)  # noqa: S311  # which one is nobody's secret
        os.kill(victim, signal.SIGKILL)
        wait_until(
            lambda: victim not in self.worker_ids() and len(self.worker_ids()) == self.workers, "no new worker after a kill"
        )

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.unlink(missing_ok=True)


@contextmanager
def serving(url: str, **more: object) -> Iterator[Portal]:
    portal = Portal(url, **more)  # type: ignore[arg-type]
    try:
        yield portal.wait()
    finally:
        portal.stop()


@dataclass(frozen=True)
class Told:
    """What an officer was told is done: after this step the sheet has this version."""

    position: str
    revision: int
    action: str
    version: int


class Officer:
    """Somebody signed in, with a cookie and a form token."""

    def __init__(self, app: Flask, name: str) -> None:
        client = office.sign_in(app, name)
        self.token = office.csrf_token(client)
        cookie = client.get_cookie("iki")
        assert cookie is not None
        self.cookie = cookie.value


#: State → step, path, fields, and whose turn it is (0 owner, 1 reviewer, 2 approver).
STEPS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "draft": ("submit", "pengajuan", {}, 0),
    "submitted": ("review", "keputusan", {"step": "review"}, 1),
    "reviewed": ("approve", "keputusan", {"step": "approve"}, 2),
    "approved": ("revise", "perubahan", {"reason": "budget", "note": "Anggaran berubah."}, 0),
}


class Round(threading.Thread):
    """One sheet goes round and round: submitted, reviewed, approved, revised. Knows what was answered, and how."""

    def __init__(self, app: Flask, portals: Sequence[Portal], owner: str, reviewer: str, approver: str) -> None:
        super().__init__(name=owner, daemon=True)
        self.app, self.portals, self.owner = app, portals, owner
        self.officers = [Officer(app, name) for name in (owner, reviewer, approver)]
        self.told: list[Told] = []
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0
        self.ending = threading.Event()

    def run(self) -> None:
        with self.app.app_context():
            while not self.ending.is_set():
                self.step()
            db.session.remove()

    def step(self) -> None:
        found = self._stands()
        if found is None:
            return
        sheet_id, revision, state, version = found
        action, path, fields, turn = STEPS[state]
        officer = self.officers[turn]
        body = {"csrf_token": officer.token, "version": str(version), **fields}
        begun = time.monotonic()
        try:
            portal = random.choice(self.portals)  # noqa: S311
            status, page = portal.request("POST", f"/lembar/{sheet_id}/{path}", cookie=officer.cookie, body=body)
        except (OSError, http.client.HTTPException) as error:
            status, page = 0, repr(error)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.answers[str(status) if status else "no answer"] += 1
        if status == 302:
            newer = action == "revise"
            self.told.append(Told(self.owner, revision + newer, action, 1 if newer else version + 1))
        elif status not in (0, 409, 503):
            self.answers[f"{status}: {page[:300]}"] += 1

    def _stands(self) -> tuple[int, int, str, int] | None:
        """Where the sheet stands now, read past the portal; None while the database is away."""
        query = (
            select(Sheet.id, Sheet.revision, Sheet.state, Sheet.version)
            .join(Position, Position.id == Sheet.position_id)
            .where(Position.code == self.owner, Sheet.state != "superseded")
            .order_by(Sheet.revision.desc())
            .limit(1)
        )
        try:
            row = db.session.execute(query).one()
            return row.id, row.revision, row.state.value, row.version
        except Exception:  # the database is being killed: what this thread reads is not what is tested
            time.sleep(0.02)
            return None
        finally:
            self._forget()

    def _forget(self) -> None:
        try:
            db.session.rollback()
        except Exception:
            db.session.remove()


#: Posts whose sheets go round at once: owner, reviewer, approver.
ROUTES = (
    (office.OWNER, office.REVIEWER, office.APPROVER),
    (office.OUTSIDER, office.OTHER_REVIEWER, office.APPROVER),
    (office.REVIEWER, office.APPROVER, office.HEAD),
    (office.OTHER_REVIEWER, office.APPROVER, office.HEAD),
)


@contextmanager
def under_load(app: Flask, *portals: Portal, most: int = len(ROUTES)) -> Iterator[list[Round]]:
    """The sheets of `ROUTES`, or the first `most` of them, go round at once while the block runs."""
    with app.app_context():
        for owner, _reviewer, _approver in ROUTES[:most]:
            office.fill_in(owner)
    rounds = [Round(app, portals, *route) for route in ROUTES[:most]]
    for each in rounds:
        each.start()
    try:
        yield rounds
    finally:
        for each in rounds:
            each.ending.set()
        for each in rounds:
            each.join(LONGEST_ANSWER + PATIENCE)


@dataclass(frozen=True)
class Judged:
    """What became of everything that officers were told."""

    told: int
    lost: tuple[Told, ...]
    half: tuple[str, ...]
    chain: str
    copies: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.half or self.chain or self.copies)


def judged(app: Flask, rounds: Sequence[Round]) -> Judged:
    """Hold what was told against history and sheets, in the database as it is now."""
    with app.app_context():
        entries = db.session.execute(
            select(Position.code, HistoryEntry.revision, HistoryEntry.action, HistoryEntry.sheet_version)
            .join(Sheet, Sheet.id == HistoryEntry.sheet_id)
            .join(Position, Position.id == Sheet.position_id)
        )
        written = {Told(row.code, row.revision, row.action, row.sheet_version) for row in entries}
        told = Counter(each for round_ in rounds for each in round_.told)
        return Judged(
            told.total(),
            # a step that had to be taken twice was lost the first time
            tuple(each for each, times in told.items() if each not in written or times > 1),
            tuple(_half_done()),
            verify(app.config["IKI"].history_keys).problem,
            tuple(broken_copies()),
        )


def _half_done() -> Iterator[str]:
    """Sheets that do not stand where their newest row of history left them."""
    rows = db.session.execute(
        select(Sheet.id, Sheet.state, Sheet.version, HistoryEntry.to_state, HistoryEntry.sheet_version)
        .join(HistoryEntry, HistoryEntry.sheet_id == Sheet.id)
        .order_by(HistoryEntry.number)
    )
    newest = {row.id: row for row in rows}
    for row in newest.values():
        if (row.state, row.version) != (row.to_state, row.sheet_version):
            yield f"sheet {row.id} is {row.state} v{row.version}; its history says {row.to_state} v{row.sheet_version}"
