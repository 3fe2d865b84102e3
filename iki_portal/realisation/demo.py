"""The demo's quarters, told through the real operations: figures that are made up, and a note beside each that says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import count

from iki_portal.documents.paper import PaperIndicator
from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import QUARTERS, Window
from iki_portal.domain.realisation import verifying_desk
from iki_portal.domain.realised import ReportedRow, is_ratio
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.realisation import operations
from iki_portal.realisation.operations import Proposal
from iki_portal.realisation.queries import report_of
from iki_portal.realisation.windows import windows_of

#: Beside every figure.
EXAMPLE_NOTE = "Angka CONTOH, bukan data kantor."
_OBSTACLE = "Contoh kendala: berkas menunggu kelengkapan dari perangkat daerah."
_FOLLOW_UP = "Contoh tindak lanjut: surat pengingat dan pendampingan."
#: How far the targets are reached, one after the other.
_REACHED = tuple(Decimal(each) for each in ("1", "1", "1.1", "1", "1", "0.7", "1", "1", "1", "0.5", "1"))
#: A share is counted out of so many.
_COUNTED = Decimal(40)
#: Who reports on which day of the window, and verifies how much later.
_REPORTED_AFTER, _VERIFIED_AFTER = timedelta(days=5), timedelta(days=4)

Person = Callable[[str, datetime], Actor]


@dataclass(frozen=True, slots=True)
class Story:
    """Sheets in force with the sign-in names of their owners, in the office's order."""

    year: int
    sheets: Sequence[tuple[str, SeenSheet]]
    #: Sign-in name and moment → who acts.
    person: Person
    #: Post id → the sign-in name of who holds it.
    code_of: Callable[[int], str]


def report_quarters(story: Story, *, until: datetime) -> None:
    """Report, and mostly verify, every quarter whose reports lie before `until`; of the last one some are on their way."""
    windows = windows_of(story.year)
    told = [quarter for quarter in QUARTERS if _morning(windows[quarter]) + _VERIFIED_AFTER + timedelta(days=1) < until]
    for quarter in told:
        _report(story, windows[quarter], is_last=quarter == told[-1])


def _morning(window: Window) -> datetime:
    return datetime.combine(window.opens_on, time(8, 30), OFFICE_ZONE) + _REPORTED_AFTER


def _report(story: Story, window: Window, *, is_last: bool) -> None:
    """All report on one day and all are verified on another, so that the history stays in order."""
    morning = _morning(window)
    reporting = [each for place, each in enumerate(story.sheets) if not (is_last and place % 9 == 4)]
    for minute, (code, sheet) in enumerate(reporting):
        now = morning + timedelta(minutes=4 * minute)
        actor = story.person(code, now)
        version = operations.save(sheet, window, Proposal(rows=_rows(sheet, window)), actor=actor, seen=0, now=now)
        operations.submit(sheet, window, actor=actor, seen=version, now=now + timedelta(minutes=3))
    for minute, (_, sheet) in enumerate(reporting):
        if not (is_last and minute % 5 == 2):
            _decide(
                story,
                sheet,
                window,
                now=morning + _VERIFIED_AFTER + timedelta(minutes=5 * minute),
                returns=is_last and minute == 1,
            )


def _decide(story: Story, sheet: SeenSheet, window: Window, *, now: datetime, returns: bool) -> None:
    report = report_of(sheet, window.quarter)
    actor = story.person(story.code_of(verifying_desk(report, sheet.route).post.id), now)
    if returns:
        note = "Contoh catatan: lampirkan bukti baris pertama."
        operations.return_report(sheet, window, actor=actor, seen=report.version, now=now, note=note)
    else:
        operations.verify(sheet, window, actor=actor, seen=report.version, now=now)


def _rows(sheet: SeenSheet, window: Window) -> dict[int, ReportedRow]:
    paper, places = papers([sheet.id])[sheet.id], count(sheet.id + window.quarter)
    indicators = (each for statement in paper.statements for each in statement.indicators)
    return {each.id: _row(each, window.quarter, next(places)) for each in indicators if each.id is not None}


def _row(indicator: PaperIndicator, quarter: int, place: int) -> ReportedRow:
    """A made-up figure near the quarter's target."""
    target, reached = indicator.quarters[quarter - 1] or Decimal(), _REACHED[place % len(_REACHED)]
    words = (EXAMPLE_NOTE, _OBSTACLE, _FOLLOW_UP) if reached < 1 else (EXAMPLE_NOTE, "", "")
    if is_ratio(indicator):
        part = min(_whole(target * reached * _COUNTED / 100), _COUNTED)
        return ReportedRow(None, part, _COUNTED, *words)
    return ReportedRow(_whole(target * reached), None, None, *words)


def _whole(figure: Decimal) -> Decimal:
    """Nobody finishes half a document."""
    return figure.to_integral_value(ROUND_FLOOR)
