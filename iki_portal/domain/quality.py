"""Whether what a sheet says can be measured: one small rule for each way in which it cannot.

A rule has a number that stays, a severity, and says what it sees and what to do. `BLOCKS` keeps a sheet from being submitted,
`ADVISES` stands beside its row for the owner and the reviewer. Rules read a sheet and nothing else; they never mend, and never
invent a figure. What is asked: PermenPANRB 53/2014 (indicators that are specific, measurable, with a source), and what the
office's own document was seen to do wrong. docs/quality-rules.md is made from this table (`make rules`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Protocol

from iki_portal.domain.targets import Aggregation, IndicatorRow, StatementFacts
from iki_portal.domain.units_of_measure import suggest_unit
from iki_portal.domain.wording import second_phrase, typos_in


class Severity(StrEnum):
    BLOCKS = "blocks"
    ADVISES = "advises"


SEVERITY_WORDS = {Severity.BLOCKS: "Menghalangi", Severity.ADVISES: "Saran"}


class SheetFacts(Protocol):
    """What the rules read of a sheet; a paper satisfies it."""

    @property
    def heading(self) -> str: ...
    @property
    def position(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def statements(self) -> Sequence[StatementFacts]: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule saw something, and what: on the whole sheet, on a statement, or on one of its indicators."""

    message: str
    statement_number: int | None = None
    indicator_index: int | None = None
    indicator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    number: int
    severity: Severity
    #: What the rule asks of a sheet, in the office's words.
    title: str
    remedy: str
    check: Callable[[SheetFacts], Iterator[Spot]]

    @property
    def code(self) -> str:
        return f"M{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    spot: Spot

    @property
    def message(self) -> str:
        return f"{self.spot.message} {self.rule.remedy}"

    @property
    def blocks(self) -> bool:
        return self.rule.severity is Severity.BLOCKS

    @property
    def place(self) -> str:
        """ "Baris 2.1", "Kinerja 2", or "Lembar"."""
        if self.spot.statement_number is None:
            return "Lembar"
        if self.spot.indicator_index is None:
            return f"Kinerja {self.spot.statement_number}"
        return f"Baris {self.spot.statement_number}.{self.spot.indicator_index}"


def findings(sheet: SheetFacts) -> tuple[Finding, ...]:
    """Everything the rules see, in the order of the paper, the blocking ones of a row first."""
    seen = [Finding(rule, spot) for rule in RULES for spot in rule.check(sheet)]
    return tuple(sorted(seen, key=lambda each: (*_place(each.spot), not each.blocks, each.rule.number)))


def _place(spot: Spot) -> tuple[int, int]:
    return spot.statement_number or 0, spot.indicator_index or 0


def blocking(sheet: SheetFacts) -> tuple[Finding, ...]:
    return tuple(each for each in findings(sheet) if each.blocks)


# What the rules have in common

_WORD = re.compile(r"\w+")
#: Words that a formula may put before or between those of its indicator without saying anything more.
_FILLERS = frozenset(
    (
        *("jumlah", "persentase", "prosentase", "persen", "banyaknya", "total", "nilai", "angka", "hasil"),
        *("dari", "yang", "dan", "atas", "dengan", "adalah", "yaitu", "dihitung", "ini"),
    )
)
_NEARLY_THE_SAME = 0.9
_SHARE = re.compile(r"(?:persentase|prosentase|persen)\b", re.IGNORECASE)
_COUNT = re.compile(r"(?:jumlah|banyaknya)\b", re.IGNORECASE)
#: A share of a whole cannot exceed it; growth can.
_GROWTH = re.compile(r"\b(?:kenaikan|peningkatan|pertumbuhan|penambahan|realisasi terhadap|laju)\b", re.IGNORECASE)
_DIVIDED = re.compile(r"\s(?:dibagi(?:\s+dengan)?|dibanding(?:kan)?(?:\s+dengan)?|per|terhadap)\s|[/÷:]", re.IGNORECASE)
_TIMES_100 = re.compile(r"(?:[x×*]|dikali(?:kan)?)\s*100\s*%?", re.IGNORECASE)
_ACTIVITY = re.compile(
    r"(?:melaksanakan|melakukan|menyusun|mengelola|membuat|menyiapkan|memproses|mengikuti|menghadiri|memfasilitasi|pelaksanaan|penyusunan"
    r"|pembuatan|penyiapan|kegiatan)\b",
    re.IGNORECASE,
)
_UNIT_KINDS = re.compile(r"\b(?:bidang|sub bagian|bagian|sekretariat)\b", re.IGNORECASE)
_LEAST_CAPITALS = 12


def _rows(sheet: SheetFacts) -> Iterator[tuple[StatementFacts, int, IndicatorRow]]:
    for statement in sheet.statements:
        for index, indicator in enumerate(statement.indicators, start=1):
            yield statement, index, indicator


