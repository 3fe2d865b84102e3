"""Two people's changes to one draft: which become one, where a person is asked, and that nothing typed is lost."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.drafts import (
    CELLS,
    IndicatorProposal,
    Rows,
    StatementProposal,
    changed_cells,
    merged,
    same_but_new,
    same_shape,
)


def indicator(number: int | None, text: str = "", **cells: object) -> IndicatorProposal:
    return IndicatorProposal(id=number, text=text or f"Indikator {number}", **cells)  # type: ignore[arg-type]


def statement(number: int | None, *indicators: IndicatorProposal, text: str = "") -> StatementProposal:
    return StatementProposal(id=number, text=text or f"Kinerja {number}", indicators=indicators)


BASE = (statement(1, indicator(11), indicator(12)), statement(2, indicator(21)), statement(3))


def changed(rows: Rows, number: int, **cells: object) -> tuple[StatementProposal, ...]:
    """The rows with one indicator changed."""
    return tuple(
        replace(row, indicators=tuple(replace(each, **cells) if each.id == number else each for each in row.indicators))  # type: ignore[arg-type]
        for row in rows
    )


def without(rows: Rows, number: int) -> tuple[StatementProposal, ...]:
    return tuple(
        replace(row, indicators=tuple(each for each in row.indicators if each.id != number)) for row in rows if row.id != number
    )


def shape(rows: Rows) -> list[tuple[int | None, list[int | None]]]:
    return [(row.id, [each.id for each in row.indicators]) for row in rows]


def test_changes_of_different_cells_of_one_row_become_one() -> None:
    both = merged(BASE, changed(BASE, 11, source="Agenda"), changed(BASE, 11, target=Decimal(4)))
    assert both.disagreements == ()
    assert both.rows == changed(BASE, 11, source="Agenda", target=Decimal(4))


def test_the_same_cell_written_twice_is_asked_about_and_the_first_stands_in_the_outcome() -> None:
    both = merged(BASE, changed(BASE, 11, target=Decimal(5)), changed(BASE, 11, target=Decimal(6)))
    (asked,) = both.disagreements
    assert (asked.indicator_id, asked.cell, asked.first, asked.second) == (11, "target", Decimal(5), Decimal(6))
    assert both.rows == changed(BASE, 11, target=Decimal(5))
    calm = merged(BASE, changed(BASE, 11, target=Decimal(5)), changed(BASE, 11, target=Decimal(6)), second_wins=True)
    assert calm.rows == changed(BASE, 11, target=Decimal(6))


def test_a_statements_text_is_a_cell_too() -> None:
    mine, theirs = (replace(BASE[0], text="Satu"), *BASE[1:]), (replace(BASE[0], text="Dua"), *BASE[1:])
    (asked,) = merged(BASE, mine, theirs).disagreements
    assert (asked.statement_id, asked.indicator_id, asked.cell) == (1, None, "text")


def test_both_writing_the_same_is_no_disagreement() -> None:
    same = changed(BASE, 11, source="Agenda")
    assert merged(BASE, same, same).rows == same
    assert merged(BASE, same, same).disagreements == ()


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        # a row added by each side, at its place
        (
            (BASE[0], statement(None, text="Baru"), *BASE[1:]),
            (*BASE, statement(4)),
            [(1, [11, 12]), (None, []), (2, [21]), (3, []), (4, [])],
        ),
        # deleted by one, untouched by the other
        (without(BASE, 12), BASE, [(1, [11]), (2, [21]), (3, [])]),
        (BASE, without(BASE, 2), [(1, [11, 12]), (3, [])]),
        # deleted by both
        (without(BASE, 12), without(BASE, 12), [(1, [11]), (2, [21]), (3, [])]),
        # the order of the side that moved something
        ((BASE[2], *BASE[:2]), changed(BASE, 11, text="Lain"), [(3, []), (1, [11, 12]), (2, [21])]),
        (changed(BASE, 11, text="Lain"), (BASE[2], *BASE[:2]), [(3, []), (1, [11, 12]), (2, [21])]),
        # an indicator moved to another statement, while the other side added one there
        (
            (statement(1, indicator(11)), statement(2, indicator(12), indicator(21)), BASE[2]),
            (BASE[0], statement(2, indicator(21), indicator(22)), BASE[2]),
            [(1, [11]), (2, [12, 21, 22]), (3, [])],
        ),
    ],
)
def test_rows_that_one_side_added_removed_or_moved(first: Rows, second: Rows, outcome: object) -> None:
    both = merged(BASE, first, second)
    assert shape(both.rows) == outcome
    assert both.disagreements == ()
    assert both.kept == 0


def test_a_row_deleted_by_one_and_changed_by_the_other_stays() -> None:
    stays = merged(BASE, without(BASE, 12), changed(BASE, 12, source="Agenda"))
    assert (shape(stays.rows), stays.kept) == (shape(BASE), 1)
    typed = merged(BASE, changed(BASE, 12, source="Agenda"), without(BASE, 12))
    assert shape(typed.rows)[0] == (1, [11, None])  # typed into a row that is gone: a new one
    assert typed.rows[0].indicators[1].source == "Agenda"
    whole = merged(BASE, changed(BASE, 21, source="Agenda"), without(BASE, 2))
    assert shape(whole.rows) == [(1, [11, 12]), (None, [None]), (3, [])]


def test_an_act_is_taken_back_and_what_was_written_since_stays() -> None:
    """Undo: from the rows after the act to those before it, beside what stands now."""
    after = without(BASE, 12)
    now = changed(after, 11, source="Ditulis sesudahnya")
    back = merged(after, BASE, now, second_wins=True)
    assert shape(back.rows) == [(1, [11, None]), (2, [21]), (3, [])]
    assert back.rows[0].indicators[1].text == "Indikator 12"
    assert back.rows[0].indicators[0].source == "Ditulis sesudahnya"


def test_cells_and_shapes_are_compared() -> None:
    other = (replace(BASE[0], text="Lain"), *changed(BASE[1:], 21, target=Decimal(1)))
    assert list(changed_cells(BASE, other)) == [("statement", 1, "text"), ("indicator", 21, "target")]
    assert same_shape(BASE, other)
    assert not same_shape(BASE, without(BASE, 12))


def test_the_same_form_sent_again_is_known_by_what_came_of_it() -> None:
    sent = (*BASE, statement(None, indicator(None, "Baru"), text="Baru"))
    stored = (*BASE, statement(4, indicator(41, "Baru"), text="Baru"))
    assert same_but_new(sent, stored)
    assert not same_but_new(sent, BASE)
    assert not same_but_new(sent, (*BASE, statement(4, indicator(41, "Lain"), text="Baru")))
    assert not same_but_new((BASE[1], BASE[0], BASE[2]), BASE)


# Any two people

TEXTS = st.sampled_from(["", "a", "b", "c"])


@st.composite
def edited(draw: st.DrawFn, base: Rows) -> tuple[StatementProposal, ...]:
    """The base after somebody's afternoon: cells changed, rows removed, added and moved."""
    rows = []
    for row in base:
        if draw(st.integers(0, 5)) == 0:
            continue
        kept = [
            replace(each, text=draw(TEXTS), source=draw(TEXTS)) if draw(st.booleans()) else each
            for each in row.indicators
            if draw(st.integers(0, 5))
        ]
        if draw(st.integers(0, 3)) == 0:
            kept.append(IndicatorProposal(id=None, text=draw(TEXTS)))
        rows.append(replace(row, text=draw(st.sampled_from([row.text, "x", "y"])), indicators=tuple(kept)))
    if draw(st.integers(0, 3)) == 0:
        rows.append(StatementProposal(id=None, text=draw(TEXTS)))
    return tuple(draw(st.permutations(rows)))


