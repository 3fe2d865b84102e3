"""Numbers and words in addresses."""

from flask import request

from iki_portal.models.columns import LARGEST_ID

MOST_PAGES = 10_000
LONGEST_SEARCH = 100


def page_number() -> int:
    """`?halaman=3`; anything that is no page is the first one."""
    number = request.args.get("halaman", 1, type=int)
    return min(max(number, 1), MOST_PAGES)


def search_words(name: str = "cari") -> str:
    """`?cari=mutasi`, without NUL, which PostgreSQL refuses."""
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def chosen_id(name: str) -> int | None:
    """`?unit=3`, or the field of that name; anything that cannot be an id chooses nothing."""
    number = request.values.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None
