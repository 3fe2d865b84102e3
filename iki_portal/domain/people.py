"""People as the office writes them: identifiers, ranks, degrees, and the capacity somebody acts in.

Sources: the layout of the NIP (18 figures: day of birth, month of appointment, sex, serial), the table of pangkat and
golongan of civil servants, PP 49/2018 for PPPK. An identifier is checked to help, never to block: the decree is right.
"""

import re
from datetime import date
from enum import StrEnum

from iki_portal.domain.errors import Invalid


class EmployeeKind(StrEnum):
    PNS = "pns"
    PPPK = "pppk"
    OTHER = "other"


class AssignmentKind(StrEnum):
    DEFINITIVE = "definitive"
    PLT = "plt"
    PLH = "plh"


EMPLOYEE_KIND_WORDS = {
    EmployeeKind.PNS: "PNS",
    EmployeeKind.PPPK: "PPPK",
    EmployeeKind.OTHER: "Lainnya",
}
ASSIGNMENT_KIND_WORDS = {
    AssignmentKind.DEFINITIVE: "Definitif",
    AssignmentKind.PLT: "Pelaksana tugas (Plt.)",
    AssignmentKind.PLH: "Pelaksana harian (Plh.)",
}
ACTING_PREFIXES = {
    AssignmentKind.DEFINITIVE: "",
    AssignmentKind.PLT: "Plt. ",
    AssignmentKind.PLH: "Plh. ",
}

#: Golongan/ruang → pangkat of a PNS, from the lowest to the highest.
RANKS = {
    "I/a": "Juru Muda",
    "I/b": "Juru Muda Tingkat I",
    "I/c": "Juru",
    "I/d": "Juru Tingkat I",
    "II/a": "Pengatur Muda",
    "II/b": "Pengatur Muda Tingkat I",
    "II/c": "Pengatur",
    "II/d": "Pengatur Tingkat I",
    "III/a": "Penata Muda",
    "III/b": "Penata Muda Tingkat I",
    "III/c": "Penata",
    "III/d": "Penata Tingkat I",
    "IV/a": "Pembina",
    "IV/b": "Pembina Tingkat I",
    "IV/c": "Pembina Utama Muda",
    "IV/d": "Pembina Utama Madya",
    "IV/e": "Pembina Utama",
}
#: Golongan of a PPPK, from the lowest to the highest; they have no pangkat.
PPPK_GRADES = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
    *("X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII"),
)

IDENTIFIER_LENGTH = 18
#: The whole of an address, as far as a form can see.
EMAIL_SHAPE = r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"
_FIRST_BIRTH_YEAR = 1940
_FIRST_PPPK_YEAR = 2019
_YOUNGEST, _OLDEST = 16, 65  # years of age at appointment, generous on both sides


def bare_identifier(text: str) -> str:
    """The identifier without the spaces, dots and hyphens that people group it with."""
    return re.sub(r"[\s.-]", "", text)


def format_identifier(identifier: str) -> str:
    """19850101 201001 1 001; what does not have 18 figures is shown as it is."""
    bare = bare_identifier(identifier)
    if not _has_the_figures(bare):
        return identifier.strip()
    return f"{bare[:8]} {bare[8:14]} {bare[14]} {bare[15:]}"


def check_identifier(kind: EmployeeKind, digits: str) -> tuple[str, ...]:
    """What looks wrong in a NIP or NI PPPK, one sentence each; nothing for an empty one or for people without one."""
    bare = bare_identifier(digits)
    if kind is EmployeeKind.OTHER or not bare:
        return ()
    if not _has_the_figures(bare):
        name = "NIP" if kind is EmployeeKind.PNS else "NI PPPK"
        return (f"{name} terdiri atas {IDENTIFIER_LENGTH} angka, misalnya 19850101 201001 1 001; ini {_counted(bare)}.",)
    born = _day(bare[:8])
    warnings = (
        _birth_warning(born),
        _age_warning(born, int(bare[8:12])),
        _appointment_warning(kind, bare[8:12], bare[12:14]),
        "" if bare[14] in "12" else f"Angka ke-15 menyatakan jenis kelamin: 1 pria, 2 wanita; ini {bare[14]}.",
    )
    return tuple(warning for warning in warnings if warning)


