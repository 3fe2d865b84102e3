"""What machines ask: does it take writes, may it serve, how does it fare; and the lines that requests leave in the log."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from iki_portal.config import read_settings
from iki_portal.extensions import db
from iki_portal.web import database
from iki_portal.web.database import prove_write
from tests import office
from tests.restoring import looking_at

TOKEN = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa"


@pytest.fixture
def sqlite_app(sqlite_url: str) -> Iterator[Flask]:
    """The portal on SQLite, whatever the other tests run on."""
    with looking_at(sqlite_url) as found:
        yield found


def test_a_portal_that_takes_writes_is_healthy_and_leaves_no_cookie(each_app: Flask) -> None:
    answer = each_app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers
    ready = each_app.test_client().get("/readyz")
    assert (ready.status_code, ready.get_data(as_text=True)) == (200, "ok\n")


def test_the_proof_is_a_real_write_on_sqlite(sqlite_app: Flask, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert sqlite_app.test_client().get("/healthz").status_code == 200
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] > 1_700_000_000
    connection.close()


def test_the_proof_is_a_real_write_on_postgresql(postgres_url: str) -> None:
    with looking_at(postgres_url), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = connection.execute(text("SELECT pg_current_wal_flush_lsn()")).scalar_one()
        prove_write(db.engine)
        query = text("SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), :before)")
        assert connection.execute(query, {"before": before}).scalar_one() > 0


def test_a_portal_that_takes_no_writes_says_so(sqlite_app: Flask, sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        answer = sqlite_app.test_client().get("/healthz")
        somebody.execute("ROLLBACK")
    somebody.close()
    assert answer.status_code == 503
    assert "tidak dapat menyimpan" in answer.get_data(as_text=True)


def test_a_disk_without_room_is_unhealthy_before_an_approval_finds_out(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ROOM", 2**60)
    assert sqlite_app.test_client().get("/healthz").status_code == 503


def test_a_database_without_a_guard_is_not_ready(each_owned_app: Flask) -> None:
    with each_owned_app.app_context(), database.writing(), db.engine.begin() as connection:
        name = sorted(database.guards.present(connection))[0]
        is_sqlite = connection.dialect.name == "sqlite"
        connection.execute(text(f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name}() CASCADE"))
    answer = each_owned_app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "belum siap" in answer.get_data(as_text=True)
    assert name not in answer.get_data(as_text=True), "what exactly is wrong is for the log"


def test_however_often_somebody_knocks_the_disk_is_written_once_a_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[object] = []
    monkeypatch.setattr("iki_portal.upkeep.health_views.prove_write", writes.append)
    for _ in range(50):
        app.test_client().get("/healthz")
    assert len(writes) <= 2


def test_figures_are_for_who_knows_the_token(sqlite_url: str) -> None:
    closed, opened = office.portal(sqlite_url), office.portal(sqlite_url, metrics_token=TOKEN)
    assert closed.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404
    for wrong in ("", "Bearer ", "Bearer salah", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}é"):
        assert opened.test_client().get("/metrics", headers={"Authorization": wrong}).status_code == 404
    for app in (closed, opened):
        with app.app_context():
            db.engine.dispose()


def test_figures_tell_how_the_portal_fares_and_name_nobody(sqlite_url: str) -> None:
    app = office.portal(sqlite_url, metrics_token=TOKEN)
    client = office.sign_in(app, office.OWNER)
    client.get("/lembar")
    client.get("/lembar/999")
    client.open("/lembar", method="AUFLEGEN")
    stranger = app.test_client()
    office_token = office.csrf_token(stranger, "/masuk")
    stranger.post("/masuk", data={"csrf_token": office_token, "name": office.OWNER, "password": "salah sekali"})
    page = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)
    assert re.search(r'iki_request_seconds_count\{endpoint="indicators.sheets",method="GET",status="200"\} [1-9]', page)
    assert re.search(r'iki_refusals_total\{status="404"\} [1-9]', page)
    assert re.search(r"iki_sign_in_failures_total [1-9]", page)
    assert re.search(r"iki_database_wait_seconds_count [1-9]", page)
    assert 'iki_sheets{state="draft"} 20.0' in page
    assert 'iki_sheets{state="approved"} 0.0' in page
    assert "iki_history_number 1.0" in page
    assert 'method="other"' in page
    assert "AUFLEGEN" not in page
    assert office.OWNER not in page
    with app.app_context():
        db.engine.dispose()


def test_each_request_leaves_one_line_with_nothing_typed(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        account = office.actor(office.OWNER).account_id
    with capture_logs() as lines:
        answer = client.get("/lembar?cari=rahasia-sekali")
    (line,) = lines
    assert line["event"] == "request"
    assert (line["method"], line["endpoint"], line["status"], line["account"]) == ("GET", "indicators.sheets", 200, account)
    assert line["ms"] > 0
    assert "rahasia" not in repr(line)
    assert re.fullmatch(r"[0-9a-f]{12}", answer.headers["X-Request-ID"])
    assert get_contextvars() == {}, "what this thread logs next belongs to no request"


def test_a_password_never_reaches_the_log(sqlite_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    app = office.portal(sqlite_url)
    client = app.test_client()
    token = office.csrf_token(client, "/masuk")
    client.post("/masuk", data={"csrf_token": token, "name": office.OWNER, "password": "rahasia-sekali-benar"})
    said = capfd.readouterr().err
    assert '"event": "refused"' in said
    assert '"event": "request"' in said
    assert "rahasia-sekali-benar" not in said
    of_the_post = [line for line in said.splitlines() if '"status": 422' in line]
    assert len(of_the_post) == 2
    assert len({json.loads(line)["request"] for line in of_the_post}) == 1
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("given", "hops", "is_taken"),
    [
        ("0123456789abcdef0123456789abcdef", 1, True),
        ("0123456789abcdef0123456789abcdef", 0, False),  # anybody could have sent it
        ("short", 1, False),
        ("a" * 65, 1, False),
        ('"}{"event":"forged"', 1, False),
    ],
)
def test_a_request_id_is_taken_from_a_proxy_only_and_in_a_sane_shape(
    sqlite_url: str, given: str, hops: int, is_taken: bool
) -> None:
    app = office.portal(sqlite_url, proxy_hops=hops)
    said = app.test_client().get("/masuk", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (said == given) is is_taken
    with app.app_context():
        db.engine.dispose()


def test_a_breakdown_shows_the_code_that_stands_in_the_log(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = office.portal(sqlite_url, env="demo")

    def fail() -> None:
        raise RuntimeError("x")

    fail.access = app.view_functions["auth.enter"].access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "auth.sign_in", fail)
    with capture_logs() as lines:
        answer = app.test_client().get("/masuk")
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert f"Sebutkan kode ini kepada operator: <strong>{answer.headers['X-Request-ID']}</strong>" in page
    assert [line["event"] for line in lines] == ["unexpected", "request"]
    with app.app_context():
        db.engine.dispose()


def test_the_log_level_is_a_setting(sqlite_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    app = office.portal(sqlite_url, log_level="warning")
    app.test_client().get("/masuk")
    app.test_client().get("/tidak-ada")
    said = capfd.readouterr().err
    assert '"event": "request"' not in said
    assert '"event": "refused"' in said
    with app.app_context():
        db.engine.dispose()
    assert read_settings(env="test", secret_key=TOKEN).log_level == "info"
