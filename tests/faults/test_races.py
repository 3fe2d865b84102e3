"""Rows 7, 8, 9 and 11 of the bar: people who act at the same moment, on both databases, with connections of their own.

The rounds of a normal run are few; `make faults` runs the whole bar.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, select, text

from iki_portal.domain.dates import format_datetime
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators.applying import targets
from iki_portal.indicators.forms import SheetForm
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import HistoryEntry, Position, Sheet, Statement
from iki_portal.organisation.operations import add_year
from tests import office
from tests.faults.bar import rounds_of
from tests.office import broken_copies

pytestmark = pytest.mark.fault

#: Row 11 asks for 200 answers out of 200.
ANSWERS = 200
ROUNDS = rounds_of(1000, short=12)
Call = Callable[[], tuple[int, str]]
COLUMNS = "NO\tKINERJA\tINDIKATOR KINERJA\tPENJELASAN / FORMULASI PERHITUNGAN\tSUMBER DATA"


def at_once(*calls: Call) -> list[tuple[int, str]]:
    """Start all calls together; their answers in order."""
    barrier = threading.Barrier(len(calls))
    answers: list[tuple[int, str]] = [(0, "")] * len(calls)

    def run(place: int, call: Call) -> None:
        barrier.wait()
        answers[place] = call()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def posting(client: FlaskClient, token: str, url: str, data: dict[str, str]) -> Call:
    def call() -> tuple[int, str]:
        answer = client.post(url, data={"csrf_token": token, **data})
        return answer.status_code, answer.get_data(as_text=True)

    return call


class Desk:
    """Somebody's browser, its token fetched once."""

    def __init__(self, app: Flask, name: str) -> None:
        self.client = office.sign_in(app, name)
        self.token = office.csrf_token(self.client)

    def post(self, url: str, **data: str) -> Call:
        return posting(self.client, self.token, url, data)


@pytest.fixture
def whole(each_app: Flask) -> Iterator[Flask]:
    """The portal; whatever happened, its chain must be whole afterwards."""
    yield each_app
    with each_app.app_context():
        assert verify(each_app.config["IKI"].history_keys).problem == ""


def back_to(app: Flask, state: str) -> tuple[int, int]:
    """Bring the owner's sheet to `state` again; its id and version."""
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        if sheet.state == "reviewed":
            with office.transaction():
                office.approvals.return_sheet(
                    sheet, actor=office.actor(office.APPROVER), seen=sheet.version, now=office.now(), note="Ulangi."
                )
            sheet = office.sheet_of(office.OWNER)
        if state == "submitted" and sheet.state == "draft":
            sheet = office.submit()
        return sheet.id, sheet.version


def test_two_officers_decide_one_sheet_and_exactly_one_wins(whole: Flask) -> None:
    with whole.app_context():
        office.fill_in()
    first, second = Desk(whole, office.REVIEWER), Desk(whole, office.REVIEWER)
    for _ in range(ROUNDS):
        sheet_id, version = back_to(whole, "submitted")
        url = f"/lembar/{sheet_id}/keputusan"
        calls = [desk.post(url, step="review", version=str(version), note="Sudah sesuai") for desk in (first, second)]
        answers = at_once(*calls)
        assert sorted(status for status, _ in answers) == [302, 409]
        told = next(page for status, page in answers if status == 409)
        with whole.app_context():
            when = format_datetime(office.sheet_of(office.OWNER).changed_at)
        assert f"Pegawai Contoh 06 menyetujui reviu, {when}." in told
        assert "Sudah sesuai" in told


def reviewed_again(app: Flask) -> SeenSheet:
    """The owner's sheet on the approver's desk again, if need be in its next revision."""
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        if sheet.state == "approved":
            with office.transaction():
                office.approvals.revise(
                    sheet, actor=office.actor(office.OWNER), reason=ReasonClass.CORRECTION, note="Ulangi.", now=office.now()
                )
        if sheet.state != "reviewed":
            office.submit()
            office.review()
        return office.sheet_of(office.OWNER)


