"""A reviewer comments on a cell, the owner mends and ticks off, the reviewer looks again: in real browsers, wide and narrow."""

import pytest
from playwright.sync_api import Locator, expect

from tests import office
from tests.journeys.conftest import DESK, PHONE, Person, Prepare, SignIn

pytestmark = pytest.mark.journey

ASKED = "Sebutkan dokumen apa yang dihitung."
MENDED = "Sudah saya sebutkan nama dokumennya."


def open_sheet(person: Person, place: str) -> None:
    person.open(place)
    person.page.get_by_role("main").get_by_role("link", name="Analis Kepegawaian Muda").first.click()
    person.look()


def press_in(person: Person, region: Locator, name: str) -> None:
    region.get_by_role("button", name=name).locator("visible=true").first.click()
    person.page.wait_for_load_state()
    person.look()


@pytest.mark.parametrize(
    ("script", "viewport"), [(True, DESK), (True, PHONE), (False, DESK)], ids=["desk", "phone", "without script"]
)
def test_a_comment_goes_along_with_a_return_is_mended_ticked_off_and_closed(
    prepared: Prepare, sign_in: SignIn, script: bool, viewport: dict[str, int]
) -> None:
    prepared("submitted")
    owner, reviewer = (sign_in(name, script=script, viewport=viewport) for name in (office.OWNER, office.REVIEWER))
    open_sheet(reviewer, "/persetujuan")
    band = reviewer.page.locator(".comment-row").filter(has_text="Komentari baris 2.1")
    band.get_by_text("Komentari baris 2.1", exact=True).click()
    band.get_by_label("Tentang").select_option(label="Penjelasan/formulasi")
    band.get_by_label("Komentar pada baris 2.1").fill(ASKED)
    reviewer.look()
    press_in(reviewer, band, "Simpan komentar")
    assert "1 komentar masih terbuka" in reviewer.text()
    reviewer.page.get_by_label("Catatan").fill("Mohon lihat komentar.")
    reviewer.press("Kembalikan")

    owner.open("/")
    assert "1 komentar terbuka" in owner.text()
    open_sheet(owner, "/")
    todo = owner.page.get_by_role("region", name="Komentar", exact=True)
    expect(todo).to_contain_text(ASKED)
    owner.page.get_by_role("link", name="Ubah isi").click()
    row = owner.page.locator(".editor-indicator").nth(1)
    expect(row).to_contain_text(ASKED)
    row.get_by_label("Penjelasan/formulasi").fill("Jumlah laporan koordinasi yang ditandatangani dalam satu tahun")
    owner.press("Simpan dan tinjau lembar")
    todo.get_by_label("Tanggapan").fill(MENDED)
    press_in(owner, todo, "Sudah saya perbaiki")
    assert "1 ditandai sudah diperbaiki" in owner.text()
    owner.page.emulate_media(media="print")
    expect(owner.page.get_by_text(ASKED)).to_have_count(2)
    assert not any(each.is_visible() for each in owner.page.get_by_text(ASKED).all())
    owner.page.emulate_media(media="screen")
    owner.press("Ajukan untuk")

    open_sheet(reviewer, "/persetujuan")
    answered = reviewer.page.get_by_role("region", name="Komentar", exact=True)
    expect(answered).to_contain_text(MENDED)
    press_in(reviewer, answered, "Tutup")
    expect(answered).to_have_count(0)
    assert "1 komentar ditutup" in reviewer.text()
    reviewer.press("Setujui reviu")
    owner.open("/")
    expect(owner.page.locator(".own-sheet .state").first).to_have_text("Direviu")
