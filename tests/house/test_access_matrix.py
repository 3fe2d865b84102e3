"""Row 2 of the bar: every route for every kind of person in every state of a sheet, with real rows and form tokens.

And of row 16: whatever anybody may do there, no byte of an approved sheet changes.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url, select, update
from structlog.testing import capture_logs

from iki_portal.approvals import operations
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.domain.dates import format_date
from iki_portal.domain.dialogue import TalkState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.models import Account, FrozenCopy, Indicator, IssuedPrint, Statement
from iki_portal.realisation.attachments import Sent
from iki_portal.realisation.windows import windows_of
from iki_portal.web.transaction import transaction
from tests import office
from tests.doors import DOORS, Door, doors
from tests.keeping import keep
from tests.rows import TRAIL

STRANGER = "stranger"
#: Who tries, and the account they try with.
PEOPLE = {
    "owner": office.OWNER,
    "colleague": "analis.profesi",
    "other analis": office.OUTSIDER,
    "kabid": office.REVIEWER,
    "other kabid": office.OTHER_REVIEWER,
    "sekretaris": office.APPROVER,
    "kepala": office.HEAD,
    "operator": office.OPERATOR,
    "plt kabid": "analis.promosi",
    "plh sekretaris": "analis.standar",
    "ended plt kabid": "analis.kepangkatan",
    "future plt kabid": "analis.penghargaan",
    "disabled plt kabid": "analis.teknis",
}
OUTSIDE = {STRANGER, "disabled plt kabid"}
IN_SIGHT = {"owner", "kabid", "sekretaris", "kepala", "plt kabid", "plh sekretaris"}
REVIEWERS = {"kabid", "plt kabid"}
APPROVERS = {"sekretaris", "plh sekretaris"}
WRITE_THE_TALK = {"owner", "kabid"}
STATES = ("draft", "submitted", "reviewed", "approved", "being revised", "superseded")
FINISHED = ("approved", "being revised", "superseded")

#: Acts on a sheet: in which states they start, and by whom there.
STARTS: dict[str, dict[str, set[str]]] = {
    "edit": {"draft": {"owner"}},
    "answer": {"draft": {"owner"}},
    "submit": {"draft": {"owner"}},
    "withdraw": {"submitted": {"owner"}},
    "take over": {},  # the post has had one holder all along
    "review": {"submitted": REVIEWERS},
    "return": {"submitted": REVIEWERS, "reviewed": APPROVERS},
    "approve": {"reviewed": APPROVERS},
    "revise": {"approved": {"owner"} | APPROVERS},
    # the report of the first quarter stands as a draft of the sheet's first revision, and its quarter is open
    "report": {"approved": {"owner"}, "being revised": {"owner"}},
    "send report": {"approved": {"owner"}, "being revised": {"owner"}},
    "correct report": {},
    "verify": {},
    "send report back": {},
    # links are no content: they are made on whatever stands
    "link": dict.fromkeys(("draft", "submitted", "reviewed", "approved", "being revised"), {"owner"} | REVIEWERS),
    "unlink": dict.fromkeys(("draft", "submitted", "reviewed", "approved", "being revised"), {"owner"} | REVIEWERS),
    # a talk of owner and Kabid stands on the first revision; both have written, the Kabid has confirmed
    "begin talk": {"approved": {"owner"} | REVIEWERS, "being revised": {"owner"} | REVIEWERS},
    "change talk": dict.fromkeys(FINISHED, WRITE_THE_TALK),
    "confirm talk": dict.fromkeys(FINISHED, {"owner"} & WRITE_THE_TALK),
    # the comment was written by the Kabid, and is open
    "comment": dict.fromkeys(("draft", "submitted", "reviewed"), IN_SIGHT),
    "reply": dict.fromkeys(("draft", "submitted", "reviewed"), IN_SIGHT),
    "tick off": {"draft": {"owner"}},
    "close": dict.fromkeys(("draft", "submitted", "reviewed"), REVIEWERS),
    "reopen": {},
}
#: Acts on the report of a quarter: there is none before the sheet is in force.
REPORTING = {"report", "send report", "correct report", "verify", "send report back"}
#: Acts on talks, and who has to do with them: nobody else learns that there are any.
OF_TALKS = {"dialogue.talks", "dialogue.talk", "dialogue.new_talk", "dialogue.change_talk", "dialogue.confirm_talk"}
READS_THE_TALK = {"owner", "kabid", "kepala"}
READS_A_LIST = READS_THE_TALK | REVIEWERS
#: Acts on the working papers of a sheet: nobody else sees them, whatever state the sheet is in.
COMMENTING = {"comment", "reply", "tick off", "close", "reopen"}
#: A post and a unit, as their forms send them.
PLACE = {"kind": "staff", "unit": "3", "superior": "2", "route": "default", "reviewer": "0", "approver": "0", "order": "3"}
UNIT_PLACE = {"kind": "subsection", "superior": "2", "order": "3"}
NAME = {"name": "Perencana Ahli Muda", "short_name": "Perencana", "starts_on": "1 Maret 2027"}
IKU = {"text": "Indeks integritas", "unit_of_measure": "nilai", "polarity": "maximize", "order": "1", "target-2027": "80"}
#: What is posted, by endpoint; several acts may go through one door.
ACTS: dict[str, dict[str, dict[str, str]]] = {
    "auth.enter": {"enter": {"name": "", "password": ""}},
    "auth.enter_demo": {"enter": {"name": office.HEAD}},
    "auth.sign_out": {"sign out": {}},
    "auth.change_password": {"change": {"current": DEMO_PASSWORD, "new": "x", "again": "x"}},
    "auth.activate": {"enter": {"name": "siti", "code": "", "new": "x", "again": "x"}},
    "auth.second_step": {"enter": {"code": "123456"}},
    "auth.act_as": {"choose": {"mandate": ""}},
    "auth.end_session": {"sign out": {"sesi": "0" * 16}},
    "auth.sign_out_everywhere": {"sign out": {}},
    "auth.choose_mail": {"choose mail": {"choice": "none"}},
    "auth.second_step_of_own": {"change": {"salt": "0" * 32, "code": "salah"}},
    "auth.turn_off_second_step": {"turn off": {"code": "123456"}},
    "auth.account": {
        "reset": {"version": "1", "action": "reset"},
        "close account": {"version": "1", "action": "deactivate"},
        "unlock": {"version": "1", "action": "unlock"},
        "open account": {"version": "1", "action": "activate"},
    },
    "auth.open_account": {"change": {"name": "siti"}},
    "auth.open_operator": {"open operator": {"person": "Siti", "name": "operator.siti"}},
    "indicators.edit": {"edit": {"action": "add-statement", "whole": "1"}},
    "approvals.change_rule": {"set rule": {"version": "0", "severity": "off", "reason": "Tidak dipakai."}},
    "approvals.answer": {"answer": {"finding": "5.indikator-1.x", "action": "answer", "reason": "Sengaja."}},
    "approvals.submit": {"submit": {}},
    "approvals.withdraw": {"withdraw": {}},
    "approvals.take_over": {"take over": {}},
    "approvals.decide": {
        "review": {"step": "review"},
        "return": {"step": "return", "note": "Perbaiki."},
        "approve": {"step": "approve"},
    },
    "approvals.revise": {"revise": {"reason": "budget", "note": "Anggaran berubah."}},
    "approvals.close_planning": {"close the year": {}},
    "approvals.open_year": {"open year": {"year": str(office.YEAR + 1)}},
    "approvals.change_deadline": {
        "set deadline": {"seen": str(date(office.YEAR - 1, 12, 31)), "deadline": str(date(office.YEAR, 1, 31))}
    },
    "approvals.check_file": {"check": {}},
    "approvals.read_notice": {"read notice": {}},
    "approvals.read_all_notices": {"read all": {"sampai": "0"}},
    "approvals.remind": {"remind": {}},
    "approvals.try_mail_again": {"try mail again": {}},
    "approvals.comment": {"comment": {"row": "{row}", "cell": "target", "text": "Target terlalu rendah."}},
    "approvals.reply_to_comment": {"reply": {"version": "1", "text": "Sesuai RKPD."}},
    "approvals.tick_off_comment": {"tick off": {"version": "1"}},
    "approvals.close_comment": {"close": {"version": "1"}},
    "approvals.reopen_comment": {"reopen": {"version": "1"}},
    "dialogue.new_talk": {"begin talk": {"version": "{begun}", "held_on": "{today}", "topic": "Kendala"}},
    "dialogue.change_talk": {"change talk": {"version": "2", "held_on": "{today}", "topic": "Kendala", "part": "Lain."}},
    "dialogue.confirm_talk": {"confirm talk": {"version": "2"}},
    "realisation.write_report": {"report": {"version": "1", "whole": "1", "{row}-value": "2"}},
    "realisation.submit_report": {"send report": {"version": "1", "whole": "1", "{row}-value": "2"}},
    "realisation.correct_report": {"correct report": {"version": "1", "note": "Salah hitung."}},
    "realisation.decide_report": {
        "verify": {"version": "1", "step": "verify_report"},
        "send report back": {"version": "1", "step": "return_report", "note": "Bukti belum ada."},
    },
    "realisation.set_measuring": {
        "set scale": {"seen_scale": "permendagri-86-2017", "seen_cap": "120", "scale": "kmk-467-2014", "cap": "110"}
    },
    "realisation.change_window": {
        "set window": {
            "version": "{window}",
            "opens_on": f"1 April {office.YEAR}",
            "deadline_on": f"30 April {office.YEAR}",
            "reopened_until": "",
        }
    },
    "cascade.link": {"link": {"link": "{words}.iku.2.1"}},
    "cascade.unlink": {"unlink": {"kaitan": "1"}},
    "cascade.new_period": {"write goals": {"version": "0", "name": "Renstra Baru", "first_year": "2031", "last_year": "2035"}},
    "cascade.change_period": {
        "write goals": {"version": "1", "name": "Renstra Badan", "first_year": "2025", "last_year": "2029"}
    },
    "cascade.new_goal": {"write goals": {"version": "0", "superior": "0", "text": "Terwujudnya integritas", "order": "3"}},
    "cascade.change_goal": {"write goals": {"version": "1", "text": "Terwujudnya integritas", "order": "3"}},
    "cascade.withdraw_goal": {"write goals": {"version": "1"}},
    "cascade.new_iku": {"write goals": {"version": "0", **IKU}},
    "cascade.change_iku": {"write goals": {"version": "1", **IKU}},
    "cascade.withdraw_iku": {"write goals": {"version": "1"}},
    "approvals.change_decree": {"set decree": {"version": "0", "number": "800/1/2027"}},
    "approvals.compose_book": {"compose": {"form": "pdf"}},
    "approvals.compose_performance": {"compose": {"form": "pdf", "subject": "measurement", "quarter": "1", "unit": "6"}},
    "indicators.upload": {"upload": {"year": str(office.YEAR)}},
    "indicators.read_again": {"read again": {}},
    "indicators.apply_upload": {"apply": {}},
    "indicators.cancel_upload": {"cancel": {}},
    "organisation.new_employee": {"enter employee": {"version": "0", "name": "Rina", "kind": "pns", "rank": ""}},
    "organisation.change_employee": {"change employee": {"version": "1", "name": "Rina", "kind": "pns", "rank": ""}},
    # shown what would follow, and not yet saved
    "organisation.appoint": {"preview": {"kind": "plh", "position": "2", "starts_on": "1 Maret 2027"}},
    "organisation.change_assignment": {"preview": {"version": "1", "kind": "definitive", "starts_on": "1 Januari 2026"}},
    "organisation.cancel_assignment": {"cancel assignment": {"version": "1"}},
    "organisation.new_unit": {"preview": {"version": "0", "name": "Bidang Baru", "short_name": "Baru", **UNIT_PLACE}},
    "organisation.change_unit": {"preview": {"version": "1", **UNIT_PLACE}},
    "organisation.rename_unit": {"preview": {"version": "1", **NAME}},
    "organisation.keep_unit_name": {"keep name": {"version": "1"}},
    "organisation.close_unit": {"change": {"version": "1", "closed_on": ""}},
    "organisation.new_post": {"preview": {"version": "0", "title": "Perencana Madya", **PLACE}},
    "organisation.change_post": {"preview": {"version": "1", **PLACE}},
    "organisation.rename_post": {"preview": {"version": "1", **NAME}},
    "organisation.keep_post_name": {"keep name": {"version": "1"}},
    "organisation.close_post": {"change": {"version": "1", "closed_on": ""}},
    "organisation.upload_staffing": {"upload": {}},
    "organisation.read_staffing_again": {"read again": {}},
    "organisation.apply_staffing": {"apply": {}},
    "organisation.cancel_staffing": {"cancel": {}},
    "organisation.change_office_text": {"set office": {"version": "1", "government": "KABUPATEN", "page_size": "f4"}},
}
OF_THE_YEAR = {
    "approvals.newest_year",
    "approvals.year",
    "approvals.close_planning",
    "approvals.remind",
    "approvals.decree",
    "approvals.books",
    "approvals.change_decree",
    "approvals.compose_book",
    "approvals.book",
}
#: Of whoever heads a unit; the unit of the form is that of the Kabid.
OF_A_UNIT = {"approvals.performance_books", "approvals.compose_performance", "approvals.performance_book"}
#: Whoever is no employee decides nothing, gets no notices, and no mail.
OF_AN_EMPLOYEE = {
    "approvals.inbox",
    "approvals.notices",
    "approvals.read_notice",
    "approvals.read_all_notices",
    "auth.choose_mail",
}
OF_A_SHEET = {"cascade.support", "approvals.sheet", "approvals.sheet_pdf", "approvals.sheet_docx", "approvals.e_kinerja"}
#: Nobody here has uploaded the one that is asked for.
OF_AN_UPLOAD = {"indicators.preview", "indicators.read_again", "indicators.apply_upload", "indicators.cancel_upload"}
OF_THE_TRAIL = {"history.trail", "history.trail_file"}
#: Names behind the numbers of Dasbor, and who leads a unit or the office.
OF_WHO_LEADS, LEADERS = "reports.waits", {"kabid", "other kabid", "plt kabid", "kepala"} | APPROVERS
#: Pages of the report of a quarter; nothing of it was submitted yet.
OF_A_REPORT = {
    *("realisation.newest_report", "realisation.report", "realisation.attachment"),
    *("realisation.measurement", "realisation.year_measurement", "approvals.action_plan"),
}
#: Likewise of a workbook; but only the operator has any.
OF_A_WORKBOOK = {
    *("organisation.staffing_workbook", "organisation.staffing_report", "organisation.read_staffing_again"),
    *("organisation.apply_staffing", "organisation.cancel_staffing"),
}
OF_THE_OPERATOR = {
    *(
        "organisation.staffing",
        "organisation.upload_staffing",
        "organisation.staffing_template",
        "organisation.staffing_export",
    ),
    *OF_A_WORKBOOK,
    *("organisation.office_text", "organisation.change_office_text", "approvals.change_rule"),
    *("approvals.mail", "approvals.try_mail_again"),
    *("auth.accounts", "auth.account", "auth.without_account", "auth.open_account", "auth.open_operator"),
    *("approvals.performance_years", "approvals.open_year", "approvals.change_deadline"),
    *("realisation.quarters", "realisation.set_measuring", "realisation.change_window"),
    *("organisation.employees", "organisation.employee", "organisation.new_employee", "organisation.change_employee"),
    *("organisation.appoint", "organisation.change_assignment", "organisation.cancel_assignment"),
    *(f"organisation.{act}_{subject}" for act in ("new", "change", "rename", "close") for subject in ("unit", "post")),
    *("organisation.keep_unit_name", "organisation.keep_post_name"),
    *(f"cascade.{act}_{subject}" for act in ("new", "change") for subject in ("period", "goal", "iku")),
    *("cascade.withdraw_goal", "cascade.withdraw_iku"),
}
#: Acts of a form that is done with: another page follows.
MOVING_ON = {
    *("choose", "choose mail", "read all", "sign out", "set office", "set rule", "open year", "set deadline"),
    *("set scale", "set window", "write goals"),
    *("enter employee", "change employee", "close account"),
}
#: Acts upon an account that is open and not locked, one's own second step, which is off, an assignment that has begun, and
#: a name that has none to follow it.
IN_NO_STATE_FOR = {"try mail again", "unlock", "open account", "turn off", "cancel assignment", "keep name"}
#: Pages that lead to an act and are closed to whoever may not take it.
PAGES_OF_ACTS = {"indicators.edit": "edit", "approvals.revise": "revise"}


def expected(person: str, state: str, endpoint: str, act: str) -> int:
    """The office's rules, written down once more and independently of the portal."""
    if DOORS[endpoint] is None:
        return _expected_at_an_open_door(person, endpoint, act)
    if person in OUTSIDE:
        return 302 if act == "read" else 401
    if endpoint in OF_THE_YEAR | OF_A_UNIT:
        of_a_unit = endpoint in OF_A_UNIT
        return (_expected_of_a_unit if of_a_unit else _expected_of_the_year)(person, state, endpoint, act)
    if endpoint in OF_A_REPORT | OF_TALKS:
        of_talks = endpoint in OF_TALKS
        return _expected_of_talks(person, state, endpoint, act) if of_talks else _expected_of_a_report(person, state, endpoint)
    if act in STARTS or endpoint in PAGES_OF_ACTS:
        done = {"read": 200, "answer": 409}.get(act, 302)  # nothing is found on a complete sheet, so nothing to answer
        return _expected_of_an_act(person, state, PAGES_OF_ACTS.get(endpoint, act), done)
    return _expected_of_a_page(person, state, endpoint, act)


