"""The figures of the office's yearly report (LKjIP): every statement and indicator, ready to be pasted into its chapter III.

Beside each stands what the year before reached, where that is known by the same post and the same words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from iki_portal.documents.cells import Cell, Column, table_xlsx
from iki_portal.documents.compositions import Composition, composition_name, without_sheet_note
from iki_portal.documents.measured_year import MeasuredYear, YearRow
from iki_portal.documents.measurement import NONE, scale_note
from iki_portal.documents.tables import Check, PaperTable, Section, SignBlock, TableColumn, TableDocument, check_lines, grouped
from iki_portal.documents.year_measurement import goal_text, year_value_text
from iki_portal.domain.checks import text_key
from iki_portal.domain.dates import format_date
from iki_portal.domain.measurement import shown
from iki_portal.domain.numbers import DECIMAL_PLACES, round_half_up
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.targets import QUARTER_WORDS

TITLE = "CAPAIAN KINERJA: BAHAN LKjIP"
COLUMNS = (
    TableColumn("NO", 9, is_centred=True),
    TableColumn("SASARAN/KINERJA", 42),
    TableColumn("INDIKATOR KINERJA", 46),
    TableColumn("SATUAN", 16, is_centred=True),
    TableColumn("TARGET", 17, is_centred=True),
    TableColumn("REALISASI", 18, is_centred=True),
    TableColumn("CAPAIAN", 20, is_centred=True),
    TableColumn("KATEGORI", 21, is_centred=True),
    TableColumn("TAHUN LALU", 26),
    TableColumn("KENDALA DAN TINDAK LANJUT", 46),
)
CELLS = (
    *(Column("Unit kerja", 26), Column("Jabatan", 30), Column("No", 6), Column("Sasaran/kinerja", 38)),
    *(Column("Indikator kinerja", 38), Column("Satuan", 12), Column("Target", 12), Column("Batas atas target", 12)),
    *(Column("Realisasi", 12), Column("Capaian (%)", 12), Column("Capaian dihitung (%)", 12), Column("Kategori", 18)),
    *(Column("Penjelasan", 36), Column("Kendala", 34), Column("Tindak lanjut", 34)),
    *(Column("Target tahun lalu", 12), Column("Realisasi tahun lalu", 12), Column("Capaian tahun lalu (%)", 12)),
    *(Column("Selisih capaian (poin)", 12), Column("Triwulan terverifikasi", 24)),
)


@dataclass(frozen=True, slots=True)
class Lkjip:
    """The office's year, and the year before of the same posts (those that it is known of, in the same order)."""

    made: Composition
    before: Sequence[MeasuredYear | None]


@dataclass(frozen=True, slots=True)
class _Line:
    post: MeasuredYear
    row: YearRow
    former: YearRow | None


def _lines(report: Lkjip) -> Iterator[_Line]:
    for post, before in zip(report.made.posts, report.before, strict=True):
        former = _by_words(before)
        for row in post.rows:
            yield _Line(post, row, former.get(text_key(row.indicator.text)))


def _by_words(year: MeasuredYear | None) -> dict[str, YearRow]:
    """Words → the one row that has them."""
    rows = list(year.rows) if year else []
    keys = [text_key(row.indicator.text) for row in rows]
    return {key: row for key, row in zip(keys, rows, strict=True) if keys.count(key) == 1}


def _verified(post: MeasuredYear) -> str:
    words = [QUARTER_WORDS[each - 1].removeprefix("Triwulan ") for each in QUARTERS if each in post.reports]
    return ", ".join(words) if words else "belum ada"


def _said(row: YearRow, name: str) -> str:
    """What was written in every quarter, led by the quarter."""
    found = [(each, " ".join(getattr(told.reported, name).split())) for each, told in sorted(row.quarters.items())]
    return "\n".join(f"{QUARTER_WORDS[quarter - 1]}: {words}" for quarter, words in found if words)


