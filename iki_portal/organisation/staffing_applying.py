"""Writes what the preview of a workbook showed: all of it in one transaction under the lock of the history, or nothing."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from iki_portal.auth.queries import actor_of
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import NotAllowed
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.staffing import FATE_WORDS, Fate
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.imports.staffing.plan import SheetsOnTheWay
from iki_portal.imports.staffing.structure import sheets_in_the_way
from iki_portal.imports.staffing.tabs import SHAPES, Tab
from iki_portal.imports.staffing.terms import days_lost
from iki_portal.models import Account, OrganisationAct, Position, StaffingRow, StaffingState, StaffingWorkbook, Unit
from iki_portal.organisation.staffing_office import acts_on, fingerprint_on, sheets_on_the_way
from iki_portal.organisation.staffing_reading import read_workbook
from iki_portal.organisation.staffing_rows import RowBody
from iki_portal.organisation.staffing_workbooks import WorkbookLine, workbook_line
from iki_portal.organisation.staffing_writing import Change, hold_drafts, ids_by_code, write
from iki_portal.web.background import start_command
from iki_portal.web.transaction import transaction

ACTION = "import_staffing"
CHANGED_MEANWHILE = "Organisasi berubah sesudah pratinjau dibuat, sehingga belum ada yang diterapkan. Pratinjau diperbarui."
REFUSED = "Basis data menolak perubahan ini, sehingga tidak ada yang diterapkan. Baca lagi buku kerjanya, lalu tinjau."
NO_LONGER = "Yang menerapkan buku kerja ini tidak lagi berhak mengubah organisasi; tidak ada yang diterapkan."
#: Named in the history one by one; the rest is counted, and kept with the workbook.
_MOST_NAMED = 20


def start(workbook_id: int) -> None:
    """Called after the commit."""
    start_command("apply-staffing", str(workbook_id))


def apply_workbook(workbook_id: int) -> None:
    """Write a workbook that somebody asked to apply; needs no request.

    When the organisation has changed since the preview, nothing is written and the preview is made anew.
    """
    try:
        with transaction():
            remark = _apply(workbook_id)
    except DBAPIError:
        logging.getLogger(__name__).exception("a workbook was refused by the database")
        remark = REFUSED
    if remark:
        with transaction():
            _give_back(workbook_id, remark)
        read_workbook(workbook_id)


def _apply(workbook_id: int) -> str:
    """Why it was not applied; nothing when it was, or when there was nothing to apply."""
    changes = _changes(workbook_id)
    hold_drafts(changes)
    lock_head()  # who changes people and posts at the same time waits, or was first and shows in the fingerprint
    row = db.session.get(StaffingWorkbook, workbook_id, with_for_update=True)
    if row is None or row.state is not StaffingState.APPLYING:
        return ""
    now = datetime.now(UTC)
    actor = _who_asked(row)
    if actor is None:
        return NO_LONGER
    if row.fingerprint != fingerprint_on(office_day(now)) or _is_in_the_way(changes):
        return CHANGED_MEANWHILE
    write(changes)
    row.state, row.applied_at = StaffingState.APPLIED, now
    unchanged = (StaffingRow.workbook_id == workbook_id, StaffingRow.fate.not_in((Fate.NEW, Fate.CHANGED)))
    db.session.execute(delete(StaffingRow).where(*unchanged).execution_options(synchronize_session=False))
    note = _note(workbook_line(workbook_id, now=now), changes)
    act = Act(action=ACTION, year=office_day(now).year, at=now, note=note, content_hash=row.seal)
    _tell_units_and_posts(record(act, operator_author(actor)), changes)
    return ""


def _tell_units_and_posts(history_number: int, changes: Sequence[Change]) -> None:
    """The page of a unit or post finds its past by these rows (organisation/standing.py)."""
    subjects: tuple[tuple[Tab, str, type[Unit] | type[Position]], ...] = (
        (Tab.UNITS, "unit_id", Unit),
        (Tab.POSTS, "position_id", Position),
    )
    for tab, column, model in subjects:
        about = [change for change in changes if change.tab is tab]
        ids = ids_by_code(model) if about else {}
        blank = {"history_number": history_number, "unit_id": None, "position_id": None}
        rows = [blank | {column: change.target_id or ids[change.now["code"]]} for change in about]
        if rows:
            db.session.execute(insert(OrganisationAct), rows)


def _who_asked(row: StaffingWorkbook) -> Actor | None:
    """As they stand now: a right that ended meanwhile writes nothing."""
    name = db.session.scalar(select(Account.name).where(Account.id == row.applied_by_id))
    actor = actor_of(name, on=office_day(datetime.now(UTC))) if name else None
    try:
        if actor is not None:
            demand_permission(actor, Permission.ORGANISATION_WRITE)
    except NotAllowed:
        return None
    return actor


def _changes(workbook_id: int) -> list[Change]:
    query = select(StaffingRow.tab, StaffingRow.target_id, StaffingRow.title, StaffingRow.body)
    query = query.where(StaffingRow.workbook_id == workbook_id, StaffingRow.fate.in_((Fate.NEW, Fate.CHANGED)))
    rows = db.session.execute(query.order_by(StaffingRow.place))
    return [Change(Tab(row.tab), row.target_id, row.title, RowBody.from_json(row.body)) for row in rows]


def _is_in_the_way(changes: Sequence[Change]) -> bool:
    """Whether a sheet or an act of a moment ago, which change no row of the organisation, forbid what was allowed before."""
    posts = [change for change in changes if change.tab is Tab.POSTS and change.target_id]
    if any({"approver", "closed_on"} & change.now.keys() for change in posts):
        sheets = sheets_on_the_way()
        if any(any(sheets_in_the_way(each.now, sheets.get(each.target_id or 0, SheetsOnTheWay()))) for each in posts):
            return True
    return _loses_acts(changes)


def _loses_acts(changes: Sequence[Change]) -> bool:
    spans = {
        change.target_id: change.body
        for change in changes
        if change.tab is Tab.ASSIGNMENTS and change.target_id and "starts_on" in change.now
    }
    acts = acts_on(spans)
    return any(days_lost(days, spans[number].before, spans[number].now) for number, days in acts.items())


def _give_back(workbook_id: int, remark: str) -> None:
    row = db.session.get(StaffingWorkbook, workbook_id, with_for_update=True)
    if row is not None and row.state is StaffingState.APPLYING:
        row.state, row.remark, row.touched_at = StaffingState.QUEUED, remark, datetime.now(UTC)


def _note(line: WorkbookLine, changes: Sequence[Change]) -> str:
    counts = (
        f"{SHAPES[tab].title} {line.count(fate, tab)} {FATE_WORDS[fate].lower()}"
        for tab in Tab
        for fate in (Fate.NEW, Fate.CHANGED)
        if line.count(fate, tab)
    )
    named = "; ".join(f"{change.title} ({FATE_WORDS[change.fate].lower()})" for change in changes[:_MOST_NAMED])
    more = f"; dan {len(changes) - _MOST_NAMED} baris lain" if len(changes) > _MOST_NAMED else ""
    return f"{line.file_name} (SHA-256 {line.sha256}): {', '.join(counts)}. {named}{more}."
