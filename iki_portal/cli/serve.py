"""`iki serve`: the portal on this machine, behind gunicorn (waitress on Windows)."""

import os
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask

from iki_portal.app import DemoAccounts, demand_no_demo_accounts
from iki_portal.approvals.auditing import check_tail, mark
from iki_portal.cli.portal import Refused, the_app
from iki_portal.paths import PROJECT
from iki_portal.web.logs import log
from iki_portal.web.transaction import abandon, transaction


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, help="Default: IKI_PORT, or 5000.")
@click.option("--workers", default=2, show_default=True, help="Processes, each with 4 threads.")
def serve(host: str, port: int | None, workers: int) -> None:
    """Serve the portal. Put a reverse proxy that buffers in front of it for more than this machine."""
    app = the_app()
    try:
        demand_no_demo_accounts(app)
    except DemoAccounts as error:
        raise Refused(str(error)) from error
    _check_newest_records(app)
    port = port or app.config["IKI"].port
    click.echo(f"Portal IKI: http://{host}:{port}/  (Ctrl+C to stop)")
    sys.stdout.flush()
    if os.name == "nt":
        import waitress  # noqa: PLC0415  # exists on Windows only

        waitress.serve(app, host=host, port=port, threads=8)
        return
    run_gunicorn({"bind": f"{host}:{port}", "workers": workers})


def _check_newest_records(app: Flask) -> None:
    """Shout when they are broken, and serve: people must be able to read what stands, and to see that it is doubted."""
    with app.app_context():
        found = check_tail(now=datetime.now(UTC))
        abandon()  # what began by reading must not go on to write
        with transaction():
            mark(found)
    if found.problems:
        log.error("records broken", problems=found.problem_count, first=found.problems[0])


def run_gunicorn(options: dict[str, Any]) -> None:
    """Replace this process by gunicorn, which reads gunicorn.conf.py as well: signals and exit codes stay its own."""
    program = str(Path(sysconfig.get_path("scripts")) / "gunicorn")
    options = {"config": PROJECT / "gunicorn.conf.py", **options}
    arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    os.execv(program, [program, *arguments, "wsgi:app"])  # noqa: S606
