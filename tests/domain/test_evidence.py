"""What is suggested by which evidence, and that nothing is suggested without."""

from dataclasses import replace

import pytest

from iki_portal.domain.evidence import SOURCE_WORDS, Evidence, Seen, codes_for, units_for
from iki_portal.domain.units_of_measure import in_lower_case

ASKED = "Jumlah Dokumen Hasil Mutasi"
SAME = Seen(ASKED, "dokumen", "", Evidence.SHEET, 1, 100, is_same_text=True)
LIKE = replace(SAME, text="Jumlah Dokumen Hasil Mutasi Jabatan", likeness=80, is_same_text=False)


def told(*seen: Seen, text: str = ASKED) -> list[tuple[str, str]]:
    return [(each.unit, each.evidence) for each in units_for(text, seen)]


def test_without_evidence_there_is_no_suggestion() -> None:
    assert units_for("Indeks Profesionalitas ASN", []) == ()
    assert codes_for([]) == ()
    assert codes_for([SAME, LIKE]) == ()


def test_the_first_words_speak_when_nothing_else_does() -> None:
    assert told() == [("dokumen", "Kata-kata pertama indikator.")]
    assert told(replace(LIKE, likeness=59, unit_of_measure="berkas")) == [("dokumen", "Kata-kata pertama indikator.")]
    written = replace(SAME, text="Indeks X", unit_of_measure="indeks", evidence=Evidence.RULE)
    assert told(written, text="Indeks X") == [("indeks", "Kata-kata pertama indikator.")]


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (Evidence.NATIONAL_EXACT, "Nomenklatur sub-kegiatan nasional, sama persis."),
        (Evidence.NATIONAL_NEAR, "Nomenklatur sub-kegiatan nasional, hampir sama."),
        (Evidence.PLAN_EXACT, "Rencana strategis kabupaten lain, sama persis."),
        (Evidence.PLAN_NEAR, "Rencana strategis kabupaten lain, hampir sama."),
        (Evidence.SHEET, "Lembar IKI yang ditetapkan."),
    ],
)
def test_each_evidence_is_said_in_the_words_of_the_screen(evidence: Evidence, sentence: str) -> None:
    assert told(replace(SAME, unit_of_measure="berkas", evidence=evidence)) == [("berkas", sentence)]


def test_every_evidence_has_words() -> None:
    assert SOURCE_WORDS.keys() == set(Evidence)


def test_the_same_text_silences_what_is_only_like_it() -> None:
    assert told(replace(LIKE, unit_of_measure="berkas"), SAME) == [("dokumen", "Lembar IKI yang ditetapkan.")]


def test_several_sources_of_one_unit_are_one_suggestion() -> None:
    national = replace(SAME, unit_of_measure="Dokumen", evidence=Evidence.NATIONAL_EXACT)
    assert told(replace(SAME, uses=3), national) == [
        ("Dokumen", "Nomenklatur sub-kegiatan nasional, sama persis; lembar IKI yang ditetapkan (3 kali).")
    ]


def test_evidence_that_contradicts_itself_is_shown_with_how_often() -> None:
    seen = [replace(SAME, uses=2, unit_of_measure="laporan"), replace(SAME, uses=5), replace(SAME, unit_of_measure="paket")]
    assert told(*seen) == [
        ("dokumen", "Lembar IKI yang ditetapkan (5 kali)."),
        ("laporan", "Lembar IKI yang ditetapkan (2 kali)."),
        ("paket", "Lembar IKI yang ditetapkan (1 kali)."),
    ]
    assert told(*seen[::-1]) == told(*seen)
    assert len(told(*seen, replace(SAME, unit_of_measure="orang"))) == 3


def test_the_stronger_evidence_stands_first_however_often_the_weaker_was_seen() -> None:
    seen = [replace(SAME, uses=9), replace(SAME, unit_of_measure="laporan", evidence=Evidence.NATIONAL_EXACT)]
    assert [unit for unit, _ in told(*seen)] == ["laporan", "dokumen"]


def test_an_indicator_like_it_speaks_only_when_it_counts_the_same_thing() -> None:
    assert told(replace(LIKE, unit_of_measure="berkas")) == [
        ("berkas", "Indikator serupa (80%), “Jumlah Dokumen Hasil Mutasi Jabatan”: lembar IKI yang ditetapkan.")
    ]
    reports = replace(LIKE, text="Jumlah Laporan Hasil Mutasi Jabatan", unit_of_measure="laporan")
    assert told(reports) == [("dokumen", "Kata-kata pertama indikator.")]


def test_similar_indicators_from_several_sources_are_counted_together_and_only_the_likest_is_quoted() -> None:
    national = replace(LIKE, evidence=Evidence.NATIONAL_EXACT)
    assert told(replace(LIKE, uses=3), national) == [
        (
            "dokumen",
            "Indikator serupa (80%), “Jumlah Dokumen Hasil Mutasi Jabatan”: nomenklatur sub-kegiatan nasional; "
            "4 kali pada semua indikator serupa.",
        )
    ]
    disputed = told(LIKE, replace(LIKE, unit_of_measure="berkas", likeness=70))
    assert [(unit, sentence.rsplit("; ", 1)[1]) for unit, sentence in disputed] == [
        ("dokumen", "1 kali pada semua indikator serupa."),
        ("berkas", "1 kali pada semua indikator serupa."),
    ]


def test_a_long_indicator_is_quoted_shortly() -> None:
    ((_, sentence),) = told(replace(LIKE, text="Jumlah Dokumen " + "panjang " * 200))
    assert len(sentence) < 200
    assert "panjang …”" in sentence


def test_a_code_needs_more_likeness_than_a_unit() -> None:
    national = replace(LIKE, sub_kegiatan_code="5.03.02.2.01.0003", evidence=Evidence.NATIONAL_EXACT)
    assert codes_for([replace(national, likeness=79)]) == ()
    (found,) = codes_for([national])
    assert found.code == "5.03.02.2.01.0003"
    assert found.evidence.startswith("Indikator serupa (80%), “Jumlah Dokumen")
    (exact,) = codes_for([national, replace(national, sub_kegiatan_code="5.03.02.2.01.0006", is_same_text=True, likeness=100)])
    assert (exact.code, exact.evidence) == ("5.03.02.2.01.0006", "Nomenklatur sub-kegiatan nasional, sama persis.")


@pytest.mark.parametrize(
    ("unit", "written"),
    [("Dokumen", "dokumen"), ("Orang/bulan", "orang/bulan"), ("%", "%"), ("SKPD", "SKPD"), ("", "")],
)
def test_units_are_written_as_the_office_writes_them(unit: str, written: str) -> None:
    assert in_lower_case(unit) == written
