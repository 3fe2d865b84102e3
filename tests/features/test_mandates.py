"""Row 20 of the bar: a mandate signs from the first to the last second of its days on the office's clock, and at no other time.

Through real requests of a browser that was opened before, on both databases; days are those around the coming turn of the year.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from iki_portal.auth import queries
from iki_portal.domain import dates
from iki_portal.domain.dates import OFFICE_ZONE, format_date
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Assignment, FrozenCopy, HistoryEntry, IssuedPrint, Sheet
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.features.test_assignments import save
from tests.keeping import keep

PLT, PLH = AssignmentKind.PLT, AssignmentKind.PLH
#: Has nothing to do with the sheet but by this mandate.
DEPUTY = "perencana"
TURN = date(office.today_in_office().year + 1, 1, 1)
SECOND, LAST_INSTANT = timedelta(seconds=1), timedelta(microseconds=1)


def day(offset: int) -> date:
    return TURN + timedelta(days=offset)


#: First and last day; the first of them in every run, all under `make faults`.
SPANS = (
    (PLH, day(-2), day(1)),
    (PLT, day(0), day(0)),
    (PLH, day(-1), day(-1)),
    (PLT, day(30), day(37)),
    (PLH, day(58), day(58)),
    (PLT, day(-1), day(364)),
)[: rounds_of(6, short=1)]
#: What is signed: the state it starts from, the post whose duty it is, the path, and the fields.
STEPS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "submit": ("draft", office.OWNER, "pengajuan", {}),
    "review": ("submitted", office.REVIEWER, "keputusan", {"step": "review"}),
    "return": ("submitted", office.REVIEWER, "keputusan", {"step": "return", "note": "Perbaiki."}),
    "approve": ("reviewed", office.APPROVER, "keputusan", {"step": "approve"}),
}


def moments(first: date, last: date) -> Iterator[tuple[datetime, bool]]:
    """Around the first and the last midnight, and whether a signature counts then."""
    begins, ends = (datetime.combine(each, time(), OFFICE_ZONE) for each in (first, last + timedelta(days=1)))
    for midnight, before in ((begins, False), (ends, True)):
        yield midnight - SECOND, before
        yield midnight - LAST_INSTANT, before
        yield midnight, not before
        yield midnight + SECOND, not before


Span = tuple[AssignmentKind, date, date]


def tried(app: Flask, step: str, spans: Sequence[Span]) -> Iterator[tuple[bool, str]]:
    """Try to sign at each moment of each mandate: whether it counts, and what is wrong."""
    with app.app_context():
        sheet = office.bring_to(STEPS[step][0])
        kept = keep(db.engine.url)
    for kind, first, last in spans:
        for moment, counts in moments(first, last):
            with app.app_context():
                office.give_post(DEPUTY, STEPS[step][1], kind=kind, starts_on=first, ends_on=last)
            status, signed, moved = sign(app, step, sheet, moment)
            right = status == 302 and signed == [(step, kind, moment)] if counts else status in (403, 404) and signed == []
            yield counts, "" if right and moved == counts else f"{step} as {kind} at {moment}: {status}, {signed}"
            kept.put_back()
    kept.close()


def sign(app: Flask, step: str, sheet: SeenSheet, moment: datetime) -> tuple[int, list[Any], bool]:
    """Sign from a page of two seconds earlier: the answer, what the history says of it, whether the sheet moved."""
    _, _, path, fields = STEPS[step]
    with time_machine.travel(moment - 2 * SECOND, tick=False) as clock:
        client = office.sign_in(app, DEPUTY)
        given = {"csrf_token": office.csrf_token(client), "version": str(sheet.version), **fields}
        client.get(f"/lembar/{sheet.id}")
        clock.move_to(moment)
        status = client.post(f"/lembar/{sheet.id}/{path}", data=given).status_code
    with app.app_context():
        acts = select(HistoryEntry).where(HistoryEntry.at > moment - SECOND, HistoryEntry.sheet_id == sheet.id)
        signed = [(row.action, row.acting_kind, row.at) for row in db.session.scalars(acts)]
        moved = db.session.scalar(select(Sheet.version).where(Sheet.id == sheet.id)) != sheet.version
        db.session.rollback()
    return status, signed, moved


def wrong(app: Flask) -> list[str]:
    return [said for _, said in tried(app, "review", SPANS[:1]) if said]


@pytest.mark.parametrize("step", STEPS)
def test_a_signature_counts_to_the_second_of_the_offices_midnight(each_app: Flask, step: str, figure: Figure) -> None:
    found = list(tried(each_app, step, SPANS))
    inside = sum(counts for counts, _ in found)
    assert [said for _, said in found if said] == []
    figure(f"{step}: counted {inside} of {inside} times within a mandate, 0 of {len(found) - inside} outside")
    assert 0 < inside < len(found)


def test_a_day_that_begins_in_greenwich_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted flaw: the office's day changes at seven in the morning."""
    monkeypatch.setattr(dates, "_in_office", lambda at: at.astimezone(UTC))
    assert wrong(app)


