"""Rows copied out of a spreadsheet: every cell lands where its column says, or the paste is refused with the reason."""

import pytest

from iki_portal.domain.errors import Invalid
from iki_portal.indicators.pasting import MOST_ROWS, PastedRow, pasted_rows


def test_without_headings_the_columns_are_those_of_the_paper() -> None:
    (row,) = pasted_rows("Meningkatnya layanan\tJumlah dokumen\tMenurut agenda\tBidang\tdokumen\t12\t3\t3\t3\t3")
    assert row.statement == "Meningkatnya layanan"
    assert row.cells == {
        "text": "Jumlah dokumen",
        "formula": "Menurut agenda",
        "source": "Bidang",
        "unit_of_measure": "dokumen",
        "target": "12",
        "quarter_1": "3",
        "quarter_2": "3",
        "quarter_3": "3",
        "quarter_4": "3",
    }


def test_a_first_column_of_numbers_is_no_and_an_empty_statement_continues() -> None:
    rows = pasted_rows("1.\tKinerja A\tIndikator A\r\n\t\tIndikator B\r\n2\tKinerja C\tIndikator C\r\n")
    assert [(row.statement, row.cells["text"]) for row in rows] == [
        ("Kinerja A", "Indikator A"),
        ("", "Indikator B"),
        ("Kinerja C", "Indikator C"),
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "Satuan\tIndikator Kinerja\tTW III\tTARGET\tPolaritas",
        "SATUAN\tINDIKATOR KINERJA INDIVIDU\tTarget Triwulan III\tTarget 2027\tPolaritas",
    ],
)
def test_headings_give_any_order(headings: str) -> None:
    (row,) = pasted_rows(f"{headings}\n%\tPersentase SK\t80\t95\tSemakin tinggi semakin baik")
    assert row == PastedRow(
        "", {"unit_of_measure": "%", "text": "Persentase SK", "quarter_3": "80", "target": "95", "polarity": "maximize"}
    )


def test_a_cell_with_a_line_break_stays_one_cell() -> None:
    (row,) = pasted_rows('Kinerja\t"Jumlah dokumen\nyang ""disahkan"""\tMenurut agenda')
    assert row.cells["text"] == 'Jumlah dokumen yang "disahkan"'


def test_a_quotation_mark_that_does_not_close_is_text() -> None:
    (row,) = pasted_rows('Kinerja\t"Jumlah dokumen')
    assert row.cells["text"] == '"Jumlah dokumen'


def test_one_column_holds_indicators() -> None:
    assert [row.cells for row in pasted_rows("Jumlah A\nJumlah B")] == [{"text": "Jumlah A"}, {"text": "Jumlah B"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Belum ada yang ditempel"),
        (" \t \n\t", "Belum ada yang ditempel"),
        ("Kinerja\tIndikator kinerja\tSatuan", "hanya berisi judul kolom"),
        ("Kinerja\tIndikator kinerja\tWarna\nA\tB\tmerah", "Kolom ke-3 (berisi “merah”) tidak dikenal"),
        ("\t".join("x" * 12), "Kolom ke-11"),
        ("Jumlah dokumen\n" * (MOST_ROWS + 1), f"{MOST_ROWS + 1} baris"),
        ("x" * 300_000, "terlalu panjang"),
    ],
)
def test_what_would_be_lost_is_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        pasted_rows(text)
    assert said in str(refusal.value)
