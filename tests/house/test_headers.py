"""Row 6 of the bar: what every answer carries, pages, refusals, breakdowns and files alike."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from iki_portal.extensions import db
from tests import office
from tests.doors import METHODS, addresses

CSP = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WANTED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
KEY = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa"
FOREVER = "public, max-age=31536000, immutable"


def demand_headers(answer: Any, *, is_file: bool = False) -> None:
    where = f"{answer.request.path} {answer.status_code}"
    assert {name: answer.headers.get(name) for name in WANTED} == WANTED, where
    assert answer.headers["Cache-Control"] == (FOREVER if is_file else "no-store"), where
    assert "Access-Control-Allow-Origin" not in answer.headers, where
    if answer.mimetype.startswith("text/"):
        assert answer.mimetype_params == {"charset": "utf-8"}, where
    answer.close()


def test_headers_stand_on_every_page_for_everybody(app: Flask) -> None:
    for client in (app.test_client(), office.sign_in(app, office.OWNER), office.sign_in(app, office.OPERATOR)):
        for url in {*addresses(app, "GET"), *addresses(app, "POST"), "/tidak-ada"}:
            for method in METHODS:
                demand_headers(client.open(url, method=method))


def test_headers_stand_on_files_and_files_are_kept(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    files = re.findall(r'(?:href|src)="(/(?:static|bootstrap)[^"#]+)', client.get("/").get_data(as_text=True))
    assert files
    for url in (*files, "/aset/huruf/PublicSans.ttf"):
        answer = client.get(url)
        assert answer.status_code == 200
        demand_headers(answer, is_file=True)
    demand_headers(client.get("/static/tidak-ada.css"))


@pytest.mark.parametrize("status", [413, 422, 429, 500, 503])
def test_headers_stand_on_breakdowns_and_limits(url: str, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    app = office.portal(url, env="demo")
    broken = {500: RuntimeError("x"), 503: OperationalError("x", None, Exception("locked"))}

    def fail() -> None:
        raise broken[status]

    if status in broken:
        monkeypatch.setitem(app.view_functions, "auth.sign_in", fail)
        fail.access = app.view_functions["auth.enter"].access  # type: ignore[attr-defined]
    client = app.test_client()
    if status in broken:
        answer = client.get("/masuk")
    else:
        token = office.csrf_token(client, "/masuk")
        name = "x" * 5_000_000 if status == 413 else ""
        for _ in range(31 if status == 429 else 1):
            answer = client.post("/masuk", data={"csrf_token": token, "name": name})
    assert answer.status_code == status
    demand_headers(answer)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("hosts", [("portal.lumajang",), (".lumajang", "10.0.0.7"), ("10.0.0.7",)])
def test_the_portal_starts_with_the_host_names_it_answers_to(url: str, hosts: tuple[str, ...]) -> None:
    app = office.portal(url, trusted_hosts=hosts)
    page = app.test_client().get("/masuk", base_url=f"http://{hosts[-1].lstrip('.')}").get_data(as_text=True)
    assert 'href="/static/theme.css?v=' in page
    with app.app_context():
        db.engine.dispose()


def test_a_foreign_host_gets_a_sentence_with_headers(url: str) -> None:
    app = office.portal(url, trusted_hosts=("portal.lumajang",))
    client = app.test_client()
    assert client.get("/masuk", base_url="http://portal.lumajang").status_code == 200
    answer = client.get("/masuk", base_url="http://jahat.example")
    assert answer.status_code == 400
    assert "nama host" in answer.get_data(as_text=True)
    demand_headers(answer)
    with app.app_context():
        db.engine.dispose()


def test_the_cookie_is_closed_to_scripts_and_other_sites(app: Flask) -> None:
    cookie = app.test_client().get("/masuk").headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie)
    assert not any(part.startswith("Domain") for part in cookie)


def test_production_speaks_https_only(url: str) -> None:
    live = office.portal(url, env="production", secret_key=KEY)
    answer = live.test_client().get("/masuk", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-iki=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    max_age, subdomains = answer.headers["Strict-Transport-Security"].split("; ")
    assert int(max_age.removeprefix("max-age=")) >= 365 * 24 * 3600
    assert subdomains == "includeSubDomains"
    with live.app_context():
        db.engine.dispose()
