"""One walk down the document, line by line: each line is put into the sheet and the part it belongs to.

A line that has no certain place (letterhead, sign block, another table) is reported and kept with its words. Refused is
only what would give one person the work of another: a second owner without a title above him, rows before any owner.
"""

from collections.abc import Iterable

from iki_portal.imports.columns import Column, is_header
from iki_portal.imports.drafts import OWNER_PARTS, Habits, Item, Part, SheetDraft
from iki_portal.imports.findings import FindingKind, Findings, Unread, UnreadableDocument, places, quote
from iki_portal.imports.lines import (
    Label,
    Line,
    cells_of,
    is_bulleted,
    is_fact,
    is_table_rule,
    is_year_or_short_name,
    item_of,
    label_of,
    letter_after,
    numbered_item_of,
    title_rest,
)
from iki_portal.imports.table import (
    Row,
    Table,
    check_columns,
    keep_row,
    lacks,
    read_header,
    read_row,
    starts_again,
    take_second_header,
)

PART_OF_LABEL = {
    "unit kerja": Part.UNIT,
    "jabatan": Part.POST,
    "nama jabatan": Part.POST,
    "unit organisasi": Part.ORGANISATION,
    "tugas": Part.MAIN_DUTY,
    "tugas jabatan": Part.MAIN_DUTY,
    "tugas pokok": Part.MAIN_DUTY,
    "tugas pokok dan fungsi": Part.MAIN_DUTY,
    "tugas pokok & fungsi": Part.MAIN_DUTY,
    "tugas dan fungsi": Part.MAIN_DUTY,
    "tupoksi": Part.MAIN_DUTY,
    "uraian tugas": Part.DUTIES,
    "fungsi": Part.FUNCTIONS,
}
_WHERE = {
    Part.HEADING: "di bawah judul",
    Part.UNIT: "di bawah Unit Kerja",
    Part.POST: "di bawah Jabatan",
    Part.ORGANISATION: "di bawah Unit Organisasi",
    Part.MAIN_DUTY: "di bawah Tugas Pokok",
    Part.DUTIES: "di bawah Uraian Tugas",
    Part.FUNCTIONS: "di bawah Fungsi",
    Part.TABLE: "di bawah tabel",
    Part.OTHER_TABLE: "di tabel lain",
}


