"""Names of units and posts from a day on: today's is changed at once, a coming one waits for its day (decision 0021)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select

from iki_portal.domain.dates import format_date, office_day
from iki_portal.domain.errors import Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.office import YearStage, post_name
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.models import PerformanceYear, Position, Sheet, Unit
from iki_portal.models.columns import LARGEST_ID
from iki_portal.organisation.standing import Foreseen, demand_sound_units, fold_due_names, unit_plans, write_down

Named = TypeVar("Named", Unit, Position)
WORDS: dict[type[Unit] | type[Position], str] = {Unit: "Unit kerja", Position: "Jabatan"}
RENAME_ACTS: dict[type[Unit] | type[Position], str] = {Unit: "rename_unit", Position: "rename_post"}


@dataclass(frozen=True, slots=True)
class NameProposal:
    """A name and what is short of it (the short name of a unit, the area of a post), and from which day they hold."""

    name: str
    short_name: str
    starts_on: date

    def __post_init__(self) -> None:
        for each in ("name", "short_name"):
            object.__setattr__(self, each, " ".join(getattr(self, each).split()))

    @property
    def pair(self) -> tuple[str, str]:
        return (self.name, self.short_name)


def standing(model: type[Named], row_id: int) -> Named:
    """The unit or post, fresh from the database. Raises `NotFound` for a number that none has."""
    found = db.session.get(model, row_id, populate_existing=True) if 0 < row_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"{WORDS[model]} ini tidak ada.")
    return found


def demand_fresh(row: Unit | Position, seen: int, *, may_be_closed: bool = False) -> None:
    """Raise `Outdated` for a page drawn from an earlier version, `WrongState` for what is no more."""
    word = WORDS[type(row)]
    if row.version != seen:
        raise Outdated(f"{word} ini sudah diubah orang lain sesudah halaman Anda dibuka.")
    if row.is_closed and not may_be_closed:
        raise WrongState(f"{word} ini sudah ditutup.")


def name_today(row: Unit | Position) -> tuple[str, str]:
    return (row.name, row.short_name) if isinstance(row, Unit) else (row.title, row.area)


def coming_name(row: Unit | Position) -> NameProposal | None:
    """The name that follows on a day that has not come."""
    if row.next_on is None or row.is_renamed:
        return None
    pair = (row.next_name, row.next_short_name) if isinstance(row, Unit) else (row.next_title, row.next_area)
    return NameProposal(pair[0] or "", pair[1] or "", row.next_on)


def foresee_rename(row: Unit | Position, proposal: NameProposal, *, seen: int, on: date) -> Foreseen:
    """What follows from the new name. Raises `Invalid`, `Impossible`, `Outdated`, `WrongState`."""
    demand_fresh(row, seen)
    _judge(row, proposal, on=on)
    coming = coming_name(row)
    said = [f"{post_name(*name_today(row))} menjadi {post_name(*proposal.pair)}, mulai {format_date(proposal.starts_on)}."]
    if coming and proposal.starts_on > on:
        said.append(f"Nama yang direncanakan, {_dated(coming)}, diganti oleh nama ini.")
    elif coming:
        said.append(f"Nama yang direncanakan tetap mengikuti: {_dated(coming)}.")
    return Foreseen((*said, *_of_sheets(row, proposal, on=on)), (), proposal)


def _of_sheets(row: Unit | Position, proposal: NameProposal, *, on: date) -> list[str]:
    if proposal.name == name_today(row)[0]:
        return ["Nama yang tercetak tidak berubah, sehingga tidak ada lembar yang terpengaruh."]
    counts = sheet_counts(_of_row(row))
    waiting, approved = _waiting(counts), counts.get(State.APPROVED, 0)
    word = WORDS[type(row)].lower()
    said = []
    if waiting and proposal.starts_on <= on:
        said.append(f"{waiting} lembar sedang diajukan atau direviu harus diajukan ulang karena nama {word} berubah.")
    elif waiting:
        said.append(
            f"{waiting} lembar sedang diajukan atau direviu: yang belum ditetapkan pada {format_date(proposal.starts_on)}"
            f" harus diajukan ulang karena nama {word} berubah."
        )
    if approved:
        said.append(f"{approved} lembar yang sudah ditetapkan tetap memakai nama lama.")
    return said or ["Tidak ada lembar yang sedang diajukan atau sudah ditetapkan."]


def _of_row(row: Unit | Position) -> ColumnElement[bool]:
    """In SQL: sheets on which the name stands."""
    if isinstance(row, Position):
        return Sheet.position_id == row.id
    return Sheet.position_id.in_(select(Position.id).where(Position.unit_id == row.id))


def sheet_counts(concerned: ColumnElement[bool]) -> dict[State, int]:
    """How many of those sheets, of years that are not closed, stand in each state."""
    query = (
        select(Sheet.state, func.count().label("number"))
        .join(PerformanceYear, PerformanceYear.year == Sheet.year)
        .where(concerned, PerformanceYear.stage != YearStage.CLOSED)
        .group_by(Sheet.state)
    )
    return {row.state: row.number for row in db.session.execute(query)}


def _waiting(counts: dict[State, int]) -> int:
    return counts.get(State.SUBMITTED, 0) + counts.get(State.REVIEWED, 0)


def rename(row: Unit | Position, proposal: NameProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Give a name from a day on: today or before, it is the given one; later, it follows. Raises as `foresee_rename`."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    on = office_day(now)
    lock_head()
    fold_due_names(type(row), on=on)
    demand_fresh(row, seen)
    _judge(row, proposal, on=on)
    coming = coming_name(row)
    replaced = f", sebagai pengganti {_dated(coming)}" if coming and proposal.starts_on > on else ""
    note = f"{post_name(*name_today(row))} menjadi {_dated(proposal)}{replaced}"
    _write(row, proposal, comes_later=proposal.starts_on > on)
    row.version = seen + 1
    db.session.flush()
    write_down(RENAME_ACTS[type(row)], note, about=row, actor=actor, now=now)


def keep_name(row: Unit | Position, *, actor: Actor, seen: int, now: datetime) -> None:
    """Take back a name that has not come. Raises `WrongState` once it has: then it is changed again."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    lock_head()
    db.session.refresh(row)
    demand_fresh(row, seen)
    coming = coming_name(row)
    if coming is None:
        raise WrongState("Tidak ada nama baru yang menunggu tanggalnya.")
    for column in _coming_columns(row):
        setattr(row, column, None)
    row.version = seen + 1
    db.session.flush()
    note = f"{post_name(*name_today(row))} tidak jadi menjadi {_dated(coming)}"
    write_down(RENAME_ACTS[type(row)], note, about=row, actor=actor, now=now)


