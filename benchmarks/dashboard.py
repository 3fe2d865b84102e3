"""`make bench-dashboard`: Dasbor of 10,000 people, 50,000 indicators and four quarters; its recapitulation; the engine.

One gunicorn worker on SQLite. What a page costs is the CPU time of the worker, a median of rounds; the recapitulation is taken
once over HTTP, its memory is the worker's highest. A page takes as many statements as in an office of a few dozen. Exit code
1 when a bar is missed.
"""

import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
from flask import Flask
from sqlalchemy import event, func, insert, select

from benchmarks.generate import furnish, hire
from benchmarks.pages import SECRET, Server, cookie_of, serving
from iki_portal.domain.measurement import Realised, measure_quarter, measure_year
from iki_portal.domain.realisation import ReportState
from iki_portal.domain.targets import Aggregation, Polarity, Targets
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.models import (
    Assignment,
    Indicator,
    Position,
    QuarterWindow,
    RealisationEntry,
    RealisationReport,
    Sheet,
    SheetContent,
    Statement,
    Unit,
    guards,
)
from iki_portal.realisation.results import follow_missing
from iki_portal.web.transaction import transaction
from tests import office

PEOPLE, FEW, A_SHEET = 10_000, 30, 5
PAGE_MS, ENGINE_A_SECOND, RECAP_SECONDS, RECAP_MB = 300, 50_000, 15, 300
ROUNDS, REQUESTS = 5, 6
#: Of ten reports of the last quarter: how far they are.
LAST = (*[ReportState.VERIFIED] * 6, *[ReportState.SUBMITTED] * 2, ReportState.RETURNED, ReportState.DRAFT)
READERS = {"Sekretaris": office.APPROVER, "Kepala Bidang": office.REVIEWER, "Analis": office.OWNER}
PAGES = {
    "Dasbor": "/dasbor/{year}",
    "Dasbor, one bidang": "/dasbor/{year}?unit={unit}",
    "Tren": "/dasbor/tren",
    "Not reported": "/dasbor/{year}/laporan?triwulan=4&keadaan=missing",
    "Indicators, lowest first": "/dasbor/{year}/capaian?triwulan=3",
}


