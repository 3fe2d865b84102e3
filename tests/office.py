"""The office for tests: the real document, the real organisation, and a named cast. Plain functions, no magic.

Sign-in names are the codes of the posts (`seeds/organisation.toml`). The story most tests tell is the sheet of the Analis
of Pengadaan: `OWNER` proposes, `REVIEWER` reviews, `APPROVER` signs off, `HEAD` stands above, `OUTSIDER` has nothing to do
with it, `OPERATOR` keeps the organisation and decides nothing.
"""

import atexit
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import select

from iki_portal.app import create_app
from iki_portal.approvals import commenting, evidence
from iki_portal.approvals import operations as approvals
from iki_portal.auth import accounts as keeping
from iki_portal.auth import operations as auth
from iki_portal.auth import second_step
from iki_portal.auth.demo import make_demo_accounts
from iki_portal.auth.queries import actor_of
from iki_portal.cascade import goal_writing, support_page
from iki_portal.cascade import goals as reading_goals
from iki_portal.cascade import operations as linking
from iki_portal.cascade.operations import Wanted
from iki_portal.config import Settings, read_settings
from iki_portal.databases import migrating
from iki_portal.dialogue import operations as talking
from iki_portal.dialogue.queries import SeenTalk, begun_by, talk_in_sight
from iki_portal.domain.cascade import Link, RowKey
from iki_portal.domain.checks import text_key
from iki_portal.domain.comments import Cell, CommentStep
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.dialogue import TalkState, TalkText
from iki_portal.domain.drafts import IndicatorProposal, StatementProposal
from iki_portal.domain.goals import GoalProposal, IkuProposal, PeriodProposal
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import Window
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.realised import ReportedRow
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.extensions import db
from iki_portal.imports.document import read_document_file
from iki_portal.imports.reference import read_reference_file
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.imports.staffing.writing import staffing_xlsx
from iki_portal.indicators import operations as writing
from iki_portal.indicators import reading, uploads
from iki_portal.indicators.comments import row_key, thread_in_sight
from iki_portal.indicators.importing import import_document
from iki_portal.indicators.learning import load_reference
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Assignment, Employee, Position, QuarterWindow, Sheet
from iki_portal.organisation import staffing_reading, staffing_workbooks
from iki_portal.organisation.operations import add_year, assign
from iki_portal.organisation.seeding import load_when_empty
from iki_portal.paths import REFERENCE, SEEDS
from iki_portal.realisation import operations as reporting
from iki_portal.realisation.operations import Proposal
from iki_portal.realisation.queries import SeenReport, report_of
from iki_portal.realisation.windows import windows_of
from iki_portal.web.transaction import transaction
from tests import once
from tests.inspection import InspectingClient

YEAR = 2027
DOCUMENT = SEEDS / "iki-bkd-lumajang.md"

#: The smallest file that passes for a PDF.
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

OWNER = "analis.pengadaan"
REVIEWER = "kabid.pengadaan"
APPROVER = "sekretaris"
HEAD = "kepala.badan"
OPERATOR = "operator"
OUTSIDER = "analis.mutasi"
OTHER_REVIEWER = "kabid.mutasi"


#: Evidence files of this test process: kept under their hashes, so tests share a folder without meeting.
EVIDENCE = TemporaryDirectory(prefix="iki-evidence-")
atexit.register(EVIDENCE.cleanup)


def now() -> datetime:
    return datetime.now(UTC)


def settings_for(database_url: str, env: str = "test", **more: Any) -> Settings:
    secret = {"secret_key": "k" * 20 + "0123456789abcdefghij", "evidence_url": Path(EVIDENCE.name).as_uri()}
    return read_settings(env=env, database_url=database_url, **(secret | more))


def portal(database_url: str, **more: Any) -> Flask:
    app = create_app(settings_for(database_url, **more))
    migrating.bind(app)
    app.jinja_env.bytecode_cache = once.TEMPLATES
    app.test_client_class = InspectingClient
    return app


def furnish() -> None:
    """Organisation, document, reference list and accounts into an empty database; needs an app context."""
    with transaction():
        load_when_empty()
        add_year(YEAR, deadline=date(YEAR - 1, 12, 31))
        import_document(read_document_file(DOCUMENT), year=YEAR, now=now())
        load_reference(read_reference_file(REFERENCE))
        make_demo_accounts(now=now(), on=today_in_office().replace(month=1, day=1))


