"""PDFs: the portal's own prints come back whole, those of others as far as they are sure, and the rest is refused."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
import typst
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter

from iki_portal.documents.book import book_pdf
from iki_portal.documents.decree import Decree
from iki_portal.documents.paper import Paper, PaperStatement
from iki_portal.documents.pdf import sheet_pdf
from iki_portal.documents.printed import PrintedSheet
from iki_portal.imports import pdf as pdf_reader
from iki_portal.imports.document import FindingKind, ReadDocument, ReadSheet, UnreadableDocument, read_document
from iki_portal.imports.pdfpages import MOST_OBJECTS, MOST_PAGES
from tests import prints

PAPERS = prints.papers_of_the_office()


def kinds(document: ReadDocument) -> set[FindingKind]:
    return {finding.kind for finding in document.findings}


def printed(paper: Paper) -> ReadDocument:
    return read_document(sheet_pdf(prints.approved(paper), printed_on=prints.DAY))


def rows_read(sheet: ReadSheet) -> list[object]:
    return [
        (each.number, each.text, [(one.text, one.formula, one.source, one.unit_of_measure, one.target, one.target_upper)])
        for each in sheet.statements
        for one in each.indicators
    ]


def rows_of(paper: Paper) -> list[object]:
    return [
        (each.number, each.text, [(one.text, one.formula, one.source, one.unit_of_measure, one.target, one.target_upper)])
        for each in paper.statements
        for one in each.indicators
    ]


def typeset(source: str) -> bytes:
    made = typst.compile(source.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


@cache
def blank(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def table(rows: Sequence[Sequence[str]], columns: str, stroke: str = "0.5pt") -> str:
    cells = ", ".join(f"[{text}]" for row in rows for text in row)
    return f"#table(columns: {columns}, stroke: {stroke}, {cells})"


# Our own


@pytest.mark.parametrize("place", range(20))
def test_an_official_print_reads_back_word_by_word(place: int) -> None:
    paper = PAPERS[place]
    document = printed(paper)
    (sheet,) = document.sheets
    assert (sheet.heading, sheet.position, sheet.main_duty) == (paper.heading, paper.position, paper.main_duty)
    assert (sheet.duties, sheet.functions) == (paper.duties, paper.functions)
    assert rows_read(sheet) == rows_of(paper)
    beside = " ".join(each.text for each in document.unread)
    assert all(words in beside for words in ("pada tanggal 24 November 2026", "NIP 19850101 201001 2 001", "2027-0007"))


def test_a_draft_print_reads_back_with_its_mark_apart() -> None:
    document = read_document(sheet_pdf(PrintedSheet(PAPERS[1]), printed_on=prints.DAY))
    assert rows_read(document.sheets[0]) == rows_of(PAPERS[1])
    assert ("DRAF", "tulisan miring di atas halaman") in {(each.text, each.where) for each in document.unread}


@pytest.mark.parametrize(("target", "upper"), [("12.5", None), ("80", "90"), ("1234567", None), ("1234.5", None)])
def test_a_target_reads_back(target: str, upper: str | None) -> None:
    one = replace(
        prints.indicator("Jumlah"), target=Decimal(target), target_upper=upper and Decimal(upper), unit_of_measure="%"
    )
    paper = prints.paper(PaperStatement(None, 1, "A", (one,)))
    assert rows_read(printed(paper).sheets[0]) == rows_of(paper)


def test_17_rows_over_many_pages_read_back() -> None:
    paper = prints.paper(
        *(prints.statement(number, f"{prints.OFFICIAL} {number:02d}", prints.OFFICIAL) for number in range(1, 18))
    )
    document = printed(paper)
    assert rows_read(document.sheets[0]) == rows_of(paper)
    assert not kinds(document) & {FindingKind.ROW_TORN, FindingKind.HEADER_REPEATED}
    edges = [each.text for each in document.unread if each.where == "di kepala atau kaki halaman"]
    assert len(edges) == 1
    assert "Register 2027-0007" in edges[0]


def test_a_row_that_page_breaks_tear_goes_on() -> None:
    tall = " ".join(f"kata{number}" for number in range(900))
    paper = prints.paper(prints.statement(1, tall, tall, "Jumlah"))
    document = printed(paper)
    (statement,) = document.sheets[0].statements
    assert (statement.text, [one.text for one in statement.indicators]) == (tall, [tall, "Jumlah"])
    assert FindingKind.ROW_TORN in kinds(document)


def test_a_word_too_long_for_its_column_stays_whole() -> None:
    long = "Jumlah kepengurusan keberlangsungan mempertanggungjawabkannya"
    paper = prints.paper(prints.statement(1, long, long))
    assert rows_read(printed(paper).sheets[0]) == rows_of(paper)


def test_the_whole_document_of_the_office_reads_back_from_a_book() -> None:
    words = Decree(2027, office=prints.OFFICE, signer=prints.signer("Kepala Badan"))
    content = book_pdf(words, [prints.approved(paper) for paper in PAPERS], composed_on=prints.DAY)
    document = read_document(content)
    assert [(each.heading, each.position) for each in document.sheets] == [(each.heading, each.position) for each in PAPERS]
    for sheet, paper in zip(document.sheets, PAPERS, strict=True):
        assert (sheet.duties, sheet.functions) == (paper.duties, paper.functions)
        assert rows_read(sheet) == rows_of(paper)


# Those of others


def test_a_pdf_of_another_office_is_read() -> None:
    header = (
        "table.cell(rowspan: 2)[NO], table.cell(rowspan: 2)[SASARAN], table.cell(rowspan: 2)[INDIKATOR], "
        "table.cell(rowspan: 2)[SATUAN], table.cell(colspan: 4)[TARGET], [TW I], [TW II], [TW III], [TW IV]"
    )
    body = (
        "table.cell(rowspan: 2)[1], table.cell(rowspan: 2)[Meningkatnya pelayanan], [Jumlah A], [kali], [1], [2], [3], [4], "
        "[Persentase B], [], [], [], [], [85%]"
    )
    content = typeset(
        "INDIKATOR KINERJA INDIVIDU \\ TAHUN 2027 \\ Nama : Budi \\ Jabatan : Perawat \\ Unit Kerja : Puskesmas\n\n"
        f"#table(columns: 8, table.header({header}), {body})\nMengetahui"
    )
    document = read_document(content)
    (sheet,) = document.sheets
    assert (sheet.position, sheet.unit) == ("Perawat", "Puskesmas")
    (statement,) = sheet.statements
    assert [(one.text, one.unit_of_measure, one.quarters) for one in statement.indicators] == [
        ("Jumlah A", "kali", (1, 2, 3, 4)),
        ("Persentase B", "%", (None, None, None, 85)),
    ]
    assert [each.text for each in document.unread] == ["TAHUN 2027", "Nama : Budi", "Mengetahui"]


def test_wrapped_lines_of_duties_become_one_and_the_edges_of_pages_do_not_part_them() -> None:
    duties = "\n\n".join(
        f"{letter}. melaksanakan tugas {letter} {'yang panjang sekali dan masih berlanjut terus ' * 9}akhir {letter};"
        for letter in "abcdefghijklmnopqr"
    )
    source = (
        "#set page(footer: context [Dinas Contoh, halaman #counter(page).display()])\n#set par(spacing: 1em)\n"
        f"INDIKATOR KINERJA INDIVIDU\n\nJabatan : Perawat\n\nTugas :\n\n{duties}\n\n"
        + table([("NO", "SASARAN", "INDIKATOR"), ("1", "A", "B")], "3")
    )
    document = read_document(typeset(source))
    (sheet,) = document.sheets
    assert len(sheet.duties) == 18
    assert all(text.endswith(";") and "Dinas" not in text for text in sheet.duties)
    assert [each.text for each in document.unread] == ["Dinas Contoh, halaman 1"]
    assert FindingKind.LINE_JOINED not in kinds(document)


def test_a_table_without_rules_is_refused() -> None:
    rows = [("NO", "SASARAN", "INDIKATOR", "TARGET"), ("1", "A", "B", "4")]
    content = typeset(f"INDIKATOR KINERJA INDIVIDU\n\nJabatan : Perawat\n\n{table(rows, '(1fr,) * 4', 'none')}")
    with pytest.raises(UnreadableDocument, match="tidak bergaris"):
        read_document(content)


# PDFs that are not read


def scanned(*, with_text_page: bool = False) -> bytes:
    picture = Image.new("L", (300, 400), 255)
    ImageDraw.Draw(picture).text((20, 20), "INDIKATOR KINERJA INDIVIDU")
    target = BytesIO()
    picture.save(target, "PDF")
    if not with_text_page:
        return target.getvalue()
    writer = PdfWriter()
    writer.append(BytesIO(sheet_pdf(prints.approved(PAPERS[1]), printed_on=prints.DAY)))
    writer.append(BytesIO(target.getvalue()))
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def encrypted(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(sheet_pdf(prints.approved(PAPERS[1]), printed_on=prints.DAY))))
    writer.encrypt(password, owner_password="pemilik", algorithm="AES-256")
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def crowded() -> bytes:
    rules = "".join(f"{number % 500} 0 m {number % 500} 9 l S\n" for number in range(MOST_OBJECTS + 1))
    return by_hand(rules.encode())


def by_hand(stream: bytes, extra: str = "") -> bytes:
    head = f"<< /Length {len(stream)} {extra} >>".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        head + b"\nstream\n" + stream + b"\nendstream",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"xref\n0 5\n0000000000 65535 f \n{table}trailer << /Size 5 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + trailer.encode()


def bomb() -> bytes:
    """A page that unpacks to 1.2 GB, packed twice so that the file stays small."""
    import zlib

    once = zlib.compressobj(1)
    packed = b"".join(once.compress(b" " * 10_000_000) for _ in range(120)) + once.flush()
    return by_hand(zlib.compress(packed, 9), "/Filter [/FlateDecode /FlateDecode]")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (scanned, "pindaian"),
        (lambda: blank(1), "pindaian"),
        (lambda: blank(MOST_PAGES + 1), "lebih dari 120 halaman"),
        (lambda: blank(300), "lebih dari 120 halaman"),
        (lambda: encrypted("rahasia"), "terkunci"),
        (lambda: encrypted(""), "terkunci"),
        (crowded, "terlalu rumit"),
        (bomb, "rusak|rumit"),
        (lambda: b"%PDF-1.7\nrusak", "rusak"),
        (lambda: sheet_pdf(prints.approved(PAPERS[1]), printed_on=prints.DAY)[:4000], "rusak|pindaian"),
        (lambda: typeset("Surat biasa."), "tidak memuat judul"),
    ],
    ids=["scan", "blank", "121 pages", "300 pages", "password", "owner", "crowded", "bomb", "broken", "cut", "letter"],
)
def test_a_pdf_that_cannot_be_read_is_refused_with_its_reason(made: Callable[[], bytes], reason: str) -> None:
    content = made()
    started = time.monotonic()
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(content)
    assert time.monotonic() - started < 60


def test_a_scanned_page_among_others_is_told() -> None:
    document = read_document(scanned(with_text_page=True))
    assert rows_read(document.sheets[0]) == rows_of(PAPERS[1])
    assert FindingKind.PAGE_IS_PICTURE in kinds(document)


def test_a_reader_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "SECONDS", 0.01)
    with pytest.raises(UnreadableDocument, match="terlalu rumit"):
        read_document(blank(1))


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_damaged_pdf_is_answered_or_refused(place: int) -> None:
    whole = sheet_pdf(prints.approved(PAPERS[3]), printed_on=prints.DAY)
    at = len(whole) * place // 100
    try:
        assert read_document(whole[:at] + bytes(range(40)) + whole[at + 40 :]).sheets
    except UnreadableDocument:
        return
