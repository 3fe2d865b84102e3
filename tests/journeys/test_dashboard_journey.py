"""Dasbor in real browsers: from a number to its rows and back, to who waits and to the trend, as a file, on a telephone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from iki_portal.domain.realisation import ReportState
from iki_portal.extensions import db
from tests import office
from tests.journeys.conftest import DESK, PHONE, SignIn

pytestmark = pytest.mark.journey


@pytest.fixture
def reported(url: str) -> None:
    """One report verified, one waiting, one sheet that nobody reported."""
    app = office.portal(url)
    with app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        office.bring_report_to(ReportState.SUBMITTED, post_code="analis.profesi")
        office.bring_to("approved", office.OUTSIDER)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(("script", "viewport"), [(True, DESK), (False, PHONE)], ids=["desk", "phone without script"])
@pytest.mark.usefixtures("reported")
def test_a_leader_goes_from_the_number_to_the_row(sign_in: SignIn, script: bool, viewport: dict[str, int]) -> None:
    leader = sign_in(office.APPROVER, script=script, viewport=viewport)
    page = leader.open("/dasbor")
    expect(page.get_by_role("heading", name=f"Dasbor {office.YEAR}")).to_be_visible()
    assert "lembar belum dilaporkan" in leader.text()
    page.get_by_role("link", name="1 Belum dilaporkan").first.click()
    expect(page.get_by_role("heading", name=f"Belum dilaporkan, Triwulan I {office.YEAR}")).to_be_visible()
    leader.look()
    page.get_by_role("link", name="Terverifikasi").click()
    expect(page.get_by_role("heading", name=f"Terverifikasi, Triwulan I {office.YEAR}")).to_be_visible()
    leader.look()
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    assert "Analis Kepegawaian Muda" in Path(saved.value.path()).read_text(encoding="utf-8-sig")

    leader.open("/dasbor")
    page.get_by_role("link", name="100%").first.click()
    expect(page.get_by_role("heading", name=f"Capaian indikator, Triwulan I {office.YEAR}")).to_be_visible()
    leader.look()
    leader.open("/dasbor")
    page.get_by_role("link", name="ditunggu").or_(page.get_by_role("link", name="Kepala Bidang")).last.click()
    expect(page.get_by_role("heading", name="Siapa menunggu siapa")).to_be_visible()
    leader.look()
    leader.open("/dasbor/tren")
    assert "Tahun berjalan" in leader.text()
