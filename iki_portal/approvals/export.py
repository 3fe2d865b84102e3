"""Sheets of a year as plain data, for the command line: what stands, never what might be meant."""

from datetime import date
from typing import Any

from sqlalchemy import Row

from iki_portal.approvals.content import frozen_papers
from iki_portal.approvals.queries import year_export
from iki_portal.documents.paper import PaperIndicator
from iki_portal.domain.workflow import FINAL
from iki_portal.history.queries import of_sheets
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet


def exported_sheets(year: int, *, on: date) -> list[dict[str, Any]]:
    """All sheets of `year` in document order, each revision by itself; approved ones from their frozen copies."""
    sheets = year_export(year, on=on)
    standing = papers([sheet.id for sheet in sheets if sheet.state not in FINAL])
    frozen = frozen_papers([sheet.id for sheet in sheets if sheet.state in FINAL])
    history = of_sheets([sheet.id for sheet in sheets])
    return [_sheet(sheet, standing.get(sheet.id) or frozen[sheet.id], history[sheet.id]) for sheet in sheets]


def _sheet(sheet: SeenSheet, paper: Any, history: list[Row[Any]]) -> dict[str, Any]:
    route = sheet.route
    return {
        "heading": paper.heading,
        "position": paper.position,
        "unit": paper.unit,
        "main_duty": paper.main_duty,
        "duties": list(paper.duties),
        "functions": list(paper.functions),
        "statements": [
            {
                "number": statement.number,
                "text": statement.text,
                "indicators": [_indicator(each) for each in statement.indicators],
            }
            for statement in paper.statements
        ],
        "state": sheet.state,
        "revision": sheet.revision,
        "owner": route.owner.title,
        "reviewer": route.reviewer.title if route.reviewer else None,
        "approver": route.approver.title,
        "history": [_entry(row) for row in history],
    }


def _number(value: Any) -> int | float | None:
    """A JSON number; whole ones without a decimal point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _indicator(indicator: PaperIndicator) -> dict[str, Any]:
    return {
        "text": indicator.text or None,
        "formula": indicator.formula or None,
        "source": indicator.source or None,
        "unit_of_measure": indicator.unit_of_measure or None,
        "polarity": indicator.polarity,
        "aggregation": indicator.aggregation,
        "target": _number(indicator.target),
        "target_upper": _number(indicator.target_upper),
        "quarters": [_number(value) for value in indicator.quarters],
        "baseline": _number(indicator.baseline),
        "justification": indicator.justification or None,
        "sub_kegiatan_code": indicator.sub_kegiatan_code or None,
        "numerator": indicator.numerator or None,
        "denominator": indicator.denominator or None,
        "population": indicator.population or None,
        "record": indicator.record or None,
        "cut_off": indicator.cut_off or None,
    }


def _entry(row: Row[Any]) -> dict[str, Any]:
    return {
        "step": row.action,
        "from": row.from_state,
        "to": row.to_state,
        "by": row.actor_name,
        "acting_as": row.acting_title or None,
        "at": row.at.isoformat(timespec="seconds"),
        "note": row.note or None,
    }
