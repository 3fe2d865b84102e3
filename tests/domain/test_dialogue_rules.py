"""Who begins, writes, confirms and reads a talk, and what its text must be: truth tables, written down independently."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from iki_portal.domain import dialogue
from iki_portal.domain.dialogue import Around, Side, TalkState, TalkText
from iki_portal.domain.office import YearStage
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import State
from tests.domain.test_policy import (
    APPROVER_POST,
    CAST,
    HEAD_POST,
    OTHER_POST,
    OWNER_POST,
    REVIEWER_POST,
    Sheet,
    actor,
    id_of,
    office,
    route,
)

DEFINITIVE, PLT, PLH = AssignmentKind.DEFINITIVE, AssignmentKind.PLT, AssignmentKind.PLH
DAY = date(2027, 3, 3)
WRITTEN = TalkText(DAY, "Capaian triwulan I", owner_part="Berkas terlambat.", superior_part="Baik.", agreed="Setiap Senin.")
BOTH = frozenset(Side)
NOBODY: frozenset[Side] = frozenset()


@dataclass
class Talk:
    owner_id: int = id_of("owner", CAST)
    superior_id: int = id_of("reviewer", CAST)
    owner_post_id: int = OWNER_POST
    superior_post_id: int = REVIEWER_POST
    confirmed: frozenset[Side] = NOBODY
    text: TalkText = WRITTEN
    parties: dict[Side, str] = field(default_factory=lambda: {Side.OWNER: "Ana", Side.SUPERIOR: "Rina"})


def around(
    held: dict[str, dict[int, AssignmentKind]] = CAST,
    *,
    sheet: State = State.APPROVED,
    above: int | None = REVIEWER_POST,
    reviewer: bool = True,
    **more: object,
) -> Around:
    posts = office(**held)
    return Around(Sheet(sheet), route(posts, reviewer=reviewer, **more), posts[above] if above else None)


# Begin


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("state", list(State))
def test_the_owner_and_their_superior_begin_a_talk_on_the_sheet_in_force(state: State, person: str) -> None:
    verdict = dialogue.may_begin(actor(person, **CAST), around(sheet=state))
    assert bool(verdict) is (state is State.APPROVED and person in ("owner", "reviewer"))
    assert bool(verdict.reason) is not bool(verdict)


def test_a_closed_year_takes_no_new_talk() -> None:
    assert "sudah ditutup" in dialogue.may_begin(actor("owner", **CAST), around(stage=YearStage.CLOSED)).reason


def test_an_operator_takes_part_in_no_talk() -> None:
    operator = Actor(1, id_of("owner", CAST), "operator", is_operator=True)
    assert not dialogue.may_begin(operator, around())
    assert not dialogue.sees(operator, Talk())
    assert not dialogue.may_write(operator, Talk())
    assert not dialogue.may_confirm(operator, Talk())


#: The post above the sheet's, whether the route has a reviewer → whose holder is the superior's side.
ABOVE = [
    (REVIEWER_POST, True, "reviewer"),
    (HEAD_POST, True, "head"),  # the post above counts, also where another one reviews
    (None, True, "reviewer"),
    (None, False, "approver"),
]


@pytest.mark.parametrize(("above", "reviewer", "who"), ABOVE)
def test_the_superior_is_the_holder_of_the_post_above_else_of_the_route(above: int | None, reviewer: bool, who: str) -> None:
    here = around(above=above, reviewer=reviewer)
    assert [each.name for each in dialogue.superior_desk(here).candidates] == [who]
    assert [name for name in CAST if dialogue.side_today(actor(name, **CAST), here) is Side.SUPERIOR] == [who]


@pytest.mark.parametrize("kind", [PLT, PLH])
def test_an_acting_superior_is_one_of_the_two(kind: AssignmentKind) -> None:
    held = {**CAST, "reviewer": {}, "outsider": {OTHER_POST: DEFINITIVE, REVIEWER_POST: kind}}
    assert dialogue.may_begin(actor("outsider", **held), around(held))
    assert not dialogue.may_begin(actor("reviewer", **held), around(held))


def test_one_person_is_never_both_sides() -> None:
    """The Kabid is Plt. of the Analis' post, too: as the owner they talk with the next one of the route."""
    held = {**CAST, "owner": {}, "reviewer": {REVIEWER_POST: DEFINITIVE, OWNER_POST: PLT}}
    here = around(held)
    assert dialogue.side_today(actor("reviewer", **held), here) is Side.OWNER
    assert [each.name for each in dialogue.superior_desk(here).candidates] == ["approver"]
    assert dialogue.may_begin(actor("approver", **held), here)


