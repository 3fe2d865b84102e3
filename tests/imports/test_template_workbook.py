"""The portal's template filled in and read back, workbooks of other offices, and workbooks that are refused."""

import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity
from iki_portal.imports.document import FindingKind, ReadDocument, Unread, UnreadableDocument, read_document
from iki_portal.imports.template import COLUMNS, INSTRUCTIONS, INSTRUCTIONS_TAB, TAB, TemplatePost, template_xlsx

POSTS = (TemplatePost("Perawat Ahli", "Puskesmas Sukodono"), TemplatePost("Bidan", "Puskesmas Sukodono"))
TEXT_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def book(fill: Callable[[Any, Any], None], name: str = "Sheet1") -> bytes:
    target = BytesIO()
    made = xlsxwriter.Workbook(target, TEXT_OPTIONS)
    fill(made, made.add_worksheet(name))
    made.close()
    return target.getvalue()


def tables(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    target = BytesIO()
    made = xlsxwriter.Workbook(target, TEXT_OPTIONS)
    for name, rows in sheets:
        worksheet = made.add_worksheet(name)
        for number, row in enumerate(rows):
            worksheet.write_row(number, 0, row)
    made.close()
    return target.getvalue()


def filled(*rows: dict[str, str]) -> bytes:
    """The template with these rows below its headings, as somebody fills it in."""
    return tables((TAB, [list(COLUMNS), *([row.get(heading, "") for heading in COLUMNS] for row in rows)]))


def row(**cells: str) -> dict[str, str]:
    return {
        "No": "1",
        "Kinerja": "Meningkatnya A",
        "Indikator kinerja": "Jumlah A",
        "Satuan": "kali",
        "Target": "4",
        **{name.replace("_", " "): text for name, text in cells.items()},
    }


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read_document(content)
    return str(refused.value)


def kinds(document: ReadDocument) -> set[FindingKind]:
    return {finding.kind for finding in document.findings}


# The template


def test_the_template_has_its_columns_a_row_for_each_post_and_instructions() -> None:
    opened = CalamineWorkbook.from_filelike(BytesIO(template_xlsx(POSTS)))
    assert opened.sheet_names == [TAB, INSTRUCTIONS_TAB]
    rows = opened.get_sheet_by_name(TAB).to_python()
    assert rows[0] == list(COLUMNS)
    assert [each[:2] for each in rows[1:]] == [[post.position, post.unit] for post in POSTS]
    assert [cell for (cell,) in opened.get_sheet_by_name(INSTRUCTIONS_TAB).to_python()] == list(INSTRUCTIONS)


def test_an_empty_template_is_refused_with_the_reason() -> None:
    assert "Tidak ada baris kinerja" in refusal(template_xlsx(POSTS))
    assert "Tidak ada baris kinerja" in refusal(template_xlsx(()))


def test_a_filled_row_of_the_template_is_read_to_its_last_column() -> None:
    cells = {
        "Jabatan": "Perawat",
        "Unit kerja": "Puskesmas",
        "No": "1",
        "Kinerja": "Meningkatnya A",
        "Indikator kinerja": "Jumlah A",
        "Penjelasan/formulasi": "Cacah A",
        "Sumber data": "Laporan",
        "Satuan": "kali",
        "Polaritas": POLARITY_WORDS[Polarity.MINIMIZE],
        "Cara hitung tahunan": AGGREGATION_WORDS[Aggregation.SUM],
        "Target": "1.234,5",
        "TW I": "1",
        "TW II": "",
        "TW III": "0",
        "TW IV": "1.233,5",
    }
    document = read_document(filled(cells))
    (sheet,) = document.sheets
    (statement,) = sheet.statements
    (one,) = statement.indicators
    assert (sheet.position, sheet.unit, statement.number, statement.text) == ("Perawat", "Puskesmas", 1, "Meningkatnya A")
    assert (one.text, one.formula, one.source, one.unit_of_measure) == ("Jumlah A", "Cacah A", "Laporan", "kali")
    assert (one.polarity, one.aggregation, one.target) == (Polarity.MINIMIZE, Aggregation.SUM, Decimal("1234.5"))
    assert one.quarters == (1, None, 0, Decimal("1233.5"))
    assert (sheet.line, one.line, document.unread) == (1, 2, ())


def test_posts_follow_each_other_and_rows_below_belong_to_the_post_above() -> None:
    document = read_document(
        filled(
            row(Jabatan="Perawat", Unit_kerja="Puskesmas"),
            row(No="", Kinerja="", Indikator_kinerja="Jumlah B"),
            row(Jabatan="Bidan", Unit_kerja="Puskesmas"),
            {"Jabatan": "Dokter", "Unit kerja": "Puskesmas"},
        )
    )
    assert [(each.position, len(each.statements), len(each.statements[0].indicators)) for each in document.sheets] == [
        ("Perawat", 1, 2),
        ("Bidan", 1, 1),
    ]
    assert document.unread == (Unread(5, "Dokter Puskesmas", "kolom JABATAN"),)
    assert FindingKind.POST_WITHOUT_ROWS in kinds(document)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12))
