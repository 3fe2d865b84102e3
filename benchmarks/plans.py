"""`make bench-postgres`: what PostgreSQL does for each page, in the office of 20 sheets and in one of 2,000.

Every SELECT of a page is executed once more under EXPLAIN (ANALYZE, BUFFERS): blocks are the same on a busy machine,
milliseconds are not. Exit code 1 when a page of the large office costs the database more than `MOST_MS`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from benchmarks.generate import READERS, furnish, grow
from benchmarks.pages import PAGES, PEOPLE_PAGES
from iki_portal.extensions import db
from tests import office, postgres

SHEETS, MOST_MS = 2009, 250.0
Page = tuple[str, str, str]
Executed = list[tuple[str, Any]]


@dataclass(frozen=True)
class Cost:
    statements: int
    blocks: int
    milliseconds: float
    #: The statement that takes longest.
    slowest: str


def pages() -> Iterator[Page]:
    """Name, address and reader's sign-in name; {sheet} is the sheet of the Sekretaris, which everybody above reads."""
    for name, (address, _) in PAGES.items():
        for reader, code in READERS.items():
            yield f"{name}, {reader}", address, code
    for name, (code, _, address, _) in PEOPLE_PAGES.items():
        yield name, address, code
    yield "Penetapan tahun", f"/tahun/{office.YEAR}", office.APPROVER


def cost_of(app: Flask, page: Page, sheet_id: int) -> Cost:
    _, address, code = page
    client, executed = office.sign_in(app, code), []
    address = address.format(sheet=sheet_id)
    client.get(address)  # statements are built at the first request
    with app.app_context(), listening(executed):
        client.get(address)
    with app.app_context(), db.engine.connect() as connection:
        plans = [(explained(connection, *each), each[0]) for each in executed]
    blocks = sum(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan, _ in plans)
    took = [(float(plan["Execution Time"]), statement) for plan, statement in plans]
    return Cost(len(plans), blocks, sum(each for each, _ in took), max(took)[1])


@contextmanager
def listening(executed: Executed) -> Iterator[None]:
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("SELECT", "WITH")):
            executed.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield
    event.remove(db.engine, "before_cursor_execute", note)


def explained(connection: Any, statement: str, parameters: Any) -> dict[str, Any]:
    plan: dict[str, Any] = connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters
    ).scalar()[0]
    return plan


def measured(sheets: int) -> dict[str, Cost]:
    with postgres.database("plans") as name:
        app = furnish(postgres.url_of(name))
        if sheets > 20:
            grow(app, sheets)
        with app.app_context():
            with db.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
            sheet_id = office.sheet_of(office.APPROVER).id
        costs = {page[0]: cost_of(app, page, sheet_id) for page in pages()}
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    return costs


def main() -> int:
    small, large = measured(20), measured(SHEETS)
    missed = 0
    print(f"{'page':<32}{'statements':>12}{'blocks':>16}{'ms':>16}")
    for name, cost in large.items():
        before = small[name]
        figures = (
            f"{before.statements}",
            f"{before.blocks} → {cost.blocks}",
            f"{before.milliseconds:.1f} → {cost.milliseconds:.1f}",
        )
        print(f"{name:<32}{figures[0]:>12}{figures[1]:>16}{figures[2]:>16}")
        if cost.milliseconds > MOST_MS:
            missed += 1
            print(f"  more than {MOST_MS:.0f} ms, most of it: {cost.slowest[:300]}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
