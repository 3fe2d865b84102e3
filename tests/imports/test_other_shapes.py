"""Documents of other offices: their columns, labels, targets and numbers; and no word of any document is dropped."""

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, UNIT_LIMIT, Aggregation, Polarity
from iki_portal.imports.columns import NAMES, Column, column_named, columns_of
from iki_portal.imports.document import (
    FindingKind,
    ReadDocument,
    ReadIndicator,
    ReadSheet,
    ReadStatement,
    Unread,
    UnreadableDocument,
    read_document,
)
from iki_portal.imports.table import number_in
from tests.imports.papers import without_lines

SEED = Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md"
TITLE = "INDIKATOR KINERJA INDIVIDU (IKI)\n"
HEADER = "NO\tSASARAN\tINDIKATOR\tFORMULASI\tSUMBER\tSATUAN\tTARGET"
ROW = "1\tMeningkatnya A\tJumlah A\tCacah A\tLaporan\tdokumen\t4"


def read(text: str) -> ReadDocument:
    return read_document(text.encode())


def only_sheet(text: str) -> ReadSheet:
    (sheet,) = read(text).sheets
    return sheet


def indicators(text: str) -> list[ReadIndicator]:
    return [one for statement in only_sheet(text).statements for one in statement.indicators]


def kinds(document: ReadDocument) -> set[FindingKind]:
    return {finding.kind for finding in document.findings}


def with_target(target: str, unit: str = "dokumen") -> ReadDocument:
    return read(f"{TITLE}ANALIS\n{HEADER}\n1\tA\tJumlah A\tCacah\tLaporan\t{unit}\t{target}")


# Columns


@pytest.mark.parametrize(("column", "name"), [(column, name) for column, names in NAMES.items() for name in names])
def test_every_name_of_the_table_names_its_column(column: Column, name: str) -> None:
    assert column_named(name) is column
    assert column_named(f"{name.title()}.") is column


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("TARGET 2027", Column.TARGET),
        ("Target Tahun 2027", Column.TARGET),
        ("Penjelasan/Formulasi Perhitungan", Column.FORMULA),
        ("Formula Penghitungan", Column.FORMULA),
        ("TW I", Column.QUARTER_1),
        ("TRIWULAN IV", Column.QUARTER_4),
        ("Target TW II", Column.QUARTER_2),
        ("Triwulan 3", Column.QUARTER_3),
        ("ANGGARAN", None),
        ("", None),
    ],
)
def test_a_column_is_known_by_its_name(name: str, column: Column | None) -> None:
    assert column_named(name) is column


def test_the_statement_is_what_stands_nearest_to_the_indicator() -> None:
    assert columns_of(("NO", "PROGRAM", "SASARAN", "INDIKATOR")) == (Column.NUMBER, None, Column.STATEMENT, Column.INDICATOR)


def test_sasaran_and_program_together_keep_both() -> None:
    document = read(f"{TITLE}ANALIS\nNO\tPROGRAM\tSASARAN\tINDIKATOR\n1\tProgram P\tSasaran S\tJumlah A")
    assert document.sheets[0].statements[0].text == "Sasaran S"
    assert document.unread == (Unread(4, "Program P", "kolom PROGRAM"),)
    assert FindingKind.COLUMN_DOUBLED in kinds(document)


def test_the_second_of_two_explanations_is_kept_apart() -> None:
    document = read(f"{TITLE}ANALIS\nSASARAN\tINDIKATOR\tPENJELASAN\tDEFINISI OPERASIONAL\nS\tJumlah A\tCacah\tDefinisi")
    assert document.sheets[0].statements[0].indicators[0].formula == "Cacah"
    assert document.unread == (Unread(4, "Definisi", "kolom DEFINISI OPERASIONAL"),)
    assert FindingKind.COLUMN_DOUBLED in kinds(document)


def test_of_two_targets_none_is_chosen() -> None:
    document = read(f"{TITLE}ANALIS\nSASARAN\tINDIKATOR\tTARGET 2026\tTARGET 2027\nS\tJumlah A\t3\t4")
    assert document.sheets[0].statements[0].indicators[0].target is None
    assert [(each.text, each.where) for each in document.unread] == [("3", "kolom TARGET 2026"), ("4", "kolom TARGET 2027")]


