"""The owner answers what only advises; the answer stands beside the finding for as long as the finding says the same."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from iki_portal.approvals import operations
from iki_portal.domain.quality import Counts, Severity
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.indicators.checking import checked, kept_counts
from iki_portal.indicators.operations import StatementProposal
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.models import FindingAnswer, FindingCount
from tests import office
from tests.features.test_quality_rules import set_to

WHY = "rekapitulasi provinsi memakai persen"


def key_of(app: Flask, number: int = 5, post_code: str = office.OWNER) -> str:
    with app.app_context():
        sheet = office.sheet_of(post_code)
        paper = papers([sheet.id])[sheet.id]
        found = checked(sheet.id, paper, actor=office.actor(post_code), on=office.today_in_office())
        return next(each.key for each in found if each.rule.number == number)


def say(client: FlaskClient, sheet_id: int, key: str, reason: str = WHY, action: str = "answer") -> Any:
    return office.post(client, f"/lembar/{sheet_id}/temuan", {"finding": key, "reason": reason, "action": action})


def answered(app: Flask) -> int:
    """A draft whose one finding is answered; returns its id."""
    with app.app_context():
        sheet_id = office.advise().id
    assert say(office.sign_in(app, office.OWNER), sheet_id, key_of(app)).status_code == 302
    return sheet_id


def answers() -> list[tuple[int, str]]:
    return [(row.rule, row.reason) for row in db.session.scalars(select(FindingAnswer).order_by(FindingAnswer.id))]


def save(change: Any) -> None:
    sheet = office.sheet_of(office.OWNER)
    rows = list(rows_on(papers([sheet.id])[sheet.id]))
    with office.transaction():
        actor = office.actor(office.OWNER)
        office.writing.save_sheet(sheet, change(rows), actor=actor, seen=sheet.version, now=office.now())


def with_first(rows: list[StatementProposal], **cells: Any) -> list[StatementProposal]:
    first, *others = rows
    row, *more = first.indicators
    return [replace(first, indicators=(replace(row, **cells), *more)), *others]


def test_an_answered_finding_is_open_no_more_and_the_reviewer_reads_why(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.advise()
    client = office.sign_in(each_app, office.OWNER)
    page = client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "Sengaja? Jelaskan" in page
    assert "1 saran" in page
    for listed in ("/", "/lembar"):
        assert "1 saran" in client.get(listed).get_data(as_text=True)
    answer = say(client, sheet.id, key_of(each_app))
    assert "#indikator-" in answer.headers["Location"]
    for name in (office.OWNER, office.REVIEWER):
        reader = office.sign_in(each_app, name)
        page = reader.get(f"/lembar/{sheet.id}").get_data(as_text=True)
        assert "Saran, dijawab (M05)" in page
        assert f"Sengaja, karena: {WHY}" in page
        assert "1 dijawab" in page
        assert "1 saran" not in page
        assert ("Ubah jawaban" in page) is (name == office.OWNER)
    for listed in ("/", "/lembar"):
        assert "1 saran" not in client.get(listed).get_data(as_text=True)
    with each_app.app_context():
        office.submit()
    inbox = office.sign_in(each_app, office.REVIEWER).get("/persetujuan").get_data(as_text=True)
    assert "1 saran" not in inbox


def test_the_inbox_counts_what_is_open(app: Flask) -> None:
    with app.app_context():
        office.advise()
        office.submit()
    client = office.sign_in(app, office.REVIEWER)
    for page in ("/persetujuan", "/"):
        assert "1 saran" in client.get(page).get_data(as_text=True)


def test_an_answer_no_longer_covers_a_changed_row(app: Flask) -> None:
    answered(app)
    with app.app_context():
        save(lambda rows: with_first(rows, unit_of_measure="orang"))
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id(app)}").get_data(as_text=True)
    assert "Saran (M06)" in page
    assert WHY not in page
    with app.app_context():
        save(lambda rows: with_first(rows, unit_of_measure="%"))  # says again what was answered
        assert kept_counts([office.sheet_of(office.OWNER).id]) == {}


def sheet_id(app: Flask) -> int:
    with app.app_context():
        return office.sheet_of(office.OWNER).id


def test_an_answer_is_replaced_and_taken_back(each_app: Flask) -> None:
    sheet = answered(each_app)
    client, key = office.sign_in(each_app, office.OWNER), key_of(each_app)
    assert say(client, sheet, key, "alasan lain").status_code == 302
    with each_app.app_context():
        assert answers() == [(5, "alasan lain")]
        assert kept_counts([sheet]) == {}
    assert say(client, sheet, key, "", action="withdraw").status_code == 302
    with each_app.app_context():
        assert answers() == []
        assert kept_counts([sheet]) == {sheet: Counts(advising=1)}


def test_a_finding_on_a_statement_or_the_sheet_is_answered_too(app: Flask) -> None:
    with app.app_context():
        office.advise()
        save(lambda rows: [replace(rows[0], text="Melaksanakan koordinasi pengadaan"), *rows[1:]])
    client, sheet = office.sign_in(app, office.OWNER), sheet_id(app)
    assert "Kinerja 1. Saran (M09)" in client.get(f"/lembar/{sheet}").get_data(as_text=True)
    assert say(client, sheet, key_of(app, 9)).headers["Location"].endswith("#mutu")
    assert "Kinerja 1. Saran, dijawab (M09)" in client.get(f"/lembar/{sheet}").get_data(as_text=True)


def test_what_blocks_cannot_be_answered_and_the_page_says_why(app: Flask) -> None:
    with app.app_context():
        sheet = office.advise()
        set_to(5, Severity.BLOCKS)
    client = office.sign_in(app, office.OWNER)
    page = client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "Yang menghalangi tidak dapat dijawab" in page
    assert "Sengaja? Jelaskan" not in page
    answer = say(client, sheet.id, key_of(app))
    assert answer.status_code == 409
    assert "Temuan yang menghalangi tidak dapat dijawab" in answer.get_data(as_text=True)
    assert WHY in answer.get_data(as_text=True)
    with app.app_context():
        assert answers() == []


def test_an_answer_given_before_the_rule_was_raised_opens_no_gate(app: Flask) -> None:
    sheet = answered(app)
    with app.app_context():
        set_to(5, Severity.BLOCKS)
        assert kept_counts([sheet]) == {sheet: Counts(blocking=1)}
        with pytest.raises(operations.Incomplete):
            office.submit()
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet}").get_data(as_text=True)
    assert "Menghalangi (M05)" in page
    assert f"Sengaja, karena: {WHY}" in page


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_an_answer_needs_a_reason_of_some_words(app: Flask, reason: str) -> None:
    with app.app_context():
        sheet = office.advise()
    answer = say(office.sign_in(app, office.OWNER), sheet.id, key_of(app), reason)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert '<details class="finding-form no-print" open>' in page
    assert reason.strip() in page
    with app.app_context():
        assert answers() == []


@pytest.mark.parametrize("fields", [{}, {"finding": "5.lembar.x"}, {"finding": "x" * 101, "action": "answer"}])
def test_a_form_that_lacks_its_fields_is_refused(app: Flask, fields: dict[str, str]) -> None:
    assert office.post(office.sign_in(app, office.OWNER), f"/lembar/{sheet_id(app)}/temuan", fields).status_code == 422


def test_a_finding_that_stands_no_more_is_told_and_what_was_typed_is_not_lost(app: Flask) -> None:
    with app.app_context():
        sheet = office.advise()
    key = key_of(app)
    with app.app_context():
        save(lambda rows: with_first(rows, unit_of_measure="dokumen"))
    answer = say(office.sign_in(app, office.OWNER), sheet.id, key)
    assert answer.status_code == 409
    assert WHY in answer.get_data(as_text=True)


def test_only_the_owner_answers_and_only_in_the_draft(app: Flask) -> None:
    sheet, key = answered(app), key_of(app)
    assert say(office.sign_in(app, office.REVIEWER), sheet, key).status_code == 403
    assert say(office.sign_in(app, office.OUTSIDER), sheet, key).status_code == 404
    assert say(office.sign_in(app, office.OPERATOR), sheet, key).status_code == 403
    with app.app_context():
        office.submit()
    for action in ("answer", "withdraw"):
        assert say(office.sign_in(app, office.OWNER), sheet, key, "lain", action).status_code == 409
    with app.app_context():
        assert answers() == [(5, WHY)]


def test_the_database_keeps_the_answers_of_what_was_submitted(each_app: Flask) -> None:
    answered(each_app)
    attacks = (
        "UPDATE finding_answer SET reason = 'x'",
        "DELETE FROM finding_answer",
        "INSERT INTO finding_answer (sheet_id, rule, place, about, reason, answered_by, answered_at)"
        " SELECT sheet_id, 6, place, about, reason, answered_by, answered_at FROM finding_answer",
    )
    with each_app.app_context():
        office.submit()
        for attack in attacks:
            with pytest.raises(DBAPIError, match="not a draft"), office.transaction():
                db.session.execute(text(attack))
        assert answers() == [(5, WHY)]


def test_a_revision_takes_the_answers_along(app: Flask) -> None:
    answered(app)
    with app.app_context():
        office.submit()
        office.review()
        sheet = office.approve()
        with office.transaction():
            actor = office.actor(office.OWNER)
            newer = operations.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran.", now=office.now())
        assert answers() == [(5, WHY), (5, WHY)]
        assert kept_counts([newer]) == {}
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{newer}").get_data(as_text=True)
    assert f"Sengaja, karena: {WHY}" in page


def test_an_answer_goes_with_its_row(app: Flask) -> None:
    answered(app)
    with app.app_context():
        save(lambda rows: rows[1:])
        assert answers() == []


def test_counts_are_kept_for_lists_and_none_for_what_is_in_force(app: Flask) -> None:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
        assert kept_counts([sheet.id]) == {sheet.id: Counts(blocking=3)}
        office.advise()
        assert kept_counts([sheet.id]) == {sheet.id: Counts(advising=1)}
        office.submit()
        office.review()
        office.approve()
        assert db.session.scalar(select(func.count()).where(FindingCount.sheet_id == sheet.id)) == 1
        assert kept_counts([sheet.id]) == {}
        assert kept_counts([]) == {}


# The same indicator on another post's sheet

SAME = "Jumlah Dokumen Hasil Pelaksanaan Penilaian dan Evaluasi Kinerja Aparatur"
COLLEAGUE = "analis.profesi"
NOTE = "Indikator ini juga tercantum pada lembar"


def share(post_code: str, words: str = SAME) -> None:
    """Let the first indicator of the post's draft say these words."""
    sheet = office.fill_in(post_code)
    rows = with_first(list(office.complete_rows(sheet)), text=words)
    with office.transaction():
        office.writing.save_sheet(sheet, rows, actor=office.actor(post_code), seen=sheet.version, now=office.now())


