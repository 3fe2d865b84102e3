"""Row 5 of the bar: a form with every column of every table added leaves the same database as the form alone."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from iki_portal.approvals import content, performance_books
from iki_portal.auth import second_step
from iki_portal.auth.demo import DEMO_PASSWORD
from iki_portal.auth.queries import KEY_LENGTH, token_hash
from iki_portal.domain.appointments import Term
from iki_portal.domain.comments import CommentStep
from iki_portal.domain.dates import format_date, parse_date
from iki_portal.domain.dialogue import TalkState
from iki_portal.domain.office import PositionKind, UnitKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState
from iki_portal.extensions import Base, db
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.imports.staffing.writing import staffing_xlsx
from iki_portal.indicators.applying import targets
from iki_portal.indicators.checking import checked
from iki_portal.indicators.forms import CELLS, SheetForm
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet
from iki_portal.indicators.uploads import STALE
from iki_portal.models import Assignment, Employee, OutgoingMail, Position, Sheet, StaffingWorkbook, Unit, Upload, UploadState
from iki_portal.organisation.closing import foresee_closing
from iki_portal.organisation.naming import NameProposal, foresee_rename, standing
from iki_portal.organisation.operations import add_year
from iki_portal.organisation.outlook import outlook
from iki_portal.organisation.posts import PostProposal, foresee_post
from iki_portal.organisation.standing import Foreseen
from iki_portal.organisation.units import UnitProposal, foresee_unit
from iki_portal.realisation import copies
from iki_portal.web.transaction import transaction
from tests import office
from tests.doors import DOORS, doors
from tests.keeping import keep
from tests.postgres import as_owner
from tests.rows import BY_LOT, all_rows

Fields = list[tuple[str, str]]
COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.columns})
MORE = ("owner", "owner_id", "role", "roles", "permission", "actor", "employee", "is_head", "_user_id", "seen", "mandates")
FORGED = {"state": "approved", "from_state": "reviewed", "to_state": "approved", "is_operator": "true", "role": "operator"}
NEW_PASSWORD = "kuda pelangi mencatat hujan"


@dataclass(frozen=True)
class Case:
    """One form, filled in honestly."""

    endpoint: str
    person: str
    url: str
    state: str = "draft"
    fields: Callable[[SeenSheet], Fields] = lambda _sheet: []
    #: Columns that are fields of this very form.
    own: frozenset[str] = frozenset()
    #: What is sent besides, by the name of its field.
    files: dict[str, bytes] = field(default_factory=dict)
    file_name: str = "iki.md"
    #: 200 where the answer itself shows what it shows only once (a slip, recovery codes).
    status: int = 302

    def sent(self, sheet: SeenSheet) -> dict[str, bytes]:
        """The files with the names of their fields on this sheet's form."""
        return {
            name.format(indicator=f"indicator-{office.first_indicator(sheet)}"): content for name, content in self.files.items()
        }

    def form(self, fields: Fields, sent: dict[str, bytes]) -> MultiDict[str, Any]:
        """What the browser sends, the file with the name it has there."""
        return MultiDict([*fields, *((name, (io.BytesIO(content), self.file_name)) for name, content in sent.items())])


def version(sheet: SeenSheet) -> Fields:
    return [("version", str(sheet.version))]


def answer(sheet: SeenSheet) -> Fields:
    paper, actor = papers([sheet.id])[sheet.id], office.actor(office.OWNER)
    (finding,) = checked(sheet.id, paper, actor=actor, on=office.today_in_office())
    return [("finding", finding.key), ("action", "answer"), ("reason", "Satuan ini dipakai kantor.")]


def decision(step: str, note: str = "") -> Callable[[SeenSheet], Fields]:
    return lambda sheet: [*version(sheet), ("step", step), ("note", note)]


def editor(sheet: SeenSheet) -> Fields:
    """The editor's form as the browser sends it, with the first text changed."""
    form = SheetForm.of_rows(rows_on(papers([sheet.id])[sheet.id]), sheet.version)
    fields = [*version(sheet), ("action", "save"), ("whole", "1")]
    for statement in form.statements:
        fields += [("statement", statement.key), (statement.name, statement.text + " (baru)")]
        for row in statement.indicators:
            fields.append((f"statement-{statement.key}-indicator", row.key))
            fields += [(row.name(cell), value) for cell, value in row.values.items()]
    return fields


