"""A PostgreSQL of a test's own, as a user without privileges: to be stopped, killed and cut off."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from tests.faults.portals import free_port, wait_until

#: Who the server runs as where the tests run as root, whom PostgreSQL refuses to serve.
SERVER_USER = "postgres"


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    if named is None and not found:
        pytest.skip("no initdb: apt-get install postgresql")
    return Path(named).resolve().parent if named else found[-1].parent


class Cluster:
    """`url` names its database `iki`; `host` is where it listens besides 127.0.0.1."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1") -> None:
        self.folder, self.host, self.port = folder, host, free_port()
        self.programs = _programs()
        folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        self.data = folder / "data"
        self._fill()
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(f"port={self.port}\nlisten_addresses='*'\nunix_socket_directories='{folder}'\nfsync=on\n")
        self.start()

    def _fill(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", "iki", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")

    def execute(self, *statements: str) -> None:
        """As the owner, each in a transaction of its own."""
        with psycopg.connect(f"postgresql://iki@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://iki@{self.host}:{self.port}/iki"

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups", *command]
        # to a file: a server that outlives pg_ctl would hold a pipe open
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(command, check=True, cwd=self.folder, stdout=log, stderr=log, timeout=60)

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "server.log"), "-w", "-t", "30", "start")

    def stop(self, mode: str) -> None:
        """`fast`, `immediate`, or `kill`: SIGKILL to the postmaster and everybody it started."""
        if mode != "kill":
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "30", "stop")
            return
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for each in (postmaster, *map(int, children)):
            _kill(each)
        wait_until(lambda: not Path(f"/proc/{postmaster}").exists(), "the postmaster does not die")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def restart(self, mode: str) -> None:
        self.stop(mode)
        self.start()


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


C = TypeVar("C", bound=Cluster)


class Standby(Cluster):
    """Follows `primary`, until it is promoted."""

    def __init__(self, folder: Path, primary: Cluster) -> None:
        self.primary = primary
        super().__init__(folder, host=primary.host)

    def _fill(self) -> None:
        source = f"host=127.0.0.1 port={self.primary.port} user=iki"
        self._run("pg_basebackup", "-D", str(self.data), "-d", source, "-R", "-X", "stream", "-c", "fast")

    def promote(self) -> None:
        """From now on it takes writes; what it had received stands."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "promote")

    def let_go(self) -> None:
        """Follow nobody any more, as behind a broken cable."""
        self.execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")


@contextmanager
def own_cluster(*, host: str = "127.0.0.1") -> Iterator[Cluster]:
    with _folder() as base, _stopping(Cluster(base / "pg", host=host)) as cluster:
        cluster.execute("CREATE DATABASE iki")
        yield cluster


@contextmanager
def own_standby(cluster: Cluster) -> Iterator[Standby]:
    """A standby of `cluster`."""
    with _folder() as base, _stopping(Standby(base / "pg", cluster)) as standby:
        yield standby


@contextmanager
def _folder() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="iki-cluster-"))
    base.chmod(0o711)
    try:
        yield base
    finally:
        shutil.rmtree(base)


@contextmanager
def _stopping(cluster: C) -> Iterator[C]:
    try:
        yield cluster
    finally:
        if (cluster.data / "postmaster.pid").exists():
            cluster.stop("immediate")
