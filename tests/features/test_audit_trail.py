"""The trail: sign-ins, refusals and downloads; the page and its files; what a check that fails does to the portal."""

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from iki_portal.approvals import auditing
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.domain.trail import MOST_REFUSALS, REFUSALS_APART
from iki_portal.extensions import db
from iki_portal.history import noting
from iki_portal.history.streams import HISTORY, TRAIL
from iki_portal.history.verifying import verify
from iki_portal.models import Account, Employee, TrailEvent, guards
from iki_portal.web.transaction import transaction
from tests import office
from tests.postgres import as_owner

RECAP = f"/tahun/{office.YEAR}/rekapitulasi"


def events(app: Flask, *actions: str) -> list[TrailEvent]:
    """Oldest first, without the sign-ins of test browsers unless asked for."""
    with app.app_context():
        query = select(TrailEvent).order_by(TrailEvent.number)
        found = db.session.scalars(query.where(TrailEvent.action.in_(actions) if actions else TrailEvent.action != "sign_in"))
        return list(found)


def page(client: Any, query: str = "") -> str:
    return str(client.get(f"/jejak-audit{query}").get_data(as_text=True))


def cells(answer: Any) -> list[list[Any]]:
    """The rows of the one worksheet of a downloaded workbook."""
    rows: list[list[Any]] = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    return rows


# Signing in


def test_a_sign_in_stands_in_the_trail_with_the_post_of_that_day_and_no_address(each_app: Flask) -> None:
    with each_app.app_context(), transaction():
        office.auth.sign_in(office.REVIEWER, DEMO_PASSWORD, now=office.now(), origin=office.auth.Origin("192.0.2.7", "Firefox"))
    (event,) = events(each_app, "sign_in")
    assert "Kepala Bidang" in event.acting_title
    assert event.actor_id is not None
    with each_app.app_context():
        assert "192.0.2.7" not in str(db.session.execute(select(TrailEvent.__table__)).all())
        assert verify(each_app.config["IKI"].history_keys, TRAIL).is_whole


def test_wrong_passwords_leave_one_row_a_lock_and_none_before(app: Flask) -> None:
    with app.app_context():
        for attempt in range(10):
            assert events(app) == [], attempt
            with transaction():
                office.auth.sign_in(office.OWNER, "salah", now=office.now())
    (lock,) = events(app)
    assert (lock.action, lock.note.split(":")[0]) == ("lock", office.OWNER)


def test_an_unknown_name_leaves_nothing(app: Flask) -> None:
    with app.app_context(), transaction():
        office.auth.sign_in("tidak.ada", "salah", now=office.now())
    assert events(app) == []


# Refusals


