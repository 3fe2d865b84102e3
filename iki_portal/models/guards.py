"""What the database itself refuses, whoever asks: triggers on SQLite and PostgreSQL.

They repeat the invariants that must survive a wrong program, a hurried operator and a raw SQL prompt: history, trail, submitted
contents, frozen copies, comments and talks only grow; a sheet that has left the draft keeps its rows; an approved sheet can
only be superseded; assignments are never deleted, and one a day is definitive. Migrations on SQLite drop triggers silently, so
they are not part of one: `migrations/env.py` removes them before and installs them after, and the portal refuses to serve
while one is missing.
"""

from sqlalchemy import Connection, text

from iki_portal.domain.realisation import MOVES
from iki_portal.extensions import Base
from iki_portal.models.cascade_guards import cascade_kept
from iki_portal.models.triggers import Guard, postgres_trigger, sqlite_trigger, truncate_name, truncate_trigger

#: A table that stands in a PostgreSQL database while it is being restored (upkeep/loading.py): nobody may serve beside it.
UNFINISHED = "unfinished_restore"

_SHEET_MAY_CHANGE = ("state", "version", "changed_at", "changed_by")
_ROWS_OF_A_COMMENT = ("statement_id", "indicator_id")
_COMMENT_MAY_CHANGE = ("state", "version", *_ROWS_OF_A_COMMENT)
_REPORT_STANDS = ("id", "sheet_id", "position_id", "year", "quarter")
_WITHDRAWAL = ("withdrawn_at", "withdrawn_by")
_CONFIRMATIONS = ("owner_confirmed_at", "superior_confirmed_at")
_PARENT_OF_INDICATOR = (
    "SELECT sheet.state FROM sheet JOIN statement ON statement.sheet_id = sheet.id WHERE statement.id = {row}.statement_id"
)
_PARENT_SHEET = "SELECT sheet.state FROM sheet WHERE sheet.id = {row}.sheet_id"


def _append_only(table: str) -> tuple[Guard, ...]:
    return tuple(Guard(table, event, "true", f"{table} is append-only") for event in ("UPDATE", "DELETE"))


def _only_grows(head: str) -> tuple[Guard, ...]:
    message = f"{head} only grows"
    return Guard(head, "DELETE", "true", message), Guard(head, "UPDATE", "NEW.number <> OLD.number + 1", message)


def _only_in_draft(table: str, parent: str) -> tuple[Guard, ...]:
    message = f"{table} belongs to a sheet that is not a draft"
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    return tuple(
        Guard(table, event, " OR ".join(f"({parent.format(row=row)}) <> 'draft'" for row in rows[event]), message)
        for event in rows
    )


def _changed(table: str, *, but: tuple[str, ...]) -> str:
    columns = [column.name for column in Base.metadata.tables[table].columns if column.name not in but]
    return " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)


#: What makes a row the one it is. SQLite's REPLACE deletes the row in its way unseen by the guards against DELETE,
#: so nothing may come in its way (the portal's own connections see it: web/database.py, `recursive_triggers`).
_KEYS = {
    "history_entry": ("number", "hash"),
    "sheet_content": ("hash",),
    "frozen_copy": ("sheet_id", "history_number", "register", "code"),
    "issued_print": ("sheet_id", "sha256"),
    "organisation_act": ("id",),
    "history_head": ("id",),
    "trail_event": ("number", "hash"),
    "trail_head": ("id",),
    "audit_check": ("id",),
    "sheet": ("id",),
    "statement": ("id",),
    "indicator": ("id",),
    "comment": ("id",),
    "comment_entry": ("id",),
    "realisation_report": ("id",),
    "realisation_entry": ("id",),
    "attachment": ("id",),
    "goal_period": ("id",),
    "goal": ("id",),
    "key_indicator": ("id",),
    "cascade_link": ("id",),
    "report_result": ("report_id",),
    "indicator_result": ("indicator_id",),
    "talk": ("id",),
    "talk_writing": ("id",),
    "talk_act": ("id", "history_number"),
    "report_copy": ("history_number", "register", "code"),
}
_SAME_REVISION = "other.position_id = NEW.position_id AND other.year = NEW.year AND other.revision = NEW.revision"
_IN_FORCE = "other.position_id = NEW.position_id AND other.year = NEW.year AND other.state = 'approved'"


