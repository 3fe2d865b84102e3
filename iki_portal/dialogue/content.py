"""What a talk says, word for word: canonical text under its own SHA-256, which the history names."""

from collections.abc import Mapping
from typing import Any

from iki_portal.documents.paper import canonical, digest
from iki_portal.domain.dialogue import Side, TalkText

#: What is hashed of each of the two: the employee's id, name and title as they were when the talk was begun.
Parties = Mapping[Side, tuple[int, str, str]]


def body_of(sheet_id: int, parties: Parties, text: TalkText) -> str:
    """The talk as canonical JSON."""
    cells: dict[str, Any] = text._asdict()
    days = {name: cells[name].isoformat() if cells[name] else None for name in ("held_on", "follow_up_on")}
    people = {side.value: dict(zip(("id", "name", "title"), parties[side], strict=True)) for side in Side}
    return canonical({"sheet": sheet_id, **people, "text": cells | days})


def hash_of(sheet_id: int, parties: Parties, text: TalkText) -> str:
    return digest(body_of(sheet_id, parties, text))