class Walk:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.drafts: list[SheetDraft] = []
        self.habits = Habits()
        self._part = Part.HEADING
        self._blank_line: int | None = None
        self._text_before = ""
        self._stray: list[Unread] = []
        #: "Jabatan :" a second time, below the table: a sign block, unless more of a sheet follows.
        self._second_owner: int | None = None

    def through(self, lines: Iterable[Line]) -> list[SheetDraft]:
        for line in lines:
            self._take(line)
        self._report_stray_text()
        self._close_header()
        filled = [draft for draft in self.drafts if not (draft.is_of_rows and draft.is_empty)]
        if not filled:
            raise UnreadableDocument("Tidak ada baris kinerja yang terisi di berkas ini.")
        return filled

    def _take(self, line: Line) -> None:
        if not line.text.strip("| "):
            self._blank_line = self._blank_line or line.number
            return
        rest = title_rest(line.text) if self._may_be_title(line) else None
        if rest is not None or line.opens:
            self._open_sheet(line, rest)
        elif label := self._label_in(line):
            self._open_part(line, label)
        elif self._looks_like_row(line):
            self._take_row(line)
        elif not line.cells and is_fact(line.text):
            self._leave(line)
        else:
            self._take_text(line, line.text)
        if self.drafts:
            self.drafts[-1].last_line = line.number
        self._blank_line, self._text_before = None, line.text

    def _may_be_title(self, line: Line) -> bool:
        """A table may begin with the column "INDIKATOR KINERJA INDIVIDU", and a decree be about it."""
        if self._text_before == "TENTANG":
            return False
        return not (line.cells or (line.cells is None and "\t" in line.raw.strip() and is_header(cells_of(line))))

    def _open_sheet(self, line: Line, rest: str | None) -> None:
        self._report_stray_text()
        self._close_header()
        self.drafts.append(SheetDraft(line.number, is_of_rows=rest is None))
        self._part = Part.HEADING
        self._second_owner = None
        if rest:
            self._take_heading(line, rest)

    def _open_part(self, line: Line, label: Label) -> None:
        sheet = self._sheet_for(line)
        part, name = PART_OF_LABEL[label.name], label.name.title().replace(" Dan ", " dan ")
        if part is Part.POST and self._part in (Part.TABLE, Part.OTHER_TABLE) and sheet.owner.get(part):
            self._second_owner = self._second_owner or line.number
            self._leave(line)
            return
        self._refuse_second_owner(line)
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

    def _refuse_second_owner(self, line: Line) -> None:
        if self._second_owner:
            raise UnreadableDocument(
                f"Baris {self._second_owner}: “Jabatan” muncul lagi, dan isi lembar berlanjut pada baris {line.number}; "
                "mungkin judul INDIKATOR KINERJA INDIVIDU (IKI) di antaranya hilang."
            )

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

    # Rows

    def _take_row(self, line: Line) -> None:
        cells = cells_of(line)
        if line.cells is None and is_table_rule(cells):
            return
        table = self.drafts[-1].table if self.drafts and self._part is Part.TABLE else None
        if table is not None and take_second_header(cells, table, line, self.findings):
            return
        if is_header(cells):
            self._open_table(line, cells)
        elif table is None:
            self._stray.append(self._without_place(line))
        else:
            self._close_header()
            self._report_broken_table(table, line)
            self._keep_row(read_row(cells, table, line, self.findings), self.drafts[-1], table)
            self._report_stray_text()

    def _open_table(self, line: Line, cells: tuple[str, ...]) -> None:
        self._refuse_second_owner(line)
        table = read_header(cells, line)
        self._report_stray_text()
        if missing := lacks(table):
            self._pass_over(line, f"kepala tabelnya tidak memuat kolom {missing[0]}")
            return
        sheet = self._sheet_for(line)
        if line.cells is None and "<" in line.raw:
            self.habits.tagged_headers.append(line.number)
        if sheet.table is None:
            sheet.table = table
            self._part = Part.TABLE
        elif cells == sheet.table.header or table.columns == sheet.table.columns:
            self._repeat_header(sheet.table, line)
        else:
            self._pass_over(line, "kolomnya berbeda dari tabel di atasnya")

    def _repeat_header(self, table: Table, line: Line) -> None:
        self._close_header()
        self._part = Part.TABLE
        table.may_have_second_header = True
        if line.page == table.page:
            said = "Kepala tabel diulang; baris di bawahnya dibaca sambung."
            self.findings.add(FindingKind.HEADER_REPEATED, line.number, said)
        table.page = line.page

    def _pass_over(self, line: Line, why: str) -> None:
        said = f"Tabel ini tidak dibaca karena {why}; barisnya dicatat di luar lembar."
        self.findings.add(FindingKind.TABLE_NOT_READ, line.number, said)
        self._part = Part.OTHER_TABLE

    def _close_header(self) -> None:
        """The first row below a header, or the end of its sheet: no second row of the header comes any more."""
        table = self.drafts[-1].table if self.drafts else None
        if table is not None and table.may_have_second_header:
            check_columns(table, self.findings)

    def _keep_row(self, row: Row, sheet: SheetDraft, table: Table) -> None:
        owned = self._table_of_owner(row, sheet, table) if table.names_owners else table
        if owned is not None:
            keep_row(row, owned, self.findings)

    def _table_of_owner(self, row: Row, sheet: SheetDraft, table: Table) -> Table | None:
        """The table of the post that the row names; the same title may be another post where the numbers start again."""
        named = {Part.POST: row[Column.POSITION], Part.UNIT: row[Column.UNIT]}
        if not row.says_something:
            self.habits.posts_without_rows.append(row.line)
            self.findings.leave(row.line, " ".join(text for text in row.cells.values() if text), f"kolom {Column.POSITION}")
            return None
        if not sheet.has_owner_in_rows and any(part in sheet.labels for part in OWNER_PARTS):
            for column in (Column.POSITION, Column.UNIT):
                self.findings.leave(row.line, row[column], f"kolom {column}")
            return table
        is_other = any(text and text != sheet.owner.get(part, "") for part, text in named.items())
        if table.rows and (is_other or starts_again(row, table)):
            sheet = SheetDraft(row.line, table=table.continued(), owner={} if is_other else dict(sheet.owner))
            self.drafts.append(sheet)
        sheet.is_of_rows = sheet.has_owner_in_rows = True
        for part, text in named.items():
            sheet.labels.setdefault(part, row.line)
            sheet.owner[part] = text or sheet.owner.get(part, "")
        return sheet.table

    def _report_broken_table(self, table: Table, line: Line) -> None:
        if table.rows and self._blank_line is not None:
            above = table.rows[-1].line
            self.findings.add(
                FindingKind.TABLE_BROKEN,
                self._blank_line,
                f"Tabel terputus baris kosong di antara baris {above} dan {line.number}; keduanya dibaca sebagai satu tabel.",
            )

    # Text

    def _take_text(self, line: Line, text: str) -> None:
        if not self.drafts or self._part in (Part.TABLE, Part.OTHER_TABLE):
            self._stray.append(self._without_place(line))
        elif self._part is Part.HEADING:
            self._take_heading(line, text)
        elif self._part in OWNER_PARTS:
            self._take_owner(line, text)
        else:
            self._take_duty(self.drafts[-1], line, text)

    def _take_heading(self, line: Line, text: str) -> None:
        if is_year_or_short_name(text):
            self.findings.leave(line.number, text, _WHERE[Part.HEADING])
        elif item_of(text) or self.drafts[-1].is_of_rows:
            self._stray.append(self._without_place(line))
        else:
            self.drafts[-1].heading.append(text)

    def _take_owner(self, line: Line, text: str) -> None:
        sheet = self.drafts[-1]
        if sheet.owner.get(self._part) or item_of(text):
            self._stray.append(self._without_place(line))
        else:
            sheet.owner[self._part] = text

    def _take_duty(self, sheet: SheetDraft, line: Line, text: str) -> None:
        items = sheet.items_of(self._part)
        item = item_of(text) or _numbered_item(items, text)
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
        expected = letter_after(before) if before else _first_like(letter)
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
            lines = [each.line for each in self._stray]
            self.findings.add(
                FindingKind.STRAY_TEXT,
                lines[0],
                f"Teks di luar bagian mana pun tidak dibaca ({places(lines)}): {quote(self._stray[0].text)}.",
            )
            for each in self._stray:
                self.findings.leave(each.line, each.text, each.where)
            self._stray.clear()

    def _without_place(self, line: Line) -> Unread:
        return Unread(line.number, line.text, _WHERE[self._part] if self.drafts else "di atas lembar pertama")

    def _leave(self, line: Line) -> None:
        left = self._without_place(line)
        self.findings.leave(left.line, left.text, left.where)

    def _sheet_for(self, line: Line) -> SheetDraft:
        if not self.drafts:
            raise UnreadableDocument(f"Baris {line.number}: isi lembar mulai sebelum judul INDIKATOR KINERJA INDIVIDU (IKI).")
        return self.drafts[-1]


def _numbered_item(items: list[Item], text: str) -> tuple[str, str] | None:
    """ "1. …" counts the items of a list; below lettered ones it only goes on with the text of one."""
    return numbered_item_of(text) if not items or items[-1].letter.isdigit() else None


def _first_like(letter: str) -> str:
    return "1" if letter.isdigit() else "a"
