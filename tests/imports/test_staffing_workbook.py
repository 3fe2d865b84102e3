"""The organisation's workbook, read and compared: what is right comes back as it went out, what is wrong is told."""

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from iki_portal.domain.errors import Invalid
from iki_portal.domain.staffing import Fate
from iki_portal.imports.staffing.comparing import compare
from iki_portal.imports.staffing.plan import Office, Plan, Planned, SheetsOnTheWay, Standing
from iki_portal.imports.staffing.reading import MOST_ROWS, read_staffing
from iki_portal.imports.staffing.rows import Problem, from_json, to_json
from iki_portal.imports.staffing.tabs import ASSIGNMENTS, EMPLOYEES, POSTS, SHAPES, UNITS, Shape, Tab
from iki_portal.imports.staffing.terms import narrowed, refuse_lost_acts
from iki_portal.imports.staffing.writing import staffing_xlsx

TODAY = date(2027, 3, 1)
NIP, OTHER_NIP = "198501012010011001", "198602022011012002"
UNIT = ("badan", "Badan Kepegawaian Daerah", "Badan", "agency", "", "1", "", "", "", "")
HEAD = ("kepala", "Kepala Badan", "", "head", "badan", "", "", "", "1", "Memimpin.", "", "", "", "", "", "")
SECRETARY = ("sekretaris", "Sekretaris", "", "secretary", "badan", "kepala", "", "kepala", "2", "", "a\nb", "", "", "", "", "")
RINA = ("7", "Rina", "Dr.", "S.Sos.", "pns", NIP, "III/c", "rina@kantor.go.id")
HELD = ("3", "7", "", "kepala", "definitive", "2026-01-02", "", "800/1", "2025-12-20", "")
CANCELLED = ("4", "7", "", "sekretaris", "plt", "2027-02-01", "", "", "", "ya")

#: Another one, beside the Sekretaris.
A_POST = (*("baru", "Kepala Bidang", "", "division_head", "badan", "kepala", "", "kepala", "3"), *([""] * 7))

STANDS = Office(
    TODAY,
    {UNIT[0]: Standing(1, UNIT, UNIT[1], kept_name=UNIT[1])},
    {row[0]: Standing(number, row, row[1]) for number, row in enumerate((HEAD, SECRETARY), start=1)},
    {"7": Standing(7, RINA, "Dr. Rina, S.Sos.")},
    {row[0]: Standing(int(row[0]), row, "") for row in (HELD, CANCELLED)},
    {"sekretaris": SheetsOnTheWay(own=2)},
)


def shown(row: Sequence[str]) -> tuple[str, ...]:
    """An assignment with the columns that are only shown."""
    return (*row[:3], "", row[3], "", *row[4:])


def everything(**more: Sequence[Sequence[str]]) -> bytes:
    rows = {
        Tab.UNITS: [UNIT, *more.get("units", ())],
        Tab.POSTS: [HEAD, SECRETARY, *more.get("posts", ())],
        Tab.EMPLOYEES: [RINA, *more.get("employees", ())],
        Tab.ASSIGNMENTS: [shown(row) for row in (HELD, CANCELLED, *more.get("assignments", ()))],
    }
    return staffing_xlsx(rows, title="")


def changed(shape: Shape, row: Sequence[str], **texts: str) -> tuple[str, ...]:
    values = list(row)
    for name, text in texts.items():
        values[shape.place(name)] = text
    return tuple(values)


def planned(content: bytes, office: Office = STANDS) -> Plan:
    return compare(from_json(to_json(read_staffing(content))), office)


def plan_of(tab: Tab, *rows: Sequence[str], office: Office = STANDS) -> list[Planned]:
    """The rows of a workbook that holds only these."""
    told = [shown(row) for row in rows] if tab is Tab.ASSIGNMENTS else rows
    return planned(staffing_xlsx({tab: told}, title=""), office).rows[tab]


def said(row: Planned) -> str:
    return " ".join(" ".join(problem) for problem in row.problems)


