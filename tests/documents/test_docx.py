"""The DOCX people edit: what stands in it, what does not, and that it comes back as it went."""

import re
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from iki_portal.documents import docx_elements as elements
from iki_portal.documents.docx import book_docx, sheet_docx
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import Office, PrintedSheet, Proof, Signer
from iki_portal.imports.document import FindingKind, ReadDocument, read_document
from iki_portal.imports.word import NOT_THE_SHEET
from tests import prints
from tests.imports.papers import paper_behind, without_lines

SEED = read_document((Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md").read_bytes())
OFFICE = Office("PEMERINTAH KABUPATEN LUMAJANG", "BADAN KEPEGAWAIAN DAERAH", "Jalan Contoh 1", "Telepon 123", place="Lumajang")
PROPOSED = Signer("Budi Santoso, S.E.", "Analis Kepegawaian Muda", "NIP 19850101 201001 1 001", "Penata, III/c")
APPROVED = Signer("Siti Aminah, M.Si.", "Plt. Sekretaris", "NIP 19750101 200001 2 001", "Pembina, IV/a", date(2026, 1, 7))
PROOF = Proof("800/IKI/7/2026", "kode", "0" * 64, 7, "1" * 64)


def indicator(text: str = "Jumlah dokumen", **other: Any) -> PaperIndicator:
    plain = PaperIndicator(None, text, "Cacah dokumen", "Bidang Mutasi", "dokumen", "maximize", "sum", Decimal(4), None, ())
    return replace(plain, **other)


def paper(**other: Any) -> Paper:
    statements = (
        PaperStatement(None, 1, "Meningkatnya mutasi", (indicator(), indicator("Persentase usul"), indicator("Lama proses"))),
        PaperStatement(None, 2, "Meningkatnya promosi", (indicator("Jumlah promosi"),)),
    )
    plain = Paper(2026, 1, "ANALIS", "Analis", "Bidang Mutasi", "membantu.", (), ("satu; dan", "dua."), statements)
    return replace(plain, **other)


def approved(**other: Any) -> PrintedSheet:
    return PrintedSheet(paper(**other), OFFICE, PROPOSED, None, APPROVED, PROOF)


def opened(content: bytes) -> Any:
    return docx.Document(BytesIO(content))


def lines(content: bytes) -> list[str]:
    """Every paragraph of the body, also those in tables, in order."""
    body = opened(content).element.body
    return ["".join(piece.text or "" for piece in each.iter(qn("w:t"))) for each in body.iter(qn("w:p"))]


def table_of(content: bytes) -> Any:
    return opened(content).tables[0]


def rows_of(content: bytes) -> list[list[str]]:
    """The cells below the header; a cell merged with the one above is empty."""
    rows = table_of(content)._tbl.tr_lst[2:]
    return [["".join(piece.text or "" for piece in cell.iter(qn("w:t"))) for cell in row.tc_lst] for row in rows]


def read_back(sheets: Sequence[PrintedSheet]) -> ReadDocument:
    return read_document(book_docx(sheets, title="Buku", office=OFFICE))


# The page


@pytest.mark.parametrize(("page_size", "millimetres"), [("a4", (210, 297)), ("f4", (215, 330))])
def test_the_page_is_the_one_of_the_office(page_size: str, millimetres: tuple[int, int]) -> None:
    (section,) = opened(sheet_docx(replace(approved(), office=replace(OFFICE, page_size=page_size)))).sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == millimetres
    assert {round(edge.mm) for edge in (section.left_margin, section.right_margin, section.top_margin)} == {20}


@pytest.mark.parametrize("page_size", ["a4", "f4"])
def test_the_columns_fill_the_page_and_every_cell_has_the_width_of_its_column(page_size: str) -> None:
    document = opened(sheet_docx(replace(approved(), office=replace(OFFICE, page_size=page_size))))
    (section,), table = document.sections, document.tables[0]
    widths = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.iter(qn("w:gridCol"))]
    between = (section.page_width.mm - section.left_margin.mm - section.right_margin.mm) / 25.4 * 1440
    assert abs(sum(widths) - between) < 8
    for row in table._tbl.tr_lst:
        assert [int(cell.tcPr.find(qn("w:tcW")).get(qn("w:w"))) for cell in row.tc_lst] == widths
    assert table.autofit is False


def test_the_headings_are_headings() -> None:
    styled = [(each.style.name, each.text) for each in opened(sheet_docx(approved(heading="SUB BAGIAN\nUMUM"))).paragraphs]
    headings = [pair for pair in styled if pair[0].startswith("Heading")]
    assert headings == [
        ("Heading 1", "INDIKATOR KINERJA INDIVIDU (IKI)"),
        ("Heading 2", "SUB BAGIAN"),
        ("Heading 2", "UMUM"),
    ]


def test_no_theme_colours_or_names_a_font() -> None:
    styles = opened(sheet_docx(approved())).styles.element
    assert not [name for fonts in styles.iter(qn("w:rFonts")) for name in fonts.keys() if name.endswith("Theme")]  # noqa: SIM118
    assert {colour.get(qn("w:val")) for colour in styles.iter(qn("w:color"))} == {"000000"}


def test_the_letterhead_is_centred_and_its_first_two_lines_bold() -> None:
    head = [each for each in opened(sheet_docx(approved())).paragraphs if each.style.name == "IKI Kop Surat"]
    assert [each.text for each in head] == list(OFFICE.letterhead)
    assert [bool(each.runs[0].bold) for each in head] == [True, True, False, False]
    assert head[0].style.paragraph_format.alignment == 1


def test_an_office_that_says_nothing_has_no_letterhead() -> None:
    assert lines(sheet_docx(PrintedSheet(paper())))[:2] == ["DRAF", "INDIKATOR KINERJA INDIVIDU (IKI)"]


def test_the_fields_stand_as_in_the_office_document() -> None:
    texts = lines(sheet_docx(approved()))
    start = texts.index("ANALIS")
    assert texts[start + 1 : start + 6] == ["Unit Kerja:Analis", "Tugas Pokok:membantu.", "Fungsi:", "satu; dan", "dua."]


def test_duties_stand_under_tugas_pokok_or_beside_a_main_duty_under_uraian_tugas() -> None:
    alone = lines(sheet_docx(approved(main_duty="", duties=("a satu.",), functions=())))
    assert alone[alone.index("Tugas Pokok:") + 1] == "a satu."
    both = lines(sheet_docx(approved(duties=("a satu.",))))
    assert both[both.index("Tugas Pokok:membantu.") + 1 :][:2] == ["Uraian Tugas:", "a satu."]


def test_each_list_is_lettered_by_the_word_processor_from_a_on() -> None:
    document = opened(sheet_docx(approved(duties=("satu;", "dua."))))
    numbers = [each.get(qn("w:val")) for each in document.element.body.iter(qn("w:numId"))]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    numbering = document.part.numbering_part.element
    assert [form.get(qn("w:val")) for form in numbering.iter(qn("w:numFmt"))] == ["lowerLetter"]
    assert [start.get(qn("w:val")) for start in numbering.iter(qn("w:startOverride"))] == ["1", "1"]


# The table


def test_the_table_holds_every_cell() -> None:
    assert rows_of(sheet_docx(approved())) == [
        ["1", "Meningkatnya mutasi", "Jumlah dokumen", "Cacah dokumen", "Bidang Mutasi", "dokumen", "4"],
        ["", "", "Persentase usul", "Cacah dokumen", "Bidang Mutasi", "dokumen", "4"],
        ["", "", "Lama proses", "Cacah dokumen", "Bidang Mutasi", "dokumen", "4"],
        ["2", "Meningkatnya promosi", "Jumlah promosi", "Cacah dokumen", "Bidang Mutasi", "dokumen", "4"],
    ]


@pytest.mark.parametrize(
    ("target", "upper", "text"), [(Decimal("12.5"), None, "12,5"), (Decimal(80), Decimal(90), "80–90"), (None, None, "")]
)
def test_a_target_reads_as_on_paper(target: Decimal | None, upper: Decimal | None, text: str) -> None:
    statement = PaperStatement(None, 1, "A", (indicator(target=target, target_upper=upper),))
    assert rows_of(sheet_docx(approved(statements=(statement,))))[0][6] == text


def test_both_header_rows_are_repeated_and_no_row_is_cut() -> None:
    rows = table_of(sheet_docx(approved()))._tbl.tr_lst
    assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True, True, False, False, False, False]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    texts = [[cell.text for cell in row.cells] for row in table_of(sheet_docx(approved())).rows[:2]]
    assert [text.replace("\n", "") for text in texts[0]] == [
        *("NO", "KINERJA", "INDIKATOR KINERJA", "PENJELASAN/FORMULASI", "SUMBER DATA", "SATUAN", "TARGET"),
    ]
    assert texts[1] == [f"({number})" for number in range(1, 8)]


