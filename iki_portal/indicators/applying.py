"""What was read of an upload becomes drafts: each sheet on the post that a person chose, all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, exists, or_, select, update

from iki_portal.domain import policy
from iki_portal.domain.errors import Invalid, WrongState
from iki_portal.domain.office import post_name
from iki_portal.domain.placing import FATE_WORDS, OPEN_FATES, Choice, Fate, Seat, Sought, choice_key, fate_of, propose
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.history.operations import Act, Author, author, operator_author, record
from iki_portal.imports.sheets import ReadSheet
from iki_portal.indicators.answering import recount
from iki_portal.indicators.importing import IMPORT_ACTION, keep_duties, new_draft, rows_of
from iki_portal.indicators.operations import check_limits, write_rows
from iki_portal.indicators.sight import sheets_where
from iki_portal.indicators.understood import Understood, from_json
from iki_portal.indicators.uploads import demand_planning, own_upload, understood_text
from iki_portal.models import Position, PositionDuty, Sheet, Unit, Upload, UploadState

NOT_READY = "Unggahan ini tidak menunggu penerapan; mungkin sudah diterapkan atau dibatalkan."
NOTHING_CHOSEN = "Belum ada lembar yang akan diimpor. Pilih jabatan untuk paling sedikit satu lembar."
NOT_A_POST = "jabatan ini tidak dapat dipilih untuk lembar ini."
NOT_TICKED = "jabatan ini sudah memiliki draf. Centang “Ganti isi draf yang ada”, atau pilih “Jangan impor lembar ini”."


@dataclass(frozen=True, slots=True)
class Target:
    """A post of the office as an import meets it in a year."""

    post_id: int
    name: str
    title: str
    unit: str
    has_duties: bool
    fate: Fate
    sheet_id: int = 0
    version: int = 0

    @property
    def key(self) -> str:
        """What a page says when this post is chosen: it holds only while nothing has changed there."""
        return choice_key(self.post_id, self.sheet_id, self.version)

    @property
    def is_open(self) -> bool:
        return self.fate in OPEN_FATES


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a sheet cannot be placed; `place` counts the document's sheets from 1."""

    place: int
    message: str
    #: Somebody has changed something since the page was drawn.
    is_outdated: bool = False


class Unplaceable(Invalid):
    """Some sheets cannot be placed as chosen; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"Lembar {each.place}: {each.message}" for each in problems))


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one sheet, kept with the upload."""

    place: int
    sheet_id: int
    post_id: int
    post: str
    replaced: bool
    duties_filled: bool


_OUTCOME = TypeAdapter(tuple[Placed, ...])


def outcome_of(text: str) -> tuple[Placed, ...]:
    return _OUTCOME.validate_json(text) if text else ()


def targets(year: int) -> dict[int, Target]:
    """Every post that may have a sheet, in the order of the office, with what stands there; two statements."""
    has_duties = or_(Position.main_duty != "", exists().where(PositionDuty.position_id == Position.id))
    posts = _posts(has_duties.label("has_duties"))
    sheets = select(Sheet.id, Sheet.position_id, Sheet.state, Sheet.revision, Sheet.version).where(Sheet.year == year)
    newest = {row.position_id: row for row in db.session.execute(sheets.order_by(Sheet.revision))}
    return {row.id: _target(row, newest.get(row.id)) for row in db.session.execute(posts)}


def posts_to_import(actor: Actor) -> list[Row[*tuple[Any, ...]]]:
    """The posts (id, title, unit) that may have a sheet and that this person may import for, in the order of the office."""
    return [row for row in db.session.execute(_posts()) if policy.may_import(actor, row.id)]


def _posts(*more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(Position.id, Position.title, Position.area, Unit.name.label("unit"), *more)
        .join(Unit, Unit.id == Position.unit_id)
        .where(Position.approver_id.is_not(None), ~Position.is_closed)
        .order_by(Position.order, Position.id)
    )


def _target(post: Row[*tuple[Any, ...]], sheet: Row[*tuple[Any, ...]] | None) -> Target:
    known = (post.id, post_name(post.title, post.area), post.title, post.unit, bool(post.has_duties))
    if sheet is None:
        return Target(*known, fate_of(None))
    return Target(*known, fate_of(sheet.state, sheet.revision), sheet.id, sheet.version)


def proposals(sheets: Sequence[ReadSheet], known: Mapping[int, Target]) -> list[int | None]:
    """The post proposed for each sheet."""
    seats = [Seat(each.post_id, each.title, each.unit) for each in known.values()]
    return propose([Sought(sheet.position, sheet.unit) for sheet in sheets], seats)


def is_for_another(proposed: int | None, actor: Actor) -> bool:
    """The sheet names a post that this person may not import for."""
    return proposed is not None and not policy.may_import(actor, proposed)


