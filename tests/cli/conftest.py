from pathlib import Path

import pytest

from tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A command line over an empty database."""
    shell = Shell(tmp_path)
    shell.good("database", "upgrade")
    return shell
