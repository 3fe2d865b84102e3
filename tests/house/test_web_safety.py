"""Rows 3, 4, 5 and 6 of the bar: reading changes nothing, tokens, surplus fields, headers."""

import hashlib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from iki_portal.extensions import Base, db
from iki_portal.web.access import declared
from tests import office

PEOPLE = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, office.OPERATOR, office.OUTSIDER)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def fingerprint(*, without: frozenset[str] = frozenset()) -> str:
    """One hash over every row of every table."""
    total = hashlib.sha256()
    for name in sorted(Base.metadata.tables.keys() - without):
        rows = sorted(map(repr, db.session.execute(text(f'SELECT * FROM "{name}"')).all()))  # noqa: S608
        total.update("\n".join(rows).encode())
    db.session.rollback()
    return total.hexdigest()


def addresses(app: Flask, method: str) -> list[str]:
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    found = []
    for rule in app.url_map.iter_rules():
        access = declared(app, rule.endpoint)
        if rule.endpoint in ("static", "bootstrap.static", "assets.font") or method not in (rule.methods or ()):
            continue
        assert access is not None
        found.append(rule.rule.replace("<int:sheet_id>", str(sheet_id)).replace("<int:year>", str(office.YEAR)))
    return found


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_reading_changes_nothing(app: Flask, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
    clients = [office.sign_in(app, name) for name in PEOPLE]
    with app.app_context():
        before = fingerprint()
    for client in clients:
        for url in addresses(app, "GET"):
            for call in (client.get, client.head, client.options):
                assert call(url).status_code < 500
    with app.app_context():
        assert fingerprint() == before


def test_a_wrong_method_is_a_page_that_says_so(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    page = client.get(addresses(app, "POST")[0].replace("/masuk", "/keluar"))
    assert page.status_code == 405
    assert "Cara membuka halaman ini keliru" in page.get_data(as_text=True)
    assert "POST" in page.headers["Allow"]


def token_of(client: FlaskClient) -> str:
    return office.csrf_token(client)


def test_without_a_good_token_nothing_happens_and_what_was_typed_comes_back(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
    client, other = office.sign_in(app, office.REVIEWER), office.sign_in(app, office.OWNER)
    again = office.sign_in(app, office.REVIEWER)
    bad_tokens = [None, "", "salah", token_of(other), token_of(again)]
    token_of(client)
    with app.app_context():
        before = fingerprint()
    closed = f"/tahun/{office.YEAR}/penutupan"  # this door is closed to a Kabid before any token is read
    for url in set(addresses(app, "POST")) - {closed}:
        for token in bad_tokens:
            data = {"note": "Catatan yang panjang", **({"csrf_token": token} if token is not None else {})}
            answer = client.post(url, data=data)
            assert answer.status_code == 400, (url, token)
            assert "Catatan yang panjang" in answer.get_data(as_text=True)
    with app.app_context():
        assert fingerprint() == before


def test_surplus_fields_change_nothing_more(app: Flask) -> None:
    """Every form with every column of the tables added: only what the form is for may happen."""
    client = office.sign_in(app, office.OWNER)
    columns = {column.name: "1" for table in Base.metadata.tables.values() for column in table.columns}
    forged = {**columns, "state": "approved", "owner": "1", "role": "operator", "is_operator": "1", "approved_by_id": "1"}
    with app.app_context():
        office.fill_in()
        sheet = office.sheet_of(office.OWNER)
        before = fingerprint(without=frozenset({"sheet", "history_entry", "history_head", "sheet_content"}))
    data = {**forged, "version": str(sheet.version)}
    assert office.post(client, f"/lembar/{sheet.id}/pengajuan", data).status_code == 302
    with app.app_context():
        after = office.sheet_of(office.OWNER)
        assert (after.state, after.version, after.approved_by_id, after.position_id, after.year) == (
            "submitted", sheet.version + 1, None, sheet.position_id, sheet.year,
        )  # fmt: skip
        assert after.submitted_by_id == office.actor(office.OWNER).employee_id
        assert fingerprint(without=frozenset({"sheet", "history_entry", "history_head", "sheet_content"})) == before
    reviewer = office.sign_in(app, office.REVIEWER)
    data = {**forged, "version": str(after.version), "step": "review", "note": ""}
    data.pop("rows")
    assert office.post(reviewer, f"/lembar/{sheet.id}/keputusan", data).status_code == 302
    with app.app_context():
        decided = office.sheet_of(office.OWNER)
        assert (decided.state, decided.approved_by_id) == ("reviewed", None)
        assert decided.reviewed_by_id == office.actor(office.REVIEWER).employee_id


def test_headers_stand_on_every_answer(app: Flask) -> None:
    stranger, client = app.test_client(), office.sign_in(app, office.OWNER)
    files = re.findall(r'(?:href|src)="(/(?:static|bootstrap)[^"#]+)', client.get("/").get_data(as_text=True))
    answers = [client.get(url) for url in (*addresses(app, "GET"), *files, "/aset/huruf/PublicSans.ttf", "/tidak-ada")]
    answers += [stranger.get("/masuk"), stranger.get("/"), client.post("/keluar"), client.get("/keluar"), stranger.get("/x")]
    for answer in answers:
        where = f"{answer.request.path} {answer.status_code}"
        assert answer.headers["Content-Security-Policy"] == CSP, where
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert answer.headers["Referrer-Policy"] == "same-origin", where
        assert answer.headers["X-Frame-Options"] == "DENY", where
        is_file = answer.status_code == 200 and answer.request.path.startswith(("/static", "/bootstrap", "/aset"))
        assert answer.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if is_file else "no-store"), where
        answer.close()


def test_the_cookie_is_closed_to_scripts_and_other_sites(app: Flask, sqlite_url: str) -> None:
    cookie = app.test_client().get("/masuk").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    live = office.portal(sqlite_url, env="production", secret_key="q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa")
    assert "Secure" in live.test_client().get("/masuk", base_url="https://localhost").headers["Set-Cookie"]
    with live.app_context():
        db.engine.dispose()
