"""A post or a unit takes another name from a day on; what was approved before keeps the name it was approved under."""

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.indicators.papers import papers
from iki_portal.models import Position, Unit
from tests import office

NEW_TITLE, NEW_UNIT = "Analis SDM Aparatur Ahli Muda", "Bidang Pengadaan ASN"


def rename_in(days: int) -> None:
    """The owner's post, and its unit, get their new names so many days from now."""
    with office.transaction():
        post = db.session.scalars(select(Position).where(Position.code == office.OWNER)).one()
        unit = db.session.get_one(Unit, post.unit_id)
        post.next_on = unit.next_on = office.today_in_office() + timedelta(days=days)
        post.next_title, post.next_area = NEW_TITLE, "Pengadaan"
        unit.next_name, unit.next_short_name = NEW_UNIT, "Pengadaan ASN"


def names_on_screen(app: Flask) -> tuple[bool, bool]:
    """Whether the organisation shows the new title and the new unit today."""
    page = office.sign_in(app, office.OPERATOR).get("/organisasi").get_data(as_text=True)
    return NEW_TITLE in page, NEW_UNIT in page


def test_the_new_names_hold_from_their_day_and_not_the_day_before(each_app: Flask) -> None:
    with each_app.app_context():
        rename_in(3)
    for days, renamed in ((0, False), (2, False), (3, True), (4, True)):
        with time_machine.travel(office.now() + timedelta(days=days)):
            assert names_on_screen(each_app) == (renamed, renamed), days


def test_an_approved_sheet_keeps_its_names_and_a_draft_follows_the_post(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        before = (sheet.title, sheet.unit_name)
        rename_in(0)
        assert (office.sheet_of(office.OWNER).title, office.sheet_of(office.OWNER).unit_name) == before
        assert db.session.scalars(select(Position.title).where(Position.code == office.OWNER)).one() == NEW_TITLE
        paper = papers([sheet.id])[sheet.id]
        assert (paper.position, paper.unit) == (NEW_TITLE, NEW_UNIT), "what a new revision would print"
    reader = office.sign_in(each_app, office.OUTSIDER)
    for words, found in (("Kepegawaian Muda", True), ("SDM Aparatur Ahli", False)):
        listed = reader.get("/lembar", query_string={"cari": words, "status": "approved"}).get_data(as_text=True)
        assert (f'/lembar/{sheet.id}"' in listed) == found, words
