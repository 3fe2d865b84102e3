"""The office's document comes in by a person's hand: uploaded, read while the page looks on, placed, applied."""

from pathlib import Path
from typing import Any

import docx
import pytest
from flask import Flask
from playwright.sync_api import expect

from iki_portal.extensions import db
from iki_portal.indicators import reading
from iki_portal.organisation.operations import add_year
from tests import office
from tests.conftest import start_reader
from tests.journeys.conftest import DESK, PHONE, SignIn

pytestmark = pytest.mark.journey

NEXT = office.YEAR + 1


@pytest.fixture
def next_year(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year without sheets, and readers that really start."""
    app: Flask = office.portal(url)
    with app.app_context():
        with office.transaction():
            add_year(NEXT, deadline=None)
        db.session.remove()
        db.engine.dispose()
    monkeypatch.setattr(reading, "start_reader", start_reader)
    for name, value in {"ENV": "test", "SECRET_KEY": "k" * 20 + "0123456789abcdefghij", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"IKI_{name}", value)


@pytest.mark.usefixtures("next_year")
@pytest.mark.parametrize(
    ("script", "viewport"), [(True, DESK), (True, PHONE), (False, DESK)], ids=["desk", "phone", "without script"]
)
def test_an_operator_imports_the_offices_document_for_a_new_year(
    sign_in: SignIn, tmp_path: Path, script: bool, viewport: Any
) -> None:
    strange = tmp_path / "iki 2028.md"
    strange.write_text(office.DOCUMENT.read_text().replace("Unit Kerja : Sekretaris\n", "Unit Kerja : Penata Sekretariat\n"))
    assert "Penata Sekretariat" in strange.read_text()
    operator = sign_in(office.OPERATOR, script=script, viewport=viewport)
    page = operator.open("/impor")
    page.get_by_label("Berkas").set_input_files(strange)
    page.get_by_label("Tahun kinerja").select_option(str(NEXT))
    operator.press("Unggah dan baca")
    if script:
        page.get_by_role("link", name="Tinjau hasil bacaan").click(timeout=30_000)
    else:
        look_again = page.get_by_role("link", name="Perbarui keadaan")
        for _ in range(60):
            if not look_again.count():
                break
            look_again.click()
            page.wait_for_timeout(500)
    operator.look()
    expect(page.get_by_role("heading", name="20 lembar dipahami")).to_be_visible()
    page.get_by_role("link", name="17. Penata Sekretariat").click()
    unplaced = page.locator("#lembar-17")
    expect(unplaced.get_by_text("Jabatan belum dipilih")).to_be_visible()
    unplaced.get_by_text("Bandingkan naskah asli").click()
    expect(unplaced.get_by_role("heading", name="Yang dipahami")).to_be_visible()
    expect(unplaced.locator(".original").get_by_text("Unit Kerja : Penata Sekretariat")).to_be_visible()
    operator.look()
    unplaced.get_by_label("Jabatan").select_option(label="Sekretaris: dibuat sebagai draf baru")
    operator.press("Terapkan sebagai draf")
    assert "20 lembar diterapkan sebagai draf." in operator.text()
    expect(page.get_by_text("Draf baru dibuat")).to_have_count(20)
    owner = sign_in(office.APPROVER, script=script)
    owner.open(f"/lembar?tahun={NEXT}")
    owner.page.get_by_role("link", name="Sekretaris", exact=True).click()
    owner.look()
    assert "Draf" in owner.text()


SHARE = ("Meningkatnya layanan", "Persentase surat selesai", "Surat selesai dibagi surat masuk", "Agenda", "%")
COUNT = ("Meningkatnya layanan", "Jumlah laporan", "Laporan terkirim", "Arsip", "laporan")


def another_offices_document(path: Path) -> Path:
    """Other titles, a header of two lines with merged cells, numbers 1.1, satuan and targets, and a column nobody knows."""
    document = docx.Document()
    for line in (f"INDIKATOR KINERJA INDIVIDU TAHUN {NEXT}", "SEKRETARIS", "Jabatan : Sekretaris", "Unit Kerja : Sekretariat"):
        document.add_paragraph(line)
    head = ["NO", "SASARAN", "INDIKATOR", "DEFINISI OPERASIONAL", "SUMBER DATA", "SATUAN", "ANGGARAN", *["TARGET"] * 4]
    rows = [
        head,
        [*head[:7], "TW I", "TW II", "TW III", "TW IV"],
        ["1", *SHARE, "Rp10 juta", "80", "85", "90", "95"],
        ["1.1", *COUNT, "", "1", "1", "1", "1"],
    ]
    table = document.add_table(len(rows), len(head))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for column in range(7):
        _merged(table.cell(0, column), table.cell(1, column))
    _merged(table.cell(0, 7), table.cell(0, 10))
    _merged(table.cell(2, 1), table.cell(3, 1))
    document.save(str(path))
    return path


def _merged(first: Any, last: Any) -> None:
    text = first.text
    first.merge(last).text = text


@pytest.mark.usefixtures("next_year")
def test_a_holder_imports_a_document_of_another_shape(sign_in: SignIn, tmp_path: Path) -> None:
    holder = sign_in(office.APPROVER)
    page = holder.open("/impor")
    page.get_by_label("Berkas").set_input_files(another_offices_document(tmp_path / "iki.docx"))
    page.get_by_label("Tahun kinerja").select_option(str(NEXT))
    holder.press("Unggah dan baca")
    page.get_by_role("link", name="Tinjau hasil bacaan").click(timeout=30_000)
    holder.look()
    expect(page.get_by_role("heading", name="1 lembar dipahami")).to_be_visible()
    expect(page.get_by_text("Rp10 juta").first).to_be_visible()  # what found no place is shown
    holder.press("Terapkan sebagai draf")
    assert "1 lembar diterapkan sebagai draf." in holder.text()
    page.get_by_role("main").get_by_role("link", name="Sekretaris").first.click()
    holder.look()
    rows = page.locator(".sheet-table tbody tr").filter(has=page.locator(".sheet-indicator"))
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Surat selesai dibagi surat masuk")
    expect(rows.nth(0)).to_contain_text("95")
    expect(rows.nth(1)).to_contain_text("laporan")
