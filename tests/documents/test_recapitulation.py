"""The recapitulation and the e-Kinerja table: typed, the same every time, and nothing a spreadsheet could run."""

import csv
import io
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from python_calamine import CalamineWorkbook

from iki_portal.documents.cells import looks_like_formula
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import PrintedSheet, Proof, Signer
from iki_portal.documents.recapitulation import (
    COLUMNS,
    RecapSheet,
    aspect_of,
    e_kinerja_rows,
    e_kinerja_xlsx,
    recapitulation_csv,
    recapitulation_xlsx,
)

PAYLOADS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\uff1d1+1", " =1+1", "\ufeff=1"),
    *('=HYPERLINK("http://evil.example","klik")', "\u200b@SUM(1)", "\u00a0\uff0b1+1", "\ufe66 1", "=cmd|' /C calc'!A0"),
)
HONEST = ("-5 %", "-5", "+62 811", "1.234,5", "100%", "-1.234,5", "-", "12 dokumen", "a@bkd.go.id", "1-2 hari", "'kutip")
NUMBERS = (Decimal("12.5"), Decimal(-5), Decimal("1234567.0001"), Decimal(100), Decimal(0))


def indicator(text: str = "Jumlah dokumen", **changes: Any) -> PaperIndicator:
    values: dict[str, Any] = {
        "id": None,
        "formula": "Jumlah dokumen yang selesai",
        "source": "Sub Bagian Umum",
        "unit_of_measure": "dokumen",
        "polarity": "maximize",
        "aggregation": "sum",
        "target": Decimal(4),
        "target_upper": None,
        "quarters": (Decimal(1), None, Decimal(1), Decimal(2)),
    }
    return PaperIndicator(text=text, **(values | changes))


def printed(*statements: Sequence[PaperIndicator], **changes: Any) -> PrintedSheet:
    rows = tuple(PaperStatement(None, number, f"Kinerja {number}", tuple(row)) for number, row in enumerate(statements, 1))
    paper = Paper(2026, 2, "ANALIS", "Analis Kepegawaian Muda", "Bidang Mutasi", "", (), (), rows)
    return PrintedSheet(paper=paper, **changes)


def recap(sheet: PrintedSheet, **changes: str) -> RecapSheet:
    facts = {"code": "2.1", "position": "Analis", "unit": "Bidang Mutasi", "owner": "Siti", "state": "Ditetapkan"}
    return RecapSheet(sheet, **(facts | changes))


