"""Pengukuran Kinerja of one quarter as a document: target, what was reached, how far and why, with its evidence."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from iki_portal.documents.measured import MeasuredEvidence, MeasuredReport, MeasuredRow, ScaleFacts
from iki_portal.documents.printed import Proof, target_text
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
from iki_portal.domain.measurement import Outcome, quarter_goal, shown, year_goal
from iki_portal.domain.numbers import format_number, round_half_up
from iki_portal.domain.quarters import quarter_name
from iki_portal.domain.realised import REMARK_WORDS, REMARKS, is_ratio
from iki_portal.domain.targets import QUARTER_WORDS, targets_of
from iki_portal.domain.workflow import revision_name

TITLE = "PENGUKURAN KINERJA INDIVIDU"
#: Where a quarter has no target, or nothing was reported of one: said, never a blank.
NONE = "–"
COLUMNS = (
    TableColumn("NO", 9, is_centred=True),
    TableColumn("KINERJA", 37),
    TableColumn("INDIKATOR KINERJA", 43),
    TableColumn("SATUAN", 17, is_centred=True),
    TableColumn("TARGET TAHUN", 16, is_centred=True),
    TableColumn("TARGET TRIWULAN", 18, is_centred=True),
    TableColumn("REALISASI", 20, is_centred=True),
    TableColumn("CAPAIAN", 18, is_centred=True),
    TableColumn("KATEGORI", 20, is_centred=True),
    TableColumn("PENJELASAN", 63),
)
EVIDENCE_COLUMNS = (
    TableColumn("BARIS", 13, is_centred=True),
    TableColumn("BERKAS ATAU TAUTAN", 120),
    TableColumn("UKURAN", 22, is_centred=True),
    TableColumn("SHA-256 BERKAS", 106),
)
_KILOBYTE = 1024


def quarter_document(report: MeasuredReport) -> TableDocument:
    """The document of one verified report, with the signatures of who reported and who verified."""
    quarter, proof, verified = quarter_name(report.quarter, report.year), report.proof, report.verified_by
    if verified.on is None:
        raise ValueError("a verification has a day")
    where = tuple(report.office.at_place(verified.on, "Diverifikasi"))
    return TableDocument(
        name=f"Pengukuran Kinerja {report.position}, {quarter}",
        office=report.office,
        on=verified.on,
        section=quarter_section(report, has_names=True),
        signatures=(SignBlock(("Yang melaporkan,",), report.reported_by), SignBlock(where, verified)),
        check=Check(proof.code, _proof_lines(proof), proof.address),
        footer=f"Register {proof.register} · {report.position} · {quarter}",
        editable=f"Salinan untuk disunting dari laporan register {proof.register}; bukan dokumen resmi. "
        "Naskah resmi: PDF dari Portal IKI.",
    )


def quarter_section(report: MeasuredReport, *, has_names: bool = False) -> Section:
    """`has_names`: signatures follow, so the fields need not say who reported and verified."""
    table = PaperTable(COLUMNS, tuple(grouped([_line(each, report.quarter) for each in report.rows])))
    return Section(
        titles=(TITLE, f"{QUARTER_WORDS[report.quarter - 1].upper()} TAHUN {report.year}"),
        fields=tuple(_fields(report, has_names=has_names)),
        tables=(table, *evidence_tables(report.rows)),
        notes=(_evidence_note(report.rows), scale_note(report.scale)),
    )


def _fields(report: MeasuredReport, *, has_names: bool) -> Iterator[tuple[str, str]]:
    reported, verified = report.reported_by, report.verified_by
    yield "Jabatan", report.position
    yield "Unit kerja", report.unit
    yield "Nama", reported.full_name
    register = f"register {report.sheet_register}, " if report.sheet_register else ""
    yield "Lembar IKI", f"{register}{revision_name(report.revision).lower()}"
    late = " (terlambat)" if report.is_late else ""
    said = f"{format_date(reported.on)}{late}" if reported.on else ""
    checked = format_date(verified.on) if verified.on else ""
    if has_names:
        yield "Dilaporkan", f"{said}; diverifikasi {checked}"
        return
    yield "Dilaporkan", f"{said}, {reported.full_name}, {reported.title}"
    yield "Diverifikasi", f"{checked}, {verified.full_name}, {verified.title}"
    yield "Register", f"{report.proof.register}, kode {report.proof.code}"


def _line(row: MeasuredRow, quarter: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    indicator, targets = row.indicator, targets_of(row.indicator)
    goal, year = quarter_goal(targets, quarter), year_goal(targets)
    cells = (
        indicator.text,
        indicator.unit_of_measure,
        target_text(year.target, year.upper) if year else NONE,
        target_text(goal.target, goal.upper) if goal else NONE,
        realised_text(row),
        achievement_text(row),
        row.achievement.word,
        "\n".join(explanation_lines(row)),
    )
    return (str(row.statement_number), row.statement), cells


def realised_text(row: MeasuredRow) -> str:
    """ "3", a share with its operands below it: "75" over "(30 / 40)"; a dash where nothing was reported."""
    value, reported = row.achievement.realised, row.reported
    if reported.value is not None:
        return format_number(reported.value)
    if reported.numerator is None or reported.denominator is None:
        return NONE
    operands = f"({format_number(reported.numerator)} / {format_number(reported.denominator)})"
    if value is None or not is_ratio(row.indicator):
        return operands
    return f"{format_number(round_half_up(value, 2))}\n{operands}"


def achievement_text(row: MeasuredRow) -> str:
    """ "107,14%", and below it what counts where the cap of the year cuts it."""
    raw, capped = row.achievement.raw, row.achievement.capped
    if raw is None or capped is None:
        return NONE
    return shown(raw) if raw == capped else f"{shown(raw)}\ndihitung {shown(capped)}"


def explanation_lines(row: MeasuredRow) -> Iterator[str]:
    """How the figure came about, and what was written beside it."""
    if row.achievement.outcome is not Outcome.NOT_REPORTED or row.achievement.explanation != row.achievement.word:
        yield row.achievement.explanation
    for name in REMARKS:
        words = " ".join(getattr(row.reported, name).split())
        if words:
            yield f"{REMARK_WORDS[name]}: {words}"


def evidence_tables(rows: Iterable[MeasuredRow]) -> tuple[PaperTable, ...]:
    """Every file and link, by the number of its row; none where there is nothing."""
    lines = [((row.number,), _evidence_cells(each)) for row in rows for each in row.evidence]
    return (PaperTable(EVIDENCE_COLUMNS, tuple(grouped(lines)), heading="Bukti dukung"),) if lines else ()


def _evidence_cells(each: MeasuredEvidence) -> tuple[str, ...]:
    return evidence_name(each), size_words(each.size), each.sha256 or "tautan"


def evidence_name(each: MeasuredEvidence) -> str:
    return each.url or each.name


def size_words(size: int | None) -> str:
    return NONE if size is None else f"{format_number(Decimal(-(-size // _KILOBYTE)))} KB"


def _evidence_note(rows: Iterable[MeasuredRow]) -> str:
    if any(row.evidence for row in rows):
        return "Bukti dukung tersimpan di Portal IKI; SHA-256 ialah sidik berkasnya saat laporan diverifikasi."
    return "Bukti dukung: tidak ada berkas atau tautan yang dilampirkan."


def scale_note(scale: ScaleFacts) -> str:
    return f"Kategori: {scale.name} ({scale.source}); capaian dihitung paling tinggi {format_number(scale.cap)}%."


def _proof_lines(proof: Proof) -> tuple[str, ...]:
    chain = f"Riwayat no. {proof.history_number}: {proof.history_hash[:16]} · SHA-256 salinan: {proof.copy_hash[:16]}"
    return check_lines(proof.address, f"Nomor register {proof.register} · Kode {proof.code}", after=(chain,))
