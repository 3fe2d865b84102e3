"""What changed between two papers: row by row, and word by word within a cell.

Papers that were stored carry no ids, so rows are recognised by what they say: the same indicator first, then the most similar
one. A row that only stands elsewhere now is told as moved, and its cells are compared with where they come from.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain.numbers import format_number
from iki_portal.domain.targets import AGGREGATION_WORDS, DETAIL_WORDS, POLARITY_WORDS

_CELLS = (
    ("text", "Indikator kinerja"),
    ("formula", "Penjelasan/formulasi"),
    ("source", "Sumber data"),
    ("unit_of_measure", "Satuan"),
    ("polarity", "Polaritas"),
    ("aggregation", "Cara hitung tahunan"),
    ("target", "Target"),
    ("target_upper", "Batas atas target"),
    *DETAIL_WORDS.items(),
)
_WORDS = {str(value): word for words in (POLARITY_WORDS, AGGREGATION_WORDS) for value, word in words.items()}
#: Below it two indicators have nothing to do with each other.
_ALIKE = 0.6
#: Words, and what stands between them: joined again they are the text, letter for letter.
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a cell: kept, added or removed."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: where it stands, what it was, what it is. An empty side means "was not there"."""

    where: str
    before: str
    after: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return word_changes(self.before, self.after)


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """How `before` became `after`: kept and removed pieces joined are the one, kept and added pieces the other."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Kind.SAME, "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece(Kind.REMOVED, "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece(Kind.ADDED, "".join(new[j1:j2])))
    return tuple(pieces)


def changes(before: Paper, after: Paper) -> list[Change]:
    """Changed, added, removed and moved cells and rows, in the order of the new paper; removed rows last."""
    found = list(_differences(_head(before), _head(after)))
    old, new = _rows(before), _rows(after)
    pairs = _pairs(old, new)
    found += _statements(before, after)
    steady = _in_order([pairs[place] for place in sorted(pairs)])
    for place, row in enumerate(new):
        partner = old[pairs[place]] if place in pairs else None
        found += _of_row(partner, row, is_moved=place in pairs and pairs[place] not in steady)
    kept = set(pairs.values())
    for place, row in enumerate(old):
        if place not in kept:
            found.append(Change(f"{row.name} dihapus", row.indicator.text or "(kosong)", ""))
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    indicator: PaperIndicator


def _rows(paper: Paper) -> list[_Row]:
    return [
        _Row(f"Baris {statement.number}.{index}", each)
        for statement in paper.statements
        for index, each in enumerate(statement.indicators, start=1)
    ]


def _in_order(places: Sequence[int]) -> set[int]:
    """The longest run of rows that kept their order: only the others have moved, not all that a new row pushed down."""
    runs: list[list[int]] = [[]]
    for number in places:
        longest = max((run for run in runs if not run or run[-1] < number), key=len)
        runs.append([*longest, number])
    best = max(runs, key=len)
    return set(best)


def _of_row(old: _Row | None, row: _Row, *, is_moved: bool) -> Iterator[Change]:
    if old is None:
        yield Change(f"{row.name} ditambahkan", "", row.indicator.text or "(kosong)")
        cells = _cells(row.indicator)
        cells.pop("Indikator kinerja")
        yield from (Change(f"{row.name}: {label}", "", value) for label, value in cells.items() if value)
        return
    if is_moved:
        yield Change(f"{row.name} dipindahkan", old.name, row.name)
    for change in _differences(_cells(old.indicator), _cells(row.indicator)):
        yield Change(f"{row.name}: {change.where}", change.before, change.after)


def _differences(before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for label in dict.fromkeys([*after, *before]):
        if before.get(label, "") != after.get(label, ""):
            yield Change(label, before.get(label, ""), after.get(label, ""))


def _statements(before: Paper, after: Paper) -> Iterator[Change]:
    """Statements side by side by their words; those without a partner were added or removed."""
    old, new = [each.text for each in before.statements], [each.text for each in after.statements]
    pairs = _matched(old, new)
    for place, text in enumerate(new):
        number = after.statements[place].number
        if place not in pairs:
            yield Change(f"Kinerja {number} ditambahkan", "", text or "(kosong)")
        elif old[pairs[place]] != text:
            yield Change(f"Kinerja {number}", old[pairs[place]], text)
    for place in sorted(set(range(len(old))) - set(pairs.values())):
        yield Change(f"Kinerja {before.statements[place].number} dihapus", old[place] or "(kosong)", "")


def _pairs(old: Sequence[_Row], new: Sequence[_Row]) -> dict[int, int]:
    return _matched([row.indicator.text for row in old], [row.indicator.text for row in new])


def _matched(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """New place → old place: equal texts first, in order; of the others the most alike, then what stands in the same place."""
    pairs: dict[int, int] = {}
    free = list(range(len(old)))
    for place, text in enumerate(new):
        same = next((each for each in free if old[each] == text), None)
        if same is not None:
            pairs[place] = same
            free.remove(same)
    left = [place for place in range(len(new)) if place not in pairs]
    scores = sorted(((-_likeness(old[one], new[place]), place, one) for place in left for one in free), key=lambda each: each)
    for score, place, one in scores:
        if place not in pairs and one in free and (-score >= _ALIKE or place == one):
            pairs[place] = one
            free.remove(one)
    return pairs


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold().split(), other.casefold().split(), autojunk=False).ratio()


def _head(paper: Paper) -> dict[str, str]:
    cells = {"Judul": paper.heading, "Jabatan": paper.position, "Unit kerja": paper.unit, "Tugas pokok": paper.main_duty}
    for name, texts in (("Uraian tugas", paper.duties), ("Fungsi", paper.functions)):
        cells |= {f"{name} {index}": text for index, text in enumerate(texts, start=1)}
    return cells


def _cells(indicator: PaperIndicator) -> dict[str, str]:
    cells = {label: _shown(getattr(indicator, attribute)) for attribute, label in _CELLS}
    quarters = zip(("I", "II", "III", "IV"), indicator.quarters, strict=True)
    return cells | {f"Target triwulan {quarter}": _shown(amount) for quarter, amount in quarters}


def _shown(value: str | Decimal | None) -> str:
    if value is None:
        return ""
    return _WORDS.get(value, value) if isinstance(value, str) else format_number(value)
