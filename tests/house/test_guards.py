"""Row 16 of the bar: an approved sheet against raw SQL, re-seeding, and later changes of people and posts."""

import json
import sqlite3
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from iki_portal.app import demand_ready
from iki_portal.approvals import auditing
from iki_portal.approvals.export import exported_sheets
from iki_portal.domain.comments import CommentStep
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import Base, db
from iki_portal.models import Employee, FrozenCopy, Position, PositionDuty, Unit, guards
from iki_portal.realisation.attachments import Sent
from iki_portal.web.database import NotReady
from iki_portal.web.transaction import transaction
from tests import office
from tests.rows import all_rows

ATTACKS = [
    "UPDATE sheet SET heading = 'x' WHERE state = 'approved'",
    "UPDATE sheet SET state = 'draft' WHERE state = 'approved'",
    "UPDATE sheet SET approved_by_id = submitted_by_id WHERE state = 'approved'",
    "UPDATE sheet SET version = version + 1 WHERE state = 'approved'",
    "UPDATE sheet SET state = 'superseded' WHERE state = 'approved'",
    "UPDATE sheet SET state = 'superseded', submitted_by_id = 1, submitted_at = changed_at, content_hash = 'x',"
    " reviewed_by_id = 2, reviewed_at = changed_at, approved_by_id = 3, approved_at = changed_at, approved_title = 'x',"
    " approved_unit = 'x'"
    " WHERE state = 'draft'",
    "DELETE FROM sheet WHERE state = 'approved'",
    "DELETE FROM sheet WHERE state = 'draft'",
    "UPDATE statement SET text = 'x' WHERE sheet_id IN (SELECT id FROM sheet WHERE state = 'approved')",
    "DELETE FROM indicator WHERE statement_id IN (SELECT s.id FROM statement s JOIN sheet h ON h.id = s.sheet_id"
    " WHERE h.state = 'approved')",
    "INSERT INTO statement (sheet_id, number, text) SELECT id, 99, 'x' FROM sheet WHERE state = 'approved'",
    "UPDATE indicator SET target = 1 WHERE statement_id IN (SELECT s.id FROM statement s JOIN sheet h ON h.id = s.sheet_id"
    " WHERE h.state = 'approved')",
    "UPDATE statement SET sheet_id = (SELECT id FROM sheet WHERE state = 'draft' LIMIT 1)"
    " WHERE sheet_id IN (SELECT id FROM sheet WHERE state = 'approved')",
    "UPDATE history_entry SET actor_name = 'x'",
    "UPDATE history_entry SET hash = 'x'",
    "DELETE FROM history_entry",
    "UPDATE history_head SET number = 0",
    "DELETE FROM history_head",
    "UPDATE sheet_content SET body = 'x'",
    "DELETE FROM sheet_content",
    "UPDATE frozen_copy SET body = 'x'",
    "DELETE FROM frozen_copy",
    "UPDATE issued_print SET sha256 = 'x'",
    "DELETE FROM issued_print",
    "INSERT INTO sheet SELECT * FROM sheet WHERE state = 'approved'",
    "UPDATE trail_event SET actor_name = 'x'",
    "DELETE FROM trail_event",
    "UPDATE trail_head SET number = 0",
    "DELETE FROM trail_head",
    "UPDATE audit_check SET problems = 0",
    "DELETE FROM audit_check",
]

