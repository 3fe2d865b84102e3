"""The signatures of a document below the rows of its workbook, and what stands in its box, as plain text."""

from collections.abc import Iterator

from iki_portal.documents.cells import Cell
from iki_portal.documents.tables import SignBlock, TableDocument


def signature_rows(document: TableDocument, *, left: int, right: int) -> Iterator[tuple[Cell, ...]]:
    """Each line a row: the first signature in column `left`, the last in column `right`; then the notes and the box."""
    blocks = document.signatures
    first = _lines(blocks[0]) if len(blocks) > 1 else []
    last = _lines(blocks[-1]) if blocks else []
    for place in range(max(len(first), len(last))):
        row: list[Cell] = [""] * (right + 1)
        row[left] = first[place] if place < len(first) else ""
        row[right] = last[place] if place < len(last) else ""
        yield tuple(row)
    yield ()
    for words in (*document.section.notes, *(document.check.lines if document.check else ())):
        yield (*[""] * left, words)


def _lines(block: SignBlock) -> list[str]:
    signer = block.signer
    lines = [*block.above, f"{signer.title}," if signer.title else "", signer.full_name, signer.rank, signer.identifier]
    return [each for each in lines if each]
