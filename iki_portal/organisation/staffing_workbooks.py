"""Workbooks that operators send: kept to be read (staffing_reading.py), looked at, applied (staffing_applying.py)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from iki_portal.domain.errors import Incomplete, Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.file_names import shown_name
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.staffing import Fate
from iki_portal.extensions import db
from iki_portal.history.operations import lock_head
from iki_portal.imports.staffing.reading import LARGEST_WORKBOOK
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.models import StaffingRow, StaffingState, StaffingWorkbook
from iki_portal.models.columns import LARGEST_ID
from iki_portal.organisation.staffing_rows import Counts, RowBody

#: Longer than any process of ours lives: what is still under way then was killed with it, and can be begun again.
STALE = timedelta(minutes=2)
KEPT = timedelta(days=7)
SHOWN = 10
PAGE_SIZE = 50

NOT_FOUND = "Buku kerja ini tidak ada."
CHOOSE_A_FILE = "Pilih berkas buku kerja (.xlsx) yang akan diimpor."
EMPTY = "Berkas ini kosong."
TOO_LARGE = f"Berkas lebih besar dari {LARGEST_WORKBOOK // 1024 // 1024} MB."
ONE_AT_A_TIME = "Buku kerja lain masih dibaca atau diterapkan. Tunggu sampai selesai."
NOT_READY = "Buku kerja ini tidak sedang menunggu diterapkan."
HAS_WRONG_ROWS = "Masih ada baris yang keliru. Perbaiki berkasnya, lalu unggah lagi."
NOTHING_TO_DO = "Tidak ada baris baru atau berubah, sehingga tidak ada yang diterapkan."
NOT_TICKED = "Centang dahulu bahwa peringatan sudah diperiksa."
CHANGED_SINCE = "Pratinjau ini sudah diperbarui sesudah halaman Anda dibuka. Tinjau lagi sebelum menerapkan."

_BEING_READ = (StaffingState.QUEUED, StaffingState.READING, StaffingState.COMPARING)
_UNDER_WAY = (*_BEING_READ, StaffingState.APPLYING)
_FINISHED = (StaffingState.APPLIED, StaffingState.CANCELLED)


@dataclass(frozen=True, slots=True)
class WorkbookLine:
    """A workbook as its page and the list show it."""

    id: int
    file_name: str
    size: int
    sha256: str
    state: StaffingState
    remark: str
    notices: tuple[str, ...]
    counts: Counts
    seal: str
    uploaded_by: str
    uploaded_at: datetime
    applied_by: str
    applied_at: datetime | None
    is_stale: bool

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)

    @property
    def is_under_way(self) -> bool:
        return self.state in _UNDER_WAY and not self.is_stale

    @property
    def is_finished(self) -> bool:
        return self.state in _FINISHED

    @property
    def may_be_cancelled(self) -> bool:
        return not self.is_finished and self.state is not StaffingState.APPLYING

    def count(self, fate: Fate, tab: Tab | None = None) -> int:
        return sum(self.counts.get(each.value, {}).get(fate.value, 0) for each in ((tab,) if tab else Tab))

    @property
    def warned(self) -> int:
        return self.counts.get("warnings", {}).get("rows", 0)


def workbooks(*, now: datetime) -> list[WorkbookLine]:
    """The newest ones, whoever sent them."""
    query = select(StaffingWorkbook).order_by(StaffingWorkbook.id.desc()).limit(SHOWN)
    return [_line(each, now) for each in db.session.scalars(query)]


def workbook_line(workbook_id: int, *, now: datetime) -> WorkbookLine:
    """Raises `NotFound` for a number that none has."""
    return _line(_workbook(workbook_id), now)


def _workbook(workbook_id: int, *, locked: bool = False) -> StaffingWorkbook:
    query = select(StaffingWorkbook).where(StaffingWorkbook.id == workbook_id)
    query = query.with_for_update() if locked else query
    found = db.session.scalars(query).one_or_none() if 0 < workbook_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def _line(row: StaffingWorkbook, now: datetime) -> WorkbookLine:
    return WorkbookLine(
        row.id,
        row.file_name,
        row.size,
        row.sha256,
        row.state,
        row.remark,
        tuple(row.notices.splitlines()),
        json.loads(row.counts) if row.counts else {},
        row.seal,
        row.uploaded_by,
        row.uploaded_at,
        row.applied_by,
        row.applied_at,
        is_stale=row.state in _UNDER_WAY and now - row.touched_at > STALE,
    )


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of a workbook on its page."""

    tab: Tab
    number: int
    fate: Fate
    title: str
    body: RowBody


@dataclass(frozen=True, slots=True)
class RowList:
    lines: list[RowLine]
    page: int
    has_next: bool