# What comes back


def test_what_stands_goes_out_and_comes_back_unchanged() -> None:
    plan = planned(everything())
    assert {row.fate for row in plan.all_rows()} == {Fate.UNCHANGED}
    assert len(list(plan.all_rows())) == 6
    assert (plan.faults, plan.notices) == ([], [])


@pytest.mark.parametrize(
    "name", ["=SUM(1;2)", "+62 811", "'Ilham", "@x", "-", "<r>x</r>", "Ñuñez Šime é", "_x0041_", "&lt;", "007"]
)
def test_a_name_comes_back_as_it_went_out(name: str) -> None:
    odd = changed(EMPLOYEES, RINA, name=name)
    office = Office(TODAY, employees={"7": Standing(7, odd, name)})
    (row,) = plan_of(Tab.EMPLOYEES, odd, office=office)
    assert row.fate is Fate.UNCHANGED, row.values


def test_new_rows_find_each_other_by_code_by_nip_and_by_mark() -> None:
    plan = planned(
        staffing_xlsx(
            {
                Tab.UNITS: [changed(UNITS, UNIT, code="bidang", name="Bidang", superior="badan", order="")],
                Tab.POSTS: [
                    changed(POSTS, SECRETARY, code="kabid", kind="division_head", unit="bidang", reviewer="sekretaris")
                ],
                Tab.EMPLOYEES: [
                    changed(EMPLOYEES, RINA, number="", name="Siti", identifier="19860202 201101 2 002"),
                    ("Baru 1", "Ilham", "", "", "other", "", "", ""),
                ],
                Tab.ASSIGNMENTS: [
                    ("", "", OTHER_NIP, "", "kabid", "", "definitive", "2027-01-01", "", "", "", ""),
                    ("", "baru 1", "", "", "sekretaris", "", "plt", "2027-01-01", "2027-03-01", "", "", ""),
                ],
            },
            title="",
        )
    )
    assert [said(row) for row in plan.all_rows()] == [""] * 6
    assert {row.fate for row in plan.all_rows()} == {Fate.NEW}
    assert plan.rows[Tab.UNITS][0].get("order") == "2", "a new one without a place comes last"
    assert [row.get("employee") for row in plan.rows[Tab.ASSIGNMENTS]] == ["+2", "+3"]


def test_a_file_applied_already_says_nothing_new() -> None:
    """Without numbers, by NIP and by person, post, kind and first day."""
    (person,) = plan_of(Tab.EMPLOYEES, changed(EMPLOYEES, RINA, number=""))
    (held,) = plan_of(Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, number="", employee="", identifier=NIP))
    assert (person.fate, held.fate) == (Fate.UNCHANGED, Fate.UNCHANGED)


def test_changes_are_told_field_by_field() -> None:
    (row,) = plan_of(Tab.EMPLOYEES, changed(EMPLOYEES, RINA, rank="iii/D", degrees_after="S.Sos., M.Si."))
    assert (row.fate, row.changes, row.get("rank")) == (Fate.CHANGED, ("degrees_after", "rank"), "III/d")


# What is wrong in one row


