"""What each rule of the quality check sees on a sheet: small functions over plain facts; domain/quality.py makes rules of them.

They read a sheet and nothing else; they never mend, and never invent a figure. A rule sees a place at most once, so that a
rule and a place name one finding.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Protocol

from iki_portal.domain.numbers import format_number
from iki_portal.domain.targets import DETAIL_WORDS, FIELD_WORDS, Aggregation, IndicatorRow, Polarity, StatementFacts
from iki_portal.domain.units_of_measure import suggest_unit
from iki_portal.domain.wording import second_phrase, typos_in


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
class SheetAmongOthers:
    """A sheet, and which other posts have the same indicators this year: `text_key` of an indicator → their titles."""

    heading: str
    position: str
    unit: str
    statements: Sequence[StatementFacts]
    elsewhere: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule saw something, and what: on the whole sheet, on a statement, or on one of its indicators."""

    message: str
    statement_number: int | None = None
    statement_id: int | None = None
    indicator_index: int | None = None
    indicator_id: int | None = None
    #: What an answer to it answers, where the message also names what comes and goes.
    about: str = ""

    @property
    def place(self) -> str:
        """ "indikator-12", "kinerja-3" or "lembar": where an answer belongs, however rows are ordered."""
        if self.statement_number is None:
            return "lembar"
        return f"kinerja-{self.statement_id}" if self.indicator_index is None else f"indikator-{self.indicator_id}"

    @property
    def subject(self) -> str:
        return self.about or self.message


# What the rules have in common

KEY_LENGTH = 16
_WORD = re.compile(r"\w+")
#: Left where somebody still has to write.
_BLANK = re.compile(r"…|\.{3}")
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
#: A formula's text may be composed from them.
_FORMULA_FIELDS = ("numerator", "denominator", "population", "record", "cut_off")
_NAMED_POSTS = 3


def _rows(sheet: SheetFacts) -> Iterator[tuple[StatementFacts, int, IndicatorRow]]:
    for statement in sheet.statements:
        for index, indicator in enumerate(statement.indicators, start=1):
            yield statement, index, indicator


def _on(statement: StatementFacts, message: str) -> Spot:
    return Spot(message, statement.number, statement.id)


def _at(statement: StatementFacts, index: int, indicator: IndicatorRow, message: str, about: str = "") -> Spot:
    return Spot(message, statement.number, statement.id, index, indicator.id, about=about)


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def text_key(text: str | None) -> str:
    """The same for texts that differ only in case, spaces and punctuation; empty where there are no words."""
    words = " ".join(_words(text))
    return sha256(words.encode()).hexdigest()[:KEY_LENGTH] if words else ""


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


def operands_of(indicator: IndicatorRow) -> tuple[str, str] | None:
    """Pembilang and penyebut: the fields where both are given, else what the formula's text divides."""
    if _words(indicator.numerator) and _words(indicator.denominator):
        return indicator.numerator, indicator.denominator
    return operands(indicator.formula)


def _is_told_in_fields(indicator: IndicatorRow) -> bool:
    """What is counted, and what it is divided by or where it is recorded: whoever can say that repeats nothing."""
    return _is_said(indicator.numerator) and (_is_said(indicator.denominator) or _is_said(indicator.record))


def _is_said(text: str) -> bool:
    return bool(_words(text)) and not _BLANK.search(text)


def _is_share(indicator: IndicatorRow) -> bool:
    return bool(_SHARE.match((indicator.text or "").strip())) or indicator.aggregation == Aggregation.RATIO


def _is_percent(unit: str | None) -> bool:
    return (unit or "").strip().casefold() in ("%", "persen", "persentase")


# The rules, one small function each