def sign_in(app: Flask, name: str) -> FlaskClient:
    """A browser signed in as `name`, without the cost of a password."""
    with app.app_context(), transaction():
        signed = auth.sign_in_demo(name, now=now())
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = signed.token
        session["_fresh"] = True
        session["seen"] = int(now().timestamp())
    return client


def csrf_token(client: FlaskClient, page: str = "/sandi") -> str:
    """A form token of this browser's session."""
    text = client.get(page).get_data(as_text=True)
    return text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """POST a form with a good token."""
    return client.post(url, data={"csrf_token": csrf_token(client), **(data or {})}, **more)


# What follows needs an app context.


def actor(name: str, on: date | None = None) -> Actor:
    found = actor_of(name, on=on or today_in_office())
    assert found is not None, name
    return found


def sheet_of(post_code: str, *, revision: int | None = None) -> SeenSheet:
    """The newest (or that) revision of the post's sheet, of the newest year, fresh from the database."""
    db.session.rollback()
    query = select(Sheet.id).join(Position, Position.id == Sheet.position_id).where(Position.code == post_code)
    if revision is not None:
        query = query.where(Sheet.revision == revision)
    sheet_id = db.session.scalars(query.order_by(Sheet.revision.desc(), Sheet.year.desc()).limit(1)).one()
    return sheets_where(Sheet.id == sheet_id, on=today_in_office())[0]


def complete_rows(sheet: SeenSheet, target: str = "4") -> Sequence[StatementProposal]:
    """The sheet's own rows with every figure filled in: `target` a year, a quarter of it each quarter."""
    paper = papers([sheet.id])[sheet.id]
    quarter = Decimal(target) / 4
    return [
        StatementProposal(
            id=statement.id,
            text=statement.text,
            indicators=tuple(
                IndicatorProposal(
                    id=each.id,
                    text=each.text,
                    formula="Dihitung dari jumlah dokumen yang selesai",
                    source=each.source,
                    unit_of_measure="dokumen",
                    polarity=Polarity.MAXIMIZE,
                    aggregation=Aggregation.SUM,
                    target=Decimal(target),
                    quarter_1=quarter,
                    quarter_2=quarter,
                    quarter_3=quarter,
                    quarter_4=quarter,
                )
                for each in statement.indicators
            ),
        )
        for statement in paper.statements
    ]


def fill_in(post_code: str = OWNER, *, by: str | None = None, target: str = "4") -> SeenSheet:
    """Make the draft complete."""
    sheet = sheet_of(post_code)
    with transaction():
        writing.save_sheet(sheet, complete_rows(sheet, target), actor=actor(by or post_code), seen=sheet.version, now=now())
    return sheet_of(post_code)


def advise(post_code: str = OWNER) -> SeenSheet:
    """A complete draft whose first indicator has something to advise: a count in per cent (M05)."""
    sheet = fill_in(post_code)
    first, *others = complete_rows(sheet)
    row, *more = first.indicators
    rows = [replace(first, indicators=(replace(row, unit_of_measure="%"), *more)), *others]
    with transaction():
        writing.save_sheet(sheet, rows, actor=actor(post_code), seen=sheet.version, now=now())
    return sheet_of(post_code)


def submit(post_code: str = OWNER, *, by: str | None = None) -> SeenSheet:
    sheet = sheet_of(post_code)
    with transaction():
        approvals.submit(sheet, actor=actor(by or post_code), seen=sheet.version, now=now())
    return sheet_of(post_code)


def review(post_code: str = OWNER, *, by: str = REVIEWER) -> SeenSheet:
    sheet = sheet_of(post_code)
    with transaction():
        approvals.review(sheet, actor=actor(by), seen=sheet.version, now=now())
    return sheet_of(post_code)


def approve(post_code: str = OWNER, *, by: str = APPROVER) -> SeenSheet:
    sheet = sheet_of(post_code)
    with transaction():
        approvals.approve(sheet, actor=actor(by), seen=sheet.version, now=now())
    return sheet_of(post_code)


def bring_to(state: str, post_code: str = OWNER) -> SeenSheet:
    """Walk the post's sheet along its route to `state` (draft, submitted, reviewed, approved)."""
    reached = fill_in(post_code)
    if state == "draft":
        return reached
    reached = submit(post_code)
    if state == "submitted":
        return reached
    route = reached.route
    if route.reviewer is not None:
        reached = review(post_code, by=code_of(route.reviewer.id))
    if state == "reviewed":
        return reached
    return approve(post_code, by=code_of(route.approver.id))


