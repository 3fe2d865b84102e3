"""Words of the office's trade: what looks misspelt or run together. Said, never mended: the office decides what it means."""

import re
from collections.abc import Iterator
from itertools import pairwise

TYPOS = {
    "penjurangan": "penjenjangan",
    "perjenjangan": "penjenjangan",
    "pension": "pensiun",
    "sekretarias": "sekretaris",
    "Difasilitas": "Difasilitasi",
    "apatur": "aparatur",
    "social": "sosial",
    "indek": "indeks",
    "pengolaan": "pengelolaan",
    "ijin": "izin",
    "karir": "karier",
    "PajakPajak": "Pajak-Pajak",
    "tugas tugas": "tugas-tugas",
    "Meningkatnya Fasilitas": "Meningkatnya Fasilitasi",
}
_INTENDED = {wrong.casefold(): right for wrong, right in TYPOS.items()}
_TYPO = re.compile(r"\b(?:" + "|".join(TYPOS) + r")\b", re.IGNORECASE | re.ASCII)
_MEASURES = ("Jumlah", "Persentase")
_JOINING = ("dan", "atau", "serta", "dengan", "per", "terhadap", "dari")


def typos_in(text: str) -> Iterator[tuple[str, str]]:
    """Each misspelt word once, with what was probably meant."""
    lowered = text.lower()
    if not any(wrong in lowered for wrong in _INTENDED):  # twenty times faster than the pattern, and nearly always so
        return
    for word in dict.fromkeys(match[0] for match in _TYPO.finditer(text)):
        yield word, _INTENDED[word.casefold()]


def second_phrase(indicator: str) -> str | None:
    """The measure that begins in the middle of an indicator, when nothing joins it to what stands before."""
    words = indicator.split(" ")
    for place, (before, word) in enumerate(pairwise(words), start=1):
        if word in _MEASURES and not (before.lower() in _JOINING or before.endswith((",", ";", ":", "/"))):
            return " ".join(words[place:])
    return None
