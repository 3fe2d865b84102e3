"""Evidence: sent with the figures, kept under its hash, handed out to those who may see the figures, taken back."""

import io
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.models import Attachment, RealisationEntry
from iki_portal.realisation.attachments import EvidenceRefused, Linked, Sent
from iki_portal.realisation.store import Damaged, StoreError, the_store
from iki_portal.web.downloads import SANDBOX
from iki_portal.web.transaction import transaction
from tests import office
from tests.office import PDF

HOSTILE_NAMES = [
    ("../../../etc/passwd.pdf", "passwd.pdf"),
    ("..\\..\\windows\\laporan.pdf", "laporan.pdf"),
    ("/srv/iki/laporan.pdf", "laporan.pdf"),
    ("laporan\u202efdp.exe.pdf", "laporan fdp.exe.pdf"),
    ('a"; filename="b.html.pdf', 'a"; filename="b.html.pdf'),
    ("laporan\r\nX-Evil: 1.pdf", "laporan X-Evil: 1.pdf"),
    ("Laporan Triwulan I – Bidang Mutasi (akhir).pdf", "Laporan Triwulan I – Bidang Mutasi (akhir).pdf"),
    ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
    ("x" * 300 + ".pdf", "x" * 115 + "….pdf"),
]


def sent(key: int, *files: tuple[str, bytes], version: int = 0, **more: str) -> MultiDict[str, Any]:
    given: list[tuple[str, Any]] = [("version", str(version)), ("whole", "1"), *more.items()]
    return MultiDict([*given, *((f"indicator-{key}-file", (io.BytesIO(body), name)) for name, body in files)])


def prepared(app: Flask) -> tuple[office.SeenSheet, int, str]:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        return sheet, office.first_indicator(sheet), f"/lembar/{sheet.id}/realisasi/1/isian"


def send(client: Any, url: str, fields: MultiDict[str, Any]) -> Any:
    fields = MultiDict([("csrf_token", office.csrf_token(client)), *fields.items(multi=True)])
    return client.post(url, data=fields)


def attachments() -> list[Attachment]:
    return list(db.session.scalars(select(Attachment).order_by(Attachment.id)))


def test_evidence_is_kept_under_its_hash_and_handed_out_as_it_was_sent(each_app: Flask) -> None:
    sheet, key, url = prepared(each_app)
    owner = office.sign_in(each_app, office.OWNER)
    body = PDF + b"% triwulan satu\n%%EOF\n"
    link = {f"indicator-{key}-link": "https://drive.lumajangkab.go.id/x"}
    assert send(owner, url, sent(key, ("Laporan TW I.pdf", body), **link)).status_code == 302
    page = owner.get(f"/lembar/{sheet.id}/realisasi/1").get_data(as_text=True)
    assert "Laporan TW I.pdf" in page
    assert 'href="https://drive.lumajangkab.go.id/x" rel="noreferrer noopener external"' in page
    with each_app.app_context():
        file, kept_link = attachments()
        assert (file.sha256, file.size, file.kind) == (sha256(body).hexdigest(), len(body), "pdf")
        assert (file.author_name, file.author_title) != ("", "")
        assert (kept_link.sha256, kept_link.url) == (None, "https://drive.lumajangkab.go.id/x")
        assert the_store().read(file.sha256 or "") == body
    answer = owner.get(f"/lembar/{sheet.id}/bukti/{file.id}")
    assert answer.data == body
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Laporan TW I.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert answer.headers["Cache-Control"] == "no-store"
    assert owner.get(f"/lembar/{sheet.id}/bukti/{kept_link.id}").status_code == 404