def test_number_and_statement_are_merged_over_the_indicators() -> None:
    merged = [[cell.vMerge for cell in row.tc_lst] for row in table_of(sheet_docx(approved()))._tbl.tr_lst[2:]]
    rest = [None] * 5
    assert merged == [["restart", "restart", *rest], *[["continue", "continue", *rest]] * 2, [None, None, *rest]]


def test_a_statement_without_indicator_has_a_row() -> None:
    statements = (PaperStatement(None, 1, "Meningkatnya", ()),)
    assert rows_of(sheet_docx(approved(statements=statements))) == [["1", "Meningkatnya", "", "", "", "", ""]]


# Signatures, drafts, copies


def test_both_sign_with_what_is_known_of_them() -> None:
    left, right = opened(sheet_docx(approved())).tables[1].rows[0].cells
    assert left.text.split("\n") == [
        *("Yang mengusulkan,", "Analis Kepegawaian Muda,", "Budi Santoso, S.E.", "Penata, III/c", "NIP 19850101 201001 1 001"),
    ]
    assert right.text.split("\n") == [
        *("Ditetapkan di Lumajang", "pada tanggal 7 Januari 2026", "Plt. Sekretaris,"),
        *("Siti Aminah, M.Si.", "Pembina, IV/a", "NIP 19750101 200001 2 001"),
    ]


