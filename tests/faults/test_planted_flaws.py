"""That the tests of the bar can fail: each is run once more on a portal with a flaw that is planted here and nowhere else.

Rows that break a real server plant theirs beside them (tests/faults/gunicorn_conf.py); the table in bar.py names all of them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask, Response, request
from hypothesis import Phase
from sqlalchemy import text, update

from iki_portal.approvals import operations as approvals
from iki_portal.auth import operations as auth
from iki_portal.auth import views as auth_views
from iki_portal.documents import cells
from iki_portal.documents.paper import canonical
from iki_portal.domain import policy
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history import chain
from iki_portal.imports import workbook
from iki_portal.indicators import operations as writing
from iki_portal.models import Account, Sheet, guards
from iki_portal.web import access, errors
from iki_portal.web.access import public
from iki_portal.web.transaction import TransactionalFlask, transaction
from tests import office
from tests.documents import test_recapitulation
from tests.doors import Door
from tests.faults import gunicorn_conf, test_backups_at_once, test_races, test_stateful
from tests.features import test_bad_input, test_signing_in
from tests.house import (
    test_access,
    test_access_matrix,
    test_form_tokens,
    test_guards,
    test_headers,
    test_mass_assignment,
    test_safe_methods,
    test_tampering,
)
from tests.house.test_access_matrix import Stage
from tests.imports import test_read_recapitulation
from tests.postgres import as_owner
from tests.restoring import Operator

pytestmark = pytest.mark.fault

Plant = pytest.MonkeyPatch
#: A test fails by an assertion, or because what it demands to be refused is not.
FAILURES = (AssertionError, pytest.fail.Exception)


def failing(said: str | None = None) -> AbstractContextManager[Any]:
    """What runs inside must fail with these words."""
    return pytest.raises(FAILURES, match=said)


def silent(_figure: str) -> None:
    """For a test that tells a figure."""


def replaced(app: Flask, endpoint: str, view: Callable[..., Any]) -> None:
    """Let another view answer, with the mark of the one that stood there."""
    app.view_functions[endpoint] = wraps(app.view_functions[endpoint])(view)


# Row 1


def test_a_door_that_no_list_names(app: Flask) -> None:
    app.view_functions["auth.side_door"] = public(lambda: "")
    with failing("add the new endpoint"):
        test_access.test_every_endpoint_declares_its_access_and_the_list_says_the_same(app)


# Row 2


@pytest.fixture(scope="module")
def stage(fresh: Callable[[], AbstractContextManager[str]]) -> Iterator[Stage]:
    with fresh() as url:
        made = Stage(url, "submitted")
        yield made
        made.close()


#: The place, what stands there instead, and who is then let in where, or refused unseen.
LEAKS: dict[str, tuple[object, str, Any, tuple[str, str, str]]] = {
    "200, not 404": (policy, "sees", lambda *_: True, ("other analis", "approvals.sheet", "read")),
    "200, not 403": (access, "demand_permission", lambda *_: None, ("owner", "approvals.year", "read")),
    "302, not 403": (
        policy,
        "_may_move",
        lambda actor, move, *_: policy.allowed_by(actor.mandates, move),
        ("sekretaris", "approvals.decide", "review"),
    ),
    "0 lines in the log": (errors, "log_refusal", lambda *_, **_more: None, ("owner", "approvals.year", "read")),
}


@pytest.mark.parametrize("said", LEAKS)
def test_somebody_who_gets_in_or_is_refused_unseen(stage: Stage, monkeypatch: Plant, said: str) -> None:
    place, name, flaw, (person, endpoint, act) = LEAKS[said]
    door: Door = next(door for door, _ in test_access_matrix.cells(stage.app, stage.sheet.id) if door.endpoint == endpoint)
    assert stage.try_act(person, door, act) == []
    monkeypatch.setattr(place, name, flaw)
    assert any(said in sentence for sentence in stage.try_act(person, door, act))


# Row 3


def test_a_page_that_writes(app: Flask, monkeypatch: Plant) -> None:
    def visited() -> str:
        with transaction():
            db.session.execute(update(Account).values(failed_attempts=Account.failed_attempts + 1))
        return ""

    replaced(app, "approvals.home", visited)
    monkeypatch.setattr(test_safe_methods, "addresses", lambda *_: ["/"])
    monkeypatch.setattr(test_safe_methods, "PEOPLE", (office.OWNER,))
    with failing("a GET never writes"):
        test_safe_methods.test_reading_changes_nothing(app, "draft")


# Row 4


def test_a_token_that_nobody_looks_at(app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr("flask_wtf.csrf.validate_csrf", lambda *_, **_more: None)
    with failing("/"):
        test_form_tokens.test_without_a_good_token_nothing_happens_and_what_was_typed_comes_back(app, office.OWNER, "draft")


# Row 5


def test_a_form_that_takes_what_it_is_given(app: Flask) -> None:
    honest = app.view_functions["auth.account"]

    def greedy(account_id: int) -> Any:
        answer = honest(account_id)
        if attempts := request.form.get("failed_attempts"):
            db.session.execute(update(Account).where(Account.id == account_id).values(failed_attempts=int(attempts)))
        return answer

    replaced(app, "auth.account", greedy)
    with failing("take only the fields of the form"), time_machine.travel(datetime.now(UTC), tick=False):
        test_mass_assignment.test_surplus_fields_change_nothing_more(app, "account")


# Row 6


def test_a_header_that_is_missing_on_a_page_that_is_not_there(app: Flask, monkeypatch: Plant) -> None:
    def bare(response: Response) -> Response:
        if response.status_code == 404:
            del response.headers["X-Content-Type-Options"]
        return response

    app.after_request_funcs[None].insert(0, bare)  # the last of all to be asked
    monkeypatch.setattr(test_headers, "addresses", lambda *_: [])
    with failing("/tidak-ada 404"):
        test_headers.test_headers_stand_on_every_page_for_everybody(app)


# Rows 7, 8 and 9


@pytest.fixture
def postgres_app(postgres_url: str) -> Iterator[Flask]:
    """On SQLite one writer at a time hides what is planted here."""
    app = office.portal(postgres_url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def read_check_write(monkeypatch: Plant, number: int) -> None:
    """So many have read and checked before anybody writes, and nobody looks again."""
    everybody, check = threading.Barrier(number, timeout=20), approvals._allowed

    def check_together(*words: Any, **more: Any) -> Any:
        allowed = check(*words, **more)
        everybody.wait()
        return allowed

    def write(sheet: Any, move: Any, *, actor: Any, now: datetime, **columns: Any) -> None:
        values = {"state": move.to_state, "version": sheet.version + 1, "changed_at": now, "changed_by": actor.name, **columns}
        db.session.execute(update(Sheet).where(Sheet.id == sheet.id).values(**values))

    monkeypatch.setattr(approvals, "_allowed", check_together)
    monkeypatch.setattr(approvals, "_advance", write)


def test_two_who_decide_and_both_win(postgres_app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr(test_races, "ROUNDS", 1)
    back_to = test_races.back_to

    def submitted_then_flawed(app: Flask, state: str) -> tuple[int, int]:
        found = back_to(app, state)
        read_check_write(monkeypatch, 2)
        return found

    monkeypatch.setattr(test_races, "back_to", submitted_then_flawed)
    with failing("302, 302"):
        test_races.test_two_officers_decide_one_sheet_and_exactly_one_wins(postgres_app)


def test_an_edit_that_overwrites_another(app: Flask, monkeypatch: Plant) -> None:
    """Two people change one cell, and nobody is told."""
    merged = writing.merged
    monkeypatch.setattr(writing, "merged", lambda *rows: replace(merged(*rows), disagreements=()))
    monkeypatch.setattr(test_races, "ROUNDS", 1)
    with failing("302, 302"):
        test_races.test_edits_never_overwrite_each_other_silently(app)


def test_a_form_that_acts_each_time_it_is_sent(postgres_app: Flask, monkeypatch: Plant) -> None:
    with postgres_app.app_context():
        office.fill_in()
    fill_in = office.fill_in

    def filled_in_then_flawed() -> None:
        fill_in()
        read_check_write(monkeypatch, 3)

    monkeypatch.setattr(office, "fill_in", filled_in_then_flawed)
    with failing("302, 302, 302"):
        test_races.test_every_form_sent_three_times_acts_once(postgres_app)


# Row 11


def test_an_answer_that_leaves_before_the_commit(app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr(TransactionalFlask, "dispatch_request", TransactionalFlask.dispatch_request)  # to be put back
    gunicorn_conf.answer_before_commit()
    with failing("draft"):
        test_races.test_an_answer_leaves_only_after_the_commit(app)


# Row 15


def test_a_workflow_that_differs_from_the_model(sqlite_url: str, monkeypatch: Plant) -> None:
    """Whoever acts stands in the history as a deputy."""
    record = approvals._record

    def as_deputy(*words: Any, mandate: policy.Mandate, **more: Any) -> int:
        return record(*words, mandate=replace(mandate, kind=AssignmentKind.PLT), **more)

    monkeypatch.setattr(approvals, "_record", as_deputy)
    monkeypatch.setattr(test_stateful, "RUNS", 20)
    monkeypatch.setattr(
        test_stateful, "settings", partial(test_stateful.settings, phases=[Phase.generate], derandomize=True, database=None)
    )
    with failing("submit"):
        test_stateful.test_the_portal_does_what_the_model_says(sqlite_url, monkeypatch)


# Row 16


def test_a_guard_that_is_gone(sqlite_app: Flask) -> None:
    with sqlite_app.app_context(), as_owner() as connection:
        name = next(guard.name for guard in guards.guards() if (guard.table, guard.event) == ("frozen_copy", "UPDATE"))
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    with failing("DID NOT RAISE"):
        test_guards.test_the_database_refuses_to_touch_what_is_approved(sqlite_app)


# Row 17


def test_a_chain_without_a_key(owned_app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr(chain.Seal, "hash_of", lambda _, row: sha256(canonical(chain._plain(row)).encode()).hexdigest())
    with owned_app.app_context(), transaction():
        test_tampering.become_owner()
        test_tampering.rewrite(test_tampering.rows(), chain.Seal(b"").hash_of)
        guards.install(db.session.connection())
    with failing("rewrite_the_whole_chain_without_the_key"):
        test_tampering.test_a_check_finds_every_attack_of_a_database_owner(owned_app, silent)


# Row 21


def test_a_sign_out_that_only_forgets_the_cookie(app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr(auth, "sign_out", lambda *_, **_more: None)
    with failing("is_in"):
        test_signing_in.test_a_copied_cookie_dies_at_sign_out(app)


# Row 22


def test_a_page_that_gives_nothing_back(app: Flask, monkeypatch: Plant) -> None:
    monkeypatch.setattr(errors, "carried_fields", list)
    with failing():
        test_bad_input.test_an_expired_form_token_gives_the_text_back_with_a_fresh_one(app)


# Row 24


@pytest.mark.parametrize("target", ["/\\evil", "///evil"])
def test_the_redirect_that_everybody_copies(app: Flask, monkeypatch: Plant, target: str) -> None:
    monkeypatch.setattr(auth_views, "is_local_path", lambda path: not urlsplit(path).netloc)
    with failing("Location|/"):
        test_signing_in.test_no_redirect_leaves_the_portal(app, target)


# Row 25


def test_a_workbook_whose_parts_are_not_looked_at(monkeypatch: Plant) -> None:
    monkeypatch.setattr(workbook, "_check_entries", lambda *_: None)
    for name in ("macro", "embedded object", "501 parts"):
        with failing():
            test_read_recapitulation.test_a_hostile_file_gets_one_sentence_within_a_second(name)


# Row 26


def test_a_text_that_becomes_a_formula(monkeypatch: Plant) -> None:
    monkeypatch.setattr(cells, "looks_like_formula", lambda _text: False)
    for payload in test_recapitulation.PAYLOADS:
        with failing():
            test_recapitulation.test_no_text_becomes_a_formula(payload)


# Row 27


def test_a_backup_that_is_older_than_what_it_should_hold(app: Flask, url: str, tmp_path: Path, monkeypatch: Plant) -> None:
    old = Operator(url, tmp_path).back_up()
    monkeypatch.setattr(Operator, "back_up", lambda _: old)
    with failing("lost"):
        test_backups_at_once.test_a_backup_under_load_holds_everything_acknowledged_before_it(app, url, tmp_path, silent)