def test_a_refusal_stands_once_in_ten_minutes_for_each_address(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    with time_machine.travel(office.now(), tick=False) as clock:
        for _ in range(3):
            assert client.get(f"/tahun/{office.YEAR}").status_code == 403
        office.post(client, "/akun/1", {"version": "1", "action": "deactivate"})
        clock.shift(REFUSALS_APART + timedelta(seconds=1))
        client.get(f"/tahun/{office.YEAR}")
    assert [event.place for event in events(app)] == [f"GET /tahun/{office.YEAR}", "POST /akun/1", f"GET /tahun/{office.YEAR}"]
    assert events(app)[0].note == "Halaman ini untuk Sekretaris dan Kepala Badan."
    with app.app_context():
        assert db.session.scalars(select(Account.is_active).where(Account.id == 1)).one()
        assert verify(app.config["IKI"].history_keys, TRAIL).is_whole


def test_a_refused_step_on_a_sheet_in_sight_names_the_sheet(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    fields = {"version": sheet.version, "step": "review"}
    answer = office.post(office.sign_in(app, office.OWNER), f"/lembar/{sheet.id}/keputusan", fields)
    assert answer.status_code == 403
    (event,) = events(app)
    assert (event.action, event.sheet_id) == ("refusal", sheet.id)


def test_a_refusal_about_a_sheet_that_is_not_there_is_noted_without_it(each_app: Flask) -> None:
    client = office.sign_in(each_app, office.OPERATOR)
    for number in (99_999, 2**40):
        assert client.get(f"/lembar/{number}/ubah").status_code == 403
    assert [event.sheet_id for event in events(each_app)] == [None, None]


def test_a_flood_of_refusals_ends_after_thirty_rows(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    for number in range(MOST_REFUSALS + 5):
        assert client.get(f"/lembar/{number + 1}/ubah").status_code == 403
    assert len(events(app)) == MOST_REFUSALS


def test_a_trail_that_cannot_be_written_stops_no_answer_but_every_download(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_words: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    client = office.sign_in(app, office.OWNER)
    monkeypatch.setattr(noting, "note_refusal", busy)
    monkeypatch.setattr(noting, "note", busy)
    assert client.get(f"/tahun/{office.YEAR}").status_code == 403
    answer = client.get(RECAP)
    assert answer.status_code == 503
    assert "Content-Disposition" not in answer.headers


# Downloads


def test_a_download_is_noted_with_the_hash_of_the_file_that_left(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    body = client.get(RECAP).data
    client.head(RECAP)
    (event,) = events(app)
    assert (event.action, event.place, event.year) == ("download", f"Rekapitulasi IKI {office.YEAR}.xlsx", office.YEAR)
    assert event.content_hash == sha256(body).hexdigest()


def test_an_issued_print_is_noted_with_its_hash(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        issued = db.session.scalar(text("SELECT sha256 FROM issued_print"))
    (event,) = events(app)
    assert (event.action, event.place, event.content_hash) == ("print", f"{office.YEAR}-0001", issued)


# The page


def furnish(app: Flask) -> Any:
    """A little of everything; a browser of the Sekretaris."""
    with app.app_context():
        office.bring_to("approved")
        office.bring_to("submitted", "analis.teknis")
        office.open_account()
    office.sign_in(app, office.OWNER).get("/akun")
    return office.sign_in(app, office.APPROVER)


def test_the_page_shows_both_chains_newest_first_and_never_what_stands_in_a_sheet(app: Flask) -> None:
    client = furnish(app)
    shown = page(client)
    for words in ("menetapkan lembar", "membuat akun", "ditolak membuka /akun", "menerbitkan cetakan resmi"):
        assert words in shown
    assert shown.index("ditolak membuka /akun") < shown.index("menetapkan lembar</span>")
    with app.app_context():
        text_of_a_row = db.session.scalar(text("SELECT min(text) FROM indicator"))
    assert str(text_of_a_row) not in shown


def test_an_operator_reads_acts_on_people_accounts_and_settings_alone(app: Flask) -> None:
    furnish(app)
    client = office.sign_in(app, office.OPERATOR)
    shown = page(client)
    assert "membuat akun" in shown
    assert "menetapkan lembar" not in shown
    assert "ditolak membuka /akun" not in shown
    assert "menetapkan lembar" not in page(client, "?tindakan=approve")
    rows = str(cells(client.get("/jejak-audit/berkas")))
    assert "membuat akun" in rows
    assert "menetapkan" not in rows


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("?tindakan=approve", "menetapkan lembar</span>", "mengajukan lembar untuk reviu</span>"),
        ("?orang=0", "membuat akun</span>", "menetapkan lembar</span>"),
        ("?sampai=1-1-2020", "Tidak ada catatan yang cocok", "menetapkan lembar</span>"),
        ("?dari=1-1-2020", "menetapkan lembar</span>", "Tidak ada catatan yang cocok"),
    ],
)
def test_the_filter_narrows_and_stands_in_the_address(app: Flask, query: str, there: str, gone: str) -> None:
    shown = page(furnish(app), query)
    assert there in shown
    assert gone not in shown
    assert f"/jejak-audit/berkas{query}" in shown


def test_a_name_narrows_to_whoever_it_fits(each_app: Flask) -> None:
    client = furnish(each_app)
    with each_app.app_context():
        owner, reviewer = (office.actor(code) for code in (office.OWNER, office.REVIEWER))
    shown = page(client, f"?pelaku={owner.name.lower()}")
    assert "mengajukan lembar untuk reviu</span>" in shown
    assert "menetapkan lembar</span>" not in shown
    assert f"<strong>{owner.full_name}</strong>. <a" in shown
    by_id = page(client, f"?orang={owner.employee_id}")
    assert re.findall(r'class="act">.*', by_id) == re.findall(r'class="act">.*', shown)
    with each_app.app_context(), transaction():
        for code in (office.OWNER, office.REVIEWER):
            person = db.session.get_one(Employee, office.actor(code).employee_id)
            person.degrees_after = "M.Cnt"
    both = page(client, "?pelaku=m.cnt")
    for words in ("mengajukan lembar untuk reviu</span>", f">{reviewer.name}, M.Cnt</a>", f">{owner.name}, M.Cnt</a>"):
        assert words in both
    assert "menetapkan lembar</span>" not in both
    each_alone = [page(client, f"?orang={each.employee_id}") for each in (owner, reviewer)]
    assert both.count('class="act"') == sum(shown.count('class="act"') for shown in each_alone)
    assert " atau " in str(cells(client.get("/jejak-audit/berkas?pelaku=m.cnt")))


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("?pelaku=zzzz", "Tidak ada pegawai yang cocok dengan “zzzz”."),
        ("?orang=9999", "Tidak ada pegawai yang cocok dengan “9999”."),
        ("?pelaku=a", "Lebih dari 10 pegawai cocok dengan “a”."),
        ("?pelaku=%25", "Tidak ada pegawai yang cocok dengan “%”."),
    ],
)
def test_a_name_that_fits_nobody_or_too_many_is_said_beside_the_filter(app: Flask, query: str, why: str) -> None:
    client = office.sign_in(app, office.HEAD)
    answer = client.get(f"/jejak-audit{query}")
    assert answer.status_code == 422
    assert why in answer.get_data(as_text=True)
    assert client.get(f"/jejak-audit/berkas{query}").status_code == 422


def test_one_sheet_shows_its_own_acts_alone(app: Flask) -> None:
    client = furnish(app)
    with app.app_context():
        sheet = office.sheet_of("analis.teknis")
    shown = page(client, f"?lembar={sheet.id}")
    assert "mengajukan lembar untuk reviu</span>" in shown
    assert "menetapkan lembar</span>" not in shown
    assert sheet.title in shown


@pytest.mark.parametrize("query", ["?dari=40-13-2026", "?sampai=kemarin", "?dari=%00"])
def test_what_is_no_day_is_said_beside_the_filter(app: Flask, query: str) -> None:
    client = office.sign_in(app, office.HEAD)
    answer = client.get(f"/jejak-audit{query}")
    assert answer.status_code == (200 if "%00" in query else 422)
    assert client.get(f"/jejak-audit/berkas{query}").status_code == answer.status_code


@pytest.mark.parametrize(
    "query", ["?orang=x&lembar=-1&tindakan=hapus&sesudah=9.9", "?sesudah=9999999999999999.A1", f"?lembar={2**40}", "?orang=-5"]
)
def test_an_address_that_somebody_made_up_is_a_page(each_app: Flask, query: str) -> None:
    assert office.sign_in(each_app, office.HEAD).get(f"/jejak-audit{query}").status_code == 200


def test_the_pages_hold_every_row_once(each_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = furnish(each_app)
    monkeypatch.setattr("iki_portal.history.listing.page.__kwdefaults__", {"size": 4})
    seen: list[str] = []
    address: str | None = "/jejak-audit"
    while address:
        shown = client.get(address).get_data(as_text=True)
        seen += re.findall(r'seal">(A?\d+):[0-9a-f]{16}<', shown)
        found = re.search(r'href="(/jejak-audit\?sesudah=[^"]+)" rel="next"', shown)
        address = found[1] if found else None
    with each_app.app_context():
        wanted = {
            f"{stream.letter}{number}"
            for stream in (HISTORY, TRAIL)
            for number in db.session.scalars(select(stream.rows.number))
        }
    assert len(seen) == len(set(seen))
    assert set(seen) == wanted


def test_the_files_hold_the_chosen_rows_and_are_noted_themselves(app: Flask) -> None:
    client = furnish(app)
    rows = cells(client.get("/jejak-audit/berkas?tindakan=approve"))
    assert rows[0][:5] == ["Nomor", "Waktu", "Nama", "Jabatan saat itu", "Tindakan"]
    assert [row[4] for row in rows[1:] if row[4]] == ["menetapkan lembar"]
    assert "Pilihan: tindakan menetapkan lembar. 1 baris." in str(rows)
    paper = PdfReader(BytesIO(client.get("/jejak-audit/berkas?bentuk=pdf").data))
    assert "Catatan belum pernah diperiksa seluruhnya." in paper.pages[0].extract_text()
    noted = [event.place.split(".")[1] for event in events(app, "download")]
    assert noted == ["xlsx", "pdf"]


def test_a_file_is_bounded_and_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = furnish(app)
    monkeypatch.setattr("iki_portal.history.views.MOST_ROWS", {"xlsx": 3, "pdf": 3})
    rows = cells(client.get("/jejak-audit/berkas"))
    assert sum(1 for row in rows[1:] if row[0]) == 3
    assert "masih ada yang lebih lama" in str(rows)


# Checks


def break_the_history() -> None:
    db.session.rollback()
    with as_owner() as connection:
        guards.remove(connection)
        connection.execute(text("UPDATE history_entry SET note = 'x' WHERE number = 1"))
        guards.install(connection)


def test_a_failed_check_shouts_on_the_pages_of_those_who_answer_for_it_and_reading_goes_on(app: Flask) -> None:
    client = furnish(app)
    with app.app_context():
        with transaction():
            auditing.mark(auditing.check_everything(now=office.now()))
        assert "Catatan utuh pada pemeriksaan" in page(client)
        break_the_history()
        with transaction():
            auditing.mark(auditing.check_everything(now=office.now()))
            auditing.mark(auditing.check_tail(now=office.now()))
    assert "Catatan tidak utuh: 1 masalah" in page(client)
    assert "baris 1 diubah" in page(client)
    for name, sees in ((office.APPROVER, True), (office.HEAD, True), (office.OPERATOR, True), (office.OWNER, False)):
        answer = office.sign_in(app, name).get("/")
        assert answer.status_code == 200
        assert ("Catatan portal tidak utuh" in answer.get_data(as_text=True)) == sees, name


def test_a_check_of_the_tail_takes_back_no_finding_of_a_full_one(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        break_the_history()
        with transaction():
            auditing.mark(auditing.check_everything(now=office.now()))
        found = auditing.check_tail(now=office.now())
        whole = replace(found, history=replace(found.history, problems=(), problem_count=0))
        with transaction():
            auditing.mark(whole)  # as if the broken row lay further back
    assert "Catatan tidak utuh" in page(office.sign_in(app, office.HEAD))


# Data saya


def test_everybody_reads_what_is_held_of_them_and_who_did_it(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
    operator = office.sign_in(app, office.OPERATOR)
    with app.app_context():
        account = db.session.scalars(select(Account).where(Account.name == office.OWNER)).one()
        account_id, version = account.id, account.version
    office.sign_in(app, office.HEAD).get(RECAP)
    owner = office.sign_in(app, office.OWNER)
    shown = owner.get("/akun-saya/data").get_data(as_text=True)
    for words in ("Penugasan", office.OWNER, "mengajukan lembar untuk reviu", "Rekapitulasi IKI", "90 hari"):
        assert words in shown
    assert "memberi kode aktivasi baru" not in shown
    office.post(operator, f"/akun/{account_id}", {"version": version, "action": "reset"})
    shown = office.sign_in(app, office.OWNER).get("/akun-saya/data").get_data(as_text=True)
    assert "memberi kode aktivasi baru" in shown
    other = office.sign_in(app, office.OUTSIDER).get("/akun-saya/data").get_data(as_text=True)
    assert "mengajukan lembar untuk reviu" not in other
    assert "Rekapitulasi IKI" not in other


def test_the_own_data_as_a_file_holds_the_same_and_an_operator_has_a_page_too(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
    answer = office.sign_in(app, office.OWNER).get("/akun-saya/data/berkas")
    rows = cells(answer)
    parts = {row[0] for row in rows[1:]}
    assert {"Data pegawai", "Penugasan", "Akun", "Riwayat masuk", "Tindakan oleh saya"} <= parts
    assert "mengajukan lembar untuk reviu" in str(rows)
    assert events(app, "download") == []
    operator = office.sign_in(app, office.OPERATOR).get("/akun-saya/data")
    assert "Akun operator tidak terhubung" in operator.get_data(as_text=True)
