"""Row 1 of the bar: who may knock at which door. The matrix of doors, people and states is test_access_matrix.py."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from iki_portal.domain.people import AssignmentKind
from iki_portal.web.access import LIBRARY_FILES, UndeclaredAccess, declared, demand_declarations
from tests import office
from tests.doors import DOORS


def test_every_endpoint_declares_its_access_and_the_list_says_the_same(app: Flask) -> None:
    found = {}
    for endpoint in app.view_functions:
        access = declared(app, endpoint)
        assert access is not None, f"{endpoint}: put @public or @requires(...) below its route decorator"
        found[endpoint] = access.permission
    assert found == DOORS, "add the new endpoint to DOORS in tests/doors.py, or take the old one out"


def test_addresses_are_typed_kebab_case_nouns(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in LIBRARY_FILES or rule.endpoint == "assets.font":
            continue
        assert re.fullmatch(r"(/([a-z-]+|<int:[a-z_]+>))*/?", rule.rule), f"{rule.rule}: kebab-case, parameters as <int:name>"


def test_a_view_without_a_mark_stops_the_portal_from_starting() -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/rahasia", "secret", lambda: "")
    with pytest.raises(UndeclaredAccess, match="secret"):
        demand_declarations(bare)


@pytest.mark.parametrize(
    ("name", "status"),
    [(office.APPROVER, 200), (office.HEAD, 200), (office.OWNER, 403), (office.REVIEWER, 403), (office.OPERATOR, 403)],
)
def test_the_year_is_for_the_sekretaris_and_the_kepala_badan(app: Flask, name: str, status: int) -> None:
    client = office.sign_in(app, name)
    assert client.get(f"/tahun/{office.YEAR}").status_code == status
    closing = office.post(client, f"/tahun/{office.YEAR}/penutupan").status_code
    assert closing == (409 if name == office.APPROVER else 403)


def test_a_plt_gains_the_duty_with_the_first_day_and_loses_it_after_the_last(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        today = office.today_in_office()
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
        sheet_id = office.sheet_of(office.OWNER).id
    client = office.sign_in(app, "analis.promosi")
    assert client.get(f"/lembar/{sheet_id}").status_code == 200
    with app.app_context():
        office.end_post("analis.promosi", office.REVIEWER, ends_on=today - timedelta(days=0))
    assert client.get(f"/lembar/{sheet_id}").status_code == 200
    with app.app_context():
        office.give_post("analis.standar", office.REVIEWER, kind=AssignmentKind.PLH, starts_on=today + timedelta(days=1))
    assert office.sign_in(app, "analis.standar").get(f"/lembar/{sheet_id}").status_code == 404


def test_a_stranger_is_asked_to_sign_in_everywhere(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if DOORS[rule.endpoint] is None:
            continue
        url = re.sub(r"<int:\w+>", "1", rule.rule)
        if "GET" in (rule.methods or ()):
            assert client.get(url).headers["Location"].startswith("/masuk"), url
        if "POST" in (rule.methods or ()):
            page = client.get("/masuk").get_data(as_text=True)
            token = page.split('name="csrf_token" value="')[1].split('"')[0]
            assert client.post(url, data={"csrf_token": token}).status_code == 401, url