def lkjip_xlsx(report: Lkjip) -> bytes:
    made = report.made
    rows = (_cells(line) for line in _lines(report))
    return table_xlsx(
        CELLS,
        rows,
        name=f"LKjIP {made.year}",
        title=composition_name("Bahan LKjIP", made.unit, made.year, None),
        year=made.year,
        closing=(("", words) for words in (*without_sheet_note(made), scale_note(made.scale))),
    )


def _cells(line: _Line) -> tuple[Cell, ...]:
    row, former, reached = line.row, line.former, line.row.achievement
    goal, aim = row.goal, former.goal if former else None
    before = former.achievement.raw if former else None
    return (
        *(line.post.unit, line.post.position, row.number, row.statement),
        *(row.indicator.text, row.indicator.unit_of_measure),
        *(goal.target if goal else None, goal.upper if goal else None),
        *(_figure(row.value), _figure(reached.raw), _figure(reached.capped), row.word),
        "\n".join(dict.fromkeys((row.value_explanation, reached.explanation))),
        *(_said(row, "obstacle"), _said(row, "follow_up")),
        *(aim.target if aim else None, _figure(former.value) if former else None, _figure(before)),
        _figure(reached.raw - before) if reached.raw is not None and before is not None else None,
        _verified(line.post),
    )


def _figure(value: Decimal | None) -> Decimal | None:
    return None if value is None else round_half_up(value, DECIMAL_PLACES)


def lkjip_document(report: Lkjip) -> TableDocument:
    """The same as a table to paste: a section for each post."""
    made = report.made
    by_post: dict[int, list[_Line]] = {id(post): [] for post in made.posts}
    for line in _lines(report):
        by_post[id(line.post)].append(line)
    return TableDocument(
        name=composition_name("Bahan LKjIP", made.unit, made.year, None),
        office=made.office,
        on=made.on,
        section=Section(
            titles=(TITLE, f"TAHUN {made.year}"),
            fields=(
                ("Unit kerja", made.unit),
                ("Disusun", f"{format_date(made.on)}, dari laporan yang terverifikasi sampai dengan hari itu"),
            ),
            tables=tuple(_table(post, by_post[id(post)]) for post in made.posts if by_post[id(post)]),
            notes=(*without_sheet_note(made), scale_note(made.scale)),
        ),
        signatures=(SignBlock(tuple(made.office.at_place(made.on, "Disusun")), made.signer),),
        check=Check(made.code, check_lines(made.address, f"Bahan LKjIP {made.year} · Kode {made.code}"), made.address),
        footer=f"Bahan LKjIP tahun {made.year} · disusun {format_date(made.on)}",
        editable="Bahan untuk disunting; disusun dari laporan yang terverifikasi dalam Portal IKI.",
    )


def _table(post: MeasuredYear, lines: Sequence[_Line]) -> PaperTable:
    rows = [((str(each.row.statement_number), each.row.statement), _paper_cells(each)) for each in lines]
    return PaperTable(COLUMNS, tuple(grouped(rows)), heading=f"{post.position}, {post.unit} (terverifikasi: {_verified(post)})")


def _paper_cells(line: _Line) -> tuple[str, ...]:
    row, reached = line.row, line.row.achievement
    obstacles = [words for name in ("obstacle", "follow_up") if (words := _said(row, name))]
    return (
        row.indicator.text,
        row.indicator.unit_of_measure,
        goal_text(row.goal),
        year_value_text(row),
        shown(reached.raw) if reached.raw is not None else NONE,
        row.word,
        _former_text(line.former),
        "\n".join(obstacles) or NONE,
    )


def _former_text(former: YearRow | None) -> str:
    if former is None:
        return NONE
    reached = former.achievement
    said = reached.word if reached.raw is None else shown(reached.raw)
    return f"T {goal_text(former.goal)}\nR {year_value_text(former)}\nC {said}"
