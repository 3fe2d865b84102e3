"""The rows of a report beside their targets: what each achieved, how that came about, and its evidence. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain.measurement import (
    Achievement,
    Goal,
    Outcome,
    YearAchievement,
    measure_quarter,
    measure_year,
    quarter_goal,
    shown,
    year_goal,
)
from iki_portal.domain.numbers import format_number, plain_number
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.realisation import REPORTED
from iki_portal.domain.realised import FIGURES, ReportedRow, figure_word, figures_of, realised_of
from iki_portal.domain.targets import targets_of
from iki_portal.domain.units_of_measure import with_unit
from iki_portal.indicators.papers import papers
from iki_portal.realisation.forms import RowFields
from iki_portal.realisation.queries import AttachmentLine, EntryLine, SeenReport, Written, figures_in
from iki_portal.realisation.results import same_rows
from iki_portal.realisation.windows import Measuring
from iki_portal.web.labels import BAND_ICONS, Label

_UNMEASURED = {
    Outcome.NOT_REPORTED: Label("Belum dilaporkan", "danger", "exclamation-octagon-fill"),
    Outcome.NO_TARGET: Label("Tanpa target", "neutral", "dash-circle"),
    Outcome.NOT_COMPUTABLE: Label("Tidak dapat dihitung", "danger", "exclamation-octagon-fill"),
}


@dataclass(frozen=True, slots=True)
class AchievementView:
    """How far, how it came about, and in which band of the year's scale."""

    label: Label
    explanation: str
    #: "107,14%"; empty where nothing can be said.
    percentage: str = ""
    #: "120%", where the cap of the year cuts it.
    capped: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    number: str
    indicator: PaperIndicator
    #: The statement's text, at its first indicator.
    statement: str
    target: str
    year_target: str
    #: (cell, word) of the figures that are asked for.
    asked: tuple[tuple[str, str], ...]
    row: ReportedRow
    fields: RowFields
    achievement: AchievementView
    year: AchievementView
    year_value: str
    evidence: list[AttachmentLine]
    #: Earlier entries, newest first; what counts is not among them.
    before: list[EntryLine]
    #: The entry that counts.
    last: EntryLine | None = None
    #: Cell → what is stored now, where the field says something else.
    stored: dict[str, str] = field(default_factory=dict)

    @property
    def needs_words(self) -> bool:
        return any(self.fields.values[name] or name in self.fields.errors for name in ("note", "obstacle", "follow_up"))


def rows_of(
    paper: Paper,
    quarter: int,
    written: Written,
    measuring: Measuring,
    *,
    earlier: Mapping[int, Mapping[int, ReportedRow]],
    typed: Mapping[int, RowFields] | None = None,
) -> list[RowView]:
    """Every row of the sheet; `earlier`: quarter → indicator → what was reported, for the year so far."""
    return [
        _row_view(
            f"{statement.number}.{place}",
            indicator,
            quarter,
            statement=statement.text if place == 1 else "",
            written=written,
            measuring=measuring,
            year=_year(indicator, {**earlier, quarter: {indicator.id or 0: written.row(indicator.id or 0)}}, measuring),
            typed=(typed or {}).get(indicator.id or 0),
        )
        for statement in paper.statements
        for place, indicator in enumerate(statement.indicators, start=1)
    ]


def _year(
    indicator: PaperIndicator, quarters: Mapping[int, Mapping[int, ReportedRow]], measuring: Measuring
) -> YearAchievement:
    """The year up to the quarter that is shown."""
    reported = [quarters.get(quarter, {}).get(indicator.id or 0) for quarter in QUARTERS]
    realised = [realised_of(indicator, each) if each else None for each in reported]
    return measure_year(targets_of(indicator), realised, cap=measuring.cap)


