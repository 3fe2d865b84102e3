"""The operator appoints a Plh. of the Kabid, who chooses by which post to act, and reviews the sheet until the last day."""

from datetime import timedelta

import pytest
import time_machine

from iki_portal.domain.dates import format_date, today_in_office
from tests import office
from tests.journeys.conftest import DESK, PHONE, Person, Prepare, SignIn

pytestmark = pytest.mark.journey

PLH = office.OUTSIDER
LAST_DAY = 3


def appoint(operator: Person, *, name: str) -> None:
    """From the tree to the post, to the person, to the days, to what follows."""
    operator.open("/organisasi")
    operator.page.get_by_role("link", name="Angkat Kepala Bidang Pengadaan").click()
    operator.page.get_by_label("Cari nama").fill(name)
    operator.press("Cari")
    operator.page.get_by_role("link", name=f"Angkat {name}").click()
    operator.look()
    operator.page.get_by_label("Pelaksana harian").check()
    operator.page.get_by_label("Mulai").fill(format_date(today_in_office()))
    operator.page.get_by_label("Sampai dengan").fill(format_date(today_in_office() + timedelta(days=LAST_DAY)))
    operator.press("Lihat yang terjadi")
    assert "mengusulkan 1, mereviu 3, menetapkan 0" in operator.text()
    operator.press("Simpan penugasan")
    assert "Plh. Kepala Bidang Pengadaan" in operator.text()


def act_by_one_post_and_by_all_again(person: Person) -> None:
    """In the sidebar, which on a telephone lies behind "Menu"."""
    person.open("/")  # the new post stands in the sidebar with the next page
    for post, waits in (("Analis Kepegawaian Muda", False), ("Semua jabatan", True)):
        person.page.get_by_role("button", name="Menu", exact=True).click()
        person.press(post)
        assert "Anda sekarang bertindak" in person.text()
        assert ("Tidak ada lembar yang menunggu" in person.text()) is not waits


@pytest.mark.parametrize(
    ("script", "viewport"), [(True, DESK), (True, PHONE), (False, DESK)], ids=["desk", "phone", "without script"]
)
def test_a_plh_reviews_while_appointed_and_not_the_day_after(
    prepared: Prepare, sign_in: SignIn, script: bool, viewport: dict[str, int]
) -> None:
    prepared("submitted")
    plh, operator = (sign_in(name, script=script, viewport=viewport) for name in (PLH, office.OPERATOR))
    name = plh.page.locator("details.account summary span").inner_text()
    appoint(operator, name=name)
    if viewport == PHONE:
        act_by_one_post_and_by_all_again(plh)
    plh.open("/persetujuan")
    plh.page.get_by_role("main").get_by_role("link", name="Analis Kepegawaian Muda").first.click()
    plh.look()
    assert "Anda bertindak sebagai Plh. Kepala Bidang Pengadaan" in plh.text()
    plh.press("Setujui reviu")
    assert "Tidak ada yang menunggu" in plh.text()
    plh.open("/organisasi")
    assert f"Plh. {name} (sampai" in plh.text()
    with time_machine.travel(office.now() + timedelta(days=LAST_DAY + 1)):
        later = sign_in(PLH, script=script, viewport=viewport)
        assert "Plh." not in (later.page.locator(".acting").text_content() or "")
        later.open("/organisasi")
        assert "Plh." not in later.text()
