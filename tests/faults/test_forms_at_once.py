"""Row 9 of the bar: every form of the portal, sent three times at once, leaves the rows that it leaves alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from iki_portal.approvals import commenting
from iki_portal.extensions import Base, db
from tests import office
from tests.faults.test_races import Call, at_once
from tests.house.test_mass_assignment import CASES, Case, furnish_state
from tests.keeping import keep

pytestmark = pytest.mark.fault

#: Each of the three comes in by itself, with a session of its own; the browser keeps the last one, the others end unused.
EACH_OF_THEM = {"sign in": {"sign_in_session", "trail_event"}}


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """What was shown, and the code of a telephone, is the same for all three."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def rows() -> dict[str, int]:
    """How many each table has."""
    tables = Base.metadata.tables.items()
    return {name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables}


def sending(app: Flask, cookie: str, url: str, form: Callable[[], Any]) -> Call:
    """From a browser of its own, with the same cookie."""

    def call() -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie("iki", cookie)
        answer = client.post(url, data=form())
        return answer.status_code, answer.get_data(as_text=True)

    return call


def faults_of(app: Flask, case: Case) -> list[str]:
    """What three at once leave that one alone does not."""
    with app.app_context():
        sheet = furnish_state(case.state)
        honest, sent = case.fields(sheet), case.sent(sheet)
    client = office.sign_in(app, case.person) if case.person else app.test_client()
    token, cookie = office.csrf_token(client, "/sandi" if case.person else "/masuk"), client.get_cookie("iki")
    assert cookie is not None
    fields = [("csrf_token", token), *honest]
    call = sending(app, cookie.value, case.url.format(id=sheet.id), lambda: case.form(fields, sent))
    found = []
    with app.app_context():
        kept = keep(db.engine.url)
    for number in (1, 3):
        answers = at_once(*[call] * number)
        with app.app_context():
            found.append((sorted(status for status, _ in answers), rows()))
        kept.put_back()
    kept.close()
    (alone, once), (statuses, thrice) = found
    faults = [f"answers {statuses}"] if max(statuses) >= 500 or alone != [case.status] else []
    return faults + [f"{name}: {thrice[name] - once[name]:+d} {statuses}" for name in once if thrice[name] != once[name]]


def surplus(app: Flask, name: str) -> list[str]:
    excused = EACH_OF_THEM.get(name, set())
    return [fault for fault in faults_of(app, CASES[name]) if fault.partition(":")[0] not in excused]


@pytest.mark.parametrize("name", CASES)
def test_a_form_sent_three_times_at_once_leaves_what_it_leaves_alone(app: Flask, name: str) -> None:
    assert surplus(app, name) == []


@pytest.mark.bar
@pytest.mark.parametrize("name", CASES)
def test_so_it_is_on_postgresql(postgres_app: Flask, name: str) -> None:
    """Where the three really act at once."""
    assert surplus(postgres_app, name) == []


@pytest.fixture
def postgres_app(postgres_url: str) -> Iterator[Flask]:
    app = office.portal(postgres_url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_form_that_says_its_words_each_time_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commenting, "_said_already", lambda *_: None)
    assert surplus(app, "comment") == ["comment: +2 [302, 302, 302]"]
