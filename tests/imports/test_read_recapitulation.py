"""The recapitulation read back: the same rows, and from a hostile workbook one sentence, quickly and in little memory."""

import io
import re
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from iki_portal.documents import recapitulation as written
from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.documents.printed import PrintedSheet, Proof, Signer
from iki_portal.documents.recapitulation import RecapSheet, recapitulation_rows, recapitulation_xlsx
from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import NUMBER_LIMIT
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity
from iki_portal.imports.recapitulation import HEADINGS, RecapRow, read_recapitulation
from iki_portal.imports.unpacking import LARGEST_UNPACKED
from iki_portal.imports.workbook import MOST_ROWS

HOSTILE_TEXTS = (
    *("=1+1", "\t=1", "\r=1", "\uff1d1+1", " =1+1", "\ufeff=1", '=HYPERLINK("http://evil.example")', "-5 %", "+62 811", "012"),
    *(
        " tepi ",
        "baris\nkedua",
        "a\r\nb",
        "\n",
        "😀",
        "مرحبا",
        "_x0041_",
        "_x005F_",
        "<r><t>x</t></r>",
        "<r>\x01 _x0041_&</r>",
        "&amp;",
        "\x00\x1f",
    ),
    *("9999999999999,1234", "2026-01-05", "TRUE", "#REF!", "\u2028", "]]>", "'kutip"),
)
SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
WORKSHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40)
texts = st.one_of(st.sampled_from(HOSTILE_TEXTS), any_text, any_text.map("<r>{}</r>".format))
scaled = st.integers(min_value=1 - 10**17, max_value=10**17 - 1).map(lambda number: Decimal(number).scaleb(-4))
figures = st.one_of(
    st.none(),
    scaled,
    st.integers(min_value=-(10**4), max_value=10**6).map(Decimal),
    st.sampled_from([Decimal("9999999999999.1234"), Decimal("-0.0001"), Decimal("0.1"), NUMBER_LIMIT - 1, Decimal("33.3333")]),
)
indicators = st.builds(
    PaperIndicator,
    id=st.none(),
    text=texts,
    formula=texts,
    source=texts,
    unit_of_measure=texts,
    polarity=st.one_of(st.none(), st.sampled_from(list(Polarity))),
    aggregation=st.one_of(st.none(), st.sampled_from(list(Aggregation))),
    target=figures,
    target_upper=figures,
    quarters=st.tuples(figures, figures, figures, figures),
)
statements = st.builds(
    PaperStatement,
    id=st.none(),
    number=st.integers(min_value=1, max_value=60),
    text=texts,
    indicators=st.lists(indicators, max_size=3).map(tuple),
)
papers = st.builds(
    Paper,
    year=st.just(2026),
    revision=st.integers(min_value=1, max_value=12),
    **dict.fromkeys(("heading", "position", "unit", "main_duty"), st.just("")),
    **dict.fromkeys(("duties", "functions"), st.just(())),
    statements=st.lists(statements, max_size=2).map(tuple),
)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))
prints = st.builds(
    PrintedSheet,
    paper=papers,
    approved=st.one_of(st.none(), st.builds(Signer, full_name=texts, title=st.just(""), on=days)),
    proof=st.one_of(st.none(), st.builds(Proof, texts, *(st.just(""),) * 2, st.just(1), st.just(""))),
)
recap_sheets = st.builds(RecapSheet, prints, code=texts, position=texts, unit=texts, owner=texts, state=texts)


def as_cells(row: RecapRow) -> tuple[object, ...]:
    """The row as the writer names its cells."""
    return (
        *(row.year, row.code, row.position, row.unit, row.owner, row.revision, row.state, row.number, row.statement),
        *(row.indicator_number, row.indicator, row.formula, row.source, row.unit_of_measure),
        POLARITY_WORDS[row.polarity] if row.polarity else "",
        AGGREGATION_WORDS[row.aggregation] if row.aggregation else "",
        *(row.target, row.target_upper, *row.quarters, row.register, row.approved_by, row.approved_on),
    )


