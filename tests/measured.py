"""What Pengukuran Kinerja prints, for tests: verified reports of a made-up post. No database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from iki_portal.documents.measured import MeasuredEvidence, MeasuredReport, measured_rows, scale_facts
from iki_portal.documents.measured_year import MeasuredYear, YearFacts, measured_year
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import Office
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realised import ReportedRow
from iki_portal.domain.scales import DEFAULT_SCALE
from iki_portal.domain.targets import Aggregation, Polarity
from tests import prints

D = Decimal
CAP = D(120)
DAY = date(2027, 4, 12)
FILE = MeasuredEvidence("pdf", "rekap triwulan.pdf", 20_480, "ab" * 32)
LINK = MeasuredEvidence("link", url="https://sipd.example/rekap")


def counted(key: int, text: str = "Jumlah dokumen", *, quarters: tuple[Decimal | None, ...] = (D(1),) * 4) -> PaperIndicator:
    target = sum((each for each in quarters if each is not None), D(0))
    way = (Polarity.MAXIMIZE.value, Aggregation.SUM.value)
    return PaperIndicator(key, text, "Dihitung", "Register", "dokumen", *way, target, None, quarters)


def share(key: int, text: str = "Persentase berkas") -> PaperIndicator:
    way = (Polarity.MAXIMIZE.value, Aggregation.RATIO.value)
    return PaperIndicator(key, text, "a / b", "Register", "%", *way, D(80), None, (D(80),) * 4)


def paper(*indicators: PaperIndicator, revision: int = 1) -> Paper:
    statement = PaperStatement(1, 1, "Meningkatnya fasilitasi pengadaan", indicators)
    return Paper(2027, revision, "ANALIS", "Analis Kepegawaian Muda", "Bidang Pengadaan", "", (), (), (statement,))


PAPER = paper(counted(1), share(2))
ROWS = {
    1: ReportedRow(value=D(2), note="Dua dokumen.", obstacle="Berkas terlambat.", follow_up="Surat pengingat."),
    2: ReportedRow(numerator=D(30), denominator=D(40)),
}


def report(
    quarter: int = 1,
    rows: dict[int, ReportedRow] | None = None,
    *,
    of: Paper = PAPER,
    office: Office = prints.OFFICE,
    evidence: tuple[MeasuredEvidence, ...] = (FILE, LINK),
    is_late: bool = False,
) -> MeasuredReport:
    register = f"2027-TW{quarter}-0007"
    signed = prints.signer(of.position)
    return MeasuredReport(
        year=2027,
        quarter=quarter,
        revision=of.revision,
        position=of.position,
        unit=of.unit,
        sheet_register="2027-0003",
        is_late=is_late,
        rows=measured_rows(of, quarter, ROWS if rows is None else rows, {1: evidence}, scale=DEFAULT_SCALE, cap=CAP),
        scale=scale_facts(DEFAULT_SCALE, CAP),
        reported_by=replace(signed, on=DAY),
        verified_by=replace(signed, title="Plt. Kepala Bidang Pengadaan", on=DAY),
        office=office,
        proof=replace(prints.PROOF, register=register),
    )


def year(*reports: MeasuredReport, of: Paper = PAPER, position: str = "") -> MeasuredYear:
    found = {each.quarter: each for each in reports}
    states = {each: "Terverifikasi" if each in found else "Belum dilaporkan" for each in QUARTERS}
    facts = YearFacts(position or of.position, of.unit, of, "2027-0003", states, holder="Siti Rahmawati", code=position)
    return measured_year(facts, found, scale=DEFAULT_SCALE, cap=CAP)
