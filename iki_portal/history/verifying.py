"""Whether a chain still holds: every row recomputed under its key, in order, up to the head and through every anchor.

Each row's seal covers the hash of the row before it, so rows after a break can still be judged one by one; what cannot be
judged any more is said in words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select

from iki_portal.extensions import db
from iki_portal.history.chain import ANCHOR_LENGTH, BEGINNING, Seal
from iki_portal.history.streams import HISTORY, Stream

#: So many problems are told in words; the rest are counted.
MOST_TOLD = 50
_STEP = 2000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What somebody kept outside (or a check noted inside): the row of that number has a hash that begins so."""

    number: int
    hash: str
    #: Where it comes from, for reports.
    source: str = "jangkar"


def anchor_words(stream: Stream, number: int, hash_: str) -> str:
    """To be kept outside: "812:3fa9c0d1e2f30415"; of the trail "A98:…"."""
    return f"{stream.letter}{number}:{hash_[:ANCHOR_LENGTH]}"


def head_of(stream: Stream) -> str:
    """The anchor of the chain as it stands, unchecked."""
    head = db.session.execute(select(stream.head.number, stream.head.hash)).one()
    return anchor_words(stream, head.number, head.hash)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read of a chain, and everything that is wrong with it."""

    stream: Stream
    rows: int
    #: Number and hash of the last row that stands.
    number: int
    hash: str
    #: Key id → rows that it signed.
    keys: Mapping[str, int]
    anchors: int
    problems: tuple[str, ...]
    #: With those that are not told.
    problem_count: int
    #: The first row that something is wrong with.
    first_break: int | None

    @property
    def is_whole(self) -> bool:
        return not self.problem_count

    @property
    def problem(self) -> str:
        """The first problem, or nothing."""
        return self.problems[0] if self.problems else ""

    @property
    def anchor(self) -> str:
        return anchor_words(self.stream, self.number, self.hash)


@dataclass(slots=True)
class _Reading:
    """What is known so far."""

    stream: Stream
    seals: dict[str, Seal]
    number: int
    hash: str
    rows: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    count: int = 0
    first_break: int | None = None

    def tell(self, number: int, sentence: str) -> None:
        self.count += 1
        if self.first_break is None or number < self.first_break:
            self.first_break = number
        if len(self.told) < MOST_TOLD:
            self.told.append(f"{self.stream.name}: {sentence}")

    def take(self, row: dict[str, Any], sealed: str) -> None:
        number = row["number"]
        if number != self.number + 1:
            self.tell(self.number + 1, f"baris {_span(self.number + 1, number - 1)} tidak ada.")
        elif row["previous_hash"] != self.hash:
            self.tell(number, f"baris {number} tidak menyambung baris sebelumnya.")
        seal = self.seals.get(row["key_id"])
        if seal is None:
            self.tell(number, f"baris {number} disegel dengan kunci {row['key_id']}, yang tidak dikenal portal ini.")
        elif seal.hash_of(row) != sealed:
            self.tell(number, f"baris {number} diubah sesudah ditulis, atau tidak ditulis oleh portal ini.")
        self.keys[row["key_id"]] = self.keys.get(row["key_id"], 0) + 1
        self.number, self.hash, self.rows = number, sealed, self.rows + 1


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} sampai {last}"


def verify(
    keys: Mapping[str, bytes],
    stream: Stream = HISTORY,
    *,
    anchors: Sequence[Anchor] = (),
    after: int = 0,
    progress: Progress = lambda _rows: None,
) -> Verified:
    """Recompute a chain from its first row (or from the one `after` that number) to its head. Reads `_STEP` rows at a time."""
    seals = {name: Seal(key) for name, key in keys.items()}
    reading = _Reading(stream, seals, after, _hash_of(stream, after) if after else BEGINNING)
    wanted = {anchor.number for anchor in anchors}
    marked: dict[int, str] = {}
    for row, sealed in _rows(stream, after):
        reading.take(row, sealed)
        if reading.number in wanted:
            marked[reading.number] = sealed
        if reading.rows % _STEP == 0:
            progress(reading.rows)
    head = db.session.execute(select(stream.head.number, stream.head.hash)).one()
    if (head.number, head.hash) != (reading.number, reading.hash):
        reading.tell(
            reading.number + 1, f"kepala rantai menunjuk baris {head.number}, padahal baris terakhir yang ada {reading.number}."
        )
    for anchor in anchors:
        _compare(reading, anchor, marked.get(anchor.number))
    return Verified(
        stream=stream,
        rows=reading.rows,
        number=reading.number,
        hash=reading.hash,
        keys=reading.keys,
        anchors=len(anchors),
        problems=tuple(reading.told),
        problem_count=reading.count,
        first_break=reading.first_break,
    )


@cache
def _rows_after(stream: Stream) -> Select[*tuple[Any, ...]]:
    table = stream.rows.__table__
    query = select(*(table.c[name] for name in (*stream.covered, "hash")))
    return query.where(table.c.number > bindparam("after", type_=Integer)).order_by(table.c.number)


def _rows(stream: Stream, after: int) -> Iterator[tuple[dict[str, Any], str]]:
    found = db.session.execute(_rows_after(stream), {"after": after}, execution_options={"yield_per": _STEP})
    for part in found.partitions():
        for *values, sealed in part:
            yield dict(zip(stream.covered, values, strict=True)), sealed


def _hash_of(stream: Stream, number: int) -> str:
    return db.session.scalar(select(stream.rows.hash).where(stream.rows.number == number)) or ""


def _compare(reading: _Reading, anchor: Anchor, stands: str | None) -> None:
    name = f"{anchor.source} {anchor_words(reading.stream, anchor.number, anchor.hash)}"
    if anchor.number > reading.number:
        reading.tell(reading.number + 1, f"{name} menunjuk baris yang tidak ada lagi; baris terakhir {reading.number}.")
    elif stands is not None and not stands.startswith(anchor.hash):
        reading.tell(anchor.number, f"{name} tidak cocok: baris {anchor.number} sekarang bukan baris yang dahulu dicatat.")
    elif stands is None:
        reading.tell(anchor.number, f"{name} menunjuk baris yang tidak ada.")
