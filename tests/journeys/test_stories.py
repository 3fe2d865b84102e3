"""The stories of the office, told by people in real browsers on the office's own document."""

import re

import pytest
from playwright.sync_api import expect

from tests import office
from tests.journeys.conftest import PHONE, Person, Prepare, SignIn

pytestmark = pytest.mark.journey

NOTE = "Formulasi baris 2 masih mengulang indikatornya; tuliskan cara menghitungnya."


def fill_in(person: Person) -> None:
    """Complete every row of one's own sheet in the editor, and come back to the sheet."""
    page = person.page
    page.get_by_role("link", name="Lanjutkan mengisi").click()
    person.look()
    rows = page.locator(".editor-indicator")
    for place in range(rows.count()):
        row = rows.nth(place)
        row.get_by_label("Penjelasan/formulasi").fill("Jumlah dokumen yang disahkan dalam satu tahun")
        row.get_by_label("Satuan").fill("dokumen")
        row.get_by_label("Polaritas").select_option(label="Semakin tinggi semakin baik")
        row.get_by_label("Cara hitung tahunan").select_option(label="Jumlah")
        row.get_by_label(re.compile(r"^Target, baris")).or_(row.get_by_label(re.compile(r"Target\s*Target, baris"))).first.fill(
            "4,5"
        )
        for quarter, value in (("I", "1"), ("II", "1"), ("III", "1"), ("IV", "1,5")):
            row.get_by_label(re.compile(rf"Target triwulan {quarter},")).fill(value)
    person.press("Simpan dan tinjau lembar")


def submit(person: Person) -> None:
    fill_in(person)
    person.press("Ajukan untuk")
    expect(person.page.get_by_role("status").or_(person.page.get_by_text("Lembar diajukan.")).first).to_be_visible()


def submit_complete(person: Person) -> None:
    """The sheet is filled in already; its owner looks once more and submits."""
    person.page.get_by_role("link", name="Tinjau dan ajukan").click()
    person.look()
    person.press("Ajukan untuk")
    expect(person.page.get_by_text("Lembar diajukan.").first).to_be_visible()


def decide_oldest(person: Person, button: str) -> None:
    """Open the oldest sheet of the inbox and decide it."""
    person.open("/persetujuan")
    person.page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    person.look()
    if button == "Tetapkan":
        person.confirm(button)
    else:
        person.press(button)


def state_of(person: Person) -> str:
    person.open("/")
    return person.page.locator(".own-sheet .state").first.inner_text().strip()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_analis_fills_in_targets_is_sent_back_repairs_and_is_approved(sign_in: SignIn, script: bool) -> None:
    owner = sign_in(office.OWNER, script=script)
    submit(owner)
    reviewer = sign_in(office.REVIEWER, script=script)
    reviewer.open("/persetujuan")
    reviewer.page.get_by_role("link", name="Analis Kepegawaian Muda (Pengadaan dan Pemberhentian)").click()
    reviewer.page.get_by_label("Tandai untuk diperbaiki: baris 2.1").check()
    reviewer.page.get_by_label("Catatan").fill(NOTE)
    reviewer.press("Kembalikan")

    owner.open("/")
    owner.page.get_by_role("main").get_by_role("link", name="Analis Kepegawaian Muda").first.click()
    owner.look()
    assert NOTE in owner.text()
    expect(owner.page.locator("tr.is-flagged")).to_have_count(1)
    owner.page.get_by_role("link", name="Ubah isi").click()
    owner.page.locator(".editor-indicator").nth(1).get_by_label("Penjelasan/formulasi").fill(
        "Dokumen koordinasi yang ditandatangani"
    )
    owner.press("Simpan dan tinjau lembar")
    owner.press("Ajukan untuk")

    decide_oldest(reviewer, "Setujui reviu")
    decide_oldest(sign_in(office.APPROVER, script=script), "Tetapkan")
    assert state_of(owner) == "Ditetapkan"


def test_a_kabid_goes_through_sekretaris_and_kepala_badan(prepared: Prepare, sign_in: SignIn) -> None:
    prepared("draft", office.REVIEWER)
    owner = sign_in(office.REVIEWER)
    submit_complete(owner)
    decide_oldest(sign_in(office.APPROVER), "Setujui reviu")
    decide_oldest(sign_in(office.HEAD), "Tetapkan")
    assert state_of(owner) == "Ditetapkan"


def test_the_sekretaris_goes_straight_to_the_kepala_badan(prepared: Prepare, sign_in: SignIn) -> None:
    prepared("draft", office.APPROVER)
    owner = sign_in(office.APPROVER)
    submit_complete(owner)
    expect(owner.page.get_by_text("Tanpa pereviu")).to_be_visible()
    decide_oldest(sign_in(office.HEAD), "Tetapkan")
    assert state_of(owner) == "Ditetapkan"


