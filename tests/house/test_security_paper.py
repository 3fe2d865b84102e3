"""docs/security.md promises tests: each of them exists, and each requirement is held by one or says why not."""

import ast
import re
from functools import cache

from iki_portal.paths import PROJECT

PAPER = (PROJECT / "docs/security.md").read_text()
ROWS = re.findall(r"^\| v5\.0\.0-(\S+) \| (.+) \| (.*) \|$", PAPER, re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
RARE = re.compile(r"◆ `(tests/[\w/]+\.py)(?:::(\w+))?`")


@cache
def declared_in(path: str) -> dict[str, list[str]]:
    """Name of each test of a file to what it is marked with, by itself or with the whole file (`pytestmark`)."""
    tree = ast.parse((PROJECT / path).read_text())
    of_all = [ast.unparse(each.value) for each in tree.body if isinstance(each, ast.Assign) and is_mark(each)]
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]
    return {each.name: [*of_all, *(ast.unparse(mark) for mark in each.decorator_list)] for each in found}


def is_mark(assigned: ast.Assign) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "pytestmark" for each in assigned.targets)


def is_rare(path: str, test: str) -> bool:
    """Whether `make test` leaves it out."""
    return any("mark.bar" in mark for mark in declared_in(path).get(test, []))


def test_every_test_that_is_named_exists_and_the_rare_ones_are_said_to_be_rare() -> None:
    named = NAMED.findall(PAPER)
    assert len(named) > 150
    missing = [f"{path}::{test}" for path, test in named if test not in ({*declared_in(path), ""})]
    assert missing == [], "a test was renamed or is gone: mend docs/security.md"
    said = {(path, test) for path, test in RARE.findall(PAPER)}
    rare = {(path, test) for path, test in named if is_rare(path, test)}
    assert rare == said, "write ◆ before those that `make test` leaves out, and before no other"


def test_what_a_whole_file_is_marked_with_counts() -> None:
    kills = "tests/faults/test_kills.py"
    assert is_rare(kills, "test_nothing_acknowledged_is_lost_and_nothing_stands_half")
    assert not is_rare("tests/house/test_security_paper.py", "test_what_a_whole_file_is_marked_with_counts")


def test_every_requirement_stands_once_and_is_held_or_says_why_not() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len(numbers) >= 80
    assert len(numbers) == PAPER.count("| v5.0.0-"), "a row that no reader of tables understands"
    assert [tuple(map(int, number.split("."))) for number in numbers] == sorted(
        {tuple(map(int, n.split("."))) for n in numbers}
    )
    for number, _, held in ROWS:
        assert NAMED.search(held) or re.search(r"\*\*Not met\*\*.* because ", held), number
        assert "**In part**" not in held or NAMED.search(held), number


def test_scripts_store_nothing_in_the_browser() -> None:
    for script in (PROJECT / "iki_portal/static").glob("*.js"):
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.", script.read_text()), script
