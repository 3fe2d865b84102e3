"""What becomes known of a report: to who verifies it, and to its owners; written with the step itself."""

from datetime import datetime

from iki_portal.domain.notices import About, NoticeKind, sheet_words
from iki_portal.domain.policy import Actor
from iki_portal.domain.quarters import first_day
from iki_portal.domain.realisation import ReportLike, ReportStep, verifying_desk
from iki_portal.indicators.sight import SeenSheet
from iki_portal.notices.news import news_for
from iki_portal.notices.operations import settle_report, tell

_TOLD = {
    ReportStep.SUBMIT: NoticeKind.TO_VERIFY,
    ReportStep.VERIFY: NoticeKind.REPORT_VERIFIED,
    ReportStep.RETURN: NoticeKind.REPORT_RETURNED,
}


def tell_of_report(
    sheet: SeenSheet, quarter: int, report: ReportLike, step: ReportStep, *, version: int, actor: Actor, now: datetime
) -> None:
    """What asked for a step on the report is dealt with; who must act next, or whom it concerns, is told."""
    day = first_day(sheet.year, quarter)
    settle_report(sheet.id, day, now=now)
    kind = _TOLD.get(step)
    if kind is None:
        return
    to_verify = kind is NoticeKind.TO_VERIFY
    people = verifying_desk(report, sheet.route).candidates if to_verify else sheet.route.owner.holders
    told = {each.employee_id for each in people} | (set() if to_verify else report.reporter_ids)
    about = About(sheet=sheet_words(sheet.name, sheet.revision), year=sheet.year, day=day)
    key = f"{step.value}:{sheet.id}:{quarter}:{version}"
    tell(news_for(told - {actor.employee_id}, kind, key, about, sheet_id=sheet.id), now=now)
