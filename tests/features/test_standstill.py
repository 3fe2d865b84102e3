"""Lembar yang macet: what nobody may decide is named, with why and what to do, to who can mend it and who must know."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.domain.dates import format_date
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.models import Position
from tests import office

KABID = "Kepala Bidang Pengadaan, Pemberhentian dan Informasi"


def day(offset: int) -> date:
    return office.today_in_office() + timedelta(days=offset)


def home(app: Flask, name: str) -> str:
    """What Beranda says of stuck sheets, as HTML on one line; "" when it says nothing."""
    page = office.sign_in(app, name).get("/").get_data(as_text=True)
    return " ".join(page.split('id="macet"')[1].split("</section>")[0].split()) if 'id="macet"' in page else ""


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_vacant_desk_is_named_to_the_operator_and_the_sekretaris(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(-1))
        post_id = db.session.scalars(select(Position.id).where(Position.code == office.REVIEWER)).one()
    told = {name: home(app, name) for name in (office.OPERATOR, office.APPROVER, office.HEAD, office.OWNER)}
    for name in (office.OPERATOR, office.APPROVER):
        said = words(told[name])
        assert "Analis Kepegawaian Muda (Pengadaan dan Pemberhentian)" in said
        assert f"penetapan awal 2027 · menunggu pereviu sejak {format_date(day(0))}" in said
        assert f"Jabatan {KABID} sedang kosong" in said
        assert (f'href="/pegawai?jabatan={post_id}"' in told[name]) is (name == office.OPERATOR)
        assert (f'href="/lembar/{sheet.id}"' in told[name]) is (name == office.APPROVER)
    assert told[office.HEAD] == told[office.OWNER] == ""


def test_a_sheet_moves_again_with_the_appointment(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(-1))
    assert home(app, office.OPERATOR)
    with app.app_context():
        office.give_post("analis.standar", office.REVIEWER, kind=AssignmentKind.PLH, starts_on=day(0))
    assert home(app, office.OPERATOR) == ""


def test_three_persons_who_cannot_be_found_are_the_reason(app: Flask) -> None:
    """The owner is Plt. of every desk above; nobody else is left."""
    with app.app_context():
        office.bring_to("submitted")
        for post in (office.REVIEWER, office.APPROVER, office.HEAD):
            office.end_post(post, post, ends_on=day(-1))
            office.give_post(office.OWNER, post, kind=AssignmentKind.PLT, starts_on=day(0))
    said = words(home(app, office.OPERATOR))
    assert "pengusul, pereviu, dan yang menetapkan harus tiga orang berbeda" in said
    assert "Angkat Plt. atau Plh. Kepala Badan" in said
    # the Sekretaris of today is the owner, too
    assert "Mintalah operator mengangkat Plt. atau Plh. Kepala Badan" in words(home(app, office.OWNER))


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_what_waits_for_nobodys_decision_is_not_stuck(app: Flask, state: str) -> None:
    with app.app_context():
        office.bring_to(state)
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(-1))
    assert home(app, office.OPERATOR) == ""
