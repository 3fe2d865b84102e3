"""Who supports whom: what may be linked and by whom, no circle, gaps by name, nothing counted twice."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.cascade import (
    Gap,
    GapKind,
    GoalKey,
    Link,
    OutcomeKey,
    Place,
    RowKey,
    Shown,
    all_below,
    below,
    closes_a_circle,
    gaps,
    may_link,
    not_to_link_because,
    posts_above,
)
from iki_portal.domain.errors import Invalid
from iki_portal.domain.goals import GoalLevel, GoalProposal, IkuProposal, PeriodProposal, check_goal, check_period, iku_problems
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor
from iki_portal.domain.rollup import Contribution, Total, roll_up
from iki_portal.domain.supporting import Proposal, proposals
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.domain.workflow import State
from tests.domain.test_policy import CAST, DEFINITIVE, REVIEWER_POST, Sheet, actor, office, route

HEAD, SECRETARY, KABID, OTHER_KABID, ANALIS, STAFF = 1, 2, 3, 4, 5, 6
#: The Kepala Badan has no sheet, nor has the post between the Kabid and the staff.
PLACES = {
    HEAD: Place(None, has_sheet=False),
    SECRETARY: Place(HEAD, has_sheet=True),
    KABID: Place(HEAD, has_sheet=True),
    ANALIS: Place(KABID, has_sheet=True),
    7: Place(KABID, has_sheet=False),
    STAFF: Place(7, has_sheet=True),
}


def row(post: int, words: str = "a") -> RowKey:
    return RowKey(post, words)


def link(child: tuple[int, str], parent: tuple[int, str] | int) -> Link:
    return Link(RowKey(*child), GoalKey(parent) if isinstance(parent, int) else RowKey(*parent))


# What may be linked


@pytest.mark.parametrize(
    ("post", "above"), [(ANALIS, [KABID]), (STAFF, [KABID]), (KABID, []), (SECRETARY, []), (HEAD, []), (99, [])]
)
def test_posts_without_a_sheet_are_skipped_on_the_way_up(post: int, above: list[int]) -> None:
    assert posts_above(post, PLACES) == above


def test_a_circle_in_the_organisation_ends_the_way_up() -> None:
    assert posts_above(1, {1: Place(2, has_sheet=True), 2: Place(1, has_sheet=True)}) == [2]


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (link((ANALIS, "a"), (KABID, "b")), True),
        (link((ANALIS, "a"), (KABID, "a")), True),  # the same words under the Kabid are another indicator
        (link((ANALIS, "a"), 1), True),
        (link((ANALIS, "a"), (OTHER_KABID, "b")), False),
        (link((ANALIS, "a"), (ANALIS, "b")), False),
        (link((ANALIS, "a"), (ANALIS, "a")), False),
        (link((ANALIS, "a"), (SECRETARY, "b")), False),
    ],
)
def test_an_indicator_supports_the_sheet_above_or_an_iku(wanted: Link, allowed: bool) -> None:
    assert (not_to_link_because(wanted, post_above=KABID, links=[]) == "") is allowed


def test_a_link_that_would_close_a_circle_is_refused() -> None:
    """After a reorganisation the former superior stands below: the link of that time is still there."""
    standing = [link((KABID, "a"), (ANALIS, "a"))]
    assert "lingkaran" in not_to_link_because(link((ANALIS, "a"), (KABID, "a")), post_above=KABID, links=standing)


ROWS = st.builds(RowKey, st.integers(1, 5), st.sampled_from("ab"))
LINKS = st.lists(st.builds(Link, ROWS, st.one_of(ROWS, st.builds(GoalKey, st.integers(1, 2)))), max_size=25)


@given(LINKS)
def test_links_that_are_taken_one_by_one_never_close_a_circle(wanted: list[Link]) -> None:
    taken: list[Link] = []
    for each in wanted:
        parent = each.parent
        above = parent.post_id if isinstance(parent, RowKey) else None
        if not not_to_link_because(each, post_above=above, links=taken):
            taken.append(each)
    children = below(taken)
    assert not any(each in reached(each, children) for each in {each.child for each in taken})


def reached(start: RowKey, children: dict[RowKey | GoalKey, list[RowKey]]) -> set[RowKey]:
    """Everything below, by another way than the one that is tested."""
    found: set[RowKey] = set()
    frontier = set(children.get(start, []))
    while frontier - found:
        found |= frontier
        frontier = {child for each in frontier for child in children.get(each, [])}
    return found


@given(LINKS, st.one_of(ROWS, st.builds(GoalKey, st.integers(1, 2))))
def test_every_supporter_comes_once_on_any_number_of_paths_even_in_a_circle(
    links: list[Link], target: RowKey | GoalKey
) -> None:
    children = below(links)
    found = all_below(target, children)
    assert len(found) == len(set(found))
    assert target not in found
    assert set(found) == reached(target, children) - {target}  # type: ignore[arg-type]


def test_a_row_on_two_paths_is_one_supporter() -> None:
    links = [link((5, "a"), (3, "a")), link((5, "a"), (3, "b")), link((3, "a"), 1), link((3, "b"), 1), link((5, "a"), 1)]
    assert sorted(all_below(GoalKey(1), below(links))) == [row(3, "a"), row(3, "b"), row(5, "a")]
    assert not closes_a_circle(link((5, "b"), (3, "a")), links)


# Who may


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(State))
def test_the_owner_and_the_owner_of_the_sheet_above_link_whatever_stands(state: State, person: str) -> None:
    posts = office(**CAST)
    verdict = may_link(actor(person, **CAST), Sheet(state), route(posts), posts[REVIEWER_POST])
    assert bool(verdict) is (person in ("owner", "reviewer") and state is not State.SUPERSEDED)
    assert bool(verdict.reason) is not bool(verdict)


def test_nobody_links_in_a_closed_year_and_an_operator_never() -> None:
    posts = office(**CAST)
    closed = may_link(actor("owner", **CAST), Sheet(State.APPROVED), route(posts, stage=YearStage.CLOSED), None)
    assert closed.reason == "Tahun kinerja ini sudah ditutup."
    operator = Actor(1, None, "operator", is_operator=True)
    assert not may_link(operator, Sheet(State.DRAFT), route(posts), posts[REVIEWER_POST])


def test_a_refusal_says_who_may() -> None:
    posts = office(**CAST)
    verdict = may_link(actor("outsider", **CAST), Sheet(State.DRAFT), route(posts), posts[REVIEWER_POST])
    assert verdict.reason == "Saat ini yang dapat mengaitkan indikator lembar ini: owner (Analis); reviewer (Kabid)."


def test_who_holds_both_posts_chooses_by_which() -> None:
    held = {"both": {1: DEFINITIVE, REVIEWER_POST: DEFINITIVE}}
    posts = office(**held)
    verdict = may_link(actor("both", **held), Sheet(State.DRAFT), route(posts), posts[REVIEWER_POST])
    assert [each.position_id for each in verdict.choices] == [1, REVIEWER_POST]


# Gaps

A, B, K, L = row(ANALIS, "a"), row(ANALIS, "b"), row(KABID, "k"), row(KABID, "l")


def shown(rows: Iterable[RowKey], links: Iterable[Link], **more: object) -> Shown:
    facts: dict[str, Any] = {"ikus": (1, 2), **more}
    return Shown(tuple(rows), tuple(links), leading=(KABID,), topmost=(KABID,), **facts)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (shown([A, K], [Link(A, K), Link(K, GoalKey(1))], ikus_asked=[1]), []),
        (shown([A, K], [Link(K, GoalKey(1))]), [Gap(GapKind.UNSUPPORTED, K), Gap(GapKind.SUPPORTS_NOTHING, A)]),
        (shown([A, K], [Link(A, K)]), [Gap(GapKind.SUPPORTS_NOTHING, K)]),
        (shown([], [], ikus_asked=[1, 2]), [Gap(GapKind.WITHOUT_OWNER, GoalKey(1)), Gap(GapKind.WITHOUT_OWNER, GoalKey(2))]),
        # an Analis who supports an IKU does not answer for it
        (shown([A], [Link(A, GoalKey(1))], ikus_asked=[1]), [Gap(GapKind.WITHOUT_OWNER, GoalKey(1))]),
        (shown([], [], ikus_asked=[1], supported_elsewhere={GoalKey(1)}), []),
        (shown([K], [Link(K, GoalKey(1))], supported_elsewhere={K}), []),
        (shown([], [], bare_outcomes=[3]), [Gap(GapKind.WITHOUT_IKU, OutcomeKey(3))]),
        # the IKU was withdrawn
        (
            shown([A, K], [Link(A, K), Link(K, GoalKey(9))]),
            [Gap(GapKind.SUPPORTS_NOTHING, K), Gap(GapKind.BROKEN, K, (GoalKey(9),))],
        ),
        # rows of other posts are there for the drawing
        (shown([A, K], [Link(A, K)], beside=[K]), []),
        # the words of either end have changed
        (
            shown([A, K], [Link(A, L), Link(A, K), Link(K, GoalKey(1))]),
            [Gap(GapKind.BROKEN, A, (L,))],
        ),
        (
            shown([A, K], [Link(B, K), Link(A, GoalKey(1)), Link(K, GoalKey(1))]),
            [Gap(GapKind.UNSUPPORTED, K), Gap(GapKind.BROKEN, B, (K,))],
        ),
        # a sheet that is not in sight breaks nothing
        (shown([K], [Link(A, K), Link(K, GoalKey(1))]), []),
    ],
)
def test_gaps_are_named(facts: Shown, found: list[Gap]) -> None:
    assert gaps(facts) == found


def test_twins_are_named_and_stay_two() -> None:
    links = [Link(row(5), K), Link(row(6), K), Link(K, GoalKey(1))]
    assert gaps(shown([row(5), row(6), K], links)) == [Gap(GapKind.TWINS, row(5), (row(6),))]
    assert len(all_below(K, below(links))) == 2


# Roll-up


def says(key: RowKey, value: str | None, unit: str = "dokumen", population: str = "", **more: object) -> Contribution:
    aggregation = more.get("aggregation", Aggregation.SUM)
    return Contribution(key, unit, aggregation, None if value is None else Decimal(value), population)  # type: ignore[arg-type]


def test_counts_add_up_by_satuan_and_shares_never() -> None:
    found = roll_up(
        [
            says(row(5, "a"), "3"),
            says(row(5, "b"), "4"),
            says(row(5, "c"), "2", "laporan"),
            says(row(5, "d"), "80", "%"),
            says(row(5, "e"), "9", aggregation=Aggregation.LAST),
            says(row(5, "f"), "9", aggregation=None),
        ]
    )
    assert found.totals == (Total("dokumen", Decimal(7), 2, 2), Total("laporan", Decimal(2), 1, 1))
    assert (found.rows, found.reported, found.not_added) == (6, 6, 3)


def test_what_is_not_reported_is_missing_and_not_nought() -> None:
    found = roll_up([says(row(5, "a"), "3"), says(row(5, "b"), None)])
    assert (found.reported, found.rows) == (1, 2)
    assert found.totals == (Total("dokumen", Decimal(3), 2, 1),)
    assert roll_up([says(row(5), None)]).totals == (Total("dokumen", None, 1, 0),)
    assert roll_up([says(row(5), "0")]).totals == (Total("dokumen", Decimal(), 1, 1),)
    assert roll_up([]).totals == ()


def test_twins_that_measure_one_thing_count_once() -> None:
    found = roll_up([says(row(5), "3"), says(row(6), "3"), says(row(6, "b"), "1")])
    assert found.totals == (Total("dokumen", Decimal(4), 2, 2),)
    assert (found.rows, found.twins, found.differing) == (3, 1, 0)


@pytest.mark.parametrize(
    ("second", "things"),
    [
        (says(row(6), "3", population="guru"), 2),  # other people are counted
        (says(row(6), "3", "laporan"), 2),
        (says(row(6, "b"), "3"), 2),
        (says(row(6), "3", " dokumen "), 1),
    ],
)
def test_other_words_satuan_or_population_are_another_thing(second: Contribution, things: int) -> None:
    assert sum(total.things for total in roll_up([says(row(5), "3"), second]).totals) == things


def test_twins_that_contradict_each_other_are_not_added() -> None:
    found = roll_up([says(row(5), "3"), says(row(6), "4"), says(row(7, "b"), "1")])
    assert found.totals == (Total("dokumen", Decimal(1), 2, 1),)
    assert found.differing == 1


FIGURES = st.one_of(st.none(), st.integers(0, 9).map(Decimal))
CONTRIBUTIONS = st.lists(
    st.builds(
        Contribution,
        ROWS,
        st.sampled_from(["dokumen", "laporan", "%", ""]),
        st.one_of(st.none(), st.sampled_from(Aggregation)),
        FIGURES,
        st.sampled_from(["", "guru"]),
    ),
    max_size=8,
    unique_by=lambda each: each.row,
)


@given(CONTRIBUTIONS)
def test_a_roll_up_is_the_same_in_any_order_and_however_often_a_row_comes(rows: list[Contribution]) -> None:
    expected = roll_up(rows)
    for order in islice(permutations(rows), 20):
        assert roll_up([*order, *order[:3]]) == expected


@given(CONTRIBUTIONS)
def test_no_figure_is_counted_twice_and_none_is_made_up(rows: list[Contribution]) -> None:
    found = roll_up(rows)
    for total in found.totals:
        figures = [each.value for each in rows if each.adds and each.thing.unit == total.unit and each.value is not None]
        assert total.value is None or total.value <= sum(figures, Decimal())
        assert total.reported <= total.things <= len(rows)
        assert (total.value is None) is (total.reported == 0)
    assert found.reported == sum(each.value is not None for each in rows)


# Proposals

ANALIS_ROWS = {A: ("Jumlah Laporan Disiplin ASN", "Meningkatnya Disiplin"), B: ("Jumlah Rapat", "Terlaksananya Rapat")}
KABID_ROWS: dict[RowKey | GoalKey, tuple[str, str]] = {
    K: ("Persentase Arsip SKP", "Meningkatnya Kinerja"),
    L: ("Persentase Disiplin ASN", "Meningkatnya Kinerja"),
}


def test_the_parent_that_shares_telling_words_is_proposed() -> None:
    (found,) = proposals(ANALIS_ROWS, KABID_ROWS)
    assert found.link == Link(A, L)
    assert found.likeness > 0


def test_what_is_linked_is_not_proposed_again_and_what_was_linked_last_year_comes_first() -> None:
    assert proposals(ANALIS_ROWS, KABID_ROWS, linked=[Link(A, K)]) == []
    found = proposals(ANALIS_ROWS, KABID_ROWS, last_year=[Link(A, K), Link(B, L)])
    assert found == [Proposal(Link(A, K), 0, was_linked=True), Proposal(Link(B, L), 0, was_linked=True)]
    assert proposals(ANALIS_ROWS, {}) == []


# Goals

PERIOD = PeriodProposal("Renstra", 2025, 2029)


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (PeriodProposal(" ", 2025, 2029), "wajib diisi"),
        (PeriodProposal("x" * 201, 2025, 2029), "paling panjang"),
        (PeriodProposal("Renstra", 2029, 2025), "harus urut"),
        (PeriodProposal("Renstra", 1000, 2025), "harus urut"),
        (PeriodProposal("Renstra", 2030, 2045), "paling lama"),
        (PeriodProposal("Renstra", 2029, 2030), "bertumpuk dengan Renstra (2025–2029)"),
    ],
)
def test_a_period_that_cannot_be_is_refused(period: PeriodProposal, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_period(period, [PERIOD])
    assert said in str(refused.value)


def test_a_year_whose_indicators_support_an_iku_stays_in_its_period() -> None:
    check_period(PeriodProposal("Renstra", 2026, 2029), [], used=[2026])
    with pytest.raises(Invalid, match="2025 sudah mendukung"):
        check_period(PeriodProposal("Renstra", 2026, 2029), [], used=[2025])


def test_a_goal_has_words() -> None:
    check_goal(GoalProposal("Meningkatnya profesionalitas ASN", 1), GoalLevel.OUTCOME)
    with pytest.raises(Invalid, match="Sasaran wajib diisi"):
        check_goal(GoalProposal(" ", 1), GoalLevel.OUTCOME)


@pytest.mark.parametrize(
    ("polarity", "year", "target", "field"),
    [
        (Polarity.MAXIMIZE, 2026, "80", ""),
        (Polarity.MAXIMIZE, 2026, None, ""),
        (Polarity.MINIMIZE, 2026, "0", ""),
        (Polarity.MAXIMIZE, 2026, "0", "target-2026"),
        (Polarity.MAXIMIZE, 2026, "-1", "target-2026"),
        (Polarity.MAXIMIZE, 2031, "1", "target-2031"),
        (Polarity.RANGE, 2026, "1", "polarity"),
    ],
)
def test_an_iku_has_words_a_satuan_a_direction_and_targets_of_its_years(
    polarity: Polarity, year: int, target: str | None, field: str
) -> None:
    iku = IkuProposal("Indeks", "nilai", polarity, 1, {year: None if target is None else Decimal(target)})
    assert [name for name, _ in iku_problems(iku, PERIOD.years)] == ([field] if field else [])


def test_an_empty_iku_says_everything_that_is_missing() -> None:
    iku = IkuProposal("", " ", Polarity.MAXIMIZE, 1, {})
    assert [name for name, _ in iku_problems(iku, PERIOD.years)] == ["text", "unit_of_measure"]
