"""Pengukuran Kinerja as workbooks: figures as figures, one row an indicator, for one post or for many."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from iki_portal.documents.cells import Cell, Column, table_xlsx
from iki_portal.documents.measured import MeasuredReport, MeasuredRow
from iki_portal.documents.measured_year import MeasuredYear, YearRow
from iki_portal.documents.measurement import evidence_name, quarter_document
from iki_portal.documents.signature_cells import signature_rows
from iki_portal.documents.tables import TableDocument
from iki_portal.documents.year_measurement import year_document
from iki_portal.domain.measurement import Goal, quarter_goal, year_goal
from iki_portal.domain.numbers import DECIMAL_PLACES, round_half_up
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.targets import AGGREGATION_WORDS, QUARTER_WORDS, Aggregation, targets_of

_PLACE = (Column("Unit kerja", 24), Column("Jabatan", 28), Column("Nama", 24))
_ROW = (Column("No", 5), Column("Kinerja", 34), Column("Indikator kinerja", 36), Column("Satuan", 12))
QUARTER_CELLS = (
    *_PLACE,
    *_ROW,
    *(Column("Target tahun", 12), Column("Target triwulan", 12), Column("Batas atas target", 12)),
    *(Column("Realisasi", 12), Column("Pembilang", 12), Column("Penyebut", 12)),
    *(Column("Capaian (%)", 12), Column("Capaian dihitung (%)", 12), Column("Kategori", 18)),
    *(Column("Penjelasan", 34), Column("Catatan", 28), Column("Kendala", 28), Column("Tindak lanjut", 28)),
    *(Column("Bukti dukung", 34), Column("SHA-256 bukti", 30)),
    *(Column("Keadaan laporan", 18), Column("Diverifikasi oleh", 30), Column("Tanggal verifikasi", 18), Column("Register", 16)),
)
YEAR_CELLS = (
    *_PLACE,
    *_ROW,
    Column("Cara hitung tahunan", 14),
    Column("Target tahun", 12),
    *(
        column
        for word in QUARTER_WORDS
        for column in (
            Column(f"Target {word}", 12),
            Column(f"Realisasi {word}", 12),
            Column(f"Capaian {word} (%)", 12),
        )
    ),
    *(Column("Realisasi tahun", 12), Column("Capaian tahun (%)", 12), Column("Kategori", 18)),
    *(Column("Penjelasan", 34), Column("Keadaan triwulan", 34)),
)


def quarter_xlsx(report: MeasuredReport) -> bytes:
    document = quarter_document(report)
    return _workbook(QUARTER_CELLS, quarter_cells(report), document, year=report.year, right=16)


def year_xlsx(year: MeasuredYear) -> bytes:
    document = year_document(year)
    return _workbook(YEAR_CELLS, year_cells(year), document, year=year.year, right=18)


def _workbook(
    columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]], document: TableDocument, *, year: int, right: int
) -> bytes:
    closing = signature_rows(document, left=1, right=right)
    return table_xlsx(columns, rows, name="Pengukuran Kinerja", title=document.name, year=year, closing=closing)


def quarter_cells(report: MeasuredReport) -> Iterator[tuple[Cell, ...]]:
    """The rows of one verified report."""
    before: tuple[Cell, ...] = (report.unit, report.position, report.reported_by.full_name)
    verified = report.verified_by
    after: tuple[Cell, ...] = (
        "Terverifikasi, terlambat" if report.is_late else "Terverifikasi",
        f"{verified.full_name}, {verified.title}",
        verified.on,
        report.proof.register,
    )
    for row in report.rows:
        targets = targets_of(row.indicator)
        goal = quarter_goal(targets, report.quarter)
        yield (
            *before,
            *(row.number, row.statement, row.indicator.text, row.indicator.unit_of_measure),
            *(_target(year_goal(targets)), _target(goal), goal.upper if goal else None),
            *_reported(row),
            *after,
        )


def _target(goal: Goal | None) -> Decimal | None:
    return goal.target if goal else None


def _reported(row: MeasuredRow) -> tuple[Cell, ...]:
    reached, told = row.achievement, row.reported
    return (
        *(_figure(reached.realised), told.numerator, told.denominator),
        *(_figure(reached.raw), _figure(reached.capped), reached.word),
        *(reached.explanation, told.note, told.obstacle, told.follow_up),
        "\n".join(evidence_name(each) for each in row.evidence),
        "\n".join(each.sha256 or "tautan" for each in row.evidence),
    )


def _figure(value: Decimal | None) -> Decimal | None:
    return None if value is None else round_half_up(value, DECIMAL_PLACES)


def missing_cells(year: MeasuredYear, quarter: int) -> Iterator[tuple[Cell, ...]]:
    """The rows of a post whose quarter is not verified: its targets, and what is the matter; no figure, and no nought."""
    state = year.states[quarter]
    for row in year.rows:
        goal = row.goal_of(quarter)
        yield (
            *(year.unit, year.position, year.holder),
            *(row.number, row.statement, row.indicator.text, row.indicator.unit_of_measure),
            *(_target(row.goal), _target(goal), goal.upper if goal else None),
            *(None, None, None, None, None, state),
            *("", "", "", "", "", ""),
            *(state, "", None, ""),
        )


def year_cells(year: MeasuredYear) -> Iterator[tuple[Cell, ...]]:
    """The rows of one post's year."""
    newest = year.newest
    states = "\n".join(f"{QUARTER_WORDS[each - 1]}: {_state(year, each)}" for each in QUARTERS)
    for row in year.rows:
        indicator, reached = row.indicator, row.achievement
        yield (
            *(year.unit, year.position, newest.reported_by.full_name if newest else year.holder),
            *(row.number, row.statement, indicator.text, indicator.unit_of_measure),
            AGGREGATION_WORDS[Aggregation(indicator.aggregation)] if indicator.aggregation else "",
            _target(row.goal),
            *(cell for quarter in QUARTERS for cell in _quarter(row, quarter)),
            *(_figure(row.value), _figure(reached.raw), row.word),
            "\n".join(dict.fromkeys((row.value_explanation, reached.explanation))),
            states,
        )


def _state(year: MeasuredYear, quarter: int) -> str:
    report = year.reports.get(quarter)
    return f"terverifikasi, {report.proof.register}" if report else year.states[quarter].lower()


def _quarter(row: YearRow, quarter: int) -> tuple[Cell, ...]:
    found, goal = row.quarters.get(quarter), row.goal_of(quarter)
    reached = found.achievement if found else None
    return (
        _target(goal),
        _figure(reached.realised) if reached else None,
        _figure(reached.raw) if reached else None,
    )
