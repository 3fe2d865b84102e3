"""`iki demo`: the office's document, one account per post, ready to play. Never in production."""

from datetime import UTC, datetime

import click
from flask import current_app

from iki_portal.auth.demo import DEMO_PASSWORD, make_demo_accounts
from iki_portal.cli.portal import Refused, with_app
from iki_portal.domain.dates import today_in_office
from iki_portal.imports.document import read_document_file
from iki_portal.imports.reference import read_reference_file
from iki_portal.indicators.importing import import_document
from iki_portal.indicators.learning import load_reference
from iki_portal.organisation.operations import add_year
from iki_portal.organisation.queries import years
from iki_portal.organisation.seeding import load_when_empty
from iki_portal.paths import REFERENCE, SEEDS
from iki_portal.web.transaction import transaction


@click.command()
@with_app
def demo() -> None:
    """Fill an empty demo database: organisation, document, reference list, accounts. Run again: keeps what is there."""
    settings = current_app.config["IKI"]
    if settings.is_production:
        raise Refused("demo accounts cannot exist with IKI_ENV=production; use IKI_ENV=demo")
    now, today = datetime.now(UTC), today_in_office()
    year = max(years(), default=today.year + 1)
    with transaction():
        load_when_empty()
        add_year(year, deadline=today.replace(month=12, day=31))
        import_document(read_document_file(SEEDS / "iki-bkd-lumajang.md"), year=year, now=now)
        load_reference(read_reference_file(REFERENCE))
        players = make_demo_accounts(now=now, on=today)
    click.echo("Akun demo (sandi semuanya: " + DEMO_PASSWORD + "):")
    for name, post in players:
        click.echo(f"  {name:<24} {post}")
