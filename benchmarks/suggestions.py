"""`make bench-suggestions`: CPU of looking up indicators, and of learning an approved sheet, with 50,000 indicators known.

The 50,000 are made from the office's indicators and the reference list by exchanging objects, units and years: few words, and
the common ones ("jumlah", "dokumen") in most rows, which is the worst case for an index of words. On PostgreSQL the CPU of the
server's process is counted, too. What the index leaves out is told as well: how often the likest of all 50,000 is found.
Exit code 1 when a bar is missed.
"""

import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import flask_migrate
import psutil
import psycopg
from psycopg import sql
from sqlalchemy import text

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.domain import similarity
from iki_portal.domain.evidence import Evidence
from iki_portal.extensions import db
from iki_portal.imports.reference import ReferenceRow, read_reference_file
from iki_portal.indicators.learning import learn, load_reference
from iki_portal.indicators.papers import papers
from iki_portal.indicators.suggesting import suggestions
from iki_portal.paths import REFERENCE
from iki_portal.web.transaction import abandon, transaction
from tests import office
from tests.prints import papers_of_the_office

POSTGRES_URL = os.environ.get("IKI_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
KNOWN = 50_000
ONE_MS = 50
ROUNDS = 10
INDICATORS = 12
BIDANG = ("Pengadaan", "Mutasi", "Diklat", "Kinerja", "Keuangan", "Umum")


def main() -> int:
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        missed += measured("SQLite", f"sqlite:///{Path(folder) / 'iki.db'}")
    name = f"iki_bench_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(POSTGRES_URL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        print("PostgreSQL: no server at IKI_TEST_POSTGRES_URL, not measured")
    else:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            missed += measured("PostgreSQL", POSTGRES_URL.rsplit("/", 1)[0] + "/" + name)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            admin.close()
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


def bases() -> list[str]:
    """The indicators of the office's document and of the reference list."""
    own = [each.text for paper in papers_of_the_office() for row in paper.statements for each in row.indicators]
    return list(dict.fromkeys([*own, *(row.text for row in read_reference_file(REFERENCE))]))


def made_up(number: int) -> list[str]:
    """The same texts at each run."""
    dice, words = random.Random(7), [each.split() for each in bases()]  # noqa: S311  # no secret
    found: dict[str, None] = {}
    while len(found) < number:
        head, middle, end = (dice.choice(words) for _ in range(3))
        parts = [*head[: dice.randint(2, 4)], *middle[dice.randint(2, 4) :][: dice.randint(3, 9)], *end[-dice.randint(2, 4) :]]
        parts += ["Bidang", dice.choice(BIDANG)] if dice.random() < 0.3 else []
        parts += ["Tahun", str(dice.randint(2020, 2030))] if dice.random() < 0.4 else []
        found[" ".join(parts)] = None
    return list(found)


def measured(name: str, url: str) -> list[str]:
    """Names of the bars missed on that database."""
    app, known = office.portal(url), made_up(KNOWN)
    with app.app_context():
        flask_migrate.upgrade()
        office.furnish()
        load_all(known)
        print(f"{name}, {KNOWN} indicators known")
        actor, texts = office.actor(office.OWNER), bases()
        suggestions({0: texts[0]}, actor=actor)
        costs = [cpu_ms(lambda each=each: suggestions({0: each}, actor=actor)) for each in texts]
        print(f"  one lookup: {statistics.mean(costs):.1f} ms of CPU, the dearest {max(costs):.1f} (bar {ONE_MS})")
        sheet = dict(enumerate(texts[:30]))
        at_once = cpu_ms(lambda: suggestions(sheet, actor=actor))
        print(f"  a sheet of {len(sheet)} at once: {at_once:.0f} ms")
        print(f"  learning an approved sheet of {INDICATORS}: {learning_ms():.0f} ms")
        print(f"  the likest of all is found: {found_share(known, texts):.0%} of lookups")
        db.session.remove()
        db.engine.dispose()
    return [f"one lookup on {name}"] if max(costs) > ONE_MS else []


def load_all(known: Sequence[str]) -> None:
    started = time.perf_counter()
    with transaction():
        load_reference([ReferenceRow(each, "dokumen", "", Evidence.PLAN_EXACT) for each in known])
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    print(f"loaded in {time.perf_counter() - started:.0f} s")


def cpu_ms(act: Callable[[], object]) -> float:
    """Milliseconds of CPU of this process, and of the server's process behind the connection (told in hundredths of a second:
    so it is done several times)."""
    server = None
    if db.engine.dialect.name == "postgresql":
        server = psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))
    before = sum(server.cpu_times()[:2]) if server else 0.0
    started = time.process_time()
    for _ in range(ROUNDS):
        act()
    spent = time.process_time() - started
    return (spent + (sum(server.cpu_times()[:2]) - before if server else 0.0)) / ROUNDS * 1000


def learning_ms() -> float:
    """What an approval pays for its sheet, every text of it new."""
    sheet = office.sheet_of(office.OWNER)
    paper, numbers = papers([sheet.id])[sheet.id], count()
    with transaction():
        cost = cpu_ms(lambda: learn(of_size(paper, next(numbers)), position_id=sheet.position_id))
        abandon()
    return cost


def of_size(paper: Paper, number: int) -> Paper:
    one = paper.statements[0].indicators[0]
    rows: tuple[PaperIndicator, ...] = tuple(
        replace(one, text=f"{each} uji {number}", unit_of_measure="dokumen") for each in bases()[:INDICATORS]
    )
    return replace(paper, statements=(replace(paper.statements[0], indicators=rows),))


def found_share(known: Sequence[str], texts: Sequence[str]) -> float:
    """Of lookups of texts that nobody knows word for word: how often the likest of all known ones is among those found."""
    listed = [*bases(), *known]
    words = [frozenset(similarity.words_in(each)) for each in listed]
    entries = Counter(word for each in words for word in each)
    weights = {word: similarity.weight(number, len(listed)) for word, number in entries.items()}
    actor, good = office.actor(office.OWNER), 0
    asked = [f"{one} {other.split()[-1]}" for one, other in zip(known[::800], texts, strict=False)]
    for each in asked:
        mine = frozenset(similarity.words_in(each))
        of_all = weights | {word: similarity.weight(0, len(listed)) for word in mine - weights.keys()}
        best = max(similarity.likeness(mine, other, of_all) for other in words)
        similar = suggestions({0: each}, actor=actor)[0].similar
        good += bool(similar) and similar[0].likeness >= best - 1
    return good / len(asked)


if __name__ == "__main__":
    sys.exit(main())
