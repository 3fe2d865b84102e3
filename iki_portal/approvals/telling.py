"""What becomes known of a sheet: to whom (domain/notices.py), written with the step itself."""

from datetime import datetime

from iki_portal.domain.dates import office_day
from iki_portal.domain.notices import About, NoticeKind, sheet_words, told_of
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import Step
from iki_portal.indicators.sight import SeenSheet
from iki_portal.notices.news import News, news_for
from iki_portal.notices.operations import settle, tell


def about_sheet(sheet: SeenSheet) -> About:
    return About(sheet=sheet_words(sheet.name, sheet.revision), year=sheet.year)


def tell_of_step(sheet: SeenSheet, step: Step, *, actor: Actor, now: datetime) -> None:
    """What asked for a step is dealt with; who must act next, and whom it concerns, is told. `sheet` as it stood before."""
    if step is Step.SUPERSEDE:
        return  # the portal's own step: the approval beside it is told
    settle(sheet.id, actor=actor, now=now)
    told = told_of(step, sheet, sheet.route, by=actor.employee_id)
    key, about = f"{step.value}:{sheet.id}:{sheet.version}", about_sheet(sheet)
    tell([News(employee_id=each, kind=kind, key=key, about=about, sheet_id=sheet.id) for each, kind in told.items()], now=now)


def tell_of_comment(sheet: SeenSheet, *, actor: Actor, now: datetime) -> None:
    """The owners learn of it, once a day however much is said: the sheet itself shows every comment."""
    people = {each.employee_id for each in sheet.route.owner.holders} - {actor.employee_id}
    key = f"comment:{sheet.id}:{office_day(now).isoformat()}"
    tell(news_for(people, NoticeKind.COMMENTED, key, about_sheet(sheet), sheet_id=sheet.id), now=now)


def tell_of_answer(sheet: SeenSheet, comment_id: int, *, to: int, seen: int, actor: Actor, now: datetime) -> None:
    """Whoever asked learns that something was said or done about it, unless the sheet passes their desk no more."""
    route = sheet.route
    posts = (route.owner, route.reviewer, route.approver, route.superior)
    people = {each.employee_id for post in posts if post for each in post.holders} & {to} - {actor.employee_id}
    key = f"answer:{comment_id}:{seen}"
    tell(news_for(people, NoticeKind.ANSWERED, key, about_sheet(sheet), sheet_id=sheet.id), now=now)