#: SQLite deletes the row in the way of a REPLACE silently: triggers on DELETE see it only with recursive triggers on.
REPLACEMENTS = [
    "REPLACE INTO frozen_copy SELECT sheet_id, history_number, sha256, 'x', register, code, frozen_at FROM frozen_copy",
    "REPLACE INTO issued_print SELECT sheet_id, sha256, 'x', is_signed, issued_at FROM issued_print",
    "INSERT OR REPLACE INTO sheet_content SELECT hash, 'x', stored_at FROM sheet_content",
    "REPLACE INTO history_head VALUES (1, 0, 'x')",
    "REPLACE INTO trail_head VALUES (1, 0, 'x')",
    "REPLACE INTO trail_event (number, at, action, actor_name, acting_title, place, note, key_id, previous_hash, hash)"
    " SELECT number, at, action, 'x', '', '', '', key_id, previous_hash, hash FROM trail_event",
    'REPLACE INTO sheet (id, year, position_id, revision, state, version, heading, "order", approver_id, reason_note,'
    " changed_at, changed_by) SELECT id, year, position_id, revision, 'draft', version, 'x', \"order\", approver_id, '',"
    " changed_at, '' FROM sheet WHERE state = 'approved'",
    "UPDATE OR REPLACE sheet SET id = (SELECT id FROM sheet WHERE state = 'approved')"
    " WHERE id = (SELECT id FROM sheet WHERE state = 'draft' LIMIT 1)",
    "REPLACE INTO statement (id, sheet_id, number, text) SELECT id, (SELECT id FROM sheet WHERE state = 'draft' LIMIT 1), 1,"
    " 'x' FROM statement WHERE sheet_id IN (SELECT id FROM sheet WHERE state = 'approved')",
    "UPDATE OR REPLACE indicator SET id = (SELECT i.id FROM indicator i JOIN statement s ON s.id = i.statement_id"
    " JOIN sheet h ON h.id = s.sheet_id WHERE h.state = 'approved' LIMIT 1) WHERE id = (SELECT i.id FROM indicator i"
    " JOIN statement s ON s.id = i.statement_id JOIN sheet h ON h.id = s.sheet_id WHERE h.state = 'draft' LIMIT 1)",
    "REPLACE INTO history_entry (number, at, action, year, actor_name, acting_title, note, rows, key_id, previous_hash, hash)"
    " SELECT number, at, action, year, 'x', '', '', '', key_id, previous_hash, hash FROM history_entry",
]

#: The guard itself must speak: a slip in the attack's own SQL proves nothing.
KEPT = "append-only|never deleted|stands as it was written|stands at its row|takes no more comments"
REFUSED = (
    "append-only|only grows|not a draft|begins as a draft|never deleted|only be superseded|is superseded by|never emptied"
    "|stands|keeps its"
)


#: After an approval nothing more is said; before it, nothing is said differently.
ATTACKS_ON_COMMENTS = [
    "UPDATE comment SET text = 'x'",
    "UPDATE comment SET author_name = 'x'",
    "UPDATE comment SET indicator_id = indicator_id + 1",
    "DELETE FROM comment",
    "UPDATE comment_entry SET text = 'x'",
    "DELETE FROM comment_entry",
]
SAYING_MORE = [
    "UPDATE comment SET state = 'closed'",
    "INSERT INTO comment_entry (comment_id, step, text, author_id, author_name, author_title, written_at)"
    " SELECT id, 'close', '', author_id, 'x', 'x', written_at FROM comment",
    "INSERT INTO comment (sheet_id, place, cell, quote, text, author_id, author_name, author_title, written_at, state, version)"
    " SELECT sheet_id, place, cell, quote, 'x', author_id, 'x', 'x', written_at, 'open', 1 FROM comment",
]


def approved_export() -> str:
    sheets = [sheet for sheet in exported_sheets(office.YEAR, on=office.today_in_office()) if sheet["state"] == "approved"]
    assert len(sheets) == 1
    return json.dumps({key: value for key, value in sheets[0].items() if key not in ("owner", "reviewer", "approver")})


def approve_and_check() -> None:
    office.bring_to("approved")
    with transaction():
        auditing.mark(auditing.check_tail(now=office.now()))


