"""Compositions in the form that somebody asked for; imported by the composer alone, for what it takes of memory."""

from collections.abc import Callable, Sequence

from iki_portal.documents.compositions import Composition, composed, composed_xlsx
from iki_portal.documents.compositions_pdf import composed_pdf
from iki_portal.documents.lkjip import Lkjip, lkjip_document, lkjip_xlsx
from iki_portal.documents.measured_year import MeasuredYear
from iki_portal.documents.tables_docx import table_docx


def measurement_file(made: Composition, form: str, progress: Callable[[int], None]) -> bytes:
    """Pengukuran Kinerja of a unit: pdf, docx or xlsx."""
    if form == "xlsx":
        return composed_xlsx(made)
    return (table_docx if form == "docx" else composed_pdf)(composed(made), progress=progress)


def lkjip_file(made: Composition, before: Sequence[MeasuredYear | None], form: str) -> bytes:
    """The figures of the LKjIP: docx or xlsx."""
    report = Lkjip(made, before)
    return table_docx(lkjip_document(report)) if form == "docx" else lkjip_xlsx(report)
