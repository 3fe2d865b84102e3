"""Row 31 of the bar: four servers behind one nginx over one database; one is killed and one vanishes from the network while
people approve. They notice nothing but a moment's wait."""

import http.client
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil

import pytest
from flask import Flask
from sqlalchemy import func, select

from benchmarks.generate import POSTS_IN_A_UNIT, grow
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.extensions import db
from iki_portal.models import HistoryEntry, SignInSession
from tests import office
from tests.conftest import furnished
from tests.faults.bar import Figure, rounds_of
from tests.faults.browsers import Browser
from tests.faults.clusters import Cluster, own_cluster
from tests.faults.portals import LONGEST_ANSWER, ROOT, wait_until
from tests.faults.servers import Servers, several_servers
from tests.faults.test_crowd import WAITING_SHARE, waiting

pytestmark = [pytest.mark.fault, pytest.mark.bar]

APPROVERS = 8
#: Those who read meanwhile, each another page.
READING = {office.OWNER: "/", office.REVIEWER: "/persetujuan", office.HEAD: "/lembar", office.OUTSIDER: "/pemberitahuan"}
#: So many forms to sign in a minute, from one address (auth/views.py).
MOST_FORMS = 30


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with own_cluster() as found:
        furnished(found.url)
        yield found


@pytest.fixture
def app(cluster: Cluster) -> Iterator[Flask]:
    made = office.portal(cluster.url)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@dataclass
class Crowd:
    """People who sign in once and go on whatever happens: some approve every sheet of `left`, the others read."""

    servers: Servers
    left: queue.SimpleQueue[tuple[int, int]]
    answers: Counter[str] = field(default_factory=Counter)
    #: Sheets of which somebody was told that they are approved.
    told: list[int] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)

    ending: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Crowd":
        for _ in range(APPROVERS):
            self._begin(office.APPROVER, self._approve)
        for name, page in READING.items():
            self._begin(name, partial(self._read, page))
        for each in self.threads:
            each.start()
        return self

    def _begin(self, name: str, life: Callable[[Browser], None]) -> None:
        browser = Browser(self.servers.front)
        assert browser.sign_in(name, DEMO_PASSWORD) == "in"
        self.browsers.append(browser)
        self.threads.append(threading.Thread(target=life, args=(browser,), daemon=True))

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for each in self.threads:
            each.join(4 * LONGEST_ANSWER)

    def _ask(self, browser: Browser, method: str, path: str, body: dict[str, str] | None = None) -> int:
        try:
            status, _ = browser.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.answers[f"{method}: {error!r}"] += 1
            return 0
        self.answers[f"{method} {status}"] += 1
        return status

    def _approve(self, browser: Browser) -> None:
        while not self.ending.is_set():
            try:
                sheet_id, version = self.left.get(timeout=0.1)
            except queue.Empty:
                continue
            body = {"csrf_token": browser.token, "step": "approve", "version": str(version)}
            status = self._ask(browser, "POST", f"/lembar/{sheet_id}/keputusan", body)
            if status == 302:
                self.told.append(sheet_id)
            elif status != 409:  # 409: it was approved by the first try, whose answer was lost
                self.left.put((sheet_id, version))

    def _read(self, path: str, browser: Browser) -> None:
        while not self.ending.is_set():
            self._ask(browser, "GET", path)
            self.ending.wait(0.1)

    @property
    def slowest(self) -> float:
        return max(each.slowest for each in self.browsers)


def approved(app: Flask, ids: Sequence[int]) -> list[int]:
    """The sheets among `ids` that the history says are approved, once for each time."""
    query = select(HistoryEntry.sheet_id).where(HistoryEntry.action == "approve", HistoryEntry.sheet_id.in_(ids))
    with app.app_context():
        found = [each for each in db.session.scalars(query) if each is not None]
        db.session.rollback()
        return found


def audited(cluster: Cluster) -> subprocess.CompletedProcess[str]:
    """What `iki audit verify` says of the database."""
    settings = office.settings_for(cluster.url)
    own = {"IKI_ENV": "demo", "IKI_SECRET_KEY": settings.secret_key, "IKI_DATABASE_URL": cluster.url}
    command = [sys.executable, "-m", "iki_portal.cli", "audit", "verify"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False)


@dataclass(frozen=True)
class Outcome:
    crowd: Crowd
    ids: Sequence[int]
    sessions: int


def ready(app: Flask, number: int) -> list[tuple[int, int]]:
    """So many sheets, with their versions, that wait for the Sekretaris."""
    grow(app, 20 + ceil(number / WAITING_SHARE / POSTS_IN_A_UNIT) * POSTS_IN_A_UNIT)
    return waiting(app)[:number]


def trouble(app: Flask, cluster: Cluster, *, number: int) -> Outcome:
    """So many sheets approved while one server is killed and another vanishes and comes back."""
    sheets = ready(app, number)
    ids = [sheet_id for sheet_id, _ in sheets]
    with several_servers(cluster) as servers:
        crowd = Crowd(servers, queue.SimpleQueue())
        with crowd:

            def until(share: float) -> None:
                wait_until(lambda: len(set(approved(app, ids))) >= share * number, f"it stops: {crowd.answers}", within=180)

            for each in sheets:
                crowd.left.put(each)
            until(0.2)
            servers.kill(0)
            until(0.4)
            with servers.places[1].vanished():
                until(0.8)
            until(1)
        with app.app_context():
            sessions = db.session.scalar(select(func.count()).select_from(SignInSession)) or 0
            db.session.rollback()
        return Outcome(crowd, ids, sessions)