def sealed(fields: Fields, person_id: int, *, but: int = 0) -> Callable[[SeenSheet], Fields]:
    """The fields of an assignment, and the seal of what was shown to follow."""
    given = dict(fields)

    def see(_sheet: SeenSheet) -> Fields:
        on = office.today_in_office()
        term = Term("", AssignmentKind(given["kind"]), parse_date(given["starts_on"]), parse_date(given["ends_on"]))
        person = db.session.get_one(Employee, person_id)
        shown = outlook(person, int(given["position"]), replace(term, name=person.full_name), but=but, on=on)
        return [*fields, ("previewed", shown.seal)]

    return see


def corrected(sheet: SeenSheet) -> Fields:
    row = db.session.get_one(Assignment, APPOINTED)
    days = [("kind", "plh"), ("position", str(row.position_id)), ("starts_on", "2 Maret 2027"), ("ends_on", "8 Maret 2027")]
    return [("version", "1"), *sealed(days, row.employee_id, but=APPOINTED)(sheet)]


def own_post(_sheet: SeenSheet) -> Fields:
    return [("mandate", str(office.actor(office.OWNER).mandates[0].id))]


def foreseen(fields: Fields, see: Callable[[date], Foreseen]) -> Callable[[SeenSheet], Fields]:
    """The fields of a change of the organisation, and the seal of what was shown to follow."""
    return lambda _sheet: [*fields, ("previewed", see(office.today_in_office()).seal)]


def renamed(model: type[Unit] | type[Position], fields: Fields) -> Callable[[SeenSheet], Fields]:
    given = dict(fields)
    proposal = NameProposal(given["name"], given["short_name"], parse_date(given["starts_on"]))
    return foreseen(fields, lambda on: foresee_rename(standing(model, 3), proposal, seen=1, on=on))


def to_be_closed(model: type[Unit] | type[Position], row_id: int) -> Callable[[SeenSheet], Fields]:
    """Nobody holds the post, or nothing is in the unit, and it ends tomorrow."""

    def see(sheet: SeenSheet) -> Fields:
        day = office.today_in_office() + timedelta(days=1)
        fields = [("version", "1"), ("closed_on", format_date(day))]
        return foreseen(fields, lambda on: foresee_closing(standing(model, row_id), day, seen=1, on=on))(sheet)

    return see


def sealed_workbook(_sheet: SeenSheet) -> Fields:
    return [("seal", db.session.scalars(select(StaffingWorkbook.seal)).one())]


def remark(sheet: SeenSheet) -> Fields:
    return [("row", office.row_of(sheet, 1, 1)), ("cell", "target"), ("text", "Target terlalu rendah.")]


def activation(_sheet: SeenSheet) -> Fields:
    slip = office.open_account()
    return [("name", slip.account_name), ("code", slip.code), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)]


def other_session(_sheet: SeenSheet) -> Fields:
    with transaction():
        signed = office.auth.sign_in_demo(office.OWNER, now=office.now())
    return [("sesi", token_hash(signed.token)[:KEY_LENGTH])]


def turning_on(_sheet: SeenSheet) -> Fields:
    secret = second_step.secret_for_app(office.actor(office.OWNER).account_id, SALT)
    return [("salt", SALT), ("code", TOTP(secret).at(office.now()))]


def turning_off(_sheet: SeenSheet) -> Fields:
    return [("code", office.telephone(office.OWNER).at(office.now()))]


def give_up_a_mail(_sheet: SeenSheet) -> Fields:
    moments = dict.fromkeys(("created_at", "next_try_at", "failed_at"), office.now())
    with transaction():
        db.session.add(OutgoingMail(employee_id=1, key="k", message_id="<1@iki>", subject="IKI", body="Halo.", **moments))
    return []


def newcomer(_sheet: SeenSheet) -> Fields:
    assert office.employ() == NEWCOMER
    return [("name", "siti.rahmawati")]


