"""What the page "Buku kerja organisasi" leaves to processes of their own."""

import gc

import click

from iki_portal.cli.portal import with_app
from iki_portal.organisation import staffing_applying, staffing_reading


@click.command("read-staffing", hidden=True)
@click.argument("workbook_id", type=int)
@with_app
def read_staffing(workbook_id: int) -> None:
    """Read a workbook of the organisation that an operator uploaded."""
    gc.disable()  # as in imports/staffing/limited_reader.py
    staffing_reading.read_workbook(workbook_id)


@click.command("apply-staffing", hidden=True)
@click.argument("workbook_id", type=int)
@with_app
def apply_staffing(workbook_id: int) -> None:
    """Write what the preview of a workbook showed."""
    gc.disable()
    staffing_applying.apply_workbook(workbook_id)