def _coming_columns(row: Unit | Position) -> tuple[str, str, str]:
    return ("next_name", "next_short_name", "next_on") if isinstance(row, Unit) else ("next_title", "next_area", "next_on")


def _write(row: Unit | Position, proposal: NameProposal, *, comes_later: bool) -> None:
    if comes_later:
        values: tuple[object, ...] = (*proposal.pair, proposal.starts_on)
        for column, value in zip(_coming_columns(row), values, strict=True):
            setattr(row, column, value)
    elif isinstance(row, Unit):
        row.given_name, row.given_short_name = proposal.pair
    else:
        row.given_title, row.given_area = proposal.pair


def _judge(row: Unit | Position, proposal: NameProposal, *, on: date) -> None:
    coming = coming_name(row)
    is_later = proposal.starts_on > on
    if proposal.pair == name_today(row) and not (is_later and coming):
        raise Invalid("Nama ini sudah berlaku; tidak ada yang berubah.")
    if is_later and coming == proposal:
        raise Invalid("Nama ini sudah direncanakan mulai tanggal itu; tidak ada yang berubah.")
    if is_later and row.closed_on is not None and proposal.starts_on >= row.closed_on:
        raise Invalid(f"{WORDS[type(row)]} ini ditutup mulai {format_date(row.closed_on)}, sebelum nama itu berlaku.")
    if isinstance(row, Unit):
        before = unit_plans()
        names = (row.name, proposal.name) if is_later else (proposal.name, *((coming.name,) if coming else ()))
        demand_sound_units(before, {**before, row.id: before[row.id].named(names)}, on=on)


def _dated(proposal: NameProposal) -> str:
    return f"{post_name(*proposal.pair)} mulai {format_date(proposal.starts_on)}"
