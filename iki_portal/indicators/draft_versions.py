"""A draft's rows at earlier versions: kept with each save, read when somebody saves from an older page or takes an act back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update

from iki_portal.domain.drafts import CELLS, IndicatorProposal, Rows, StatementProposal
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.extensions import db
from iki_portal.models import DraftVersion, Statement

#: Autosave makes one every few seconds of typing: enough for the pages open in two tabs.
KEPT = 60
MOST_UNDOABLE = 3
_WORDS: dict[str, type[Polarity] | type[Aggregation]] = {"polarity": Polarity, "aggregation": Aggregation}
_FIGURES = ("target", "target_upper", "quarter_1", "quarter_2", "quarter_3", "quarter_4", "baseline")


@dataclass(frozen=True, slots=True)
class UndoableAct:
    version: int
    name: str
    by: str
    at: datetime


def rows_of(statements: Iterable[Statement]) -> tuple[StatementProposal, ...]:
    """The stored rows of a sheet, as rows somebody could want."""
    return tuple(
        StatementProposal(
            id=row.id,
            text=row.text,
            indicators=tuple(
                IndicatorProposal(id=each.id, **{name: getattr(each, name) for name in CELLS}) for each in row.indicators
            ),
        )
        for row in statements
    )


def keep(sheet_id: int, version: int, rows: Rows, *, by: str, at: datetime, act: str = "") -> None:
    """Remember these rows as that version, and forget the oldest ones."""
    body = json.dumps([_plain(row) for row in rows], ensure_ascii=False, separators=(",", ":"))
    db.session.add(DraftVersion(sheet_id=sheet_id, version=version, body=body, saved_at=at, saved_by=by, act=act))
    old = delete(DraftVersion).where(DraftVersion.sheet_id == sheet_id, DraftVersion.version < version - KEPT)
    db.session.execute(old.execution_options(synchronize_session=False))


def rows_at(sheet_id: int, version: int) -> tuple[StatementProposal, ...] | None:
    """The rows that stood at that version; None when they are no longer kept."""
    query = (
        select(DraftVersion.body)
        .where(DraftVersion.sheet_id == sheet_id, DraftVersion.version <= version)
        .order_by(DraftVersion.version.desc())
        .limit(1)
    )
    body = db.session.scalar(query)
    return None if body is None else tuple(_row(row) for row in json.loads(body))


def is_kept(sheet_id: int) -> bool:
    return db.session.scalar(select(DraftVersion.version).where(DraftVersion.sheet_id == sheet_id).limit(1)) is not None


def undoable(sheet_id: int) -> list[UndoableAct]:
    """The newest acts that can be taken back, newest first."""
    query = (
        select(DraftVersion.version, DraftVersion.act, DraftVersion.saved_by, DraftVersion.saved_at)
        .where(DraftVersion.sheet_id == sheet_id, DraftVersion.act != "", DraftVersion.is_undone.is_(False))
        .order_by(DraftVersion.version.desc())
        .limit(MOST_UNDOABLE)
    )
    return [UndoableAct(row.version, row.act, row.saved_by, row.saved_at) for row in db.session.execute(query)]


def _plain(row: StatementProposal) -> dict[str, Any]:
    return {"id": row.id, "text": row.text, "indicators": [_plain_indicator(each) for each in row.indicators]}


def _plain_indicator(row: IndicatorProposal) -> dict[str, Any]:
    """Without what is empty; a figure as text, so that it stays exact."""
    cells = {name: getattr(row, name) for name in CELLS}
    kept = {name: str(value) for name, value in cells.items() if value not in (None, "")}
    return {"id": row.id, **kept}


def _row(data: dict[str, Any]) -> StatementProposal:
    return StatementProposal(
        id=data["id"], text=data["text"], indicators=tuple(_indicator(each) for each in data["indicators"])
    )


def _indicator(data: dict[str, Any]) -> IndicatorProposal:
    cells: dict[str, Any] = {name: value for name, value in data.items() if name not in (*_WORDS, *_FIGURES)}
    cells |= {name: kind(data[name]) for name, kind in _WORDS.items() if name in data}
    return IndicatorProposal(**cells | {name: Decimal(data[name]) for name in _FIGURES if name in data})


def mark_undone(sheet_id: int, version: int) -> None:
    done = update(DraftVersion).where(DraftVersion.sheet_id == sheet_id, DraftVersion.version == version)
    db.session.execute(done.values(is_undone=True).execution_options(synchronize_session=False))
