"""Comments on a row or a cell: written, answered, ticked off, closed; and seen by nobody but those who prepare the sheet."""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals import commenting, operations
from iki_portal.domain.comments import COMMENT_LIMIT, QUOTE_LIMIT, Cell, CommentState, CommentStep
from iki_portal.domain.errors import NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.indicators import operations as writing
from iki_portal.indicators.comments import thread_in_sight, threads
from iki_portal.indicators.operations import IndicatorProposal, StatementProposal
from iki_portal.models import Comment, CommentEntry
from tests import office
from tests.documents.test_pdf import pages
from tests.doors import addresses

SAID = "Rumusnya mengulang indikator."
PREPARING = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD)
OTHERS = (office.OUTSIDER, office.OTHER_REVIEWER, "analis.profesi", office.OPERATOR)
OPEN, DONE, CLOSED = CommentState


def page_of(app: Flask, name: str, *, status: int = 200) -> str:
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER, revision=1).id
    answer = office.sign_in(app, name).get(f"/lembar/{sheet_id}")
    assert answer.status_code == status
    return str(answer.get_data(as_text=True))


def say(app: Flask, name: str, data: dict[str, str], row: tuple[int, int | None] = (1, 1)) -> Any:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        key = office.row_of(sheet, *row)
    return office.post(office.sign_in(app, name), f"/lembar/{sheet.id}/komentar", {"row": key, "cell": "formula", **data})


def act(app: Flask, name: str, comment_id: int, path: str, data: dict[str, str] | None = None) -> Any:
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
        version = db.session.scalars(select(Comment.version).where(Comment.id == comment_id)).one()
    url = f"/lembar/{sheet_id}/komentar/{comment_id}/{path}"
    return office.post(office.sign_in(app, name), url, {"version": str(version), **(data or {})})


def state_of(app: Flask, comment_id: int) -> CommentState:
    with app.app_context():
        return db.session.scalars(select(Comment.state).where(Comment.id == comment_id)).one()


def test_a_comment_stands_under_its_row_with_who_said_it(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
        key = office.row_of(office.sheet_of(office.OWNER), 2, 1)
    answer = say(each_app, office.REVIEWER, {"text": SAID}, row=(2, 1))
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"#komentar-{key}")
    page = page_of(each_app, office.OWNER)
    band = page.split(f'id="komentar-{key}"')[1].split("</tr>")[0]
    assert SAID in band
    assert "Baris 2.1, Penjelasan/formulasi" in band
    assert "Pegawai Contoh 06 · Kepala Bidang" in band
    with each_app.app_context():
        kept = db.session.scalars(select(Comment)).one()
        assert (kept.place, kept.cell, kept.duty, kept.state) == ("2.1", Cell.FORMULA, "reviewer", OPEN)
        assert kept.quote == "Dihitung dari jumlah dokumen yang selesai"


def test_a_comment_on_a_kinerja_is_about_the_whole_of_it(app: Flask) -> None:
    assert say(app, office.HEAD, {"text": "Sebutkan hasilnya."}, row=(2, None)).status_code == 302
    with app.app_context():
        kept = db.session.scalars(select(Comment)).one()
        assert (kept.place, kept.cell, kept.duty, kept.indicator_id) == ("2", Cell.ROW, None, None)
        assert len(kept.quote) <= QUOTE_LIMIT
    assert "Kinerja 2" in page_of(app, office.OWNER).split('id="komentar"')[1]


