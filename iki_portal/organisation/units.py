"""Units as the operator keeps them: entered, and moved to another place in the office."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select

from iki_portal.domain.dates import office_day
from iki_portal.domain.office import UNIT_KIND_WORDS, UnitKind, code_for, post_name
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.routes import Key, UnitPlan, is_closed
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.models import Unit
from iki_portal.organisation.naming import demand_fresh
from iki_portal.organisation.standing import Foreseen, demand_sound_units, fold_due_names, unit_plans, write_down

#: In plans, the key of what has no id yet.
NEW = 0


@dataclass(frozen=True, slots=True)
class UnitProposal:
    """Where a unit stands; `superior_id` is None at the top. `order` is its place among all units."""

    kind: UnitKind
    superior_id: int | None
    order: int


def unit_choices(*, on: date) -> list[tuple[int, str]]:
    """Every open unit, in the order of the office."""
    return [(int(key), plan.name) for key, plan in unit_plans().items() if not is_closed(plan, on)]


def next_unit_order() -> int:
    return (db.session.scalar(select(func.max(Unit.order))) or 0) + 1


def foresee_unit(row: Unit | None, name: str, proposal: UnitProposal, *, seen: int, on: date) -> Foreseen:
    """What follows from entering (`row` is None) or changing a unit. Raises `Impossible`, `Outdated`, `WrongState`."""
    before = _judge(row, name, proposal, seen=seen, on=on)
    if row is None:
        above = f" di bawah {before[proposal.superior_id].name}" if proposal.superior_id else ""
        return Foreseen((f"{name} dibentuk{above}.",), (), (name, proposal))
    said = _changes(row, proposal, before) or ["Tidak ada yang berubah."]
    return Foreseen((*said, "Lembar tidak terpengaruh."), (), proposal)


def _judge(row: Unit | None, name: str, proposal: UnitProposal, *, seen: int, on: date) -> dict[Key, UnitPlan]:
    before = unit_plans()
    if row is None:
        plan, key = UnitPlan((name,), proposal.superior_id), NEW
    else:
        demand_fresh(row, seen)
        plan, key = replace(before[row.id], superior=proposal.superior_id), row.id
    demand_sound_units(before, {**before, key: plan}, on=on)
    return before


def enter_unit(name: str, short_name: str, proposal: UnitProposal, *, actor: Actor, now: datetime) -> Unit:
    """Set up a new unit. Raises `Impossible` for a name that another unit bears or will bear."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    on = office_day(now)
    lock_head()
    fold_due_names(Unit, on=on)
    _judge(None, name, proposal, seen=NEW, on=on)
    row = Unit(
        code=code_for(short_name, set(db.session.scalars(select(Unit.code)))),
        given_name=name,
        given_short_name=short_name,
        kind=proposal.kind,
        superior_id=proposal.superior_id,
        order=proposal.order,
    )
    db.session.add(row)
    db.session.flush()
    note = f"{post_name(name, short_name)}, {UNIT_KIND_WORDS[row.kind]}"
    write_down("add_unit", note, about=row, actor=actor, now=now)
    return row


def change_unit(row: Unit, proposal: UnitProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Move a unit. Raises `Impossible` for a circle, `Outdated`, `WrongState` for one that is closed."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    lock_head()
    db.session.refresh(row)
    before = _judge(row, row.name, proposal, seen=seen, on=office_day(now))
    note = f"{row.name}. " + " ".join(_changes(row, proposal, before))
    row.kind, row.superior_id, row.order = proposal.kind, proposal.superior_id, proposal.order
    row.version = seen + 1
    db.session.flush()
    write_down("change_unit", note.strip(), about=row, actor=actor, now=now)


def _changes(row: Unit, proposal: UnitProposal, plans: dict[Key, UnitPlan]) -> list[str]:
    def name(key: int | None) -> str:
        return plans[key].name if key is not None else "tidak ada"

    pairs = (
        ("Jenis", UNIT_KIND_WORDS[row.kind], UNIT_KIND_WORDS[proposal.kind]),
        ("Unit di atasnya", name(row.superior_id), name(proposal.superior_id)),
        ("Urutan", str(row.order), str(proposal.order)),
    )
    return [f"{word}: {old} menjadi {new}." for word, old, new in pairs if old != new]
