"""How one row of a chain hangs on the row before it.

HMAC-SHA-256 with a key that lies outside the database: who can write to the tables still cannot forge a row. It proves
order and unchangedness, not that what was written was true, nor who sat at the keyboard.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from iki_portal.documents.paper import canonical

#: The hash "before" the first row.
BEGINNING = "0" * 64
#: So many digits of a hash are an anchor: on paper, in a mail, in the name of a backup.
ANCHOR_LENGTH = 16

#: Columns of the history that the hash covers, in no particular order: canonical JSON sorts them.
HISTORY_COLUMNS = (
    "number",
    "at",
    "action",
    "year",
    "sheet_id",
    "revision",
    "from_state",
    "to_state",
    "actor_id",
    "actor_name",
    "subject_id",
    "acting_position_id",
    "acting_title",
    "acting_kind",
    "note",
    "rows",
    "sheet_version",
    "content_hash",
    "key_id",
    "previous_hash",
)
#: The same of the trail.
TRAIL_COLUMNS = (
    "number",
    "at",
    "action",
    "account_id",
    "actor_id",
    "actor_name",
    "acting_title",
    "place",
    "year",
    "sheet_id",
    "note",
    "content_hash",
    "key_id",
    "previous_hash",
)
#: Came later, so they are left out while empty: a row from before has the hash it had.
_LATER = frozenset({"subject_id"})


class Seal:
    """Hashes rows under one key, which is prepared once."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def hash_of(self, row: Mapping[str, Any]) -> str:
        """The hash of a row given as column → value, with the covered columns of its chain and no others."""
        keyed = self._keyed.copy()
        keyed.update(canonical(_plain(row)).encode())
        return keyed.hexdigest()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    plain = {name: value for name, value in row.items() if value is not None or name not in _LATER}
    plain["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return plain
