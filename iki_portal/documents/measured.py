"""What Pengukuran Kinerja of a quarter prints: facts of one report, and their canonical form for a frozen copy.

A copy holds everything: what was aimed at, what was reached and how far, by which scale, with which evidence, who reported
and who verified. Nothing that is printed later asks anybody else (documents/paper.py says what canonical means).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from iki_portal.documents.paper import Paper, PaperIndicator, figure, indicator_content, read_figure, read_indicator
from iki_portal.documents.printed import Office, Proof, Signer, read_signer
from iki_portal.domain.measurement import OUTCOME_WORDS, Achievement, Outcome, measure_quarter
from iki_portal.domain.numbers import DECIMAL_PLACES, round_half_up
from iki_portal.domain.realised import FIGURES, REMARKS, ReportedRow, realised_of
from iki_portal.domain.scales import Scale
from iki_portal.domain.targets import targets_of

FORMAT = 1
KIND = "report"


@dataclass(frozen=True, slots=True)
class Measured:
    """How far a target was reached, as it was worked out that day."""

    outcome: Outcome
    realised: Decimal | None = None
    raw: Decimal | None = None
    capped: Decimal | None = None
    explanation: str = ""
    #: The word of the scale; empty where nothing can be said.
    band: str = ""

    @property
    def word(self) -> str:
        """The band, or why there is none: never a blank, and never a nought that nobody reported."""
        return self.band or OUTCOME_WORDS[self.outcome]


@dataclass(frozen=True, slots=True)
class MeasuredEvidence:
    kind: str
    #: Of a file.
    name: str = ""
    size: int | None = None
    sha256: str = ""
    #: Of a link.
    url: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    #: "2.1", the number of its statement, and its words.
    number: str
    statement_number: int
    statement: str
    indicator: PaperIndicator
    reported: ReportedRow
    achievement: Measured
    evidence: tuple[MeasuredEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """By what achievements were banded: printed under them."""

    name: str
    source: str
    #: From the highest to the lowest.
    words: tuple[str, ...]
    cap: Decimal


@dataclass(frozen=True, slots=True)
class MeasuredReport:
    """One verified report, from its frozen copy."""

    year: int
    quarter: int
    revision: int
    position: str
    unit: str
    #: Of the approved sheet that it was measured against.
    sheet_register: str
    is_late: bool
    rows: tuple[MeasuredRow, ...]
    scale: ScaleFacts
    reported_by: Signer
    verified_by: Signer
    office: Office
    proof: Proof
    #: SHA-256 of what was submitted.
    content_hash: str = ""


def scale_facts(scale: Scale, cap: Decimal) -> ScaleFacts:
    return ScaleFacts(scale.name, scale.source, tuple(band.word for band in scale.bands), cap)


def measured(found: Achievement, scale: Scale) -> Measured:
    """The engine's answer with its band."""
    if found.raw is None or found.capped is None:
        return Measured(found.outcome, found.realised, explanation=found.explanation)
    band = scale.band(found.capped).word
    return Measured(found.outcome, _kept(found.realised), _kept(found.raw), _kept(found.capped), found.explanation, band)


def _kept(value: Decimal | None) -> Decimal | None:
    """As many decimals as figures have everywhere; a third has no last one."""
    return None if value is None else round_half_up(value, DECIMAL_PLACES)


def measured_rows(
    paper: Paper,
    quarter: int,
    reported: Mapping[int, ReportedRow],
    evidence: Mapping[int, Iterable[MeasuredEvidence]],
    *,
    scale: Scale,
    cap: Decimal,
) -> tuple[MeasuredRow, ...]:
    """Every row of the paper with what was reported of it; rows of the report by the id of their indicator."""
    found = []
    for statement in paper.statements:
        for place, indicator in enumerate(statement.indicators, start=1):
            row = reported.get(indicator.id or 0, ReportedRow())
            reached = measure_quarter(targets_of(indicator), quarter, realised_of(indicator, row), cap=cap)
            found.append(
                MeasuredRow(
                    f"{statement.number}.{place}",
                    statement.number,
                    statement.text,
                    indicator,
                    row,
                    measured(reached, scale),
                    tuple(evidence.get(indicator.id or 0, ())),
                )
            )
    return tuple(found)


# The canonical form


def rows_content(rows: Iterable[MeasuredRow]) -> list[dict[str, Any]]:
    return [
        {
            "number": row.number,
            "statement_number": row.statement_number,
            "statement": row.statement,
            "indicator": indicator_content(row.indicator),
            "reported": {
                **{name: figure(getattr(row.reported, name)) for name in FIGURES},
                **{name: getattr(row.reported, name) for name in REMARKS},
            },
            "achievement": {
                "outcome": row.achievement.outcome.value,
                **{name: figure(getattr(row.achievement, name)) for name in ("realised", "raw", "capped")},
                "explanation": row.achievement.explanation,
                "band": row.achievement.band,
            },
            "evidence": [asdict(each) for each in row.evidence],
        }
        for row in rows
    ]


def scale_content(scale: ScaleFacts) -> dict[str, Any]:
    return {"name": scale.name, "source": scale.source, "words": list(scale.words), "cap": figure(scale.cap)}


def report_of_copy(copy: Mapping[str, Any], *, copy_hash: str, history_number: int, history_hash: str) -> MeasuredReport:
    """The report behind a frozen copy."""
    scale = copy["scale"]
    proof = Proof(
        register=copy["register"],
        code=copy["code"],
        copy_hash=copy_hash,
        history_number=history_number,
        history_hash=history_hash,
        address=copy["portal_address"],
    )
    return MeasuredReport(
        year=copy["year"],
        quarter=copy["quarter"],
        revision=copy["revision"],
        position=copy["position"],
        unit=copy["unit"],
        sheet_register=copy["sheet_register"],
        is_late=copy["is_late"],
        rows=tuple(_row(each) for each in copy["rows"]),
        scale=ScaleFacts(scale["name"], scale["source"], tuple(scale["words"]), Decimal(scale["cap"])),
        reported_by=read_signer(copy["reported"]),
        verified_by=read_signer(copy["verified"]),
        office=Office(**copy["office"]),
        proof=proof,
        content_hash=copy["content_hash"],
    )


def _row(data: Mapping[str, Any]) -> MeasuredRow:
    reported, reached = data["reported"], data["achievement"]
    told: dict[str, Any] = {name: read_figure(reported[name]) for name in FIGURES}
    told |= {name: reported[name] for name in REMARKS}
    return MeasuredRow(
        number=data["number"],
        statement_number=data["statement_number"],
        statement=data["statement"],
        indicator=read_indicator(data["indicator"]),
        reported=ReportedRow(**told),
        achievement=Measured(
            outcome=Outcome(reached["outcome"]),
            realised=read_figure(reached["realised"]),
            raw=read_figure(reached["raw"]),
            capped=read_figure(reached["capped"]),
            explanation=reached["explanation"],
            band=reached["band"],
        ),
        evidence=tuple(MeasuredEvidence(**each) for each in data["evidence"]),
    )
