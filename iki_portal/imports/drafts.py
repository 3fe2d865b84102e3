"""One walk down the document, line by line: each line is put into the sheet and the part it belongs to.

A line that has no certain place is either reported with its words (a text nobody asked for: letterhead, sign block) or,
when it carries rows, duties or the owner of a sheet, refused: guessing would give one person the work of another.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from iki_portal.imports.findings import FindingKind, Findings, UnreadableDocument, places, quote
from iki_portal.imports.lines import (
    Label,
    Line,
    cells_of,
    is_bulleted,
    is_table_rule,
    item_of,
    label_of,
    letter_after,
    title_rest,
)
from iki_portal.imports.table import Table, is_header, read_header, read_row


class Part(Enum):
    HEADING = auto()
    UNIT = auto()
    MAIN_DUTY = auto()
    DUTIES = auto()
    FUNCTIONS = auto()
    TABLE = auto()


PART_OF_LABEL = {
    "unit kerja": Part.UNIT,
    "tugas pokok": Part.MAIN_DUTY,
    "uraian tugas": Part.DUTIES,
    "fungsi": Part.FUNCTIONS,
}
NAME_OF_LABEL = {
    "unit kerja": "Unit Kerja",
    "tugas pokok": "Tugas Pokok",
    "uraian tugas": "Uraian Tugas",
    "fungsi": "Fungsi",
}


@dataclass(slots=True)
class Item:
    line: int
    letter: str
    texts: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@dataclass(slots=True)
class SheetDraft:
    line: int
    heading: list[str] = field(default_factory=list)
    labels: dict[Part, int] = field(default_factory=dict)
    position: str = ""
    main_duty: list[str] = field(default_factory=list)
    duties: list[Item] = field(default_factory=list)
    functions: list[Item] = field(default_factory=list)
    table: Table | None = None

    @property
    def title(self) -> str:
        return " ".join(self.heading)

    def items_of(self, part: Part) -> list[Item]:
        return self.functions if part is Part.FUNCTIONS else self.duties

    def line_of(self, part: Part) -> int:
        return self.labels.get(part, self.line)


@dataclass(slots=True)
class Habits:
    """Where the document does things its own way throughout: told once, not once per line."""

    functions_on_label_line: list[int] = field(default_factory=list)
    tagged_headers: list[int] = field(default_factory=list)


class Walk:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.drafts: list[SheetDraft] = []
        self.habits = Habits()
        self._part = Part.HEADING
        self._blank_line: int | None = None
        self._stray: list[Line] = []

    def through(self, lines: Iterable[Line]) -> list[SheetDraft]:
        for line in lines:
            self._take(line)
        self._report_stray_text()
        return self.drafts

    def _take(self, line: Line) -> None:
        if not line.text.strip("| "):
            self._blank_line = self._blank_line or line.number
            return
        rest = None if line.cells else title_rest(line.text)
        if rest is not None:
            self._open_sheet(line, rest)
        elif label := self._label_in(line):
            self._open_part(line, label)
        elif self._looks_like_row(line):
            self._take_row(line)
        else:
            self._take_text(line, line.text)
        self._blank_line = None

    def _open_sheet(self, line: Line, rest: str) -> None:
        self._report_stray_text()
        self.drafts.append(SheetDraft(line.number, [rest] if rest else []))
        self._part = Part.HEADING

    def _open_part(self, line: Line, label: Label) -> None:
        sheet = self._sheet_for(line)
        part, name = PART_OF_LABEL[label.name], NAME_OF_LABEL[label.name]
        if part in sheet.labels:
            raise UnreadableDocument(
                f"Baris {line.number}: “{name}” muncul lagi dalam lembar yang dimulai pada baris {sheet.line}; "
                "mungkin judul INDIKATOR KINERJA INDIVIDU (IKI) di atasnya hilang."
            )
        self._report_stray_text()
        sheet.labels[part] = line.number
        self._part = part
        if not label.has_colon:
            self.findings.add(FindingKind.COLON_MISSING, line.number, f"“{name}” ditulis tanpa titik dua.")
        if label.rest:
            if part is Part.FUNCTIONS:
                self.habits.functions_on_label_line.append(line.number)
            self._take_text(line, label.rest)

    def _label_in(self, line: Line) -> Label | None:
        in_later_cell = self._part is Part.TABLE and line.raw.startswith("\t")
        return None if in_later_cell or line.cells else label_of(line)

    def _looks_like_row(self, line: Line) -> bool:
        if line.cells is not None:
            return bool(line.cells)
        if line.raw.lstrip().startswith("|"):
            return True
        if self._part is Part.TABLE:
            return "\t" in line.raw
        return line.raw.strip().count("\t") > 1 or ("\t" in line.raw and is_header(cells_of(line)))

    def _take_row(self, line: Line) -> None:
        sheet = self._sheet_for(line)
        cells = cells_of(line)
        if line.cells is None and is_table_rule(cells):
            return
        if is_header(cells):
            self._open_table(sheet, line, cells)
        elif sheet.table is None or self._part is not Part.TABLE:
            raise UnreadableDocument(f"Baris {line.number}: baris tabel ini tidak berada di bawah kepala tabel.")
        else:
            self._report_broken_table(sheet.table, line)
            read_row(cells, sheet.table, line.number, self.findings)
        self._report_stray_text()

    def _open_table(self, sheet: SheetDraft, line: Line, cells: tuple[str, ...]) -> None:
        table = read_header(cells, line.number, self.findings)
        if "<" in line.raw:
            self.habits.tagged_headers.append(line.number)
        if sheet.table is not None:
            if table.columns != sheet.table.columns:
                raise UnreadableDocument(f"Baris {line.number}: lembar ini mempunyai dua tabel dengan kolom berbeda.")
            self.findings.add(
                FindingKind.HEADER_REPEATED, line.number, "Kepala tabel diulang; baris di bawahnya dibaca sambung."
            )
        else:
            sheet.table = table
        self._part = Part.TABLE

    def _report_broken_table(self, table: Table, line: Line) -> None:
        if table.rows and self._blank_line is not None:
            above = table.rows[-1].line
            self.findings.add(
                FindingKind.TABLE_BROKEN,
                self._blank_line,
                f"Tabel terputus baris kosong di antara baris {above} dan {line.number}; keduanya dibaca sebagai satu tabel.",
            )

    def _take_text(self, line: Line, text: str) -> None:
        if not self.drafts or self._part is Part.TABLE:
            self._take_text_without_place(line, text)
        elif self._part is Part.HEADING:
            self._take_heading(line, text)
        elif self._part is Part.UNIT:
            self._take_position(line, text)
        else:
            self._take_duty(self.drafts[-1], line, text)

    def _take_text_without_place(self, line: Line, text: str) -> None:
        if item_of(text):
            raise UnreadableDocument(
                f"Baris {line.number}: butir {quote(text)} tidak berada di bawah “Tugas Pokok” atau “Fungsi”."
            )
        self._stray.append(line)

    def _take_heading(self, line: Line, text: str) -> None:
        if item_of(text):
            self._take_text_without_place(line, text)
        self.drafts[-1].heading.append(text)

    def _take_position(self, line: Line, text: str) -> None:
        if self.drafts[-1].position or item_of(text):
            self._take_text_without_place(line, text)
        else:
            self.drafts[-1].position = text

    def _take_duty(self, sheet: SheetDraft, line: Line, text: str) -> None:
        items = sheet.items_of(self._part)
        item = item_of(text)
        if item:
            self._check_letter(items, line, item[0])
            items.append(Item(line.number, item[0], [item[1]]))
        elif is_bulleted(line.raw) and line.text == text:
            self._take_item_without_letter(items, line, text)
        elif items:
            self._report_joined(line)
            items[-1].texts.append(text)
        elif self._part is Part.MAIN_DUTY:
            if sheet.main_duty:
                self._report_joined(line)
            sheet.main_duty.append(text)
        else:
            self._take_item_without_letter(items, line, text)

    def _take_item_without_letter(self, items: list[Item], line: Line, text: str) -> None:
        items.append(Item(line.number, "", [text]))
        self.findings.add(
            FindingKind.ITEM_WITHOUT_LETTER,
            line.number,
            f"Butir {quote(text, 60)} tidak berhuruf.",
        )

    def _check_letter(self, items: list[Item], line: Line, letter: str) -> None:
        before = items[-1].letter if items else ""
        expected = letter_after(before) if before else "a"
        if letter != expected and (before or not items):
            self.findings.add(
                FindingKind.LETTER_OUT_OF_ORDER,
                line.number,
                f"Butir berhuruf {letter}, seharusnya {expected}; periksa apakah ada butir yang hilang atau berulang.",
            )

    def _report_joined(self, line: Line) -> None:
        self.findings.add(
            FindingKind.LINE_JOINED, line.number, f"Baris lanjutan {quote(line.text, 60)} disambung ke teks di atasnya."
        )

    def _report_stray_text(self) -> None:
        if self._stray:
            lines = [line.number for line in self._stray]
            self.findings.add(
                FindingKind.STRAY_TEXT,
                lines[0],
                f"Teks di luar bagian mana pun tidak dibaca ({places(lines)}): {quote(self._stray[0].text)}.",
            )
            self._stray.clear()

    def _sheet_for(self, line: Line) -> SheetDraft:
        if not self.drafts:
            raise UnreadableDocument(f"Baris {line.number}: isi lembar mulai sebelum judul INDIKATOR KINERJA INDIVIDU (IKI).")
        return self.drafts[-1]