def _taken(table: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} AS other WHERE {condition})"  # noqa: S608  # our own words, no input


def _not_replaced() -> tuple[Guard, ...]:
    inserted = (
        Guard(table, "INSERT", _taken(table, " OR ".join(f"other.{key} = NEW.{key}" for key in keys)), f"this {table} stands")
        for table, keys in _KEYS.items()
    )
    numbered = (
        Guard(table, "UPDATE", "NEW.id <> OLD.id", f"a {table} keeps its id") for table in ("sheet", "statement", "indicator")
    )
    elsewhere = f"other.id <> NEW.id AND {_SAME_REVISION}"
    in_force = f"NEW.state = 'approved' AND {_taken('sheet', f'other.id <> NEW.id AND {_IN_FORCE}')}"
    return (
        *inserted,
        *numbered,
        Guard("sheet", "INSERT", _taken("sheet", _SAME_REVISION), "this revision stands"),
        Guard("sheet", "UPDATE", f"{_taken('sheet', elsewhere)} OR ({in_force})", "another sheet stands there"),
    )


def _comments_kept() -> tuple[Guard, ...]:
    """Said once, said for good; a comment only moves on, and lets go of a row that is deleted."""
    is_final = "(SELECT state FROM sheet WHERE id = {}) IN ('approved', 'superseded')"
    wanders = " OR ".join(f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in _ROWS_OF_A_COMMENT)
    closed = "an approved sheet takes no more comments"
    return (
        *_append_only("comment_entry"),
        Guard("comment", "DELETE", "true", "a comment is never deleted"),
        Guard("comment", "UPDATE", _changed("comment", but=_COMMENT_MAY_CHANGE), "a comment stands as it was written"),
        Guard("comment", "UPDATE", wanders, "a comment stands at its row"),
        Guard("comment", "INSERT", is_final.format("NEW.sheet_id"), closed),
        Guard("comment", "UPDATE", is_final.format("OLD.sheet_id"), closed),
        Guard(
            "comment_entry",
            "INSERT",
            is_final.format("(SELECT sheet_id FROM comment WHERE id = NEW.comment_id)"),
            closed,
        ),
    )


def _assignments_kept() -> tuple[Guard, ...]:
    """Every right came from one: never deleted, and one definitive holder of a post a day (domain/appointments.py).

    A cancelled one ends before it starts and shares a day with nobody.
    """
    has_days = "({row}.ends_on IS NULL OR {row}.ends_on >= {row}.starts_on)"
    ends = "COALESCE({row}.ends_on, '9999-12-31')"
    shared = (
        "other.id <> NEW.id AND other.position_id = NEW.position_id AND other.kind = 'definitive'"
        f" AND {has_days.format(row='other')}"
        f" AND other.starts_on <= {ends.format(row='NEW')} AND NEW.starts_on <= {ends.format(row='other')}"
    )
    clash = f"NEW.kind = 'definitive' AND {has_days.format(row='NEW')} AND {_taken('assignment', shared)}"
    said = "a post has one definitive holder a day"
    return (
        Guard("assignment", "DELETE", "true", "an assignment is never deleted"),
        Guard("assignment", "INSERT", clash, said),
        Guard("assignment", "UPDATE", clash, said),
    )


