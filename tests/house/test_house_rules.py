"""Rules of the house that a reader would otherwise have to remember."""

import re
from pathlib import Path

from flask import Flask

from iki_portal.config import Settings
from iki_portal.domain.workflow import Step
from iki_portal.paths import PROJECT
from iki_portal.web.labels import ACTION_LABELS

PACKAGE = PROJECT / "iki_portal"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
TOUCH_THE_SESSION = re.compile(
    r"(operations|queries|sight|papers|importing|content|seeding|demo|export|transaction|errors|app|documents|database)\.py"
)


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


def test_the_state_of_a_sheet_changes_in_one_operation() -> None:
    writes = found(r"^\s+\w+\.state = |values\(.*state=", SOURCES)
    assert files_of(writes) == {"iki_portal/approvals/operations.py"}, "go through approvals.operations._advance"
    assert len(writes) == 1


def test_only_operations_queries_and_their_like_touch_the_session() -> None:
    wrong = [place for place in files_of(found(r"db\.session", SOURCES)) if not TOUCH_THE_SESSION.search(place)]
    assert wrong == [], "move the statement into operations.py or queries.py"


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


def test_every_act_in_the_history_has_a_word() -> None:
    assert {step.value for step in Step} | {"import", "close_planning"} == ACTION_LABELS.keys()


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
