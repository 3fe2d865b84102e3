"""Rows of history as pages tell them (templates/components/timeline.html)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from iki_portal.domain.dates import format_datetime
from iki_portal.domain.quarters import told_apart
from iki_portal.domain.realisation import ReportStep
from iki_portal.web.labels import ACTION_LABELS, Label

_OF_REPORTS = frozenset(step.value for step in ReportStep)


@dataclass(frozen=True, slots=True)
class Event:
    who: str
    sentence: str
    capacity: str
    when: str
    note: str
    tone: str
    icon: str
    rows: tuple[str, ...]


def event_of(row: Row[Any]) -> Event:
    label: Label = ACTION_LABELS[row.action]
    quarter, note = told_apart(row.note) if row.action in _OF_REPORTS else ("", row.note)
    return Event(
        who=row.actor_name,
        sentence=f"{label.word}, {quarter}" if quarter else label.word,
        capacity=f"sebagai {row.acting_title}" if row.acting_title else "",
        when=format_datetime(row.at),
        note=note,
        tone=label.tone,
        icon=label.icon,
        rows=tuple(f"Baris {pointer.split(':')[0]}" for pointer in row.rows.split()),
    )
