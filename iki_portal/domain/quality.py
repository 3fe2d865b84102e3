"""Whether what a sheet says can be measured: one small rule for each way in which it cannot (domain/checks.py).

A rule has a number that stays, a severity, and says what it sees and what to do. `BLOCKS` keeps a sheet from being submitted,
`ADVISES` stands beside its row for the owner and the reviewer; the operator may set each rule otherwise for a year, and the
owner may answer what only advises. What is asked: PermenPANRB 53/2014 (indicators that are specific, measurable, with a
source), and what the office's own document was seen to do wrong. docs/quality-rules.md is made from this table (`make rules`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from iki_portal.domain import checks
from iki_portal.domain.checks import SheetAmongOthers, SheetFacts, Spot, operands, same_words, text_key

__all__ = [
    "REASON_LIMIT",
    "RULES",
    "SEVERITY_WORDS",
    "Answer",
    "Counts",
    "Finding",
    "Rule",
    "Severity",
    "counts_of",
    "findings",
    "operands",
    "rule_numbered",
    "rules_page",
    "same_words",
    "text_key",
]

REASON_LIMIT = 500


class Severity(StrEnum):
    OFF = "off"
    ADVISES = "advises"
    BLOCKS = "blocks"


SEVERITY_WORDS = {Severity.OFF: "Dimatikan", Severity.ADVISES: "Saran", Severity.BLOCKS: "Menghalangi"}


@dataclass(frozen=True, slots=True)
class Rule:
    number: int
    #: As long as the year has none of its own.
    severity: Severity
    #: What the rule asks of a sheet, in the office's words.
    title: str
    remedy: str
    check: Callable[[SheetAmongOthers], Iterator[Spot]]
    #: Tells what is allowed as it is, and to each reader only of sheets in their sight: counted only where it blocks.
    is_note: bool = False

    @property
    def code(self) -> str:
        return f"M{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Why the owner means it so. It covers a finding for as long as that says what was answered."""

    about: str
    reason: str
    answered_by: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    spot: Spot
    severity: Severity
    answer: Answer | None = None

    @property
    def message(self) -> str:
        return f"{self.spot.message} {self.rule.remedy}"

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCKS

    @property
    def is_open(self) -> bool:
        """What blocks stays open, whatever was answered: it has to be mended."""
        return self.blocks or self.answer is None

    @property
    def is_counted(self) -> bool:
        return self.blocks or (self.is_open and not self.rule.is_note)

    @property
    def key(self) -> str:
        """Names this finding, and not the one that stands here once its row has changed."""
        return f"{self.rule.number}.{self.spot.place}.{text_key(self.spot.subject)}"

    @property
    def place(self) -> str:
        """ "Baris 2.1", "Kinerja 2", or "Lembar"."""
        if self.spot.statement_number is None:
            return "Lembar"
        if self.spot.indicator_index is None:
            return f"Kinerja {self.spot.statement_number}"
        return f"Baris {self.spot.statement_number}.{self.spot.indicator_index}"


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


def findings(
    sheet: SheetFacts,
    *,
    severities: Mapping[int, Severity] = _NOTHING,
    elsewhere: Mapping[str, tuple[str, ...]] = _NOTHING,
    answers: Mapping[tuple[int, str], Answer] = _NOTHING,
) -> tuple[Finding, ...]:
    """Everything the rules see, in the order of the paper, the blocking ones of a row first.

    `severities`: by rule, where the year differs from the rule; `elsewhere`: posts that have the same indicator, by its
    `text_key`; `answers`: by rule and place.
    """
    read = SheetAmongOthers(sheet.heading, sheet.position, sheet.unit, sheet.statements, elsewhere)
    seen = [
        Finding(rule, spot, severity, _covering(answers.get((rule.number, spot.place)), spot))
        for rule in RULES
        if (severity := severities.get(rule.number, rule.severity)) is not Severity.OFF
        for spot in rule.check(read)
    ]
    return tuple(sorted(seen, key=lambda each: (*_position(each.spot), not each.blocks, each.rule.number)))


def _position(spot: Spot) -> tuple[int, int]:
    return spot.statement_number or 0, spot.indicator_index or 0


