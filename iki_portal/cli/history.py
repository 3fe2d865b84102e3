"""`iki history`: does the chain still hold?"""

from datetime import UTC, datetime

import click
from flask import current_app

from iki_portal.approvals.content import broken_copies
from iki_portal.approvals.prints import broken_prints, issue, waiting_prints
from iki_portal.cli.portal import Refused, with_app
from iki_portal.history.queries import verify as verify_chain
from iki_portal.web.transaction import transaction


@click.group()
def history() -> None:
    """The append-only history and the frozen copies."""


@history.command()
@with_app
def verify() -> None:
    """Recompute the whole hash chain, the hash of every frozen copy (and that history names it), and of every print."""
    found = verify_chain(current_app.config["IKI"].history_keys)
    if not found.is_whole:
        raise Refused(f"the history is broken: {found.problem}")
    if broken := broken_copies() + broken_prints():
        raise Refused(f"frozen copies or prints are broken: {'; '.join(broken)}")
    click.echo(f"History is whole: {found.rows} rows; every frozen copy matches its hash.")


@click.command()
@with_app
def issue_prints() -> None:
    """Issue the official PDF of every approved sheet that has none yet (its certificate failed, or it is older than prints)."""
    issued, waiting = 0, waiting_prints()
    for sheet_id in waiting:
        with transaction():
            issued += issue(sheet_id, now=datetime.now(UTC))
    click.echo(f"Issued {issued} of {len(waiting)} prints.")
    if issued < len(waiting):
        raise Refused("the certificate cannot be used: see the log")
