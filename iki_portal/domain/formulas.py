"""The formula of an indicator in fields, the sentence that is printed from them, and proposals for the fields.

A count names what is counted; a ratio also what it is divided by. Both say who belongs to it (population), from which record
the figures come, and until when. The printed "Penjelasan/Formulasi" is composed from the fields until somebody writes it
differently. Proposals follow the words of the indicator by the rules below and leave a blank (`BLANK`) wherever those words
do not say; they never hold a figure, and the writer decides.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from iki_portal.domain.quality import same_words
from iki_portal.domain.targets import FormulaFields

#: Stands where somebody has to write; a sheet with one left is not ready.
BLANK = "…"


class FormulaRow(FormulaFields, Protocol):
    @property
    def unit_of_measure(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def formula(self) -> str: ...


# The printed sentence

_PERCENT = frozenset({"", "%", "persen", "persentase"})
#: A cut-off that already says how it is meant: "setiap akhir triwulan", "selama tahun 2027".
_OWN_PREPOSITION = ("per ", "pada ", "setiap ", "tiap ", "selama ", "sampai ", "sejak ", "dalam ")


def composed(fields: FormulaRow) -> str:
    """ "Jumlah A dibagi jumlah B × 100%, meliputi C, menurut D, sampai dengan E."; empty while nothing is counted."""
    counted = _trimmed(fields.numerator)
    if not counted:
        return ""
    text = _first_upper(counted)
    if denominator := _trimmed(fields.denominator):
        text += f" dibagi {lower_first(denominator)}"
        text += " × 100%" if fields.unit_of_measure.strip().casefold() in _PERCENT else ""
    if population := _trimmed(fields.population):
        text += f", meliputi {population}"
    if record := _trimmed(fields.record):
        text += f", menurut {lower_first(record)}"
    if cut_off := _trimmed(fields.cut_off):
        text += f", {'' if cut_off.lower().startswith(_OWN_PREPOSITION) else 'sampai dengan '}{cut_off}"
    return text + "."


def printed_formula(row: FormulaRow, before: FormulaRow | None = None) -> str:
    """What the row prints: the composed text, unless somebody wrote their own.

    `before`: the row as it stood. A text that was composed from its fields goes on following them; one that is empty, or
    only repeats the indicator, was never a formula.
    """
    text = composed(row)
    followed = before is not None and row.formula == composed(before)
    if text and (not row.formula or followed or same_words(row.formula, row.text)):
        return text
    return row.formula


def _trimmed(text: str) -> str:
    return " ".join(text.split()).rstrip(".,; ")


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """ "Register SK pensiun" → "register SK pensiun"; "ASN yang …" stays, and so does a name: "Dokumen Kepegawaian"."""
    words = text.split(" ", 2)
    is_name = len(words) > 1 and _is_capitalised(words[1])
    return text[:1].lower() + text[1:] if _is_capitalised(words[0]) and not is_name else text


def _is_capitalised(word: str) -> bool:
    """As an ordinary word at the start of a sentence: no acronym, no single letter."""
    return word[:1].isupper() and word[1:] != "" and word[1:] == word[1:].lower()


# Proposals


@dataclass(frozen=True, slots=True)
class Proposal:
    """Fields for a formula, and the rule in words by which they were found."""

    rule: str
    numerator: str
    denominator: str = ""
    population: str = ""
    record: str = BLANK
    cut_off: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What stands behind "Persentase", and the two counts made from it."""

    name: str
    pattern: re.Pattern[str]
    numerator: str
    denominator: str


def _rule(name: str, pattern: str, numerator: str, denominator: str) -> _Rule:
    return _Rule(name, re.compile(pattern, re.IGNORECASE), f"jumlah {numerator}", f"jumlah {denominator} {BLANK}")


