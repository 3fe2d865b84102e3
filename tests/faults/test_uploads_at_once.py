"""Twenty people send a file of evidence at the same moment to a real gunicorn; the pages of everybody else keep answering.

Without a proxy that buffers, which is the harder case: the portal's own threads take the bodies in. `make faults` sends files
of 20 MB, other runs smaller ones.
"""

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.domain.attachments import LARGEST_FILE
from iki_portal.extensions import db
from iki_portal.models import Attachment
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import LONGEST_ANSWER, Officer, Portal, serving

pytestmark = pytest.mark.fault

OWNERS = (office.OWNER, office.OUTSIDER, office.REVIEWER, office.OTHER_REVIEWER, office.APPROVER)
QUARTERS = (1, 2, 3, 4)
SIZE = rounds_of(LARGEST_FILE, short=512 * 1024)
#: All twenty, on a machine that others use, too.
PATIENCE = 120
#: Bytes that leave a browser at once, and in a second, where the cable (of 100 Mbit/s) is what takes the time.
PIECE, PACE = 256 * 1024, 12_500_000


def evidence(number: int, size: int) -> bytes:
    """A PDF of that size, like no other."""
    head = office.PDF[:9] + f"% {number}\n".encode()
    return head + b"0" * (size - len(head) - len(office.PDF)) + office.PDF[9:]


def by_and_by(body: bytes) -> Iterator[bytes]:
    """As a cable lets it through."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]
        time.sleep(PIECE / PACE)


@dataclass
class Sending:
    """One file for one quarter of one owner's sheet."""

    officer: Officer
    sheet_id: int
    indicator_id: int
    quarter: int
    content: bytes
    is_paced: bool = False
    status: int = 0
    page: str = ""

    def send(self, portal: Portal) -> None:
        cell = f"indicator-{self.indicator_id}"
        fields = {"csrf_token": self.officer.token, "version": "0", f"{cell}-value": "1", "whole": "1"}
        parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
        file = f'--x\r\nContent-Disposition: form-data; name="{cell}-file"; filename="bukti.pdf"\r\n\r\n'
        body = "".join([*parts, file]).encode() + self.content + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": f"iki={self.officer.cookie}"}
        headers["Content-Length"] = str(len(body))
        connection = http.client.HTTPConnection(portal.host, portal.port, timeout=PATIENCE)
        try:
            connection.request(
                "POST",
                f"/lembar/{self.sheet_id}/realisasi/{self.quarter}/isian",
                by_and_by(body) if self.is_paced else body,
                headers,
            )
            answer = connection.getresponse()
            self.status, self.page = answer.status, answer.read().decode()
        except OSError as error:  # told, as a browser would tell it
            self.page = repr(error)
        finally:
            connection.close()


@dataclass
class Reader:
    """Somebody who opens one page after the other, and how long the slowest took."""

    officer: Officer
    pages: tuple[str, ...]
    statuses: list[int] = field(default_factory=list)
    slowest: float = 0.0

    def read(self, portal: Portal, ending: threading.Event) -> None:
        while not ending.is_set():
            for page in self.pages:
                begun = time.monotonic()
                try:
                    self.statuses.append(portal.get(page, cookie=self.officer.cookie)[0])
                except OSError:  # no answer within `LONGEST_ANSWER`
                    self.statuses.append(0)
                self.slowest = max(self.slowest, time.monotonic() - begun)


def sendings(app: Flask, size: int) -> list[Sending]:
    """Twenty quarters that are open today, each with the file that its owner is about to send."""
    with app.app_context():
        for quarter in QUARTERS:
            office.open_quarter(quarter)
        rows = {owner: office.first_indicator(office.bring_to("approved", owner)) for owner in OWNERS}
        sheets = {owner: office.sheet_of(owner).id for owner in OWNERS}
    officers = {owner: Officer(app, owner) for owner in OWNERS}
    places = [(owner, quarter) for owner in OWNERS for quarter in QUARTERS]
    return [
        Sending(officers[owner], sheets[owner], rows[owner], quarter, evidence(number, size))
        for number, (owner, quarter) in enumerate(places)
    ]


@dataclass
class Rush:
    """What became of twenty files that were sent at once, and of who read meanwhile."""

    sent: list[Sending]
    readers: list[Reader]
    seconds: float = 0.0

    @property
    def slowest(self) -> float:
        return max(each.slowest for each in self.readers)


def rush(app: Flask, url: str, *, size: int = SIZE, is_paced: bool = False, flaw: str = "") -> Rush:
    sent = [replace(each, is_paced=is_paced) for each in sendings(app, size)]
    readers = [Reader(Officer(app, name), ("/", "/lembar", "/realisasi")) for name in (office.HEAD, "analis.profesi")]
    let_go(app)
    ending, found = threading.Event(), Rush(sent, readers)
    with serving(url, flaw=flaw, more={"IKI_EVIDENCE_URL": app.config["IKI"].evidence_store}) as portal:
        reading = [threading.Thread(target=each.read, args=(portal, ending)) for each in readers]
        sending = [threading.Thread(target=each.send, args=(portal,)) for each in sent]
        begun = time.monotonic()
        for thread in (*reading, *sending):
            thread.start()
        for thread in sending:
            thread.join(PATIENCE)
        found.seconds = time.monotonic() - begun
        ending.set()
        for thread in reading:
            thread.join(PATIENCE)
    return found


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_twenty_files_at_once_are_kept_and_other_pages_keep_answering(database_url: str, figure: Figure) -> None:
    app = office.portal(database_url)
    found = rush(app, database_url)
    assert [each.status for each in found.sent] == [302] * 20, [each.page[:300] for each in found.sent if each.status != 302]
    assert {status for each in found.readers for status in each.statuses} == {200}
    assert found.slowest <= LONGEST_ANSWER
    with app.app_context():
        kept = list(db.session.scalars(select(Attachment.sha256)))
    assert sorted(kept) == sorted(sha256(each.content).hexdigest() for each in found.sent)  # type: ignore[type-var]
    let_go(app)
    read = sum(len(each.statuses) for each in found.readers)
    said = (
        f"20 files of {SIZE // 1024} KiB in {found.seconds:.1f} s; {read} pages meanwhile, the slowest in {found.slowest:.1f} s"
    )
    figure(said)


@pytest.mark.bar
def test_a_lock_that_is_held_while_files_come_in_is_seen(sqlite_url: str) -> None:
    """SQLite has one: of twenty who wait for it while bodies come in, some are sent away (not all on a machine that is quick
    enough, hence the pace)."""
    app = office.portal(sqlite_url)
    found = rush(app, sqlite_url, size=LARGEST_FILE, is_paced=True, flaw="locked while it comes")
    assert {each.status for each in found.sent} != {302}
    let_go(app)
