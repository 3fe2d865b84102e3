"""Reading history: the timeline of a sheet."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, select

from iki_portal.extensions import db
from iki_portal.models import HistoryEntry
from iki_portal.models.parameters import IDS


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
