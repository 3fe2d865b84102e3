"""The lines of a PDF. A stranger's PDF can unpack to anything, so a process of its own reads it, with bounds on both.

The process (`iki_portal.imports.pdfpages`) may use so much memory and time and no more; it answers with lines or with one
sentence about why there are none.
"""

import json
import subprocess
import sys

from iki_portal.imports.findings import Unread, UnreadableDocument
from iki_portal.imports.lines import Line, Source, without_list_marks
from iki_portal.imports.unpacking import LARGEST_UNPACKED

SECONDS = 90
_COMMAND = (sys.executable, "-m", "iki_portal.imports.pdfpages")


def read_pdf(content: bytes) -> Source:
    try:
        # S603: our own module, its argument is no one's text
        done = subprocess.run(_COMMAND, input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise UnreadableDocument("Berkas PDF ini terlalu rumit untuk dibaca; simpan dahulu sebagai .docx.") from None
    if done.returncode or len(done.stdout) > LARGEST_UNPACKED:
        raise UnreadableDocument("Berkas PDF ini rusak atau terlalu rumit untuk dibaca; simpan dahulu sebagai .docx.")
    answer = json.loads(done.stdout)
    if "refusal" in answer:
        raise UnreadableDocument(answer["refusal"])
    return Source(
        lines=tuple(_line(*each) for each in answer["lines"]),
        aside=tuple(Unread(*each) for each in answer["aside"]),
        pictures=tuple(answer["pictures"]),
    )


def _line(number: int, page: int, raw: str, cells: list[str]) -> Line:
    text = " ".join(cell for cell in cells if cell) if cells else without_list_marks(raw)
    return Line(number, raw, text, tuple(cells), page)
