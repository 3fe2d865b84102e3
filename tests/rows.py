"""All rows of the database, to see whether something changed and what."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from iki_portal.extensions import Base, db

#: Differ between two runs of the same act at the same moment: drawn by lot.
BY_LOT = frozenset({"token_hash", "password_hash", "activation_hash", "code_hash"})

#: What a refusal and a download leave, also those of a GET (docs/decisions/0029).
TRAIL = frozenset({"trail_event", "trail_head"})


def all_rows(*, but: frozenset[str] = frozenset(), of: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[str]]:
    """Every table's (or those tables' and columns' of `of`) rows as text, sorted, without the columns of `but`.

    Needs an app context.
    """
    found = {}
    of = {name: table.columns.keys() for name, table in Base.metadata.tables.items()} if of is None else of
    for name, names in of.items():
        columns = ", ".join(f'"{column}"' for column in names if column not in but)
        found[name] = sorted(map(repr, db.session.execute(text(f'SELECT {columns} FROM "{name}"')).all()))  # noqa: S608
    db.session.rollback()
    return found


def fingerprint() -> str:
    """One hash over every row of every table but the trail's."""
    tables = {name: table.columns.keys() for name, table in Base.metadata.tables.items() if name not in TRAIL}
    return hashlib.sha256(repr(all_rows(of=tables)).encode()).hexdigest()
