"""Numbers as the office writes them: 1.234,56. A dot groups thousands, a comma starts the decimals.

Figures have at most four decimals and stay below ten million million: what the tables can keep exactly.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from iki_portal.domain.errors import Invalid

DECIMAL_PLACES = 4
#: Every figure lies between minus this and this, both excluded.
NUMBER_LIMIT = Decimal(10) ** 13

_INDONESIAN = re.compile(r"-?(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?")
_ONE_DOT = re.compile(r"-?[0-9]+\.[0-9]+")
_ONE_THOUSANDS_GROUP = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_MINUS_SIGN = "\u2212"  # what word processors make of a hyphen before a figure
_SWAP = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    value: Decimal
    #: One dot and no comma ("4.25", "1.234"): show `understood` to the writer before it is saved.
    ambiguous: bool
    #: The value as `plain_number` spells it: back in the input field it is read the same way, and without doubt.
    understood: str


def parse_number(text: str) -> ParsedNumber:
    """Read "1.234,5", "1234,5" or "-5". Raises `Invalid`, with an example, for everything that is no such number."""
    typed = text.strip().replace(_MINUS_SIGN, "-")
    _refuse_other_than_figures(typed)
    one_dot = _ONE_DOT.fullmatch(typed) is not None
    if one_dot and not _ONE_THOUSANDS_GROUP.fullmatch(typed):
        point = typed
    elif _INDONESIAN.fullmatch(typed):
        point = typed.replace(".", "").replace(",", ".")
    else:
        raise Invalid(
            "Angka ini tidak dapat dipastikan: titik memisahkan ribuan dan koma memisahkan desimal, misalnya 1.234,5."
        )
    _refuse_out_of_limits(point)
    value = Decimal(_digits(Decimal(point), "f"))
    return ParsedNumber(value, one_dot, plain_number(value))


def format_number(value: Decimal) -> str:
    """1.234,56: grouped, without trailing zeros. For reading; `plain_number` is for input fields."""
    return _digits(value, ",f").translate(_SWAP)


def plain_number(value: Decimal) -> str:
    """1234,56: without groups, so that `parse_number` takes it back without doubt ("1.234" could be two numbers)."""
    return _digits(value, "f").replace(".", ",")


def round_half_up(value: Decimal, places: int = 0) -> Decimal:
    """Round as on paper: a half goes away from zero (2,5 → 3; -2,5 → -3), in any decimal context of the caller."""
    wide_enough = Context(prec=max(value.adjusted(), 0) + max(places, 0) + 2)
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=wide_enough)
    return rounded if rounded else abs(rounded)


def _refuse_other_than_figures(typed: str) -> None:
    if not typed:
        raise Invalid("Angka belum diisi. Tuliskan misalnya 12 atau 1.234,5.")
    if typed.endswith("%"):
        raise Invalid("Tuliskan angkanya saja, misalnya 12,5; tanda % ditulis pada isian Satuan.")
    if not re.fullmatch(r"[0-9.,-]+", typed):
        raise Invalid("Ini bukan angka. Tuliskan dengan angka 0 sampai 9, misalnya 12 atau 1.234,5.")


def _refuse_out_of_limits(point: str) -> None:
    if len(point.partition(".")[2]) > DECIMAL_PLACES:
        raise Invalid(f"Angka di belakang koma paling banyak {DECIMAL_PLACES}, misalnya 33,3333.")
    if abs(Decimal(point)) >= NUMBER_LIMIT:
        raise Invalid("Angka terlalu besar: harus di bawah 10.000.000.000.000. Tuliskan misalnya dalam juta rupiah.")


def _digits(value: Decimal, spelling: str) -> str:
    """The exact digits, never with an exponent, trailing zeros or a sign before nought."""
    if not value.is_finite():
        raise Invalid("Nilai ini bukan angka.")
    text = format(value, spelling)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
