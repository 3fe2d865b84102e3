"""The workbook of an office of 10,000 employees: exported, read and compared, applied, and exported again.

`make bench-workbook` (bar: a preview within 5 s, an application within 20 s of wall clock on two cores, from the first import
of the process that does it). With a URL as argument it measures on that (empty) database.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from iki_portal.domain.dates import today_in_office
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.staffing import Fate
from iki_portal.extensions import db
from iki_portal.imports.staffing.tabs import Tab
from iki_portal.imports.staffing.writing import staffing_xlsx
from iki_portal.models import Assignment, Employee
from iki_portal.organisation import staffing_office, staffing_workbooks
from iki_portal.organisation.staffing_workbooks import WorkbookLine
from iki_portal.web.transaction import transaction
from tests import office

PEOPLE, UNITS = 10_000, 200
PREVIEW_BAR, APPLY_BAR = 5.0, 20.0
Rows = list[tuple[str, ...]]


def rows_of_a_large_office(people: int = PEOPLE, units: int = UNITS) -> dict[Tab, Sequence[Sequence[str]]]:
    """Beside the office's own units: a bidang for every 50 posts, each post held; every hundredth also by a Plt."""
    return {
        Tab.UNITS: _units(units),
        Tab.POSTS: _posts(people, units),
        Tab.EMPLOYEES: _people(people),
        Tab.ASSIGNMENTS: _held(people),
    }


def _units(units: int) -> Rows:
    return [
        (f"besar.{each}", f"Bidang Besar {each}", f"Besar {each}", "division", "badan", str(100 + each), "", "", "", "")
        for each in range(units)
    ]


def _posts(people: int, units: int) -> Rows:
    found = []
    for each in range(people):
        unit, is_chief = each % units, each < units
        title = f"Kepala Bidang Besar {unit}" if is_chief else "Analis Kepegawaian Muda"
        route = ("kepala.badan", "sekretaris", "kepala.badan") if is_chief else (f"besar.{unit}", f"besar.{unit}", "sekretaris")
        kind = "division_head" if is_chief else "staff"
        found.append(
            (
                *(f"besar.{each}", title, "" if is_chief else f"Besar {each}", kind, f"besar.{unit}", *route, str(1000 + each)),
                *("Membantu tugas bidang.", "Menyusun rencana\nMenyusun laporan", "Pelaksanaan pelayanan", "", "", "", ""),
            )
        )
    return found


def identifier(number: int) -> str:
    return f"19{60 + number % 30}{1 + number % 12:02d}{1 + number % 28:02d}2010{1 + number % 12:02d}1{number % 1000:03d}"


def _people(people: int) -> Rows:
    odd = ("=SUM(1;2)", "+Budi", "'Ilham", "Ngurah Šime Ñoño", "-Wati", "@Sari")
    return [
        (
            *("", f"{odd[each % len(odd)]} {each}", "Dr." if each % 7 == 0 else "", "S.Sos., M.Si."),
            *("pns", identifier(each), "III/c", f"pegawai.{each}@lumajangkab.go.id"),
        )
        for each in range(people)
    ]


def _held(people: int) -> Rows:
    definitive = [
        (
            "",
            "",
            identifier(each),
            "",
            f"besar.{each}",
            "",
            "definitive",
            "2024-01-02",
            "",
            f"800/{each}/2023",
            "2023-12-20",
            "",
        )
        for each in range(people)
    ]
    plt = [
        (
            "",
            "",
            identifier(each),
            "",
            f"besar.{each + 1}",
            "",
            "plt",
            "2026-01-01",
            "2026-03-31",
            f"801/{each}",
            "2025-12-20",
            "",
        )
        for each in range(0, people - 1, 100)
    ]
    return definitive + plt


