"""Rows of history as pages tell them (templates/components/timeline.html)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from iki_portal.domain.dates import format_datetime
from iki_portal.web.labels import ACTION_LABELS, Label


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
    return Event(
        who=row.actor_name,
        sentence=label.word,
        capacity=f"sebagai {row.acting_title}" if row.acting_title else "",
        when=format_datetime(row.at),
        note=row.note,
        tone=label.tone,
        icon=label.icon,
        rows=tuple(f"Baris {pointer.split(':')[0]}" for pointer in row.rows.split()),
    )
