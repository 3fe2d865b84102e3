"""Posts as the operator keeps them: entered, moved, given their duties and the route of their sheets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, exists, func, or_, select, update

from iki_portal.domain.dates import office_day
from iki_portal.domain.office import POSITION_KIND_WORDS, DutyKind, PositionKind, YearStage, code_for, post_name
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.routes import (
    Fault,
    Key,
    PostPlan,
    Problem,
    RoutePair,
    caused,
    default_route,
    first_of_kinds,
    is_closed,
    post_problems,
    same_persons,
)
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.models import PerformanceYear, Position, PositionDuty, Sheet
from iki_portal.organisation.naming import demand_fresh, sheet_counts
from iki_portal.organisation.standing import Foreseen, demand_none, holdings, post_plan, post_plans, unit_plans, write_down
from iki_portal.organisation.units import NEW


@dataclass(frozen=True, slots=True)
class PostProposal:
    """A post as the operator wants it; `is_default`: its sheets take the route of its kind, whatever is chosen below."""

    kind: PositionKind
    unit_id: int
    superior_id: int | None
    is_default: bool
    reviewer_id: int | None
    approver_id: int | None
    order: int
    main_duty: str
    duties: tuple[str, ...]
    functions: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        return (self.main_duty, self.duties, self.functions)


@dataclass(frozen=True, slots=True)
class Judged:
    """A change that may be made: the post before it (None for a new one) and after it, among all posts before it."""

    before: PostPlan | None
    after: PostPlan
    posts: dict[Key, PostPlan]
    unit_names: dict[Key, str]
    texts: tuple[str, tuple[str, ...], tuple[str, ...]]
    warnings: tuple[str, ...]

    def route(self, pair: RoutePair) -> str:
        """ "Kepala Bidang Mutasi, lalu Sekretaris"."""
        named = [self.posts[each].name for each in pair if each is not None]
        return ", lalu ".join(named) or "tanpa lembar"


def post_choices_near(unit_ids: Sequence[int | None], chosen: Sequence[int | None], *, on: date) -> list[tuple[int, str]]:
    """Posts that may stand above another or on its route: those that lead, those of the same unit, those chosen already.

    Not every analyst of a large office: a list of ten thousand helps nobody.
    """
    below = Position.__table__.alias()
    query = (
        select(Position.id, Position.title, Position.area)
        .where(
            or_(Position.closed_on.is_(None), Position.closed_on > on),
            or_(
                Position.kind != PositionKind.STAFF,
                exists().where(below.c.superior_id == Position.id),
                Position.unit_id.in_([each for each in unit_ids if each]),
                Position.id.in_([each for each in chosen if each]),
            ),
        )
        .order_by(Position.order, Position.id)
    )
    return [(row.id, post_name(row.title, row.area)) for row in db.session.execute(query)]


def next_post_order(unit_id: int | None) -> int:
    """After the last post of the unit, or of the office."""
    query = select(func.max(Position.order))
    last = db.session.scalar(query.where(Position.unit_id == unit_id)) if unit_id else None
    return (last or db.session.scalar(query) or 0) + 1


def usual_superior(unit_id: int | None) -> int | None:
    """Who stands above a new post of the unit, as far as can be told: the post that leads it, or who leads its first post."""
    query = select(Position.id, Position.kind, Position.superior_id).where(Position.unit_id == unit_id, ~Position.is_closed)
    first = db.session.execute(query.order_by(Position.order, Position.id).limit(1)).one_or_none()
    if first is None:
        return None
    superior_id: int | None = first.superior_id if first.kind is PositionKind.STAFF else first.id
    return superior_id


def duty_texts(position_id: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lettered duties and functions of a post."""
    query = select(PositionDuty.kind, PositionDuty.text).where(PositionDuty.position_id == position_id)
    rows = db.session.execute(query.order_by(PositionDuty.order)).all()
    duties, functions = (tuple(row.text for row in rows if row.kind is kind) for kind in (DutyKind.DUTY, DutyKind.FUNCTION))
    return duties, functions


def foresee_post(row: Position | None, name: str, proposal: PostProposal, *, seen: int, on: date) -> Foreseen:
    """What follows from entering (`row` is None) or changing a post. Raises `Impossible`, `Outdated`, `WrongState`."""
    judged = _judge(row, name, proposal, seen=seen, on=on)
    if row is None:
        route = judged.route(judged.after.route)
        said = (f"{name} dibentuk di {judged.unit_names[proposal.unit_id]}.", f"Jalur lembarnya: {route}.")
        return Foreseen(said, judged.warnings, (name, proposal))
    changes = _changes(row, judged, proposal) or ["Tidak ada yang berubah."]
    return Foreseen((*changes, *_of_sheets(row.id, judged, proposal)), judged.warnings, proposal)


