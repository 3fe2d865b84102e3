"""What the database itself refuses of talks, as the owner of its tables, past the portal: on both databases."""
# ruff: noqa: S608  # our own words, no input

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from iki_portal.domain.dialogue import TalkState
from iki_portal.extensions import db
from iki_portal.web.transaction import transaction
from tests import office
from tests.rows import all_rows

_COPIED = (
    "held_on, topic, owner_part, superior_part, agreed, follow_up, sha256, author_id, author_name, author_title, written_at"
)
_COPIED_TALK = "owner_id, owner_name, owner_title, superior_id, superior_name, superior_title, superior_post_id, begun_by_id"
#: A talk that both have confirmed, its texts and its place in the history.
ATTACKS_ON_TALKS = [
    "DELETE FROM talk",
    "DELETE FROM talk_writing",
    "DELETE FROM talk_act",
    "UPDATE talk_writing SET agreed = 'x'",
    "UPDATE talk_writing SET sha256 = 'x'",
    "UPDATE talk_act SET history_number = history_number - 1",
    "UPDATE talk SET owner_confirmed_at = NULL",
    "UPDATE talk SET owner_confirmed_at = NULL, superior_confirmed_at = NULL, version = version + 1",
    "UPDATE talk SET version = version + 1",
    "UPDATE talk SET superior_id = owner_id",
    "UPDATE talk SET superior_name = 'x'",
    f"INSERT INTO talk_writing (talk_id, version, {_COPIED}) SELECT talk_id, version + 1, {_COPIED} FROM talk_writing"
    " WHERE version = 2",
    f"INSERT INTO talk (sheet_id, number, version, {_COPIED_TALK}) SELECT sheet.id, 9, 1, {_COPIED_TALK} FROM talk, sheet"
    " WHERE sheet.state = 'draft'",
    "INSERT INTO talk (sheet_id, number, version, owner_confirmed_at, superior_confirmed_at,"
    f" {_COPIED_TALK}) SELECT sheet_id, 9, 1, owner_confirmed_at, superior_confirmed_at, {_COPIED_TALK} FROM talk",
]
#: While one of the two has confirmed: nothing but a new text takes that away, and no text comes past it.
ATTACKS_ON_HALF = [
    "UPDATE talk SET superior_confirmed_at = NULL",
    "UPDATE talk SET version = version + 1",
    "UPDATE talk SET version = version + 2, superior_confirmed_at = NULL",
    f"INSERT INTO talk_writing (talk_id, version, {_COPIED}) SELECT talk_id, version + 1, {_COPIED} FROM talk_writing"
    " WHERE version = 2",
    f"INSERT INTO talk_writing (talk_id, version, {_COPIED}) SELECT talk_id, version, {_COPIED} FROM talk_writing"
    " WHERE version = 2",
]
TALK_REPLACEMENTS = [
    f"REPLACE INTO talk (id, sheet_id, number, version, {_COPIED_TALK}) SELECT id, sheet_id, number, 1, {_COPIED_TALK}"
    " FROM talk",
    f"REPLACE INTO talk_writing (id, talk_id, version, {_COPIED}) SELECT id, talk_id, version, {_COPIED} FROM talk_writing",
    "REPLACE INTO talk_act (id, talk_id, history_number) SELECT id, talk_id, history_number FROM talk_act",
]
KEPT_OF_TALKS = (
    "append-only|never deleted|never changes|stands|stays with its two persons|falls with a change|takes confirmations away"
    "|follows the one before|begins on the sheet in force"
)


@pytest.mark.parametrize("state", [TalkState.HALF, TalkState.CLOSED])
def test_the_database_keeps_a_talk_as_it_was_confirmed(each_owned_app: Flask, state: TalkState) -> None:
    with each_owned_app.app_context():
        office.bring_talk_to(state)
        before = all_rows()
        attacks = ATTACKS_ON_HALF if state is TalkState.HALF else ATTACKS_ON_TALKS
        on_sqlite = db.engine.dialect.name == "sqlite"
        for attack in (*attacks, *(TALK_REPLACEMENTS if on_sqlite else ())):
            with pytest.raises(DBAPIError, match=KEPT_OF_TALKS), transaction():
                db.session.execute(text(attack))
        assert all_rows() == before


def test_nobody_but_the_two_writes_a_text(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        office.bring_talk_to(TalkState.WRITING)
        before, stranger = all_rows(), office.actor(office.OUTSIDER).employee_id
        other = _COPIED.replace("author_id", ":who")
        forged = f"INSERT INTO talk_writing (talk_id, version, {_COPIED}) SELECT talk_id, 3, {other} FROM talk_writing"
        with pytest.raises(DBAPIError, match="a talk is written by its two persons"):
            write_as(stranger, forged)
        assert all_rows() == before


def write_as(employee_id: int | None, forged: str) -> None:
    with transaction():
        db.session.execute(text("UPDATE talk SET version = version + 1"))
        db.session.execute(text(f"{forged} WHERE version = 2"), {"who": employee_id})
