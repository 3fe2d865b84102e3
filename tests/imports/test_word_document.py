"""Word documents as offices make them, and archives that are none: read by the same parser, or refused at once."""

import random
import time
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from iki_portal.imports.archive import MOST_MARKS
from iki_portal.imports.document import (
    LARGEST_DOCUMENT,
    FindingKind,
    ReadDocument,
    ReadSheet,
    UnreadableDocument,
    read_document,
    read_document_file,
)
from iki_portal.imports.unpacking import LARGEST_UNPACKED, MOST_ENTRIES
from tests.imports.papers import without_lines

SEED = read_document((Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md").read_bytes())
HEADER = ("NO", "KINERJA", "INDIKATOR KINERJA", "PENJELASAN / FORMULASI PERHITUNGAN", "SUMBER DATA")
ROW = ("1", "Meningkatnya A", "Jumlah A", "Cacah A", "Bidang Contoh")
NAMESPACE = nsdecls("w", "m")
TITLE_XML = "<w:p><w:r><w:t>INDIKATOR KINERJA INDIVIDU (IKI)</w:t></w:r></w:p>"


def saved(document: Any) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def office_document(*, rows: tuple[tuple[str, ...], ...] = (HEADER, ROW), duties: tuple[str, ...] = ("a. satu.",)) -> Any:
    document = docx.Document()
    document.add_paragraph("INDIKATOR KINERJA INDIVIDU (IKI)\nBIDANG CONTOH")
    document.add_paragraph("Unit Kerja\t: Kepala Bidang Contoh")
    document.add_paragraph("Tugas Pokok\t: membantu Kepala Badan.")
    document.add_paragraph("Fungsi\t:")
    for duty in duties:
        document.add_paragraph(duty)
    add_table(document, rows)
    return document


def add_table(document: Any, rows: tuple[tuple[str, ...], ...]) -> Any:
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text
    return table


def only_sheet(document: Any) -> ReadSheet:
    (sheet,) = read_document(saved(document)).sheets
    return sheet


def kinds_told(document: Any) -> set[FindingKind]:
    return {finding.kind for finding in read_document(saved(document)).findings}


def cells_of(sheet: ReadSheet) -> list[tuple[int | None, str, list[tuple[str, str, str]]]]:
    return [
        (each.number, each.text, [(one.text, one.formula, one.source) for one in each.indicators]) for each in sheet.statements
    ]


def archive(entries: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", compression) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return target.getvalue()


def body(xml: str) -> str:
    return f"<w:document {NAMESPACE}><w:body>{xml}</w:body></w:document>"


def read_body(xml: str) -> ReadDocument:
    return read_document(archive({"word/document.xml": body(xml)}))


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read_document(content)
    return str(refused.value)


# Documents of the office


def test_the_office_document_typed_into_word_reads_like_its_text() -> None:
    document = docx.Document()
    for sheet in SEED.sheets:
        document.add_paragraph(f"INDIKATOR KINERJA INDIVIDU (IKI)\n{sheet.heading}")
        document.add_paragraph(f"Unit Kerja : {sheet.position}")
        document.add_paragraph(f"Tugas Pokok : {sheet.main_duty}")
        letters = "abcdefghijklmnopqrstuvwxyz"
        for letter, text in zip(letters, sheet.duties, strict=False):
            document.add_paragraph(f"{letter}. {text}")
        if sheet.functions:
            document.add_paragraph("Fungsi :")
        for letter, text in zip(letters, sheet.functions, strict=False):
            document.add_paragraph(f"{letter}. {text}")
        rows = [HEADER]
        for statement in sheet.statements:
            for place, one in enumerate(statement.indicators):
                first = ("", "") if place else (str(statement.number), statement.text)
                rows.append((*first, one.text, one.formula, one.source))
        add_table(document, tuple(rows))
    read = read_document(saved(document))
    assert [without_lines(sheet) for sheet in read.sheets] == [without_lines(sheet) for sheet in SEED.sheets]


def test_a_word_file_reads_like_its_bytes(tmp_path: Path) -> None:
    content = saved(office_document())
    (tmp_path / "iki.docx").write_bytes(content)
    assert read_document_file(tmp_path / "iki.docx") == read_document(content)


def test_a_clean_word_document_has_nothing_to_tell() -> None:
    assert kinds_told(office_document()) == {FindingKind.POST_IN_UNIT, FindingKind.MISSING_FACTS}
    assert cells_of(only_sheet(office_document())) == [(1, "Meningkatnya A", [("Jumlah A", "Cacah A", "Bidang Contoh")])]


def test_a_text_that_begins_with_pk_is_a_text() -> None:
    text = "PK\nINDIKATOR KINERJA INDIVIDU (IKI)\nX\n"
    assert read_document(text.encode()).sheets[0].heading == "X"


def test_cells_merged_downwards_belong_to_every_row() -> None:
    document = office_document(rows=(HEADER, ROW, ("", "", "Jumlah B", "", ""), ("2", "Meningkatnya C", "Jumlah C", "C", "S")))
    table = document.tables[0]
    for column in (0, 1, 3, 4):
        table.cell(1, column).merge(table.cell(2, column))
    assert cells_of(only_sheet(document)) == [
        (1, "Meningkatnya A", [("Jumlah A", "Cacah A", "Bidang Contoh"), ("Jumlah B", "Cacah A", "Bidang Contoh")]),
        (2, "Meningkatnya C", [("Jumlah C", "C", "S")]),
    ]


def test_a_header_of_two_lines_is_one_header() -> None:
    header = (*HEADER, "TARGET", "", "SATUAN")
    rows = (header, ("", "", "", "", "", "TW I", "TW II", ""), (*ROW, "1", "2", "dokumen"))
    document = office_document(rows=rows)
    table = document.tables[0]
    table.cell(0, 5).merge(table.cell(0, 6))
    for column in (0, 1, 2, 3, 4, 7):
        table.cell(0, column).merge(table.cell(1, column))
    sheet = only_sheet(document)
    assert cells_of(sheet) == [(1, "Meningkatnya A", [("Jumlah A", "Cacah A", "Bidang Contoh")])]
    (indicator,) = sheet.statements[0].indicators
    assert (indicator.unit_of_measure, indicator.quarters) == ("dokumen", (1, 2, None, None))


@pytest.mark.parametrize("numbers", [("1", "2", "3", "4", "5"), ("(1)", "(2)", "(3)", "(4)", "(5)")])
def test_a_line_of_column_numbers_is_no_row(numbers: tuple[str, ...]) -> None:
    assert len(only_sheet(office_document(rows=(HEADER, numbers, ROW))).statements) == 1


def test_numbers_further_down_are_a_row() -> None:
    sheet = only_sheet(office_document(rows=(HEADER, ROW, ("1", "2", "3", "4", "5"))))
    assert cells_of(sheet)[1] == (1, "2", [("3", "4", "5")])


@pytest.mark.parametrize("row", [("-",) * 5, ("Fungsi :", "A", "B", "C", "D")])
def test_whatever_a_row_says_it_is_a_row(row: tuple[str, ...]) -> None:
    sheet = only_sheet(office_document(rows=(HEADER, ROW, row)))
    assert cells_of(sheet)[1] == (None, row[1], [row[2:]])


def unread_in(document: Any) -> list[tuple[str, str]]:
    return [(each.text, each.where) for each in read_document(saved(document)).unread]


def test_a_filled_column_nobody_knows_is_kept_apart() -> None:
    document = office_document(rows=((*HEADER, "ANGGARAN"), (*ROW, "12")))
    assert unread_in(document) == [("12", "kolom ANGGARAN")]


def test_the_rows_of_a_table_without_kinerja_are_kept_apart() -> None:
    document = office_document(rows=(("NO", "INDIKATOR KINERJA", "SUMBER DATA"), ("1", "A", "B")))
    assert unread_in(document) == [("1 A B", "di tabel lain")]
    assert FindingKind.TABLE_NOT_READ in kinds_told(document)


def test_the_edges_of_the_pages_are_kept_apart_once() -> None:
    document = office_document()
    section = document.sections[0]
    section.header.paragraphs[0].text = section.footer.paragraphs[0].text = "Badan Contoh"
    assert unread_in(document) == [("Badan Contoh", "di kepala atau kaki halaman")]


def test_a_table_that_goes_on_without_its_header_is_read_on() -> None:
    document = office_document()
    document.add_paragraph("")
    add_table(document, (("2", "Meningkatnya B", "Jumlah B", "Cacah B", "Bidang Contoh"),))
    assert [statement.number for statement in only_sheet(document).statements] == [1, 2]


def test_rows_of_the_next_sheet_without_header_are_not_read_into_a_row() -> None:
    document = office_document()
    document.add_paragraph("INDIKATOR KINERJA INDIVIDU (IKI)\nANALIS")
    document.add_paragraph("Unit Kerja : Analis")
    add_table(document, (("2", "Meningkatnya B", "Jumlah B", "Cacah B", "Bidang Contoh"),))
    read = read_document(saved(document))
    assert [len(sheet.statements) for sheet in read.sheets] == [1, 0]
    assert FindingKind.STRAY_TEXT in {finding.kind for finding in read.findings}


def test_letterhead_and_sign_blocks_are_told_and_no_rows() -> None:
    document = office_document()
    add_table(document, (("Mengetahui,", "Lumajang, 2 Januari 2026"), ("Kepala Badan", "Kepala Bidang")))
    document.add_paragraph("\t\tditandatangani\t")
    assert len(only_sheet(document).statements) == 1
    assert FindingKind.STRAY_TEXT in kinds_told(document)


def test_fields_may_be_laid_out_in_a_table() -> None:
    document = docx.Document()
    document.add_paragraph("INDIKATOR KINERJA INDIVIDU (IKI)\nBIDANG CONTOH")
    add_table(
        document,
        (
            ("Unit Kerja", ":", "Kepala Bidang Contoh"),
            ("Tugas Pokok", ":", "membantu."),
            ("Fungsi", ":", "a. satu; dan\nb. dua."),
        ),
    )
    add_table(document, (HEADER, ROW))
    sheet = only_sheet(document)
    assert (sheet.position, sheet.main_duty, sheet.functions) == ("Kepala Bidang Contoh", "membantu.", ("satu; dan", "dua."))


def test_a_title_in_the_middle_of_a_table_opens_a_sheet() -> None:
    document = office_document(rows=(HEADER, ROW, ("INDIKATOR KINERJA INDIVIDU (IKI) ANALIS", "", "", "", "")))
    row = document.tables[0].rows[2]
    row.cells[0].merge(row.cells[4])
    assert [sheet.heading for sheet in read_document(saved(document)).sheets] == ["BIDANG CONTOH", "ANALIS"]


def test_a_table_typed_with_tabs_is_refused() -> None:
    document = office_document()
    document.add_paragraph("\t".join(HEADER))
    assert "tabel ditulis dengan tab" in refusal(saved(document))


# Lists that Word numbers


def numbered(document: Any, form: str) -> str:
    """A list of that form; its number."""
    numbering = document.part.numbering_part.element
    kind = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{form}"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, kind)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return "77"


def number(paragraph: Any, number_id: str) -> None:
    place = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{number_id}"/></w:numPr>')
    paragraph._p.get_or_add_pPr().append(place)


@pytest.mark.parametrize(("form", "told"), [("lowerLetter", False), ("decimal", True), ("bullet", True), ("upperRoman", True)])
def test_items_that_word_numbers_are_items(form: str, told: bool) -> None:
    document = office_document(duties=("satu; dan", "dua."))
    number_id = numbered(document, form)
    for paragraph in document.paragraphs[-2:]:
        number(paragraph, number_id)
    assert only_sheet(document).functions == ("satu; dan", "dua.")
    assert (FindingKind.ITEM_WITHOUT_LETTER in kinds_told(document)) is told


def test_a_number_that_word_writes_in_no_is_read() -> None:
    document = office_document(rows=(HEADER, ("", *ROW[1:]), ("", "Meningkatnya B", *ROW[2:])))
    number_id = numbered(document, "decimal")
    for row in document.tables[0].rows[1:]:
        number(row.cells[0].paragraphs[0], number_id)
    assert [statement.number for statement in only_sheet(document).statements] == [1, 2]


def test_a_style_may_number_too() -> None:
    document = office_document(duties=())
    document.paragraphs[-1].insert_paragraph_before("")
    listed = document.paragraphs[-1]
    assert listed.text == "Fungsi\t:"
    for text in ("satu;", "dua."):
        paragraph = parse_xml(
            f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="ListBullet"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        )
        document.tables[0]._tbl.addprevious(paragraph)
    assert only_sheet(document).functions == ("satu;", "dua.")


# What Word writes into a paragraph


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>", "a b"),
        ("<w:del><w:r><w:delText>lama</w:delText></w:r></w:del><w:ins><w:r><w:t>baru</w:t></w:r></w:ins>", "baru"),
        ("<w:moveFrom><w:r><w:t>asal</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>tujuan</w:t></w:r></w:moveTo>", "tujuan"),
        ("<w:hyperlink><w:r><w:t>tautan</w:t></w:r></w:hyperlink>", "tautan"),
        ("<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>isian</w:t></w:r></w:sdtContent></w:sdt>", "isian"),
        ("<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>ASN</w:t></w:r>", "non-ASN"),
        ('<w:r><w:sym w:char="F0B3"/></w:r>', "\ufffd"),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>A</m:t></m:r></m:num><m:den><m:r><m:t>B</m:t></m:r></m:den></m:f></m:oMath>",
            "(A) / (B)",
        ),
    ],
)
def test_a_paragraph_says_what_it_shows(xml: str, text: str) -> None:
    assert read_body(f"{TITLE_XML}<w:p>{xml}</w:p>").sheets[0].heading == text


