"""Importing a document by upload: sent, read in a process of its own, looked at, applied as drafts; all of it or nothing."""

import io
import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from iki_portal.approvals import prints
from iki_portal.approvals.export import exported_sheets
from iki_portal.domain.errors import NotAllowed
from iki_portal.domain.office import YearStage
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.imports.document import LARGEST_DOCUMENT, Unread
from iki_portal.imports.template import COLUMNS, TAB
from iki_portal.indicators import applying, limited_reader, reading, uploads
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.papers import papers
from iki_portal.indicators.understood import Understood, from_json, to_json
from iki_portal.models import HistoryEntry, PerformanceYear, Position, PositionDuty, Sheet, Upload, UploadState
from iki_portal.organisation.operations import add_year
from tests import office

NEXT = office.YEAR + 1
DOCUMENT = office.DOCUMENT.read_bytes()
TITLE = "INDIKATOR KINERJA INDIVIDU (IKI)"
HEADER = "NO\tKINERJA\tINDIKATOR KINERJA\tPENJELASAN / FORMULASI PERHITUNGAN\tSUMBER DATA"


def a_sheet(position: str, indicator: str = "Jumlah dokumen", heading: str = "JUDUL BARU", rows: int = 1) -> str:
    lines = [TITLE, heading, f"Unit Kerja : {position}", "Tugas Pokok : Melayani.", HEADER]
    lines += [f"{number}\tTerlaksananya pelayanan\t{indicator}\tDihitung dari daftar\tDaftar" for number in range(1, rows + 1)]
    return "\n".join(lines) + "\n"


ONE_SHEET = a_sheet("Sekretaris").encode()


def open_year(app: Flask, year: int = NEXT) -> None:
    with app.app_context(), office.transaction():
        add_year(year, deadline=None)


def send(client: Any, content: bytes = DOCUMENT, name: str = "iki.md", year: int = NEXT) -> Any:
    fields = {"csrf_token": office.csrf_token(client), "file": FileStorage(io.BytesIO(content), name), "year": str(year)}
    boundary, body = encode_multipart(fields)  # in memory: the client's own way leaves temporary files open
    return client.post("/impor", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def uploaded(
    app: Flask, person: str = office.OPERATOR, content: bytes = DOCUMENT, year: int = NEXT, name: str = "iki.md"
) -> str:
    """Send and read a file; the address of its page."""
    answer = send(office.sign_in(app, person), content, name, year)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    address = str(answer.headers["Location"])
    with app.app_context():
        reading.read_upload(int(address.rsplit("/", 1)[1]))
    return address


def upload_of(address: str) -> Upload:
    db.session.rollback()
    return db.session.get_one(Upload, int(address.rsplit("/", 1)[1]))


def selected(page: str) -> dict[str, str]:
    """What the form of the preview would send as it is drawn."""
    found = {}
    for name, options in re.findall(r'<select [^>]*name="(post-\d+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def key_of(app: Flask, code: str, year: int = NEXT) -> str:
    with app.app_context():
        post_id = db.session.scalars(select(Position.id).where(Position.code == code)).one()
        return applying.targets(year)[post_id].key


def sheets_of(app: Flask, year: int) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Sheet.year == year)) or 0


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def apply(app: Flask, address: str, person: str = office.OPERATOR, **fields: str) -> Any:
    return office.post(office.sign_in(app, person), f"{address}/penerapan", fields)


# From the file to the drafts


