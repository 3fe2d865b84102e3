"""`make bench`: CPU time per request of the portal's pages against a bare Flask page that shows the same rows.

Three servers at once (the portal with 20 sheets, the portal with 5,000, the bare page), each one gunicorn worker on 127.0.0.1.
Rounds are interleaved, so that a busy machine is busy for all of them; a figure is the median of the rounds. Exit code 1 when
a bar is missed.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from sqlalchemy import select

from benchmarks.generate import READER, furnish, grow
from iki_portal.extensions import db
from iki_portal.indicators.sight import asked_by, waits_for
from iki_portal.models import Sheet
from tests import office

ROUNDS = 7
REQUESTS = 60
SHEETS = 5000
AGAINST_BARE, AGAINST_SELF, MEMORY_MB = 2.0, 1.3, 150
PAGES = {"Beranda": ("/", "/home"), "Lembar IKI": ("/lembar/{sheet}", "/sheet"), "Daftar lembar": ("/lembar", "/list")}
PAGES["Persetujuan"] = ("/persetujuan", "/inbox")
SECRET = "k" * 20 + "0123456789abcdefghij"


class Server:
    """One gunicorn with one worker, and what its worker has used so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.parent = psutil.Process(process.pid)
        self.peak = 0

    def get(self, path: str) -> int:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            if answer.url != request.full_url:
                raise RuntimeError(f"{path} was redirected to {answer.url}")
            return len(answer.read())

    def cost(self, path: str, requests: int) -> float:
        """CPU milliseconds per request."""
        worker = self.parent.children()[0]
        before = worker.cpu_times()
        for _ in range(requests):
            self.get(path)
        after = worker.cpu_times()
        self.peak = max(self.peak, worker.memory_info().rss)
        return (after.user + after.system - before.user - before.system) / requests * 1000


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(module: str, environment: dict[str, str], cookie: str = "", ready: str = "/") -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning", module]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        server = Server(process, port, cookie)
        for _ in range(200):
            try:
                server.get(ready)
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def portal_on(stack: ExitStack, folder: Path, name: str, sheets: int) -> tuple[Server, dict[str, str]]:
    """A portal with that many sheets and the reader signed in; and what the bare page must be told."""
    url = f"sqlite:///{folder / name}.db"
    app = furnish(url)
    if sheets > 20:
        grow(app, sheets)
    client = office.sign_in(app, READER)
    cookie = client.get_cookie("iki")
    if cookie is None:
        raise RuntimeError("the reader has no session cookie")
    with app.app_context():
        actor, on = office.actor(READER), office.today_in_office()
        query = select(Sheet.id).where(waits_for()).order_by(Sheet.submitted_at).limit(25)
        waiting = db.session.scalars(query, asked_by(actor, on)).all()
        facts = {
            "BARE_DATABASE_URL": url,
            "BARE_SHEET_ID": str(office.sheet_of(office.OWNER).id),
            "BARE_YEAR": str(office.YEAR),
            "BARE_WAITING": ",".join(map(str, waiting)),
            "BARE_OWN": str(office.sheet_of(READER).id),
        }
        db.engine.dispose()
    settings = {"IKI_ENV": "test", "IKI_SECRET_KEY": SECRET, "IKI_DATABASE_URL": url}
    server = stack.enter_context(serving("wsgi:app", settings, f"iki={cookie.value}"))
    return server, facts


def measure(servers: dict[str, Server], paths: dict[str, str]) -> dict[str, float]:
    """Median CPU milliseconds per request of each server, rounds interleaved."""
    costs: dict[str, list[float]] = {name: [] for name in servers}
    for name, server in servers.items():
        server.cost(paths[name], 15)
    for _ in range(ROUNDS):
        for name, server in servers.items():
            costs[name].append(server.cost(paths[name], REQUESTS))
    return {name: statistics.median(each) for name, each in costs.items()}


def main() -> int:
    missed = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        small, facts = portal_on(stack, Path(folder), "small", 20)
        large, _ = portal_on(stack, Path(folder), "large", SHEETS)
        bare = stack.enter_context(serving("benchmarks.bare:app", facts, ready="/list"))
        print(f"{'page':<16}{'bare ms':>9}{'20 ms':>9}{'ratio':>8}{'bar':>6}{SHEETS:>10} ms{'ratio':>8}{'bar':>6}")
        for page, (path, bare_path) in PAGES.items():
            here = path.format(sheet=facts["BARE_SHEET_ID"])
            cost = measure({"bare": bare, "small": small, "large": large}, {"bare": bare_path, "small": here, "large": here})
            to_bare, to_self = cost["small"] / cost["bare"], cost["large"] / cost["small"]
            print(
                f"{page:<16}{cost['bare']:>9.2f}{cost['small']:>9.2f}{to_bare:>8.2f}{AGAINST_BARE:>6}"
                f"{cost['large']:>13.2f}{to_self:>8.2f}{AGAINST_SELF:>6}"
            )
            missed += [page] if to_bare > AGAINST_BARE or to_self > AGAINST_SELF else []
        peak = max(small.peak, large.peak) / 2**20
        print(f"peak memory of a worker: {peak:.0f} MB (bar {MEMORY_MB})")
        missed += ["memory"] if peak > MEMORY_MB else []
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
