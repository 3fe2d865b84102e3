"""Whatever is sent: a page in Indonesian with the right status, and never a 500."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from iki_portal.auth import queries
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import FrozenCopy, HistoryEntry, Indicator, Sheet, Statement
from tests import office
from tests.office import broken_copies

WILD = ["-1", "0", "abc", "9" * 30, "١٢", "\x00", "' OR 1=1 --", "<script>", "💥" * 50, "%00", "..", "None"]
QUERIES = ["halaman", "tahun", "unit", "status", "cari", "tampil"]

STORED = (Sheet, Statement, Indicator, HistoryEntry, FrozenCopy)


@contextmanager
def nothing_written(app: Flask) -> Iterator[None]:
    """Whatever happens inside: sheets, rows, history and frozen copies are the same afterwards, cell by cell."""
    before = contents(app)
    yield
    assert contents(app) == before


def contents(app: Flask) -> list[Any]:
    with app.app_context():
        db.session.rollback()
        tables = [each.__table__ for each in STORED]
        return [db.session.execute(table.select().order_by(*table.primary_key)).all() for table in tables]


def enter(client: FlaskClient, **fields: str) -> Any:
    """Send the sign-in form."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/masuk").get_data(as_text=True))
    assert token is not None
    return client.post("/masuk", data={"csrf_token": token[1], "name": office.OWNER, "password": DEMO_PASSWORD, **fields})


@pytest.mark.parametrize("value", WILD)
def test_wild_addresses_are_answered(app: Flask, value: str) -> None:
    client = office.sign_in(app, office.APPROVER)
    for page in ("/lembar", "/persetujuan", f"/tahun/{office.YEAR}", "/", "/organisasi"):
        for name in QUERIES:
            assert client.get(page, query_string={name: value}).status_code in (200, 404), (page, name)


@pytest.mark.parametrize(
    "path",
    [
        "/lembar/0",
        "/lembar/" + "9" * 40,
        "/lembar/" + "9" * 5000,
        "/lembar/-1",
        "/lembar/x",
        "/lembar/2147483648/ubah",
        "/tahun/1",
        "/tahun/" + "9" * 40,
        "/x",
    ],
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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_answered_with_a_page_that_names_the_right_one(app: Flask, method: str) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    token = office.csrf_token(client)
    for path in ("pengajuan", "penarikan", "keputusan"):
        answer = client.open(f"/lembar/{sheet_id}/{path}", method=method, headers={"X-CSRFToken": token})
        assert answer.status_code == 405
        assert "Cara membuka halaman ini keliru" in answer.get_data(as_text=True)
        assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["pengajuan", "penarikan", "keputusan", "perubahan", "ubah"])
def test_a_sheet_that_is_not_there_takes_no_step(app: Flask, path: str) -> None:
    client = office.sign_in(app, office.OWNER)
    for sheet_id in (0, 999_999, 2**31, 10**30):
        answer = office.post(client, f"/lembar/{sheet_id}/{path}", {"version": "1", "step": "review"})
        assert answer.status_code == 404, sheet_id


@pytest.mark.parametrize("page", ["", "/pdf", "/docx", "/e-kinerja", "/perbandingan", "/ubah", "/perubahan"])
def test_a_sheet_that_is_not_there_has_no_page(each_app: Flask, page: str) -> None:
    client = office.sign_in(each_app, office.OWNER)
    for sheet_id in (0, 999_999, 2**31, 10**30):
        assert client.get(f"/lembar/{sheet_id}{page}").status_code == 404, sheet_id