WRONG_ROWS: dict[str, tuple[Tab, tuple[str, ...], str]] = {
    "unknown superior": (Tab.UNITS, changed(UNITS, UNIT, code="b", name="B", superior="tidak.ada"), "“tidak.ada” tidak ada"),
    "a unit above itself": (Tab.UNITS, changed(UNITS, UNIT, superior="badan"), "di bawah dirinya sendiri"),
    "a taken name": (Tab.UNITS, changed(UNITS, UNIT, code="b"), "sudah dipakai"),
    "a later name without a day": (Tab.UNITS, changed(UNITS, UNIT, next_name="X", next_short_name="X"), "harinya tidak"),
    "a later name of today": (
        Tab.UNITS,
        changed(UNITS, UNIT, next_name="X", next_short_name="X", next_on="2027-03-01"),
        "Hari ini sudah lewat",
    ),
    "no superior": (Tab.POSTS, changed(POSTS, A_POST, superior=""), "belum punya atasan"),
    "reviewer without approver": (
        Tab.POSTS,
        changed(POSTS, A_POST, reviewer="kepala", approver=""),
        "tidak punya yang menetapkan",
    ),
    "a second head": (Tab.POSTS, changed(POSTS, HEAD, code="kepala.dua"), "sudah menjadi pimpinan kantor"),
    "unknown unit": (Tab.POSTS, changed(POSTS, A_POST, unit="tidak.ada"), "“tidak.ada” tidak ada"),
    "somebody else's NIP": (Tab.EMPLOYEES, ("baru 1", "Siti", "", "", "pns", NIP, "", ""), "menyebut hal yang sama"),
    "an unknown number": (Tab.EMPLOYEES, changed(EMPLOYEES, RINA, number="99"), "Tidak ada pegawai dengan nomor ini"),
    "a rank that is none": (Tab.EMPLOYEES, changed(EMPLOYEES, RINA, rank="V/z"), "Golongan PNS ditulis"),
    "an address that is none": (Tab.EMPLOYEES, changed(EMPLOYEES, RINA, email="rina"), "Ini bukan alamat surel"),
    "a number too long": (Tab.EMPLOYEES, changed(EMPLOYEES, RINA, identifier=NIP + "1"), "terlalu panjang"),
    "another person in it": (Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, kind="plt"), "tidak dapat diganti"),
    "an end before the start": (Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, ends_on="2025-01-01"), "Berakhir sebelum mulai"),
    "cancelled too late": (Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, cancelled="ya"), "sudah mulai tidak dapat dibatalkan"),
    "cancelled already": (Tab.ASSIGNMENTS, changed(ASSIGNMENTS, CANCELLED, decree="9"), "sudah dibatalkan"),
    "a year of 1900": (Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, starts_on="1900-01-05"), "Tahun 1900 tidak mungkin"),
    "a NIP of nobody": (
        Tab.ASSIGNMENTS,
        changed(ASSIGNMENTS, HELD, number="", employee="", identifier=OTHER_NIP),
        "Tidak ada pegawai",
    ),
    "a second definitive holder": (
        Tab.ASSIGNMENTS,
        changed(ASSIGNMENTS, HELD, number="", starts_on="2027-01-01"),
        "secara definitif",
    ),
    "a route lost under a sheet": (Tab.POSTS, changed(POSTS, SECRETARY, approver=""), "2 lembar jabatan ini sedang disiapkan"),
    "a post closed under a sheet": (Tab.POSTS, changed(POSTS, SECRETARY, closed_on="2027-05-01"), "2 lembar jabatan ini"),
    "a post closed under its holder": (Tab.POSTS, changed(POSTS, HEAD, closed_on="2027-05-01"), "masih dipegang Dr. Rina"),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_a_wrong_row_says_why(name: str) -> None:
    tab, row, words = WRONG_ROWS[name]
    rows = [RINA, row] if name == "somebody else's NIP" else [row]
    found = plan_of(tab, *rows)[-1]
    assert found.fate is Fate.WRONG
    assert words in said(found)
    assert all(problem.reason for problem in found.problems)


def test_the_same_nip_twice_makes_both_rows_wrong() -> None:
    twice = [("", name, "", "", "pns", OTHER_NIP, "", "") for name in ("Siti", "Sita")]
    assert ["juga milik" in said(row) for row in plan_of(Tab.EMPLOYEES, *twice)] == [True, True]


def test_a_predecessor_who_is_ended_in_the_same_file_is_in_nobodys_way() -> None:
    ended = changed(ASSIGNMENTS, HELD, ends_on="2027-02-28")
    plan = planned(everything_but_held(ended))
    assert [said(row) for row in plan.rows[Tab.ASSIGNMENTS]] == ["", ""]


