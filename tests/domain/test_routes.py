"""What cannot be in an organisation: one row for each way it goes wrong, and the office as it stands, which is right."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from iki_portal.domain.appointments import Term
from iki_portal.domain.errors import Invalid
from iki_portal.domain.office import PositionKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.routes import (
    Fault,
    Holding,
    Key,
    PostPlan,
    UnitPlan,
    caused,
    circles,
    default_route,
    first_of_kinds,
    post_problems,
    same_persons,
    unit_problems,
)

TODAY = date(2027, 3, 10)
YESTERDAY, TOMORROW = date(2027, 3, 9), date(2027, 3, 11)
UNITS = {
    "badan": UnitPlan(("Badan Kepegawaian Daerah",)),
    "bidang": UnitPlan(("Bidang Mutasi", "Bidang Mutasi dan Promosi"), "badan"),
    "seksi": UnitPlan(("Seksi Mutasi",), "bidang"),
}
POSTS = {
    "kepala": PostPlan("Kepala Badan", PositionKind.HEAD, "badan"),
    "sekretaris": PostPlan("Sekretaris", PositionKind.SECRETARY, "badan", "kepala", None, "kepala"),
    "kabid": PostPlan("Kepala Bidang Mutasi", PositionKind.DIVISION_HEAD, "bidang", "kepala", "sekretaris", "kepala"),
    "kabid2": PostPlan("Kepala Bidang Diklat", PositionKind.DIVISION_HEAD, "badan", "kepala", "sekretaris", "kepala"),
    "analis": PostPlan("Analis", PositionKind.STAFF, "bidang", "kabid", "kabid", "sekretaris"),
}

Changes = Mapping[str, dict[str, object]]
#: What is changed in the office above, and what is wrong with it then: (whose, what) in the order found.
WAYS: list[tuple[str, Changes, list[tuple[str, Fault]]]] = [
    ("as it stands", {}, []),
    ("approver without reviewer", {"analis": {"reviewer": None}}, []),
    ("no route at all", {"analis": {"reviewer": None, "approver": None}}, []),
    ("reviewer without approver", {"analis": {"approver": None}}, [("analis", Fault.NO_APPROVER)]),
    ("reviewer is approver", {"analis": {"reviewer": "sekretaris"}}, [("analis", Fault.SAME_POST)]),
    ("owner reviews", {"analis": {"reviewer": "analis"}}, [("analis", Fault.OWN_ROUTE)]),
    ("owner approves", {"analis": {"approver": "analis"}}, [("analis", Fault.OWN_ROUTE)]),
    ("own superior", {"kabid": {"superior": "kabid"}}, [("kabid", Fault.CYCLE)]),
    (
        "circle of two",
        {"kabid": {"superior": "analis"}},
        [("kabid", Fault.CYCLE), ("analis", Fault.CYCLE)],
    ),
    ("no superior", {"analis": {"superior": None}}, [("analis", Fault.NO_SUPERIOR)]),
    ("second head", {"kabid": {"kind": PositionKind.HEAD}}, [("kabid", Fault.SECOND_HEAD)]),
    (
        "unknown ones",
        {"analis": {"unit": "x", "superior": "y", "reviewer": "z", "approver": "w"}},
        [("analis", Fault.UNKNOWN)] * 4,
    ),
    (
        "superior and reviewer closed today",
        {"kabid": {"closed_on": TODAY}},
        [("analis", Fault.OUTLIVES), ("analis", Fault.OUTLIVES)],
    ),
    ("closes with its superior", {"kabid": {"closed_on": TOMORROW}, "analis": {"closed_on": TOMORROW}}, []),
    ("a closed post is wrong in peace", {"analis": {"closed_on": TODAY, "superior": "z", "approver": None}}, []),
    (
        "approve each other's, side by side",
        {"kabid": {"reviewer": None, "approver": "kabid2"}, "kabid2": {"reviewer": None, "approver": "kabid"}},
        [],
    ),
    (
        "approved by a subordinate",
        {"kabid": {"reviewer": None, "approver": "analis"}},
        [("kabid", Fault.UPSIDE_DOWN)],
    ),
    (
        "reviewed by the approver's superior",
        {"analis": {"reviewer": "kepala"}},
        [("analis", Fault.UPSIDE_DOWN)],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_every_way_of_posts(changes: Changes, expected: list[tuple[str, Fault]]) -> None:
    posts = {**POSTS, **{key: replace(POSTS[key], **values) for key, values in changes.items()}}  # type: ignore[arg-type]
    found = post_problems(posts, UNITS, on=TODAY)
    assert [(each.subject, each.fault) for each in found] == expected
    assert all(each.text.endswith(".") for each in found)


UNIT_WAYS = [
    ("own superior", {"badan": {"superior": "badan"}}, [("badan", Fault.CYCLE)]),
    ("circle", {"badan": {"superior": "seksi"}}, [(key, Fault.CYCLE) for key in ("badan", "seksi", "bidang")]),
    ("closed above", {"badan": {"closed_on": TODAY}}, [("bidang", Fault.OUTLIVES)]),
    ("unknown above", {"seksi": {"superior": "x"}}, [("seksi", Fault.UNKNOWN)]),
    ("name of today", {"seksi": {"names": ("BIDANG  MUTASI",)}}, [("seksi", Fault.SAME_NAME)]),
    ("coming name of another", {"seksi": {"names": ("Bidang Mutasi dan Promosi",)}}, [("seksi", Fault.SAME_NAME)]),
    ("one name twice itself", {"seksi": {"names": ("Seksi Mutasi", "Seksi Mutasi")}}, []),
]


@pytest.mark.parametrize(("changes", "expected"), [way[1:] for way in UNIT_WAYS], ids=[way[0] for way in UNIT_WAYS])
def test_every_way_of_units(changes: Changes, expected: list[tuple[str, Fault]]) -> None:
    units = {**UNITS, **{key: replace(UNITS[key], **values) for key, values in changes.items()}}  # type: ignore[arg-type]
    assert [(each.subject, each.fault) for each in unit_problems(units, on=TODAY)] == expected


DEFINITIVE, PLT, _PLH = AssignmentKind


def holding(person: int, kind: AssignmentKind = DEFINITIVE, ends_on: date | None = None) -> Holding:
    return Holding(person, Term(f"Orang {person}", kind, date(2027, 1, 1), ends_on))


#: Holders of (analis, kabid, sekretaris), how many clashes are refused, how many are only worth knowing.
PERSONS = [
    ((holding(1), holding(2), holding(3)), 0, 0),
    ((holding(1), holding(1), holding(3)), 1, 0),
    ((holding(1), holding(2), holding(1)), 1, 0),
    ((holding(1), holding(2), holding(2)), 1, 0),
    ((holding(1), holding(1), holding(1)), 3, 0),
    ((holding(1), holding(1, PLT), holding(3)), 0, 1),
    ((holding(1), holding(1, ends_on=YESTERDAY), holding(3)), 0, 0),
    ((holding(1), holding(1, ends_on=TODAY), holding(3)), 1, 0),
]


@pytest.mark.parametrize(("holders", "refused", "known"), PERSONS)
def test_one_person_is_never_two_on_one_sheet_by_right(holders: tuple[Holding, ...], refused: int, known: int) -> None:
    held = {key: [each] for key, each in zip(("analis", "kabid", "sekretaris"), holders, strict=True)}
    only = {"analis": POSTS["analis"]}
    found = same_persons({**POSTS, "kabid": replace(POSTS["kabid"], approver=None, reviewer=None)} | only, held, on=TODAY)
    of_analis = [[each for each in problems if each.subject == "analis"] for problems in found]
    assert [len(each) for each in of_analis] == [refused, known]


def test_the_reason_names_the_person_the_posts_and_the_days() -> None:
    (problem, *_), _known = same_persons(POSTS, {"analis": [holding(1)], "kabid": [holding(1)]}, on=TODAY)
    assert problem.text == (
        "Orang 1 memegang Analis dan Kepala Bidang Mutasi, 1 Januari 2027 sampai seterusnya; "
        "pada lembar Analis keduanya harus orang yang berbeda."
    )


def test_what_was_wrong_before_stops_nobody() -> None:
    wrong = {**POSTS, "analis": replace(POSTS["analis"], superior=None)}
    before = post_problems(wrong, UNITS, on=TODAY)
    renamed = {**wrong, "analis": replace(wrong["analis"], name="Analis SDM", reviewer="sekretaris")}
    assert [each.fault for each in caused(before, post_problems(renamed, UNITS, on=TODAY))] == [Fault.SAME_POST]


def test_the_default_route_is_that_of_the_nearest_superiors() -> None:
    firsts = first_of_kinds(POSTS, on=TODAY)
    assert {key: default_route(key, POSTS, firsts) for key in POSTS} == {key: plan.route for key, plan in POSTS.items()}


def test_an_office_without_a_secretary_has_no_default_for_its_analysts() -> None:
    posts = {**POSTS, "sekretaris": replace(POSTS["sekretaris"], closed_on=TODAY)}
    with pytest.raises(Invalid, match="Tidak ada Sekretaris"):
        default_route("analis", posts, first_of_kinds(posts, on=TODAY))


def test_ten_thousand_posts_are_judged_at_once() -> None:
    posts: dict[Key, PostPlan] = dict(POSTS)
    for number in range(10_000):
        posts[number] = replace(POSTS["analis"], superior=number - 1 if number % 20 else "kabid")
    began = time.process_time()
    assert post_problems(posts, UNITS, on=TODAY) == []
    assert circles({key: plan.superior for key, plan in posts.items()}) == []
    assert time.process_time() - began < 2  # seconds of work; a tenth of one when it is linear
