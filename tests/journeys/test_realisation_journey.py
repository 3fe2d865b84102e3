"""An owner reports a quarter with evidence, the reviewer sends it back, then verifies: in real browsers, also unscripted."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from iki_portal.extensions import db
from tests import office
from tests.documents.test_pdf import pages
from tests.journeys.conftest import DESK, PHONE, Person, SignIn

pytestmark = pytest.mark.journey


@pytest.fixture
def reportable(url: str) -> None:
    """A sheet in force whose first quarter is open today."""
    app = office.portal(url)
    with app.app_context():
        office.bring_to("approved")
        office.open_quarter()
        db.session.remove()
        db.engine.dispose()


def fill(person: Person, figure: str) -> None:
    fields = person.page.get_by_label("Realisasi, baris")
    for number in range(fields.count()):
        fields.nth(number).fill(figure)


def report_with_evidence(owner: Person, folder: Path) -> None:
    """Wrong figures and a picture in disguise come first: each is said, and nothing that was right is lost."""
    evidence, drawing = folder / "Laporan Triwulan I.pdf", folder / "grafik.png"
    evidence.write_bytes(office.PDF)
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")

    owner.open("/")
    owner.page.get_by_role("link", name="Isi realisasi Triwulan I 2027").click()
    owner.look()
    fill(owner, "0,5")
    owner.page.get_by_label("Realisasi, baris").first.fill("1.234")
    owner.page.get_by_label("Tambah berkas, baris 1.1").set_input_files(drawing)
    owner.press("Simpan", exact=True)
    assert "dimengerti sebagai 1234" in owner.text()
    assert "grafik.png" in owner.text()

    owner.page.get_by_label("Realisasi, baris").first.fill("0,5")
    owner.page.get_by_label("Tambah berkas, baris 1.1").set_input_files(drawing)
    owner.press("Simpan", exact=True)
    assert "isinya gambar SVG" in owner.text()

    owner.page.get_by_label("Tambah berkas, baris 1.1").set_input_files(evidence)
    owner.press("Simpan", exact=True)
    assert "Isian tersimpan." in owner.text()
    assert "0,5 / 1 × 100 = 50%" in owner.text()
    with owner.page.expect_download() as saved:
        owner.page.get_by_role("link", name="Laporan Triwulan I.pdf").click()
    assert Path(saved.value.path()).read_bytes() == office.PDF
    owner.press("Simpan dan kirim untuk verifikasi")
    assert "Menunggu verifikasi oleh" in owner.text()


def send_back(reviewer: Person) -> None:
    reviewer.open("/")
    reviewer.page.get_by_role("link", name="Realisasi Triwulan I 2027").first.click()
    reviewer.look()
    reviewer.press("Kembalikan")
    assert "Catatan wajib diisi" in reviewer.text()
    reviewer.page.get_by_label("Catatan").fill("Angka baris 1.1 belum lengkap.")
    reviewer.press("Kembalikan")
    assert "Laporan dikembalikan." in reviewer.text()


def mend(owner: Person) -> None:
    owner.open("/realisasi")
    owner.page.get_by_role("link", name="Isi realisasi Triwulan I 2027").click()
    owner.look()
    assert "Angka baris 1.1 belum lengkap." in owner.text()
    fill(owner, "1")
    owner.press("Simpan dan kirim untuk verifikasi")
    assert "tuliskan alasan koreksinya" in owner.text()
    owner.page.get_by_label("Alasan koreksi").fill("Dokumen akhir Maret terlewat.")
    owner.press("Simpan dan kirim untuk verifikasi")


@pytest.mark.parametrize(
    ("script", "viewport"), [(True, DESK), (True, PHONE), (False, DESK)], ids=["desk", "phone", "without script"]
)
@pytest.mark.usefixtures("reportable")
def test_a_quarter_is_reported_sent_back_mended_and_verified(
    sign_in: SignIn, tmp_path: Path, script: bool, viewport: dict[str, int]
) -> None:
    owner, reviewer = (sign_in(name, script=script, viewport=viewport) for name in (office.OWNER, office.REVIEWER))
    report_with_evidence(owner, tmp_path)
    send_back(reviewer)
    mend(owner)

    reviewer.open("/")
    reviewer.page.get_by_role("link", name="Realisasi Triwulan I 2027").first.click()
    reviewer.look()
    assert "Dokumen akhir Maret terlewat." in reviewer.page.content()
    reviewer.press("Verifikasi", exact=True)
    assert "Diverifikasi Pegawai Contoh 06" in reviewer.text()
    stranger = sign_in(office.OUTSIDER, script=script, viewport=viewport)
    stranger.page.goto(reviewer.page.url)
    stranger.look()
    expect(stranger.page.get_by_text("1 / 1 × 100 = 100%").first).to_be_visible()
    with stranger.page.expect_download() as saved:
        stranger.page.get_by_role("link", name="PDF Pengukuran Kinerja Triwulan I 2027").click()
    printed = " ".join(pages(Path(saved.value.path()).read_bytes()))
    assert "Dokumen akhir Maret" not in printed, "a reason of a correction is the history's, not the paper's"
    assert "Diverifikasi di" in printed
    reviewer.open(f"/tahun/{office.YEAR}/dokumen-kinerja")
    reviewer.look()
