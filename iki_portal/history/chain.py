"""How one row of the history hangs on the row before it.

HMAC-SHA-256 with a key that lies outside the database: who can write to the tables still cannot forge a row. It proves
order and unchangedness, not that what was written was true, nor who sat at the keyboard.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from iki_portal.documents.paper import canonical

#: The hash "before" the first row.
BEGINNING = "0" * 64

#: Columns that the hash covers, in no particular order: canonical JSON sorts them.
COVERED = (
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


def row_hash(row: Mapping[str, Any], key: bytes) -> str:
    """The hash of a row given as `COVERED` column → value."""
    plain = {name: _plain(row[name]) for name in COVERED}
    return hmac.new(key, canonical(plain).encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