def numbered(rows: Rows) -> tuple[StatementProposal, ...]:
    """New rows as they stand once stored."""
    return tuple(
        replace(
            row,
            id=row.id or 900 + place,
            indicators=tuple(
                replace(each, id=each.id or 9000 + place * 10 + inner) for inner, each in enumerate(row.indicators)
            ),
        )
        for place, row in enumerate(rows)
    )


@given(edited(BASE))
def test_who_writes_alone_gets_exactly_their_rows(rows: Rows) -> None:
    assert merged(BASE, rows, BASE).rows == rows
    assert merged(BASE, BASE, numbered(rows)).rows == numbered(rows)


@given(edited(BASE), edited(BASE))
def test_nothing_typed_is_lost_and_no_row_stands_twice(first: Rows, second: Rows) -> None:
    stored = numbered(second)
    both = merged(BASE, first, stored)
    texts = {
        text for row in both.rows for text in (row.text, *(getattr(each, name) for each in row.indicators for name in CELLS))
    }
    texts |= {side for each in both.disagreements for side in (each.first, each.second)}
    before = {each.id: each for row in BASE for each in row.indicators}
    for side in (first, stored):
        for row in side:
            for each in row.indicators:
                for name in ("text", "source"):
                    if getattr(each, name) != getattr(before.get(each.id), name, None):
                        assert getattr(each, name) in texts
    ids = [each.id for row in both.rows for each in row.indicators if each.id is not None]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {each.id for row in stored for each in row.indicators}
    assert [row.id for row in both.rows if row.id is not None] == list(
        dict.fromkeys(row.id for row in both.rows if row.id is not None)
    )
