"""A sheet follows its post: the new holder finds it, reads from whom it comes, and says that they take it over."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select, true, update

from iki_portal.approvals.handovers import tenure
from iki_portal.approvals.unconfirmed import unconfirmed
from iki_portal.domain.dates import format_date
from iki_portal.domain.handover import ANSWERING, TAKE_OVER
from iki_portal.domain.office import YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import Step
from iki_portal.extensions import db
from iki_portal.history.operations import Act, Author, record
from iki_portal.history.verifying import verify
from iki_portal.indicators.sight import sheets_where
from iki_portal.models import Assignment, Employee, HistoryEntry, PerformanceYear, Position, Sheet
from iki_portal.organisation.operations import assign
from tests import office
from tests.features.test_deciding import at
from tests.postgres import as_owner

DEFINITIVE, PLT, PLH = AssignmentKind
NEW = "analis.standar"


def day(offset: int) -> date:
    return office.today_in_office() + timedelta(days=offset)


def change_holder(kind: AssignmentKind = DEFINITIVE, *, new: str = NEW, post: str = office.OWNER) -> None:
    """The post's holder left yesterday, and somebody new came today."""
    office.end_post(post, post, ends_on=day(-1))
    office.give_post(new, post, kind=kind, starts_on=day(0))


def earlier(state: str) -> office.SeenSheet:
    """The owner's sheet in that state, brought there some days ago; all sheets were begun long before."""
    with as_owner() as connection:  # the portal itself never moves that day
        connection.execute(update(Sheet).values(begun_on=day(-20)))
    with time_machine.travel(office.now() - timedelta(days=5)):
        office.bring_to(state)
    return office.sheet_of(office.OWNER)


def page(app: Flask, name: str, path: str) -> str:
    answer = office.sign_in(app, name).get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def sheet_page(app: Flask, name: str, revision: int | None = None) -> str:
    with app.app_context():
        number = office.sheet_of(office.OWNER, revision=revision).id
    return page(app, name, f"/lembar/{number}")


def acts(app: Flask) -> list[str]:
    with app.app_context():
        query = select(HistoryEntry.action).where(HistoryEntry.sheet_id == office.sheet_of(office.OWNER).id)
        return list(db.session.scalars(query.order_by(HistoryEntry.number)))


@pytest.mark.parametrize("state", ["draft", "submitted", "reviewed", "approved"])
def test_the_new_holder_takes_the_sheet_over_whatever_state_it_is_in(each_owned_app: Flask, state: str) -> None:
    with each_owned_app.app_context():
        before = earlier(state)
        former = office.actor(office.OWNER).full_name
        change_holder()
    said = f"Diambil alih dari {former} sejak {format_date(day(0))}."
    assert said in sheet_page(each_owned_app, NEW)
    home = page(each_owned_app, NEW, "/")
    assert "Lembar yang Anda ambil alih" in home
    assert f"diambil alih dari {former} sejak {format_date(day(0))}" in home
    assert at(each_owned_app, NEW, "penerimaan").status_code == 302
    assert "Saya terima lembar ini" not in sheet_page(each_owned_app, NEW)
    assert "Lembar yang Anda ambil alih" not in page(each_owned_app, NEW, "/")
    with each_owned_app.app_context():
        after = office.sheet_of(office.OWNER)
        assert (after.state, after.version, after.content_hash) == (before.state, before.version, before.content_hash)
        row = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        assert (row.action, row.acting_title, row.acting_kind) == (TAKE_OVER, "Analis Kepegawaian Muda", DEFINITIVE)
        assert row.note == f"Diambil alih dari {former}."
        assert verify(each_owned_app.config["IKI"].history_keys).is_whole


