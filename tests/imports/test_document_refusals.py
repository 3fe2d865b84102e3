"""Documents that are not quite right: what is told, what is refused, and that nothing is made up."""

from pathlib import Path

import pytest

from iki_portal.domain.errors import DomainError
from iki_portal.imports import document as document_module
from iki_portal.imports.document import (
    LARGEST_DOCUMENT,
    FindingKind,
    ReadDocument,
    ReadSheet,
    Unread,
    UnreadableDocument,
    read_document,
    read_document_file,
)

HEADER = "NO\tKINERJA\tINDIKATOR KINERJA\tPENJELASAN / FORMULASI PERHITUNGAN\tSUMBER DATA"
ROW = "1\tMeningkatnya A\tJumlah A\tCacah A\tBidang Contoh"
HEAD = (
    "INDIKATOR KINERJA INDIVIDU (IKI)\nBIDANG CONTOH\n\nUnit Kerja : Kepala Bidang Contoh\n"
    "Tugas Pokok : membantu Kepala Badan.\nFungsi :\n- a. satu; dan\n- b. dua.\n"
)
STAFF = "INDIKATOR KINERJA INDIVIDU (IKI)\nANALIS\n\nUnit Kerja : Analis\nTugas Pokok :\n- a. satu.\n"


def read(text: str) -> ReadDocument:
    return read_document(text.encode())


def told(text: str) -> list[tuple[FindingKind, int]]:
    quiet = (FindingKind.POST_IN_UNIT, FindingKind.MISSING_FACTS, FindingKind.MAIN_DUTY_IS_LIST)
    return [(finding.kind, finding.line) for finding in read(text).findings if finding.kind not in quiet]


def only_sheet(text: str) -> ReadSheet:
    (sheet,) = read(text).sheets
    return sheet


def refusal(text: str) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read(text)
    return str(refused.value)


def test_a_clean_sheet_has_nothing_to_tell() -> None:
    assert told(f"{HEAD}{HEADER}\n{ROW}\n") == []


# Files


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "kosong"),
        (b"\xef\xbb\xbf \n\t\n", "kosong"),
        (b"INDIKATOR \xff\xfe", "UTF-8"),
        ("INDIKATOR KINERJA INDIVIDU (IKI)".encode("utf-16"), "UTF-8"),
        (b"INDIKATOR KINERJA INDIVIDU (IKI)\n\x00\x01", "biner"),
        (b"PK\x03\x04docx", "Word"),
        (b"\xd0\xcf\x11\xe0doc", "Word lama"),
        (b"%PDF-1.7", "PDF"),
        (b"Surat biasa.\n", "tidak memuat judul"),
        (b"x" * (LARGEST_DOCUMENT + 1), "5 MB"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(content)


def test_a_refusal_is_a_domain_error() -> None:
    assert issubclass(UnreadableDocument, DomainError)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="tidak ditemukan"):
        read_document_file(tmp_path / "tiada.md")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="bukan berkas biasa"):
        read_document_file(tmp_path)


def test_a_name_no_system_can_open_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="tidak dapat dibuka"):
        read_document_file(Path("a\0b"))


def test_a_file_is_measured_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = tmp_path / "besar.md"
    with large.open("wb") as file:
        file.truncate(LARGEST_DOCUMENT + 1)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened a file that is too large"))
    with pytest.raises(UnreadableDocument, match="5 MB"):
        read_document_file(large)


def test_a_file_reads_like_its_bytes(tmp_path: Path) -> None:
    text = f"{HEAD}{HEADER}\n{ROW}\n"
    (tmp_path / "iki.md").write_text(text, encoding="utf-8")
    assert read_document_file(tmp_path / "iki.md") == read(text)


# Rows


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("1\tA\tJumlah A\tCacah A", FindingKind.ROW_SHORT),
        ("x\tA\tJumlah A\tCacah A\tBidang Contoh", FindingKind.NUMBER_UNREADABLE),
        ("\tA\tJumlah A\tCacah A\tBidang Contoh", FindingKind.NUMBER_UNREADABLE),
        ("3\tA\tJumlah A\tCacah A\tBidang Contoh", FindingKind.NUMBER_OUT_OF_ORDER),
        ("1\t\tJumlah A\tCacah A\tBidang Contoh", FindingKind.CELL_EMPTY),
        ("1\tA\t\tCacah A\tBidang Contoh", FindingKind.CELL_EMPTY),
        ("1\tA\t\t\t", FindingKind.CELL_EMPTY),
        ("1\tA\tJumlah A\tCacah A\tBidang Lain", FindingKind.SOURCE_DIFFERS),
    ],
)
def test_a_malformed_row_is_told(row: str, kind: FindingKind) -> None:
    assert (kind, 10) in told(f"{HEAD}{HEADER}\n{row}")


