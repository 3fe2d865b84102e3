"""Parts of a book: how many pages one has, so that the next begins on the page after it."""

import re
from io import BytesIO

from pypdf import PdfReader

_PAGES = re.compile(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>")


def page_count(pdf: bytes) -> int:
    """As the file's own metadata says; read page by page where they do not."""
    found = _PAGES.search(pdf)
    return int(found[1]) if found else len(PdfReader(BytesIO(pdf)).pages)
