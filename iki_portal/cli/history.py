"""`iki history`: does the chain still hold?"""

import click
from flask import current_app

from iki_portal.approvals.content import broken_copies
from iki_portal.cli.portal import Refused, with_app
from iki_portal.history.queries import verify as verify_chain


@click.group()
def history() -> None:
    """The append-only history and the frozen copies."""


@history.command()
@with_app
def verify() -> None:
    """Recompute the whole hash chain and the hash of every frozen copy."""
    found = verify_chain(current_app.config["IKI"].history_keys)
    if not found.is_whole:
        raise Refused(f"the history is broken: {found.problem}")
    if broken := broken_copies():
        raise Refused(f"frozen copies are broken: {'; '.join(broken)}")
    click.echo(f"History is whole: {found.rows} rows; every frozen copy matches its hash.")
