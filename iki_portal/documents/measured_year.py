"""A post's year, worked out of the frozen copies of its quarters: nothing else is asked, and what is missing is named.

The rows are those of the revision in force. What an earlier revision reported belongs to the row with the same words, if only
one has them (as realisation/rows.py has it); a row that no longer exists is printed after them, never dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from iki_portal.documents.measured import Measured, MeasuredReport, MeasuredRow, ScaleFacts, measured
from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain.checks import text_key
from iki_portal.domain.measurement import Goal, measure_year, quarter_goal, year_goal
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realised import realised_of
from iki_portal.domain.scales import Scale
from iki_portal.domain.targets import targets_of


@dataclass(frozen=True, slots=True)
class YearRow:
    number: str
    statement_number: int
    statement: str
    indicator: PaperIndicator
    #: Quarter → what its copy says of the row.
    quarters: Mapping[int, MeasuredRow]
    #: The year so far, with how its value came about.
    value: Decimal | None
    value_explanation: str
    achievement: Measured
    #: Quarters with a target and no verified figure: until there is none, the year's achievement is provisional.
    missing: tuple[int, ...] = ()
    #: The revision that had this row, when the one in force has it no longer.
    gone_since: int | None = None

    @property
    def word(self) -> str:
        """ "Sedang (sementara)": the band of the year, or why there is none."""
        return f"{self.achievement.word} (sementara)" if self.achievement.band and self.missing else self.achievement.word

    @property
    def goal(self) -> Goal | None:
        return year_goal(targets_of(self.indicator))

    def goal_of(self, quarter: int) -> Goal | None:
        """Against which the quarter was measured; where it is not reported yet, against which it will be."""
        row = self.quarters.get(quarter)
        return quarter_goal(targets_of(row.indicator if row else self.indicator), quarter)


@dataclass(frozen=True, slots=True)
class MeasuredYear:
    year: int
    position: str
    unit: str
    #: Of the revision in force, and its register number.
    revision: int
    sheet_register: str
    #: Who holds the post, for documents in which no report names them.
    holder: str
    rows: tuple[YearRow, ...]
    #: Quarter → its verified report.
    reports: Mapping[int, MeasuredReport]
    #: Quarter → "Terverifikasi", "Belum dilaporkan" …
    states: Mapping[int, str]
    scale: ScaleFacts
    #: Whatever else tells the post apart in a table.
    code: str = ""

    @property
    def newest(self) -> MeasuredReport | None:
        return self.reports[max(self.reports)] if self.reports else None

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(quarter for quarter in QUARTERS if quarter not in self.reports)


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What is known of a post's year beside its reports."""

    position: str
    unit: str
    paper: Paper
    sheet_register: str
    states: Mapping[int, str]
    holder: str = ""
    code: str = ""


def measured_year(facts: YearFacts, reports: Mapping[int, MeasuredReport], *, scale: Scale, cap: Decimal) -> MeasuredYear:
    """The engine's year from those reports, against the targets of the revision in force."""
    paper = facts.paper
    placed = {quarter: _placed(report, paper) for quarter, report in reports.items()}
    rows = [
        _row(f"{statement.number}.{place}", statement.number, statement.text, indicator, placed, scale=scale, cap=cap)
        for statement in paper.statements
        for place, indicator in enumerate(statement.indicators, start=1)
    ]
    rows += list(_gone(reports, placed, scale=scale, cap=cap))
    return MeasuredYear(
        year=paper.year,
        position=facts.position,
        unit=facts.unit,
        revision=paper.revision,
        sheet_register=facts.sheet_register,
        holder=facts.holder,
        rows=tuple(rows),
        reports=reports,
        states=facts.states,
        scale=ScaleFacts(scale.name, scale.source, tuple(band.word for band in scale.bands), cap),
        code=facts.code,
    )


def _placed(report: MeasuredReport, paper: Paper) -> dict[str, MeasuredRow]:
    """Number of a row of the paper → the report's row that belongs to it."""
    if report.revision == paper.revision:
        return {row.number: row for row in report.rows}
    here = _by_words(
        [
            (f"{statement.number}.{place}", indicator.text)
            for statement in paper.statements
            for place, indicator in enumerate(statement.indicators, start=1)
        ]
    )
    there = _by_words([(row.number, row.indicator.text) for row in report.rows])
    rows = {row.number: row for row in report.rows}
    return {here[words]: rows[there[words]] for words in here.keys() & there.keys()}


def _by_words(rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Words → number of the row that alone has them."""
    keys = [(text_key(text), number) for number, text in rows]
    words = [key for key, _ in keys]
    return {key: number for key, number in keys if words.count(key) == 1}


def _row(
    number: str,
    statement_number: int,
    statement: str,
    indicator: PaperIndicator,
    placed: Mapping[int, Mapping[str, MeasuredRow]],
    *,
    scale: Scale,
    cap: Decimal,
    gone_since: int | None = None,
) -> YearRow:
    quarters = {quarter: rows[number] for quarter, rows in placed.items() if number in rows}
    realised = [realised_of(indicator, quarters[each].reported) if each in quarters else None for each in QUARTERS]
    found = measure_year(targets_of(indicator), realised, cap=cap)
    reached = measured(found.achievement, scale)
    return YearRow(
        number,
        statement_number,
        statement,
        indicator,
        quarters,
        found.value.value,
        found.value.explanation,
        reached,
        () if gone_since else found.value.missing,
        gone_since,
    )


def _gone(
    reports: Mapping[int, MeasuredReport],
    placed: Mapping[int, Mapping[str, MeasuredRow]],
    *,
    scale: Scale,
    cap: Decimal,
) -> Iterator[YearRow]:
    """Rows of earlier revisions that the one in force has no longer, each as its last report had it."""
    lost: dict[tuple[int, str], dict[int, Mapping[str, MeasuredRow]]] = {}
    last: dict[tuple[int, str], MeasuredRow] = {}
    for quarter, report in sorted(reports.items()):
        kept = {id(row) for row in placed[quarter].values()}
        for row in report.rows:
            if id(row) not in kept:
                key = (report.revision, row.number)
                lost.setdefault(key, {})[quarter] = {row.number: row}
                last[key] = row
    for (revision, number), quarters in lost.items():
        row = last[revision, number]
        yield _row(
            number,
            row.statement_number,
            row.statement,
            row.indicator,
            quarters,
            scale=scale,
            cap=cap,
            gone_since=revision,
        )
