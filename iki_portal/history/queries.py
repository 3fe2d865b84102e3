"""Reading history: a sheet's timeline, and whether the whole chain still holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, select

from iki_portal.extensions import db
from iki_portal.history.chain import BEGINNING, COVERED, row_hash
from iki_portal.models import HistoryEntry, HistoryHead
from iki_portal.models.parameters import IDS

_VERIFY_STEP = 2000


@cache
def _of_sheets() -> Select[*tuple[Any, ...]]:
    return (
        select(HistoryEntry.__table__)
        .where(HistoryEntry.sheet_id.in_(IDS))
        .order_by(HistoryEntry.sheet_id, HistoryEntry.number)
    )


def of_sheets(sheet_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Rows of each sheet, oldest first; columns as in `HistoryEntry`."""
    entries: dict[int, list[Row[Any]]] = {sheet_id: [] for sheet_id in sheet_ids}
    for row in db.session.execute(_of_sheets(), {"ids": list(sheet_ids)}):
        entries[row.sheet_id].append(row)
    return entries


@dataclass(frozen=True, slots=True)
class Verified:
    """How many rows were read, and what is wrong with the first bad one ("" when the chain is whole)."""

    rows: int
    problem: str

    @property
    def is_whole(self) -> bool:
        return not self.problem


@cache
def _whole_chain() -> Select[*tuple[Any, ...]]:
    columns = (HistoryEntry.__table__.c[name] for name in (*COVERED, "hash"))
    return select(*columns).order_by(HistoryEntry.number)


def verify(keys: Mapping[str, bytes]) -> Verified:
    """Recompute the chain from its first row to its head."""
    previous, count = BEGINNING, 0
    stream = db.session.execute(_whole_chain(), execution_options={"yield_per": _VERIFY_STEP})
    for row in stream:
        count += 1
        if problem := _row_problem(row._mapping, count, previous, keys):
            stream.close()
            return Verified(count, problem)
        previous = row.hash
    head = db.session.execute(select(HistoryHead.number, HistoryHead.hash)).one()
    if (head.number, head.hash) != (count, previous):
        return Verified(count, f"the head stands at row {head.number}, the last row is {count}")
    return Verified(count, "")


def _row_problem(row: Mapping[Any, Any], number: int, previous: str, keys: Mapping[str, bytes]) -> str:
    if row["number"] != number:
        return f"row {number} is missing"
    if row["previous_hash"] != previous:
        return f"row {number} does not follow the row before it"
    if row["key_id"] not in keys:
        return f"row {number} was signed with an unknown key {row['key_id']}"
    if row["hash"] != row_hash(row, keys[row["key_id"]]):
        return f"row {number} was changed"
    return ""
