"""What waits to be verified, in SQL, is what the rules say, for offices in which people hold posts and report in every way."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, true, update

from iki_portal.domain import realisation
from iki_portal.domain.policy import Actor
from iki_portal.domain.realisation import ReportState
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Indicator, RealisationEntry, RealisationReport, Sheet, Statement, guards
from iki_portal.realisation.desks import quarters_of, reports_to_verify, verifying_post
from tests import office
from tests.features import test_waiting as waiting
from tests.features.test_waiting import PEOPLE, READERS


@dataclass(frozen=True)
class Told:
    """Who reported the first quarter of a sheet, and where it stands."""

    state: ReportState
    submitter: str
    writers: list[str]


tolds = st.builds(
    Told,
    state=st.sampled_from(ReportState),
    submitter=st.sampled_from(PEOPLE),
    writers=st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True),
)
offices = st.tuples(
    waiting.offices,
    st.fixed_dictionaries(dict.fromkeys(("analis.pengadaan", "analis.profesi", "kasubag.umum", "sekretaris"), tolds)),
)


def test_sql_and_the_rules_agree_about_what_waits_to_be_verified(each_owned_app: Flask) -> None:
    on_sqlite = each_owned_app.config["IKI"].database_url.startswith("sqlite")

    @settings(max_examples=80 if on_sqlite else 25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=offices)
    def agree(drawn: tuple[dict[str, Any], dict[str, Told]]) -> None:
        try:
            waiting.furnish(drawn[0], on := office.today_in_office())
            for code, told in drawn[1].items():
                report(code, told, on)
            compare(on)
        finally:
            db.session.rollback()

    with each_owned_app.app_context():
        with office.transaction():  # any report may be drawn, also one that the guards would never let happen
            guards.remove(db.session.connection())
        agree()


def report(code: str, told: Told, on: date) -> None:
    sheet = next(each for each in sheets_where(true(), on=on) if office.code_of(each.position_id) == code)
    ids = {name: waiting.actor_or_fail(name, on).employee_id for name in PEOPLE}
    sent = told.state is not ReportState.DRAFT
    row = RealisationReport(
        sheet_id=sheet.id,
        position_id=sheet.position_id,
        year=sheet.year,
        quarter=1,
        state=told.state,
        submitted_by_id=ids[told.submitter] if sent else None,
        submitted_at=office.now() if sent else None,
        content_hash="0" * 64 if sent else None,
        changed_at=office.now(),
    )
    if told.state is ReportState.VERIFIED:
        row.verified_by_id, row.verified_at = next(each for name, each in ids.items() if name != told.submitter), office.now()
    db.session.add(row)
    db.session.flush()
    indicator = db.session.scalars(
        select(Indicator.id).join(Statement, Statement.id == Indicator.statement_id).where(Statement.sheet_id == sheet.id)
    ).first()
    for name in told.writers:
        by = {"author_id": ids[name], "author_name": name, "author_title": "", "written_at": office.now()}
        db.session.add(RealisationEntry(report_id=row.id, indicator_id=indicator, **by))
    db.session.execute(update(RealisationReport).values(version=1))
    db.session.flush()


def compare(on: date) -> None:
    sheets = sheets_where(true(), on=on)
    reports = quarters_of(sheets)
    lies_at = select(Sheet.id, verifying_post().label("post")).join(RealisationReport, RealisationReport.sheet_id == Sheet.id)
    submitted = [sheet for sheet in sheets if reports[sheet.id][1].state is ReportState.SUBMITTED]
    at = {row.id: row.post for row in db.session.execute(lies_at, {"today": on})}
    assert {sheet.id: at[sheet.id] for sheet in submitted} == {
        sheet.id: realisation.verifying_desk(reports[sheet.id][1], sheet.route).post.id for sheet in submitted
    }
    for name in READERS:
        whole = waiting.actor_or_fail(name, on)
        choices = [each.id for each in whole.mandates] if len(whole.mandates) > 1 else []
        for actor in (whole, *map(whole.acting_as, choices)):  # by every post, and by each one alone
            listed = sorted(each.sheet_id for each in reports_to_verify(actor=actor, on=on).reports)
            expected = sorted(sheet.id for sheet in sheets if is_turn(actor, sheet, reports[sheet.id][1]))
            assert listed == expected, (name, actor.chosen)


def is_turn(actor: Actor, sheet: SeenSheet, report: realisation.ReportLike) -> bool:
    return report.state is ReportState.SUBMITTED and bool(realisation.verifying_mandates(actor, report, sheet.route))