def row_list(workbook_id: int, *, fate: Fate | None, tab: Tab | None, page: int = 1) -> RowList:
    """One page of rows in the order of the workbook, of one fate or tab when they are given."""
    query = select(StaffingRow).where(StaffingRow.workbook_id == workbook_id).order_by(StaffingRow.place)
    query = query.where(StaffingRow.fate == fate) if fate else query
    query = query.where(StaffingRow.tab == tab.value) if tab else query
    rows = db.session.scalars(query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    return RowList([_row_line(row) for row in rows[:PAGE_SIZE]], page, len(rows) > PAGE_SIZE)


def wrong_rows(workbook_id: int) -> list[RowLine]:
    """All of them, for the report."""
    query = select(StaffingRow).where(StaffingRow.workbook_id == workbook_id, StaffingRow.fate == Fate.WRONG)
    return [_row_line(row) for row in db.session.scalars(query.order_by(StaffingRow.place))]


def _row_line(row: StaffingRow) -> RowLine:
    return RowLine(Tab(row.tab), row.number, row.fate, row.title, RowBody.from_json(row.body))


def take_workbook(file_name: str, content: bytes, *, actor: Actor, now: datetime) -> int:
    """Keep a file to be read and return its id; the caller starts a reader after the commit. Raises `Invalid`, `WrongState`."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    if not content:
        raise Invalid(EMPTY if file_name else CHOOSE_A_FILE)
    if len(content) > LARGEST_WORKBOOK:
        raise Invalid(TOO_LARGE)
    lock_head()  # who sends one at the same time waits here, and then sees this one
    _demand_quiet(now)
    _forget_old(now)
    row = StaffingWorkbook(
        file_name=shown_name(file_name),
        size=len(content),
        sha256=sha256(content).hexdigest(),
        body=content,
        uploaded_by_id=actor.account_id,
        uploaded_by=actor.full_name or actor.name,
        uploaded_at=now,
        touched_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _demand_quiet(now: datetime) -> None:
    under_way = (StaffingWorkbook.state.in_(_UNDER_WAY), StaffingWorkbook.touched_at > now - STALE)
    if db.session.scalar(select(StaffingWorkbook.id).where(*under_way).limit(1)) is not None:
        raise WrongState(ONE_AT_A_TIME)


def _forget_old(now: datetime) -> None:
    """Whoever uploads clears away what everybody has left lying for a week."""
    left = select(StaffingWorkbook.id).where(
        StaffingWorkbook.uploaded_at < now - KEPT, StaffingWorkbook.state.not_in(_FINISHED)
    )
    for workbook_id in db.session.scalars(left).all():
        _forget(workbook_id)


def _forget(workbook_id: int) -> None:
    db.session.execute(delete(StaffingRow).where(StaffingRow.workbook_id == workbook_id))
    forgotten = {"state": StaffingState.CANCELLED, "body": None, "counts": "", "notices": "", "seal": ""}
    statement = update(StaffingWorkbook).where(StaffingWorkbook.id == workbook_id).values(**forgotten)
    db.session.execute(statement)


def cancel_workbook(workbook_id: int, *, actor: Actor) -> None:
    """Forget a file and what was read of it. Raises `WrongState` once it is being applied."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    row = _workbook(workbook_id, locked=True)
    if row.state in _FINISHED or row.state is StaffingState.APPLYING:
        raise WrongState("Buku kerja ini sudah selesai, atau sedang diterapkan.")
    _forget(workbook_id)


def read_again(workbook_id: int, *, actor: Actor, now: datetime) -> None:
    """Put a workbook in the queue once more, after its reader or its application was lost, or to compare it anew."""
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    row = _workbook(workbook_id, locked=True)
    if row.body is None or row.state in _FINISHED or _line(row, now).is_under_way:
        raise WrongState("Buku kerja ini tidak dapat dibaca lagi; unggah kembali.")
    row.remark, row.state, row.touched_at = "", StaffingState.QUEUED, now


def take_up_lost(now: datetime, *, asked_after: datetime) -> list[int]:
    """Put workbooks whose reader is gone back into the queue, and return their ids."""
    lost = (
        StaffingWorkbook.state.in_(_BEING_READ),
        StaffingWorkbook.touched_at < now - STALE,
        StaffingWorkbook.uploaded_at > asked_after,
    )
    queued = {"state": StaffingState.QUEUED, "touched_at": now}
    again = update(StaffingWorkbook).where(*lost).values(**queued)
    return list(db.session.scalars(again.returning(StaffingWorkbook.id).execution_options(synchronize_session=False)))


def unapplied(now: datetime, *, asked_after: datetime) -> list[int]:
    """Workbooks that somebody asked to apply, and whose process is gone: nothing is written, it may begin anew."""
    query = select(StaffingWorkbook.id).where(
        StaffingWorkbook.state == StaffingState.APPLYING,
        StaffingWorkbook.touched_at.between(asked_after, now - STALE),
    )
    return list(db.session.scalars(query))


def ask_to_apply(workbook_id: int, *, seal: str, ticked: bool, actor: Actor, now: datetime) -> None:
    """Let everything that was shown be written; the caller starts it after the commit (`staffing_applying.start`).

    Raises `Incomplete` while a row is wrong or a warning unread, `Outdated` when the page showed something else.
    """
    demand_permission(actor, Permission.ORGANISATION_WRITE)
    row = _workbook(workbook_id, locked=True)
    line = _line(row, now)
    if row.state is not StaffingState.READ:
        raise WrongState(NOT_READY)
    if line.count(Fate.WRONG):
        raise Incomplete(HAS_WRONG_ROWS)
    if not line.count(Fate.NEW) + line.count(Fate.CHANGED):
        raise Incomplete(NOTHING_TO_DO)
    if seal != row.seal:
        raise Outdated(CHANGED_SINCE)
    if line.warned and not ticked:
        raise Incomplete(NOT_TICKED)
    _demand_quiet(now)
    row.state, row.touched_at, row.remark = StaffingState.APPLYING, now, ""
    row.applied_by_id, row.applied_by = actor.account_id, actor.full_name or actor.name