def test_an_operator_uploads_reads_looks_and_applies(each_app: Flask, asked_uploads: list[int]) -> None:
    open_year(each_app)
    operator = office.sign_in(each_app, office.OPERATOR)
    answer = send(operator)
    address = answer.headers["Location"]
    assert asked_uploads == [int(address.rsplit("/", 1)[1])], "the reader starts after the commit"
    waiting = text_of(operator.get(address))
    assert "Berkas sedang dibaca" in waiting
    assert 'data-refresh="2"' in waiting
    with each_app.app_context():
        reading.read_upload(asked_uploads[0])
    page = text_of(operator.get(address))
    assert "20 lembar dipahami" in page
    chosen = selected(page)
    assert len(chosen) == 20
    assert all(chosen.values()), "every sheet of the office's own document finds its post"
    answer = office.post(operator, f"{address}/penerapan", chosen)
    assert answer.status_code == 302, text_of(answer)
    result = text_of(operator.get(address))
    assert "20 lembar diterapkan sebagai draf." in result
    assert result.count("Draf baru dibuat") == 20
    with each_app.app_context():
        assert upload_of(address).body is None
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.year, entry.acting_title) == ("import", NEXT, "Operator")
        assert upload_of(address).sha256 in entry.note
        assert verify(each_app.config["IKI"].history_keys).problem == ""


def test_an_upload_gives_exactly_what_the_command_line_gives(app: Flask) -> None:
    """The furnished year was imported by the function behind `iki import`."""
    open_year(app)
    address = uploaded(app)
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert apply(app, address, **selected(page)).status_code == 302
    with app.app_context():
        on = office.today_in_office()
        assert exported_sheets(NEXT, on=on) == exported_sheets(office.YEAR, on=on)


def test_an_owner_imports_the_own_sheet_and_nobody_elses(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, office.REVIEWER)
    page = text_of(office.sign_in(app, office.REVIEWER).get(address))
    assert page.count("Lembar ini untuk jabatan lain") == 19
    assert selected(page) == {"post-1": key_of(app, office.REVIEWER)}
    answer = apply(app, address, office.REVIEWER, **{"post-2": key_of(app, office.OWNER)})
    assert answer.status_code == 422
    assert "jabatan ini tidak dapat dipilih" in text_of(answer)
    answer = apply(app, address, office.REVIEWER, **{"post-2": key_of(app, office.REVIEWER)})
    assert answer.status_code == 422, "the sheet of another post is not put on one's own"
    assert sheets_of(app, NEXT) == 0
    assert apply(app, address, office.REVIEWER, **selected(page)).status_code == 302
    assert sheets_of(app, NEXT) == 1
    result = text_of(office.sign_in(app, office.REVIEWER).get(address))
    with app.app_context():
        draft = db.session.scalars(select(Sheet).where(Sheet.year == NEXT)).one()
        assert f'href="/lembar/{draft.id}"' in result
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
        assert entry is not None
        assert entry.acting_title == "Kepala Bidang Pengadaan, Pemberhentian dan Informasi"


def test_a_sheet_that_fits_no_post_is_placed_by_hand_or_left_out(app: Flask) -> None:
    open_year(app)
    content = (a_sheet("Penata Layanan Operasional") + "\n" + a_sheet("Sekretaris")).encode()
    address = uploaded(app, content=content)
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert selected(page) == {"post-1": "", "post-2": key_of(app, office.APPROVER)}
    assert "Jabatan belum dipilih" in page
    with app.app_context():
        posts = db.session.scalar(select(func.count()).select_from(Position))
    assert apply(app, address, **{"post-1": key_of(app, office.OWNER)}).status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Position)) == posts, "an upload makes no posts"
        assert db.session.scalars(select(Sheet).where(Sheet.year == NEXT)).one().heading == "JUDUL BARU"


def test_a_draft_is_replaced_only_where_that_is_ticked(each_app: Flask) -> None:
    app = each_app
    address = uploaded(app, content=ONE_SHEET, year=office.YEAR)
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert selected(page) == {"post-1": ""}, "what would destroy something is not ticked beforehand"
    assert "Draf sudah ada" in page
    key = key_of(app, office.APPROVER, office.YEAR)
    with app.app_context():
        before = office.sheet_of(office.APPROVER)
    answer = apply(app, address, **{"post-1": key})
    assert answer.status_code == 422
    assert "Lembar 1: jabatan ini sudah memiliki draf." in text_of(answer)
    assert selected(text_of(answer)) == {"post-1": key}, "what was chosen stays chosen"
    assert apply(app, address, **{"post-1": key, "replace-1": "1"}).status_code == 302
    with app.app_context():
        after = office.sheet_of(office.APPROVER)
        assert (after.id, after.version, after.heading) == (before.id, before.version + 1, "JUDUL BARU")
        paper = office.papers([after.id])[after.id]
        assert [[each.text for each in row.indicators] for row in paper.statements] == [["Jumlah dokumen"]]
    assert "Isi draf diganti" in text_of(office.sign_in(app, office.OPERATOR).get(address))


