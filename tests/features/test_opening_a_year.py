"""A new year begins with what the last one agreed: texts, units and formulas; its targets as the values to start from."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals import year_opening
from iki_portal.domain.errors import NotAllowed
from iki_portal.domain.office import YearStage
from iki_portal.domain.quality import RULES, Severity
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.papers import papers
from iki_portal.indicators.rule_settings import rule_of_the_year, set_rule
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
        ({"deadline": "x" * 41}, "Tanggal tidak dikenali"),
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


def test_what_was_set_of_the_rules_holds_in_the_next_year_too(app: Flask) -> None:
    rule = RULES[4]
    with app.app_context(), office.transaction():
        operator, when = office.actor(office.OPERATOR), office.now() - timedelta(days=90)
        set_rule(office.YEAR, rule, Severity.BLOCKS, actor=operator, reason="Diputuskan kantor.", seen=0, now=when)
    assert f"1 aturan mutu dibawa dari tahun {office.YEAR}" in text_of(office.sign_in(app, office.OPERATOR).get(PAGE))
    assert open_next(app).status_code == 302
    with app.app_context():
        carried = rule_of_the_year(NEXT, rule.number)
        assert (carried.severity, carried.reason, carried.version) == (Severity.BLOCKS, "Diputuskan kantor.", 1)
        assert carried.set_at == when, "the next year says when it was decided"
        assert last_entry().note.endswith(f"1 aturan mutu dibawa dari tahun {office.YEAR}.")


DEADLINE = f"{PAGE}/{office.YEAR}/tenggat"
FIRST = date(office.YEAR - 1, 12, 31)
LATER = date(office.YEAR, 2, 15)


def last_entry() -> HistoryEntry:
    return db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()


def deadline_of_the_year() -> date | None:
    return db.session.get_one(PerformanceYear, office.YEAR).planning_deadline_on


def move_deadline(app: Flask, deadline: str, *, seen: date = FIRST) -> Any:
    return office.post(office.sign_in(app, office.OPERATOR), DEADLINE, {"deadline": deadline, "seen": str(seen)})


def test_the_deadline_of_a_year_in_planning_is_moved_with_a_row_of_history(each_app: Flask) -> None:
    client = office.sign_in(each_app, office.OPERATOR)
    assert DEADLINE in text_of(client.get(PAGE))
    assert f"31 Desember {office.YEAR - 1}" in text_of(client.get(DEADLINE))
    assert move_deadline(each_app, f"15 Februari {office.YEAR}").status_code == 302
    with each_app.app_context():
        assert deadline_of_the_year() == LATER
        entry = last_entry()
        assert (entry.action, entry.year, entry.acting_title) == ("change_deadline", office.YEAR, "Operator")
        assert entry.note == f"Tenggat penetapan 31 Desember {FIRST.year} menjadi 15 Februari {LATER.year}."
    assert move_deadline(each_app, "", seen=LATER).status_code == 302
    with each_app.app_context():
        assert deadline_of_the_year() is None
        assert last_entry().note.endswith("menjadi tanpa tenggat.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("31-02-2028", "31-02-2028"), ("01-01-2020", "Tenggat sudah lewat"), (str(FIRST), "Isi tanggal yang lain")],
)
def test_a_day_that_is_past_or_is_none_moves_no_deadline(app: Flask, typed: str, said: str) -> None:
    answer = move_deadline(app, typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    with app.app_context():
        assert deadline_of_the_year() == FIRST


def test_a_deadline_that_somebody_else_has_moved_is_shown_first(app: Flask) -> None:
    assert move_deadline(app, str(LATER)).status_code == 302
    answer = move_deadline(app, f"1-3-{office.YEAR}")
    assert answer.status_code == 409
    page = text_of(answer)
    assert f'value="1-3-{office.YEAR}"' in page, "what was typed is given back"
    assert f'name="seen" value="15 Februari {office.YEAR}"' in page, "and can be sent again"


def test_a_year_whose_planning_is_over_keeps_its_deadline(app: Flask) -> None:
    with app.app_context(), office.transaction():
        db.session.get_one(PerformanceYear, office.YEAR).stage = YearStage.RUNNING
    client = office.sign_in(app, office.OPERATOR)
    assert DEADLINE not in text_of(client.get(PAGE))
    assert "tidak berubah lagi" in text_of(client.get(DEADLINE))
    answer = move_deadline(app, str(LATER))
    assert answer.status_code == 409
    assert "sudah ditutup" in text_of(answer)
    assert client.get(f"{PAGE}/{NEXT}/tenggat").status_code == 404
