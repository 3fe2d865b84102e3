"""A sheet as the paper shows it, and its canonical JSON: the one form in which contents are compared, hashed and frozen.

Canonical means: keys sorted, no spaces, UTF-8 as is, figures as plain decimal strings ("12.5"), missing values null. The
same sheet gives the same bytes on every machine and in every year. A key that was added later is left out while it is empty:
what was submitted or approved before still has the hash it had.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FORMAT = 1
#: Made once: `json.dumps` makes a new one for each call with other than its own settings.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class PaperIndicator:
    id: int | None
    text: str
    formula: str
    source: str
    unit_of_measure: str
    polarity: str | None
    aggregation: str | None
    target: Decimal | None
    target_upper: Decimal | None
    quarters: tuple[Decimal | None, ...]
    baseline: Decimal | None = None
    justification: str = ""
    sub_kegiatan_code: str = ""
    numerator: str = ""
    denominator: str = ""
    population: str = ""
    record: str = ""
    cut_off: str = ""


#: Texts of an indicator that came later.
_LATER_TEXTS = ("justification", "sub_kegiatan_code", "numerator", "denominator", "population", "record", "cut_off")


@dataclass(frozen=True, slots=True)
class PaperStatement:
    id: int | None
    number: int
    text: str
    indicators: tuple[PaperIndicator, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything of a sheet that is content: no state, no names."""

    year: int
    revision: int
    heading: str
    position: str
    unit: str
    main_duty: str
    duties: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[PaperStatement, ...]


def canonical(data: Mapping[str, Any]) -> str:
    return _ENCODER.encode(data)


def digest(body: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hex."""
    return hashlib.sha256(body.encode()).hexdigest()


def figure(value: Decimal | None) -> str | None:
    """A figure as canonical text: no exponent, no trailing zeros."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def content(paper: Paper) -> dict[str, Any]:
    """The paper as plain data; database ids are no content and stay out."""
    return {
        "format": FORMAT,
        "year": paper.year,
        "revision": paper.revision,
        "heading": paper.heading,
        "position": paper.position,
        "unit": paper.unit,
        "main_duty": paper.main_duty,
        "duties": list(paper.duties),
        "functions": list(paper.functions),
        "statements": [
            {
                "number": statement.number,
                "text": statement.text,
                "indicators": [indicator_content(indicator) for indicator in statement.indicators],
            }
            for statement in paper.statements
        ],
    }


def indicator_content(indicator: PaperIndicator) -> dict[str, Any]:
    return {
        "text": indicator.text,
        "formula": indicator.formula,
        "source": indicator.source,
        "unit_of_measure": indicator.unit_of_measure,
        "polarity": indicator.polarity,
        "aggregation": indicator.aggregation,
        "target": figure(indicator.target),
        "target_upper": figure(indicator.target_upper),
        "quarters": [figure(value) for value in indicator.quarters],
        **({"baseline": figure(indicator.baseline)} if indicator.baseline is not None else {}),
        **{name: text for name in _LATER_TEXTS if (text := getattr(indicator, name))},
    }


def paper_of(data: Mapping[str, Any]) -> Paper:
    """The paper behind `content` (or a frozen copy, which is content and more)."""
    return Paper(
        year=data["year"],
        revision=data["revision"],
        heading=data["heading"],
        position=data["position"],
        unit=data["unit"],
        main_duty=data["main_duty"],
        duties=tuple(data["duties"]),
        functions=tuple(data["functions"]),
        statements=tuple(
            PaperStatement(None, row["number"], row["text"], tuple(read_indicator(each) for each in row["indicators"]))
            for row in data["statements"]
        ),
    )


def read_indicator(data: Mapping[str, Any]) -> PaperIndicator:
    return PaperIndicator(
        id=None,
        text=data["text"],
        formula=data["formula"],
        source=data["source"],
        unit_of_measure=data["unit_of_measure"],
        polarity=data["polarity"],
        aggregation=data["aggregation"],
        target=read_figure(data["target"]),
        target_upper=read_figure(data["target_upper"]),
        quarters=tuple(read_figure(value) for value in data["quarters"]),
        baseline=read_figure(data.get("baseline")),
        **{name: data.get(name, "") for name in _LATER_TEXTS},
    )
