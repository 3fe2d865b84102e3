"""What the reader notices once a sheet is whole: who owns it, how its duties are written, what its rows repeat."""

import re
from collections.abc import Iterable, Sequence

from iki_portal.domain.wording import second_phrase, typos_in
from iki_portal.imports.drafts import Habits, Item, Part, SheetDraft
from iki_portal.imports.figures import states_target
from iki_portal.imports.findings import FindingKind, Findings, places, quote
from iki_portal.imports.lines import Line, Source
from iki_portal.imports.sheets import ReadIndicator, ReadSheet, ReadStatement
from iki_portal.imports.units import DerivedUnit, heading_agrees, is_unit_name
from iki_portal.imports.wording import ends_properly, holds_two_items

_CHIEF_NAMED = re.compile(r"Kepala (Bidang [A-Z][^;.]*)")

# A line that would carry one of these.
_FACTS = {
    "nama": re.compile(r"nama\b ?:", re.IGNORECASE),
    "NIP": re.compile(r"NIP\b"),
    "pangkat/golongan": re.compile(r"pangkat\b.{0,40}:", re.IGNORECASE),
    "tahun": re.compile(r".{0,80}\btahun\b ?:? ?20\d\d\b", re.IGNORECASE),
    "kop surat": re.compile(r"pemerintah (?:kabupaten|kota|provinsi)\b", re.IGNORECASE),
    "blok tanda tangan": re.compile(r"mengetahui\b|ditetapkan di\b|tertanda\b", re.IGNORECASE),
}
#: Columns of the portal that the office's document does not have.
COLUMNS_OF_PORTAL = ("target", "satuan")


def check_words(line: Line, findings: Findings) -> None:
    for word, intended in typos_in(line.text):
        findings.add(FindingKind.TYPO, line.number, f"“{word}” mungkin maksudnya “{intended}”; dibaca persis seperti tertulis.")


def facts_in(text: str) -> set[str]:
    return {fact for fact, pattern in _FACTS.items() if pattern.match(text)}


def figures_in(sheets: Sequence[ReadSheet]) -> set[str]:
    indicators = [one for sheet in sheets for statement in sheet.statements for one in statement.indicators]
    target, unit = COLUMNS_OF_PORTAL
    found = {target} if any(states_target(one) for one in indicators) else set()
    return found | ({unit} if any(one.unit_of_measure for one in indicators) else set())


def check_facts(seen: set[str], first: SheetDraft, findings: Findings) -> None:
    missing = [fact for fact in (*_FACTS, *COLUMNS_OF_PORTAL) if fact not in seen]
    if not missing:
        return
    comma = "," if len(missing) > 2 else ""
    said = f"{', '.join(missing[:-1])}{comma} dan {missing[-1]}; semuanya" if len(missing) > 1 else f"{missing[0]}; itu"
    findings.add(FindingKind.MISSING_FACTS, first.line, f"Dokumen tidak memuat {said} dibiarkan kosong.")


def check_pictures(source: Source, findings: Findings) -> None:
    """Text boxes of Word, and pages that were scanned."""
    for page in source.pictures:
        findings.add(FindingKind.PAGE_IS_PICTURE, 1, f"Halaman {page} berupa gambar tanpa teks dan tidak dibaca.")
    findings.add_summary(
        FindingKind.STRAY_TEXT, list(source.boxes), "Teks di dalam kotak teks tidak dibaca ({lines}); pindahkan ke luar kotak."
    )


def check_habits(habits: Habits, drafts: Sequence[SheetDraft], findings: Findings) -> None:
    findings.add_summary(
        FindingKind.FUNCTIONS_ON_LABEL_LINE,
        habits.functions_on_label_line,
        "Butir pertama Fungsi ditulis sebaris dengan kata “Fungsi” ({lines}); dibaca sebagai butir biasa.",
    )
    findings.add_summary(
        FindingKind.HEADER_TAGGED,
        habits.tagged_headers,
        "Kepala tabel memuat tanda HTML ({lines}); tandanya dibuang, kata-katanya tetap.",
    )
    findings.add_summary(
        FindingKind.MAIN_DUTY_IS_LIST,
        [draft.line_of(Part.MAIN_DUTY) for draft in drafts if draft.duties and not draft.main_duty],
        "Tugas Pokok ditulis sebagai daftar ({lines}); dibaca sebagai uraian tugas, tugas pokok dibiarkan kosong.",
    )
    findings.add_summary(
        FindingKind.POST_WITHOUT_ROWS,
        habits.posts_without_rows,
        "Jabatan tanpa isi kinerja ({lines}) tidak dijadikan lembar.",
    )


def check_owner(draft: SheetDraft, unit: DerivedUnit, findings: Findings) -> None:
    if not draft.heading and not draft.is_of_rows:
        findings.add(FindingKind.HEADING_MISSING, draft.line, "Lembar tidak mempunyai judul di bawah kata IKI.")
    line = draft.line_of(Part.POST if draft.names_post else Part.UNIT)
    if unit.name is None:
        findings.add(FindingKind.UNIT_UNKNOWN, line, f"Unit tidak dapat disimpulkan: {unit.because}.")
    if not draft.position:
        empty = "Jabatan" if draft.names_post else "Unit Kerja"
        findings.add(FindingKind.POSITION_MISSING, line, f"Jabatan pemilik lembar tidak tertulis (“{empty}” kosong).")
    elif not draft.names_post:
        _check_post_in_unit(draft, unit, findings)
    if draft.heading and draft.position and not heading_agrees(draft.title, draft.position):
        findings.add(
            FindingKind.HEADING_DIFFERS,
            draft.line,
            f"Judul {quote(draft.title)} tidak cocok dengan jabatan {quote(draft.position)}; keduanya dicatat.",
        )


