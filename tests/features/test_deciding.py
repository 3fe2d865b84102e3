"""The steps as people take them on the pages: each with its refusals, its record, and what the next one sees."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals.export import exported_sheets
from iki_portal.documents.paper import digest
from iki_portal.domain.dates import format_datetime
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
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
            db.session.get_one(office.Position, office.sheet_of(office.OWNER).position_id).given_title = "Analis SDM Aparatur"
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


def rows_of(app: Flask, code: str = office.OWNER) -> list[int]:
    with app.app_context():
        paper = office.papers([office.sheet_of(code).id]).popitem()[1]
        return [each.id for statement in paper.statements for each in statement.indicators]


def page_of(app: Flask, name: str, code: str = office.OWNER, *, revision: int | None = None) -> str:
    with app.app_context():
        sheet_id = office.sheet_of(code, revision=revision).id
    answer = office.sign_in(app, name).get(f"/lembar/{sheet_id}")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def chain_is_whole(app: Flask) -> bool:
    with app.app_context():
        return verify(app.config["IKI"].history_keys).is_whole


def test_the_rows_that_a_return_points_at_are_flagged_for_the_owner_until_it_is_sent_again(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
    rows = rows_of(app)
    data = {"step": "return", "note": "Sumber data kurang jelas.", "rows": [str(rows[1]), str(rows[2])]}
    assert at(app, office.REVIEWER, "keputusan", data).status_code == 302
    page = page_of(app, office.OWNER)
    assert page.count("is-flagged") == 2
    assert "Dikembalikan oleh Pegawai Contoh 06" in page
    assert "Sumber data kurang jelas." in page
    assert "Baris 2.1" in page
    assert at(app, office.OWNER, "pengajuan").status_code == 302
    assert "is-flagged" not in page_of(app, office.OWNER)


def test_a_return_cannot_point_at_rows_of_another_sheet(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
    data = {"step": "return", "note": "Perbaiki.", "rows": str(rows_of(app, office.OUTSIDER)[0])}
    answer = at(app, office.REVIEWER, "keputusan", data)
    assert answer.status_code == 422
    assert "Baris yang ditunjuk tidak ada" in answer.get_data(as_text=True)
    assert "Perbaiki." in answer.get_data(as_text=True)


def test_every_step_leaves_the_chain_whole_and_the_timeline_tells_it(app: Flask) -> None:
    with app.app_context():
        office.fill_in()
    steps: tuple[tuple[str, str, dict[str, str]], ...] = (
        (office.OWNER, "pengajuan", {}),
        (office.OWNER, "penarikan", {}),
        (office.OWNER, "pengajuan", {}),
        (office.REVIEWER, "keputusan", {"step": "return", "note": "Ulangi."}),
        (office.OWNER, "pengajuan", {}),
        (office.REVIEWER, "keputusan", {"step": "review", "note": "Sesuai."}),
        (office.APPROVER, "keputusan", {"step": "approve", "note": "Setuju."}),
        (office.OWNER, "perubahan", {"reason": "strategy", "note": "Program baru."}),
    )
    for name, path, data in steps:
        assert at(app, name, path, data).status_code == 302, path
        assert chain_is_whole(app), path
    page = page_of(app, office.OUTSIDER, revision=1)
    for said in ("mengajukan lembar untuk reviu", "menarik kembali lembar", "Ulangi.", "menyetujui reviu", "menetapkan lembar"):
        assert said in page
    assert "sebagai Sekretaris" in page
    assert "membuat perubahan" in page_of(app, office.OWNER)


def test_who_is_too_late_reads_who_was_faster_and_when(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        standing = office.review()
    data = {"version": str(sheet.version), "step": "return", "note": "Terlambat"}
    answer = office.post(office.sign_in(app, office.REVIEWER), f"/lembar/{sheet.id}/keputusan", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f"Terakhir: Pegawai Contoh 06 menyetujui reviu, {format_datetime(standing.changed_at)}." in page
    assert "Status sekarang: Direviu." in page
    assert "Terlambat" in page


FORGED = {
    "state": "approved",
    "revision": "9",
    "owner_id": "1",
    "position_id": "1",
    "reviewer_id": "1",
    "approver_id": "1",
    "submitted_by_id": "1",
    "reviewed_by_id": "1",
    "approved_by_id": "1",
    "approved_at": "2020-01-01",
    "changed_by": "Bupati",
    "acting_as": "Bupati",
    "on": "2020-01-01",
}


def test_forged_fields_change_nothing_but_what_the_step_changes(app: Flask) -> None:
    with app.app_context():
        before = office.bring_to("submitted")
    assert at(app, office.REVIEWER, "keputusan", {"step": "review", **FORGED}).status_code == 302
    with app.app_context():
        after = office.sheet_of(office.OWNER)
        assert (after.state, after.revision, after.version) == ("reviewed", 1, before.version + 1)
        assert (after.position_id, after.route.approver.id) == (before.position_id, before.route.approver.id)
        assert after.submitted_by_id == before.submitted_by_id
        assert after.reviewed_by_id == office.actor(office.REVIEWER).employee_id
        assert after.changed_by == "Pegawai Contoh 06"
        assert after.changed_at.date() == office.now().date()


@pytest.mark.parametrize("step", ["approve", "review"])
def test_a_step_that_is_not_this_persons_turn_is_refused(app: Flask, step: str) -> None:
    with app.app_context():
        office.bring_to("submitted")
    for name in (office.OWNER, office.APPROVER, office.HEAD):
        assert at(app, name, "keputusan", {"step": step}).status_code in (403, 409), name
    if step == "approve":
        assert at(app, office.REVIEWER, "keputusan", {"step": step}).status_code == 409
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"


def test_the_sheet_of_the_sekretaris_goes_straight_to_the_kepala_badan(app: Flask) -> None:
    with app.app_context():
        office.fill_in(office.APPROVER)
    assert "Ajukan untuk penetapan" in page_of(app, office.APPROVER, office.APPROVER)
    assert at(app, office.APPROVER, "pengajuan", code=office.APPROVER).status_code == 302
    assert "Tanpa pereviu" in page_of(app, office.APPROVER, office.APPROVER)
    assert at(app, office.APPROVER, "keputusan", {"step": "approve"}, office.APPROVER).status_code == 403
    assert at(app, office.HEAD, "keputusan", {"step": "review"}, office.APPROVER).status_code == 409
    assert at(app, office.HEAD, "keputusan", {"step": "approve"}, office.APPROVER).status_code == 302
    steps = [(entry["step"], entry["from"], entry["to"]) for entry in exported(app, "Sekretaris")[0]["history"]]
    assert steps == [("submit", "draft", "submitted"), ("approve", "submitted", "approved")]


def test_the_sheet_of_a_kepala_bidang_is_reviewed_by_the_sekretaris(app: Flask) -> None:
    with app.app_context():
        office.fill_in(office.REVIEWER)
    assert at(app, office.REVIEWER, "pengajuan", code=office.REVIEWER).status_code == 302
    assert at(app, office.REVIEWER, "keputusan", {"step": "review"}, office.REVIEWER).status_code == 403
    assert at(app, office.APPROVER, "keputusan", {"step": "review"}, office.REVIEWER).status_code == 302
    assert at(app, office.APPROVER, "keputusan", {"step": "approve"}, office.REVIEWER).status_code == 403
    assert at(app, office.HEAD, "keputusan", {"step": "approve"}, office.REVIEWER).status_code == 302
    with app.app_context():
        assert office.sheet_of(office.REVIEWER).state == "approved"


def test_a_mandate_that_ended_gives_no_right_at_the_next_request(app: Flask) -> None:
    with app.app_context():
        today = office.today_in_office()
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=1))
        office.give_post("analis.profesi", office.REVIEWER, kind=AssignmentKind.PLH, starts_on=today - timedelta(days=5))
        sheet = office.bring_to("draft")
        sheet = office.submit()
    client = office.sign_in(app, "analis.profesi")
    assert "Setujui reviu" in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    token = office.csrf_token(client)
    with app.app_context():
        office.end_post("analis.profesi", office.REVIEWER, ends_on=today - timedelta(days=1))
    data = {"csrf_token": token, "version": str(sheet.version), "step": "review", "note": "Sudah dibaca"}
    assert client.post(f"/lembar/{sheet.id}/keputusan", data=data).status_code == 404
    assert client.get(f"/lembar/{sheet.id}").status_code == 404
    with app.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"


def test_who_was_replaced_keeps_no_hand_on_the_sheet_and_the_successor_decides(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        today = office.today_in_office()
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=1))
        office.give_post("kabid.kinerja", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
    assert at(app, office.REVIEWER, "keputusan", {"step": "review"}).status_code == 403
    assert at(app, "kabid.kinerja", "keputusan", {"step": "review"}).status_code == 302
    entry = exported(app)[0]["history"][-1]
    assert entry["acting_as"] == "Plt. Kepala Bidang Pengadaan, Pemberhentian dan Informasi"
    assert sheet.state == "submitted"


def test_the_first_revision_is_superseded_only_when_the_second_is_approved(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        before = db.session.scalars(select(FrozenCopy.body)).one()
    assert at(app, office.APPROVER, "perubahan", {"reason": "correction", "note": "Salah hitung"}).status_code == 302
    for step in (lambda: office.fill_in(target="8"), office.submit, office.review):
        with app.app_context():
            step()
            assert office.sheet_of(office.OWNER, revision=1).state == "approved"
    assert at(app, office.APPROVER, "keputusan", {"step": "approve"}).status_code == 302
    with app.app_context():
        assert office.sheet_of(office.OWNER, revision=1).state == "superseded"
        assert db.session.scalars(select(FrozenCopy.body).order_by(FrozenCopy.sheet_id)).first() == before
    for revision in (1, 2):
        page = page_of(app, office.OUTSIDER, revision=revision)
        assert "Perubahan ke-1" in page
        assert "Digantikan" in page
    assert [step["step"] for step in exported(app)[0]["history"]][-1] == "supersede"
    assert chain_is_whole(app)
