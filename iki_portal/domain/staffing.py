"""What becomes of a row of the organisation's workbook."""

from enum import StrEnum


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


FATE_WORDS = {
    Fate.NEW: "Baru",
    Fate.CHANGED: "Berubah",
    Fate.UNCHANGED: "Tidak berubah",
    Fate.WRONG: "Keliru",
}