@pytest.mark.parametrize("word", ["TW ", "", "Triwulan ", "Target TW "])
def test_quarters_stand_under_a_wide_target(word: str) -> None:
    below = "\t".join(f"{word}{quarter}" for quarter in ("I", "II", "III", "IV"))
    counted = "\t".join(f"({number})" for number in range(1, 9))
    header = f"NO\tSASARAN\tINDIKATOR\tSATUAN\tTARGET\t\t\t\n\t\t\t\t{below}\n{counted}"
    (one,) = indicators(f"{TITLE}ANALIS\n{header}\n1\tA\tB\tkali\t1\t\t2\t3,5")
    assert one.quarters == (1, None, 2, Decimal("3.5"))
    assert one.target is None


def test_a_wide_target_may_hold_the_year_and_a_column_nobody_knows() -> None:
    header = "NO\tSASARAN\tINDIKATOR\tTARGET\t\t\n\t\t\tSemester I\tTW IV\t2027"
    document = read(f"{TITLE}ANALIS\n{header}\n1\tA\tB\t5\t6\t7")
    (one,) = document.sheets[0].statements[0].indicators
    assert (one.target, one.quarters) == (7, (None, None, None, 6))
    assert document.unread == (Unread(4, "Semester I", "kepala tabel"), Unread(5, "5", "kolom TARGET Semester I"))


def test_polarity_and_aggregation_are_read_by_the_words_of_the_portal() -> None:
    header = f"{HEADER}\tPolaritas\tCara hitung tahunan"
    for polarity, aggregation in zip(Polarity, Aggregation, strict=False):
        words = f"{POLARITY_WORDS[polarity].upper()}\t{AGGREGATION_WORDS[aggregation]}"
        (one,) = indicators(f"{TITLE}ANALIS\n{header}\n{ROW}\t{words}")
        assert (one.polarity, one.aggregation) == (polarity, aggregation)
    document = read(f"{TITLE}ANALIS\n{header}\n{ROW}\tmaju\tmundur")
    assert {(each.text, each.where) for each in document.unread} == {
        ("maju", "kolom POLARITAS"),
        ("mundur", "kolom CARA HITUNG TAHUNAN"),
    }


# Targets


@pytest.mark.parametrize(
    ("written", "target", "upper"),
    [
        ("4", "4", None),
        ("1.234.567", "1234567", None),
        ("12,5", "12.5", None),
        ("80-90", "80", "90"),
        ("80 \u2013 90", "80", "90"),
        ("7 s.d. 8", "7", "8"),
        ("7,5 sampai dengan 8", "7.5", "8"),
        ("12 dokumen", "12", None),
        ("12 Dokumen", "12", None),
        ("0", "0", None),
    ],
)
def test_a_target_is_read(written: str, target: str, upper: str | None) -> None:
    (one,) = with_target(written).sheets[0].statements[0].indicators
    assert (one.target, one.target_upper, one.target_text) == (Decimal(target), upper and Decimal(upper), "")


@pytest.mark.parametrize(
    "written", ["baik", "\u2265 90%", "90-80", "12 laporan", "Rp 5.000.000", "1,23456", "80-90-100", "-", "1/2", "12 %%"]
)
def test_a_target_that_is_no_number_stays_a_text(written: str) -> None:
    document = with_target(written)
    (one,) = document.sheets[0].statements[0].indicators
    assert (one.target, one.target_upper, one.target_text) == (None, None, written)
    assert FindingKind.TARGET_NOT_NUMBER in kinds(document)


@pytest.mark.parametrize(("written", "understood"), [("4.25", "4.25"), ("1.234", "1234")])
def test_one_dot_is_told_with_what_was_understood(written: str, understood: str) -> None:
    document = with_target(written)
    assert document.sheets[0].statements[0].indicators[0].target == Decimal(understood)
    (told,) = [each for each in document.findings if each.kind is FindingKind.FIGURE_AMBIGUOUS]
    assert f"dipahami {understood.replace('.', ',')}." in told.message