def test_what_nobody_knows_of_a_signer_is_not_printed() -> None:
    sheet = replace(approved(), office=Office(), proposed=None, approved=Signer("Siti Aminah", "Sekretaris"))
    left, right = opened(sheet_docx(sheet)).tables[1].rows[0].cells
    assert (left.text, right.text) == ("", "Sekretaris,\nSiti Aminah")


def test_a_sign_block_never_stands_alone_on_a_page() -> None:
    document = opened(sheet_docx(approved()))
    rows = document.tables[0].rows
    assert all(each.paragraph_format.keep_with_next for cell in rows[-1].cells[2:] for each in cell.paragraphs)
    assert not any(each.paragraph_format.keep_with_next for each in rows[2].cells[2].paragraphs)
    between = document.tables[1]._tbl.getprevious()
    assert between.pPr.find(qn("w:keepNext")) is not None


def test_a_draft_says_so_on_every_page_and_has_no_blank_sign_blocks() -> None:
    document = opened(sheet_docx(PrintedSheet(paper(), OFFICE)))
    assert document.sections[0].header.paragraphs[0].text == "DRAF"
    assert "DRAF" in [each.text for each in document.paragraphs]
    assert len(document.tables) == 1


def test_an_approved_sheet_says_nothing_of_a_draft() -> None:
    document = opened(sheet_docx(approved()))
    assert document.sections[0].header.paragraphs[0].text == ""
    assert "DRAF" not in lines(sheet_docx(approved()))


