"""Pengukuran Kinerja of a unit or the whole office: a recapitulation that its head signs, and every post behind it.

It counts, and averages nothing: percentages of different things have no mean. Whoever has not reported is named, with why.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from iki_portal.documents.cells import Cell, Column, table_xlsx
from iki_portal.documents.measured import Measured, ScaleFacts
from iki_portal.documents.measured_year import MeasuredYear
from iki_portal.documents.measurement import COLUMNS, NONE, quarter_section, scale_note
from iki_portal.documents.measurement_tables import QUARTER_CELLS, YEAR_CELLS, missing_cells, quarter_cells, year_cells
from iki_portal.documents.printed import Office, Signer
from iki_portal.documents.signature_cells import signature_rows
from iki_portal.documents.tables import (
    Check,
    PaperTable,
    Section,
    SignBlock,
    TableColumn,
    TableDocument,
    check_lines,
    grouped,
)
from iki_portal.documents.year_measurement import goal_text, year_section
from iki_portal.domain.dates import format_date
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import revision_name

TITLE = "REKAPITULASI PENGUKURAN KINERJA INDIVIDU"
#: In the table of the recapitulation.
_BANDS_MM, _UNMEASURED = 20, "Belum terukur"


@dataclass(frozen=True, slots=True)
class Composition:
    """What is composed: the years of the posts of a unit, in the order of the office."""

    year: int
    #: None for the whole year.
    quarter: int | None
    #: "Bidang Mutasi dan Promosi"; the office's own name for all of it.
    unit: str
    posts: Sequence[MeasuredYear]
    scale: ScaleFacts
    #: Who heads the unit on `on`; without a name while the post is vacant.
    signer: Signer
    office: Office
    on: date
    code: str
    address: str = ""
    #: History numbers of the copies that it holds.
    sources: Sequence[int] = ()
    #: Posts of the unit that have no sheet in force, and so nothing to measure.
    without_sheet: Sequence[str] = ()

    @property
    def name(self) -> str:
        return composition_name("Pengukuran Kinerja", self.unit, self.year, self.quarter)


def composition_name(word: str, unit: str, year: int, quarter: int | None) -> str:
    """ "Pengukuran Kinerja Bidang Mutasi dan Promosi, triwulan III tahun 2026"."""
    return f"{word} {unit}, {span_of(year, quarter)}"


def span_of(year: int, quarter: int | None) -> str:
    """ "triwulan III tahun 2026", "tahun 2026"."""
    return f"t{QUARTER_WORDS[quarter - 1][1:]} tahun {year}" if quarter else f"tahun {year}"


def composed(made: Composition) -> TableDocument:
    """The whole document; its annex holds a section for each post."""
    return TableDocument(
        name=made.name,
        office=made.office,
        on=made.on,
        section=Section(
            titles=(TITLE, made.unit.upper(), span_of(made.year, made.quarter).upper()),
            fields=(("Disusun", f"{format_date(made.on)}, dari laporan yang terverifikasi sampai dengan hari itu"),),
            tables=(_summary(made),),
            notes=tuple(_notes(made)),
        ),
        signatures=(SignBlock(tuple(made.office.at_place(made.on, "Disusun")), made.signer),),
        check=Check(made.code, check_lines(made.address, f"{made.name} · Kode {made.code}"), made.address),
        footer=f"{made.name} · disusun {format_date(made.on)} · naskah resmi tiap laporan: cetakannya sendiri",
        editable="Salinan untuk disunting. Naskah resmi tiap laporan: PDF dari Portal IKI.",
        annex=[post_section(each, made.quarter) for each in made.posts],
    )


def post_section(year: MeasuredYear, quarter: int | None) -> Section:
    """A post's part: its verified report, its year, or its targets with what is the matter."""
    if quarter is None:
        return year_section(year)
    report = year.reports.get(quarter)
    return quarter_section(report) if report else _missing_section(year, quarter)


def _missing_section(year: MeasuredYear, quarter: int) -> Section:
    state = year.states[quarter]
    lines = [
        (
            (str(row.statement_number), row.statement),
            (
                row.indicator.text,
                row.indicator.unit_of_measure,
                goal_text(row.goal),
                goal_text(row.goal_of(quarter)),
                *(NONE, NONE, state, ""),
            ),
        )
        for row in year.rows
    ]
    return Section(
        titles=("PENGUKURAN KINERJA INDIVIDU", f"{QUARTER_WORDS[quarter - 1].upper()} TAHUN {year.year}"),
        fields=(
            ("Jabatan", year.position),
            ("Unit kerja", year.unit),
            ("Nama", year.holder or NONE),
            ("Lembar IKI", f"register {year.sheet_register}, {revision_name(year.revision).lower()}"),
            ("Keadaan laporan", state),
        ),
        tables=(PaperTable(COLUMNS, tuple(grouped(lines))),),
    )


