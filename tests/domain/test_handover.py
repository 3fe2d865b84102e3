"""Who must say that they take a sheet over: one row for every way in which a post comes to another holder."""

from dataclasses import dataclass
from datetime import date

import pytest

from iki_portal.domain.handover import Holding, handovers
from iki_portal.domain.people import AssignmentKind

DEFINITIVE, PLT, PLH = AssignmentKind
ANA, BUDI, CITRA = 1, 2, 3
NAMES = {ANA: "Ana", BUDI: "Budi", CITRA: "Citra"}
BEGUN, TODAY = date(2027, 1, 10), date(2027, 6, 15)


def day(month: int, number: int, year: int = 2027) -> date:
    return date(year, month, number)


def held(person: int, starts: date, ends: date | None = None, kind: AssignmentKind = DEFINITIVE) -> Holding:
    return Holding(person, NAMES[person], kind, starts, ends)


LONG_AGO = day(1, 1, 2020)
UNTIL_MAY = held(ANA, LONG_AGO, day(5, 31))
SINCE_JUNE = held(BUDI, day(6, 1))


@dataclass(frozen=True)
class Row:
    holdings: list[Holding]
    #: Who answered for the sheet last: submitted it, took it back, revised it or confirmed it.
    answered_by: int | None
    #: Who has to confirm, from whom, since when.
    due: list[tuple[int, int | None, date]]


ROWS = {
    "the same holder all along": Row([held(ANA, LONG_AGO)], ANA, []),
    "the same holder, and nobody has submitted yet": Row([held(ANA, LONG_AGO)], None, []),
    "a new holder of a submitted sheet": Row([UNTIL_MAY, SINCE_JUNE], ANA, [(BUDI, ANA, day(6, 1))]),
    "a new holder of a draft that nobody submitted": Row([UNTIL_MAY, SINCE_JUNE], None, [(BUDI, ANA, day(6, 1))]),
    "a new holder who has submitted or confirmed": Row([UNTIL_MAY, SINCE_JUNE], BUDI, []),
    "a Plt. takes over": Row([UNTIL_MAY, held(BUDI, day(6, 1), kind=PLT)], ANA, [(BUDI, ANA, day(6, 1))]),
    "a Plh. stands in and takes nothing over": Row([UNTIL_MAY, held(BUDI, day(6, 1), kind=PLH)], ANA, []),
    "a Plh. beside the definitive holder": Row([held(ANA, LONG_AGO), held(BUDI, day(6, 1), kind=PLH)], None, []),
    "a Plt. beside the holder who submitted": Row([held(ANA, LONG_AGO), held(BUDI, day(6, 1), kind=PLT)], ANA, []),
    "a Plt. beside the holder of a draft": Row([held(ANA, LONG_AGO), held(BUDI, day(6, 1), kind=PLT)], None, []),
    "the definitive holder comes back after a Plt. who submitted": Row(
        [held(ANA, LONG_AGO), held(BUDI, day(2, 1), day(5, 31), PLT)], BUDI, [(ANA, BUDI, day(6, 1))]
    ),
    "the definitive holder comes back after a Plt. who did nothing": Row(
        [held(ANA, LONG_AGO), held(BUDI, day(2, 1), day(5, 31), PLT)], None, []
    ),
    "a Plt. whose order is extended": Row([held(BUDI, LONG_AGO, day(5, 31), PLT), held(BUDI, day(6, 1), kind=PLT)], BUDI, []),
    "a Plt. who becomes the definitive holder": Row([held(BUDI, LONG_AGO, day(5, 31), PLT), SINCE_JUNE], BUDI, []),
    "the same, of a draft that nobody submitted": Row([held(BUDI, LONG_AGO, day(5, 31), PLT), SINCE_JUNE], None, []),
    "two changes, and the one between said nothing": Row(
        [held(ANA, LONG_AGO, day(3, 31)), held(BUDI, day(4, 1), day(5, 31)), held(CITRA, day(6, 1))],
        ANA,
        [(CITRA, BUDI, day(6, 1))],
    ),
    "back after somebody who confirmed": Row(
        [held(ANA, LONG_AGO, day(3, 31)), held(BUDI, day(4, 1), day(5, 31)), held(ANA, day(6, 1))],
        BUDI,
        [(ANA, BUDI, day(6, 1))],
    ),
    "back after somebody who said nothing": Row(
        [held(ANA, LONG_AGO, day(3, 31)), held(BUDI, day(4, 1), day(5, 31)), held(ANA, day(6, 1))], ANA, []
    ),
    "a gap between the two": Row([held(ANA, LONG_AGO, day(3, 31)), SINCE_JUNE], ANA, [(BUDI, ANA, day(6, 1))]),
    "two who shared the post, of whom one left": Row(
        [UNTIL_MAY, held(BUDI, day(4, 1), kind=PLT)], ANA, [(BUDI, ANA, day(6, 1))]
    ),
    "two new holders": Row(
        [UNTIL_MAY, SINCE_JUNE, held(CITRA, day(6, 10), kind=PLT)],
        ANA,
        [(BUDI, ANA, day(6, 1)), (CITRA, ANA, day(6, 10))],
    ),
    "two new holders, of whom one has confirmed": Row([UNTIL_MAY, SINCE_JUNE, held(CITRA, day(6, 10), kind=PLT)], CITRA, []),
    "a post that was vacant when the sheet was begun": Row([SINCE_JUNE], None, [(BUDI, None, day(6, 1))]),
    "a post that is vacant": Row([UNTIL_MAY], ANA, []),
    "a holder who begins tomorrow": Row([UNTIL_MAY, held(BUDI, day(6, 16))], ANA, []),
    "a holder who begins today": Row([UNTIL_MAY, held(BUDI, TODAY)], ANA, [(BUDI, ANA, TODAY)]),
    "whoever answered holds the post for the last day": Row([held(ANA, LONG_AGO, TODAY), held(BUDI, TODAY, kind=PLT)], ANA, []),
    "a holder on the very day the sheet was begun": Row([held(ANA, LONG_AGO, day(1, 9)), held(BUDI, BEGUN)], None, []),
    "a holder from the day after": Row(
        [held(ANA, LONG_AGO, BEGUN), held(BUDI, day(1, 11))], None, [(BUDI, ANA, day(1, 11))]
    ),
    "a holder who came before the year": Row(
        [held(ANA, LONG_AGO, day(12, 31, 2026)), held(BUDI, day(1, 1))], ANA, [(BUDI, ANA, day(1, 1))]
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_who_has_to_confirm(row: Row) -> None:
    found = handovers(row.holdings, year=2027, begun_on=BEGUN, answered_by=row.answered_by, on=TODAY)
    assert [(each.holder.employee_id, each.former and each.former.employee_id, each.since) for each in found] == row.due


def test_who_comes_after_the_year_takes_over_no_sheet_of_it() -> None:
    holdings = [held(ANA, LONG_AGO, day(12, 31)), held(BUDI, day(1, 1, 2028))]
    assert handovers(holdings, year=2027, begun_on=BEGUN, answered_by=ANA, on=day(1, 2, 2028)) == ()
    assert len(handovers(holdings, year=2028, begun_on=BEGUN, answered_by=ANA, on=day(1, 2, 2028))) == 1


def test_a_holder_is_named_with_their_capacity_and_days() -> None:
    plt = held(BUDI, day(2, 1), day(5, 31), PLT)
    assert (plt.who, plt.span) == ("Plt. Budi", "1 Februari 2027 sampai 31 Mei 2027")
