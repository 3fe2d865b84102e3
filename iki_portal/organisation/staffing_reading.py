"""A workbook is read and compared by a process of its own; what comes of it is kept row by row.

`start_reader` starts the command that keeps the outcome; that one starts the process that parses
(imports/staffing/limited_reader.py), which gets the bytes of the file and nothing else.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import undefer

from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Invalid
from iki_portal.extensions import db
from iki_portal.imports.staffing.comparing import compare
from iki_portal.imports.staffing.limited_reader import REFUSES
from iki_portal.imports.staffing.plan import Plan
from iki_portal.imports.staffing.rows import ReadBook, from_json
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.imports.staffing.terms import narrowed, refuse_lost_acts
from iki_portal.models import StaffingRow, StaffingState, StaffingWorkbook
from iki_portal.organisation.staffing_office import acts_on, fingerprint_on, office_now
from iki_portal.organisation.staffing_rows import counts_of, kept_rows, seal_of
from iki_portal.web.background import start_command
from iki_portal.web.transaction import transaction

_ROWS: Table = StaffingRow.__table__  # type: ignore[assignment]  # a mapped class has one
#: Well below `staffing_workbooks.STALE`: nobody is told that it stopped while it still reads.
WALL_CLOCK_SECONDS = 90
LIMITED_READER = (sys.executable, "-m", "iki_portal.imports.staffing.limited_reader")
TOO_LONG = "Berkas ini terlalu lama dibaca, atau terlalu besar isinya. Coba baca lagi, atau bagilah menjadi beberapa berkas."


def start_reader(workbook_id: int) -> None:
    """Called after the commit."""
    start_command("read-staffing", str(workbook_id))


def read_workbook(workbook_id: int) -> None:
    """Read and compare a queued workbook; needs no request, and commits as it goes."""
    started = datetime.now(UTC)
    content = _begin(workbook_id, started)
    if content is None:
        return
    try:
        stood, plan = _compared(content, started, workbook_id)
    except Invalid as refusal:
        _keep(workbook_id, started, {"state": StaffingState.REFUSED, "remark": str(refusal)}, [])
        return
    rows = kept_rows(plan)
    columns = {
        "state": StaffingState.READ,
        "notices": "\n".join(plan.notices),
        "counts": json.dumps(counts_of(rows)),
        "fingerprint": stood,
        "seal": seal_of(rows),
    }
    _keep(workbook_id, started, columns, rows)


def _compared(content: bytes, now: datetime, workbook_id: int) -> tuple[str, Plan]:
    """The plan, and the fingerprint of the organisation that it was made with. Raises `Invalid`.

    What stands is loaded while the other process reads: on two processors a preview waits for the longer of both.
    """
    reading = _Reading(content)
    try:
        today = office_day(now)
        stood = fingerprint_on(today)  # first: whatever changes while the rest is read shows later
        office = office_now(today)
        db.session.rollback()
    except BaseException:
        reading.stop()
        raise
    book = reading.answer()
    _move(workbook_id, now)
    plan = compare(book, office)
    changed = narrowed(plan.rows[Tab.ASSIGNMENTS])
    refuse_lost_acts(changed, acts_on(changed))
    db.session.rollback()
    return stood, plan


class _Reading:
    """The limited process at work; it takes the bytes from a file without a name, so that nobody waits for a pipe."""

    def __init__(self, content: bytes) -> None:
        keyless = {name: value for name, value in os.environ.items() if not name.startswith("IKI_")}
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            self._said = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
            self._process = subprocess.Popen(LIMITED_READER, stdin=file, stdout=self._said, env=keyless)  # noqa: S603  # our own

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._said.close()

    def answer(self) -> ReadBook:
        """Raises `Invalid` with the sentence for who sent the file."""
        try:
            code = self._process.wait(timeout=WALL_CLOCK_SECONDS)
        except subprocess.TimeoutExpired:
            raise Invalid(TOO_LONG) from None
        finally:
            self._process.kill()
            self._process.wait()
            self._said.seek(0)
            said = self._said.read().decode()
            self._said.close()
        if code == 0:
            return from_json(said)
        raise Invalid(said if code == REFUSES else TOO_LONG)


def _begin(workbook_id: int, started: datetime) -> bytes | None:
    with transaction():
        query = select(StaffingWorkbook).where(StaffingWorkbook.id == workbook_id).options(undefer(StaffingWorkbook.body))
        row = db.session.scalars(query.with_for_update()).one_or_none()
        if row is None or row.state is not StaffingState.QUEUED or row.body is None:
            return None
        row.state, row.touched_at = StaffingState.READING, started
        return row.body


def _move(workbook_id: int, started: datetime) -> None:
    with transaction():
        _write(workbook_id, started, {"state": StaffingState.COMPARING})


def _keep(workbook_id: int, started: datetime, columns: Mapping[str, object], rows: list[dict[str, object]]) -> None:
    with transaction():
        if _write(workbook_id, started, columns):
            db.session.execute(delete(StaffingRow).where(StaffingRow.workbook_id == workbook_id))
            if rows:
                db.session.execute(insert(_ROWS), [{**row, "workbook_id": workbook_id} for row in rows])


def _write(workbook_id: int, started: datetime, columns: Mapping[str, object]) -> bool:
    """Whether it is still this reader's turn: when the workbook was cancelled or begun again, its answer comes too late."""
    same = (
        StaffingWorkbook.id == workbook_id,
        StaffingWorkbook.state.in_((StaffingState.READING, StaffingState.COMPARING)),
        StaffingWorkbook.touched_at == started,
    )
    statement = update(StaffingWorkbook).where(*same).values(**columns)
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE's result has a row count
