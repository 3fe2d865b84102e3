"""The page of one quarter: rows beside their targets, what each achieved and why, evidence, who is next. Plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from iki_portal.domain import policy, realisation
from iki_portal.domain.dates import format_date, office_day
from iki_portal.domain.quarters import QUARTERS, Window, told_apart
from iki_portal.domain.realisation import Circumstances, ReportState, ReportStep
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import Duty, revision_name
from iki_portal.indicators.sight import SeenSheet
from iki_portal.realisation.desks import quarters_of
from iki_portal.realisation.queries import SeenReport, circumstances
from iki_portal.realisation.windows import windows_for
from iki_portal.web.labels import REPORT_LABELS, REPORT_OVERDUE, Label
from iki_portal.web.timeline import Event, event_of

NOT_YET = Label(realisation.NOT_YET_WORD, "neutral", "clock")
_LABELS = {each.word: each for each in (*REPORT_LABELS.values(), REPORT_OVERDUE, NOT_YET)}


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the four quarters above the page."""

    quarter: int
    word: str
    label: Label
    when: str
    is_current: bool


def tabs_of(reports: Mapping[int, SeenReport], windows: Mapping[int, Window], *, current: int, on: date) -> list[Tab]:
    return [
        Tab(
            quarter,
            QUARTER_WORDS[quarter - 1],
            label_of(reports[quarter], windows[quarter], on),
            _when(windows[quarter]),
            quarter == current,
        )
        for quarter in QUARTERS
    ]


def label_of(report: SeenReport, window: Window, on: date) -> Label:
    """What nobody reported in time is as loud as red."""
    return _LABELS[realisation.quarter_word(report.state, window, on, other=report.other_state)]


def _when(window: Window) -> str:
    if window.reopened_until:
        return f"dibuka kembali sampai {format_date(window.reopened_until)}"
    return f"{format_date(window.opens_on)} – {format_date(window.deadline_on)}"


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A sheet in force with its four quarters; `quarter` is the one to go on with, and `next_line` who is next there."""

    sheet: SeenSheet
    tabs: list[Tab]
    quarter: int
    next_line: str
    #: The quarter waits for its owner now.
    is_waiting: bool


def own_lines(sheets: Sequence[SeenSheet], *, on: date) -> list[OwnLine]:
    """Three statements for any number of sheets."""
    reports, windows = quarters_of(sheets), windows_for({sheet.year for sheet in sheets})
    return [_own_line(sheet, reports[sheet.id], windows[sheet.year], on) for sheet in sheets]


def _own_line(sheet: SeenSheet, reports: Mapping[int, SeenReport], windows: Mapping[int, Window], on: date) -> OwnLine:
    quarter = quarter_to_go_on_with(reports, windows, on)
    report, around = reports[quarter], circumstances(sheet, windows[quarter], on)
    waits = not realisation.not_to_report_because(report, around)
    return OwnLine(sheet, tabs_of(reports, windows, current=quarter, on=on), quarter, next_line(report, around), waits)


def quarter_to_go_on_with(reports: Mapping[int, SeenReport], windows: Mapping[int, Window], on: date) -> int:
    """What was sent back first; else the quarter of the day."""
    returned = [quarter for quarter in QUARTERS if reports[quarter].state is ReportState.RETURNED]
    return returned[0] if returned else quarter_to_show(windows, on)


def quarter_to_show(windows: Mapping[int, Window], on: date) -> int:
    """The quarter that is being reported; else the last one whose time has come, else the first."""
    is_open = [quarter for quarter in QUARTERS if windows[quarter].is_open(on)]
    begun = [quarter for quarter in QUARTERS if windows[quarter].opens_on <= on]
    return is_open[0] if is_open else begun[-1] if begun else 1


def next_line(report: SeenReport, around: Circumstances) -> str:
    """Who is next, and until when."""
    owner = policy.desk(around.sheet, around.route, Duty.OWNER)
    if report.other_revision is not None:
        return ""
    if report.state is ReportState.SUBMITTED:
        place = realisation.verifying_desk(report, around.route)
        return realisation.stuck_because(place) or f"Menunggu verifikasi oleh {place.who}."
    if report.state is ReportState.RETURNED:
        return f"Dikembalikan kepada {owner.who} untuk diperbaiki."
    if report.state is ReportState.VERIFIED:
        return ""
    if reason := around.window.closed_because(around.on):
        return reason
    days = (around.window.last_day - around.on).days
    left = "hari ini" if days == 0 else f"{days} hari lagi"
    return f"Diisi oleh {owner.who} paling lambat {format_date(around.window.last_day)} ({left})."


def events_of(history: Iterable[Row[Any]], quarter: int) -> list[Event]:
    """What happened to the report of that quarter, newest first."""
    word, steps = QUARTER_WORDS[quarter - 1], {step.value for step in ReportStep}
    rows = [row for row in history if row.action in steps and told_apart(row.note)[0] == word]
    return [event_of(row) for row in reversed(rows)]


def elsewhere_words(report: SeenReport) -> str:
    """Where the quarter was reported, when it was on another revision."""
    if report.other_revision is None:
        return ""
    return (
        f"Triwulan ini dilaporkan pada {revision_name(report.other_revision).lower()}, terhadap target yang berlaku waktu itu."
    )


def verified_words(report: SeenReport, events: Sequence[Event]) -> str:
    """ "Diverifikasi Rina Kusuma, 12 April 2027." """
    if report.verified_at is None:
        return ""
    who = next((each.who for each in events if "memverifikasi" in each.sentence), "")
    return f"Diverifikasi {who}, {format_date(office_day(report.verified_at))}."
