"""Row 27 of the bar: backups of a portal in use, restored, hold all that was acknowledged; a killed restore is repeated."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import ROOT, Round, judged, serving, under_load, wait_until
from tests.long_history import write_history
from tests.restoring import Operator, empty_target, looking_at, tables_at

pytestmark = pytest.mark.fault

ROWS = 100_000
LONGEST_RESTORE = 60


def acknowledged(rounds: list[Round]) -> list[int]:
    """How many decisions each of the officers has been told are done."""
    return [len(each.told) for each in rounds]


def test_a_backup_under_load_holds_everything_acknowledged_before_it(
    each_app: Flask, database_url: str, tmp_path: Path, figure: Figure
) -> None:
    copies, operator = rounds_of(24, short=1), Operator(database_url, tmp_path)
    taken: list[tuple[Path, list[int]]] = []
    with serving(database_url) as portal, under_load(each_app, portal) as rounds:
        for _ in range(copies):
            before = acknowledged(rounds)
            wait_until(lambda before=before: sum(acknowledged(rounds)) > sum(before) + 3, "nobody decides")  # type: ignore[misc]
            before = acknowledged(rounds)
            taken.append((operator.back_up(), before))
    told = 0
    for backup, before in taken:
        with empty_target(database_url, tmp_path) as target:
            operator.at(target).good("restore", backup)
            with looking_at(target) as restored:
                found = judged(restored, [_until(each, count) for each, count in zip(rounds, before, strict=True)])
        assert found.told
        assert found.is_whole, found
        told += found.told
    figure(f"{copies} backups under load: {told} decisions acknowledged before them, 0 lost")


def _until(round_: Round, count: int) -> Round:
    """What this officer had been told when the backup began."""
    earlier = Round.__new__(Round)
    earlier.told = round_.told[:count]
    return earlier


def test_a_killed_restore_is_seen_and_can_be_repeated(database_url: str, tmp_path: Path) -> None:
    operator = Operator(database_url, tmp_path)
    backup = operator.back_up()
    with empty_target(database_url, tmp_path) as target:
        there = operator.at(target)
        for _ in range(rounds_of(10, short=1)):
            _kill_in_the_middle(there, backup)
            assert "run `iki restore` again" in there.refused("database", "check")
        there.good("restore", backup)
        assert "every guard stands" in there.good("database", "check")


def _environment(operator: Operator) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **operator.environment()}


def _kill_in_the_middle(operator: Operator, backup: Path) -> None:
    """SIGKILL once something has been written, before everything has been."""
    command = [sys.executable, "-m", "iki_portal.cli", "restore", str(backup)]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(operator), stderr=subprocess.PIPE)
    try:
        wait_until(lambda: _is_begun(operator), "the restore does not begin", within=60)
        assert process.poll() is None, "too late: the restore has ended"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def _is_begun(operator: Operator) -> bool:
    if operator.url.startswith("sqlite"):
        return bool([path for path in operator.folder.iterdir() if path.name.endswith(".restoring")])
    return "unfinished_restore" in tables_at(operator.url)


@pytest.mark.bar
def test_a_hundred_thousand_rows_are_restored_and_verified_within_a_minute(
    each_app: Flask, database_url: str, tmp_path: Path, figure: Figure
) -> None:
    with each_app.app_context():
        write_history(each_app, ROWS)
    operator = Operator(database_url, tmp_path)
    backup = operator.back_up()
    with empty_target(database_url, tmp_path) as target:
        begun = time.monotonic()
        assert f"up to row {ROWS}" in operator.at(target).good("restore", backup)
        took = time.monotonic() - begun
    figure(f"{database_url.partition(':')[0]}: {ROWS} rows of history restored and verified in {took:.0f} s")
    assert took <= LONGEST_RESTORE
