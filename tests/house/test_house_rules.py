"""Rules of the house that a reader would otherwise have to remember."""

import ast
import re
from pathlib import Path

from flask import Flask

from iki_portal.config import Settings
from iki_portal.domain.trail import TrailAction
from iki_portal.domain.workflow import Step
from iki_portal.paths import PROJECT
from iki_portal.web.labels import ACTION_LABELS, TRAIL_LABELS

PACKAGE = PROJECT / "iki_portal"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
SESSION_HOMES = ("/operations.py", "/queries.py")
#: Modules that talk to the database, besides every operations.py and queries.py.
ALSO_TOUCH_THE_SESSION = {
    "iki_portal/app.py",  # looks for demo accounts before production serves
    "iki_portal/approvals/auditing.py",
    "iki_portal/approvals/book_queue.py",
    "iki_portal/approvals/books.py",
    "iki_portal/approvals/commenting.py",
    "iki_portal/approvals/content.py",
    "iki_portal/approvals/daily_round.py",
    "iki_portal/approvals/handovers.py",
    "iki_portal/approvals/notices.py",
    "iki_portal/approvals/evidence.py",
    "iki_portal/approvals/demo.py",
    "iki_portal/approvals/performance_books.py",
    "iki_portal/approvals/prints.py",
    "iki_portal/approvals/recapitulations.py",
    "iki_portal/approvals/reminding.py",
    "iki_portal/approvals/standstill.py",
    "iki_portal/approvals/unconfirmed.py",
    "iki_portal/approvals/year_opening.py",
    "iki_portal/auth/accounts.py",
    "iki_portal/auth/demo.py",
    "iki_portal/auth/outside.py",
    "iki_portal/auth/own_data.py",
    "iki_portal/auth/second_step.py",
    "iki_portal/cascade/figures.py",
    "iki_portal/cascade/goal_writing.py",
    "iki_portal/cascade/goals.py",
    "iki_portal/cli/documents.py",
    "iki_portal/cli/moving.py",
    "iki_portal/history/listing.py",
    "iki_portal/history/own_acts.py",
    "iki_portal/history/signatures.py",
    "iki_portal/history/streams.py",
    "iki_portal/history/trail.py",
    "iki_portal/history/verifying.py",
    "iki_portal/indicators/answering.py",
    "iki_portal/indicators/applying.py",
    "iki_portal/indicators/checking.py",
    "iki_portal/indicators/comments.py",
    "iki_portal/indicators/draft_versions.py",
    "iki_portal/indicators/importing.py",
    "iki_portal/indicators/learning.py",
    "iki_portal/indicators/papers.py",
    "iki_portal/indicators/reading.py",
    "iki_portal/indicators/rule_settings.py",
    "iki_portal/indicators/sight.py",
    "iki_portal/indicators/suggesting.py",
    "iki_portal/indicators/uploads.py",
    "iki_portal/notices/outbox.py",
    "iki_portal/organisation/appointing.py",
    "iki_portal/organisation/chart.py",
    "iki_portal/organisation/employees.py",
    "iki_portal/organisation/outlook.py",
    "iki_portal/organisation/closing.py",
    "iki_portal/organisation/naming.py",
    "iki_portal/organisation/posts.py",
    "iki_portal/organisation/seeding.py",
    "iki_portal/organisation/standing.py",
    "iki_portal/organisation/structure_pages.py",
    "iki_portal/organisation/units.py",
    "iki_portal/organisation/staffing_applying.py",
    "iki_portal/organisation/staffing_office.py",
    "iki_portal/organisation/staffing_reading.py",
    "iki_portal/organisation/staffing_workbooks.py",
    "iki_portal/organisation/staffing_writing.py",
    "iki_portal/dialogue/verifying.py",
    "iki_portal/realisation/attachments.py",
    "iki_portal/realisation/content.py",
    "iki_portal/realisation/copies.py",
    "iki_portal/realisation/desks.py",
    "iki_portal/realisation/measured_posts.py",
    "iki_portal/realisation/verifying.py",
    "iki_portal/realisation/windows.py",
    "iki_portal/web/errors.py",  # rolls back what a database error left
    "iki_portal/web/transaction.py",
    "iki_portal/realisation/results.py",
    "iki_portal/reports/counting.py",
    "iki_portal/reports/lists.py",
    "iki_portal/reports/tables.py",
    "iki_portal/reports/trend.py",
    "iki_portal/reports/units.py",
    "iki_portal/reports/waiting.py",
}