@pytest.mark.parametrize(
    ("unit", "kept", "told"), [("", "%", True), ("%", "%", False), ("Persen", "Persen", False), ("kali", "kali", True)]
)
@pytest.mark.parametrize("written", ["100%", "100 %"])
def test_a_per_cent_sign_is_the_satuan_where_none_is_written(written: str, unit: str, kept: str, told: bool) -> None:
    document = with_target(written, unit)
    (one,) = document.sheets[0].statements[0].indicators
    assert (one.target, one.unit_of_measure) == (100, kept)
    assert (FindingKind.UNIT_FROM_TARGET in kinds(document)) is told


def test_a_range_of_per_cents_is_told() -> None:
    document = with_target("80-90%", "")
    (one,) = document.sheets[0].statements[0].indicators
    assert (one.target, one.target_upper, one.unit_of_measure) == (80, 90, "%")
    assert FindingKind.TARGET_RANGE in kinds(document)


def test_a_quarter_that_is_no_number_is_kept_apart() -> None:
    document = read(f"{TITLE}ANALIS\n{HEADER}\tTW I\n{ROW}\tbelum")
    assert document.unread == (Unread(4, "belum", "kolom TW I"),)
    assert document.sheets[0].statements[0].indicators[0].quarters == (None,) * 4


def test_a_satuan_that_no_sheet_can_hold_is_kept_apart() -> None:
    unit = "x" * (UNIT_LIMIT + 1)
    document = with_target("4", unit)
    assert document.unread == (Unread(4, unit, "kolom SATUAN"),)
    assert document.sheets[0].statements[0].indicators[0].unit_of_measure == ""


# Numbers and rows


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1", 1),
        ("2.", 2),
        ("2)", 2),
        ("(3)", 3),
        ("IV", 4),
        ("IX.", 9),
        ("XII", 12),
        ("1.2", 1),
        ("1.a", 1),
        ("satu", None),
        ("", None),
        ("V.I", None),
    ],
)
def test_a_number_may_be_written_in_many_ways(written: str, number: int | None) -> None:
    assert number_in(written) == number


@pytest.mark.parametrize(
    "second", ["1.2\t", "1.b\t", "b.\t", "\t", "1\tMeningkatnya A", "\tMeningkatnya A", "1\t"], ids=range(7)
)
def test_a_row_may_go_on_with_the_statement_above(second: str) -> None:
    text = f"{TITLE}ANALIS\n{HEADER}\n{ROW}\n{second}\tJumlah B\tCacah B\tLaporan\tdokumen\t5\n2\tC\tJumlah C\tC\tL\tkali\t1"
    statements = only_sheet(text).statements
    assert [(each.number, len(each.indicators)) for each in statements] == [(1, 2), (2, 1)]


def test_a_part_with_a_kinerja_of_its_own_is_a_statement() -> None:
    text = f"{TITLE}ANALIS\n{HEADER}\n{ROW}\n1.1\tMeningkatnya B\tJumlah B\tCacah B\tLaporan\tdokumen\t5"
    assert [each.text for each in only_sheet(text).statements] == ["Meningkatnya A", "Meningkatnya B"]


def test_a_number_that_is_none_is_kept_apart() -> None:
    document = read(f"{TITLE}ANALIS\n{HEADER}\n{ROW.replace('1', 'satu', 1)}")
    assert document.unread == (Unread(4, "satu", "kolom NO"),)


# Labels and titles


FACTS = "Nama : Budi Santoso\nNIP : 19850101 201001 1 001\nPangkat/Gol. Ruang : Penata, III/c\n"


def test_jabatan_names_the_post_and_unit_kerja_the_unit() -> None:
    text = (
        f"{TITLE}TAHUN 2027\n{FACTS}Jabatan : Perawat Ahli\nUnit Kerja : Puskesmas Sukodono\nTugas : merawat.\n{HEADER}\n{ROW}"
    )
    document = read(text)
    (sheet,) = document.sheets
    assert (sheet.heading, sheet.position, sheet.unit, sheet.main_duty) == (
        "",
        "Perawat Ahli",
        "Puskesmas Sukodono",
        "merawat.",
    )
    assert FindingKind.POST_IN_UNIT not in kinds(document)
    assert [(each.line, each.text) for each in document.unread] == [
        (2, "TAHUN 2027"),
        (3, "Nama : Budi Santoso"),
        (4, "NIP : 19850101 201001 1 001"),
        (5, "Pangkat/Gol. Ruang : Penata, III/c"),
    ]