SALT = "0123456789abcdef" * 2
#: The employee after those of the cast.
NEWCOMER = 22
DECIDING = frozenset({"version", "note", "rows"})
SIGNING_IN = [("name", office.OWNER), ("password", DEMO_PASSWORD)]
PASSWORDS = [("current", DEMO_PASSWORD), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)]
REVISION = [("reason", "budget"), ("note", "Anggaran berubah.")]
LETTERHEAD = [("version", "1"), ("government", "PEMERINTAH KABUPATEN"), ("place", "Lumajang"), ("page_size", "f4")]
OFFICE = frozenset({"version", "government", "agency", "address", "contact", "place", "page_size"})
EMPLOYEE = [("name", "Rina"), ("kind", "pns"), ("identifier", "198501012010011001"), ("rank", "III/c")]
PERSON = frozenset({"version", "name", "degrees_before", "degrees_after", "kind", "identifier", "rank", "email"})
PLH = [("position", "2"), ("kind", "plh"), ("starts_on", "1 Maret 2027"), ("ends_on", "9 Maret 2027")]
SPAN = frozenset({"version", "kind", "starts_on", "ends_on", "decree", "decree_on"})
NAME = [("version", "1"), ("name", "Perencana Ahli"), ("short_name", "Perencana"), ("starts_on", "1 Maret 2099")]
NAMING = frozenset({"version", "name", "short_name", "starts_on"})
MOVED_UNIT = [("kind", "division"), ("superior", "1"), ("order", "9")]
UNIT_PROPOSAL = UnitProposal(UnitKind.DIVISION, 1, 9)
MOVED_POST = [
    *(("kind", "staff"), ("unit", "3"), ("superior", "2"), ("route", "own"), ("reviewer", "0"), ("approver", "1")),
    *(("order", "9"), ("main_duty", "Merencana"), ("duties", "menyusun"), ("functions", "menilai")),
]
POST_PROPOSAL = PostProposal(PositionKind.STAFF, 3, 2, False, None, 1, 9, "Merencana", ("menyusun",), ("menilai",))
#: The 21 definitive holders of the cast come first (`appointed`).
APPOINTED = 22
DECREE = [("version", "0"), ("number", "800/1/2027"), ("deciding", "Menetapkan IKI.")]
WORDS = frozenset({"version", "number", "decided_on", "subject", "considering", "recalling", "deciding"})
RULE = [("version", "0"), ("severity", "blocks"), ("reason", "Diputuskan kantor.")]
BOOK = [("form", "pdf"), ("unit", "")]
SHEET = "/lembar/{id}"
COMMENT = SHEET + "/komentar/1"
ANSWER = [("version", "1"), ("text", "Sesuai RKPD.")]
CLOSED = [("version", "2"), ("text", "Masih sama.")]
ANSWERING = frozenset({"version", "text"})
REPORT = SHEET + "/realisasi/1"
REPORTED = frozenset({"version", "reason", "value", "note", "obstacle", "follow_up", "url"})
PERIOD = [("name", "Renstra Badan"), ("first_year", "2025"), ("last_year", "2029")]
GOAL = [("text", "Terwujudnya integritas"), ("order", "3")]
IKU = [("text", "Indeks integritas"), ("unit_of_measure", "nilai"), ("polarity", "minimize"), ("order", "2")]
#: What the operator writes of goals: the endpoint, its address, the fields.
GOALS: dict[str, tuple[str, str, Fields]] = {
    "new period": (
        "cascade.new_period",
        "/sasaran/periode/baru",
        [("version", "0"), ("name", "Renstra Baru"), ("first_year", "2031"), ("last_year", "2035")],
    ),
    "period": ("cascade.change_period", "/sasaran/periode/1/ubah", [("version", "1"), *PERIOD]),
    "new goal": ("cascade.new_goal", "/sasaran/periode/1/tujuan/baru", [("version", "0"), ("superior", "2"), *GOAL]),
    "goal": ("cascade.change_goal", "/sasaran/1/ubah", [("version", "1"), *GOAL]),
    "withdraw a goal": ("cascade.withdraw_goal", "/sasaran/1/pencabutan", [("version", "1")]),
    "new iku": ("cascade.new_iku", "/sasaran/3/iku/baru", [("version", "0"), *IKU, ("target-2027", "4,5")]),
    "iku": ("cascade.change_iku", "/iku/1/ubah", [("version", "1"), *IKU, ("target-2027", "4,5")]),
    "withdraw an iku": ("cascade.withdraw_iku", "/iku/1/pencabutan", [("version", "1")]),
}
UPLOAD = "/impor/1"
WORKBOOK = "/organisasi/buku-kerja/1"
TALKS = "/lembar/{id}/dialog"
OF_A_TALK = frozenset({"version", "held_on", "quarter", "topic", "agreed", "follow_up", "follow_up_on"})
SENT_FILE = office.DOCUMENT.read_bytes()


def figures(value: str, *, version: str) -> Callable[[SeenSheet], Fields]:
    """The report of a quarter as the browser sends it: one figure is another one."""

    def see(sheet: SeenSheet) -> Fields:
        first, *others = office.reported_rows(sheet)
        rows = [(f"indicator-{key}-value", "1") for key in others]
        return [("version", version), ("whole", "1"), (f"indicator-{first}-value", value), *rows]

    return see


