"""The name of a file that somebody sent, as pages may show it."""

import unicodedata

LONGEST_NAME = 120
NAMELESS = "berkas tanpa nama"


def shown_name(given: str) -> str:
    """The last part of the path, without controls and marks that turn the writing around; a long one keeps its ending."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    readable = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in last)
    name = " ".join(readable.split())
    if not name.strip("."):
        return NAMELESS
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"….{ending}" if dot and stem and len(ending) <= 10 else "…"
    return name[: LONGEST_NAME - len(tail)] + tail