def found(pattern: str, files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]


def files_of(places: list[str]) -> set[str]:
    return {place.rsplit(":", 1)[0] for place in places}


def test_commit_is_said_in_one_place() -> None:
    assert files_of(found(r"\.commit\(", SOURCES)) == {"iki_portal/web/transaction.py"}, "use `with transaction():`"


def writes_of_state(path: Path) -> list[str]:
    """Where a module assigns to `.state`, or updates a column called so."""
    places = []
    for node in ast.walk(ast.parse(path.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        assigns = any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)
        updates = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("values", "update")
            and any(each.arg == "state" for each in node.keywords)
        )
        if assigns or updates:
            places.append(f"{path.relative_to(PROJECT)}:{node.lineno}")  # type: ignore[attr-defined]
    return places


def test_the_state_of_a_sheet_changes_in_one_operation() -> None:
    writes = [place for path in SOURCES for place in writes_of_state(path)]
    assert files_of(writes) == {"iki_portal/approvals/operations.py"}, "go through approvals.operations._advance"
    assert len(writes) == 1, writes


def test_only_operations_queries_and_the_listed_touch_the_session() -> None:
    touching = {place for place in files_of(found(r"\bdb\.session\b", SOURCES)) if not place.endswith(SESSION_HOMES)}
    assert touching == ALSO_TOUCH_THE_SESSION, "move the statement into operations.py or queries.py, or mend the list"


def test_templates_hold_nothing_inline() -> None:
    inline = found(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']""", TEMPLATES)
    assert inline == [], "the content security policy refuses it; use a class or portal.js"


def test_every_template_compiles_and_pages_are_named_after_their_endpoints(app: Flask) -> None:
    endpoints = {endpoint.replace(".", "/") for endpoint in app.view_functions}
    for name in app.jinja_env.list_templates(filter_func=lambda each: not each.startswith(("bootstrap", "base"))):
        app.jinja_env.get_template(name)
        folder, _, page = name.partition("/")
        if folder in app.blueprints and folder != "bootstrap" and not page.startswith("_"):
            assert name.removesuffix(".html") in endpoints, f"{name}: name it after the endpoint that draws it"


OTHER_ACTS = {
    "take_over",
    "submit_report",
    "verify_report",
    "return_report",
    "correct_report",
    "begin_talk",
    "write_talk",
    "confirm_talk",
    "change_window",
    "set_scale",
    "link_rows",
    "unlink_rows",
    "add_period",
    "change_period",
    "add_goal",
    "change_goal",
    "withdraw_goal",
    "add_iku",
    "change_iku",
    "withdraw_iku",
    "import",
    "close_planning",
    "open_year",
    "change_deadline",
    "set_rule",
    "add_unit",
    "change_unit",
    "rename_unit",
    "close_unit",
    "add_post",
    "change_post",
    "rename_post",
    "close_post",
    "add_employee",
    "change_employee",
    "appoint",
    "change_assignment",
    "import_staffing",
    "create_account",
    "create_operator",
    "reset_account",
    "unlock_account",
    "deactivate_account",
    "activate_account",
    "reset_second_step",
    "remind",
    "move_database",
    "office_text",
    "decree_text",
    "restore",
}


def test_every_act_in_the_history_has_a_word() -> None:
    assert {step.value for step in Step} | OTHER_ACTS == ACTION_LABELS.keys()
    assert set(TrailAction) == TRAIL_LABELS.keys()


def test_every_setting_is_documented() -> None:
    table = (PROJECT / "docs/operations.md").read_text()
    for name in Settings.model_fields:
        assert f"| `IKI_{name.upper()}` |" in table, f"add IKI_{name.upper()} to the table of docs/operations.md"


def test_no_homes_for_odds_and_ends() -> None:
    names = {path.stem for path in SOURCES} | {path.parent.name for path in SOURCES}
    assert names.isdisjoint({"helpers", "utils", "common", "misc", "manager", "service"})


def test_no_lock_file_and_no_download_host_is_kept() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        assert "http" not in (PROJECT / name).read_text()
    assert not list(PROJECT.glob("*.lock")) + list(PROJECT.glob("package*.json"))
