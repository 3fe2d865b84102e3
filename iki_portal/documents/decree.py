"""The words of a year's decree: what is empty is left out, whatever form it is printed in."""

from dataclasses import dataclass, field
from datetime import date

from iki_portal.documents.printed import Office, Signer

_ORDINALS = ("", "KESATU", "KEDUA", "KETIGA", "KEEMPAT", "KELIMA", "KEENAM", "KETUJUH", "KEDELAPAN", "KESEMBILAN", "KESEPULUH")
_UNITS = ("", "SATU", "DUA", "TIGA", "EMPAT", "LIMA", "ENAM", "TUJUH", "DELAPAN", "SEMBILAN")
#: How many of `decree_paragraphs` are the title.
TITLE_LINES = 4
BLANK_NUMBER = "…………………………"


@dataclass(frozen=True, slots=True)
class Decree:
    """The office's own words; what is empty is not printed. Each line of a text is one item of its list."""

    year: int
    subject: str = ""
    number: str = ""
    decided_on: date | None = None
    considering: str = ""
    recalling: str = ""
    deciding: str = ""
    signer: Signer | None = None
    office: Office = field(default_factory=Office)


def dictum(number: int) -> str:
    """KESATU, KEDUA … KESEBELAS, KEDUA BELAS … KEDUA PULUH, KEDUA PULUH SATU … as decrees count; KE-100 beyond."""
    if number > 99:
        return f"KE-{number}"
    if number <= 10:
        return _ORDINALS[number]
    if number == 11:
        return "KESEBELAS"
    if number < 20:
        return f"{_ORDINALS[number - 10]} BELAS"
    return f"{_ORDINALS[number // 10]} PULUH {_UNITS[number % 10]}".strip()


def letter(place: int) -> str:
    """a. … z., aa. … for the items of "Menimbang"."""
    first, last = divmod(place, 26)
    return f"{chr(96 + first) if first else ''}{chr(97 + last)}."


def items(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def decree_subject(decree: Decree) -> str:
    return decree.subject or f"INDIKATOR KINERJA INDIVIDU TAHUN {decree.year}"


def decree_paragraphs(decree: Decree) -> list[str]:
    """The decree as plain paragraphs, for a document that people edit."""
    lines = [decree_heading(decree), f"NOMOR {decree.number or BLANK_NUMBER}", "TENTANG", decree_subject(decree)]
    considered, recalled, dicta = items(decree.considering), items(decree.recalling), items(decree.deciding)
    lines += ["Menimbang:"] if considered else []
    lines += [f"{letter(place)} {row}" for place, row in enumerate(considered)]
    lines += ["Mengingat:"] if recalled else []
    lines += [f"{number}. {row}" for number, row in enumerate(recalled, start=1)]
    lines += ["MEMUTUSKAN:"] if dicta else []
    lines += [f"{dictum(number)}: {row}" for number, row in enumerate(dicta, start=1)]
    lines += decree.office.at_place(decree.decided_on)
    if decree.signer:
        signer = decree.signer
        lines += [each for each in (signer.title, signer.full_name, signer.rank, signer.identifier) if each]
    return lines


def decree_heading(decree: Decree) -> str:
    if decree.office.agency:
        return f"KEPUTUSAN KEPALA {decree.office.agency.upper()}"
    return f"KEPUTUSAN {decree.signer.title.upper()}" if decree.signer else "KEPUTUSAN"