def formula_repeats(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if same_words(indicator.formula, indicator.text) and not _is_told_in_fields(indicator):
            yield _at(statement, index, indicator, "Penjelasan/formulasi hanya mengulang indikatornya.")


def share_without_operands(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if _is_share(indicator) and _words(indicator.formula) and operands_of(indicator) is None:
            yield _at(statement, index, indicator, "Persentase tanpa pembilang dan penyebut tidak dapat dihitung.")


def equal_operands(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        found = operands_of(indicator)
        if found and _words(found[0]) == _words(found[1]):
            yield _at(statement, index, indicator, "Pembilang dan penyebut sama, sehingga hasilnya selalu 100%.")


def share_in_another_unit(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        unit = (indicator.unit_of_measure or "").strip()
        if unit and _is_share(indicator) and not _is_percent(unit):
            yield _at(statement, index, indicator, f"Persentase dengan satuan “{unit}”.")


def count_in_percent(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if _COUNT.match((indicator.text or "").strip()) and _is_percent(indicator.unit_of_measure):
            yield _at(statement, index, indicator, "Jumlah dengan satuan persen.")


def unusual_unit(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        unit, usual = (indicator.unit_of_measure or "").strip(), suggest_unit(indicator.text or "")
        if unit and usual and usual != "%" and not _is_percent(unit) and unit.casefold() != usual:
            yield _at(statement, index, indicator, f"Satuan “{unit}”, sedangkan kata-kata indikatornya menghitung {usual}.")


def above_the_whole(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        highest = max(_figures(indicator), default=Decimal(0))
        if highest > 100 and _is_percent(indicator.unit_of_measure) and not _GROWTH.search(indicator.text or ""):
            yield _at(statement, index, indicator, "Target di atas 100% dari suatu bagian.")


def _figures(indicator: IndicatorRow) -> list[Decimal]:
    return [each for each in (indicator.target, *indicator.quarters) if each is not None]


def two_phrases(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        second = second_phrase(" ".join((indicator.text or "").split()))
        if second:
            yield _at(statement, index, indicator, f"Dua indikator tersambung; yang kedua tampaknya “{second}”.")


def activity(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        if _ACTIVITY.match((statement.text or "").strip()):
            yield _on(statement, "Kinerja ini menyebut kegiatan, bukan hasil.")


def only_counts(sheet: SheetFacts) -> Iterator[Spot]:
    rows = [indicator for _, _, indicator in _rows(sheet)]
    leads = sheet.position.casefold().startswith(("kepala bidang", "plt. kepala bidang", "plh. kepala bidang"))
    if leads and rows and all(_COUNT.match((each.text or "").strip()) for each in rows):
        yield Spot("Semua indikator Kepala Bidang hanya menghitung keluaran.")


def twice_on_the_sheet(sheet: SheetFacts) -> Iterator[Spot]:
    first: dict[tuple[str, ...], str] = {}
    for statement, index, indicator in _rows(sheet):
        key = tuple(_words(indicator.text))
        if key and key in first:
            yield _at(statement, index, indicator, f"Indikator ini sama dengan baris {first[key]}.")
        first.setdefault(key, f"{statement.number}.{index}")


def heading_of_another(sheet: SheetFacts) -> Iterator[Spot]:
    heading = _telling(sheet.heading)
    if _UNIT_KINDS.search(sheet.heading) and not set(heading) <= set(_telling(f"{sheet.position} {sheet.unit}")):
        yield Spot(f"Judul “{sheet.heading}” tidak sesuai dengan jabatan {sheet.position}.")


def misspelt(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        if message := _spellings(statement.text):
            yield _on(statement, message)
    for statement, index, indicator in _rows(sheet):
        if message := _spellings(indicator.text, indicator.formula, indicator.source):
            yield _at(statement, index, indicator, message)


def _spellings(*texts: str | None) -> str:
    """ "“apatur” mungkin seharusnya “aparatur”.", for every misspelt word; empty when there is none."""
    found = dict.fromkeys(pair for text in dict.fromkeys(filter(None, texts)) for pair in typos_in(text))
    words = [f"“{wrong}” mungkin seharusnya “{right}”" for wrong, right in found]
    return "; ".join(words) + "." if words else ""


def capitals(sheet: SheetFacts) -> Iterator[Spot]:
    for statement in sheet.statements:
        if _shouts(statement.text):
            yield _on(statement, "Kinerja ini ditulis dengan huruf besar semua.")
    for statement, index, indicator in _rows(sheet):
        if _shouts(indicator.text) or _shouts(indicator.formula):
            yield _at(statement, index, indicator, "Teks baris ini ditulis dengan huruf besar semua.")


def _shouts(text: str | None) -> bool:
    letters = [sign for sign in text or "" if sign.isalpha()]
    return len(letters) >= _LEAST_CAPITALS and all(sign.isupper() for sign in letters)


def blank_left(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        open_fields = [name for name in _FORMULA_FIELDS if _BLANK.search(getattr(indicator, name))]
        if open_fields or _BLANK.search(indicator.formula or ""):
            where = ", ".join(DETAIL_WORDS[name] for name in open_fields) or FIELD_WORDS["formula"]
            yield _at(statement, index, indicator, f"Isian rumus masih kosong: ada titik-titik pada {where}.")


def no_trend(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if message := _standstill(indicator):
            yield _at(statement, index, indicator, message)


def _standstill(indicator: IndicatorRow) -> str:
    """How the target fails to improve on last year; empty where it does, or cannot.

    In a range nothing is "better": to stay inside is the aim. A share that is whole and a count that is nought are kept.
    """
    before, target = indicator.baseline, indicator.target
    if before is None or target is None or indicator.polarity not in (Polarity.MAXIMIZE, Polarity.MINIMIZE):
        return ""
    wants_more = indicator.polarity == Polarity.MAXIMIZE
    is_better = target > before if wants_more else target < before
    if is_better or (_is_whole(indicator, target) if wants_more else target == 0):
        return ""
    if target == before:
        return f"Target {format_number(target)} sama dengan kondisi awal."
    worse = "lebih rendah" if wants_more else "lebih tinggi"
    return f"Target {format_number(target)} {worse} daripada kondisi awal {format_number(before)}."


def _is_whole(indicator: IndicatorRow, target: Decimal) -> bool:
    return _is_percent(indicator.unit_of_measure) and target >= 100 and not _GROWTH.search(indicator.text or "")


def justified_nought(sheet: SheetFacts) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        reason = indicator.justification.strip()
        if reason and indicator.polarity == Polarity.MAXIMIZE and 0 in _figures(indicator):
            yield _at(statement, index, indicator, f"Target nol dengan alasan: “{reason}”.")


def on_another_sheet(sheet: SheetAmongOthers) -> Iterator[Spot]:
    for statement, index, indicator in _rows(sheet):
        if posts := sheet.elsewhere.get(text_key(indicator.text)):
            message = f"Indikator ini juga tercantum pada lembar {_listed(posts)}."
            yield _at(statement, index, indicator, message, about=" ".join(_words(indicator.text)))


def _listed(posts: Sequence[str]) -> str:
    """ "A", "A dan B", "A, B dan C", "A, B, C dan 2 lain"."""
    named = list(posts[:_NAMED_POSTS])
    last = f"{len(posts) - _NAMED_POSTS} lain" if len(posts) > _NAMED_POSTS else named.pop()
    return f"{', '.join(named)} dan {last}" if named else last
