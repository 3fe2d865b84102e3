"""Documents of one sheet through the browser: the official print never changes, whatever becomes of people and posts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import select, update

from iki_portal.approvals import prints
from iki_portal.extensions import db
from iki_portal.models import Employee, FrozenCopy, HistoryEntry, IssuedPrint, OfficeText, Position
from tests import office
from tests.documents.test_pdf import pages

KEY_PASSWORD = "rahasia-sertifikat"


def pdf_of(app: Flask, sheet_id: int, name: str = office.OUTSIDER) -> bytes:
    answer = office.sign_in(app, name).get(f"/lembar/{sheet_id}/pdf")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=IKI-2027-")
    return answer.data


def test_the_print_stays_the_same_bytes_after_people_posts_and_settings_change(each_app: Flask) -> None:
    with each_app.app_context():
        sheet_id = office.bring_to("approved").id
    before = pdf_of(each_app, sheet_id)
    with each_app.app_context(), office.transaction():
        db.session.execute(update(Employee).values(name="Orang Lain", degrees_after="S.E.", rank="IV/e"))
        db.session.execute(update(Position).values(given_title="Jabatan Baru", main_duty="Tugas lain"))
        db.session.execute(update(OfficeText).values(government="PEMERINTAH LAIN", place="Jember", page_size="f4"))
    assert pdf_of(each_app, sheet_id) == before
    with each_app.app_context():
        again = prints.sheet_pdf(prints.printed_copies([sheet_id])[sheet_id], printed_on=office.today_in_office())
    assert again == before, "the copy alone gives the print again"


def test_the_print_names_the_history_row_that_approved(app: Flask) -> None:
    with app.app_context():
        sheet_id = office.bring_to("approved").id
        copy = db.session.scalars(select(FrozenCopy)).one()
        row = db.session.scalars(select(HistoryEntry).where(HistoryEntry.number == copy.history_number)).one()
        assert row.action == "approve"
        assert row.content_hash == copy.sha256
    text = " ".join(pages(pdf_of(app, sheet_id)))
    assert f"Riwayat no. {row.number}: {row.hash[:16]}" in text
    assert copy.register == "2027-0001"
    assert copy.code in text


def test_register_numbers_follow_each_other_in_every_year(app: Flask) -> None:
    with app.app_context():
        for code in (office.OWNER, "analis.profesi", office.OTHER_REVIEWER):
            office.bring_to("approved", code)
        registers = db.session.scalars(select(FrozenCopy.register).order_by(FrozenCopy.register)).all()
        codes = db.session.scalars(select(FrozenCopy.code)).all()
    assert registers == ["2027-0001", "2027-0002", "2027-0003"]
    assert len(set(codes)) == 3


def test_a_draft_prints_as_a_draft_for_those_who_may_see_it(app: Flask) -> None:
    with app.app_context():
        sheet_id = office.fill_in().id
    answer = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id}/pdf")
    assert "DRAF" in pages(answer.data)[0]
    assert answer.headers["Content-Disposition"].endswith("-draf.pdf")
    assert office.sign_in(app, office.OUTSIDER).get(f"/lembar/{sheet_id}/pdf").status_code == 404


def test_a_sheet_as_docx_and_as_e_kinerja(app: Flask) -> None:
    with app.app_context():
        sheet_id = office.bring_to("approved").id
    client = office.sign_in(app, office.OUTSIDER)
    word = client.get(f"/lembar/{sheet_id}/docx")
    assert "Salinan untuk disunting dari lembar register 2027-0001" in "".join(
        ZipFile(BytesIO(word.data)).read(name).decode() for name in ZipFile(BytesIO(word.data)).namelist() if "footer" in name
    )
    page = client.get(f"/lembar/{sheet_id}/e-kinerja").get_data(as_text=True)
    assert "Kuantitas" in page
    assert "dokumen" in page
    book = client.get(f"/lembar/{sheet_id}/e-kinerja?bentuk=xlsx")
    assert book.data.startswith(b"PK")
    assert "e-Kinerja-2027" in book.headers["Content-Disposition"]


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of nobody in particular, made for this run."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Badan Kepegawaian Contoh")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tte") / "kantor.p12"
    wrapped = serialization.BestAvailableEncryption(KEY_PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"kantor", key, certificate, None, wrapped))
    return path


@pytest.fixture
def signing(url: str, key_file: Path) -> Iterator[Flask]:
    app = office.portal(url, signing_key=key_file, signing_password=KEY_PASSWORD)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_with_a_certificate_the_print_is_signed_and_says_so(signing: Flask) -> None:
    with signing.app_context():
        sheet_id = office.bring_to("approved").id
        code = db.session.scalars(select(FrozenCopy.code)).one()
    pdf = pdf_of(signing, sheet_id)
    assert b"/ETSI.CAdES.detached" in pdf
    page = signing.test_client().get(f"/periksa?kode={code}").get_data(as_text=True)
    assert "ditandatangani secara elektronik" in page
    check = [sys.executable, "-c", "import sys; from io import BytesIO; from pyhanko.pdf_utils.reader import PdfFileReader;"
             "from pyhanko.sign.validation import validate_pdf_signature as v;"
             "r = PdfFileReader(BytesIO(sys.stdin.buffer.read())); s = v(r.embedded_signatures[0]);"
             "assert s.intact and s.valid, s.summary()"]  # fmt: skip
    done = subprocess.run(check, input=pdf, capture_output=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr.decode()[-800:]


@pytest.mark.parametrize("flaw", ["password", "no certificate", "no file"])
def test_a_certificate_that_fails_stops_no_approval_and_issues_no_unsigned_print(
    url: str, key_file: Path, tmp_path: Path, flaw: str
) -> None:
    broken = tmp_path / "rusak.p12"
    if flaw != "no file":
        broken.write_bytes(key_file.read_bytes() if flaw == "password" else b"bukan sertifikat")
    app = office.portal(url, signing_key=broken, signing_password="salah")
    with app.app_context():
        sheet = office.bring_to("approved")
        assert sheet.state == "approved"
        assert db.session.scalars(select(IssuedPrint.sheet_id)).all() == []
        assert prints.waiting_prints() == [sheet.id]
    client = office.sign_in(app, office.OWNER)
    answer = client.get(f"/lembar/{sheet.id}/pdf")
    assert answer.status_code == 409
    assert "sertifikat penanda tangan tidak dapat dipakai" in answer.get_data(as_text=True)
    assert client.get(f"/lembar/{sheet.id}").status_code == 200
    good = office.portal(url, signing_key=key_file, signing_password=KEY_PASSWORD)
    with good.app_context(), office.transaction():
        assert prints.issue(sheet.id, now=office.now())
    assert b"/ETSI.CAdES.detached" in pdf_of(good, sheet.id)
    for each in (app, good):
        with each.app_context():
            db.engine.dispose()
