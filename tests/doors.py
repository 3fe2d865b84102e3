"""Every door of the portal, its access, and addresses to knock at with real rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from iki_portal.domain.policy import Permission
from tests import office

P = Permission
#: Every endpoint and what it asks for; None: open to everybody.
DOORS: dict[str, Permission | None] = {
    "static": None,
    "bootstrap.static": None,
    "assets.font": None,
    "auth.sign_in": None,
    "auth.enter": None,
    "auth.enter_demo": None,
    "auth.to_provider": None,
    "auth.from_provider": None,
    "auth.sign_out": P.ACCOUNT_OWN,
    "auth.change_password": P.ACCOUNT_OWN,
    "auth.activate": None,
    "auth.second_step": None,
    "auth.own_account": P.ACCOUNT_OWN,
    "auth.act_as": P.ACCOUNT_OWN,
    "auth.own_data": P.ACCOUNT_OWN,
    "auth.own_data_file": P.ACCOUNT_OWN,
    "auth.end_session": P.ACCOUNT_OWN,
    "auth.sign_out_everywhere": P.ACCOUNT_OWN,
    "auth.choose_mail": P.NOTICE_READ,
    "auth.second_step_of_own": P.ACCOUNT_OWN,
    "auth.turn_off_second_step": P.ACCOUNT_OWN,
    "auth.accounts": P.ACCOUNT_WRITE,
    "auth.account": P.ACCOUNT_WRITE,
    "auth.without_account": P.ACCOUNT_WRITE,
    "auth.open_account": P.ACCOUNT_WRITE,
    "history.trail": P.AUDIT_READ,
    "history.trail_file": P.AUDIT_READ,
    "auth.open_operator": P.ACCOUNT_WRITE,
    "organisation.tree": P.ORGANISATION_READ,
    "indicators.sheets": P.SHEET_READ,
    "indicators.edit": P.SHEET_WRITE,
    "approvals.performance_years": P.YEAR_OPEN,
    "approvals.open_year": P.YEAR_OPEN,
    "approvals.change_deadline": P.YEAR_OPEN,
    "approvals.newest_rules": P.SHEET_READ,
    "approvals.rules": P.SHEET_READ,
    "approvals.change_rule": P.RULE_WRITE,
    "indicators.uploads": P.DOCUMENT_IMPORT,
    "indicators.template": P.DOCUMENT_IMPORT,
    "indicators.upload": P.DOCUMENT_IMPORT,
    "indicators.preview": P.DOCUMENT_IMPORT,
    "indicators.read_again": P.DOCUMENT_IMPORT,
    "indicators.apply_upload": P.DOCUMENT_IMPORT,
    "indicators.cancel_upload": P.DOCUMENT_IMPORT,
    "approvals.home": P.HOME_READ,
    "approvals.inbox": P.INBOX_READ,
    "approvals.sheet": P.SHEET_READ,
    "approvals.answer": P.SHEET_WRITE,
    "approvals.submit": P.SHEET_SUBMIT,
    "approvals.withdraw": P.SHEET_SUBMIT,
    "approvals.take_over": P.SHEET_SUBMIT,
    "approvals.decide": P.SHEET_DECIDE,
    "approvals.revise": P.SHEET_REVISE,
    "approvals.newest_year": P.YEAR_READ,
    "approvals.year": P.YEAR_READ,
    "approvals.close_planning": P.YEAR_CLOSE,
    "approvals.sheet_pdf": P.SHEET_READ,
    "approvals.sheet_docx": P.SHEET_READ,
    "approvals.e_kinerja": P.SHEET_READ,
    "approvals.action_plan": P.SHEET_READ,
    "approvals.compare": P.SHEET_READ,
    "approvals.decree": P.YEAR_READ,
    "approvals.books": P.YEAR_READ,
    "approvals.change_decree": P.DECREE_WRITE,
    "approvals.compose_book": P.BOOK_COMPOSE,
    "approvals.book": P.YEAR_READ,
    "approvals.recapitulation": P.SHEET_READ,
    "approvals.performance_books": P.PERFORMANCE_COMPOSE,
    "approvals.compose_performance": P.PERFORMANCE_COMPOSE,
    "approvals.performance_book": P.PERFORMANCE_COMPOSE,
    "approvals.comment": P.SHEET_COMMENT,
    "approvals.reply_to_comment": P.SHEET_COMMENT,
    "approvals.tick_off_comment": P.SHEET_COMMENT,
    "approvals.close_comment": P.SHEET_COMMENT,
    "approvals.reopen_comment": P.SHEET_COMMENT,
    "dialogue.talks": P.SHEET_READ,
    "dialogue.talk": P.SHEET_READ,
    "dialogue.new_talk": P.DIALOGUE_WRITE,
    "dialogue.change_talk": P.DIALOGUE_WRITE,
    "dialogue.confirm_talk": P.DIALOGUE_WRITE,
    "realisation.overview": P.SHEET_READ,
    "realisation.newest_report": P.SHEET_READ,
    "realisation.report": P.SHEET_READ,
    "realisation.attachment": P.SHEET_READ,
    "realisation.measurement": P.SHEET_READ,
    "realisation.year_measurement": P.SHEET_READ,
    "realisation.write_report": P.REALISATION_REPORT,
    "realisation.submit_report": P.REALISATION_REPORT,
    "realisation.correct_report": P.REALISATION_REPORT,
    "realisation.decide_report": P.REALISATION_VERIFY,
    "realisation.quarters": P.YEAR_OPEN,
    "realisation.set_measuring": P.YEAR_OPEN,
    "realisation.change_window": P.YEAR_OPEN,
    "cascade.tree": P.SHEET_READ,
    "cascade.goals": P.SHEET_READ,
    "cascade.support": P.SHEET_READ,
    "cascade.link": P.CASCADE_LINK,
    "cascade.unlink": P.CASCADE_LINK,
    "cascade.new_period": P.GOAL_WRITE,
    "cascade.change_period": P.GOAL_WRITE,
    "cascade.new_goal": P.GOAL_WRITE,
    "cascade.change_goal": P.GOAL_WRITE,
    "cascade.withdraw_goal": P.GOAL_WRITE,
    "cascade.new_iku": P.GOAL_WRITE,
    "cascade.change_iku": P.GOAL_WRITE,
    "cascade.withdraw_iku": P.GOAL_WRITE,
    "reports.newest": P.DASHBOARD_READ,
    "reports.dashboard": P.DASHBOARD_READ,
    "reports.trends": P.DASHBOARD_READ,
    "reports.reports": P.DASHBOARD_READ,
    "reports.sheets": P.DASHBOARD_READ,
    "reports.indicators": P.DASHBOARD_READ,
    "reports.waits": P.DASHBOARD_READ,
    "reports.recapitulation": P.DASHBOARD_READ,
    "approvals.notices": P.NOTICE_READ,
    "approvals.read_notice": P.NOTICE_READ,
    "approvals.read_all_notices": P.NOTICE_READ,
    "approvals.remind": P.YEAR_REMIND,
    "approvals.mail": P.MAIL_WRITE,
    "approvals.try_mail_again": P.MAIL_WRITE,
    "approvals.check": None,
    "approvals.check_file": None,
    "organisation.employees": P.ORGANISATION_WRITE,
    "organisation.employee": P.ORGANISATION_WRITE,
    "organisation.new_employee": P.ORGANISATION_WRITE,
    "organisation.change_employee": P.ORGANISATION_WRITE,
    "organisation.appoint": P.ORGANISATION_WRITE,
    "organisation.change_assignment": P.ORGANISATION_WRITE,
    "organisation.cancel_assignment": P.ORGANISATION_WRITE,
    "organisation.unit": P.ORGANISATION_READ,
    "organisation.post": P.ORGANISATION_READ,
    "organisation.closed": P.ORGANISATION_READ,
    "organisation.new_unit": P.ORGANISATION_WRITE,
    "organisation.change_unit": P.ORGANISATION_WRITE,
    "organisation.rename_unit": P.ORGANISATION_WRITE,
    "organisation.keep_unit_name": P.ORGANISATION_WRITE,
    "organisation.close_unit": P.ORGANISATION_WRITE,
    "organisation.new_post": P.ORGANISATION_WRITE,
    "organisation.change_post": P.ORGANISATION_WRITE,
    "organisation.rename_post": P.ORGANISATION_WRITE,
    "organisation.keep_post_name": P.ORGANISATION_WRITE,
    "organisation.close_post": P.ORGANISATION_WRITE,
    "organisation.staffing": P.ORGANISATION_WRITE,
    "organisation.upload_staffing": P.ORGANISATION_WRITE,
    "organisation.staffing_template": P.ORGANISATION_WRITE,
    "organisation.staffing_export": P.ORGANISATION_WRITE,
    "organisation.staffing_workbook": P.ORGANISATION_WRITE,
    "organisation.staffing_report": P.ORGANISATION_WRITE,
    "organisation.read_staffing_again": P.ORGANISATION_WRITE,
    "organisation.apply_staffing": P.ORGANISATION_WRITE,
    "organisation.cancel_staffing": P.ORGANISATION_WRITE,
    "organisation.office_text": P.OFFICE_WRITE,
    "organisation.change_office_text": P.OFFICE_WRITE,
    "upkeep.health": None,
    "upkeep.readiness": None,
    "upkeep.metrics": None,
}
FILES = frozenset({"static", "bootstrap.static", "assets.font"})
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Door:
    endpoint: str
    url: str
    methods: frozenset[str]


def doors(app: Flask, sheet_id: int, *, files: bool = False) -> Iterator[Door]:
    """Every rule of the URL map, with parameters that lead to a row."""
    values = {
        "<int:sheet_id>": str(sheet_id),
        "<int:year>": str(office.YEAR),
        "<int:book_id>": "1",
        "<int:comment_id>": "1",
        "<int:number>": "5",
        "<int:upload_id>": "1",
        "<int:workbook_id>": "1",
        "<int:employee_id>": "1",
        "<int:assignment_id>": "1",
        "<int:account_id>": "1",
        "<int:unit_id>": "3",
        "<int:position_id>": "3",
        "<int:notice_id>": "1",
        "<int:quarter>": "1",
        "<int:attachment_id>": "1",
        "<int:period_id>": "1",
        "<int:goal_id>": "1",
        "<int:iku_id>": "1",
        "<int:talk_id>": "1",
        "<path:filename>": "portal.js",
    }
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FILES and not files:
            continue
        url = rule.rule if rule.endpoint != "bootstrap.static" else "/bootstrap/static/css/bootstrap.min.css"
        for parameter, value in values.items():
            url = url.replace(parameter, value)
        assert "<" not in url, f"{rule.rule}: say in tests/doors.py which value leads to a row"
        yield Door(rule.endpoint, url, frozenset(rule.methods or ()))


def addresses(app: Flask, method: str) -> list[str]:
    """Addresses of all pages and actions that take `method`, about the owner's sheet."""
    with app.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    return [door.url for door in doors(app, sheet_id) if method in door.methods]
