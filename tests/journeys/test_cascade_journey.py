"""A Kabid's indicator without a supporter is named, an Analis accepts a proposal, the tree shows it: in real browsers."""

import pytest
from playwright.sync_api import expect

from iki_portal.extensions import db
from tests import office
from tests.journeys.conftest import DESK, PHONE, Person, SignIn

pytestmark = pytest.mark.journey

LED, SUPPORTING = "Persentase pengadaan ASN yang dibutuhkan", "Kegiatan Koordinasi dan Fasilitasi Pengadaan PNS dan PPPK"


@pytest.fixture
def approved(url: str) -> None:
    """The sheets of a Kabid and of an Analis in force, and goals for them."""
    app = office.portal(url)
    with app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("approved")
        db.session.remove()
        db.engine.dispose()


def gap(person: Person, kind: str) -> str:
    """What the tree says is missing, of that kind."""
    group = person.page.locator(".cascade-gaps", has_text=kind)
    return group.inner_text() if group.count() else ""


@pytest.mark.parametrize(("script", "viewport"), [(True, DESK), (False, PHONE)], ids=["desk", "phone without script"])
@pytest.mark.usefixtures("approved")
def test_a_gap_is_named_a_proposal_accepted_and_the_tree_shows_it(
    sign_in: SignIn, script: bool, viewport: dict[str, int]
) -> None:
    analis = sign_in(office.OWNER, script=script, viewport=viewport)
    analis.open("/pohon-kinerja")
    assert LED in gap(analis, "Indikator pimpinan tanpa pendukung")
    analis.page.get_by_text("Indikator yang belum mendukung apa pun").click()
    row = analis.page.locator(".cascade-gaps li", has_text=SUPPORTING)
    row.get_by_role("link", name="Atur kaitan").click()
    analis.look()
    assert "Belum mendukung apa pun" in analis.text()
    analis.press("Terima usulan baris 2.1")
    assert "1 kaitan tersimpan. Isi lembar tidak berubah." in analis.text()
    expect(analis.page.get_by_role("button", name=f"Lepas kaitan dengan {LED}")).to_be_visible()

    analis.open("/pohon-kinerja")
    assert LED not in gap(analis, "Indikator pimpinan tanpa pendukung")
    branch = analis.page.locator(".cascade-branch", has_text=LED)
    expect(branch.locator(".cascade-tree li li", has_text=SUPPORTING)).to_be_visible()
    drawn = branch.locator(".cascade-drawing")
    assert drawn.is_visible() is (viewport == DESK), "a drawing is for wide screens; the list says the same on any"
    expect(branch.locator(".cascade-line")).to_have_count(1)
