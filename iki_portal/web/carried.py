"""What somebody typed, carried over a page that could not take it: an expired session, a stale form token."""

import json
from collections.abc import Iterable

from flask import request

#: Never carried: the token is what was wrong, passwords are typed again.
_LEFT_BEHIND = ("csrf_token", "password", "sandi", "tertunda")
#: Fields of the forms that open an account, whose names do not say that they are secrets.
_PASSWORDS = frozenset({"current", "new", "again", "code", "salt"})
FIELD_LIMIT = 5000


def carried_fields() -> list[tuple[str, str]]:
    """The posted fields in order, without tokens and passwords."""
    return [(name, value) for name, value in request.form.items(multi=True) if is_carried(name)][:FIELD_LIMIT]


def is_carried(name: str) -> bool:
    return name not in _PASSWORDS and not any(word in name for word in _LEFT_BEHIND)


def pack(fields: Iterable[tuple[str, str]]) -> str:
    return json.dumps(list(fields), ensure_ascii=False)


def unpack(text: str) -> list[tuple[str, str]]:
    """The fields of `pack`; an empty list for anything else."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(read, list):
        return []
    pairs = [tuple(pair) for pair in read[:FIELD_LIMIT] if isinstance(pair, list) and len(pair) == 2]
    return [(_writable(name), _writable(value)) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


def _writable(text: str) -> str:
    """Half a surrogate pair can be spelt in JSON, and be written to no page."""
    return text.encode("utf-8", "replace").decode()
