"""How alike two indicators are: by the words they share, of which rare ones weigh more.

Whole numbers and plain Python, so that the same texts stand in the same order on every database and machine. Words are
folded here and nowhere else: what a database calls a word, or lower case, is never asked.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from heapq import nlargest
from typing import Protocol, TypeVar

from iki_portal.domain.targets import TEXT_LIMIT

WORD_LIMIT = 40
#: So many of a text's rarest known words find what it may be like.
RAREST = 4
_WORD = re.compile(r"[^\W_]+")


class KnownText(Protocol):
    """What is ranked; `words` are those of `text`."""

    @property
    def id(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def words(self) -> frozenset[str]: ...
    @property
    def uses(self) -> int: ...


Known = TypeVar("Known", bound=KnownText)


def words_in(text: str) -> list[str]:
    """Letters and figures in lower case, in their order; everything else only parts words."""
    plain = unicodedata.normalize("NFKC", text[:TEXT_LIMIT]).lower()
    return [word[:WORD_LIMIT] for word in _WORD.findall(plain)]


def text_hash(text: str) -> str:
    """The same for texts that differ in nothing but case, spaces and punctuation."""
    return sha256(" ".join(words_in(text)).encode()).hexdigest()


def weight(entries: int, total: int) -> int:
    """Of a word that so many of all known indicators hold; one that none holds weighs as much as one that a single one does."""
    return round(1000 * math.log1p(total / max(entries, 1)))


def rarest(words: Iterable[str], entries: Mapping[str, int]) -> list[str]:
    """The few words worth looking up: those that the fewest known indicators hold."""
    return sorted((word for word in set(words) if entries.get(word)), key=lambda word: (entries[word], word))[:RAREST]


def likeliest(holders: Mapping[str, Sequence[int]], weights: Mapping[str, int], limit: int) -> list[int]:
    """Ids of those that hold the most weight of the words looked up, the newest first among equals."""
    held: dict[int, int] = defaultdict(int)
    for word, ids in holders.items():
        its_weight = weights[word]
        for each in ids:
            held[each] += its_weight
    best = nlargest(limit, ((total, each) for each, total in held.items()))
    return [each for _, each in best]


def likeness(one: frozenset[str], other: frozenset[str], weights: Mapping[str, int]) -> int:
    """Per cent of the weight of both texts' words that they share; rounded down, so that 100 means the same words."""
    either = sum(weights[word] for word in one | other)
    return 100 * sum(weights[word] for word in one & other) // either if either else 0


def ranked(words: frozenset[str], known: Iterable[Known], weights: Mapping[str, int]) -> list[tuple[Known, int]]:
    """The likest first, each with its likeness; equals by how often they are used, then by text, then the oldest first."""
    found = [(each, likeness(words, each.words, weights)) for each in known]
    return sorted(found, key=lambda pair: (-pair[1], -pair[0].uses, pair[0].text, pair[0].id))
