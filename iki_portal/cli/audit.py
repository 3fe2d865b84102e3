"""`iki audit`: do the records still hold, and what is kept outside to tell later."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from iki_portal.approvals import auditing
from iki_portal.approvals.auditing import check_everything, report_of
from iki_portal.approvals.prints import issue, waiting_prints
from iki_portal.cli.portal import Refused, with_app
from iki_portal.documents.audit_report import AuditReport, report_pdf, report_text
from iki_portal.domain.errors import Invalid
from iki_portal.history.streams import HISTORY, TRAIL, Stream
from iki_portal.history.verifying import Anchor, Progress, head_of
from iki_portal.organisation.queries import office
from iki_portal.web.transaction import abandon, transaction

_ANCHOR = re.compile(r"(A?)([0-9]{1,9}):([0-9a-f]{16,64})")


@click.group()
def audit() -> None:
    """The history, the trail, and what is kept of approved sheets: are they as they were written?"""


@audit.command()
@click.option("--anchor", "typed", multiple=True, metavar="N:HASH", help="An anchor kept outside; may be repeated.")
@click.option("--anchors", "file", type=click.Path(path_type=Path), help="A file of them: every N:HASH in it counts.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the report to this file, .txt or .pdf.")
@click.option("--mark", "marks", is_flag=True, help="Keep the result for the page Jejak audit (for the nightly run).")
@with_app
def verify(typed: tuple[str, ...], file: Path | None, report: Path | None, marks: bool) -> None:
    """Recompute both hash chains and compare everything that they name. Exit code 1 when anything is wrong.

    Prints the report in Indonesian. The keys come from IKI_HISTORY_KEY and its fallbacks.
    """
    if report is not None and report.suffix not in (".txt", ".pdf"):
        raise Refused(f"--report {report}: the name must end in .txt or .pdf")
    found = check_everything(now=datetime.now(UTC), anchors=_anchors(typed, file), progress=_progress())
    read = report_of(found)
    if report is not None:
        _write(report, read)
    abandon()  # what began by reading must not go on to write
    if marks:
        with transaction():
            auditing.mark(found)
    click.echo(report_text(read), nl=False)
    if not read.is_whole:
        raise Refused(f"the records are broken: {found.problem_count} problems, the first: {found.problems[0]}")


def _write(path: Path, report: AuditReport) -> None:
    body = report_pdf(report, office=office()) if path.suffix == ".pdf" else report_text(report).encode()
    try:
        path.write_bytes(body)
    except OSError as error:
        raise Refused(f"--report {path}: {error.strerror}") from error


def _anchors(typed: tuple[str, ...], file: Path | None) -> list[tuple[Stream, Anchor]]:
    found = [_anchor(each) for each in typed]
    if file is not None:
        try:
            words = file.read_text(errors="replace")
        except OSError as error:
            raise Refused(f"--anchors {file}: {error.strerror}") from error
        kept = [each.group() for each in re.finditer(rf"\b{_ANCHOR.pattern}\b", words)]
        if not kept:
            raise Refused(f"--anchors {file}: no N:HASH in it")
        found += [_anchor(each) for each in kept]
    return found


def _anchor(typed: str) -> tuple[Stream, Anchor]:
    match = _ANCHOR.fullmatch(typed.strip())
    if match is None:
        raise Invalid(f"“{typed}” bukan jangkar. Tuliskan nomor, titik dua, dan 16 angka heksa, misalnya 812:3fa9c0d1e2f30415.")
    return (TRAIL if match[1] else HISTORY), Anchor(int(match[2]), match[3])


def _progress() -> Progress:
    if not sys.stderr.isatty():
        return lambda _rows: None
    return lambda rows: click.echo(f"\r{rows} baris", err=True, nl=False)


@audit.command()
@with_app
def anchor() -> None:
    """Print where both chains stand, to be kept outside the portal: `iki audit verify --anchor N:HASH` checks it later."""
    for stream in (HISTORY, TRAIL):
        click.echo(head_of(stream))


@click.command()
@with_app
def issue_prints() -> None:
    """Issue the official PDF of every approved sheet that has none yet (its certificate failed, or it is older than prints)."""
    issued, waiting = 0, waiting_prints()
    for sheet_id in waiting:
        with transaction():
            issued += issue(sheet_id, now=datetime.now(UTC))
    click.echo(f"Issued {issued} of {len(waiting)} prints.")
    if issued < len(waiting):
        raise Refused("the certificate cannot be used: see the log")
