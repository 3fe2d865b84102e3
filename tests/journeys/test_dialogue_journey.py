"""Two people record a talk: both write, one changes it after the other has confirmed, both confirm. In real browsers."""

import pytest

from iki_portal.domain.dates import format_date
from tests import office
from tests.journeys.conftest import PHONE, Person, Prepare, SignIn

pytestmark = pytest.mark.journey


def begin(superior: Person, sheet_id: int) -> None:
    superior.open(f"/lembar/{sheet_id}")
    superior.page.get_by_role("link", name="Dialog kinerja").click()
    superior.look()
    superior.page.get_by_role("link", name="Catat dialog").first.click()
    superior.look()
    superior.page.get_by_label("Topik").fill("Capaian triwulan I")
    superior.page.get_by_label("Triwulan", exact=True).select_option(label="Triwulan I")
    superior.page.get_by_label("Catatan atasan").fill("Sudah baik; bukti belum lengkap.")
    superior.page.get_by_label("Tanggal dialog").fill("besok")
    superior.press("Catat", exact=True)
    assert superior.page.get_by_label("Catatan atasan").input_value() == "Sudah baik; bukti belum lengkap."
    superior.page.get_by_label("Tanggal dialog").fill(format_date(office.today_in_office()))
    superior.press("Catat", exact=True)
    assert "Menunggu Pegawai Contoh 07." in superior.text()


def test_two_write_one_changes_what_the_other_confirmed_and_both_confirm(sign_in: SignIn, prepared: Prepare) -> None:
    sheet_id = prepared("approved")
    superior, owner = sign_in(office.REVIEWER), sign_in(office.OWNER, viewport=PHONE)
    begin(superior, sheet_id)

    owner.open("/")
    owner.page.get_by_role("link", name="Capaian triwulan I", exact=True).click()
    owner.look()
    assert "Catatan pemilik lembar belum ditulis." in owner.text()
    owner.page.get_by_role("link", name="Tulis", exact=True).click()
    owner.look()
    owner.page.get_by_label("Catatan pemilik lembar").fill("Berkas dari dua OPD terlambat.")
    owner.page.get_by_label("Kesepakatan").fill("Bukti dilengkapi setiap Senin.")
    owner.press("Simpan")
    owner.press("Konfirmasi seluruh teks")
    assert "Menunggu Pegawai Contoh 06." in owner.text()

    superior.open("/")
    superior.page.get_by_role("link", name="Capaian triwulan I", exact=True).click()
    superior.page.get_by_role("link", name="Tulis atau ubah").click()
    superior.look()
    assert "konfirmasi itu gugur" in superior.text()
    superior.page.get_by_label("Kesepakatan").fill("Bukti dilengkapi setiap Selasa.")
    superior.press("Simpan")
    assert "Konfirmasi Pegawai Contoh 07 gugur karena teks berubah." in superior.text()
    superior.press("Konfirmasi seluruh teks")

    owner.open("/pemberitahuan")
    assert "konfirmasi Anda gugur" in owner.text()
    owner.open(f"/lembar/{sheet_id}/dialog/1")
    assert "Berubah sejak Anda mengonfirmasi" in owner.text()
    owner.press("Konfirmasi seluruh teks")
    assert "Dikonfirmasi kedua pihak" in owner.text()
    assert owner.page.get_by_role("link", name="Tulis atau ubah").count() == 0
