"""The page of one quarter: drawn the same way for reading, reporting, verifying, and after a refusal."""

from collections.abc import Iterable, Sequence

from flask import render_template

from iki_portal.dialogue.queries import entry_of
from iki_portal.domain import realisation
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.policy import Actor
from iki_portal.domain.realisation import ReportStep
from iki_portal.history.queries import of_sheets
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.realisation import copies, pages, rows
from iki_portal.realisation.forms import Problem, ReportForm, StepForm, names_of
from iki_portal.realisation.queries import SeenReport, Written, circumstances, reports_of, written_in
from iki_portal.realisation.windows import measuring_of, windows_of
from iki_portal.web.timeline import Event


def render(
    sheet: SeenSheet,
    quarter: int,
    actor: Actor,
    *,
    form: ReportForm | None = None,
    deciding: StepForm | None = None,
    problem: str = "",
    summary: Sequence[Problem | dict[str, str]] = (),
) -> str:
    """The whole page; `form` and `deciding` carry what was typed when it could not be taken."""
    on = today_in_office()
    windows, measuring, reports = windows_of(sheet.year), measuring_of(sheet.year), reports_of(sheet)
    shown, window = reports[quarter], windows[quarter]
    around = circumstances(sheet, window, on)
    is_visible = shown.id is None or realisation.sees_report(actor, shown, sheet, sheet.route)
    paper = papers([sheet.id])[sheet.id]
    written = written_in([shown.id])[shown.id] if shown.id is not None and is_visible else Written()
    earlier = rows.earlier_rows(reports, before=quarter, paper=paper) if is_visible else {}
    shown_rows = rows.rows_of(paper, quarter, written, measuring, earlier=earlier, typed=form.rows if form else None)
    events = pages.events_of(of_sheets([sheet.id])[sheet.id], quarter)
    writes = realisation.may_report(actor, shown, around)
    numbers = {row.indicator.id: row.number for row in shown_rows if row.indicator.id is not None}
    return render_template(
        "realisation/report.html",
        sheet=sheet,
        year=sheet.year,
        quarter=quarter,
        window=window,
        report=shown,
        label=pages.label_of(shown, window, on),
        tabs=pages.tabs_of(reports, windows, current=quarter, on=on),
        next_line=pages.next_line(shown, around),
        elsewhere=pages.elsewhere_words(shown),
        verified=pages.verified_words(shown, events),
        is_visible=is_visible,
        printable=copies.printable_quarters(sheet.position_id, sheet.year) if _any_verified(reports.values()) else (),
        rows=shown_rows,
        measuring=measuring,
        talks=entry_of(sheet, actor=actor, on=on),
        writes=writes,
        may={step: ask(actor, shown, around) for step, ask in realisation.MAY.items()},
        ReportStep=ReportStep,
        form=form,
        lost_files=names_of(form.files) if form and form.files else "",
        withdrawn=form.withdrawn if form else frozenset(),
        deciding=deciding or StepForm(formdata=None),
        problems=[*(form.problems(numbers) if form else []), *summary],
        problem=problem,
        events=events,
        returned=_last_return(events, shown),
    )


def _any_verified(reports: Iterable[SeenReport]) -> bool:
    return any(realisation.ReportState.VERIFIED in (each.state, each.other_state) for each in reports)


def _last_return(events: Sequence[Event], shown: realisation.ReportLike) -> Event | None:
    """What the reviewer asked for, while it is mended."""
    if shown.state is not realisation.ReportState.RETURNED or not events:
        return None
    return events[0]