def _expected_of_a_unit(person: str, state: str, endpoint: str, act: str) -> int:
    """Its documents: composed by its own head, also Plt., and by the leaders of the office."""
    heads = REVIEWERS | APPROVERS | {"kepala"}
    if person not in heads | {"other kabid"} or (act == "compose" and person not in heads):
        return 403
    if act == "compose":
        return 302 if state in FINISHED else 409  # no sheet of the unit is in force
    return 404 if endpoint == "approvals.performance_book" else 200  # none was composed


def _expected_of_a_report(person: str, state: str, endpoint: str) -> int:
    """Its page is open to whoever sees the sheet, and says what is not verified yet; its evidence is not."""
    if state not in FINISHED:
        return 404
    if endpoint == "realisation.attachment":
        return 200 if person in IN_SIGHT else 404
    if endpoint in ("realisation.measurement", "realisation.year_measurement"):
        return 409  # printed of what is verified, and nothing is
    return 302 if endpoint == "realisation.newest_report" else 200


def _expected_of_talks(person: str, state: str, endpoint: str, act: str) -> int:
    """Only who takes part learns that there is a talk; the operator passes no door behind which one is written."""
    is_reading = endpoint in ("dialogue.talks", "dialogue.talk")
    if person == "operator" and not is_reading:
        return 403
    about_one = endpoint not in ("dialogue.talks", "dialogue.new_talk")
    if state not in FINISHED or person not in (READS_THE_TALK if about_one else READS_A_LIST):
        return 404
    if is_reading:
        return 200
    does = {"dialogue.new_talk": "begin talk", "dialogue.change_talk": "change talk"}.get(endpoint, "confirm talk")
    if state not in STARTS[does] or (does == "confirm talk" and person == "kabid"):
        return 409
    if person not in STARTS[does][state]:
        return 403
    return 200 if act == "read" else 302


