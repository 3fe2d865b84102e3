"""Periksa dokumen: open without signing in; says what the paper says and what has become of it, nothing of unknown codes."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from iki_portal.approvals import operations
from iki_portal.domain.codes import ALPHABET, new_code, read_code
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db, limiter
from iki_portal.models import FrozenCopy
from tests import office
from tests.features.test_prints import pdf_of


def approved(app: Flask) -> tuple[int, str]:
    with app.app_context():
        sheet = office.bring_to("approved")
        code = db.session.scalars(select(FrozenCopy.code).where(FrozenCopy.sheet_id == sheet.id)).one()
        assert code is not None
        return sheet.id, code


def supersede(app: Flask, sheet_id: int) -> None:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        assert sheet.id == sheet_id
        with office.transaction():
            operations.revise(
                sheet, actor=office.actor(office.OWNER), reason=ReasonClass.BUDGET, note="Anggaran", now=office.now()
            )
        office.fill_in(target="8")
        office.submit()
        office.review()
        office.approve()


def send(client: FlaskClient, content: bytes) -> Any:
    """As a browser does; written out, because the test client leaves a temporary file of a large upload open."""
    token = office.csrf_token(client, "/periksa").encode()
    field = b'--xx\r\nContent-Disposition: form-data; name="'
    body = field + b'csrf_token"\r\n\r\n' + token + b"\r\n"
    body += field + b'berkas"; filename="IKI.pdf"\r\nContent-Type: application/pdf\r\n\r\n' + content + b"\r\n--xx--\r\n"
    return client.post("/periksa", data=body, content_type="multipart/form-data; boundary=xx")


def test_a_stranger_reads_what_a_code_stands_for(app: Flask) -> None:
    _, code = approved(app)
    typed = code.lower().replace("-", " ")
    page = app.test_client().get("/periksa", query_string={"kode": typed}).get_data(as_text=True)
    for words in (
        "Analis Kepegawaian Muda, tahun 2027",
        "Berlaku",
        "2027-0001",
        code,
        "Sekretaris",
        "bukan tanda tangan elektronik",
    ):
        assert words in page, words


def test_a_superseded_print_says_by_which_revision(app: Flask) -> None:
    sheet_id, code = approved(app)
    before = pdf_of(app, sheet_id)
    supersede(app, sheet_id)
    client = app.test_client()
    page = client.get("/periksa", query_string={"kode": code}).get_data(as_text=True)
    assert "Sudah digantikan" in page
    assert "oleh perubahan ke-1" in page
    assert "Berkas ini asli dan sudah digantikan." in send(client, before).get_data(as_text=True)


def test_a_file_is_genuine_altered_or_unknown(app: Flask) -> None:
    sheet_id, _ = approved(app)
    pdf, client = pdf_of(app, sheet_id), app.test_client()
    assert "Berkas ini asli dan berlaku." in send(client, pdf).get_data(as_text=True)
    altered = send(client, pdf[:-3] + b"\n%%").get_data(as_text=True)
    assert "tidak sama dengan yang diterbitkan" in altered
    assert "2027-0001" in altered
    for content in (b"%PDF-1.7 lain", b"\x00" * 1000, b"portal-iki, ZZZZ-ZZZZ-ZZZZ", b"portal-iki, ACDE-FGHJ-KMNP"):
        unknown = send(client, content).get_data(as_text=True)
        assert "Berkas ini tidak dikenal." in unknown
        assert "register" not in unknown


def test_ten_megabytes_of_noise_are_refused_with_a_sentence(app: Flask) -> None:
    client = app.test_client()
    answer = send(client, b"%PDF-1.7" + bytes(range(256)) * 40_000)
    assert answer.status_code == 413
    assert "berkas yang lebih kecil" in " ".join(answer.get_data(as_text=True).split())
    assert send(client, b"").status_code == 422


@pytest.mark.parametrize(
    "code", ["ACDE-FGHJ-KMNP", "acdefghjkmnp", "ZZZZ-ZZZZ-ZZZZ", "1", "'; DROP TABLE sheet", "x" * 5000, "\x00"]
)
def test_unknown_codes_reveal_nothing(app: Flask, code: str) -> None:
    approved(app)
    answer = app.test_client().get("/periksa", query_string={"kode": code})
    assert answer.status_code == (404 if read_code(code[:40]) else 422) or code == "\x00"
    page = answer.get_data(as_text=True)
    assert "Analis" not in page
    assert "register" not in page


def test_checking_is_limited(url: str) -> None:
    app = office.portal(url, env="demo")  # the limiter sleeps where `test` is the environment
    client = app.test_client()
    try:
        statuses = [client.get("/periksa", query_string={"kode": "ACDE-FGHJ-KMNP"}).status_code for _ in range(31)]
    finally:
        limiter.reset()
        limiter.enabled = False
        with app.app_context():
            db.engine.dispose()
    assert statuses == [404] * 30 + [429]


def test_codes_have_no_letters_that_look_alike_and_are_read_as_typed() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert not set("".join(codes)) & set("01258BILOSUVYZ")
    assert len(ALPHABET) == 22
    for code in list(codes)[:50]:
        assert read_code(f" {code.lower().replace('-', '')} ") == code
    assert [read_code(each) for each in ("", "ACDE-FGHJ", "ACDE-FGHJ-KMNO", "ACDE-FGHJ-KMNP-A")] == [None] * 4
