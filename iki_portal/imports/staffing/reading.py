"""Reads a workbook of the organisation: its four tabs by their names, their columns by their headings, cell by cell."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from iki_portal.domain.errors import Invalid
from iki_portal.imports.percents import parts_by_tab
from iki_portal.imports.staffing.cells import BadCell, one_line, problem_of, read_cell, shown
from iki_portal.imports.staffing.rows import Problem, ReadBook, ReadRow
from iki_portal.imports.staffing.tabs import INSTRUCTIONS_TAB, SHAPES, Column, Kind, Shape, Tab
from iki_portal.imports.workbook import LARGEST_WORKBOOK, UNREADABLE, Noted, Oddities, Room, examined

__all__ = ["LARGEST_WORKBOOK", "read_staffing"]

#: Five times an office of 10,000 employees, in each tab.
MOST_ROWS = 50_000
ROOM = Room(rows=MOST_ROWS, elements=3_000_000, text=40_000_000, unpacked=100 * 1024 * 1024)
_UNUSUAL = "Berkas Excel ini tidak disusun seperti biasa; simpan ulang sebagai .xlsx dengan Excel atau LibreOffice."
_VALUE = "Nilai saja: salin sel, lalu tempel sebagai nilai."
_EMPTY = "Tidak ada baris terisi di keempat tab buku kerja ini."

Odd = Mapping[tuple[int, int], Problem]


def read_staffing(content: bytes) -> ReadBook:
    """Raises `Invalid`, a sentence for who sent it, for a file that is no such workbook or not safe to read."""
    noted: Noted = {}
    archive = examined(content, ROOM, noted)
    parts = parts_by_tab(archive)
    archive.seek(0)
    try:
        with CalamineWorkbook.from_filelike(archive) as book:
            return _book(book, parts, noted)
    except (CalamineError, OSError, ValueError):
        raise Invalid(UNREADABLE) from None
    except BaseException as error:
        # What the parser, written in Rust, gives up with is no `Exception` and has no module.
        if type(error).__name__ == "PanicException":
            raise Invalid(UNREADABLE) from None
        raise


def _book(book: CalamineWorkbook, parts: Mapping[str, str], noted: Noted) -> ReadBook:
    names = [tab.name for tab in book.sheets_metadata if tab.typ is SheetTypeEnum.WorkSheet]
    known = {shape.title: shape for shape in SHAPES.values()}
    strange = [name for name in names if name not in known and name != INSTRUCTIONS_TAB]
    read = ReadBook({tab: [] for tab in Tab})
    for shape in SHAPES.values():
        if shape.title not in names:
            read.faults.append((shape.title, 0, _missing_tab(shape, strange)))
            continue
        if shape.title not in parts:
            raise Invalid(_UNUSUAL)
        odd = noted.get(parts[shape.title], Oddities())
        _read_tab(shape, book.get_sheet_by_name(shape.title), odd, read)
    read.notices.extend(f"Tab “{name}” tidak dikenal dan tidak dibaca." for name in strange)
    if not read.faults and not read.count:
        raise Invalid(_EMPTY)
    return read


def _missing_tab(shape: Shape, strange: Sequence[str]) -> Problem:
    others = ", ".join(f"“{name}”" for name in strange)
    hint = f" Mungkin namanya diubah menjadi salah satu dari {others}." if strange else ""
    return Problem("", "", f"Tab “{shape.title}” tidak ada.{hint}", f"Tab bernama “{shape.title}”, seperti pada templat.")


def _read_tab(shape: Shape, sheet: CalamineSheet, odd: Oddities, read: ReadBook) -> None:
    table = sheet.to_python(skip_empty_area=False)
    head = [_heading(value) for value in table[0]] if table else []
    faults, notices = _faults_of(shape, head)
    read.faults.extend((shape.title, 1, fault) for fault in faults)
    read.notices.extend(notices)
    if not faults:
        places = [(column, head.index(column.heading.casefold())) for column in shape.read]
        read.rows[shape.tab].extend(_rows(places, table, _odd_cells(odd, head, shape)))


def _heading(value: Any) -> str:
    """The first line; what stands below it is a hint."""
    text = value if isinstance(value, str) else ""
    return one_line(text.splitlines()[0] if text.strip() else "").casefold()


def _faults_of(shape: Shape, head: Sequence[str]) -> tuple[list[Problem], list[str]]:
    faults, known = [], {column.heading.casefold(): column for column in shape.columns}
    for name, column in known.items():
        if head.count(name) > 1:
            faults.append(Problem(column.heading, "", "Kolom ini ada lebih dari sekali.", "Satu kolom saja dengan nama ini."))
        elif name not in head and column.kind is not Kind.SHOWN:
            expected = "Nama kolom pada baris pertama, seperti pada templat."
            faults.append(Problem(column.heading, "", f"Kolom “{column.heading}” tidak ada di tab ini.", expected))
    extra = [name for name in head if name and name not in known]
    return faults, [f"Kolom “{name}” di tab {shape.title} tidak dikenal dan tidak dibaca." for name in extra]


def _odd_cells(odd: Oddities, head: Sequence[str], shape: Shape) -> dict[tuple[int, int], Problem]:
    """Row and column from 0 → what is wrong; only in columns that are read."""
    headings = {column.heading.casefold(): column.heading for column in shape.read}

    def heading(column: int) -> str:
        return headings.get(head[column - 1], "") if column <= len(head) else ""

    found: dict[tuple[int, int], Problem] = {}
    for row, column in odd.formulas:
        found[row - 1, column - 1] = Problem(heading(column), "", "Sel ini berisi rumus.", _VALUE)
    for row, column in odd.errors:
        found[row - 1, column - 1] = Problem(heading(column), "", "Sel ini salah hitung (misalnya #REF!).", _VALUE)
    return {place: problem for place, problem in found.items() if problem.column} | dict(_merged(odd, heading))


def _merged(odd: Oddities, heading: Any) -> Iterator[tuple[tuple[int, int], Problem]]:
    for area in odd.merged:
        row, column = _first_cell(area)
        reason = f"Sel {area} digabung, sehingga tidak jelas baris mana yang memilikinya."
        yield (row - 1, column - 1), Problem(heading(column), "", reason, "Satu sel satu nilai: batalkan penggabungan sel.")


def _first_cell(area: str) -> tuple[int, int]:
    corner = area.partition(":")[0]
    letters = corner.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    figures = corner[len(letters) :]
    return (int(figures) if figures.isdigit() else 1), max(column, 1)


def _rows(places: Sequence[tuple[Column, int]], table: Sequence[Sequence[Any]], odd: Odd) -> Iterator[ReadRow]:
    by_row: dict[int, list[tuple[int, Problem]]] = {}
    for (row, column), problem in odd.items():
        by_row.setdefault(row, []).append((column, problem))
    last = max([len(table) - 1, *by_row])
    for row in range(last + 1):
        cells = table[row] if row < len(table) else ()
        said = by_row.get(row, [])
        if row and (said or any(cells[place] != "" for _, place in places if place < len(cells))):
            yield _row(row + 1, places, cells, said)
        elif said:
            yield ReadRow(1, ("",) * len(places), tuple(problem for _, problem in said))


def _row(
    number: int, places: Sequence[tuple[Column, int]], cells: Sequence[Any], said: Sequence[tuple[int, Problem]]
) -> ReadRow:
    values, problems = [], [_quoting(problem, cells, column) for column, problem in said]
    bad = {column for column, _ in said}
    for column, place in places:
        value = cells[place] if place < len(cells) else ""
        try:
            values.append(read_cell(column, value))
        except BadCell as reason:
            values.append("")
            if place not in bad:
                problems.append(problem_of(column, value, reason))
    return ReadRow(number, tuple(values), tuple(problems))


def _quoting(problem: Problem, cells: Sequence[Any], column: int) -> Problem:
    return problem._replace(value=shown(cells[column])[:200] if column < len(cells) else "")