@contextmanager
def measured(what: str, bar: float | None = None) -> Iterator[None]:
    def cpu() -> float:
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    wall, used = time.perf_counter(), cpu()
    yield
    seconds = time.perf_counter() - wall
    verdict = "" if bar is None else f"   bar {bar:.0f} s: {'held' if seconds <= bar else 'MISSED'}"
    print(f"{what:<44} {seconds:6.2f} s wall   {cpu() - used:6.2f} s CPU{verdict}")


def send(content: bytes, name: str = "besar.xlsx") -> int:
    with transaction():
        return staffing_workbooks.take_workbook(name, content, actor=office.actor(office.OPERATOR), now=office.now())


def run(command: str, workbook_id: int) -> None:
    """As the portal starts it: a process of its own, from its first import on."""
    settings = office.settings_for(db.engine.url.render_as_string(hide_password=False))
    given = {"IKI_ENV": "test", "IKI_SECRET_KEY": settings.secret_key, "IKI_DATABASE_URL": settings.database}
    db.session.rollback()
    subprocess.run([sys.executable, "-m", "iki_portal.cli", command, str(workbook_id)], env=os.environ | given, check=True)
    db.session.expire_all()


def preview(content: bytes) -> WorkbookLine:
    """Sent, read and compared, as the page has it."""
    workbook_id = send(content)
    run("read-staffing", workbook_id)
    return staffing_workbooks.workbook_line(workbook_id, now=office.now())


def apply(line: WorkbookLine) -> WorkbookLine:
    with transaction():
        staffing_workbooks.ask_to_apply(
            line.id, seal=line.seal, ticked=True, actor=office.actor(office.OPERATOR), now=office.now()
        )
    run("apply-staffing", line.id)
    return staffing_workbooks.workbook_line(line.id, now=office.now())


def told(line: WorkbookLine) -> str:
    return ", ".join(f"{line.count(fate)} {fate.value}" for fate in Fate) + f" ({line.state.value})"


def changed_rows() -> bytes:
    """Everybody moves up a rank, and every post is held until the end of a year: 20,000 changes."""
    today = today_in_office()
    stands = staffing_office.office_now(today)
    people = [(*each.values[:6], "III/d", each.values[7]) for each in stands.employees.values() if each.values[6] == "III/c"]
    rows: dict[Tab, Sequence[Sequence[str]]] = {Tab.EMPLOYEES: people, Tab.ASSIGNMENTS: []}
    held = []
    for each in stands.assignments.values():
        texts = each.values
        if texts[4] == AssignmentKind.DEFINITIVE.value and texts[3].startswith("besar."):
            held.append((*texts[:3], "", texts[3], "", *texts[4:6], date(today.year + 1, 12, 31).isoformat(), *texts[7:]))
    rows[Tab.ASSIGNMENTS] = held
    return staffing_xlsx(rows, title="Perubahan")


def main(url: str) -> None:
    app: Flask = office.portal(url)
    with app.app_context():
        flask_migrate.upgrade()
        office.furnish()
        with measured("template with 10,000 employees written"):
            content = staffing_xlsx(rows_of_a_large_office(), title="Besar")
        with measured("preview, all new", PREVIEW_BAR):
            line = preview(content)
        print("   ", told(line))
        with measured("applied, all new", APPLY_BAR):
            line = apply(line)
        print("   ", told(line))
        with measured("the same file again: preview", PREVIEW_BAR):
            print("   ", told(preview(content)))
        with measured("exported"):
            exported = staffing_office.export(today_in_office())
        print(f"    {len(exported) / 1024:.0f} KiB")
        with measured("the export: preview", PREVIEW_BAR):
            print("   ", told(preview(exported)))
        changed = changed_rows()  # written by whoever sends it, before the portal has anything to do
        with measured("20,000 changes: preview", PREVIEW_BAR):
            line = preview(changed)
        print("   ", told(line))
        with measured("20,000 changes: applied", APPLY_BAR):
            line = apply(line)
        print("   ", told(line))
        people, held = (db.session.scalar(select(func.count(each.id))) for each in (Employee, Assignment))
        print(f"    {people} employees, {held} assignments")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'workbook.db'}")
