"""Row 10 of the bar: workers die by SIGKILL while officers decide; whatever was answered stands, and nothing stands half."""

import random
import time

import pytest
from flask import Flask

from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import Judged, judged, serving, under_load

pytestmark = [pytest.mark.fault, pytest.mark.bar]

#: Seconds between two kills, at most.
LONGEST_PAUSE = 0.4


def kill_under_load(app: Flask, url: str, *, kills: int, flaw: str = "") -> Judged:
    with serving(url, flaw=flaw) as portal, under_load(app, portal) as rounds:
        for _ in range(kills):
            time.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311  # a random moment is what is tested
            portal.kill_a_worker()
    return judged(app, rounds)


def test_a_planted_flaw_loses_what_was_acknowledged(each_app: Flask, database_url: str) -> None:
    assert kill_under_load(each_app, database_url, kills=20, flaw="answer before commit").lost


def test_nothing_acknowledged_is_lost_and_nothing_stands_half(each_app: Flask, database_url: str, figure: Figure) -> None:
    kills = rounds_of(500, short=5)
    found = kill_under_load(each_app, database_url, kills=kills)
    figure(f"{kills} kills, {found.told} decisions acknowledged, {len(found.lost)} lost, {len(found.half)} half done")
    assert found.told
    assert found.is_whole, found