def test_the_database_refuses_to_touch_what_is_approved(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        approve_and_check()
        before = approved_export(), db.session.execute(select(FrozenCopy.body, FrozenCopy.sha256)).one()
        attacks = list(ATTACKS)
        if db.engine.dialect.name == "postgresql":
            tables = ("history_entry", "frozen_copy", "sheet_content", "history_head", "indicator", "trail_event", "trail_head")
            attacks += [f"TRUNCATE {table} CASCADE" for table in tables]
        else:
            attacks += REPLACEMENTS
        for attack in attacks:
            with pytest.raises(DBAPIError, match=REFUSED), transaction():
                db.session.execute(text(attack))
        assert (approved_export(), db.session.execute(select(FrozenCopy.body, FrozenCopy.sha256)).one()) == before


def test_a_raw_prompt_cannot_replace_what_is_approved_either(sqlite_app: Flask) -> None:
    """A plain connection sets no pragmas: no foreign keys, no recursive triggers."""
    with sqlite_app.app_context():
        approve_and_check()
        before = approved_export()
        path = str(db.engine.url.database)
        office.bring_to("reviewed", office.OTHER_REVIEWER)
    into_force = (
        "UPDATE OR REPLACE sheet SET state = 'approved', approved_by_id = 1, approved_at = submitted_at, year = target.year,"
        " position_id = target.position_id, revision = 2, reason_class = 'budget'"
        " FROM (SELECT year, position_id FROM sheet WHERE state = 'approved') AS target WHERE state = 'reviewed'"
    )
    with closing(sqlite3.connect(path)) as prompt:
        for attack in (*ATTACKS, *REPLACEMENTS, into_force):
            with pytest.raises(sqlite3.IntegrityError, match=REFUSED):
                prompt.execute(attack)
            prompt.rollback()
    with sqlite_app.app_context():
        assert approved_export() == before


def test_the_database_keeps_every_comment_as_it_was_said(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        comment_id = office.comment("Rumusnya mengulang indikator.")
        office.move_comment(comment_id, CommentStep.REPLY, by=office.OWNER, text="Sesuai RKPD.")
        for _ in range(2):
            before = all_rows(of={name: Base.metadata.tables[name].columns.keys() for name in ("comment", "comment_entry")})
            is_final = office.sheet_of(office.OWNER).state == "approved"
            for attack in ATTACKS_ON_COMMENTS + (SAYING_MORE if is_final else []):
                with pytest.raises(DBAPIError, match=KEPT), transaction():
                    db.session.execute(text(attack))
            assert all_rows(of={name: Base.metadata.tables[name].columns.keys() for name in before}) == before
            if not is_final:
                office.bring_to("approved")


#: A report that was verified, its figures and its evidence; `sheet` is in force.
ATTACKS_ON_REPORTS = [
    "UPDATE realisation_entry SET value = 1",
    "DELETE FROM realisation_entry",
    "INSERT INTO realisation_entry (report_id, indicator_id, value, note, obstacle, follow_up, reason, author_id, author_name,"
    " author_title, written_at) SELECT report_id, indicator_id, 1, '', '', '', '', author_id, 'x', 'x', written_at"
    " FROM realisation_entry",
    "UPDATE attachment SET sha256 = 'x'",
    "UPDATE attachment SET withdrawn_at = added_at, withdrawn_by = 'x'",
    "DELETE FROM attachment",
    "UPDATE report_copy SET body = 'x'",
    "DELETE FROM report_copy",
    "INSERT INTO report_copy SELECT history_number, report_id, sha256, 'x', 'y', 'z', frozen_at FROM report_copy",
    "DELETE FROM realisation_report",
    "UPDATE realisation_report SET quarter = 2",
    "UPDATE realisation_report SET content_hash = 'x'",
    "UPDATE realisation_report SET is_late = NOT is_late",
    "UPDATE realisation_report SET state = 'submitted', verified_by_id = NULL, verified_at = NULL",
    "UPDATE realisation_report SET state = 'returned', verified_by_id = NULL, verified_at = NULL",
    "UPDATE realisation_report SET verified_by_id = (SELECT author_id FROM realisation_entry LIMIT 1), submitted_by_id = 1",
    "INSERT INTO realisation_report (sheet_id, position_id, year, quarter, state, version, is_late, changed_at, changed_by)"
    " SELECT sheet_id, position_id, year, quarter, 'draft', 1, is_late, changed_at, '' FROM realisation_report",
    "INSERT INTO realisation_report (sheet_id, position_id, year, quarter, state, version, is_late, changed_at, changed_by,"
    " submitted_by_id, submitted_at, content_hash)"
    " SELECT sheet_id, position_id, year, 3, 'submitted', 1, is_late, changed_at, '', submitted_by_id, submitted_at,"
    " content_hash FROM realisation_report",
    "INSERT INTO realisation_report (sheet_id, position_id, year, quarter, state, version, is_late, changed_at, changed_by)"
    " SELECT sheet.id, sheet.position_id, sheet.year, 1, 'draft', 1, is_late, report.changed_at, '' FROM sheet,"
    " realisation_report AS report WHERE sheet.state = 'draft'",
]
REPORT_REPLACEMENTS = [
    "REPLACE INTO realisation_entry (id, report_id, indicator_id, value, note, obstacle, follow_up, reason, author_id,"
    " author_name, author_title, written_at) SELECT id, report_id, indicator_id, 1, '', '', '', '', author_id, 'x', 'x',"
    " written_at FROM realisation_entry",
    "REPLACE INTO report_copy SELECT history_number, report_id, sha256, 'x', register, code, frozen_at FROM report_copy",
    "REPLACE INTO attachment (id, report_id, indicator_id, kind, name, url, author_id, author_name, author_title, added_at)"
    " SELECT id, report_id, indicator_id, 'link', '', 'https://x', author_id, 'x', 'x', added_at FROM attachment",
    "REPLACE INTO realisation_report (id, sheet_id, position_id, year, quarter, state, version, is_late, changed_at,"
    " changed_by)"
    " SELECT id, sheet_id, position_id, year, quarter, 'draft', 1, is_late, changed_at, '' FROM realisation_report",
]
KEPT_OF_REPORTS = (
    "append-only|never deleted|stands|report that is closed|stays with its sheet|moves as its table|begins as a draft"
    "|nobody verifies|what was submitted"
)


def test_the_database_keeps_a_report_as_it_was_verified(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        office.bring_report_to(ReportState.DRAFT)
        sheet = office.sheet_of(office.OWNER)
        office.write_report(rows={}, files=[Sent(office.first_indicator(sheet), "a.pdf", office.PDF)])
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        before = all_rows()
        on_sqlite = db.engine.dialect.name == "sqlite"
        for attack in (*ATTACKS_ON_REPORTS, *(REPORT_REPLACEMENTS if on_sqlite else ())):
            with pytest.raises(DBAPIError, match=KEPT_OF_REPORTS), transaction():
                db.session.execute(text(attack))
        assert all_rows() == before


def test_later_changes_of_people_posts_and_seeds_change_no_byte_of_an_approved_sheet(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        sheet = office.bring_to("approved")
        before = approved_export()
        with transaction():
            db.session.execute(update(Employee).values(name="Nama Baru", rank="IV/e"))
            db.session.execute(update(Position).values(given_title="Jabatan Baru", main_duty="Tugas baru"))
            db.session.execute(update(PositionDuty).values(text="uraian baru"))
            db.session.execute(update(Unit).where(Unit.id == 1).values(given_name="Badan Baru"))
        office.furnish()
        assert approved_export() == before
    page = office.sign_in(each_owned_app, office.OWNER).get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert "uraian baru" not in page
    assert "memproses dokumen pemberhentian" in page


def test_the_portal_does_not_serve_while_any_guard_is_missing(each_owned_app: Flask) -> None:
    demand_ready(each_owned_app)
    with each_owned_app.app_context():
        on_postgres = db.engine.dialect.name == "postgresql"
        with db.engine.connect() as connection:
            names = sorted(guards.present(connection))
        assert len(names) >= len(guards.standing_on(db.engine.dialect.name))
        for name in names:
            with transaction():
                command = f'DROP FUNCTION "{name}"() CASCADE' if on_postgres else f'DROP TRIGGER "{name}"'
                db.session.execute(text(command))
            with pytest.raises(NotReady, match=name):
                demand_ready(each_owned_app)
            with transaction():
                guards.install(db.session.connection())
    demand_ready(each_owned_app)


def test_the_portal_does_not_serve_a_database_of_another_revision(owned_app: Flask) -> None:
    with owned_app.app_context(), transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(NotReady, match="0001"):
        demand_ready(owned_app)
