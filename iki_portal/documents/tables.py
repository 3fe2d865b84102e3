"""A document that is tables: what Rencana Aksi and Pengukuran Kinerja are, whatever stands in their cells.

The subjects (action_plan.py, measurement.py, compositions.py) say what is printed; tables_pdf.py and tables_docx.py print it.
So a PDF and a DOCX never tell different things.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from iki_portal.documents.printed import Office, Signer

#: What a landscape page of A4 has between its margins; column widths are shares of it.
PAGE_WIDTH_MM = 261
#: Letters of the tables' size that stand beside each other in a millimetre, and lines that fit on a page below its header.
_LETTERS_IN_A_MM = 0.62
_TALLEST = 38


@dataclass(frozen=True, slots=True)
class TableColumn:
    heading: str
    #: In millimetres of `PAGE_WIDTH_MM`.
    width: int
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share their first cells: a statement with its indicators. Cells may hold several lines."""

    lead: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PaperTable:
    columns: tuple[TableColumn, ...]
    groups: tuple[Group, ...]
    heading: str = ""

    def is_tall(self, group: Group) -> bool:
        """Whether it may not fit on one page, so that it must be torn."""
        shared = len(group.lead)
        heights = [_lines(row, self.columns[shared:]) for row in group.rows]
        return max(sum(heights), _lines(group.lead, self.columns[:shared])) > _TALLEST


def _lines(cells: Sequence[str], columns: Sequence[TableColumn]) -> int:
    return max((_height(text, column.width) for text, column in zip(cells, columns, strict=True)), default=0)


def _height(text: str, width: int) -> int:
    in_a_line = max((width - 2) * _LETTERS_IN_A_MM, 1)
    return sum(max(ceil(len(line) / in_a_line), 1) for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Section:
    titles: tuple[str, ...]
    #: (name, text), printed as "Jabatan : …".
    fields: tuple[tuple[str, str], ...] = ()
    tables: tuple[PaperTable, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignBlock:
    """What stands above a signature, and who signs; without a name the post is vacant, and its line stays open."""

    above: tuple[str, ...]
    signer: Signer


@dataclass(frozen=True, slots=True)
class Check:
    """How a print is checked."""

    code: str
    #: "Nomor register … · Kode …", and whatever else stands in its box.
    lines: tuple[str, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class TableDocument:
    #: As the file's properties name it.
    name: str
    office: Office
    on: date
    section: Section
    signatures: tuple[SignBlock, ...] = ()
    check: Check | None = None
    footer: str = ""
    #: On the footer of a DOCX: where its official form is.
    editable: str = ""
    #: Further sections, each from a new page on, behind the signatures.
    annex: Sequence[Section] = ()


def grouped(rows: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Iterator[Group]:
    """Rows of (lead, cells) that follow each other with the same lead, as groups."""
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place][0] != rows[start][0]:
            yield Group(rows[start][0], tuple(cells for _, cells in rows[start:place]))
            start = place


def check_lines(address: str, *before: str, after: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The lines of the box: what names the print, then where to check it, and that no code is a signature."""
    where = f"{address}/periksa" if address else "Portal IKI, halaman Periksa dokumen,"
    return (
        *before,
        f"Periksa keaslian cetakan ini di {where} dengan kode di atas.",
        "Kode ini bukan tanda tangan elektronik: ia menunjukkan tempat memeriksa dokumen.",
        *after,
    )
