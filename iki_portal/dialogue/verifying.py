"""The check of all talks: each text is the one that the history names, and so is what was confirmed."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select

from iki_portal.dialogue import content
from iki_portal.dialogue.queries import Party, text_of
from iki_portal.domain.dialogue import Side, TalkStep
from iki_portal.extensions import db
from iki_portal.models import HistoryEntry, Talk, TalkAct, TalkWriting

_AT_ONCE = 200
_WRITING = frozenset({TalkStep.BEGIN.value, TalkStep.WRITE.value})


class _Done(NamedTuple):
    """An act of the history on a talk."""

    action: str
    actor_id: int | None
    content_hash: str | None


def talks() -> Iterator[str | None]:
    """Each talk: its texts unchanged, none missing, and each of them written, and confirmed, by whom the history says."""
    ids = iter(db.session.scalars(select(Talk.id).order_by(Talk.id)).all())
    while part := list(islice(ids, _AT_ONCE)):
        yield from _part(part)


def _part(ids: Sequence[int]) -> Iterator[str | None]:
    writings: dict[int, list[Any]] = defaultdict(list)
    written = (
        select(TalkWriting.__table__).where(TalkWriting.talk_id.in_(ids)).order_by(TalkWriting.talk_id, TalkWriting.version)
    )
    for row in db.session.execute(written):
        writings[row.talk_id].append(row)
    acts: dict[int, list[_Done]] = defaultdict(list)
    done = (
        select(TalkAct.talk_id, HistoryEntry.action, HistoryEntry.actor_id, HistoryEntry.content_hash)
        .join(HistoryEntry, HistoryEntry.number == TalkAct.history_number)
        .where(TalkAct.talk_id.in_(ids))
        .order_by(HistoryEntry.number)
    )
    for row in db.session.execute(done):
        acts[row.talk_id].append(_Done(row.action, row.actor_id, row.content_hash))
    for talk in db.session.execute(select(Talk.__table__).where(Talk.id.in_(ids)).order_by(Talk.id)):
        yield _wrong_talk(talk, writings[talk.id], acts[talk.id])


def _wrong_talk(talk: Any, writings: Sequence[Any], acts: Sequence[_Done]) -> str | None:
    name = f"dialog nomor {talk.id}"
    people = {
        Side.OWNER: Party(talk.owner_id, talk.owner_name, talk.owner_title),
        Side.SUPERIOR: Party(talk.superior_id, talk.superior_name, talk.superior_title),
    }
    if [row.version for row in writings] != list(range(1, talk.version + 1)):
        return f"{name}: teksnya tidak lengkap."
    if any(content.hash_of(talk.sheet_id, people, text_of(row)) != row.sha256 for row in writings):
        return f"{name}: teksnya diubah."
    told = [(each.actor_id, each.content_hash) for each in acts if each.action in _WRITING]
    if told != [(row.author_id, row.sha256) for row in writings]:
        return f"{name}: penulisannya bukan yang tercatat dalam riwayat."
    confirmed = {each.actor_id for each in acts if _confirms(each, writings[-1].sha256)}
    standing = {Side.OWNER: talk.owner_confirmed_at, Side.SUPERIOR: talk.superior_confirmed_at}
    if any(moment is not None and people[side].id not in confirmed for side, moment in standing.items()):
        return f"{name}: konfirmasinya tidak tercatat dalam riwayat."
    return None


def _confirms(act: _Done, sha256: str) -> bool:
    return act.action == TalkStep.CONFIRM.value and act.content_hash == sha256


def acts_on_talks() -> Iterator[str | None]:
    """Each act on a talk that the history names: the talk is still there."""
    query = (
        select(HistoryEntry.number, TalkAct.id)
        .outerjoin(TalkAct, TalkAct.history_number == HistoryEntry.number)
        .where(HistoryEntry.action.in_([step.value for step in TalkStep]))
        .order_by(HistoryEntry.number)
    )
    for row in db.session.execute(query):
        yield f"yang dicatat baris {row.number} tidak ada." if row.id is None else None


COMPARISONS: tuple[tuple[str, Callable[[], Iterator[str | None]]], ...] = (
    ("Dialog kinerja", talks),
    ("Dialog kinerja dalam riwayat", acts_on_talks),
)
