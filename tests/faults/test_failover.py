"""Row 32 of the bar: the primary PostgreSQL dies under load, its standby takes over, and the portal goes on by itself with
everything that was acknowledged."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from iki_portal.extensions import db
from iki_portal.upkeep.taking import taken
from tests import office
from tests.conftest import furnished
from tests.faults.bar import Figure, rounds_of
from tests.faults.clusters import Cluster, Standby, own_cluster, own_standby
from tests.faults.portals import PATIENCE, Portal, Round, judged, serving, under_load, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.bar]

#: The primary acknowledges what a standby has, too; and the flaw: what it has itself.
SURE, UNSURE = "*", ""


def together(primary: Cluster, standby: Cluster) -> str:
    """The address of both, as docs/operations.md has it: whichever takes writes."""
    places = f"host=127.0.0.1,127.0.0.1&port={primary.port},{standby.port}"
    return f"postgresql+psycopg://iki@/iki?{places}&target_session_attrs=read-write"


def wait_for_standbys(primary: Cluster, names: str) -> None:
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", "SELECT pg_reload_conf()")


@contextmanager
def office_on_two(names: str) -> Iterator[tuple[Cluster, Standby, str, Flask]]:
    with own_cluster() as primary:
        furnished(primary.url)
        with own_standby(primary) as standby:
            wait_for_standbys(primary, names)
            url = together(primary, standby)
            app = office.portal(url)
            yield primary, standby, url, app
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def told(rounds: list[Round]) -> int:
    return sum(len(each.told) for each in rounds)


def more_told(rounds: list[Round], number: int = 3) -> None:
    before = told(rounds)
    wait_until(
        lambda: told(rounds) >= before + number,
        f"nobody gets an answer: {[each.answers for each in rounds]}",
        within=2 * PATIENCE,
    )


def test_the_standby_takes_over_and_nothing_acknowledged_is_lost(figure: Figure) -> None:
    for _ in range(rounds_of(5, short=1)):
        with office_on_two(SURE) as (primary, standby, url, app), serving(url) as portal, under_load(app, portal) as rounds:
            workers = portal.worker_ids()
            more_told(rounds)
            primary.stop("kill")
            standby.promote()
            more_told(rounds)
            assert portal.worker_ids() == workers, "a worker had to be started anew"
            for each in rounds:
                each.ending.set()
                each.join()
            found, answers = judged(app, rounds), sum((each.answers for each in rounds), Counter[str]())
            with taken(url) as copy:  # whatever stands behind the address is what is backed up
                copy.stream.read()
            slowest = max(each.slowest for each in rounds)
            figure(
                f"{found.told} acknowledged, {len(found.lost)} lost, slowest answer {slowest:.1f} s, answers {dict(answers)}"
            )
            assert found.is_whole, found
            assert set(answers) <= {"302", "409", "503", "no answer"}


def test_a_standby_that_lags_loses_what_was_acknowledged() -> None:
    """Planted: the primary does not wait for it."""
    with office_on_two(UNSURE) as (primary, standby, url, app), serving(url) as portal, under_load(app, portal) as rounds:
        standby.let_go()
        more_told(rounds, 8)
        primary.stop("kill")
        standby.promote()
        for each in rounds:
            each.ending.set()
            each.join()
        assert judged(app, rounds).lost


def is_healthy(portal: Portal) -> bool:
    return portal.get("/healthz")[0] == 200


def test_without_its_standby_nothing_is_acknowledged_and_health_says_so(figure: Figure) -> None:
    with office_on_two(SURE) as (primary, standby, url, _app), serving(url) as portal:
        assert is_healthy(portal)
        standby.let_go()
        took = wait_until(lambda: not is_healthy(portal), "health does not notice")
        wait_for_standbys(primary, UNSURE)  # what the operator does who goes on without one
        wait_until(lambda: is_healthy(portal), "it does not heal")
        figure(f"a standby that is gone shows after {took:.1f} s")
