"""The office's own document: every count, every word, every trap."""

import re
from collections import Counter
from pathlib import Path

import pytest

from iki_portal.imports.document import FindingKind, ReadDocument, ReadIndicator, ReadSheet, read_document

OFFICE_DOCUMENT = Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md"
CONTENT = OFFICE_DOCUMENT.read_bytes()
RAW_LINES = CONTENT.decode().split("\n")


@pytest.fixture(scope="module")
def document() -> ReadDocument:
    return read_document(CONTENT)


def indicators_of(document: ReadDocument) -> list[ReadIndicator]:
    return [one for sheet in document.sheets for statement in sheet.statements for one in statement.indicators]


def lines_of(document: ReadDocument, kind: FindingKind) -> list[int]:
    return [finding.line for finding in document.findings if finding.kind is kind]


def message_at(document: ReadDocument, kind: FindingKind, line: int) -> str:
    (message,) = (found.message for found in document.findings if (found.kind, found.line) == (kind, line))
    return message


def sheet_at(document: ReadDocument, line: int) -> ReadSheet:
    (sheet,) = (sheet for sheet in document.sheets if sheet.line == line)
    return sheet


# Counts


def test_the_office_document_has_20_sheets(document: ReadDocument) -> None:
    assert len(document.sheets) == 20


def test_the_office_document_has_63_statements_and_69_indicators(document: ReadDocument) -> None:
    assert sum(len(sheet.statements) for sheet in document.sheets) == 63
    assert len(indicators_of(document)) == 69


def test_the_office_document_has_233_lettered_duties_and_functions(document: ReadDocument) -> None:
    assert sum(len(sheet.duties) + len(sheet.functions) for sheet in document.sheets) == 233


def test_thirteen_sheets_list_duties_and_seven_have_a_main_duty_and_functions(document: ReadDocument) -> None:
    shapes = Counter((bool(s.main_duty), bool(s.duties), bool(s.functions)) for s in document.sheets)
    assert shapes == {(False, True, False): 13, (True, False, True): 7}


def test_each_sheet_has_its_statements_numbered_from_one(document: ReadDocument) -> None:
    for sheet in document.sheets:
        assert [statement.number for statement in sheet.statements] == list(range(1, len(sheet.statements) + 1))


# Words, counted a second time without the reader


def raw_rows() -> list[tuple[int, list[str]]]:
    rows = [(number, raw.split("\t")) for number, raw in enumerate(RAW_LINES, start=1) if "\t" in raw]
    return [(number, cells) for number, cells in rows if "KINERJA" not in cells[1]]


def raw_items() -> list[str]:
    found = (re.search(r"(?:^|: |- |^ )[a-z]\. (.+?) *$", raw) for raw in RAW_LINES if "\t" not in raw)
    return [match[1] for match in found if match]


def test_every_cell_of_every_row_is_read_verbatim_and_on_its_line(document: ReadDocument) -> None:
    expected, statement = [], ["", ""]
    for line, (number, text, *rest) in raw_rows():
        statement = [number, text] if text else statement
        expected.append((*statement, *(cell.strip() for cell in rest), line))
    read = [
        (str(statement.number), statement.text, one.text, one.formula, one.source, one.line)
        for sheet in document.sheets
        for statement in sheet.statements
        for one in statement.indicators
    ]
    assert len(expected) == 69
    assert read == expected


def test_every_lettered_item_is_read_verbatim_and_in_order(document: ReadDocument) -> None:
    read = [item for sheet in document.sheets for item in (*sheet.duties, *sheet.functions)]
    assert len(raw_items()) == 233
    assert read == raw_items()


def test_no_text_carries_markup_or_doubled_white_space(document: ReadDocument) -> None:
    for sheet in document.sheets:
        for text in (sheet.heading, sheet.position, sheet.main_duty, *sheet.duties, *sheet.functions):
            assert text == " ".join(text.split())
            assert "*" not in text
            assert "<" not in text


def test_every_main_duty_stands_in_the_document(document: ReadDocument) -> None:
    texts = [sheet.main_duty for sheet in document.sheets if sheet.main_duty]
    assert len(texts) == 7
    for text in texts:
        assert sum(raw.rstrip().endswith(f": {text}") for raw in RAW_LINES) == 1


