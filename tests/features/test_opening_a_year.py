"""A new year begins with what the last one agreed: texts, units and formulas; its targets as the values to start from."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals import year_opening
from iki_portal.domain.errors import NotAllowed
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.papers import papers
from iki_portal.models import HistoryEntry, PerformanceYear, Position, Sheet
from tests import office
from tests.editing import Editor

NEXT = office.YEAR + 1
PAGE = "/tahun-kinerja"
FIELDS = {
    "numerator": "jumlah ASN yang hadir",
    "denominator": "jumlah seluruh ASN",
    "record": "daftar hadir",
    "cut_off": f"31 Desember {office.YEAR}",
}


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def draft_of(code: str) -> Sheet:
    query = select(Sheet).join(Position, Position.id == Sheet.position_id).where(Position.code == code, Sheet.year == NEXT)
    return db.session.scalars(query).one()


def open_next(app: Flask, **fields: str) -> Any:
    return office.post(office.sign_in(app, office.OPERATOR), PAGE, {"year": str(NEXT), **fields})


def test_a_sheet_in_force_is_carried_over_with_its_target_as_last_years_value(each_app: Flask) -> None:
    with each_app.app_context():
        office.fill_in()
    editor = Editor(each_app)
    cells = {editor.cell(name): text for name, text in FIELDS.items()}
    cells |= {editor.cell("formula"): "", editor.cell("unit_of_measure"): "%", editor.cell("text"): "Persentase ASN yang hadir"}
    assert editor.save(**cells).status_code == 302
    with each_app.app_context():
        office.submit()
        office.review()
        office.approve()
    page = text_of(office.sign_in(each_app, office.OPERATOR).get(PAGE))
    assert f"Tahun {NEXT} dibuka dengan 20 draf" in page
    assert f"1 dari lembar yang berlaku pada {office.YEAR}" in page
    assert open_next(each_app, deadline=f"31-01-{NEXT}").status_code == 302
    with each_app.app_context():
        draft = draft_of(office.OWNER)
        row = papers([draft.id])[draft.id].statements[0].indicators[0]
        assert (draft.state, draft.revision, draft.version) == ("draft", 1, 1)
        assert (row.text, row.unit_of_measure, row.numerator) == ("Persentase ASN yang hadir", "%", "jumlah ASN yang hadir")
        assert (row.baseline, row.target, row.quarters) == (Decimal(4), None, (None,) * 4)
        assert row.cut_off == f"31 Desember {NEXT}"
        assert row.formula.endswith(f"menurut daftar hadir, sampai dengan 31 Desember {NEXT}."), (
            "the sentence follows its fields"
        )
        assert db.session.get_one(PerformanceYear, NEXT).planning_deadline_on is not None
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.year, entry.acting_title) == ("open_year", NEXT, "Operator")
        assert verify(each_app.config["IKI"].history_keys).problem == ""


def test_a_sheet_nobody_agreed_to_brings_its_texts_alone(app: Flask) -> None:
    with app.app_context():
        office.fill_in()
    assert open_next(app).status_code == 302
    with app.app_context():
        draft = draft_of(office.OWNER)
        rows = [each for statement in papers([draft.id])[draft.id].statements for each in statement.indicators]
        assert rows[0].text
        assert {(each.baseline, each.target) for each in rows} == {(None, None)}
        untouched = draft_of("analis.profesi")
        assert kept_counts([untouched.id])[untouched.id].blocking > 0, "what the rules see is counted for lists"


def test_a_post_without_a_sheet_begins_empty(app: Flask) -> None:
    with app.app_context(), office.transaction():
        post = db.session.scalars(select(Position).where(Position.code == office.OWNER)).one()
        facts = {name: getattr(post, name) for name in ("kind", "unit_id", "superior_id", "reviewer_id", "approver_id")}
        db.session.add(Position(code="analis.baru", given_title="Analis Baru", given_area="", order=99, **facts))
    assert "1 kosong" in text_of(office.sign_in(app, office.OPERATOR).get(PAGE))
    assert open_next(app).status_code == 302
    with app.app_context():
        draft = draft_of("analis.baru")
        assert papers([draft.id])[draft.id].statements == ()
        assert draft.heading == "ANALIS BARU"


def test_years_are_opened_one_after_the_other_and_once(app: Flask) -> None:
    assert open_next(app).status_code == 302
    again = open_next(app)
    assert again.status_code == 409
    assert "tidak dapat dibuka" in text_of(again)
    assert open_next(app, year=str(NEXT + 5)).status_code == 409
    with app.app_context():
        assert [each.year for each in year_opening.performance_years()] == [NEXT, office.YEAR]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"deadline": "31-02-2028"}, "31-02-2028"),
        ({"deadline": "01-01-2020"}, "Tenggat sudah lewat"),
        ({"deadline": "x" * 41}, "Paling panjang 40 huruf"),
        ({"year": "dua ribu"}, "tidak lengkap"),
        ({"year": ""}, "tidak lengkap"),
    ],
)
def test_a_wrong_day_or_year_opens_nothing(app: Flask, fields: dict[str, str], said: str) -> None:
    answer = open_next(app, **fields)
    assert answer.status_code == 422
    assert said in text_of(answer)
    with app.app_context():
        assert db.session.get(PerformanceYear, NEXT) is None


def test_the_operation_asks_for_the_permission_itself(app: Flask) -> None:
    with app.app_context():
        for person in (office.APPROVER, office.HEAD, office.OWNER):
            with pytest.raises(NotAllowed):
                year_opening.open_year(NEXT, deadline=None, actor=office.actor(person), now=office.now())


def test_nothing_of_the_old_year_changes(app: Flask) -> None:
    def sheets_of_the_year() -> dict[int, tuple[str, int]]:
        sheets = db.session.scalars(select(Sheet).where(Sheet.year == office.YEAR))
        return {sheet.id: (sheet.state, sheet.version) for sheet in sheets}

    with app.app_context():
        office.bring_to("approved")
        before = sheets_of_the_year()
    assert open_next(app).status_code == 302
    with app.app_context():
        assert sheets_of_the_year() == before
