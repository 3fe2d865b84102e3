"""The four tabs and their columns: what stands in the template, in the export, and what is looked for when one is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from iki_portal.domain.office import POSITION_KIND_WORDS, UNIT_KIND_WORDS
from iki_portal.domain.people import EMPLOYEE_KIND_WORDS, AssignmentKind

YES = "ya"
#: Room for the figures of a NIP with spaces between them.
_LONGEST_NUMBER = 60
#: What one cell of Excel can hold.
LONGEST_CELL = 32_767


class Tab(StrEnum):
    UNITS = "units"
    POSTS = "posts"
    EMPLOYEES = "employees"
    ASSIGNMENTS = "assignments"


class Kind(StrEnum):
    """How a cell is read and written."""

    TEXT = "text"
    #: Several lines in one cell.
    LINES = "lines"
    #: Text that looks like a figure and must not become one: Excel keeps 15 digits.
    DIGITS = "digits"
    WHOLE = "whole"
    DAY = "day"
    CHOICE = "choice"
    #: For the reader's eye; never read.
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    heading: str
    width: int
    note: str = ""
    kind: Kind = Kind.TEXT
    longest: int = 200
    is_required: bool = False
    #: Value → the word in the cell.
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def expected(self) -> str:
        """The note as a sentence, for who left the cell empty."""
        return f"{self.note[:1].upper()}{self.note[1:]}." if self.note else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """One tab: its name at the foot of the workbook, and its columns in the order of the template."""

    tab: Tab
    title: str
    columns: tuple[Column, ...]

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns whose texts make a row, in the order of its values."""
        return tuple(column for column in self.columns if column.kind is not Kind.SHOWN)

    def place(self, name: str) -> int:
        return _PLACES[self.tab][name]


def _day(name: str, heading: str, note: str = "", *, is_required: bool = False) -> Column:
    return Column(name, heading, 14, note or "tanggal Excel", Kind.DAY, is_required=is_required)


def _choice(heading: str, words: Mapping[str, str], note: str = "pilih dari daftar") -> Column:
    return Column("kind", heading, 20, note, Kind.CHOICE, is_required=True, choices=words)


ASSIGNMENT_WORDS = {
    AssignmentKind.DEFINITIVE.value: "Definitif",
    AssignmentKind.PLT.value: "Plt.",
    AssignmentKind.PLH.value: "Plh.",
}
_ORDER = Column("order", "Urutan", 9, "kosong: paling akhir", Kind.WHOLE)
_NEXT_ON = _day("next_on", "Berlaku mulai", "hari nama berikutnya berlaku")
_CLOSED_ON = _day("closed_on", "Ditutup mulai", "kosong: masih ada")

