"""`iki demo`: a year approved and a year under way, through the real operations, with figures that nobody takes for real."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from iki_portal.cascade.demo import EXAMPLE_LINK, MARK
from iki_portal.domain.dates import office_day
from iki_portal.extensions import db
from iki_portal.models import (
    CascadeLink,
    FrozenCopy,
    Goal,
    HistoryEntry,
    IssuedPrint,
    KeyIndicator,
    PerformanceYear,
    RealisationEntry,
    RealisationReport,
    Sheet,
    Talk,
    TalkWriting,
)
from iki_portal.realisation.demo import EXAMPLE_NOTE
from tests import office
from tests.shell import Shell, contents


@pytest.fixture
def demo(empty_url: str, tmp_path: Path) -> Shell:
    shell = Shell(tmp_path, empty_url, IKI_ENV="demo")
    shell.good("database", "upgrade")
    return shell


def sheets(shell: Shell, year: int) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(shell.good("export", "sheets", "--year", year))
    return read


@pytest.mark.parametrize("day", [datetime(2027, 1, 2, 1, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)])
def test_the_running_year_is_approved_and_the_next_one_under_way_on_any_day(demo: Shell, day: datetime) -> None:
    with time_machine.travel(day, tick=False):
        demo.good("demo")
        assert "UTUH. Tidak ditemukan perubahan." in demo.good("audit", "verify")
        running, coming = sheets(demo, day.year), sheets(demo, day.year + 1)
    states = [each["state"] for each in running if each["revision"] == 1]
    assert states == ["approved"] * 20
    assert [each["state"] for each in running if each["revision"] == 2] == ["submitted"], "a change to compare"
    assert {each["state"] for each in coming} == {"draft", "submitted", "reviewed"}
    assert all(row["baseline"] for each in coming for statement in each["statements"] for row in statement["indicators"])
    app = office.portal(demo.environment["IKI_DATABASE_URL"])
    with app.app_context():
        entries = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number)).all()
        moments = [entry.at for entry in entries]
        assert moments == sorted(moments), "the history is in order, and nothing in it is still to come"
        assert moments[-1] <= day
        assert {"import", "office_text", "close_planning", "open_year", "return", "revise"} <= {each.action for each in entries}
        for entry in entries:  # who takes a sheet over follows from the day on which it was begun
            if entry.action in ("import", "open_year"):
                begun = set(db.session.scalars(select(Sheet.begun_on).where(Sheet.year == entry.year)))
                assert begun == {office_day(entry.at)}
        assert db.session.get_one(PerformanceYear, day.year).stage == "running"
        assert_marked()
        assert_talked()
        assert_goals_marked()
        assert_reported(quarters=3 if day.month == 11 else 0)
        db.session.remove()
        db.engine.dispose()


def assert_marked() -> None:
    """Every approved sheet says on its letterhead and in each row that it is an example, and has its print."""
    bodies = [json.loads(body) for body in db.session.scalars(select(FrozenCopy.body))]
    assert len(bodies) == 20 == len(db.session.scalars(select(IssuedPrint.sheet_id)).all())
    for body in bodies:
        assert body["office"]["government"] == "CONTOH – BUKAN DOKUMEN RESMI"
        formulas = [row["formula"] for statement in body["statements"] for row in statement["indicators"]]
        assert formulas
        assert all("CONTOH, bukan data kantor" in formula for formula in formulas)


def assert_talked() -> None:
    """Two talks, one of them confirmed by both; every word of them says that it is an example."""
    talks = db.session.scalars(select(Talk).order_by(Talk.id)).all()
    assert [bool(each.owner_confirmed_at and each.superior_confirmed_at) for each in talks] == [True, False]
    for row in db.session.scalars(select(TalkWriting)):
        texts = (row.topic, row.owner_part, row.superior_part, row.agreed, row.follow_up)
        assert all(text.startswith("CONTOH: ") for text in texts if text)


def assert_goals_marked() -> None:
    """The office's document has none: each text and each link says that it is an example."""
    texts = [*db.session.scalars(select(Goal.text)), *db.session.scalars(select(KeyIndicator.text))]
    assert len(texts) == 5 + 6
    assert all(each.startswith(MARK) for each in texts)
    assert set(db.session.scalars(select(CascadeLink.note))) == {EXAMPLE_LINK}


def assert_reported(*, quarters: int) -> None:
    """The quarters that lie behind are reported, each figure with a note that it is an example; the last one is on its way."""
    by_quarter: dict[int, set[str]] = {}
    for report in db.session.scalars(select(RealisationReport)):
        by_quarter.setdefault(report.quarter, set()).add(report.state)
    expected = [{"verified"}, {"verified"}, {"verified", "submitted", "returned"}][:quarters]
    assert by_quarter == dict(enumerate(expected, start=1))
    notes = set(db.session.scalars(select(RealisationEntry.note)))
    assert notes == ({EXAMPLE_NOTE} if quarters else set())
    assert not db.session.scalars(select(RealisationReport.id).where(RealisationReport.is_late)).all()


def test_the_demo_keeps_what_is_there_and_never_runs_in_production(demo: Shell) -> None:
    first = demo.good("demo")
    assert first.count("\n") == 23
    app = office.portal(demo.environment["IKI_DATABASE_URL"])
    with app.app_context():
        office.bring_to("approved")
        last = db.session.scalar(select(func.max(Sheet.year)).where(Sheet.state == "approved"))
        assert last == db.session.scalar(select(func.max(PerformanceYear.year))), "what is played is next year's sheet"
        db.session.remove()
        db.engine.dispose()
    before = contents(demo)
    assert demo.good("demo") == first
    assert contents(demo) == before
    real = Shell(demo.folder, demo.url, IKI_ENV="production", IKI_SECRET_KEY="q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa")
    # no superuser serves production on PostgreSQL, which is what the tests' owner is
    on_sqlite = demo.url.startswith("sqlite")
    assert ("production" if on_sqlite else "superuser") in real.refused("demo")
    assert ("demo accounts" if on_sqlite else "superuser") in real.refused("serve")