def open_quarter(quarter: int = 1, *, year: int = YEAR, days: int = 10, reopened: bool = False) -> Window:
    """Let a quarter be reported today; `reopened`: after its deadline. Past the operation, which knows the calendar."""
    today = today_in_office()
    window = Window(year, quarter, today - timedelta(days=20), today + timedelta(days=days))
    if reopened:
        window = replace(window, deadline_on=today - timedelta(days=1), reopened_until=today + timedelta(days=days))
    with transaction():
        days_of = {name: getattr(window, name) for name in ("year", "quarter", "opens_on", "deadline_on", "reopened_until")}
        db.session.merge(QuarterWindow(**days_of, version=1, changed_at=now(), changed_by=""))
    return window


def first_indicator(sheet: SeenSheet) -> int:
    found = papers([sheet.id])[sheet.id].statements[0].indicators[0].id
    assert found is not None
    return found


def reported_rows(sheet: SeenSheet, value: str = "1") -> dict[int, ReportedRow]:
    """Every indicator of the sheet with the same figure."""
    indicators = [each for statement in papers([sheet.id])[sheet.id].statements for each in statement.indicators]
    return {each.id: ReportedRow(value=Decimal(value)) for each in indicators if each.id is not None}


def write_report(
    post_code: str = OWNER,
    *,
    quarter: int = 1,
    by: str | None = None,
    rows: Mapping[int, ReportedRow] | None = None,
    revision: int | None = None,
    **more: Any,
) -> int:
    """Save figures (of every row, where none are given); returns the report's version."""
    sheet, window = sheet_of(post_code, revision=revision), windows_of(YEAR)[quarter]
    proposal = Proposal(rows=reported_rows(sheet) if rows is None else rows, **more)
    seen = report_of(sheet, quarter).version
    with transaction():
        return reporting.save(sheet, window, proposal, actor=actor(by or post_code), seen=seen, now=now())


def step_report(
    step: ReportStep, post_code: str = OWNER, *, by: str, quarter: int = 1, note: str = "", revision: int | None = None
) -> SeenReport:
    """Somebody takes a step on the report as it stands."""
    sheet, window = sheet_of(post_code, revision=revision), windows_of(YEAR)[quarter]
    more = {"actor": actor(by), "seen": report_of(sheet, quarter).version, "now": now()}
    with transaction():
        if step is ReportStep.SUBMIT:
            reporting.submit(sheet, window, **more)
        else:
            operation = {
                ReportStep.VERIFY: reporting.verify,
                ReportStep.RETURN: reporting.return_report,
                ReportStep.CORRECT: reporting.correct,
            }[step]
            operation(sheet, window, note=note, **more)
    return report_of(sheet, quarter)


def bring_report_to(state: ReportState, *, quarter: int = 1, post_code: str = OWNER) -> SeenReport:
    """The sheet approved, the quarter open today, and its report walked to `state`."""
    sheet = sheet_of(post_code)
    sheet = sheet if sheet.state == "approved" else bring_to("approved", post_code)
    open_quarter(quarter)
    write_report(post_code, quarter=quarter)
    steps = {
        ReportState.DRAFT: (),
        ReportState.SUBMITTED: (ReportStep.SUBMIT,),
        ReportState.RETURNED: (ReportStep.SUBMIT, ReportStep.RETURN),
        ReportState.VERIFIED: (ReportStep.SUBMIT, ReportStep.VERIFY),
    }[state]
    for step in steps:
        by = post_code if step is ReportStep.SUBMIT else REVIEWER
        step_report(step, post_code, by=by, quarter=quarter, note="Bukti belum lengkap." if step is ReportStep.RETURN else "")
    return report_of(sheet, quarter)


