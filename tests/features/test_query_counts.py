"""Each page takes a known number of statements, the same for 1 and for 50 sheets, and never more than 18."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from benchmarks.generate import grow
from iki_portal.domain.comments import CommentStep
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.models import Upload
from tests import office

MOST = 18
#: Page → statements, the session's own included.
EXPECTED = {
    "/": 18,
    "/persetujuan": 4,
    "/lembar": 6,
    "/lembar/{sheet}": 14,
    "/lembar/{draft}": 13,
    "/lembar/{approved}": 10,
    "/impor": 3,
    "/impor/{upload}": 5,
    "/lembar/{approved}/realisasi/1": 11,
    "/realisasi": 4,
    "/lembar/{approved}/perubahan": 3,
    "/lembar/{draft}/ubah": 16,
    "/aturan-mutu/2027": 4,
    "/tahun/2027": 7,
    "/pemberitahuan": 2,
    "/tahun/2027/buku": 5,
    "/tahun/2027/dokumen-kinerja": 5,
    "/lembar/{approved}/rencana-aksi": 7,
    "/tahun/2027/naskah": 3,
    "/tahun/2027/rekapitulasi": 12,
    "/dasbor/2027": 14,
    "/dasbor/2027?bentuk=xlsx": 13,
    "/dasbor/2027/laporan": 6,
    "/dasbor/2027/lembar": 5,
    "/dasbor/2027/capaian": 6,
    "/dasbor/2027/menunggu": 5,
    "/dasbor/tren": 4,
    "/dasbor/2027/rekapitulasi": 9,
    "/lembar/{approved}/pdf": 4,
    "/lembar/{draft}/pdf": 7,
    "/lembar/{approved}/docx": 4,
    "/lembar/{approved}/e-kinerja": 4,
    "/jejak-audit": 5,
    "/jejak-audit/berkas": 8,
    "/jejak-audit/berkas?bentuk=pdf": 8,
    "/periksa": 1,
    "/akun-saya/data": 12,
    "/akun-saya/data/berkas": 12,
    "/organisasi": 4,
    "/pohon-kinerja": 15,
    "/sasaran": 5,
    "/lembar/{draft}/dukungan": 11,
    "/lembar/{approved}/dukungan": 11,
    "/sandi": 1,
}


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def furnish(app: Flask) -> None:
    with app.app_context():
        office.bring_to("reviewed")
        office.bring_to("approved", "analis.profesi")
        office.uploaded(office.APPROVER)
        office.write_goals()
        office.link("analis.profesi", iku=1)


def counts(app: Flask) -> dict[str, int]:
    """Statements of each page, read by the Sekretaris, who has a draft of his own and sheets that wait."""
    client = office.sign_in(app, office.APPROVER)
    with app.app_context():
        ids = {
            "sheet": office.sheet_of(office.OWNER).id,
            "draft": office.sheet_of(office.APPROVER).id,
            "approved": office.sheet_of("analis.profesi").id,
            "upload": db.session.scalars(select(Upload.id)).one(),
        }
    found = {}
    for page in EXPECTED:
        with counted(app) as statements:
            assert client.get(page.format(**ids)).status_code == 200
        found[page] = len(statements)
    return found


def test_every_page_takes_a_known_number_of_statements(app: Flask) -> None:
    furnish(app)
    found = counts(app)
    assert found == EXPECTED
    assert max(found.values()) <= MOST


@pytest.mark.parametrize("sheets", [270])
def test_more_sheets_take_no_more_statements(app: Flask, sheets: int) -> None:
    furnish(app)
    before = counts(app)
    grow(app, sheets)
    # two more, however large: which unit of so many is the reader's, and which of its posts are shown first
    in_large = {"/organisasi": before["/organisasi"] + 2, "/pohon-kinerja": before["/pohon-kinerja"] + 1}
    assert counts(app) == before | in_large


def test_many_stuck_and_handed_over_sheets_take_three_statements_more(app: Flask) -> None:
    furnish(app)
    before, yesterday = counts(app), office.today_in_office() - timedelta(days=1)
    for codes in (("analis.standar",), ("analis.teknis", "analis.penjenjangan")):
        with app.app_context():
            for code in codes:
                office.bring_to("submitted", code)
                office.end_post(code, code, ends_on=yesterday)
                office.give_post(office.OUTSIDER, code, kind=AssignmentKind.PLT, starts_on=yesterday + timedelta(days=1))
            office.end_post("kabid.kompetensi", "kabid.kompetensi", ends_on=yesterday)
        # what is stuck, who holds the posts there, and who follows in a vacant one
        assert counts(app) == before | {"/": before["/"] + 3}


def test_a_long_history_takes_no_more_statements(app: Flask) -> None:
    furnish(app)
    before = counts(app)
    with app.app_context():
        for number in range(25):
            sheet = office.sheet_of(office.OWNER)
            with office.transaction():
                office.approvals.return_sheet(
                    sheet, actor=office.actor(office.APPROVER), seen=sheet.version, now=office.now(), note=f"Ulangi {number}."
                )
            office.submit()
            office.review()
    # one more, however long: what was returned last, to show what has changed since
    assert counts(app) == before | {"/lembar/{sheet}": before["/lembar/{sheet}"] + 1}


def test_many_comments_take_no_more_statements(app: Flask) -> None:
    with app.app_context():
        office.bring_to("reviewed")
        office.bring_to("approved", "analis.profesi")
        office.uploaded(office.APPROVER)
    before = counts(app)
    with app.app_context():
        for number in range(20):
            for post in (office.OWNER, office.APPROVER):  # a sheet that waits for the reader, and the reader's own draft
                comment_id = office.comment(f"Periksa lagi {number}.", by=office.HEAD, post_code=post)
                office.move_comment(comment_id, CommentStep.REPLY, by=office.HEAD, text="Terutama rumusnya.", post_code=post)
    assert counts(app) == before


def test_many_figures_and_reports_take_no_more_statements(app: Flask) -> None:
    with app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        owner, reviewer = (office.sign_in(app, name) for name in (office.OWNER, office.REVIEWER))
        sheet_id = office.sheet_of(office.OWNER).id

    def statements() -> list[int]:
        found = []
        for client, page in (
            (owner, "/"),
            (owner, "/realisasi"),
            (reviewer, "/"),
            (reviewer, f"/lembar/{sheet_id}/realisasi/1"),
        ):
            with counted(app) as asked:
                assert client.get(page).status_code == 200
            found.append(len(asked))
        return found

    before = statements()
    with app.app_context():
        for number in range(8):  # corrected again and again
            office.step_report(ReportStep.RETURN, by=office.REVIEWER, note="Ulangi.")
            rows = office.reported_rows(office.sheet_of(office.OWNER), value=str(number + 2))
            office.write_report(rows=rows, reason="Dihitung ulang.")
            office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        for code in ("analis.profesi",):
            office.bring_report_to(ReportState.DRAFT, quarter=2, post_code=code)
            office.step_report(ReportStep.SUBMIT, code, by=code, quarter=2)
    assert statements() == before
