"""Rencana Aksi of an approved sheet: the year's target of each indicator and what of it is planned for each quarter.

It says what the sheet's frozen copy says. A quarter without a target is printed as such; an indicator without any says so.
"""

from collections.abc import Iterator
from decimal import Decimal

from iki_portal.documents.cells import Cell, Column, table_xlsx
from iki_portal.documents.paper import PaperIndicator, PaperStatement
from iki_portal.documents.printed import PrintedSheet, target_text
from iki_portal.documents.signature_cells import signature_rows
from iki_portal.documents.tables import (
    Check,
    PaperTable,
    Section,
    SignBlock,
    TableColumn,
    TableDocument,
    check_lines,
    grouped,
)
from iki_portal.domain.numbers import format_number
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, QUARTER_WORDS, Aggregation, Polarity, targets_of
from iki_portal.domain.workflow import revision_name

TITLE = "RENCANA AKSI"
NO_TARGET = "–"
NOT_PLANNED = "Target triwulan belum ditetapkan"
_COLUMNS = (
    TableColumn("NO", 9, is_centred=True),
    TableColumn("KINERJA", 52),
    TableColumn("INDIKATOR KINERJA", 58),
    TableColumn("SATUAN", 19, is_centred=True),
    TableColumn("CARA HITUNG TAHUNAN", 24, is_centred=True),
    TableColumn("TARGET TAHUN", 19, is_centred=True),
    *(TableColumn(f"TARGET {word.upper()}", 20, is_centred=True) for word in QUARTER_WORDS),
)
_CELLS = (
    *(Column("No", 5), Column("Kinerja", 40), Column("No indikator", 9), Column("Indikator kinerja", 40)),
    *(Column("Satuan", 12), Column("Polaritas", 18), Column("Cara hitung tahunan", 18)),
    *(Column("Target tahun", 14), Column("Batas atas target", 14)),
    *(Column(f"Target {word}", 14) for word in QUARTER_WORDS),
    Column("Keterangan", 32),
)


def action_plan(sheet: PrintedSheet) -> TableDocument:
    """The document behind its PDF and DOCX; raises `ValueError` for a sheet that nobody has approved."""
    paper, approved = sheet.paper, sheet.approved
    if approved is None or approved.on is None:
        raise ValueError("only an approved sheet has an action plan")
    table = PaperTable(_COLUMNS, tuple(grouped([row for each in paper.statements for row in _rows(each)])))
    register = f"register {sheet.proof.register}" if sheet.proof else "tanpa nomor register"
    revision = revision_name(paper.revision)
    return TableDocument(
        name=f"Rencana Aksi {paper.position}, tahun {paper.year}, {revision.lower()}",
        office=sheet.office,
        on=approved.on,
        section=Section(
            titles=(TITLE, f"TAHUN {paper.year}"),
            fields=(
                ("Jabatan", paper.position),
                ("Unit kerja", paper.unit),
                *((("Nama", sheet.proposed.full_name),) if sheet.proposed else ()),
                ("Lembar IKI", f"{register}, {revision[0].lower()}{revision[1:]}"),
            ),
            tables=(table,),
            notes=tuple(_notes(sheet)),
        ),
        signatures=_signatures(sheet),
        check=_check(sheet),
        footer=f"Rencana Aksi · {paper.position} · Tahun {paper.year} · {revision}",
        editable=f"Salinan untuk disunting dari lembar {register}; bukan dokumen resmi. Naskah resmi: PDF dari Portal IKI.",
    )


def _rows(statement: PaperStatement) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for each in statement.indicators:
        way = AGGREGATION_WORDS[Aggregation(each.aggregation)] if each.aggregation else ""
        target = target_text(each.target, targets_of(each).upper) or NOT_PLANNED
        quarters = [NO_TARGET if figure is None else format_number(figure) for figure in each.quarters]
        if not _is_planned(each):
            quarters = [NOT_PLANNED] * len(quarters)
        yield (str(statement.number), statement.text), (each.text, each.unit_of_measure, way, target, *quarters)


def _is_planned(indicator: PaperIndicator) -> bool:
    return any(figure is not None for figure in indicator.quarters)


def _notes(sheet: PrintedSheet) -> Iterator[str]:
    indicators = [each for statement in sheet.paper.statements for each in statement.indicators]
    if any(_is_planned(each) and None in each.quarters for each in indicators):
        yield f"{NO_TARGET} : tidak ada target pada triwulan itu."
    if any(each.aggregation == Aggregation.LAST for each in indicators):
        yield "Nilai akhir: target triwulan ialah keadaan sampai dengan triwulan itu; target tahun sama dengan triwulan IV."


def _signatures(sheet: PrintedSheet) -> tuple[SignBlock, ...]:
    proposed = (SignBlock(("Yang mengusulkan,",), sheet.proposed),) if sheet.proposed else ()
    approved = sheet.approved
    return (*proposed, *((SignBlock(tuple(sheet.office.at_place(approved.on)), approved),) if approved else ()))


def _check(sheet: PrintedSheet) -> Check | None:
    proof = sheet.proof
    if proof is None:
        return None
    named = f"Lembar IKI nomor register {proof.register} · {revision_name(sheet.paper.revision)} · Kode {proof.code}"
    chain = f"Riwayat no. {proof.history_number}: {proof.history_hash[:16]} · SHA-256 salinan: {proof.copy_hash[:16]}"
    return Check(proof.code, check_lines(proof.address, named, after=(chain,)), proof.address)


def action_plan_xlsx(sheet: PrintedSheet) -> bytes:
    paper = sheet.paper
    document = action_plan(sheet)
    return table_xlsx(
        _CELLS,
        _cells(sheet),
        name=f"Rencana Aksi {paper.year}",
        title=document.name,
        year=paper.year,
        closing=signature_rows(document, left=1, right=7),
    )


def _cells(sheet: PrintedSheet) -> Iterator[tuple[Cell, ...]]:
    for statement in sheet.paper.statements:
        for place, each in enumerate(statement.indicators, start=1):
            upper: Decimal | None = targets_of(each).upper
            yield (
                *(statement.number, statement.text, place, each.text, each.unit_of_measure),
                POLARITY_WORDS[Polarity(each.polarity)] if each.polarity else "",
                AGGREGATION_WORDS[Aggregation(each.aggregation)] if each.aggregation else "",
                *(each.target, upper, *each.quarters),
                "" if _is_planned(each) else NOT_PLANNED,
            )
