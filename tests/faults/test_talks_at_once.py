"""Talks that two people write and confirm at the same moment, on both databases: nothing is confirmed that was not read."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from iki_portal.dialogue.queries import SeenTalk, acts_of, talk_in_sight
from iki_portal.dialogue.verifying import COMPARISONS
from iki_portal.domain.dates import format_date
from iki_portal.domain.dialogue import Side, TalkState
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Talk
from tests import office
from tests.faults.bar import rounds_of
from tests.faults.test_races import Desk, at_once

pytestmark = pytest.mark.fault

ROUNDS = rounds_of(150, short=4)


@pytest.fixture
def talking(each_app: Flask) -> Iterator[Flask]:
    """The portal with a sheet in force; whatever happens, chain and talks are whole afterwards."""
    with each_app.app_context():
        office.bring_to("approved")
    yield each_app
    with each_app.app_context():
        assert verify(each_app.config["IKI"].history_keys).problem == ""
        assert [problem for _, records in COMPARISONS for problem in records() if problem] == []


def written(app: Flask) -> SeenTalk:
    """One more talk, which both have written and nobody has confirmed."""
    with app.app_context():
        return office.bring_talk_to(TalkState.WRITING)


def standing(app: Flask, talk: SeenTalk) -> SeenTalk:
    with app.app_context():
        return talk_in_sight(talk.id, talk.sheet_id, actor=office.actor(office.HEAD))


def url(talk: SeenTalk, act: str) -> str:
    return f"/lembar/{talk.sheet_id}/dialog/{talk.id}/{act}"


def fields(version: int, agreed: str) -> dict[str, str]:
    day = format_date(office.today_in_office())
    return {"version": str(version), "held_on": day, "quarter": "0", "topic": "Kendala", "part": "Ya.", "agreed": agreed}


def test_both_confirm_at_once_and_the_talk_is_closed(talking: Flask) -> None:
    desks = [Desk(talking, name) for name in (office.OWNER, office.REVIEWER)]
    for _ in range(ROUNDS):
        talk = written(talking)
        answers = at_once(*(desk.post(url(talk, "konfirmasi"), version="2") for desk in desks))
        assert [status for status, _ in answers] == [302, 302]
        assert standing(talking, talk).state is TalkState.CLOSED
        with talking.app_context():
            assert [row.action for row in acts_of(talk)].count("confirm_talk") == 2


def test_writing_against_confirming(talking: Flask) -> None:
    """Whoever confirms has confirmed what they read, or nothing; whoever writes takes it away, and it is said."""
    owner, superior = Desk(talking, office.OWNER), Desk(talking, office.REVIEWER)
    for number in range(ROUNDS):
        talk = written(talking)
        said = f"Kesepakatan {number}."
        written_, confirmed = at_once(
            owner.post(url(talk, "ubah"), **fields(2, said)), superior.post(url(talk, "konfirmasi"), version="2")
        )
        assert written_[0] == 302
        now = standing(talking, talk)
        assert (now.text.agreed, now.confirmed) == (said, frozenset())
        with talking.app_context():
            last = acts_of(talk)[-1]
        assert last.action == "write_talk"
        fell = "gugur" in last.note
        assert fell is (confirmed[0] == 302)
        assert fell or confirmed[0] == 409


def test_writing_against_the_second_confirmation(talking: Flask) -> None:
    """One of them: the talk is closed and what was typed comes back, or the first confirmation fell with the change."""
    owner, superior = Desk(talking, office.OWNER), Desk(talking, office.REVIEWER)
    for number in range(ROUNDS):
        with talking.app_context():
            talk = office.bring_talk_to(TalkState.HALF)
        said = f"Kesepakatan {number}."
        answers = at_once(superior.post(url(talk, "ubah"), **fields(2, said)), owner.post(url(talk, "konfirmasi"), version="2"))
        assert sorted(status for status, _ in answers) == [302, 409]
        now, changed = standing(talking, talk), answers[0][0] == 302
        assert now.confirmed == (frozenset() if changed else frozenset(Side))
        assert (now.text.agreed == said) is changed
        assert changed or said in answers[0][1]


def test_two_who_write_at_once_never_overwrite_each_other_silently(talking: Flask) -> None:
    desks = [Desk(talking, name) for name in (office.OWNER, office.REVIEWER)]
    for number in range(ROUNDS):
        talk, texts = written(talking), [f"Naskah {number} dari {place}" for place in range(2)]
        answers = at_once(*(desk.post(url(talk, "ubah"), **fields(2, said)) for desk, said in zip(desks, texts, strict=True)))
        assert sorted(status for status, _ in answers) == [302, 409]
        lost = next(place for place, (status, _) in enumerate(answers) if status == 409)
        assert texts[lost] in answers[lost][1]
        assert standing(talking, talk).text.agreed == texts[1 - lost]


def test_every_form_of_a_talk_sent_three_times_acts_once(talking: Flask) -> None:
    superior = Desk(talking, office.REVIEWER)
    with talking.app_context():
        sheet_id = office.sheet_of(office.OWNER).id
    call = superior.post(f"/lembar/{sheet_id}/dialog/baru", **fields(0, "Setiap Senin."))
    assert sorted(status for status, _ in at_once(call, call, call)) == [302, 409, 409]
    with talking.app_context():
        assert db.session.scalar(select(func.count()).select_from(Talk)) == 1
    talk = written(talking)
    confirm = superior.post(url(talk, "konfirmasi"), version="2")
    assert sorted(status for status, _ in at_once(confirm, confirm, confirm)) == [302, 409, 409]
