"""The year's book: contents, page numbers, order, and the decree's words."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

from pypdf import PdfReader

from iki_portal.documents.book import SHEETS_IN_A_PART, book_pdf
from iki_portal.documents.decree import Decree, decree_paragraphs, dictum, letter
from iki_portal.documents.printed import Office, PrintedSheet
from tests import prints
from tests.documents.test_pdf import pages

DECREE = Decree(
    2027,
    number="800/12/2027",
    decided_on=date(2026, 12, 1),
    considering="bahwa perlu ditetapkan;\n\nbahwa sudah waktunya.",
    recalling="Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara;",
    deciding="Menetapkan indikator.\nBerlaku pada tanggal ditetapkan.",
    signer=prints.signer("Kepala Badan Kepegawaian Daerah"),
    office=prints.OFFICE,
)


def sheets() -> list[PrintedSheet]:
    return [
        prints.approved(replace(each, heading=f"LEMBAR {place:02d}"))
        for place, each in enumerate(prints.papers_of_the_office())
    ]


def test_every_sheet_stands_on_the_page_that_the_contents_name() -> None:
    told: list[int] = []
    pdf = book_pdf(DECREE, sheets(), composed_on=prints.DAY, progress=told.append)
    found = pages(pdf)
    starts = [next(number for number, text in enumerate(found, 1) if f"LEMBAR {place:02d}" in text) for place in range(20)]
    contents = found[1]
    assert [int(number) for number in re.findall(r"M\.Si\. (\d+)", contents)] == starts
    assert starts == sorted(starts)
    assert [f"Halaman {number}" in text for number, text in enumerate(found, 1)] == [True] * len(found)
    assert told == [*range(SHEETS_IN_A_PART, 20, SHEETS_IN_A_PART), 20]
    outline = PdfReader(BytesIO(pdf))
    assert [outline.get_destination_page_number(entry) + 1 for entry in outline.outline] == starts


def test_the_decree_says_its_words_in_their_order_and_no_others() -> None:
    first = pages(book_pdf(DECREE, sheets()[:1], composed_on=prints.DAY))[0]
    wanted = (
        "KEPUTUSAN KEPALA BADAN KEPEGAWAIAN DAERAH", "NOMOR 800/12/2027", "TENTANG", "INDIKATOR KINERJA INDIVIDU TAHUN 2027",
        "Menimbang : a. bahwa perlu ditetapkan; b. bahwa sudah waktunya.", "Mengingat : 1. Undang-Undang", "MEMUTUSKAN:",
        "KESATU : Menetapkan indikator.", "KEDUA : Berlaku", "Ditetapkan di Lumajang pada tanggal 1 Desember 2026", "Dr. Rina",
    )  # fmt: skip
    places = [first.find(words) for words in wanted]
    assert -1 not in places, [words for words, place in zip(wanted, places, strict=True) if place < 0]
    assert places == sorted(places)


def test_an_unwritten_decree_leaves_its_parts_out() -> None:
    first = pages(book_pdf(Decree(2027), sheets()[:1], composed_on=prints.DAY))[0]
    assert "KEPUTUSAN NOMOR ………" in first
    assert not any(word in first for word in ("Menimbang", "Mengingat", "MEMUTUSKAN", "Ditetapkan"))
    assert decree_paragraphs(Decree(2027, office=Office()))[0] == "KEPUTUSAN"


def test_hostile_words_of_a_decree_print_literally() -> None:
    hostile = Decree(2027, considering=prints.HOSTILE, deciding="\n".join([prints.HOSTILE] * 20), subject=prints.HOSTILE)
    text = " ".join(pages(book_pdf(hostile, sheets()[:1], composed_on=prints.DAY))).replace(" ", "")
    assert '#eval("1")=1+1' in text
    assert "KEDUAPULUH" in text


def test_dicta_and_letters_go_on_however_many_there_are() -> None:
    assert [dictum(number) for number in (1, 10, 11, 12, 15, 19, 20, 21, 35, 99, 100)] == [
        "KESATU", "KESEPULUH", "KESEBELAS", "KEDUA BELAS", "KELIMA BELAS", "KESEMBILAN BELAS", "KEDUA PULUH",
        "KEDUA PULUH SATU",
        "KETIGA PULUH LIMA", "KESEMBILAN PULUH SEMBILAN", "KE-100",
    ]  # fmt: skip
    assert [letter(place) for place in (0, 25, 26, 52)] == ["a.", "z.", "aa.", "ba."]
    many = Decree(2027, considering="\n".join(f"butir {number}" for number in range(40)))
    assert "an. butir 39" in decree_paragraphs(many)


def test_a_day_without_a_place_still_says_what_was_done_on_it() -> None:
    assert Office(place="Lumajang").at_place(prints.DAY) == ["Ditetapkan di Lumajang", "pada tanggal 24 November 2026"]
    assert Office().at_place(prints.DAY) == ["Ditetapkan pada tanggal 24 November 2026"]
    assert Office(place="Lumajang").at_place(None) == ["Ditetapkan di Lumajang"]
    assert Office().at_place(None) == []
    assert "Ditetapkan pada tanggal 1 Desember 2026" in decree_paragraphs(Decree(2027, decided_on=date(2026, 12, 1)))


def test_the_same_book_has_the_same_bytes() -> None:
    assert book_pdf(DECREE, sheets()[:7], composed_on=prints.DAY) == book_pdf(DECREE, sheets()[:7], composed_on=prints.DAY)
