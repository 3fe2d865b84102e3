"""What the quality check sees stands beside its row, for the owner and the reviewer, and stops a sheet where it blocks."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import select, update

from iki_portal.extensions import db
from iki_portal.indicators import operations as writing
from iki_portal.models import Indicator, Statement
from tests import office

REPEATS = "Menghalangi (M01): Penjelasan/formulasi hanya mengulang indikatornya."


def repeat_first_formula() -> int:
    """A complete sheet of the owner whose first formula repeats its indicator; returns its id."""
    sheet = office.fill_in()
    rows = list(office.complete_rows(sheet))
    first = rows[0].indicators[0]
    rows[0] = replace(rows[0], indicators=(replace(first, formula=first.text.upper()), *rows[0].indicators[1:]))
    with office.transaction():
        writing.save_sheet(sheet, rows, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
    return sheet.id


def test_a_formula_that_repeats_its_indicator_stops_the_sheet(each_app: Flask) -> None:
    with each_app.app_context():
        sheet_id = repeat_first_formula()
    client = office.sign_in(each_app, office.OWNER)
    page = client.get(f"/lembar/{sheet_id}").get_data(as_text=True)
    assert page.count(REPEATS) == 1
    assert "1 temuan mutu menghalangi pengajuan" in page
    assert "Ajukan untuk reviu" not in page
    assert REPEATS in client.get(f"/lembar/{sheet_id}/ubah").get_data(as_text=True)
    answer = office.post(client, f"/lembar/{sheet_id}/pengajuan", {"version": str(version_of(each_app))})
    assert answer.status_code == 422
    assert "Lembar belum dapat diajukan. Baris 1.1:" in answer.get_data(as_text=True)
    with each_app.app_context():
        office.fill_in()
        assert office.submit().state == "submitted"


def version_of(app: Flask) -> int:
    with app.app_context():
        return office.sheet_of(office.OWNER).version


def test_the_reviewer_sees_the_advice_and_a_reader_of_the_approved_sheet_does_not(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("draft")
        first = (
            select(Indicator.id).join(Statement, Statement.id == Indicator.statement_id).where(Statement.sheet_id == sheet.id)
        )
        with office.transaction():
            change = update(Indicator).where(Indicator.id == db.session.scalars(first).first()).values(unit_of_measure="%")
            db.session.execute(change)
        office.submit()
    page = office.sign_in(app, office.REVIEWER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "Saran (M05): Jumlah dengan satuan persen." in page
    assert "1 saran" in page
    with app.app_context():
        office.review()
        office.approve()
    page = office.sign_in(app, office.OUTSIDER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "Saran (" not in page


def test_the_untouched_document_shows_its_findings_to_every_owner(app: Flask) -> None:
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id}").get_data(as_text=True)
    assert page.count("Menghalangi (M01)") == 3


def test_beranda_counts_the_findings_of_ones_own_draft(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert "3 menghalangi" in client.get("/").get_data(as_text=True)
    with app.app_context():
        repeat_first_formula()
    page = client.get("/").get_data(as_text=True)
    assert "1 menghalangi" in page
    assert "Tinjau dan ajukan" not in page
    with app.app_context():
        office.fill_in()
    page = client.get("/").get_data(as_text=True)
    assert "Temuan mutu" not in page
    assert "Tinjau dan ajukan" in page