def test_unit_organisasi_is_the_unit_or_stands_beside_a_smaller_one() -> None:
    text = f"{TITLE}Nama Jabatan : Perawat\nUnit Organisasi : Dinas Kesehatan\n{HEADER}\n{ROW}"
    assert only_sheet(text).unit == "Dinas Kesehatan"
    document = read(text.replace("Unit Organisasi", "Unit Kerja : Puskesmas\nUnit Organisasi"))
    assert document.sheets[0].unit == "Puskesmas"
    assert document.unread == (Unread(4, "Dinas Kesehatan", "Unit Organisasi"),)


@pytest.mark.parametrize("label", ["Tugas Pokok dan Fungsi", "Tugas Jabatan", "Tupoksi", "Tugas"])
def test_duties_may_be_called_and_counted_otherwise(label: str) -> None:
    sheet = only_sheet(f"{TITLE}Jabatan : Perawat\n{label} :\n1. merawat;\n2. mencatat.\n{HEADER}\n{ROW}")
    assert sheet.duties == ("merawat;", "mencatat.")


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("INDIKATOR KINERJA INDIVIDU", ""),
        ("INDIKATOR KINERJA INDIVIDU\n(IKI)", ""),
        ("INDIKATOR KINERJA INDIVIDU TAHUN 2027", ""),
        ("INDIKATOR KINERJA\nINDIVIDU", ""),
        ("INDIKATOR KINERJA\nINDIVIDU (IKI)\nTAHUN 2027", ""),
        ("INDIKATOR KINERJA INDIVIDU PERAWAT AHLI", "PERAWAT AHLI"),
        ("**INDIKATOR KINERJA INDIVIDU (IKI)**\nPERAWAT", "PERAWAT"),
    ],
)
def test_the_title_may_be_written_in_many_ways(title: str, heading: str) -> None:
    sheet = only_sheet(f"{title}\nJabatan : Perawat\n{HEADER}\n{ROW}")
    assert (sheet.heading, sheet.position, len(sheet.statements)) == (heading, "Perawat", 1)


def test_the_subject_of_a_decree_is_no_title() -> None:
    text = f"TENTANG\nINDIKATOR KINERJA INDIVIDU TAHUN 2027\n{TITLE}Jabatan : Perawat\n{HEADER}\n{ROW}"
    assert [(sheet.line, sheet.position) for sheet in read(text).sheets] == [(3, "Perawat")]


def test_a_sentence_is_no_title() -> None:
    with pytest.raises(UnreadableDocument, match="tidak memuat judul"):
        read(f"Indikator Kinerja Individu adalah ukuran.\n{HEADER}\n{ROW}")


def test_a_sign_block_with_jabatan_is_no_second_owner() -> None:
    text = f"{TITLE}Jabatan : Perawat\n{HEADER}\n{ROW}\nMengetahui,\nJabatan : Kepala Dinas\nNama : Siti"
    document = read(text)
    assert document.sheets[0].position == "Perawat"
    assert [each.text for each in document.unread] == ["Mengetahui,", "Jabatan : Kepala Dinas", "Nama : Siti"]


@pytest.mark.parametrize("more", [f"{HEADER}\n{ROW}", "Tugas : x"])
def test_a_second_jabatan_with_more_of_a_sheet_is_refused(more: str) -> None:
    with pytest.raises(UnreadableDocument, match="“Jabatan” muncul lagi"):
        read(f"{TITLE}Jabatan : Perawat\n{HEADER}\n{ROW}\nJabatan : Bidan\n{more}")


def test_a_column_may_name_the_posts() -> None:
    header = "Jabatan\tUnit Kerja\tNo\tKinerja\tIndikator"
    rows = "\n".join(
        (
            "Perawat\tPuskesmas\t1\tA\tJumlah A",
            "\t\t2\tB\tJumlah B",
            "Bidan\tPuskesmas\t1\tC\tJumlah C",
            "Bidan\tPuskesmas\t2\tD\tJumlah D",
            "Bidan\tPuskesmas\t1\tE\tJumlah E",
            "Dokter\tPuskesmas\t\t\t",
        )
    )
    document = read(f"{TITLE}{header}\n{rows}")
    found = [(sheet.position, sheet.unit, [each.text for each in sheet.statements]) for sheet in document.sheets]
    assert found == [
        ("Perawat", "Puskesmas", ["A", "B"]),
        ("Bidan", "Puskesmas", ["C", "D"]),
        ("Bidan", "Puskesmas", ["E"]),
    ]
    assert document.unread == (Unread(8, "Dokter Puskesmas", "kolom JABATAN"),)
    assert FindingKind.POST_WITHOUT_ROWS in kinds(document)


