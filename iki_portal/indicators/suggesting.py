"""What may stand in an indicator's cells, from what is known elsewhere: satuan, sub-kegiatan code, and indicators like it.

The index finds a few candidates by their rarest words; which of them are alike, and in which order, is decided by plain
Python (domain/similarity.py), so that both databases suggest the same. Drafts are not known here: only what the reference
list holds and what was approved, which everyone signed in may read.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Integer, Row, Select, String, bindparam, func, or_, select

from iki_portal.domain import policy, similarity
from iki_portal.domain.evidence import SOURCE_WORDS, CodeSuggestion, Evidence, Seen, UnitSuggestion, codes_for, units_for
from iki_portal.domain.office import post_name
from iki_portal.domain.policy import Actor, Permission
from iki_portal.domain.workflow import FINAL
from iki_portal.extensions import db
from iki_portal.indicators.learning import EVERY
from iki_portal.indicators.sight import title_of_sheet, unit_of_sheet
from iki_portal.models import (
    Indicator,
    KnownIndicator,
    KnownIndicatorUse,
    KnownWord,
    KnownWordPlace,
    Position,
    Sheet,
    Statement,
    Unit,
)
from iki_portal.models.parameters import IDS

#: As many indicators as are looked up in one round of statements: a whole sheet.
A_SHEET = 30
#: So many of the newest holders of each word are looked through, and so many of them compared.
HOLDERS, CANDIDATES = 3000, 100
MOST_SIMILAR, LEAST_LIKENESS = 5, 30
_WORDS = bindparam("words", type_=String, expanding=True)
_NEWEST = bindparam("newest", type_=Integer)
_HASHES = bindparam("hashes", type_=String, expanding=True)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SimilarIndicator:
    """An indicator like the one asked about; post, unit, year and sheet are those of the newest sheet that says so."""

    text: str
    unit: str
    formula: str
    #: Where it is known from, in the screen's words.
    source: str
    post: str
    unit_name: str
    year: int | None
    sheet_id: int | None
    #: Per cent.
    likeness: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    units: tuple[UnitSuggestion, ...] = ()
    codes: tuple[CodeSuggestion, ...] = ()
    similar: tuple[SimilarIndicator, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    text: str
    text_hash: str
    unit_of_measure: str
    sub_kegiatan_code: str
    evidence: Evidence
    uses: int
    words: frozenset[str]


@dataclass(slots=True)
class _Asked:
    """One text, and what is found for it on the way."""

    text: str
    words: frozenset[str]
    text_hash: str
    candidates: set[int] = field(default_factory=set)
    ranked: list[tuple[_Known, int]] = field(default_factory=list)

    @property
    def similar(self) -> list[tuple[_Known, int]]:
        """The likest, each text once; a row of the reference list with this very text has nothing more to say."""
        best: dict[str, tuple[_Known, int]] = {}
        for known, likeness in self.ranked:
            is_sheet = known.evidence is Evidence.SHEET
            if likeness < LEAST_LIKENESS or known.evidence is Evidence.RULE:
                continue
            if not is_sheet and known.text_hash == self.text_hash:
                continue
            standing = best.get(known.text_hash)
            if standing is None or (is_sheet and standing[0].evidence is not Evidence.SHEET):
                best[known.text_hash] = (known, likeness)
        return list(best.values())[:MOST_SIMILAR]


def suggestions(texts: Mapping[K, str], *, actor: Actor) -> dict[K, Suggestion]:
    """For each text what may be suggested, an empty `Suggestion` where nothing is known; five statements for a whole sheet."""
    policy.demand_permission(actor, Permission.SHEET_READ)
    found: dict[str, Suggestion] = {}
    different = list(dict.fromkeys(texts.values()))
    for start in range(0, len(different), A_SHEET):
        found |= _for_a_sheet(different[start : start + A_SHEET])
    return {key: found[text] for key, text in texts.items()}


def _for_a_sheet(texts: Sequence[str]) -> dict[str, Suggestion]:
    asked = [_Asked(text, frozenset(similarity.words_in(text)), similarity.text_hash(text)) for text in texts]
    entries = _entries({EVERY}.union(*(each.words for each in asked)))
    _find_candidates(asked, entries)
    known = _known(asked)
    entries |= _entries({word for row in known.values() for word in row.words} - entries.keys())
    weights = _weights(entries, {word for each in asked for word in each.words})
    for each in asked:
        each.candidates |= {row.id for row in known.values() if row.text_hash == each.text_hash}
        each.ranked = similarity.ranked(each.words, (known[key] for key in each.candidates & known.keys()), weights)
    uses = _newest_uses({known.id for each in asked for known, _ in each.similar})
    return {each.text: _suggestion(each, uses) for each in asked}


def _suggestion(asked: _Asked, uses: Mapping[int, Row[Any]]) -> Suggestion:
    seen = [
        Seen(
            known.text,
            known.unit_of_measure,
            known.sub_kegiatan_code,
            known.evidence,
            known.uses,
            likeness,
            is_same_text=known.text_hash == asked.text_hash,
        )
        for known, likeness in asked.ranked
    ]
    similar = tuple(_similar(known, likeness, uses.get(known.id)) for known, likeness in asked.similar)
    return Suggestion(units_for(asked.text, seen), codes_for(seen), similar)


def _similar(known: _Known, likeness: int, use: Row[Any] | None) -> SimilarIndicator:
    return SimilarIndicator(
        text=known.text,
        unit=known.unit_of_measure,
        formula=use.formula if use else "",
        source=SOURCE_WORDS[known.evidence],
        post=post_name(use.title, use.area) if use else "",
        unit_name=use.unit_name if use else "",
        year=use.year if use else None,
        sheet_id=use.sheet_id if use else None,
        likeness=likeness,
    )


def _weights(entries: Mapping[str, int], asked: Iterable[str]) -> dict[str, int]:
    total = entries.get(EVERY, 0)
    return {word: similarity.weight(entries.get(word, 0), total) for word in {*entries, *asked}}


@cache
def _entries_query() -> Select[*tuple[Any, ...]]:
    return select(KnownWord.word, KnownWord.entries).where(KnownWord.word.in_(_WORDS))


def _entries(words: Iterable[str]) -> dict[str, int]:
    return {row.word: row.entries for row in db.session.execute(_entries_query(), {"words": sorted(words)})}


@cache
def _holders_query() -> Select[*tuple[Any, ...]]:
    return (
        select(KnownWordPlace.word, KnownWordPlace.known_indicator_id)
        .join(KnownWord, KnownWord.word == KnownWordPlace.word)
        .where(KnownWord.word.in_(_WORDS), KnownWordPlace.place > KnownWord.entries - _NEWEST)
    )


def _find_candidates(asked: Sequence[_Asked], entries: Mapping[str, int]) -> None:
    """Of the newest holders of each text's rarest words, those that hold the most of their weight."""
    looked_up = [similarity.rarest(each.words, entries) for each in asked]
    holders: dict[str, list[int]] = defaultdict(list)
    parameters = {"words": sorted(set().union(*looked_up)), "newest": HOLDERS}
    for word, known_id in db.session.execute(_holders_query(), parameters):
        holders[word].append(known_id)
    weights = _weights(entries, ())
    for each, words in zip(asked, looked_up, strict=True):
        each.candidates = set(similarity.likeliest({word: holders[word] for word in words}, weights, CANDIDATES))


