"""Keeping what is known of indicators elsewhere: the reference list, and every sheet that is approved.

Writers take turns under the lock of the history's head (an approval holds it anyway), so that the places of a word follow
each other without gaps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, insert, select, update

from iki_portal.documents.paper import Paper
from iki_portal.domain.evidence import Evidence
from iki_portal.domain.similarity import text_hash, words_in
from iki_portal.domain.workflow import FINAL
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.imports.reference import ReferenceRow
from iki_portal.indicators.papers import papers
from iki_portal.models import KnownIndicator, KnownIndicatorUse, KnownWord, KnownWordPlace, Sheet

#: The word that every known indicator holds.
EVERY = ""
_AT_ONCE = 500
#: What makes a known indicator the one it is: hash of the text, satuan, code, evidence.
Key = tuple[str, str, str, Evidence]


@dataclass(frozen=True, slots=True)
class Learnt:
    """How many rows of the list, and how many sheets, were new."""

    rows: int
    sheets: int


def load_reference(rows: Sequence[ReferenceRow]) -> Learnt:
    """Add the rows of a reference list that are not known yet, and the sheets approved before the portal learnt from them."""
    lock_head()
    before = _total()
    for start in range(0, len(rows), _AT_ONCE):
        _know({_key(row): row for row in rows[start : start + _AT_ONCE] if words_in(row.text)})
    return Learnt(_total() - before, _learn_earlier_sheets())


def learn(paper: Paper, *, position_id: int) -> None:
    """Add a sheet that has just been approved; the caller holds the head of the history.

    A revision counts as little again as the year before it did; what it says otherwise of the same text replaces what its
    post said before, and what it leaves out stays as history.
    """
    found = {key: (row, indicator_id) for key, row, indicator_id in _rows_of(paper)}
    ids = _know({key: row for key, (row, _) in found.items()})
    uses = {ids[key]: indicator_id for key, (_, indicator_id) in found.items()}
    said = _said_before(position_id, paper.year)
    texts = {key[0] for key in found}
    _forget([each for each, text in said.items() if text in texts and each not in uses], position_id, paper.year)
    _count(uses, said.keys(), position_id, paper.year)


def _rows_of(paper: Paper) -> Iterable[tuple[Key, ReferenceRow, int]]:
    for statement in paper.statements:
        for each in statement.indicators:
            row = ReferenceRow(each.text, each.unit_of_measure, each.sub_kegiatan_code, Evidence.SHEET)
            if each.id is not None and words_in(each.text):
                yield _key(row), row, each.id


def _key(row: ReferenceRow) -> Key:
    return text_hash(row.text), row.unit_of_measure, row.sub_kegiatan_code, row.evidence


def _know(rows: Mapping[Key, ReferenceRow]) -> dict[Key, int]:
    """Ids of those known indicators, which are made where they are missing."""
    query = select(
        KnownIndicator.text_hash,
        KnownIndicator.unit_of_measure,
        KnownIndicator.sub_kegiatan_code,
        KnownIndicator.evidence,
        KnownIndicator.id,
    ).where(KnownIndicator.text_hash.in_({key[0] for key in rows}))
    ids: dict[Key, int] = {(*row[:3], row.evidence): row.id for row in db.session.execute(query)}
    fresh = [
        KnownIndicator(
            text=row.text,
            text_hash=key[0],
            unit_of_measure=row.unit_of_measure,
            sub_kegiatan_code=row.sub_kegiatan_code,
            evidence=row.evidence,
            uses=0 if row.evidence is Evidence.SHEET else 1,
        )
        for key, row in rows.items()
        if key not in ids
    ]
    db.session.add_all(fresh)
    db.session.flush()
    _place(fresh)
    new = {(each.text_hash, each.unit_of_measure, each.sub_kegiatan_code, each.evidence): each.id for each in fresh}
    return ids | new


def _place(fresh: Sequence[KnownIndicator]) -> None:
    """Enter their words into the index, each at the word's next place."""
    if not fresh:
        return
    held = [(word, each.id) for each in fresh for word in sorted(set(words_in(each.text)))]
    risen = Counter(word for word, _ in held) + Counter({EVERY: len(fresh)})
    query = select(KnownWord.word, KnownWord.entries).where(KnownWord.word.in_(risen))
    entries = {row.word: row.entries for row in db.session.execute(query)}
    if unknown := [{"word": word, "entries": 0} for word in sorted(risen.keys() - entries.keys())]:
        db.session.execute(insert(KnownWord), unknown)
    next_place = Counter(entries)
    places = []
    for word, known_id in held:
        next_place[word] += 1
        places.append({"word": word, "place": next_place[word], "known_indicator_id": known_id})
    db.session.execute(insert(KnownWordPlace), places)
    totals = [{"word": word, "entries": entries.get(word, 0) + more} for word, more in risen.items()]
    db.session.execute(update(KnownWord), totals)


def _said_before(position_id: int, year: int) -> dict[int, str]:
    """Known indicators of that post's sheet of that year so far, with the hash of their text."""
    query = (
        select(KnownIndicator.id, KnownIndicator.text_hash)
        .join(KnownIndicatorUse, KnownIndicatorUse.known_indicator_id == KnownIndicator.id)
        .where(KnownIndicatorUse.position_id == position_id, KnownIndicatorUse.year == year)
    )
    return {row.id: row.text_hash for row in db.session.execute(query)}


def _forget(ids: Sequence[int], position_id: int, year: int) -> None:
    if not ids:
        return
    use = KnownIndicatorUse
    mine = delete(use).where(use.position_id == position_id, use.year == year, use.known_indicator_id.in_(ids))
    db.session.execute(mine.execution_options(synchronize_session=False))
    _raise_uses(ids, by=-1)


def _count(uses: Mapping[int, int], said: Iterable[int], position_id: int, year: int) -> None:
    """Count what the post has not said before, and point everything at the newest revision."""
    again = uses.keys() & set(said)
    post = {"position_id": position_id, "year": year}
    newer = [{"known_indicator_id": each, "indicator_id": uses[each], **post} for each in sorted(again)]
    fresh = [{"known_indicator_id": each, "indicator_id": uses[each], **post} for each in uses if each not in again]
    if newer:
        db.session.execute(update(KnownIndicatorUse), newer)
    if fresh:
        db.session.execute(insert(KnownIndicatorUse), fresh)
        _raise_uses([each["known_indicator_id"] for each in fresh], by=1)


def _raise_uses(ids: Sequence[int], *, by: int) -> None:
    raised = update(KnownIndicator).where(KnownIndicator.id.in_(ids)).values(uses=KnownIndicator.uses + by)
    db.session.execute(raised.execution_options(synchronize_session=False))


def _total() -> int:
    return db.session.scalar(select(KnownWord.entries).where(KnownWord.word == EVERY)) or 0


def _learn_earlier_sheets() -> int:
    """Sheets of posts and years of which nothing is known yet, in the order of their approval."""
    known = exists().where(KnownIndicatorUse.position_id == Sheet.position_id, KnownIndicatorUse.year == Sheet.year)
    query = select(Sheet.id, Sheet.position_id).where(Sheet.state.in_(FINAL), ~known).order_by(Sheet.approved_at, Sheet.id)
    sheets = db.session.execute(query).all()
    for start in range(0, len(sheets), _AT_ONCE):
        batch = sheets[start : start + _AT_ONCE]
        read = papers([row.id for row in batch])
        for row in batch:
            learn(read[row.id], position_id=row.position_id)
    return len(sheets)