def test_who_sees_a_sheet_but_may_not_act_is_told_who_may(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    data = {"version": str(sheet.version), "step": "review"}
    with nothing_written(app):
        answer = office.post(office.sign_in(app, office.HEAD), f"/lembar/{sheet.id}/keputusan", data)
    assert answer.status_code == 403
    assert "Pegawai Contoh 06" in answer.get_data(as_text=True)
    with nothing_written(app):
        answer = office.post(office.sign_in(app, office.OUTSIDER), f"/lembar/{sheet.id}/keputusan", data)
    assert answer.status_code in (403, 404)


def test_an_expired_form_token_gives_the_text_back_with_a_fresh_one(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    url = f"/lembar/{sheet.id}/keputusan"
    data = {"version": str(sheet.version), "step": "return", "note": "Catatan yang lama disusun"}
    with nothing_written(app):
        for token in ("", "basi", office.csrf_token(office.sign_in(app, office.REVIEWER))):
            answer = client.post(url, data={"csrf_token": token, **data})
            page = answer.get_data(as_text=True)
            assert answer.status_code == 400
            assert "kedaluwarsa" in page
            assert '<input type="hidden" name="note" value="Catatan yang lama disusun">' in page
    fresh = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post(url, data={"csrf_token": fresh, **data}).status_code == 302


def test_a_second_click_changes_nothing_more(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("draft")
    client = office.sign_in(app, office.OWNER)
    data = {"version": str(sheet.version)}
    assert office.post(client, f"/lembar/{sheet.id}/pengajuan", data).status_code == 302
    with nothing_written(app):
        again = office.post(client, f"/lembar/{sheet.id}/pengajuan", data)
    assert again.status_code == 409
    assert "Pegawai Contoh 07 mengajukan lembar" in again.get_data(as_text=True)


@pytest.mark.parametrize("note", ["x" * 2001, "é" * 5000, "\n" * 3000 + "x"])
def test_a_note_that_is_too_long_is_kept_and_nothing_is_decided(app: Flask, note: str) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    data = {"version": str(sheet.version), "step": "return", "note": note}
    with nothing_written(app):
        answer = office.post(office.sign_in(app, office.REVIEWER), f"/lembar/{sheet.id}/keputusan", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Catatan paling panjang 2000 huruf" in page
    assert note.strip("\n")[:3000] in page


def test_a_note_may_be_written_in_any_script(each_app: Flask) -> None:
    note = "Rp1.000 – “kutip” ꦲꦏ꧀ꦱꦫ 💥 \u202ekanan\u202c <b>tebal</b> {{ 7 * 7 }}"
    with each_app.app_context():
        sheet = office.bring_to("submitted")
    data = {"version": str(sheet.version), "step": "return", "note": note}
    assert office.post(office.sign_in(each_app, office.REVIEWER), f"/lembar/{sheet.id}/keputusan", data).status_code == 302
    page = office.sign_in(each_app, office.OWNER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "ꦲꦏ꧀ꦱꦫ 💥" in page
    assert "&lt;b&gt;tebal&lt;/b&gt; {{ 7 * 7 }}" in page


def test_a_nul_byte_breaks_no_page_on_either_database(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("submitted")
    reviewer, owner = office.sign_in(each_app, office.REVIEWER), office.sign_in(each_app, office.OWNER)
    assert reviewer.get("/lembar", query_string={"cari": "Analis\x00 Kepegawaian"}).status_code == 200
    assert enter(each_app.test_client(), name="analis\x00").status_code == 422
    assert enter(each_app.test_client(), password="salah\x00").status_code == 422
    data = {"version": str(sheet.version), "step": "return", "note": "Perbaiki\x00 baris 1."}
    assert office.post(reviewer, f"/lembar/{sheet.id}/keputusan", data).status_code == 302
    assert "Perbaiki baris 1." in owner.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    with each_app.app_context():
        office.bring_to("approved")
    data = {"reason": "budget", "note": "Anggaran\x00 berubah"}
    assert office.post(owner, f"/lembar/{sheet.id}/perubahan", data).status_code == 302


@pytest.mark.parametrize("field", ["note", "step", "version", "rows"])
def test_a_file_where_text_belongs_is_no_text(app: Flask, field: str) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    data: dict[str, Any] = {"csrf_token": office.csrf_token(client), "version": str(sheet.version), "step": "return"}
    with nothing_written(app):
        data[field] = (io.BytesIO(b"isi berkas"), "catatan.txt")
        answer = client.post(f"/lembar/{sheet.id}/keputusan", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "kept", ['[["note", "\\ud800"]]', '[["\\udfff", "x"]]', "[" * 100_000, "{}", "null", '[["a"]]', "[[1, 2]]", "\x00"]
)
def test_carried_fields_that_nobody_could_have_typed_are_harmless(app: Flask, kept: str) -> None:
    answer = enter(app.test_client(), next="/lembar/1/keputusan", tertunda=kept)
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"version": 1}', "application/json"),
        (b"[1, 2", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"\xff\xfe%ff=%ff&&&;==", "application/x-www-form-urlencoded"),
        (b"version=1", "text/plain"),
        (b"", ""),
    ],
)
def test_a_body_that_is_no_form_is_refused(app: Flask, body: bytes, kind: str) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    token = office.csrf_token(client)
    for path in ("keputusan", "ubah", "pengajuan"):
        url = f"/lembar/{sheet.id}/{path}"
        with nothing_written(app):
            assert client.post(url, data=body, content_type=kind).status_code == 400
            told = client.post(url, data=body, content_type=kind, headers={"X-CSRFToken": token})
        assert told.status_code in (400, 403, 409, 422), path


def test_a_form_that_cannot_be_read_gives_back_what_was_typed(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    typed = {"statement": "b1", "statement-b1-text": "Kalimat yang panjang"}
    for broken in ({}, {"version": "x", "whole": "1"}, {"version": "1"}, {"version": "1", "whole": "1", "action": "hancurkan"}):
        with nothing_written(app):
            answer = office.post(client, f"/lembar/{sheet_id}/ubah", {**typed, **broken})
        assert answer.status_code == 422
        assert "Kalimat yang panjang" in answer.get_data(as_text=True)


FORGED = ["state", "owner_id", "reviewer_id", "approver_id", "approved_by_id", "revision", "year", "position_id", "is_operator"]
ANYTHING = st.one_of(st.text(max_size=60), st.sampled_from(WILD), st.integers().map(str))
FIELDS = st.dictionaries(
    st.sampled_from(
        ["version", "whole", "step", "note", "rows", "reason", "action", "statement", "statement-1-text",
         "statement-1-indicator", "indicator-1-target", "indicator-1-polarity",
         "name", "password", "next", "tertunda", "current", "new", "again", *FORGED]
    ),
    ANYTHING,
)  # fmt: skip
PATHS = st.sampled_from(
    ["/lembar/{id}/ubah", "/lembar/{id}/pengajuan", "/lembar/{id}/penarikan", "/lembar/{id}/keputusan",
     "/lembar/{id}/perubahan", "/masuk", "/masuk/demo", "/sandi", "/tahun/2027/penutupan"]
)  # fmt: skip
PAGES = st.sampled_from(
    ["/", "/lembar", "/lembar/{id}", "/lembar/{id}/ubah", "/lembar/{id}/perubahan", "/persetujuan", "/tahun", "/tahun/2027",
     "/organisasi", "/masuk", "/sandi"]
)  # fmt: skip
PEOPLE = st.sampled_from([office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, office.OPERATOR])


def test_no_form_breaks_the_portal(each_app: Flask) -> None:
    """What the examples do to the portal is part of the fun; the history must be whole at the end."""
    with each_app.app_context():
        sheet_id = office.bring_to("submitted").id
    on_sqlite = each_app.config["IKI"].database_url.startswith("sqlite")

    @settings(max_examples=200 if on_sqlite else 100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(path=PATHS, fields=FIELDS, person=PEOPLE)
    def answers(path: str, fields: dict[str, str], person: str) -> None:
        client = office.sign_in(each_app, person)
        answer = client.post(path.format(id=sheet_id), data={"csrf_token": office.csrf_token(client), **fields})
        assert answer.status_code in (200, 302, 403, 404, 409, 422), answer.status_code

    @settings(max_examples=100 if on_sqlite else 50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(path=PAGES, query=st.dictionaries(st.sampled_from(QUERIES), ANYTHING), person=PEOPLE)
    def shows(path: str, query: dict[str, str], person: str) -> None:
        answer = office.sign_in(each_app, person).get(path.format(id=sheet_id), query_string=query)
        assert answer.status_code in (200, 302, 403, 404, 409), answer.status_code

    answers()
    shows()
    with each_app.app_context():
        assert verify(each_app.config["IKI"].history_keys).problem == ""
        assert broken_copies() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_that_goes_away_before_anybody_is_known_gives_a_sentence_and_the_text_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    client = office.sign_in(app, office.REVIEWER)
    token = office.csrf_token(client)

    def gone(*_arguments: object, **_more: object) -> None:
        raise OperationalError("SELECT", {}, Exception("terminating connection"))

    monkeypatch.setattr(queries, "open_session", gone)
    if method == "POST":
        answer = client.post("/lembar/1/keputusan", data={"csrf_token": token, "note": "Sudah sesuai"})
    else:
        answer = client.get("/")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "Basis data tidak menjawab" in page
    assert ("Sudah sesuai" in page) == (method == "POST")


def test_what_stands_in_the_address_is_no_field_and_of_two_fields_the_first_counts(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    url, token = f"/lembar/{sheet.id}/keputusan", office.csrf_token(client)
    assert client.post(f"{url}?step=review&version={sheet.version}", data={"csrf_token": token}).status_code == 422
    twice = {"csrf_token": token, "version": str(sheet.version), "step": ["return", "review"]}
    assert client.post(url, data=twice).status_code == 422, "a return needs a note"
    assert client.open(url, method="TRACE").status_code == 405
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"