@cache
def _known_query() -> Select[*tuple[Any, ...]]:
    return select(
        KnownIndicator.id,
        KnownIndicator.text,
        KnownIndicator.text_hash,
        KnownIndicator.unit_of_measure,
        KnownIndicator.sub_kegiatan_code,
        KnownIndicator.evidence,
        KnownIndicator.uses,
    ).where(or_(KnownIndicator.id.in_(IDS), KnownIndicator.text_hash.in_(_HASHES)), KnownIndicator.uses > 0)


def _known(asked: Sequence[_Asked]) -> dict[int, _Known]:
    """The candidates, and whatever has the very text of one that is asked about, however common its words."""
    ids = sorted(set().union(*(each.candidates for each in asked)))
    hashes = sorted(each.text_hash for each in asked if each.words)
    rows = db.session.execute(_known_query(), {"ids": ids, "hashes": hashes})
    return {row.id: _Known(**row._mapping, words=frozenset(similarity.words_in(row.text))) for row in rows}


@cache
def _newest_uses_query() -> Select[*tuple[Any, ...]]:
    newest = (
        select(KnownIndicatorUse.known_indicator_id, func.max(KnownIndicatorUse.indicator_id).label("indicator_id"))
        .where(KnownIndicatorUse.known_indicator_id.in_(IDS))
        .group_by(KnownIndicatorUse.known_indicator_id)
        .subquery()
    )
    return (
        select(
            newest.c.known_indicator_id,
            Indicator.formula,
            Sheet.id.label("sheet_id"),
            Sheet.year,
            title_of_sheet().label("title"),
            Position.area,
            unit_of_sheet().label("unit_name"),
        )
        .join(Indicator, Indicator.id == newest.c.indicator_id)
        .join(Statement, Statement.id == Indicator.statement_id)
        .join(Sheet, Sheet.id == Statement.sheet_id)
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(Sheet.state.in_(FINAL))
    )


def _newest_uses(known_ids: Iterable[int]) -> dict[int, Row[Any]]:
    rows = db.session.execute(_newest_uses_query(), {"ids": sorted(known_ids)})
    return {row.known_indicator_id: row for row in rows}
