"""`make sbom`: what an auditor is given names everything that production runs on, as it is pinned."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from iki_portal.paths import PROJECT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^;\s]+)(?:; sys_platform (==|!=) \"win32\")?$", re.MULTILINE)


def pins(name: str) -> dict[str, Version]:
    """Package to version, for this system; every line of the file is a pin or a comment."""
    text = (PROJECT / name).read_text()
    found = PIN.findall(text)
    assert len(found) == sum(not line.startswith("#") for line in text.splitlines())
    is_windows = sys.platform == "win32"
    return {plain(package): Version(version) for package, version, only in found if not only or (only == "==") is is_windows}


def of_production() -> dict[str, Version]:
    """With what the tests have of every extra."""
    extras = {path.name for path in PROJECT.glob("requirements-*.txt")} - {"requirements-dev.txt"}
    wanted = {package: version for name in extras for package, version in pins(name).items()}
    here = pins("requirements-dev.txt")
    return pins("requirements.txt") | {package: version for package, version in wanted.items() if package in here}


def plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the environment that this test runs in, which has what production has, and more."""
    folder = tmp_path_factory.mktemp("build")
    here = [f"BUILD={folder}", f"RUNTIME={sys.executable}", f"BIN={Path(sys.executable).parent}"]
    ready = ["-o", ".venv/ready", "-o", ".venv/ready-dev", "-o", f"{folder}/runtime/ready"]
    subprocess.run(["make", *ready, "sbom", *here], cwd=PROJECT, check=True, capture_output=True)
    return folder


def test_the_inventory_names_every_pinned_package_with_its_version(inventory: Path) -> None:
    bill: dict[str, Any] = json.loads((inventory / "sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "iki-portal"
    named = {plain(each["name"]): Version(each["version"]) for each in bill["components"]}
    wanted = of_production()
    assert {package: named.get(package) for package in wanted} == wanted
    assert all(each["purl"].startswith("pkg:pypi/") for each in bill["components"] if plain(each["name"]) in wanted)


def test_every_file_of_pins_is_an_extra_so_that_all_can_be_installed_together() -> None:
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["dynamic"]
    named = {file for extra in told["optional-dependencies"].values() for file in extra["file"]}
    assert {path.name for path in PROJECT.glob("requirements-*.txt")} == named


def test_the_licences_name_every_pinned_package(inventory: Path) -> None:
    rows = [line.split("|") for line in (inventory / "licences.md").read_text().splitlines()]
    named = {plain(row[1].strip()): Version(row[2].strip()) for row in rows[2:]}
    wanted = of_production()
    assert {package: named.get(package) for package in wanted} == wanted