def _of_sheets(position_id: int, judged: Judged, proposal: PostProposal) -> list[str]:
    counts = sheet_counts(Sheet.position_id == position_id)
    drafts = counts.get(State.DRAFT, 0)
    waiting = counts.get(State.SUBMITTED, 0) + counts.get(State.REVIEWED, 0)
    said = []
    if _route_changes(judged):
        if drafts:
            said.append(f"{drafts} draf mengikuti jalur baru.")
        if waiting:
            said.append(
                f"{waiting} lembar yang sudah diajukan tetap di jalur lamanya; bila ditarik atau dikembalikan,"
                " lembar itu mengikuti jalur baru."
            )
    if waiting and _content_changes(judged, proposal):
        said.append(
            f"{waiting} lembar sedang diajukan atau direviu harus diajukan ulang karena unit kerja atau uraian tugas berubah."
        )
    if approved := counts.get(State.APPROVED, 0):
        said.append(f"{approved} lembar yang sudah ditetapkan tidak berubah.")
    return said


def _route_changes(judged: Judged) -> bool:
    return judged.before is not None and judged.before.route != judged.after.route


def _content_changes(judged: Judged, proposal: PostProposal) -> bool:
    """What is printed on the sheet."""
    return judged.texts != proposal.texts or (judged.before is not None and judged.before.unit != judged.after.unit)


def _judge(row: Position | None, name: str, proposal: PostProposal, *, seen: int, on: date) -> Judged:
    if row is not None:
        demand_fresh(row, seen)
    posts, units = post_plans(), unit_plans()
    key = NEW if row is None else row.id
    after = planned(key, name, proposal, posts, on=on, closed_on=row.closed_on if row else None)
    changed = {**posts, key: after}
    faults = caused(post_problems(posts, units, on=on), post_problems(changed, units, on=on))
    held = holdings((key, *after.route), on=on)
    known_before, known_after = same_persons(posts, held, on=on), same_persons(changed, held, on=on)
    twins = _twins(after, proposal, posts, on=on) if row is None else []
    demand_none([*faults, *caused(known_before[0], known_after[0]), *_demanded_route(row, after), *twins])
    return Judged(
        before=posts.get(key),
        after=after,
        posts=changed,
        unit_names={each: unit.name for each, unit in units.items()},
        texts=(row.main_duty, *duty_texts(row.id)) if row else ("", (), ()),
        warnings=tuple(each.text + " Tugasnya naik ke atasan." for each in caused(known_before[1], known_after[1])),
    )


def planned(
    key: Key, name: str, proposal: PostProposal, posts: dict[Key, PostPlan], *, on: date, closed_on: date | None
) -> PostPlan:
    """The post as proposed, its default route worked out. Raises `Invalid` where the office lacks a post for that."""
    plan = PostPlan(name, proposal.kind, proposal.unit_id, proposal.superior_id, closed_on=closed_on)
    route: RoutePair = (proposal.reviewer_id, proposal.approver_id)
    if proposal.is_default:
        among = {**posts, key: plan}
        route = default_route(key, among, first_of_kinds(among, on=on))
    return replace(plan, reviewer=route[0], approver=route[1])


def _twins(new: PostPlan, proposal: PostProposal, posts: dict[Key, PostPlan], *, on: date) -> list[Problem]:
    """Posts of one name are many; at one and the same place in their unit they are one form that was sent twice.

    One that came after `posts` was read is met when this one is saved, in its turn.
    """
    there = select(Position.id).where(Position.unit_id == proposal.unit_id, Position.order == proposal.order)
    known = [each for each in db.session.scalars(there) if each in posts]
    same = [each for each in known if posts[each].name == new.name and not is_closed(posts[each], on)]
    text = f"{new.name} sudah ada di unit ini dengan urutan {proposal.order}. Bila dibentuk satu lagi, beri urutan lain."
    return [Problem(NEW, Fault.SAME_NAME, tuple(same), text)] if same else []


def _demanded_route(row: Position | None, after: PostPlan) -> list[Problem]:
    if row is None or row.approver_id is None or after.approver is not None:
        return []
    number = sum(sheet_counts(Sheet.position_id == row.id).get(state, 0) for state in IN_PREPARATION)
    text = f"{number} lembar jabatan ini sedang disiapkan; jalurnya tidak dapat dihapus sebelum lembar itu ditetapkan."
    return [Problem(row.id, Fault.IN_USE, (), text)] if number else []