def everything_but_held(ended: Sequence[str]) -> bytes:
    siti = ("baru 1", "Siti", "", "", "pns", OTHER_NIP, "", "")
    follows = ("", "baru 1", "", "", "kepala", "", "definitive", "2027-03-01", "", "", "", "")
    return staffing_xlsx({Tab.EMPLOYEES: [siti], Tab.ASSIGNMENTS: [shown(ended), follows]}, title="")


def test_one_person_in_two_posts_of_a_route_is_told_of_an_assignment_and_refused_of_a_route() -> None:
    (row,) = plan_of(Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, number="", post="sekretaris"))
    assert row.fate is Fate.NEW
    assert any("harus orang yang berbeda" in warning for warning in row.warnings)
    also = changed(ASSIGNMENTS, HELD, number="5", post="sekretaris")
    office = replace(
        STANDS,
        posts={**STANDS.posts, "sekretaris": Standing(2, changed(POSTS, SECRETARY, approver=""), "Sekretaris")},
        assignments={**STANDS.assignments, "5": Standing(5, also, "")},
        sheets={},
    )
    (post,) = plan_of(Tab.POSTS, SECRETARY, office=office)
    assert "harus orang yang berbeda" in said(post)


def test_a_row_with_several_gaps_is_told_of_all_of_them_at_once() -> None:
    (row,) = plan_of(Tab.ASSIGNMENTS, ("", "", "", "sekretaris", "plh", "", "", "", "", ""))
    assert [(problem.column, problem.expected) for problem in row.problems] == [
        ("Mulai", "Tanggal Excel."),
        ("Nomor pegawai", "Nomor pegawai, atau NIP/NI PPPK."),
    ]


def test_a_post_that_was_left_and_not_ended_is_told() -> None:
    moved = changed(ASSIGNMENTS, HELD, number="", post="sekretaris", starts_on="2027-03-01")
    (row,) = plan_of(Tab.ASSIGNMENTS, moved)
    assert row.fate is Fate.NEW
    assert any("Dr. Rina, S.Sos. juga memegang Kepala Badan secara definitif" in warning for warning in row.warnings)
    ended = changed(ASSIGNMENTS, HELD, ends_on="2027-02-28")
    _, row = plan_of(Tab.ASSIGNMENTS, ended, moved)
    assert not any("juga memegang" in warning for warning in row.warnings)


def test_days_on_which_a_holder_acted_stay_inside() -> None:
    (row,) = plan_of(Tab.ASSIGNMENTS, changed(ASSIGNMENTS, HELD, starts_on="2026-02-01", ends_on="2026-12-31"))
    asked = narrowed([row])
    refuse_lost_acts(asked, {3: [date(2026, 1, 5), date(2026, 6, 1)]})
    assert "bertindak dalam jabatan ini pada 5 Januari 2026" in said(row)


def test_a_number_that_looks_wrong_is_worth_a_warning_only() -> None:
    (row,) = plan_of(Tab.EMPLOYEES, ("", "Siti", "", "", "pns", "198613022011012002", "", ""))
    assert row.fate is Fate.NEW
    assert "tanggal lahir" in row.warnings[0]


# Cells and tabs that somebody else made


