"""The paper, by people in real browsers: fetched, checked, bound into a book by a process of its own."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from iki_portal.approvals import books
from tests import office
from tests.conftest import start_composer
from tests.documents.test_pdf import pages
from tests.journeys.conftest import PHONE, Person, Prepare, SignIn

pytestmark = pytest.mark.journey

YEAR = f"/tahun/{office.YEAR}"


@pytest.fixture
def approved(prepared: Prepare) -> int:
    """The owner's sheet, approved before anybody opens a browser."""
    return prepared("approved")


def fetch(person: Person, link: str, path: Path) -> bytes:
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name=link).first.click()
    download.value.save_as(path)
    return path.read_bytes()


def test_a_print_is_fetched_and_checked_by_file_and_by_code(approved: int, sign_in: SignIn, tmp_path: Path) -> None:
    reader = sign_in(office.OUTSIDER, viewport=PHONE)
    reader.open(f"/lembar/{approved}")
    pdf = fetch(reader, "Unduh PDF", tmp_path / "iki.pdf")
    text = " ".join(pages(pdf))
    code = text.split("Kode ", 1)[1][:14]
    reader.open("/periksa")
    reader.page.get_by_label("Berkas PDF dari portal").set_input_files(tmp_path / "iki.pdf")
    reader.press("Periksa berkas")
    assert "Berkas ini asli dan berlaku." in reader.text()
    reader.page.get_by_label("Kode pada cetakan").fill(code.lower())
    reader.press("Periksa kode")
    assert "2027-0001" in reader.text()
    (tmp_path / "iki.pdf").write_bytes(pdf + b" ")
    reader.page.get_by_label("Berkas PDF dari portal").set_input_files(tmp_path / "iki.pdf")
    reader.press("Periksa berkas")
    assert "tidak sama dengan yang diterbitkan" in reader.text()


def test_a_book_is_composed_while_the_page_looks_on(
    approved: int, sign_in: SignIn, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert approved
    monkeypatch.setattr(books, "start_composer", start_composer)
    for name, value in {"ENV": "test", "SECRET_KEY": "k" * 20 + "0123456789abcdefghij", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"IKI_{name}", value)
    secretary = sign_in(office.APPROVER)
    secretary.open(YEAR)
    secretary.page.get_by_role("link", name="Naskah dan buku").click()
    secretary.page.get_by_role("link", name="Naskah keputusan").click()
    secretary.look()
    secretary.page.get_by_label("Menimbang").fill("bahwa perlu ditetapkan;")
    secretary.press("Simpan naskah")
    secretary.open(YEAR + "/buku")
    secretary.press("Susun buku PDF")
    expect(secretary.page.get_by_role("link", name="Unduh PDF")).to_be_visible(timeout=30_000)
    secretary.look()
    found = pages(fetch(secretary, "Unduh PDF", tmp_path / "buku.pdf"))
    assert "bahwa perlu ditetapkan;" in found[0]
    assert len(found) >= 3
