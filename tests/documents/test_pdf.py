"""The sheet's PDF: what stands on which page, to which standards, with which bytes; and pictures of two of them."""

import re
import threading
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from iki_portal.documents.paper import PaperStatement
from iki_portal.documents.pdf import sheet_pdf
from iki_portal.documents.printed import Office, PrintedSheet, reason_text
from tests import prints

PICTURES = Path(__file__).parent / "pictures"
A4, F4 = (595, 842), (609, 935)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, in one line each."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def printed(sheet: PrintedSheet, on: date = prints.DAY) -> list[str]:
    return pages(sheet_pdf(sheet, printed_on=on))


def letters(texts: list[str]) -> Counter[str]:
    """How often each letter and figure stands in the texts; hyphens and spaces depend on where lines end."""
    return Counter(sign for text in texts for sign in text if sign.isalnum())


@pytest.mark.parametrize("place", range(20))
def test_every_sheet_of_the_office_prints_whole(place: int) -> None:
    """Letter by letter: a cell over several rows is drawn row by row, between the cells beside it."""
    paper = prints.papers_of_the_office()[place]
    sheet = prints.approved(paper)
    bare = replace(sheet, paper=replace(paper, duties=(), functions=(), main_duty="", statements=()))
    texts = [paper.main_duty, *paper.duties, *paper.functions]
    for row in paper.statements:
        texts.append(row.text)
        texts += [text for each in row.indicators for text in (each.text, each.formula, each.source, each.unit_of_measure)]
    missing = letters(texts) - (letters(printed(sheet)) - letters(printed(bare)))
    assert missing == Counter()


def test_the_page_says_what_the_desk_looks_for() -> None:
    text = " ".join(printed(prints.approved(prints.papers_of_the_office()[1])))
    for words in (
        "PEMERINTAH KABUPATEN LUMAJANG BADAN KEPEGAWAIAN DAERAH",
        "INDIKATOR KINERJA INDIVIDU (IKI) ANALIS KEPEGAWAIAN MUDA",
        "(1) (2) (3) (4) (5) (6) (7)",
        "Ditetapkan di Lumajang",
        "pada tanggal 24 November 2026",
        "Yang mengusulkan,",
        "Dr. Rina Wulandari, S.Sos., M.Si.",
        "NIP 19850101 201001 2 001",
        "Pembina, IV/a",
        "Nomor register 2027-0007",
        "Kode ACDE-FGHJ-KMNP",
        "Riwayat no. 1234: deadbeefdeadbeef",
        "bukan tanda tangan elektronik",
        "Halaman 1 dari",
    ):
        assert words in text, words
    assert "DRAF" not in text


def test_a_draft_is_marked_on_every_page_and_carries_no_code() -> None:
    rows = [prints.statement(number, prints.OFFICIAL, prints.OFFICIAL) for number in range(1, 12)]
    found = printed(PrintedSheet(prints.paper(*rows), prints.OFFICE))
    assert len(found) > 2
    for text in found:
        assert "DRAF" in text
        assert "dicetak 24 November 2026: bukan dokumen resmi" in text
    assert not any(word in " ".join(found) for word in ("Kode", "register", "Ditetapkan", "Yang mengusulkan"))


def test_an_office_without_texts_prints_none_in_their_place() -> None:
    text = " ".join(printed(prints.approved(prints.paper(prints.statement(1, "A", "B")), Office())))
    assert text.startswith("INDIKATOR KINERJA INDIVIDU (IKI)")
    assert "Ditetapkan pada tanggal 24 November 2026" in text
    assert "Ditetapkan di" not in text


def test_17_statements_of_250_letters_keep_rows_whole_and_repeat_the_header() -> None:
    rows = [prints.statement(number, f"{prints.OFFICIAL} {number:02d}", prints.OFFICIAL) for number in range(1, 18)]
    found = printed(prints.approved(prints.paper(*rows)))
    assert len(found) >= 4
    for number, text in enumerate(found, start=1):
        assert "(1) (2) (3) (4) (5) (6) (7)" in text, number
        assert f"Halaman {number} dari {len(found)}" in text
    whole = re.sub(r"\s|-", "", prints.OFFICIAL)
    assert sum(re.sub(r"\s|-", "", text).count(whole) for text in found) == 3 * 17, "a cell was torn over two pages"


@pytest.mark.parametrize("rows", range(1, 13))
def test_the_signatures_never_stand_alone(rows: int) -> None:
    """However long the sheet: the page with the signatures has a row of the table, under its header, and the proof."""
    statements = [
        prints.statement(number, f"{prints.OFFICIAL[:150]} baris{number:02d}", "Jumlah") for number in range(1, rows + 1)
    ]
    last = printed(prints.approved(prints.paper(*statements)))[-1]
    assert "Yang mengusulkan" in last
    assert f"baris{rows:02d}" in last
    assert "(1) (2) (3) (4) (5) (6) (7)" in last
    assert "Kode ACDE-FGHJ-KMNP" in last


def test_a_statement_taller_than_a_page_is_torn_rather_than_lost() -> None:
    tall = " ".join(f"kata{number}" for number in range(900))
    found = printed(prints.approved(prints.paper(prints.statement(1, tall, tall, "Jumlah"))))
    text = " ".join(found)
    assert {f"kata{number}" for number in range(900)} <= set(re.findall(r"kata\d+", text))
    assert "Yang mengusulkan" in found[-1]