def test_a_vacant_post_above_does_not_pass_the_talk_on() -> None:
    held = {**CAST, "reviewer": {}}
    for person in ("owner", "approver"):
        assert "sedang kosong" in dialogue.may_begin(actor(person, **held), around(held)).reason


def test_nobody_talks_with_themselves_where_one_person_holds_everything() -> None:
    everything = dict.fromkeys((OWNER_POST, REVIEWER_POST, APPROVER_POST, HEAD_POST), PLT)
    held = {"alone": everything}
    assert "satu orang tidak dapat menjadi kedua pihak" in dialogue.may_begin(actor("alone", **held), around(held)).reason


def test_a_sheet_without_an_owner_has_nobody_to_talk_with() -> None:
    held = {**CAST, "owner": {}}
    assert "tidak ada pemilik lembar" in dialogue.may_begin(actor("reviewer", **held), around(held)).reason


def test_who_left_the_right_post_aside_is_told_so() -> None:
    held = {**CAST, "owner": {OWNER_POST: DEFINITIVE, OTHER_POST: PLT}}
    person = actor("owner", **held)
    aside = Actor(person.account_id, person.employee_id, "owner", person.mandates[1:], held=person.mandates)
    assert "Anda sedang bertindak sebagai" in dialogue.may_begin(aside, around(held)).reason
    assert "Anda sedang bertindak sebagai" in dialogue.may_write(aside, Talk()).reason
    assert dialogue.sees(aside, Talk()), "what one took part in is one's own, in whichever post"


# Read, write, confirm


@pytest.mark.parametrize("person", sorted(CAST))
@pytest.mark.parametrize("confirmed", [NOBODY, frozenset({Side.OWNER}), frozenset({Side.SUPERIOR}), BOTH])
def test_the_two_and_the_head_read_and_only_the_two_write_and_confirm(confirmed: frozenset[Side], person: str) -> None:
    who, talk = actor(person, **CAST), Talk(confirmed=confirmed)
    side = {"owner": Side.OWNER, "reviewer": Side.SUPERIOR}.get(person)
    assert dialogue.sees(who, talk) is (side is not None or person == "head")
    assert bool(dialogue.may_write(who, talk)) is (side is not None and confirmed != BOTH)
    assert bool(dialogue.may_confirm(who, talk)) is (side is not None and side not in confirmed)
    for verdict in (dialogue.may_write(who, talk), dialogue.may_confirm(who, talk)):
        assert bool(verdict.reason) is not bool(verdict)


def test_whoever_left_the_post_reads_and_writes_no_more_and_the_successor_does_neither() -> None:
    held = {**CAST, "owner": {OTHER_POST: DEFINITIVE}, "successor": {OWNER_POST: DEFINITIVE}}
    talk = Talk(owner_id=id_of("owner", held), superior_id=id_of("reviewer", held))
    former, successor = actor("owner", **held), actor("successor", **held)
    assert dialogue.sees(former, talk)
    assert "tidak lagi memegang" in dialogue.may_write(former, talk).reason
    assert "tidak lagi memegang" in dialogue.may_confirm(former, talk).reason
    assert not dialogue.sees(successor, talk)
    assert not dialogue.may_write(successor, talk)
    assert "tidak lagi memegang jabatannya" in dialogue.next_words(talk, {Side.OWNER: False, Side.SUPERIOR: True})


#: Owner's part, superior's part, who has confirmed → whose turn it is.
TURNS = [
    ("", "b", NOBODY, {Side.OWNER}),
    ("a", "", NOBODY, {Side.SUPERIOR}),
    ("", "", NOBODY, {Side.OWNER, Side.SUPERIOR}),
    ("a", "b", NOBODY, {Side.OWNER, Side.SUPERIOR}),
    ("a", "b", frozenset({Side.OWNER}), {Side.SUPERIOR}),
    ("a", "b", frozenset({Side.SUPERIOR}), {Side.OWNER}),
    ("a", "b", BOTH, set()),
]