def _superseded_by_a_newer_one() -> tuple[Guard, ...]:
    """An approved sheet makes room for the revision that is approved in the same transaction, and for nothing else.

    The old one goes first, because only one may be in force. At that moment the new one must be up for approval; that it
    was then approved can be asked at the end of the transaction only.
    """
    newer = "other.position_id = NEW.position_id AND other.year = NEW.year AND other.revision > NEW.revision"
    up = "(other.state = 'reviewed' OR (other.state = 'submitted' AND other.reviewer_id IS NULL))"
    superseded = "NEW.state = 'superseded' AND OLD.state <> 'superseded'"
    room = f"{superseded} AND (OLD.state <> 'approved' OR NOT {_taken('sheet', f'{newer} AND {up}')})"
    in_force = f"{newer} AND other.state IN ('approved', 'superseded')"
    at_the_end = f"{superseded} AND NOT {_taken('sheet', in_force)}"
    return (
        Guard("sheet", "UPDATE", room, "a sheet is superseded by a newer revision only"),
        Guard("sheet", "UPDATE", at_the_end, "a sheet is superseded by an approved revision only", at_the_end=True),
    )


def _realisation_kept() -> tuple[Guard, ...]:
    """Reported once, it stays: figures only grow, and only while the report is open; nobody verifies what they reported."""
    begins = (
        "NEW.state <> 'draft' OR NOT EXISTS (SELECT 1 FROM sheet WHERE sheet.id = NEW.sheet_id AND sheet.state = 'approved'"
        " AND sheet.position_id = NEW.position_id AND sheet.year = NEW.year)"
    )
    moves = " OR ".join(f"(OLD.state = '{move.from_state}' AND NEW.state = '{move.to_state}')" for move in MOVES)
    moved = f"NEW.state <> OLD.state AND NOT ({moves})"
    own = (
        "NEW.verified_by_id IS NOT NULL AND ("
        "EXISTS (SELECT 1 FROM realisation_entry AS own WHERE own.report_id = NEW.id AND own.author_id = NEW.verified_by_id)"
        " OR EXISTS (SELECT 1 FROM attachment AS own WHERE own.report_id = NEW.id AND own.author_id = NEW.verified_by_id))"
    )
    sealed = "NEW.state IN ('submitted', 'verified') AND OLD.state IN ('submitted', 'verified') AND ({})".format(
        " OR ".join(
            f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ("content_hash", "submitted_by_id", "submitted_at", "is_late")
        )
    )
    open_report = "(SELECT state FROM realisation_report WHERE id = {row}.report_id) NOT IN ('draft', 'returned')"
    row_of_the_sheet = (
        "NOT EXISTS (SELECT 1 FROM realisation_report AS report JOIN statement ON statement.sheet_id = report.sheet_id"
        " JOIN indicator ON indicator.statement_id = statement.id"
        " WHERE report.id = NEW.report_id AND indicator.id = NEW.indicator_id)"
    )
    written = tuple(
        guard
        for table in ("realisation_entry", "attachment")
        for guard in (
            Guard(table, "INSERT", open_report.format(row="NEW"), f"{table} belongs to a report that is closed"),
            Guard(table, "INSERT", row_of_the_sheet, f"{table} belongs to a row of its sheet"),
        )
    )
    return (
        *_append_only("realisation_entry"),
        *_append_only("report_copy"),
        Guard(
            "report_copy",
            "INSERT",
            "(SELECT state FROM realisation_report WHERE id = NEW.report_id) <> 'verified'",
            "only a verified report is frozen",
        ),
        *written,
        Guard("attachment", "DELETE", "true", "evidence is never deleted"),
        Guard("attachment", "UPDATE", _changed("attachment", but=_WITHDRAWAL), "evidence stands as it was added"),
        Guard("attachment", "UPDATE", "OLD.withdrawn_at IS NOT NULL", "evidence is taken back once"),
        Guard("attachment", "UPDATE", open_report.format(row="OLD"), "attachment belongs to a report that is closed"),
        Guard("realisation_report", "INSERT", begins, "a report begins as a draft of the sheet in force"),
        Guard("realisation_report", "DELETE", "true", "a report is never deleted"),
        Guard(
            "realisation_report",
            "UPDATE",
            " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _REPORT_STANDS),
            "a report stays with its sheet and quarter",
        ),
        Guard("realisation_report", "UPDATE", moved, "a report moves as its table says"),
        Guard("realisation_report", "UPDATE", own, "nobody verifies what they reported"),
        Guard("realisation_report", "UPDATE", sealed, "what was submitted stands"),
        Guard(
            "realisation_report",
            "INSERT",
            _taken("realisation_report", "other.sheet_id = NEW.sheet_id AND other.quarter = NEW.quarter"),
            "this report stands",
        ),
    )