def _expected_of_a_page(person: str, state: str, endpoint: str, act: str) -> int:
    if endpoint == "approvals.compare" or endpoint in OF_AN_UPLOAD:
        return 404  # a first revision has none before it
    if endpoint in OF_A_SHEET:
        return 200 if state in FINISHED or person in IN_SIGHT else 404
    readers = APPROVERS | {"kepala", "operator"} if endpoint in OF_THE_TRAIL else {"operator"}
    if (
        (endpoint in OF_THE_OPERATOR | OF_THE_TRAIL and person not in readers)
        or (endpoint in OF_AN_EMPLOYEE and person == "operator")
        or (endpoint == OF_WHO_LEADS and person not in LEADERS)
    ):
        return 403
    if act == "read notice":
        return 302 if person == "owner" else 404  # it tells the owner of the comment
    if endpoint in {"auth.open_account", *OF_A_WORKBOOK} or act in IN_NO_STATE_FOR:
        return 409 if act in IN_NO_STATE_FOR else 404  # everybody of the cast has an account
    moves_on = act in MOVING_ON or endpoint in ("approvals.newest_rules", "reports.newest")
    return 422 if act in ("change", "upload") else 302 if moves_on else 200


def _expected_at_an_open_door(person: str, endpoint: str, act: str) -> int:
    if endpoint == "auth.sign_in":
        return 200 if person in OUTSIDE else 302
    if act == "check":
        return 422  # no file was sent
    if endpoint in ("upkeep.metrics", "auth.to_provider", "auth.from_provider"):
        return 404  # nobody here knows the token, and the office has no provider
    if endpoint == "auth.second_step":
        return 302  # nobody's password was right a moment ago
    posted = {"auth.enter": 422, "auth.activate": 422, "auth.enter_demo": 404}
    return 200 if act == "read" and endpoint == "auth.activate" else posted.get(endpoint, 200 if act == "read" else 405)