def seen_by(app: Flask, name: str, post_code: str = office.OWNER) -> str:
    with app.app_context():
        sheet = office.sheet_of(post_code)
    page = office.sign_in(app, name).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    return page.split(NOTE, 1)[1].split("<", 1)[0] if NOTE in page else ""


def test_a_draft_of_a_colleague_is_named_to_those_who_see_both_and_to_nobody_else(each_app: Flask) -> None:
    with each_app.app_context():
        share(office.OWNER)
        share(COLLEAGUE, SAME.upper() + ".")
        area = office.sheet_of(COLLEAGUE).name
    assert area in seen_by(each_app, office.REVIEWER)
    assert area in seen_by(each_app, office.HEAD)
    assert seen_by(each_app, office.OWNER) == ""
    assert NOTE not in office.sign_in(each_app, office.OWNER).get(f"/lembar/{sheet_id(each_app)}/ubah").get_data(as_text=True)
    with each_app.app_context():
        office.submit(COLLEAGUE)
    assert seen_by(each_app, office.OWNER) == ""
    with each_app.app_context():
        office.review(COLLEAGUE)
        office.approve(COLLEAGUE)
    assert area in seen_by(each_app, office.OWNER)


def test_what_the_same_words_elsewhere_tell_is_in_no_count(app: Flask) -> None:
    with app.app_context():
        share(office.OWNER)
        share(COLLEAGUE)
        office.submit()
    client = office.sign_in(app, office.REVIEWER)
    assert seen_by(app, office.REVIEWER) != ""
    assert "1 saran" not in client.get(f"/lembar/{sheet_id(app)}").get_data(as_text=True)
    assert "1 saran" not in client.get("/persetujuan").get_data(as_text=True)


def test_neither_ones_own_revisions_nor_another_year_nor_what_was_replaced_is_another_sheet(app: Flask) -> None:
    with app.app_context():
        share(COLLEAGUE)
        for act in (office.submit, office.review, office.approve):
            act(COLLEAGUE)
        for words in (SAME, "Jumlah dokumen lain yang selesai"):
            sheet = office.sheet_of(COLLEAGUE)
            with office.transaction():
                actor = office.actor(COLLEAGUE)
                operations.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran.", now=office.now())
            assert seen_by(app, COLLEAGUE, COLLEAGUE) == ""
            share(COLLEAGUE, words)
            for act in (office.submit, office.review, office.approve):
                act(COLLEAGUE)
        share(office.OWNER)
    assert seen_by(app, office.OWNER) == ""  # only superseded revisions of the colleague say it


def test_the_editor_shows_the_answer_beside_its_row(app: Flask) -> None:
    sheet_id = answered(app)
    page = office.sign_in(app, office.OWNER).get(f"/lembar/{sheet_id}/ubah").get_data(as_text=True)
    assert f"Jawaban Anda: {WHY}" in page