def test_an_owner_replaces_the_own_draft(app: Flask) -> None:
    address = uploaded(app, office.APPROVER, ONE_SHEET, office.YEAR)
    key = key_of(app, office.APPROVER, office.YEAR)
    assert apply(app, address, office.APPROVER, **{"post-1": key, "replace-1": "1"}).status_code == 302
    with app.app_context():
        assert office.sheet_of(office.APPROVER).heading == "JUDUL BARU"


# Duties of the post


def test_the_operators_document_fills_in_duties_only_where_the_post_has_none(app: Flask) -> None:
    open_year(app)
    with app.app_context(), office.transaction():
        bare = db.session.scalars(select(Position).where(Position.code == office.APPROVER)).one()
        db.session.execute(PositionDuty.__table__.delete().where(PositionDuty.position_id == bare.id))
        bare.main_duty = ""
        kept = db.session.scalars(select(Position.main_duty).where(Position.code == office.REVIEWER)).one()
    content = (a_sheet("Sekretaris") + a_sheet("Kepala Bidang Pengadaan, Pemberhentian dan Informasi")).encode()
    address = uploaded(app, content=content)
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert page.count("diisi dari dokumen ini") == 1
    assert page.count("fungsi jabatan tidak diubah") == 1
    assert apply(app, address, **selected(page)).status_code == 302
    with app.app_context():
        duties = {row.code: row.main_duty for row in db.session.execute(select(Position.code, Position.main_duty))}
        assert duties[office.APPROVER] == "Melayani."
        assert duties[office.REVIEWER] == kept


def test_an_owners_document_leaves_the_duties_of_the_post_alone(app: Flask) -> None:
    open_year(app)
    with app.app_context(), office.transaction():
        bare = db.session.scalars(select(Position).where(Position.code == office.APPROVER)).one()
        db.session.execute(PositionDuty.__table__.delete().where(PositionDuty.position_id == bare.id))
        bare.main_duty = ""
    address = uploaded(app, office.APPROVER, ONE_SHEET)
    assert apply(app, address, office.APPROVER, **{"post-1": key_of(app, office.APPROVER)}).status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Position.main_duty).where(Position.code == office.APPROVER)).one() == ""


# All or nothing, and never over what somebody has handed in


