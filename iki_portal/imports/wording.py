"""How the items of a list end, and whether one holds two."""

import re

_SECOND_ITEM = re.compile(r"; (?:dan )?(?=\w{4,})")


def holds_two_items(item: str) -> bool:
    return _SECOND_ITEM.search(item) is not None


def ends_properly(item: str) -> bool:
    """An item ends in ";", "." or, before the last one, in "; dan"."""
    return item.endswith((";", ".", ":", "; dan", "; atau"))
