"""Row 13 of the bar: PostgreSQL is restarted under officers who decide; nothing acknowledged is lost, no worker needs help."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from iki_portal.extensions import db
from tests import office
from tests.conftest import furnished
from tests.faults.bar import Figure, rounds_of
from tests.faults.clusters import Cluster, own_cluster
from tests.faults.portals import Judged, Round, judged, serving, under_load, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.bar]

MODES = ("fast", "immediate", "kill")


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


def restart_under_load(app: Flask, cluster: Cluster, *, restarts: int, flaw: str = "") -> tuple[Judged, list[Round]]:
    with serving(cluster.url, flaw=flaw) as portal, under_load(app, portal) as rounds:
        workers = portal.worker_ids()
        for number in range(restarts):
            told = sum(len(each.told) for each in rounds)
            cluster.restart(MODES[number % len(MODES)])
            wait_until(
                lambda told=told: sum(len(each.told) for each in rounds) > told + 2,  # type: ignore[misc]
                f"nobody gets an answer after restart {number}: {[each.answers for each in rounds]}",
            )
        assert portal.worker_ids() == workers, "a worker had to be started anew"
    return judged(app, rounds), rounds


def test_a_planted_flaw_loses_what_was_acknowledged(app: Flask, cluster: Cluster) -> None:
    found, _ = restart_under_load(app, cluster, restarts=6, flaw="answer before commit")
    assert found.lost


def test_nothing_acknowledged_is_lost_and_every_restart_heals(app: Flask, cluster: Cluster, figure: Figure) -> None:
    restarts = rounds_of(30, short=3)
    found, rounds = restart_under_load(app, cluster, restarts=restarts)
    answers = sum((each.answers for each in rounds), Counter[str]())
    figure(f"{restarts} restarts, {found.told} decisions acknowledged, {len(found.lost)} lost; answers {dict(answers)}")
    assert found.is_whole, found
    assert set(answers) <= {"302", "409", "503", "no answer"}