# Word, with merged cells


def word(rows: list[list[str]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> bytes:
    document = docx.Document()
    document.add_paragraph("INDIKATOR KINERJA INDIVIDU")
    facts = document.add_table(2, 2)
    for row, texts in zip(facts.rows, (("Nama", "Budi"), ("Jabatan", "Perawat")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("")
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for one, other in merged:
        table.cell(*one).merge(table.cell(*other))
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def test_a_word_table_of_another_office_is_read_with_its_merged_cells() -> None:
    rows = [
        ["NO", "SASARAN", "INDIKATOR", "SATUAN", "TARGET", "", "", "", "KETERANGAN"],
        ["", "", "", "", "TW I", "TW II", "TW III", "TW IV", ""],
        ["1", "Meningkatnya A", "Jumlah A", "kali", "1", "2", "3", "4", "penting"],
        ["", "", "Jumlah B", "%", "", "", "", "85%", ""],
    ]
    merged = [((0, 4), (0, 7)), ((2, 0), (3, 0)), ((2, 1), (3, 1)), *(((0, column), (1, column)) for column in (0, 1, 2, 3, 8))]
    document = read_document(word(rows, merged))
    (sheet,) = document.sheets
    (statement,) = sheet.statements
    assert (sheet.position, statement.number, statement.text) == ("Perawat", 1, "Meningkatnya A")
    assert [(one.text, one.unit_of_measure, one.quarters) for one in statement.indicators] == [
        ("Jumlah A", "kali", (1, 2, 3, 4)),
        ("Jumlah B", "%", (None, None, None, 85)),
    ]
    assert [(each.text, each.where) for each in document.unread] == [
        ("Nama : Budi", "di bawah judul"),
        ("penting", "kolom KETERANGAN"),
    ]


# Where it stands


def test_the_original_is_handed_back_line_by_line() -> None:
    text = f"KOP\n{TITLE}Jabatan : Perawat\n{HEADER}\n{ROW}\n\nMengetahui,\n\n{TITLE}Jabatan : Bidan\n{HEADER}\n{ROW}\n\n"
    document = read(text)
    assert document.lines == tuple(text.split("\n"))
    assert [(sheet.line, sheet.last_line) for sheet in document.sheets] == [(2, 7), (9, 12)]


def test_the_office_document_leaves_nothing_unread() -> None:
    document = read_document(SEED.read_bytes())
    assert document.unread == ()
    assert document.lines == tuple(SEED.read_text().split("\n"))
    starts = [sheet.line for sheet in document.sheets]
    assert all(sheet.last_line < after for sheet, after in zip(document.sheets, starts[1:], strict=False))


# No word is dropped


def words_of(document: ReadDocument) -> Counter[str]:
    texts = [each.text for each in document.unread]
    for sheet in document.sheets:
        texts += [sheet.heading, sheet.position, sheet.unit or "", sheet.main_duty, *sheet.duties, *sheet.functions]
        for statement in sheet.statements:
            texts.append(statement.text)
            for one in statement.indicators:
                texts += [one.text, one.formula, one.source, one.unit_of_measure, one.target_text]
    return Counter(re.findall(r"kata\d+", " ".join(texts)))


HEADERS = st.lists(
    st.sampled_from(
        (
            *("NO", "KINERJA", "SASARAN", "PROGRAM", "INDIKATOR", "FORMULA", "DEFINISI OPERASIONAL", "SUMBER", "SATUAN"),
            *("TARGET", "TARGET 2027", "TW I", "TW II", "POLARITAS", "JABATAN", "UNIT KERJA", "ANGGARAN", ""),
        )
    ),
    min_size=2,
    max_size=9,
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(["TITLE", "", "Unit Kerja : @", "Jabatan : @", "Unit Organisasi : @", "Tugas :", "Tugas Pokok : @"]),
        st.sampled_from(
            ["Fungsi :", "a. @", "1. @", "- @", "@ @", "Nama : @", "NIP @", "@\t@", "@\t@\t@", "| @ | @ |", "TW I\t@\t@"]
        ),
        HEADERS.map("\t".join),
        st.lists(st.sampled_from(["@", "@ @", "", "1", "2", "1.1"]), min_size=2, max_size=10).map("\t".join),
    ),
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_no_word_of_a_document_is_dropped(pieces: list[str]) -> None:
    """Each word is one of its own, so that none can stand for another."""
    text, count = "\n".join([TITLE, *pieces]).replace("TITLE\n", TITLE), 0
    while "@" in text:
        text = text.replace("@", f"kata{count} ", 1)
        count += 1
    try:
        document = read(text)
    except UnreadableDocument:
        return
    found = words_of(document)
    assert {f"kata{number}" for number in range(count)} - found.keys() == set(), document


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(len(SEED.read_text().split("\n")))))
def test_no_word_of_the_office_document_is_dropped_in_any_order(order: list[int]) -> None:
    lines = SEED.read_text().split("\n")
    text = "\n".join([TITLE, *(lines[place] for place in order[:120])])
    numbered = re.sub(r"(?<![A-Za-z.])[a-z]{5,}", lambda match: f"kata{match.start()}", text)
    try:
        document = read(numbered)
    except UnreadableDocument:
        return
    assert set(re.findall(r"kata\d+", numbered)) == words_of(document).keys()


# A sheet written and read


WORDS = st.lists(
    st.sampled_from(["Jumlah", "dokumen", "kinerja", "apatur", "Bidang", "100%", "(x)", "a/b", "non-ASN"]),
    min_size=1,
    max_size=6,
)
TEXTS = WORDS.map(" ".join)
INDICATORS = st.builds(
    ReadIndicator,
    text=TEXTS,
    formula=TEXTS,
    source=TEXTS,
    line=st.just(0),
    unit_of_measure=st.sampled_from(["", "dokumen", "%", "orang/bulan"]),
    target=st.one_of(st.none(), st.decimals(0, 999, places=1)),
)
STATEMENTS = st.lists(st.tuples(TEXTS, st.lists(INDICATORS, min_size=1, max_size=3)), min_size=1, max_size=4)
ITEMS = st.lists(TEXTS.map(lambda text: f"{text};"), max_size=5)


def written(sheet: ReadSheet, separator: str) -> str:
    """As the office's document has it, or with the pipes of Markdown."""
    rows = [["NO", "KINERJA", "INDIKATOR KINERJA", "PENJELASAN", "SUMBER DATA", "SATUAN", "TARGET"]]
    for statement in sheet.statements:
        for place, one in enumerate(statement.indicators):
            first = ["", ""] if place else [str(statement.number), statement.text]
            target = "" if one.target is None else f"{one.target:f}".replace(".", ",")
            rows.append([*first, one.text, one.formula, one.source, one.unit_of_measure, target])
    lines = ["**INDIKATOR KINERJA INDIVIDU (IKI)**", f"**{sheet.heading}**", "", f"Unit Kerja : {sheet.position}"]
    lines.append(f"Tugas Pokok : {sheet.main_duty}")
    for name, items in (("Uraian Tugas", sheet.duties), ("Fungsi", sheet.functions)):
        if items:
            lines += [f"{name} :", *(f"- {letter}. {item}" for letter, item in zip("abcdef", items, strict=False))]
    lines += [f"| {' | '.join(row)} |" if separator == "|" else "\t".join(row) for row in rows]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(STATEMENTS, ITEMS, ITEMS, TEXTS, st.sampled_from(["|", "\t"]))
def test_a_sheet_that_is_written_reads_the_same(
    rows: Any, duties: list[str], functions: list[str], main_duty: str, separator: str
) -> None:
    statements = tuple(ReadStatement(number, text, tuple(each), 0) for number, (text, each) in enumerate(rows, start=1))
    sheet = ReadSheet("ANALIS", "Kepala Bidang X", "Bidang X", main_duty, tuple(duties), tuple(functions), statements, 0, 0)
    document = read(written(sheet, separator))
    plain = [without_lines(each) for each in document.sheets]
    assert plain == [replace(sheet, statements=statements)]
    assert document.unread == ()
