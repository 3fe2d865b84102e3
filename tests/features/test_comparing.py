"""Membandingkan: a revision beside the one before it; and what changed since a sheet was returned."""

from flask import Flask

from iki_portal.approvals import operations
from iki_portal.domain.workflow import ReasonClass
from tests import office


def test_the_reviewer_of_a_resubmitted_sheet_sees_first_what_changed_since_the_return(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        with office.transaction():
            operations.return_sheet(
                sheet, actor=office.actor(office.REVIEWER), seen=sheet.version, now=office.now(), note="Naikkan target."
            )
        office.fill_in(target="8")
        office.submit()
    page = office.sign_in(app, office.REVIEWER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert page.index("Yang berubah sejak dikembalikan") < page.index("Tandai untuk diperbaiki")
    assert "Baris 1.1: Target" in page
    assert "<del>4</del>" in page
    assert "<ins>8</ins>" in page


def test_a_revision_is_compared_with_the_one_before_it(each_app: Flask) -> None:
    with each_app.app_context():
        first = office.bring_to("approved")
        with office.transaction():
            operations.revise(
                first, actor=office.actor(office.OWNER), reason=ReasonClass.BUDGET, note="Anggaran turun.", now=office.now()
            )
        office.fill_in(target="8")
        second = office.sheet_of(office.OWNER)
    owner, stranger = office.sign_in(each_app, office.OWNER), office.sign_in(each_app, office.OUTSIDER)
    page = owner.get(f"/lembar/{second.id}/perbandingan").get_data(as_text=True)
    for words in (
        "Perubahan ke-1 dibandingkan dengan penetapan awal",
        "Anggaran turun.",
        "Baris 1.1: Target triwulan I",
        "<ins>8</ins>",
    ):
        assert words in page, words
    assert f"/lembar/{second.id}/perbandingan" in owner.get(f"/lembar/{second.id}").get_data(as_text=True)
    assert owner.get(f"/lembar/{first.id}/perbandingan").status_code == 404
    assert stranger.get(f"/lembar/{second.id}/perbandingan").status_code == 404
