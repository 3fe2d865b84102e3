"""Whatever is sent: a page in Indonesian with the right status, and never a 500."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iki_portal.extensions import db
from tests import office

WILD = ["-1", "0", "abc", "9" * 30, "١٢", "\x00", "' OR 1=1 --", "<script>", "💥" * 50, "%00", "..", "None"]
QUERIES = ["halaman", "tahun", "unit", "status", "cari", "tampil"]


@pytest.mark.parametrize("value", WILD)
def test_wild_addresses_are_answered(app: Flask, value: str) -> None:
    client = office.sign_in(app, office.APPROVER)
    for page in ("/lembar", "/persetujuan", f"/tahun/{office.YEAR}", "/", "/organisasi"):
        for name in QUERIES:
            assert client.get(page, query_string={name: value}).status_code in (200, 404), (page, name)


@pytest.mark.parametrize(
    "path", ["/lembar/0", "/lembar/" + "9" * 40, "/lembar/-1", "/lembar/x", "/tahun/1", "/tahun/" + "9" * 40, "/x"]
)
def test_things_that_do_not_exist_are_not_found(app: Flask, path: str) -> None:
    answer = office.sign_in(app, office.HEAD).get(path)
    assert answer.status_code == 404
    assert "Halaman tidak ditemukan" in answer.get_data(as_text=True)


def test_a_request_that_is_too_large_is_told_so(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    answer = client.post(f"/lembar/{sheet_id}/ubah", data={"csrf_token": office.csrf_token(client), "note": "x" * (5 * 2**20)})
    assert answer.status_code == 413
    assert "Kiriman terlalu besar" in answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Flask]:
    """One portal for all examples: what they do to it is part of the fun."""
    path = tmp_path_factory.mktemp("fuzz") / "iki.db"
    shutil.copy(sqlite_template, path)
    app = office.portal(f"sqlite:///{path}")
    with app.app_context():
        office.bring_to("submitted")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


ANYTHING = st.one_of(st.text(max_size=60), st.sampled_from(WILD), st.integers().map(str))
FIELDS = st.dictionaries(
    st.sampled_from(
        ["version", "whole", "step", "note", "rows", "reason", "action", "statement", "statement-1-text",
         "statement-1-indicator", "indicator-1-target", "indicator-1-polarity",
         "name", "password", "next", "tertunda", "current", "new", "again"]
    ),
    ANYTHING,
)  # fmt: skip
PATHS = st.sampled_from(
    ["/lembar/{id}/ubah", "/lembar/{id}/pengajuan", "/lembar/{id}/penarikan", "/lembar/{id}/keputusan",
     "/lembar/{id}/perubahan", "/masuk", "/masuk/demo", "/sandi", "/tahun/2027/penutupan"]
)  # fmt: skip
PEOPLE = st.sampled_from([office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, office.OPERATOR])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, fields=FIELDS, person=PEOPLE)
def test_no_form_breaks_the_portal(standing: Flask, path: str, fields: dict[str, str], person: str) -> None:
    client = office.sign_in(standing, person)
    with standing.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    answer = client.post(path.format(id=sheet_id), data={"csrf_token": office.csrf_token(client), **fields})
    assert answer.status_code in (200, 302, 403, 404, 409, 422), answer.status_code