def test_what_nobody_has_confirmed_stays_in_sight_of_the_desks_above(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder(PLT)
        holder = office.actor(NEW).full_name
    for name in (office.APPROVER, office.REVIEWER):
        home = page(app, name, "/")
        assert "Pengambilalihan yang belum dikonfirmasi" in home
        assert f"Plt. {holder} mengambil alih dari" in home
        assert f"Belum dikonfirmasi: Plt. {holder} memegang jabatan ini" in sheet_page(app, name)
    for name in (office.OUTSIDER, office.OTHER_REVIEWER):
        assert "belum dikonfirmasi" not in page(app, name, "/").lower()
        assert "belum dikonfirmasi" not in sheet_page(app, name).lower()
    assert at(app, NEW, "penerimaan").status_code == 302
    for name in (office.APPROVER, office.REVIEWER):
        assert "belum dikonfirmasi" not in page(app, name, "/").lower()


def test_only_the_new_holder_confirms_and_only_once(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder(PLT)
    for name in (office.REVIEWER, office.OUTSIDER, office.OWNER):
        assert at(app, name, "penerimaan").status_code == 403
    assert at(app, NEW, "penerimaan", {"version": "1"}).status_code == 409
    assert at(app, NEW, "penerimaan", {"mandate": "999999"}).status_code == 403
    assert TAKE_OVER not in acts(app)
    assert at(app, NEW, "penerimaan").status_code == 302
    again = at(app, NEW, "penerimaan")
    assert again.status_code == 409
    assert "tidak menunggu penerimaan" in again.get_data(as_text=True)
    assert acts(app).count(TAKE_OVER) == 1


def test_a_plh_stands_in_and_takes_nothing_over(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder(PLH)
    assert "Saya terima" not in sheet_page(app, NEW)
    assert at(app, NEW, "penerimaan").status_code == 409


def test_proposing_is_taking_over(app: Flask) -> None:
    with app.app_context():
        earlier("draft")
        change_holder()
    assert "Mengajukan lembar ini juga berarti menerimanya" in sheet_page(app, NEW)
    assert at(app, NEW, "pengajuan").status_code == 302
    assert "Saya terima" not in sheet_page(app, NEW)
    assert "belum dikonfirmasi" not in page(app, office.APPROVER, "/").lower()
    assert acts(app) == ["submit"]


def test_the_new_holder_proposes_a_revision_and_has_thereby_taken_over(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder()
    text = sheet_page(app, NEW)
    assert "buat perubahan ; itu juga berarti menerima" in text
    assert at(app, NEW, "perubahan", {"reason": "organisation", "note": "Pejabat berganti"}).status_code == 302
    assert "Saya terima" not in sheet_page(app, NEW)
    with app.app_context():
        office.submit(by=NEW)
        office.review()
        office.approve()
    told = sheet_page(app, office.OUTSIDER)
    new, former = told.split("Pemegang jabatan ")[1].split("Revisi lembar ini")[0].split("sampai seterusnya")[:2]
    assert "Pegawai Contoh" in new
    assert "mengajukan perubahan ke-1" in former.split("Pegawai Contoh")[0]
    assert "mengajukan penetapan awal" in former


def test_a_revision_of_the_approver_leaves_the_handover_open(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder()
    assert at(app, office.APPROVER, "perubahan", {"reason": "budget", "note": "Anggaran"}).status_code == 302
    assert "Saya terima lembar ini" in sheet_page(app, NEW)
    assert at(app, NEW, "penerimaan").status_code == 302
    for revision in (1, 2):
        assert "Saya terima lembar ini" not in sheet_page(app, NEW, revision)


def test_readers_see_who_holds_the_post_and_nothing_of_a_revision_in_preparation(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
    assert at(app, office.OWNER, "perubahan", {"reason": "budget", "note": "Anggaran"}).status_code == 302
    with app.app_context():
        office.submit()
    told = sheet_page(app, office.OUTSIDER, 1).split("Pemegang jabatan ")[1]
    assert "mengajukan penetapan awal" in told
    assert "perubahan ke-1" not in told
    assert "mengajukan penetapan awal, mengajukan perubahan ke-1" in sheet_page(app, office.REVIEWER, 1)


def test_what_was_returned_is_still_to_be_mended_after_a_handover(app: Flask) -> None:
    with app.app_context():
        earlier("submitted")
    assert at(app, office.REVIEWER, "keputusan", {"step": "return", "note": "Sumber kurang jelas."}).status_code == 302
    with app.app_context():
        change_holder()
    assert at(app, NEW, "penerimaan").status_code == 302
    assert "Dikembalikan oleh" in sheet_page(app, NEW)


def test_by_another_post_than_the_one_taken_over_nothing_is_asked(app: Flask) -> None:
    with app.app_context():
        earlier("approved")
        change_holder()
        own = next(each.id for each in office.actor(NEW).held if each.position_id != office.sheet_of(office.OWNER).position_id)
    client = office.sign_in(app, NEW)
    office.post(client, "/bertindak-sebagai", {"mandate": str(own)})
    assert "Lembar yang Anda ambil alih" not in client.get("/").get_data(as_text=True)
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
    assert "Saya terima" not in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert office.post(client, f"/lembar/{sheet.id}/penerimaan", {"version": str(sheet.version)}).status_code == 403


# The list in SQL says what the rule says


@dataclass(frozen=True)
class Drawn:
    person: str
    post: str
    kind: AssignmentKind
    begins: int
    lasts: int | None


POSTS = (office.OWNER, "analis.profesi")
PEOPLE = (*POSTS, NEW, office.OUTSIDER)
drawn_terms = st.builds(
    Drawn,
    st.sampled_from(PEOPLE),
    st.sampled_from(POSTS),
    st.sampled_from([PLT, PLT, PLH]),
    st.integers(-9, 1),
    st.none() | st.integers(0, 9),
)
offices = st.fixed_dictionaries(
    {
        "left": st.dictionaries(st.sampled_from(POSTS), st.integers(-9, -1)),
        "terms": st.lists(drawn_terms, max_size=6),
        "begun": st.integers(-9, 0),
        "answers": st.lists(
            st.tuples(
                *(st.sampled_from(each) for each in (PEOPLE, POSTS, [*ANSWERING, "review"], list(AssignmentKind)))
            ),
            max_size=4,
        ),
        "closed": st.integers(0, 9).map(lambda chance: chance == 0),
    }
)  # fmt: skip


def test_sql_and_the_rule_agree_about_what_is_unconfirmed(each_owned_app: Flask) -> None:
    on_sqlite = each_owned_app.config["IKI"].database_url.startswith("sqlite")

    @settings(max_examples=80 if on_sqlite else 30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=offices)
    def agree(drawn: dict[str, Any]) -> None:
        try:
            furnish(drawn)
            compare()
        finally:
            db.session.rollback()

    with each_owned_app.app_context():
        agree()


def furnish(drawn: dict[str, Any]) -> None:
    """Change the office as drawn; the caller rolls back."""
    posts = {row.code: row.id for row in db.session.execute(select(Position.code, Position.id))}
    people = {name: office.actor(name).employee_id for name in PEOPLE}
    db.session.execute(update(Sheet).values(begun_on=day(drawn["begun"])))
    stage = YearStage.CLOSED if drawn["closed"] else YearStage.RUNNING
    db.session.execute(update(PerformanceYear).values(stage=stage))
    for code, offset in drawn["left"].items():
        db.session.execute(update(Assignment).where(Assignment.position_id == posts[code]).values(ends_on=day(offset)))
    for term in drawn["terms"]:
        person, post = db.session.get_one(Employee, people[term.person]), db.session.get_one(Position, posts[term.post])
        ends = None if term.lasts is None else day(term.begins + term.lasts)
        assign(person, post, kind=term.kind, starts_on=day(term.begins), ends_on=ends)
    for name, code, action, kind in drawn["answers"]:
        if not held_since(people[name], posts[code], kind, day(drawn["begun"])):
            continue  # nobody acts for a post without having held it
        number = db.session.scalars(select(Sheet.id).where(Sheet.position_id == posts[code])).one()
        by = Author(people[name], name, posts[code if action != Step.REVISE else office.APPROVER], "", kind)
        record(Act(action=action, year=office.YEAR, at=office.now(), sheet_id=number, revision=1), by)


def held_since(person_id: int | None, post_id: int, kind: AssignmentKind, begun: date) -> bool:
    db.session.flush()
    mine = (Assignment.employee_id == person_id, Assignment.position_id == post_id, Assignment.kind == kind)
    days = (Assignment.starts_on <= day(0), or_(Assignment.ends_on.is_(None), Assignment.ends_on >= begun))
    return db.session.scalars(select(Assignment.id).where(*mine, *days)).first() is not None


def compare() -> None:
    on = office.today_in_office()
    due = {
        (sheet.id, each.holder.who, each.since, each.former.who if each.former else "")
        for sheet in sheets_where(true(), on=on)
        for each in tenure(sheet, on=on).waiting
    }
    # the list names people without degrees, which the cast has not
    found = unconfirmed(actor=office.actor(office.APPROVER), on=on)
    assert {(each.sheet_id, each.holder, each.since, each.former) for each in found} == due
    assert len(found) == len(due)
    for name in PEOPLE:
        actor = office.actor(name)
        mine = {each.sheet_id for each in unconfirmed(actor=actor, on=on) if each.is_mine}
        sheets = sheets_where(true(), on=on)
        assert mine == {each.id for each in sheets if tenure(each, on=on).waiting_for(actor, each.position_id)}
