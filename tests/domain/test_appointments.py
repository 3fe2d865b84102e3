"""From when to when somebody holds a post: every way two spans of days can lie beside each other, one row each."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.appointments import (
    Term,
    TermState,
    definitive_clash,
    demand_possible,
    followed_by,
    format_span,
    months_later,
    overlap,
    remarks,
    remarks_on_person,
    term_state,
)
from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import AssignmentKind

DEFINITIVE, PLT, PLH = AssignmentKind


def march(day: int) -> date:
    return date(2027, 3, day)


def term(starts: int, ends: int | None = None, *, kind: AssignmentKind = DEFINITIVE, name: str = "Rina") -> Term:
    return Term(name, kind, march(starts), march(ends) if ends else None)


#: The standing term, the proposed one, and the days they share.
SPANS = [
    ((10, 20), (1, 9), None),  # ends the day before
    ((10, 20), (1, 10), (10, 10)),  # ends on the first day
    ((10, 20), (21, 30), None),  # starts the day after
    ((10, 20), (20, 30), (20, 20)),  # starts on the last day
    ((10, 20), (12, 15), (12, 15)),
    ((10, 20), (1, 30), (10, 20)),
    ((10, 10), (10, 10), (10, 10)),
    ((10, None), (1, 9), None),
    ((10, None), (1, 10), (10, 10)),
    ((10, None), (25, None), (25, None)),
    ((10, 20), (1, None), (10, 20)),
    ((10, 20), (21, None), None),
    ((10, 20), (20, None), (20, 20)),
]


@pytest.mark.parametrize(("standing", "proposed", "shared"), SPANS)
def test_two_definitive_terms_may_not_share_a_day(
    standing: tuple[int, int | None], proposed: tuple[int, int | None], shared: tuple[int, int | None] | None
) -> None:
    one, other = term(*standing, name="Sari"), term(*proposed)
    days = (march(shared[0]), march(shared[1]) if shared[1] else None) if shared else None
    assert overlap(one, other) == overlap(other, one) == days
    assert definitive_clash(other, [one]) is (one if shared else None)
    if shared:
        with pytest.raises(Invalid, match="Sari memegang jabatan ini secara definitif"):
            demand_possible(other, [one])
    else:
        demand_possible(other, [one])


@pytest.mark.parametrize(("one", "other"), [(PLT, DEFINITIVE), (DEFINITIVE, PLT), (PLH, PLH), (DEFINITIVE, PLH)])
def test_acting_officials_may_stand_beside_anybody(one: AssignmentKind, other: AssignmentKind) -> None:
    assert definitive_clash(term(1, kind=one), [term(1, kind=other)]) is None


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(Invalid, match="sebelum mulai 10 Maret 2027"):
        demand_possible(term(10, 9), [])
    demand_possible(term(10, 10), [])


_DAYS = st.integers(0, 400).map(lambda number: date(2027, 1, 1) + timedelta(days=number))
_TERMS = st.builds(
    lambda start, length: Term("x", DEFINITIVE, start, None if length is None else start + timedelta(days=length)),
    _DAYS,
    st.none() | st.integers(0, 90),
)


@given(st.lists(_TERMS, max_size=12), _DAYS)
def test_terms_taken_one_after_another_leave_one_definitive_holder_a_day(proposed: list[Term], day: date) -> None:
    taken: list[Term] = []
    for each in proposed:
        if definitive_clash(each, taken) is None:
            taken.append(each)
    assert sum(each.holds_on(day) for each in taken) <= 1


@pytest.mark.parametrize(
    ("starts", "ends", "on", "state"),
    [
        (10, 20, 9, TermState.FUTURE),
        (10, 20, 10, TermState.IN_FORCE),
        (10, 20, 20, TermState.IN_FORCE),
        (10, 20, 21, TermState.PAST),
        (10, None, 31, TermState.IN_FORCE),
        (10, 9, 9, TermState.CANCELLED),
        (10, 9, 10, TermState.CANCELLED),
    ],
)
def test_where_a_term_stands_on_a_day(starts: int, ends: int | None, on: int, state: TermState) -> None:
    assert term_state(march(starts), march(ends) if ends else None, march(on)) is state
    assert Term("x", PLT, march(starts), march(ends) if ends else None).holds_on(march(on)) is (state is TermState.IN_FORCE)


@pytest.mark.parametrize(
    ("proposed", "others", "said"),
    [
        (term(10), [], []),
        (term(10), [term(1, 9)], []),
        (term(10), [term(1, 7)], ["Sebelumnya jabatan ini kosong, 8 Maret 2027 sampai 9 Maret 2027."]),
        (term(10), [term(1, 5), term(6, 9, kind=PLH)], []),
        (term(10, 20), [term(21)], []),
        (term(10, 20), [term(25)], ["Sesudahnya jabatan ini kosong, 21 Maret 2027 sampai 24 Maret 2027."]),
        (term(10, 20), [], ["Sesudahnya jabatan ini kosong, 21 Maret 2027 sampai seterusnya."]),
        (
            term(10, 20, kind=PLH),
            [term(1, name="Sari")],
            ["Jabatan ini juga dipegang Sari, 10 Maret 2027 sampai 20 Maret 2027: keduanya dapat bertindak."],
        ),
        (term(10, kind=PLT), [], ["Penugasan Plt. ini tidak berakhir. Isilah tanggal akhirnya bila sudah diketahui."]),
    ],
)
def test_what_is_worth_knowing_before_it_is_saved(proposed: Term, others: list[Term], said: list[str]) -> None:
    assert list(remarks(proposed, others)) == said


@pytest.mark.parametrize(
    ("proposed", "elsewhere", "is_told"),
    [
        (term(10), term(1), True),
        (term(10), term(1, 9), False),
        (term(10), term(1, 10), True),
        (term(1, 9), term(10), False),
        (term(10, kind=PLT), term(1), False),
        (term(10), term(1, kind=PLH), False),
    ],
)
def test_a_second_definitive_post_of_one_person_is_told(proposed: Term, elsewhere: Term, is_told: bool) -> None:
    said = remarks_on_person(proposed, [("Perencana Muda", elsewhere)])
    assert bool(said) is is_told
    assert all(each.startswith("Rina juga memegang Perencana Muda secara definitif, ") for each in said)


@pytest.mark.parametrize(
    ("until", "terms", "said"),
    [
        (20, [term(10, 20)], ""),
        (20, [term(10, 20), term(21, name="Sari")], "sesudahnya Sari"),
        (20, [term(10, 20, kind=PLT), term(21, kind=PLT)], "sesudahnya Plt. Rina"),
        (20, [term(10, 20, kind=PLH), term(1, name="Sari")], "sesudahnya Sari"),
        (20, [term(10, 20), term(25, name="Sari"), term(22, 24, name="Dewi")], "Dewi mulai 22 Maret 2027"),
        (None, [], ""),
        (None, [term(25, name="Sari")], "Sari mulai 25 Maret 2027"),
    ],
)
def test_who_follows_in_a_post(until: int | None, terms: list[Term], said: str) -> None:
    assert followed_by(terms, march(until) if until else None, on=march(15)) == said


@pytest.mark.parametrize(("ends_on", "is_long"), [(date(2027, 5, 31), False), (date(2027, 6, 1), True)])
def test_a_plt_of_more_than_three_months_is_remarked(ends_on: date, is_long: bool) -> None:
    said = remarks(Term("Rina", PLT, march(1), ends_on), [])
    assert any("paling lama 3 bulan" in each for each in said) is is_long


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2027, 9, 30), date(2027, 12, 30)),
        (date(2027, 10, 1), date(2028, 1, 1)),
    ],
)
def test_three_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, later: date) -> None:
    assert months_later(day, 3) == later


def test_a_span_without_an_end_goes_on() -> None:
    assert format_span(march(1), None) == "1 Maret 2027 sampai seterusnya"
