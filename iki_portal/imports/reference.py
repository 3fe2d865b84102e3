"""Reads the reference list of indicators: tab-separated, a header, and for each indicator what was seen elsewhere.

Columns: `indicator`, `unit_of_measure`, `other_unit_seen`, `sub_kegiatan_code`, `evidence`. Nothing but `Invalid` leaves
this module.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from iki_portal.domain.errors import Invalid
from iki_portal.domain.evidence import Evidence
from iki_portal.domain.targets import TEXT_LIMIT, UNIT_LIMIT
from iki_portal.domain.units_of_measure import in_lower_case

COLUMNS = ("indicator", "unit_of_measure", "other_unit_seen", "sub_kegiatan_code", "evidence")
CODE_LIMIT = 30
LARGEST_LIST = 20 * 1024 * 1024
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
#: The list's words; a row of "none" has nothing to teach.
_EVIDENCE = {
    "exact: national sub-kegiatan nomenclature": Evidence.NATIONAL_EXACT,
    "near: national sub-kegiatan nomenclature": Evidence.NATIONAL_NEAR,
    "exact: another kabupaten's strategic plan": Evidence.PLAN_EXACT,
    "near: another kabupaten's strategic plan": Evidence.PLAN_NEAR,
    "rule: first words of the indicator": Evidence.RULE,
    "none": None,
}


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    text: str
    unit_of_measure: str
    sub_kegiatan_code: str
    evidence: Evidence


def read_reference_file(path: Path) -> list[ReferenceRow]:
    try:
        with path.open("rb") as file:
            return read_reference(file.read(LARGEST_LIST + 1))
    except OSError:
        raise Invalid(f"Berkas “{path.name}” tidak dapat dibuka.") from None


def read_reference(content: bytes) -> list[ReferenceRow]:
    """A row for each satuan seen with an indicator; the second satuan of a row is one more."""
    if len(content) > LARGEST_LIST:
        raise Invalid("Daftar acuan lebih besar dari 20 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("Daftar acuan bukan teks UTF-8.") from None
    if _NOT_TEXT.search(text):
        raise Invalid("Daftar acuan berisi data biner, bukan teks.")
    header, *lines = text.split("\n")
    if tuple(header.rstrip("\r").split("\t")) != COLUMNS:
        raise Invalid(f"Baris 1: kolom daftar acuan adalah {', '.join(COLUMNS)}.")
    return [row for number, line in enumerate(lines, start=2) if line.strip() for row in _rows(number, line)]


def _rows(number: int, line: str) -> Iterator[ReferenceRow]:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise Invalid(f"Baris {number}: ada {len(cells)} kolom, seharusnya {len(COLUMNS)}.")
    row = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
    if row["evidence"] not in _EVIDENCE:
        raise Invalid(f"Baris {number}: bukti “{row['evidence'][:60]}” tidak dikenal.")
    _demand_short(number, row)
    evidence = _EVIDENCE[row["evidence"]]
    if evidence is None:
        return
    units = (in_lower_case(row[name]) for name in ("unit_of_measure", "other_unit_seen"))
    for unit in [each for each in dict.fromkeys(units) if each] or [""]:
        yield ReferenceRow(row["indicator"], unit, row["sub_kegiatan_code"], evidence)


def _demand_short(number: int, row: Mapping[str, str]) -> None:
    limits = zip(COLUMNS, (TEXT_LIMIT, UNIT_LIMIT, UNIT_LIMIT, CODE_LIMIT), strict=False)
    for name, limit in limits:
        if len(row[name]) > limit:
            raise Invalid(f"Baris {number}: kolom {name} lebih panjang dari {limit} huruf.")
