"""Pengukuran Kinerja of a year as a document: every quarter beside the year, as its frozen copies have it."""

from collections.abc import Iterator

from iki_portal.documents.measured import MeasuredReport, MeasuredRow
from iki_portal.documents.measured_year import MeasuredYear, YearRow
from iki_portal.documents.measurement import NONE, TITLE, realised_text, scale_note
from iki_portal.documents.printed import target_text
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
from iki_portal.domain.dates import format_date
from iki_portal.domain.measurement import Goal, Outcome, shown
from iki_portal.domain.numbers import format_number, round_half_up
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import revision_name

COLUMNS = (
    TableColumn("NO", 9, is_centred=True),
    TableColumn("KINERJA", 36),
    TableColumn("INDIKATOR KINERJA", 42),
    TableColumn("SATUAN", 16, is_centred=True),
    TableColumn("TARGET TAHUN", 15, is_centred=True),
    *(TableColumn(word.upper(), 24) for word in QUARTER_WORDS),
    TableColumn("REALISASI TAHUN", 20, is_centred=True),
    TableColumn("CAPAIAN", 27),
)
QUARTER_COLUMNS = (
    TableColumn("TRIWULAN", 24),
    TableColumn("KEADAAN", 46),
    TableColumn("DILAPORKAN", 62),
    TableColumn("DIVERIFIKASI", 62),
    TableColumn("REGISTER DAN KODE", 67),
)


def year_document(year: MeasuredYear) -> TableDocument:
    """The document of one post's year, signed as its newest quarter was; raises `ValueError` before any was verified."""
    newest = year.newest
    if newest is None or newest.verified_by.on is None:
        raise ValueError("nothing of the year is verified")
    proof, verified = newest.proof, newest.verified_by
    where = tuple(newest.office.at_place(verified.on, "Diverifikasi"))
    named = f"Nomor register {proof.register} · Kode {proof.code} (triwulan terakhir; kode triwulan lain pada tabel di atas)"
    return TableDocument(
        name=f"Pengukuran Kinerja {year.position}, tahun {year.year}",
        office=newest.office,
        on=newest.verified_by.on,
        section=year_section(year),
        signatures=(SignBlock(("Yang melaporkan,",), newest.reported_by), SignBlock(where, verified)),
        check=Check(proof.code, check_lines(proof.address, named), proof.address),
        footer=f"Pengukuran Kinerja · {year.position} · Tahun {year.year}",
        editable="Salinan untuk disunting; bukan dokumen resmi. Naskah resmi: PDF dari Portal IKI.",
    )


def year_section(year: MeasuredYear) -> Section:
    rows = PaperTable(COLUMNS, tuple(grouped([_line(each, year) for each in year.rows])))
    quarters = PaperTable(QUARTER_COLUMNS, tuple(grouped(list(_quarter_lines(year)))), heading="Laporan triwulan")
    return Section(
        titles=(TITLE, f"TAHUN {year.year}"),
        fields=tuple(_fields(year)),
        tables=(rows, quarters),
        notes=tuple(_notes(year)),
    )


def _fields(year: MeasuredYear) -> Iterator[tuple[str, str]]:
    newest = year.newest
    yield "Jabatan", year.position
    yield "Unit kerja", year.unit
    yield "Nama", newest.reported_by.full_name if newest else year.holder or NONE
    register = f"register {year.sheet_register}, " if year.sheet_register else ""
    yield "Lembar IKI", f"{register}{revision_name(year.revision).lower()}"


def _notes(year: MeasuredYear) -> Iterator[str]:
    if year.missing:
        named = ", ".join(f"{QUARTER_WORDS[each - 1]} {year.states[each].lower()}" for each in year.missing)
        yield f"Belum termasuk: {named}. Sementara: realisasi dan capaian tahun dari triwulan yang sudah terverifikasi."
    if any(each.gone_since is not None for each in year.rows):
        yield f"* Baris revisi sebelumnya yang tidak ada lagi pada {revision_name(year.revision).lower()}."
    yield "T = target, R = realisasi, C = capaian. Setiap triwulan diukur terhadap target yang berlaku saat itu."
    yield scale_note(year.scale)


def _line(row: YearRow, year: MeasuredYear) -> tuple[tuple[str, ...], tuple[str, ...]]:
    star = "*" if row.gone_since is not None else ""
    quarters = [_quarter_cell(row, each, year.states[each], is_reported=each in year.reports) for each in QUARTERS]
    cells = (
        f"{row.indicator.text}{star}",
        row.indicator.unit_of_measure,
        goal_text(row.goal),
        *quarters,
        year_value_text(row),
        "\n".join(_year_lines(row)),
    )
    return (f"{row.statement_number}{star}", row.statement), cells


def _quarter_cell(row: YearRow, quarter: int, state: str, *, is_reported: bool) -> str:
    found, goal = row.quarters.get(quarter), goal_text(row.goal_of(quarter))
    if found is None and row.gone_since is not None:
        return NONE
    if found is None:
        said = "tidak ada pada laporan ini" if is_reported else state
        return f"T {goal}\n{said}"
    return "\n".join((f"T {goal}", f"R {_beside(found)}", f"C {_reached(found)}"))


def _beside(found: MeasuredRow) -> str:
    return realised_text(found).replace("\n", " ")


def _reached(found: MeasuredRow) -> str:
    raw = found.achievement.raw
    return found.achievement.word if raw is None else shown(raw)


def goal_text(goal: Goal | None) -> str:
    return target_text(goal.target, goal.upper) if goal else NONE


def year_value_text(row: YearRow) -> str:
    return NONE if row.value is None else format_number(round_half_up(row.value, 2))


def _year_lines(row: YearRow) -> Iterator[str]:
    """The year's achievement, its band, and how both came about."""
    reached = row.achievement
    if reached.raw is not None and reached.capped is not None:
        yield shown(reached.raw) if reached.raw == reached.capped else f"{shown(reached.raw)}, dihitung {shown(reached.capped)}"
    yield row.word
    if row.value is not None:
        yield row.value_explanation
    if reached.outcome is Outcome.MEASURED or reached.explanation != reached.word:
        yield reached.explanation


def _quarter_lines(year: MeasuredYear) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for quarter in QUARTERS:
        report = year.reports.get(quarter)
        said = _signed(report) if report else (year.states[quarter], NONE, NONE, NONE)
        yield (QUARTER_WORDS[quarter - 1],), said


def _signed(report: MeasuredReport) -> tuple[str, ...]:
    reported, verified = report.reported_by, report.verified_by
    days = [format_date(each.on) if each.on else "" for each in (reported, verified)]
    return (
        f"Terverifikasi, {revision_name(report.revision).lower()}{', terlambat' if report.is_late else ''}",
        f"{days[0]}, {reported.full_name}, {reported.title}",
        f"{days[1]}, {verified.full_name}, {verified.title}",
        f"{report.proof.register} · {report.proof.code}",
    )
