"""The version before serves on while the database is upgraded: a migration only adds (docs/operations.md, "Upgrades")."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from iki_portal.paths import MIGRATIONS

#: The last revision from before the rule: no office served a version before it.
BEFORE_THE_RULE = "0022"


def taken_away(path: Path) -> list[str]:
    """Lines of a migration's `upgrade`, and of what it calls, with which the version before cannot go on."""
    functions = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
    waiting, seen, found = ["upgrade"], set[str](), []
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for call in _calls(functions[name]):
            if isinstance(call.func, ast.Name):
                waiting.append(call.func.id)
            elif not _only_adds(call):
                found.append(f"{path.name}:{call.lineno}")
    return found


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """Every call in it, but for what describes a new table: whoever does not know a table cannot miss anything in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
            if isinstance(child.func, ast.Attribute) and child.func.attr == "create_table":
                continue
        yield from _calls(child)


def _only_adds(call: ast.Call) -> bool:
    said = {word.arg: ast.unparse(word.value) for word in call.keywords}
    what = ast.unparse(call.func).rpartition(".")[2]
    if what == "alter_column":
        return said.get("nullable") != "False" and "new_column_name" not in said
    if what == "Column":
        return said.get("nullable") == "True" or "server_default" in said
    return what not in ("drop_column", "drop_table", "rename_table")


def test_a_migration_only_adds() -> None:
    later = [path for path in sorted((MIGRATIONS / "versions").glob("*.py")) if path.name[:4] > BEFORE_THE_RULE]
    assert [line for path in later for line in taken_away(path)] == []


@pytest.mark.parametrize(
    ("line", "only_adds"),
    [
        ("op.drop_column('sheet', 'heading')", False),
        ("op.drop_table('sheet')", False),
        ("op.alter_column('sheet', 'heading', new_column_name='title')", False),
        ("op.alter_column('sheet', 'heading', nullable=False)", False),
        ("op.add_column('sheet', sa.Column('more', sa.Text(), nullable=False))", False),
        ("op.add_column('sheet', sa.Column('more', sa.Text(), nullable=False, server_default=''))", True),
        ("op.add_column('sheet', sa.Column('more', sa.Text(), nullable=True))", True),
        ("op.create_table('more', sa.Column('id', sa.Integer(), nullable=False))", True),
    ],
)
def test_what_the_version_before_cannot_go_on_with_is_found(tmp_path: Path, line: str, only_adds: bool) -> None:
    path = tmp_path / "0099_more.py"
    downgrade = "def downgrade():\n    op.drop_table('more')\n"
    path.write_text(f"def upgrade():\n    _more()\n\n\ndef _more():\n    {line}\n\n\n{downgrade}")
    assert taken_away(path) == ([] if only_adds else ["0099_more.py:6"])