def _expected_of_the_year(person: str, state: str, endpoint: str, act: str) -> int:
    if endpoint in ("approvals.close_planning", "approvals.change_decree", "approvals.remind") and person not in APPROVERS:
        return 403
    if person not in APPROVERS | {"kepala"}:
        return 403
    if endpoint == "approvals.book":
        return 404  # none was composed
    if act == "compose" and state not in FINISHED:
        return 409  # no sheet is in force
    redirected = endpoint == "approvals.newest_year" or act in ("compose", "set decree", "remind")
    return 409 if act == "close the year" else 302 if redirected else 200  # 19 sheets of the year are still drafts


def _expected_of_an_act(person: str, state: str, act: str, done: int) -> int:
    if person == "operator":
        return 403  # the door is closed to an operator, whatever lies behind it
    if person not in IN_SIGHT and (state not in FINISHED or act in COMMENTING):
        return 404
    if act in REPORTING and state not in FINISHED:
        return 404
    if state not in STARTS[act]:
        return 409
    return done if person in STARTS[act][state] else 403


class Stage:
    """A database in which the owner's sheet stands in `state` and everybody is in place; each act begins from there."""

    def __init__(self, url: str, state: str) -> None:
        self.state = state
        self.app = office.portal(url)
        self.cookies: dict[str, tuple[str, str]] = {}
        with self.app.app_context():
            office.comment("Rumusnya mengulang indikator.")
            office.write_goals()
            office.link(iku=1)
            self.sheet = bring_to(state)
            self.row = office.row_of(self.sheet, 1, 1)
            self.words = office.words_on(self.sheet)[0]
            self.window = windows_of(office.YEAR)[1].version
            self.today = format_date(office.today_in_office())
            appoint()
        for person, name in PEOPLE.items():
            client = office.sign_in(self.app, name)
            self.cookies[person] = (office.csrf_token(client), self._cookie(client))
        client = self.app.test_client()
        self.cookies[STRANGER] = (office.csrf_token(client, "/masuk"), self._cookie(client))
        with self.app.app_context(), transaction():
            db.session.execute(update(Account).where(Account.name == PEOPLE["disabled plt kabid"]).values(is_active=False))
        self.approved = self.bytes_of_the_approved()
        self.kept = keep(make_url(url))

    def bytes_of_the_approved(self) -> list[str]:
        """Frozen copy, print and rows of the sheet once it is approved; nothing before."""
        if self.state not in FINISHED:
            return []
        mine = [
            FrozenCopy.sheet_id == self.sheet.id,
            IssuedPrint.sheet_id == self.sheet.id,
            Statement.sheet_id == self.sheet.id,
        ]
        rows = select(Indicator.__table__).join(Statement.__table__).where(mine[2]).order_by(Indicator.id)
        queries = [
            select(each.__table__).where(of) for each, of in zip((FrozenCopy, IssuedPrint, Statement), mine, strict=True)
        ]
        with self.app.app_context():
            found = [repr(row) for query in (*queries, rows) for row in db.session.execute(query)]
            db.session.rollback()
        assert len(found) > len(mine)
        return found

    @staticmethod
    def _cookie(client: Any) -> str:
        cookie = client.get_cookie("iki")
        assert cookie is not None
        return str(cookie.value)

    def try_act(self, person: str, door: Door, act: str) -> list[str]:
        """What is wrong with the answer, as a sentence each."""
        token, cookie = self.cookies[person]
        client = self.app.test_client()
        client.set_cookie("iki", cookie)
        with capture_logs() as lines:
            if act == "read":
                answer = client.get(door.url)
            else:
                begun = "1" if person == "kabid" else "0"  # the talk that stands was begun by the Kabid
                texts = {"row": self.row, "words": self.words, "window": str(self.window), "today": self.today, "begun": begun}
                given = {name.format(**texts): text.format(**texts) for name, text in ACTS[door.endpoint][act].items()}
                fields = {"csrf_token": token, "version": str(self.sheet.version), **given}
                answer = client.post(door.url, data=fields)
        answer.close()
        wrote = self.kept.differs(but=TRAIL)
        is_touched = wrote and self.bytes_of_the_approved() != self.approved
        if wrote:
            self.kept.put_back()
        touched = [f"{person}, {act} at {door.endpoint}, {self.state}: changed what was approved"] if is_touched else []
        return touched + list(self._wrong(person, door, act, answer, lines, wrote=wrote))

    def _wrong(self, person: str, door: Door, act: str, answer: Any, lines: list[Any], *, wrote: bool) -> Iterator[str]:
        wanted = expected(person, self.state, door.endpoint, act)
        where = f"{person}, {act} at {door.endpoint}, {self.state}"
        if answer.status_code != wanted:
            yield f"{where}: {answer.status_code}, not {wanted}"
        asked_in = person in OUTSIDE and DOORS[door.endpoint] is not None
        if asked_in and answer.status_code == 302 and not answer.headers["Location"].startswith("/masuk"):
            yield f"{where}: let through to {answer.headers['Location']}"
        refusals = [line for line in lines if line["event"] == "refused"]
        is_refusal = asked_in or answer.status_code in (403, 404, 409)
        if answer.status_code != 422 and len(refusals) != is_refusal:
            yield f"{where}: {len(refusals)} lines in the log, not {int(is_refusal)}"
        if wrote and (act == "read" or answer.status_code >= 400):
            yield f"{where}: refused or only read, and yet something was written"

    def close(self) -> None:
        self.kept.close()
        with self.app.app_context():
            db.engine.dispose()


