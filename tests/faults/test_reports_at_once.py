"""Reports of a quarter, sent, verified and corrected at the same moment, on both databases: one act wins, one is told."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import HistoryEntry, RealisationEntry, RealisationReport
from iki_portal.realisation.queries import report_of
from tests import office
from tests.faults.bar import rounds_of
from tests.faults.test_races import Desk, at_once

pytestmark = pytest.mark.fault

ROUNDS = rounds_of(150, short=8)


@pytest.fixture
def reporting(each_app: Flask) -> Iterator[Flask]:
    """The portal with a report that can be sent; whatever happens, its chain is whole afterwards."""
    with each_app.app_context():
        office.bring_report_to(ReportState.DRAFT)
    yield each_app
    with each_app.app_context():
        assert verify(each_app.config["IKI"].history_keys).problem == ""


def standing(app: Flask) -> tuple[str, dict[str, str]]:
    """Address of the report, and its form as a browser sends it now."""
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        rows = {f"indicator-{key}-value": "1" for key in office.reported_rows(sheet)}
        version = report_of(sheet, 1).version
    return f"/lembar/{sheet.id}/realisasi/1", {"version": str(version), "whole": "1", **rows}


def test_two_who_send_one_report_at_once_send_it_once(reporting: Flask) -> None:
    desks = [Desk(reporting, office.OWNER) for _ in range(2)]
    for number in range(ROUNDS):
        url, fields = standing(reporting)
        answers = at_once(*(desk.post(f"{url}/pengiriman", **fields) for desk in desks))
        assert sorted(status for status, _ in answers) == [302, 409]
        with reporting.app_context():
            sent = select(func.count()).where(HistoryEntry.action == ReportStep.SUBMIT)
            assert db.session.scalar(sent) == number + 1
            office.step_report(ReportStep.RETURN, by=office.REVIEWER, note="Ulangi.")


def test_verifying_against_correcting(reporting: Flask) -> None:
    owner, reviewer = Desk(reporting, office.OWNER), Desk(reporting, office.REVIEWER)
    for _ in range(ROUNDS):
        with reporting.app_context():
            if report_of(office.sheet_of(office.OWNER), 1).state is ReportState.VERIFIED:
                office.step_report(ReportStep.CORRECT, by=office.OWNER, note="Ulangi.")
            report = office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        url, _ = standing(reporting)
        calls = (
            owner.post(f"{url}/koreksi", version=str(report.version), note="Salah hitung."),
            reviewer.post(f"{url}/verifikasi", version=str(report.version), step="verify_report", note="Sesuai."),
        )
        answers = at_once(*calls)
        assert sorted(status for status, _ in answers) == [302, 409]
        corrected = answers[0][0] == 302
        lost = answers[1 if corrected else 0][1]
        assert ("Sesuai." if corrected else "Salah hitung.") in lost, "what the loser wrote comes back"
        with reporting.app_context():
            state = db.session.scalars(select(RealisationReport.state)).one()
            assert state is (ReportState.DRAFT if corrected else ReportState.VERIFIED)


def test_two_saves_at_once_never_overwrite_each_other_silently(reporting: Flask) -> None:
    desks = [Desk(reporting, office.OWNER) for _ in range(2)]
    for number in range(ROUNDS):
        url, fields = standing(reporting)
        with reporting.app_context():
            key = office.first_indicator(office.sheet_of(office.OWNER))
        figures = [str(10 + 2 * number), str(11 + 2 * number)]
        calls = [
            desk.post(f"{url}/isian", **{**fields, f"indicator-{key}-value": figure})
            for desk, figure in zip(desks, figures, strict=True)
        ]
        answers = at_once(*calls)
        assert sorted(status for status, _ in answers) == [302, 409]
        lost = next(place for place, (status, _) in enumerate(answers) if status == 409)
        assert f'value="{figures[lost]}"' in answers[lost][1]
        with reporting.app_context():
            newest = select(RealisationEntry.value).where(RealisationEntry.indicator_id == key)
            stored = db.session.scalars(newest.order_by(RealisationEntry.id.desc()).limit(1)).one()
            assert stored == int(figures[1 - lost])


def test_a_first_save_sent_three_times_begins_one_report(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved")
        office.open_quarter()
    owner = Desk(each_app, office.OWNER)
    url, fields = standing(each_app)
    call = owner.post(f"{url}/isian", **fields)
    assert sorted(status for status, _ in at_once(call, call, call)) == [302, 409, 409]
    with each_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(RealisationReport)) == 1