def test_a_number_that_is_none_stays_none() -> None:
    sheet = only_sheet(f"{HEAD}{HEADER}\nsatu\tA\tJumlah A\tCacah A\tBidang Contoh")
    assert sheet.statements[0].number is None


def test_an_endless_number_is_told_and_not_computed() -> None:
    assert (FindingKind.NUMBER_UNREADABLE, 10) in told(f"{HEAD}{HEADER}\n{'9' * 9000}\tA\tJumlah\tB\tBidang Contoh")


def test_cells_that_are_missing_stay_empty() -> None:
    (indicator,) = only_sheet(f"{HEAD}{HEADER}\n1\tA\tJumlah A").statements[0].indicators
    assert (indicator.formula, indicator.source) == ("", "")


def test_a_statement_without_indicator_has_none() -> None:
    assert only_sheet(f"{HEAD}{HEADER}\n1\tA\t\t\t").statements[0].indicators == ()


def test_empty_cells_beyond_the_columns_are_no_matter() -> None:
    assert told(f"{HEAD}{HEADER}\n{ROW}\t\t\n") == []


def test_an_empty_row_is_an_empty_line() -> None:
    assert told(f"{HEAD}{HEADER}\n{ROW}\n\t\t\t\t\n") == []


def test_the_same_row_twice_on_one_sheet_is_told() -> None:
    assert (FindingKind.ROW_REPEATED, 11) in told(f"{HEAD}{HEADER}\n{ROW}\n{ROW}")


def test_a_table_broken_twice_is_told_twice() -> None:
    text = f"{HEAD}{HEADER}\n{ROW}\n\n2\tB\tJumlah B\tCacah B\tBidang Contoh\n\n\n3\tC\tJumlah C\tCacah C\tBidang Contoh"
    assert told(text) == [(FindingKind.TABLE_BROKEN, 11), (FindingKind.TABLE_BROKEN, 13)]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f"{HEADER}\n\t\tJumlah A\tCacah A\tBidang Contoh", 10),
        (f"{HEADER}\n{ROW}\nUnit Kerja : Analis", 11),
        (f"{HEADER}\n" + "\t".join("abcdefgh" * 9), 10),
    ],
)
def test_what_would_give_one_person_the_work_of_another_is_refused_with_its_line(body: str, line: int) -> None:
    assert refusal(f"{HEAD}{body}").startswith(f"Baris {line}")


@pytest.mark.parametrize(
    ("body", "line", "text", "where"),
    [
        (f"{HEADER}\n{ROW}\tsel keenam", 10, "sel keenam", "di kanan tabel"),
        (ROW, 9, " ".join(ROW.split()), "di bawah Fungsi"),
        ("NO\tKINERJA\tSUMBER DATA\n1\tA\tB", 10, "1 A B", "di tabel lain"),
        (f"KINERJA\t{HEADER}\nC\t{ROW}", 10, "C", "kolom KINERJA"),
        (f"{HEADER}\tANGGARAN\n{ROW}\t12", 10, "12", "kolom ANGGARAN"),
        (f"{HEADER}\n{ROW}\nNO\tKINERJA\tINDIKATOR KINERJA\n2\tB\tC", 12, "2 B C", "di tabel lain"),
        (f"{HEADER}\n{ROW}\n- c. tiga;", 11, "c. tiga;", "di bawah tabel"),
    ],
)
def test_what_finds_no_place_is_kept_with_its_line(body: str, line: int, text: str, where: str) -> None:
    assert Unread(line, text, where) in read(f"{HEAD}{body}").unread


def test_a_sheet_before_the_first_title_is_refused() -> None:
    assert refusal(f"Unit Kerja : Analis\n{HEAD}").startswith("Baris 1: isi lembar mulai sebelum judul")