def test_every_word_of_the_document_is_read_or_is_a_label(document: ReadDocument) -> None:
    read: Counter[str] = Counter()
    for sheet in document.sheets:
        texts = [sheet.heading, sheet.position, sheet.main_duty, *sheet.duties, *sheet.functions]
        for statement in sheet.statements:
            texts += [str(statement.number), statement.text]
            texts += [text for one in statement.indicators for text in (one.text, one.formula, one.source)]
        read.update(" ".join(texts).split())
    raw_text = re.sub(r"</?b>|\*", " ", CONTENT.decode())
    left_over = Counter(raw_text.split()) - read
    header = {"NO", "KINERJA", "INDIKATOR", "PENJELASAN", "/", "FORMULASI", "PERHITUNGAN", "SUMBER", "DATA"}
    labels = {"INDIVIDU", "(IKI)", "Unit", "Kerja", "Tugas", "Pokok", "Fungsi", ":", "-"}
    assert {word for word in left_over if not re.fullmatch(r"[a-z]\.", word)} == header | labels
    for word in ("NO", "PENJELASAN", "FORMULASI", "PERHITUNGAN", "SUMBER", "DATA", "INDIVIDU", "(IKI)"):
        assert left_over[word] == 20


# Headings, posts, units


UNITS = [
    (3, "Bidang Pengadaan, Pemberhentian dan Informasi"),
    (25, "Bidang Pengadaan, Pemberhentian dan Informasi"),
    (58, "Bidang Pengadaan, Pemberhentian dan Informasi"),
    (84, "Bidang Pengadaan, Pemberhentian dan Informasi"),
    (109, "Bidang Mutasi dan Promosi"),
    (131, "Bidang Mutasi dan Promosi"),
    (155, "Bidang Mutasi dan Promosi"),
    (175, "Bidang Mutasi dan Promosi"),
    (195, "Bidang Pengembangan Kompetensi Aparatur"),
    (214, "Bidang Pengembangan Kompetensi Aparatur"),
    (234, "Bidang Pengembangan Kompetensi Aparatur"),
    (257, "Bidang Pengembangan Kompetensi Aparatur"),
    (281, "Bidang Penilaian Kinerja Aparatur dan Penghargaan"),
    (303, "Bidang Penilaian Kinerja Aparatur dan Penghargaan"),
    (320, "Bidang Penilaian Kinerja Aparatur dan Penghargaan"),
    (337, "Bidang Penilaian Kinerja Aparatur dan Penghargaan"),
    (364, "Sekretariat"),
    (398, "Sub Bagian Perencanaan"),
    (425, "Sub Bagian Keuangan"),
    (449, "Sub Bagian Umum dan Kepegawaian"),
]


def test_every_sheet_gets_the_unit_the_order_of_the_document_gives_it(document: ReadDocument) -> None:
    assert [(sheet.line, sheet.unit) for sheet in document.sheets] == UNITS


def test_the_position_is_what_stands_behind_unit_kerja(document: ReadDocument) -> None:
    expected = [raw.split(":", 1)[1].strip() for raw in RAW_LINES if "Unit Kerja" in raw]
    assert [sheet.position for sheet in document.sheets] == expected


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        (3, "BIDANG PENGADAAN, PEMBERHENTIAN DAN INFORMASI"),
        (25, "ANALIS KEPEGAWAIAN MUDA"),
        (234, "ANALIS KEPEGAWAIAN MUDA"),
        (364, "SEKRETARIS"),
        (449, "SUB BAGIAN UMUM DAN KEPEGAWAIAN"),
    ],
)
def test_the_heading_is_read_on_the_title_line_and_below_it(document: ReadDocument, line: int, heading: str) -> None:
    assert sheet_at(document, line).heading == heading


# Traps


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (FindingKind.MISSING_FACTS, [3]),
        (FindingKind.HEADING_DIFFERS, [109]),
        (FindingKind.ROW_SHARED, [277, 278, 279, 335]),
        (FindingKind.CONTINUATION_ROW, [21, 129, 300]),
        (FindingKind.TABLE_BROKEN, [481]),
        (FindingKind.HEADER_TAGGED, [81]),
        (FindingKind.MAIN_DUTY_IS_LIST, [29]),
        (FindingKind.FUNCTIONS_ON_LABEL_LINE, [8]),
        (FindingKind.COLON_MISSING, [431]),
        (FindingKind.RUN_TOGETHER, [421]),
        (FindingKind.ITEM_WITHOUT_END, [69, 219, 222, 241, 264, 412]),
        (FindingKind.ITEM_HOLDS_TWO, [345, 387]),
        (FindingKind.OTHER_POST_NAMED, [228, 249, 250, 273, 274]),
    ],
)
def test_a_trap_is_reported_where_it_stands(document: ReadDocument, kind: FindingKind, lines: list[int]) -> None:
    assert lines_of(document, kind) == lines


