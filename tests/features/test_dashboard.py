"""Dasbor: what it counts, what it says instead of nought, who reads names, and the same rows as files."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from benchmarks.generate import hire
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.reports import SheetStage, Stage
from iki_portal.domain.results import Tally
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.indicators.queries import performance_year
from iki_portal.models import TrailEvent, Unit
from iki_portal.realisation.windows import measuring_of, windows_of
from iki_portal.reports.dashboard import Dashboard, dashboard
from iki_portal.reports.units import MOST_ROWS
from iki_portal.reports.units import office as the_office
from iki_portal.web.transaction import transaction
from tests import office

D = Decimal
YEAR = office.YEAR
PAGE = f"/dasbor/{YEAR}"
SECRETARIAT, PENGADAAN = 2, 6
LISTS = [
    PAGE,
    f"{PAGE}/laporan",
    f"{PAGE}/lembar",
    f"{PAGE}/capaian",
    f"{PAGE}/capaian?urut=turun",
    f"{PAGE}/menunggu",
    "/dasbor/tren",
]


def page(app: Flask, url: str = PAGE, reader: str = office.APPROVER) -> str:
    answer = office.sign_in(app, reader).get(url)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return str(answer.get_data(as_text=True))


def counted(unit: int | None = None) -> Dashboard:
    whole, year = the_office(), performance_year(YEAR)
    found = dashboard(year, whole, whole.scope(unit), measuring_of(YEAR), windows_of(YEAR), on=office.today_in_office(), page=1)
    db.session.rollback()
    return found


def unit_of(name: str) -> int:
    return db.session.scalars(select(Unit.id).where(Unit.name.like(f"{name}%"))).one()


def test_every_unit_counts_what_lies_below_it(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        office.bring_report_to(ReportState.SUBMITTED, post_code="analis.profesi")
        office.bring_to("approved", office.OUTSIDER)
        found = counted()
        total = found.total.figures
        assert (total.sheets[SheetStage.APPROVED], total.sheets.total()) == (3, 20)
        assert total.stages(1) == {Stage.VERIFIED: 1, Stage.SUBMITTED: 1, Stage.MISSING: 1}
        assert total.stages(2) == {Stage.NOT_YET: 3}
        own = {row.scope.name: row.figures for row in found.rows}
        assert sum((each.tally(1) for each in own.values()), Tally()) == total.tally(1)
        assert sum(each.sheets.total() for each in own.values()) == 20
        assert found.total.cells[0].percentage == "100%"
        assert found.total.cells[0].missing == 1


def test_what_nobody_reported_is_red_and_no_number(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        office.open_quarter()
        cell = counted().total.cells[0]
        assert (cell.label.word, cell.label.tone, cell.percentage, cell.mean) == ("Belum dilaporkan", "danger", "", None)
        office.write_report()
        assert counted().total.cells[0].label.word == "Belum dilaporkan", "a draft was not sent"
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        cell = counted().total.cells[0]
        assert (cell.label.word, cell.label.tone, cell.mean) == ("Menunggu verifikasi", "waiting", None)
        office.step_report(ReportStep.RETURN, by=office.REVIEWER, note="Bukti belum ada.")
        assert counted().total.cells[0].label.tone == "danger"
        assert counted().total.cells[1].label.word == "Belum waktunya"
    assert ">0%<" not in page(app)


def test_figures_that_wait_to_be_verified_are_nowhere(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        office.write_report(rows=office.reported_rows(sheet, "0.77"))
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
    reader = office.sign_in(app, office.OUTSIDER)
    for url in (PAGE, f"{PAGE}/capaian?triwulan=1", f"{PAGE}/laporan?triwulan=1"):
        assert "77%" not in reader.get(url).get_data(as_text=True)
    body = reader.get(f"{PAGE}/rekapitulasi?bentuk=csv").get_data(as_text=True)
    assert "0,77" not in body
    assert "Belum terverifikasi" in body


def test_a_year_that_runs_has_no_verdict_yet(app: Flask) -> None:
    with app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        cell = counted().total.cells[-1]
        assert (cell.percentage, cell.label.word, cell.label.tone) == ("25%", "Tahun berjalan", "neutral")
    with time_machine.travel(date(YEAR + 1, 2, 1), tick=False), app.app_context():
        assert counted().total.cells[-1].label.word == "Sangat rendah"


def test_a_revision_counts_once_and_keeps_what_was_reported(app: Flask) -> None:
    with app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        with transaction():
            owner = office.actor(office.OWNER)
            first = office.sheet_of(office.OWNER)
            office.approvals.revise(first, actor=owner, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        assert counted().total.figures.sheets[SheetStage.APPROVED] == 1, "a revision in preparation undoes nothing"
        office.fill_in(target="8")
        office.submit()
        office.review()
        office.approve()
        figures = counted().total.figures
        assert figures.sheets[SheetStage.APPROVED] == 1
        assert figures.stages(1) == {Stage.VERIFIED: 1}
        rows = list(csv.DictReader(io.StringIO(recap(app)), delimiter=";"))
    assert {(row["Revisi"], row["Realisasi TW I"] != "") for row in rows} == {
        ("Penetapan awal", True),
        ("Perubahan ke-1", False),
    }


def recap(app: Flask) -> str:
    body = office.sign_in(app, office.OWNER).get(f"{PAGE}/rekapitulasi?bentuk=csv").get_data()
    return body.decode("utf-8-sig")


# Who reads names


@pytest.mark.parametrize(
    ("reader", "unit", "status"),
    [
        (office.APPROVER, "", 200),
        (office.HEAD, "", 200),
        (office.REVIEWER, "", 200),
        (office.REVIEWER, f"&unit={PENGADAAN}", 200),
        (office.OTHER_REVIEWER, f"&unit={PENGADAAN}", 403),
        (office.OWNER, f"&unit={PENGADAAN}", 403),
        (office.OPERATOR, "", 403),
    ],
)
def test_who_has_not_reported_is_read_by_who_leads(app: Flask, reader: str, unit: str, status: int) -> None:
    with app.app_context():
        name = office.bring_to("approved", "analis.profesi").name
        office.open_quarter()
        assert unit_of("Bidang Pengadaan") == PENGADAAN
    client = office.sign_in(app, reader)
    for url in (f"{PAGE}/laporan?triwulan=1&keadaan=missing", f"{PAGE}/lembar?keadaan=draft", f"{PAGE}/menunggu?"):
        assert client.get(url + unit).status_code == status, url
    listed = client.get(f"{PAGE}/laporan?triwulan=1&keadaan=missing{unit}").get_data(as_text=True)
    assert (name in listed) is (status == 200)
    assert client.get(PAGE).status_code == 200
    assert (name in client.get(PAGE).get_data(as_text=True)) is (reader in (office.APPROVER, office.HEAD, office.REVIEWER))


def test_a_kabid_reads_the_names_of_the_own_unit_alone(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        office.bring_to("approved", office.OUTSIDER)
        office.open_quarter()
        mine, other = office.sheet_of(office.OWNER).name, office.sheet_of(office.OUTSIDER).name
    text = page(app, f"{PAGE}/laporan?triwulan=1&keadaan=missing", office.REVIEWER)
    assert mine in text
    assert other not in text
    assert "Unit yang Anda pimpin" in text


def test_a_plt_reads_them_as_long_as_the_mandate_lasts(app: Flask) -> None:
    with app.app_context():
        today = office.today_in_office()
        office.give_post(office.OWNER, office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today - timedelta(days=3))
    url = f"{PAGE}/menunggu?unit={PENGADAAN}"
    assert office.sign_in(app, office.OWNER).get(url).status_code == 200
    with app.app_context():
        office.end_post(office.OWNER, office.REVIEWER, ends_on=office.today_in_office() - timedelta(days=1))
    assert office.sign_in(app, office.OWNER).get(url).status_code == 403


def test_who_waits_on_whom(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        office.bring_to("submitted", "analis.profesi")
        kabid = office.actor(office.REVIEWER).mandates[0].position_id
    text = page(each_app)
    assert "ditunggu 1 laporan dan 1 lembar" in text
    text = page(each_app, f"{PAGE}/menunggu?meja={kabid}")
    assert "Menunggu verifikasi" in text
    assert "Diajukan" in text
    assert "Tidak ada yang menunggu" in page(each_app, f"{PAGE}/menunggu?meja=1")


# Lists, files, addresses


def test_every_number_leads_to_as_many_rows(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        office.bring_report_to(ReportState.SUBMITTED, post_code="analis.profesi")
        office.bring_to("approved", office.OUTSIDER)
        figures = counted().total.figures
    client = office.sign_in(each_app, office.APPROVER)
    for stage, number in figures.stages(1).items():
        body = client.get(f"{PAGE}/laporan?triwulan=1&keadaan={stage}&bentuk=csv").get_data(as_text=True)
        assert len(body.splitlines()) - 1 == number, stage
    for sheet_stage, number in figures.sheets.items():
        body = client.get(f"{PAGE}/lembar?keadaan={sheet_stage}&bentuk=csv").get_data(as_text=True)
        assert len(body.splitlines()) - 1 == number, sheet_stage
    body = client.get(f"{PAGE}/capaian?triwulan=1&bentuk=csv").get_data(as_text=True)
    assert len(body.splitlines()) - 1 == figures.tally(1).indicators


@pytest.mark.parametrize("shown", LISTS)
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_shown_leaves_as_a_file_and_the_trail_says_so(app: Flask, shown: str, form: str) -> None:
    with app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
    answer = office.sign_in(app, office.HEAD).get(f"{shown}{'&' if '?' in shown else '?'}bentuk={form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    body = answer.get_data()
    assert len(body) == int(answer.headers["Content-Length"])
    if form == "xlsx":
        assert CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    with app.app_context():
        event = db.session.scalars(select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).one()
        assert (event.action, event.place.endswith(form)) == ("download", True)


def test_words_that_look_like_a_formula_stay_words(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_report_to(ReportState.VERIFIED)
        assert sheet.state is ReportState.VERIFIED
        unit = db.session.get_one(Unit, PENGADAAN)
        with transaction():
            db.session.merge(
                Unit(
                    id=PENGADAAN,
                    given_name="=1+1",
                    **{k: getattr(unit, k) for k in ("code", "given_short_name", "kind", "superior_id", "order", "version")},
                )
            )
    client = office.sign_in(app, office.HEAD)
    assert "'=1+1" in client.get(f"{PAGE}?bentuk=csv").get_data(as_text=True)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{PAGE}?bentuk=xlsx").get_data())).get_sheet_by_index(0)
    assert any(row[0] == "=1+1" for row in rows.to_python())


@pytest.mark.parametrize(
    "address",
    [
        "/laporan?triwulan=5",
        "/laporan?keadaan=x",
        "/lembar?keadaan=x",
        "/capaian?triwulan=9",
        "?unit=999",
        "/laporan?unit=2147483647",
    ],
)
def test_an_address_that_names_nothing_is_not_found(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.HEAD).get(PAGE + address).status_code == 404
    assert office.sign_in(app, office.HEAD).get("/dasbor/1").status_code == 404


@pytest.mark.parametrize("address", ["?unit=x", "?halaman=-1", "/capaian?kategori=1'", "/menunggu?meja=x", "?bentuk=exe"])
def test_an_address_that_is_half_wrong_shows_the_rest(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.HEAD).get(PAGE + address).status_code == 200


def test_bands_of_the_list_are_those_of_the_scale(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        keys = sorted(office.reported_rows(sheet))
        rows = office.reported_rows(sheet, "0.905") | {keys[0]: office.reported_rows(sheet, "0.9049")[keys[0]]}
        office.write_report(rows=rows)
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
    client = office.sign_in(app, office.OWNER)
    counts = {
        lowest: len(client.get(f"{PAGE}/capaian?triwulan=1&kategori={lowest}&bentuk=csv").get_data(as_text=True).splitlines())
        - 1
        for lowest in (91, 76, 0)
    }
    assert counts == {91: len(keys) - 1, 76: 1, 0: 0}, "rounded half up to a whole per cent"


# Large offices


def test_a_large_office_is_opened_part_by_part(app: Flask) -> None:
    hire(app, 700)
    with app.app_context():
        with transaction():
            for number in range(60):
                facts = {"given_name": f"Seksi {number}", "given_short_name": f"S{number}", "kind": "subsection"}
                db.session.add(Unit(code=f"seksi.{number}", superior_id=1000, order=900 + number, **facts))
        assert len(counted().rows) <= MOST_ROWS
    assert page(app, f"{PAGE}?unit={SECRETARIAT}").count("Sub Bagian") > 0


def test_the_trend_has_a_column_a_year(app: Flask) -> None:
    assert "Belum ada tahun yang dapat dibandingkan" in page(app, "/dasbor/tren")
    with app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
    text = page(app, "/dasbor/tren")
    assert f">{YEAR}</th>" in text
    assert "25%" in text


def test_the_door_leads_to_the_year_that_runs(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert client.get("/dasbor").headers["Location"].startswith(PAGE)
    assert client.get(f"/dasbor?tahun={YEAR}&unit=2").headers["Location"] == f"{PAGE}?unit=2"
    for url in (PAGE, "/dasbor/tren", f"{PAGE}/rekapitulasi"):
        assert client.post(url).status_code == 405
        assert office.portal(app.config["IKI"].database_url).test_client().get(url).status_code == 302
