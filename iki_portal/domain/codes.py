"""Numbers and codes on an approved print.

A code has no letters or figures that look alike on paper or are heard alike on the telephone (0/O, 1/I/L, 2/Z, 5/S, 8/B,
U/V), so that whoever types it from a print is understood. Twelve of 22 signs: 53 bits, far beyond guessing under the limit
of the page that checks them.
"""

import secrets

ALPHABET = "34679ACDEFGHJKMNPQRTWX"
GROUPS, GROUP_LENGTH = 3, 4
_LENGTH = GROUPS * GROUP_LENGTH


def new_code() -> str:
    """A fresh one: "ACDE-FGHJ-KMNP"."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(_LENGTH)))


def read_code(typed: str) -> str | None:
    """The code that was typed, however it was grouped or capitalised; None for what cannot be one."""
    bare = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(bare) != _LENGTH or any(sign not in ALPHABET for sign in bare):
        return None
    return _grouped(bare)


def register_number(year: int, place: int) -> str:
    """ "2027-0007": the seventh sheet approved for 2027; longer, not wrong, beyond 9999."""
    return f"{year}-{place:04d}"


def report_register(year: int, quarter: int, place: int | None) -> str:
    """ "2027-TW1-0007": the seventh report of that quarter that was verified; without a place, how all of them begin."""
    return f"{year}-TW{quarter}-" + (f"{place:04d}" if place is not None else "")


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + GROUP_LENGTH] for start in range(0, _LENGTH, GROUP_LENGTH))