#: Nouns of doing and what has been done with each counted thing. What that thing is, the words do not say.
_DONE = {
    "pengelolaan": "dikelola",
    "pelaksanaan": "dilaksanakan",
    "fasilitasi": "difasilitasi",
    "penyediaan": "disediakan",
    "pengembangan": "dikembangkan",
    "pengadaan": "diadakan",
    "pemeliharaan": "dipelihara",
    "pembinaan": "dibina",
    "penyusunan": "disusun",
}
#: The first that fits counts: the narrower stands above the wider.
_SHARES = (
    _rule(
        "SK pensiun dibandingkan dengan yang mencapai batas usia pensiun",
        r"(?P<what>.+?) yang (?P<how>menerima|mendapatkan|memperoleh) SK pensiun\b.*",
        "{what} yang {how} SK pensiun",
        "{what} yang mencapai batas usia pensiun",
    ),
    _rule(
        "yang menerima dibandingkan dengan yang berhak menerima",
        r"(?P<what>.+?) yang (?P<how>menerima|mendapatkan|memperoleh) (?P<rest>.+)",
        "{what} yang {how} {rest}",
        "{what} yang berhak {how} {rest}",
    ),
    _rule(
        "yang terfasilitasi dibandingkan dengan yang mengajukan",
        r"(?P<what>.+?) yang (?P<how>terfasilitasi|difasilitasi|terlayani|dilayani) (?P<rest>.+)",
        "{what} yang {how} {rest}",
        "{what} yang mengajukan {rest}",
    ),
    _rule(
        "yang diadakan dibandingkan dengan yang dibutuhkan",
        r"pengadaan (?P<what>.+?) yang (?P<how>dibutuhkan|diperlukan)",
        "{what} yang diadakan",
        "{what} yang {how}",
    ),
    _rule(
        "yang memenuhi sifatnya dibandingkan dengan seluruhnya",
        r"(?P<what>.+?) yang (?P<rest>.+)",
        "{what} yang {rest}",
        "seluruh {what}",
    ),
    _rule(
        "yang sesuai dibandingkan dengan seluruhnya",
        r"(?P<what>.+?) sesuai(?: dengan)? (?P<rest>.+)",
        "{what} yang sesuai dengan {rest}",
        "seluruh {what}",
    ),
    _rule(
        "yang diselesaikan dibandingkan dengan yang harus diselesaikan",
        r"penyelesaian (?P<what>.+)",
        "{what} yang diselesaikan",
        "{what} yang harus diselesaikan",
    ),
    *(
        _rule(
            f"yang {done} dibandingkan dengan yang direncanakan",
            rf"{noun} (?P<what>.+)",
            f"{BLANK} {{what}} yang {done}",
            f"{BLANK} {{what}} yang direncanakan",
        )
        for noun, done in _DONE.items()
    ),
    _rule("sebagian dibandingkan dengan seluruhnya", r"(?P<what>.+)", f"{{what}} yang {BLANK}", "seluruh {what}"),
)
_SHARE = re.compile(r"(?:persentase|prosentase|persen) (?P<rest>.+)", re.IGNORECASE)
_COUNT = re.compile(r"(?:jumlah|banyaknya) (?P<rest>.+)", re.IGNORECASE)


def proposal(indicator: str, *, year: int) -> Proposal | None:
    """Fields for the formula of an indicator that begins with "Persentase" or "Jumlah"; None for any other words."""
    text = _trimmed(indicator)
    cut_off = f"31 Desember {year}"
    if share := _SHARE.fullmatch(text):
        rule, match = next((rule, match) for rule in _SHARES if (match := rule.pattern.fullmatch(share["rest"])))
        words = {name: lower_first(part) for name, part in match.groupdict().items()}
        return Proposal(rule.name, rule.numerator.format(**words), rule.denominator.format(**words), cut_off=cut_off)
    if count := _COUNT.fullmatch(text):
        return Proposal("yang dihitung menurut catatannya", f"jumlah {lower_first(count['rest'])}", cut_off=cut_off)
    return None
