"""System calls of a running process, seen or made to fail by strace: whether what is promised lies on the disk."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.portals import wait_until

SYNCS = "fsync,fdatasync"


def demand_strace() -> str:
    found = shutil.which("strace")
    if found is None:
        pytest.skip("no strace: apt-get install strace")
    return found


@contextmanager
def traced(processes: Sequence[int], log: Path, *, calls: str, inject: str = "") -> Iterator[None]:
    """The calls of these processes and their threads go to `log` while the block runs; `inject` spoils them."""
    command = [demand_strace(), "-f", "-yy", "-e", f"trace={calls}", "-s", "24", "-o", str(log)]
    command += ["-e", f"inject={inject}"] if inject else []
    command += [word for each in processes for word in ("-p", str(each))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        wait_until(lambda: all(_is_traced(each) for each in processes), "strace does not begin")
        try:
            yield
        finally:
            strace.terminate()
            strace.stderr.read()


def _is_traced(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    return "TracerPid:\t0" not in status
