"""What documents print, for tests: papers of the office's document and a cast that signs them. No database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import Office, PrintedSheet, Proof, Signer
from iki_portal.imports.document import read_document_file
from iki_portal.paths import SEEDS

DAY = date(2026, 11, 24)
OFFICE = Office("PEMERINTAH KABUPATEN LUMAJANG", "BADAN KEPEGAWAIAN DAERAH", place="Lumajang")
CODE = "ACDE-FGHJ-KMNP"
PROOF = Proof("2027-0007", CODE, "ab12" * 16, 1234, "deadbeef" * 8, "https://iki.lumajang")
OFFICIAL = (
    "Persentase pegawai negeri sipil dan pegawai pemerintah dengan perjanjian kerja yang memperoleh fasilitasi penyusunan "
    "rencana kebutuhan, jenis dan jumlah jabatan untuk pelaksanaan pengadaan aparatur sipil negara di lingkungan Pemerintah "
    "Kabupaten"
)
HOSTILE = (
    '= #h1 *x* _y_ $z$ `q` <b>tebal</b> &amp; \\n @ref // c /* c */ ~ \'a\' "b" [x](y) #eval("1") =1+1 '
    "\u0001\u0000\u202e \u0627\u0644\u0633\u0644\u0627\u0645 \U0001f600"
)


def signer(title: str) -> Signer:
    return Signer("Dr. Rina Wulandari, S.Sos., M.Si.", title, "NIP 19850101 201001 2 001", "Pembina, IV/a", DAY)


def approved(paper: Paper, office: Office = OFFICE, proof: Proof | None = PROOF) -> PrintedSheet:
    owner, reviewer, approver = signer(paper.position), signer("Kepala Bidang Pengadaan"), signer("Sekretaris")
    return PrintedSheet(paper, office, owner, reviewer, approver, proof)


def paper(*statements: PaperStatement, position: str = "Analis Kepegawaian Muda", main_duty: str = "") -> Paper:
    return Paper(2027, 1, position.upper(), position, "Bidang Pengadaan", main_duty, (), (), statements)


def statement(number: int, text: str, *indicators: str) -> PaperStatement:
    return PaperStatement(None, number, text, tuple(indicator(each) for each in indicators))


def indicator(text: str) -> PaperIndicator:
    quarters = (Decimal(1),) * 4
    return PaperIndicator(None, text, text, text[:100], "dokumen", "maximize", "sum", Decimal(4), None, quarters)


@cache
def papers_of_the_office() -> tuple[Paper, ...]:
    """The 20 sheets of the document in `seeds/`, with a unit and a target in each row."""
    found = []
    for sheet in read_document_file(SEEDS / "iki-bkd-lumajang.md").sheets:
        rows = tuple(
            PaperStatement(
                None,
                row.number,
                row.text,
                tuple(replace(indicator(each.text), formula=each.formula, source=each.source) for each in row.indicators),
            )
            for row in sheet.statements
        )
        found.append(
            Paper(
                2027,
                1,
                sheet.heading,
                sheet.position,
                sheet.unit,
                sheet.main_duty,
                tuple(sheet.duties),
                tuple(sheet.functions),
                rows,
            )
        )
    return tuple(found)
