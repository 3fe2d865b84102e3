"""The contracts of import-linter (pyproject.toml) hold, cover every module of their kind, and are named by sentences."""

import tomllib
from typing import Any

from importlinter.api import read_configuration
from importlinter.cli import lint_imports

from iki_portal.paths import PROJECT

PACKAGE = PROJECT / "iki_portal"


def contract(name: str) -> dict[str, Any]:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found: dict[str, Any] = next(each for each in settings["contracts"] if each["name"] == name)
    return found


def modules(pattern: str) -> set[str]:
    return {".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in PACKAGE.glob(pattern)}


def test_no_module_reaches_over_its_layer() -> None:
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_cache=True) == 0, (
        "run lint-imports: it shows the chain"
    )


def test_every_contract_is_named_by_a_sentence() -> None:
    names = [each["name"] for each in read_configuration(str(PROJECT / "pyproject.toml"))["contracts_options"]]
    assert [name for name in names if len(name.split()) < 4] == [], "say what holds, so that a broken contract explains itself"


def test_every_forms_module_is_under_the_contract_of_forms() -> None:
    covered = set(contract("Forms check shape and ask no database")["source_modules"])
    assert covered == modules("*/*forms.py"), "add the new forms module to the contract in pyproject.toml"


def test_every_operation_and_query_is_under_the_contract_without_a_request() -> None:
    covered = set(contract("Operations and queries run without a request")["source_modules"])
    named = {name for kind in ("operations", "queries") for name in modules(f"*/{kind}.py")}
    assert named <= covered, f"add to the contract in pyproject.toml: {sorted(named - covered)}"
