"""All rows of the database, to see whether something changed and what."""

import hashlib

from sqlalchemy import text

from iki_portal.extensions import Base, db

#: Differ between two runs of the same act: moments, tokens, and hashes over them.
OF_THE_MOMENT = frozenset({"hash", "previous_hash", "token_hash", "password_hash"})


def all_rows(*, but: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Every table's rows as text, sorted, without the columns of `but`; needs an app context."""
    found = {}
    for name, table in Base.metadata.tables.items():
        columns = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in but)
        found[name] = sorted(map(repr, db.session.execute(text(f'SELECT {columns} FROM "{name}"')).all()))  # noqa: S608
    db.session.rollback()
    return found


def lasting_rows() -> dict[str, list[str]]:
    """Every table's rows without what differs between two runs of the same act."""
    moments = {
        column.name for table in Base.metadata.tables.values() for column in table.columns if column.name.endswith("_at")
    }
    return all_rows(but=OF_THE_MOMENT | moments | {"at"})


def fingerprint() -> str:
    """One hash over every row of every table."""
    return hashlib.sha256(repr(all_rows()).encode()).hexdigest()
