"""Which post is proposed for a sheet: the truth table, and what an import would meet there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.placing import Choice, Fate, Seat, Sought, choice_key, fate_of, propose
from iki_portal.domain.workflow import State

MUTASI, PENGADAAN = "Bidang Mutasi dan Promosi", "Bidang Pengadaan, Pemberhentian dan Informasi"
UMUM, KEUANGAN = "Sub Bagian Umum dan Kepegawaian", "Sub Bagian Keuangan"
ANALIS = "Analis Kepegawaian Muda"
OFFICE = [
    Seat(1, "Sekretaris", "Sekretariat"),
    Seat(2, "Kepala Sub Bagian Keuangan", KEUANGAN),
    Seat(3, "Kepala Sub Bagian Umum dan Kepegawaian", UMUM),
    Seat(4, "Kepala Bidang Pengadaan, Pemberhentian dan Informasi", PENGADAAN),
    Seat(5, ANALIS, PENGADAAN),
    Seat(6, ANALIS, PENGADAAN),
    Seat(7, "Kepala Bidang Mutasi dan Promosi", MUTASI),
    Seat(8, ANALIS, MUTASI),
    Seat(9, "Perencana Muda", "Sub Bagian Perencanaan"),
]
TABLE: list[tuple[str, list[tuple[str, str | None]], list[int | None]]] = [
    ("title and unit", [("Sekretaris", "Sekretariat")], [1]),
    ("equal titles go by their order in both", [(ANALIS, PENGADAAN), (ANALIS, PENGADAAN)], [5, 6]),
    ("the unit parts equal titles", [(ANALIS, MUTASI), (ANALIS, PENGADAAN)], [8, 5]),
    ("one more than there are posts is left to a person", [(ANALIS, MUTASI), (ANALIS, MUTASI)], [8, None]),
    ("capitals and commas say nothing", [("KEPALA BIDANG PENGADAAN PEMBERHENTIAN DAN INFORMASI", PENGADAAN.upper())], [4]),
    ("Subbagian is Sub Bagian", [("Kepala Subbagian Keuangan", "Subbagian Keuangan")], [2]),
    ("who acts for a post holds its sheet", [("Plt. Kepala Bidang Mutasi dan Promosi", MUTASI)], [7]),
    ("a unit that is only alike", [(ANALIS, "Bidang Mutasi, Promosi, dan Kinerja")], [8]),
    ("a title that is only alike", [("Analis Kepegawaian Ahli Muda", MUTASI)], [8]),
    ("a title that is only alike fits two", [("Analis Kepegawaian Ahli Muda", PENGADAAN)], [None]),
    ("no unit, one such title", [("Perencana Muda", None)], [9]),
    ("no unit, many such titles", [(ANALIS, None)], [None]),
    ("no unit, and the others are taken", [(ANALIS, PENGADAAN), (ANALIS, PENGADAAN), (ANALIS, None)], [5, 6, 8]),
    ("another unit, one such title", [("Perencana Muda", "Sekretariat")], [9]),
    ("a like title anywhere", [("Perencana Ahli Muda", None)], [9]),
    ("Sub Bagian that is not this one", [("Kepala Sub Bagian Perencanaan", "Sub Bagian Perencanaan")], [None]),
    ("another grade is another post", [("Analis Kepegawaian Pertama", MUTASI)], [None]),
    ("a stranger", [("Pranata Komputer", None)], [None]),
    ("no title", [("", None)], [None]),
    ("certain before alike, whatever comes first", [("Analis Kepegawaian Ahli Muda", MUTASI), (ANALIS, MUTASI)], [None, 8]),
]


@pytest.mark.parametrize(("sheets", "posts"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_post_that_is_proposed(sheets: list[tuple[str, str | None]], posts: list[int | None]) -> None:
    assert propose([Sought(title, unit) for title, unit in sheets], OFFICE) == posts


titles = st.sampled_from([seat.title for seat in OFFICE] + ["Plt. Sekretaris", "Analis Kepegawaian Ahli Muda", "", "?"])
units = st.sampled_from([seat.unit for seat in OFFICE] + ["Bidang Mutasi", ""]) | st.none()


@given(st.lists(st.builds(Sought, titles, units), max_size=30))
def test_no_post_is_proposed_twice_and_the_order_of_others_changes_nothing_certain(sheets: list[Sought]) -> None:
    found = propose(sheets, OFFICE)
    given_away = [each for each in found if each is not None]
    assert len(found) == len(sheets)
    assert len(set(given_away)) == len(given_away)
    assert propose(sheets, []) == [None] * len(sheets)


@pytest.mark.parametrize(
    ("state", "revision", "fate"),
    [
        (None, 1, Fate.CREATES),
        (State.DRAFT, 1, Fate.REPLACES),
        (State.DRAFT, 2, Fate.REVISION_IN_PREPARATION),
        (State.SUBMITTED, 1, Fate.SUBMITTED),
        (State.SUBMITTED, 2, Fate.SUBMITTED),
        (State.REVIEWED, 1, Fate.SUBMITTED),
        (State.APPROVED, 1, Fate.APPROVED),
        (State.APPROVED, 2, Fate.APPROVED),
        (State.SUPERSEDED, 1, Fate.APPROVED),
    ],
)
def test_what_an_import_meets(state: State | None, revision: int, fate: Fate) -> None:
    assert fate_of(state, revision) is fate


def test_a_choice_names_its_post() -> None:
    assert Choice(choice_key(7, 12, 3)).post_id == 7
    assert Choice().post_id == 0
