"""A sheet whose post has a new holder: who held it, who has to confirm, and the act of taking it over."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import aliased

from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import NotAllowed, WrongState
from iki_portal.domain.handover import ANSWERING, STANDING, TAKE_OVER, Handover, Holding, handovers
from iki_portal.domain.office import YearStage
from iki_portal.domain.people import full_name
from iki_portal.domain.policy import Actor, Mandate
from iki_portal.domain.workflow import State, revision_name
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, lock_head, record
from iki_portal.indicators.operations import outdated
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Assignment, Employee, HistoryEntry, Sheet


@dataclass(frozen=True, slots=True)
class Tenure:
    """Who holds a sheet's post and who held it, and what became of the sheet in their hands."""

    holdings: tuple[Holding, ...]
    #: Acts by which somebody answered for the post's sheet of the year, oldest first.
    answers: tuple[Row[Any], ...]
    waiting: tuple[Handover, ...]

    def waiting_for(self, actor: Actor, position_id: int) -> tuple[Handover, Mandate] | None:
        """What this person has to confirm, and by which of their mandates; None if nothing."""
        by_kind = {each.kind: each for each in actor.mandates_for(position_id)}
        mine = (each for each in self.waiting if each.holder.employee_id == actor.employee_id)
        return next(((each, by_kind[each.holder.kind]) for each in mine if each.holder.kind in by_kind), None)

    def around(self, sheet: SeenSheet) -> list[Holding]:
        """Holders of the sheet's year, and of the time before it in which the sheet was written; the latest first."""
        first, last = min(sheet.begun_on, date(sheet.year, 1, 1)), date(sheet.year, 12, 31)
        held = [each for each in self.holdings if each.starts_on <= last and (each.ends_on or last) >= first]
        return sorted(held, key=lambda each: each.starts_on, reverse=True)

    def acts_of(self, holding: Holding, sheet_ids: frozenset[int]) -> list[str]:
        """What somebody did to those sheets in that time, in words: "mengajukan penetapan awal"."""
        return [
            f"{_ACT_WORDS[row.action]} {revision_name(row.revision).lower()}"
            for row in self.answers
            if row.sheet_id in sheet_ids and row.action in _ACT_WORDS and _is_by(row, holding)
        ]


#: What is told of a holder; a revision that was begun, and a proposal that was taken back, stand in the history alone.
_ACT_WORDS = {"submit": "mengajukan", TAKE_OVER: "menerima"}


def _is_by(row: Row[Any], holding: Holding) -> bool:
    is_theirs = row.actor_id == holding.employee_id and row.acting_kind == holding.kind
    return is_theirs and holding.holds_on(office_day(row.at))


@cache
def _holdings() -> Select[*tuple[Any, ...]]:
    person = (Employee.name, Employee.degrees_before, Employee.degrees_after)
    return (
        select(Assignment.employee_id, *person, Assignment.kind, Assignment.starts_on, Assignment.ends_on)
        .join(Employee, Employee.id == Assignment.employee_id)
        .where(Assignment.position_id == bindparam("position_id"), ~Assignment.is_cancelled)
        .order_by(Assignment.starts_on, Assignment.id)
    )


#: The sheet of an answer: any revision of the post's sheet of the year.
ANSWERED = aliased(Sheet)


def answers() -> Select[*tuple[Any, ...]]:
    """Acts by which somebody answered for a post's sheet of a year, whichever revision; a Plh. does not."""
    entry = HistoryEntry
    facts = (entry.number, entry.action, entry.sheet_id, entry.revision, entry.at, entry.actor_id, entry.acting_kind)
    return (
        select(*facts)
        .join(ANSWERED, ANSWERED.id == entry.sheet_id)
        .where(entry.action.in_(ANSWERING), entry.acting_position_id == ANSWERED.position_id)
    )


@cache
def _answers_of_year() -> Select[*tuple[Any, ...]]:
    here = (ANSWERED.position_id == bindparam("position_id"), ANSWERED.year == bindparam("year"))
    return answers().where(*here).order_by(HistoryEntry.number)


def tenure(sheet: SeenSheet, *, on: date) -> Tenure:
    """In two statements, however long the past of the post and of the sheet."""
    place = {"position_id": sheet.position_id, "year": sheet.year}
    holdings = tuple(
        Holding(
            row.employee_id, full_name(row.name, row.degrees_before, row.degrees_after), row.kind, row.starts_on, row.ends_on
        )
        for row in db.session.execute(_holdings(), place)
    )
    given = tuple(db.session.execute(_answers_of_year(), place))
    if sheet.state is State.SUPERSEDED or sheet.route.stage is YearStage.CLOSED:
        return Tenure(holdings, given, ())
    stood = [row.actor_id for row in given if row.acting_kind in STANDING]
    answered_by = stood[-1] if stood else None
    waiting = handovers(holdings, year=sheet.year, begun_on=sheet.begun_on, answered_by=answered_by, on=on)
    return Tenure(holdings, given, waiting)


def take_over(sheet: SeenSheet, *, actor: Actor, seen: int, now: datetime) -> None:
    """Say that one takes the sheet over from the post's former holder; the sheet itself stays as it is."""
    if sheet.version != seen:
        raise outdated(sheet)
    lock_head()  # of two presses at once the second sees the first
    found = tenure(sheet, on=office_day(now))
    if not found.waiting:
        raise WrongState("Lembar ini tidak menunggu penerimaan: pemegang jabatannya sudah menerimanya atau mengajukannya.")
    mine = found.waiting_for(actor, sheet.position_id)
    if mine is None:
        raise NotAllowed(f"Lembar ini diterima oleh {', '.join(each.holder.who for each in found.waiting)}.")
    handover, mandate = mine
    note = f"Diambil alih dari {handover.former.who}." if handover.former else ""
    act = Act(
        action=TAKE_OVER,
        year=sheet.year,
        at=now,
        sheet_id=sheet.id,
        revision=sheet.revision,
        note=note,
        sheet_version=sheet.version,
        content_hash=sheet.content_hash,
    )
    record(act, author(actor, mandate))