def test_nobody_notices_a_killed_and_a_vanished_server(app: Flask, cluster: Cluster, figure: Figure) -> None:
    number = rounds_of(200, short=60)
    found = trouble(app, cluster, number=number)
    crowd, written = found.crowd, Counter(approved(app, found.ids))
    lost = [each for each in crowd.told if each not in written]
    figure(
        f"{number} approvals over 4 servers, one killed, one vanished: {len(crowd.told)} acknowledged, {len(lost)} lost,"
        f" slowest answer {crowd.slowest:.1f} s, answers {dict(crowd.answers)}, {found.sessions} sessions of"
        f" {len(crowd.browsers)} browsers"
    )
    assert lost == []
    assert written == Counter(found.ids), "each is approved, and once"
    assert len(crowd.told) == len(set(crowd.told))
    assert set(crowd.answers) <= {"POST 302", "POST 409", "POST 503", "GET 200", "GET 503"}, crowd.answers
    assert crowd.slowest <= LONGEST_ANSWER
    assert found.sessions == len(crowd.browsers), "everybody signs in once"
    audit = audited(cluster)
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_a_flaw_that_loses_is_noticed(app: Flask, cluster: Cluster) -> None:
    more = [{"IKI_PLANTED_DELAY": "2"}] * 4
    with several_servers(cluster, flaw="answer before commit", more=more) as servers:
        sheets = ready(app, 20)
        with Crowd(servers, queue.SimpleQueue()) as crowd:
            for each in sheets:
                crowd.left.put(each)
            wait_until(lambda: len(crowd.told) > 1, "nobody is told anything")
            for place in range(4):
                servers.kill(place)
    assert set(crowd.told) - set(approved(app, [sheet_id for sheet_id, _ in sheets]))


def test_a_server_with_a_key_of_its_own_is_noticed(cluster: Cluster) -> None:
    more = [{"IKI_SECRET_KEY": letter * 20 + "0123456789abcdefghij"} for letter in "abcd"]
    with several_servers(cluster, more=more) as servers:
        browser = Browser(servers.front)
        assert (browser.sign_in(office.OWNER, DEMO_PASSWORD), browser.ask("GET", "/")[0]) != ("in", 200)


#: Takes the lock that every approval needs, over the portal's own kind of connection, and keeps it.
HOLD_THE_LOCK = """
import sys, time
from sqlalchemy import create_engine, text
from iki_portal.web.database import engine_options
options = engine_options(sys.argv[1])
if sys.argv[2]:
    options["connect_args"]["options"] = ""
connection = create_engine(sys.argv[1], **options).connect()
connection.execute(text("SELECT * FROM history_head FOR UPDATE"))
print("held", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("flaw", ["", "no notice of silence"], ids=["as it is", "with a planted flaw"])
def test_a_server_that_vanishes_takes_no_lock_with_it(app: Flask, cluster: Cluster, figure: Figure, flaw: str) -> None:
    with app.app_context():
        office.bring_to("reviewed", office.OWNER)
        sheet = office.sheet_of(office.OWNER)
        db.session.rollback()
    with several_servers(cluster, number=2) as servers:
        browser, place = Browser(servers.front), servers.places[1]
        assert browser.sign_in(office.APPROVER, DEMO_PASSWORD) == "in"
        servers.kill(1)
        url = cluster.url.replace(cluster.host, place.database)
        command = [*place.under, sys.executable, "-c", HOLD_THE_LOCK, url, flaw]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
            try:
                assert holder.stdout is not None
                assert holder.stdout.readline() == "held\n"
                with place.vanished():
                    body = {"csrf_token": browser.token, "step": "approve", "version": str(sheet.version)}
                    begun = time.monotonic()
                    status, _ = browser.ask("POST", f"/lembar/{sheet.id}/keputusan", body)
                    waited = time.monotonic() - begun
            finally:
                holder.kill()
    if flaw:
        assert status == 503
    else:
        figure(f"a vanished server held the history's lock: the next approval waited {waited:.1f} s")
        assert status == 302


@pytest.mark.parametrize("where", ["redis", "memory"], ids=["as it is", "with a planted flaw"])
def test_attempts_are_counted_for_all_servers_together(cluster: Cluster, figure: Figure, where: str) -> None:
    more = [{"IKI_LIMITER_URL": "memory://"} if where == "memory" else {} for _ in range(4)]
    with several_servers(cluster, more=more) as servers:
        browser = Browser(servers.front)
        became = Counter(browser.sign_in(f"tidak.ada.{each}", "tebakan") for each in range(2 * MOST_FORMS))
    if where == "memory":
        assert became["weighed"] > MOST_FORMS
    else:
        figure(f"{became.total()} guesses over 4 servers: {dict(became)}")
        assert became == {"weighed": MOST_FORMS, "limited": MOST_FORMS}


def test_people_come_in_while_the_redis_is_silent(cluster: Cluster, figure: Figure) -> None:
    with several_servers(cluster, number=1) as servers:
        with servers.frozen_redis():
            browser = Browser(servers.front)
            assert browser.sign_in(office.OWNER, DEMO_PASSWORD) == "in"
        figure(f"with a silent Redis the sign-in took {browser.slowest:.1f} s")
    assert browser.slowest < 5
