"""`iki reference`: what suggestions are made from."""

from pathlib import Path

import click

from iki_portal.cli.portal import with_app
from iki_portal.imports.reference import read_reference_file
from iki_portal.indicators.learning import load_reference
from iki_portal.paths import REFERENCE
from iki_portal.web.transaction import transaction


@click.group()
def reference() -> None:
    """The reference list of indicators, from which satuan and sub-kegiatan codes are suggested."""


@reference.command()
@click.argument("file", type=click.Path(path_type=Path), default=REFERENCE)
@with_app
def load(file: Path) -> None:
    """Add what is not known yet: the rows of FILE (default: seeds/indicator-units.tsv), and sheets approved before there was a
    list. Nothing is ever removed."""
    rows = read_reference_file(file)
    with transaction():
        learnt = load_reference(rows)
    click.echo(f"Daftar acuan: {len(rows)} baris dibaca, {learnt.rows} baru.")
    click.echo(f"Lembar yang sudah ditetapkan: {learnt.sheets} baru dipelajari.")