def test_a_failure_in_the_last_sheet_leaves_nothing_of_the_others(each_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    open_year(each_app)
    address = uploaded(each_app)
    chosen = selected(text_of(office.sign_in(each_app, office.OPERATOR).get(address)))
    draft = applying.new_draft

    def stumble(sheet: Any, post: Position, **more: Any) -> Sheet:
        if more["order"] == 20:
            raise RuntimeError("the last one")
        return draft(sheet, post, **more)

    monkeypatch.setattr(applying, "new_draft", stumble)
    with pytest.raises(RuntimeError):
        apply(each_app, address, **chosen)
    assert sheets_of(each_app, NEXT) == 0
    monkeypatch.undo()
    assert apply(each_app, address, **chosen).status_code == 302, "the upload still waits"
    assert sheets_of(each_app, NEXT) == 20


def test_a_sheet_submitted_between_preview_and_applying_stops_all_of_it(each_app: Flask) -> None:
    app = each_app
    address = uploaded(app, year=office.YEAR)
    own, other = key_of(app, office.OWNER, office.YEAR), key_of(app, office.OTHER_REVIEWER, office.YEAR)
    with app.app_context():
        office.bring_to("submitted")
        before = office.sheet_of(office.OTHER_REVIEWER).version
    answer = apply(app, address, **{"post-2": own, "replace-2": "1", "post-7": other, "replace-7": "1"})
    assert answer.status_code == 409
    assert "Lembar 2: lembar jabatan ini sudah diajukan sejak halaman Anda dibuka" in text_of(answer)
    with app.app_context():
        assert office.sheet_of(office.OTHER_REVIEWER).version == before
        assert upload_of(address).state is UploadState.READ


@pytest.mark.parametrize("state", ["submitted", "reviewed", "approved"])
def test_what_was_handed_in_is_not_offered_and_not_overwritten(app: Flask, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
    address = uploaded(app, year=office.YEAR)
    word = "sudah ditetapkan" if state == "approved" else "sudah diajukan"
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert re.search(rf'<option value="[0-9:]+" disabled>[^<]*: {word}', page)
    answer = apply(app, address, **{"post-2": key_of(app, office.OWNER, office.YEAR), "replace-2": "1"})
    assert answer.status_code == 409
    assert word in text_of(answer)


def test_a_draft_changed_since_the_preview_is_not_replaced(app: Flask) -> None:
    address = uploaded(app, content=ONE_SHEET, year=office.YEAR)
    key = key_of(app, office.APPROVER, office.YEAR)
    with app.app_context():
        office.fill_in(office.APPROVER)
    answer = apply(app, address, **{"post-1": key, "replace-1": "1"})
    assert answer.status_code == 409
    assert "draf jabatan ini sudah diubah sejak halaman Anda dibuka" in text_of(answer)
    assert not re.search(r'name="replace-1"[^>]* checked', text_of(answer)), "it has to be ticked again"


def test_a_post_that_got_a_draft_meanwhile_is_not_given_another(app: Flask) -> None:
    open_year(app)
    first, second = uploaded(app, content=ONE_SHEET), uploaded(app, content=ONE_SHEET)
    chosen = {"post-1": key_of(app, office.APPROVER)}
    assert apply(app, first, **chosen).status_code == 302
    assert apply(app, second, **chosen).status_code == 409
    assert sheets_of(app, NEXT) == 1


def test_an_upload_is_applied_once(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    chosen = {"post-1": key_of(app, office.APPROVER)}
    assert apply(app, address, **chosen).status_code == 302
    answer = apply(app, address, **chosen)
    assert answer.status_code == 409
    assert "mungkin sudah diterapkan" in text_of(answer)
    assert sheets_of(app, NEXT) == 1


def test_a_post_that_lost_its_route_and_a_year_that_was_closed_take_no_import(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    key = key_of(app, office.APPROVER)
    with app.app_context(), office.transaction():
        db.session.execute(update(Position).where(Position.code == office.APPROVER).values(approver_id=None))
    answer = apply(app, address, **{"post-1": key})
    assert answer.status_code == 422
    assert "jabatan ini tidak dapat dipilih" in text_of(answer)
    with app.app_context(), office.transaction():
        db.session.execute(update(PerformanceYear).where(PerformanceYear.year == NEXT).values(stage=YearStage.CLOSED))
    answer = apply(app, address, **{"post-1": key_of(app, office.OWNER)})
    assert answer.status_code == 422
    assert "tidak sedang dalam tahap penetapan" in text_of(answer)
    assert sheets_of(app, NEXT) == 0


def test_one_post_is_given_to_one_sheet(app: Flask) -> None:
    open_year(app)
    address, key = uploaded(app), key_of(app, office.OWNER)
    answer = apply(app, address, **{"post-2": key, "post-3": key})
    assert answer.status_code == 422
    assert "sudah dipilih untuk lembar 2" in text_of(answer)


@pytest.mark.parametrize("fields", [{}, {"post-1": ""}, {"post-99": "1:0:0"}, {"post-x": "1:0:0"}])
def test_nothing_chosen_is_said_so(app: Flask, fields: dict[str, str]) -> None:
    open_year(app)
    answer = apply(app, uploaded(app, content=ONE_SHEET), **fields)
    assert answer.status_code == 422
    assert "Pilih jabatan untuk paling sedikit satu lembar" in text_of(answer)


@pytest.mark.parametrize("key", ["x", "1", "0:0:0", "999999999:0:0", "-1:0:0", "٣:0:0", "1:0:0\x00"])
def test_a_forged_choice_is_no_post(app: Flask, key: str) -> None:
    open_year(app)
    answer = apply(app, uploaded(app, content=ONE_SHEET), **{"post-1": key})
    assert answer.status_code == 422
    assert "jabatan ini tidak dapat dipilih" in text_of(answer)


def test_a_sheet_with_more_rows_than_a_sheet_can_hold_is_refused_with_its_number(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=a_sheet("Sekretaris", rows=61).encode())
    answer = apply(app, address, **{"post-1": key_of(app, office.APPROVER)})
    assert answer.status_code == 422
    assert "Lembar 1: Satu lembar memuat paling banyak 60 kinerja." in text_of(answer)


# What is sent


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Berkas ini kosong."), (b"x" * (LARGEST_DOCUMENT + 1), "Berkas lebih besar dari 5 MB")],
    ids=["empty", "too large"],
)
def test_a_file_that_cannot_be_one_is_refused_on_the_form(app: Flask, content: bytes, said: str) -> None:
    open_year(app)
    answer = send(office.sign_in(app, office.OPERATOR), content)
    assert answer.status_code == 422
    assert said in text_of(answer)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 0


def test_a_request_far_beyond_the_limit_is_not_even_read(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    answer = send(client, b"x" * (LARGEST_DOCUMENT + 2**20))
    assert answer.status_code == 413
    assert "Kiriman melampaui 5 MB" in text_of(answer)
    answer = client.post("/sandi", data={"current": "x" * (LARGEST_DOCUMENT - 1024)})
    assert answer.status_code == 413, "only this page takes files of that size"
    assert "Kiriman melampaui 4 MB" in text_of(answer)


def test_a_file_of_the_largest_size_is_taken(app: Flask) -> None:
    open_year(app)
    content = ONE_SHEET + b"\n" * (LARGEST_DOCUMENT - len(ONE_SHEET))
    assert send(office.sign_in(app, office.OPERATOR), content).status_code == 302


def test_no_file_and_a_year_that_is_not_planned_are_told(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    answer = office.post(client, "/impor", {"year": str(office.YEAR)})
    assert answer.status_code == 422
    assert "Pilih berkas yang akan diimpor." in text_of(answer)
    for year in ("1999", "x", "9" * 30):
        answer = office.post(client, "/impor", {"file": (io.BytesIO(ONE_SHEET), "a.md"), "year": year})
        assert answer.status_code == 422
        assert "tidak sedang dalam tahap penetapan" in text_of(answer)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/<script>alert(1)</script>.docx", "script&gt;.docx"),
        ("C:\\Users\\ana\\<img src=x onerror=alert(1)>.md", "&lt;img src=x onerror=alert(1)&gt;.md"),
        ("iki\u202excod.exe", "iki xcod.exe"),
        ("a" * 500 + ".docx", "….docx"),
    ],
)
def test_a_hostile_name_is_shown_as_text_and_never_used_as_a_path(app: Flask, given: str, shown: str) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET, name=given)
    for page in ("/impor", address):
        text = text_of(office.sign_in(app, office.OPERATOR).get(page))
        assert shown in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    with app.app_context():
        assert len(upload_of(address).file_name) <= 120


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "Berkas ini gambar"),
        (b"Bukan dokumen IKI.\n", "tidak memuat judul"),
        (b"PK\x03\x04" + b"x" * 100, "Word"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "Berkas Word lama"),
    ],
)
def test_what_is_no_such_document_is_refused_by_what_it_holds(app: Flask, content: bytes, said: str) -> None:
    open_year(app)
    address = uploaded(app, content=content, name="iki.docx")
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert said in page
    assert "Coba baca lagi" not in page
    assert "Unggah berkas lain" in page
    with app.app_context():
        assert upload_of(address).body is None