def test_the_footer_counts_pages_and_names_what_this_is_a_copy_of() -> None:
    footer = opened(sheet_docx(approved(revision=3))).sections[0].footer
    codes = [code.text.strip() for code in footer._element.iter(qn("w:instrText"))]
    assert (footer.paragraphs[0].text, codes) == ("Halaman 1 dari 1", ["PAGE", "NUMPAGES"])
    assert footer.paragraphs[1].text == (
        "Salinan untuk disunting dari lembar register 800/IKI/7/2026, perubahan ke-2; bukan dokumen resmi. "
        "Naskah resmi: PDF dari Portal IKI."
    )


@pytest.mark.parametrize("sheet", [PrintedSheet(paper(), OFFICE), replace(approved(), proof=None)])
def test_what_has_no_register_claims_none(sheet: PrintedSheet) -> None:
    assert len(opened(sheet_docx(sheet)).sections[0].footer.paragraphs) == 1


# The book


def test_each_sheet_of_a_book_has_pages_footer_and_header_of_its_own() -> None:
    sheets = [approved(), PrintedSheet(paper(), replace(OFFICE, page_size="f4")), replace(approved(), proof=None)]
    document = opened(book_docx(sheets, title="Buku", office=OFFICE, opening=["KEPUTUSAN", "a. bahwa;"]))
    sections = list(document.sections)
    assert [section.header.paragraphs[0].text for section in sections] == ["", "", "DRAF", ""]
    assert [len(section.footer.paragraphs) for section in sections] == [1, 2, 1, 1]
    assert [round(section.page_height.mm) for section in sections] == [297, 297, 330, 297]
    assert {section.start_type for section in sections[1:]} == {2}  # on a new page


def test_the_opening_stands_before_the_sheets_and_nothing_when_there_is_none() -> None:
    texts = lines(book_docx([approved()], title="Buku", office=OFFICE, opening=["KEPUTUSAN"]))
    assert texts[: len(OFFICE.letterhead) + 1] == [*OFFICE.letterhead, "KEPUTUSAN"]
    assert lines(book_docx([approved()], title="Buku", office=OFFICE)) == lines(sheet_docx(approved()))


def test_a_book_may_be_empty() -> None:
    assert lines(book_docx([], title="Buku", office=OFFICE)) == [""]


# The file


def test_the_properties_name_no_author_and_the_day_of_approval() -> None:
    properties = opened(sheet_docx(approved())).core_properties
    assert properties.title == "Indikator Kinerja Individu – Analis – 2026"
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.language == "id-ID"
    assert properties.created.date() == properties.modified.date() == date(2026, 1, 7)


def test_a_long_title_is_cut_and_not_refused() -> None:
    assert len(opened(book_docx([], title="x\x00" * 400, office=OFFICE)).core_properties.title) == 255


def test_the_same_facts_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = book_docx([approved(), PrintedSheet(paper())], title="Buku", office=OFFICE)
    later = time.localtime(time.time() + 86_400 * 400)
    monkeypatch.setattr(time, "localtime", lambda *_: later)  # by which an archive dates its entries
    assert book_docx([approved(), PrintedSheet(paper())], title="Buku", office=OFFICE) == first
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_file_carries_nothing_of_the_template_it_was_made_from() -> None:
    with zipfile.ZipFile(BytesIO(sheet_docx(approved()))) as archive:
        names = archive.namelist()
        assert "python-docx" not in archive.read("docProps/core.xml").decode()
    assert not [name for name in names if re.search(r"thumbnail|customXml|WithEffects", name)]


def test_seventeen_statements_with_long_texts_are_written_quickly() -> None:
    long = "Meningkatnya koordinasi " * 11
    rows = tuple(
        PaperStatement(None, number, long[:250], (indicator(long[:250], formula=long[:250], source=long[:250]),) * 2)
        for number in range(1, 18)
    )
    started = time.process_time()
    content = sheet_docx(approved(statements=rows))
    assert time.process_time() - started < 2
    (sheet,) = read_document(content).sheets
    assert [(each.number, each.text, len(each.indicators)) for each in sheet.statements] == [
        (number, long[:250].strip(), 2) for number in range(1, 18)
    ]


