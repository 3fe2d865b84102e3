"""The quality check: each rule on texts that it must see, must not see, and that lie just on this side of its border."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.domain import quality
from iki_portal.domain.quality import (
    RULES,
    Answer,
    Counts,
    Severity,
    counts_of,
    findings,
    operands,
    rules_page,
    same_words,
    text_key,
)
from iki_portal.imports.document import read_document_file
from iki_portal.paths import SEEDS

GOOD = PaperIndicator(
    id=7,
    text="Jumlah dokumen rencana kebutuhan ASN yang ditetapkan",
    formula="Banyaknya keputusan rencana kebutuhan yang ditandatangani Kepala Badan sampai 31 Desember, menurut buku register",
    source="Bidang Pengadaan",
    unit_of_measure="dokumen",
    polarity="maximize",
    aggregation="sum",
    target=Decimal(4),
    target_upper=None,
    quarters=(Decimal(1),) * 4,
)
SHARE = replace(
    GOOD,
    text="Persentase ASN yang menerima SK pensiun",
    formula="Jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun x 100%",
    unit_of_measure="%",
    aggregation="ratio",
    target=Decimal(100),
    quarters=(Decimal(100),) * 4,
)


def sheet(
    *indicators: PaperIndicator,
    text: str = "Meningkatnya kualitas perencanaan ASN",
    position: str = "Analis Kepegawaian Muda",
    heading: str = "ANALIS KEPEGAWAIAN MUDA",
    unit: str = "Bidang Pengadaan, Pemberhentian dan Informasi",
) -> Paper:
    return Paper(2027, 1, heading, position, unit, "", (), (), (PaperStatement(1, 1, text, indicators or (GOOD,)),))


def codes(paper: Paper) -> list[str]:
    return [each.rule.code for each in findings(paper)]


def test_good_rows_are_left_alone() -> None:
    assert codes(sheet(GOOD, SHARE)) == []


def test_on_the_untouched_document_each_of_the_69_formulas_is_reported_once() -> None:
    seen = [(place, each) for place, paper in enumerate(untouched()) for each in findings(paper) if each.rule.number == 1]
    rows = [(place, row.number, index) for place, paper in enumerate(untouched()) for row in paper.statements
            for index in range(1, len(row.indicators) + 1)]  # fmt: skip
    assert len(rows) == 69
    assert [(place, each.spot.statement_number, each.spot.indicator_index) for place, each in seen] == rows
    assert all(each.blocks for _, each in seen)


def test_the_document_s_known_traps_are_seen() -> None:
    seen = {(each.rule.code, each.place) for paper in untouched() for each in findings(paper)}
    assert ("M08", "Baris 4.1") in seen, "two phrases run together on the sheet of the Perencana"
    assert ("M12", "Lembar") in seen, "BIDANG PENGADAAN DAN MUTASI over Kepala Bidang Mutasi dan Promosi"
    words = [each.spot.message for paper in untouched() for each in findings(paper) if each.rule.code == "M13"]
    assert any("Fasilitas" in each for each in words)


def untouched() -> list[Paper]:
    empty = {"id": None, "unit_of_measure": "", "polarity": None, "aggregation": None, "target": None, "target_upper": None}
    return [
        Paper(
            2027, 1, each.heading, each.position, each.unit, each.main_duty, (), (),
            tuple(
                PaperStatement(None, row.number, row.text, tuple(
                    PaperIndicator(text=one.text, formula=one.formula, source=one.source, quarters=(None,) * 4, **empty)
                    for one in row.indicators
                ))
                for row in each.statements
            ),
        )
        for each in read_document_file(SEEDS / "iki-bkd-lumajang.md").sheets
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jumlah Dokumen Kegiatan Koordinasi", "jumlah dokumen kegiatan koordinasi.", True),
        ("Jumlah Dokumen Kegiatan Koordinasi", "Banyaknya dokumen dari kegiatan koordinasi", True),
        ("Persentase ASN yang menerima SK pensiun", "ASN menerima SK pensiun", True),
        ("Jumlah Dokumen Hasil Pengelolaan Sistem Informasi Kepegawaian Daerah Kabupaten",
         "Jumlah Dokumen Hasil Pengelolaan Sistem Informasi Kepegawaian Daerah Kabupatn", False),
        ("Dokumen Kegiatan Koordinasi dan Fasilitasi Pengadaan PNS serta Pegawai lain pada Tahun berjalan itu",
         "Dokumen Kegiatan Koordinasi dan Fasilitasi Pengadaan PNS serta Pegawai lainnya pada Tahun berjalan itu", True),
        ("Jumlah Dokumen Kegiatan Koordinasi", "Banyaknya dokumen kegiatan koordinasi yang ditandatangani Kabid", False),
        ("Jumlah", "jumlah", True),
        ("Jumlah", "Persentase", False),
        ("", "", False),
        (None, "Jumlah", False),
    ],
)  # fmt: skip
def test_what_counts_as_the_same_words(one: str | None, other: str, same: bool) -> None:
    assert same_words(one, other) is same
    assert same_words(other, one) is same


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("A selesai dibagi B seluruhnya x 100%", ("A selesai", "B seluruhnya")),
        ("(A selesai / B seluruhnya) × 100", ("A selesai", "B seluruhnya")),
        ("Jumlah ASN dilatih ÷ jumlah ASN", ("Jumlah ASN dilatih", "jumlah ASN")),
        ("Perbandingan A terhadap B", ("Perbandingan A", "B")),
        ("Dihitung dari dokumen yang selesai", None),
        ("", None),
        (None, None),
        ("x 100%", None),
    ],
)
def test_pembilang_and_penyebut_are_found(formula: str | None, found: tuple[str, str] | None) -> None:
    assert operands(formula) == found


#: Real indicators of the office, with a formula in fields.
PENSION = replace(
    SHARE,
    formula="Persentase ASN yang menerima SK pensiun.",
    numerator="jumlah ASN yang menerima SK pensiun",
    denominator="jumlah ASN yang mencapai batas usia pensiun",
    record="register SK pensiun",
)
PROCURED = replace(
    SHARE, text="Persentase pengadaan ASN yang dibutuhkan", formula="ASN yang diadakan menurut formasi", aggregation=None
)
LEADERS = replace(GOOD, text="Jumlah Dokumen Perencanaan Perangkat Daerah", unit_of_measure="dokumen")


SEEN = {
    "M01": [
        replace(LEADERS, formula="Jumlah Dokumen Perencanaan Perangkat Daerah"),
        replace(PENSION, denominator="", record=""),
        replace(PENSION, denominator="jumlah ASN yang …", record=""),
        replace(PENSION, numerator="  ", record="register SK pensiun"),
    ],
    "M02": [
        replace(PROCURED, numerator="jumlah ASN yang diadakan"),
        replace(SHARE, formula="Dihitung dari ASN yang sudah menerima keputusan"),
        replace(GOOD, aggregation="ratio", unit_of_measure="%"),
    ],
    "M03": [
        replace(SHARE, formula="Jumlah ASN pensiun dibagi jumlah ASN pensiun x 100%"),
        replace(PENSION, denominator="Jumlah ASN yang menerima SK Pensiun"),
    ],
    "M04": [replace(SHARE, unit_of_measure="dokumen"), replace(SHARE, text="Prosentase arsip SKP", unit_of_measure="Laporan")],
    "M05": [replace(GOOD, unit_of_measure="%"), replace(GOOD, text="Banyaknya laporan", unit_of_measure="persen")],
    "M06": [replace(GOOD, unit_of_measure="orang"), replace(GOOD, text="Jumlah ASN yang dilatih", unit_of_measure="Dokumen")],
    "M07": [replace(SHARE, target=Decimal("100.5")), replace(SHARE, quarters=(Decimal(120), None, None, Decimal(100)))],
    "M08": [replace(GOOD, text="Hasil Koordinasi Penyusunan Jumlah Dokumen DPA-SKPD")],
    "M13": [
        replace(GOOD, text="Jumlah dokumen penjurangan"),
        replace(GOOD, formula="Laporan disiplin apatur menurut register"),
    ],
    "M14": [replace(GOOD, text="JUMLAH DOKUMEN SELESAI"), replace(GOOD, formula="DIHITUNG DARI BUKU REGISTER")],
    "M15": [
        replace(SHARE, formula="Jumlah ASN … dibagi jumlah ASN yang mencapai batas usia pensiun"),
        replace(PENSION, denominator="jumlah ASN ..."),
        replace(PENSION, record="……"),
        replace(LEADERS, formula="Menurut register ........ sampai 31 Desember"),
    ],
    "M16": [
        replace(GOOD, baseline=Decimal(4)),
        replace(GOOD, baseline=Decimal("4.0001")),
        replace(GOOD, polarity="minimize", baseline=Decimal(3)),
        replace(SHARE, target=Decimal("99.9"), quarters=(Decimal("99.9"),) * 4, baseline=Decimal("99.9")),
        replace(SHARE, text="Persentase kenaikan pangkat", baseline=Decimal(100)),
    ],
    "M17": [
        replace(GOOD, target=Decimal(0), quarters=(Decimal(0), None, None, None), justification="Seleksi ditiadakan Kemenpan"),
        replace(GOOD, quarters=(Decimal(0), Decimal(4), None, None), justification="Triwulan I menunggu formasi"),
    ],
}
UNSEEN = {
    "M01": [
        PENSION,
        replace(PENSION, record=""),
        replace(LEADERS, formula=LEADERS.text, numerator="jumlah dokumen perencanaan", record="agenda Sub Bagian"),
    ],
    "M15": [
        PENSION,
        replace(GOOD, formula="Menurut agenda, register, dll.. sampai 31 Desember", text="Jumlah dokumen …"),
    ],
    "M16": [
        GOOD,
        replace(GOOD, baseline=Decimal("3.9999")),
        replace(GOOD, baseline=Decimal(9), target=None),
        replace(GOOD, polarity="minimize", baseline=Decimal(5)),
        replace(GOOD, polarity="minimize", target=Decimal(0), baseline=Decimal(0)),
        replace(SHARE, baseline=Decimal(100)),
        replace(GOOD, polarity="range", target_upper=Decimal(8), baseline=Decimal(5)),
        replace(GOOD, polarity=None, baseline=Decimal(4)),
    ],
    "M17": [
        replace(GOOD, target=Decimal(0), justification="  "),
        replace(GOOD, polarity="minimize", target=Decimal(0), justification="Tidak boleh ada pelanggaran"),
        replace(GOOD, justification="Alasan tanpa target nol"),
    ],
    "M02": [
        PENSION,
        replace(PROCURED, numerator="jumlah ASN yang diadakan", denominator="jumlah ASN yang dibutuhkan"),
        replace(SHARE, formula="Jumlah SK terbit / jumlah usul"),
        replace(GOOD, text="Jumlah persentase laporan"),
    ],
    "M03": [replace(SHARE, formula="Jumlah ASN pensiun dibagi jumlah ASN pensiun dan wafat")],
    "M04": [replace(SHARE, unit_of_measure="persen"), replace(SHARE, unit_of_measure="")],
    "M05": [replace(GOOD, unit_of_measure="Dokumen"), replace(SHARE, text="Tingkat kehadiran")],
    "M06": [replace(GOOD, unit_of_measure="Dokumen"), replace(GOOD, text="Nilai indeks", unit_of_measure="poin")],
    "M07": [
        SHARE,
        replace(SHARE, text="Persentase kenaikan pendapatan", target=Decimal(150)),
        replace(GOOD, target=Decimal(500)),
    ],
    "M08": [replace(GOOD, text="Jumlah dokumen dan jumlah laporan"), GOOD],
    "M13": [replace(GOOD, text="Jumlah dokumen pensiun dan penjenjangan")],
    "M14": [replace(GOOD, text="RKA SKPD"), replace(GOOD, text="Jumlah RKA-SKPD"), replace(GOOD, formula="2027")],
}


@pytest.mark.parametrize(("code", "indicator"), [(code, each) for code, rows in SEEN.items() for each in rows])
def test_a_rule_sees_its_row_and_says_where(code: str, indicator: PaperIndicator) -> None:
    seen = [each for each in findings(sheet(GOOD, indicator)) if each.rule.code == code]
    assert [each.place for each in seen] == ["Baris 1.2"]
    assert seen[0].spot.indicator_id == 7
    assert seen[0].message.endswith(seen[0].rule.remedy)


@pytest.mark.parametrize(("code", "indicator"), [(code, each) for code, rows in UNSEEN.items() for each in rows])
def test_a_rule_leaves_alone_what_is_right(code: str, indicator: PaperIndicator) -> None:
    assert code not in codes(sheet(indicator))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Melaksanakan koordinasi pengadaan", True),
        ("Penyusunan rencana kebutuhan", True),
        ("kegiatan rapat", True),
        ("Meningkatnya pelaksanaan koordinasi", False),
        ("Terlaksananya penyusunan rencana", False),
        ("Membaiknya mutu layanan", False),
        ("", False),
    ],
)
def test_a_statement_names_a_result_and_not_an_activity(text: str, seen: bool) -> None:
    assert ("M09" in codes(sheet(text=text))) is seen


@pytest.mark.parametrize(
    ("position", "rows", "seen"),
    [
        ("Kepala Bidang Mutasi dan Promosi", (GOOD, GOOD), True),
        ("Plt. Kepala Bidang Mutasi dan Promosi", (GOOD,), True),
        ("Kepala Bidang Mutasi dan Promosi", (GOOD, SHARE), False),
        ("Kepala Sub Bagian Umum", (GOOD,), False),
    ],
)
def test_a_kepala_bidang_does_not_only_count(position: str, rows: tuple[PaperIndicator, ...], seen: bool) -> None:
    assert ("M10" in codes(sheet(*rows, position=position))) is seen


def test_an_indicator_twice_on_a_sheet_is_seen_at_the_second() -> None:
    seen = [each for each in findings(sheet(GOOD, SHARE, replace(GOOD, text=GOOD.text.upper()))) if each.rule.code == "M11"]
    assert [(each.place, each.spot.message) for each in seen] == [("Baris 1.3", "Indikator ini sama dengan baris 1.1.")]


@pytest.mark.parametrize(
    ("heading", "position", "unit", "seen"),
    [
        ("BIDANG PENGADAAN DAN MUTASI", "Kepala Bidang Mutasi dan Promosi", "Bidang Mutasi dan Promosi", True),
        ("BIDANG MUTASI DAN PROMOSI", "Kepala Bidang Mutasi dan Promosi", "Bidang Mutasi dan Promosi", False),
        ("SUB BAGIAN UMUM", "Kepala Sub Bagian Umum dan Kepegawaian", "Sub Bagian Umum dan Kepegawaian", False),
        ("ANALIS KEPEGAWAIAN MUDA", "Perencana Muda", "Sekretariat", False),
    ],
)
def test_heading_and_post_agree(heading: str, position: str, unit: str, seen: bool) -> None:
    assert ("M12" in codes(sheet(SHARE, heading=heading, position=position, unit=unit))) is seen


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (replace(GOOD, baseline=Decimal(4)), "Target 4 sama dengan kondisi awal."),
        (replace(GOOD, baseline=Decimal("1234.5")), "Target 4 lebih rendah daripada kondisi awal 1.234,5."),
        (
            replace(GOOD, polarity="minimize", baseline=Decimal(3)),
            "Target 4 lebih tinggi daripada kondisi awal 3.",
        ),
    ],
)
def test_a_target_without_trend_shows_both_figures(row: PaperIndicator, message: str) -> None:
    assert [each.spot.message for each in findings(sheet(row))] == [message]


def test_a_blank_is_named_where_it_was_left() -> None:
    composed = replace(PENSION, formula="Jumlah … dibagi jumlah … × 100%.", numerator="jumlah …", record="…")
    (spot,) = (each.spot for each in findings(sheet(composed)) if each.rule.number == 15)
    assert spot.message == "Isian rumus masih kosong: ada titik-titik pada Yang dihitung (pembilang), Catatan asal."
    (spot,) = (each.spot for each in findings(sheet(replace(GOOD, formula="Menurut … 2027"))))
    assert spot.message == "Isian rumus masih kosong: ada titik-titik pada Penjelasan/formulasi."


def test_every_misspelt_word_of_a_row_is_one_finding() -> None:
    row = replace(GOOD, text="Jumlah Dokumen Penjurangan Apatur", source="apatur")
    (found,) = findings(sheet(row))
    assert found.spot.message == (
        "“Penjurangan” mungkin seharusnya “penjenjangan”; “Apatur” mungkin seharusnya “aparatur”; "
        "“apatur” mungkin seharusnya “aparatur”."
    )


APPRAISAL = "Jumlah Dokumen Hasil Pelaksanaan Penilaian dan Evaluasi Kinerja Aparatur"


@pytest.mark.parametrize(
    ("posts", "said"),
    [
        (("Perencana Muda",), "Perencana Muda"),
        (("A", "B"), "A dan B"),
        (("A", "B", "C"), "A, B dan C"),
        (("A", "B", "C", "D"), "A, B, C dan 1 lain"),
        (("A", "B", "C", "D", "E"), "A, B, C dan 2 lain"),
    ],
)
def test_the_same_indicator_on_other_sheets_is_told_with_the_posts(posts: tuple[str, ...], said: str) -> None:
    paper = sheet(GOOD, replace(GOOD, text=f"{APPRAISAL}."))
    (found,) = findings(paper, elsewhere={text_key(APPRAISAL.upper()): posts, text_key("Jumlah laporan"): ("Z",)})
    assert (found.rule.code, found.place) == ("M18", "Baris 1.2")
    assert found.spot.message == f"Indikator ini juga tercantum pada lembar {said}."


def test_an_indicator_without_words_stands_on_no_other_sheet() -> None:
    assert text_key(" –. ") == text_key("") == text_key(None) == ""
    assert codes(sheet(replace(GOOD, text="…"), text="Meningkatnya mutu")) == []


def test_what_is_allowed_elsewhere_is_told_and_not_counted_unless_it_blocks() -> None:
    around = {text_key(GOOD.text): ("Perencana Muda",)}
    assert counts_of(findings(sheet(GOOD), elsewhere=around)) == Counts()
    assert counts_of(findings(sheet(GOOD), elsewhere=around, severities={18: Severity.BLOCKS})) == Counts(blocking=1)


def test_only_blocking_rules_block() -> None:
    repeated = replace(GOOD, formula=GOOD.text)
    found = findings(sheet(repeated, replace(SHARE, unit_of_measure="dokumen")))
    assert [each.rule.code for each in found if each.blocks] == ["M01"]
    assert counts_of(found) == Counts(blocking=1, advising=1)
    assert {rule.number for rule in RULES if rule.severity is Severity.BLOCKS} == {1, 3, 15}
    assert all(rule.severity is not Severity.OFF for rule in RULES)


def test_the_year_sets_rules_off_softer_or_harder() -> None:
    paper = sheet(replace(GOOD, formula=GOOD.text, unit_of_measure="%"))
    assert [(each.rule.code, each.blocks) for each in findings(paper)] == [("M01", True), ("M05", False)]
    set_otherwise = {1: Severity.ADVISES, 5: Severity.BLOCKS}
    assert [(each.rule.code, each.blocks) for each in findings(paper, severities=set_otherwise)] == [
        ("M05", True),
        ("M01", False),
    ]
    assert findings(paper, severities=dict.fromkeys(range(1, 19), Severity.OFF)) == ()


def answer_to(found: quality.Finding) -> dict[tuple[int, str], Answer]:
    answer = Answer(found.spot.subject, "Satuan ini dipakai kantor", "Rina", datetime(2026, 11, 24, tzinfo=UTC))
    return {(found.rule.number, found.spot.place): answer}


def test_an_answer_covers_a_finding_for_as_long_as_it_says_the_same() -> None:
    row = replace(GOOD, unit_of_measure="orang")
    (found,) = findings(sheet(row))
    answers = answer_to(found)
    (answered,) = findings(sheet(replace(SHARE, id=8), row, text="Meningkatnya mutu"), answers=answers)
    assert (answered.place, answered.is_open, counts_of([answered])) == ("Baris 1.2", False, Counts())
    (changed,) = findings(sheet(replace(row, unit_of_measure="paket")), answers=answers)
    assert (changed.is_open, changed.answer, counts_of([changed])) == (True, None, Counts(advising=1))
    assert changed.key != found.key == answered.key


def test_an_answer_opens_no_gate() -> None:
    (found,) = findings(sheet(replace(GOOD, unit_of_measure="orang")))
    blocks = {6: Severity.BLOCKS}
    (blocking,) = findings(sheet(replace(GOOD, unit_of_measure="orang")), answers=answer_to(found), severities=blocks)
    assert (blocking.is_open, counts_of([blocking])) == (True, Counts(blocking=1))


def test_an_answer_to_the_same_indicator_elsewhere_stays_when_posts_come_and_go() -> None:
    (found,) = findings(sheet(GOOD), elsewhere={text_key(GOOD.text): ("A",)})
    (later,) = findings(sheet(GOOD), elsewhere={text_key(GOOD.text): ("B", "C")}, answers=answer_to(found))
    assert not later.is_open


def test_findings_stand_in_the_order_of_the_paper() -> None:
    bad = replace(GOOD, formula=GOOD.text, unit_of_measure="%")
    assert [each.place for each in findings(sheet(bad, bad, text="Menyusun"))][:3] == ["Kinerja 1", "Baris 1.1", "Baris 1.1"]


def test_numbers_are_given_once_and_the_page_names_every_rule() -> None:
    assert [rule.number for rule in RULES] == list(range(1, len(RULES) + 1))
    page = Path(quality.__file__).parents[2] / "docs" / "quality-rules.md"
    assert page.read_text() == rules_page(), "make rules"


any_rows = st.lists(
    st.builds(
        PaperIndicator,
        id=st.none(),
        text=st.text(),
        formula=st.text(),
        source=st.text(),
        unit_of_measure=st.text(max_size=5),
        polarity=st.none(),
        aggregation=st.sampled_from([None, "sum", "ratio"]),
        target=st.none() | st.decimals(-1e6, 1e6),
        target_upper=st.none(),
        quarters=st.tuples(*[st.none() | st.decimals(0, 500)] * 4),
        baseline=st.none() | st.decimals(-1e6, 1e6),
        justification=st.text(),
        numerator=st.text(),
        denominator=st.text(),
    ),
    max_size=4,
)


@given(any_rows, st.text(), st.text(), st.text())
def test_no_text_breaks_a_rule(rows: list[PaperIndicator], text: str, heading: str, position: str) -> None:
    numbered = [replace(row, id=number) for number, row in enumerate(rows, start=1)]
    elsewhere = {text_key(row.text): ("Perencana Muda",) for row in rows}
    found = findings(sheet(*numbered, text=text, heading=heading, position=position), elsewhere=elsewhere)
    for each in found:
        assert each.message.strip()
        assert each.place
    assert len({each.key for each in found}) == len(found) == len({(each.rule.number, each.spot.place) for each in found})


def test_five_thousand_sheets_take_less_than_five_seconds() -> None:
    papers = untouched()
    started = time.process_time()
    for _ in range(25):
        for paper in papers:
            findings(paper)
    assert (time.process_time() - started) * 10 < 5