@pytest.mark.parametrize(("owner", "superior", "confirmed", "turns"), TURNS)
def test_a_talk_waits_for_who_has_still_to_write_or_to_confirm(
    owner: str, superior: str, confirmed: frozenset[Side], turns: set[Side]
) -> None:
    talk = Talk(text=WRITTEN._replace(owner_part=owner, superior_part=superior), confirmed=confirmed)
    assert {side for side in Side if dialogue.waits_for(side, talk)} == turns
    said = dialogue.next_words(talk, dict.fromkeys(Side, True))
    assert {side for side in Side if talk.parties[side] in said} == turns


def test_the_state_follows_from_the_confirmations() -> None:
    found = [dialogue.state_of(Talk(confirmed=each)) for each in (NOBODY, frozenset({Side.OWNER}), BOTH)]
    assert found == [TalkState.WRITING, TalkState.HALF, TalkState.CLOSED]


# The text


@pytest.mark.parametrize("side", list(Side))
def test_nobody_changes_the_part_of_the_other(side: Side) -> None:
    typed = WRITTEN._replace(owner_part="baru", superior_part="baru", agreed="baru")
    written = dialogue.written_by(side, typed, WRITTEN)
    assert written.agreed == "baru"
    assert (written.owner_part == "baru") is (side is Side.OWNER)
    assert (written.superior_part == "baru") is (side is Side.SUPERIOR)
    first = dialogue.written_by(side, typed, None)
    assert [first.owner_part, first.superior_part].count("") == 1


#: What is typed → the cell that is wrong; nothing for a text that can be kept.
WRONG = [
    ({}, set()),
    ({"held_on": DAY + timedelta(days=1)}, {"held_on"}),
    ({"topic": ""}, {"topic"}),
    ({"topic": "a" * 201}, {"topic"}),
    ({"agreed": "a" * 4001}, {"agreed"}),
    ({"owner_part": "a" * 4001, "follow_up": "a" * 4001}, {"owner_part", "follow_up"}),
    ({"follow_up": "Surat", "follow_up_on": DAY - timedelta(days=1)}, {"follow_up_on"}),
    ({"follow_up": "Surat", "follow_up_on": DAY}, set()),
]


@pytest.mark.parametrize(("cells", "wrong"), WRONG)
def test_what_cannot_be_kept_is_named_cell_by_cell(cells: dict[str, object], wrong: set[str]) -> None:
    text = WRITTEN._replace(**cells)  # type: ignore[arg-type]
    assert {each.cell for each in dialogue.problems(text, on=DAY)} == wrong


#: What is typed → what is missing before anybody may confirm.
MISSING = [
    ({}, set()),
    ({"owner_part": ""}, {"owner_part"}),
    ({"superior_part": "", "agreed": ""}, {"superior_part", "agreed"}),
    ({"follow_up": "Surat"}, {"follow_up_on"}),
    ({"follow_up_on": DAY}, {"follow_up"}),
    ({"follow_up": "Surat", "follow_up_on": DAY}, set()),
]


@pytest.mark.parametrize(("cells", "missing"), MISSING)
def test_both_parts_and_what_was_agreed_stand_before_anybody_confirms(cells: dict[str, object], missing: set[str]) -> None:
    assert {each.cell for each in dialogue.gaps(WRITTEN._replace(**cells))} == missing  # type: ignore[arg-type]


def test_both_held_their_posts_on_the_day_of_the_talk() -> None:
    ids, names = {Side.OWNER: 1, Side.SUPERIOR: 2}, {Side.OWNER: "Ana", Side.SUPERIOR: "Rina"}
    assert dialogue.not_held(WRITTEN, ids, {Side.OWNER: [1], Side.SUPERIOR: [3, 2]}, names) == ()
    found = dialogue.not_held(WRITTEN, ids, {Side.OWNER: [1], Side.SUPERIOR: [3]}, names)
    assert [each.message for each in found] == ["Pada 3 Maret 2027 Rina tidak memegang jabatannya sebagai atasan."]


def test_a_change_names_whose_confirmation_it_takes_away() -> None:
    assert dialogue.lost_words(frozenset({Side.SUPERIOR}), Talk().parties) == "Konfirmasi Rina gugur karena teks berubah."
    assert dialogue.lost_words(NOBODY, Talk().parties) == ""


def test_blanks_at_the_ends_are_no_text() -> None:
    assert dialogue.cleaned(WRITTEN._replace(agreed="  a\r\nb \n")).agreed == "a\nb"
