"""`iki demo`: the office's document as a year approved and a year under way, one account per post. Never in production."""

from datetime import UTC, datetime

import click
from flask import current_app

from iki_portal.approvals.demo import first_day, tell_story
from iki_portal.auth.demo import DEMO_PASSWORD, make_demo_accounts
from iki_portal.cli.portal import Refused, with_app
from iki_portal.imports.document import read_document_file
from iki_portal.imports.reference import read_reference_file
from iki_portal.indicators.learning import load_reference
from iki_portal.organisation.queries import years
from iki_portal.organisation.seeding import load_when_empty
from iki_portal.paths import REFERENCE, SEEDS
from iki_portal.web.transaction import transaction


@click.command()
@with_app
def demo() -> None:
    """Fill an empty demo database: this year approved from the document, the next one under way, an account per post.

    The document has no figures; those of the demo are examples and marked as such. Run again: keeps what is there.
    """
    settings = current_app.config["IKI"]
    if settings.is_production:
        raise Refused("demo accounts cannot exist with IKI_ENV=production; use IKI_ENV=demo")
    now = datetime.now(UTC)
    with transaction():
        load_when_empty()
        load_reference(read_reference_file(REFERENCE))
        players = make_demo_accounts(now=now, on=first_day(now))
        if not years():
            tell_story(read_document_file(SEEDS / "iki-bkd-lumajang.md"), now=now)
    click.echo("Akun demo (sandi semuanya: " + DEMO_PASSWORD + "):")
    for name, post in players:
        click.echo(f"  {name:<24} {post}")
