"""`iki import` and `iki export`: documents in, data out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from iki_portal.approvals import books
from iki_portal.approvals.export import exported_sheets
from iki_portal.cli.portal import with_app
from iki_portal.domain.dates import today_in_office
from iki_portal.extensions import db
from iki_portal.imports.document import ReadDocument, read_document_file
from iki_portal.indicators import reading
from iki_portal.indicators.importing import ImportReport, import_document
from iki_portal.organisation.seeding import load_when_empty
from iki_portal.web.transaction import abandon, transaction

YEARS = click.IntRange(2000, 2100)


@click.group("import")
def importing() -> None:
    """Read the office's files."""


@importing.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--year", type=YEARS, required=True, help="Performance year of the sheets.")
@click.option("--apply", "applies", is_flag=True, help="Write. Without it, nothing is changed (dry run).")
@with_app
def document(file: Path, year: int, applies: bool) -> None:
    """Read the office's IKI document and make a draft for every post that has none in that year.

    Prints each finding with its number and line, and each text that found no place. All of it is written, or nothing.
    """
    read = read_document_file(file)
    if applies:
        with transaction():
            load_when_empty()
            report = import_document(read, year=year, now=datetime.now(UTC))
    else:
        load_when_empty()
        report = import_document(read, year=year, now=datetime.now(UTC))
        db.session.flush()
        abandon()
    _print(read, report, year=year, applies=applies)


def _print(read: ReadDocument, report: ImportReport, *, year: int, applies: bool) -> None:
    statements = [statement for sheet in read.sheets for statement in sheet.statements]
    indicators = sum(len(statement.indicators) for statement in statements)
    lettered = sum(len(sheet.duties) + len(sheet.functions) for sheet in read.sheets)
    for finding in read.findings:
        click.echo(f"Temuan {finding.number} (baris {finding.line}): {finding.message}")
    for left in read.unread:
        click.echo(f"Tidak ditempatkan (baris {left.line}, {left.where}): {left.text}")
    for post in report.new_posts:
        click.echo(f"Jabatan baru dari dokumen, {post}")
    click.echo(
        f"Dibaca: {len(read.sheets)} lembar, {len(statements)} kinerja, {indicators} indikator, "
        f"{lettered} uraian tugas dan fungsi; {len(read.findings)} temuan."
    )
    verb = "dibuat" if applies else "akan dibuat"
    click.echo(f"Tahun {year}: {report.created} lembar {verb}, {report.standing} sudah ada dan tidak disentuh.")
    if not applies:
        click.echo("Belum ada yang ditulis. Ulangi dengan --apply untuk menulis.")


@click.group()
def export() -> None:
    """Write data for other programs."""


@export.command()
@click.option("--year", type=YEARS, required=True, help="Performance year.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
@with_app
def sheets(year: int, form: str) -> None:
    """Print the sheets of a year, in the order of the document, every revision by itself."""
    del form  # one format so far
    click.echo(json.dumps(exported_sheets(year, on=today_in_office()), ensure_ascii=False, indent=2))


@click.command(hidden=True)
@click.argument("book_id", type=int)
@with_app
def compose(book_id: int) -> None:
    """Compose a book that somebody asked for on the page of the year's documents."""
    books.compose(book_id)


@click.command("read-upload", hidden=True)
@click.argument("upload_id", type=int)
@with_app
def read_upload(upload_id: int) -> None:
    """Read a document that somebody uploaded on the page "Impor dokumen"."""
    reading.read_upload(upload_id)