def talk_of(version: str) -> Callable[[SeenSheet], Fields]:
    """A talk as the browser sends it."""

    def see(_sheet: SeenSheet) -> Fields:
        day = ("held_on", format_date(office.today_in_office()))
        texts = [("topic", "Kendala"), ("part", "Bagian saya."), ("agreed", "Setiap Senin."), ("follow_up", "Surat")]
        return [("version", version), day, ("quarter", "1"), *texts, ("follow_up_on", "31-12-2098")]

    return see


def one_chosen(_sheet: SeenSheet) -> Fields:
    """The first sheet of the document, over the draft of its post."""
    post_id = db.session.scalars(select(Position.id).where(Position.code == office.REVIEWER)).one()
    return [("post-1", targets(office.YEAR)[post_id].key), ("replace-1", "1")]


CASES = {
    "edit": Case("indicators.edit", office.OWNER, SHEET + "/ubah", fields=editor, own=frozenset({"version", "action"})),
    "submit": Case("approvals.submit", office.OWNER, SHEET + "/pengajuan", fields=version, own=frozenset({"version"})),
    "withdraw": Case(
        "approvals.withdraw", office.OWNER, SHEET + "/penarikan", "submitted", fields=version, own=frozenset({"version"})
    ),
    "review": Case("approvals.decide", office.REVIEWER, SHEET + "/keputusan", "submitted", decision("review"), DECIDING),
    "return": Case("approvals.decide", office.REVIEWER, SHEET + "/keputusan", "submitted", decision("return", "X."), DECIDING),
    "approve": Case("approvals.decide", office.APPROVER, SHEET + "/keputusan", "reviewed", decision("approve"), DECIDING),
    "revise": Case(
        "approvals.revise", office.OWNER, SHEET + "/perubahan", "approved", lambda _sheet: REVISION, frozenset({"note"})
    ),
    "comment": Case(
        "approvals.comment", office.REVIEWER, SHEET + "/komentar", "submitted", remark, frozenset({"cell", "text"})
    ),
    "reply": Case("approvals.reply_to_comment", office.OWNER, COMMENT + "/jawaban", "commented", lambda _: ANSWER, ANSWERING),
    "tick off": Case(
        "approvals.tick_off_comment", office.OWNER, COMMENT + "/selesai", "commented", lambda _: ANSWER, ANSWERING
    ),
    "close": Case("approvals.close_comment", office.REVIEWER, COMMENT + "/tutup", "commented", lambda _: ANSWER, ANSWERING),
    "reopen": Case("approvals.reopen_comment", office.REVIEWER, COMMENT + "/buka", "closed", lambda _: CLOSED, ANSWERING),
    "close the year": Case("approvals.close_planning", office.APPROVER, f"/tahun/{office.YEAR}/penutupan", "the only one"),
    "sign in": Case("auth.enter", "", "/masuk", fields=lambda _sheet: SIGNING_IN, own=frozenset({"name"})),
    "password": Case("auth.change_password", office.OWNER, "/sandi", fields=lambda _sheet: PASSWORDS),
    "office text": Case(
        "organisation.change_office_text",
        office.OPERATOR,
        "/organisasi/kop-naskah",
        fields=lambda _sheet: LETTERHEAD,
        own=OFFICE,
    ),
    "new employee": Case(
        "organisation.new_employee",
        office.OPERATOR,
        "/pegawai/baru",
        fields=lambda _sheet: [("version", "0"), *EMPLOYEE],
        own=PERSON,
    ),
    "employee": Case(
        "organisation.change_employee",
        office.OPERATOR,
        "/pegawai/1/ubah",
        fields=lambda _sheet: [("version", "1"), *EMPLOYEE],
        own=PERSON,
    ),
    "appoint": Case(
        "organisation.appoint", office.OPERATOR, "/pegawai/1/penugasan", fields=sealed(PLH, 1), own=SPAN - {"version"}
    ),
    "assignment": Case(
        "organisation.change_assignment",
        office.OPERATOR,
        f"/penugasan/{APPOINTED}/ubah",
        "appointed",
        corrected,
        SPAN,
    ),
    "cancel": Case(
        "organisation.cancel_assignment",
        office.OPERATOR,
        f"/penugasan/{APPOINTED}/pembatalan",
        "appointed",
        lambda _sheet: [("version", "1")],
        frozenset({"version"}),
    ),
    "new unit": Case(
        "organisation.new_unit",
        office.OPERATOR,
        "/unit-kerja/baru",
        fields=foreseen(
            [("version", "0"), ("name", "Bidang Baru"), ("short_name", "Baru"), *MOVED_UNIT],
            lambda on: foresee_unit(None, "Bidang Baru", UNIT_PROPOSAL, seen=0, on=on),
        ),
        own=frozenset({"version", "name", "short_name", "kind", "order"}),
    ),
    "unit": Case(
        "organisation.change_unit",
        office.OPERATOR,
        "/unit-kerja/3/ubah",
        fields=foreseen(
            [("version", "1"), *MOVED_UNIT], lambda on: foresee_unit(standing(Unit, 3), "", UNIT_PROPOSAL, seen=1, on=on)
        ),
        own=frozenset({"version", "kind", "order"}),
    ),
    "name of a unit": Case(
        "organisation.rename_unit", office.OPERATOR, "/unit-kerja/3/nama", fields=renamed(Unit, NAME), own=NAMING
    ),
    "name of a post": Case(
        "organisation.rename_post", office.OPERATOR, "/jabatan/3/nama", fields=renamed(Position, NAME), own=NAMING
    ),
    **{
        f"coming name of a {subject}": Case(
            f"organisation.keep_{subject}_name",
            office.OPERATOR,
            f"/{noun}/3/nama/pembatalan",
            "coming names",
            lambda _sheet: [("version", "1")],
            frozenset({"version"}),
        )
        for subject, noun in (("unit", "unit-kerja"), ("post", "jabatan"))
    },
    "new post": Case(
        "organisation.new_post",
        office.OPERATOR,
        "/jabatan/baru",
        fields=foreseen(
            [("version", "0"), ("title", "Perencana Madya"), ("area", ""), *MOVED_POST],
            lambda on: foresee_post(None, "Perencana Madya", POST_PROPOSAL, seen=0, on=on),
        ),
        own=frozenset({"version", "title", "area", "kind", "order", "main_duty"}),
    ),
    "post": Case(
        "organisation.change_post",
        office.OPERATOR,
        "/jabatan/3/ubah",
        fields=foreseen(
            [("version", "1"), *MOVED_POST],
            lambda on: foresee_post(standing(Position, 3), "Perencana Muda", POST_PROPOSAL, seen=1, on=on),
        ),
        own=frozenset({"version", "kind", "order", "main_duty"}),
    ),
    "end of a post": Case(
        "organisation.close_post",
        office.OPERATOR,
        "/jabatan/3/penutupan",
        "out of use",
        to_be_closed(Position, 3),
        frozenset({"version", "closed_on"}),
    ),
    "end of a unit": Case(
        "organisation.close_unit",
        office.OPERATOR,
        "/unit-kerja/3/penutupan",
        "an empty unit",
        to_be_closed(Unit, 3),
        frozenset({"version", "closed_on"}),
    ),
    "report": Case(
        "realisation.write_report", office.OWNER, REPORT + "/isian", "a quarter", figures("2", version="1"), REPORTED
    ),
    "evidence": Case(
        "realisation.write_report",
        office.OWNER,
        REPORT + "/isian",
        "a quarter",
        figures("1", version="1"),
        REPORTED,
        files={"{indicator}-file": office.PDF},
        file_name="bukti.pdf",
    ),
    "send a report": Case(
        "realisation.submit_report", office.OWNER, REPORT + "/pengiriman", "a quarter", figures("1", version="1"), REPORTED
    ),
    "verify a report": Case(
        "realisation.decide_report",
        office.REVIEWER,
        REPORT + "/verifikasi",
        "a sent report",
        lambda _sheet: [("version", "2"), ("step", "verify_report")],
        frozenset({"version", "note"}),
    ),
    "correct a report": Case(
        "realisation.correct_report",
        office.OWNER,
        REPORT + "/koreksi",
        "a sent report",
        lambda _sheet: [("version", "2"), ("note", "Salah hitung.")],
        frozenset({"version", "note"}),
    ),
    "begin a talk": Case("dialogue.new_talk", office.REVIEWER, TALKS + "/baru", "approved", talk_of("0"), OF_A_TALK),
    "write on a talk": Case("dialogue.change_talk", office.OWNER, TALKS + "/1/ubah", "a talk", talk_of("2"), OF_A_TALK),
    "confirm a talk": Case(
        "dialogue.confirm_talk", office.OWNER, TALKS + "/1/konfirmasi", "a talk", lambda _sheet: [("version", "2")]
    ),
    "window": Case(
        "realisation.change_window",
        office.OPERATOR,
        f"/tahun-kinerja/{office.YEAR}/triwulan/2",
        fields=lambda _sheet: [("version", "0"), ("opens_on", "1-7-2027"), ("deadline_on", "30-7-2027")],
        own=frozenset({"version", "opens_on", "deadline_on", "reopened_until"}),
    ),
    "scale": Case(
        "realisation.set_measuring",
        office.OPERATOR,
        f"/tahun-kinerja/{office.YEAR}/triwulan",
        fields=lambda _sheet: [
            *(("seen_scale", "permendagri-86-2017"), ("seen_cap", "120")),
            *(("scale", "kmk-467-2014"), ("cap", "110")),
        ],
        own=frozenset({"scale", "cap"}),
    ),
    "link": Case(
        "cascade.link",
        office.OWNER,
        SHEET + "/dukungan",
        "goals",
        lambda sheet: [("link", office.link_value(sheet, iku=2)), ("note", "Mendukung merit.")],
        frozenset({"note", "mandate"}),
    ),
    "unlink": Case(
        "cascade.unlink",
        office.OWNER,
        SHEET + "/dukungan/pelepasan",
        "goals",
        lambda _sheet: [("kaitan", "1")],
        frozenset({"mandate"}),
    ),
    **{
        name: Case(endpoint, office.OPERATOR, url, "goals", lambda _sheet, fields=fields: fields, frozenset(dict(fields)))
        for name, (endpoint, url, fields) in GOALS.items()
    },
    "answer": Case("approvals.answer", office.OWNER, SHEET + "/temuan", "advised", answer, frozenset({"reason"})),
    "rule": Case(
        "approvals.change_rule",
        office.OPERATOR,
        f"/aturan-mutu/{office.YEAR}/5",
        fields=lambda _sheet: RULE,
        own=frozenset({"version", "severity", "reason"}),
    ),
    "open year": Case(
        "approvals.open_year",
        office.OPERATOR,
        "/tahun-kinerja",
        fields=lambda _sheet: [("year", str(office.YEAR + 1)), ("deadline", "")],
        own=frozenset({"year", "deadline"}),
    ),
    "deadline": Case(
        "approvals.change_deadline",
        office.OPERATOR,
        f"/tahun-kinerja/{office.YEAR}/tenggat",
        fields=lambda _sheet: [("seen", f"31-12-{office.YEAR - 1}"), ("deadline", f"31-01-{office.YEAR}")],
        own=frozenset({"seen", "deadline"}),
    ),
    "decree": Case(
        "approvals.change_decree", office.APPROVER, f"/tahun/{office.YEAR}/naskah", fields=lambda _sheet: DECREE, own=WORDS
    ),
    "book": Case(
        "approvals.compose_book",
        office.APPROVER,
        f"/tahun/{office.YEAR}/buku",
        "approved",
        lambda _sheet: BOOK,
        frozenset({"form"}),
    ),
    "performance": Case(
        "approvals.compose_performance",
        office.APPROVER,
        f"/tahun/{office.YEAR}/dokumen-kinerja",
        "approved",
        lambda _sheet: [("form", "xlsx"), ("subject", "measurement"), ("quarter", "1"), ("unit", "6")],
        frozenset({"form", "subject", "quarter"}),
    ),
    "upload": Case(
        "indicators.upload",
        office.OPERATOR,
        "/impor",
        fields=lambda _sheet: [("year", str(office.YEAR))],
        own=frozenset({"year"}),
        files={"file": SENT_FILE},
    ),
    "apply an upload": Case("indicators.apply_upload", office.OPERATOR, UPLOAD + "/penerapan", "an upload", one_chosen),
    "read an upload again": Case("indicators.read_again", office.OPERATOR, UPLOAD + "/pembacaan", "an upload that was lost"),
    "cancel an upload": Case("indicators.cancel_upload", office.OPERATOR, UPLOAD + "/pembatalan", "an upload"),
    "upload a workbook": Case(
        "organisation.upload_staffing", office.OPERATOR, "/organisasi/buku-kerja", files={"file": staffing_xlsx({}, title="")}
    ),
    "apply a workbook": Case(
        "organisation.apply_staffing",
        office.OPERATOR,
        WORKBOOK + "/penerapan",
        "a workbook",
        sealed_workbook,
        frozenset({"seal"}),
    ),
    "read a workbook again": Case("organisation.read_staffing_again", office.OPERATOR, WORKBOOK + "/pembacaan", "a workbook"),
    "cancel a workbook": Case("organisation.cancel_staffing", office.OPERATOR, WORKBOOK + "/pembatalan", "a workbook"),
    "activate": Case("auth.activate", "", "/aktivasi", fields=activation, own=frozenset({"name", "code"})),
    "mail choice": Case("auth.choose_mail", office.OWNER, "/akun-saya/surel", fields=lambda _sheet: [("choice", "none")]),
    "read a notice": Case("approvals.read_notice", office.REVIEWER, "/pemberitahuan/1/dibaca", "submitted"),
    "read all notices": Case(
        "approvals.read_all_notices",
        office.REVIEWER,
        "/pemberitahuan/dibaca",
        "submitted",
        lambda _sheet: [("sampai", "1")],
    ),
    "remind": Case("approvals.remind", office.APPROVER, f"/tahun/{office.YEAR}/pengingat"),
    "try mail again": Case("approvals.try_mail_again", office.OPERATOR, "/surel/percobaan", fields=give_up_a_mail),
    "end a session": Case("auth.end_session", office.OWNER, "/akun-saya/sesi", fields=other_session),
    "sign out everywhere": Case("auth.sign_out_everywhere", office.OWNER, "/keluar/semua"),
    "second step on": Case(
        "auth.second_step_of_own",
        office.OWNER,
        "/akun-saya/verifikasi",
        fields=turning_on,
        own=frozenset({"code"}),
        status=200,
    ),
    "second step off": Case(
        "auth.turn_off_second_step",
        office.OWNER,
        "/akun-saya/verifikasi/pemadaman",
        fields=turning_off,
        own=frozenset({"code"}),
    ),
    "account": Case(
        "auth.account",
        office.OPERATOR,
        "/akun/1",
        fields=lambda _sheet: [("version", "1"), ("action", "deactivate")],
        own=frozenset({"version", "action"}),
    ),
    "open an account": Case(
        "auth.open_account",
        office.OPERATOR,
        f"/akun/baru/{NEWCOMER}",
        fields=newcomer,
        own=frozenset({"name"}),
        status=200,
    ),
    "act as": Case("auth.act_as", office.OWNER, "/bertindak-sebagai", fields=own_post, own=frozenset({"mandate"})),
    "take over": Case(
        "approvals.take_over",
        office.OUTSIDER,
        SHEET + "/penerimaan",
        "handed over",
        version,
        own=frozenset({"version", "mandate"}),
    ),
    "open an operator's account": Case(
        "auth.open_operator",
        office.OPERATOR,
        "/akun/operator-baru",
        fields=lambda _sheet: [("person", "Siti Rahmawati"), ("name", "operator.siti")],
        own=frozenset({"person", "name"}),
        status=200,
    ),
    "sign out": Case("auth.sign_out", office.OWNER, "/keluar"),
}
#: Answers 404 wherever demo accounts are not allowed (tests/house/test_access_matrix.py).
DEMO_ONLY = {"auth.enter_demo"}
#: Reads a file and changes nothing (tests/features/test_checking.py).
READING = {"approvals.check_file"}
#: Asks only a browser whose password was right a moment ago (tests/features/test_second_step.py).
AFTER_PASSWORD = {"auth.second_step"}


