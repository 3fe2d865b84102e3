"""`iki database copy`: an office moves from SQLite to PostgreSQL."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from iki_portal.approvals import auditing
from iki_portal.cli.portal import Refused, app_with, the_settings
from iki_portal.databases import copying
from iki_portal.domain.dates import office_day
from iki_portal.extensions import db
from iki_portal.history.operations import COMMAND_LINE, Act, record
from iki_portal.web.database import NotReady, demand_migrated, demand_revision
from iki_portal.web.transaction import transaction

ACTION = "move_database"


@click.command()
@click.option("--from", "source_url", required=True, help="sqlite:////path/iki.db; stop the portal that serves it first.")
@click.option("--to", "target_url", help="PostgreSQL, as the owner of its tables. Default: IKI_DATABASE_OWNER_URL.")
def copy(source_url: str, target_url: str | None) -> None:
    """Copy a whole office from SQLite into an empty, upgraded PostgreSQL database, and compare both sides.

    Whatever interrupts it, run it again: it goes on where it was. Until it is through, the portal does not serve the target.
    """
    source, target = _places(source_url, target_url or the_settings().database_owner_url)
    app = app_with(the_settings(database_url=target))
    try:
        with app.app_context():
            rows = _copy(source)
    except (NotReady, copying.NotCopied) as error:
        raise Refused(str(error)) from error
    except DBAPIError as error:
        raise Refused(f"the database refuses: {error.orig}") from error
    click.echo(f"Copied {rows} rows; both sides are the same, and the history is whole.")


def _places(source_url: str, target_url: str) -> tuple[Path, str]:
    if not source_url.startswith("sqlite:///") or not target_url.startswith("postgres"):
        raise click.UsageError("a copy goes from sqlite:////path/iki.db to postgresql+psycopg://owner@host/iki")
    path = Path(str(make_url(source_url).database))
    if not path.is_file():
        raise Refused(f"there is no database at {path}")
    return path, target_url


def _copy(path: Path) -> int:
    demand_migrated(db.engine)
    with copying.opened_source(path) as source:
        demand_revision(source)
        rows = copying.copy_all(source, db.engine, say=click.echo)
    now = datetime.now(UTC)
    audit = auditing.check_everything(now=now)
    if audit.problems:
        raise copying.NotCopied(f"the office that was copied is broken: {'; '.join(audit.problems[:5])}")
    with transaction():
        copying.finish(db.session.connection())
        auditing.mark(audit)
        note = f"Dipindahkan dari SQLite ({path.name}): {rows} baris, {audit.history.rows} riwayat."
        record(Act(action=ACTION, year=office_day(now).year, at=now, note=note), COMMAND_LINE)
    return rows