# And back


def test_the_office_document_comes_back_as_it_went() -> None:
    sheets = [PrintedSheet(paper_behind(sheet), OFFICE, PROPOSED, None, APPROVED, PROOF) for sheet in SEED.sheets]
    content = book_docx(
        sheets, title="Buku", office=OFFICE, opening=["INDIKATOR KINERJA INDIVIDU", "a. bahwa x;", "Fungsi : y"]
    )
    document = read_document(content)
    assert [without_lines(sheet) for sheet in document.sheets] == [without_lines(sheet) for sheet in SEED.sheets]
    assert len(document.sheets) == 20
    assert FindingKind.STRAY_TEXT not in {finding.kind for finding in document.findings}


@pytest.mark.parametrize("place", range(20))
def test_each_sheet_comes_back_alone(place: int) -> None:
    expected = replace(without_lines(SEED.sheets[place]), unit=None)
    (sheet,) = read_document(sheet_docx(PrintedSheet(paper_behind(SEED.sheets[place]), OFFICE))).sheets
    assert replace(without_lines(sheet), unit=None) == expected  # without the sheets above, nobody knows every unit


HOSTILE = (
    *(
        "#set page(width: 1pt) $x$ *tebal* _miring_ @rujuk `kode`",
        "<b>tebal</b> &amp; &lt;w:t&gt; ]]>",
        "بسم الله الرحمن الرحيم",
    ),
    *(
        "🙂👩‍👩‍👧 e\u0301",
        "=1+1",
        "| a | b |",
        "\\pipa \\| x",
        "Fungsi : x",
        "-- x",
        "%s {0} {lines}",
        "&#0; &#xD800;",
        "_x0041_",
    ),
    "\u202eterbalik \u200b",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_and_back_literally(text: str) -> None:
    statements = (PaperStatement(None, 1, text, (indicator(text, formula=text, source=text, unit_of_measure=text),)),)
    content = sheet_docx(approved(position=text, main_duty=text, duties=(text,), functions=(text,), statements=statements))
    assert rows_of(content)[0][1:6] == [text] * 5
    (sheet,) = read_document(content).sheets
    (statement,) = sheet.statements
    (one,) = statement.indicators
    texts = {
        sheet.position,
        sheet.main_duty,
        *sheet.duties,
        *sheet.functions,
        statement.text,
        one.text,
        one.formula,
        one.source,
    }
    assert texts == {text.strip()}


@pytest.mark.parametrize("text", [text for text in HOSTILE if not text.startswith("Fungsi")])
def test_a_hostile_heading_comes_back_literally(text: str) -> None:
    (sheet,) = read_document(sheet_docx(approved(heading=text))).sheets
    assert sheet.heading == text.strip()


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", chr(0xD800), chr(0xDFFF), "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_replaced_where_it_stands(character: str) -> None:
    text, office = f"a{character}b", replace(OFFICE, government=f"a{character}b", place=f"a{character}b")
    statements = (PaperStatement(None, 1, text, (indicator(text, unit_of_measure=text),)),)
    signer = Signer(text, text, text, text)
    sheet = PrintedSheet(
        paper(heading=text, position=text, duties=(text,), statements=statements),
        office,
        signer,
        None,
        signer,
        replace(PROOF, register=text),
    )
    content = book_docx([sheet], title=text, office=office, opening=[text])
    assert rows_of(content)[0][1] == "a\ufffdb"
    assert opened(content).core_properties.title == "a\ufffdb"
    assert sum("a\ufffdb" in line for line in lines(content)) > 12


@pytest.mark.parametrize("text", ["Unit Kerja : x", "INDIKATOR KINERJA INDIVIDU (IKI) x", "a. satu", "-", "(1)"])
def test_an_indicator_below_the_first_is_never_taken_for_anything_else(text: str) -> None:
    rows = (indicator(), indicator(text, formula=text, source=text))
    (sheet,) = read_back([approved(statements=(PaperStatement(None, 1, "A", rows),))]).sheets
    assert [one.text for one in sheet.statements[0].indicators] == ["Jumlah dokumen", text]


def test_every_list_of_a_book_comes_back_lettered_from_a() -> None:
    sheets = [approved(duties=("satu;", "dua."))] * 2
    assert FindingKind.LETTER_OUT_OF_ORDER not in {finding.kind for finding in read_back(sheets).findings}


def test_line_breaks_stay_in_cells_and_open_no_field() -> None:
    statements = (PaperStatement(None, 1, "satu\r\ndua", (indicator("x\ny\tz"),)),)
    content = sheet_docx(approved(position="Analis\nFungsi : x", functions=("satu\nTugas Pokok : y",), statements=statements))
    (sheet,) = read_document(content).sheets
    assert (sheet.position, sheet.functions) == ("Analis Fungsi : x", ("satu Tugas Pokok : y",))
    assert (sheet.statements[0].text, sheet.statements[0].indicators[0].text) == ("satu dua", "x y z")
    assert table_of(content).rows[2].cells[1].text == "satu\ndua"


def test_lists_longer_than_the_alphabet_come_back_item_by_item() -> None:
    items = tuple(f"butir ke-{number};" for number in range(1, 61))
    (sheet,) = read_document(sheet_docx(approved(duties=items, functions=items))).sheets
    assert (sheet.duties, sheet.functions) == (items, items)


def test_a_main_duty_and_duties_come_back_apart() -> None:
    (sheet,) = read_document(sheet_docx(approved(duties=("satu;", "dua.")))).sheets
    assert (sheet.main_duty, sheet.duties, sheet.functions) == ("membantu.", ("satu;", "dua."), ("satu; dan", "dua."))


def test_the_reader_passes_over_the_styles_of_the_writer() -> None:
    assert set(NOT_THE_SHEET) == {elements.LETTERHEAD, elements.OPENING, elements.NOTE, elements.SIGNATURE}


def test_what_has_no_column_stands_under_the_table_and_is_not_read_as_a_row() -> None:
    sheet = replace(
        prints.approved(replace(prints.paper(prints.statement(1, "Kinerja", "Jumlah dokumen")), revision=2)),
        reason="Koreksi. Salah ketik.",
    )
    row = replace(sheet.paper.statements[0].indicators[0], baseline=Decimal(3), sub_kegiatan_code="5.03.02.2.01.0006")
    sheet = replace(sheet, paper=replace(sheet.paper, statements=(replace(sheet.paper.statements[0], indicators=(row,)),)))
    written = [each.text for each in opened(sheet_docx(sheet)).paragraphs]
    assert "Perubahan ke-1. Koreksi. Salah ketik." in written
    assert "Baris 1.1: kondisi awal 3; kode sub-kegiatan 5.03.02.2.01.0006." in written
    (read,) = read_back([sheet]).sheets
    assert [each.text for statement in read.statements for each in statement.indicators] == ["Jumlah dokumen"]


@pytest.mark.parametrize(("target", "upper"), [("4", None), ("12.5", None), ("80", "90"), ("1234567", None), (None, None)])
def test_units_and_targets_come_back(target: str | None, upper: str | None) -> None:
    wanted = (target and Decimal(target), upper and Decimal(upper))
    row = PaperStatement(None, 1, "A", (indicator(target=wanted[0], target_upper=wanted[1]),))
    (read,) = read_back([approved(statements=(row,))]).sheets[0].statements[0].indicators
    assert (read.unit_of_measure, read.target, read.target_upper, read.target_text) == ("dokumen", *wanted, "")