def apply_upload(upload_id: int, choices: Mapping[int, Choice], *, actor: Actor, now: datetime, on: date) -> tuple[Placed, ...]:
    """Write a draft for every chosen sheet of the upload, or nothing.

    Raises `Unplaceable` where a choice cannot be carried out, `WrongState` for an upload that was applied or cancelled,
    `NotFound` for somebody else's.
    """
    demand_permission(actor, Permission.DOCUMENT_IMPORT)
    upload = own_upload(upload_id, actor=actor, locked=True)
    if upload.state is not UploadState.READ:
        raise WrongState(NOT_READY)
    demand_planning(upload.year)
    understood, known = from_json(understood_text(upload_id)), targets(upload.year)
    wanted = {place: choice for place, choice in choices.items() if choice.key and 0 < place <= len(understood.sheets)}
    if not wanted:
        raise Invalid(NOTHING_CHOSEN)
    if found := problems_in(wanted, understood, known, actor=actor):
        raise Unplaceable(found)
    chosen = {place: known[choice.post_id] for place, choice in wanted.items()}
    placed = _write(chosen, understood, upload.year, actor=actor, now=now, on=on)
    _finish(upload, placed, actor=actor, now=now)
    return placed


def problems_in(
    wanted: Mapping[int, Choice], understood: Understood, known: Mapping[int, Target], *, actor: Actor
) -> list[Problem]:
    """What stands against the choices, in the order of the document."""
    proposed = proposals(understood.sheets, known)
    found, taken = [], dict[int, int]()
    for place, choice in sorted(wanted.items()):
        post_id = choice.post_id
        target = known.get(post_id) if policy.may_import(actor, post_id) else None
        if target is None or is_for_another(proposed[place - 1], actor):
            found.append(Problem(place, NOT_A_POST))
        elif post_id in taken:
            found.append(Problem(place, f"jabatan {target.name} sudah dipilih untuk lembar {taken[post_id]}."))
        elif problem := _problem_with(place, choice, target, understood.sheets[place - 1]):
            found.append(problem)
        taken.setdefault(post_id, place)
    return found


def _problem_with(place: int, choice: Choice, target: Target, sheet: ReadSheet) -> Problem | None:
    if choice.key != target.key or not target.is_open:
        now = (
            "draf jabatan ini sudah diubah" if target.fate is Fate.REPLACES else f"lembar jabatan ini {FATE_WORDS[target.fate]}"
        )
        return Problem(place, f"{now} sejak halaman Anda dibuka. Tinjau lagi pilihan untuk lembar ini.", is_outdated=True)
    if target.fate is Fate.REPLACES and not choice.replaces:
        return Problem(place, NOT_TICKED)
    try:
        check_limits(rows_of(sheet))
    except Invalid as refusal:
        return Problem(place, str(refusal))
    return None


def _write(
    chosen: Mapping[int, Target], understood: Understood, year: int, *, actor: Actor, now: datetime, on: date
) -> tuple[Placed, ...]:
    posts = {post.id: post for post in db.session.scalars(select(Position).where(Position.id.in_(_ids(chosen))))}
    orders, placed = _earlier_orders(year, posts), []
    for place, target in sorted(chosen.items()):
        sheet, post = understood.sheets[place - 1], posts[target.post_id]
        filled = actor.is_operator and keep_duties(post, sheet)
        if target.fate is Fate.REPLACES:
            _replace(target, sheet, actor=actor, now=now, on=on)
            sheet_id = target.sheet_id
        else:
            order = orders.get(post.id, place)
            draft = new_draft(sheet, post, year=year, order=order, changed_by=actor.name, now=now)
            db.session.add(draft)
            db.session.flush()
            sheet_id = draft.id
        placed.append(Placed(place, sheet_id, post.id, post.name, target.fate is Fate.REPLACES, filled))
    recount([each.sheet_id for each in placed if not each.replaced])
    return tuple(placed)


def _ids(chosen: Mapping[int, Target]) -> list[int]:
    return [target.post_id for target in chosen.values()]


def _earlier_orders(year: int, posts: Mapping[int, Position]) -> dict[int, int]:
    """Where each post's sheet stood in its latest other year, so that one sheet alone does not go to the top of the list."""
    query = select(Sheet.position_id, Sheet.order).where(Sheet.position_id.in_(posts), Sheet.year != year).order_by(Sheet.year)
    return {row.position_id: row.order for row in db.session.execute(query)}


def _replace(target: Target, sheet: ReadSheet, *, actor: Actor, now: datetime, on: date) -> None:
    """Through the same door as a person's own saving: the version that was previewed, or `Outdated`."""
    standing = sheets_where(Sheet.id == target.sheet_id, on=on)[0]
    saved = write_rows(standing, rows_of(sheet), actor=actor, seen=target.version, now=now, act="impor dokumen")
    heading = update(Sheet).where(Sheet.id == target.sheet_id, Sheet.version == saved.version).values(heading=sheet.heading)
    db.session.execute(heading.execution_options(synchronize_session=False))


def _finish(upload: Upload, placed: tuple[Placed, ...], *, actor: Actor, now: datetime) -> None:
    upload.state, upload.body = UploadState.APPLIED, None
    upload.applied_at, upload.outcome = now, _OUTCOME.dump_json(placed).decode()
    replaced = sum(each.replaced for each in placed)
    note = (
        f"{len(placed) - replaced} draf dibuat dan {replaced} draf diganti isinya dari berkas {upload.file_name}"
        f" (SHA-256 {upload.sha256})."
    )
    record(Act(action=IMPORT_ACTION, year=upload.year, at=now, note=note), _author(actor, placed[0].post_id))


def _author(actor: Actor, post_id: int) -> Author:
    mandate = actor.mandate_for(post_id)
    if mandate is None:
        return operator_author(actor)
    return author(actor, mandate)
