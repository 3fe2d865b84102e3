"""Beranda: what waits, and how far one's own sheet is."""

import re

from flask import Flask

from tests import office


def test_home_shows_the_path_of_a_sheet_that_is_under_way(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
    page = office.sign_in(app, office.OWNER).get("/").get_data(as_text=True)
    assert re.findall(r'class="path-stop is-(\w+)"', page) == ["done", "done", "current", "waiting"]


def test_home_lists_what_waits_for_the_reviewer(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    page = office.sign_in(app, office.REVIEWER).get("/").get_data(as_text=True)
    assert f'href="/lembar/{sheet.id}"' in page.split("Yang menunggu Anda")[1].split("IKI saya")[0]