def _at(statement: StatementFacts, index: int, indicator: IndicatorRow, message: str) -> Spot:
    return Spot(message, statement.number, index, indicator.id)


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def _telling(text: str | None) -> list[str]:
    return [word for word in _words(text) if word not in _FILLERS]


def same_words(one: str | None, other: str | None) -> bool:
    """Whether two texts say the same: apart from case, punctuation, "Jumlah …" and the like, and a slip of the finger."""
    first, second = _telling(one), _telling(other)
    if not first or not second:
        return _words(one) == _words(other) != []
    if first == second:
        return True
    longer, shared = max(len(first), len(second)), len(set(first) & set(second))
    if shared < longer * _NEARLY_THE_SAME / 2:  # most formulas: saves the comparison word by word
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _NEARLY_THE_SAME


def operands(formula: str | None) -> tuple[str, str] | None:
    """Pembilang and penyebut of a formula written as a division; None when it is none."""
    text = _TIMES_100.sub(" ", formula or "")
    parts = [part.strip(" ()[]=.,;") for part in _DIVIDED.split(text)]
    parts = [part for part in parts if _words(part)]
    return (parts[-2], parts[-1]) if len(parts) >= 2 else None


def _is_percent(unit: str | None) -> bool:
    return (unit or "").strip().casefold() in ("%", "persen", "persentase")


# The rules, one small function each


