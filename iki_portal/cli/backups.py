"""`iki backup` and `iki restore`: one file out of a running portal, and back into an empty database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from iki_portal.app import create_app
from iki_portal.cli.portal import Refused, no_answer, the_settings
from iki_portal.config import Settings
from iki_portal.databases import migrating, revisions
from iki_portal.extensions import db
from iki_portal.realisation.store import Store
from iki_portal.upkeep import operations
from iki_portal.upkeep.archive import Manifest, open_archive
from iki_portal.upkeep.backing_up import back_up
from iki_portal.upkeep.evidence import unpacked
from iki_portal.upkeep.loading import loaded
from iki_portal.upkeep.sealing import Unusable, key_in, new_key
from iki_portal.web.database import demand_migrated
from iki_portal.web.transaction import abandon, transaction

_PATH = click.Path(path_type=Path)
key_file = click.option("--key-file", type=_PATH, help="File with the age key. Default: IKI_BACKUP_KEY.")


@click.command()
@click.argument("folder", type=_PATH, required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards remove all but the newest N backups of the folder.")
@key_file
def backup(folder: Path | None, keep: int | None, key_file: Path | None) -> None:
    """Write one backup of the running portal into FOLDER (default: IKI_BACKUP_DIR), encrypted when there is a key."""
    settings = the_settings()
    target = folder or settings.backup_dir
    if target is None:
        raise click.UsageError("say FOLDER, or set IKI_BACKUP_DIR")
    with refusals():
        key = _key(settings, key_file)
        made = back_up(settings.database, Store(settings.evidence_store), target, key=key, keep=keep, now=datetime.now(UTC))
    head = f"history at row {made.manifest.history_number} ({made.manifest.history_hash})"
    size = f"{made.path.stat().st_size / 1e6:.1f} MB"
    click.echo(f"{made.path}: {size}, {head}, {'encrypted' if key else 'NOT encrypted'}, {made.pruned} old ones removed.")
    if missing := made.manifest.missing_evidence:
        click.echo(
            f"WARNING: {len(missing)} evidence files are missing or damaged, and not in it: `iki audit verify`.", err=True
        )


@click.command("backup-key")
def backup_key() -> None:
    """Print a new pair of keys: the public one closes backups (IKI_BACKUP_KEY), the secret one opens them (keep it apart)."""
    public, secret = new_key()
    click.echo(f"# public key: for IKI_BACKUP_KEY of the portal\n# {public}\n# secret key: keep it away from the portal")
    click.echo(secret)


@click.command()
@click.argument("file", type=_PATH)
@key_file
def restore(file: Path, key_file: Path | None) -> None:
    """Restore the backup FILE into the EMPTY database of IKI_DATABASE_URL (on PostgreSQL as the role of
    IKI_DATABASE_OWNER_URL, where one is given), and verify every row of the history.

    Nothing is left behind when it is refused. A restore that was killed is seen by the portal, which then refuses to serve,
    and is simply repeated. An older version's backup is upgraded.
    """
    settings = the_settings()
    with refusals(), open_archive(file) as archive:
        _demand_known(archive.manifest)
        target = settings.database_owner_url or settings.database
        key = _key(settings, key_file)
        with loaded(archive, target, key) as url:
            unpacked(archive, Store(settings.evidence_store), key)
            rows = _take_over(settings.model_copy(update={"database_url": url}), archive.manifest)
    click.echo(f"Restored up to row {rows} of the history; everything verifies. Sign-in sessions of that time are ended.")
    if settings.database_owner_url:
        click.echo("Now give the serving role its rights: `iki database prepare`.")


def _demand_known(manifest: Manifest) -> None:
    if manifest.revision not in revisions.known():
        newer = f"a newer portal ({manifest.portal}, revision {manifest.revision})"
        raise Unusable(f"this backup is of {newer}: install that version")


def _take_over(settings: Settings, manifest: Manifest) -> int:
    """Compare, upgrade, verify, and say so in the history."""
    app = create_app(settings)
    with app.app_context():
        try:
            operations.demand_same(manifest)
            migrating.upgrade(app)
            demand_migrated(db.engine)
            rows = operations.demand_whole(now=datetime.now(UTC), but=manifest.missing_evidence)
            abandon()  # what began by reading must not go on to write
            with transaction():
                operations.take_over(manifest, now=datetime.now(UTC))
        finally:
            abandon()
            db.engine.dispose()
    return rows


def _key(settings: Settings, file: Path | None) -> str:
    if file is None:
        return settings.backup_key
    try:
        return key_in(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"--key-file {file} cannot be read") from error


@contextmanager
def refusals() -> Iterator[None]:
    """What cannot be done becomes one sentence and exit code 1."""
    try:
        yield
    except Unusable as error:
        raise Refused(str(error)) from error
    except OperationalError as error:
        raise no_answer(error) from error
    except OSError as error:
        raise Refused(f"{error.filename or 'the disk'}: {error.strerror}") from error
