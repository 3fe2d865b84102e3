"""Whatever the file, the reader answers or refuses, and does so quickly."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iki_portal.imports.document import LARGEST_DOCUMENT, ReadDocument, UnreadableDocument, read_document

CONTENT = (Path(__file__).parents[2] / "seeds" / "iki-bkd-lumajang.md").read_bytes()
LINES = CONTENT.split(b"\n")
PIECES = st.sampled_from(
    (
        *(
            "INDIKATOR KINERJA INDIVIDU (IKI)",
            "Unit Kerja :",
            "Tugas Pokok :",
            "Fungsi",
            "- a. satu;",
            "\n",
            "\n",
            "\t",
        ),
        *("NO\tKINERJA\tINDIKATOR KINERJA\tPENJELASAN\tSUMBER DATA\n", "1", "**", "<b>", "Kepala Bidang X", "|"),
        *("Sekretaris", "SUB BAGIAN X", "|---|---|", "a.", "\u00a0", "\u2028", "Jumlah", "; dan", "\u00b2", "{lines}"),
        *("Un\u0131t Kerja :", "Fung\u017fi :", "\u0131jin ijin", "1", "NO\tKINERJA\tINDIKATOR KINERJA\n", "2\tA\tB\n"),
    )
)


def answer(content: bytes) -> ReadDocument | None:
    """What was read, or None when it was refused; any other exception fails the test."""
    try:
        document = read_document(content)
    except UnreadableDocument:
        return None
    assert document.sheets
    assert [finding.number for finding in document.findings] == list(range(1, len(document.findings) + 1))
    assert all(finding.line >= 1 for finding in document.findings)
    return document


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_lines_may_be_deleted_doubled_swapped_or_cut(data: st.DataObject) -> None:
    lines = list(LINES)
    places = st.integers(0, len(LINES) - 10)
    for change in data.draw(st.lists(st.sampled_from(["delete", "double", "swap", "cut", "join"]), max_size=6)):
        one, other = data.draw(places), data.draw(places)
        one, other = one % (len(lines) - 1), other % (len(lines) - 1)
        if change == "delete":
            del lines[one]
        elif change == "double":
            lines.insert(one, lines[one])
        elif change == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        elif change == "cut":
            lines[one] = lines[one][: data.draw(st.integers(0, 40))]
        else:
            lines[one : one + 2] = [lines[one] + lines[one + 1]]
    answer(b"\n".join(lines))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CONTENT)), st.binary(max_size=8))
def test_the_file_may_end_anywhere_in_anything(end: int, rest: bytes) -> None:
    answer(CONTENT[:end] + rest)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(CONTENT)), st.text(max_size=12))
def test_any_text_may_stand_anywhere(place: int, inserted: str) -> None:
    text = CONTENT.decode()
    answer((text[:place] + inserted + text[place:]).encode())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40))
def test_pieces_of_a_document_may_come_in_any_order(pieces: list[str]) -> None:
    answer("".join(["INDIKATOR KINERJA INDIVIDU (IKI)\n", *pieces]).encode())


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode())))
def test_any_bytes_are_answered_or_refused(content: bytes) -> None:
    answer(content)


@pytest.mark.parametrize("label", ["Un\u0131t Kerja", "Fung\u017fi", "Tugas Po\u212aok", "\u0131jin ijin"])
def test_letters_that_only_look_like_ours_are_plain_text(label: str) -> None:
    document = answer(f"INDIKATOR KINERJA INDIVIDU (IKI)\n{label} : x\n".encode())
    assert document is not None
    assert document.sheets[0].heading == f"{label} : x"


@pytest.mark.parametrize("seed", range(20))
def test_a_shuffled_document_is_answered_or_refused(seed: int) -> None:
    lines = list(LINES)
    random.Random(seed).shuffle(lines)  # noqa: S311  a repeatable shuffle, no secret
    answer(b"\n".join(lines))


def test_no_line_missing_goes_unnoticed_in_the_rows() -> None:
    """Without any one table row, the answer is a refusal or exactly that row is gone, and no other text moves."""
    whole = read_document(CONTENT)
    rows = {one.line: one.text for sheet in whole.sheets for s in sheet.statements for one in s.indicators}
    for line in rows:
        document = answer(b"\n".join(LINES[: line - 1] + LINES[line:]))
        if document is not None:
            left = [one.text for sheet in document.sheets for s in sheet.statements for one in s.indicators]
            assert left == [text for place, text in rows.items() if place != line]


def test_a_missing_title_never_gives_one_sheet_the_rows_of_another() -> None:
    for place, line in enumerate(LINES):
        if b"INDIVIDU (IKI)" in line:
            assert answer(b"\n".join(LINES[:place] + LINES[place + 1 :])) is None


def seconds_for(content: bytes) -> float:
    """Of this process, so that a busy machine does not count."""
    started = time.process_time()
    answer(content)
    return time.process_time() - started


def test_the_office_document_reads_in_a_fifth_of_a_second() -> None:
    assert min(seconds_for(CONTENT) for _ in range(3)) < 0.2


TITLE = b"INDIKATOR KINERJA INDIVIDU (IKI)\n"
HEADER = b"NO\tKINERJA\tINDIKATOR KINERJA\tPENJELASAN\tSUMBER DATA\n"
GROUNDS = b"X\nUnit Kerja : Kepala Bidang X\nTugas Pokok :\n"
NUMBERED = b"".join(b"%d\tA\tJumlah %d\tC\tBidang X\n" % (n, n) for n in range(1, 9_000))


@pytest.mark.parametrize(
    "start_and_piece",
    [
        (TITLE, b"\n"),
        (TITLE, b"a"),
        (TITLE, b"x y\n"),
        (b"", TITLE),
        (TITLE + HEADER, b"1\tA\tB\tB\tX\n"),
        (TITLE + HEADER + NUMBERED, b"\t\tJumlah lain\tC\tBidang X" + b" kata" * 8 + b"\n"),
        (TITLE + HEADER, b"\t"),
        (TITLE + HEADER, b"|"),
        (TITLE + GROUNDS, b"- a. satu; dan dua apatur\n"),
        (TITLE + GROUNDS, b"baris lanjutan yang panjang sekali " * 3 + b"\n"),
        (TITLE + GROUNDS, b"- a. satu;\n" + b"<b <b <b <b " * 1600 + b"\n"),
        (TITLE, b"<br" * 6000 + b"\n"),
        (TITLE, b"*" * 19_000 + b"\n"),
        (TITLE, b"- " * 9_000 + b"\n"),
        (TITLE + HEADER + b"1\tA\t", b"Jumlah " * 2800 + b"\n"),
        (TITLE, b"apatur penjurangan " * 1000 + b"\n"),
        (TITLE, b"pemerintah tahun " * 1000 + b"\n"),
        (TITLE, b"\xc2\xa0" * 9_000 + b"\n"),
        (TITLE + HEADER + NUMBERED, b"\t\tJumlah lain" + b" kata" * 100 + b"\tC\tBidang X\n"),
        (TITLE + GROUNDS, b"- a. satu; kepala Kepala Bidang " + b"X " * 150 + b"\n"),
        (TITLE + GROUNDS, b"baris lanjutan " * 40 + b";\n"),
    ],
    ids=range(21),
)
def test_a_hostile_file_of_5_mb_is_answered_within_2_seconds(start_and_piece: tuple[bytes, bytes]) -> None:
    start, piece = start_and_piece
    repeated = piece * ((LARGEST_DOCUMENT - len(start)) // len(piece))
    assert any(seconds_for(start + repeated) < 2 for _ in range(2))
