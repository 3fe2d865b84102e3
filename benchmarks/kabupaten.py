"""`make bench-kabupaten`: the pages of a whole kabupaten (10,000 people, ten years, two million acts) against those of the
office with 20 sheets, on PostgreSQL (IKI_TEST_POSTGRES_URL).

What a page costs is the CPU time of the worker and of the database together. Pages that list many more sheets in the large
office are printed and not judged. At last `iki audit verify` reads everything that was made: every row is sealed with the
portal's own key. Exit code 1 when a page costs more than `MOST` times as much.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import psutil
from flask import Flask
from psycopg import Connection, connect, sql
from sqlalchemy import select, text

from benchmarks.generate import POSTS_IN_A_UNIT, READERS, furnish, hire
from benchmarks.pages import ONE_UNIT, PAGES, PEOPLE_PAGES, SECRET, Server, cookie_of, serving
from benchmarks.plans import listening
from iki_portal.documents.paper import canonical, content, digest
from iki_portal.domain.checks import text_key
from iki_portal.domain.codes import new_code
from iki_portal.domain.workflow import State, Step
from iki_portal.extensions import db
from iki_portal.history.chain import HISTORY_COLUMNS, Seal
from iki_portal.indicators.answering import recount_all
from iki_portal.indicators.papers import papers
from iki_portal.models import HistoryHead, Indicator, Sheet, Statement
from iki_portal.web.transaction import transaction
from tests import office, postgres

PEOPLE = 10_000
YEARS = range(office.YEAR - 9, office.YEAR + 1)
#: Before a sheet goes its way it is handed in and given back so often: 22 acts a sheet make two million.
RETURNS = 8
MOST, ROUNDS, REQUESTS = 1.5, 5, 30
#: Pages judged besides those of `make bench`: name, reader, address.
MORE_PAGES = (
    ("Daftar satu unit", office.REVIEWER, ONE_UNIT),
    ("Penetapan tahun", office.APPROVER, f"/tahun/{office.YEAR}"),
    ("Jejak audit", office.APPROVER, "/jejak-audit"),
    ("Pemberitahuan", office.OWNER, "/pemberitahuan"),
    ("Beranda, operator", office.OPERATOR, "/"),
    ("Akun", office.OPERATOR, "/akun"),
    ("Realisasi", office.OWNER, "/realisasi"),
    ("Pohon kinerja", office.OWNER, "/pohon-kinerja"),
    ("Sasaran", office.OWNER, "/sasaran"),
    ("Tren", office.APPROVER, "/dasbor/tren"),
)
#: One act: step, before, after, who (0 owner, 1 reviewer, 2 approver).
_Act = tuple[Step, State, State, int]
_ROUND: tuple[_Act, ...] = (
    (Step.SUBMIT, State.DRAFT, State.SUBMITTED, 0),
    (Step.RETURN, State.SUBMITTED, State.DRAFT, 1),
)
_WAY: tuple[_Act, ...] = (
    (Step.SUBMIT, State.DRAFT, State.SUBMITTED, 0),
    (Step.REVIEW, State.SUBMITTED, State.REVIEWED, 1),
    (Step.RETURN, State.REVIEWED, State.DRAFT, 2),
    (Step.SUBMIT, State.DRAFT, State.SUBMITTED, 0),
    (Step.REVIEW, State.SUBMITTED, State.REVIEWED, 1),
    (Step.APPROVE, State.REVIEWED, State.APPROVED, 2),
)
_ACTS = _ROUND * RETURNS + _WAY


@dataclass(frozen=True)
class Post:
    """A generated post, its holder, and the posts that review and approve its sheet."""

    id: int
    order: int
    holder: int
    title: str
    reviewer: int
    approver: int


@dataclass(frozen=True)
class _Sheet:
    id: int
    year: int
    post: Post


class Maker:
    """Writes past the portal, as the owner, with every trigger and foreign key asleep; verified afterwards."""

    def __init__(self, app: Flask, connection: Connection) -> None:
        self.app, self.connection = app, connection
        self.key_id, key = next(iter(app.config["IKI"].history_keys.items()))
        self.seal = Seal(key)
        self.posts = self._posts()
        self.by_id = {each.id: each for each in self.posts}
        with app.app_context():
            self.model = office.sheet_of(office.OWNER)
            paper = papers([self.model.id])[self.model.id]
            self.first_sheet = 1 + (db.session.scalar(select(Sheet.id).order_by(Sheet.id.desc()).limit(1)) or 0)
            head = db.session.execute(select(HistoryHead.number, HistoryHead.hash)).one()
            db.session.rollback()
        self.number, self.previous = head.number, head.hash
        self.papers = {each.id: _worded(content(paper), each.order) for each in self.posts}
        self.hashes = {each: digest(canonical(paper)) for each, paper in self.papers.items()}
        self.copies: list[tuple[Any, ...]] = []

    def _posts(self) -> list[Post]:
        query = "SELECT p.id, a.employee_id, p.title FROM position p JOIN assignment a ON a.position_id = p.id"
        rows = self.connection.execute(f"{query} WHERE p.code LIKE 'contoh.%' ORDER BY p.id".encode()).fetchall()
        chiefs = [row[0] for row in rows[::POSTS_IN_A_UNIT]]

        def chief(unit: int) -> int:
            return int(chiefs[unit % len(chiefs)])

        # a chief's own sheet goes to the chiefs of the next units
        return [
            Post(
                row[0],
                unit * POSTS_IN_A_UNIT + place,
                row[1],
                row[2],
                chief(unit + (place == 0)),
                chief(unit + 1 + (place == 0)),
            )
            for row, (unit, place) in zip(rows, (divmod(each, POSTS_IN_A_UNIT) for each in range(len(rows))), strict=True)
        ]

    def make(self) -> None:
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute("SET synchronous_commit = off")
        self.connection.cursor().executemany(
            "UPDATE position SET reviewer_id = %s, approver_id = %s WHERE id = %s",
            [(each.reviewer, each.approver, each.id) for each in self.posts],
        )
        self._years()
        contents = ((self.hashes[each.id], canonical(self.papers[each.id]), _day(YEARS[0], 0)) for each in self.posts)
        self._copy("sheet_content", ("hash", "body", "stored_at"), contents)
        for place, year in enumerate(YEARS):
            self._copy("sheet", tuple(each.name for each in Sheet.__table__.columns), self._sheets(place, year))
            self._copy("history_entry", (*HISTORY_COLUMNS, "hash"), self._history(place, year))
        self._copy(
            "frozen_copy", ("sheet_id", "history_number", "sha256", "body", "register", "code", "frozen_at"), self.copies
        )
        self.connection.execute("UPDATE history_head SET number = %s, hash = %s", (self.number, self.previous))
        self._rows()
        self.connection.execute("VACUUM ANALYZE")  # as autovacuum does in life

    def _years(self) -> None:
        past = [(year, "closed", date(year - 1, 12, 31), _day(year, 0)) for year in YEARS if year != office.YEAR]
        self._copy("performance_year", ("year", "stage", "planning_deadline_on", "planning_closed_at"), past)

    def _copy(self, table: str, columns: tuple[str, ...], rows: Any) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        with self.connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
            for row in rows:
                copy.write_row(row)

    def _sheet_id(self, place: int, index: int) -> int:
        return self.first_sheet + place * len(self.posts) + index

    @staticmethod
    def _acts(year: int, index: int) -> tuple[_Act, ...]:
        """All of a past year. In this one, of ten, three are drafts, three wait for a review and three for an approval."""
        if year != office.YEAR:
            return _ACTS
        return _ACTS[: len(_ACTS) - (3, 3, 3, 2, 2, 2, 1, 1, 1, 0)[index % 10]]

    def _sheets(self, place: int, year: int) -> Iterator[tuple[Any, ...]]:
        for index, post in enumerate(self.posts):
            acts = self._acts(year, index)
            state = acts[-1][2]
            reviewer, approver = self.by_id[post.reviewer], self.by_id[post.approver]
            at = _day(year, len(acts))
            facts: dict[str, Any] = {
                "id": self._sheet_id(place, index),
                "year": year,
                "position_id": post.id,
                "revision": 1,
                "state": state.value,
                "version": len(acts) + 1,
                "heading": post.title.upper(),
                "order": 1000 + index,
                "reviewer_id": post.reviewer,
                "approver_id": post.approver,
                "reason_note": "",
                "begun_on": at.date(),
                "changed_at": at,
                "changed_by": "Pegawai Contoh",
            }
            if state is not State.DRAFT:
                facts |= {"submitted_by_id": post.holder, "submitted_at": at, "content_hash": self.hashes[post.id]}
            if state in (State.REVIEWED, State.APPROVED):
                facts |= {"reviewed_by_id": reviewer.holder, "reviewed_at": at}
            if state is State.APPROVED:
                facts |= {"approved_by_id": approver.holder, "approved_at": at, "approved_title": post.title}
                facts |= {"approved_unit": "Bidang Contoh"}
            yield tuple(facts.get(column.name) for column in Sheet.__table__.columns)

    def _history(self, place: int, year: int) -> Iterator[tuple[Any, ...]]:
        """Act by act over all posts, so that the acts of one sheet lie as far apart as they do in life."""
        for step in range(len(_ACTS)):
            at = _day(year, step)
            for index, post in enumerate(self.posts):
                acts = self._acts(year, index)
                if step < len(acts):
                    yield self._row(_Sheet(self._sheet_id(place, index), year, post), step, at)

    def _row(self, sheet: _Sheet, step: int, at: datetime) -> tuple[Any, ...]:
        action, before, after, turn = _ACTS[step]
        who = (sheet.post, self.by_id[sheet.post.reviewer], self.by_id[sheet.post.approver])[turn]
        self.number += 1
        row: dict[str, Any] = {
            "number": self.number,
            "at": at,
            "action": action.value,
            "year": sheet.year,
            "sheet_id": sheet.id,
            "revision": 1,
            "from_state": before.value,
            "to_state": after.value,
            "actor_id": who.holder,
            "actor_name": f"Pegawai Contoh {who.holder}",
            "subject_id": None,
            "acting_position_id": who.id,
            "acting_title": who.title,
            "acting_kind": "definitive",
            "note": "Mohon dilengkapi." if action is Step.RETURN else "",
            "rows": "",
            "sheet_version": step + 2,
            "content_hash": self._frozen(sheet, at) if action is Step.APPROVE else self.hashes[sheet.post.id],
            "key_id": self.key_id,
            "previous_hash": self.previous,
        }
        self.previous = self.seal.hash_of(row)
        return (*(row[name] for name in HISTORY_COLUMNS), self.previous)

    def _frozen(self, sheet: _Sheet, at: datetime) -> str:
        post, register, code = sheet.post, f"{sheet.year}-X{sheet.id}", new_code()
        signer = {"full_name": "Pegawai Contoh", "kind": "pns", "identifier": None, "rank": None, "title": post.title}
        signed = dict.fromkeys(("proposed", "reviewed", "approved"), signer | {"on": at.date().isoformat()})
        own = {
            "position": post.title,
            "year": sheet.year,
            "office": {},
            "portal_address": "",
            "register": register,
            "code": code,
        }
        body = canonical({**self.papers[post.id], **signed, **own})
        hash_ = sha256(body.encode()).hexdigest()
        self.copies.append((sheet.id, self.number, hash_, body, register, code, at))
        return hash_

    def _rows(self) -> None:
        """The statements and indicators of one complete sheet for every sheet that was made, each post's in its own words."""
        self.connection.execute("CREATE TEMPORARY TABLE wording (post integer, place integer, text text, text_key text)")
        self._copy("wording", ("post", "place", "text", "text_key"), self._wording())
        statements = (
            f"SELECT row_number() OVER (ORDER BY number) - 1 AS place, * FROM statement WHERE sheet_id = {self.model.id}"
        )
        indicators = (
            'SELECT row_number() OVER (ORDER BY m.place, i."order") - 1 AS place, m.place AS above, i.*'
            f" FROM indicator i JOIN ({statements}) m ON m.id = i.statement_id"
        )
        count = self._number(f"SELECT count(*) FROM ({statements}) o")
        first = self._multiply(Statement.__table__, statements, f"{self.first_sheet} + g")
        self._multiply(Indicator.__table__, indicators, f"{first} + g * {count} + o.above", own=("text", "text_key"))

    def _wording(self) -> Iterator[tuple[int, int, str, str]]:
        for post in self.posts:
            texts = (each["text"] for statement in self.papers[post.id]["statements"] for each in statement["indicators"])
            for place, each in enumerate(texts):
                yield post.order, place, each, text_key(each)

    def _multiply(self, table: Any, model: str, parent: str, *, own: tuple[str, ...] = ()) -> int:
        """Rows of `table` like those of `model` for each sheet, columns `own` from `wording`; returns the first new id."""
        first = self._number(f"SELECT coalesce(max(id), 0) + 1 FROM {table.name}")
        count = self._number(f"SELECT count(*) FROM ({model}) o")
        key, above, *others = (column.name for column in table.columns)
        kept = ", ".join(f'"{name}"' for name in others)
        taken = ", ".join(f'{"w" if name in own else "o"}."{name}"' for name in others)
        words = f" JOIN wording w ON w.post = g % {len(self.posts)} AND w.place = o.place" if own else ""
        self.connection.execute(
            f"INSERT INTO {table.name} ({key}, {above}, {kept}) SELECT {first} + g * {count} + o.place, {parent}, {taken}"
            f" FROM generate_series(0, {len(self.posts) * len(YEARS) - 1}) g CROSS JOIN ({model}) o{words} ORDER BY 1".encode()
        )
        return first

    def _number(self, query: str) -> int:
        row = self.connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0