def bring_to(state: str) -> office.SeenSheet:
    if state not in FINISHED:
        return office.bring_to(state)
    sheet = office.bring_to("approved")
    office.open_quarter()
    office.write_report(files=[Sent(office.first_indicator(sheet), "bukti.pdf", office.PDF)])
    office.bring_talk_to(TalkState.HALF)
    if state == "approved":
        return sheet
    with transaction():
        actor = office.actor(office.OWNER)
        operations.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
    if state == "superseded":
        office.submit()
        office.review()
        office.approve()
    return office.sheet_of(office.OWNER, revision=1)


def appoint() -> None:
    """Acting officials of today, of last month and of tomorrow."""
    today = office.today_in_office()
    past, tomorrow = today - timedelta(days=30), today + timedelta(days=1)
    plt, plh = AssignmentKind.PLT, AssignmentKind.PLH
    office.give_post(PEOPLE["plt kabid"], office.REVIEWER, kind=plt, starts_on=today)
    office.give_post(PEOPLE["plh sekretaris"], office.APPROVER, kind=plh, starts_on=today)
    office.give_post(PEOPLE["ended plt kabid"], office.REVIEWER, kind=plt, starts_on=past, ends_on=today - timedelta(days=1))
    office.give_post(PEOPLE["future plt kabid"], office.REVIEWER, kind=plt, starts_on=tomorrow)
    office.give_post(PEOPLE["disabled plt kabid"], office.REVIEWER, kind=plt, starts_on=today)


@pytest.fixture(scope="module", params=STATES)
def stage(request: pytest.FixtureRequest, fresh: Callable[[], AbstractContextManager[str]]) -> Iterator[Stage]:
    with fresh() as url:
        stage = Stage(url, request.param)
        yield stage
        stage.close()


def cells(app: Flask, sheet_id: int) -> Iterator[tuple[Door, str]]:
    for door in doors(app, sheet_id, files=True):
        if "GET" in door.methods:
            yield door, "read"
        if "POST" in door.methods:
            assert door.endpoint in ACTS, f"say in ACTS what is posted to {door.endpoint}"
            for act in ACTS[door.endpoint]:
                yield door, act


def test_everybody_may_do_at_every_door_what_the_rules_say_and_no_more(stage: Stage) -> None:
    wrong = [
        sentence
        for person in (*PEOPLE, STRANGER)
        for door, act in cells(stage.app, stage.sheet.id)
        for sentence in stage.try_act(person, door, act)
    ]
    assert wrong == [], "mend domain/policy.py or the view, or change the rules in STARTS with the product page"