@pytest.mark.parametrize("shape", ["{}", "={}", "<r>{}</r>", "+{}", "@SUM({})"])
def test_the_title_of_a_post_stays_a_text_whatever_it_looks_like(shape: str, text: str) -> None:
    title = shape.format(text).replace("\ufffe", "").replace("\uffff", "")
    content = template_xlsx((TemplatePost(title),))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(TAB).to_python()
    assert rows[1][0] == title
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


# Workbooks of other offices


def other_office(made: Any, worksheet: Any) -> None:
    per_cent = made.add_format({"num_format": "0.0%"})
    worksheet.merge_range(0, 0, 0, 9, "PEMERINTAH KABUPATEN CONTOH")
    worksheet.write_row(1, 0, ["Nama", ":", "Budi"])
    worksheet.write_row(2, 0, ["Jabatan", "Perawat"])
    worksheet.write_row(3, 0, ["Unit Kerja", ": Puskesmas"])
    for column, name in enumerate(("NO", "SASARAN", "INDIKATOR KINERJA INDIVIDU", "SATUAN")):
        worksheet.merge_range(5, column, 6, column, name)
    worksheet.merge_range(5, 4, 5, 7, "TARGET")
    worksheet.write_row(6, 4, ["TW I", "TW II", "TW III", "TW IV"])
    worksheet.merge_range(5, 8, 6, 8, "TARGET TAHUNAN")
    worksheet.merge_range(5, 9, 6, 9, "KETERANGAN")
    worksheet.merge_range(7, 0, 8, 0, 1)
    worksheet.merge_range(7, 1, 8, 1, "Meningkatnya A")
    worksheet.write_row(7, 2, ["Jumlah A", "kali", 1, 2, 3, 4.5, 10.5, "penting"])
    worksheet.write_row(8, 2, ["Persentase B", ""])
    worksheet.write(8, 8, 0.855, per_cent)
    worksheet.write_row(10, 0, [2, "Meningkatnya C", "Jumlah C", "kali", "", "", "", "", 1])
    worksheet.write_row(12, 1, ["Mengetahui,", "", "", "", "Lumajang, 2 Januari 2027"])


def test_a_worksheet_of_another_office_is_read_with_merged_cells_and_per_cents() -> None:
    document = read_document(book(other_office))
    (sheet,) = document.sheets
    assert (sheet.position, sheet.unit) == ("Perawat", "Puskesmas")
    found = [
        (each.number, each.text, [(one.text, one.unit_of_measure, one.target, one.quarters) for one in each.indicators])
        for each in sheet.statements
    ]
    nothing = (None,) * 4
    assert found == [
        (
            1,
            "Meningkatnya A",
            [
                ("Jumlah A", "kali", Decimal("10.5"), (1, 2, 3, Decimal("4.5"))),
                ("Persentase B", "%", Decimal("85.5"), nothing),
            ],
        ),
        (2, "Meningkatnya C", [("Jumlah C", "kali", 1, nothing)]),
    ]
    assert [(each.line, each.text, each.where) for each in document.unread] == [
        (1, "Sheet1", "nama lembar kerja"),
        (1, "PEMERINTAH KABUPATEN CONTOH", "di bawah judul"),
        (2, "Nama : Budi", "di bawah judul"),
        (8, "penting", "kolom KETERANGAN"),
        (13, "Mengetahui, Lumajang, 2 Januari 2027", "di bawah tabel"),
    ]


