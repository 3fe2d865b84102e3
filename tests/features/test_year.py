"""The year: who is missing and at whose desk, and the end of its planning stage."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import HistoryEntry, PerformanceYear, Position
from iki_portal.organisation.operations import add_year
from tests import office

PAGE = f"/tahun/{office.YEAR}"
CLOSE = f"{PAGE}/penutupan"
LAST = "kasubag.umum"


def codes() -> list[str]:
    """Every post that has a sheet, in the order of the office; needs an app context."""
    return list(db.session.scalars(select(Position.code).where(Position.approver_id.is_not(None)).order_by(Position.order)))


def approve_all(app: Flask, *, but: str | None = None) -> None:
    with app.app_context():
        for code in codes():
            if code != but:
                office.bring_to("approved", code)


def close(app: Flask, name: str = office.APPROVER) -> Any:
    return office.post(office.sign_in(app, name), CLOSE)


def year_page(app: Flask, name: str = office.APPROVER, query: str = "") -> str:
    answer = office.sign_in(app, name).get(PAGE + query)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def stage(app: Flask) -> str:
    with app.app_context():
        return str(db.session.get_one(PerformanceYear, office.YEAR).stage)


def closings(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(HistoryEntry.action == "close_planning")) or 0


def test_the_page_says_at_whose_desk_each_sheet_lies(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        office.bring_to("reviewed", "analis.profesi")
        office.bring_to("approved", "analis.informasi")
    page = year_page(app)
    assert "Pegawai Contoh 06 (Kepala Bidang Pengadaan, Pemberhentian dan Informasi)" in page
    assert "Pegawai Contoh 02 (Sekretaris)" in page
    assert "1 dari 20" in page
    assert "masih 19 lagi" in page
    assert page.count('<th scope="row">') == 19
    assert year_page(app, query="?tampil=semua").count('<th scope="row">') == 20


def test_a_vacant_desk_is_said_aloud(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=office.today_in_office() - timedelta(days=1))
    assert "Kepala Bidang Pengadaan, Pemberhentian dan Informasi (kosong)" in year_page(app)
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "sedang kosong" in page


def test_a_post_without_a_sheet_is_shown_with_its_holder(app: Flask) -> None:
    following = f"/tahun/{office.YEAR + 1}"
    with app.app_context():
        with office.transaction():
            add_year(office.YEAR + 1, deadline=None)
        office.end_post(LAST, LAST, ends_on=office.today_in_office() - timedelta(days=1))
    page = office.sign_in(app, office.APPROVER).get(following).get_data(as_text=True)
    missing = page.split("Jabatan yang belum memiliki lembar")[1].split("</ul>")[0]
    assert missing.count("<li>") == 20
    assert missing.count("jabatan kosong") == 1
    assert "Sekretaris, Sekretariat: Pegawai Contoh 02" in missing
    answer = office.post(office.sign_in(app, office.APPROVER), f"{following}/penutupan")
    assert answer.status_code == 409
    assert "belum memiliki lembar" in answer.get_data(as_text=True)


def test_the_year_closes_only_when_every_sheet_is_approved(app: Flask) -> None:
    approve_all(app, but=LAST)
    for state in ("draft", "submitted", "reviewed"):
        with app.app_context():
            if state == "draft":
                office.fill_in(LAST)
            elif state == "submitted":
                office.submit(LAST)
            else:
                office.review(LAST, by=office.APPROVER)
        answer = close(app)
        assert answer.status_code == 409, state
        assert "Belum semua lembar ditetapkan" in answer.get_data(as_text=True)
        assert stage(app) == "planning"
    with app.app_context():
        office.approve(LAST, by=office.HEAD)
    assert close(app).status_code == 302
    assert stage(app) == "running"
    assert "Tutup tahap penetapan" not in year_page(app)


def test_nobody_but_the_sekretaris_closes_the_year(app: Flask) -> None:
    approve_all(app)
    for name in (office.OWNER, office.REVIEWER, office.HEAD, office.OPERATOR):
        assert close(app, name).status_code == 403, name
        client = office.sign_in(app, name)
        assert "Tutup tahap penetapan" not in client.get(PAGE).get_data(as_text=True)
    assert app.test_client().post(CLOSE).status_code == 401
    assert office.sign_in(app, office.APPROVER).get(CLOSE).status_code == 405
    assert (stage(app), closings(app)) == ("planning", 0)


def test_an_acting_sekretaris_closes_it_and_is_recorded_as_acting(app: Flask) -> None:
    approve_all(app)
    with app.app_context():
        today = office.today_in_office()
        office.end_post(office.APPROVER, office.APPROVER, ends_on=today - timedelta(days=1))
        office.give_post("perencana", office.APPROVER, kind=AssignmentKind.PLT, starts_on=today)
    assert close(app).status_code == 403
    assert close(app, "perencana").status_code == 302
    with app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        assert (entry.action, entry.acting_title, entry.acting_kind) == ("close_planning", "Plt. Sekretaris", "plt")


def test_closing_twice_says_that_it_is_closed_and_records_it_once(app: Flask) -> None:
    approve_all(app)
    assert close(app).status_code == 302
    again = close(app)
    assert again.status_code == 409
    assert "sudah ditutup" in again.get_data(as_text=True)
    assert closings(app) == 1
    with app.app_context():
        assert verify(app.config["IKI"].history_keys).is_whole


def test_after_the_close_only_revisions_can_be_submitted(app: Flask) -> None:
    approve_all(app, but=None)
    assert close(app).status_code == 302
    owner = office.sign_in(app, office.OWNER)
    with app.app_context():
        first = office.sheet_of(office.OWNER)
    data = {"reason": "budget", "note": "Anggaran berubah"}
    assert office.post(owner, f"/lembar/{first.id}/perubahan", data).status_code == 302
    with app.app_context():
        second = office.sheet_of(office.OWNER)
    assert office.post(owner, f"/lembar/{second.id}/pengajuan", {"version": str(second.version)}).status_code == 302


def test_a_first_sheet_that_comes_after_the_close_cannot_be_submitted(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("draft")
        with office.transaction():
            year = db.session.get_one(PerformanceYear, office.YEAR)
            year.stage, year.planning_closed_at = type(year.stage)("running"), office.now()
    client = office.sign_in(app, office.OWNER)
    answer = office.post(client, f"/lembar/{sheet.id}/pengajuan", {"version": str(sheet.version)})
    assert answer.status_code == 403
    assert "hanya perubahan atas lembar yang sudah ditetapkan" in answer.get_data(as_text=True)
    assert "hanya perubahan" in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)


@pytest.mark.parametrize("year", [1, 1999, 2026, 2101, 10**30])
def test_a_year_that_was_never_opened_is_not_found(app: Flask, year: int) -> None:
    client = office.sign_in(app, office.APPROVER)
    assert client.get(f"/tahun/{year}").status_code == 404
    assert office.post(client, f"/tahun/{year}/penutupan").status_code == 404


@pytest.mark.parametrize(("days", "said"), [(3, "3 hari lagi"), (0, "0 hari lagi"), (-2, "terlewat 2 hari")])
def test_the_deadline_is_counted_on_the_calendar_of_the_office(app: Flask, days: int, said: str) -> None:
    with app.app_context(), office.transaction():
        deadline: date = office.today_in_office() + timedelta(days=days)
        db.session.get_one(PerformanceYear, office.YEAR).planning_deadline_on = deadline
    assert said in year_page(app)