def _row_view(
    number: str,
    indicator: PaperIndicator,
    quarter: int,
    *,
    statement: str,
    written: Written,
    measuring: Measuring,
    year: YearAchievement,
    typed: RowFields | None,
) -> RowView:
    key, targets = indicator.id or 0, targets_of(indicator)
    row, entries = written.row(key), written.entries.get(key, [])
    fields = typed or RowFields.of_row(key, row)
    achieved = measure_quarter(targets, quarter, realised_of(indicator, row), cap=measuring.cap)
    return RowView(
        number=number,
        indicator=indicator,
        statement=statement,
        target=_goal_words(quarter_goal(targets, quarter), indicator),
        year_target=_goal_words(year_goal(targets), indicator),
        asked=tuple((cell, figure_word(indicator, cell)) for cell in figures_of(indicator)),
        row=row,
        fields=fields,
        achievement=achievement_view(achieved, measuring),
        year=achievement_view(year.achievement, measuring),
        year_value=_year_words(year, indicator),
        evidence=written.evidence(key),
        before=entries[-2::-1],
        last=entries[-1] if entries else None,
        stored=_stored(row, fields) if typed else {},
    )


def _goal_words(goal: Goal | None, indicator: PaperIndicator) -> str:
    if goal is None:
        return ""
    upper = f"–{format_number(goal.upper)}" if goal.upper is not None else ""
    return with_unit(f"{format_number(goal.target)}{upper}", indicator.unit_of_measure)


def _year_words(year: YearAchievement, indicator: PaperIndicator) -> str:
    """ "3 dokumen (1 + 2 = 3)": the year so far."""
    if year.value.value is None:
        return year.value.explanation
    value = shown(year.value.value).removesuffix("%")
    return f"{with_unit(value, indicator.unit_of_measure)} ({year.value.explanation})"


def achievement_view(found: Achievement, measuring: Measuring) -> AchievementView:
    label, percentage = achievement_words(found.outcome, found.capped, measuring)
    if found.raw is None or found.capped is None:
        return AchievementView(label, found.explanation)
    capped = percentage if found.capped != found.raw else ""
    return AchievementView(label, found.explanation, shown(found.raw), capped)


def achievement_words(outcome: Outcome, capped: Decimal | None, measuring: Measuring) -> tuple[Label, str]:
    """The band of an achievement and its per cent as it counts; why there is none, and nothing."""
    if capped is None:
        return _UNMEASURED[outcome], ""
    band = measuring.scale.band(capped)
    tone, picture = BAND_ICONS[band.tone]
    return Label(band.word, tone, picture), shown(capped)


def _stored(row: ReportedRow, fields: RowFields) -> dict[str, str]:
    """What stands in the portal where the field says something else: another page has saved meanwhile."""
    found = {cell: plain_number(figure) if (figure := getattr(row, cell)) is not None else "" for cell in FIGURES}
    return {cell: text for cell, text in found.items() if text and text != fields.values[cell].strip()}


def earlier_rows(reports: Mapping[int, SeenReport], *, before: int, paper: Paper) -> dict[int, dict[int, ReportedRow]]:
    """Quarter → indicator of this revision → what was reported in the quarters before.

    What an earlier revision reported is found by the same words of its indicator, if only one row has them.
    """
    own = {quarter: report.id for quarter, report in reports.items() if report.state in REPORTED and quarter < before}
    others = {quarter: each for quarter, each in reports.items() if each.other_report_id is not None and quarter < before}
    ids = [each for each in own.values() if each is not None] + [each.other_report_id or 0 for each in others.values()]
    figures = figures_in(ids)
    found = {quarter: dict(figures[report_id or 0]) for quarter, report_id in own.items()}
    former = papers(sorted({each.other_sheet_id or 0 for each in others.values()})) if others else {}
    for quarter, each in others.items():
        same = same_rows(former[each.other_sheet_id or 0], paper)
        rows = figures[each.other_report_id or 0]
        found[quarter] = {same[key]: row for key, row in rows.items() if key in same}
    return found