def sheet_with(text: str = "Jumlah dokumen", target: Decimal | None = Decimal(4)) -> RecapSheet:
    row = PaperIndicator(None, text, "", "", "dokumen", "maximize", "sum", target, None, (target, None, None, None))
    paper = Paper(2026, 1, "", "", "", "", (), (), (PaperStatement(None, 1, "Kinerja", (row,)),))
    approved = Signer("Budi", "Sekretaris", on=date(2026, 1, 5))
    return RecapSheet(PrintedSheet(paper, approved=approved), "2.1", "Analis", "Bidang", "Siti", "Ditetapkan")


@cache
def honest() -> bytes:
    return recapitulation_xlsx([sheet_with()], year=2026, title="Rekapitulasi IKI 2026")


def with_parts(changes: Mapping[str, bytes | None], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The honest workbook with parts replaced, added or (None) left out."""
    source = zipfile.ZipFile(io.BytesIO(honest()))
    parts: dict[str, bytes | None] = {name: source.read(name) for name in source.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in (parts | dict(changes)).items():
            if data is not None:
                archive.writestr(name, data)
    return file.getvalue()


def replaced(name: str, old: str, new: str) -> bytes:
    text = zipfile.ZipFile(io.BytesIO(honest())).read(name).decode()
    assert old in text
    return with_parts({name: text.replace(old, new).encode()})


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read_recapitulation(content)
    return str(refused.value)


# The same rows


@settings(max_examples=150, deadline=None)
@given(st.lists(recap_sheets, max_size=3))
def test_what_was_written_is_read_back(sheets: list[RecapSheet]) -> None:
    content = recapitulation_xlsx(sheets, year=2026, title="Rekapitulasi")
    rows = recapitulation_rows(sheets, year=2026)
    assert [as_cells(row) for row in read_recapitulation(content)] == list(rows)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_text_goes_out_and_in(text: str) -> None:
    (row,) = read_recapitulation(recapitulation_xlsx([sheet_with(text)], year=2026, title=""))
    assert row.indicator == text


def test_a_figure_that_excel_saved_with_17_digits_is_the_figure_typed() -> None:
    (row,) = read_recapitulation(replaced(SHEET, '<v>4</v></c><c r="S2"', '<v>33.333300000000001</v></c><c r="S2"'))
    assert row.target == Decimal("33.3333")


def test_what_other_programs_put_beside_the_table_does_no_harm() -> None:
    beside = {"xl/printerSettings/printerSettings1.bin": b"\0", "docProps/custom.xml": b"<a/>", "xl/media/image1.png": b"\x89"}
    assert len(read_recapitulation(with_parts(beside))) == 1


def test_as_many_rows_as_the_limit_says_are_read() -> None:
    full = recapitulation_xlsx([sheet_with()] * MOST_ROWS, year=2026, title="")
    assert len(read_recapitulation(full)) == MOST_ROWS
    over = recapitulation_xlsx([sheet_with()] * (MOST_ROWS + 1), year=2026, title="")
    assert "lebih dari 10.000 baris" in refusal(over)


def test_the_reader_knows_the_columns_of_the_writer() -> None:
    assert tuple(column.heading for column in written.COLUMNS) == HEADINGS


def test_an_empty_year_has_no_rows() -> None:
    assert read_recapitulation(recapitulation_xlsx([], year=2026, title="")) == ()


# A workbook that somebody worked on


def made(rows: list[list[object]], *, tab: str = "Rekapitulasi 2026", tabs: int = 1, heading: str = "Tahun") -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for number in range(tabs):
            worksheet = book.add_worksheet(tab if not number else f"{tab} ({number})")
            for index, row in enumerate([[heading, *HEADINGS[1:]], *rows]):
                worksheet.write_row(index, 0, row)
    return file.getvalue()


def row_with(heading: str, value: object) -> list[object]:
    cells: list[object] = [2026, "2.1", "Analis", "Bidang", "Siti", "Penetapan awal", "Draf", 1, "Kinerja", 1, *[""] * 15]
    cells[HEADINGS.index(heading)] = value
    return cells


@pytest.mark.parametrize(
    ("heading", "value", "attribute", "read"),
    [
        ("Target", "1.234,5", "target", Decimal("1234.5")),
        ("Target", 4, "target", Decimal(4)),
        ("Tanggal ditetapkan", "5 Januari 2026", "approved_on", date(2026, 1, 5)),
        ("Polaritas", "Dalam rentang", "polarity", Polarity.RANGE),
        ("No", "", "number", None),
    ],
)
def test_a_cell_filled_by_hand_is_understood(heading: str, value: object, attribute: str, read: object) -> None:
    (row,) = read_recapitulation(made([row_with(heading, value), [""] * 25]))
    assert getattr(row, attribute) == read


@pytest.mark.parametrize(
    ("heading", "value", "said"),
    [
        ("Target", "4.25", "Baris 2, kolom Target: Angka “4.25” dapat dibaca dua cara; tuliskan 4,25"),
        ("Target", "banyak", "Baris 2, kolom Target: Ini bukan angka"),
        ("Target", 0.12345, "paling banyak 4"),
        ("Target", 1e13, "terlalu besar"),
        ("Target", True, "harus berisi angka"),
        ("TW III", "5 %", "Baris 2, kolom TW III: Tuliskan angkanya saja"),
        ("No", 1.5, "bilangan bulat"),
        ("Jabatan", 12, "Baris 2, kolom Jabatan: Sel ini harus berisi teks"),
        ("Polaritas", "naik", "salah satu dari: Semakin tinggi semakin baik"),
        ("Cara hitung tahunan", "total", "salah satu dari: Jumlah"),
        ("Tanggal ditetapkan", "31-02-2026", "tidak ada di kalender"),
        ("Tanggal ditetapkan", 46000, "harus berisi teks"),
        ("Tahun", "", "Tahun belum diisi"),
        ("Tahun", 2025, "Baris 2: tahun 2025, seharusnya 2026"),
        ("Kinerja", "=1+1", "berisi rumus"),
    ],
)
def test_a_wrong_cell_is_named(heading: str, value: object, said: str) -> None:
    assert said in refusal(made([row_with(heading, value)]))


def test_another_tab_another_heading_and_another_column_are_refused() -> None:
    for content in (made([], tab="Sheet1"), made([], tab="Rekapitulasi"), made([], tabs=2)):
        assert "satu lembar kerja saja" in refusal(content)
    assert "Judul kolom 1 tertulis “Thn”, seharusnya “Tahun”" in refusal(made([], heading="Thn"))
    assert "Judul kolom 1 tertulis “”" in refusal(with_parts({SHEET: WORKSHEET % b""}))
    assert "Baris 2 berisi lebih banyak kolom" in refusal(made([[*row_with("No", 1), "", "catatan"]]))


# Strangers' files


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


def stored_first(data: bytes) -> bytes:
    """A workbook that is a PDF as well: its first part is not packed and starts within the first bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", data)
        for name in zipfile.ZipFile(io.BytesIO(honest())).namelist():
            archive.writestr(name, zipfile.ZipFile(io.BytesIO(honest())).read(name))
    return file.getvalue()


def lying_headers() -> bytes:
    """Headers that claim a hundredth of what the part unpacks to."""
    content = bytearray(with_parts({"xl/media/image1.png": bytes(40_000_000)}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(b"xl/media/image1.png") if mark == b"PK\x03\x04" else content.rfind(b"xl/media/image1.png")
        struct.pack_into("<I", content, content.rfind(mark, 0, at) + place, 400_000)
    return bytes(content)


def cells(count: int) -> bytes:
    return b"".join(b"<row>" + b"<c/>" * 100 + b"</row>" for _ in range(count // 100))


def shared_text_bomb() -> bytes:
    """One long text in 200,000 cells: 800 KiB in the file, gigabytes in a parser."""
    table = b"".join(b"<row>" + b'<c t="s"><v>0</v></c>' * 20 + b"</row>" for _ in range(10_000))
    return with_parts({TEXTS: b"<sst><si><t>%s</t></si></sst>" % (b"a" * 30_000), SHEET: WORKSHEET % table})


def many_entries(count: int) -> bytes:
    return with_parts({f"xl/media/{number}.png": b"" for number in range(count)})


def one_cell(reference: str) -> bytes:
    return with_parts({SHEET: WORKSHEET % (b'<row><c r="A1"><v>1</v></c><c r="%s"><v>1</v></c></row>' % reference.encode())})


def laughs(encoding: str = "utf-8") -> bytes:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    text = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a0 "ha">{entities}]><sst><si><t>&a9;</t></si></sst>'
    return text.encode(encoding)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    # workbooks
    "zip bomb": (lambda: with_parts({TEXTS: b" " * (LARGEST_UNPACKED + 1)}), "lebih besar dari 50 MB"),
    "zip bomb in a picture": (lambda: with_parts({"xl/media/a.png": bytes(200_000_000)}), "lebih besar dari 50 MB"),
    "many bombs": (lambda: with_parts({f"xl/media/{n}.png": bytes(1_000_000) for n in range(60)}), "lebih besar dari 50 MB"),
    "lying headers": (lying_headers, "rusak"),
    "a cell at the far corner": (lambda: one_cell("XFD1048576"), "lebih dari 10.000 baris"),
    "a cell far right": (lambda: one_cell("XFD2"), "lebih banyak kolom"),
    "a cell nowhere": (lambda: one_cell("a1"), "tidak disusun seperti biasa"),
    "one text in all cells": (shared_text_bomb, "Teks di dalam lembar kerja terlalu banyak"),
    "a very long text": (
        lambda: with_parts({TEXTS: b"<sst><si><t>%s</t></si></sst>" % (b"a" * 45_000_000)}),
        "Teks di dalam lembar kerja terlalu banyak",
    ),
    "empty cells": (lambda: with_parts({SHEET: WORKSHEET % cells(700_000)}), "Judul kolom 1"),
    "endless cells": (lambda: with_parts({SHEET: WORKSHEET % cells(3_000_000)}), "terlalu banyak"),
    "endless elements": (lambda: with_parts({"xl/styles.xml": b"<a>" + b"<b/>" * 12_000_000}), "terlalu banyak"),
    "a comment without end": (lambda: with_parts({SHEET: b"<!--" + b"a" * 45_000_000}), "tidak disusun seperti biasa"),
    "a long attribute": (lambda: with_parts({SHEET: b'<a b="' + b"a" * 45_000_000}), "tidak disusun seperti biasa"),
    "deep nesting": (lambda: with_parts({SHEET: b"<a>" * 10_000_000}), "terlalu banyak"),
    "a text that is not there": (
        lambda: with_parts({SHEET: WORKSHEET % b'<row><c t="s"><v>4000000000</v></c></row>'}),
        "rusak",
    ),
    "billion laughs": (lambda: with_parts({TEXTS: laughs()}), "DTD"),
    "billion laughs in a theme": (lambda: with_parts({"xl/theme/theme1.xml": laughs()}), "DTD"),
    "billion laughs in UTF-16": (lambda: with_parts({TEXTS: laughs("utf-16")}), "rusak"),
    "another encoding": (lambda: with_parts({TEXTS: b'<?xml version="1.0" encoding="iso-8859-1"?><sst/>'}), "biasa"),
    "macro": (lambda: with_parts({"xl/vbaProject.bin": b"x"}), "makro"),
    "macro in disguise": (lambda: with_parts({"xl/VBAPROJECT.BIN": b"x"}), "makro"),
    "embedded object": (lambda: with_parts({"xl/embeddings/oleObject1.bin": b"x"}), "makro"),
    "501 parts": (lambda: many_entries(501), "lebih dari 500 bagian"),
    "60,000 parts": (lambda: many_entries(60_000), "lebih dari 500 bagian"),
    "lzma": (lambda: with_parts({}, zipfile.ZIP_LZMA), "tidak disusun seperti biasa"),
    "bzip2": (lambda: with_parts({}, zipfile.ZIP_BZIP2), "tidak disusun seperti biasa"),
    "over 10 MB": (lambda: honest() + bytes(10 * 1024 * 1024), "lebih besar dari 10 MB"),
    "a formula": (lambda: replaced(SHEET, "<v>4</v>", "<f>1+3</f><v>4</v>"), "berisi rumus"),
    "a formula with a prefix": (
        lambda: with_parts({SHEET: b'<x:worksheet xmlns:x="y"><x:f>1</x:f></x:worksheet>'}),
        "berisi rumus",
    ),
    "an error": (lambda: replaced(SHEET, "<v>4</v>", '<v>4</v></c><c r="R2" t="e"><v>#REF!</v>'), "#REF!"),
    # polyglots
    "pdf": (pdf, "PDF"),
    "pdf and then a workbook": (lambda: pdf() + honest(), "PDF"),
    "a workbook and then a pdf": (lambda: honest() + pdf(), "rusak"),
    "a pdf inside the first part": (lambda: stored_first(pdf()), "PDF"),
    "xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), r"\.xls"),
    "gif and then a workbook": (lambda: b"GIF89a" + honest(), "bukan berkas Excel"),
    "html and then a workbook": (lambda: b"<html><script>1</script>" + honest(), "bukan berkas Excel"),
    "csv": (lambda: b"Tahun;Kode jabatan\r\n", "bukan berkas Excel"),
    "docx": (lambda: with_parts({BOOK: None, "word/document.xml": b"<a/>"}), "bukan buku kerja Excel"),
    "xlsb": (lambda: with_parts({BOOK: None, "xl/workbook.bin": b"x"}), "bukan buku kerja Excel"),
    "nothing": (lambda: b"", "kosong"),
    "a signature and nothing else": (lambda: b"PK\x03\x04", "rusak"),
    "half a workbook": (lambda: honest()[: len(honest()) // 2], "rusak"),
    "no sheet": (lambda: with_parts({SHEET: None}), "rusak"),
    "a day that no calendar has": (lambda: replaced(SHEET, "<v>46027</v>", "<v>-99999999999999</v>"), "rusak"),
    "not XML": (lambda: with_parts({SHEET: b"{}"}), "rusak"),
}
NAMES = (
    *("../evil.xml", "xl/../../evil.xml", "/etc/passwd", "\\evil.xml", "xl\\evil.xml", "C:/evil.xml", "C:evil.xml", "./a.xml"),
    *("xl//a.xml", "a/.", "a/..", "..", "~/.ssh/id", ".htaccess", "a\nb.xml", "a\x1bb.xml", "caf\u00e9.xml", "a\u202egnp.xml"),
    *("xl/worksheets/SHEET1.xml", "xl/.hidden/a.xml", "con:", "a|b", "$(id).xml", "a\u2215b.xml"),
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_sentence_within_a_second(name: str) -> None:
    make, said = HOSTILE[name]
    content = make()
    begin = time.process_time()
    sentence = refusal(content)
    assert time.process_time() - begin < 1
    assert re.search(said, sentence), sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300


@pytest.mark.parametrize("name", NAMES)
def test_a_part_with_a_strange_name_is_refused(name: str) -> None:
    assert "nama yang tidak wajar" in refusal(with_parts({name: b"<a/>"}))


def test_a_part_that_stands_there_twice_is_refused() -> None:
    content = with_parts({"xl/worksheets/sheet2.xml": b"<a/>"})
    assert "nama yang tidak wajar" in refusal(content.replace(b"sheet2.xml", b"sheet1.xml"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux")
def test_hostile_files_take_little_memory(tmp_path: Path) -> None:
    """All of them in one process of their own, whose peak counts Python and its libraries as well."""
    for number, (make, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number:02}.xlsx").write_bytes(make())
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from iki_portal.domain.errors import Invalid\n"
        "from iki_portal.imports.recapitulation import read_recapitulation\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        read_recapitulation(path.read_bytes())\n"
        "    except Invalid:\n"
        "        print(path.name, Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=True, capture_output=True, text=True)
    refused = done.stdout.splitlines()
    assert len(refused) == len(HOSTILE)
    assert int(refused[-1].split()[1]) < 200 * 1024, refused
