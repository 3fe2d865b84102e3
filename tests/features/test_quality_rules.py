"""Aturan mutu: the operator says how severe a rule is in a year, and why; everybody reads it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.approvals import operations
from iki_portal.config import Settings
from iki_portal.domain.quality import RULES, Severity, rule_numbered
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators.checking import kept_counts
from iki_portal.indicators.rule_settings import set_rule
from iki_portal.models import HistoryEntry, RuleSetting
from iki_portal.organisation.operations import add_year
from tests import office

REASON = "Diputuskan dalam rapat 12 November."


def change(
    app: Flask, number: int, severity: str, *, reason: str = REASON, version: int = 0, name: str = office.OPERATOR
) -> Any:
    fields = {"version": str(version), "severity": severity, "reason": reason}
    return office.post(office.sign_in(app, name), f"/aturan-mutu/{office.YEAR}/{number}", fields)


def set_to(number: int, severity: Severity, year: int = office.YEAR) -> None:
    rule = rule_numbered(number)
    assert rule is not None
    with office.transaction():
        set_rule(year, rule, severity, actor=office.actor(office.OPERATOR), reason=REASON, seen=0, now=office.now())


def settings(app: Flask) -> list[tuple[int, str, int]]:
    with app.app_context():
        return [(row.rule, row.severity.value, row.version) for row in db.session.scalars(select(RuleSetting))]


def test_everybody_reads_every_rule(app: Flask) -> None:
    for name in (office.OUTSIDER, office.OPERATOR):
        client = office.sign_in(app, name)
        assert client.get("/aturan-mutu").headers["Location"] == f"/aturan-mutu/{office.YEAR}"
        page = client.get(f"/aturan-mutu/{office.YEAR}").get_data(as_text=True)
        assert all(f'id="{rule.code}"' in page and rule.title in page and rule.remedy in page for rule in RULES)
        assert (f"/aturan-mutu/{office.YEAR}/5" in page) is (name == office.OPERATOR)


def test_a_rule_set_off_sees_nothing_and_the_sheet_can_be_submitted(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.fill_in()
        rows = office.complete_rows(sheet)
        same = [
            office.replace(row, indicators=tuple(office.replace(each, formula=each.text) for each in row.indicators))
            for row in rows
        ]
        with office.transaction():
            office.writing.save_sheet(sheet, same, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
    client = office.sign_in(each_app, office.OWNER)
    assert "(M01)" in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "menghalangi" in client.get("/lembar").get_data(as_text=True)
    assert change(each_app, 1, "off").status_code == 302
    page = client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "(M01)" not in page
    assert "Ajukan untuk reviu" in page
    assert "menghalangi" not in client.get("/lembar").get_data(as_text=True)
    with each_app.app_context():
        assert office.submit().state == "submitted"


def test_a_rule_set_to_block_refuses_the_sheet(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.advise()
    client = office.sign_in(each_app, office.OWNER)
    assert "Saran (M05)" in client.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert change(each_app, 5, "blocks").status_code == 302
    for page in (f"/lembar/{sheet.id}", f"/lembar/{sheet.id}/ubah"):
        assert "Menghalangi (M05)" in client.get(page).get_data(as_text=True)
    assert "1 menghalangi" in client.get("/").get_data(as_text=True)
    answer = office.post(client, f"/lembar/{sheet.id}/pengajuan", {"version": str(sheet.version)})
    assert answer.status_code == 422
    assert "Lembar belum dapat diajukan. Baris 1.1: Jumlah dengan satuan persen." in answer.get_data(as_text=True)


def test_a_rule_raised_later_changes_nothing_for_a_submitted_sheet(app: Flask) -> None:
    with app.app_context():
        office.advise()
        office.submit()
        set_to(5, Severity.BLOCKS)
        office.review()
        assert office.approve().state == "approved"


def test_a_setting_holds_in_its_year_alone(app: Flask) -> None:
    with app.app_context():
        with office.transaction():
            add_year(office.YEAR + 1, deadline=None)
        set_to(1, Severity.OFF, year=office.YEAR + 1)
        sheet = office.sheet_of(office.OWNER)
        assert kept_counts([sheet.id])[sheet.id].blocking == 3
    client = office.sign_in(app, office.OWNER)
    assert "Dimatikan" not in client.get(f"/aturan-mutu/{office.YEAR}").get_data(as_text=True).split("<tbody>")[1]
    assert "biasanya menghalangi" in client.get(f"/aturan-mutu/{office.YEAR + 1}").get_data(as_text=True)


def test_the_page_says_who_set_a_rule_why_and_what_it_was_before(app: Flask) -> None:
    change(app, 5, "blocks")
    change(app, 5, "off", reason="Ternyata dipakai.", version=1)
    page = office.sign_in(app, office.OUTSIDER).get(f"/aturan-mutu/{office.YEAR}").get_data(as_text=True)
    assert "Ternyata dipakai." in page
    assert "biasanya saran" in page
    with app.app_context():
        rows = db.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "set_rule").order_by(HistoryEntry.number))
        assert [(row.year, row.sheet_id, row.acting_title, row.note) for row in rows] == [
            (office.YEAR, None, "Operator", f"M05: Saran menjadi Menghalangi. {REASON}"),
            (office.YEAR, None, "Operator", "M05: Menghalangi menjadi Dimatikan. Ternyata dipakai."),
        ]
        kept: Settings = app.config["IKI"]
        assert verify(kept.history_keys).is_whole


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
def test_a_setting_needs_a_reason_of_some_words(app: Flask, reason: str) -> None:
    answer = change(app, 5, "blocks", reason=reason)
    assert answer.status_code == 422
    assert "Alasan" in answer.get_data(as_text=True)
    assert settings(app) == []


def test_an_unknown_severity_is_refused(app: Flask) -> None:
    assert change(app, 5, "perhaps").status_code == 422
    assert settings(app) == []


def test_what_somebody_else_set_meanwhile_is_not_overwritten(each_app: Flask) -> None:
    change(each_app, 5, "blocks")
    answer = change(each_app, 5, "off", reason="Menurut saya tidak perlu.")
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Aturan M05 sudah diatur" in page
    assert "Menurut saya tidak perlu." in page
    assert settings(each_app) == [(5, "blocks", 1)]
    assert change(each_app, 5, "off", version=1).status_code == 302


@pytest.mark.parametrize("name", [office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD])
def test_only_the_operator_sets_rules(app: Flask, name: str) -> None:
    answer = change(app, 5, "off", name=name)
    assert answer.status_code == 403
    assert "Aturan mutu diatur oleh operator." in answer.get_data(as_text=True)
    assert settings(app) == []


@pytest.mark.parametrize("address", ["2027/19", "2027/0", "2199/5", "99999999999/5", "2027/99999999999"])
def test_a_rule_or_year_that_is_not_there_is_not_found(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.OPERATOR).get(f"/aturan-mutu/{address}").status_code == 404


def test_submitting_again_keeps_the_year_s_severity(app: Flask) -> None:
    """Returned after the rule was raised, the sheet is a draft like any other."""
    with app.app_context():
        office.advise()
        sheet = office.submit()
        set_to(5, Severity.BLOCKS)
        with office.transaction():
            operations.withdraw(sheet, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
        with pytest.raises(operations.Incomplete):
            office.submit()
