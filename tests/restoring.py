"""An operator at a terminal with a portal of their own, and an empty database to restore into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, inspect, make_url

from iki_portal.cli import main
from iki_portal.extensions import db
from tests import office, postgres


@dataclass(frozen=True)
class Operator:
    """`iki` with the settings of one portal."""

    url: str
    folder: Path

    def at(self, url: str) -> "Operator":
        return replace(self, url=url)

    def environment(self, **more: str) -> dict[str, str]:
        secret_key = office.settings_for(self.url).secret_key
        given = {"IKI_ENV": "test", "IKI_SECRET_KEY": secret_key, "IKI_DATABASE_URL": self.url}
        return {**given, "IKI_INSTANCE_DIR": str(self.folder), **more}

    def run(self, *words: object, **more: str) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environment(**more))

    def good(self, *words: object, **more: str) -> str:
        result = self.run(*words, **more)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def refused(self, *words: object, **more: str) -> str:
        """One sentence, no traceback."""
        result = self.run(*words, **more)
        assert (result.exit_code, type(result.exception)) == (1, SystemExit), (result.output, result.exception)
        assert result.output.startswith("iki: ")
        assert result.output.count("\n") == 1, result.output
        return result.output

    def back_up(self, *words: object, **more: str) -> Path:
        """A backup made now."""
        said = self.good("backup", self.folder / "cadangan", *words, **more)
        return Path(said.split(": ")[0])


@contextmanager
def looking_at(url: str) -> Iterator[Flask]:
    """The app context of a portal there, closed again."""
    app = office.portal(url)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def empty_target(like: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of the same kind as `like`, as its owner."""
    if like.startswith("sqlite"):
        yield f"sqlite:///{folder / postgres.new_name('restored')}.db"
        return
    with postgres.database("restored") as name:
        yield postgres.url_of(name)


def tables_at(url: str) -> set[str]:
    """The tables there; a database that does not exist has none."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return set()
    engine = create_engine(address if "+" in address.drivername else address.set(drivername=f"{address.drivername}+psycopg"))
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found