def test_items_before_their_label_are_kept_apart() -> None:
    assert read("INDIKATOR KINERJA INDIVIDU (IKI)\na. satu;").unread == (Unread(2, "a. satu;", "di bawah judul"),)


# Header


def test_columns_are_found_by_name_in_any_order() -> None:
    text = f"{HEAD}SUMBER DATA\tNo.\tKinerja\tIndikator Kinerja\tPenjelasan/Formulasi Perhitungan\nS\t1\tA\tB\tC"
    (statement,) = only_sheet(text).statements
    (indicator,) = statement.indicators
    assert (statement.number, statement.text) == (1, "A")
    assert (indicator.text, indicator.formula, indicator.source) == ("B", "C", "S")


def test_a_missing_column_is_told_once_and_stays_empty() -> None:
    text = f"{HEAD}NO\tKINERJA\tINDIKATOR KINERJA\tSUMBER DATA\n1\tA\tB\tBidang Contoh"
    assert told(text) == [(FindingKind.COLUMN_MISSING, 9)]
    assert only_sheet(text).statements[0].indicators[0].formula == ""


def test_an_empty_unknown_column_is_told() -> None:
    assert told(f"{HEAD}{HEADER}\tANGGARAN\n{ROW}\t") == [(FindingKind.COLUMN_UNKNOWN, 9)]


def test_a_repeated_header_is_told_and_the_rows_read_on() -> None:
    text = f"{HEAD}{HEADER}\n{ROW}\n{HEADER}\n2\tB\tJumlah B\tCacah B\tBidang Contoh"
    assert told(text) == [(FindingKind.HEADER_REPEATED, 11)]
    assert len(only_sheet(text).statements) == 2


@pytest.mark.parametrize("body", ["", f"{HEADER}\n"])
def test_a_sheet_without_rows_is_told(body: str) -> None:
    assert [kind for kind, _ in told(f"{HEAD}{body}")] == [FindingKind.TABLE_MISSING]


# Duties


@pytest.mark.parametrize(
    ("body", "kind", "line"),
    [
        ("- a. satu;\n- c. tiga.", FindingKind.LETTER_OUT_OF_ORDER, 6),
        ("- a. satu;\n- a. satu lagi.", FindingKind.LETTER_OUT_OF_ORDER, 6),
        ("- b. dua.", FindingKind.LETTER_OUT_OF_ORDER, 5),
        ("- a. satu;\n- dua.", FindingKind.ITEM_WITHOUT_LETTER, 6),
        ("- a. satu yang\npanjang.", FindingKind.LINE_JOINED, 6),
        ("- a. satu", FindingKind.ITEM_WITHOUT_END, 5),
    ],
)
def test_a_list_that_is_not_in_order_is_told(body: str, kind: FindingKind, line: int) -> None:
    head = "INDIKATOR KINERJA INDIVIDU (IKI)\nSEKRETARIS\nUnit Kerja : Sekretaris\nTugas Pokok :\n"
    row = ROW.replace("Bidang Contoh", "Sekretariat")
    assert told(f"{head}{body}\n{HEADER}\n{row}") == [(kind, line)]


def test_letters_go_on_after_z() -> None:
    letters = [*"abcdefghijklmnopqrstuvwxyz", "aa", "bb"]
    items = "\n".join(f"- {letter}. butir {letter};" for letter in letters)
    text = f"{STAFF.replace('- a. satu.', items)}{HEADER}\n{ROW}"
    assert told(text) == []
    assert len(only_sheet(text).duties) == 28


def test_a_letter_and_its_item_may_be_parted_by_a_tab() -> None:
    assert only_sheet(f"{STAFF}b.\tdua.\n{HEADER}\n{ROW}").duties == ("satu.", "dua.")


def test_tabs_around_the_colon_of_a_label_are_white_space() -> None:
    assert only_sheet(f"{STAFF.replace('Unit Kerja :', 'Unit Kerja' + chr(9) + ':' + chr(9))}").position == "Analis"


def test_a_wrapped_item_is_joined_with_a_space() -> None:
    text = f"{STAFF.replace('satu.', 'satu')}\n  dan seterusnya.\n{HEADER}\n{ROW}"
    assert only_sheet(text).duties == ("satu dan seterusnya.",)