def test_hostile_text_prints_literally() -> None:
    hostile = prints.paper(prints.statement(1, prints.HOSTILE, prints.HOSTILE), main_duty=prints.HOSTILE)
    text = " ".join(printed(prints.approved(hostile)))
    for words in (
        "#h1 *x* _y_ $z$ `q` <b>tebal</b> &amp; \\n @ref",
        '#eval("1") =1+1',
        "[U+0001][U+0000][U+202E]",
        "[U+1F600]",
    ):
        assert words.replace(" ", "") in text.replace(" ", ""), words
    assert any(0x0600 <= ord(sign) <= 0x06FF or 0xFB50 <= ord(sign) <= 0xFEFF for sign in text), "Arabic has letters"


def test_the_file_meets_the_archive_and_accessibility_standards_and_brings_its_fonts() -> None:
    pdf = sheet_pdf(prints.approved(prints.papers_of_the_office()[0]), printed_on=prints.DAY)
    for mark in (
        b"<pdfaid:part>2</pdfaid:part>",
        b"<pdfaid:conformance>A</pdfaid:conformance>",
        b"<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert mark in pdf
    reader = PdfReader(BytesIO(pdf))
    assert reader.trailer["/Root"]["/Lang"] == "id"
    fonts = {font for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    for font in fonts:
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        assert "Arimo" in inner["/BaseFont"]
        assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())


@pytest.mark.parametrize(("size", "points"), [("a4", A4), ("f4", F4)])
def test_the_paper_is_the_office_s(size: str, points: tuple[int, int]) -> None:
    office = replace(prints.OFFICE, page_size=size)
    pdf = sheet_pdf(prints.approved(prints.papers_of_the_office()[0], office), printed_on=prints.DAY)
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == points


def test_the_same_facts_give_the_same_bytes_on_any_day() -> None:
    sheet = prints.approved(prints.papers_of_the_office()[3])
    assert sheet_pdf(sheet, printed_on=prints.DAY) == sheet_pdf(sheet, printed_on=date(2035, 1, 2))


def test_many_threads_set_sheets_at_once() -> None:
    """typst's compiler refuses to be shared ("Already borrowed"): every thread has its own."""
    sheet = prints.approved(prints.papers_of_the_office()[3])
    wanted, made, start = sheet_pdf(sheet, printed_on=prints.DAY), [], threading.Barrier(4)

    def work() -> None:
        start.wait()
        made.extend(sheet_pdf(sheet, printed_on=prints.DAY) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [wanted] * 20


@pytest.mark.parametrize("place", [0, 9])
def test_the_look_of_two_sheets_is_guarded(place: int) -> None:
    """Pictures in tests/documents/pictures; a wanted change: look at the new ones, then `make pictures`."""
    document = pypdfium2.PdfDocument(sheet_pdf(prints.approved(prints.papers_of_the_office()[place]), printed_on=prints.DAY))
    for number, page in enumerate(document):
        made = page.render(scale=1).to_pil().convert("L")
        kept = Image.open(PICTURES / f"sheet-{place}-{number}.png").convert("L")
        assert made.size == kept.size
        differs = ImageChops.difference(made, kept).point(lambda value: 255 if value > 96 else 0)
        share = differs.histogram()[255] / (made.width * made.height)
        assert share < 0.002, f"{share:.2%} of page {number + 1} looks different"
    assert not (PICTURES / f"sheet-{place}-{len(document)}.png").exists()


def with_remarks(rows: int) -> PrintedSheet:
    """A revision whose rows say what has no column."""
    row = replace(prints.indicator("Persentase SK pensiun"), baseline=Decimal("92.5"), sub_kegiatan_code="5.03.02.2.01.0006")
    nought = replace(prints.indicator("Jumlah pelanggaran"), target=Decimal(0), justification="Tidak boleh ada pelanggaran.")
    statements = [PaperStatement(None, number, "Kinerja", (row,)) for number in range(1, rows)]
    paper = prints.paper(*statements, PaperStatement(None, rows, "Kinerja", (nought,)))
    return replace(prints.approved(replace(paper, revision=2)), reason=reason_text("correction", "Salah\nketik."))


@pytest.mark.parametrize("rows", [1, 2, 60])
def test_what_has_no_column_stands_under_the_table_and_above_the_signatures(rows: int) -> None:
    found = printed(with_remarks(rows))
    text = " ".join(found)
    assert "Perubahan ke-1. Koreksi: kekeliruan penulisan atau hitungan. Salah ketik." in text
    assert text.count("kondisi awal 92,5; kode sub-kegiatan 5.03.02.2.01.0006.") == rows - 1
    last = f"Baris {rows}.1: alasan target nol: Tidak boleh ada pelanggaran."
    assert last in found[-1]
    assert found[-1].index(last) < found[-1].index("Ditetapkan di Lumajang")


def test_a_draft_says_why_it_revises() -> None:
    sheet = PrintedSheet(replace(prints.paper(), revision=2), reason=reason_text("budget", "Anggaran dipotong."))
    assert "Perubahan ke-1. Perubahan anggaran yang memengaruhi pencapaian target. Anggaran dipotong." in printed(sheet)[0]