def enter_post(title: str, area: str, proposal: PostProposal, *, actor: Actor, now: datetime) -> Position:
    """Set up a new post, vacant. Raises `Impossible`."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    lock_head()
    name = post_name(title, area)
    judged = _judge(None, name, proposal, seen=NEW, on=office_day(now))
    row = Position(code=code_for(name, set(db.session.scalars(select(Position.code)))), given_title=title, given_area=area)
    _write(row, proposal, judged)
    db.session.add(row)
    db.session.flush()
    _write_duties(row.id, proposal)
    note = f"{name}, {judged.unit_names[row.unit_id]}. Jalur lembar: {judged.route(judged.after.route)}."
    write_down("add_post", note, about=row, actor=actor, now=now)
    return row


def change_post(row: Position, proposal: PostProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Change where a post stands, what it does and which way its sheets go; drafts follow the new route at once.

    Raises `Impossible`, `Outdated`, `WrongState`. The sheets are locked before the head of the history, as everywhere.
    """
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    drafts = _held_drafts(row.id)
    lock_head()
    db.session.refresh(row)
    judged = _judge(row, post_name(row.title, row.area), proposal, seen=seen, on=office_day(now))
    said = _changes(row, judged, proposal)
    if _route_changes(judged) and drafts:
        route = {"reviewer_id": judged.after.reviewer, "approver_id": judged.after.approver}
        db.session.execute(
            update(Sheet)
            .where(Sheet.id.in_(drafts), Sheet.state == State.DRAFT)
            .values(**route)
            .execution_options(synchronize_session=False)
        )
        said.append(f"{len(drafts)} draf mengikuti jalur baru.")
    _write(row, proposal, judged)
    row.version = seen + 1
    db.session.flush()
    if judged.texts != proposal.texts:
        _write_duties(row.id, proposal)
    write_down("change_post", f"{post_name(row.title, row.area)}. {' '.join(said)}", about=row, actor=actor, now=now)


def _held_drafts(position_id: int) -> list[int]:
    query = (
        select(Sheet.id)
        .join(PerformanceYear, PerformanceYear.year == Sheet.year)
        .where(Sheet.position_id == position_id, Sheet.state == State.DRAFT, PerformanceYear.stage != YearStage.CLOSED)
        .order_by(Sheet.id)
        .with_for_update(of=Sheet)
    )
    return list(db.session.scalars(query))


def _write(row: Position, proposal: PostProposal, judged: Judged) -> None:
    row.kind, row.unit_id, row.superior_id = proposal.kind, proposal.unit_id, proposal.superior_id
    row.order, row.main_duty = proposal.order, proposal.main_duty
    reviewer, approver = judged.after.route
    row.reviewer_id = None if reviewer is None else int(reviewer)
    row.approver_id = None if approver is None else int(approver)


def _write_duties(position_id: int, proposal: PostProposal) -> None:
    db.session.execute(delete(PositionDuty).where(PositionDuty.position_id == position_id))
    for kind, texts in ((DutyKind.DUTY, proposal.duties), (DutyKind.FUNCTION, proposal.functions)):
        for order, text in enumerate(texts, start=1):
            db.session.add(PositionDuty(position_id=position_id, kind=kind, order=order, text=text))
    db.session.flush()


def _changes(row: Position, judged: Judged, proposal: PostProposal) -> list[str]:
    before, after = post_plan(row), judged.after

    def name(key: Key | None) -> str:
        return judged.posts[key].name if key is not None else "tidak ada"

    pairs = (
        ("Jenis", POSITION_KIND_WORDS[before.kind], POSITION_KIND_WORDS[after.kind]),
        ("Unit kerja", judged.unit_names[before.unit], judged.unit_names[after.unit]),
        ("Atasan", name(before.superior), name(after.superior)),
        ("Jalur lembar", judged.route(before.route), judged.route(after.route)),
        ("Urutan", str(row.order), str(proposal.order)),
        ("Tugas pokok", row.main_duty.rstrip(".") or "kosong", proposal.main_duty.rstrip(".") or "kosong"),
    )
    said = [f"{word}: {old} menjadi {new}." for word, old, new in pairs if old != new]
    for word, old, new in zip(("Uraian tugas", "Fungsi"), judged.texts[1:], proposal.texts[1:], strict=True):
        said += _list_changes(word, old, new)
    return said


def _list_changes(word: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    if old == new:
        return []
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    said = [f"{word} dihapus: {'; '.join(gone)}."] if gone else []
    said += [f"{word} ditambah: {'; '.join(come)}."] if come else []
    return said or [f"{word} diurutkan lain."]