def test_content_controls_hide_no_paragraph_row_or_cell() -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    header = "".join(cell.format(name) for name in HEADER)
    wrapped = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    row = wrapped.format("<w:tr>" + "".join(wrapped.format(cell.format(text)) for text in ROW) + "</w:tr>")
    read = read_body(wrapped.format(f"{TITLE_XML}<w:tbl><w:tr>{header}</w:tr>{row}</w:tbl>"))
    assert cells_of(read.sheets[0]) == [(1, "Meningkatnya A", [("Jumlah A", "Cacah A", "Bidang Contoh")])]


def test_text_in_a_box_is_told() -> None:
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>KOP</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    read = read_body(f"{TITLE_XML}<w:p>{box}<w:r><w:t>ANALIS</w:t></w:r></w:p>")
    assert read.sheets[0].heading == "ANALIS"
    (told,) = [finding for finding in read.findings if finding.kind is FindingKind.STRAY_TEXT]
    assert [(each.text, each.where) for each in read.unread] == [("KOP", "di kotak teks")]
    assert told.line == 2
    assert "kotak teks" in told.message


def test_an_inserted_document_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="dokumen sisipan"):
        read_body(f"{TITLE_XML}<w:altChunk/>")


# Archives that are not read


GOOD = {"word/document.xml": body(TITLE_XML)}


