"""A document of tables in the form that somebody asks for."""

from collections.abc import Callable

from iki_portal.documents.tables import TableDocument
from iki_portal.documents.tables_pdf import table_pdf


def table_file(document: TableDocument, form: str, workbook: Callable[[], bytes]) -> bytes:
    """`form`: pdf, docx or xlsx; a workbook has rows of its own, with figures as figures."""
    if form == "xlsx":
        return workbook()
    if form == "docx":
        # here and not above: a web worker of which nobody asks it keeps its seven megabytes
        from iki_portal.documents.tables_docx import table_docx  # noqa: PLC0415

        return table_docx(document)
    return table_pdf(document)
