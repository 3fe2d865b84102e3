"""Row 12 of the bar: the disk is full, or takes no more writes. The portal says so, goes on reading, and heals by itself."""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from iki_portal.extensions import db
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.faults.portals import PATIENCE, Judged, Officer, Portal, Round, judged, serving, under_load, wait_until
from tests.faults.tracing import SYNCS, demand_strace, traced

pytestmark = [pytest.mark.fault, pytest.mark.bar]

HEALS_WITHIN = 5
Act = Callable[[], None]
Count = Callable[[list[Round]], int]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 64 MB of this test's own."""
    if os.getuid() != 0:
        pytest.skip("only root mounts a file system")
    folder = Path(tempfile.mkdtemp(prefix="iki-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def url(small_disk: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, small_disk / "iki.db")
    return f"sqlite:///{small_disk}/iki.db"


@pytest.fixture
def app(url: str) -> Iterator[Flask]:
    made = office.portal(url)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 65536)
        except OSError:
            return


def acknowledged(rounds: list[Round]) -> int:
    return sum(len(each.told) for each in rounds)


def refused(rounds: list[Round]) -> int:
    return sum(each.answers["503"] for each in rounds)


def more(
    count: Callable[[list[Round]], int], rounds: list[Round], said: str, *, by: int = 3, within: float = PATIENCE
) -> float:
    """Wait until `count` has grown by so many; the seconds it took."""
    before = count(rounds)
    return wait_until(lambda: count(rounds) >= before + by, said, within=within)


def break_and_heal(app: Flask, portal: Portal, *, times: int, spoil: Act, mend: Act) -> tuple[Judged, list[Round], float]:
    """Spoil the disk under load and mend it again; what became of everything, and the longest time to heal in seconds."""
    reader, slowest = Officer(app, office.HEAD), 0.0
    with under_load(app, portal) as rounds:
        for _ in range(times):
            more(acknowledged, rounds, "nobody decides")
            spoil()
            more(acknowledged if portal.flaw else refused, rounds, "nobody is told")
            for path in ("/", "/lembar", "/persetujuan"):
                assert portal.get(path, cookie=reader.cookie)[0] == 200, path
            wait_until(lambda: portal.get("/healthz")[0] == 503, "health is not red", within=HEALS_WITHIN)
            mend()
            wait_until(lambda: portal.get("/healthz")[0] == 200, "health stays red", within=HEALS_WITHIN)
            slowest = max(slowest, more(acknowledged, rounds, "does not heal", by=1, within=HEALS_WITHIN))
    return judged(app, rounds), rounds, slowest


def demand_whole(found: Judged, rounds: list[Round]) -> None:
    assert found.is_whole, found
    answers = sum((each.answers for each in rounds), Counter[str]())
    assert set(answers) <= {"302", "409", "503"}, answers


def test_a_planted_flaw_that_hides_errors_is_found(app: Flask, url: str, small_disk: Path) -> None:
    with serving(url, flaw="say done anyway") as portal:
        found, _, _ = break_and_heal(app, portal, times=2, spoil=lambda: fill(small_disk), mend=(small_disk / "filler").unlink)
    assert found.lost


def test_a_full_disk_is_said_and_nothing_is_lost(app: Flask, url: str, small_disk: Path, figure: Figure) -> None:
    times = rounds_of(10, short=2)
    with serving(url) as portal:
        found, rounds, slowest = break_and_heal(
            app, portal, times=times, spoil=lambda: fill(small_disk), mend=(small_disk / "filler").unlink
        )
    figure(f"disk full {times} times: healed in {slowest:.1f} s, {found.told} acknowledged, {len(found.lost)} lost")
    demand_whole(found, rounds)


def test_a_failing_sync_is_said_and_nothing_is_lost(app: Flask, url: str, tmp_path: Path, figure: Figure) -> None:
    """What was written does not reach the disk: every sync of the workers ends with an error, as on a disk that dies."""
    times, trouble = rounds_of(10, short=2), ExitStack()
    demand_strace()
    with serving(url, is_logged=False) as portal:

        def spoil() -> None:
            failing = traced(portal.worker_ids(), tmp_path / "calls", calls=SYNCS, inject=f"{SYNCS}:error=EIO")
            trouble.enter_context(failing)

        found, rounds, slowest = break_and_heal(app, portal, times=times, spoil=spoil, mend=trouble.close)
    figure(f"syncs failed {times} times: healed in {slowest:.1f} s, {found.told} acknowledged, {len(found.lost)} lost")
    demand_whole(found, rounds)


def test_a_failing_write_is_said_and_nothing_is_lost(app: Flask, url: str, figure: Figure) -> None:
    """Workers that may write nothing beyond the first byte of any file: each write fails, as on a broken disk."""
    times = rounds_of(10, short=2)
    with serving(url, is_logged=False) as portal:

        def limit(size: str) -> None:
            for worker in portal.worker_ids():
                subprocess.run(["prlimit", f"--fsize={size}", "--pid", str(worker)], check=True)

        found, rounds, slowest = break_and_heal(
            app, portal, times=times, spoil=lambda: limit("1:unlimited"), mend=lambda: limit("unlimited")
        )
    figure(f"writes failed {times} times: healed in {slowest:.1f} s, {found.told} acknowledged, {len(found.lost)} lost")
    demand_whole(found, rounds)
