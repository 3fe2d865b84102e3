"""Row 11 of the bar, seen from outside: the system calls of a real worker. The answer leaves when the write is on the disk.

What another connection can read (test_races.py) may still be lost in a power cut; only the order of sync and answer shows it.
On PostgreSQL it follows from `synchronous_commit`: nobody reads what is not flushed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import Officer, serving
from tests.faults.tracing import SYNCS, demand_strace, traced

pytestmark = pytest.mark.fault

ANSWERS = rounds_of(200, short=10)


def answers_with_syncs(log: Path) -> Iterator[bool]:
    """Of each answer that says "done", whether the journal of the database was synced since the one before it."""
    synced = False
    for line in log.read_text().splitlines():
        if re.search(r"f(data)?sync(\(.*iki\.db-wal>| resumed>).*\) += 0", line):
            synced = True
        elif "HTTP/1.1 302" in line:
            yield synced
            synced = False


def send(app: Flask, url: str, log: Path, *, number: int, flaw: str = "") -> tuple[list[int], list[bool]]:
    """Submit and withdraw in turn: what was answered, and whether each answer followed a sync."""
    with app.app_context():
        sheet = office.fill_in()
    owner, version, statuses = Officer(app, office.OWNER), sheet.version, []
    with serving(url, workers=1, flaw=flaw) as portal, traced(portal.worker_ids(), log, calls=f"{SYNCS},sendto,write"):
        for turn in range(number):
            path = f"/lembar/{sheet.id}/{'penarikan' if turn % 2 else 'pengajuan'}"
            body = {"csrf_token": owner.token, "version": str(version + turn)}
            statuses.append(portal.request("POST", path, cookie=owner.cookie, body=body)[0])
    return statuses, list(answers_with_syncs(log))


def test_every_answer_leaves_after_the_sync(sqlite_app: Flask, sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    demand_strace()
    statuses, synced = send(sqlite_app, sqlite_url, tmp_path / "calls", number=ANSWERS)
    figure(f"{synced.count(True)} of {len(statuses)} answers left after the journal was synced")
    assert statuses == [302] * ANSWERS
    assert synced == [True] * ANSWERS


def test_an_answer_before_the_sync_is_seen(sqlite_app: Flask, sqlite_url: str, tmp_path: Path) -> None:
    demand_strace()
    statuses, synced = send(sqlite_app, sqlite_url, tmp_path / "calls", number=1, flaw="answer before commit")
    assert (statuses, synced) == ([302], [False])