def _summary(made: Composition) -> PaperTable:
    words = (*made.scale.words, _UNMEASURED)
    columns = (
        TableColumn("NO", 9, is_centred=True),
        TableColumn("JABATAN", 62),
        TableColumn("NAMA", 50),
        TableColumn("KEADAAN LAPORAN", 50),
        TableColumn("INDIKATOR", 18, is_centred=True),
        *(TableColumn(word.upper(), _BANDS_MM, is_centred=True) for word in words),
    )
    lines = [_post_line(number, each, made, words) for number, each in enumerate(made.posts, start=1)]
    return PaperTable(columns, (*grouped(lines), *grouped([_total_line(made, words)])))


def _post_line(
    number: int, post: MeasuredYear, made: Composition, words: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = counts(post, made.quarter)
    cells = (post.position, _name_of(post, made.quarter), states_text(post, made.quarter), str(sum(found.values())))
    return (str(number),), (*cells, *(str(found[word]) for word in words))


def _total_line(made: Composition, words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: Counter[str] = Counter()
    for post in made.posts:
        found += counts(post, made.quarter)
    return ("",), ("Jumlah", "", reported_words(made), str(sum(found.values())), *(str(found[word]) for word in words))


def counts(post: MeasuredYear, quarter: int | None) -> Counter[str]:
    """How many of the post's indicators fall into each band, and how many into none."""
    return Counter(each.band or _UNMEASURED for each in _reached(post, quarter))


def _reached(post: MeasuredYear, quarter: int | None) -> Iterator[Measured]:
    if quarter is None:
        yield from (row.achievement for row in post.rows)
        return
    report = post.reports.get(quarter)
    nothing = [Measured(row.achievement.outcome) for row in post.rows if row.gone_since is None]
    yield from (row.achievement for row in report.rows) if report else nothing


def _name_of(post: MeasuredYear, quarter: int | None) -> str:
    report = post.reports.get(quarter) if quarter else post.newest
    return report.reported_by.full_name if report else post.holder or NONE


def states_text(post: MeasuredYear, quarter: int | None) -> str:
    """ "Terverifikasi, 2026-TW3-0004", "Belum dilaporkan"; of a year a line a quarter, "TW I: 2026-TW1-0004"."""
    if quarter is not None:
        report = post.reports.get(quarter)
        return f"Terverifikasi, {report.proof.register}" if report else post.states[quarter]
    return "\n".join(f"{QUARTER_WORDS[each - 1].replace('Triwulan', 'TW')}: {_short_state(post, each)}" for each in QUARTERS)


def _short_state(post: MeasuredYear, quarter: int) -> str:
    report = post.reports.get(quarter)
    return report.proof.register if report else f"{post.states[quarter][0].lower()}{post.states[quarter][1:]}"


def reported_words(made: Composition) -> str:
    """ "17 dari 20 laporan terverifikasi"."""
    asked = QUARTERS if made.quarter is None else (made.quarter,)
    verified = sum(each in post.reports for post in made.posts for each in asked)
    return f"{verified} dari {len(made.posts) * len(asked)} laporan terverifikasi"


def _notes(made: Composition) -> Iterator[str]:
    yield "Angka pada kolom kategori: banyaknya indikator. Persentase indikator yang berbeda tidak dirata-ratakan."
    if made.quarter is None:
        yield "TW dengan nomor register: laporannya terverifikasi. Selama triwulan lain belum, kategori tahun masih sementara."
    yield from without_sheet_note(made)
    yield f"{_UNMEASURED}: belum dilaporkan, belum terverifikasi, tanpa target, atau tidak dapat dihitung."
    yield scale_note(made.scale)


def without_sheet_note(made: Composition) -> Iterator[str]:
    if made.without_sheet:
        yield f"Tanpa lembar IKI yang berlaku, sehingga tidak diukur: {'; '.join(made.without_sheet)}."


def composed_xlsx(made: Composition) -> bytes:
    """Every indicator of every post in one table."""
    columns: tuple[Column, ...] = YEAR_CELLS if made.quarter is None else QUARTER_CELLS
    document = composed(made)
    closing = signature_rows(document, left=1, right=16)
    return table_xlsx(columns, _cells(made), name="Pengukuran Kinerja", title=made.name, year=made.year, closing=closing)


def _cells(made: Composition) -> Iterator[tuple[Cell, ...]]:
    for post in made.posts:
        if made.quarter is None:
            yield from year_cells(post)
        elif report := post.reports.get(made.quarter):
            yield from quarter_cells(report)
        else:
            yield from missing_cells(post, made.quarter)