def write_goals() -> None:
    """A period around the year: an empty tujuan (1), and one (2) with a sasaran (3) that has two IKU (1 and 2)."""
    by, period = actor(OPERATOR), PeriodProposal("Renstra", YEAR - 2, YEAR + 2)
    with transaction():
        period_id = goal_writing.write_period(None, period, actor=by, seen=goal_writing.NEW, now=now())
        written = reading_goals.period(period_id)
        for order, words in enumerate(("Terwujudnya layanan yang baik", "Terwujudnya aparatur yang profesional"), start=1):
            purpose = goal_writing.add_goal(written, None, GoalProposal(words, order), actor=by, now=now())
        outcome = GoalProposal("Meningkatnya kualitas manajemen ASN", 1)
        under = goal_writing.add_goal(written, reading_goals.goal(purpose), outcome, actor=by, now=now())
        for order, words in enumerate(("Indeks sistem merit", "Indeks profesionalitas ASN"), start=1):
            iku = IkuProposal(words, "nilai", Polarity.MAXIMIZE, order, {YEAR: Decimal(80)})
            goal_writing.add_iku(reading_goals.goal(under), iku, actor=by, now=now())


def words_on(sheet: SeenSheet) -> list[str]:
    """The words of the sheet's indicators, folded, as links name them."""
    return [text_key(each.text) for statement in papers([sheet.id])[sheet.id].statements for each in statement.indicators]


def link(post_code: str = OWNER, *, by: str | None = None, row: int = 1, iku: int = 0, to: int = 0) -> int:
    """The sheet's `row` supports that IKU, or row `to` of the sheet above; returns how many links are new."""
    sheet, person = sheet_of(post_code), actor(by or post_code)
    words = words_on(sheet)[row - 1]
    wanted = Wanted(words, iku_id=iku, iku_version=reading_goals.iku(iku).version) if iku else None
    if wanted is None:
        around = linking.surroundings(sheet, actor=person, on=today_in_office())
        wanted = Wanted(words, list(around.parents)[to - 1].words)
    with transaction():
        return linking.link(sheet, [wanted], actor=person, now=now())


def link_value(sheet: SeenSheet, *, iku: int) -> str:
    """As the page "Mendukung apa?" sends it: the first row supports that IKU."""
    around = linking.surroundings(sheet, actor=actor(OWNER), on=today_in_office())
    key = next(each for each in around.ikus if each.iku_id == iku)
    return support_page.value_of(around, Link(RowKey(sheet.position_id, words_on(sheet)[0]), key))


#: What the superior writes first, and what the owner adds.
TALK = TalkText(
    held_on=date(2027, 1, 1), topic="Capaian triwulan I", superior_part="Sudah baik.", agreed="Bukti dilengkapi setiap Senin."
)
OWNER_PART = "Berkas dari dua OPD terlambat."


def begin_talk(
    post_code: str = OWNER, *, by: str = REVIEWER, text: TalkText | None = None, partner_id: int | None = None
) -> SeenTalk:
    """One of the two records a talk of today on the post's sheet in force."""
    sheet, person = sheet_of(post_code), actor(by)
    typed = text or TALK._replace(held_on=today_in_office())
    with transaction():
        seen = begun_by(person, sheet)
        talk_id = talking.begin(sheet, typed, actor=person, partner_id=partner_id, seen=seen, now=now())
    return talk_in_sight(talk_id, sheet.id, actor=person)


def write_talk(talk: SeenTalk, *, by: str, **cells: Any) -> SeenTalk:
    """Change some cells of the text as it stands."""
    person = actor(by)
    standing = talk_in_sight(talk.id, talk.sheet_id, actor=person)
    with transaction():
        talking.write(standing, standing.text._replace(**cells), actor=person, seen=standing.version, now=now())
    return talk_in_sight(talk.id, talk.sheet_id, actor=person)


def confirm_talk(talk: SeenTalk, *, by: str) -> SeenTalk:
    person = actor(by)
    standing = talk_in_sight(talk.id, talk.sheet_id, actor=person)
    with transaction():
        talking.confirm(standing, actor=person, seen=standing.version, now=now())
    return talk_in_sight(talk.id, talk.sheet_id, actor=person)


def bring_talk_to(state: TalkState) -> SeenTalk:
    """The owner's sheet approved, and a talk between the owner and the Kabid walked to `state`; the Kabid confirms first."""
    sheet = sheet_of(OWNER)
    if sheet.state != "approved":
        bring_to("approved")
    talk = begin_talk()
    talk = write_talk(talk, by=OWNER, owner_part=OWNER_PART)
    if state is not TalkState.WRITING:
        talk = confirm_talk(talk, by=REVIEWER)
    return confirm_talk(talk, by=OWNER) if state is TalkState.CLOSED else talk


def row_of(sheet: SeenSheet, statement: int, indicator: int | None = None) -> str:
    """Key of a row by its printed number."""
    found = papers([sheet.id])[sheet.id].statements[statement - 1]
    return row_key(statement_id=found.id) if indicator is None else row_key(indicator_id=found.indicators[indicator - 1].id)