def test_evidence_is_for_those_who_may_see_the_figures(each_app: Flask) -> None:
    sheet, key, url = prepared(each_app)
    send(office.sign_in(each_app, office.OWNER), url, sent(key, ("a.pdf", PDF)))
    with each_app.app_context():
        other = office.bring_to("approved", office.OUTSIDER)
    place = f"/lembar/{sheet.id}/bukti/1"
    expected = {office.REVIEWER: 200, office.APPROVER: 200, office.HEAD: 200, office.OUTSIDER: 404, office.OPERATOR: 404}
    for name, status in expected.items():
        client = office.sign_in(each_app, name)
        assert client.get(place).status_code == status, name
        assert client.get(f"/lembar/{other.id}/bukti/1").status_code == 404, "not through another sheet"
    assert each_app.test_client().get(place).status_code == 302
    with each_app.app_context():
        office.write_report()
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
    assert office.sign_in(each_app, office.OUTSIDER).get(place).status_code == 200


@pytest.mark.parametrize(("given", "shown"), HOSTILE_NAMES)
def test_a_name_is_shown_cleaned_and_names_no_place(app: Flask, given: str, shown: str) -> None:
    sheet, key, _ = prepared(app)
    with app.app_context():
        office.write_report(files=[Sent(key, given, PDF)])
        assert [each.name for each in attachments()] == [shown]
    client = office.sign_in(app, office.OWNER)
    answer = client.get(f"/lembar/{sheet.id}/bukti/1")
    assert answer.data == PDF
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    page = client.get(f"/lembar/{sheet.id}/realisasi/1").get_data(as_text=True)
    assert "<img src=x" not in page


def test_what_cannot_be_taken_is_said_at_its_row_and_nothing_is_saved(each_app: Flask) -> None:
    _, key, url = prepared(each_app)
    owner = office.sign_in(each_app, office.OWNER)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    more = {
        f"indicator-{key}-value": "3",
        f"indicator-{key}-note": "Tiga laporan",
        f"indicator-{key}-link": "javascript:alert(1)",
    }
    answer = send(owner, url, sent(key, ("grafik.png", svg), ("baik.pdf", PDF), **more))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "“grafik.png”: Isi berkas ini bukan gambar PNG seperti namanya (isinya gambar SVG)" in page
    assert "Tautan ini bukan alamat" in page
    assert 'href="javascript:' not in page
    assert "Berkas yang Anda pilih belum tersimpan" in page
    assert 'value="3"' in page
    assert "Tiga laporan" in page
    with each_app.app_context():
        assert attachments() == []
        assert db.session.scalars(select(RealisationEntry)).all() == []


def test_the_same_file_twice_is_said_and_kept_once(each_app: Flask) -> None:
    _, key, _ = prepared(each_app)
    with each_app.app_context():
        with pytest.raises(EvidenceRefused, match="dikirim dua kali"):
            office.write_report(rows={}, files=[Sent(key, "a.pdf", PDF), Sent(key, "b.pdf", PDF)])
        office.write_report(rows={}, files=[Sent(key, "a.pdf", PDF)])
        with pytest.raises(EvidenceRefused, match="sudah ada pada baris ini dengan nama “a"):
            office.write_report(rows={}, files=[Sent(key, "lain.pdf", PDF)])
        office.write_report(rows={}, links=[Linked(key, "https://host/x")])
        with pytest.raises(EvidenceRefused, match="sudah ada pada baris ini sebagai tautan"):
            office.write_report(rows={}, links=[Linked(key, "https://host/x")])
        assert len(attachments()) == 2


def test_evidence_is_taken_back_while_the_report_is_open_and_stays_behind(each_app: Flask) -> None:
    sheet, key, _ = prepared(each_app)
    with each_app.app_context():
        office.write_report(files=[Sent(key, "salah.pdf", PDF)])
        office.write_report(rows={}, withdrawn=frozenset({1}))
        (row,) = attachments()
        assert row.withdrawn_at is not None
        assert the_store().read(row.sha256 or "") == PDF
        office.write_report(rows={}, files=[Sent(key, "salah.pdf", PDF)])
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        for attack, said in (
            (
                "UPDATE attachment SET withdrawn_at = added_at, withdrawn_by = 'x' WHERE withdrawn_at IS NULL",
                "report that is closed",
            ),
            ("UPDATE attachment SET name = 'x'", "stands as it was added|report that is closed"),
            ("DELETE FROM attachment", "never deleted"),
        ):
            on_postgres = db.engine.dialect.name == "postgresql"
            denied = on_postgres and not attack.startswith("UPDATE attachment SET withdrawn")
            with pytest.raises(DBAPIError, match="permission denied" if denied else said), transaction():
                db.session.execute(text(attack))
    client = office.sign_in(each_app, office.OWNER)
    assert client.get(f"/lembar/{sheet.id}/bukti/1").status_code == 404
    assert client.get(f"/lembar/{sheet.id}/bukti/2").status_code == 200