UNITS = Shape(
    Tab.UNITS,
    "Unit kerja",
    (
        Column("code", "Kode", 22, "kunci, tidak berubah", longest=60, is_required=True),
        Column("name", "Nama", 44, "yang berlaku sekarang", is_required=True),
        Column("short_name", "Nama pendek", 22, longest=60, is_required=True),
        _choice("Jenis", {kind.value: word for kind, word in UNIT_KIND_WORDS.items()}),
        Column("superior", "Kode induk", 22, "kosong: paling atas", longest=60),
        _ORDER,
        Column("next_name", "Nama berikutnya", 44),
        Column("next_short_name", "Nama pendek berikutnya", 22, longest=60),
        _NEXT_ON,
        _CLOSED_ON,
    ),
)
POSTS = Shape(
    Tab.POSTS,
    "Jabatan",
    (
        Column("code", "Kode", 22, "kunci, tidak berubah", longest=60, is_required=True),
        Column("title", "Nama jabatan", 40, "yang berlaku sekarang", is_required=True),
        Column("area", "Bidang tugas", 22, "membedakan jabatan bernama sama", longest=60),
        _choice("Jenis", {kind.value: word for kind, word in POSITION_KIND_WORDS.items()}),
        Column("unit", "Kode unit", 22, longest=60, is_required=True),
        Column("superior", "Kode atasan", 22, longest=60),
        Column("reviewer", "Kode pereviu", 22, longest=60),
        Column("approver", "Kode yang menetapkan", 22, "kosong: tanpa lembar IKI", longest=60),
        _ORDER,
        Column("main_duty", "Tugas pokok", 40, "kalimat", Kind.LINES, LONGEST_CELL),
        Column("duties", "Uraian tugas", 40, "satu baris satu tugas", Kind.LINES, LONGEST_CELL),
        Column("functions", "Fungsi", 40, "satu baris satu fungsi", Kind.LINES, LONGEST_CELL),
        Column("next_title", "Nama berikutnya", 40),
        Column("next_area", "Bidang tugas berikutnya", 22, longest=60),
        _NEXT_ON,
        _CLOSED_ON,
    ),
)
EMPLOYEES = Shape(
    Tab.EMPLOYEES,
    "Pegawai",
    (
        Column("number", "Nomor pegawai", 14, "dari portal; kosong: pegawai baru", longest=20),
        Column("name", "Nama", 36, "tanpa gelar", is_required=True),
        Column("degrees_before", "Gelar depan", 14, longest=60),
        Column("degrees_after", "Gelar belakang", 20, longest=120),
        _choice("Jenis", {kind.value: word for kind, word in EMPLOYEE_KIND_WORDS.items()}, "PNS, PPPK, atau Lainnya"),
        Column("identifier", "NIP/NI PPPK", 24, "format sel Teks", Kind.DIGITS, _LONGEST_NUMBER),
        Column("rank", "Golongan", 12, "misalnya III/c atau IX", longest=10),
        Column("email", "Surel", 32, longest=254),
    ),
)
ASSIGNMENTS = Shape(
    Tab.ASSIGNMENTS,
    "Penugasan",
    (
        Column("number", "Nomor penugasan", 14, "dari portal; kosong: penugasan baru", longest=20),
        Column("employee", "Nomor pegawai", 14, "atau isi NIP-nya", longest=20),
        Column("identifier", "NIP/NI PPPK", 24, "format sel Teks", Kind.DIGITS, _LONGEST_NUMBER),
        Column("shown_name", "Nama pegawai", 32, "keterangan, tidak dibaca", Kind.SHOWN),
        Column("post", "Kode jabatan", 22, longest=60, is_required=True),
        Column("shown_title", "Nama jabatan", 36, "keterangan, tidak dibaca", Kind.SHOWN),
        _choice("Jenis", ASSIGNMENT_WORDS, "Definitif, Plt., atau Plh."),
        _day("starts_on", "Mulai", is_required=True),
        _day("ends_on", "Sampai", "hari terakhir; kosong: seterusnya"),
        Column("decree", "Nomor surat", 28),
        _day("decree_on", "Tanggal surat"),
        Column("cancelled", "Dibatalkan", 12, "“ya” hanya sebelum mulai", Kind.CHOICE, choices=MappingProxyType({YES: "ya"})),
    ),
)
SHAPES = {shape.tab: shape for shape in (UNITS, POSTS, EMPLOYEES, ASSIGNMENTS)}
_PLACES = {tab: {column.name: place for place, column in enumerate(shape.read)} for tab, shape in SHAPES.items()}
#: Columns that say one thing together: what something is called, now and from a day on; on which days somebody holds a post.
TOGETHER = {
    Tab.UNITS: frozenset({"name", "short_name", "next_name", "next_short_name", "next_on"}),
    Tab.POSTS: frozenset({"title", "area", "next_title", "next_area", "next_on"}),
    Tab.ASSIGNMENTS: frozenset({"starts_on", "ends_on", "cancelled"}),
}
INSTRUCTIONS_TAB = "Petunjuk"
INSTRUCTIONS = (
    "Cara mengisi buku kerja organisasi",
    "Jangan mengubah nama keempat tab dan nama kolom pada baris pertama. Urutan kolom boleh diubah.",
    "Baris yang tidak ada di buku kerja ini dibiarkan seperti adanya di portal: mengimpor tidak pernah menghapus.",
    "Unit kerja dan jabatan dikenali dari kodenya. Kode yang belum ada menjadi unit atau jabatan baru.",
    "Unit atau jabatan yang dihapuskan tidak dibuang dari daftar; isilah Ditutup mulai.",
    "Nama yang berubah pada suatu hari ditulis di Nama berikutnya, dengan harinya di Berlaku mulai.",
    "Pegawai dikenali dari Nomor pegawai; bila kosong, dari NIP/NI PPPK-nya. Selain itu ia pegawai baru.",
    "Pegawai baru tanpa NIP yang langsung diberi penugasan: beri tanda sementara di Nomor pegawai, misalnya “baru 1”,"
    " dan tulis tanda yang sama di tab Penugasan.",
    "NIP/NI PPPK ditulis sebagai teks (format sel Teks). Excel hanya menyimpan 15 angka dari sebuah bilangan.",
    "Penugasan dikenali dari Nomor penugasan. Pegawai, jabatan, dan jenis penugasan yang sudah ada tidak dapat diganti:"
    " isilah Sampai pada baris itu, lalu tambahkan baris baru.",
    "Nama pegawai dan Nama jabatan di tab Penugasan hanya keterangan dan tidak dibaca.",
    "Tanggal diketik sebagai tanggal Excel, bukan teks.",
    "Isilah nilai saja: tanpa rumus dan tanpa sel gabungan.",
)
