"""Scanners in environments of their own, where their pins do not meet ours; and a cage to let them loose in."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.networks import Place, own_network
from tests.faults.portals import ROOT, free_port, wait_until

PINS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", Path(__file__).with_name("scanners.txt").read_text(), re.MULTILINE))
#: Who scans, and who serves what is scanned: nobody, in no group, with no rights; `env`, so that nobody looks for the program.
NOBODY = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--no-new-privs", "env")


@cache
def python() -> str:
    """A Python that nobody may run too, of this one's version: this one itself may lie in somebody's home."""
    same = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for found in (os.path.realpath(sys.executable), "/usr/bin/python3"):
        if (
            Path(found).exists()
            and subprocess.run([*NOBODY, found, "-c", same], capture_output=True, check=False).returncode == 0
        ):
            return found
    pytest.skip(f"no Python {sys.version_info[:2]} that an unprivileged user may run")


def scanner(name: str, program: str = "") -> str:
    """The path of a scanner's program, installed when it is not there yet; skips with the reason where it cannot be."""
    folder = ROOT / "build" / "scanners" / f"{name}-{PINS[name]}"
    found = folder / "bin" / (program or name)
    if not found.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python(), "-m", "venv", str(folder)], check=True)
        command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", f"{name}=={PINS[name]}"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            shutil.rmtree(folder)
            pytest.skip(f"{name} {PINS[name]} cannot be installed here: {made.stderr.strip().splitlines()[-1:]}")
    return str(found)


def output_of(command: Sequence[str], *, within: int = 300, good: Sequence[int] = (0, 1)) -> str:
    """What a scanner writes; it must end by itself within so many seconds, and not with an error of its own."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode in good, done.stderr[-2000:]
    return done.stdout


@dataclass(frozen=True)
class Cage:
    """A network without a way out, a folder that nobody may write to, and `nobody` to do it all."""

    place: Place
    folder: Path

    @property
    def under(self) -> tuple[str, ...]:
        return (*self.place.under, *NOBODY)

    def file(self, name: str) -> Path:
        return self.folder / name

    def scan(self, command: Sequence[str], *, within: int) -> str:
        """Let a scanner loose for at most so many seconds; everything it said."""
        home = [f"HOME={self.folder}", f"TMPDIR={self.folder}", *command]
        with self.file("said").open("w+b") as said:
            process = subprocess.Popen(
                [*self.under, *home], cwd=self.folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL
            )
            try:
                process.wait(within)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                pytest.fail(f"{command[0]} does not end within {within} s")
            said.seek(0)
            return said.read().decode(errors="replace")

    @contextmanager
    def flawed_page(self) -> Iterator[str]:
        """The address of tests/faults/flawed_page.py, served in here alone."""
        port = free_port()
        command = [python(), str(ROOT / "tests" / "faults" / "flawed_page.py"), self.place.officers, str(port)]
        process = subprocess.Popen([*self.under, *command])
        address = f"http://{self.place.officers}:{port}"
        try:
            wait_until(lambda: _answers(self.place.officers, port), "the flawed page is not served")
            yield address
        finally:
            process.kill()
            process.wait()


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def cage() -> Iterator[Cage]:
    with own_network() as place:
        folder = Path(tempfile.mkdtemp(prefix="iki-cage-"))
        shutil.chown(folder, "nobody", "nogroup")
        try:
            yield Cage(place, folder)
        finally:
            shutil.rmtree(folder)


#: One finding of whatever scanner: where, which rule, what it says.
Found = tuple[str, str, str]


def bandit(target: Path) -> list[Found]:
    """Findings of medium and high severity, but those on lines that ruff's same rule was answered on with a reason.

    Ruff's rules S… are bandit's B…; ruff itself refuses an answer that answers nothing (RUF100).
    """
    report = json.loads(output_of([scanner("bandit"), "-q", "-r", str(target), "-f", "json", "--severity-level", "medium"]))
    return [
        (f"{each['filename']}:{each['line_number']}", each["test_id"], each["issue_text"])
        for each in report["results"]
        if f"noqa: {each['test_id'].replace('B', 'S', 1)}" not in _lines(each)
    ]


def _lines(each: dict[str, Any]) -> str:
    lines = Path(ROOT, each["filename"]).read_text().splitlines()
    return "\n".join(lines[number - 1] for number in each["line_range"])


def semgrep(target: Path) -> list[Found]:
    """What our own few rules find (tests/faults/semgrep.yml); they are read from the file, and nobody is told."""
    command = [
        scanner("semgrep"),
        "scan",
        "--metrics",
        "off",
        "--disable-version-check",
        "--no-git-ignore",
        "--json",
        "--quiet",
    ]
    report = json.loads(output_of([*command, "--config", "tests/faults/semgrep.yml", str(target)]))
    assert report["errors"] == []
    return [
        (f"{each['path']}:{each['start']['line']}", each["check_id"].rsplit(".", 1)[-1], each["extra"]["message"])
        for each in report["results"]
    ]


Scanner = Callable[[Path], list[Found]]
