"""The `iki` command in this process, as an operator types it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from iki_portal.cli import main
from tests import office


class Shell:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        key = "k" * 20 + "0123456789abcdefghij"
        self.environment = {
            "IKI_ENV": "test", "IKI_SECRET_KEY": key, "IKI_DATABASE_URL": f"sqlite:///{folder / 'iki.db'}",
            "IKI_INSTANCE_DIR": str(folder), **environment,
        }  # fmt: skip

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environment)

    def good(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output

    def sheets(self) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = json.loads(self.good("export", "sheets", "--year", office.YEAR, "--format", "json"))
        return read


def contents(shell: Shell) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, read past the portal."""
    with closing(sqlite3.connect(shell.folder / "iki.db")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}  # noqa: S608
