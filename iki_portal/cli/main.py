"""`iki --help`: what an operator can do from a terminal."""

import click

from iki_portal.cli import (
    accounts,
    audit,
    backups,
    database,
    demo,
    deployment,
    documents,
    mail,
    reference,
    serve,
    staffing,
    work,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="iki-portal", message="%(version)s")
def main() -> None:
    """Portal IKI: yearly performance indicators, from the office's document to approved sheets.

    Settings come from IKI_* variables (IKI_ENV, IKI_SECRET_KEY, IKI_DATABASE_URL, …); docs/operations.md has the table.
    """


for group in (database.database, documents.importing, documents.export, accounts.account, audit.audit, reference.reference):
    main.add_command(group)
for command in (backups.backup, backups.backup_key, backups.restore, deployment.check_deploy):
    main.add_command(command)
BESIDE = (documents.compose, documents.read_upload, staffing.read_staffing, staffing.apply_staffing)
for command in (serve.serve, demo.demo, mail.send_mail, audit.issue_prints, work.take_up_work, *BESIDE):
    main.add_command(command)