class Maker:
    """Writes the sheets and reports of everybody who was hired, past the operations and the guards."""

    def __init__(self) -> None:
        self.now = office.now()
        self.posts = db.session.execute(
            select(Position.id, Position.unit_id, Position.order, Assignment.employee_id)
            .join(Assignment, Assignment.position_id == Position.id)
            .where(Position.order >= 1000)
            .order_by(Position.order)
        ).all()
        self.chiefs: dict[int, Any] = {}
        for post in self.posts:
            self.chiefs.setdefault(post.unit_id, post)
        self.first = {
            table: (db.session.scalar(select(func.max(table.id))) or 0) + 1 for table in (Sheet, Statement, Indicator)
        }

    def make(self) -> None:
        db.session.execute(insert(SheetContent), [{"hash": "0" * 64, "body": "{}", "stored_at": self.now}])
        for table, rows in (
            (QuarterWindow, self.windows()),
            (Sheet, self.sheets()),
            (Statement, self.statements()),
            (Indicator, self.indicators()),
            (RealisationReport, self.reports()),
            (RealisationEntry, self.entries()),
        ):
            batch: list[dict[str, Any]] = []
            for row in rows:
                batch.append(row)
                if len(batch) == 5000:
                    db.session.execute(insert(table), batch)
                    batch = []
            if batch:
                db.session.execute(insert(table), batch)

    def windows(self) -> Iterator[dict[str, Any]]:
        today = office.today_in_office()
        for quarter in range(1, 5):
            opens = today - timedelta(days=30 * (5 - quarter))
            days = {"opens_on": opens, "deadline_on": opens + timedelta(days=14)}
            yield {"year": office.YEAR, "quarter": quarter, **days, "changed_at": self.now, "version": 1}

    def sheets(self) -> Iterator[dict[str, Any]]:
        signed = {"submitted_at": self.now, "reviewed_at": self.now, "approved_at": self.now, "content_hash": "0" * 64}
        for index, post in enumerate(self.posts):
            chief = self.chiefs[post.unit_id]
            yield {
                "id": self.first[Sheet] + index,
                "year": office.YEAR,
                "position_id": post.id,
                "state": State.APPROVED,
                "order": post.order,
                "reviewer_id": chief.id if chief.id != post.id else 2,
                "approver_id": 1,
                **signed,
                "submitted_by_id": post.employee_id,
                "reviewed_by_id": 1,
                "approved_by_id": 2,
                "changed_at": self.now,
                "approved_title": "Analis Kepegawaian Muda",
                "approved_unit": "Bidang Contoh",
            }

    def statements(self) -> Iterator[dict[str, Any]]:
        for index in range(len(self.posts)):
            yield {"id": self.first[Statement] + index, "sheet_id": self.first[Sheet] + index, "number": 1, "text": "Kinerja"}

    def indicators(self) -> Iterator[dict[str, Any]]:
        quarters = {f"quarter_{quarter}": Decimal(3) for quarter in range(1, 5)}
        facts = {"polarity": Polarity.MAXIMIZE, "aggregation": Aggregation.SUM, "target": Decimal(12), **quarters}
        for index in range(len(self.posts)):
            for place in range(A_SHEET):
                yield {
                    "id": self.first[Indicator] + index * A_SHEET + place,
                    "statement_id": self.first[Statement] + index,
                    "order": place + 1,
                    "text": f"Jumlah dokumen hasil fasilitasi ke-{place + 1}",
                    "text_key": f"dokumen {place}",
                    "unit_of_measure": "dokumen",
                    **facts,
                }

    def _state(self, index: int, quarter: int) -> ReportState:
        return LAST[index % 10] if quarter == 4 else ReportState.VERIFIED

    def reports(self) -> Iterator[dict[str, Any]]:
        for quarter in range(1, 5):
            for index, post in enumerate(self.posts):
                state = self._state(index, quarter)
                sent = {"submitted_by_id": post.employee_id, "submitted_at": self.now, "content_hash": "0" * 64}
                right = {"verified_by_id": 1 if state is ReportState.VERIFIED else None}
                yield {
                    "id": self._report(index, quarter),
                    "sheet_id": self.first[Sheet] + index,
                    "position_id": post.id,
                    "year": office.YEAR,
                    "quarter": quarter,
                    "state": state,
                    "changed_at": self.now,
                    **right,
                    **(sent if state is not ReportState.DRAFT else dict.fromkeys(sent)),
                    "verified_at": self.now if state is ReportState.VERIFIED else None,
                }

    def _report(self, index: int, quarter: int) -> int:
        return (quarter - 1) * len(self.posts) + index + 1

    def entries(self) -> Iterator[dict[str, Any]]:
        for quarter in range(1, 5):
            for index, post in enumerate(self.posts):
                if self._state(index, quarter) is ReportState.DRAFT:
                    continue
                for place in range(A_SHEET):
                    yield {
                        "report_id": self._report(index, quarter),
                        "author_id": post.employee_id,
                        "author_name": "Pegawai",
                        "indicator_id": self.first[Indicator] + index * A_SHEET + place,
                        "author_title": "Analis",
                        "value": Decimal(1 + (index + quarter + place) % 4),
                        "written_at": self.now,
                    }


def kabupaten(url: str, people: int) -> tuple[Flask, float]:
    """The office with everybody's sheets and quarters; and in how many seconds an upgrade keeps what they come to."""
    app = furnish(url)
    hire(app, people + 21)
    with app.app_context():
        with transaction():
            guards.remove(db.session.connection())
            Maker().make()
            guards.install(db.session.connection())
        begun = time.process_time()
        with transaction():
            follow_missing()
        took = time.process_time() - begun
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        return app, took


def statements(app: Flask, reader: str, path: str) -> int:
    client, found = office.sign_in(app, reader), []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        client.get(path)
        event.remove(db.engine, "before_cursor_execute", note)
    return len([each for each in found if not each.startswith("BEGIN")])


