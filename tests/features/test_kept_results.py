"""What verified reports come to is kept with them: written, taken back, checked, guarded, and made up for by an upgrade."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from iki_portal.domain.measurement import Outcome
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.models import IndicatorResult, ReportResult, YearResult, guards
from iki_portal.realisation import results
from iki_portal.realisation.verifying import kept_results
from iki_portal.web.transaction import transaction
from tests import office

D = Decimal


def stored(table: Any) -> list[dict[str, Any]]:
    found = [dict(row) for row in db.session.execute(select(table.__table__).order_by(*table.__table__.primary_key)).mappings()]
    db.session.rollback()
    return found


def problems() -> list[str]:
    found = [each for each in kept_results() if each is not None]
    db.session.rollback()
    return found


def test_a_verified_report_leaves_its_figures_and_a_correction_takes_them_back(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        assert [stored(table) for table, _ in results.TABLES] == [[], [], []], "unverified figures are nobody's"
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        report, year, *_ = (stored(table) for table, _ in results.TABLES)
        count = len(office.reported_rows(office.sheet_of(office.OWNER)))
        assert [(row["quarter"], row["indicators"], row["measured"], row["capped_sum"]) for row in report] == [
            (1, count, count, D(100 * count))
        ]
        assert [(row["last_quarter"], row["capped_sum"]) for row in year] == [(1, D(25 * count))], "1 of 4 so far"
        office.step_report(ReportStep.CORRECT, by=office.OWNER, note="Salah hitung.")
        assert [stored(table) for table, _ in results.TABLES] == [[], [], []]
        assert problems() == []


def test_what_fell_is_seen_at_the_later_quarter(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        sheet = office.sheet_of(office.OWNER)
        office.open_quarter(2)
        key = office.first_indicator(sheet)
        low = office.reported_rows(sheet) | {key: office.reported_rows(sheet, "0.3")[key]}
        office.write_report(quarter=2, rows=low)
        office.step_report(ReportStep.SUBMIT, by=office.OWNER, quarter=2)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER, quarter=2)
        rows = {row["indicator_id"]: row for row in stored(IndicatorResult)}
        assert (rows[key]["capped_1"], rows[key]["capped_2"], rows[key]["fall"], rows[key]["fell_in"]) == (100, 30, 70, 2)
        assert (rows[key]["year_realised"], rows[key]["year_capped"]) == (D("1.3"), D("32.5"))
        assert {row["fall"] for other, row in rows.items() if other != key} == {None}


def test_earlier_quarters_stay_with_the_target_then_in_force(each_app: Flask) -> None:
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
        assert {row["sheet_id"] for row in stored(IndicatorResult)} == {first.id}
        office.open_quarter(2)
        office.write_report(quarter=2)
        office.step_report(ReportStep.SUBMIT, by=office.OWNER, quarter=2)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER, quarter=2)
        rows = stored(IndicatorResult)
        assert {row["sheet_id"] for row in rows} == {second.id}, "the same words are one indicator"
        assert {(row["capped_1"], row["capped_2"], row["year_capped"]) for row in rows} == {(D(100), D(50), D(25))}
        assert [row["sheet_id"] for row in stored(ReportResult)] == [first.id, second.id]
        assert problems() == []


def test_an_upgrade_keeps_what_was_verified_before_there_was_a_place_for_it(owned_app: Flask) -> None:
    with owned_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        before = [stored(table) for table, _ in results.TABLES]
        with db.engine.begin() as connection:
            guards.remove(connection)
            for table, _ in results.TABLES:
                connection.execute(delete(table))
            guards.install(connection)
        assert len(problems()) == 1
        with transaction():
            assert results.follow_missing() == 1
        assert [stored(table) for table, _ in results.TABLES] == before
        with transaction():
            assert results.follow_missing() == 0


@pytest.mark.parametrize(
    ("table", "column"), [("report_result", "capped_sum"), ("year_result", "capped_sum"), ("indicator_result", "capped_1")]
)
def test_a_kept_figure_that_somebody_changed_is_refused_and_else_found(owned_app: Flask, table: str, column: str) -> None:
    forged = text(f"UPDATE {table} SET {column} = {column} + 1")  # noqa: S608  # our own words
    with owned_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        with pytest.raises(DBAPIError, match="computed anew"), transaction():
            db.session.execute(forged)
        with db.engine.begin() as connection:
            guards.remove(connection)
            connection.execute(forged)
            guards.install(connection)
        assert [each.split(" jabatan")[0] for each in problems()] == [f"angka capaian {office.YEAR}"]


def test_the_result_of_a_verified_report_stands(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_report_to(ReportState.VERIFIED)
        with pytest.raises(DBAPIError, match="stands"), transaction():
            db.session.execute(text("DELETE FROM report_result"))
        forged = "INSERT INTO year_result SELECT position_id, year - 1, sheet_id, quarters, last_quarter, indicators, measured,"
        forged += " untargeted, uncomputable, unreported, capped_sum FROM year_result"
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(forged))
        assert {row["year_outcome"] for row in stored(IndicatorResult)} == {Outcome.MEASURED}
        assert len(stored(YearResult)) == 1
