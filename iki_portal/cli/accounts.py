"""`iki account`: who may sign in."""

import secrets
from datetime import UTC, datetime

import click

from iki_portal.auth import accounts, operations
from iki_portal.cli.portal import with_app
from iki_portal.web.transaction import transaction


@click.group()
def account() -> None:
    """Make accounts, and give out first passwords."""


@account.command()
@click.argument("name")
@click.option("--employee", "employee_name", help="Name of a new employee behind the account.")
@click.option("--position", "position_code", help="Code of the post that this employee holds from today.")
@click.option("--operator", "is_operator", is_flag=True, help="An operator: keeps the organisation, decides nothing.")
@with_app
def create(name: str, employee_name: str | None, position_code: str | None, is_operator: bool) -> None:
    """Create the account NAME and print its first password, which must be changed at the first sign-in."""
    if is_operator == bool(employee_name):
        raise click.UsageError("say either --operator or --employee NAME")
    password = secrets.token_urlsafe(12)
    with transaction():
        operations.create_account(
            name, password=password, employee_name=employee_name, position_code=position_code, now=datetime.now(UTC)
        )
    click.echo(f"Account {name} created. First password (shown once): {password}")


@account.command("reset-password")
@click.argument("name")
@with_app
def reset_password(name: str) -> None:
    """Give NAME a new first password, end its sessions and lift its lock."""
    password = secrets.token_urlsafe(12)
    with transaction():
        operations.reset_password(name, password=password, now=datetime.now(UTC))
    click.echo(f"New password of {name} (shown once): {password}")


@account.command("reset-otp")
@click.argument("name")
@with_app
def reset_otp(name: str) -> None:
    """Turn the second step of NAME off (telephone and recovery codes lost) and end its sessions."""
    with transaction():
        accounts.reset_second_step_of(name, now=datetime.now(UTC))
    click.echo(f"Second step of {name} is off. An operator must set it up again at the next sign-in.")
