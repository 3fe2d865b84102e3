"""Acts as a table for the Inspektorat: XLSX to sort and filter, PDF to put into a file."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iki_portal.documents.cells import Cell, Column, table_xlsx
from iki_portal.documents.pdf import compile_pdf, shown
from iki_portal.domain.dates import format_datetime, office_day

TITLE = "Jejak audit Portal IKI"
COLUMNS = (
    Column("Nomor", 9),
    Column("Waktu", 30),
    Column("Nama", 30),
    Column("Jabatan saat itu", 34),
    Column("Tindakan", 38),
    Column("Lembar", 34),
    Column("Keterangan", 60),
    Column("Segel", 19),
)


@dataclass(frozen=True, slots=True)
class TrailTableRow:
    number: str
    at: datetime
    who: str
    capacity: str
    said: str
    sheet: str
    note: str
    #: First digits of the row's hash: with the number, an anchor.
    seal: str


@dataclass(frozen=True, slots=True)
class TrailTable:
    rows: Sequence[TrailTableRow]
    #: What was chosen: "dari 1 November 2026".
    narrowed: str
    #: There are more rows than the file may hold.
    is_cut: bool
    #: What the last check of the records said.
    checked: str
    made_by: str
    made_at: datetime

    @property
    def remarks(self) -> list[str]:
        cut = " terbaru; masih ada yang lebih lama, persempit rentang tanggalnya" if self.is_cut else ""
        return [
            f"Pilihan: {self.narrowed}. {len(self.rows)} baris{cut}.",
            self.checked,
            f"Diunduh oleh {self.made_by}, {format_datetime(self.made_at)}. Unduhan ini tercatat.",
        ]


def trail_xlsx(table: TrailTable) -> bytes:
    """One worksheet; below the rows stand what was chosen and what the last check said."""
    return table_xlsx(COLUMNS, _cells(table), name="Jejak audit", title=TITLE, year=office_day(table.made_at).year)


def _cells(table: TrailTable) -> Iterator[Sequence[Cell]]:
    for row in table.rows:
        yield row.number, format_datetime(row.at), row.who, row.capacity, row.said, row.sheet, row.note, row.seal
    for remark in table.remarks:
        yield "", "", "", "", "", "", remark, ""


def trail_pdf(table: TrailTable) -> bytes:
    on = office_day(table.made_at)
    facts: dict[str, Any] = {
        "title": TITLE,
        "remarks": table.remarks,
        "rows": [
            [
                row.number,
                format_datetime(row.at),
                "\n".join(part for part in (row.who, row.capacity) if part),
                row.said,
                row.sheet,
                row.note,
                row.seal,
            ]
            for row in table.rows
        ],
    }
    facts = {**{name: shown(value) for name, value in facts.items()}, "date": [on.year, on.month, on.day]}
    return compile_pdf("trail.typ", {"trail": json.dumps(facts, ensure_ascii=False)}, on=on)