@pytest.mark.parametrize("state", ["draft", "submitted", "reviewed"])
def test_those_who_prepare_the_sheet_write_and_read_and_nobody_else(app: Flask, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
    for name in PREPARING:
        assert say(app, name, {"text": f"{SAID} Dari {name}."}).status_code == 302
    for name in PREPARING:
        assert page_of(app, name).count(SAID) >= len(PREPARING)
    for name in OTHERS:
        assert say(app, name, {"text": SAID}).status_code == (403 if name == office.OPERATOR else 404)
        page_of(app, name, status=404)


@pytest.mark.parametrize("superseded", [False, True])
def test_after_the_approval_the_working_papers_reach_nobody_else(app: Flask, superseded: bool) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        office.move_comment(comment_id, CommentStep.REPLY, by=office.OWNER, text=SAID)
        sheet = office.bring_to("approved")
        if superseded:
            with office.transaction():
                person = office.actor(office.OWNER)
                operations.revise(sheet, actor=person, reason=ReasonClass.BUDGET, note="Anggaran.", now=office.now())
            office.submit()
            office.review()
            office.approve()
    for name in OTHERS:
        client = office.sign_in(app, name)
        for url in [f"/lembar/{sheet.id}", f"/lembar/{sheet.id}/pdf", f"/lembar/{sheet.id}/docx", *addresses(app, "GET")]:
            assert SAID not in readable(client.get(url)), (name, url)
        status = 403 if name == office.OPERATOR else 404
        url = f"/lembar/{sheet.id}/komentar/{comment_id}"
        for path in ("jawaban", "selesai", "tutup", "buka"):
            assert office.post(client, f"{url}/{path}", {"version": "2", "text": "x"}).status_code == status
    for name in PREPARING:
        assert page_of(app, name).count(SAID) == 2
    assert SAID not in readable(office.sign_in(app, office.OWNER).get(f"/lembar/{sheet.id}/pdf"))


def readable(answer: Any) -> str:
    """A page as it is, the words of a PDF, everything inside a DOCX or XLSX."""
    if answer.mimetype == "application/pdf":
        return " ".join(pages(answer.data))
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
            return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return str(answer.get_data(as_text=True))


def test_on_an_approved_sheet_comments_are_only_read(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        office.bring_to("approved")
    page = page_of(app, office.REVIEWER)
    assert "1 komentar selama penyusunan" in page
    assert "Komentari baris" not in page
    assert "/komentar" not in page
    for name in PREPARING:
        assert say(app, name, {"text": "Susulan"}, row=(1, 1)).status_code == 409
        for path in ("jawaban", "selesai", "tutup", "buka"):
            answer = act(app, name, comment_id, path, {"text": "Ketikan saya"})
            assert answer.status_code == 409
            assert "tinggal untuk dibaca" in answer.get_data(as_text=True)
            assert "Ketikan saya" in answer.get_data(as_text=True)
    assert state_of(app, comment_id) is OPEN


def test_a_return_lists_the_open_comments_and_the_owner_ticks_them_off(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
        comment_id, other_id = office.comment(SAID), office.comment("Target terlalu rendah.", row=(2, 1), cell=Cell.TARGET)
        sheet = office.sheet_of(office.OWNER)
    told = page_of(each_app, office.REVIEWER).split("Keputusan Anda</h2>")[1]
    assert "2 komentar masih terbuka" in told
    reviewer = office.sign_in(each_app, office.REVIEWER)
    decision = {"version": str(sheet.version), "step": "return", "note": "Lihat komentar."}
    assert office.post(reviewer, f"/lembar/{sheet.id}/keputusan", decision).status_code == 302
    page = page_of(each_app, office.OWNER)
    listed = page.split("Lihat komentar.")[1].split('aria-label="Perjalanan lembar"')[0]
    assert "2 komentar masih terbuka" in listed
    assert f'href="#komentar-{comment_id}"' in listed
    assert f'formaction="/lembar/{sheet.id}/komentar/{other_id}/selesai"' in listed

    answer = act(each_app, office.OWNER, comment_id, "selesai", {"text": "Sudah ditulis pembilangnya."})
    assert answer.status_code == 302
    assert state_of(each_app, comment_id) is DONE
    page = page_of(each_app, office.OWNER)
    assert "1 komentar masih terbuka" in page
    assert "1 ditandai sudah diperbaiki" in page

    with each_app.app_context():
        office.submit()
    above = page_of(each_app, office.REVIEWER).split('class="paper sheet"')[0]
    assert "Sudah ditulis pembilangnya." in above
    assert above.index("Sudah ditulis pembilangnya.") < above.index("Target terlalu rendah.")
    assert act(each_app, office.REVIEWER, comment_id, "tutup").status_code == 302
    assert state_of(each_app, comment_id) is CLOSED
    page = page_of(each_app, office.REVIEWER)
    assert SAID not in page.split('class="paper sheet"')[0]
    assert "1 komentar ditutup" in page


def test_who_asked_opens_again_what_is_not_mended(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        office.move_comment(comment_id, CommentStep.TICK_OFF, by=office.OWNER)
    assert act(app, office.REVIEWER, comment_id, "buka", {"text": "Masih sama."}).status_code == 302
    assert state_of(app, comment_id) is OPEN
    with app.app_context():
        entries = db.session.scalars(select(CommentEntry).order_by(CommentEntry.id)).all()
        assert [(each.step, each.text) for each in entries] == [("tick_off", ""), ("reopen", "Masih sama.")]
        assert entries[1].author_title.startswith("Kepala Bidang")
    assert "membuka lagi komentar ini" in page_of(app, office.OWNER)


def test_an_acting_reviewer_closes_what_the_reviewer_asked_and_the_owner_does_not(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        today = office.today_in_office()
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
    answer = act(app, office.OWNER, comment_id, "tutup")
    assert answer.status_code == 403
    assert "penulisnya atau oleh pereviu" in answer.get_data(as_text=True)
    assert act(app, "analis.promosi", comment_id, "tutup").status_code == 302
    with app.app_context():
        assert db.session.scalars(select(CommentEntry.author_title)).one().startswith("Plt. Kepala Bidang")


def test_ticking_off_waits_for_the_draft_and_answering_does_not(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        comment_id = office.comment(SAID)
    assert act(app, office.OWNER, comment_id, "selesai").status_code == 409
    assert "Sudah saya perbaiki" not in page_of(app, office.OWNER)
    assert act(app, office.OWNER, comment_id, "jawaban", {"text": "Sesuai RKPD."}).status_code == 302
    assert "Sesuai RKPD." in page_of(app, office.REVIEWER)
    assert state_of(app, comment_id) is OPEN


def test_approving_with_open_comments_is_allowed_is_said_before_and_closes_nothing(app: Flask) -> None:
    with app.app_context():
        office.bring_to("reviewed")
        comment_ids = [office.comment(f"{SAID} {number}", by=office.APPROVER) for number in range(3)]
    assert "3 komentar masih terbuka" in page_of(app, office.APPROVER).split("Keputusan Anda</h2>")[1]
    with app.app_context():
        office.approve()
    assert [state_of(app, each) for each in comment_ids] == [OPEN] * 3


def test_of_two_who_act_on_one_comment_the_second_is_told_and_loses_no_word(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        sheet_id = office.sheet_of(office.OWNER).id
    assert act(app, office.REVIEWER, comment_id, "tutup").status_code == 302
    late = {"version": "1", "text": "Sudah saya <b>perbaiki</b>."}
    answer = office.post(office.sign_in(app, office.OWNER), f"/lembar/{sheet_id}/komentar/{comment_id}/selesai", late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Pegawai Contoh 06 menutup komentar ini sesudah halaman Anda dibuka." in page
    assert "Sudah saya &lt;b&gt;perbaiki&lt;/b&gt;." in page
    assert state_of(app, comment_id) is CLOSED


def test_one_update_decides_who_was_first(each_app: Flask) -> None:
    with each_app.app_context():
        comment_id = office.comment(SAID)
        sheet, person = office.sheet_of(office.OWNER), office.actor(office.REVIEWER)
        as_loaded = thread_in_sight(comment_id, sheet, actor=person)
        office.move_comment(comment_id, CommentStep.TICK_OFF, by=office.OWNER)
        with pytest.raises(Outdated, match="Orang lain baru saja"), office.transaction():
            commenting.move_comment(sheet, as_loaded, CommentStep.CLOSE, actor=person, seen=1, now=office.now())
        office.bring_to("submitted")
        row = office.row_of(sheet, 1, 1)
        with pytest.raises(Outdated, match="berpindah status"), office.transaction():
            commenting.write_comment(sheet, actor=person, row=row, cell=Cell.ROW, text=SAID, now=office.now())
    assert state_of(each_app, comment_id) is DONE


def test_the_operations_ask_the_rules_themselves(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        with pytest.raises(NotAllowed, match="Hanya pemilik lembar"):
            office.move_comment(comment_id, CommentStep.TICK_OFF, by=office.REVIEWER)
        with pytest.raises(WrongState, match="berstatus Terbuka"):
            office.move_comment(comment_id, CommentStep.REOPEN, by=office.REVIEWER)
        with pytest.raises(NotFound):
            office.comment(SAID, by=office.OUTSIDER)
        office.bring_to("approved")
        with pytest.raises(WrongState, match="Ditetapkan"):
            office.comment(SAID)
        with pytest.raises(NotFound):
            office.comment(SAID, by=office.OUTSIDER)


def test_what_is_said_is_text_and_nothing_else(app: Flask) -> None:
    text = "<script>alert(1)</script> {{ 7 * 7 }} \x00“kutip”\r\nbaris kedua"
    assert say(app, office.REVIEWER, {"text": text}).status_code == 302
    for name in (office.OWNER, office.REVIEWER):
        page = page_of(app, name)
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }} “kutip”\nbaris kedua" in page
        assert "<script>alert" not in page
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    assert "<script>alert" not in office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id}/ubah").get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text": ""}, "Tuliskan dulu komentar Anda."),
        ({"text": " \n "}, "Tuliskan dulu komentar Anda."),
        ({"text": "x" * (COMMENT_LIMIT + 1)}, "Paling panjang 2000 huruf."),
        ({"text": SAID, "cell": "id"}, "Pilihan ini tidak ada dalam daftar."),
        ({"text": SAID, "row": "indicator-999999"}, "Baris yang Anda komentari sudah tidak ada pada lembar ini."),
        ({"text": SAID, "row": "sheet-1"}, "Baris ini tidak dikenal."),
        ({"text": SAID, "row": "indicator-9999999999"}, "Baris ini tidak dikenal."),
    ],
)
def test_a_refused_comment_says_why_and_keeps_what_was_typed(app: Flask, data: dict[str, str], told: str) -> None:
    answer = say(app, office.REVIEWER, data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert data["text"].strip() in page
    with app.app_context():
        assert db.session.scalars(select(Comment)).all() == []


def test_a_text_of_exactly_the_limit_is_taken_however_its_lines_end(app: Flask) -> None:
    text = "\r\n".join(["x" * 99] * 20) + "x"
    assert len(text.replace("\r\n", "\n")) == COMMENT_LIMIT
    assert say(app, office.REVIEWER, {"text": text}).status_code == 302


def test_the_row_of_another_sheet_is_not_on_this_one(app: Flask) -> None:
    with app.app_context():
        foreign = office.row_of(office.sheet_of(office.OUTSIDER), 1, 1)
    assert say(app, office.REVIEWER, {"text": SAID, "row": foreign}).status_code == 422


def test_a_comment_is_found_under_its_own_sheet_only(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID, by=office.OTHER_REVIEWER, post_code=office.OUTSIDER)
    assert act(app, office.REVIEWER, comment_id, "jawaban", {"text": "x"}).status_code == 404


def test_an_empty_answer_is_asked_for_and_the_box_stays_open(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
    answer = act(app, office.REVIEWER, comment_id, "jawaban", {"text": " "})
    assert answer.status_code == 422
    thread = answer.get_data(as_text=True).split(f'id="komentar-{comment_id}"')[1].split("</article>")[0]
    assert "<details open>" in thread
    assert "Tuliskan dulu komentar atau tanggapan Anda." in thread


def without_first_row(by: str = office.OWNER) -> None:
    sheet = office.sheet_of(office.OWNER)
    rows = office.complete_rows(sheet)[1:]
    with office.transaction():
        writing.save_sheet(sheet, rows, actor=office.actor(by), seen=sheet.version, now=office.now())


def test_a_comment_outlives_its_row_and_follows_the_numbers_of_the_others(each_app: Flask) -> None:
    with each_app.app_context():
        gone, stays = office.comment(SAID), office.comment("Target terlalu rendah.", row=(2, 1), cell=Cell.TARGET)
        of_statement = office.comment("Sebutkan hasilnya.", row=(1, None))
        without_first_row()
        found = {each.id: each for each in threads(office.sheet_of(office.OWNER), actor=office.actor(office.OWNER))}
        assert (found[gone].row, found[of_statement].row) == ("", "")
        assert found[stays].row
        assert found[gone].quote
    page = page_of(each_app, office.OWNER)
    rowless = page.split("Komentar pada baris yang sudah tidak ada</h2>")[1].split("</section>")[0]
    assert "Baris 1.1, Penjelasan/formulasi" in rowless
    assert "Sebutkan hasilnya." in rowless
    assert "Target terlalu rendah." not in rowless
    assert "Baris 1.1, Target" in page.split('class="paper sheet"')[1]
    assert act(each_app, office.OWNER, gone, "selesai").headers["Location"].endswith("#komentar-lepas")


def test_a_new_row_does_not_inherit_the_comments_of_a_deleted_one(each_app: Flask) -> None:
    """SQLite gives the id of a deleted last row out again."""

    def save(rows: Sequence[StatementProposal]) -> None:
        sheet = office.sheet_of(office.OWNER)
        with office.transaction():
            writing.save_sheet(sheet, rows, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())

    with each_app.app_context():
        rows = office.complete_rows(office.fill_in())
        added = StatementProposal(id=None, text="Baru", indicators=(IndicatorProposal(id=None, text="Satu"),))
        save([*rows, added])
        office.comment(SAID, row=(len(rows) + 1, 1))
        save(rows)
        save([*rows, added])
        (thread,) = threads(office.sheet_of(office.OWNER), actor=office.actor(office.OWNER))
        assert thread.row == ""


def test_beranda_counts_the_open_comments_of_ones_own_draft(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment(SAID)
        office.comment("Target terlalu rendah.", row=(2, 1))
    client = office.sign_in(app, office.OWNER)
    assert "2 komentar terbuka" in client.get("/").get_data(as_text=True)
    with app.app_context():
        office.move_comment(comment_id, CommentStep.TICK_OFF, by=office.OWNER)
    assert "1 komentar terbuka" in client.get("/").get_data(as_text=True)


def test_the_editor_shows_what_was_said_about_each_row(app: Flask) -> None:
    with app.app_context():
        office.comment(SAID)
        closed = office.comment("Sudah sesuai.", row=(2, 1))
        office.move_comment(closed, CommentStep.CLOSE, by=office.REVIEWER)
        office.comment("Sebutkan hasilnya.", row=(2, None))
        sheet_id = office.sheet_of(office.OWNER).id
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id}/ubah").get_data(as_text=True)
    assert page.count(SAID) == page.count("Sebutkan hasilnya.") == 1
    assert "Sudah sesuai." not in page


def test_a_revision_begins_without_the_comments_of_the_one_before(app: Flask) -> None:
    with app.app_context():
        office.comment(SAID)
        sheet = office.bring_to("approved")
        with office.transaction():
            person = office.actor(office.OWNER)
            newer = operations.revise(sheet, actor=person, reason=ReasonClass.BUDGET, note="Anggaran.", now=office.now())
    client = office.sign_in(app, office.OWNER)
    assert SAID not in client.get(f"/lembar/{newer}").get_data(as_text=True)
    assert SAID in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)


def test_comments_stay_out_of_print(app: Flask) -> None:
    with app.app_context():
        office.comment(SAID)
        without_first_row()
        office.comment("Target terlalu rendah.")
    page = page_of(app, office.OWNER)
    outer = re.findall(
        r'<(?:tr|section|details)[^>]*class="(comment-row[^"]*|section[^"]*)"[^>]*(?:id|aria-labelledby)="(?:komentar|lepas)',
        page,
    )
    assert len(outer) >= 3
    assert all("no-print" in each for each in outer)
