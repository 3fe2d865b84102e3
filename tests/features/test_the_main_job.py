"""From the office's document to an approved sheet, through the operations, on both databases."""

from flask import Flask

from iki_portal.domain.workflow import State
from iki_portal.history.verifying import verify
from tests import office
from tests.office import broken_copies


def test_a_sheet_goes_from_the_document_to_approved_and_is_superseded_by_its_revision(each_app: Flask) -> None:
    with each_app.app_context():
        assert office.bring_to("approved").state is State.APPROVED
        assert broken_copies() == []
        assert verify(each_app.config["IKI"].history_keys).is_whole


def test_every_sheet_of_the_office_can_be_approved(app: Flask) -> None:
    with app.app_context():
        codes = ["kabid.pengadaan", "sekretaris", "perencana", "kasubag.umum", "analis.mutasi"]
        for code in codes:
            assert office.bring_to("approved", code).state is State.APPROVED, code


def test_the_owner_sees_the_sheet_and_the_pages(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    for url in ("/", "/persetujuan", "/lembar", f"/lembar/{sheet_id}", f"/lembar/{sheet_id}/ubah", "/organisasi", "/sandi"):
        assert client.get(url).status_code == 200, url