def test_a_file_that_was_changed_in_the_store_is_not_handed_out(app: Flask, tmp_path: Path) -> None:
    app.config["IKI"] = app.config["IKI"].model_copy(update={"evidence_url": tmp_path.as_uri()})
    sheet, key, _ = prepared(app)
    with app.app_context():
        office.write_report(files=[Sent(key, "a.pdf", PDF)])
    place = next(path for path in tmp_path.rglob("*") if path.is_file())
    place.write_bytes(PDF + b"x")
    client = office.sign_in(app, office.OWNER)
    answer = client.get(f"/lembar/{sheet.id}/bukti/1")
    assert answer.status_code == 503
    assert "hilang atau rusak" in answer.get_data(as_text=True)
    with app.app_context(), pytest.raises(Damaged):
        the_store().read(place.name)
    place.unlink()
    assert client.get(f"/lembar/{sheet.id}/bukti/1").status_code == 503


def test_while_the_store_is_away_nothing_is_saved_and_nothing_typed_is_lost(app: Flask, tmp_path: Path) -> None:
    in_the_way = tmp_path / "bukti"
    in_the_way.write_text("not a folder")
    app.config["IKI"] = app.config["IKI"].model_copy(update={"evidence_url": in_the_way.as_uri()})
    _, key, url = prepared(app)
    owner = office.sign_in(app, office.OWNER)
    answer = send(owner, url, sent(key, ("a.pdf", PDF), **{f"indicator-{key}-value": "3"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "Penyimpanan bukti sedang tidak dapat dipakai" in page
    assert 'value="3"' in page
    with app.app_context():
        assert attachments() == []
        with pytest.raises(StoreError):
            the_store().demand_writable()


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_store_writes_once_and_whole(app: Flask, tmp_path: Path, kind: str) -> None:
    place = tmp_path.as_uri() if kind == "file" else "memory://bukti"
    app.config["IKI"] = app.config["IKI"].model_copy(update={"evidence_url": place})
    with app.app_context():
        key = the_store().keep(PDF)
        assert the_store().keep(PDF) == key == sha256(PDF).hexdigest()
        assert the_store().read(key) == PDF
        with pytest.raises(Damaged):
            the_store().read("0" * 64)
    if kind == "file":
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [(path.name, path.parent.name) for path in files] == [(key, key[:2])]


def test_no_more_than_twenty_pieces_on_a_row(app: Flask) -> None:
    _, key, _ = prepared(app)
    with app.app_context():
        office.write_report(rows={}, links=[Linked(key, f"https://host/{number}") for number in range(20)])
        with pytest.raises(EvidenceRefused, match="Paling banyak 20 bukti"):
            office.write_report(rows={}, links=[Linked(key, "https://host/lagi")])


def test_a_sending_over_60_mb_is_refused_at_the_door(app: Flask) -> None:
    _, _, url = prepared(app)
    owner = office.sign_in(app, office.OWNER)
    said = {"CONTENT_LENGTH": str(61 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = owner.post(url, environ_overrides=said)
    assert answer.status_code == 413
    assert "60 MB" in answer.get_data(as_text=True)


def test_a_report_that_was_sent_takes_no_more_evidence(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        forged = (
            "INSERT INTO attachment (report_id, indicator_id, kind, name, url, author_id, author_name, author_title, added_at)"
            " SELECT report_id, indicator_id, 'link', '', 'https://x', author_id, 'x', 'x', written_at FROM realisation_entry"
        )
        with pytest.raises(DBAPIError, match="report that is closed"), transaction():
            db.session.execute(text(forged))
