"""The reference list: read as it is, or refused with the line."""

from pathlib import Path

import pytest

from iki_portal.domain.errors import Invalid
from iki_portal.domain.evidence import Evidence
from iki_portal.imports.reference import COLUMNS, LARGEST_LIST, ReferenceRow, read_reference, read_reference_file
from iki_portal.paths import REFERENCE

HEADER = "\t".join(COLUMNS)
ROW = "Jumlah Dokumen A\tDokumen\t\t5.03.02.2.01.0003\texact: national sub-kegiatan nomenclature"


def test_the_list_of_the_office_is_read_whole() -> None:
    rows = read_reference_file(REFERENCE)
    assert len(rows) == 65, "65 indicators: one has no evidence, one was seen with two units"
    assert sum(bool(row.sub_kegiatan_code) for row in rows) == 12
    assert {row.unit_of_measure for row in rows} == {
        "%", "dokumen", "laporan", "lembaga", "orang", "orang/bulan", "paket", "unit",
    }  # fmt: skip
    two = [row.unit_of_measure for row in rows if row.text == "Jumlah Laporan Evaluasi Kinerja Perangkat Daerah"]
    assert two == ["laporan", "dokumen"]


def test_a_row_is_read_as_it_stands() -> None:
    row = ReferenceRow("Jumlah Dokumen A", "dokumen", "5.03.02.2.01.0003", Evidence.NATIONAL_EXACT)
    assert read_reference(f"\ufeff{HEADER}\r\n{ROW}\r\n".encode()) == [row]
    assert read_reference(f"{HEADER}\n\"A\t%\t\t\tnear: another kabupaten's strategic plan\n".encode()) == [
        ReferenceRow('"A', "%", "", Evidence.PLAN_NEAR)
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Baris 1"),
        (b"indikator\tsatuan\n", "Baris 1"),
        (b"\xff\xfe", "UTF-8"),
        (f"{HEADER}\nA\x00\t\t\t\tnone\n".encode(), "biner"),
        (f"{HEADER}\n{ROW}\nA\t%\n".encode(), "Baris 3: ada 2 kolom"),
        (f"{HEADER}\nA\t%\t\t\tkatanya\n".encode(), "Baris 2: bukti “katanya”"),
        (f"{HEADER}\n{'A' * 2001}\t%\t\t\tnone\n".encode(), "Baris 2: kolom indicator"),
        (f"{HEADER}\nA\t{'x' * 61}\t\t\tnone\n".encode(), "Baris 2: kolom unit_of_measure"),
        (f"{HEADER}\n{'A' * 200_000}\t%\t\t\tnone\n".encode(), "lebih panjang dari 2000"),
        (b"x" * (LARGEST_LIST + 1), "20 MB"),
    ],
)
def test_what_is_no_such_list_is_refused_with_its_line(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_reference(content)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "tidak-ada.tsv", tmp_path):
        with pytest.raises(Invalid, match="tidak dapat dibuka"):
            read_reference_file(path)
