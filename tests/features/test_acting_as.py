"""Bertindak sebagai: the post one chooses to act by, what each page says of it, how it is signed and printed."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.models import Assignment, Employee, FrozenCopy, HistoryEntry, Position, SignInSession
from tests import office
from tests.documents.test_docx import opened
from tests.documents.test_pdf import pages
from tests.features.test_prints import pdf_of

PLT, PLH = AssignmentKind.PLT, AssignmentKind.PLH
#: Kabid of another bidang, and Plt. of the one whose sheet is told of.
TWO_POSTS = office.OTHER_REVIEWER


def day(offset: int) -> date:
    return office.today_in_office() + timedelta(days=offset)


@pytest.fixture
def two_posts(app: Flask) -> Flask:
    """A submitted sheet that waits for a Plt. who also is Kabid elsewhere; the definitive Kabid has gone."""
    with app.app_context():
        office.bring_to("submitted")
        office.bring_to("submitted", office.OUTSIDER)
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(-1))
        office.give_post(TWO_POSTS, office.REVIEWER, kind=PLT, starts_on=day(-3), ends_on=day(5))
    return app


def mandate(app: Flask, title: str, name: str = TWO_POSTS) -> int:
    """The id of the mandate whose name begins so."""
    with app.app_context():
        return next(each.id for each in office.actor(name).held if each.name.startswith(title))


def sheet_id(app: Flask, code: str = office.OWNER) -> int:
    with app.app_context():
        return office.sheet_of(code).id


def choose(client: FlaskClient, mandate_id: int | str, **more: str) -> Any:
    return office.post(client, "/bertindak-sebagai", {"mandate": str(mandate_id), **more})


def sidebar(client: FlaskClient) -> str:
    page = client.get("/").get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page.split('<div class="acting">')[1].split("</div>")[0]).split())


def chosen(client: FlaskClient) -> str:
    page = client.get("/").get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page.split('aria-current="true"')[1].split("</button>")[0]).split()).strip("> ")


def decide(app: Flask, client: FlaskClient, step: str, **more: str) -> Any:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
    return office.post(client, f"/lembar/{sheet.id}/keputusan", {"version": str(sheet.version), "step": step, **more})


def last_act(app: Flask) -> tuple[str, str, str]:
    with app.app_context():
        row = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        return row.action, row.acting_title, row.acting_kind or ""


def test_one_post_leaves_nothing_to_choose(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert "capacities" not in client.get("/").get_data(as_text=True)
    assert sidebar(client).startswith("Tahun kinerja 2027 Bertindak sebagai Analis Kepegawaian Muda")


def test_the_chosen_post_narrows_the_lists_until_all_are_chosen_again(two_posts: Flask) -> None:
    client = office.sign_in(two_posts, TWO_POSTS)
    lines = [f'href="/lembar/{sheet_id(two_posts, code)}"' for code in (office.OWNER, office.OUTSIDER)]
    kabid, plt = mandate(two_posts, "Kepala Bidang Mutasi"), mandate(two_posts, "Plt. Kepala Bidang Pengadaan")

    def inbox() -> list[bool]:
        page = client.get("/persetujuan").get_data(as_text=True)
        return [line in page for line in lines]

    assert chosen(client).startswith("Semua jabatan")
    assert inbox() == [True, True]
    assert choose(client, kabid).headers["Location"] == "/"
    assert chosen(client).startswith("Kepala Bidang Mutasi")
    assert inbox() == [False, True]
    choose(client, plt)
    assert chosen(client).startswith("Plt. Kepala Bidang Pengadaan")
    assert inbox() == [True, False]
    choose(client, "")
    assert inbox() == [True, True]


def test_the_choice_belongs_to_one_browser(two_posts: Flask) -> None:
    first, second = (office.sign_in(two_posts, TWO_POSTS) for _ in range(2))
    choose(first, mandate(two_posts, "Kepala Bidang Mutasi"))
    assert chosen(second).startswith("Semua jabatan")
    with two_posts.app_context():
        kept = db.session.scalars(select(SignInSession.acting_as_id).where(SignInSession.acting_as_id.is_not(None))).all()
    assert kept == [mandate(two_posts, "Kepala Bidang Mutasi")]


def test_a_choice_ends_with_its_assignment(two_posts: Flask) -> None:
    client = office.sign_in(two_posts, TWO_POSTS)
    choose(client, mandate(two_posts, "Plt."))
    with two_posts.app_context():
        office.end_post(TWO_POSTS, office.REVIEWER, ends_on=day(-1))
    assert "capacities" not in client.get("/").get_data(as_text=True)
    assert sidebar(client).endswith("Bertindak sebagai Kepala Bidang Mutasi dan Promosi")
    assert client.get(f"/lembar/{sheet_id(two_posts, office.OUTSIDER)}").status_code == 200


@pytest.mark.parametrize("forged", ["999999", "1"])
def test_nobody_chooses_a_post_that_is_not_theirs(two_posts: Flask, forged: str) -> None:
    client = office.sign_in(two_posts, TWO_POSTS)
    assert choose(client, forged).status_code == 403
    assert chosen(client).startswith("Semua jabatan")
    assert choose(client, "satu").status_code == 422


def test_who_left_the_right_post_aside_is_told_and_led_back(two_posts: Flask) -> None:
    client = office.sign_in(two_posts, TWO_POSTS)
    kabid, plt = mandate(two_posts, "Kepala Bidang Mutasi"), mandate(two_posts, "Plt.")
    choose(client, kabid)
    number = sheet_id(two_posts)
    assert client.get(f"/lembar/{number}").status_code == 404
    own = sheet_id(two_posts, office.OUTSIDER)
    choose(client, plt)
    assert client.get(f"/lembar/{own}").status_code == 404
    assert choose(client, plt, next=f"/lembar/{number}").headers["Location"] == f"/lembar/{number}"
    assert choose(client, plt, next="//evil.example").headers["Location"] == "/"


def test_a_sheet_in_sight_by_the_chosen_post_says_which_other_post_decides(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(-1))
        office.give_post(office.APPROVER, office.REVIEWER, kind=PLH, starts_on=day(0))
    client = office.sign_in(app, office.APPROVER)
    choose(client, mandate(app, "Sekretaris", office.APPROVER))
    page = client.get(f"/lembar/{sheet_id(app)}").get_data(as_text=True)
    assert "Lembar ini menunggu Anda sebagai Plh. Kepala Bidang Pengadaan" in page
    assert "Setujui reviu" not in page
    refused = decide(app, client, "review")
    assert refused.status_code == 403
    assert "Anda sedang bertindak sebagai Sekretaris" in refused.get_data(as_text=True)
    choose(client, mandate(app, "Plh.", office.APPROVER), next=f"/lembar/{sheet_id(app)}")
    assert decide(app, client, "review").status_code == 302
    assert last_act(app) == ("review", "Plh. Kepala Bidang Pengadaan, Pemberhentian dan Informasi", "plh")


def test_before_an_act_the_page_says_in_which_capacity(two_posts: Flask) -> None:
    page = office.sign_in(two_posts, TWO_POSTS).get(f"/lembar/{sheet_id(two_posts)}").get_data(as_text=True)
    said = "Anda bertindak sebagai <strong>Plt. Kepala Bidang Pengadaan, Pemberhentian dan Informasi</strong>"
    assert said in page
    owner = office.sign_in(two_posts, office.OWNER).get(f"/lembar/{sheet_id(two_posts)}").get_data(as_text=True)
    assert "Anda bertindak sebagai <strong>Analis Kepegawaian Muda</strong>" in owner


def test_of_two_mandates_of_one_post_either_is_chosen_and_the_definitive_one_proposed(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        office.give_post(office.REVIEWER, office.REVIEWER, kind=PLH, starts_on=day(0))
        whole = office.actor(office.REVIEWER)
    definitive, plh = whole.mandates_for(sheet.route.reviewer.id if sheet.route.reviewer else 0)
    client = office.sign_in(app, office.REVIEWER)
    page = " ".join(client.get(f"/lembar/{sheet.id}").get_data(as_text=True).split())
    assert re.search(rf'value="{definitive.id}" checked>', page)
    assert f'value="{plh.id}">' in page
    assert decide(app, client, "return", mandate=str(plh.id)).status_code == 422  # a note is missing
    kept = " ".join(decide(app, client, "return", mandate=str(plh.id)).get_data(as_text=True).split())
    assert re.search(rf'value="{plh.id}" checked>', kept)
    assert decide(app, client, "review", mandate=str(plh.id)).status_code == 302
    assert last_act(app)[2] == "plh"


@pytest.mark.parametrize("step", ["review", "return"])
def test_a_forged_or_unfit_capacity_is_refused_and_nothing_changes(two_posts: Flask, step: str) -> None:
    client = office.sign_in(two_posts, TWO_POSTS)
    with two_posts.app_context():
        foreign = office.actor(office.APPROVER).mandates[0].id
    before = last_act(two_posts)
    for wrong in (foreign, 999999, mandate(two_posts, "Kepala Bidang Mutasi")):
        assert decide(two_posts, client, step, note="Perbaiki.", mandate=str(wrong)).status_code == 403
    assert last_act(two_posts) == before
    with two_posts.app_context():
        assert office.sheet_of(office.OWNER).state == "submitted"
    assert decide(two_posts, client, step, note="Perbaiki.", mandate=str(mandate(two_posts, "Plt."))).status_code == 302


def test_a_capacity_that_was_revoked_while_the_page_lay_open_signs_nothing(two_posts: Flask) -> None:
    """Another mandate may carry the duty by now: what the page showed is what is signed, or nothing."""
    client, shown = office.sign_in(two_posts, TWO_POSTS), mandate(two_posts, "Plt.")
    with two_posts.app_context():
        office.end_post(TWO_POSTS, office.REVIEWER, ends_on=day(-1))
        office.give_post(TWO_POSTS, office.REVIEWER, kind=PLH, starts_on=day(0))
    assert decide(two_posts, client, "review", mandate=str(shown)).status_code == 403
    assert decide(two_posts, client, "review").status_code == 302
    assert last_act(two_posts)[2] == "plh"


def test_who_owns_and_approves_revises_in_the_capacity_they_choose(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.give_post(office.OWNER, office.APPROVER, kind=PLT, starts_on=day(0))
    client = office.sign_in(app, office.OWNER)
    assert "usulan portal" in client.get(f"/lembar/{sheet.id}/perubahan").get_data(as_text=True)
    given = {"reason": "budget", "note": "Anggaran", "mandate": str(mandate(app, "Plt. Sekretaris", office.OWNER))}
    assert office.post(client, f"/lembar/{sheet.id}/perubahan", {**given, "mandate": "999999"}).status_code == 403
    assert office.post(client, f"/lembar/{sheet.id}/perubahan", given).status_code == 302
    assert last_act(app) == ("revise", "Plt. Sekretaris", "plt")


def test_paper_and_history_name_the_acting_official_with_their_own_name_nip_and_rank(app: Flask) -> None:
    with app.app_context():
        office.bring_to("draft")
        for name, post, nip in (("analis.standar", office.REVIEWER, "198501012010011001"),
                                ("perencana", office.APPROVER, "198602022011012002")):  # fmt: skip
            office.end_post(post, post, ends_on=day(-1))
            office.give_post(name, post, kind=PLT, starts_on=day(0), ends_on=day(3))
            person = {"degrees_after": "S.Sos.", "identifier": nip, "rank": "III/d"}
            with office.transaction():
                db.session.execute(update(Employee).where(Employee.id == office.actor(name).employee_id).values(**person))
        office.submit()
        office.review(by="analis.standar")
        sheet = office.approve(by="perencana")
        copy = json.loads(db.session.scalars(select(FrozenCopy.body)).one())
        names = [office.actor(name).full_name for name in ("analis.standar", "perencana")]
        rows = db.session.execute(
            select(HistoryEntry.actor_name, HistoryEntry.acting_title)
            .where(HistoryEntry.sheet_id == sheet.id, HistoryEntry.action.in_(["review", "approve"]))
            .order_by(HistoryEntry.number)
        ).all()
    titles = ["Plt. Kepala Bidang Pengadaan, Pemberhentian dan Informasi", "Plt. Sekretaris"]
    signed = [copy["reviewed"], copy["approved"]]
    assert [(each["full_name"], each["title"], each["acting"]) for each in signed] == [
        (name, title, "plt") for name, title in zip(names, titles, strict=True)
    ]
    assert [tuple(row) for row in rows] == list(zip(names, titles, strict=True))
    before = pdf_of(app, sheet.id)
    printed = " ".join(" ".join(pages(before)).split())
    docx = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet.id}/docx").data
    written = " ".join(element.text or "" for element in opened(docx).element.body.iter() if element.text)
    for paper in (printed, written):
        assert "Plt. Sekretaris" in paper
        assert "S.Sos." in paper
        assert "19860202 201101 2 002" in paper
        assert "Penata Tingkat I, III/d" in paper
    with app.app_context():  # the mandates end, and what was signed stays signed
        for name, post in (("analis.standar", office.REVIEWER), ("perencana", office.APPROVER)):
            office.end_post(name, post, ends_on=day(0))
    with time_machine.travel(office.now() + timedelta(days=2)):
        assert pdf_of(app, sheet.id) == before


def test_a_choice_is_kept_by_reference_to_the_assignment(app: Flask) -> None:
    """The session names an assignment, so a later one of the same post is a new choice."""
    with app.app_context():
        office.give_post(office.OWNER, office.REVIEWER, kind=PLT, starts_on=day(0), ends_on=day(0))
        office.give_post(office.OWNER, office.REVIEWER, kind=PLT, starts_on=day(1))
        rows = db.session.scalars(
            select(Assignment.id).join(Position, Position.id == Assignment.position_id).where(Position.code == office.REVIEWER)
        ).all()
    client = office.sign_in(app, office.OWNER)
    choose(client, rows[1])
    assert chosen(client).startswith("Plt.")
    with time_machine.travel(office.now() + timedelta(days=1)):
        later = office.sign_in(app, office.OWNER)
        assert choose(later, rows[1]).status_code == 403
        assert chosen(later).startswith("Semua jabatan")
