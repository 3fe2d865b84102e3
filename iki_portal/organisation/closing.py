"""Posts and units that end on a day: never deleted, because sheets and history name them (decision 0021)."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, or_, select

from iki_portal.domain.appointments import format_span
from iki_portal.domain.dates import format_date, office_day
from iki_portal.domain.errors import Invalid
from iki_portal.domain.office import YearStage
from iki_portal.domain.people import acting_title
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.routes import Fault, PostPlan, Problem, UnitPlan, caused, post_problems
from iki_portal.domain.workflow import IN_PREPARATION
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.models import PerformanceYear, Position, Sheet, Unit
from iki_portal.organisation.naming import WORDS, demand_fresh
from iki_portal.organisation.standing import (
    Foreseen,
    demand_none,
    demand_sound_units,
    holdings,
    post_plans,
    unit_plans,
    write_down,
)

CLOSE_ACTS: dict[type[Unit] | type[Position], str] = {Unit: "close_unit", Position: "close_post"}


def foresee_closing(row: Unit | Position, day: date | None, *, seen: int, on: date) -> Foreseen:
    """What follows when it ends on that day, or (None) does not end after all. Raises `Impossible`, `Invalid`, `Outdated`."""
    demand_fresh(row, seen, may_be_closed=True)
    _judge(row, day, on=on)
    word = WORDS[type(row)]
    if day is None:
        return Foreseen((f"{word} ini tidak jadi ditutup: ada lagi di bagan dan di daftar pilihan.",), (), day)
    said = (
        f"{word} ini ditutup mulai {format_date(day)}: tidak ada lagi di bagan dan di daftar pilihan.",
        "Lembar dan riwayatnya tetap ada dan tetap menyebut namanya.",
    )
    return Foreseen(said, (), day)


def close(row: Unit | Position, day: date | None, *, actor: Actor, seen: int, now: datetime) -> None:
    """End it from that day, or take that back. Raises as `foresee_closing`."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    lock_head()
    db.session.refresh(row)
    demand_fresh(row, seen, may_be_closed=True)
    _judge(row, day, on=office_day(now))
    before = f", semula {format_date(row.closed_on)}" if row.closed_on else ""
    row.closed_on, row.version = day, seen + 1
    db.session.flush()
    note = f"{row.name}: " + (f"ditutup mulai {format_date(day)}{before}" if day else f"penutupan dibatalkan{before}")
    write_down(CLOSE_ACTS[type(row)], note, about=row, actor=actor, now=now)


def _judge(row: Unit | Position, day: date | None, *, on: date) -> None:
    if day == row.closed_on:
        raise Invalid("Tidak ada yang berubah." if day else "Isi tanggal penutupannya.")
    units = unit_plans()
    if isinstance(row, Unit):
        plan: UnitPlan = replace(units[row.id], closed_on=day)
        demand_sound_units(units, {**units, row.id: plan}, on=on)
        return
    posts = post_plans()
    after: PostPlan = replace(posts[row.id], closed_on=day)
    faults = caused(post_problems(posts, units, on=on), post_problems({**posts, row.id: after}, units, on=on))
    demand_none([*faults, *(_in_use(row, day) if day else ())])


def _in_use(row: Position, day: date) -> list[Problem]:
    """Who still holds the post that day or later, and which sheets still pass it."""
    said = [
        f"{acting_title(each.term.kind, row.title)} masih dipegang {each.term.name}, "
        f"{format_span(each.term.starts_on, each.term.ends_on)}: akhiri penugasan itu sebelum {format_date(day)}."
        for each in holdings([row.id], on=day).get(row.id, ())
    ]
    own, passing = _sheets_in_preparation(row.id)
    if own:
        said.append(f"{own} lembar jabatan ini sedang disiapkan: selesaikan dulu sampai ditetapkan.")
    if passing:
        said.append(f"{passing} lembar jabatan lain yang sedang disiapkan masih melewati jabatan ini.")
    return [Problem(row.id, Fault.IN_USE, (number,), text) for number, text in enumerate(said)]


def _sheets_in_preparation(position_id: int) -> tuple[int, int]:
    """Of years that are not closed: sheets of the post itself, and sheets of others on whose route it stands."""
    own = Sheet.position_id == position_id
    query = (
        select(func.count().filter(own), func.count().filter(~own))
        .join(PerformanceYear, PerformanceYear.year == Sheet.year)
        .where(
            Sheet.state.in_(IN_PREPARATION),
            PerformanceYear.stage != YearStage.CLOSED,
            or_(own, Sheet.reviewer_id == position_id, Sheet.approver_id == position_id),
        )
    )
    mine, passing = db.session.execute(query).one()
    return mine, passing
