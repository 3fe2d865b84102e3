"""Row 15 of the bar: a model of the workflow, written independently, against the portal.

500 runs of 40 steps: people edit, submit, withdraw, review, return, approve and revise, on fresh and on stale pages; Plt. and
Plh. begin, end and are ended early, posts fall vacant; the clock moves, to the seconds around the office's midnight too. After
each step the database, its history and its frozen copies must say what the model says, and the chain must hold.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Integer, bindparam, event, make_url, select, update

from iki_portal.approvals import operations, prints
from iki_portal.auth.queries import actor_of
from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.domain.drafts import IndicatorProposal, StatementProposal
from iki_portal.domain.errors import DomainError, Incomplete, NotAllowed, Outdated, WrongState
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.indicators import operations as writing
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet, seen_sheets, sheets_query
from iki_portal.models import Assignment, Employee, FrozenCopy, HistoryEntry, Position, Sheet
from tests import office
from tests.keeping import Kept, keep

ENOUGH = 500
RUNS = int(os.environ.get("IKI_TEST_RUNS", ENOUGH))
STEPS = 40
#: Clock times of the office; in UTC the first two fall on the day before.
HOURS = (time(0), time(6, 59, 59), time(9), time(23, 59, 59))
POSTS = {"owner": office.OWNER, "reviewer": office.REVIEWER, "approver": office.APPROVER, "head": office.HEAD}
PEOPLE = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, "analis.profesi", "perencana")

# What is asked after each of 20,000 steps is built once, as in the portal itself (docs/decisions/0009-…).
POST = bindparam("post", type_=Integer)
OWNERS_SHEET = sheets_query().where(
    Sheet.position_id == select(Position.id).where(Position.code == office.OWNER).scalar_subquery(),
    Sheet.revision == bindparam("revision", type_=Integer),
)
REVISIONS = (
    select(
        *(Sheet.state, Sheet.version, Sheet.submitted_by_id, Sheet.reviewed_by_id, Sheet.approved_by_id),
        FrozenCopy.body,
    )
    .outerjoin(FrozenCopy, FrozenCopy.sheet_id == Sheet.id)
    .where(Sheet.position_id == POST)
    .order_by(Sheet.revision)
)
ACTS = (
    select(
        *(HistoryEntry.action, HistoryEntry.revision, HistoryEntry.actor_id),
        *(HistoryEntry.acting_position_id, HistoryEntry.acting_kind),
    )
    .join(Sheet, Sheet.id == HistoryEntry.sheet_id)
    .where(Sheet.position_id == POST, HistoryEntry.acting_position_id.is_not(None))
    .order_by(HistoryEntry.number)
)


@dataclass
class Revision:
    """One revision as the model sees it."""

    state: str = "draft"
    version: int = 1
    complete: bool = False
    people: dict[str, str | None] = field(default_factory=lambda: {"submit": None, "review": None, "approve": None})
    frozen: str | None = None


@dataclass
class Term:
    """Somebody holds a post from one day to another, both included."""

    who: str
    post: str
    kind: AssignmentKind
    start: date
    end: date | None = None
    id: int | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


class Office(RuleBasedStateMachine):
    """What the office's rules say, in few words, beside the portal."""

    app: ClassVar[Flask]
    kept: ClassVar[Kept]
    #: What the runs came to, so that a model that gets nowhere fails instead of passing.
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.kept.put_back()
        self.context = self.app.app_context()
        self.context.push()
        self.day = office.today_in_office()
        self.clock = time_machine.travel(self.at(time(9)), tick=False)
        self.traveller = self.clock.start()
        self.held = [Term(code, code, AssignmentKind.DEFINITIVE, date(2000, 1, 1)) for code in PEOPLE]
        self.revisions = [Revision()]
        self.log: list[tuple[str, int, str, str, AssignmentKind]] = []
        self.taken = 0
        self.row = self.load().position_id
        self.ids = {code: person.employee_id for code in PEOPLE if (person := actor_of(code, on=self.day))}
        self.posts = {row.code: row.id for row in db.session.execute(select(Position.code, Position.id))}

    def teardown(self) -> None:
        self.reached.update(self.feats())
        self.clock.stop()
        db.session.remove()
        self.context.pop()

    def at(self, hour: time) -> datetime:
        return datetime.combine(self.day, hour, OFFICE_ZONE)

    def feats(self) -> Counter[str]:
        feats = Counter(step for step, *_ in self.log)
        feats.update(str(kind) for *_, kind in self.log)
        usual = {"review": POSTS["reviewer"], "approve": POSTS["approver"]}
        feats["moved"] = sum(post != usual.get(step, post) for step, _, _, post, _ in self.log)
        feats["steps"] = self.taken
        return feats

    # What the model knows

    def holders(self, post: str) -> set[str]:
        return {term.who for term in self.held if term.post == POSTS[post] and term.covers(self.day)}

    def desk(self, duty: str, sheet: Revision) -> tuple[str, set[str]]:
        """The post at which a duty lies, and who may act there."""
        if duty == "owner":
            return "owner", self.holders("owner")
        barred = self.holders("owner") | {sheet.people["submit"]}
        chain = ["reviewer", "approver", "head"] if duty == "reviewer" else ["approver", "head"]
        if duty == "approver":
            barred |= {sheet.people["review"]}
        for post in chain:
            if not self.holders(post):
                return post, set()
            if free := self.holders(post) - barred:
                return post, free
        return chain[-1], set()

    def capacity(self, who: str, post: str) -> tuple[str, AssignmentKind]:
        """How somebody signs for a post: definitively when they can, else as Plt., else as Plh."""
        kinds = {term.kind for term in self.held if (term.who, term.post) == (who, POSTS[post]) and term.covers(self.day)}
        return POSTS[post], next(kind for kind in AssignmentKind if kind in kinds)

    @property
    def sheet(self) -> Revision:
        return self.revisions[-1]

    def duty_of(self, step: str, sheet: Revision) -> str:
        duties = {"submit": "owner", "withdraw": "owner", "review": "reviewer", "approve": "approver"}
        return duties.get(step) or ("reviewer" if sheet.state == "submitted" else "approver")

    def expected(self, step: str, who: str, sheet: Revision, version: int) -> type[DomainError] | None:
        if version != sheet.version:
            return Outdated
        starts = {"submit": ("draft",), "withdraw": ("submitted",), "review": ("submitted",), "approve": ("reviewed",),
                  "return": ("submitted", "reviewed")}[step]  # fmt: skip
        if sheet.state not in starts:
            return WrongState
        if who not in self.desk(self.duty_of(step, sheet), sheet)[1]:
            return NotAllowed
        return Incomplete if step == "submit" and not sheet.complete else None

    def expected_of_edit(self, who: str, sheet: Revision, version: int) -> type[DomainError] | None:
        if sheet.state != "draft":
            return WrongState
        if who not in self.holders("owner"):
            return NotAllowed
        return Outdated if version != sheet.version else None

    def number(self, back: int) -> int:
        """Of the revision acted on: mostly the newest, sometimes the one before it."""
        return max(len(self.revisions) - (back == 1), 1)

    # What the portal does

    def load(self, revision: int | None = None) -> SeenSheet:
        db.session.rollback()
        rows = db.session.execute(OWNERS_SHEET, {"revision": revision or len(self.revisions)}).all()
        return seen_sheets(rows, on=office.today_in_office())[0]

    def person(self, who: str) -> Actor:
        actor = actor_of(who, on=office.today_in_office())
        assert actor is not None
        return actor

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

    def rows(self, sheet: SeenSheet, *, complete: bool) -> list[StatementProposal]:
        """One statement, never the same twice; with a complete indicator, or with none."""
        first = papers([sheet.id])[sheet.id].statements[0]
        known = first.indicators[0].id if first.indicators else None
        full = IndicatorProposal(
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
        text = f"Naskah {len(self.revisions)}.{self.sheet.version}"
        return [StatementProposal(id=first.id, text=text, indicators=(full,) if complete else ())]

    @rule(who=st.sampled_from(PEOPLE), complete=st.booleans(), late=st.integers(0, 4), back=st.integers(0, 6))
    def edit(self, who: str, complete: bool, late: int, back: int) -> None:
        number = self.number(back)
        model, sheet = self.revisions[number - 1], self.load(number)
        seen, rows, actor = model.version - (late == 0), self.rows(sheet, complete=complete), self.person(who)
        expected = self.expected_of_edit(who, model, seen)
        if self.attempt(lambda: writing.save_sheet(sheet, rows, actor=actor, seen=seen, now=office.now()), expected):
            model.version += 1
            model.complete = complete

    @rule(
        step=st.sampled_from(["submit", "submit", "review", "review", "approve", "approve", "return", "withdraw"]),
        who=st.sampled_from(PEOPLE),
        late=st.integers(0, 6),
        back=st.integers(0, 6),
    )
    def act(self, step: str, who: str, late: int, back: int) -> None:
        number = self.number(back)
        model, sheet = self.revisions[number - 1], self.load(number)
        if late % 3 == 1:  # mostly somebody whose turn it is, so that sheets get somewhere
            who = next(iter(sorted(self.desk(self.duty_of(step, model), model)[1])), who)
        seen = model.version - (late == 0)
        common: dict[str, Any] = {"actor": self.person(who), "seen": seen, "now": office.now()}
        acts = {
            "submit": lambda: operations.submit(sheet, **common),
            "withdraw": lambda: operations.withdraw(sheet, **common),
            "review": lambda: operations.review(sheet, **common),
            "approve": lambda: operations.approve(sheet, **common),
            "return": lambda: operations.return_sheet(sheet, note="Perbaiki.", **common),
        }
        if self.attempt(acts[step], self.expected(step, who, model, seen)):
            self.advance(step, who)

    def advance(self, step: str, who: str) -> None:
        sheet = self.sheet
        signed = who, *self.capacity(who, self.desk(self.duty_of(step, sheet), sheet)[0])
        sheet.version += 1
        sheet.state = {"submit": "submitted", "review": "reviewed", "approve": "approved"}.get(step, "draft")
        if sheet.state == "draft":
            sheet.people = dict.fromkeys(sheet.people)
        else:
            sheet.people[step] = who
        if step == "approve":
            for place, former in enumerate(self.revisions[:-1], start=1):
                if former.state == "approved":
                    former.state, former.version = "superseded", former.version + 1
                    self.log.append(("supersede", place, *signed))
            sheet.frozen = db.session.scalars(select(FrozenCopy.body).where(FrozenCopy.sheet_id == self.load().id)).one()
        self.log.append((step, len(self.revisions), *signed))

    def goes_on(self, chance: int) -> None:
        """The one whose turn it is takes the next step, so that sheets get somewhere and staff changes meet them there."""
        state = self.sheet.state
        duty = {"draft": "owner", "approved": "owner", "submitted": "reviewer", "reviewed": "approver"}[state]
        entitled = sorted(self.desk(duty, self.sheet)[1]) or list(PEOPLE)
        who = entitled[chance % len(entitled)]
        if state == "approved":
            self.revise(who, back=0)
        elif state == "draft" and not self.sheet.complete:
            self.edit(who, complete=True, late=1, back=0)
        else:
            self.act({"draft": "submit", "submitted": "review", "reviewed": "approve"}[state], who, late=2, back=0)

    @rule(chance=st.integers(0, 9))
    def next_step(self, chance: int) -> None:
        self.goes_on(chance)

    @rule(withdrawn=st.booleans(), chance=st.integers(0, 9))
    def step_back(self, withdrawn: bool, chance: int) -> None:
        """Whoever may take a proposal back, or send it back, does so."""
        step = "withdraw" if withdrawn else "return"
        entitled = sorted(self.desk(self.duty_of(step, self.sheet), self.sheet)[1]) or list(PEOPLE)
        if self.sheet.state in ("submitted", "reviewed"):
            self.act(step, entitled[chance % len(entitled)], late=2, back=0)

    @rule(first=st.integers(0, 9), second=st.integers(0, 9))
    def two_steps(self, first: int, second: int) -> None:
        self.goes_on(first)
        self.goes_on(second)

    @rule(who=st.sampled_from(PEOPLE), back=st.integers(0, 3))
    def revise(self, who: str, back: int) -> None:
        number = self.number(back)
        sheet, actor = self.load(number), self.person(who)
        expected: type[DomainError] | None = None
        if self.sheet.state != "approved" or number != len(self.revisions):
            expected = WrongState
        elif who not in self.holders("owner") | self.holders("approver"):
            expected = NotAllowed
        common: dict[str, Any] = {"reason": ReasonClass.BUDGET, "note": "Anggaran", "now": office.now()}
        if self.attempt(lambda: operations.revise(sheet, actor=actor, **common), expected):
            self.revisions.append(Revision(complete=True))
            post = "owner" if who in self.holders("owner") else "approver"
            self.log.append(("revise", len(self.revisions), who, *self.capacity(who, post)))

    @rule(
        who=st.sampled_from(PEOPLE),
        post=st.sampled_from(sorted(POSTS)),
        kind=st.sampled_from([AssignmentKind.PLT, AssignmentKind.PLH]),
        begins=st.integers(0, 1),
        lasts=st.integers(0, 3),
    )
    def appoint(self, who: str, post: str, kind: AssignmentKind, begins: int, lasts: int) -> None:
        start = self.day + timedelta(days=begins)
        term = Term(who, POSTS[post], kind, start, start + timedelta(days=lasts))
        with office.transaction():
            person, place = db.session.get_one(Employee, self.ids[who]), db.session.get_one(Position, self.posts[term.post])
            term.id = office.assign(person, place, kind=kind, starts_on=term.start, ends_on=term.end).id
        self.held.append(term)

    @rule(which=st.integers(0, 30), today=st.booleans(), definitive=st.integers(0, 7))
    def end(self, which: int, today: bool, definitive: int) -> None:
        """A mandate ends with this day, or is taken back with yesterday; now and then a definitive one."""
        terms = [each for each in self.held if (each.kind is AssignmentKind.DEFINITIVE) is (definitive == 1)]
        terms = [each for each in terms if each.covers(self.day) and each.start < self.day]
        if not terms:
            return
        self.dismiss(terms[which % len(terms)], self.day - timedelta(days=not today))

    def dismiss(self, term: Term, last: date) -> None:
        term.end = last
        row = Assignment.id == term.id if term.id else Assignment.kind == AssignmentKind.DEFINITIVE
        mine = Assignment.employee_id == self.ids[term.who], Assignment.position_id == self.posts[term.post]
        with office.transaction():
            db.session.execute(update(Assignment).where(row, *mine).values(ends_on=last))

    @rule(chance=st.integers(0, 9), leaves=st.booleans())
    def a_signer_tries_from_the_next_post(self, chance: int, leaves: bool) -> None:
        """Who has signed becomes Plt. of the post that decides next, perhaps leaving his own, and tries to sign again."""
        signers = [who for who in self.sheet.people.values() if who]
        if self.sheet.state not in ("submitted", "reviewed"):
            return
        who = signers[chance % len(signers)]
        step, post = ("review", "reviewer") if self.sheet.state == "submitted" else ("approve", "approver")
        for term in [each for each in self.held if each.who == who and each.covers(self.day) and each.start < self.day]:
            if leaves:
                self.dismiss(term, self.day - timedelta(days=1))
        self.appoint(who, post, AssignmentKind.PLT, begins=0, lasts=1)
        self.act(step, who, late=2, back=0)

    @rule(days=st.integers(0, 3), hour=st.sampled_from(HOURS))
    def time_passes(self, days: int, hour: time) -> None:
        self.day += timedelta(days=days)
        self.traveller.move_to(self.at(hour))
        assert office.today_in_office() == self.day

    @initialize()
    def begin(self) -> None:
        assert self.load().state == "draft"

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        db.session.rollback()
        rows = db.session.execute(REVISIONS, {"post": self.row}).all()
        assert [(row.state, row.version, row.body) for row in rows] == [
            (each.state, each.version, each.frozen) for each in self.revisions
        ]
        for row, model in zip(rows, self.revisions, strict=True):
            signed = [None if name is None else self.ids[name] for name in model.people.values()]
            assert list(row[2:5]) == signed
            assert len(set(filter(None, signed))) == 3 - signed.count(None)
        states = [row.state for row in rows]
        assert states.count("approved") <= 1
        assert sum(state in ("draft", "submitted", "reviewed") for state in states) <= 1

    @invariant()
    def the_history_says_who_acted_for_which_post_and_how(self) -> None:
        rows = db.session.execute(ACTS, {"post": self.row}).all()
        assert [tuple(row) for row in rows] == [
            (step, revision, self.ids[who], self.posts[post], kind) for step, revision, who, post, kind in self.log
        ]

    @invariant()
    def the_chain_holds(self) -> None:
        self.taken += 1
        assert verify(self.app.config["IKI"].history_keys).is_whole


@pytest.mark.fault
def test_the_portal_does_what_the_model_says(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # what is asked here is the workflow: a print is kept with every approval, the paper on it is looked at elsewhere
    monkeypatch.setattr(prints, "sheet_pdf", lambda sheet, **_more: repr(sheet).encode())
    app, Office.kept = office.portal(url), keep(make_url(url))
    hasten = "PRAGMA synchronous=OFF" if url.startswith("sqlite") else "SET SESSION synchronous_commit = off; COMMIT"
    with app.app_context():
        # speed only: what is asked here is the workflow, not the disk
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute(hasten))
    Office.app = app
    Office.reached.clear()
    try:
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
    finally:
        Office.kept.close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    feats = ("submit", "withdraw", "review", "return", "approve", "revise", "supersede", "plt", "plh", "moved")
    shallow = {feat: Office.reached[feat] for feat in feats if Office.reached[feat] < RUNS // 50}
    assert not shallow or RUNS < ENOUGH, f"the runs hardly came to {shallow}: make the rules of the model lead there"