def _results_kept() -> tuple[Guard, ...]:
    """What a verified report comes to stands and goes with it; nothing that is kept of achievements is ever rewritten."""
    verified = (
        "EXISTS (SELECT 1 FROM realisation_report AS report WHERE report.id = {row}.report_id AND report.state = 'verified'"
        " AND report.sheet_id = {row}.sheet_id AND report.position_id = {row}.position_id AND report.year = {row}.year"
        " AND report.quarter = {row}.quarter AND report.content_hash = {row}.content_hash)"
    )
    some_verified = (
        "NOT EXISTS (SELECT 1 FROM realisation_report AS report WHERE report.position_id = NEW.position_id"
        " AND report.year = NEW.year AND report.sheet_id = NEW.sheet_id AND report.state = 'verified')"
    )
    message = "a result belongs to a verified report"
    return (
        *(
            Guard(table, "UPDATE", "true", f"a {table} is computed anew, not changed")
            for table in ("report_result", "year_result", "indicator_result")
        ),
        Guard("report_result", "INSERT", f"NOT {verified.format(row='NEW')}", message),
        Guard("report_result", "DELETE", verified.format(row="OLD"), "the result of a verified report stands"),
        Guard("year_result", "INSERT", some_verified, message),
        Guard("indicator_result", "INSERT", some_verified, message),
    )


def _talks_kept() -> tuple[Guard, ...]:
    """Texts only grow, one version after the other; a change takes confirmations away; confirmed by both, nothing changes."""
    confirmed = "(OLD.owner_confirmed_at IS NOT NULL{}OLD.superior_confirmed_at IS NOT NULL)"
    falls = " OR ".join(f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in _CONFIRMATIONS)
    stands = " OR ".join(f"NEW.{name} IS NOT NULL" for name in _CONFIRMATIONS)
    of_the_talk = "SELECT 1 FROM talk WHERE talk.id = NEW.talk_id"
    in_force = "NOT EXISTS (SELECT 1 FROM sheet WHERE sheet.id = NEW.sheet_id AND sheet.state = 'approved')"
    other_version = f"NOT EXISTS ({of_the_talk} AND talk.version = NEW.version)"
    still_confirmed = "EXISTS ({} AND ({}))".format(
        of_the_talk, " OR ".join(f"talk.{name} IS NOT NULL" for name in _CONFIRMATIONS)
    )
    stranger = f"NOT EXISTS ({of_the_talk} AND NEW.author_id IN (talk.owner_id, talk.superior_id))"
    return (
        *_append_only("talk_writing"),
        *_append_only("talk_act"),
        Guard("talk", "DELETE", "true", "a talk is never deleted"),
        Guard("talk", "INSERT", f"NEW.version <> 1 OR {stands} OR {in_force}", "a talk begins on the sheet in force"),
        Guard("talk", "UPDATE", _changed("talk", but=("version", *_CONFIRMATIONS)), "a talk stays with its two persons"),
        Guard("talk", "UPDATE", confirmed.format(" AND "), "a talk that both confirmed never changes"),
        Guard("talk", "UPDATE", f"NEW.version = OLD.version AND ({falls})", "a confirmation falls with a change only"),
        Guard(
            "talk",
            "UPDATE",
            f"NEW.version <> OLD.version AND (NEW.version <> OLD.version + 1 OR {stands})",
            "a change takes confirmations away",
        ),
        Guard("talk_writing", "INSERT", other_version, "a text follows the one before it"),
        Guard("talk_writing", "INSERT", still_confirmed, "what is confirmed stands"),
        Guard("talk_writing", "INSERT", stranger, "a talk is written by its two persons"),
        Guard(
            "talk_writing",
            "INSERT",
            _taken("talk_writing", "other.talk_id = NEW.talk_id AND other.version = NEW.version"),
            "this text stands",
        ),
    )


