"""`iki take-up`: work that other processes left lying. For a timer on every server, every two minutes."""

from datetime import UTC, datetime

import click

from iki_portal.cli.portal import Refused, with_app
from iki_portal.upkeep.taking_up import take_up
from iki_portal.web.background import run_command


@click.command("take-up")
@with_app
def take_up_work() -> None:
    """Go on with books and uploads whose process was killed, here or on a server that is gone.

    May run on every server at once. Ends with 1 when some of it could not be done.
    """
    failed = []
    for name, number in take_up(datetime.now(UTC)):
        click.echo(f"{name} {number}: taken up.")
        if not run_command(name, number):
            failed.append(f"{name} {number}")
    if failed:
        raise Refused(f"not done: {', '.join(failed)}; run them in a terminal to see why")
