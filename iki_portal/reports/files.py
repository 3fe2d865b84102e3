"""A table as the file that a reader asked for, written to the disk row by row; the trail says who took it."""

from tempfile import TemporaryFile

from flask import Response

from iki_portal.documents.cells import write_csv, write_xlsx
from iki_portal.history.noting import handed_out_file
from iki_portal.reports.tables import Table
from iki_portal.web.downloads import XLSX

FORMS = ("xlsx", "csv")


def as_file(table: Table, form: str) -> Response:
    file = TemporaryFile()  # noqa: SIM115  # closed behind the answer
    try:
        if form == "csv":
            write_csv(file, table.columns, table.rows)
        else:
            write_xlsx(file, table.columns, table.rows, name=table.name, title=table.title, year=table.year)
        return handed_out_file(file, f"{table.title}.{form}", "text/csv" if form == "csv" else XLSX, year=table.year)
    except BaseException:
        file.close()
        raise
