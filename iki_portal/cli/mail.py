"""`iki send-mail`: the daily round, and the mail that is due. For a timer, every five minutes."""

from datetime import UTC, datetime

import click
from flask import current_app

from iki_portal.approvals.daily_round import make_round
from iki_portal.cli.portal import Refused, with_app
from iki_portal.config import Settings
from iki_portal.notices import outbox
from iki_portal.notices.sending import Outcome, send_due
from iki_portal.web.transaction import transaction


@click.command("send-mail")
@click.option("--digest", "again", is_flag=True, help="Make the round of today now, whatever the hour and though it was made.")
@click.option("--status", "only_status", is_flag=True, help="Say what waits and what failed, and send nothing.")
@click.option("--retry", "revives", is_flag=True, help="Take up again what was given up.")
@with_app
def send_mail(again: bool, only_status: bool, revives: bool) -> None:
    """Once a day write what comes near (deadlines, posts that end) and the digests; then send every mail that is due.

    May run as often as wanted, also twice at once. Ends with 1 when the server cannot be used or a mail was given up.
    """
    settings: Settings = current_app.config["IKI"]
    if only_status:
        _print_state()
        return
    with transaction():
        if revives:
            click.echo(f"Taken up again: {outbox.revive(now=_now())}.")
        if make_round(now=_now(), again=again):
            click.echo("The round of today is made.")
    if settings.smtp_server is None:
        click.echo("No mail server is set (IKI_SMTP_URL): people find their notices in the portal, no mail is sent.")
        return
    _report(send_due(settings.smtp_server, sender=settings.mail_from, clock=_now))


def _now() -> datetime:
    return datetime.now(UTC)


def _report(outcome: Outcome) -> None:
    click.echo(f"Sent {outcome.sent}, to be tried again {outcome.postponed}, given up {outcome.failed}.")
    if outcome.server_problem:
        raise Refused(f"the mail server cannot be used: {outcome.server_problem}")
    if outcome.failed:
        raise Refused(f"{outcome.failed} mails were given up: {'; '.join(sorted(set(outcome.reasons)))}")


def _print_state() -> None:
    state = outbox.outbox_state()
    click.echo(f"Waiting {state.waiting}, given up {state.failed}.")
    for line in state.lines:
        click.echo(
            f"  {line.id}: {'given up' if line.failed_at else 'waits'} after {line.attempts} tries. {line.reason}".rstrip()
        )
