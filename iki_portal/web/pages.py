"""Page numbers in addresses."""

from flask import request

MOST_PAGES = 10_000


def page_number() -> int:
    """`?halaman=3`; anything that is no page is the first one."""
    number = request.args.get("halaman", 1, type=int)
    return min(max(number, 1), MOST_PAGES)