def surplus(case: Case, honest: Fields) -> Fields:
    """Every column of every table, plain and as a cell of each row that the form names."""
    names = [name for name in (*COLUMNS, *MORE) if name not in case.own]
    rows = {name.rsplit("-", 1)[0] for name, _ in honest if name.startswith(("statement-", "indicator-"))}
    cells = [name for name in names if name not in (*CELLS, "text", "indicator")]
    return [(name, FORGED.get(name, "1")) for name in names] + [
        (f"{row}-{name}", FORGED.get(name, "1")) for row in rows for name in cells
    ]


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same moment, and the same lot, for both runs."""
    for module in (content, copies, performance_books):
        monkeypatch.setattr(module, "new_code", lambda: "ACDE-FGHJ-KMNP")
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def handed_over() -> SeenSheet:
    sheet, today = office.bring_to("approved"), office.today_in_office()
    office.end_post(office.OWNER, office.OWNER, ends_on=today - timedelta(days=1))
    office.give_post(office.OUTSIDER, office.OWNER, kind=AssignmentKind.PLT, starts_on=today)
    return sheet


def with_coming_names() -> SeenSheet:
    day = office.today_in_office() + timedelta(days=5)
    with transaction():
        unit, post = db.session.get_one(Unit, 3), db.session.get_one(Position, 3)
        unit.next_name, unit.next_short_name, unit.next_on = "Bidang Baru", "Baru", day
        post.next_title, post.next_area, post.next_on = "Perencana Baru", "", day
    return office.sheet_of(office.OWNER)


def with_a_post_out_of_use() -> SeenSheet:
    sheet = office.bring_to("approved", office.code_of(3))
    with transaction():
        db.session.execute(update(Assignment).where(Assignment.position_id == 3).values(ends_on=office.today_in_office()))
    return sheet


def with_an_empty_unit() -> SeenSheet:
    sheet = with_a_post_out_of_use()
    with transaction():
        db.session.get_one(Position, 3).closed_on = office.today_in_office() + timedelta(days=1)
    return sheet


def with_a_quarter() -> SeenSheet:
    office.bring_report_to(ReportState.DRAFT)
    return office.sheet_of(office.OWNER)


def with_a_sent_report() -> SeenSheet:
    office.bring_report_to(ReportState.SUBMITTED)
    return office.sheet_of(office.OWNER)


def with_goals() -> SeenSheet:
    office.write_goals()
    office.link(iku=1)
    return office.sheet_of(office.OWNER)


def with_a_talk() -> SeenSheet:
    office.bring_talk_to(TalkState.HALF)
    return office.sheet_of(office.OWNER)


FURNISHED = {
    "goals": with_goals,
    "a talk": with_a_talk,
    "a quarter": with_a_quarter,
    "a sent report": with_a_sent_report,
    "advised": office.advise,
    "handed over": handed_over,
    "coming names": with_coming_names,
    "out of use": with_a_post_out_of_use,
    "an empty unit": with_an_empty_unit,
}


def furnish_state(state: str) -> SeenSheet:
    if state == "appointed":
        start = office.today_in_office() + timedelta(days=5)
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=AssignmentKind.PLH, starts_on=start)
        return office.sheet_of(office.OWNER)
    if state in FURNISHED:
        return FURNISHED[state]()
    if state in ("commented", "closed"):
        comment_id = office.comment("Rumusnya mengulang indikator.")
        if state == "closed":
            office.move_comment(comment_id, CommentStep.CLOSE, by=office.REVIEWER)
        return office.sheet_of(office.OWNER)
    if state in ("a workbook", "an upload", "an upload that was lost"):
        return furnish_file(state)
    if state != "the only one":
        return office.bring_to(state)
    sheet = office.bring_to("approved")
    with transaction():
        add_year(office.YEAR + 1, deadline=None)
    with as_owner() as connection:  # the year can be closed when no other sheet is in the way
        connection.execute(update(Sheet).where(Sheet.id != sheet.id).values(year=office.YEAR + 1))
    return sheet


def furnish_file(state: str) -> SeenSheet:
    if state == "a workbook":
        office.workbook({Tab.UNITS: [("baru", "Bidang Baru", "Baru", "division", "badan", "90", "", "", "", "")]})
        return office.sheet_of(office.OWNER)
    office.uploaded()
    if state.endswith("lost"):
        with transaction():
            lost = {"state": UploadState.READING, "touched_at": office.now() - 2 * STALE}
            db.session.execute(update(Upload).values(**lost))
    return office.sheet_of(office.OWNER)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("name", CASES)
def test_surplus_fields_change_nothing_more(app: Flask, name: str) -> None:
    case = CASES[name]
    with app.app_context():
        sheet = furnish_state(case.state)
        honest = case.fields(sheet)
        sent = case.sent(sheet)
    client = office.sign_in(app, case.person) if case.person else app.test_client()
    token = office.csrf_token(client, "/sandi" if case.person else "/masuk")
    cookie = client.get_cookie("iki")
    assert cookie is not None
    outcomes = []
    with app.app_context():
        kept = keep(db.engine.url)
        before = all_rows(but=BY_LOT)
    for fields in (honest, honest + surplus(case, honest)):
        client.set_cookie("iki", cookie.value)
        answer = client.post(case.url.format(id=sheet.id), data=case.form([("csrf_token", token), *fields], sent))
        with app.app_context():
            outcomes.append((answer.status_code, all_rows(but=BY_LOT)))
        kept.put_back()
    kept.close()
    (status, alone), (forged_status, forged) = outcomes
    assert status == forged_status
    assert alone == forged, "take only the fields of the form"
    assert status == case.status
    assert alone != before, "the honest form does something"


def test_every_form_is_tried(app: Flask) -> None:
    posting = {door.endpoint for door in doors(app, 1) if "POST" in door.methods}
    assert posting == {case.endpoint for case in CASES.values()} | DEMO_ONLY | READING | AFTER_PASSWORD <= DOORS.keys(), (
        "add the new form to CASES"
    )
