"""What the role that serves may do on PostgreSQL: models/grants.py says it of every table, and the database means it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from iki_portal.databases import roles
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import Base, db
from iki_portal.models import guards
from iki_portal.models.grants import EVERY_COLUMN, GRANTS
from iki_portal.web.transaction import transaction
from tests import office, postgres
from tests.rows import all_rows

TABLES = Base.metadata.tables
#: Nobody but the owner may do this; the guards need not even be asked.
FORBIDDEN = [
    "UPDATE history_entry SET actor_name = 'x'",
    "DELETE FROM history_entry",
    "UPDATE frozen_copy SET body = 'x'",
    "DELETE FROM frozen_copy",
    "UPDATE issued_print SET sha256 = 'x'",
    "DELETE FROM issued_print",
    "UPDATE sheet_content SET body = 'x'",
    "UPDATE comment_entry SET text = 'x'",
    "UPDATE comment SET text = 'x'",
    "UPDATE history_head SET id = 2",
    "DELETE FROM history_head",
    "DELETE FROM sheet",
    "UPDATE sheet SET year = year + 1",
    "UPDATE trail_event SET note = 'x'",
    "DELETE FROM organisation_act",
    "DELETE FROM audit_check",
    "DELETE FROM assignment",
    "UPDATE realisation_entry SET value = 1",
    "DELETE FROM realisation_entry",
    "DELETE FROM realisation_report",
    "UPDATE report_copy SET body = 'x'",
    "DELETE FROM report_copy",
    "UPDATE report_result SET measured = 0",
    "UPDATE indicator_result SET capped_1 = 0",
    "UPDATE realisation_report SET quarter = 2",
    "UPDATE attachment SET sha256 = 'x'",
    "DELETE FROM attachment",
    "DELETE FROM quarter_window",
    "UPDATE cascade_link SET text = 'x'",
    "DELETE FROM cascade_link",
    "DELETE FROM goal",
    "UPDATE talk SET owner_id = superior_id",
    "DELETE FROM talk",
    "UPDATE talk_writing SET agreed = 'x'",
    "DELETE FROM talk_writing",
    "DELETE FROM talk_act",
    "DELETE FROM account",
    "UPDATE alembic_version SET version_num = '0001'",
    "TRUNCATE history_entry CASCADE",
    "TRUNCATE sign_in_session",
    "SELECT setval('sheet_id_seq', 1)",
    "CREATE TABLE loose (id int)",
]
OWNED = [
    "ALTER TABLE sheet DISABLE TRIGGER ALL",
    "ALTER TABLE sheet ADD COLUMN loose int",
    "DROP TABLE history_entry",
    f"DROP FUNCTION {guards.guards()[0].name}() CASCADE",
    "SET session_replication_role = replica",
    f"CREATE OR REPLACE FUNCTION {guards.guards()[0].name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
]
#: The serving role may touch these columns, but not like this.
AGAINST_THE_GUARDS = [
    "UPDATE sheet SET state = 'draft' WHERE state = 'approved'",
    "UPDATE sheet SET state = 'superseded' WHERE state = 'approved'",
    "UPDATE sheet SET heading = 'x' WHERE state = 'approved'",
    "UPDATE sheet SET content_hash = 'x', version = version + 1 WHERE state = 'approved'",
    "UPDATE history_head SET number = 0",
    "INSERT INTO frozen_copy SELECT * FROM frozen_copy",
    "UPDATE public.indicator SET target = 1 WHERE statement_id IN (SELECT s.id FROM public.statement s"
    " JOIN public.sheet h ON h.id = s.sheet_id WHERE h.state = 'approved')",
]
GUARDED = r"can only be superseded|superseded by|only grows|stands|not a draft"


@pytest.fixture
def serving(postgres_url: str) -> Iterator[Flask]:
    app = office.portal(postgres_url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_table_says_what_the_serving_role_may_do() -> None:
    assert GRANTS.keys() == TABLES.keys() | {"alembic_version"}, "say in models/grants.py what the portal does to the new table"
    for name, grant in GRANTS.items():
        named = set(grant.update) - set(EVERY_COLUMN)
        assert named <= set(TABLES[name].columns.keys() if name in TABLES else ()), name


def test_no_right_is_given_that_a_guard_always_refuses() -> None:
    always = [guard for guard in guards.guards() if guard.condition == "true"]
    assert len(always) > 8
    for guard in always:
        grant = GRANTS[guard.table]
        assert not (grant.delete if guard.event == "DELETE" else grant.update), guard


def test_the_serving_role_holds_exactly_its_rights(serving: Flask) -> None:
    with serving.app_context():
        assert roles.faults(db.session.connection(), str(db.engine.url.username)) == []


def test_raw_sql_as_the_serving_role_changes_nothing_that_was_approved(serving: Flask) -> None:
    with serving.app_context():
        office.comment("Rumusnya mengulang indikator.")
        office.bring_to("approved")
        before = all_rows()
        for attack in FORBIDDEN:
            with pytest.raises(DBAPIError, match="permission denied"), transaction():
                db.session.execute(text(attack))
        for attack in OWNED:
            with pytest.raises(DBAPIError, match=r"must be owner|permission denied"), transaction():
                db.session.execute(text(attack))
        for attack in AGAINST_THE_GUARDS:
            with (
                pytest.raises(DBAPIError, match=GUARDED),
                transaction(),
            ):
                db.session.execute(text(attack))
        assert all_rows() == before


def test_a_temporary_table_does_not_deceive_the_guards(serving: Flask) -> None:
    """PUBLIC may make temporary tables where nobody took it away, and their names are looked at first."""
    with serving.app_context():
        office.bring_to("approved")
        postgres.execute("GRANT TEMPORARY ON DATABASE {} TO PUBLIC", str(db.engine.url.database))
        shadow = text("CREATE TEMPORARY TABLE sheet AS SELECT id, 'draft'::varchar AS state FROM public.sheet")
        with db.engine.connect() as connection:
            connection.execute(shadow)
            with pytest.raises(DBAPIError, match="not a draft"):
                connection.execute(text(AGAINST_THE_GUARDS[-1]))


def test_a_reviewed_revision_that_is_not_approved_leaves_the_old_sheet_in_force(serving: Flask) -> None:
    """On PostgreSQL the end of the transaction is looked at, too."""
    with serving.app_context():
        sheet = office.bring_to("approved")
        with transaction():
            actor = office.actor(office.OWNER)
            office.approvals.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        office.submit()
        office.review()
        with pytest.raises(DBAPIError, match="superseded by an approved revision only"), transaction():
            db.session.execute(text("UPDATE sheet SET state = 'superseded' WHERE state = 'approved'"))
        office.approve()
        assert office.sheet_of(office.OWNER, revision=1).state == "superseded"