def _check_post_in_unit(draft: SheetDraft, unit: DerivedUnit, findings: Findings) -> None:
    line = draft.line_of(Part.UNIT)
    if is_unit_name(draft.position):
        findings.add(FindingKind.POSITION_MISSING, line, f"“Unit Kerja” berisi unit {quote(draft.position)}, bukan jabatan.")
    elif unit.name is not None:
        findings.add(
            FindingKind.POST_IN_UNIT,
            line,
            f"“Unit Kerja” berisi jabatan {quote(draft.position)}; unit disimpulkan {quote(unit.name)} dari {unit.because}.",
        )


def check_duties(draft: SheetDraft, unit: DerivedUnit, findings: Findings) -> None:
    if not (draft.main_duty or draft.duties or draft.is_of_rows):
        findings.add(FindingKind.MAIN_DUTY_MISSING, draft.line_of(Part.MAIN_DUTY), "Tugas Pokok tidak tertulis.")
    for item in (*draft.duties, *draft.functions):
        _check_item(item, unit, findings)


def _check_item(item: Item, unit: DerivedUnit, findings: Findings) -> None:
    text = item.text
    name = f"Butir {item.letter}" if item.letter else "Butir ini"
    if not ends_properly(text):
        findings.add(
            FindingKind.ITEM_WITHOUT_END, item.line, f"{name} tidak diakhiri titik koma atau titik: {quote(text, 60)}."
        )
    if holds_two_items(text):
        findings.add(FindingKind.ITEM_HOLDS_TWO, item.line, f"{name} tampaknya memuat dua butir: {quote(text)}; dibaca satu.")
    named = _CHIEF_NAMED.search(text)
    if named and unit.name and unit.name.startswith("Bidang") and named[1].strip() != unit.name:
        findings.add(
            FindingKind.OTHER_POST_NAMED,
            item.line,
            f"{name} menyebut {quote(named[0].strip())}, padahal lembar ini milik {quote(unit.name)}.",
        )


def check_rows(sheet: ReadSheet, draft: SheetDraft, unit: DerivedUnit, findings: Findings) -> None:
    if draft.table is None:
        findings.add(FindingKind.TABLE_MISSING, draft.line, "Lembar ini tidak mempunyai tabel kinerja.")
        return
    if not sheet.statements:
        findings.add(FindingKind.TABLE_MISSING, draft.table.line, "Tabel kinerja pada lembar ini kosong.")
    indicators = [indicator for statement in sheet.statements for indicator in statement.indicators]
    _check_formulas(indicators, findings)
    _check_sources(indicators, unit, findings)
    for indicator in indicators:
        second = second_phrase(indicator.text)
        if second:
            findings.add(
                FindingKind.RUN_TOGETHER,
                indicator.line,
                f"Indikator tampaknya menyambung dua kalimat; yang kedua mulai pada {quote(second, 40)}.",
            )


def _check_formulas(indicators: Sequence[ReadIndicator], findings: Findings) -> None:
    lines = [indicator.line for indicator in indicators if indicator.text and indicator.formula == indicator.text]
    if lines:
        findings.add(
            FindingKind.FORMULA_REPEATS_INDICATOR,
            lines[0],
            f"Penjelasan/formulasi hanya mengulang indikator pada {len(lines)} dari {len(indicators)} indikator lembar "
            f"ini ({places(lines)}); cara menghitung belum tertulis.",
        )


def _check_sources(indicators: Sequence[ReadIndicator], unit: DerivedUnit, findings: Findings) -> None:
    expected = unit.source().casefold()
    other = [one for one in indicators if expected and one.source and one.source.casefold() != expected]
    if other:
        findings.add(
            FindingKind.SOURCE_DIFFERS,
            other[0].line,
            f"SUMBER DATA {quote(other[0].source)} berbeda dari unit lembar ini, {quote(unit.name or '')} "
            f"({places([one.line for one in other])}).",
        )


def check_repeated_rows(sheets: Sequence[ReadSheet], findings: Findings) -> None:
    """Two owners may share a row, one sheet may not hold it twice; a roll-up must count either only once."""
    first_at: dict[tuple[str, ...], tuple[int, int]] = {}
    for place, sheet in enumerate(sheets, start=1):
        for key, line in _rows_of(sheet.statements):
            known_place, known_line = first_at.setdefault(key, (place, line))
            if known_line == line:
                continue
            if known_place == place:
                findings.add(FindingKind.ROW_REPEATED, line, f"Sama persis dengan baris {known_line} pada lembar yang sama.")
            else:
                findings.add(
                    FindingKind.ROW_SHARED,
                    line,
                    f"Sama persis dengan baris {known_line} pada lembar ke-{known_place}, pemilik lain; sah bila "
                    "pekerjaannya memang dibagi, tetapi jangan dihitung dua kali dalam rekapitulasi.",
                )


def _rows_of(statements: Iterable[ReadStatement]) -> Iterable[tuple[tuple[str, ...], int]]:
    for statement in statements:
        for one in statement.indicators:
            yield (statement.text, one.text, one.formula, one.source), one.line