def test_returning_against_approving(whole: Flask) -> None:
    with whole.app_context():
        office.fill_in()
    desks = [Desk(whole, office.APPROVER) for _ in range(2)]
    notes = {"return": "Perbaiki baris 1.", "approve": "Setuju."}
    for _ in range(ROUNDS):
        sheet = reviewed_again(whole)
        url, version = f"/lembar/{sheet.id}/keputusan", str(sheet.version)
        calls = [
            desk.post(url, step=step, note=note, version=version)
            for desk, (step, note) in zip(desks, notes.items(), strict=True)
        ]
        answers = dict(zip(notes, at_once(*calls), strict=True))
        assert sorted(status for status, _ in answers.values()) == [302, 409]
        lost = next(step for step, (status, _) in answers.items() if status == 409)
        assert "Pegawai Contoh 02 " in answers[lost][1]
        assert notes[lost] in answers[lost][1]
        with whole.app_context():
            assert office.sheet_of(office.OWNER).state == {"return": "approved", "approve": "draft"}[lost]
            assert broken_copies() == []


def test_two_different_people_act_on_one_sheet_at_once(whole: Flask) -> None:
    """The owner withdraws while the reviewer decides: one of them, and the other is told by whom and when."""
    with whole.app_context():
        office.fill_in()
    owner, reviewer = Desk(whole, office.OWNER), Desk(whole, office.REVIEWER)
    for _ in range(ROUNDS):
        sheet_id, version = back_to(whole, "submitted")
        answers = at_once(
            owner.post(f"/lembar/{sheet_id}/penarikan", version=str(version)),
            reviewer.post(f"/lembar/{sheet_id}/keputusan", step="review", version=str(version), note="Sudah sesuai"),
        )
        assert sorted(status for status, _ in answers) == [302, 409], answers
        withdrawn = answers[0][0] == 302
        told = answers[1 if withdrawn else 0][1]
        assert ("Pegawai Contoh 07 menarik kembali" if withdrawn else "Pegawai Contoh 06 menyetujui reviu") in told


def test_edits_never_overwrite_each_other_silently(whole: Flask) -> None:
    desks = [Desk(whole, office.OWNER) for _ in range(2)]
    for number in range(ROUNDS):
        with whole.app_context():
            sheet = office.sheet_of(office.OWNER)
            row = db.session.scalars(
                select(Statement.id).where(Statement.sheet_id == sheet.id).order_by(Statement.number)
            ).first()
        url = f"/lembar/{sheet.id}/ubah"
        texts = [f"Naskah {number} dari meja {place}" for place in range(2)]
        calls = [
            desk.post(url, version=str(sheet.version), statement=str(row), whole="1", **{f"statement-{row}-text": said})
            for desk, said in zip(desks, texts, strict=True)
        ]
        answers = at_once(*calls)
        assert sorted(status for status, _ in answers) == [302, 409]
        lost = next(place for place, (status, _) in enumerate(answers) if status == 409)
        assert texts[lost] in answers[lost][1]
        with whole.app_context():
            stored = db.session.scalar(select(Statement.text).where(Statement.id == row))
            assert stored == texts[1 - lost]


@pytest.mark.parametrize("files", [1, 2], ids=["one upload", "two uploads"])
def test_two_applications_at_once_make_one_draft(whole: Flask, files: int) -> None:
    document = f"INDIKATOR KINERJA INDIVIDU (IKI)\nSEKRETARIS\nUnit Kerja : Sekretaris\n{COLUMNS}\n1\tA\tB\tC\tD\n".encode()
    desks = [Desk(whole, office.OPERATOR) for _ in range(2)]
    for year in range(office.YEAR + 1, office.YEAR + 1 + min(ROUNDS, 4)):
        with whole.app_context():
            with office.transaction():
                add_year(year, deadline=None)
            sent = [office.uploaded(year=year, content=document) for _ in range(files)]
            key = next(each.key for each in targets(year).values() if each.title == "Sekretaris")
        calls = [
            desk.post(f"/impor/{upload_id}/penerapan", **{"post-1": key})
            for desk, upload_id in zip(desks, (sent[0], sent[-1]), strict=True)
        ]
        assert sorted(status for status, _ in at_once(*calls)) == [302, 409]
        with whole.app_context():
            assert db.session.scalar(select(func.count()).where(Sheet.year == year)) == 1


