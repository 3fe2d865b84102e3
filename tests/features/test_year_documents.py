"""The year's documents: the decree's words, books composed outside the request, recapitulations."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from iki_portal.approvals import books
from iki_portal.approvals.recapitulations import recap_sheets
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.imports.document import read_document
from iki_portal.imports.recapitulation import read_recapitulation
from iki_portal.models import Book, BookState, DecreeText, HistoryEntry, OfficeText, Sheet, Unit
from tests import office
from tests.documents.test_pdf import pages

YEAR = f"/tahun/{office.YEAR}"


def ask(app: Flask, **fields: str) -> int:
    answer = office.post(office.sign_in(app, office.APPROVER), f"{YEAR}/buku", fields)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    with app.app_context():
        return db.session.scalars(select(Book.id).order_by(Book.id.desc())).first() or 0


def compose(app: Flask, book_id: int) -> bytes:
    with app.app_context():
        books.compose(book_id)
    answer = office.sign_in(app, office.HEAD).get(f"/buku/{book_id}")
    assert answer.status_code == 200
    return answer.data


def test_a_book_is_asked_for_composed_and_fetched_later(each_app: Flask, asked_books: list[int]) -> None:
    with each_app.app_context():
        for code in (office.OTHER_REVIEWER, office.OWNER):
            office.bring_to("approved", code)
    book_id = ask(each_app, form="pdf", unit="")
    assert asked_books == [book_id], "the composer starts after the commit"
    client = office.sign_in(each_app, office.APPROVER)
    assert "0 dari 2 lembar" in client.get(f"{YEAR}/buku").get_data(as_text=True)
    assert client.get(f"/buku/{book_id}").status_code == 404
    found = pages(compose(each_app, book_id))
    text = " ".join(found)
    assert text.index("Pengadaan dan Pemberhentian" if "Pengadaan dan Pemberhentian" in text else "Unit Kerja") > 0
    assert [word in found[1] for word in ("DAFTAR ISI", "Analis Kepegawaian Muda", "Kepala Bidang Mutasi")] == [True] * 3
    assert found[1].index("Analis Kepegawaian Muda") < found[1].index("Kepala Bidang Mutasi"), "the order of the office"
    assert f'href="/buku/{book_id}"' in client.get(f"{YEAR}/buku").get_data(as_text=True)


def test_a_book_of_one_bidang_holds_its_sheets_only(app: Flask) -> None:
    with app.app_context():
        for code in (office.OTHER_REVIEWER, office.OWNER, office.OUTSIDER):
            office.bring_to("approved", code)
        unit = db.session.scalars(select(Unit).where(Unit.short_name == "Mutasi")).one()
        assert len(books.in_force(office.YEAR, unit.id)) == 2
        badan = db.session.scalars(select(Unit).where(Unit.superior_id.is_(None))).one()
        assert len(books.in_force(office.YEAR, badan.id)) == 3, "a unit brings the units below it"
        unit_id = str(unit.id)
    contents = pages(compose(app, ask(app, form="pdf", unit=unit_id)))[1]
    assert "Kepala Bidang Mutasi" in contents
    assert contents.count("Analis Kepegawaian Muda") == 1


def test_a_composer_that_died_is_told_and_can_be_asked_again(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
    book_id = ask(app, form="pdf")
    with app.app_context(), office.transaction():
        gone = office.now() - 2 * books.STALE
        db.session.execute(update(Book).where(Book.id == book_id).values(state=BookState.RUNNING, touched_at=gone))
    client = office.sign_in(app, office.APPROVER)
    assert "Terhenti; susun lagi" in client.get(f"{YEAR}/buku").get_data(as_text=True)
    with app.app_context():
        books.compose(book_id)
        assert db.session.get_one(Book, book_id).state is BookState.RUNNING, "a second composer keeps its hands off"
    assert compose(app, ask(app, form="pdf")).startswith(b"%PDF")


def test_a_composer_that_was_given_up_says_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        office.bring_to("approved")
    book_id = ask(app, form="pdf")
    composed = books._composed

    def slow(*_facts: object) -> bytes:
        """Meanwhile the book is taken up, and composed, by another server."""
        monkeypatch.setattr(books, "_composed", composed)
        with office.transaction():
            db.session.execute(update(Book).values(touched_at=office.now() - 2 * books.STALE))
        with office.transaction():
            assert books.take_up_lost(office.now(), asked_after=office.now() - timedelta(hours=1)) == [book_id]
        books.compose(book_id)
        return b"late"

    monkeypatch.setattr(books, "_composed", slow)
    with app.app_context():
        books.compose(book_id)
        assert books.finished_book(book_id)[1].startswith(b"%PDF")


def test_a_book_of_nothing_is_refused(app: Flask) -> None:
    answer = office.post(office.sign_in(app, office.APPROVER), f"{YEAR}/buku", {"form": "pdf"})
    assert answer.status_code == 409
    assert "Belum ada lembar yang ditetapkan" in answer.get_data(as_text=True)


def test_the_whole_office_goes_out_as_docx_and_comes_back_through_the_importer(app: Flask) -> None:
    with app.app_context():
        codes = [sheet.code for sheet in _posts()]
        for code in codes:
            office.bring_to("approved", code)
        papers = [each.paper for each in books.printed_copies(books.in_force(office.YEAR, None)).values()]
    read = read_document(compose(app, ask(app, form="docx"))).sheets
    assert len(read) == len(papers) == 20
    for sheet, paper in zip(read, papers, strict=True):
        assert (sheet.position, sheet.main_duty) == (paper.position, paper.main_duty)
        assert (tuple(sheet.duties), tuple(sheet.functions)) == (paper.duties, paper.functions)
        assert [
            (row.number, row.text, [(each.text, each.formula, each.source) for each in row.indicators])
            for row in sheet.statements
        ] == [
            (row.number, row.text, [(each.text, each.formula, each.source) for each in row.indicators])
            for row in paper.statements
        ]


def _posts() -> list[office.Position]:
    query = select(office.Position).join(Sheet, Sheet.position_id == office.Position.id).order_by(Sheet.order)
    return list(db.session.scalars(query))


def test_the_recapitulation_read_back_gives_the_same_rows(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        office.bring_to("reviewed", "analis.profesi")
    client = office.sign_in(app, office.APPROVER)
    answer = client.get(f"{YEAR}/rekapitulasi")
    rows = read_recapitulation(answer.data)
    with app.app_context():
        actor, on = office.actor(office.APPROVER), office.today_in_office()
        sheets = recap_sheets(office.YEAR, actor=actor, on=on)
    indicators = [each for row in sheets for statement in row.sheet.paper.statements for each in statement.indicators]
    assert [row.indicator for row in rows] == [each.text for each in indicators]
    assert [row.target for row in rows] == [each.target for each in indicators]
    assert {row.state for row in rows} >= {"Ditetapkan", "Direviu"}
    text = client.get(f"{YEAR}/rekapitulasi?bentuk=csv").data
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\r\n") >= len(rows) + 1


def test_the_recapitulation_holds_what_its_reader_may_see(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved", "analis.profesi")
        on = office.today_in_office()
        seen = {
            name: {row.code for row in recap_sheets(office.YEAR, actor=office.actor(name), on=on)}
            for name in (office.OUTSIDER, office.OPERATOR, office.HEAD)
        }
    assert seen[office.OUTSIDER] == {office.OUTSIDER, "analis.profesi"}
    assert seen[office.OPERATOR] == {"analis.profesi"}
    assert len(seen[office.HEAD]) == 20


def test_the_decree_is_written_kept_and_printed(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
    client = office.sign_in(app, office.APPROVER)
    words = {"number": "800/1/2027", "decided_on": "1 Desember 2026", "considering": "bahwa perlu;", "deciding": "Menetapkan."}
    assert office.post(client, f"{YEAR}/naskah", {"version": "0", **words}).status_code == 302
    assert 'value="1 Desember 2026"' in client.get(f"{YEAR}/naskah").get_data(as_text=True)
    first = pages(compose(app, ask(app, form="pdf")))[0]
    assert "NOMOR 800/1/2027" in first
    assert "pada tanggal 1 Desember 2026" in first
    with app.app_context():
        assert db.session.scalars(select(HistoryEntry.action).order_by(HistoryEntry.number.desc())).first() == "decree_text"


def test_the_decree_is_written_as_the_sekretaris_also_by_who_holds_another_post(app: Flask) -> None:
    with app.app_context():
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=office.today_in_office())
        office.give_post("analis.promosi", office.APPROVER, kind=AssignmentKind.PLH, starts_on=office.today_in_office())
    answer = office.post(office.sign_in(app, "analis.promosi"), f"{YEAR}/naskah", {"version": "0", "number": "1"})
    assert answer.status_code == 302
    with app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.acting_title) == ("decree_text", "Plh. Sekretaris")


def test_a_decree_page_opened_before_somebody_else_s_change_loses_nothing(app: Flask) -> None:
    client = office.sign_in(app, office.APPROVER)
    assert office.post(client, f"{YEAR}/naskah", {"version": "0", "number": "1"}).status_code == 302
    answer = office.post(client, f"{YEAR}/naskah", {"version": "0", "number": "2", "recalling": "Ketikan panjang"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ketikan panjang" in page
    assert 'name="version" value="1"' in page
    with app.app_context():
        assert db.session.scalars(select(DecreeText.number)).one() == "1"


def test_wrong_words_of_a_decree_come_back_with_what_was_expected(app: Flask) -> None:
    client = office.sign_in(app, office.APPROVER)
    bad = {"decided_on": "12/31/2026", "considering": "x" * 100_000, "number": "9" * 101}
    answer = office.post(client, f"{YEAR}/naskah", {"version": "0", **bad})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in ("Tanggal ini tidak ada di kalender", "Paling panjang 20000 huruf.", "Paling panjang 100 huruf."):
        assert words in page, words
    with app.app_context():
        assert db.session.scalars(select(DecreeText)).all() == []


def test_the_operator_writes_the_letterhead_for_sheets_to_come(app: Flask) -> None:
    with app.app_context():
        old = office.bring_to("approved").id
    client = office.sign_in(app, office.OPERATOR)
    texts = {"government": "PEMERINTAH  KABUPATEN CONTOH", "agency": "", "address": "Jalan Contoh 1", "place": "Contoh"}
    answer = office.post(client, "/organisasi/kop-naskah", {"version": "1", **texts, "page_size": "f4"})
    assert answer.status_code == 302
    with app.app_context():
        new = office.bring_to("approved", "analis.profesi").id
    printed = {sheet_id: " ".join(pages(client.get(f"/lembar/{sheet_id}/pdf").data)) for sheet_id in (old, new)}
    assert printed[old].startswith("PEMERINTAH KABUPATEN LUMAJANG BADAN KEPEGAWAIAN DAERAH")
    assert printed[new].startswith("PEMERINTAH KABUPATEN CONTOH Jalan Contoh 1 INDIKATOR")
    again = office.post(client, "/organisasi/kop-naskah", {"version": "1", "government": "Ketikan", "page_size": "a4"})
    assert again.status_code == 409
    assert "Ketikan" in again.get_data(as_text=True)
    long = office.post(client, "/organisasi/kop-naskah", {"version": "2", "address": "x" * 100_000, "page_size": "a3"})
    assert long.status_code == 422
    with app.app_context():
        assert db.session.get_one(OfficeText, 1).government == "PEMERINTAH KABUPATEN CONTOH"