def test_the_template_is_filled_in_uploaded_and_applied(app: Flask) -> None:
    open_year(app)
    owner = office.sign_in(app, office.OWNER)
    answer = owner.get("/impor/templat")
    assert "Templat-IKI.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl_rows(answer.data)
    assert [row[0] for row in book[1:]] == ["Analis Kepegawaian Muda"], "an owner's template holds the own posts alone"
    filled = template_with(book[1][:2], ["1", "Kinerja X", "Jumlah dokumen", "Jumlah dokumen", "Bidang", "dokumen"], "12")
    address = uploaded(app, office.OWNER, content=filled, name="Templat-IKI.xlsx")
    chosen = selected(text_of(owner.get(address)))
    assert office.post(owner, f"{address}/penerapan", chosen).status_code == 302
    with app.app_context():
        (sheet_id,) = db.session.scalars(select(Sheet.id).where(Sheet.year == NEXT)).all()
        (row,) = papers([sheet_id])[sheet_id].statements[0].indicators
        assert (row.text, row.unit_of_measure, row.target) == ("Jumlah dokumen", "dokumen", Decimal(12))
        assert kept_counts([sheet_id])[sheet_id].blocking == 1, "what the rules see is counted for lists"


def openpyxl_rows(content: bytes) -> list[list[str]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def template_with(post: list[str], cells: list[str], target: str) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet(TAB)
    for column, heading in enumerate(COLUMNS):
        sheet.write_string(0, column, heading)
    for column, text in enumerate([*post, *cells, "", "", target]):
        sheet.write_string(1, column, text)
    book.close()
    return file.getvalue()


def test_an_official_print_is_read_back(app: Flask) -> None:
    open_year(app)
    with app.app_context():
        body = prints.official_pdf(office.bring_to("approved"))
    page = text_of(office.sign_in(app, office.OPERATOR).get(uploaded(app, content=body, name="cetakan.pdf")))
    assert "1 lembar dipahami" in page
    assert "Teks yang tidak dapat ditempatkan" in page  # signatures and the proof: shown, never dropped
    assert "Ditetapkan" in page


def test_a_target_in_words_stands_among_the_unread(app: Flask) -> None:
    open_year(app)
    lines = f"{TITLE}\nSEKRETARIS\nUnit Kerja : Sekretaris\nTugas Pokok : Melayani.\n"
    table = "NO\tSASARAN\tINDIKATOR KINERJA\tSATUAN\tTARGET\n1\tKinerja\tIndikator\t%\tsangat baik\n"
    page = text_of(office.sign_in(app, office.OPERATOR).get(uploaded(app, content=(lines + table).encode())))
    assert "sangat baik" in page.split("Teks yang tidak dapat ditempatkan")[1]
    assert "kolom TARGET" in page


def test_a_word_document_is_read_like_a_text(app: Flask, tmp_path: Path) -> None:
    open_year(app)
    import docx

    document = docx.Document()
    for line in (TITLE, "SEKRETARIS", "Unit Kerja : Sekretaris", "Tugas Pokok : Melayani."):
        document.add_paragraph(line)
    table = document.add_table(2, 5)
    for row, texts in zip(table.rows, (HEADER.split("\t"), ["1", "Kinerja", "Indikator", "Rumus", "Sumber"]), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(tmp_path / "iki.docx")
    address = uploaded(app, content=(tmp_path / "iki.docx").read_bytes(), name="iki.docx")
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert "1 lembar dipahami" in page
    assert "1\tKinerja\tIndikator\tRumus\tSumber" in page, "the original stands beside what was understood"


def test_no_year_in_planning_says_so_and_offers_no_form(app: Flask) -> None:
    with app.app_context(), office.transaction():
        db.session.execute(update(PerformanceYear).values(stage=YearStage.RUNNING))
    page = text_of(office.sign_in(app, office.OPERATOR).get("/impor"))
    assert "Tidak ada tahun yang sedang dalam tahap penetapan" in page
    assert 'type="file"' not in page


# Reading


@pytest.mark.parametrize("how", ["slow", "killed", "crashed"])
def test_a_reader_that_does_not_come_back_is_told_and_can_be_asked_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, asked_uploads: list[int], how: str
) -> None:
    open_year(app)
    code = {
        "slow": "import time; time.sleep(30)",
        "killed": "import os; os.kill(os.getpid(), 9)",
        "crashed": "raise MemoryError",
    }
    with monkeypatch.context() as patched:
        patched.setattr(reading, "LIMITED_READER", (sys.executable, "-c", code[how]))
        patched.setattr(reading, "WALL_CLOCK_SECONDS", 1.5)
        address = uploaded(app, content=ONE_SHEET)
    client = office.sign_in(app, office.OPERATOR)
    page = text_of(client.get(address))
    assert "Berkas ini terlalu lama dibaca" in page
    assert "Coba baca lagi" in page
    asked_uploads.clear()
    assert office.post(client, f"{address}/pembacaan").status_code == 302
    assert asked_uploads == [int(address.rsplit("/", 1)[1])]
    with app.app_context():
        reading.read_upload(asked_uploads[0])
    assert "1 lembar dipahami" in text_of(client.get(address))
    assert office.post(client, f"{address}/pembacaan").status_code == 409, "what was read is not read again"


def test_a_reader_that_died_is_recognised_and_its_late_answer_is_not_taken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    open_year(app)
    client = office.sign_in(app, office.OPERATOR)
    address = send(client, ONE_SHEET).headers["Location"]
    upload_id = int(address.rsplit("/", 1)[1])
    assert send(client, ONE_SHEET).status_code == 409, "one file at a time"
    gone = office.now() - 2 * uploads.STALE

    def lost(_content: bytes) -> dict[str, object]:
        with office.transaction():
            db.session.execute(update(Upload).values(touched_at=gone))
        return {"state": UploadState.READ, "understood": "{}"}

    monkeypatch.setattr(reading, "_read", lost)
    with app.app_context():
        reading.read_upload(upload_id)
        assert upload_of(address).state is UploadState.READING
        reading.read_upload(upload_id)
        assert upload_of(address).state is UploadState.READING, "a second reader keeps its hands off"
    page = text_of(client.get(address))
    assert "terhenti sebelum selesai" in page
    assert "Terhenti" in text_of(client.get("/impor"))
    assert office.post(client, f"{address}/pembacaan").status_code == 302


def test_the_reading_process_gets_no_key_of_the_portal(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IKI_SECRET_KEY", "s" * 40)
    open_year(app)
    tell = "import os, sys; sys.stdout.write(str([name for name in os.environ if name.startswith('IKI_')])); sys.exit(3)"
    monkeypatch.setattr(reading, "LIMITED_READER", (sys.executable, "-c", tell))
    address = uploaded(app, content=ONE_SHEET)
    with app.app_context():
        assert upload_of(address).refusal == "[]"


def test_the_reading_process_limits_itself() -> None:
    import subprocess

    code = "from iki_portal.indicators.limited_reader import limit_this_process as l; l(); x = bytearray(2 * 2**30)"
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr


def test_more_sheets_than_a_page_can_show_are_refused() -> None:
    code, said = limited_reader.answer_to("\n".join(a_sheet("Sekretaris") for _ in range(101)).encode())
    assert code == limited_reader.REFUSES
    assert "paling banyak 100 lembar" in said


def test_what_was_understood_is_the_same_after_json() -> None:
    understood = from_json(limited_reader.answer_to(DOCUMENT)[1])
    assert from_json(to_json(understood)) == understood
    assert "\n".join(understood.lines) == office.DOCUMENT.read_text()
    covered = [number for place in range(len(understood.sheets) + 1) for number in understood.part(place)]
    assert covered == list(range(1, len(understood.lines) + 1)), "every line stands beside one sheet, or before the first"


def test_text_that_found_no_place_is_shown_in_a_box_of_its_own(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    with app.app_context(), office.transaction():
        upload = upload_of(address)
        read = from_json(uploads.understood_text(upload.id))
        lost = Understood(read.sheets, read.findings, (Unread(4, "<b>Program</b> pelatihan", "kolom PROGRAM"),), read.lines)
        upload.understood = to_json(lost)
    page = text_of(office.sign_in(app, office.OPERATOR).get(address))
    assert "Teks yang tidak dapat ditempatkan" in page
    assert "&lt;b&gt;Program&lt;/b&gt; pelatihan" in page
    assert "kolom PROGRAM" in page


def test_the_whole_original_and_every_finding_stand_on_the_page(app: Flask) -> None:
    import html

    open_year(app)
    page = html.unescape(text_of(office.sign_in(app, office.OPERATOR).get(uploaded(app))))
    for line in office.DOCUMENT.read_text().splitlines():
        assert line in page
    for finding in json.loads(limited_reader.answer_to(DOCUMENT)[1])["findings"]:
        assert f"Temuan {finding['number']}, baris {finding['line']}: {finding['message']}" in page


# Whose it is


@pytest.mark.parametrize("person", [office.OWNER, office.HEAD])
def test_an_upload_is_seen_by_who_sent_it_and_by_nobody_else(app: Flask, person: str) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    client = office.sign_in(app, person)
    assert client.get(address).status_code == 404
    for step in ("penerapan", "pembacaan", "pembatalan"):
        assert office.post(client, f"{address}/{step}").status_code == 404
    assert "iki.md" not in text_of(client.get("/impor"))
    with app.app_context():
        assert upload_of(address).state is UploadState.READ


def test_a_cancelled_upload_keeps_nothing_and_cannot_be_applied(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    client = office.sign_in(app, office.OPERATOR)
    assert office.post(client, f"{address}/pembatalan").status_code == 302
    with app.app_context():
        upload = upload_of(address)
        assert (upload.body, upload.understood, upload.state) == (None, None, UploadState.CANCELLED)
    assert "dibatalkan" in text_of(client.get(address))
    assert apply(app, address, **{"post-1": key_of(app, office.APPROVER)}).status_code == 409
    assert office.post(client, f"{address}/pembatalan").status_code == 409


def test_what_lies_for_a_week_is_cleared_away_by_the_next_upload(app: Flask) -> None:
    open_year(app)
    old, applied = uploaded(app, content=ONE_SHEET), uploaded(app, content=ONE_SHEET)
    assert apply(app, applied, **{"post-1": key_of(app, office.APPROVER)}).status_code == 302
    with app.app_context(), office.transaction():
        db.session.execute(update(Upload).values(uploaded_at=office.now() - uploads.KEPT))
    uploaded(app, office.OWNER, ONE_SHEET)
    with app.app_context():
        assert upload_of(old).state is UploadState.CANCELLED
        assert upload_of(old).understood is None
        assert upload_of(applied).state is UploadState.APPLIED


def test_an_operator_who_imports_still_decides_nothing(app: Flask) -> None:
    open_year(app)
    address = uploaded(app, content=ONE_SHEET)
    assert apply(app, address, **{"post-1": key_of(app, office.APPROVER)}).status_code == 302
    with app.app_context():
        sheet_id = db.session.scalars(select(Sheet.id).where(Sheet.year == NEXT)).one()
    client = office.sign_in(app, office.OPERATOR)
    assert client.get(f"/lembar/{sheet_id}").status_code == 404
    for step in ("ubah", "pengajuan", "keputusan"):
        assert office.post(client, f"/lembar/{sheet_id}/{step}", {"version": "1", "step": "approve"}).status_code == 403


def test_the_operation_asks_for_the_permission_itself(app: Flask) -> None:
    with app.app_context():
        nobody = office.Actor(1, 1, "nobody")
        with pytest.raises(NotAllowed):
            uploads.take_upload("a.md", ONE_SHEET, year=office.YEAR, actor=nobody, now=office.now())
        with pytest.raises(NotAllowed):
            applying.apply_upload(1, {}, actor=nobody, now=office.now(), on=office.today_in_office())