def test_every_post_in_unit_kerja_is_reported_with_the_unit_and_its_ground(document: ReadDocument) -> None:
    expected = [number for number, raw in enumerate(RAW_LINES, start=1) if "Unit Kerja" in raw]
    assert lines_of(document, FindingKind.POST_IN_UNIT) == expected
    assert "“Bidang Mutasi dan Promosi” dari pimpinan unit di atasnya (lembar pada baris 109)" in message_at(
        document, FindingKind.POST_IN_UNIT, 157
    )
    assert "“Sub Bagian Perencanaan” dari judul lembar" in message_at(document, FindingKind.POST_IN_UNIT, 402)


def test_formulas_that_repeat_the_indicator_are_reported_once_per_sheet(document: ReadDocument) -> None:
    assert len(lines_of(document, FindingKind.FORMULA_REPEATS_INDICATOR)) == 20
    assert "17 dari 17" in message_at(document, FindingKind.FORMULA_REPEATS_INDICATOR, 469)


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("penjurangan", [204, 205]),
        ("pension", [7]),
        ("sekretarias", [438]),
        ("Difasilitas", [82]),
        ("apatur", [311, 330]),
        ("perjenjangan", [247]),
        ("Meningkatnya Fasilitas", [482, 483, 484, 485, 486]),
        ("ijin", [122, 349, 350]),
        ("indek", [312]),
        ("social", [266]),
        ("pengolaan", [435]),
        ("karir", [182]),
        ("PajakPajak", [75]),
        ("tugas tugas", [38]),
    ],
)
def test_a_typo_is_reported_where_it_stands_and_kept(document: ReadDocument, word: str, lines: list[int]) -> None:
    reported = [f.line for f in document.findings if f.kind is FindingKind.TYPO and f.message.startswith(f"“{word}”")]
    independent = [number for number, raw in enumerate(RAW_LINES, start=1) if re.search(rf"\b{word}\b", raw)]
    assert reported == lines == independent


def test_nothing_is_reported_that_the_office_document_does_not_have(document: ReadDocument) -> None:
    assert {finding.kind for finding in document.findings} == {
        FindingKind.POST_IN_UNIT,
        FindingKind.HEADING_DIFFERS,
        FindingKind.MISSING_FACTS,
        FindingKind.COLON_MISSING,
        FindingKind.FUNCTIONS_ON_LABEL_LINE,
        FindingKind.MAIN_DUTY_IS_LIST,
        FindingKind.ITEM_WITHOUT_END,
        FindingKind.ITEM_HOLDS_TWO,
        FindingKind.OTHER_POST_NAMED,
        FindingKind.TABLE_BROKEN,
        FindingKind.HEADER_TAGGED,
        FindingKind.CONTINUATION_ROW,
        FindingKind.ROW_SHARED,
        FindingKind.FORMULA_REPEATS_INDICATOR,
        FindingKind.RUN_TOGETHER,
        FindingKind.TYPO,
    }


def test_findings_are_numbered_in_the_order_of_the_document(document: ReadDocument) -> None:
    assert [finding.number for finding in document.findings] == list(range(1, len(document.findings) + 1))
    assert [finding.line for finding in document.findings] == sorted(finding.line for finding in document.findings)
    assert len(document.findings) == 90


def test_every_message_is_a_sentence(document: ReadDocument) -> None:
    for finding in document.findings:
        assert finding.message.endswith(".")
        assert finding.message[0].isupper() or finding.message[0] == "“"


# The same document in other clothes


def test_reading_twice_gives_the_same(document: ReadDocument) -> None:
    assert read_document(CONTENT) == document


@pytest.mark.parametrize(
    "changed",
    [
        CONTENT.replace(b"\n", b"\r\n"),
        CONTENT.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + CONTENT,
        CONTENT + b"\n\n",
    ],
    ids=["windows lines", "old mac lines", "byte order mark", "end lines"],
)
def test_line_ends_and_a_byte_order_mark_change_nothing(document: ReadDocument, changed: bytes) -> None:
    assert read_document(changed) == document


def test_non_breaking_spaces_read_as_spaces(document: ReadDocument) -> None:
    assert read_document(CONTENT.decode().replace(" ", "\u00a0").encode()) == document


def test_a_markdown_pipe_table_reads_like_a_tab_table(document: ReadDocument) -> None:
    piped = "\n".join(f"| {raw.replace(chr(9), ' | ')} |" if "\t" in raw else raw for raw in RAW_LINES)
    assert read_document(piped.encode()) == document