def test_uraian_tugas_is_a_list_of_its_own() -> None:
    sheet = only_sheet(
        f"{STAFF.replace('Tugas Pokok :', 'Tugas Pokok : membantu.' + chr(10) + 'Uraian Tugas :')}{HEADER}\n{ROW}"
    )
    assert (sheet.main_duty, sheet.duties, sheet.functions) == ("membantu.", ("satu.",), ())


def test_a_sheet_without_main_duty_is_told() -> None:
    head = "INDIKATOR KINERJA INDIVIDU (IKI)\nSEKRETARIS\nUnit Kerja : Sekretaris\n"
    row = ROW.replace("Bidang Contoh", "Sekretariat")
    assert told(f"{head}{HEADER}\n{row}") == [(FindingKind.MAIN_DUTY_MISSING, 1)]


def test_text_outside_every_part_is_told_once_with_its_words() -> None:
    text = f"PEMERINTAH KABUPATEN CONTOH\nBADAN\n\n{HEAD}{HEADER}\n{ROW}\n\nContoh, 2 Januari 2026\nKepala Badan"
    stray = [finding for finding in read(text).findings if finding.kind is FindingKind.STRAY_TEXT]
    assert [finding.line for finding in stray] == [1, 15]
    assert "baris 15 dan 16" in stray[1].message
    assert "Contoh, 2 Januari 2026" in stray[1].message


def test_a_less_than_sign_is_no_tag() -> None:
    (indicator,) = (
        only_sheet(f"{HEAD}{HEADER}\n1\tA\tNilai < 3 dan > 1\t<b>C</b><br/>D\tBidang Contoh").statements[0].indicators
    )
    assert (indicator.text, indicator.formula) == ("Nilai < 3 dan > 1", "C D")


# Units


def test_the_unit_comes_from_the_sources_when_no_chief_stands_above() -> None:
    assert only_sheet(f"{STAFF}{HEADER}\n{ROW}").unit == "Bidang Contoh"


def test_there_is_no_unit_when_order_and_sources_disagree() -> None:
    document = read(f"{HEAD}{HEADER}\n{ROW}\n{STAFF}{HEADER}\n{ROW.replace('Contoh', 'Lain')}")
    assert [sheet.unit for sheet in document.sheets] == ["Bidang Contoh", None]
    assert FindingKind.UNIT_UNKNOWN in {finding.kind for finding in document.findings}


def test_there_is_no_unit_when_nothing_names_one() -> None:
    assert only_sheet(STAFF).unit is None


@pytest.mark.parametrize("position", ["", "Kepala Badan"])
def test_a_sheet_whose_unit_nobody_knows_ends_the_order(position: str) -> None:
    unknown = STAFF.replace("Unit Kerja : Analis", f"Unit Kerja : {position}")
    staff = f"{STAFF}{HEADER}\n1\tA\tJumlah A\tCacah A\t\n"
    document = read(f"{HEAD}{HEADER}\n{ROW}\n{staff}{unknown}{staff}")
    assert [sheet.unit for sheet in document.sheets] == ["Bidang Contoh", "Bidang Contoh", None, None]


def test_an_acting_chief_names_the_unit_too() -> None:
    assert only_sheet(HEAD.replace("Kepala Bidang Contoh", "Plt. Kepala Bidang Contoh")).unit == "Bidang Contoh"


def test_a_unit_behind_unit_kerja_is_told_as_a_missing_position() -> None:
    text = f"{HEAD.replace('Kepala Bidang Contoh', 'Bidang Contoh')}{HEADER}\n{ROW}"
    assert (FindingKind.POSITION_MISSING, 4) in told(text)
    assert only_sheet(text).unit == "Bidang Contoh"


def test_a_sheet_without_heading_or_post_is_told() -> None:
    kinds = {kind for kind, _ in told("INDIKATOR KINERJA INDIVIDU (IKI)\n")}
    assert kinds == {
        FindingKind.HEADING_MISSING,
        FindingKind.POSITION_MISSING,
        FindingKind.UNIT_UNKNOWN,
        FindingKind.MAIN_DUTY_MISSING,
        FindingKind.TABLE_MISSING,
    }


def test_everything_public_is_named() -> None:
    assert all(hasattr(document_module, name) for name in document_module.__all__)
