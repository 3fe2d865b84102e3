"""What is kept of submitted and approved sheets, held against what the history and the trail say of it.

A further kind of record is one more function in `COMPARISONS`; those of realisations stand in realisation/verifying.py,
those of talks in dialogue/verifying.py.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, or_, select

from iki_portal.dialogue import verifying as of_talks
from iki_portal.documents.paper import content, digest
from iki_portal.domain.trail import TrailAction
from iki_portal.domain.workflow import FINAL, State, Step
from iki_portal.extensions import db
from iki_portal.history.verifying import MOST_TOLD
from iki_portal.indicators.papers import papers
from iki_portal.models import FrozenCopy, HistoryEntry, IssuedPrint, Sheet, SheetContent, TrailEvent
from iki_portal.realisation import verifying

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of record: how many there are, and what is wrong with them."""

    name: str
    count: int
    problems: tuple[str, ...]
    problem_count: int


def _rows(query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    for part in db.session.execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
        yield from part


def copies() -> Iterator[str | None]:
    """The frozen copy of each sheet that was ever approved: there, unchanged, and the one that the history names."""
    query = (
        select(
            Sheet.id,
            FrozenCopy.sha256,
            FrozenCopy.body,
            FrozenCopy.register,
            FrozenCopy.code,
            HistoryEntry.content_hash,
            HistoryEntry.sheet_id.label("approved_sheet_id"),
        )
        .outerjoin(FrozenCopy, FrozenCopy.sheet_id == Sheet.id)
        .outerjoin(HistoryEntry, HistoryEntry.number == FrozenCopy.history_number)
        .where(or_(Sheet.state.in_(list(FINAL)), FrozenCopy.sheet_id.is_not(None)))
        .order_by(Sheet.id)
    )
    for row in _rows(query):
        yield _wrong_copy(row)


def _wrong_copy(row: Any) -> str | None:
    if row.body is None:
        return f"salinan beku lembar {row.id} tidak ada."
    if digest(row.body) != row.sha256:
        return f"salinan beku lembar {row.id} diubah."
    if row.approved_sheet_id != row.id:
        return f"salinan beku lembar {row.id} milik penetapan lembar lain, menurut riwayat."
    is_covered = row.code is not None  # the history names copies from the day on which they got codes
    if is_covered and row.content_hash != row.sha256:
        return f"salinan beku lembar {row.id} bukan yang ditetapkan, menurut riwayat."
    frozen = json.loads(row.body)
    if is_covered and (frozen["register"], frozen["code"]) != (row.register, row.code):
        return f"nomor register atau kode lembar {row.id} bukan yang dibekukan."
    return None


def approvals() -> Iterator[str | None]:
    """Each approval of the history has its frozen copy."""
    query = (
        select(HistoryEntry.number, HistoryEntry.sheet_id, FrozenCopy.sheet_id.label("copy_id"))
        .outerjoin(FrozenCopy, FrozenCopy.history_number == HistoryEntry.number)
        .where(HistoryEntry.action == Step.APPROVE)
        .order_by(HistoryEntry.number)
    )
    for row in _rows(query):
        yield f"penetapan lembar {row.sheet_id} (baris {row.number}) tidak punya salinan." if row.copy_id is None else None


def prints() -> Iterator[str | None]:
    """Each issued print: the file of its hash, and (since there is a trail) the one that the trail names."""
    issued = TrailEvent.action == TrailAction.PRINT
    named = select(TrailEvent.content_hash).where(issued, TrailEvent.sheet_id == IssuedPrint.sheet_id).limit(1)
    query = select(IssuedPrint.sheet_id, IssuedPrint.sha256, IssuedPrint.body, named.scalar_subquery().label("named"))
    for row in _rows(query.order_by(IssuedPrint.sheet_id)):
        if sha256(row.body).hexdigest() != row.sha256:
            yield f"cetakan resmi lembar {row.sheet_id} diubah."
        elif row.named is not None and row.named != row.sha256:
            yield f"cetakan resmi lembar {row.sheet_id} bukan yang terbit, menurut catatan akses."
        else:
            yield None


def contents() -> Iterator[str | None]:
    """Each submitted content: unchanged; and each that the history names: still there."""
    for row in _rows(select(SheetContent.hash, SheetContent.body).order_by(SheetContent.hash)):
        yield f"isi yang diajukan {row.hash[:16]} diubah." if digest(row.body) != row.hash else None
    lost = (
        select(HistoryEntry.number, HistoryEntry.sheet_id)
        .outerjoin(SheetContent, SheetContent.hash == HistoryEntry.content_hash)
        .where(HistoryEntry.action == Step.SUBMIT, SheetContent.hash.is_(None))
        .order_by(HistoryEntry.number)
    )
    for row in _rows(lost):
        yield f"isi yang diajukan dari lembar {row.sheet_id} (baris {row.number}) tidak ada."


def sheets() -> Iterator[str | None]:
    """Each sheet stands where its history left it; one that is submitted or approved holds the rows that were signed."""
    last = (
        select(HistoryEntry.sheet_id, func.max(HistoryEntry.number).label("number"))
        .where(HistoryEntry.to_state.is_not(None))
        .group_by(HistoryEntry.sheet_id)
        .subquery()
    )
    query = (
        select(Sheet.id, Sheet.state, HistoryEntry.to_state, FrozenCopy.body, SheetContent.body.label("submitted"))
        .outerjoin(last, last.c.sheet_id == Sheet.id)
        .outerjoin(HistoryEntry, HistoryEntry.number == last.c.number)
        .outerjoin(FrozenCopy, FrozenCopy.sheet_id == Sheet.id)
        .outerjoin(SheetContent, SheetContent.hash == Sheet.content_hash)
        .order_by(Sheet.id)
    )
    rows = _rows(query)
    while part := list(islice(rows, _AT_ONCE)):
        standing = papers([row.id for row in part if row.state is not State.DRAFT])
        for row in part:
            yield _wrong_sheet(row, standing.get(row.id))


def _wrong_sheet(row: Any, standing: Any) -> str | None:
    if row.state is not (row.to_state or State.DRAFT):
        return f"status lembar {row.id} bukan yang tercatat terakhir dalam riwayat."
    if standing is None:
        return None
    signed = row.body if row.state in FINAL else row.submitted
    if signed is None:
        return f"isi lembar {row.id} yang diajukan tidak ada." if row.state not in FINAL else None  # `copies` says so
    if content(standing)["statements"] != json.loads(signed)["statements"]:
        return f"isi lembar {row.id} di daftar kerja berbeda dari yang diajukan atau ditetapkan."
    return None


COMPARISONS: tuple[tuple[str, Callable[[], Iterator[str | None]]], ...] = (
    ("Penetapan dalam riwayat", approvals),
    ("Salinan beku lembar yang ditetapkan", copies),
    ("Cetakan resmi", prints),
    ("Isi yang diajukan", contents),
    ("Lembar", sheets),
    *verifying.COMPARISONS,
    *of_talks.COMPARISONS,
)


def compare(name: str, records: Callable[[], Iterator[str | None]]) -> Compared:
    """Read all records of one kind; each answers with what is wrong with it, or None."""
    count, wrong = 0, 0
    told: list[str] = []
    for problem in records():
        count += 1
        if problem is not None:
            wrong += 1
            if len(told) < MOST_TOLD:
                told.append(f"{name}: {problem}")
    return Compared(name, count, tuple(told), wrong)
