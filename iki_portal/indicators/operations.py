"""Writing a draft: the owner changes texts, figures, order and rows of a sheet in one act."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from iki_portal.domain import policy
from iki_portal.domain.dates import format_datetime
from iki_portal.domain.errors import Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import (
    MAX_INDICATORS_PER_STATEMENT,
    MAX_STATEMENTS,
    TEXT_LIMIT,
    UNIT_LIMIT,
    Aggregation,
    Polarity,
)
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.sight import NOT_FOUND, SeenSheet
from iki_portal.models import Indicator, Sheet, Statement

ROW_TWICE = "Satu baris tercantum dua kali dalam kiriman ini. Muat ulang halaman, lalu coba lagi."


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorProposal:
    """An indicator as it shall stand; `id` is None for a new row."""

    id: int | None
    text: str = ""
    formula: str = ""
    source: str = ""
    unit_of_measure: str = ""
    polarity: Polarity | None = None
    aggregation: Aggregation | None = None
    target: Decimal | None = None
    target_upper: Decimal | None = None
    quarter_1: Decimal | None = None
    quarter_2: Decimal | None = None
    quarter_3: Decimal | None = None
    quarter_4: Decimal | None = None
    baseline: Decimal | None = None
    justification: str = ""
    sub_kegiatan_code: str = ""
    numerator: str = ""
    denominator: str = ""
    population: str = ""
    record: str = ""
    cut_off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProposal:
    """A statement and its indicators in their order; `id` is None for a new row."""

    id: int | None
    text: str = ""
    indicators: tuple[IndicatorProposal, ...] = ()


_CELLS = tuple(field.name for field in fields(IndicatorProposal) if field.name != "id")


def cells_of(row: IndicatorProposal) -> dict[str, Any]:
    """The cells of a row by the names of their columns."""
    return {name: getattr(row, name) for name in _CELLS}


def save_sheet(sheet: SeenSheet, rows: Sequence[StatementProposal], *, actor: Actor, seen: int, now: datetime) -> int:
    """Make the draft's rows equal to `rows`; returns the version that stands now (the same when nothing changed).

    Raises `WrongState` or `NotAllowed` when this person may not write now, `Outdated` when somebody has changed the sheet
    since version `seen`, `Invalid` beyond the limits, `NotFound` for a row of another sheet.
    """
    verdict = policy.may_write(actor, sheet, sheet.route)
    if not verdict:
        raise (NotAllowed if sheet.state is State.DRAFT else WrongState)(verdict.reason)
    return write_rows(sheet, rows, actor=actor, seen=seen, now=now)


def write_rows(sheet: SeenSheet, rows: Sequence[StatementProposal], *, actor: Actor, seen: int, now: datetime) -> int:
    """What `save_sheet` does once it is known that this person may; an import asks `policy.may_import` instead."""
    check_limits(rows)
    if sheet.version != seen:
        raise outdated(sheet)
    statements = list(
        db.session.scalars(
            select(Statement)
            .where(Statement.sheet_id == sheet.id)
            .options(selectinload(Statement.indicators))
            .order_by(Statement.number)
        )
    )
    if _same(statements, rows):
        return seen
    _take_version(sheet, seen=seen, actor=actor, now=now)
    _apply(sheet.id, statements, rows)
    db.session.flush()
    return seen + 1


def outdated(sheet: SeenSheet) -> Outdated:
    who = sheet.changed_by or "orang lain"
    return Outdated(f"Lembar ini sudah diubah {who} pada {format_datetime(sheet.changed_at)}, sesudah halaman Anda dibuka.")


def check_limits(rows: Sequence[StatementProposal]) -> None:
    """Raise `Invalid` for more rows, or longer texts, than a sheet can hold."""
    if len(rows) > MAX_STATEMENTS:
        raise Invalid(f"Satu lembar memuat paling banyak {MAX_STATEMENTS} kinerja.")
    for row in rows:
        if len(row.indicators) > MAX_INDICATORS_PER_STATEMENT:
            raise Invalid(f"Satu kinerja memuat paling banyak {MAX_INDICATORS_PER_STATEMENT} indikator.")
        texts = [row.text, *(text for each in row.indicators for text in (each.text, each.formula, each.source))]
        if any(len(text) > TEXT_LIMIT for text in texts):
            raise Invalid(f"Teks paling panjang {TEXT_LIMIT} huruf.")
        if any(len(each.unit_of_measure) > UNIT_LIMIT for each in row.indicators):
            raise Invalid(f"Satuan paling panjang {UNIT_LIMIT} huruf.")


def _same(statements: Sequence[Statement], rows: Sequence[StatementProposal]) -> bool:
    def cells(row: Any) -> tuple[Any, ...]:
        return (row.id, *(getattr(row, name) for name in _CELLS))

    standing = [(row.id, row.text, [cells(each) for each in row.indicators]) for row in statements]
    return standing == [(row.id, row.text, [cells(each) for each in row.indicators]) for row in rows]


def _take_version(sheet: SeenSheet, *, seen: int, actor: Actor, now: datetime) -> None:
    """One UPDATE decides who was first."""
    result = db.session.execute(
        update(Sheet)
        .where(Sheet.id == sheet.id, Sheet.state == State.DRAFT, Sheet.version == seen)
        .values(version=seen + 1, changed_at=now, changed_by=actor.name)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Lembar ini baru saja diubah orang lain.")


def _apply(sheet_id: int, statements: Sequence[Statement], rows: Sequence[StatementProposal]) -> None:
    known = {statement.id: statement for statement in statements}
    indicators = {each.id: each for statement in statements for each in statement.indicators}
    _demand_own_rows(rows, known.keys(), indicators.keys())
    kept = {row.id for row in rows}
    for number, row in enumerate(rows, start=1):
        statement = known[row.id] if row.id is not None else Statement(sheet_id=sheet_id, indicators=[])
        statement.number, statement.text = number, row.text
        db.session.add(statement)
        statement.indicators = [_indicator(each, order, indicators) for order, each in enumerate(row.indicators, start=1)]
    for statement in statements:
        if statement.id not in kept:
            db.session.delete(statement)


def _indicator(row: IndicatorProposal, order: int, known: dict[int, Indicator]) -> Indicator:
    indicator = known[row.id] if row.id is not None else Indicator()
    indicator.order = order
    for name, value in cells_of(row).items():
        setattr(indicator, name, value)
    return indicator


def _demand_own_rows(rows: Sequence[StatementProposal], statement_ids: Any, indicator_ids: Any) -> None:
    """Row ids come from a form: each must be a row of this sheet, and none twice."""
    given = [row.id for row in rows if row.id is not None]
    inner = [each.id for row in rows for each in row.indicators if each.id is not None]
    if not set(given) <= set(statement_ids) or not set(inner) <= set(indicator_ids):
        raise NotFound(NOT_FOUND)
    if len(set(given)) != len(given) or len(set(inner)) != len(inner):
        raise Invalid(ROW_TWICE)