def test_rights_that_are_remembered_from_the_page_before_are_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted flaw: who somebody is, is asked once a browser."""
    remembered: dict[str, Any] = {}
    ask = queries.open_session

    def open_session(token: str, **more: Any) -> Any:
        if token not in remembered:
            remembered[token] = ask(token, **more)
        return remembered[token]

    monkeypatch.setattr(queries, "open_session", open_session)
    assert wrong(app)


@pytest.mark.parametrize("step", ["review", "approve"])
def test_what_the_operator_takes_back_while_the_page_lies_open_signs_nothing_at_the_next_request(
    each_app: Flask, step: str
) -> None:
    state, post, path, fields = STEPS[step]
    today = office.today_in_office()
    with each_app.app_context():
        sheet = office.bring_to(state)
        office.give_post(DEPUTY, post, kind=PLT, starts_on=today - timedelta(days=3))
        mandate = db.session.scalars(select(Assignment).order_by(Assignment.id.desc()).limit(1)).one()
        number, place = mandate.id, str(mandate.position_id)
    deputy = office.sign_in(each_app, DEPUTY)
    page = deputy.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert f"/lembar/{sheet.id}/{path}" in page
    given = {"csrf_token": office.csrf_token(deputy), "version": str(sheet.version), **fields}
    span = {"version": "1", "position": place, "kind": "plt", "decree": ""}
    span |= {"starts_on": format_date(today - timedelta(days=3)), "ends_on": format_date(today - timedelta(days=1))}
    assert save(each_app, f"/penugasan/{number}/ubah", span).status_code == 302
    assert deputy.post(f"/lembar/{sheet.id}/{path}", data=given).status_code == 404
    assert deputy.get(f"/lembar/{sheet.id}").status_code == 404
    with each_app.app_context():
        assert office.sheet_of(office.OWNER).state == state


def signatures(app: Flask) -> list[Any]:
    """Everything that was ever signed, as it is kept."""
    with app.app_context():
        kept = [
            db.session.execute(select(table).order_by(*table.primary_key.columns)).all()
            for table in (HistoryEntry.__table__, FrozenCopy.__table__, IssuedPrint.__table__)
        ]
        assert verify(app.config["IKI"].history_keys).is_whole
        db.session.rollback()
        return [row for rows in kept for row in rows if getattr(row, "sheet_id", None)]


def test_what_was_signed_stays_as_it_was_when_the_mandate_is_over(each_app: Flask) -> None:
    today = office.today_in_office()
    with each_app.app_context():
        office.bring_to("submitted")
        for name, post in ((DEPUTY, office.REVIEWER), ("analis.standar", office.APPROVER)):
            office.give_post(name, post, kind=PLT, starts_on=today - timedelta(days=3), ends_on=today + timedelta(days=3))
        office.review(by=DEPUTY)
        sheet = office.approve(by="analis.standar")
    before = signatures(each_app)
    pdf = office.sign_in(each_app, office.OWNER).get(f"/lembar/{sheet.id}/pdf").data
    with time_machine.travel(datetime.combine(TURN, time(1), OFFICE_ZONE) + timedelta(days=400)):
        assert office.sign_in(each_app, office.OWNER).get(f"/lembar/{sheet.id}/pdf").data == pdf
        assert signatures(each_app) == before
    with each_app.app_context():
        office.end_post(DEPUTY, office.REVIEWER, ends_on=today - timedelta(days=1))
    assert signatures(each_app) == before