def pages(server: Server, large: Flask, small: Flask, unit: int) -> Iterator[str]:
    """Names of the pages that miss the bar; the same number of statements in both offices is part of it."""
    print(f"{'CPU of a page':<44}{'ms':>8}{'bar':>6}{'statements, large and small':>30}")
    for reader, code in READERS.items():
        server.cookie = cookie_of(large, code)
        for name, address in PAGES.items():
            if code == office.OWNER and "missing" in address:
                continue
            path = address.format(year=office.YEAR, unit=unit)
            server.cost(path, 2)
            cost = statistics.median(server.cost(path, REQUESTS) for _ in range(ROUNDS))
            asked = statements(large, code, path), statements(small, code, path)
            print(f"{f'{name}, {reader}':<44}{cost:>8.1f}{PAGE_MS:>6}{asked[0]:>15} and {asked[1]}", flush=True)
            if cost > PAGE_MS or asked[0] != asked[1]:
                yield f"{name}, {reader}"


def recapitulation(server: Server, form: str) -> list[str]:
    worker = psutil.Process(server.parent.children()[0].pid)
    before, begun = worker.cpu_times(), time.monotonic()
    address = f"http://127.0.0.1:{server.port}/dasbor/{office.YEAR}/rekapitulasi?bentuk={form}"
    request = urllib.request.Request(address, headers={"Cookie": server.cookie})
    with urllib.request.urlopen(request, timeout=300) as answer:
        body = answer.read()
    took, after = time.monotonic() - begun, worker.cpu_times()
    spent = after.user + after.system - before.user - before.system
    peak = _peak(worker.pid)
    name = f"recapitulation as {form}, {PEOPLE * A_SHEET:,} rows"
    print(f"{name:<44}{spent:>7.1f} s of CPU (bar {RECAP_SECONDS} s), {took:.1f} s by the clock, {len(body) / 2**20:.1f} MB")
    print(f"{'':<44}{peak:>7.0f} MB in the worker (bar {RECAP_MB} MB)")
    return ["recapitulation"] if spent > RECAP_SECONDS or peak > RECAP_MB else []


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def engine() -> list[str]:
    """Indicators a second: a quarter, and a year of four quarters."""
    kinds = [(polarity, aggregation) for polarity in (Polarity.MAXIMIZE, Polarity.MINIMIZE) for aggregation in Aggregation]
    targets = [Targets(p, a, Decimal(4 + n), None, (Decimal(n + 1),) * 4) for n in range(50) for p, a in kinds]
    reported = [Realised(Decimal("0.7"), Decimal(3), Decimal(4))] * 4
    missed = []
    for name, measure in (
        ("a quarter", lambda each: measure_quarter(each, 1, reported[0])),
        ("a year", lambda each: measure_year(each, reported)),
    ):
        begun = time.process_time()
        for _ in range(100):
            for each in targets:
                measure(each)
        rate = 100 * len(targets) / (time.process_time() - begun)
        print(f"{f'engine, {name}':<44}{rate:>12,.0f} a second (bar {ENGINE_A_SECOND:,})")
        missed += ["engine"] if rate < ENGINE_A_SECOND else []
    return missed


def main() -> int:
    missed = engine()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'large'}.db"
        large, took = kabupaten(url, PEOPLE)
        small, _ = kabupaten(f"sqlite:///{Path(folder) / 'small'}.db", FEW)
        print(f"{'what was verified before, kept by an upgrade':<44}{took:>7.1f} s of CPU")
        with large.app_context():
            unit = db.session.scalars(select(Unit.id).where(Unit.id >= 1000).limit(1)).one()
            db.session.rollback()
        settings = {"IKI_ENV": "test", "IKI_SECRET_KEY": SECRET, "IKI_DATABASE_URL": url}
        server = stack.enter_context(serving("wsgi:app", {**os.environ, **settings}, ready="/masuk"))
        missed += list(pages(server, large, small, unit))
        for form in ("xlsx", "csv"):
            missed += recapitulation(server, form)
        for app in (large, small):
            with app.app_context():
                db.engine.dispose()
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
