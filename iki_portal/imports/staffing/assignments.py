"""Assignments of a workbook: who holds which post from when to when.

One that stands keeps its person, its post and its kind; its days and its decree may be corrected; one that has not begun
may be cancelled (docs/decisions/0018-people-and-posts.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from iki_portal.domain.office import post_name
from iki_portal.domain.people import AssignmentKind, acting_title, bare_identifier
from iki_portal.imports.staffing.people import People
from iki_portal.imports.staffing.plan import Office, Planned, Standing, Values
from iki_portal.imports.staffing.structure import Structure
from iki_portal.imports.staffing.tabs import ASSIGNMENTS, POSTS

_TITLE, _AREA = POSTS.place("title"), POSTS.place("area")
_KEYS = tuple(ASSIGNMENTS.place(name) for name in ("employee", "post", "kind", "starts_on"))
_NEW = "Isi semula; untuk mengganti, akhiri penugasan ini dan tambahkan baris baru."


@dataclass(frozen=True, slots=True)
class Known:
    """The assignments of the portal, by number and by what tells them apart where no number is given."""

    by_number: Mapping[str, Standing]
    by_keys: Mapping[Values, Standing]

    @classmethod
    def of(cls, office: Office) -> "Known":
        cancelled = ASSIGNMENTS.place("cancelled")
        held = (each for each in office.assignments.values() if not each.values[cancelled])
        return cls(office.assignments, {keys_of(each.values): each for each in held})


def keys_of(values: Values) -> Values:
    """Who, which post, how, and since when."""
    return tuple(values[place] for place in _KEYS)


def find_assignment(row: Planned, people: People, structure: Structure, known: Known) -> None:
    """Which assignment the row is about, with its references resolved; a reference that leads nowhere is wrong."""
    _find_holder(row, people)
    post = row.get("post")
    if post and post not in structure.posts:
        row.object("post", f"Jabatan berkode “{post}” tidak ada di portal dan di buku kerja ini.", "Kode yang ada.")
    if row.get("cancelled"):
        row.put("ends_on", "")
    _find_standing(row, known)
    row.title = title_of(row.values, people, structure)


def _find_holder(row: Planned, people: People) -> None:
    number, identifier = row.get("employee"), bare_identifier(row.get("identifier"))
    key, found = people.key_named(number), people.by_identifier.get(identifier, "")
    if number and not key:
        row.object("employee", "Tidak ada pegawai dengan nomor ini.", "Nomor dari tab Pegawai; atau kosong, dan isi NIP-nya.")
    elif not number and not identifier and not _says_who(row):
        row.object("employee", "Pegawainya belum disebut.", "Nomor pegawai, atau NIP/NI PPPK.")
    elif identifier and not found and not key:
        row.object("identifier", "Tidak ada pegawai dengan nomor ini.", "NIP/NI PPPK seperti di tab Pegawai.")
    elif key and found and found != key:
        reason = f"Nomor ini milik {people.names[found]}, bukan {people.names[key]}."
        row.object("identifier", reason, "Nomor orang yang sama dengan Nomor pegawai.")
    row.put("employee", key or found)
    row.put("identifier", "")


def _says_who(row: Planned) -> bool:
    """Whether a cell that should name the person is wrong already; another complaint would only repeat it."""
    headings = {ASSIGNMENTS.read[ASSIGNMENTS.place(name)].heading for name in ("employee", "identifier")}
    return any(problem.column in headings for problem in row.problems)


def _find_standing(row: Planned, known: Known) -> None:
    """By its number; without one by person, post, kind and first day, so that a file applied twice changes nothing."""
    number = row.get("number")
    if not number:
        row.standing = None if row.get("cancelled") else known.by_keys.get(keys_of(row.values))
    else:
        row.standing = known.by_number.get(str(int(number))) if number.isdecimal() else None
        if row.standing is None:
            expected = "Nomor dari ekspor portal; kosong untuk penugasan baru."
            row.object("number", "Tidak ada penugasan dengan nomor ini.", expected)
    if row.standing:
        row.put("number", str(row.standing.id))


def title_of(values: Values, people: People, structure: Structure) -> str:
    """ "Rina, Plt. Kepala Bidang Mutasi" """
    employee, code, kind, _ = keys_of(values)
    post = structure.posts.get(code)
    title = post_name(post[_TITLE], post[_AREA]) if post else code
    return f"{people.names.get(employee, '–')}, {acting_title(AssignmentKind(kind), title) if kind else title}"


def check_assignment(row: Planned, today: date) -> None:
    if row.standing is None and row.get("cancelled"):
        row.object("cancelled", "Penugasan baru tidak dapat langsung dibatalkan.", "Kosong.")
    if row.get("ends_on") and row.get("ends_on") < row.get("starts_on"):
        row.object("ends_on", "Berakhir sebelum mulai.", "Hari yang sama dengan Mulai, atau sesudahnya.")
    if row.standing is not None:
        _check_change(row, row.standing, today)


def _check_change(row: Planned, standing: Standing, today: date) -> None:
    changes = set(row.changes)
    before = dict(zip((column.name for column in ASSIGNMENTS.read), standing.values, strict=True))
    for name, what in (("employee", "Pegawai"), ("post", "Jabatan"), ("kind", "Jenis")):
        if name in changes:
            row.object(name, f"{what} dari penugasan yang sudah ada tidak dapat diganti.", _NEW)
    if before["cancelled"]:
        row.object("cancelled", "Penugasan ini sudah dibatalkan dan tidak berubah lagi.", "Baris seperti pada ekspor.")
    elif row.get("cancelled"):
        if date.fromisoformat(before["starts_on"]) <= today:
            row.object("cancelled", "Penugasan yang sudah mulai tidak dapat dibatalkan.", "Kosong; isilah Sampai.")
        for name in sorted(changes & {"starts_on", "decree", "decree_on"}):
            row.object(name, "Penugasan yang dibatalkan tidak diubah selain itu.", "Isi semula.")
