"""A post's year for documents: its sheet in force, and the verified reports of its quarters. Frozen copies alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from iki_portal.documents.measured_year import MeasuredYear, YearFacts, measured_year
from iki_portal.documents.paper import Paper, paper_of
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import ReportState, quarter_word
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import FrozenCopy, Position, Sheet
from iki_portal.realisation import copies
from iki_portal.realisation.desks import quarters_of
from iki_portal.realisation.queries import SeenReport
from iki_portal.realisation.windows import measuring_of, windows_of

#: A report from before copies were kept.
WITHOUT_A_COPY = "Terverifikasi, salinan belum ada"


def in_force_for(sheet: SeenSheet, *, on: date) -> SeenSheet:
    """The revision in force of the same post and year; the sheet itself, where it is that one."""
    if sheet.state is State.APPROVED:
        return sheet
    found = sheets_where(Sheet.position_id == sheet.position_id, Sheet.year == sheet.year, Sheet.state == State.APPROVED, on=on)
    return found[0] if found else sheet


def years_of(sheets: Sequence[SeenSheet], *, on: date) -> list[MeasuredYear]:
    """The year of each sheet in force, in their order; a few statements for any number."""
    if not sheets:
        return []
    year = sheets[0].year
    measuring, windows = measuring_of(year), windows_of(year)
    papers, states = _papers([each.id for each in sheets]), quarters_of(sheets)
    found = copies.reports_of_posts([each.position_id for each in sheets], year)
    codes = _codes([each.position_id for each in sheets])
    made = []
    for sheet in sheets:
        reports = found.get(sheet.position_id, {})
        seen = states[sheet.id]
        words = {each: quarter_word(seen[each].state, windows[each], on, other=seen[each].other_state) for each in QUARTERS}
        words |= {each: WITHOUT_A_COPY for each in QUARTERS if each not in reports and _is_verified(seen[each])}
        facts = YearFacts(
            position=sheet.name,
            unit=sheet.unit_name,
            paper=papers[sheet.id].paper,
            sheet_register=papers[sheet.id].register,
            states=words,
            holder=", ".join(each.name for each in sheet.route.owner.holders),
            code=codes[sheet.position_id],
        )
        made.append(measured_year(facts, reports, scale=measuring.scale, cap=measuring.cap))
    return made


def _is_verified(seen: SeenReport) -> bool:
    return ReportState.VERIFIED in (seen.state, seen.other_state)


@dataclass(frozen=True, slots=True)
class _FrozenPaper:
    paper: Paper
    register: str


def _papers(sheet_ids: Sequence[int]) -> Mapping[int, _FrozenPaper]:
    query = select(FrozenCopy.sheet_id, FrozenCopy.body, FrozenCopy.register).where(FrozenCopy.sheet_id.in_(sheet_ids))
    return {row.sheet_id: _FrozenPaper(paper_of(_data(row.body)), row.register or "") for row in db.session.execute(query)}


def _data(body: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body)
    return data


def _codes(position_ids: Sequence[int]) -> dict[int, str]:
    query = select(Position.id, Position.code).where(Position.id.in_(position_ids))
    return {row.id: row.code for row in db.session.execute(query)}