def test_an_approved_sheet_is_revised_and_superseded_only_when_the_revision_is_approved(
    prepared: Prepare, sign_in: SignIn
) -> None:
    prepared("approved")
    owner, reviewer, approver = sign_in(office.OWNER), sign_in(office.REVIEWER), sign_in(office.APPROVER)
    owner.open("/")
    owner.page.get_by_role("main").get_by_role("link", name="Analis Kepegawaian Muda").first.click()
    first = owner.page.url
    owner.page.get_by_role("link", name="Buat perubahan").click()
    owner.look()
    owner.page.get_by_label("Perubahan anggaran").check()
    owner.page.get_by_label("Penjelasan").fill("Refocusing anggaran triwulan II")
    owner.press("Buat perubahan", exact=True)
    assert "Perubahan ke-1" in owner.text()
    owner.page.get_by_role("link", name="Ubah isi").click()
    owner.page.locator(".editor-indicator").first.get_by_label("Sumber data").fill("Laporan bulanan bidang")
    owner.press("Simpan dan tinjau lembar")
    owner.press("Ajukan untuk reviu")
    second = owner.page.url
    decide_oldest(reviewer, "Setujui reviu")

    owner.page.goto(first)
    expect(owner.page.locator(".page-state .state")).to_have_text("Ditetapkan")
    decide_oldest(approver, "Tetapkan")
    owner.page.goto(first)
    owner.look()
    expect(owner.page.locator(".page-state .state")).to_have_text("Digantikan")
    assert "Laporan bulanan bidang" not in owner.page.locator(".paper").inner_text()
    owner.page.goto(second)
    expect(owner.page.locator(".page-state .state")).to_have_text("Ditetapkan")
    assert "Laporan bulanan bidang" in owner.page.locator(".paper").inner_text()


def test_of_two_who_decide_at_the_same_moment_one_wins_and_the_other_is_told(prepared: Prepare, sign_in: SignIn) -> None:
    prepared("submitted")
    owner = sign_in(office.OWNER)
    first, second = sign_in(office.REVIEWER), sign_in(office.REVIEWER)
    for person in (first, second):
        person.open("/persetujuan")
        person.page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    second.page.get_by_label("Catatan").fill(NOTE)
    first.press("Setujui reviu")
    second.press("Kembalikan")
    told = second.page.get_by_role("alert").inner_text()
    assert "Pegawai Contoh 06" in told
    assert "menyetujui reviu" in told
    assert NOTE in told
    assert state_of(owner) == "Direviu"


def test_a_stranger_to_the_sheet_gets_not_found(sign_in: SignIn) -> None:
    owner = sign_in(office.OWNER)
    owner.page.get_by_role("main").get_by_role("link", name="Analis Kepegawaian Muda").first.click()
    path = owner.page.url.removeprefix(owner.address)
    stranger = sign_in(office.OUTSIDER)
    page = stranger.open(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Halaman tidak ditemukan")


def test_a_draft_is_saved_as_it_is_typed(sign_in: SignIn) -> None:
    owner = sign_in(office.OWNER)
    owner.page.get_by_role("link", name="Lanjutkan mengisi").click()
    source = owner.page.locator(".editor-indicator").first.get_by_label("Sumber data")
    source.fill("Buku agenda")
    expect(owner.page.locator("[data-autosave-status]")).to_have_text(re.compile(r"Tersimpan \d\d\.\d\d"), timeout=15_000)
    owner.page.reload()
    expect(source).to_have_value("Buku agenda")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_every_page_is_clean_for_axe_and_fits(sign_in: SignIn, scheme: str, viewport: dict[str, int] | None) -> None:
    leader = sign_in(office.APPROVER, viewport=viewport, scheme=scheme)
    year = f"/tahun/{office.YEAR}"
    for path in ("/", "/persetujuan", "/lembar", year, "/organisasi", "/sandi", "/lembar?cari=tidakada", "/tidak-ada"):
        leader.open(path)
    for path in (year + "/buku", year + "/naskah", "/periksa", "/periksa?kode=ACDE-FGHJ-KMNP", "/lembar/2/e-kinerja"):
        leader.open(path)
    sign_in(office.OPERATOR, viewport=viewport, scheme=scheme).open("/organisasi/kop-naskah")
    leader.open("/")
    leader.page.get_by_role("link", name="Lanjutkan mengisi").click()
    leader.look()
    leader.page.get_by_role("link", name="Kembali ke lembar").click()
    leader.look()


def test_the_keyboard_alone_signs_in(address: str, sign_in: SignIn) -> None:
    person = sign_in(office.OWNER)
    person.page.locator("details.account summary").click()
    person.press("Keluar")
    page = person.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    page.get_by_label("Nama masuk").focus()
    page.keyboard.type(office.OWNER)
    page.keyboard.press("Tab")
    page.keyboard.type("contoh-lumajang")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Beranda")
    assert page.url == address + "/"