def guards() -> tuple[Guard, ...]:
    return (
        *cascade_kept(_changed("cascade_link", but=("ended_at", "ended_by"))),
        *_assignments_kept(),
        *_realisation_kept(),
        *_results_kept(),
        *_talks_kept(),
        *_superseded_by_a_newer_one(),
        *_comments_kept(),
        *_not_replaced(),
        *_append_only("history_entry"),
        *_append_only("sheet_content"),
        *_append_only("frozen_copy"),
        *_append_only("issued_print"),
        *_append_only("organisation_act"),
        *_append_only("trail_event"),
        *_append_only("audit_check"),
        *_only_grows("history_head"),
        *_only_grows("trail_head"),
        Guard(
            "frozen_copy",
            "INSERT",
            "(SELECT state FROM sheet WHERE id = NEW.sheet_id) <> 'approved'",
            "only an approved sheet is frozen",
        ),
        *_only_in_draft("statement", _PARENT_SHEET),
        *_only_in_draft("indicator", _PARENT_OF_INDICATOR),
        *_only_in_draft("finding_answer", _PARENT_SHEET),
        Guard("sheet", "INSERT", "NEW.state <> 'draft'", "a sheet begins as a draft"),
        Guard("sheet", "DELETE", "true", "a sheet is never deleted"),
        Guard("sheet", "UPDATE", "OLD.state = 'superseded'", "a superseded sheet never changes"),
        Guard(
            "sheet",
            "UPDATE",
            f"OLD.state = 'approved' AND (NEW.state <> 'superseded' OR {_changed('sheet', but=_SHEET_MAY_CHANGE)})",
            "an approved sheet can only be superseded",
        ),
    )


def _tables(connection: Connection) -> set[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if connection.dialect.name == "sqlite"
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    )
    return set(connection.scalars(text(query)))


def present(connection: Connection) -> set[str]:
    """Names of the guard triggers that the database has, and that look at the portal's own tables only."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'"
        if connection.dialect.name == "sqlite"
        else "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE 'guard_%' AND t.tgenabled IN ('O', 'A')"
        " AND p.proconfig IS NOT NULL"
    )
    return set(connection.scalars(text(query)))


def missing(connection: Connection) -> set[str]:
    """Names of guards that ought to stand and do not."""
    dialect = connection.dialect.name
    wanted = {guard.name for guard in standing_on(dialect)}
    if dialect == "postgresql":
        wanted |= {truncate_name(table) for table in {guard.table for guard in guards()}}
    return wanted - present(connection)


def standing_on(dialect: str) -> tuple[Guard, ...]:
    """The guards that this database can hold."""
    return tuple(guard for guard in guards() if dialect == "postgresql" or not guard.at_the_end)


def remove(connection: Connection) -> None:
    """Take all guards away, so that a migration may rebuild tables."""
    is_sqlite = connection.dialect.name == "sqlite"
    functions = "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'guard_%'"
    for name in sorted(present(connection) if is_sqlite else connection.scalars(text(functions))):
        connection.execute(text(f'DROP TRIGGER "{name}"' if is_sqlite else f'DROP FUNCTION "{name}"() CASCADE'))


def install(connection: Connection) -> None:
    """Set up the guards of every table that exists at the present revision."""
    remove(connection)
    tables = _tables(connection)
    wanted = [guard for guard in standing_on(connection.dialect.name) if guard.table in tables]
    if connection.dialect.name == "sqlite":
        statements = [sqlite_trigger(guard) for guard in wanted]
    else:
        schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
        statements = [each for guard in wanted for each in postgres_trigger(guard, schema)]
        statements += [each for table in sorted({guard.table for guard in wanted}) for each in truncate_trigger(table, schema)]
    for statement in statements:
        connection.execute(text(statement))
