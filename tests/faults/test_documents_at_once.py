"""A real gunicorn with two threads, asked for documents by four people at once (typst's compiler is not made to be shared)."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from iki_portal.extensions import db
from tests import office

pytestmark = pytest.mark.fault


@pytest.fixture
def served(url: str) -> Iterator[tuple[str, str, list[int]]]:
    """Address, cookie of the Kepala Badan, and the ids of a draft and an approved sheet."""
    app = office.portal(url)
    with app.app_context():
        ids = [office.bring_to("approved").id, office.fill_in("analis.profesi").id]
    cookie = office.sign_in(app, office.HEAD).get_cookie("iki")
    assert cookie is not None
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind", f"fd://{listener.fileno()}"]
        command += ["--worker-class", "gthread", "--threads", "2", "--log-level", "warning", "wsgi:app"]
        settings = {"IKI_ENV": "test", "IKI_SECRET_KEY": app.config["SECRET_KEY"], "IKI_DATABASE_URL": url}
        with subprocess.Popen(command, env={**os.environ, **settings}, pass_fds=[listener.fileno()]) as process:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", f"iki={cookie.value}", ids
            process.terminate()


def test_four_at_once_on_two_threads_all_get_their_document(served: tuple[str, str, list[int]]) -> None:
    address, cookie, ids = served

    def fetch(place: int) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{address}/lembar/{ids[place % 2]}/pdf", headers={"Cookie": cookie})  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(fetch, range(40)))
    assert [status for status, _ in answers] == [200] * 40
    assert len({body for _, body in answers}) == 2
    assert all(body.startswith(b"%PDF") for _, body in answers)