def full_name(name: str, degrees_before: str = "", degrees_after: str = "") -> str:
    """Dr. X, S.Sos., M.Si."""
    before, after = degrees_before.strip(" ,"), degrees_after.strip(" ,")
    named = f"{before} {name.strip()}".strip()
    return f"{named}, {after}" if after else named


def parse_rank(kind: EmployeeKind, text: str) -> str:
    """The golongan in its one spelling ("IV/A", "iv / a" → "IV/a"; "ix" → "IX"); `Invalid` for one that does not exist.

    People who are neither PNS nor PPPK have no table: what is given for them stays as it is.
    """
    typed = re.sub(r"\s", "", text)
    if kind is EmployeeKind.OTHER:
        return text.strip()
    if kind is EmployeeKind.PPPK:
        if typed.upper() in PPPK_GRADES:
            return typed.upper()
        raise Invalid("Golongan PPPK ditulis dengan angka Romawi I sampai XVII, misalnya IX.")
    group, mark, room = typed.partition("/")
    code = f"{group.upper()}{mark}{room.lower()}"
    if code in RANKS:
        return code
    raise Invalid("Golongan PNS ditulis dari I/a sampai IV/e, misalnya III/c.")


def format_rank(kind: EmployeeKind, code: str | None) -> str:
    """Pembina, IV/a for a PNS; Golongan IX for a PPPK, who has no pangkat; nothing while it is not known.

    A code outside the tables is shown as it is: `parse_rank` refuses it on entry, a page must not fall over it.
    """
    rank = (code or "").strip()
    if kind is EmployeeKind.PNS and rank in RANKS:
        return f"{RANKS[rank]}, {rank}"
    return f"Golongan {rank}" if kind is EmployeeKind.PPPK and rank in PPPK_GRADES else rank


def acting_title(kind: AssignmentKind, title: str) -> str:
    """Plt. Kepala Bidang X, Plh. Kepala Bidang X, or the bare title for its definitive holder."""
    return f"{ACTING_PREFIXES[kind]}{title}"


def _has_the_figures(bare: str) -> bool:
    return re.fullmatch(rf"[0-9]{{{IDENTIFIER_LENGTH}}}", bare) is not None


def _counted(bare: str) -> str:
    figures = len(re.findall("[0-9]", bare))
    return f"{figures} angka" if figures == len(bare) else f"{figures} angka dan {len(bare) - figures} tanda lain"


def _day(figures: str) -> date | None:
    try:
        return date(int(figures[:4]), int(figures[4:6]), int(figures[6:8]))
    except ValueError:
        return None


def _birth_warning(born: date | None) -> str:
    if born is None:
        return "Delapan angka pertama seharusnya tanggal lahir (tahun, bulan, tanggal), misalnya 19850101."
    if born.year < _FIRST_BIRTH_YEAR:
        return f"Tahun lahir {born.year} tampaknya keliru; periksa empat angka pertama."
    return ""


def _age_warning(born: date | None, appointed_year: int) -> str:
    age = _YOUNGEST if born is None else appointed_year - born.year
    if _YOUNGEST <= age <= _OLDEST:
        return ""
    return f"Tahun pengangkatan {appointed_year} tidak cocok dengan tahun lahir; periksa angka ke-1 sampai ke-12."


def _appointment_warning(kind: EmployeeKind, year: str, month: str) -> str:
    if kind is EmployeeKind.PPPK:  # figures 13 and 14 are no month here
        early = int(year) < _FIRST_PPPK_YEAR
        return (
            f"PPPK baru diangkat sejak {_FIRST_PPPK_YEAR}; nomor ini memuat tahun {year}. Apakah ini NIP PNS?" if early else ""
        )
    if 1 <= int(month) <= 12:
        return ""
    return f"Angka ke-13 dan ke-14 pada NIP PNS adalah bulan pengangkatan (01 sampai 12); ini {month}. Apakah ini NI PPPK?"
