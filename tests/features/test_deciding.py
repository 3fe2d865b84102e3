"""The steps as people take them on the pages: each with its refusals, its record, and what the next one sees."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals.export import exported_sheets
from iki_portal.documents.paper import digest
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.models import FrozenCopy
from tests import office


def at(app: Flask, name: str, path: str, data: dict[str, Any] | None = None, code: str = office.OWNER) -> Any:
    """`name` sends a step for the newest sheet of `code`, from the version that stands."""
    with app.app_context():
        sheet = office.sheet_of(code)
    client = office.sign_in(app, name)
    return office.post(client, f"/lembar/{sheet.id}/{path}", {"version": str(sheet.version), **(data or {})})


def exported(app: Flask, title: str = "Analis Kepegawaian Muda") -> list[dict[str, Any]]:
    with app.app_context():
        sheets = exported_sheets(office.YEAR, on=office.today_in_office())
        db.session.rollback()
    return [sheet for sheet in sheets if sheet["position"] == title]


def test_an_incomplete_sheet_cannot_be_submitted_and_the_page_says_what_is_missing(app: Flask) -> None:
    answer = at(app, office.OWNER, "pengajuan")
    assert answer.status_code == 422
    assert "Lembar belum lengkap" in answer.get_data(as_text=True)


def test_the_whole_way_leaves_one_row_for_each_step(app: Flask) -> None:
    with app.app_context():
        office.fill_in()
    assert at(app, office.OWNER, "pengajuan").status_code == 302
    assert at(app, office.OWNER, "penarikan").status_code == 302
    assert at(app, office.OWNER, "pengajuan").status_code == 302
    with app.app_context():
        row = office.papers([office.sheet_of(office.OWNER).id]).popitem()[1].statements[1].indicators[0].id
    note = "Sumber data baris 2 kurang jelas."
    answer = at(app, office.REVIEWER, "keputusan", {"step": "return", "note": note, "rows": str(row)})
    assert answer.status_code == 302
    assert at(app, office.OWNER, "pengajuan").status_code == 302
    assert at(app, office.REVIEWER, "keputusan", {"step": "review"}).status_code == 302
    assert at(app, office.APPROVER, "keputusan", {"step": "approve"}).status_code == 302
    sheet = exported(app)[0]
    assert [entry["step"] for entry in sheet["history"]] == [
        "submit", "withdraw", "submit", "return", "submit", "review", "approve",
    ]  # fmt: skip
    returned = sheet["history"][3]
    assert (returned["from"], returned["to"], returned["note"]) == ("submitted", "draft", note)
    assert (returned["by"], returned["acting_as"]) == (
        "Pegawai Contoh 06", "Kepala Bidang Pengadaan, Pemberhentian dan Informasi",
    )  # fmt: skip


def test_approving_freezes_what_was_signed_under_its_hash(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        copy = db.session.scalars(select(FrozenCopy)).one()
        data = json.loads(copy.body)
        assert digest(copy.body) == copy.sha256
        assert data["approved"]["full_name"] == "Pegawai Contoh 02"
        assert data["approved"]["title"] == "Sekretaris"
        assert data["reviewed"]["full_name"] == "Pegawai Contoh 06"
        assert data["proposed"]["full_name"] == "Pegawai Contoh 07"
        assert data["statements"][0]["indicators"][0]["target"] == "4"
        assert data["approved"]["identifier"] is None


def test_returning_needs_a_note_and_keeps_the_ticked_rows(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        row = office.papers([sheet.id]).popitem()[1].statements[0].indicators[0].id
    answer = at(app, office.REVIEWER, "keputusan", {"step": "return", "note": "  ", "rows": str(row)})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Catatan wajib diisi" in page
    assert "checked" in page


@pytest.mark.parametrize("data", [{"step": ""}, {"step": "submit"}, {"step": "approve", "version": ""}, {"step": "supersede"}])
def test_a_decision_that_is_none_is_refused(app: Flask, data: dict[str, str]) -> None:
    with app.app_context():
        office.bring_to("submitted")
    assert at(app, office.REVIEWER, "keputusan", data).status_code == 422


def test_a_decision_on_an_outdated_page_says_what_changed_and_keeps_the_note(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    client = office.sign_in(app, office.REVIEWER)
    token = office.csrf_token(client)
    assert at(app, office.OWNER, "penarikan").status_code == 302
    with app.app_context():
        office.fill_in(target="8")
    assert at(app, office.OWNER, "pengajuan").status_code == 302
    data = {"csrf_token": token, "version": str(sheet.version), "step": "review", "note": "Catatan panjang saya"}
    answer = client.post(f"/lembar/{sheet.id}/keputusan", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Baris 1.1: Target" in page
    assert "<del>4</del>" in page
    assert "<ins>8</ins>" in page
    assert "Catatan panjang saya" in page
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"


def test_a_renamed_post_stops_the_decision_until_the_sheet_is_submitted_again(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        with office.transaction():
            db.session.get_one(office.Position, office.sheet_of(office.OWNER).position_id).title = "Analis SDM Aparatur"
    answer = at(app, office.REVIEWER, "keputusan", {"step": "review"})
    assert answer.status_code == 409
    assert "tidak lagi sama dengan yang diajukan" in answer.get_data(as_text=True)


def test_a_revision_is_prepared_beside_the_sheet_in_force(app: Flask) -> None:
    with app.app_context():
        first = office.bring_to("approved")
    data = {"reason": "budget", "note": "Refocusing anggaran"}
    assert at(app, office.OWNER, "perubahan", data).status_code == 302
    with app.app_context():
        second = office.sheet_of(office.OWNER)
        assert (second.revision, second.state) == (2, "draft")
        assert office.sheet_of(office.OWNER, revision=1).state == "approved"
    client = office.sign_in(app, office.OWNER)
    again = office.post(client, f"/lembar/{first.id}/perubahan", data)
    assert again.status_code == 409
    with app.app_context():
        office.submit()
        office.review()
        office.approve()
        assert office.sheet_of(office.OWNER, revision=1).state == "superseded"
        assert office.sheet_of(office.OWNER, revision=2).state == "approved"
    for sheet_id in (first.id, second.id):
        assert client.get(f"/lembar/{sheet_id}").status_code == 200
    assert [sheet["state"] for sheet in exported(app)[:2]] == ["superseded", "approved"]


@pytest.mark.parametrize(
    "data", [{"reason": "", "note": "x"}, {"reason": "budget", "note": ""}, {"reason": "mood", "note": "x"}]
)
def test_a_revision_needs_a_reason_and_a_note(app: Flask, data: dict[str, str]) -> None:
    with app.app_context():
        office.bring_to("approved")
    answer = at(app, office.OWNER, "perubahan", data)
    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)


def test_a_plt_signs_as_plt_and_is_warned_before_a_revision(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        today = office.today_in_office()
        office.end_post(office.APPROVER, office.APPROVER, ends_on=today - timedelta(days=1))
        office.give_post("perencana", office.APPROVER, kind=AssignmentKind.PLT, starts_on=today)
    assert at(app, office.OWNER, "perubahan", {"reason": "budget", "note": "Anggaran"}).status_code == 302
    with app.app_context():
        office.submit()
        sheet = office.review()
    client = office.sign_in(app, "perencana")
    assert "keputusan strategis" in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert at(app, "perencana", "keputusan", {"step": "approve"}).status_code == 302
    entry = exported(app)[1]["history"][-1]
    assert (entry["step"], entry["acting_as"]) == ("approve", "Plt. Sekretaris")


def test_the_inbox_leads_from_one_sheet_to_the_next(app: Flask) -> None:
    with app.app_context():
        ids = [office.bring_to("submitted", code).id for code in (office.OWNER, "analis.profesi", "analis.informasi")]
    client = office.sign_in(app, office.REVIEWER)
    page = client.get(f"/lembar/{ids[1]}").get_data(as_text=True)
    assert f'href="/lembar/{ids[0]}" rel="prev"' in page
    assert f'href="/lembar/{ids[2]}" rel="next"' in page
    answer = at(app, office.REVIEWER, "keputusan", {"step": "review"})
    assert answer.headers["Location"] == f"/lembar/{ids[1]}"


def test_the_year_closes_when_every_sheet_is_approved_and_then_only_revisions_come(app: Flask) -> None:
    with app.app_context():
        codes = [post.code for post in db.session.scalars(select(office.Position).order_by(office.Position.order))][1:]
        for code in codes[:-1]:
            office.bring_to("approved", code)
        last = office.bring_to("submitted", codes[-1])
    client = office.sign_in(app, office.APPROVER)
    page = client.get(f"/tahun/{office.YEAR}").get_data(as_text=True)
    assert "Pegawai Contoh 18 (Kepala Bidang Penilaian Kinerja Aparatur dan Penghargaan)" in page
    assert office.post(client, f"/tahun/{office.YEAR}/penutupan").status_code == 409
    with app.app_context():
        office.review(codes[-1], by="kabid.kinerja")
        office.approve(codes[-1])
    assert office.post(client, f"/tahun/{office.YEAR}/penutupan").status_code == 302
    assert office.post(client, f"/tahun/{office.YEAR}/penutupan").status_code == 409
    assert at(app, codes[-1], "perubahan", {"reason": "budget", "note": "Anggaran"}, code=codes[-1]).status_code == 302
    with app.app_context():
        assert office.submit(codes[-1]).state == "submitted"
        assert last.year == office.YEAR


def test_a_vacant_desk_is_said_aloud(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=office.today_in_office() - timedelta(days=1))
    page = office.sign_in(app, office.APPROVER).get(f"/tahun/{office.YEAR}").get_data(as_text=True)
    assert "(kosong)" in page
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "sedang kosong" in page
