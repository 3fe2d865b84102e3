"""Satuan and sub-kegiatan codes suggested for an indicator, each with its evidence; without evidence there is no suggestion.

Only the best kind of evidence that there is speaks: indicators with the same text, else those much like it that count the
same thing, else the indicator's first words. Where it contradicts itself, everything it says is shown, with how often.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import shorten

from iki_portal.domain.units_of_measure import suggest_unit

#: Per cent of likeness from which another indicator's satuan, or its code, is worth showing.
ALIKE_FOR_UNIT, ALIKE_FOR_CODE = 60, 80
MOST = 3
_QUOTED = 120


class Evidence(StrEnum):
    """Where a known indicator comes from, the strongest first."""

    NATIONAL_EXACT = "national_exact"
    SHEET = "sheet"
    PLAN_EXACT = "plan_exact"
    NATIONAL_NEAR = "national_near"
    PLAN_NEAR = "plan_near"
    RULE = "rule"


_NATIONAL, _PLAN = "nomenklatur sub-kegiatan nasional", "rencana strategis kabupaten lain"
SOURCE_WORDS = {
    Evidence.NATIONAL_EXACT: _NATIONAL,
    Evidence.SHEET: "lembar IKI yang ditetapkan",
    Evidence.PLAN_EXACT: _PLAN,
    Evidence.NATIONAL_NEAR: _NATIONAL,
    Evidence.PLAN_NEAR: _PLAN,
    Evidence.RULE: "kata-kata pertama indikator",
}
#: How close the reference list found its source to be; said of the very text only.
_CLOSENESS = {
    Evidence.NATIONAL_EXACT: ", sama persis",
    Evidence.PLAN_EXACT: ", sama persis",
    Evidence.NATIONAL_NEAR: ", hampir sama",
    Evidence.PLAN_NEAR: ", hampir sama",
}
_STRENGTH = {evidence: place for place, evidence in enumerate(Evidence)}


@dataclass(frozen=True, slots=True)
class Seen:
    """A known indicator as it bears upon the one that is asked about."""

    text: str
    unit_of_measure: str
    sub_kegiatan_code: str
    evidence: Evidence
    uses: int
    likeness: int
    is_same_text: bool


@dataclass(frozen=True, slots=True)
class UnitSuggestion:
    unit: str
    #: A sentence for the screen.
    evidence: str


@dataclass(frozen=True, slots=True)
class CodeSuggestion:
    code: str
    #: A sentence for the screen.
    evidence: str


def units_for(text: str, seen: Sequence[Seen]) -> tuple[UnitSuggestion, ...]:
    """The satuan that the best evidence speaks for, the strongest first."""
    telling = [each for each in seen if each.unit_of_measure and each.evidence is not Evidence.RULE]
    counted = suggest_unit(text)
    found = _of_same_text(telling) or [
        each for each in telling if each.likeness >= ALIKE_FOR_UNIT and suggest_unit(each.text) == counted
    ]
    if found:
        return tuple(UnitSuggestion(*each) for each in _told(found, lambda each: each.unit_of_measure))
    return tuple(UnitSuggestion(unit, _sentence(SOURCE_WORDS[Evidence.RULE])) for unit in _first_words(counted, seen))


def codes_for(seen: Sequence[Seen]) -> tuple[CodeSuggestion, ...]:
    """The sub-kegiatan codes that the best evidence speaks for, the strongest first."""
    telling = [each for each in seen if each.sub_kegiatan_code]
    found = _of_same_text(telling) or [each for each in telling if each.likeness >= ALIKE_FOR_CODE]
    return tuple(CodeSuggestion(*each) for each in _told(found, lambda each: each.sub_kegiatan_code))


def _of_same_text(seen: Iterable[Seen]) -> list[Seen]:
    return [each for each in seen if each.is_same_text]


def _first_words(counted: str | None, seen: Iterable[Seen]) -> list[str]:
    """What the first words tell, by our own rule or as the reference list has written it down."""
    written = (each.unit_of_measure for each in _of_same_text(seen) if each.evidence is Evidence.RULE)
    return [counted] if counted else sorted({unit for unit in written if unit})[:MOST]


def _told(seen: Iterable[Seen], value: Callable[[Seen], str]) -> list[tuple[str, str]]:
    """Each value once, however it is capitalised, with the sentence of what speaks for it."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        groups[value(each).casefold()].append(each)
    for group in groups.values():
        group.sort(key=_by_strength)
    found = sorted(groups.values(), key=lambda group: (*_by_strength(group[0])[:2], -_uses(group), value(group[0])))
    return [(value(group[0]), _of_group(group, is_disputed=len(found) > 1)) for group in found[:MOST]]


def _by_strength(seen: Seen) -> tuple[int, int, int, str, str]:
    return -seen.likeness, _STRENGTH[seen.evidence], -seen.uses, seen.text, seen.unit_of_measure


def _uses(seen: Iterable[Seen]) -> int:
    return sum(each.uses for each in seen)


def _of_group(group: Sequence[Seen], *, is_disputed: bool) -> str:
    if not group[0].is_same_text:
        return _of_similar(group, is_disputed=is_disputed)
    kinds: dict[Evidence, int] = defaultdict(int)
    for each in group:
        kinds[each.evidence] += each.uses
    return _sentence(
        "; ".join(
            SOURCE_WORDS[kind] + _CLOSENESS.get(kind, "") + (f" ({uses} kali)" if uses > 1 or is_disputed else "")
            for kind, uses in kinds.items()
        )
    )


def _of_similar(group: Sequence[Seen], *, is_disputed: bool) -> str:
    best, uses = group[0], _uses(group)
    quoted = shorten(best.text, _QUOTED, placeholder=" …")
    total = f"; {uses} kali pada semua indikator serupa" if uses > 1 or is_disputed else ""
    return _sentence(f"indikator serupa ({best.likeness}%), “{quoted}”: {SOURCE_WORDS[best.evidence]}{total}")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
