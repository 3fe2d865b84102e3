"""The office's goals of a period: tujuan, under each its sasaran, and the IKU by which both are measured, with a target a year.

They come from the office's strategic plan (Renstra); the operator writes them down and decides nothing by it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from iki_portal.domain.dates import FIRST_YEAR, LAST_YEAR
from iki_portal.domain.errors import Invalid
from iki_portal.domain.targets import POLARITY_WORDS, TEXT_LIMIT, UNIT_LIMIT, Polarity

NAME_LIMIT = 200
#: A plan of a regional government covers five years; a transition plan fewer, and none more than ten.
MOST_YEARS = 10


class GoalLevel(StrEnum):
    PURPOSE = "purpose"
    OUTCOME = "outcome"


LEVEL_WORDS = {GoalLevel.PURPOSE: "Tujuan", GoalLevel.OUTCOME: "Sasaran"}
#: An IKU is better the higher or the lower it is; a range belongs to measuring persons, not goals.
IKU_POLARITIES = (Polarity.MAXIMIZE, Polarity.MINIMIZE)


@dataclass(frozen=True, slots=True)
class PeriodProposal:
    name: str
    first_year: int
    last_year: int

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    @property
    def words(self) -> str:
        """ "Renstra BKD (2025–2029)"."""
        return f"{self.name} ({self.first_year}–{self.last_year})"


def check_period(period: PeriodProposal, others: Collection[PeriodProposal], *, used: Collection[int] = ()) -> None:
    """Raise `Invalid` for a period that cannot be; `used` are years whose indicators support its IKU already."""
    _check_words(period.name, "Nama periode", NAME_LIMIT)
    if not FIRST_YEAR <= period.first_year <= period.last_year <= LAST_YEAR:
        raise Invalid(f"Tahun periode harus urut dan di antara {FIRST_YEAR} dan {LAST_YEAR}, misalnya 2025 sampai 2029.")
    if len(period.years) > MOST_YEARS:
        raise Invalid(f"Satu periode paling lama {MOST_YEARS} tahun.")
    for other in others:
        if period.first_year <= other.last_year and other.first_year <= period.last_year:
            raise Invalid(f"Tahunnya bertumpuk dengan {other.words}; satu tahun hanya mempunyai satu periode.")
    if left_out := sorted(year for year in used if year not in period.years):
        raise Invalid(f"Indikator tahun {left_out[0]} sudah mendukung IKU periode ini; tahun itu harus tetap di dalamnya.")


def _check_words(text: str, what: str, longest: int) -> None:
    if not text.strip():
        raise Invalid(f"{what} wajib diisi.")
    if len(text) > longest:
        raise Invalid(f"{what} paling panjang {longest} huruf; ini {len(text)} huruf.")


@dataclass(frozen=True, slots=True)
class GoalProposal:
    text: str
    order: int


def check_goal(goal: GoalProposal, level: GoalLevel) -> None:
    _check_words(goal.text, LEVEL_WORDS[level], TEXT_LIMIT)


@dataclass(frozen=True, slots=True)
class IkuProposal:
    text: str
    unit_of_measure: str
    polarity: Polarity
    order: int
    #: Year → target; None where there is none.
    targets: Mapping[int, Decimal | None]


def iku_problems(iku: IkuProposal, years: Collection[int]) -> Iterator[tuple[str, str]]:
    """(field, what is wrong) for everything that contradicts itself."""
    for field, text, what, longest in (
        ("text", iku.text, "IKU", TEXT_LIMIT),
        ("unit_of_measure", iku.unit_of_measure, "Satuan", UNIT_LIMIT),
    ):
        try:
            _check_words(text, what, longest)
        except Invalid as refusal:
            yield field, str(refusal)
    if iku.polarity not in IKU_POLARITIES:
        yield "polarity", f"IKU dinilai menurut {POLARITY_WORDS[Polarity.MAXIMIZE].lower()} atau sebaliknya."
    for year, target in iku.targets.items():
        if reason := _target_problem(year, target, iku.polarity, years):
            yield f"target-{year}", reason


def _target_problem(year: int, target: Decimal | None, polarity: Polarity, years: Collection[int]) -> str:
    if target is None:
        return ""
    if year not in years:
        return f"Tahun {year} di luar periode."
    if target < 0:
        return "Target tidak boleh negatif; tuliskan misalnya 80."
    if target == 0 and polarity is Polarity.MAXIMIZE:
        return "Dari target nol tidak ada capaian yang dapat dihitung."
    return ""
