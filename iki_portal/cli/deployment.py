"""`iki check-deploy`: is everything as an office's portal needs it?"""

import click

from iki_portal.cli.portal import Refused, the_app
from iki_portal.config import Settings
from iki_portal.extensions import db
from iki_portal.upkeep.deployed_database import database_findings
from iki_portal.upkeep.deployment import CHECKS, Deployment, Finding, Verdict


@click.command("check-deploy")
@click.option("--workers", default=2, show_default=True, help="Processes that serve, as in gunicorn.conf.py.")
def check_deploy(workers: int) -> None:
    """Check settings, files, database and backups. Exit code 1 when anything is SALAH (wrong)."""
    app = the_app(ready=False)
    settings: Settings = app.config["IKI"]
    here = Deployment(settings, workers)
    found = [finding for check in CHECKS for finding in check(here)]
    with app.app_context():
        found += database_findings(db.engine)
    for finding in found:
        click.echo(_line(finding))
    bad = sum(finding.verdict is Verdict.WRONG for finding in found)
    if bad:
        raise Refused(f"{bad} of {len(found)} are wrong")


def _line(finding: Finding) -> str:
    return f"{finding.verdict:<10}  {finding.subject:<14}  {finding.words}"
