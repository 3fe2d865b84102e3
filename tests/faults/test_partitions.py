"""Row 14 of the bar: the network between portal and database is cut, silent, slow, or resets. Nobody waits longer than ten
seconds, nothing acknowledged is lost, and what heals serves again by itself."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from iki_portal.extensions import db
from tests import office
from tests.conftest import furnished
from tests.faults.bar import Figure, rounds_of
from tests.faults.clusters import Cluster, own_cluster
from tests.faults.networks import Place, Relay, own_network
from tests.faults.portals import LONGEST_ANSWER, PATIENCE, Judged, Round, judged, serving, under_load, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.bar]

#: Longer than every limit that the portal sets itself: whoever would hang, hangs.
CUT_FOR = 12


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


@pytest.fixture
def place() -> Iterator[Place]:
    with own_network() as found:
        yield found


def told(rounds: list[Round]) -> int:
    return sum(len(each.told) for each in rounds)


def decided_again(rounds: list[Round]) -> None:
    before = told(rounds)
    wait_until(lambda: told(rounds) > before, f"does not heal: {[each.answers for each in rounds]}", within=PATIENCE)


def demand(found: Judged, rounds: list[Round], figure: Figure, what: str) -> None:
    answers = sum((each.answers for each in rounds), Counter[str]())
    slowest = max(each.slowest for each in rounds)
    figure(
        f"{what}: {found.told} acknowledged, {len(found.lost)} lost, slowest answer {slowest:.1f} s, answers {dict(answers)}"
    )
    assert found.is_whole, found
    assert slowest <= LONGEST_ANSWER
    assert set(answers) <= {"302", "409", "503"}, answers


Trouble = Callable[[Place], AbstractContextManager[None]]


@pytest.mark.parametrize("trouble", [Place.cut, Place.swallowed, Place.choked], ids=["cut", "silent", "slow"])
def test_a_broken_network_is_said_in_time_and_heals(
    app: Flask, cluster: Cluster, place: Place, trouble: Trouble, figure: Figure
) -> None:
    times = rounds_of(3, short=1)
    url = cluster.url.replace("127.0.0.1", place.database)
    with serving(url, host=place.officers, under=place.under) as portal, under_load(app, portal) as rounds:
        for _ in range(times):
            decided_again(rounds)
            with trouble(place):
                time.sleep(CUT_FOR)  # the trouble itself
            decided_again(rounds)
    demand(judged(app, rounds), rounds, figure, f"{trouble.__name__} {times} times for {CUT_FOR} s")


@pytest.mark.parametrize("flaw", ["", "answer before commit"], ids=["as it is", "with a planted flaw"])
def test_connections_reset_in_the_middle_lose_nothing(app: Flask, cluster: Cluster, figure: Figure, flaw: str) -> None:
    relay, times = Relay("127.0.0.1", cluster.port), rounds_of(100, short=10)
    url = cluster.url.replace(f":{cluster.port}", f":{relay.port}")
    try:
        with serving(url, flaw=flaw) as portal, under_load(app, portal) as rounds:
            for _ in range(times):
                time.sleep(random.uniform(0, 0.4))  # noqa: S311  # a random moment is what is tested
                relay.reset()
            decided_again(rounds)
    finally:
        relay.close()
    found = judged(app, rounds)
    if flaw:
        assert found.lost
    else:
        demand(found, rounds, figure, f"reset {times} times")
