"""Row 23 of the bar: a thousand guesses at passwords, over four workers that share their limits, with forged addresses."""

import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis
from flask import Flask
from sqlalchemy import select

from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.extensions import db
from iki_portal.models import Account
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.browsers import Browser
from tests.faults.portals import Portal, serving

pytestmark = [pytest.mark.fault, pytest.mark.bar]

REDIS_URL = os.environ.get("IKI_TEST_REDIS_URL", "redis://127.0.0.1:6379") + "/9"
WORKERS, GUESSERS = 4, 8
#: An honest user is let in within so many seconds.
HONEST_WITHIN = 60
#: Answers about unknown names may differ from those about known ones by this share of the time.
TELLTALE = 0.35
#: More than this and a guesser learns too much.
MOST_WEIGHED = 10


@pytest.fixture
def shared_limits() -> Iterator[str]:
    client = redis.Redis.from_url(REDIS_URL)
    try:
        client.flushdb()
    except redis.ConnectionError as error:
        reason = f"no Redis at IKI_TEST_REDIS_URL: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield REDIS_URL
    client.flushdb()
    client.close()


def guess(portal: Portal, names: list[str], *, number: int) -> Counter[tuple[str, str]]:
    """So many guesses from `GUESSERS` browsers that claim another address every time: (name, what became of it)."""
    answers: Counter[tuple[str, str]] = Counter()

    def work(place: int) -> None:
        browser = Browser(portal, f"10.1.{place}.1")
        for each in range(place, number, GUESSERS):
            browser.claimed = f"10.{each % 200}.{place}.7"
            name = names[each % len(names)]
            answers[name, browser.sign_in(name, f"tebakan {each}")] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def most_weighed(answers: Counter[tuple[str, str]]) -> int:
    """The most guesses that were weighed against one account."""
    return max((times for (_, what), times in answers.items() if what == "weighed"), default=0)


def test_guesses_are_few_and_an_honest_user_comes_in(
    each_app: Flask, database_url: str, shared_limits: str, figure: Figure
) -> None:
    number = rounds_of(1000, short=80)
    with each_app.app_context():
        names = list(db.session.scalars(select(Account.name).where(Account.name != office.OUTSIDER).order_by(Account.id)))
    more = {"IKI_LIMITER_URL": shared_limits}
    with serving(database_url, workers=WORKERS, more=more) as portal:
        one = guess(portal, [office.OWNER], number=number // 2)
        many = guess(portal, names, number=number // 2)
        begun = time.monotonic()
        while Browser(portal).sign_in(office.OUTSIDER, DEMO_PASSWORD) != "in":
            assert time.monotonic() - begun < HONEST_WITHIN, "an honest user is shut out"
            time.sleep(1)
        honest = time.monotonic() - begun
    answers = one + many
    kinds = Counter[str]()
    for (_, what), times in answers.items():
        kinds[what] += times
    figure(f"{number} guesses {dict(kinds)}, at most {most_weighed(answers)} on one account, honest user in {honest:.0f} s")
    assert set(kinds) <= {"weighed", "locked", "limited"}
    assert 0 < most_weighed(answers) <= MOST_WEIGHED


def test_unknown_names_take_as_long_as_known_ones(url: str, figure: Figure) -> None:
    """Fewer than a lock's or a limit's number of tries of each, in turn."""
    times: dict[bool, list[float]] = {True: [], False: []}
    with serving(url, workers=1) as portal:
        browser = Browser(portal)
        browser.sign_in("siapa.pun", "pemanasan")
        for place in range(9):
            for known in (True, False):
                begun = time.perf_counter()
                browser.sign_in(office.OWNER if known else f"tidak.ada.{place}", "tebakan")
                times[known].append(time.perf_counter() - begun)
    known, unknown = (statistics.median(times[each]) for each in (True, False))
    figure(f"a known name {known * 1000:.0f} ms, an unknown one {unknown * 1000:.0f} ms")
    assert abs(known - unknown) <= TELLTALE * max(known, unknown)


def test_a_planted_flaw_weighs_more_guesses(url: str) -> None:
    with serving(url, workers=1, flaw="no lock") as portal:
        assert most_weighed(guess(portal, [office.OWNER], number=24)) > MOST_WEIGHED
