"""The organisation leaves as a workbook, comes back with a new employee, and is applied while the page looks on."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from iki_portal.imports.staffing.tabs import Tab
from iki_portal.imports.staffing.writing import staffing_xlsx
from iki_portal.organisation import staffing_applying, staffing_reading
from tests import office
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

#: The real ones, before every test puts its own in their place.
REAL = (staffing_reading.start_reader, staffing_applying.start)


@pytest.fixture
def real_processes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staffing_reading, "start_reader", REAL[0])
    monkeypatch.setattr(staffing_applying, "start", REAL[1])
    for name, value in {"ENV": "test", "SECRET_KEY": "k" * 20 + "0123456789abcdefghij", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"IKI_{name}", value)


#: A row of the tab "Pegawai" without a number of the portal: somebody new.
NEW = ("", "Siti Rahmawati", "", "S.Sos.", "pns", "198501012010012001", "III/c", "siti@lumajang.go.id")


@pytest.mark.usefixtures("real_processes")
def test_an_operator_exports_adds_an_employee_and_imports(sign_in: SignIn, tmp_path: Path) -> None:
    operator = sign_in(office.OPERATOR)
    page = operator.open("/organisasi/buku-kerja")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Ekspor organisasi").click()
    fetched.value.save_as(tmp_path / "ekspor.xlsx")
    assert zipfile.is_zipfile(tmp_path / "ekspor.xlsx")
    (tmp_path / "perubahan.xlsx").write_bytes(staffing_xlsx({Tab.EMPLOYEES: [NEW]}, title="Perubahan"))
    page.locator("input[type=file]").set_input_files(tmp_path / "perubahan.xlsx")
    operator.press("Unggah dan periksa")
    expect(page.get_by_role("link", name="Tinjau hasilnya")).to_be_visible(timeout=60_000)
    expect(page.locator(".page-state")).to_have_text("Menunggu tinjauan Anda")  # what stands above goes along
    page.get_by_role("link", name="Tinjau hasilnya").click()
    operator.look()
    expect(page.get_by_text("Siti Rahmawati").first).to_be_visible()
    operator.confirm("Terapkan semua")
    expect(page.get_by_text("Buku kerja ini sudah diterapkan").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Batalkan")).to_have_count(0)
    operator.look()
    operator.open("/pegawai?cari=siti@lumajang")
    assert "Siti Rahmawati, S.Sos." in operator.text()