def editor_fields(sheet: SeenSheet, *, source: str) -> dict[str, str]:
    """The editor's form with the first statement alone, complete, and one cell changed."""
    form = SheetForm.of_rows(rows_on(papers([sheet.id])[sheet.id]), sheet.version)
    statement = form.statements[0]
    indicator = statement.indicators[0]
    cells = {indicator.name(cell): value for cell, value in indicator.values.items()}
    return {
        "version": str(sheet.version),
        "whole": "1",
        "statement": statement.key,
        statement.name: statement.text,
        f"statement-{statement.key}-indicator": indicator.key,
        **cells,
        indicator.name("source"): source,
    }


def test_editing_against_submitting(whole: Flask) -> None:
    editor, submitter = Desk(whole, office.OWNER), Desk(whole, office.OWNER)
    for number in range(ROUNDS):
        with whole.app_context():
            sheet = office.sheet_of(office.OWNER)
            if sheet.state == "submitted":
                with office.transaction():
                    office.approvals.withdraw(sheet, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
            sheet = office.fill_in()
            typed = f"Buku agenda {number}"
            fields = editor_fields(sheet, source=typed)
        answers = at_once(
            editor.post(f"/lembar/{sheet.id}/ubah", **fields),
            submitter.post(f"/lembar/{sheet.id}/pengajuan", version=str(sheet.version)),
        )
        assert sorted(status for status, _ in answers) == [302, 409]
        edited = answers[0][0] == 302
        with whole.app_context():
            sheet = office.sheet_of(office.OWNER)
            sources = {each.source for row in papers([sheet.id])[sheet.id].statements for each in row.indicators}
        assert sheet.state == ("draft" if edited else "submitted")
        assert (typed in sources) is edited, "what was submitted is what its owner saw"
        assert edited or typed in answers[0][1], "what the loser typed comes back"


def test_every_form_sent_three_times_acts_once(whole: Flask) -> None:
    with whole.app_context():
        office.fill_in()
        before = db.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0
    owner, reviewer, approver = (Desk(whole, name) for name in (office.OWNER, office.REVIEWER, office.APPROVER))

    def three_times(desk: Desk, path: str, **data: str) -> None:
        with whole.app_context():
            sheet = office.sheet_of(office.OWNER)
        call = desk.post(f"/lembar/{sheet.id}/{path}", **{"version": str(sheet.version), **data})
        statuses = [status for status, _ in at_once(call, call, call)]
        assert statuses.count(302) == 1, (path, statuses)
        assert set(statuses) <= {302, 409}, (path, statuses)

    three_times(owner, "pengajuan")
    three_times(owner, "penarikan")
    three_times(owner, "pengajuan")
    three_times(reviewer, "keputusan", step="review")
    three_times(approver, "keputusan", step="approve")
    three_times(owner, "perubahan", reason="budget", note="Anggaran berubah.")
    with whole.app_context():
        after = db.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0
        assert after - before == 6
        owned = select(func.count()).select_from(Sheet).where(Sheet.position_id == office.sheet_of(office.OWNER).position_id)
        assert db.session.scalar(owned) == 2


def test_an_editor_sent_three_times_adds_one_row(whole: Flask) -> None:
    owner = Desk(whole, office.OWNER)
    with whole.app_context():
        sheet = office.fill_in()
        fields = editor_fields(sheet, source="Buku agenda") | {"action": "add-statement"}
    add = owner.post(f"/lembar/{sheet.id}/ubah", **fields)
    assert [status for status, _ in at_once(add, add, add)] == [302, 302, 302]  # each is told what the first one did
    with whole.app_context():
        rows = select(func.count()).select_from(Statement).where(Statement.sheet_id == sheet.id)
        assert db.session.scalar(rows) == 2


def test_a_year_closed_three_times_at_once_is_closed_once(whole: Flask) -> None:
    approver = Desk(whole, office.APPROVER)
    with whole.app_context():
        for code in db.session.scalars(select(Position.code).where(Position.approver_id.is_not(None))).all():
            office.bring_to("approved", code)
    close = approver.post(f"/tahun/{office.YEAR}/penutupan")
    assert sorted(status for status, _ in at_once(close, close, close)) == [302, 409, 409]
    with whole.app_context():
        assert db.session.scalar(select(func.count()).where(HistoryEntry.action == "close_planning")) == 1


def test_an_answer_leaves_only_after_the_commit(each_app: Flask) -> None:
    """At the moment the first byte may leave, another connection already reads what the answer speaks of."""
    read: list[tuple[str, int]] = []
    with each_app.app_context():
        office.fill_in()
        engine = db.engine
        other = create_engine(engine.url)
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                assert connection.scalar(text("PRAGMA synchronous")) == 2
                assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
                assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        else:
            assert db.session.scalar(text("SHOW synchronous_commit")) == "on"
    desk = Desk(each_app, office.OWNER)
    with each_app.app_context():
        sheet = office.sheet_of(office.OWNER)
    inner = each_app.wsgi_app

    def watched(environ: Any, start_response: Any) -> Any:
        def starting(*arguments: Any) -> Any:
            with other.connect() as connection:
                row = connection.execute(select(Sheet.state, Sheet.version).where(Sheet.id == sheet.id)).one()
            read.append((row.state, row.version))
            return start_response(*arguments)

        return inner(environ, starting)

    each_app.wsgi_app = watched  # type: ignore[method-assign]
    state, version = "draft", sheet.version
    for _ in range(ANSWERS):
        path, state = ("pengajuan", "submitted") if state == "draft" else ("penarikan", "draft")
        read.clear()
        status, _page = desk.post(f"/lembar/{sheet.id}/{path}", version=str(version))()
        version += 1
        assert status == 302
        assert read == [(state, version)]
    other.dispose()


def test_two_operators_who_would_make_a_circle_together_never_do(each_app: Flask) -> None:
    """Each half of the circle is possible alone: the Kabid below the other Kabid, and the other way round."""
    clients = [office.sign_in(each_app, office.OPERATOR) for _ in range(2)]
    tokens = [office.csrf_token(client) for client in clients]
    for _ in range(min(ROUNDS, 6)):
        with each_app.app_context():
            rows = [post_of(code) for code in (office.REVIEWER, office.OTHER_REVIEWER)]
            with office.transaction():
                for row in rows:
                    row.superior_id = post_of(office.HEAD).id
            calls = []
            for client, token, row, other in zip(clients, tokens, rows, reversed(rows), strict=True):
                url, given = f"/jabatan/{row.id}/ubah", moved_below(row, other)
                shown = client.post(url, data={"csrf_token": token, **given}).get_data(as_text=True)
                seal = shown.split('name="previewed" value="', 1)[1].split('"', 1)[0]
                calls.append(posting(client, token, url, {**given, "previewed": seal}))
        answers = at_once(*calls)
        assert sorted(status for status, _ in answers) == [302, 422]
        with each_app.app_context():
            pair = [post_of(code) for code in (office.REVIEWER, office.OTHER_REVIEWER)]
            assert [row.superior_id for row in pair] != [row.id for row in reversed(pair)]
            assert verify(each_app.config["IKI"].history_keys).is_whole


def post_of(code: str) -> Position:
    return db.session.scalars(select(Position).where(Position.code == code).execution_options(populate_existing=True)).one()


def moved_below(row: Position, other: Position) -> dict[str, str]:
    """The form of a post as it stands, with another superior and a route of its own."""
    return {
        "version": str(row.version),
        "kind": row.kind.value,
        "unit": str(row.unit_id),
        "superior": str(other.id),
        "route": "own",
        "reviewer": str(row.reviewer_id or 0),
        "approver": str(row.approver_id or 0),
        "order": str(row.order),
        "main_duty": row.main_duty,
    }