def comment(
    text: str, *, by: str = REVIEWER, row: tuple[int, int | None] = (1, 1), cell: Cell = Cell.FORMULA, post_code: str = OWNER
) -> int:
    """Somebody says something about a row of the post's sheet; returns the comment's id."""
    sheet = sheet_of(post_code)
    with transaction():
        return commenting.write_comment(sheet, actor=actor(by), row=row_of(sheet, *row), cell=cell, text=text, now=now())


def move_comment(comment_id: int, step: CommentStep, *, by: str, text: str = "", post_code: str = OWNER) -> None:
    sheet, person = sheet_of(post_code), actor(by)
    thread = thread_in_sight(comment_id, sheet, actor=person)
    with transaction():
        commenting.move_comment(sheet, thread, step, actor=person, seen=thread.version, text=text, now=now())


def code_of(position_id: int) -> str:
    return db.session.get_one(Position, position_id).code


def employ(name: str = "Siti Rahmawati", identifier: str | None = None) -> int:
    """Somebody new without an account; returns the employee's id."""
    employee = Employee(name=name, kind=EmployeeKind.PNS, identifier=identifier, rank=None)
    with transaction():
        db.session.add(employee)
        db.session.flush()
        return employee.id


def open_account(account_name: str = "siti.rahmawati", **person: str) -> keeping.Slip:
    """An account for somebody new, and the slip with its code."""
    employee_id = employ(**person)
    with transaction():
        return keeping.open_account(employee_id, account_name, actor=actor(OPERATOR), now=now())


def telephone(name: str) -> TOTP:
    """The authenticator of somebody whose second step is turned on here, half a minute ago."""
    person, salt = actor(name), "0123456789abcdef" * 2
    totp, before = TOTP(second_step.secret_for_app(person.account_id, salt)), now() - timedelta(seconds=30)
    with transaction():
        second_step.set_up(person, salt=salt, code=totp.at(before), now=before)
    return totp


def give_post(account_name: str, post_code: str, *, kind: AssignmentKind, starts_on: date, ends_on: date | None = None) -> None:
    """Let the person behind an account hold a post, as Plt., Plh. or definitively."""
    person = db.session.get_one(Employee, actor(account_name).employee_id)
    position = db.session.scalars(select(Position).where(Position.code == post_code)).one()
    with transaction():
        assign(person, position, kind=kind, starts_on=starts_on, ends_on=ends_on, decree="800/1/2027")


def end_post(account_name: str, post_code: str, *, ends_on: date) -> None:
    """End every open assignment of that person to that post."""
    employee_id = actor(account_name).employee_id
    position = db.session.scalars(select(Position).where(Position.code == post_code)).one()
    with transaction():
        for held in db.session.scalars(
            select(Assignment).where(Assignment.employee_id == employee_id, Assignment.position_id == position.id)
        ):
            held.ends_on = ends_on


def with_version(sheet: SeenSheet, version: int) -> SeenSheet:
    """The sheet as a page saw it at another version."""
    return replace(sheet, version=version)


def staffing(rows: Mapping[Tab, Sequence[Sequence[str]]]) -> bytes:
    """A workbook of the organisation with these rows, each with a text for every column of its tab."""
    return staffing_xlsx(rows, title="Buku kerja organisasi")


def workbook(rows: Mapping[Tab, Sequence[Sequence[str]]] | None = None, *, content: bytes = b"") -> int:
    """A workbook sent by the operator, read and compared; its id."""
    with transaction():
        workbook_id = staffing_workbooks.take_workbook(
            "organisasi.xlsx", content or staffing(rows or {}), actor=actor(OPERATOR), now=now()
        )
    staffing_reading.read_workbook(workbook_id)
    return workbook_id


def uploaded(name: str = OPERATOR, *, year: int = YEAR, content: bytes | None = None) -> int:
    """The document sent by `name`, and read; the id of the upload."""
    document = DOCUMENT.read_bytes() if content is None else content
    with transaction():
        upload_id = uploads.take_upload("iki.md", document, year=year, actor=actor(name), now=now())
    reading.read_upload(upload_id)
    return upload_id


def broken_copies() -> list[str]:
    """What is wrong with frozen copies; nothing on a good day."""
    return [problem for problem in evidence.copies() if problem is not None]
