"""`iki serve`: the portal on this machine, behind gunicorn (waitress on Windows)."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from iki_portal.app import DemoAccounts, demand_no_demo_accounts
from iki_portal.cli.portal import Refused, the_app
from iki_portal.paths import PROJECT


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
    port = port or app.config["IKI"].port
    click.echo(f"Portal IKI: http://{host}:{port}/  (Ctrl+C to stop)")
    sys.stdout.flush()
    if os.name == "nt":
        import waitress  # noqa: PLC0415  # exists on Windows only

        waitress.serve(app, host=host, port=port, threads=8)
        return
    run_gunicorn({"bind": f"{host}:{port}", "workers": workers})


def run_gunicorn(options: dict[str, Any]) -> None:
    """Replace this process by gunicorn, which reads gunicorn.conf.py as well: signals and exit codes stay its own."""
    program = str(Path(sys.executable).with_name("gunicorn"))
    options = {"config": PROJECT / "gunicorn.conf.py", **options}
    arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    os.execv(program, [program, *arguments, "wsgi:app"])  # noqa: S606
