"""Rencana Aksi and Pengukuran Kinerja: the same facts in three forms, the same bytes for the same facts, nothing left out."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from iki_portal.documents import lkjip
from iki_portal.documents.action_plan import NOT_PLANNED, action_plan, action_plan_xlsx
from iki_portal.documents.cells import looks_like_formula
from iki_portal.documents.compositions import Composition, composed, composed_xlsx
from iki_portal.documents.compositions_pdf import SECTIONS_IN_A_PART, composed_pdf
from iki_portal.documents.lkjip import Lkjip
from iki_portal.documents.measured import report_of_copy, rows_content, scale_content
from iki_portal.documents.measured_year import MeasuredYear
from iki_portal.documents.measurement import quarter_document
from iki_portal.documents.measurement_tables import quarter_xlsx, year_xlsx
from iki_portal.documents.paper import canonical
from iki_portal.documents.printed import Signer
from iki_portal.documents.tables import TableDocument
from iki_portal.documents.tables_docx import table_docx
from iki_portal.documents.tables_pdf import table_pdf
from iki_portal.documents.year_measurement import year_document
from iki_portal.domain.realised import ReportedRow
from tests import measured, prints
from tests.documents.test_pdf import pages
from tests.measured import D

A4, F4 = (842, 595), (935, 609)


def words_of_docx(body: bytes) -> str:
    document = docx.Document(BytesIO(body))
    texts = [each.text for each in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            texts += [cell.text for cell in row.cells]
    return " ".join(" ".join(texts).split())


def cells_of_xlsx(body: bytes) -> list[list[object]]:
    found: list[list[object]] = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
    return found


def composition(*posts: MeasuredYear, quarter: int | None = 1) -> Composition:
    return Composition(
        year=2027,
        quarter=quarter,
        unit="Bidang Pengadaan",
        posts=posts,
        scale=posts[0].scale,
        signer=prints.signer("Plh. Kepala Bidang Pengadaan"),
        office=prints.OFFICE,
        on=measured.DAY,
        code=prints.CODE,
        address="https://iki.lumajang",
    )


def plan() -> TableDocument:
    return action_plan(prints.approved(prints.papers_of_the_office()[1]))


DOCUMENTS: dict[str, tuple[Callable[[], TableDocument], Callable[[], bytes]]] = {
    "plan": (plan, lambda: action_plan_xlsx(prints.approved(prints.papers_of_the_office()[1]))),
    "quarter": (lambda: quarter_document(measured.report()), lambda: quarter_xlsx(measured.report())),
    "year": (
        lambda: year_document(measured.year(measured.report())),
        lambda: year_xlsx(measured.year(measured.report())),
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_facts_give_the_same_bytes(name: str) -> None:
    document, workbook = DOCUMENTS[name]
    assert table_pdf(document()) == table_pdf(document())
    assert table_docx(document()) == table_docx(document())
    assert workbook() == workbook()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_pdf_is_for_the_archive_and_for_readers_without_pictures(name: str) -> None:
    body = table_pdf(DOCUMENTS[name][0]())
    assert b"pdfaid:part>2" in body
    assert b"pdfuaid:part>1" in body
    assert PdfReader(BytesIO(body)).trailer["/Root"]["/Lang"] == "id"


@pytest.mark.parametrize(("size", "points"), [("a4", A4), ("f4", F4)])
def test_pages_lie_across_on_the_paper_of_the_office(size: str, points: tuple[int, int]) -> None:
    office = replace(prints.OFFICE, page_size=size)
    page = PdfReader(BytesIO(table_pdf(quarter_document(measured.report(office=office))))).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == points
    section = docx.Document(BytesIO(table_docx(quarter_document(measured.report(office=office))))).sections[0]
    assert round(section.page_width.pt) == points[0]


def test_a_quarter_says_what_was_reached_how_and_by_whose_word() -> None:
    """Three forms, one set of facts: figures, explanation, evidence with its hash, both signatures, register and code."""
    said = [
        "Analis Kepegawaian Muda",
        "Bidang Pengadaan",
        "Meningkatnya fasilitasi pengadaan",
        "Jumlah dokumen",
        "2 / 1 × 100 = 200%, dihitung paling tinggi 120%",
        "75 / 80 × 100 = 93,75%",
        "Dua dokumen.",
        "Berkas terlambat.",
        "Surat pengingat.",
        "rekap triwulan.pdf",
        "https://sipd.example/rekap",
        "ab" * 32,
        "Plt. Kepala Bidang Pengadaan",
        "Dr. Rina Wulandari, S.Sos., M.Si.",
        "NIP 19850101 201001 2 001",
        "2027-TW1-0007",
        prints.CODE,
        "Sangat tinggi",
        "Permendagri 86/2017",
    ]
    document = quarter_document(measured.report())
    printed = " ".join(pages(table_pdf(document)))
    written = words_of_docx(table_docx(document))
    cells = " ".join(str(cell) for row in cells_of_xlsx(quarter_xlsx(measured.report())) for cell in row)
    for words in said:
        assert [words in " ".join(text.split()) for text in (printed, written, cells)] == [True] * 3, words
    assert "Yang melaporkan, Analis Kepegawaian Muda" in printed
    assert "Diverifikasi di Lumajang pada tanggal 12 April 2027" in printed


def test_figures_of_a_workbook_are_figures() -> None:
    heads, first, second, *_ = cells_of_xlsx(quarter_xlsx(measured.report()))
    row = dict(zip(heads, first, strict=True))
    assert [row[name] for name in ("Target triwulan", "Realisasi", "Capaian (%)", "Capaian dihitung (%)")] == [1, 2, 200, 120]
    row = dict(zip(heads, second, strict=True))
    assert [row[name] for name in ("Realisasi", "Pembilang", "Penyebut", "Capaian (%)")] == [75, 30, 40, 93.75]
    assert "Capaian triwulan" not in heads


def test_what_was_not_reported_is_said_and_never_nought() -> None:
    rows = {1: ReportedRow(obstacle="Tidak ada berkas yang masuk."), 2: measured.ROWS[2]}
    document = quarter_document(measured.report(rows=rows, evidence=()))
    text = " ".join(pages(table_pdf(document)))
    assert "Belum dilaporkan" in text
    assert "Tidak ada berkas yang masuk." in text
    assert "tidak ada berkas atau tautan yang dilampirkan" in text
    heads, first, *_ = cells_of_xlsx(quarter_xlsx(measured.report(rows=rows)))
    row = dict(zip(heads, first, strict=True))
    assert (row["Realisasi"], row["Capaian (%)"], row["Kategori"]) == ("", "", "Belum dilaporkan")


def test_a_late_report_says_so() -> None:
    assert "12 April 2027 (terlambat); diverifikasi" in " ".join(
        pages(table_pdf(quarter_document(measured.report(is_late=True))))
    )


def test_a_copy_holds_everything_that_is_printed() -> None:
    report = measured.report()
    signature = {
        "full_name": "Dr. Rina Wulandari, S.Sos., M.Si.",
        "kind": "pns",
        "identifier": "198501012010012001",
        "rank": "IV/a",
        "on": "2027-04-12",
    }
    copy = {
        "year": 2027,
        "quarter": 1,
        "revision": 1,
        "position": report.position,
        "unit": report.unit,
        "sheet_register": report.sheet_register,
        "content_hash": "",
        "is_late": False,
        "scale": scale_content(report.scale),
        "rows": rows_content(report.rows),
        "reported": {**signature, "title": report.reported_by.title},
        "verified": {**signature, "title": report.verified_by.title},
        "office": {"government": prints.OFFICE.government, "agency": prints.OFFICE.agency, "place": "Lumajang"},
        "portal_address": prints.PROOF.address,
        "register": report.proof.register,
        "code": report.proof.code,
    }
    assert canonical(copy) == canonical(copy)
    again = report_of_copy(copy, copy_hash=report.proof.copy_hash, history_number=1234, history_hash=report.proof.history_hash)
    assert table_pdf(quarter_document(again)) == table_pdf(quarter_document(report))


# The year


def test_the_year_adds_up_what_is_verified_and_names_what_is_not() -> None:
    year = measured.year(measured.report(1), measured.report(3))
    text = " ".join(pages(table_pdf(year_document(year))))
    assert "2 + 2 = 4" in text
    assert "(30 + 30) / (40 + 40) × 100 = 75%" in text, "a share of the year is of the sums"
    assert "Belum termasuk: Triwulan II belum dilaporkan, Triwulan IV belum dilaporkan" in text
    assert "2027-TW3-0007" in text
    heads, first, *_ = cells_of_xlsx(year_xlsx(year))
    row = dict(zip(heads, first, strict=True))
    assert [row[f"Realisasi Triwulan {each}"] for each in ("I", "II", "III", "IV")] == [2, "", 2, ""]
    assert (row["Realisasi tahun"], row["Capaian tahun (%)"], row["Kategori"]) == (4, 100, "Sangat tinggi (sementara)")
    whole = year_xlsx(measured.year(*(measured.report(each) for each in (1, 2, 3, 4))))
    assert "sementara" not in str(cells_of_xlsx(whole))


def test_a_revision_in_mid_year_keeps_quarters_against_their_targets_and_drops_no_row() -> None:
    former = measured.paper(measured.counted(1), measured.counted(2, "Jumlah rapat"))
    later = measured.paper(measured.counted(8, quarters=(D(2),) * 4), measured.counted(9, "Jumlah laporan"), revision=2)
    rows = {1: ReportedRow(value=D(1)), 2: ReportedRow(value=D(3))}
    year = measured.year(measured.report(1, rows, of=former), of=later)
    kept, new, gone = year.rows
    assert (kept.goal_of(1).target, kept.goal_of(2).target) == (1, 2)  # type: ignore[union-attr]
    assert (kept.value, new.value, gone.value) == (1, None, 3)
    assert (gone.indicator.text, gone.gone_since) == ("Jumlah rapat", 1)
    text = " ".join(pages(table_pdf(year_document(year))))
    assert "Jumlah rapat* dokumen 4 T 1 R 3 C 300% – – – 3" in text, "nothing is owed of a row that is no more"
    assert "tidak ada lagi pada perubahan ke-1" in text


def test_nothing_is_printed_of_a_year_without_a_verified_quarter() -> None:
    with pytest.raises(ValueError, match="nothing of the year is verified"):
        year_document(measured.year())


# Rencana Aksi


def test_an_action_plan_says_which_quarter_has_no_target() -> None:
    none, some = (None,) * 4, (None, D(1), None, D(1))
    of = measured.paper(measured.counted(1, quarters=some), measured.counted(2, "Jumlah rapat", quarters=none))
    sheet = prints.approved(of)
    text = " ".join(pages(table_pdf(action_plan(sheet))))
    assert "– : tidak ada target pada triwulan itu." in text
    assert text.count(NOT_PLANNED) >= 1 or "Target triwulan" in text
    heads, first, second, *_ = cells_of_xlsx(action_plan_xlsx(sheet))
    assert [dict(zip(heads, first, strict=True))[f"Target Triwulan {each}"] for each in ("I", "II")] == ["", 1]
    assert dict(zip(heads, second, strict=True))["Keterangan"] == NOT_PLANNED


def test_only_an_approved_sheet_has_an_action_plan() -> None:
    with pytest.raises(ValueError, match="only an approved sheet"):
        action_plan(replace(prints.approved(measured.PAPER), approved=None))


# Compositions


def test_a_composition_counts_and_leaves_nobody_out() -> None:
    reported, missing = measured.year(measured.report(1), position="Analis A"), measured.year(position="Analis B")
    made = composition(reported, missing)
    text = " ".join(pages(composed_pdf(composed(made))))
    for words in (
        "REKAPITULASI PENGUKURAN KINERJA INDIVIDU BIDANG PENGADAAN TRIWULAN I TAHUN 2027",
        "1 dari 2 laporan terverifikasi",
        "Analis B Siti Rahmawati Belum dilaporkan",
        "Plh. Kepala Bidang Pengadaan",
        "Kode ACDE-FGHJ-KMNP",
        "Persentase indikator yang berbeda tidak dirata-ratakan",
    ):
        assert words in text, words
    heads, *rows = cells_of_xlsx(composed_xlsx(made))
    of_b = [dict(zip(heads, row, strict=True)) for row in rows if row[1] == "Analis B"]
    assert [row["Keadaan laporan"] for row in of_b] == ["Belum dilaporkan"] * 2
    assert all(row["Realisasi"] == "" for row in of_b)


@pytest.mark.parametrize("quarter", [1, None])
def test_a_composition_of_many_goes_on_from_page_to_page(quarter: int | None) -> None:
    posts = [measured.year(measured.report(1), position=f"Analis {number}") for number in range(SECTIONS_IN_A_PART + 2)]
    told: list[int] = []
    body = composed_pdf(composed(composition(*posts, quarter=quarter)), progress=told.append)
    assert told == [SECTIONS_IN_A_PART, SECTIONS_IN_A_PART + 2]
    found = pages(body)
    assert [f"Halaman {number}" in text for number, text in enumerate(found, start=1)] == [True] * len(found)
    assert len(PdfReader(BytesIO(body)).outline) == 3
    assert b"portal-iki" in body


def test_a_vacant_post_leaves_its_line_open() -> None:
    made = replace(composition(measured.year(measured.report(1))), signer=Signer("(………………)", "Kepala Bidang Pengadaan"))
    assert "Kepala Bidang Pengadaan, (………………)" in " ".join(pages(composed_pdf(composed(made))))


def test_the_figures_of_the_yearly_report_stand_beside_the_year_before() -> None:
    this, before = measured.year(measured.report(1), measured.report(2)), measured.year(measured.report(1))
    made = replace(composition(this, quarter=None), without_sheet=("Analis Z",))
    report = Lkjip(made, [before])
    heads, first, *_ = cells_of_xlsx(lkjip.lkjip_xlsx(report))
    row = dict(zip(heads, first, strict=True))
    assert [row[name] for name in ("Target", "Realisasi", "Capaian (%)", "Capaian tahun lalu (%)")] == [4, 4, 100, 50]
    assert row["Selisih capaian (poin)"] == 50
    assert row["Triwulan terverifikasi"] == "I, II"
    assert "Triwulan I: Berkas terlambat." in str(row["Kendala"])
    said = "Tanpa lembar IKI yang berlaku, sehingga tidak diukur: Analis Z."
    assert said in str(cells_of_xlsx(lkjip.lkjip_xlsx(report)))
    text = words_of_docx(table_docx(lkjip.lkjip_document(report)))
    assert said in text
    assert "T 4 R 2 C 50%" in text
    heads, first, *_ = cells_of_xlsx(lkjip.lkjip_xlsx(Lkjip(composition(this, quarter=None), [None])))
    assert dict(zip(heads, first, strict=True))["Capaian tahun lalu (%)"] == ""


# Hostile and long texts


def test_hostile_text_prints_as_it_is_and_computes_nothing() -> None:
    words = f"{prints.HOSTILE}@SUM(1+1)"
    rows = {1: ReportedRow(value=D(1), note=words), 2: ReportedRow(numerator=D(1), denominator=D(1), note="=1+1")}
    hostile = replace(measured.FILE, name='=HYPERLINK("http://x").pdf')
    report = measured.report(rows=rows, evidence=(hostile,), of=measured.paper(measured.counted(1, "=1+1"), measured.share(2)))
    document = quarter_document(report)
    text = " ".join(pages(table_pdf(document)))
    assert "#eval(" in text
    assert "=HYPERLINK(" in text
    assert "<b>tebal</b>" in words_of_docx(table_docx(document))
    body = quarter_xlsx(report)
    inside = ZipFile(BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside
    assert looks_like_formula("=1+1")
    assert "=1+1" in [str(cell) for row in cells_of_xlsx(body) for cell in row]


def test_a_long_text_is_torn_and_nothing_of_it_is_lost() -> None:
    note = " ".join(f"kata{number}" for number in range(900))
    rows = {1: ReportedRow(value=D(1), note=note), 2: measured.ROWS[2]}
    document = quarter_document(measured.report(rows=rows))
    found = pages(table_pdf(document))
    assert len(found) > 1
    assert all(f"kata{number}" in " ".join(found) for number in (0, 450, 899))


def test_every_column_heading_of_a_docx_is_repeated_and_rows_stay_whole() -> None:
    body = table_docx(quarter_document(measured.report()))
    document = ZipFile(BytesIO(body)).read("word/document.xml").decode()
    rows = document.count("<w:tr>")
    assert document.count("<w:tblHeader/>") == 4
    assert document.count("<w:cantSplit/>") == rows
    footer = "".join(
        ZipFile(BytesIO(body)).read(name).decode() for name in ZipFile(BytesIO(body)).namelist() if "footer" in name
    )
    assert "Salinan untuk disunting dari laporan register 2027-TW1-0007" in footer