def _worded(paper: dict[str, Any], order: int) -> dict[str, Any]:
    """The same paper with indicators in a post's own words, so that posts share none."""
    statements = [
        {**statement, "indicators": [{**each, "text": f"{each['text']} bidang {order}"} for each in statement["indicators"]]}
        for statement in paper["statements"]
    ]
    return {**paper, "statements": statements}


def _day(year: int, step: int) -> datetime:
    """An act a day, from October before the year on."""
    return datetime(year - 1, 10, 1, 2, tzinfo=UTC) + timedelta(days=step)


def kabupaten(url: str) -> Flask:
    """The office with its 20 sheets, and around it everybody else with ten years of sheets."""
    app = furnish(url)
    hire(app, PEOPLE + 21)
    with connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        Maker(app, connection).make()
    with app.app_context(), transaction():
        recount_all()
    return app


@dataclass(frozen=True)
class Portal:
    app: Flask
    server: Server
    database: str

    def as_reader(self, code: str) -> None:
        self.server.cookie = cookie_of(self.app, code)

    def sheet(self) -> int:
        with self.app.app_context():
            found = office.sheet_of(office.OWNER).id
            db.session.rollback()
        return found

    def cost(self, path: str) -> float:
        """CPU milliseconds of a request, in the worker and in the database."""
        before = self._used()
        worker = self.server.cost(path, REQUESTS)
        return worker + (self._used() - before) / REQUESTS * 1000

    def _used(self) -> float:
        """CPU seconds of the database's processes that serve this portal."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        with connect(postgres.SERVER) as connection:
            pids = [row[0] for row in connection.execute(query, (self.database,))]
        times = [psutil.Process(pid).cpu_times() for pid in pids]
        return sum(each.user + each.system for each in times)

    def statements(self, code: str, path: str) -> list[str]:
        client, executed = office.sign_in(self.app, code), []
        client.get(path)
        with self.app.app_context(), listening(executed):
            client.get(path)
        return [statement for statement, _ in executed]


@contextmanager
def portal_on(name: str, app: Flask) -> Iterator[Portal]:
    settings = {"IKI_ENV": "test", "IKI_SECRET_KEY": SECRET, "IKI_DATABASE_URL": postgres.url_of(name)}
    with serving("wsgi:app", settings, ready="/masuk") as server:
        yield Portal(app, server, name)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def pages() -> Iterator[tuple[str, str, str, str]]:
    """Name, reader, address here and there."""
    for name, (address, _) in PAGES.items():
        for reader, code in READERS.items():
            yield f"{name}, {reader}", code, address, address
    for name, (code, here, there, _) in PEOPLE_PAGES.items():
        yield name, code, here, there
    for name, code, address in MORE_PAGES:
        yield name, code, address, address


def compare(small: Portal, large: Portal) -> list[str]:
    """Names of the pages that cost too much more."""
    missed, sheet = [], small.sheet()
    print(f"{'CPU of portal and database':<34}{'20 ms':>9}{'kab. ms':>10}{'ratio':>8}{'statements':>13}   rows")
    for name, code, here, there in pages():
        paths = {small: here.format(sheet=sheet), large: there.format(sheet=sheet)}
        costs: dict[Portal, list[float]] = {small: [], large: []}
        for portal, path in paths.items():
            portal.as_reader(code)
            portal.server.cost(path, 10)
        for _ in range(ROUNDS):
            for portal, path in paths.items():
                costs[portal].append(portal.cost(path))
        few, many = (statistics.median(each) for each in costs.values())
        rows = [portal.server.rows(path) for portal, path in paths.items()]
        asked = [len(portal.statements(code, path)) for portal, path in paths.items()]
        is_judged = rows[1] <= 2 * max(1, rows[0])
        is_missed = is_judged and many / few > MOST
        mark = " <" if is_missed else "" if is_judged else " -"
        print(
            f"{name:<34}{few:>9.2f}{many:>10.2f}{many / few:>8.2f}{asked[0]:>7} {asked[1]:>5}   {rows[0]} and {rows[1]}{mark}",
            flush=True,
        )
        missed += [name] if is_missed else []
    return missed


def audited(url: str) -> tuple[float, bool]:
    """CPU seconds of `iki audit verify`, and whether it found everything whole."""
    own = {"IKI_ENV": "test", "IKI_SECRET_KEY": SECRET, "IKI_DATABASE_URL": url}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "iki_portal.cli", "audit", "verify"],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    print(done.stdout[-2500:] + done.stderr[-500:])
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, done.returncode == 0


def main() -> int:
    with ExitStack() as stack:
        names = [stack.enter_context(postgres.database(kind)) for kind in ("office", "kabupaten")]
        begun = time.monotonic()
        apps = furnish(postgres.url_of(names[0])), kabupaten(postgres.url_of(names[1]))
        with apps[1].app_context():
            number = db.session.scalar(select(HistoryHead.number))
            size = db.session.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
            db.session.rollback()
        print(
            f"{PEOPLE:,} people, {len(YEARS)} years, {number:,} rows of history, {size},"
            f" made in {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        portals = [stack.enter_context(portal_on(name, app)) for name, app in zip(names, apps, strict=True)]
        missed = compare(*portals)
        spent, is_whole = audited(postgres.url_of(names[1]))
        print(f"iki audit verify: {spent:.0f} s of CPU")
        missed += [] if is_whole else ["audit"]
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
