"""A document of tables with an annex of any length, set in parts that are joined.

documents/book.py says why, and what a joined file is not: no PDF/A; each report has an official print of its own.
"""

from collections.abc import Callable
from io import BytesIO

from pypdf import PdfWriter

from iki_portal.documents.joining import page_count
from iki_portal.documents.pdf import KEYWORD
from iki_portal.documents.tables import Section, TableDocument
from iki_portal.documents.tables_pdf import set_pdf

#: Few: typst keeps what it has set in memory.
SECTIONS_IN_A_PART = 5
#: As typst writes it: the mark by which a changed file is told from a stranger's, readable without a parser.
_METADATA = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Keywords>{}</pdf:Keywords></rdf:Description></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="r"?>'
)


def composed_pdf(document: TableDocument, *, progress: Callable[[int], None] = lambda _done: None) -> bytes:
    """`progress` is told after each part how many sections of the annex are set."""
    writer = PdfWriter()
    pages, total = 0, len(document.annex)
    for start in range(-SECTIONS_IN_A_PART, total, SECTIONS_IN_A_PART):
        sections = document.annex[start : start + SECTIONS_IN_A_PART] if start >= 0 else ()
        made = set_pdf(document, sections, is_official=False, first_page=pages + 1 if start >= 0 else 0)
        writer.append(BytesIO(made), import_outline=False)
        if start < 0:
            writer.add_outline_item(title=" ".join(document.section.titles), page_number=0)
        else:
            writer.add_outline_item(title=_span(sections[0], sections[-1]), page_number=pages)
            progress(min(start + SECTIONS_IN_A_PART, total))
        pages += page_count(made)
    writer.add_metadata({"/Title": document.name})
    if document.check:
        writer.xmp_metadata = _METADATA.format(f"{KEYWORD}, {document.check.code}").encode()
    body = BytesIO()
    writer.write(body)
    return body.getvalue()


def _span(first: Section, last: Section) -> str:
    """ "Kepala Bidang Mutasi – Analis …": which sections a part holds."""
    names = [next((text for _, text in each.fields), " ".join(each.titles)) for each in (first, last)]
    return names[0] if first is last else " – ".join(names)
