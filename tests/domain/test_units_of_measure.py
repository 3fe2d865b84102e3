"""A suggested satuan: certain, or none at all."""

import pytest

from iki_portal.domain.targets import UNIT_LIMIT
from iki_portal.domain.units_of_measure import SUGGESTIONS, suggest_unit


@pytest.mark.parametrize(
    ("indicator", "unit"),
    [
        ("Persentase ASN yang menerima SK pensiun", "%"),
        ("Jumlah Dokumen Hasil Pengelolaan Promosi ASN", "dokumen"),
        ("Jumlah Laporan Fasilitasi Kunjungan Tamu", "laporan"),
        ("Jumlah Paket Bahan /Material yang Disediakan", "paket"),
        ("Jumlah Unit Peralatan dan Mesin Lainnya yang Disediakan", "unit"),
        ("Jumlah Kendaraan Dinas Operasional atau Lapangan yang Dipelihara", "unit"),
        ("Jumlah Sarana dan Prasarana Gedung Kantor", "unit"),
        ("Jumlah Lembaga Profesi ASN yang Difasilitas", "lembaga"),
        ("Jumlah ASN yang Diberikan Penghargaan", "orang"),
        ("Jumlah Orang yang Menerima Gaji dan Tunjangan ASN", "orang/bulan"),
        ("Jumlah Orang yang Mengikuti Bimbingan", "orang"),
        ("  JUMLAH   dokumen:", "dokumen"),
        ("jumlah dokumen", "dokumen"),
    ],
)
def test_the_first_words_tell_the_unit(indicator: str, unit: str) -> None:
    assert suggest_unit(indicator) == unit


@pytest.mark.parametrize(
    "indicator",
    [
        "",
        "   ",
        "Jumlah",
        "Jumlah Pengelolaan Kenaikan Pangkat ASN",
        "Jumlah Unitas",
        "Hasil Koordinasi Penyusunan Dokumen DPA SKPD Jumlah Dokumen DPA-SKPD",
        "Meningkatnya Persentase Kehadiran",
        "Indeks Profesionalitas ASN",
    ],
)
def test_nothing_is_suggested_in_doubt(indicator: str) -> None:
    assert suggest_unit(indicator) is None


def test_no_suggestion_hides_behind_a_shorter_one_above_it() -> None:
    for index, (opening, _) in enumerate(SUGGESTIONS):
        assert not any(opening.startswith(above) for above, _ in SUGGESTIONS[:index])


def test_every_suggestion_fits_its_field() -> None:
    assert all(0 < len(unit) <= UNIT_LIMIT for _, unit in SUGGESTIONS)