def test_each_worksheet_with_a_header_is_a_sheet_and_others_are_kept_apart() -> None:
    head = ["No", "Kinerja", "Indikator"]
    document = read_document(
        tables(
            ("Perawat", [["Jabatan", "Perawat"], head, [1, "A", "Jumlah A"]]),
            ("Catatan", [["lain", "lagi"]]),
            ("Bidan", [["INDIKATOR KINERJA INDIVIDU"], ["Jabatan", "Bidan"], head, [1, "B", "Jumlah B"]]),
        )
    )
    assert [(each.position, each.statements[0].text) for each in document.sheets] == [("Perawat", "A"), ("Bidan", "B")]
    assert Unread(4, "lain lagi", "lembar kerja Catatan") in document.unread
    assert len(document.lines) == 8


def test_a_figure_of_excel_has_the_digits_that_were_typed() -> None:
    head = ["No", "Kinerja", "Indikator", "Satuan", "Target"]
    (sheet,) = read_document(tables(("A", [head, [1, "A", "B", "kali", 0.1], [2, "C", "D", "kali", 1234567]]))).sheets
    assert [each.indicators[0].target for each in sheet.statements] == [Decimal("0.1"), 1234567]


# Workbooks that are refused


def with_part(name: str, data: bytes | str) -> bytes:
    """The template with one part added or put in the place of another."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(template_xlsx(POSTS))) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for each in whole.namelist():
            if each != name:
                file.writestr(each, whole.read(each))
        file.writestr(name, data)
    return target.getvalue()


DTD = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: with_part("xl/vbaProject.bin", b"x"), "makro"),
        (lambda: with_part("xl/media/a.bin", b"\0" * 60_000_000), "50 MB"),
        (lambda: with_part("xl/sharedStrings.xml", DTD), "DTD"),
        (lambda: with_part("docProps/core.xml", DTD), "DTD"),
        (lambda: template_xlsx(POSTS)[:-40], "rusak"),
        (lambda: tables(("A", [["satu", "dua"]])), "tidak memuat judul"),
        (lambda: book(lambda _, worksheet: worksheet.write_formula(0, 0, "=1+1")), "rumus"),
        (lambda: tables(("A", [["No", "Kinerja", "Indikator"], [*[""] * 60, "x"]])), "50 kolom"),
        (lambda: with_part("xl/workbook.xml", "<workbook/>"), "rusak|tidak memuat judul"),
        (lambda: with_part("xl/styles.xml", "<styleSheet"), "rusak"),
    ],
    ids=["macro", "bomb", "entity", "entity elsewhere", "cut", "no header", "formula", "wide", "no tabs", "broken styles"],
)
def test_a_workbook_that_is_not_safe_or_not_ours_is_refused(content: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(content())


def old(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (old("EncryptedPackage"), "kata sandi"),
        (old("Workbook"), r"\.xls\)"),
        (old("WordDocument"), r"\.doc\)"),
        (b"PK\x03\x04" + b"\0" * 60 + b"xl/workbook.bin", r"\.xlsb"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "gambar"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "gambar"),
        (b"GIF89a\1\0\1\0", "gambar"),
        (b"II*\0\x08\0\0\0", "gambar"),
        (b"BM\x36\0\0\0\0\0", "gambar"),
        (b"{\\rtf1 INDIKATOR KINERJA INDIVIDU (IKI)}", "RTF"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_what_it_is(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(content)


def test_a_text_that_begins_like_a_picture_is_a_text() -> None:
    assert read_document(b"BM adalah singkatan\nINDIKATOR KINERJA INDIVIDU (IKI)\nX\n").sheets[0].heading == "X"


FILLED = filled(row(Jabatan="Perawat", Unit_kerja="Puskesmas"), row(No="2", Kinerja="B"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FILLED) - 1), st.binary(max_size=8))
def test_any_bytes_in_a_workbook_are_answered_or_refused(place: int, inserted: bytes) -> None:
    for content in (FILLED[:place] + inserted + FILLED[place + len(inserted) :], FILLED[:place] + inserted):
        try:
            assert read_document(content).sheets
        except UnreadableDocument:
            continue
