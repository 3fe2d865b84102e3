"""Buku kerja organisasi: sent, read in a process of its own, looked at row by row, applied at once or not at all."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.staffing import Fate
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.models import (
    Account,
    Assignment,
    Employee,
    HistoryEntry,
    OrganisationAct,
    Position,
    PositionDuty,
    StaffingRow,
    StaffingState,
    StaffingWorkbook,
    Unit,
)
from iki_portal.organisation import appointing, staffing_applying, staffing_office, staffing_reading, staffing_workbooks
from iki_portal.organisation.employees import EmployeeProposal, enter_employee
from iki_portal.web.transaction import transaction
from tests import office
from tests.features.test_query_counts import MOST, counted

ADDRESS = "/organisasi/buku-kerja"
NIP = "198602022011012002"
A_UNIT = ("baru", "Bidang Baru", "Baru", "division", "badan", "", "", "", "", "")
A_CHIEF = (
    *("kabid.baru", "Kepala Bidang Baru", "", "division_head", "baru", "kepala.badan", "sekretaris", "kepala.badan", ""),
    *("Memimpin bidang.", "Menyusun rencana\nMenyusun laporan", "Pembinaan", "", "", "", ""),
)
SITI = ("", "=Siti", "", "S.Sos.", "pns", "19860202 201101 2 002", "iii/c", "siti@kantor.go.id")
HER_POST = ("", "", NIP, "", "kabid.baru", "", "definitive", "2027-01-04", "", "800/1", "2026-12-20", "")
NEW_BIDANG = {Tab.UNITS: [A_UNIT], Tab.POSTS: [A_CHIEF], Tab.EMPLOYEES: [SITI], Tab.ASSIGNMENTS: [HER_POST]}


def send(client: Any, content: bytes, name: str = "organisasi.xlsx") -> Any:
    fields = {"csrf_token": office.csrf_token(client), "file": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(fields)  # in memory: the client's own way leaves temporary files open
    return client.post(ADDRESS, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def line(workbook_id: int) -> staffing_workbooks.WorkbookLine:
    db.session.rollback()
    return staffing_workbooks.workbook_line(workbook_id, now=office.now())


def apply(app: Flask, workbook_id: int, **fields: str) -> Any:
    with app.app_context():
        seal = line(workbook_id).seal
    client = office.sign_in(app, office.OPERATOR)
    return office.post(client, f"{ADDRESS}/{workbook_id}/penerapan", {"seal": seal, "checked": "1", **fields})


def rows_exported() -> dict[str, list[list[Any]]]:
    content = staffing_office.export(office.today_in_office())
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def person_row(name: str) -> Sequence[str]:
    """The row of the person behind an account, as the export has it."""
    return staffing_office.office_now(office.today_in_office()).employees[str(office.actor(name).employee_id)].values


# From the file to the office


def test_an_operator_uploads_reads_looks_and_applies(each_app: Flask, asked_workbooks: list[tuple[str, int]]) -> None:
    operator = office.sign_in(each_app, office.OPERATOR)
    with each_app.app_context():
        content = office.staffing(NEW_BIDANG)
    answer = send(operator, content)
    address = answer.headers["Location"]
    ((_, number),) = asked_workbooks
    assert address == f"{ADDRESS}/{number}", "the reader starts after the commit"
    waiting = text_of(operator.get(address))
    assert "sedang diperiksa: menunggu dibaca" in waiting
    assert 'data-refresh="2"' in waiting
    with each_app.app_context():
        staffing_reading.read_workbook(number)
    page = text_of(operator.get(address))
    assert "Tidak ada baris yang keliru" in page
    assert "Bidang Baru" in page
    answer = apply(each_app, number)
    assert answer.status_code == 302, text_of(answer)
    assert asked_workbooks[-1] == ("apply", number)
    assert "sedang diterapkan sekaligus" in text_of(operator.get(address))
    with each_app.app_context():
        staffing_applying.apply_workbook(number)
        assert_the_new_bidang_stands(number)
        assert verify(each_app.config["IKI"].history_keys).problem == ""
    assert "sudah diterapkan" in text_of(operator.get(address))


def assert_the_new_bidang_stands(number: int) -> None:
    applied = line(number)
    assert applied.state is StaffingState.APPLIED
    unit = db.session.scalars(select(Unit).where(Unit.code == "baru")).one()
    post = db.session.scalars(select(Position).where(Position.code == "kabid.baru")).one()
    codes = {each.id: each.code for each in db.session.scalars(select(Position))}
    route = [codes[each] for each in (post.superior_id, post.reviewer_id, post.approver_id) if each]
    assert (post.unit_id, route) == (unit.id, ["kepala.badan", "sekretaris", "kepala.badan"])
    duties = db.session.scalars(select(PositionDuty.text).where(PositionDuty.position_id == post.id)).all()
    assert sorted(duties) == ["Menyusun laporan", "Menyusun rencana", "Pembinaan"]
    siti = db.session.scalars(select(Employee).where(Employee.identifier == NIP)).one()
    assert (siti.name, siti.rank, siti.version) == ("=Siti", "III/c", 1)
    held = db.session.scalars(select(Assignment).where(Assignment.position_id == post.id)).one()
    assert (held.employee_id, held.kind, held.decree) == (siti.id, AssignmentKind.DEFINITIVE, "800/1")
    entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
    assert entry is not None
    assert (entry.action, entry.acting_title, entry.content_hash) == ("import_staffing", "Operator", applied.seal)
    assert applied.sha256 in entry.note
    assert "Unit kerja 1 baru, Jabatan 1 baru, Pegawai 1 baru, Penugasan 1 baru" in entry.note
    told = db.session.scalars(select(OrganisationAct).where(OrganisationAct.history_number == entry.number)).all()
    assert [(each.unit_id, each.position_id) for each in told] == [(unit.id, None), (None, post.id)]
    kept = db.session.scalars(select(StaffingRow).where(StaffingRow.workbook_id == number)).all()
    assert [row.fate for row in kept] == [Fate.NEW] * 4, "what was applied stays to be looked up"
    assert "=Siti" in kept[2].body


def test_the_export_changes_nothing_when_it_comes_back(app: Flask) -> None:
    """With Plt. and Plh., a cancelled one, coming names, and names that look like formulas."""
    with app.app_context():
        today = office.today_in_office()
        coming = {"kind": AssignmentKind.PLT, "starts_on": today + timedelta(days=9), "ends_on": today + timedelta(days=30)}
        office.give_post(office.OUTSIDER, office.REVIEWER, **coming)
        with transaction():
            given = db.session.scalars(select(Assignment).where(Assignment.kind == AssignmentKind.PLT)).one()
            appointing.cancel_assignment(given.id, actor=office.actor(office.OPERATOR), seen=given.version, now=office.now())
            unit, other = db.session.scalars(select(Unit).order_by(Unit.id).limit(2)).all()
            unit.next_name, unit.next_short_name, unit.next_on = "Badan Baru", "Baru", today + timedelta(days=40)
            other.next_name, other.next_short_name, other.next_on = "Sekretariat Daerah", "Sekretariat", today
            post = db.session.scalars(select(Position).where(Position.code == office.OWNER)).one()
            post.next_title, post.next_area, post.next_on = "Analis SDM Aparatur", "", today + timedelta(days=1)
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=AssignmentKind.PLH, starts_on=today)
        for name in ("=SUM(1;2)", "'Ilham", "+62", "Ñuñez   Šime"):
            office.employ(name)
        found = line(office.workbook(content=staffing_office.export(today)))
    assert found.count(Fate.UNCHANGED) > 70
    assert [found.count(fate) for fate in (Fate.NEW, Fate.CHANGED, Fate.WRONG)] == [0, 0, 0]
    assert found.notices == ()
    answer = apply(app, found.id)
    assert answer.status_code == 422
    assert "tidak ada yang diterapkan" in text_of(answer)


def test_what_changes_is_written_and_nothing_else(app: Flask) -> None:
    with app.app_context():
        row = list(person_row(office.OWNER))
        before = db.session.get_one(Employee, int(row[0]))
        row[1], row[6] = "Nama Dibetulkan", "IV/a"
        version, others = before.version, db.session.scalar(select(func.sum(Employee.version)))
        number = office.workbook({Tab.EMPLOYEES: [row]})
        assert line(number).count(Fate.CHANGED) == 1
    page = text_of(office.sign_in(app, office.OPERATOR).get(f"{ADDRESS}/{number}"))
    assert "menjadi" in page
    assert "IV/a" in page
    apply(app, number)
    with app.app_context():
        staffing_applying.apply_workbook(number)
        after = db.session.get_one(Employee, int(row[0]))
        assert (after.name, after.rank, after.version) == ("Nama Dibetulkan", "IV/a", version + 1)
        assert db.session.scalar(select(Account.display_name).where(Account.employee_id == after.id)) == "Nama Dibetulkan"
        assert db.session.scalar(select(func.sum(Employee.version))) == (others or 0) + 1


def test_two_people_may_get_each_others_numbers(app: Flask) -> None:
    with app.app_context():
        rows = [list(person_row(name)) for name in (office.OWNER, office.OUTSIDER)]
        with transaction():
            for row, number in zip(rows, (NIP, "198501012010011001"), strict=True):
                db.session.get_one(Employee, int(row[0])).identifier = number
        rows[0][5], rows[1][5] = "198501012010011001", NIP
        number = office.workbook({Tab.EMPLOYEES: rows})
        assert line(number).count(Fate.CHANGED) == 2
    apply(app, number)
    with app.app_context():
        staffing_applying.apply_workbook(number)
        assert db.session.get_one(Employee, int(rows[0][0])).identifier == "198501012010011001"


def test_a_post_passes_from_one_to_the_next_in_one_file(each_app: Flask) -> None:
    with each_app.app_context():
        today = office.today_in_office()
        stands = staffing_office.office_now(today)
        held = next(each for each in stands.assignments.values() if each.values[3] == office.OUTSIDER)
        row = list(held.values)
        row[6] = (today - timedelta(days=1)).isoformat()
        ended = (*row[:3], "", row[3], "", *row[4:])
        follows = ("", "", NIP, "", office.OUTSIDER, "", "definitive", today.isoformat(), "", "", "", "")
        number = office.workbook({Tab.EMPLOYEES: [SITI], Tab.ASSIGNMENTS: [follows, ended]})
        assert line(number).count(Fate.WRONG) == 0, staffing_workbooks.wrong_rows(number)
    apply(each_app, number)
    with each_app.app_context():
        staffing_applying.apply_workbook(number)
        assert line(number).state is StaffingState.APPLIED
        spans = db.session.scalars(
            select(Assignment).where(Assignment.position_id == db.session.get_one(Assignment, held.id).position_id)
        )
        assert sorted(each.ends_on is None for each in spans) == [False, True]


def test_drafts_take_the_new_route_of_their_post_and_submitted_sheets_keep_theirs(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted", office.OUTSIDER)
        posts = staffing_office.office_now(office.today_in_office()).posts
        rows = [list(posts[code].values) for code in (office.OWNER, office.OUTSIDER)]
        for row in rows:
            row[6] = ""  # nobody reviews
        number = office.workbook({Tab.POSTS: rows})
        assert line(number).count(Fate.CHANGED) == 2, staffing_workbooks.wrong_rows(number)
    apply(app, number)
    with app.app_context():
        staffing_applying.apply_workbook(number)
        assert line(number).state is StaffingState.APPLIED
        assert office.sheet_of(office.OWNER).route.reviewer is None
        assert office.sheet_of(office.OUTSIDER).route.reviewer is not None


# What stands in the way


def test_a_wrong_row_lets_nothing_be_applied_and_is_reported(app: Flask) -> None:
    with app.app_context():
        number = office.workbook({**NEW_BIDANG, Tab.EMPLOYEES: [(*SITI[:6], "V/z", "")]})
    operator = office.sign_in(app, office.OPERATOR)
    page = text_of(operator.get(f"{ADDRESS}/{number}?keadaan=wrong"))
    assert "1 baris keliru" in page
    assert "Golongan ini tidak ada." in page
    assert "Terapkan semua" not in page
    answer = apply(app, number)
    assert answer.status_code == 422
    assert "Masih ada baris yang keliru" in text_of(answer)
    report = operator.get(f"{ADDRESS}/{number}/laporan")
    with CalamineWorkbook.from_filelike(io.BytesIO(report.get_data())) as book:
        heading, told = book.get_sheet_by_name("Laporan").to_python()
    assert heading[:5] == ["Tab", "Baris", "Hal", "Kolom", "Isi sel"]
    assert told[:5] == ["Pegawai", "2", "=Siti, S.Sos.", "Golongan", "V/z"]


def test_a_warning_is_ticked_before(app: Flask) -> None:
    with app.app_context():
        number = office.workbook({Tab.EMPLOYEES: [(*SITI[:5], "198613022011012002", "", "")]})
    answer = apply(app, number, checked="")
    assert answer.status_code == 422
    assert "Centang dahulu" in text_of(answer)
    assert "seharusnya tanggal lahir" in text_of(answer)
    assert apply(app, number).status_code == 302


def test_an_office_that_changed_meanwhile_is_previewed_again(app: Flask) -> None:
    with app.app_context():
        number = office.workbook(NEW_BIDANG)
    apply(app, number)
    with app.app_context():
        with transaction():  # between the button and the writing, somebody else enters the same person
            proposal = EmployeeProposal("Siti", "", "", "pns", NIP, "", "")  # type: ignore[arg-type]
            enter_employee(proposal, actor=office.actor(office.OPERATOR), now=office.now())
        staffing_applying.apply_workbook(number)
        again = line(number)
        assert again.state is StaffingState.READ
        assert again.count(Fate.CHANGED, Tab.EMPLOYEES) == 1
        assert db.session.scalar(select(Unit.id).where(Unit.code == "baru")) is None
    page = text_of(office.sign_in(app, office.OPERATOR).get(f"{ADDRESS}/{number}"))
    assert "Organisasi berubah sesudah pratinjau dibuat" in page
    assert apply(app, number).status_code == 302


def test_an_old_page_applies_nothing(app: Flask) -> None:
    with app.app_context():
        number = office.workbook(NEW_BIDANG)
    answer = apply(app, number, seal="0" * 64)
    assert answer.status_code == 409
    assert "Tinjau lagi" in text_of(answer)


def test_days_on_which_somebody_acted_are_not_taken_away(app: Flask) -> None:
    with app.app_context():
        office.bring_to("reviewed")
        today = office.today_in_office()
        stands = staffing_office.office_now(today)
        held = next(each for each in stands.assignments.values() if each.values[3] == office.REVIEWER)
        row = list(held.values)
        row[6] = (today - timedelta(days=1)).isoformat()
        number = office.workbook({Tab.ASSIGNMENTS: [(*row[:3], "", row[3], "", *row[4:])]})
        (wrong,) = staffing_workbooks.wrong_rows(number)
        assert "bertindak dalam jabatan ini" in wrong.body.problems[0].reason


def test_an_operator_who_is_none_any_more_applies_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        number = office.workbook(NEW_BIDANG)
    apply(app, number)
    with app.app_context():
        monkeypatch.setattr(staffing_applying, "actor_of", lambda *_args, **_more: office.actor(office.OWNER))
        staffing_applying.apply_workbook(number)
        assert line(number).state is StaffingState.READ
        assert db.session.scalar(select(Unit.id).where(Unit.code == "baru")) is None


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7\n" + bytes(2000), "organisasi.xlsx", "Ini berkas PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "organisasi.xlsx", "Excel lama (.xls)"),
    ],
)
def test_a_file_in_disguise_is_refused_and_nothing_changes(app: Flask, content: bytes, name: str, words: str) -> None:
    operator = office.sign_in(app, office.OPERATOR)
    address = send(operator, content, name).headers["Location"]
    with app.app_context():
        stood = staffing_office.fingerprint()
        staffing_reading.read_workbook(int(address.rsplit("/", 1)[1]))
        assert staffing_office.fingerprint() == stood
    page = text_of(operator.get(address))
    assert words in page
    assert "Tidak ada yang berubah" in page


def test_an_empty_request_and_a_second_file_at_once_are_answered(app: Flask) -> None:
    operator = office.sign_in(app, office.OPERATOR)
    nothing = send(operator, b"", "")
    assert (nothing.status_code, "Pilih berkas buku kerja" in text_of(nothing)) == (422, True)
    with app.app_context():
        content = office.staffing(NEW_BIDANG)
    assert send(operator, content).status_code == 302
    second = send(operator, content)
    assert (second.status_code, "Buku kerja lain masih dibaca" in text_of(second)) == (409, True)


def test_a_lost_reader_is_told_and_can_be_begun_again(app: Flask, asked_workbooks: list[tuple[str, int]]) -> None:
    operator = office.sign_in(app, office.OPERATOR)
    with app.app_context():
        content = office.staffing(NEW_BIDANG)
    address = send(operator, content).headers["Location"]
    with app.app_context(), transaction():
        row = db.session.scalars(select(StaffingWorkbook)).one()
        row.touched_at = office.now() - 2 * staffing_workbooks.STALE
    assert "Pekerjaan terhenti" in text_of(operator.get(address))
    assert office.post(operator, f"{address}/pembacaan").status_code == 302
    assert len(asked_workbooks) == 2


def test_a_cancelled_workbook_is_forgotten(app: Flask) -> None:
    with app.app_context():
        number = office.workbook(NEW_BIDANG)
    answer = office.post(office.sign_in(app, office.OPERATOR), f"{ADDRESS}/{number}/pembatalan")
    assert answer.status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count(StaffingRow.place))) == 0
        assert db.session.get_one(StaffingWorkbook, number).body is None
    assert apply(app, number).status_code == 409


# The pages


def test_the_template_has_the_four_tabs_and_their_instructions(app: Flask) -> None:
    answer = office.sign_in(app, office.OPERATOR).get(f"{ADDRESS}/templat")
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())) as book:
        assert book.sheet_names == ["Unit kerja", "Jabatan", "Pegawai", "Penugasan", "Petunjuk"]
        heading = book.get_sheet_by_name("Pegawai").to_python()[0]
    assert [cell.splitlines()[0] for cell in heading][:2] == ["Nomor pegawai", "Nama"]


def test_the_export_has_everybody(app: Flask) -> None:
    answer = office.sign_in(app, office.OPERATOR).get(f"{ADDRESS}/ekspor")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=Buku-kerja-organisasi-")
    with app.app_context():
        rows = rows_exported()
        assert len(rows["Pegawai"]) == 1 + (db.session.scalar(select(func.count(Employee.id))) or 0)


def test_the_pages_take_the_same_few_statements_for_any_number_of_rows(app: Flask) -> None:
    operator = office.sign_in(app, office.OPERATOR)
    with app.app_context():
        few, many = (
            office.workbook({Tab.EMPLOYEES: [SITI]}),
            office.workbook(
                {
                    Tab.EMPLOYEES: [
                        ("", f"Pegawai {each}", "", "", "pns", f"19860202201101{each:04d}", "", "") for each in range(70)
                    ]
                }
            ),
        )
    found = []
    for number in (few, many):
        with counted(app) as statements:
            page = text_of(operator.get(f"{ADDRESS}/{number}?keadaan=new&tab=employees"))
        found.append(len(statements))
    assert "Berikutnya" in page
    assert found[0] == found[1] <= MOST
    with counted(app) as statements:
        operator.get(ADDRESS)
    assert len(statements) <= 4
