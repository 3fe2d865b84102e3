"""Row 3 of the bar: reading changes nothing; a wrong method is a page that says so."""

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import db
from iki_portal.models import TrailEvent, TrailHead
from iki_portal.paths import PROJECT
from tests import office
from tests.doors import METHODS, addresses, doors
from tests.rows import fingerprint

PEOPLE = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, office.OPERATOR, office.OUTSIDER)
READING = ("GET", "HEAD", "OPTIONS")


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_reading_changes_nothing(app: Flask, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
    clients = [app.test_client(), *(office.sign_in(app, name) for name in PEOPLE)]
    with app.app_context():
        before = fingerprint()
        signed_in = db.session.scalars(select(TrailHead.number)).one()
    for client in clients:
        for url in (*addresses(app, "GET"), *addresses(app, "POST")):
            for method in READING:
                assert client.open(url, method=method, data={"version": "1"}).status_code < 500, (method, url)
    with app.app_context():
        assert fingerprint() == before, "a GET never writes: move the write into a POST view"
        noted = set(db.session.scalars(select(TrailEvent.action).where(TrailEvent.number > signed_in)))
        assert noted <= {TrailAction.REFUSAL, TrailAction.DOWNLOAD}, "no more than that it was refused, or what it handed out"


def test_one_read_writes_and_only_to_show_that_the_disk_takes_it() -> None:
    """`/healthz` changes no row (the fingerprint above includes it), and nobody else has its privilege (decision 0028)."""
    callers = [path.name for path in (PROJECT / "iki_portal").rglob("*.py") if "prove_write(" in path.read_text()]
    assert sorted(callers) == ["database.py", "health_views.py"]


@pytest.mark.parametrize("name", [office.OWNER, office.APPROVER, None])
def test_a_wrong_method_is_a_page_that_says_so_and_changes_nothing(app: Flask, name: str | None) -> None:
    client = office.sign_in(app, name) if name else app.test_client()
    token = office.csrf_token(client, "/sandi" if name else "/masuk")
    with app.app_context():
        sheet_id, before = office.sheet_of(office.OWNER).id, fingerprint()
    by_url: dict[str, set[str]] = {}
    for door in doors(app, sheet_id, files=True):
        by_url.setdefault(door.url, set()).update(door.methods)
    for url, methods in by_url.items():
        for method in set(METHODS) - methods:
            answer = client.open(url, method=method, data={"csrf_token": token})
            assert answer.status_code == 405, (method, url)
            assert set(answer.headers["Allow"].split(", ")) == methods, (method, url)
            if method != "HEAD":
                assert "Cara membuka halaman ini keliru" in answer.get_data(as_text=True), (method, url)
    with app.app_context():
        assert fingerprint() == before
