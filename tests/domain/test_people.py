"""Identifiers warn and never block; ranks, names and titles are written in the office's one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import (
    ASSIGNMENT_KIND_WORDS,
    EMPLOYEE_KIND_WORDS,
    PPPK_GRADES,
    RANKS,
    AssignmentKind,
    EmployeeKind,
    acting_title,
    bare_identifier,
    check_identifier,
    format_identifier,
    format_rank,
    full_name,
    parse_rank,
)

PNS, PPPK, OTHER = EmployeeKind


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [
        (PNS, "198501012010011001"),
        (PNS, "19850101 201001 1 001"),
        (PNS, "197212311998032005"),
        (PPPK, "199003152022211004"),
        (PPPK, "199003152022212014"),
        (PPPK, "199003152024011004"),
        (PNS, ""),
        (PPPK, "  "),
        (OTHER, ""),
        (OTHER, "3508010101850001"),
        (OTHER, "apa saja"),
    ],
)
def test_a_sound_identifier_raises_no_doubt(kind: EmployeeKind, identifier: str) -> None:
    assert check_identifier(kind, identifier) == ()


@pytest.mark.parametrize(
    ("kind", "identifier", "says"),
    [
        (PNS, "19850101201001100", "NIP terdiri atas 18 angka, misalnya 19850101 201001 1 001; ini 17 angka."),
        (PPPK, "1985", "NI PPPK terdiri atas 18 angka, misalnya 19850101 201001 1 001; ini 4 angka."),
        (PNS, "19850101201001100X", "ini 17 angka dan 1 tanda lain."),
        (PNS, "\u0661" * 18, "ini 0 angka dan 18 tanda lain."),
        (PNS, "198513012010011001", "Delapan angka pertama"),
        (PNS, "198502302010011001", "Delapan angka pertama"),
        (PNS, "000001012010011001", "Delapan angka pertama"),
        (PNS, "192501011950011001", "Tahun lahir 1925"),
        (PNS, "198501011999011001", "Tahun pengangkatan 1999"),
        (PNS, "198501012062011001", "Tahun pengangkatan 2062"),
        (PNS, "208501012010011001", "Tahun pengangkatan 2010"),
        (PNS, "198501012010001001", "bulan pengangkatan (01 sampai 12); ini 00. Apakah ini NI PPPK?"),
        (PNS, "199003152022211004", "bulan pengangkatan (01 sampai 12); ini 21. Apakah ini NI PPPK?"),
        (PPPK, "198501012010011001", "nomor ini memuat tahun 2010. Apakah ini NIP PNS?"),
        (PNS, "198501012010013001", "1 pria, 2 wanita; ini 3."),
        (PPPK, "199003152022210004", "1 pria, 2 wanita; ini 0."),
    ],
)
def test_a_doubtful_identifier_gets_one_warning_that_says_where(kind: EmployeeKind, identifier: str, says: str) -> None:
    (warning,) = check_identifier(kind, identifier)
    assert says in warning


def test_every_doubt_is_named_at_once() -> None:
    assert len(check_identifier(PNS, "192501012010133001")) == 4


@given(st.sampled_from(EmployeeKind), st.text(max_size=24))
def test_no_identifier_is_ever_blocked(kind: EmployeeKind, identifier: str) -> None:
    assert all(warning.endswith((".", "?")) for warning in check_identifier(kind, identifier))


@given(st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_an_identifier_is_printed_in_groups_and_read_back(identifier: str) -> None:
    printed = format_identifier(identifier)
    assert [len(group) for group in printed.split(" ")] == [8, 6, 1, 3]
    assert bare_identifier(printed) == identifier
    assert format_identifier(printed) == printed


def test_the_product_page_s_identifier_is_printed_as_shown_there() -> None:
    assert format_identifier("198501012010011001") == "19850101 201001 1 001"


@pytest.mark.parametrize("identifier", ["", "123", "19850101 2010", "19850101201001100X"])
def test_an_identifier_of_another_length_is_shown_as_it_is(identifier: str) -> None:
    assert format_identifier(identifier) == identifier


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        ("", "", "Contoh Nama"),
        ("Dr.", "", "Dr. Contoh Nama"),
        ("", "S.Sos., M.Si.", "Contoh Nama, S.Sos., M.Si."),
        ("Dr.", "S.Sos., M.Si.", "Dr. Contoh Nama, S.Sos., M.Si."),
        (" Drs. ", ", M.M.", "Drs. Contoh Nama, M.M."),
        (" ", " , ", "Contoh Nama"),
    ],
)
def test_degrees_stand_around_the_name(before: str, after: str, written: str) -> None:
    assert full_name(" Contoh Nama ", before, after) == written


def test_the_ranks_go_from_juru_muda_to_pembina_utama_without_a_gap() -> None:
    rooms = {"I": "abcd", "II": "abcd", "III": "abcd", "IV": "abcde"}
    assert list(RANKS) == [f"{group}/{room}" for group, letters in rooms.items() for room in letters]
    assert len(set(RANKS.values())) == 17
    assert (RANKS["I/a"], RANKS["III/d"], RANKS["IV/e"]) == ("Juru Muda", "Penata Tingkat I", "Pembina Utama")


def test_pppk_have_seventeen_grades() -> None:
    assert len(set(PPPK_GRADES)) == 17
    assert (PPPK_GRADES[0], PPPK_GRADES[8], PPPK_GRADES[-1]) == ("I", "IX", "XVII")


@pytest.mark.parametrize(
    ("kind", "code", "written"),
    [
        (PNS, "IV/a", "Pembina, IV/a"),
        (PNS, " III/d ", "Penata Tingkat I, III/d"),
        (PPPK, "IX", "Golongan IX"),
        (PPPK, " XVII", "Golongan XVII"),
        (OTHER, " Tenaga kontrak ", "Tenaga kontrak"),
        (PNS, None, ""),
        (PPPK, "", ""),
        (OTHER, "  ", ""),
        (PNS, "IX", "IX"),
        (PPPK, "III/a", "III/a"),
    ],
)
def test_a_rank_is_written_by_the_kind_of_employee(kind: EmployeeKind, code: str | None, written: str) -> None:
    assert format_rank(kind, code) == written


@pytest.mark.parametrize(("kind", "codes"), [(PNS, tuple(RANKS)), (PPPK, PPPK_GRADES)])
def test_every_code_is_its_own_one_spelling(kind: EmployeeKind, codes: tuple[str, ...]) -> None:
    for code in codes:
        for typed in (code, code.lower(), code.upper(), f" {code.replace('/', ' / ')} "):
            assert parse_rank(kind, typed) == code
        assert format_rank(kind, code).endswith(code)


def test_other_people_s_rank_stays_as_given() -> None:
    assert parse_rank(OTHER, " Tenaga kontrak ") == "Tenaga kontrak"


@pytest.mark.parametrize(
    ("kind", "code", "example"),
    [
        (PNS, "", "III/c"),
        (PNS, "IX", "III/c"),
        (PNS, "III/e", "III/c"),
        (PNS, "V/a", "III/c"),
        (PNS, "IIIa", "III/c"),
        (PNS, "Pembina", "III/c"),
        (PPPK, "III/a", "misalnya IX"),
        (PPPK, "XVIII", "misalnya IX"),
        (PPPK, "9", "misalnya IX"),
    ],
)
def test_a_rank_that_does_not_exist_is_refused_with_an_example(kind: EmployeeKind, code: str, example: str) -> None:
    with pytest.raises(Invalid, match=example):
        parse_rank(kind, code)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (AssignmentKind.DEFINITIVE, "Kepala Bidang Mutasi dan Promosi"),
        (AssignmentKind.PLT, "Plt. Kepala Bidang Mutasi dan Promosi"),
        (AssignmentKind.PLH, "Plh. Kepala Bidang Mutasi dan Promosi"),
    ],
)
def test_an_acting_official_says_so_before_the_title(kind: AssignmentKind, written: str) -> None:
    assert acting_title(kind, "Kepala Bidang Mutasi dan Promosi") == written


def test_every_kind_has_its_word() -> None:
    assert set(EMPLOYEE_KIND_WORDS) == set(EmployeeKind)
    assert set(ASSIGNMENT_KIND_WORDS) == set(AssignmentKind)
