"""Which links are proposed: what was linked last year by the same words, else the parent whose words are likest.

A whole sheet is compared with the few rows that it may support. Words that say how something is counted ("jumlah dokumen"), and
what the statements of all these rows share, tell nothing about which of them is meant; the others are weighed among these rows.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from iki_portal.domain import similarity
from iki_portal.domain.cascade import Link, RowKey, Target

#: Below so many per cent two rows share a word by chance.
LEAST_LIKENESS = 6
#: How a thing is counted or done, whatever it is.
_HOW = frozenset(
    {
        *("jumlah", "persentase", "dokumen", "laporan", "hasil", "kegiatan", "pelaksanaan", "penyelenggaraan"),
        *("penyusunan", "koordinasi", "fasilitasi", "pengelolaan", "meningkatnya", "terlaksananya", "asn"),
        *(
            "perangkat",
            "daerah",
            "skpd",
            "yang",
            "dan",
            "dari",
            "atau",
            "bagi",
            "dengan",
            "di",
            "pada",
            "untuk",
            "terhadap",
            "beserta",
        ),
    }
)
#: An indicator and its statement.
Texts = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    link: Link
    #: Per cent; 0 where it is proposed for another reason.
    likeness: int
    was_linked: bool = False


def proposals(
    children: Mapping[RowKey, Texts],
    parents: Mapping[Target, Texts],
    *,
    linked: Collection[Link] = (),
    last_year: Collection[Link] = (),
) -> list[Proposal]:
    """One for each child that supports nothing yet and has a parent like it, in the order of the children."""
    busy = {link.child for link in linked}
    words: dict[Target, frozenset[str]] = {key: _words(*texts) for key, texts in children.items()}
    words |= _words_of_parents(parents)
    held = Counter(word for each in words.values() for word in each)
    weights = {word: similarity.weight(held[word], len(words)) for word in held}
    found = (_proposal(child, parents, words, weights, last_year) for child in children if child not in busy)
    return [each for each in found if each is not None]


def _words_of_parents(parents: Mapping[Target, Texts]) -> dict[Target, frozenset[str]]:
    """Those of each indicator, and of its statement what not every other one's says, too."""
    stated = {key: _words(statement) for key, (_, statement) in parents.items()}
    shared = frozenset.intersection(*stated.values()) if len(parents) > 1 else frozenset()
    return {key: _words(text) | (stated[key] - shared) for key, (text, _) in parents.items()}


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in similarity.words_in(text)) - _HOW


def _proposal(
    child: RowKey,
    parents: Mapping[Target, Texts],
    words: Mapping[Target, frozenset[str]],
    weights: Mapping[str, int],
    last_year: Collection[Link],
) -> Proposal | None:
    for parent in parents:
        if Link(child, parent) in last_year:
            return Proposal(Link(child, parent), 0, was_linked=True)
    likest = [(similarity.likeness(words[child], words[parent], weights), -place) for place, parent in enumerate(parents)]
    if not likest or max(likest)[0] < LEAST_LIKENESS:
        return None
    likeness, place = max(likest)
    return Proposal(Link(child, list(parents)[-place]), likeness)
