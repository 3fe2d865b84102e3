"""Row 18 of the bar: five hundred sheets are approved by six officers' browsers at once; the chain stays whole."""

import queue
import threading
import time
from collections import Counter
from math import ceil

import pytest
from flask import Flask
from sqlalchemy import func, select

from benchmarks.generate import POSTS_IN_A_UNIT, grow
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import FrozenCopy, HistoryEntry, Sheet
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import Officer, Portal, serving
from tests.office import broken_copies

pytestmark = [pytest.mark.fault, pytest.mark.bar]

CLIENTS = 6
#: So many of the generated sheets are reviewed, and wait for the Sekretaris.
WAITING_SHARE = 0.25


def waiting(app: Flask) -> list[tuple[int, int]]:
    with app.app_context():
        query = select(Sheet.id, Sheet.version).where(Sheet.state == "reviewed", Sheet.order >= 1000).order_by(Sheet.id)
        return [(row.id, row.version) for row in db.session.execute(query)]


def approve_all(portal: Portal, officers: list[Officer], sheets: list[tuple[int, int]]) -> Counter[int]:
    """Every sheet once, by whoever is free; how many of each answer."""
    left: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    for each in sheets:
        left.put(each)
    answers: Counter[int] = Counter()

    def work(officer: Officer) -> None:
        while True:
            try:
                sheet_id, version = left.get_nowait()
            except queue.Empty:
                return
            body = {"csrf_token": officer.token, "step": "approve", "version": str(version)}
            status, _ = portal.request("POST", f"/lembar/{sheet_id}/keputusan", cookie=officer.cookie, body=body)
            answers[status] += 1
            if status == 503:  # the queue for the one writer of SQLite was too long: said so, and sent again
                left.put((sheet_id, version))

    threads = [threading.Thread(target=work, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def crowd(app: Flask, url: str, *, number: int, flaw: str = "") -> tuple[list[int], Counter[int], float]:
    """So many sheets approved by `CLIENTS` browsers at once: their ids, the answers, and the seconds it took."""
    grow(app, 20 + ceil(number / WAITING_SHARE / POSTS_IN_A_UNIT) * POSTS_IN_A_UNIT)
    sheets = waiting(app)[:number]
    assert len(sheets) == number
    officers = [Officer(app, office.APPROVER) for _ in range(CLIENTS)]
    with serving(url, flaw=flaw) as portal:
        begun = time.monotonic()
        answers = approve_all(portal, officers, sheets)
        return [sheet_id for sheet_id, _ in sheets], answers, time.monotonic() - begun


def test_a_planted_flaw_is_found(postgres_url: str) -> None:
    """On SQLite one writer at a time hides it."""
    app = office.portal(postgres_url)
    _, answers, _ = crowd(app, postgres_url, number=30, flaw="no row locks")
    assert answers[302] < 30, answers
    with app.app_context():
        db.engine.dispose()


def test_a_crowd_of_approvals_leaves_the_chain_whole(each_app: Flask, database_url: str, figure: Figure) -> None:
    number = rounds_of(500, short=30)
    ids, answers, seconds = crowd(each_app, database_url, number=number)
    with each_app.app_context():
        acts = select(func.count()).select_from(HistoryEntry)
        registers = select(func.count(FrozenCopy.register.distinct())).where(FrozenCopy.sheet_id.in_(ids))
        found = verify(each_app.config["IKI"].history_keys)
        figure(f"{number} sheets, {CLIENTS} clients, {seconds:.0f} s, answers {dict(answers)}, chain of {found.rows} rows")
        assert answers[302] == number
        assert set(answers) <= {302, 503}
        assert db.session.scalar(acts.where(HistoryEntry.sheet_id.in_(ids), HistoryEntry.action == "approve")) == number
        assert db.session.scalar(registers) == number
        assert found.problem == ""
        assert broken_copies() == []
