"""Reporting a quarter: what is written, submitted, verified, returned and corrected, on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from iki_portal.domain.errors import Incomplete, Invalid, NotAllowed, Outdated, WrongState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.realised import ReportedRow
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.queries import of_sheets
from iki_portal.models import HistoryEntry, Notice, RealisationEntry, RealisationReport, SheetContent
from iki_portal.realisation import desks
from iki_portal.realisation import operations as reporting
from iki_portal.realisation.operations import Proposal, ReasonMissing, Unfinished, Unreportable
from iki_portal.realisation.queries import report_of, written_in
from iki_portal.realisation.windows import windows_of
from iki_portal.web.transaction import transaction
from tests import office

D = Decimal


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(RealisationEntry)) or 0


def fields(app: Flask, sheet: office.SeenSheet, *, version: int = 0, **more: str) -> dict[str, Any]:
    """The form as a browser sends it, every row with the figure 1."""
    with app.app_context():
        rows = {f"indicator-{key}-value": "1" for key in office.reported_rows(sheet)}
    return {"version": str(version), "whole": "1", **rows, **more}


def url(sheet: office.SeenSheet, act: str = "", quarter: int = 1) -> str:
    return f"/lembar/{sheet.id}/realisasi/{quarter}" + (f"/{act}" if act else "")


def test_a_quarter_is_reported_verified_and_then_open_to_everybody(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
    owner, reviewer, outsider = (office.sign_in(each_app, name) for name in (office.OWNER, office.REVIEWER, office.OUTSIDER))
    assert office.post(owner, url(sheet, "isian"), fields(each_app, sheet)).status_code == 302
    assert "100%" in owner.get(url(sheet)).get_data(as_text=True)
    assert "1 / 1 × 100 = 100%" in owner.get(url(sheet)).get_data(as_text=True)
    assert "belum diverifikasi" in outsider.get(url(sheet)).get_data(as_text=True)
    assert "1 / 1 × 100" not in outsider.get(url(sheet)).get_data(as_text=True)
    assert office.post(owner, url(sheet, "pengiriman"), fields(each_app, sheet, version=1)).status_code == 302
    assert "Realisasi Triwulan I 2027" in reviewer.get("/").get_data(as_text=True)
    assert "Menunggu verifikasi oleh" in owner.get("/").get_data(as_text=True)
    decided = office.post(reviewer, url(sheet, "verifikasi"), {"version": "2", "step": "verify_report"})
    assert decided.status_code == 302
    assert "1 / 1 × 100 = 100%" in outsider.get(url(sheet)).get_data(as_text=True)
    with each_app.app_context():
        acts = [(row.action, row.note) for row in of_sheets([sheet.id])[sheet.id]][-2:]
        assert acts == [("submit_report", "Triwulan I."), ("verify_report", "Triwulan I.")]
        report = report_of(sheet, 1)
        assert (report.state, report.is_late) == (ReportState.VERIFIED, False)
        assert db.session.get(SheetContent, report.content_hash) is not None


def test_saving_again_writes_only_what_is_new_and_keeps_what_was(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        rows = office.reported_rows(sheet)
        assert office.write_report(rows=rows) == 1
        written = entries()
        assert office.write_report(rows=rows) == 1, "nothing is new, so nothing is written"
        key = office.first_indicator(sheet)
        assert office.write_report(rows={**rows, key: ReportedRow(value=D("1.5"), note="Dihitung ulang.")}) == 2
        assert entries() == written + 1
        report = report_of(sheet, 1)
        lines = written_in([report.id or 0])[report.id or 0].entries[key]
        assert [line.row.value for line in lines] == [D(1), D("1.5")]


def test_a_report_that_lacks_a_figure_is_not_submitted(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        key, *_ = rows = office.reported_rows(sheet)
        office.write_report(rows={**rows, key: ReportedRow()})
        with pytest.raises(Unfinished) as missing:
            office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        assert [gap.indicator_id for gap in missing.value.gaps] == [key]
        office.write_report(rows={key: ReportedRow(obstacle="Tidak ada berkas yang masuk.")})
        assert office.step_report(ReportStep.SUBMIT, by=office.OWNER).state is ReportState.SUBMITTED


def test_a_correction_is_a_new_entry_with_a_reason(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        sheet = office.sheet_of(office.OWNER)
        key = office.first_indicator(sheet)
        with pytest.raises(WrongState, match="Terverifikasi tidak dapat diubah"):
            office.write_report(rows={key: ReportedRow(value=D(2))})
        with pytest.raises(Incomplete, match="Alasan koreksi wajib diisi"):
            office.step_report(ReportStep.CORRECT, by=office.OWNER)
        office.step_report(ReportStep.CORRECT, by=office.OWNER, note="Salah hitung.")
        with pytest.raises(ReasonMissing):
            office.write_report(rows={key: ReportedRow(value=D(2))})
        office.write_report(rows={key: ReportedRow(value=D(1), note="Tetap.")})  # words need no reason
        office.write_report(rows={key: ReportedRow(value=D(2), note="Tetap.")}, reason="Satu dokumen terlewat.")
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        report = office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        lines = written_in([report.id or 0])[report.id or 0].entries[key]
        assert [(line.row.value, line.reason) for line in lines][-1] == (D(2), "Satu dokumen terlewat.")
        assert len(lines) == 3
    page = office.sign_in(each_app, office.HEAD).get(url(sheet)).get_data(as_text=True)
    assert "Satu dokumen terlewat." in page
    assert "dihitung paling tinggi 120%" in page  # 2 of 1


def test_who_reported_for_the_owner_does_not_verify(each_app: Flask) -> None:
    """The Kabid stands in for the Analis: the duty moves to the Sekretaris, in the rules, in SQL and in the database."""
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        today = office.today_in_office()
        office.give_post(office.REVIEWER, office.OWNER, kind=AssignmentKind.PLT, starts_on=today - timedelta(days=1))
        office.write_report(by=office.REVIEWER)
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.end_post(office.REVIEWER, office.OWNER, ends_on=today - timedelta(days=1))
        with pytest.raises(NotAllowed, match="memverifikasi laporan ini"):
            office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        for name, sees in ((office.REVIEWER, 0), (office.APPROVER, 1), (office.HEAD, 0)):
            found = desks.reports_to_verify(actor=office.actor(name), on=today)
            assert len(found.reports) == sees, name
        kabid = office.actor(office.REVIEWER).employee_id
        forged = "UPDATE realisation_report SET state = 'verified', verified_at = submitted_at, verified_by_id = :who"
        with pytest.raises(DBAPIError, match="nobody verifies what they reported"), transaction():
            db.session.execute(text(forged), {"who": kabid})
        assert office.step_report(ReportStep.VERIFY, by=office.APPROVER).state is ReportState.VERIFIED
        assert report_of(sheet, 1).verified_by_id == office.actor(office.APPROVER).employee_id


def test_a_later_revision_leaves_earlier_quarters_against_the_target_then_in_force(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        first = office.sheet_of(office.OWNER)
        with transaction():
            owner = office.actor(office.OWNER)
            office.approvals.revise(first, actor=owner, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        office.fill_in(target="8")
        office.submit()
        office.review()
        second = office.approve()
        with pytest.raises(WrongState, match="sudah dilaporkan pada penetapan awal"):
            office.write_report(quarter=1)
        office.open_quarter(2)
        office.write_report(quarter=2)
        office.step_report(ReportStep.SUBMIT, by=office.OWNER, quarter=2)
    client = office.sign_in(each_app, office.OWNER)
    old, new = client.get(url(first)).get_data(as_text=True), client.get(url(second, quarter=2)).get_data(as_text=True)
    assert "1 / 1 × 100 = 100%" in old
    assert "1 / 2 × 100 = 50%" in new
    assert "1 + 1 = 2" in new, "the year so far holds what the first revision reported"
    assert "Lihat laporan Triwulan I 2027" in client.get(url(second)).get_data(as_text=True)


def test_late_is_possible_only_once_the_operator_has_opened_the_quarter_again(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        with pytest.raises(WrongState, match="diisi mulai 1 April 2027"):
            office.write_report()
    with time_machine.travel(date(2027, 4, 20), tick=False):
        operator = office.sign_in(each_app, office.OPERATOR)
        with each_app.app_context(), pytest.raises(WrongState, match="15 April 2027, sudah lewat"):
            office.write_report()
        days = {"opens_on": "1 April 2027", "deadline_on": "15 April 2027", "reopened_until": "30 April 2027"}
        answer = office.post(operator, "/tahun-kinerja/2027/triwulan/1", {"version": "0", **days})
        assert answer.status_code == 302
        owner = office.sign_in(each_app, office.OWNER)
        assert "dibuka kembali untuk lembar" in owner.get("/pemberitahuan").get_data(as_text=True)
        assert office.post(owner, url(sheet, "pengiriman"), fields(each_app, sheet)).status_code == 302
        assert "Terlambat" in owner.get(url(sheet)).get_data(as_text=True)
        with each_app.app_context():
            assert report_of(sheet, 1).is_late
            act = db.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "change_window")).one()
            assert "dibuka kembali sampai 30 April 2027" in act.note
        again = office.post(operator, "/tahun-kinerja/2027/triwulan/1", {"version": "0", **days})
        assert again.status_code == 409


def test_who_was_sent_back_is_told_and_mends_after_the_deadline(each_app: Flask) -> None:
    with each_app.app_context():
        report = office.bring_report_to(ReportState.RETURNED)
        office.open_quarter(days=-1)
        sheet = office.sheet_of(office.OWNER)
        owner_id = office.actor(office.OWNER).employee_id
        kinds = [
            each.kind for each in db.session.scalars(select(Notice).where(Notice.employee_id == owner_id).order_by(Notice.id))
        ]
        assert kinds[-1] == "report_returned"
    client = office.sign_in(each_app, office.OWNER)
    page = client.get(url(sheet)).get_data(as_text=True)
    assert "Bukti belum lengkap." in page
    answer = office.post(client, url(sheet, "pengiriman"), fields(each_app, sheet, version=report.version))
    assert answer.status_code == 302
    with each_app.app_context():
        assert report_of(sheet, 1).state is ReportState.SUBMITTED
        asking = select(Notice).where(
            Notice.employee_id == owner_id, Notice.kind == "report_returned", Notice.read_at.is_(None)
        )
        assert db.session.scalars(asking).all() == []


# Bad input


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("NaN", "Ini bukan angka"),
        ("1e999", "Ini bukan angka"),
        ("-5", "tidak boleh negatif (-5)"),
        ("1.234", "dimengerti sebagai 1234"),
        ("12%", "tanda % ditulis pada isian Satuan"),
        ("1,23456", "paling banyak 4"),
        ("99999999999999", "Angka terlalu besar"),
        ("١٢", "Ini bukan angka"),
        ("=1+1", "Ini bukan angka"),
    ],
)
def test_a_figure_that_is_none_comes_back_with_everything_else_that_was_typed(app: Flask, typed: str, said: str) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        key = office.first_indicator(sheet)
    client = office.sign_in(app, office.OWNER)
    sent = fields(app, sheet, **{f"indicator-{key}-value": typed, f"indicator-{key}-obstacle": "Hujan lebat <b>"})
    answer = office.post(client, url(sheet, "isian"), sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "Hujan lebat &lt;b&gt;" in page
    assert f'value="{typed if typed != "1.234" else "1234"}"'.replace("=1+1", "=1+1") in page
    with app.app_context():
        assert entries() == 0


def ratio_sheet() -> office.SeenSheet:
    """A sheet in force whose first indicator is a share in per cent, counted from two operands."""
    sheet = office.fill_in()
    first, *others = office.complete_rows(sheet)
    row, *more = first.indicators
    quarters = {"quarter_1": D(25), "quarter_2": D(50), "quarter_3": D(75), "quarter_4": D(95)}
    operands = {"numerator": "berkas selesai", "denominator": "berkas masuk"}
    share = replace(
        row,
        unit_of_measure="%",
        aggregation=office.Aggregation.RATIO,
        target=D(95),
        formula="Berkas selesai dibagi berkas masuk × 100",
        **quarters,
        **operands,
    )
    with transaction():
        rows = [replace(first, indicators=(share, *more)), *others]
        office.writing.save_sheet(sheet, rows, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
    office.submit()
    office.review()
    return office.approve()


def test_a_share_is_asked_for_by_its_operands_and_must_be_one(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = ratio_sheet()
        office.open_quarter()
        key = office.first_indicator(sheet)
        for wrong, field, said in (
            (ReportedRow(numerator=D(3), denominator=D(0)), "denominator", "Penyebut nol"),
            (ReportedRow(numerator=D(30), denominator=D(20)), "numerator", "150% melebihi 100%"),
        ):
            with pytest.raises(Unreportable) as refused:
                office.write_report(rows={key: wrong})
            assert [(each.field, said in each.message) for each in refused.value.problems[key]] == [(field, True)]
        office.write_report(rows={key: ReportedRow(numerator=D(3), denominator=D(20))})
    page = office.sign_in(each_app, office.OWNER).get(url(sheet)).get_data(as_text=True)
    assert "Pembilang: berkas selesai" in page
    assert "15 / 25 × 100 = 60%" in page
    assert "(3) / (20) × 100 = 15%" in page


def test_rows_of_other_sheets_are_refused(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        other = office.first_indicator(office.sheet_of(office.OUTSIDER))
        with pytest.raises(Invalid, match="tidak ada pada lembar ini"):
            office.write_report(rows={other: ReportedRow(value=D(1))})
        report = office.write_report()
        assert report == 1
        forged = (
            "INSERT INTO realisation_entry (report_id, indicator_id, note, obstacle, follow_up, reason, author_id,"
            " author_name, author_title, written_at) SELECT report_id, :other, '', '', '', '', author_id, 'x', 'x',"
            " written_at FROM realisation_entry LIMIT 1"
        )
        with pytest.raises(DBAPIError, match="belongs to a row of its sheet"), transaction():
            db.session.execute(text(forged), {"other": other})
        assert report_of(sheet, 1).version == 1


@pytest.mark.parametrize("act", ["isian", "pengiriman"])
def test_a_form_that_is_cut_off_or_of_no_version_is_refused(app: Flask, act: str) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
    client = office.sign_in(app, office.OWNER)
    for missing in ("whole", "version"):
        sent = {name: value for name, value in fields(app, sheet).items() if name != missing}
        assert office.post(client, url(sheet, act), sent).status_code == 422
    assert client.get(url(sheet, quarter=5)).status_code == 404
    with app.app_context():
        assert entries() == 0


def test_a_draft_sheet_has_no_realisation(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("reviewed")
    client = office.sign_in(app, office.OWNER)
    assert client.get(url(sheet)).status_code == 404
    assert office.post(client, url(sheet, "isian"), fields(app, sheet)).status_code == 404


# Races and outdated pages


def test_a_page_from_before_somebody_elses_save_loses_nothing(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        key = office.first_indicator(sheet)
        office.write_report(rows={key: ReportedRow(value=D(3))})
    client = office.sign_in(each_app, office.OWNER)
    answer = office.post(client, url(sheet, "isian"), fields(each_app, sheet, **{f"indicator-{key}-value": "4"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'value="4"' in page
    assert "Tersimpan sekarang: 3" in page
    assert 'name="version" value="1"' in page
    assert office.post(client, url(sheet, "isian"), fields(each_app, sheet, version=1)).status_code == 302


def test_of_two_steps_on_one_version_the_second_is_refused(each_app: Flask) -> None:
    """What two do at once (tests/faults/test_reports_at_once.py), one after the other on the same page."""
    with each_app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        sheet, window = office.sheet_of(office.OWNER), windows_of(office.YEAR)[1]
        seen = report_of(sheet, 1).version
        owner, reviewer, now = office.actor(office.OWNER), office.actor(office.REVIEWER), office.now()
        with transaction():
            reporting.correct(sheet, window, actor=owner, seen=seen, now=now, note="Salah hitung.")
        with pytest.raises(WrongState), transaction():
            reporting.verify(sheet, window, actor=reviewer, seen=seen, now=now)
        with pytest.raises(Outdated), transaction():
            reporting.save(sheet, window, Proposal(rows={}, reason=""), actor=owner, seen=seen, now=now)
        states = db.session.scalars(select(RealisationReport.state)).all()
        assert states == [ReportState.DRAFT]