def approved() -> PrintedSheet:
    return printed(
        [indicator()],
        approved=Signer("Budi, S.H.", "Sekretaris", on=date(2026, 1, 5)),
        proof=Proof("800/1/2026", "ABCD", "0" * 64, 3, "0" * 64),
    )


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def xlsx_rows(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def workbook(*sheets: RecapSheet) -> bytes:
    return recapitulation_xlsx(sheets, year=2026, title="Rekapitulasi IKI 2026")


def test_a_row_of_csv_says_everything_the_office_asks_of_an_indicator() -> None:
    head, row = csv_rows(recapitulation_csv([recap(approved())], year=2026))
    assert head == [column.heading for column in COLUMNS]
    assert row == [
        *("2026", "2.1", "Analis", "Bidang Mutasi", "Siti", "Perubahan ke-1", "Ditetapkan", "1", "Kinerja 1", "1"),
        *("Jumlah dokumen", "Jumlah dokumen yang selesai", "Sub Bagian Umum", "dokumen"),
        *("Semakin tinggi semakin baik", "Jumlah", "4", "", "1", "", "1", "2", "800/1/2026", "Budi, S.H.", "2026-01-05"),
    ]


def test_csv_is_what_indonesian_excel_opens() -> None:
    content = recapitulation_csv([recap(printed([indicator(target=Decimal("1234567.50"))]))], year=2026)
    assert content.startswith(b"\xef\xbb\xbfTahun;Kode jabatan;")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert b";1234567,5;" in content


def test_the_workbook_holds_typed_cells() -> None:
    rows = xlsx_rows(workbook(recap(approved())))
    values = dict(zip(rows[0], rows[1], strict=True))
    assert (values["Tahun"], values["Target"], values["TW II"], values["TW IV"]) == (2026.0, 4.0, "", 2.0)
    assert values["Tanggal ditetapkan"] == date(2026, 1, 5)
    assert (values["Kode jabatan"], values["Nomor register"]) == ("2.1", "800/1/2026")


def test_the_workbook_is_ready_to_filter_and_to_print() -> None:
    content = workbook(recap(approved()))
    sheet, book = part(content, "xl/worksheets/sheet1.xml"), part(content, "xl/workbook.xml")
    assert '<autoFilter ref="A1:Y2"/>' in sheet
    assert 'state="frozen"' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "<oddHeader>&amp;LRekapitulasi IKI 2026</oddHeader>" in sheet
    assert "'Rekapitulasi 2026'!$1:$1" in book


def test_figures_show_up_to_four_decimals_and_no_trailing_zeros() -> None:
    figures = {Decimal("12.50"): "General", Decimal("33.3333"): "General", Decimal("1500000"): "#,##0"}
    for figure, wanted in (figures | {Decimal("1234.5"): "#,##0.0", Decimal("-1234567.0001"): "#,##0.0000"}).items():
        content = workbook(recap(printed([indicator(target=figure)])))
        found = re.search(r'<c r="Q2" s="(\d+)"><v>([^<]+)</v>', part(content, "xl/worksheets/sheet1.xml"))
        assert found is not None
        assert Decimal(found[2]) == figure
        styles = part(content, "xl/styles.xml")
        style = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])[int(found[1])]
        built_in = {"0": "General", "3": "#,##0"} | dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', styles))
        assert built_in[style] == wanted


def test_a_figure_too_long_for_a_number_of_excel_is_text() -> None:
    content = workbook(recap(printed([indicator(target=Decimal("9999999999999.1234"))])))
    assert xlsx_rows(content)[1][16] == "9999999999999,1234"


def test_the_same_sheets_give_the_same_bytes_on_any_day() -> None:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        first = workbook(recap(approved()))
    with time_machine.travel(datetime(2031, 7, 9, 11, 12, 13, tzinfo=UTC)):
        assert workbook(recap(approved())) == first


def test_nobody_is_missing_from_the_table() -> None:
    empty, bare = printed(), printed([])
    rows = csv_rows(recapitulation_csv([recap(empty, state="Draf"), recap(bare, state="Draf")], year=2026))[1:]
    assert [row[6:11] for row in rows] == [["Draf", "", "", "", ""], ["Draf", "1", "Kinerja 1", "", ""]]


def test_a_sheet_of_another_year_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2026"):
        recapitulation_csv([recap(approved())], year=2027)


# Formulas out (the bar: 0 live formulas, 0 damaged numbers)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula(payload: str) -> None:
    sheet = recap(printed([indicator(payload, unit_of_measure=payload)]), owner=payload)
    row = csv_rows(recapitulation_csv([sheet], year=2026))[1]
    assert [row[4], row[10], row[13]] == [f"'{payload}"] * 3
    for content in (workbook(sheet), e_kinerja_xlsx(sheet.sheet)):
        assert "<f" not in part(content, "xl/worksheets/sheet1.xml").replace("<formatCode", "")
        assert "hyperlink" not in part(content, "xl/worksheets/sheet1.xml")
        assert payload in [cell for line in xlsx_rows(content) for cell in line]


@pytest.mark.parametrize("value", HONEST)
def test_honest_text_stays_as_it_is(value: str) -> None:
    assert not looks_like_formula(value)
    sheet = recap(printed([indicator(value)]))
    assert csv_rows(recapitulation_csv([sheet], year=2026))[1][10] == value
    assert xlsx_rows(workbook(sheet))[1][10] == value


