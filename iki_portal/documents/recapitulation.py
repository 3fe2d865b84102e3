"""The recapitulation of a year (one row an indicator, XLSX or CSV), and the table to copy into the national e-Kinerja.

`imports/recapitulation.py` reads the XLSX back; its columns are these.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from iki_portal.documents.cells import Cell, Column, table_csv, table_xlsx
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import PrintedSheet, target_text
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity
from iki_portal.domain.workflow import revision_name

COLUMNS = (
    Column("Tahun", 7),
    Column("Kode jabatan", 13),
    Column("Jabatan", 26),
    Column("Unit kerja", 26),
    Column("Pemilik", 24),
    Column("Revisi", 14),
    Column("Status", 12),
    Column("No", 5),
    Column("Kinerja", 36),
    Column("No indikator", 9),
    Column("Indikator kinerja", 36),
    Column("Penjelasan/formulasi", 36),
    Column("Sumber data", 22),
    Column("Satuan", 12),
    Column("Polaritas", 16),
    Column("Cara hitung tahunan", 16),
    Column("Target", 14),
    Column("Batas atas target", 14),
    Column("TW I", 14),
    Column("TW II", 14),
    Column("TW III", 14),
    Column("TW IV", 14),
    Column("Nomor register", 20),
    Column("Ditetapkan oleh", 24),
    Column("Tanggal ditetapkan", 18),
)
E_KINERJA_COLUMNS = (
    Column("Rencana hasil kerja", 48),
    Column("Aspek", 12),
    Column("Indikator kinerja individu", 48),
    Column("Target", 16),
    Column("Satuan", 16),
)
QUALITY_UNITS = frozenset({"%", "persen"})
TIME_UNITS = frozenset({"menit", "jam", "hari", "hari kerja", "minggu", "bulan", "tahun"})


@dataclass(frozen=True, slots=True)
class RecapSheet:
    """A sheet and what the recapitulation says of it beyond its paper."""

    sheet: PrintedSheet
    #: The code of the post.
    code: str
    position: str
    unit: str
    #: Empty while the post is vacant.
    owner: str
    #: The word of the screen: "Ditetapkan".
    state: str


def recapitulation_xlsx(sheets: Iterable[RecapSheet], *, year: int, title: str) -> bytes:
    """A workbook without formulas whose one worksheet is called "Rekapitulasi 2026"."""
    return table_xlsx(COLUMNS, recapitulation_rows(sheets, year=year), name=f"Rekapitulasi {year}", title=title, year=year)


def recapitulation_csv(sheets: Iterable[RecapSheet], *, year: int) -> bytes:
    return table_csv(COLUMNS, recapitulation_rows(sheets, year=year))


def recapitulation_rows(sheets: Iterable[RecapSheet], *, year: int) -> Iterator[tuple[Cell, ...]]:
    """One row an indicator. A statement without any, and a sheet without statements, take one row with those cells empty,
    so that nobody's sheet is missing from the table."""
    for each in sheets:
        paper = each.sheet.paper
        if paper.year != year:
            raise ValueError(f"a sheet of {paper.year} in the recapitulation of {year}")
        revision = revision_name(paper.revision)
        before: tuple[Cell, ...] = (year, each.code, each.position, each.unit, each.owner, revision, each.state)
        for statement, number, indicator in _lines(paper):
            yield (*before, *_statement_cells(statement), number, *_indicator_cells(indicator), *_approval(each.sheet))


def _lines(paper: Paper) -> Iterator[tuple[PaperStatement | None, int | None, PaperIndicator | None]]:
    if not paper.statements:
        yield None, None, None
    for statement in paper.statements:
        if not statement.indicators:
            yield statement, None, None
        for number, indicator in enumerate(statement.indicators, start=1):
            yield statement, number, indicator


def _statement_cells(statement: PaperStatement | None) -> tuple[Cell, ...]:
    return (None, "") if statement is None else (statement.number, statement.text)


def _indicator_cells(indicator: PaperIndicator | None) -> tuple[Cell, ...]:
    if indicator is None:
        return (*("",) * 6, *(None,) * 6)
    return (
        indicator.text,
        indicator.formula,
        indicator.source,
        indicator.unit_of_measure,
        POLARITY_WORDS[Polarity(indicator.polarity)] if indicator.polarity else "",
        AGGREGATION_WORDS[Aggregation(indicator.aggregation)] if indicator.aggregation else "",
        indicator.target,
        indicator.target_upper,
        *indicator.quarters,
    )


def _approval(sheet: PrintedSheet) -> tuple[Cell, ...]:
    register = sheet.proof.register if sheet.proof else ""
    return (register, sheet.approved.full_name, sheet.approved.on) if sheet.approved else (register, "", None)


@dataclass(frozen=True, slots=True)
class EKinerjaRow:
    plan: str
    #: "Kuantitas", "Kualitas" or "Waktu"; empty while there is no satuan.
    aspect: str
    indicator: str
    target: Decimal | None
    #: Only of a range.
    target_upper: Decimal | None
    unit_of_measure: str

    @property
    def target_text(self) -> str:
        return target_text(self.target, self.target_upper)


def e_kinerja_rows(sheet: PrintedSheet) -> list[EKinerjaRow]:
    """The sheet as e-Kinerja asks for it, every row complete in itself, ready to be copied."""
    return [
        EKinerjaRow(
            plan=statement.text,
            aspect=aspect_of(indicator.unit_of_measure),
            indicator=indicator.text,
            target=indicator.target,
            target_upper=indicator.target_upper if indicator.polarity == Polarity.RANGE else None,
            unit_of_measure=indicator.unit_of_measure,
        )
        for statement in sheet.paper.statements
        for indicator in statement.indicators
    ]


def aspect_of(unit_of_measure: str) -> str:
    """The aspect by the satuan alone: "%" is Kualitas, a unit of time (hari, bulan …) is Waktu, any other is Kuantitas.

    Nothing else is read into the words of an indicator; without a satuan there is no aspect. The post-holder may choose
    another one in e-Kinerja.
    """
    unit = " ".join(unit_of_measure.casefold().split())
    if unit in QUALITY_UNITS:
        return "Kualitas"
    if unit in TIME_UNITS:
        return "Waktu"
    return "Kuantitas" if unit else ""


def e_kinerja_xlsx(sheet: PrintedSheet) -> bytes:
    paper = sheet.paper
    rows: Iterator[tuple[Cell, ...]] = (
        (
            row.plan,
            row.aspect,
            row.indicator,
            row.target if row.target_upper is None else row.target_text,
            row.unit_of_measure,
        )
        for row in e_kinerja_rows(sheet)
    )
    title = f"e-Kinerja {paper.year} – {paper.position}"
    return table_xlsx(E_KINERJA_COLUMNS, rows, name=f"e-Kinerja {paper.year}", title=title, year=paper.year)
