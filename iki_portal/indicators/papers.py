"""What stands on sheets now, as papers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, select

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.domain.drafts import CELLS, IndicatorProposal, StatementProposal
from iki_portal.domain.office import DutyKind
from iki_portal.domain.targets import QUARTER_FIELDS
from iki_portal.extensions import db
from iki_portal.models import Indicator, Position, PositionDuty, Sheet, Statement, Unit
from iki_portal.models.parameters import IDS


@cache
def _heads() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Sheet.id,
            Sheet.year,
            Sheet.revision,
            Sheet.heading,
            Sheet.position_id,
            Position.title,
            Position.main_duty,
            Unit.name.label("unit"),
        )
        .join(Position, Position.id == Sheet.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(Sheet.id.in_(IDS))
    )


def papers(sheet_ids: Sequence[int]) -> dict[int, Paper]:
    """What stands on those sheets now, from the tables; three statements for any number of sheets."""
    head = db.session.execute(_heads(), {"ids": list(sheet_ids)}).all()
    duties = _duties({row.position_id for row in head})
    statements = _statements(sheet_ids)
    return {
        row.id: Paper(
            year=row.year,
            revision=row.revision,
            heading=row.heading,
            position=row.title,
            unit=row.unit,
            main_duty=row.main_duty,
            duties=tuple(duties[row.position_id, DutyKind.DUTY]),
            functions=tuple(duties[row.position_id, DutyKind.FUNCTION]),
            statements=tuple(statements[row.id]),
        )
        for row in head
    }


@cache
def _duty_lines() -> Select[*tuple[Any, ...]]:
    return (
        select(PositionDuty.position_id, PositionDuty.kind, PositionDuty.text)
        .where(PositionDuty.position_id.in_(IDS))
        .order_by(PositionDuty.position_id, PositionDuty.order)
    )


def _duties(position_ids: Iterable[int]) -> dict[tuple[int, DutyKind], list[str]]:
    lines: dict[tuple[int, DutyKind], list[str]] = defaultdict(list)
    for row in db.session.execute(_duty_lines(), {"ids": list(position_ids)}):
        lines[row.position_id, row.kind].append(row.text)
    return lines


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Statement.sheet_id,
            Statement.id.label("statement_id"),
            Statement.number,
            Statement.text.label("statement_text"),
            Indicator.id,
            Indicator.text,
            Indicator.formula,
            Indicator.source,
            Indicator.unit_of_measure,
            Indicator.polarity,
            Indicator.aggregation,
            Indicator.target,
            Indicator.target_upper,
            Indicator.quarter_1,
            Indicator.quarter_2,
            Indicator.quarter_3,
            Indicator.quarter_4,
            Indicator.baseline,
            Indicator.justification,
            Indicator.sub_kegiatan_code,
            Indicator.numerator,
            Indicator.denominator,
            Indicator.population,
            Indicator.record,
            Indicator.cut_off,
        )
        .outerjoin(Indicator, Indicator.statement_id == Statement.id)
        .where(Statement.sheet_id.in_(IDS))
        .order_by(Statement.sheet_id, Statement.number, Indicator.order)
    )


def _statements(sheet_ids: Sequence[int]) -> dict[int, list[PaperStatement]]:
    rows: dict[int, tuple[Row[Any], list[PaperIndicator]]] = {}
    for row in db.session.execute(_rows(), {"ids": list(sheet_ids)}):
        _, indicators = rows.setdefault(row.statement_id, (row, []))
        if row.id is not None:
            indicators.append(_paper_indicator(row))
    sheets: dict[int, list[PaperStatement]] = defaultdict(list)
    for first, indicators in rows.values():
        sheets[first.sheet_id].append(PaperStatement(first.statement_id, first.number, first.statement_text, tuple(indicators)))
    return sheets


def _paper_indicator(row: Row[Any]) -> PaperIndicator:
    return PaperIndicator(
        id=row.id,
        text=row.text,
        formula=row.formula,
        source=row.source,
        unit_of_measure=row.unit_of_measure,
        polarity=row.polarity,
        aggregation=row.aggregation,
        target=row.target,
        target_upper=row.target_upper,
        quarters=(row.quarter_1, row.quarter_2, row.quarter_3, row.quarter_4),
        baseline=row.baseline,
        justification=row.justification,
        sub_kegiatan_code=row.sub_kegiatan_code,
        numerator=row.numerator,
        denominator=row.denominator,
        population=row.population,
        record=row.record,
        cut_off=row.cut_off,
    )


def rows_on(paper: Paper) -> tuple[StatementProposal, ...]:
    """The rows of a paper, as rows to be written: what the editor opens with, and what a new revision begins with."""
    return tuple(
        StatementProposal(id=row.id, text=row.text, indicators=tuple(_proposal(each) for each in row.indicators))
        for row in paper.statements
    )


def _proposal(indicator: PaperIndicator) -> IndicatorProposal:
    cells: dict[str, Any] = {name: getattr(indicator, name) for name in CELLS if name not in QUARTER_FIELDS}
    cells |= dict(zip(QUARTER_FIELDS, indicator.quarters, strict=True))
    return IndicatorProposal(id=indicator.id, **cells)
