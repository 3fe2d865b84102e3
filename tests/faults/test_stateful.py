"""Row 15 of the bar: a model of the workflow, written independently, against the portal.

500 runs of 40 steps: people edit, submit, withdraw, review, return, approve and revise, on fresh and on stale pages; Plt. and
Plh. begin and end; days pass. After each step the database must say what the model says.
"""

import os
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select

from iki_portal.approvals import operations
from iki_portal.auth.queries import actor_of
from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.domain.errors import DomainError, Incomplete, NotAllowed, Outdated, WrongState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.queries import verify
from iki_portal.indicators import operations as writing
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import FrozenCopy, Position, Sheet
from tests import office

RUNS = int(os.environ.get("IKI_TEST_RUNS", "500"))
STEPS = 40
POSTS = {"owner": office.OWNER, "reviewer": office.REVIEWER, "approver": office.APPROVER, "head": office.HEAD}
PEOPLE = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, "analis.profesi", "perencana")


@dataclass
class Revision:
    """One revision as the model sees it."""

    state: str = "draft"
    version: int = 1
    complete: bool = False
    people: dict[str, str | None] = field(default_factory=lambda: {"submit": None, "review": None, "approve": None})
    frozen: str | None = None


class Office(RuleBasedStateMachine):
    """What the office's rules say, in few words, beside the portal."""

    app: ClassVar[Flask]
    template: ClassVar[Path]
    database: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for path in self.database.parent.glob("live.db*"):
            path.unlink()
        shutil.copy(self.template, self.database)
        self.context = self.app.app_context()
        self.context.push()
        self.day = office.today_in_office()
        self.held: list[tuple[str, str, date, date | None]] = [(code, code, date(2000, 1, 1), None) for code in PEOPLE]
        self.revisions = [Revision()]
        self.row = self.load().position_id

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    # What the model knows

    def holders(self, post: str) -> set[str]:
        code = POSTS[post]
        return {
            who
            for who, what, start, end in self.held
            if what == code and start <= self.day and (end is None or self.day <= end)
        }

    def candidates(self, duty: str, sheet: Revision) -> set[str]:
        if duty == "owner":
            return self.holders("owner")
        barred = self.holders("owner") | {sheet.people["submit"]}
        chain = ["reviewer", "approver", "head"] if duty == "reviewer" else ["approver", "head"]
        if duty == "approver":
            barred |= {sheet.people["review"]}
        for post in chain:
            if not self.holders(post):
                return set()
            if free := self.holders(post) - barred:
                return free
        return set()

    @property
    def sheet(self) -> Revision:
        return self.revisions[-1]

    def expected(self, step: str, who: str, version: int) -> type[DomainError] | None:
        sheet = self.sheet
        if version != sheet.version:
            return Outdated
        starts = {"submit": ("draft",), "withdraw": ("submitted",), "review": ("submitted",), "approve": ("reviewed",),
                  "return": ("submitted", "reviewed")}[step]  # fmt: skip
        if sheet.state not in starts:
            return WrongState
        duty = {"submit": "owner", "withdraw": "owner", "review": "reviewer", "approve": "approver",
                "return": "reviewer" if sheet.state == "submitted" else "approver"}[step]  # fmt: skip
        if who not in self.candidates(duty, sheet):
            return NotAllowed
        return Incomplete if step == "submit" and not sheet.complete else None

    # What the portal does

    def now(self) -> datetime:
        return datetime.combine(self.day, time(9), OFFICE_ZONE)

    def load(self) -> SeenSheet:
        db.session.rollback()
        query = select(Sheet.id).join(Position, Position.id == Sheet.position_id).where(Position.code == office.OWNER)
        sheet_id = db.session.scalars(query.order_by(Sheet.revision.desc()).limit(1)).one()
        return sheets_where(Sheet.id == sheet_id, on=self.day)[0]

    def attempt(self, act: Any, expected: type[DomainError] | None) -> bool:
        """Carry out `act` in a transaction; it must end as the model expects."""
        met: DomainError | None = None
        try:
            with office.transaction():
                act()
        except DomainError as refusal:
            met = refusal
        assert type(met) is (expected or type(None)), f"{met!r} instead of {expected}"
        return met is None

    def rows(self, sheet: SeenSheet, *, complete: bool) -> list[writing.StatementProposal]:
        """One statement, never the same twice; with a complete indicator, or with none."""
        first = papers([sheet.id])[sheet.id].statements[0]
        known = first.indicators[0].id if first.indicators else None
        full = writing.IndicatorProposal(
            id=known,
            text="Jumlah dokumen",
            formula="Dihitung dari agenda",
            source="Bidang",
            unit_of_measure="dokumen",
            polarity=Polarity.MAXIMIZE,
            aggregation=Aggregation.LAST,
            target=office.Decimal(4),
            quarter_4=office.Decimal(4),
        )
        text = f"Naskah {self.sheet.version}"
        return [writing.StatementProposal(id=first.id, text=text, indicators=(full,) if complete else ())]

    @rule(who=st.sampled_from(PEOPLE), complete=st.booleans(), late=st.integers(0, 4))
    def edit(self, who: str, complete: bool, late: int) -> None:
        sheet, seen = self.load(), self.sheet.version - (late == 0)
        rows = self.rows(sheet, complete=complete)
        expected: type[DomainError] | None = None
        if self.sheet.state != "draft":
            expected = WrongState
        elif who not in self.holders("owner"):
            expected = NotAllowed
        elif seen != self.sheet.version:
            expected = Outdated
        actor = actor_of(who, on=self.day)
        assert actor is not None
        if self.attempt(lambda: writing.save_sheet(sheet, rows, actor=actor, seen=seen, now=self.now()), expected):
            self.sheet.version += 1
            self.sheet.complete = complete

    @rule(
        step=st.sampled_from(["submit", "submit", "review", "review", "approve", "approve", "return", "withdraw"]),
        who=st.sampled_from(PEOPLE),
        late=st.integers(0, 6),
    )
    def act(self, step: str, who: str, late: int) -> None:
        if late % 3 == 1:  # mostly somebody whose turn it is, so that sheets get somewhere
            duty = {"submit": "owner", "withdraw": "owner", "review": "reviewer"}.get(step, "approver")
            who = next(iter(sorted(self.candidates(duty, self.sheet))), who)
        seen = self.sheet.version - (late == 0)
        actor, sheet = actor_of(who, on=self.day), self.load()
        assert actor is not None
        common: dict[str, Any] = {"actor": actor, "seen": seen, "now": self.now()}
        acts = {
            "submit": lambda: operations.submit(sheet, **common),
            "withdraw": lambda: operations.withdraw(sheet, **common),
            "review": lambda: operations.review(sheet, **common),
            "approve": lambda: operations.approve(sheet, **common),
            "return": lambda: operations.return_sheet(sheet, note="Perbaiki.", **common),
        }
        if self.attempt(acts[step], self.expected(step, who, seen)):
            self.advance(step, who)

    def advance(self, step: str, who: str) -> None:
        sheet = self.sheet
        sheet.version += 1
        sheet.state = {"submit": "submitted", "review": "reviewed", "approve": "approved"}.get(step, "draft")
        if sheet.state == "draft":
            sheet.people = dict.fromkeys(sheet.people)
        else:
            sheet.people[step] = who
        if step == "approve":
            for former in self.revisions[:-1]:
                if former.state == "approved":
                    former.state, former.version = "superseded", former.version + 1
            sheet.frozen = db.session.scalars(select(FrozenCopy.body).where(FrozenCopy.sheet_id == self.load().id)).one()

    @rule(who=st.sampled_from(PEOPLE))
    def revise(self, who: str) -> None:
        sheet, actor = self.load(), actor_of(who, on=self.day)
        assert actor is not None
        expected: type[DomainError] | None = None
        if self.sheet.state != "approved":
            expected = WrongState
        elif who not in self.holders("owner") | self.holders("approver"):
            expected = NotAllowed
        if self.attempt(
            lambda: operations.revise(sheet, actor=actor, reason=ReasonClass.BUDGET, note="Anggaran", now=self.now()), expected
        ):
            self.revisions.append(Revision(complete=True))

    @rule(
        who=st.sampled_from(PEOPLE),
        post=st.sampled_from(sorted(POSTS)),
        kind=st.sampled_from([AssignmentKind.PLT, AssignmentKind.PLH]),
        begins=st.integers(0, 1),
        lasts=st.integers(0, 3),
    )
    def appoint(self, who: str, post: str, kind: AssignmentKind, begins: int, lasts: int) -> None:
        start = self.day + timedelta(days=begins)
        end = start + timedelta(days=lasts)
        office.give_post(who, POSTS[post], kind=kind, starts_on=start, ends_on=end)
        self.held.append((who, POSTS[post], start, end))

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)

    @initialize()
    def begin(self) -> None:
        assert self.load().state == "draft"

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        db.session.rollback()
        columns = (
            Sheet.state,
            Sheet.version,
            Sheet.submitted_by_id,
            Sheet.reviewed_by_id,
            Sheet.approved_by_id,
            FrozenCopy.body,
        )
        rows = db.session.execute(
            select(*columns)
            .outerjoin(FrozenCopy, FrozenCopy.sheet_id == Sheet.id)
            .where(Sheet.position_id == self.row)
            .order_by(Sheet.revision)
        ).all()
        assert [(row.state, row.version, row.body) for row in rows] == [
            (each.state, each.version, each.frozen) for each in self.revisions
        ]
        for row in rows:
            signed = [each for each in row[2:5] if each is not None]
            assert len(signed) == len(set(signed))
        states = [row.state for row in rows]
        assert states.count("approved") <= 1
        assert sum(state in ("draft", "submitted", "reviewed") for state in states) <= 1


@pytest.mark.fault
def test_the_portal_does_what_the_model_says(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "live.db"
    shutil.copy(sqlite_template, database)
    app = office.portal(f"sqlite:///{database}")
    with app.app_context():
        # speed only: what is asked here is the workflow, not the disk
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    Office.app, Office.template, Office.database = app, sqlite_template, database
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    with app.app_context():
        assert verify(app.config["IKI"].history_keys).is_whole
        db.session.remove()
        db.engine.dispose()
