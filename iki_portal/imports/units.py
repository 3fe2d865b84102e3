"""Which unit a sheet belongs to. The office's document never says: its "Unit Kerja" holds a post.

Where a line or a column names the unit beside the post, that is it. Otherwise it follows from the post itself, from a
heading "SUB BAGIAN …", from the chief above in the document, and at last from SUMBER DATA. When these contradict each
other for a post that names no unit, there is no unit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from iki_portal.imports.findings import quote

SECRETARIAT = "Sekretariat"
_ACTING = r"(?:Pl[th]\.? ?)?"
_CHIEF = re.compile(_ACTING + r"Kepala (?P<unit>(?:Sub Bagian|Bidang) .+)", re.IGNORECASE)
_OTHER_CHIEF = re.compile(_ACTING + r"Kepala\b.*", re.IGNORECASE)
_SECRETARY = re.compile(_ACTING + r"Sekretaris", re.IGNORECASE)
_UNIT_NAME = re.compile(r"(?:Bidang|Sub Bagian) .+|Sekretariat", re.IGNORECASE)
_SUB_SECTION = re.compile(r"SUB BAGIAN .+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DerivedUnit:
    """`because` says from what. The sheets below rest on a unit that `leads`, and not on a unit nobody could name."""

    name: str | None
    because: str
    leads: bool = False
    ends_the_order: bool = False
    is_written: bool = False

    def source(self) -> str:
        """What SUMBER DATA is expected to say: a Sub Bagian writes down its Sekretariat, other offices anything."""
        if self.name is None or self.is_written:
            return ""
        return SECRETARIAT if self.name.startswith("Sub Bagian") else self.name


@dataclass(frozen=True, slots=True)
class Above:
    unit: DerivedUnit
    line: int


def derive_unit(position: str, heading: str, sources: Sequence[str], above: Above | None) -> DerivedUnit:
    return _own_unit(position, heading) or _no_unit(position) or _unit_by_order(sources, above)


def written_unit(name: str, position: str) -> DerivedUnit:
    leads = _OTHER_CHIEF.fullmatch(position) is not None or _SECRETARY.fullmatch(position) is not None
    return DerivedUnit(name, "tulisan dokumen itu sendiri", leads=leads, is_written=True)


def is_unit_name(text: str) -> bool:
    return _UNIT_NAME.fullmatch(text) is not None


def heading_agrees(heading: str, position: str) -> bool:
    """A heading names the unit of a chief, the Sub Bagian of a staff member, or the post itself."""
    said, post = heading.casefold(), position.casefold()
    if said.startswith("bidang "):
        return post.endswith(f"kepala {said}")
    if said.startswith("sub bagian "):
        return not _CHIEF.fullmatch(position) or post.endswith(f"kepala {said}")
    return said == post


def _own_unit(position: str, heading: str) -> DerivedUnit | None:
    chief = _CHIEF.fullmatch(position)
    if chief:
        return DerivedUnit(_title_case_if_shouted(chief["unit"]), "jabatan itu sendiri", leads=True)
    if is_unit_name(position):
        return DerivedUnit(_title_case_if_shouted(position), "isian itu sendiri", leads=True)
    if _SUB_SECTION.fullmatch(heading):
        return DerivedUnit(_title_case(heading), "judul lembar", leads=True)
    if _SECRETARY.fullmatch(position):
        return DerivedUnit(SECRETARIAT, "jabatan itu sendiri", leads=True)
    return None


def _no_unit(position: str) -> DerivedUnit | None:
    """Owners about whom the order of the document says nothing either: the unit above is surely not theirs."""
    if not position:
        return DerivedUnit(None, "jabatan pemilik lembar tidak tertulis", ends_the_order=True)
    if _OTHER_CHIEF.fullmatch(position):
        return DerivedUnit(None, f"jabatan {quote(position)} memimpin unit yang tidak dikenal", ends_the_order=True)
    return None


def _unit_by_order(sources: Sequence[str], above: Above | None) -> DerivedUnit:
    said = {source for source in sources if is_unit_name(source)}
    only = said.pop() if len(said) == 1 else None
    if above is None:
        if only:
            return DerivedUnit(only, "kolom SUMBER DATA")
        return DerivedUnit(None, "tidak ada kepala bidang di atasnya dan SUMBER DATA tidak menyebut satu unit")
    if only and only.casefold() != above.unit.source().casefold():
        return DerivedUnit(None, f"urutan dokumen menunjuk {above.unit.name}, SUMBER DATA menunjuk {only}")
    return DerivedUnit(above.unit.name, f"pimpinan unit di atasnya (lembar pada baris {above.line})")


def _title_case_if_shouted(text: str) -> str:
    return _title_case(text) if text.isupper() else text


def _title_case(text: str) -> str:
    return " ".join("dan" if word.casefold() == "dan" else word.capitalize() for word in text.split())
