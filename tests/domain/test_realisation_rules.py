"""Who reports, submits, verifies, returns and corrects a quarter: every state, step and person as a truth table."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from iki_portal.domain import realisation
from iki_portal.domain.errors import Incomplete, Invalid
from iki_portal.domain.office import YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import Window, default_window, note_of, quarter_of, told_apart
from iki_portal.domain.realisation import MAY, MOVES, Circumstances, ReportState, ReportStep
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import State
from tests.domain.test_policy import (
    APPROVER_POST,
    CAST,
    HEAD_POST,
    OWNER_POST,
    REVIEWER_POST,
    Sheet,
    actor,
    id_of,
    office,
    route,
)

DEFINITIVE, PLT, PLH = AssignmentKind.DEFINITIVE, AssignmentKind.PLT, AssignmentKind.PLH
WINDOW = default_window(2027, 1)
IN_TIME = WINDOW.opens_on


@dataclass
class Report:
    state: ReportState = ReportState.DRAFT
    reporter_ids: frozenset[int] = field(default_factory=frozenset)
    other_revision: int | None = None
    was_submitted: bool = False


def reported(state: ReportState, *reporters: int, **more: object) -> Report:
    return Report(state, frozenset(reporters), was_submitted=state is not ReportState.DRAFT, **more)  # type: ignore[arg-type]


def around(
    held: dict[str, dict[int, AssignmentKind]] = CAST,
    *,
    on: date = IN_TIME,
    window: Window = WINDOW,
    sheet: State = State.APPROVED,
    **more: object,
) -> Circumstances:
    return Circumstances(Sheet(sheet), route(office(**held), **more), window, on)  # type: ignore[arg-type]


#: What each person may do in each state of an ordinary report, within its window; everything else is refused.
ALLOWED = {
    ("owner", ReportState.DRAFT): {ReportStep.SUBMIT},
    ("owner", ReportState.RETURNED): {ReportStep.SUBMIT},
    ("owner", ReportState.SUBMITTED): {ReportStep.CORRECT},
    ("owner", ReportState.VERIFIED): {ReportStep.CORRECT},
    ("reviewer", ReportState.SUBMITTED): {ReportStep.VERIFY, ReportStep.RETURN},
}


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("step", list(ReportStep))
@pytest.mark.parametrize("state", list(ReportState))
def test_every_person_may_do_what_the_office_says_and_nothing_else(state: ReportState, step: ReportStep, person: str) -> None:
    verdict = MAY[step](actor(person, **CAST), reported(state, id_of("owner", CAST)), around())
    assert bool(verdict) is (step in ALLOWED.get((person, state), set()))
    assert bool(verdict.reason) is not bool(verdict)


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(ReportState))
def test_only_the_owner_writes_figures_and_only_while_the_report_is_open(state: ReportState, person: str) -> None:
    verdict = realisation.may_report(actor(person, **CAST), reported(state), around())
    assert bool(verdict) is (person == "owner" and state in (ReportState.DRAFT, ReportState.RETURNED))


@pytest.mark.parametrize("state", list(ReportState))
def test_an_operator_reports_and_verifies_nothing(state: ReportState) -> None:
    operator = Actor(1, None, "operator", is_operator=True)
    assert not any(MAY[step](operator, reported(state), around()) for step in ReportStep)
    assert not realisation.may_report(operator, reported(state), around())


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(ReportState))
def test_figures_are_open_to_all_once_verified_and_to_the_route_before(state: ReportState, person: str) -> None:
    here = around()
    seen = realisation.sees_report(actor(person, **CAST), reported(state), here.sheet, here.route)
    assert seen is (state is ReportState.VERIFIED or person in ("owner", "reviewer", "approver", "head"))


# Separation, also across posts


def test_a_reviewer_who_reported_as_the_acting_owner_verifies_nothing_and_the_duty_moves_up() -> None:
    held = {**CAST, "reviewer": {REVIEWER_POST: DEFINITIVE, OWNER_POST: PLT}}
    report = reported(ReportState.SUBMITTED, id_of("reviewer", held))
    assert not realisation.may_verify(actor("reviewer", **held), report, around(held))
    assert realisation.may_verify(actor("approver", **held), report, around(held))


def test_who_reported_and_became_the_reviewer_later_does_not_verify_the_own_report() -> None:
    held = {**CAST, "owner": {REVIEWER_POST: PLT}, "newcomer": {OWNER_POST: DEFINITIVE}, "reviewer": {}}
    report = reported(ReportState.SUBMITTED, id_of("owner", held))
    assert not realisation.may_verify(actor("owner", **held), report, around(held))
    assert not realisation.may_return(actor("owner", **held), report, around(held))
    assert realisation.may_verify(actor("approver", **held), report, around(held))


def test_another_holder_of_the_reviewers_post_verifies_before_the_duty_moves() -> None:
    held = {**CAST, "reviewer": {REVIEWER_POST: DEFINITIVE, OWNER_POST: PLT}, "outsider": {REVIEWER_POST: PLH}}
    report = reported(ReportState.SUBMITTED, id_of("reviewer", held))
    assert realisation.may_verify(actor("outsider", **held), report, around(held))
    assert not realisation.may_verify(actor("approver", **held), report, around(held))


def test_without_a_reviewer_the_approver_verifies() -> None:
    report = reported(ReportState.SUBMITTED, id_of("owner", CAST))
    assert realisation.may_verify(actor("approver", **CAST), report, around(reviewer=False))
    assert not realisation.may_verify(actor("reviewer", **CAST), report, around(reviewer=False))


def test_a_vacant_reviewers_post_waits_for_the_operator() -> None:
    held = {**CAST, "reviewer": {}}
    verdict = realisation.may_verify(actor("approver", **held), reported(ReportState.SUBMITTED), around(held))
    assert "sedang kosong" in verdict.reason


def test_when_one_person_holds_every_post_nobody_verifies_and_the_reason_is_said() -> None:
    held = {"owner": {OWNER_POST: DEFINITIVE, REVIEWER_POST: PLT, APPROVER_POST: PLT, HEAD_POST: PLT}}
    verdict = realisation.may_verify(actor("owner", **held), reported(ReportState.SUBMITTED), around(held))
    assert "tidak memverifikasi laporannya sendiri" in verdict.reason


# The sheet, the year, the window


@pytest.mark.parametrize("sheet", list(State))
@pytest.mark.parametrize("state", list(ReportState))
def test_a_report_is_begun_on_the_sheet_in_force_and_goes_on_where_it_was_submitted(sheet: State, state: ReportState) -> None:
    report, person = reported(state, 1), actor("owner", **CAST)
    may_go_on = sheet is State.APPROVED or (sheet is State.SUPERSEDED and state is ReportState.RETURNED)
    is_open = state in (ReportState.DRAFT, ReportState.RETURNED)
    assert bool(realisation.may_report(person, report, around(sheet=sheet))) is (is_open and may_go_on)
    assert bool(realisation.may_submit(person, report, around(sheet=sheet))) is (is_open and may_go_on)


@pytest.mark.parametrize("step", list(ReportStep))
@pytest.mark.parametrize("state", list(ReportState))
def test_a_closed_year_takes_nothing_more(state: ReportState, step: ReportStep) -> None:
    here = around(stage=YearStage.CLOSED)
    assert realisation.impossible_because(step, reported(state), here) == "Tahun kinerja ini sudah ditutup."
    assert not realisation.may_report(actor("owner", **CAST), reported(state), here)


def test_a_quarter_is_reported_by_one_revision_only() -> None:
    report = Report(other_revision=1)
    verdict = realisation.may_report(actor("owner", **CAST), report, around())
    assert verdict.reason.startswith("Triwulan ini sudah dilaporkan pada penetapan awal")
    assert not realisation.may_submit(actor("owner", **CAST), report, around())


REOPENED = Window(2027, 1, date(2027, 4, 1), date(2027, 4, 15), date(2027, 5, 7))
DAYS = [
    # window, day, taken, late
    (WINDOW, date(2027, 3, 31), False, False),
    (WINDOW, date(2027, 4, 1), True, False),
    (WINDOW, date(2027, 4, 15), True, False),
    (WINDOW, date(2027, 4, 16), False, True),
    (REOPENED, date(2027, 4, 15), True, False),
    (REOPENED, date(2027, 4, 16), True, True),
    (REOPENED, date(2027, 5, 7), True, True),
    (REOPENED, date(2027, 5, 8), False, True),
]


@pytest.mark.parametrize(("window", "day", "taken", "late"), DAYS)
def test_days_of_a_window(window: Window, day: date, taken: bool, late: bool) -> None:
    person, here = actor("owner", **CAST), around(window=window, on=day)
    assert window.is_open(day) is taken
    assert window.is_late(day) is late
    assert bool(realisation.may_report(person, Report(), here)) is taken
    assert bool(realisation.may_submit(person, Report(), here)) is taken
    assert bool(realisation.may_correct(person, reported(ReportState.VERIFIED), here)) is taken
    assert bool(window.closed_because(day)) is not taken


def test_who_was_sent_back_mends_after_the_deadline_and_verifying_knows_none() -> None:
    late = around(on=WINDOW.deadline_on + timedelta(days=30))
    returned = reported(ReportState.RETURNED)
    assert realisation.may_report(actor("owner", **CAST), returned, late)
    assert realisation.may_submit(actor("owner", **CAST), returned, late)
    assert realisation.may_verify(actor("reviewer", **CAST), reported(ReportState.SUBMITTED), late)
    correcting = realisation.may_correct(actor("owner", **CAST), reported(ReportState.SUBMITTED), late)
    assert "Pereviu dapat mengembalikan" in correcting.reason


@pytest.mark.parametrize(
    ("quarter", "opens", "deadline"),
    [
        (1, date(2027, 4, 1), date(2027, 4, 15)),
        (2, date(2027, 7, 1), date(2027, 7, 15)),
        (3, date(2027, 10, 1), date(2027, 10, 15)),
        (4, date(2028, 1, 1), date(2028, 1, 15)),
    ],
)
def test_by_default_a_quarter_is_reported_in_the_month_after_it(quarter: int, opens: date, deadline: date) -> None:
    window = default_window(2027, quarter)
    assert (window.opens_on, window.deadline_on, window.reopened_until) == (opens, deadline, None)
    window.check()


@pytest.mark.parametrize(
    ("opens", "deadline", "reopened", "said"),
    [
        (date(2026, 12, 31), date(2027, 4, 15), None, "sebelum triwulannya mulai, 1 Januari 2027"),
        (date(2027, 4, 2), date(2027, 4, 1), None, "pada atau sesudah hari pembukaan, 2 April 2027"),
        (date(2027, 4, 1), date(2027, 4, 15), date(2027, 4, 15), "berakhir sesudah tenggat, 15 April 2027"),
    ],
)
def test_days_that_contradict_each_other_are_refused(opens: date, deadline: date, reopened: date | None, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        Window(2027, 1, opens, deadline, reopened).check()


def test_months_and_their_quarters() -> None:
    assert [quarter_of(date(2027, month, 28)) for month in range(1, 13)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
@pytest.mark.parametrize("note", ["", "Bukti belum ada.", "Triwulan II: dua kali", "Baris satu\nbaris dua"])
def test_a_note_says_its_quarter_first_and_is_told_apart_again(quarter: int, note: str) -> None:
    assert told_apart(note_of(quarter, note)) == (QUARTER_WORDS[quarter - 1], note)


def test_a_note_of_anything_else_is_left_whole() -> None:
    assert told_apart("Triwulan I sudah lewat") == ("", "Triwulan I sudah lewat")


@pytest.mark.parametrize("move", [move for move in MOVES if move.needs_note])
def test_sending_back_and_correcting_need_words(move: realisation.Move) -> None:
    with pytest.raises(Incomplete, match="wajib diisi"):
        realisation.check_note(move, "  ")
    with pytest.raises(Incomplete, match="2000 huruf"):
        realisation.check_note(move, "x" * 2001)
    realisation.check_note(move, "Bukti belum ada.")


def test_somebody_who_acts_by_another_post_is_told_which_one_to_choose() -> None:
    held = {**CAST, "reviewer": {REVIEWER_POST: DEFINITIVE, 5: PLT}}
    both = actor("reviewer", **held)
    person = Actor(both.account_id, both.employee_id, both.name, both.mandates[1:], held=both.mandates)
    verdict = realisation.may_verify(person, reported(ReportState.SUBMITTED), around(held))
    assert "Pilih jabatan itu" in verdict.reason


@pytest.mark.parametrize("state", ReportState)
@pytest.mark.parametrize("other", [None, ReportState.SUBMITTED, ReportState.VERIFIED])
@pytest.mark.parametrize(
    ("on", "draft"),
    [
        (WINDOW.opens_on - timedelta(days=1), realisation.NOT_YET_WORD),
        (WINDOW.opens_on, "Belum dilaporkan"),
        (WINDOW.deadline_on, "Belum dilaporkan"),
        (WINDOW.deadline_on + timedelta(days=1), realisation.OVERDUE_WORD),
    ],
)
def test_the_state_of_a_quarter_has_one_word(state: ReportState, other: ReportState | None, on: date, draft: str) -> None:
    """Another revision's report counts first; only of a quarter that nobody sent does the calendar say more."""
    expected = (
        realisation.REPORT_WORDS[other] if other else draft if state is ReportState.DRAFT else realisation.REPORT_WORDS[state]
    )
    assert realisation.quarter_word(state, WINDOW, on, other=other) == expected
