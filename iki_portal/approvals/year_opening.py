"""Opening a new performance year from the last one: every post begins with its texts, units and formulas as a draft. And
the deadline of a year, while it is planned.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError

from iki_portal.approvals.content import frozen_papers
from iki_portal.domain.dates import LAST_YEAR, format_date, office_day
from iki_portal.domain.drafts import IndicatorProposal, StatementProposal
from iki_portal.domain.errors import Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.formulas import printed_formula
from iki_portal.domain.notices import About, NoticeKind
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.targets import QUARTER_FIELDS
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.indicators.answering import recount
from iki_portal.indicators.operations import new_statements
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.rule_settings import carry_rules, rules_set
from iki_portal.models import PerformanceYear, Position, Sheet
from iki_portal.notices.news import News, news_for
from iki_portal.notices.operations import tell
from iki_portal.organisation.operations import add_year
from iki_portal.organisation.queries import posts

OPEN_ACTION, DEADLINE_ACTION = "open_year", "change_deadline"


@dataclass(frozen=True, slots=True)
class Carried:
    """What the year begins with: how many sheets come from where, and how many rules were set for the last one."""

    in_force: int = 0
    in_preparation: int = 0
    empty: int = 0
    rules: int = 0

    @property
    def total(self) -> int:
        return self.in_force + self.in_preparation + self.empty


def next_year() -> int | None:
    """The year that can be opened now: the one after the newest; None before the first one, and after the last."""
    newest = db.session.scalar(select(PerformanceYear.year).order_by(PerformanceYear.year.desc()).limit(1))
    return newest + 1 if newest is not None and newest < LAST_YEAR else None


def performance_years() -> list[PerformanceYear]:
    return list(db.session.scalars(select(PerformanceYear).order_by(PerformanceYear.year.desc())))


def carried_from(year: int) -> Carried:
    """What opening the year after `year` would carry over."""
    return _count(year, _beginnings(year))


def open_year(year: int, *, deadline: date | None, actor: Actor, now: datetime) -> Carried:
    """Create the year in its planning stage, with the last one's rules and a draft for every post that has a route.

    A sheet in force is carried over as it was approved, its targets as last year's values; one that is still in preparation
    with its texts alone, because nobody agreed to its targets. Raises `Invalid` for a year that is not the next one or a
    deadline that is past, `Outdated` when somebody else has just opened it.
    """
    demand_permission(actor, Permission.YEAR_OPEN)
    if year != next_year():
        raise Outdated(f"Tahun {year} tidak dapat dibuka: mungkin baru saja dibuka orang lain, dan tahun dibuka berurutan.")
    _demand_to_come(deadline, now)
    beginnings = _beginnings(year - 1)
    carried = _count(year - 1, beginnings)
    try:
        with db.session.begin_nested():
            add_year(year, deadline=deadline)
    except IntegrityError as error:
        raise Outdated(f"Tahun {year} baru saja dibuka orang lain.") from error
    carry_rules(year - 1, into=year)
    drafts = list(_drafts(beginnings, year, actor=actor, now=now))
    db.session.add_all(drafts)
    db.session.flush()
    recount([draft.id for draft in drafts])
    note = f"{carried.total} draf dibuat: {carried.in_force} dari lembar yang berlaku pada {year - 1}."
    if carried.rules:
        note += f" {carried.rules} aturan mutu dibawa dari tahun {year - 1}."
    record(Act(action=OPEN_ACTION, year=year, at=now, note=note), operator_author(actor))
    tell(list(_news(beginnings, drafts, on=office_day(now))), now=now)
    return carried


def _news(beginnings: Sequence[tuple[Position, Sheet | None]], drafts: Sequence[Sheet], *, on: date) -> Iterator[News]:
    """Whoever holds a post today learns that its draft is there; whoever gets it later finds it on Beranda."""
    held = posts((post.id for post, _ in beginnings), on=on) if beginnings else {}
    for draft in drafts:
        post = held[draft.position_id]
        about = About(sheet=post.name, year=draft.year)
        people = (holder.employee_id for holder in post.holders)
        yield from news_for(people, NoticeKind.YEAR_OPENED, f"{OPEN_ACTION}:{draft.id}", about, sheet_id=draft.id)


def change_deadline(year: int, deadline: date | None, *, actor: Actor, seen: date | None, now: datetime) -> None:
    """Set or take away the last day of planning, while the year is planned.

    Raises `WrongState` once that stage is over, `Outdated` when the deadline is no longer the one that was seen, `Invalid`
    for a day that is past and for the day it is already.
    """
    demand_permission(actor, Permission.YEAR_OPEN)
    lock_head()
    row = db.session.get(PerformanceYear, year, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"Tahun kinerja {year} belum dibuka.")
    if row.stage is not YearStage.PLANNING:
        raise WrongState(f"Tahap penetapan tahun {year} sudah ditutup; tenggatnya tidak berubah lagi.")
    if row.planning_deadline_on != seen:
        raise Outdated(f"Tenggat tahun {year} baru saja diubah orang lain menjadi {_spoken(row.planning_deadline_on)}.")
    if deadline == seen:
        raise Invalid(f"Tenggat sudah {_spoken(seen)}. Isi tanggal yang lain.")
    _demand_to_come(deadline, now)
    row.planning_deadline_on = deadline
    note = f"Tenggat penetapan {_spoken(seen)} menjadi {_spoken(deadline)}."
    record(Act(action=DEADLINE_ACTION, year=year, at=now, note=note), operator_author(actor))


def _demand_to_come(deadline: date | None, now: datetime) -> None:
    if deadline is not None and deadline < office_day(now):
        raise Invalid("Tenggat sudah lewat; isi tanggal yang akan datang.")


def _spoken(deadline: date | None) -> str:
    return format_date(deadline) if deadline else "tanpa tenggat"


def _beginnings(year: int) -> list[tuple[Position, Sheet | None]]:
    """Every post with a route, in the order of the office, and its sheet of that year: in force, or else in preparation."""
    query = select(Sheet).where(Sheet.year == year, Sheet.state.in_([State.APPROVED, *IN_PREPARATION]))
    standing: dict[int, Sheet] = {}
    for sheet in db.session.scalars(query.order_by(Sheet.revision.desc())):
        if sheet.position_id not in standing or sheet.state is State.APPROVED:
            standing[sheet.position_id] = sheet
    posts = db.session.scalars(_posts_of(year + 1).order_by(Position.order, Position.id))
    return [(post, standing.get(post.id)) for post in posts]


def _posts_of(year: int) -> Select[*tuple[Position]]:
    """Posts that have a route, and a day in that year: a post that is closed before it begins needs no draft."""
    still = or_(Position.closed_on.is_(None), Position.closed_on > date(year, 1, 1))
    return select(Position).where(Position.approver_id.is_not(None), ~Position.is_closed, still)


def _count(year: int, beginnings: Iterable[tuple[Position, Sheet | None]]) -> Carried:
    states = Counter(None if sheet is None else sheet.state is State.APPROVED for _, sheet in beginnings)
    return Carried(states[True], states[False], states[None], rules_set(year))


def _drafts(beginnings: Sequence[tuple[Position, Sheet | None]], year: int, *, actor: Actor, now: datetime) -> Iterator[Sheet]:
    sheets = [sheet for _, sheet in beginnings if sheet is not None]
    approved = frozen_papers([sheet.id for sheet in sheets if sheet.state is State.APPROVED])
    written = approved | papers([sheet.id for sheet in sheets if sheet.id not in approved])
    for post, before in beginnings:
        rows = rows_on(written[before.id]) if before else ()
        yield Sheet(
            year=year,
            position_id=post.id,
            heading=before.heading if before else post.title.upper(),
            order=before.order if before else post.order,
            reviewer_id=post.reviewer_id,
            approver_id=post.approver_id,
            begun_on=office_day(now),
            changed_at=now,
            changed_by=actor.name,
            statements=new_statements(
                _carried(row, year=year, is_agreed=before is not None and before.id in approved) for row in rows
            ),
        )


def _carried(row: StatementProposal, *, year: int, is_agreed: bool) -> StatementProposal:
    return replace(row, indicators=tuple(_carried_row(each, year=year, is_agreed=is_agreed) for each in row.indicators))


def _carried_row(row: IndicatorProposal, *, year: int, is_agreed: bool) -> IndicatorProposal:
    """Texts, satuan and formula stay; last year's target becomes the value to start from, and a cut-off moves on by a year."""
    cells: dict[str, Any] = dict.fromkeys(("target", "target_upper", *QUARTER_FIELDS))
    cells |= {"baseline": row.target if is_agreed else None, "justification": ""}
    carried = replace(row, **cells, cut_off=row.cut_off.replace(str(year - 1), str(year)))
    return replace(carried, formula=printed_formula(carried, row))
