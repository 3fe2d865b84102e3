"""Formulas in fields: the printed sentence, who keeps the last word, and proposals from the words of an indicator."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.formulas import BLANK, composed, lower_first, printed_formula, proposal
from iki_portal.domain.quality import operands
from iki_portal.imports.document import read_document_file

SEED = Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md"
PENSION = "Persentase ASN yang menerima SK pensiun"


@dataclass(frozen=True)
class Row:
    text: str = PENSION
    formula: str = ""
    unit_of_measure: str = "%"
    numerator: str = "jumlah ASN yang menerima SK pensiun"
    denominator: str = "jumlah ASN yang mencapai batas usia pensiun"
    population: str = ""
    record: str = ""
    cut_off: str = ""


FULL = Row(population="ASN Kabupaten Lumajang", record="Register SK pensiun", cut_off="31 Desember 2027")
COUNT = Row("Jumlah Dokumen", unit_of_measure="dokumen", numerator="jumlah dokumen", denominator="", record="agenda surat")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Row(), "Jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun × 100%."),
        (
            FULL,
            "Jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun × 100%, meliputi ASN"
            " Kabupaten Lumajang, menurut register SK pensiun, sampai dengan 31 Desember 2027.",
        ),
        (COUNT, "Jumlah dokumen, menurut agenda surat."),
        (replace(COUNT, cut_off="setiap akhir triwulan"), "Jumlah dokumen, menurut agenda surat, setiap akhir triwulan."),
        (replace(Row(), unit_of_measure="hari", numerator="hari kerja.", denominator="Berkas; "), "Hari kerja dibagi berkas."),
        (replace(Row(), numerator="  "), ""),
        (replace(COUNT, record="SIASN"), "Jumlah dokumen, menurut SIASN."),
    ],
)
def test_the_sentence_is_composed_from_the_fields(row: Row, sentence: str) -> None:
    assert composed(row) == sentence


def test_what_the_quality_check_reads_in_a_composed_ratio_are_its_operands() -> None:
    assert operands(composed(Row())) == ("Jumlah ASN yang menerima SK pensiun", "jumlah ASN yang mencapai batas usia pensiun")


OWN = "Dihitung dari SK yang terbit dibagi usulan yang lengkap"


@pytest.mark.parametrize(
    ("row", "before", "printed"),
    [
        # never written: composed
        (Row(), None, composed(Row())),
        # only repeated the indicator, as all 69 of the office's document do: composed
        (Row(formula=PENSION), Row(formula=PENSION, numerator="", denominator=""), composed(Row())),
        # followed its fields, and goes on following
        (replace(FULL, formula=composed(Row())), replace(Row(), formula=composed(Row())), composed(FULL)),
        # written by somebody: stays, whatever the fields say
        (replace(FULL, formula=OWN), replace(Row(), formula=OWN), OWN),
        (replace(FULL, formula=OWN), None, OWN),
        # emptied on purpose: follows again
        (Row(formula=""), Row(formula=OWN), composed(Row())),
        # fields emptied: the last text stays, nobody loses it
        (replace(Row(), numerator="", formula=composed(Row())), replace(Row(), formula=composed(Row())), composed(Row())),
        # no fields at all
        (Row(formula=OWN, numerator="", denominator=""), None, OWN),
        (Row(numerator="", denominator=""), None, ""),
    ],
)
def test_a_text_of_ones_own_is_never_overwritten(row: Row, before: Row | None, printed: str) -> None:
    assert printed_formula(row, before) == printed


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator"),
    [
        (PENSION, "jumlah ASN yang menerima SK pensiun", "jumlah ASN yang mencapai batas usia pensiun …"),
        (
            "Persentase ASN yang mendapatkan penghargaan",
            "jumlah ASN yang mendapatkan penghargaan",
            "jumlah ASN yang berhak mendapatkan penghargaan …",
        ),
        (
            "Persentase ASN yang terfasilitasi Dokumen Kepegawaian",
            "jumlah ASN yang terfasilitasi Dokumen Kepegawaian",
            "jumlah ASN yang mengajukan Dokumen Kepegawaian …",
        ),
        ("Persentase pengadaan ASN yang dibutuhkan", "jumlah ASN yang diadakan", "jumlah ASN yang dibutuhkan …"),
        (
            "Persentase Sistem Informasi yang dikelola",
            "jumlah Sistem Informasi yang dikelola",
            "jumlah seluruh Sistem Informasi …",
        ),
        (
            "Persentase Dokumen Penataan Karier sesuai dengan Persyaratan Jabatan",
            "jumlah Dokumen Penataan Karier yang sesuai dengan Persyaratan Jabatan",
            "jumlah seluruh Dokumen Penataan Karier …",
        ),
        (
            "Persentase penyelesaian dokumen Disiplin ASN",
            "jumlah dokumen Disiplin ASN yang diselesaikan",
            "jumlah dokumen Disiplin ASN yang harus diselesaikan …",
        ),
        (
            "Persentase Fasilitasi Pengadaan Barang Milik Daerah",
            "jumlah … Pengadaan Barang Milik Daerah yang difasilitasi",
            "jumlah … Pengadaan Barang Milik Daerah yang direncanakan …",
        ),
        ("PERSENTASE Arsip dokumen SKP.", "jumlah arsip dokumen SKP yang …", "jumlah seluruh arsip dokumen SKP …"),
        ("Jumlah Dokumen Perencanaan Perangkat Daerah", "jumlah Dokumen Perencanaan Perangkat Daerah", ""),
        ("Jumlah ASN yang Diberikan Penghargaan", "jumlah ASN yang Diberikan Penghargaan", ""),
    ],
)
def test_the_operands_follow_from_the_words(indicator: str, numerator: str, denominator: str) -> None:
    found = proposal(indicator, year=2027)
    assert found is not None
    assert (found.numerator, found.denominator) == (numerator, denominator)
    assert found.cut_off == "31 Desember 2027"


@pytest.mark.parametrize(
    "indicator", ["", "Persentase", "Jumlah ", "Indeks Profesionalitas ASN", "Hasil Koordinasi Jumlah Dokumen"]
)
def test_other_words_get_no_proposal(indicator: str) -> None:
    assert proposal(indicator, year=2027) is None


def test_every_indicator_of_the_office_but_one_gets_a_proposal_with_a_blank_and_without_a_figure() -> None:
    sheets = read_document_file(SEED).sheets
    texts = [each.text for sheet in sheets for statement in sheet.statements for each in statement.indicators]
    proposals = [proposal(text, year=2027) for text in texts]
    assert len(texts) == 69
    assert [text for text, found in zip(texts, proposals, strict=True) if found is None] == [
        next(text for text in texts if text.startswith("Hasil Koordinasi"))
    ]
    for found in filter(None, proposals):
        assert BLANK in f"{found.numerator}{found.denominator}{found.record}"
        assert not re.search(r"\d", f"{found.numerator}{found.denominator}{found.record}".replace("2027", ""))


def test_a_share_divides_two_different_counts() -> None:
    for text in ("Persentase A yang B", "Persentase A", "Persentase penyelesaian A", "Persentase A sesuai B"):
        found = proposal(text, year=2027)
        assert found is not None
        assert found.numerator != found.denominator


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("Dokumen Hasil", "Dokumen Hasil"),
        ("Register SK pensiun", "register SK pensiun"),
        ("ASN yang", "ASN yang"),
        ("A", "A"),
        ("", ""),
        ("e-Kinerja", "e-Kinerja"),
    ],
)
def test_only_an_ordinary_first_word_is_lowered(text: str, lowered: str) -> None:
    assert lower_first(text) == lowered


@given(st.text(max_size=200), st.integers(2000, 2100))
def test_no_words_break_the_writer(text: str, year: int) -> None:
    found = proposal(text, year=year)
    assert found is None or found.numerator.startswith("jumlah ")