def lying_about_its_size() -> bytes:
    """An entry that unpacks to more than it says."""
    content = archive({**GOOD, "word/media/a.bin": b"\0" * 3_000_000})
    size = (3_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    return content.replace(size, (10).to_bytes(4, "little"))


def encrypted() -> bytes:
    content = bytearray(archive(GOOD))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def twice_named() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in ("word/document.xml", "Word/Document.xml"):
            file.writestr(name, body(TITLE_XML))
    return target.getvalue()


DTD = '<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
WITH_DTD = f'<?xml version="1.0" encoding="UTF-8"?>{DTD}{body(TITLE_XML)}'
RANDOM = random.Random(1).randbytes(500_000)  # noqa: S311  so that the ratio alone would not refuse it
HOSTILE = {
    "broken": (b"PK\x03\x04rusak", "rusak"),
    "cut": (archive(GOOD)[:-30], "rusak"),
    "no text": (archive({"content.xml": "<a/>"}), "bukan dokumen Word"),
    "entries": (
        archive({**GOOD, **{f"a{place}": b"" for place in range(30_000)}}, zipfile.ZIP_STORED),
        "lebih dari 500 bagian",
    ),
    "one entry too many": (archive({**GOOD, **{f"a{n}": b"" for n in range(MOST_ENTRIES)}}), "lebih dari 500 bagian"),
    "bomb": (archive({**GOOD, "word/media/a.bin": RANDOM + b"\0" * LARGEST_UNPACKED}), "terlalu besar"),
    "ratio": (archive({**GOOD, "word/media/a.bin": b"\0" * 20_000_000}), "terlalu besar"),
    "lying": (lying_about_its_size(), "rusak"),
    "marks": (archive({"word/document.xml": body(TITLE_XML + "<w:p/>" * MOST_MARKS)}), "terlalu besar"),
    "paragraphs": (archive({"word/document.xml": body(TITLE_XML + "<w:p/>" * 140_000)}), "20.000 baris"),
    "rows": (archive({"word/document.xml": body(f"{TITLE_XML}<w:tbl>{'<w:tr/>' * 140_000}</w:tbl>")}), "20.000 baris"),
    "cells": (
        archive({"word/document.xml": body(f"{TITLE_XML}<w:tbl><w:tr>{'<w:tc/>' * 140_000}</w:tr></w:tbl>")}),
        "lebih dari 50 sel",
    ),
    "span": (
        archive(
            {
                "word/document.xml": body(
                    f'{TITLE_XML}<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr></w:tc></w:tr></w:tbl>'
                )
            }
        ),
        "lebih dari 50 sel",
    ),
    "long line": (
        archive({"word/document.xml": body(f"{TITLE_XML}<w:p><w:r><w:t>{'kata ' * 9_000}</w:t></w:r></w:p>")}),
        "20.000 huruf",
    ),
    "deep": (archive({"word/document.xml": body(TITLE_XML + "<w:sdt>" * 50_000 + "</w:sdt>" * 50_000)}), "rusak"),
    "up": (archive({**GOOD, "../../etc/passwd": b"x"}), "nama bagian"),
    "root": (archive({**GOOD, "/etc/passwd": b"x"}), "nama bagian"),
    "drive": (archive({**GOOD, "C:/x": b"x"}), "nama bagian"),
    "backslash": (archive({**GOOD, "word\\..\\x": b"x"}), "nama bagian"),
    "twice": (twice_named(), "nama bagian"),
    "encrypted": (encrypted(), "kata sandi"),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, r"Word lama \(.doc\)"),
    "macro": (archive({**GOOD, "word/vbaProject.bin": b"x"}), "makro"),
    "macro type": (
        archive({**GOOD, "[Content_Types].xml": "<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"}),
        "makro",
    ),
    "dtd": (archive({"word/document.xml": WITH_DTD}), "DTD"),
    "dtd elsewhere": (archive({**GOOD, "customXml/item1.xml": DTD + "<a/>"}), "DTD"),
    "dtd in utf-16": (archive({"word/document.xml": WITH_DTD.replace("UTF-8", "UTF-16").encode("utf-16")}), "DTD"),
    "utf-16": (archive({"word/document.xml": body(TITLE_XML).encode("utf-16")}), "rusak"),
    "dtd in utf-7": (
        archive({"word/document.xml": b'<?xml version="1.0" encoding="UTF-7"?>' + f"{DTD}{body(TITLE_XML)}".encode("utf-7")}),
        "rusak|DTD",
    ),
    "latin": (archive({"word/document.xml": f'<?xml version="1.0" encoding="ISO-8859-1"?>{body(TITLE_XML)}'}), "rusak"),
    "lzma": (archive(GOOD, zipfile.ZIP_LZMA), "rusak"),
    "bzip2": (archive(GOOD, zipfile.ZIP_BZIP2), "rusak"),
    "no xml": (archive({"word/document.xml": "<w:document"}), "rusak"),
    "no body": (archive({"word/document.xml": "<a/>"}), "tidak dikenal"),
    "no title": (archive({"word/document.xml": body("<w:p/>")}), "tidak memuat judul"),
    "large": (b"PK\x03\x04" + b"\0" * LARGEST_DOCUMENT, "5 MB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_that_is_not_safe_is_refused_within_a_second(name: str) -> None:
    content, reason = HOSTILE[name]
    used = []
    for _ in range(2):
        started = time.process_time()
        with pytest.raises(UnreadableDocument, match=reason):
            read_document(content)
        used.append(time.process_time() - started)
    assert min(used) < 1


def test_the_good_archive_beside_them_is_read() -> None:
    assert len(read_document(archive(GOOD)).sheets) == 1


# Anything


def answer(content: bytes) -> ReadDocument | None:
    """What was read, or None when it was refused; any other exception fails the test."""
    try:
        document = read_document(content)
    except UnreadableDocument:
        return None
    assert document.sheets
    return document


WORD = saved(office_document())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WORD) - 1), st.binary(max_size=8))
def test_any_bytes_in_an_archive_are_answered_or_refused(place: int, inserted: bytes) -> None:
    for content in (WORD[:place] + inserted + WORD[place + len(inserted) :], WORD[:place] + inserted):
        answer(content)


@pytest.mark.parametrize("seed", range(40))
def test_blocks_in_any_order_are_answered_or_refused(seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311  a repeatable shuffle, no secret
    document = office_document(
        rows=(HEADER, ("1", "2", "3", "4", "5"), ROW, ("", "", "Jumlah B", "C", "")), duties=("a. x;", "b. y.")
    )
    elements = [each for each in document.element.body.iter() if each.tag in (qn("w:p"), qn("w:tc"), qn("w:tr"), qn("w:tbl"))]
    for _ in range(chosen.randrange(1, 5)):
        moved, anchor = chosen.choice(elements), chosen.choice(elements)
        if moved is not anchor and moved not in anchor.iterancestors():
            anchor.addnext(moved)
    answer(saved(document))
