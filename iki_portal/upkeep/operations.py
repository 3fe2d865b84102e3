"""Taking over what was restored: is it the same, is it whole, and the row of history that says so."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from iki_portal.approvals.auditing import check_everything
from iki_portal.domain.dates import format_datetime, office_day
from iki_portal.extensions import db
from iki_portal.history.operations import COMMAND_LINE, Act, record
from iki_portal.models import SignInSession
from iki_portal.realisation.verifying import SHOWN_DIGITS
from iki_portal.upkeep.archive import Manifest
from iki_portal.upkeep.facts import facts_of
from iki_portal.upkeep.sealing import Unusable


def demand_same(manifest: Manifest) -> None:
    """Raise `Unusable` unless the database of the app holds what the manifest counted, up to the same row of history."""
    with db.engine.connect() as connection:
        found = facts_of(connection)
    if (found.history_number, found.history_hash) != (manifest.history_number, manifest.history_hash):
        raise Unusable(f"the history ends at row {found.history_number}, the backup says {manifest.history_number}")
    differing = sorted(name for name in found.counts | manifest.counts if found.counts.get(name) != manifest.counts.get(name))
    if differing or found.revision != manifest.revision:
        raise Unusable(f"the backup counted other rows: {', '.join(differing) or 'alembic_version'}")


def demand_whole(*, now: datetime, but: Sequence[str] = ()) -> int:
    """Raise `Unusable` unless both chains and everything they name verify; says how many rows of history there are.

    `but`: hashes of evidence files that were missing already when the backup was made.
    """
    found = check_everything(now=now)
    known = {key[:SHOWN_DIGITS] for key in but}
    problems = [problem for problem in found.problems if not any(digits in problem for digits in known)]
    if problems:
        raise Unusable(f"the records in this backup are broken: {'; '.join(problems[:5])}")
    return found.history.rows


def take_over(manifest: Manifest, *, now: datetime) -> int:
    """Write into the history that the portal was restored, and end the sessions that were open then; the row's number."""
    db.session.execute(
        update(SignInSession).where(SignInSession.ended_at.is_(None)).values(ended_at=now, ended_because="portal restored")
    )
    note = f"Dipulihkan dari cadangan {format_datetime(manifest.made_at)}, sampai baris riwayat {manifest.history_number}."
    return record(Act(action="restore", year=office_day(now).year, at=now, note=note), COMMAND_LINE)