@pytest.mark.parametrize("number", NUMBERS)
def test_figures_stay_figures(number: Decimal) -> None:
    sheet = recap(printed([indicator(target=number)]))
    written = csv_rows(recapitulation_csv([sheet], year=2026))[1][16]
    assert Decimal(written.replace(",", ".")) == number
    assert Decimal(repr(xlsx_rows(workbook(sheet))[1][16])) == number


@pytest.mark.parametrize(
    "text", ["<r><t>x</t></r>", "<r></si></sst>", "<r><t>&evil;</t></r>", "<r>\x01 _x0041_</r>", "<r></r>"]
)
def test_markup_in_a_text_is_text(text: str) -> None:
    assert xlsx_rows(workbook(recap(printed([indicator(text)]))))[1][10] == text


def test_what_no_file_can_hold_is_replaced() -> None:
    sheet = recap(printed([indicator("a\ud800b\uffffc")]))
    assert csv_rows(recapitulation_csv([sheet], year=2026))[1][10] == "a\ufffdb\ufffdc"
    assert xlsx_rows(workbook(sheet))[1][10] == "a\ufffdb\ufffdc"


@pytest.mark.skipif(shutil.which("localc") is None, reason="no LibreOffice Calc here")
def test_libreoffice_computes_nothing(tmp_path: Path) -> None:
    sheets = [recap(printed([indicator(text) for text in (*PAYLOADS, *HONEST)]))]
    (tmp_path / "rekap.xlsx").write_bytes(workbook(*sheets))
    convert = ["soffice", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):59,34,76", "--outdir", tmp_path]
    subprocess.run([*convert, tmp_path / "rekap.xlsx"], check=True, timeout=120)
    opened = csv_rows((tmp_path / "rekap.csv").read_bytes())
    assert [row[10].strip() for row in opened[1:]] == [text.strip() for text in (*PAYLOADS, *HONEST)]


# e-Kinerja


@pytest.mark.parametrize(
    ("unit", "aspect"),
    [
        *(("%", "Kualitas"), (" Persen", "Kualitas"), ("Hari", "Waktu"), ("hari  kerja", "Waktu"), ("bulan", "Waktu")),
        *(("dokumen", "Kuantitas"), ("orang/bulan", "Kuantitas"), ("", ""), (" ", "")),
    ],
)
def test_the_aspect_follows_from_the_unit_alone(unit: str, aspect: str) -> None:
    assert aspect_of(unit) == aspect


def test_e_kinerja_gets_complete_rows() -> None:
    share = indicator("Persentase layanan", unit_of_measure="%", polarity="range", target=Decimal(80), target_upper=Decimal(90))
    sheet = printed([indicator(target=Decimal("12.5")), share])
    assert [(row.plan, row.aspect, row.target_text) for row in e_kinerja_rows(sheet)] == [
        ("Kinerja 1", "Kuantitas", "12,5"),
        ("Kinerja 1", "Kualitas", "80–90"),
    ]
    assert xlsx_rows(e_kinerja_xlsx(sheet)) == [
        ["Rencana hasil kerja", "Aspek", "Indikator kinerja individu", "Target", "Satuan"],
        ["Kinerja 1", "Kuantitas", "Jumlah dokumen", 12.5, "dokumen"],
        ["Kinerja 1", "Kualitas", "Persentase layanan", "80–90", "%"],
    ]


def test_an_upper_bound_left_over_from_a_range_is_not_printed() -> None:
    (row,) = e_kinerja_rows(printed([indicator(target_upper=Decimal(9))]))
    assert row.target_text == "4"


def test_an_empty_sheet_gives_the_headings() -> None:
    assert len(xlsx_rows(e_kinerja_xlsx(printed()))) == 1


def test_a_thousand_sheets_are_written_in_a_moment() -> None:
    sheets = [recap(printed(*([indicator(f"Jumlah dokumen {number}-{row}")] for row in range(3)))) for number in range(1000)]
    begin = time.process_time()
    content = workbook(*sheets)
    assert time.process_time() - begin < 3
    assert part(content, "xl/worksheets/sheet1.xml").count("<row ") == 3001