def _formula_repeats(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if same_words(indicator.formula, indicator.text):
            yield _at(statement, index, indicator, "Penjelasan/formulasi hanya mengulang indikatornya.")


def _share_without_operands(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        is_share = _SHARE.match((indicator.text or "").strip()) or indicator.aggregation == Aggregation.RATIO
        if is_share and _words(indicator.formula) and operands(indicator.formula) is None:
            yield _at(statement, index, indicator, "Persentase tanpa pembilang dan penyebut tidak dapat dihitung.")


def _equal_operands(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        found = operands(indicator.formula)
        if found and _words(found[0]) == _words(found[1]):
            yield _at(statement, index, indicator, "Pembilang dan penyebut sama, sehingga hasilnya selalu 100%.")


def _share_in_another_unit(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        unit = (indicator.unit_of_measure or "").strip()
        is_share = _SHARE.match((indicator.text or "").strip()) or indicator.aggregation == Aggregation.RATIO
        if unit and is_share and not _is_percent(unit):
            yield _at(statement, index, indicator, f"Persentase dengan satuan “{unit}”.")


def _count_in_percent(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if _COUNT.match((indicator.text or "").strip()) and _is_percent(indicator.unit_of_measure):
            yield _at(statement, index, indicator, "Jumlah dengan satuan persen.")


def _unusual_unit(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        unit, usual = (indicator.unit_of_measure or "").strip(), suggest_unit(indicator.text or "")
        if unit and usual and usual != "%" and not _is_percent(unit) and unit.casefold() != usual:
            yield _at(statement, index, indicator, f"Satuan “{unit}”, sedangkan kata-kata indikatornya menghitung {usual}.")


def _above_the_whole(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        highest = max((each for each in (indicator.target, *indicator.quarters) if each is not None), default=Decimal(0))
        if highest > 100 and _is_percent(indicator.unit_of_measure) and not _GROWTH.search(indicator.text or ""):
            yield _at(statement, index, indicator, "Target di atas 100% dari suatu bagian.")


def _two_phrases(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        second = second_phrase(" ".join((indicator.text or "").split()))
        if second:
            yield _at(statement, index, indicator, f"Dua indikator tersambung; yang kedua tampaknya “{second}”.")


def _activity(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        if _ACTIVITY.match((statement.text or "").strip()):
            yield Spot("Kinerja ini menyebut kegiatan, bukan hasil.", statement.number)


def _only_counts(sheet: SheetFacts) -> Iterator[Spot]:
    rows = [indicator for _, _, indicator in _rows(sheet)]
    leads = sheet.position.casefold().startswith(("kepala bidang", "plt. kepala bidang", "plh. kepala bidang"))
    if leads and rows and all(_COUNT.match((each.text or "").strip()) for each in rows):
        yield Spot("Semua indikator Kepala Bidang hanya menghitung keluaran.")


def _twice_on_the_sheet(sheet: SheetFacts) -> Iterator[Spot]:
    first: dict[tuple[str, ...], str] = {}
    for statement, index, indicator in _rows(sheet):
        key = tuple(_words(indicator.text))
        if key and key in first:
            yield _at(statement, index, indicator, f"Indikator ini sama dengan baris {first[key]}.")
        first.setdefault(key, f"{statement.number}.{index}")


def _heading_of_another(sheet: SheetFacts) -> Iterator[Spot]:
    heading = _telling(sheet.heading)
    if _UNIT_KINDS.search(sheet.heading) and not set(heading) <= set(_telling(f"{sheet.position} {sheet.unit}")):
        yield Spot(f"Judul “{sheet.heading}” tidak sesuai dengan jabatan {sheet.position}.")


def _misspelt(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        yield from (Spot(_spelling(wrong, right), statement.number) for wrong, right in typos_in(statement.text or ""))
    for statement, index, indicator in _rows(sheet):
        texts = dict.fromkeys(filter(None, (indicator.text, indicator.formula, indicator.source)))
        for wrong, right in dict.fromkeys(pair for text in texts for pair in typos_in(text)):
            yield _at(statement, index, indicator, _spelling(wrong, right))


def _spelling(wrong: str, right: str) -> str:
    return f"“{wrong}” mungkin seharusnya “{right}”."


def _capitals(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        if _shouts(statement.text):
            yield Spot("Kinerja ini ditulis dengan huruf besar semua.", statement.number)
    for statement, index, indicator in _rows(sheet):
        if _shouts(indicator.text) or _shouts(indicator.formula):
            yield _at(statement, index, indicator, "Teks baris ini ditulis dengan huruf besar semua.")


def _shouts(text: str | None) -> bool:
    letters = [sign for sign in text or "" if sign.isalpha()]
    return len(letters) >= _LEAST_CAPITALS and all(sign.isupper() for sign in letters)


#: Numbers are never given twice: prints, answers and settings name them.
RULES = (
    Rule(
        1,
        Severity.BLOCKS,
        "Penjelasan/formulasi mengatakan lebih daripada indikatornya",
        "Tuliskan apa yang dihitung, dari catatan mana, dan sampai kapan; untuk persentase: pembilang dibagi penyebut.",
        _formula_repeats,
    ),
    Rule(
        2,
        Severity.ADVISES,
        "Persentase memiliki pembilang dan penyebut",
        "Tuliskan misalnya: jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun x 100%.",
        _share_without_operands,
    ),
    Rule(3, Severity.BLOCKS, "Pembilang dan penyebut berbeda", "Periksa kembali kedua bagian rumusnya.", _equal_operands),
    Rule(
        4,
        Severity.ADVISES,
        "Persentase bersatuan %",
        "Gunakan satuan %, atau ubah indikatornya menjadi jumlah.",
        _share_in_another_unit,
    ),
    Rule(
        5,
        Severity.ADVISES,
        "Jumlah tidak bersatuan %",
        "Gunakan satuan dari yang dihitung, misalnya dokumen.",
        _count_in_percent,
    ),
    Rule(6, Severity.ADVISES, "Satuan sesuai dengan yang dihitung", "Periksa satuannya.", _unusual_unit),
    Rule(
        7, Severity.ADVISES, "Bagian tidak melebihi keseluruhan", "Periksa target, atau sebut pertumbuhannya.", _above_the_whole
    ),
    Rule(8, Severity.ADVISES, "Satu baris memuat satu indikator", "Pisahkan menjadi dua indikator.", _two_phrases),
    Rule(
        9,
        Severity.ADVISES,
        "Kinerja menyebut hasil",
        "Mulailah dengan hasilnya, misalnya “Meningkatnya …” atau “Terwujudnya …”.",
        _activity,
    ),
    Rule(
        10,
        Severity.ADVISES,
        "Kepala Bidang diukur pada hasil",
        "Tambahkan indikator mutu atau hasil, misalnya persentase.",
        _only_counts,
    ),
    Rule(11, Severity.ADVISES, "Indikator tidak tercantum dua kali", "Hapus salah satu, atau bedakan.", _twice_on_the_sheet),
    Rule(
        12,
        Severity.ADVISES,
        "Judul sesuai dengan jabatan",
        "Tanyakan kepada operator bila judulnya keliru.",
        _heading_of_another,
    ),
    Rule(13, Severity.ADVISES, "Ejaan sesuai istilah kantor", "Perbaiki bila memang salah ketik.", _misspelt),
    Rule(14, Severity.ADVISES, "Huruf besar hanya di awal", "Tuliskan dengan huruf biasa.", _capitals),
)


def rules_page() -> str:
    """docs/quality-rules.md: every rule with its number, severity and remedy."""
    lines = [
        "# Rules of the quality check",
        "",
        "Made from `iki_portal/domain/quality.py` by `make rules`. *Menghalangi* keeps a sheet from being submitted; *Saran*",
        "stands beside its row. Numbers are never given twice.",
        "",
        "| rule | severity | asks | what to do |",
        "|---|---|---|---|",
    ]
    lines += [f"| {rule.code} | {SEVERITY_WORDS[rule.severity]} | {rule.title} | {rule.remedy} |" for rule in RULES]
    return "\n".join(lines) + "\n"
