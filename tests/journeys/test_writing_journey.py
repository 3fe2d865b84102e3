"""Writing a sheet in the browser: from the untouched document to a sheet one can measure, and two tabs on one sheet."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import office
from tests.journeys.conftest import PHONE, Person, SignIn

pytestmark = pytest.mark.journey


def open_editor(person: Person) -> Page:
    person.open("/")
    person.page.get_by_role("link", name="Lanjutkan mengisi").click()
    person.look()
    return person.page


def figure(row: Locator, cell: str) -> Locator:
    return row.locator(f'[name$="-{cell}"]')


def rows_of(page: Page) -> Locator:
    return page.locator(".editor-indicator")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_an_analis_brings_an_untouched_sheet_to_no_blocking_finding(sign_in: SignIn, viewport: dict[str, int] | None) -> None:
    owner = sign_in(office.OWNER, viewport=viewport)
    page = open_editor(owner)
    count = rows_of(page).count()
    assert page.locator(".finding.tone-danger").count() == count  # every formula only repeats its indicator
    for place in range(count):
        owner.press(f"Usulkan rumus baris {place + 1}.1")
        row = rows_of(page).nth(place)
        for cell in ("numerator", "denominator", "record"):
            field = figure(row, cell)
            field.fill(field.input_value().replace("…", "tahun berjalan").strip())
        is_share = figure(row, "text").input_value().startswith("Persentase")
        figure(row, "unit_of_measure").fill("%" if is_share else "dokumen")
        figure(row, "polarity").select_option("maximize")
        figure(row, "aggregation").select_option("average")
        figure(row, "target").fill("90" if is_share else "4")
        figure(row, "quarter_1").fill("90" if is_share else "4")
        owner.press(f"Salin target TW I ke semua triwulan baris {place + 1}.1")
    formula = figure(rows_of(page).first, "formula").input_value()
    assert formula.startswith("Jumlah Dokumen Hasil Penyusunan Rencana Kebutuhan")
    assert formula.endswith(", menurut tahun berjalan, sampai dengan 31 Desember 2027.")
    owner.press("Simpan dan tinjau lembar")
    assert page.locator(".finding.tone-danger").count() == 0
    owner.press("Ajukan untuk reviu")
    expect(page.get_by_text("Lembar diajukan").first).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile(r"^Tersimpan"), timeout=10_000)


def test_two_tabs_write_one_sheet(sign_in: SignIn) -> None:
    owner = sign_in(office.OWNER)
    one = open_editor(owner)
    two = owner.context.new_page()
    two.goto(one.url)

    # different cells: each tab keeps its own and gets the other's
    figure(rows_of(one).nth(0), "source").fill("Buku agenda")
    saved(one)
    figure(rows_of(two).nth(0), "unit_of_measure").fill("dokumen")
    saved(two)
    expect(figure(rows_of(two).nth(0), "source")).to_have_value("Buku agenda")

    # a row added in one tab comes to the other, and what is typed there meanwhile stays
    one.get_by_role("button", name="Tambah indikator pada kinerja 1").click()
    expect(rows_of(one)).to_have_count(4)
    figure(rows_of(two).nth(1), "source").fill("Diketik di halaman kedua")
    saved(two)
    expect(rows_of(two)).to_have_count(4)
    expect(two.get_by_label(re.compile("Sumber data, baris 2.1"))).to_have_value("Diketik di halaman kedua")

    # the same cell: nobody's text is lost, a person decides
    figure(rows_of(one).nth(0), "text").fill("Jumlah dokumen menurut halaman pertama")
    saved(one)
    figure(rows_of(two).nth(0), "text").fill("Jumlah dokumen menurut halaman kedua")
    expect(two.locator("[data-autosave-status]")).to_have_text(re.compile("juga diubah Anda sendiri"), timeout=10_000)
    two.get_by_role("button", name="Simpan", exact=True).last.click()
    expect(two.locator(".error-summary")).to_contain_text("Jumlah dokumen menurut halaman pertama")
    expect(figure(rows_of(two).nth(0), "text")).to_have_value("Jumlah dokumen menurut halaman kedua")
    two.get_by_role("button", name="Simpan", exact=True).last.click()
    one.reload()
    expect(figure(rows_of(one).nth(0), "text")).to_have_value("Jumlah dokumen menurut halaman kedua")


def test_a_deletion_and_a_paste_are_taken_back(sign_in: SignIn) -> None:
    owner = sign_in(office.OWNER)
    page = open_editor(owner)
    before = rows_of(page).count()
    page.get_by_role("button", name="Hapus baris 2.1").click()
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="Hapus").click()
    expect(rows_of(page)).to_have_count(before - 1)
    owner.press("Urungkan: hapus baris 2.1")
    expect(rows_of(page)).to_have_count(before)
    page.get_by_text("Tempel baris dari lembar kerja").click()
    page.get_by_label("Baris yang disalin").fill(
        "Kinerja X\tJumlah dokumen\tMenurut agenda\tBidang\tdokumen\t4\n\tJumlah laporan"
    )
    owner.press("Tambahkan baris")
    expect(rows_of(page)).to_have_count(before + 2)
    owner.press("Urungkan: tempel 2 baris")
    expect(rows_of(page)).to_have_count(before)


def test_the_keyboard_goes_along_the_row(sign_in: SignIn) -> None:
    page = open_editor(sign_in(office.OWNER))
    figure(rows_of(page).first, "text").focus()
    met = []
    for _ in range(11):
        page.keyboard.press("Tab")
        met.append(
            page.evaluate("document.activeElement.name?.split('-').slice(2).join('-') ?? document.activeElement.tagName")
        )
    assert met[:10] == [
        *("formula", "source", "unit_of_measure", "polarity", "aggregation", "target"),
        *("quarter_1", "quarter_2", "quarter_3", "quarter_4"),
    ]
