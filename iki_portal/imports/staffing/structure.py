"""Units and posts of a workbook: what they refer to, what they are called, and that nobody is above oneself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iki_portal.domain.dates import format_date
from iki_portal.imports.staffing.plan import Office, Planned, Values
from iki_portal.imports.staffing.tabs import POSTS, UNITS, Shape

_UNIT_NAME = frozenset({"name", "short_name", "next_name", "next_short_name", "next_on"})
_POST_NAME = frozenset({"title", "area", "next_title", "next_area", "next_on"})


@dataclass(frozen=True, slots=True)
class Structure:
    """Units and posts by code as they would stand after the import."""

    today: date
    units: Mapping[str, Values]
    posts: Mapping[str, Values]
    #: The rows of the workbook by code.
    read_units: Mapping[str, Planned]
    read_posts: Mapping[str, Planned]
    #: The name of a unit → the codes of those that would be called so.
    unit_names: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, office: Office, units: Sequence[Planned], posts: Sequence[Planned]) -> "Structure":
        read_units = {row.get("code"): row for row in units if row.get("code")}
        read_posts = {row.get("code"): row for row in posts if row.get("code")}
        return cls(
            office.today,
            {code: each.values for code, each in office.units.items()} | {code: row.values for code, row in read_units.items()},
            {code: each.values for code, each in office.posts.items()} | {code: row.values for code, row in read_posts.items()},
            read_units,
            read_posts,
            _names(office, read_units),
        )


def _names(office: Office, read: Mapping[str, Planned]) -> dict[str, frozenset[str]]:
    names = {code: each.kept_name for code, each in office.units.items()}
    for code, row in read.items():
        if row.standing is None or _UNIT_NAME & set(row.changes):
            names[code] = row.get("name")
    found: dict[str, set[str]] = {}
    for code, name in names.items():
        found.setdefault(name, set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def check_unit(row: Planned, structure: Structure) -> None:
    _demand_known(row, ("superior",), structure.units, "Unit kerja")
    others = structure.unit_names.get(row.get("name"), frozenset()) - {row.get("code")}
    if others:
        row.object("name", f"Nama ini juga nama unit berkode {', '.join(sorted(others))}.", "Setiap unit bernama lain.")
    _check_next(row, structure, _UNIT_NAME, needed=("next_name", "next_short_name"))


def check_post(row: Planned, structure: Structure) -> None:
    _demand_known(row, ("unit",), structure.units, "Unit kerja")
    _demand_known(row, ("superior", "reviewer", "approver"), structure.posts, "Jabatan")
    if row.get("reviewer") and not row.get("approver"):
        row.object("approver", "Jabatan dengan pereviu memerlukan jabatan yang menetapkan.", "Kode jabatan yang menetapkan.")
    elif row.get("reviewer") and row.get("reviewer") == row.get("approver"):
        row.object("approver", "Pereviu dan yang menetapkan adalah jabatan yang sama.", "Dua jabatan, atau tanpa pereviu.")
    _check_next(row, structure, _POST_NAME, needed=("next_title",))


def _demand_known(row: Planned, names: Iterable[str], known: Mapping[str, Values], what: str) -> None:
    for name in names:
        code = row.get(name)
        if code and code not in known:
            row.object(name, f"{what} berkode “{code}” tidak ada di portal dan di buku kerja ini.", "Kode yang ada.")
        elif code and what == _what(row) and code == row.get("code"):
            row.object(name, "Ini kode baris itu sendiri.", "Kode yang lain.")


def _what(row: Planned) -> str:
    return "Unit kerja" if row.shape is UNITS else "Jabatan"


def _check_next(row: Planned, structure: Structure, block: frozenset[str], *, needed: tuple[str, ...]) -> None:
    """A later name has its day, and that day is still to come: a name that holds already is simply the name."""
    if row.standing and not block & set(row.changes):
        return
    later = [name for name in block if name.startswith("next_") and name != "next_on"]
    day = row.get("next_on")
    if not day:
        if any(row.get(name) for name in later):
            row.object("next_on", "Nama berikutnya ada, tetapi harinya tidak.", "Tanggal nama itu mulai berlaku.")
        return
    for name in needed:
        if not row.get(name):
            row.object(name, "Berlaku mulai terisi, tetapi nama berikutnya tidak.", "Nama yang berlaku sejak hari itu.")
    if date.fromisoformat(day) <= structure.today:
        row.object("next_on", "Hari ini sudah lewat atau hari ini juga.", _after(structure.today))


def _after(today: date) -> str:
    return f"Hari sesudah {format_date(today)}; nama yang sudah berlaku ditulis di kolom namanya."


def refuse_circles(structure: Structure) -> None:
    """Nobody is above oneself, however long the way round."""
    for shape, values, read in (
        (UNITS, structure.units, structure.read_units),
        (POSTS, structure.posts, structure.read_posts),
    ):
        for code in _in_circles(shape, values):
            row = read.get(code)
            if row is not None and row.get("superior") != code:
                row.object("superior", "Susunan ini berputar: atasannya berada di bawahnya sendiri.", "Kode yang di atasnya.")


def _in_circles(shape: Shape, values: Mapping[str, Values]) -> list[str]:
    place = shape.place("superior")
    done: set[str] = set()
    found: list[str] = []
    for start in values:
        way: dict[str, int] = {}
        code = start
        while code in values and code not in done and code not in way:
            way[code] = len(way)
            code = values[code][place]
        if code in way:
            found.extend(each for each, step in way.items() if step >= way[code])
        done.update(way)
    return found
