"""Employees of a workbook: who they are, and whose number is whose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import (
    EMAIL_SHAPE,
    IDENTIFIER_LENGTH,
    EmployeeKind,
    bare_identifier,
    check_identifier,
    full_name,
    parse_rank,
)
from iki_portal.imports.staffing.plan import Office, Planned, Standing
from iki_portal.imports.staffing.tabs import EMPLOYEES

#: Marks somebody new who has no NIP yet, so that an assignment can name them: "baru 1".
_MARK = re.compile(r"baru\b.*", re.IGNORECASE)
_NUMBER = EMPLOYEES.place("identifier")


@dataclass
class People:
    """Everybody by key: the portal's number, or, of somebody new, "+" and the row of the workbook."""

    standing: Mapping[str, Standing]
    by_identifier: dict[str, str]
    names: dict[str, str]
    #: Everybody of the portal who has no NIP: name → number.
    nameless: dict[str, str]
    by_mark: dict[str, str] = field(default_factory=dict)
    #: A number → the keys of those who would have it after the import.
    owners: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, office: Office) -> "People":
        by_identifier = {bare_identifier(each.values[_NUMBER]): key for key, each in office.employees.items()}
        by_identifier.pop("", None)
        names = {key: each.title for key, each in office.employees.items()}
        nameless = {each.title: key for key, each in office.employees.items() if not each.values[_NUMBER]}
        return cls(office.employees, by_identifier, names, nameless)

    @staticmethod
    def key_of(row: Planned) -> str:
        return str(row.standing.id) if row.standing else f"+{row.number}"

    def key_named(self, number: str) -> str:
        """Whom a number of the portal, or the mark of somebody new, means; "" when nobody."""
        key = str(int(number)) if number.isdecimal() else self.by_mark.get(number.casefold(), "")
        return key if key in self.names else ""

    def take(self, rows: Sequence[Planned]) -> None:
        """Let assignments find the people of the workbook, too, and see whose number is whose afterwards."""
        after = {key: bare_identifier(each.values[_NUMBER]) for key, each in self.standing.items()}
        for row in rows:
            key = self.key_of(row)
            after[key] = bare_identifier(row.get("identifier"))
            self.names[key] = row.title
            if row.standing is None and row.get("number"):
                self.by_mark[row.get("number").casefold()] = key
        for key, identifier in after.items():
            if identifier:
                self.owners.setdefault(identifier, []).append(key)
        self.by_identifier |= {identifier: keys[0] for identifier, keys in self.owners.items()}


def find_person(row: Planned, people: People) -> None:
    """Whom the row is about, and its texts as the portal writes them."""
    _tidy(row)
    row.title = full_name(row.get("name"), row.get("degrees_before"), row.get("degrees_after"))
    number = row.get("number")
    if number.isdecimal():
        row.standing = people.standing.get(str(int(number)))
        if row.standing is None:
            row.object("number", "Tidak ada pegawai dengan nomor ini.", "Nomor dari ekspor portal; kosong untuk pegawai baru.")
    elif number and not _MARK.fullmatch(number):
        expected = "Nomor dari ekspor portal; kosong, atau “baru 1” dan seterusnya, untuk pegawai baru."
        row.object("number", "Ini bukan nomor pegawai.", expected)
    else:
        row.standing = people.standing.get(people.by_identifier.get(bare_identifier(row.get("identifier")), ""))
    if row.standing:
        row.put("number", str(row.standing.id))


def _tidy(row: Planned) -> None:
    kind = row.get("kind")
    if kind and kind != EmployeeKind.OTHER:
        row.put("identifier", bare_identifier(row.get("identifier")))
    if kind and row.get("rank"):
        try:
            row.put("rank", parse_rank(EmployeeKind(kind), row.get("rank")))
        except Invalid:
            return  # said by `check_person`, unless the portal has it already


def check_person(row: Planned, people: People) -> None:
    asked = set(row.changes) if row.standing else {column.name for column in row.shape.read}
    if asked & {"identifier", "kind"}:
        _check_number(row, people)
    if asked & {"rank", "kind"} and row.get("rank"):
        try:
            parse_rank(EmployeeKind(row.get("kind")), row.get("rank"))
        except Invalid as problem:
            row.object("rank", "Golongan ini tidak ada.", str(problem))
    if "email" in asked and row.get("email") and not re.fullmatch(EMAIL_SHAPE, row.get("email")):
        row.object("email", "Ini bukan alamat surel.", "Seperti nama@kantor.go.id.")
    if row.standing is None and not row.get("identifier"):
        _check_namesake(row, people)


def _check_number(row: Planned, people: People) -> None:
    identifier = row.get("identifier")
    if len(bare_identifier(identifier)) > IDENTIFIER_LENGTH:
        row.object("identifier", "Nomor ini terlalu panjang.", f"Paling panjang {IDENTIFIER_LENGTH} angka.")
        return
    others = [key for key in people.owners.get(bare_identifier(identifier), ()) if key != people.key_of(row)]
    if others:
        row.object("identifier", f"Nomor ini juga milik {_whose(others[0], people)}.", "Satu nomor untuk satu orang.")
    row.warnings += check_identifier(EmployeeKind(row.get("kind")), identifier)


def _whose(key: str, people: People) -> str:
    place = f"baris {key[1:]}" if key.startswith("+") else f"nomor pegawai {key}"
    return f"{people.names[key]} ({place})"


def _check_namesake(row: Planned, people: People) -> None:
    """Without a number, the same name twice is more often the same person than another one."""
    if same := people.nameless.get(row.title):
        expected = f"Nomor pegawai {same} bila orangnya sama; orang lain dicatat lewat halaman Pegawai."
        row.object("name", "Pegawai tanpa NIP bernama sama sudah ada di portal.", expected)
