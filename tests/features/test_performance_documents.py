"""Pengukuran Kinerja through the browser: printed from what was frozen at verification, checked, replaced, composed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from iki_portal.approvals import books
from iki_portal.approvals.auditing import check_everything
from iki_portal.documents.measurement import quarter_document
from iki_portal.documents.paper import digest
from iki_portal.documents.tables_pdf import table_pdf
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.realised import ReportedRow
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.sight import sheets_where
from iki_portal.models import (
    Book,
    Employee,
    HistoryEntry,
    OfficeText,
    Position,
    ReportCopy,
    Sheet,
    SheetContent,
    TrailEvent,
    guards,
)
from iki_portal.organisation.queries import signer_of_unit
from iki_portal.realisation import copies
from iki_portal.realisation import operations as reporting
from iki_portal.realisation.attachments import Linked, Sent
from iki_portal.realisation.measured_posts import years_of
from iki_portal.realisation.windows import year_to_measure
from tests import office
from tests.documents.test_pdf import pages
from tests.documents.test_performance_papers import cells_of_xlsx, words_of_docx
from tests.features.test_query_counts import counted
from tests.measured import D

COMPOSING = f"/tahun/{office.YEAR}/dokumen-kinerja"


def fetch(app: Flask, url: str, name: str = office.OUTSIDER, status: int = 200) -> bytes:
    answer = office.sign_in(app, name).get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.data


def quarter_url(sheet: office.SeenSheet, form: str = "pdf", quarter: int = 1) -> str:
    return f"/lembar/{sheet.id}/realisasi/{quarter}/pengukuran?bentuk={form}"


def verified_sheet() -> office.SeenSheet:
    """A sheet whose first quarter is verified, with a file and a link as evidence."""
    sheet = office.bring_to("approved")
    office.open_quarter()
    key = office.first_indicator(sheet)
    office.write_report(files=[Sent(key, "bukti.pdf", office.PDF)], links=[Linked(key, "https://sipd.example/1")])
    office.step_report(ReportStep.SUBMIT, by=office.OWNER)
    office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
    return sheet


def correct(value: str = "2") -> None:
    """Open the report again, with another first figure, and verify it once more."""
    office.step_report(ReportStep.CORRECT, by=office.OWNER, note="Salah hitung.")
    key = office.first_indicator(office.sheet_of(office.OWNER))
    office.write_report(rows={key: ReportedRow(value=D(value))}, reason="Satu dokumen terlewat.")
    office.step_report(ReportStep.SUBMIT, by=office.OWNER)
    office.step_report(ReportStep.VERIFY, by=office.REVIEWER)


def newest_copy() -> ReportCopy:
    return db.session.scalars(select(ReportCopy).order_by(ReportCopy.history_number.desc()).limit(1)).one()


def test_a_print_stays_the_same_bytes_whatever_becomes_of_people_posts_and_settings(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = verified_sheet()
    before = [fetch(each_app, quarter_url(sheet, form)) for form in ("pdf", "docx", "xlsx")]
    with each_app.app_context(), office.transaction():
        db.session.execute(update(Employee).values(name="Orang Lain", degrees_after="S.E.", rank="IV/e"))
        db.session.execute(update(Position).values(given_title="Jabatan Baru"))
        db.session.execute(update(OfficeText).values(government="PEMERINTAH LAIN", place="Jember", page_size="f4"))
    assert [fetch(each_app, quarter_url(sheet, form)) for form in ("pdf", "docx", "xlsx")] == before
    said = " ".join(pages(before[0]))
    for words in ("2027-TW1-0001", sha256(office.PDF).hexdigest(), "https://sipd.example/1", "1 / 1 × 100 = 100%"):
        assert words in said.replace(" ", "") or words in said, words


def test_the_history_names_the_copy_that_a_verification_froze(each_app: Flask) -> None:
    with each_app.app_context():
        verified_sheet()
        copy = newest_copy()
        row = db.session.get_one(HistoryEntry, copy.history_number)
        assert (row.action, row.content_hash) == ("verify_report", copy.sha256)
        frozen = json.loads(copy.body)
        assert db.session.get(SheetContent, frozen["content_hash"]) is not None
        assert (frozen["reported"]["title"], frozen["verified"]["acting"]) == ("Analis Kepegawaian Muda", "definitive")
        assert frozen["rows"][0]["evidence"][0]["sha256"] == sha256(office.PDF).hexdigest()
        assert check_everything(now=office.now()).problems == ()


def test_who_stands_in_signs_as_such(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        today = office.today_in_office()
        office.give_post(office.OTHER_REVIEWER, office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today - timedelta(days=1))
        office.write_report()
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.OTHER_REVIEWER)
    assert "Plt. Kepala Bidang Pengadaan" in " ".join(pages(fetch(app, quarter_url(sheet))))


def test_a_print_asks_for_a_verified_quarter_in_sight(app: Flask) -> None:
    with app.app_context():
        draft = office.fill_in("analis.profesi")
        office.bring_report_to(ReportState.SUBMITTED)
        sheet = office.sheet_of(office.OWNER)
    assert fetch(app, quarter_url(draft), status=404)
    assert fetch(app, f"/lembar/{draft.id}/pengukuran", status=404)
    for name in (office.OWNER, office.OUTSIDER):
        assert "terverifikasi" in fetch(app, quarter_url(sheet), name, status=409).decode()
        assert fetch(app, f"/lembar/{sheet.id}/pengukuran", name, status=409)
    assert fetch(app, quarter_url(sheet, quarter=5), status=404)
    assert "Pengukuran Kinerja" not in fetch(app, f"/lembar/{sheet.id}/realisasi/1").decode()
    with app.app_context():
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
    page = fetch(app, f"/lembar/{sheet.id}/realisasi/1").decode()
    assert f"/lembar/{sheet.id}/realisasi/1/pengukuran?bentuk=docx" in page
    assert f"/lembar/{sheet.id}/pengukuran?bentuk=pdf" in page


def test_every_download_stands_in_the_trail(app: Flask) -> None:
    with app.app_context():
        sheet = verified_sheet()
    bodies = [
        fetch(app, url) for url in (quarter_url(sheet), f"/lembar/{sheet.id}/pengukuran", f"/lembar/{sheet.id}/rencana-aksi")
    ]
    with app.app_context():
        events = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "download").order_by(TrailEvent.number)).all()
        assert [each.content_hash for each in events] == [sha256(body).hexdigest() for body in bodies]
        assert {each.sheet_id for each in events} == {sheet.id}
        assert [each.place.split()[0] for each in events] == ["Pengukuran", "Pengukuran", "Rencana"]


def test_a_correction_replaces_the_print_and_the_old_one_says_by_which(each_app: Flask) -> None:
    stranger = each_app.test_client()
    with each_app.app_context():
        sheet = verified_sheet()
        old = newest_copy().code
    first = fetch(each_app, quarter_url(sheet))
    page = stranger.get(f"/periksa?kode={old}").get_data(as_text=True)
    assert "Berlaku" in page
    assert "Kepala Bidang Pengadaan" in page
    assert "1 / 1" not in page, "no more than the paper's head says"
    with each_app.app_context():
        office.step_report(ReportStep.CORRECT, by=office.OWNER, note="Salah hitung.")
    assert "Tidak berlaku lagi" in stranger.get(f"/periksa?kode={old}").get_data(as_text=True)
    assert fetch(each_app, quarter_url(sheet), status=409)
    with each_app.app_context():
        key = office.first_indicator(office.sheet_of(office.OWNER))
        office.write_report(rows={key: ReportedRow(value=D(2))}, reason="Terlewat.")
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        assert (newest_copy().register, newest_copy().code != old) == ("2027-TW1-0002", True)
        assert db.session.query(ReportCopy).count() == 2
        assert check_everything(now=office.now()).problems == ()
    assert "oleh laporan register 2027-TW1-0002" in stranger.get(f"/periksa?kode={old}").get_data(as_text=True)
    second = fetch(each_app, quarter_url(sheet))
    assert first != second
    assert "2 / 1 × 100 = 200%" in " ".join(pages(second))


def test_a_file_is_genuine_replaced_altered_or_unknown(app: Flask) -> None:
    with app.app_context():
        sheet = verified_sheet()
    body, plan = fetch(app, quarter_url(sheet)), fetch(app, f"/lembar/{sheet.id}/rencana-aksi")
    assert "asli dan berlaku" in said_of(app, body)
    assert "asli dan berlaku" in said_of(app, plan)
    assert "Rencana Aksi Analis Kepegawaian Muda" in said_of(app, plan)
    assert "tidak sama dengan yang diterbitkan" in said_of(app, body + b"\n")
    assert "tidak dikenal" in said_of(app, b"%PDF-1.7 another")
    with app.app_context():
        never = copies.reports_of_post(sheet.position_id, sheet.year)[1]
        unseen = table_pdf(quarter_document(never)).replace(b"%%EOF", b"%%EOF ")
        correct()
    assert "tidak sama dengan yang diterbitkan" in said_of(app, unseen)
    assert "asli dan sudah digantikan" in said_of(app, body)


def said_of(app: Flask, body: bytes) -> str:
    client = app.test_client()
    data = {"csrf_token": office.csrf_token(client, "/periksa"), "berkas": (BytesIO(body), "x.pdf")}
    return str(client.post("/periksa", data=data).get_data(as_text=True))


def test_the_year_is_printed_of_its_verified_quarters(app: Flask) -> None:
    with app.app_context():
        sheet = verified_sheet()
        office.bring_report_to(ReportState.SUBMITTED, quarter=2)
    text = " ".join(pages(fetch(app, f"/lembar/{sheet.id}/pengukuran")))
    assert "Triwulan II menunggu verifikasi" in text
    assert "1 / 4 × 100 = 25%" in text, "what waits to be verified does not count"
    heads, first, *_ = cells_of_xlsx(fetch(app, f"/lembar/{sheet.id}/pengukuran?bentuk=xlsx"))
    assert dict(zip(heads, first, strict=True))["Realisasi Triwulan II"] == ""


def test_an_action_plan_is_printed_of_what_was_approved(app: Flask) -> None:
    with app.app_context():
        draft, sheet = office.fill_in("analis.profesi"), office.bring_to("approved")
    assert fetch(app, f"/lembar/{draft.id}/rencana-aksi", "analis.profesi", status=404)
    text = " ".join(pages(fetch(app, f"/lembar/{sheet.id}/rencana-aksi")))
    assert "RENCANA AKSI TAHUN 2027" in text
    assert "nomor register 2027-0001" in text
    assert "RENCANA AKSI" in words_of_docx(fetch(app, f"/lembar/{sheet.id}/rencana-aksi?bentuk=docx"))
    assert f"/lembar/{sheet.id}/rencana-aksi?bentuk=xlsx" in fetch(app, f"/lembar/{sheet.id}").decode()


def test_a_year_takes_the_same_statements_for_one_post_and_for_many(app: Flask) -> None:
    with app.app_context():
        verified_sheet()
        found = []
        for codes in ((), ("analis.profesi", "analis.informasi", office.OTHER_REVIEWER)):
            for code in codes:
                office.bring_to("approved", code)
            sheets = sheets_where(Sheet.state == State.APPROVED, on=office.today_in_office())
            with counted(app) as statements:
                assert len(years_of(sheets, on=office.today_in_office())) == len(sheets)
            found.append(len(statements))
    assert found == [6, 6]


def test_the_year_to_be_composed_is_the_newest_with_a_quarter_behind_it(app: Flask) -> None:
    year = office.YEAR
    days = {date(year, 3, 31): None, date(year, 4, 1): year, date(year, 12, 31): year, date(year + 1, 2, 1): year}
    with app.app_context():
        assert {on: year_to_measure(on) for on in days} == days


# Of a unit, and of the office


def ask(app: Flask, name: str, status: int = 302, **fields: str) -> int:
    answer = office.post(
        office.sign_in(app, name), COMPOSING, {"subject": "measurement", "form": "pdf", "quarter": "1", **fields}
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    with app.app_context():
        return db.session.scalars(select(Book.id).order_by(Book.id.desc())).first() or 0


def compose(app: Flask, book_id: int, name: str = office.APPROVER) -> bytes:
    with app.app_context():
        books.compose(book_id)
    return fetch(app, f"/dokumen-kinerja/{book_id}", name)


def test_a_unit_is_composed_by_its_head_and_names_who_has_not_reported(each_app: Flask, asked_books: list[int]) -> None:
    with each_app.app_context():
        verified_sheet()
        office.bring_to("approved", "analis.profesi")
        unit = str(db.session.scalars(select(Position.unit_id).where(Position.code == office.OWNER)).one())
    book_id = ask(each_app, office.REVIEWER, unit=unit)
    assert asked_books == [book_id]
    assert "0 dari 2 lembar" in fetch(each_app, COMPOSING, office.REVIEWER).decode()
    body = compose(each_app, book_id, office.REVIEWER)
    text = " ".join(pages(body))
    assert "1 dari 2 laporan terverifikasi" in text
    assert "Tanpa lembar IKI yang berlaku, sehingga tidak diukur: Kepala Bidang Pengadaan" in text, "nobody is left out unsaid"
    assert "Kepala Bidang Pengadaan" in text
    assert "Belum dilaporkan" in text
    with each_app.app_context():
        code = db.session.get_one(Book, book_id).code
    stranger = each_app.test_client()
    page = stranger.get(f"/periksa?kode={code}").get_data(as_text=True)
    assert "1 laporan di dalamnya tidak berubah sejak disusun" in page
    assert "asli dan berlaku" in said_of(each_app, body)
    with each_app.app_context():
        correct()
    assert "1 dari 1 laporan di dalamnya berubah" in stranger.get(f"/periksa?kode={code}").get_data(as_text=True)


def test_others_compose_nothing_of_a_unit(app: Flask) -> None:
    with app.app_context():
        verified_sheet()
        unit = str(db.session.scalars(select(Position.unit_id).where(Position.code == office.OWNER)).one())
    book_id = ask(app, office.APPROVER, unit=unit)
    for name in (office.OWNER, office.OTHER_REVIEWER, office.OPERATOR):
        assert ask(app, name, 403, unit=unit) == book_id
    assert ask(app, office.REVIEWER, 403, unit="") == book_id, "the whole office is for its leaders"
    assert ask(app, office.REVIEWER, 403, unit=unit, subject="lkjip", form="xlsx") == book_id
    compose(app, book_id)
    assert fetch(app, f"/dokumen-kinerja/{book_id}", office.REVIEWER)
    assert fetch(app, f"/dokumen-kinerja/{book_id}", office.OTHER_REVIEWER, status=404)
    assert fetch(app, f"/dokumen-kinerja/{book_id}", office.OWNER, status=403)
    assert fetch(app, f"/buku/{book_id}", office.APPROVER, status=404), "a book of sheets is another thing"
    assert fetch(app, COMPOSING, office.OUTSIDER, status=403)
    assert f"/dokumen-kinerja/{book_id}" not in fetch(app, f"/tahun/{office.YEAR}/buku", office.APPROVER).decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"quarter": "9"}, 422),
        ({"subject": "lkjip", "form": "pdf"}, 422),
        ({"unit": "99999999999"}, 302),
        ({"form": "exe"}, 302),
    ],
)
def test_bad_choices_compose_nothing_wrong(app: Flask, fields: dict[str, str], status: int) -> None:
    with app.app_context():
        office.bring_to("approved")
    answer = office.post(office.sign_in(app, office.APPROVER), COMPOSING, {"subject": "measurement", "form": "pdf", **fields})
    assert answer.status_code in (status, 400), answer.get_data(as_text=True)


def test_nothing_in_force_is_not_composed(app: Flask) -> None:
    assert ask(app, office.APPROVER, 409) == 0


@pytest.mark.parametrize("form", ["pdf", "docx", "xlsx"])
def test_the_whole_office_in_every_form_and_for_the_year(app: Flask, form: str) -> None:
    with app.app_context():
        verified_sheet()
        office.bring_to("approved", office.OTHER_REVIEWER)
    body = compose(app, ask(app, office.HEAD, form=form, quarter=""))
    if form == "xlsx":
        rows = cells_of_xlsx(body)
        assert len({row[1] for row in rows[1:] if row[3]}) >= 2
        return
    text = " ".join(pages(body)) if form == "pdf" else words_of_docx(body)
    assert "Kepala Badan Kepegawaian Daerah" in text
    assert "Kepala Bidang Mutasi dan Promosi" in text
    assert "TAHUN 2027" in text


def test_the_figures_of_the_yearly_report_are_for_the_leaders(app: Flask) -> None:
    with app.app_context():
        verified_sheet()
    body = compose(app, ask(app, office.APPROVER, subject="lkjip", form="xlsx"))
    heads, first, *_ = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
    row = dict(zip(heads, first, strict=True))
    assert [row[name] for name in ("Target", "Realisasi", "Capaian (%)", "Triwulan terverifikasi")] == [4, 1, 25, "I"]
    assert compose(app, ask(app, office.HEAD, subject="lkjip", form="docx")).startswith(b"PK")


def test_a_unit_is_signed_by_who_heads_it_that_day(app: Flask) -> None:
    with app.app_context():
        unit, today = (
            db.session.scalars(select(Position.unit_id).where(Position.code == office.REVIEWER)).one(),
            office.today_in_office(),
        )
        assert signer_of_unit(unit, on=today).title.startswith("Kepala Bidang Pengadaan")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=1))
        vacant = signer_of_unit(unit, on=today)
        assert (vacant.full_name, vacant.title[:14]) == ("(………………………………)", "Kepala Bidang ")
        office.give_post(office.OTHER_REVIEWER, office.REVIEWER, kind=AssignmentKind.PLH, starts_on=today)
        assert signer_of_unit(unit, on=today).title.startswith("Plh. Kepala Bidang Pengadaan")
        assert signer_of_unit(None, on=today).title == "Kepala Badan Kepegawaian Daerah"


# What an owner of the database may do to copies, and what a check says of it


def rewrite_a_copy() -> None:
    copy = newest_copy()
    copy.body = copy.body.replace('"capped":"100"', '"capped":"120"')


def rewrite_a_copy_with_its_hash() -> None:
    rewrite_a_copy()
    newest_copy().sha256 = digest(newest_copy().body)


def delete_a_copy() -> None:
    db.session.delete(newest_copy())


def put_back_the_copy_before() -> None:
    """The newest copy takes the place of the one that it replaced, hash and all."""
    first = db.session.scalars(select(ReportCopy).order_by(ReportCopy.history_number).limit(1)).one()
    last = newest_copy()
    last.body, last.sha256 = first.body, first.sha256


def change_a_register() -> None:
    newest_copy().register = "2027-TW1-0099"


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (rewrite_a_copy, "diubah"),
        (rewrite_a_copy_with_its_hash, "bukan yang diverifikasi, menurut riwayat"),
        (delete_a_copy, "tidak punya salinan"),
        (put_back_the_copy_before, "bukan yang diverifikasi, menurut riwayat"),
        (change_a_register, "bukan yang dibekukan"),
    ],
)
def test_a_check_finds_copies_that_were_touched(owned_app: Flask, attack: Callable[[], None], said: str) -> None:
    with owned_app.app_context():
        verified_sheet()
        correct()
        assert check_everything(now=office.now()).problems == ()
        guards.remove(db.session.connection())
        attack()
        db.session.flush()
        db.session.expire_all()
        assert any(said in each for each in check_everything(now=office.now()).problems)
        db.session.rollback()


def test_a_verification_from_before_copies_holds_and_cannot_be_printed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the version before wrote it: the act names what was submitted, and no copy was made."""
    with app.app_context():
        monkeypatch.setattr(reporting.copies, "freeze", lambda *_facts, **_more: None)
        copy_of = copies.copy_of
        monkeypatch.setattr(reporting.copies, "copy_of", lambda *facts, **more: replace(copy_of(*facts, **more), sha256=""))
        sheet = verified_sheet()
        assert check_everything(now=office.now()).problems == ()
    assert fetch(app, quarter_url(sheet), status=409)
    assert "bentuk=docx" not in fetch(app, f"/lembar/{sheet.id}/realisasi/1").decode()
