"""Several servers of one portal: each a gunicorn in a network namespace of its own, behind a real nginx with the shipped
configuration, over one database and one Redis."""

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.clusters import Cluster
from tests.faults.networks import Place, own_network
from tests.faults.portals import LONGEST_ANSWER, ROOT, Door, Portal, free_port, wait_until
from tests.nginx import configured, program

#: Longer than what nobody may wait: a browser that gives up earlier would not say how long it took.
_MOST = 2 * LONGEST_ANSWER


class Front(Door):
    """nginx: the one address that people know."""

    def __init__(self, folder: Path, servers: Sequence[str]) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE
        # in the foreground, so that it is this test's own; the files of a root are for nobody else
        more = "daemon off; worker_processes 2; " + ("user root;" if os.getuid() == 0 else "")
        path = configured(folder, plain_port=free_port(), tls_port=self.port, servers=servers, more=more)
        command = [program("nginx"), "-p", str(folder), "-c", path.name]
        self.log = folder / "nginx.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(self.host, self.port, timeout=_MOST, context=self.trust)

    def wait(self) -> None:
        wait_until(self._answers, "nginx does not start")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/metrics")[0] == 404
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@contextmanager
def own_redis() -> Iterator[tuple[int, int]]:
    """The process and the port of a Redis that listens on every address of this machine and keeps nothing."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="iki-redis-")
    kept_nowhere = ("--save", "", "--appendonly", "no", "--protected-mode", "no", "--bind", "0.0.0.0", "--dir", folder)  # noqa: S104
    process = subprocess.Popen([program("redis-server"), "--port", str(port), *kept_nowhere], stdout=subprocess.DEVNULL)
    try:
        yield process.pid, port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Servers:
    front: Front
    portals: Sequence[Portal]
    places: Sequence[Place]
    redis: int

    @contextmanager
    def frozen_redis(self) -> Iterator[None]:
        """It takes connections and answers nobody."""
        os.kill(self.redis, signal.SIGSTOP)
        yield
        os.kill(self.redis, signal.SIGCONT)

    def kill(self, number: int) -> None:
        """SIGKILL to one server, master and workers."""
        self.portals[number].stop()


@contextmanager
def several_servers(
    cluster: Cluster, *, number: int = 4, flaw: str = "", more: Sequence[Mapping[str, str]] = ({}, {}, {}, {})
) -> Iterator[Servers]:
    """`number` servers and what stands before and behind them; `more` is what each has in its environment besides."""
    config = Path("tests/faults/gunicorn_conf.py") if flaw else ROOT / "gunicorn.conf.py"
    with ExitStack() as stack:
        redis, redis_port = stack.enter_context(own_redis())
        places = [stack.enter_context(own_network(each)) for each in range(1, number + 1)]
        portals = []
        for place, own in zip(places, more, strict=False):
            shared = {"IKI_PROXY_HOPS": "1", "IKI_LIMITER_URL": f"redis://{place.database}:{redis_port}"}
            url = cluster.url.replace(cluster.host, place.database)
            portals.append(
                Portal(url, host=place.officers, under=place.under, more={**shared, **own}, flaw=flaw, config=config)
            )
            stack.callback(portals[-1].stop)
        for portal in portals:
            portal.wait()
        front = Front(
            Path(stack.enter_context(tempfile.TemporaryDirectory())), [f"{each.host}:{each.port}" for each in portals]
        )
        stack.callback(front.stop)
        front.wait()
        yield Servers(front, portals, places, redis)
