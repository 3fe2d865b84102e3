"""Work of a process that is gone, with its host or without, is taken up by another one: once, and not for ever."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from iki_portal.approvals import books
from iki_portal.extensions import db
from iki_portal.indicators import uploads
from iki_portal.models import Book, BookForm, BookState, StaffingState, StaffingWorkbook, Upload, UploadState
from iki_portal.organisation import staffing_workbooks
from iki_portal.organisation.operations import add_year
from iki_portal.upkeep.taking_up import TAKEN_UP_FOR, take_up
from iki_portal.web.transaction import transaction
from tests import office
from tests.shell import Shell

Made = Callable[[], tuple[type[Book] | type[Upload] | type[StaffingWorkbook], str]]


def a_book() -> tuple[type[Book], str]:
    office.bring_to("approved")
    with transaction():
        books.ask_for_book(office.YEAR, unit_id=None, form=BookForm.PDF, actor=office.actor(office.APPROVER), now=office.now())
    return Book, "compose"


def an_upload() -> tuple[type[Upload], str]:
    with transaction():
        add_year(2031, deadline=date(2030, 12, 31))
        uploads.take_upload("lembar.txt", b"isi", year=2031, actor=office.actor(office.OPERATOR), now=office.now())
    return Upload, "read-upload"


def a_workbook() -> tuple[type[StaffingWorkbook], str]:
    with transaction():
        staffing_workbooks.take_workbook("buku.xlsx", b"isi", actor=office.actor(office.OPERATOR), now=office.now())
    return StaffingWorkbook, "read-staffing"


def an_asked_workbook() -> tuple[type[StaffingWorkbook], str]:
    model, _ = a_workbook()
    with transaction():
        db.session.execute(update(model).values(state=StaffingState.APPLYING))
    return model, "apply-staffing"


KINDS = (a_book, an_upload, a_workbook, an_asked_workbook)
WHILE_RUNNING = {Book: BookState.RUNNING, Upload: UploadState.READING, StaffingWorkbook: StaffingState.COMPARING}


@pytest.mark.parametrize("made", KINDS, ids=lambda made: made.__name__)
def test_what_is_silent_is_taken_up_and_what_lives_is_left_alone(each_app: Flask, made: Made) -> None:
    with each_app.app_context():
        _, command = made()
        now = office.now()
        assert take_up(now) == []
        assert take_up(now + timedelta(minutes=3)) == [(command, "1")]


@pytest.mark.parametrize("made", KINDS[:3], ids=lambda made: made.__name__)
def test_only_one_takes_it_up(each_app: Flask, made: Made) -> None:
    with each_app.app_context():
        model, command = made()
        with transaction():
            db.session.execute(update(model).values(state=WHILE_RUNNING[model]))
        later = office.now() + timedelta(minutes=3)
        assert take_up(later) == [(command, "1")]
        assert take_up(later) == []
        assert db.session.get_one(model, 1).state.value == "queued"


@pytest.mark.parametrize("made", KINDS, ids=lambda made: made.__name__)
def test_what_ends_its_process_every_time_is_given_up(app: Flask, made: Made) -> None:
    with app.app_context():
        made()
        assert take_up(office.now() + TAKEN_UP_FOR + timedelta(minutes=1)) == []


@pytest.mark.parametrize("state", ["done", "failed"])
def test_what_has_ended_is_left_alone(app: Flask, state: str) -> None:
    with app.app_context():
        model, _ = a_book()
        with transaction():
            db.session.execute(update(model).values(state=BookState(state)))
        assert take_up(office.now() + timedelta(minutes=3)) == []


def test_a_book_whose_host_is_gone_is_composed_by_the_command(app: Flask, url: str, tmp_path: Path) -> None:
    with app.app_context():
        model, _ = a_book()
        with transaction():
            db.session.execute(update(model).values(state=BookState.RUNNING, touched_at=office.now() - 2 * books.STALE))
    shell = Shell(tmp_path, url)
    assert shell.good("take-up") == "compose 1: taken up.\n"
    with app.app_context():
        assert books.finished_book(1)[1].startswith(b"%PDF")
    assert shell.good("take-up") == ""


def test_work_that_cannot_be_done_is_named(app: Flask, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        model, _ = a_book()
        with transaction():
            db.session.execute(update(model).values(touched_at=office.now() - 2 * books.STALE))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "not done: compose 1" in Shell(tmp_path, url).refused("take-up")