def _covering(answer: Answer | None, spot: Spot) -> Answer | None:
    return answer if answer and answer.about == spot.subject else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings are open."""

    blocking: int = 0
    advising: int = 0

    def __bool__(self) -> bool:
        return bool(self.blocking or self.advising)


def counts_of(found: Iterable[Finding]) -> Counts:
    counted = [each for each in found if each.is_counted]
    blocking = sum(each.blocks for each in counted)
    return Counts(blocking, len(counted) - blocking)


#: Numbers are never given twice: prints, answers and settings name them.
RULES = (
    Rule(
        1,
        Severity.BLOCKS,
        "Penjelasan/formulasi mengatakan lebih daripada indikatornya",
        "Tuliskan apa yang dihitung, dari catatan mana, dan sampai kapan; untuk persentase: pembilang dibagi penyebut.",
        checks.formula_repeats,
    ),
    Rule(
        2,
        Severity.ADVISES,
        "Persentase memiliki pembilang dan penyebut",
        "Tuliskan misalnya: jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun x 100%.",
        checks.share_without_operands,
    ),
    Rule(3, Severity.BLOCKS, "Pembilang dan penyebut berbeda", "Periksa kembali kedua bagian rumusnya.", checks.equal_operands),
    Rule(
        4,
        Severity.ADVISES,
        "Persentase bersatuan %",
        "Gunakan satuan %, atau ubah indikatornya menjadi jumlah.",
        checks.share_in_another_unit,
    ),
    Rule(
        5,
        Severity.ADVISES,
        "Jumlah tidak bersatuan %",
        "Gunakan satuan dari yang dihitung, misalnya dokumen.",
        checks.count_in_percent,
    ),
    Rule(6, Severity.ADVISES, "Satuan sesuai dengan yang dihitung", "Periksa satuannya.", checks.unusual_unit),
    Rule(
        7,
        Severity.ADVISES,
        "Bagian tidak melebihi keseluruhan",
        "Periksa target, atau sebut pertumbuhannya.",
        checks.above_the_whole,
    ),
    Rule(8, Severity.ADVISES, "Satu baris memuat satu indikator", "Pisahkan menjadi dua indikator.", checks.two_phrases),
    Rule(
        9,
        Severity.ADVISES,
        "Kinerja menyebut hasil",
        "Mulailah dengan hasilnya, misalnya “Meningkatnya …” atau “Terwujudnya …”.",
        checks.activity,
    ),
    Rule(
        10,
        Severity.ADVISES,
        "Kepala Bidang diukur pada hasil",
        "Tambahkan indikator mutu atau hasil, misalnya persentase.",
        checks.only_counts,
    ),
    Rule(
        11, Severity.ADVISES, "Indikator tidak tercantum dua kali", "Hapus salah satu, atau bedakan.", checks.twice_on_the_sheet
    ),
    Rule(
        12,
        Severity.ADVISES,
        "Judul sesuai dengan jabatan",
        "Tanyakan kepada operator bila judulnya keliru.",
        checks.heading_of_another,
    ),
    Rule(13, Severity.ADVISES, "Ejaan sesuai istilah kantor", "Perbaiki bila memang salah ketik.", checks.misspelt),
    Rule(14, Severity.ADVISES, "Huruf besar hanya di awal", "Tuliskan dengan huruf biasa.", checks.capitals),
    Rule(
        15,
        Severity.BLOCKS,
        "Rumus tidak menyisakan titik-titik",
        "Gantilah tanda … dengan kata-kata Anda sendiri.",
        checks.blank_left,
    ),
    Rule(
        16,
        Severity.ADVISES,
        "Target membaik dari kondisi awal",
        "Tetapkan target yang lebih baik, atau jelaskan mengapa bertahan.",
        checks.no_trend,
    ),
    Rule(
        17,
        Severity.ADVISES,
        "Target nol memiliki alasan yang dinilai pereviu",
        "Capaiannya tidak akan dihitung.",
        checks.justified_nought,
    ),
    Rule(
        18,
        Severity.ADVISES,
        "Indikator yang sama pada jabatan lain disebut",
        "Ini boleh; pastikan hasilnya tidak dihitung dua kali.",
        checks.on_another_sheet,
        is_note=True,
    ),
)
_BY_NUMBER = {rule.number: rule for rule in RULES}


def rule_numbered(number: int) -> Rule | None:
    return _BY_NUMBER.get(number)


def rules_page() -> str:
    """docs/quality-rules.md: every rule with its number, severity and remedy."""
    lines = [
        "# Rules of the quality check",
        "",
        "Made from `iki_portal/domain/quality.py` by `make rules`. *Menghalangi* keeps a sheet from being submitted; *Saran*",
        "stands beside its row, and the owner may answer it. The severity holds until the operator sets another for a year",
        "(*Aturan mutu*; decision 0015). Numbers are never given twice.",
        "",
        "What is not filled in (satuan, target, sumber data, …), quarters that do not make the year and a target of nought",
        "without a reason are no findings: they keep the sheet incomplete, and no setting changes that (`domain/targets.py`).",
        "",
        "| rule | severity | asks | what to do |",
        "|---|---|---|---|",
    ]
    lines += [f"| {rule.code} | {SEVERITY_WORDS[rule.severity]} | {rule.title} | {rule.remedy} |" for rule in RULES]
    return "\n".join(lines) + "\n"
