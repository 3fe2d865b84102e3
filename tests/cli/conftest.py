from pathlib import Path

import pytest

from tests.shell import Shell


@pytest.fixture
def shell(empty_url: str, tmp_path: Path) -> Shell:
    """A command line over an empty database."""
    shell = Shell(tmp_path, empty_url)
    shell.good("database", "upgrade")
    return shell
