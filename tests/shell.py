"""The `iki` command in this process, as an operator types it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from iki_portal.cli import main
from tests import office


class Shell:
    def __init__(self, folder: Path, url: str, **environment: str) -> None:
        self.folder, self.url = folder, url
        key = "k" * 20 + "0123456789abcdefghij"
        self.environment = {
            "IKI_ENV": "test", "IKI_SECRET_KEY": key, "IKI_DATABASE_URL": url, "IKI_INSTANCE_DIR": str(folder), **environment,
        }  # fmt: skip

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """Past the portal."""
        with create_engine(self.url, poolclass=NullPool).begin() as connection:
            yield connection

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
    with shell.raw() as connection:
        tables = inspect(connection).get_table_names()
        rows = {name: connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in tables}  # noqa: S608
    return {name: sorted(map(tuple, found), key=repr) for name, found in rows.items()}
