"""Parts of a page that every Word document of the portal has: the letterhead, a signature, the page numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml.ns import qn

from iki_portal.documents.docx_elements import LETTERHEAD, SIGNATURE, element, paragraph, run, styled
from iki_portal.documents.printed import Office, Signer


def letterhead(office: Office) -> Iterator[Any]:
    lines = office.letterhead
    for place, line in enumerate(lines):
        made = paragraph(LETTERHEAD, line, bold=place < 2)
        if place == len(lines) - 1:
            rule = element("w:bottom", {"val": "single", "sz": 12, "space": 4, "color": "000000"})
            made[0].append(element("w:pBdr", {}, rule))
            made[0].append(element("w:spacing", {"after": 240}))
        yield made


def signature(signer: Signer | None, lines: Sequence[str]) -> list[Any]:
    if signer is None:
        return [paragraph(SIGNATURE, "")]
    above = [*lines, *([f"{signer.title},"] if signer.title else [])]
    name = paragraph(SIGNATURE, signer.full_name, bold=True, keep=True)
    name[0].append(element("w:spacing", {"before": 1100}))
    below = [line for line in (signer.rank, signer.identifier) if line]
    return [
        *(paragraph(SIGNATURE, line, keep=True) for line in above),
        name,
        *(paragraph(SIGNATURE, line, keep=True) for line in below),
    ]


def page_numbers() -> Any:
    """The paragraph of a footer."""
    return element("w:p", {}, styled("Footer"), *_field_runs())


def _field_runs() -> Iterator[Any]:
    """ "Halaman n dari m", counted by the word processor."""
    for words, code in (("Halaman ", "PAGE"), (" dari ", "NUMPAGES")):
        yield run(words)
        yield element("w:r", {}, element("w:fldChar", {"fldCharType": "begin"}))
        instruction = element("w:instrText", {})
        instruction.text = f" {code} "
        instruction.set(qn("xml:space"), "preserve")
        yield element("w:r", {}, instruction)
        yield element("w:r", {}, element("w:fldChar", {"fldCharType": "separate"}))
        yield run("1")
        yield element("w:r", {}, element("w:fldChar", {"fldCharType": "end"}))