def made(fill: Callable[[Any, Any], None], **shape: Any) -> bytes:
    """A workbook of our tabs, made by another hand."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **shape.get("options", {})})
    for tab, each in SHAPES.items():
        title = shape.get("titles", {}).get(tab, each.title)
        headings = shape.get("headings", {}).get(tab, [column.heading for column in each.columns])
        worksheet = book.add_worksheet(title)
        worksheet.write_row(0, 0, headings)
        if tab is Tab.EMPLOYEES:
            for place, text in enumerate(("", "Siti", "", "", "PNS", OTHER_NIP, "", "")):
                worksheet.write_string(1, place, text)
        if tab is Tab.ASSIGNMENTS:
            for place, text in {2: OTHER_NIP, 4: "sekretaris", 6: "Plh."}.items():
                worksheet.write_string(1, place, text)
            worksheet.write_datetime(1, 7, date(2027, 4, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
            fill(worksheet, book)
    book.close()
    return file.getvalue()


def at(row: int, column: int, value: Any, **style: Any) -> Callable[[Any, Any], None]:
    return lambda worksheet, book: worksheet.write(row, column, value, book.add_format(style) if style else None)


VALUES_ONLY = "Nilai saja: salin sel, lalu tempel sebagai nilai."
ODD_CELLS: dict[str, tuple[Callable[[Any, Any], None], Problem]] = {
    "a formula": (
        at(1, 9, "=1+1"),
        Problem("Nomor surat", "0", "Sel ini berisi rumus.", VALUES_ONLY),
    ),
    "a formula that fails": (
        lambda worksheet, _book: worksheet.write_formula(1, 9, "=1/0", None, "#DIV/0!"),
        Problem(
            "Nomor surat", "", "Sel ini salah hitung (misalnya #REF!).", "Nilai saja: salin sel, lalu tempel sebagai nilai."
        ),
    ),
    "merged cells": (
        lambda worksheet, _book: worksheet.merge_range("J2:J4", "800/1"),
        Problem(
            "Nomor surat",
            "800/1",
            "Sel J2:J4 digabung, sehingga tidak jelas baris mana yang memilikinya.",
            "Satu sel satu nilai: batalkan penggabungan sel.",
        ),
    ),
    "a date as text": (
        at(1, 8, "31/12/2027"),
        Problem(
            "Sampai",
            "31/12/2027",
            "Tanggal ini teks, bukan tanggal Excel; mungkin maksudnya 31 Desember 2027.",
            "Tanggal Excel, misalnya 24-11-2026 dengan format sel Tanggal.",
        ),
    ),
    "a figure for a date": (
        at(1, 8, 46000),
        Problem(
            "Sampai",
            "46000",
            "Ini bilangan tanpa format tanggal.",
            "Tanggal Excel, misalnya 24-11-2026 dengan format sel Tanggal.",
        ),
    ),
    "day 60 of 1900": (
        at(1, 8, 60, num_format="dd/mm/yyyy"),
        Problem(
            "Sampai",
            "28 Februari 1900",
            "Tahun 1900 tidak mungkin; biasanya ini bilangan kecil yang diberi format tanggal.",
            "Tanggal antara tahun 1950 dan 2100.",
        ),
    ),
    "a NIP as a figure": (
        at(1, 2, int(OTHER_NIP)),
        Problem(
            "NIP/NI PPPK",
            "198602022011012000",
            "Nomor ini tersimpan sebagai bilangan: Excel hanya menyimpan 15 angka, angka terakhirnya mungkin sudah berubah.",
            "Teks dengan 18 angka: ubah format sel menjadi Teks, lalu ketik ulang dari surat keputusan.",
        ),
    ),
    "a kind that is none": (
        at(1, 6, "Pjs."),
        Problem("Jenis", "Pjs.", "Kata ini tidak ada dalam daftar.", "Salah satu dari: Definitif, Plt., Plh."),
    ),
    "half a figure": (
        at(1, 9, 800.5),
        Problem(
            "Nomor surat",
            "800,5",
            "Sel ini berisi bilangan, bukan teks; digit yang tidak disimpan Excel tidak diketahui.",
            "Ubah format sel menjadi Teks, lalu ketik lagi isinya.",
        ),
    ),
    "a decree that became a date": (
        at(1, 9, 46000, num_format="dd/mm/yyyy"),
        Problem(
            "Nomor surat",
            "9 Desember 2025",
            "Excel mengubah isi sel ini menjadi tanggal atau jam; yang semula diketik tidak diketahui.",
            "Ubah format sel menjadi Teks, lalu ketik lagi isinya.",
        ),
    ),
}


@pytest.mark.parametrize("name", ODD_CELLS)
def test_an_odd_cell_is_told_with_its_place_its_value_and_what_was_expected(name: str) -> None:
    fill, problem = ODD_CELLS[name]
    plan = planned(made(fill))
    row = plan.rows[Tab.ASSIGNMENTS][0]
    assert (row.number, row.fate, row.problems[0]) == (2, Fate.WRONG, problem)
    assert plan.rows[Tab.EMPLOYEES][0].fate is Fate.NEW


def test_the_years_of_a_1904_workbook_are_its_own() -> None:
    row = planned(made(lambda *_: None, options={"date_1904": True})).rows[Tab.ASSIGNMENTS][0]
    assert (row.get("starts_on"), row.fate) == ("2027-04-01", Fate.NEW)


def test_columns_may_stand_in_any_order() -> None:
    headings = [column.heading for column in EMPLOYEES.columns]
    headings[1], headings[5] = headings[5], headings[1]
    plan = planned(made(lambda *_: None, headings={Tab.EMPLOYEES: [*headings, "Catatan"]}))
    assert plan.rows[Tab.EMPLOYEES][0].values[1] == OTHER_NIP
    assert plan.notices == ["Kolom “catatan” di tab Pegawai tidak dikenal dan tidak dibaca."]


def test_a_renamed_tab_is_told_and_nothing_of_it_is_read() -> None:
    plan = planned(made(lambda *_: None, titles={Tab.EMPLOYEES: "Pegawai (2)"}))
    ((tab, row, problem),) = plan.faults
    assert (tab, row) == ("Pegawai", 0)
    assert "Tab “Pegawai” tidak ada. Mungkin namanya diubah menjadi salah satu dari “Pegawai (2)”." in problem.reason
    assert plan.rows[Tab.EMPLOYEES] == []


def test_a_missing_column_is_told_by_its_name() -> None:
    headings = [column.heading for column in EMPLOYEES.columns if column.name != "identifier"]
    ((tab, row, problem),) = planned(made(lambda *_: None, headings={Tab.EMPLOYEES: headings})).faults
    assert (tab, row, problem.reason) == ("Pegawai", 1, "Kolom “NIP/NI PPPK” tidak ada di tab ini.")


# Files that are no workbook


def repacked(content: bytes, **parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, parts.pop(entry.filename, None) or old.read(entry))
        for name, data in parts.items():
            new.writestr(name, data)
    return file.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an old .xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "Excel lama (.xls)"),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(2000), "Ini berkas PDF"),
    "plain text": (lambda: b"Kode;Nama", "bukan berkas Excel"),
    "nothing": (lambda: b"", "kosong"),
    "an empty template": (lambda: staffing_xlsx({}, title=""), "Tidak ada baris terisi"),
    "a bomb": (lambda: repacked(everything(), **{"xl/media/a.xml": bytes(200 * 2**20)}), "lebih besar dari 100 MB"),
    "a macro": (lambda: repacked(everything(), **{"xl/vbaProject.bin": b"x"}), "memuat makro"),
    "a document type": (
        lambda: repacked(everything(), **{"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
        "memuat DTD",
    ),
    "a cell beyond all rows": (lambda: made(at(100_001, 0, "1")), f"lebih dari {MOST_ROWS // 1000}.000 baris"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_within_a_second(name: str) -> None:
    make, words = HOSTILE[name]
    content = make()
    used = time.process_time()
    with pytest.raises(Invalid, match=words.replace("(", r"\(").replace(")", r"\)").replace(".", r"\.")):
        read_staffing(content)
    assert time.process_time() - used < 1


def test_a_hundred_thousand_and_one_rows_are_refused_within_a_second() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    for each in SHAPES.values():
        worksheet = book.add_worksheet(each.title)
        worksheet.write_row(0, 0, [column.heading for column in each.columns])
        for row in range(1, 100_002 if each is UNITS else 1):
            worksheet.write_number(row, 0, row)
    book.close()
    used = time.process_time()
    with pytest.raises(Invalid, match=r"lebih dari 50\.000 baris"):
        read_staffing(file.getvalue())
    assert time.process_time() - used < 1
