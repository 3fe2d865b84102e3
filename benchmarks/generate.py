"""Databases to measure on: the office with its 20 sheets under way, and the same office grown to thousands.

The grown one has many more bidang, each with a Kabid and 248 Analis, all in the same year and under the same Sekretaris: the
worst case for a list, an inbox, and the question who may see what. Another one has ten thousand employees, each in a post.
"""

import json
from datetime import timedelta

import flask_migrate
from flask import Flask
from sqlalchemy import func, insert, select, update

from iki_portal.approvals.content import Copy, freeze
from iki_portal.documents.paper import canonical, content, digest
from iki_portal.domain.codes import new_code
from iki_portal.domain.office import PositionKind, UnitKind
from iki_portal.domain.people import AssignmentKind, EmployeeKind
from iki_portal.domain.targets import Aggregation, Polarity
from iki_portal.domain.workflow import State, Step
from iki_portal.extensions import db
from iki_portal.history.operations import Act, Author, record
from iki_portal.indicators.answering import recount_all
from iki_portal.indicators.papers import papers
from iki_portal.models import Assignment, Employee, Indicator, Position, Sheet, SheetContent, Statement, Unit
from iki_portal.web.transaction import transaction
from tests import office

POSTS_IN_A_UNIT = 249
#: First names of those who are hired.
NAMES = ("Agus", "Bambang", "Dewi", "Endang", "Fitri", "Hadi", "Indah", "Joko", "Lestari", "Rahmawati", "Slamet", "Yuliana")
#: Who reads. Each has an inbox that is not empty; all but the Sekretaris' stay as they are when the office grows.
READERS = {
    "Sekretaris": office.APPROVER,
    "Kepala Bidang": office.REVIEWER,
    "Kepala Badan": office.HEAD,
    "Analis": office.OWNER,
}
#: Whose sheets wait for the Kepala Bidang and the Kepala Badan; everybody else's for the Sekretaris.
TO_REVIEW, TO_APPROVE = "analis.profesi", office.OTHER_REVIEWER


def furnish(url: str) -> Flask:
    """The office as `make demo` has it, every sheet but the Sekretaris' own submitted, those of the Analis reviewed."""
    app = office.portal(url)
    with app.app_context():
        flask_migrate.upgrade()
        office.furnish()
        codes = db.session.scalars(
            select(Position.code).where(Position.approver_id.is_not(None)).order_by(Position.order)
        ).all()
        for code in codes:
            if code != office.APPROVER:
                is_reviewed = code == TO_APPROVE or (code.startswith("analis") and code != TO_REVIEW)
                office.bring_to("reviewed" if is_reviewed else "submitted", code)
    return app


def grow(app: Flask, sheets: int) -> None:
    """Add posts, people and sheets until the year has `sheets` of them."""
    with app.app_context(), transaction():
        missing = sheets - len(db.session.scalars(select(Sheet.id)).all())
        for number in range(missing // POSTS_IN_A_UNIT):
            _add_unit(number)
        db.session.flush()
        _submit_and_decide()
        recount_all()


def _add_unit(number: int) -> None:
    head = db.session.scalars(select(Position).where(Position.kind == PositionKind.HEAD)).one()
    secretary = db.session.scalars(select(Position).where(Position.kind == PositionKind.SECRETARY)).one()
    unit = Unit(**_unit(number))
    db.session.add(unit)
    db.session.flush()
    chief: Position | None = None
    for place in range(POSTS_IN_A_UNIT):
        order = 1000 + number * POSTS_IN_A_UNIT + place
        post = Position(
            code=f"contoh.{number}.{place}",
            given_title="Analis Kepegawaian Muda" if chief else f"Kepala Bidang Contoh {number}",
            given_area=f"Contoh {number}.{place}" if chief else "",
            kind=PositionKind.STAFF if chief else PositionKind.DIVISION_HEAD,
            unit_id=unit.id,
            superior_id=chief.id if chief else head.id,
            reviewer_id=chief.id if chief else secretary.id,
            approver_id=secretary.id if chief else head.id,
            order=order,
            main_duty="Membantu pelaksanaan tugas bidang.",
        )
        db.session.add(post)
        db.session.flush()
        chief = chief or post
        _add_holder(post, order)
        _add_sheet(post, order)


def _add_holder(post: Position, order: int) -> None:
    employee = Employee(
        name=f"Pegawai Contoh {order}", degrees_before="", degrees_after="", kind=EmployeeKind.PNS, identifier=None, rank=None
    )
    db.session.add(employee)
    db.session.flush()
    starts_on = office.now().date() - timedelta(days=100)
    held = Assignment(
        employee_id=employee.id,
        position_id=post.id,
        kind=AssignmentKind.DEFINITIVE,
        starts_on=starts_on,
        ends_on=None,
        decree="",
    )
    db.session.add(held)


def _add_sheet(post: Position, order: int) -> None:
    figures = {f"quarter_{quarter}": 1 for quarter in range(1, 5)}
    db.session.add(
        Sheet(
            year=office.YEAR,
            position_id=post.id,
            heading=post.title.upper(),
            order=order,
            reviewer_id=post.reviewer_id,
            approver_id=post.approver_id,
            changed_at=office.now(),
            changed_by="Dokumen kantor",
            statements=[
                Statement(
                    number=number,
                    text="Meningkatnya Fasilitasi Penyusunan Rencana Kebutuhan, Jenis dan Jumlah Jabatan",
                    indicators=[
                        Indicator(
                            order=1,
                            text="Jumlah Dokumen Hasil Penyusunan Rencana Kebutuhan, Jenis dan Jumlah Jabatan",
                            formula="Jumlah dokumen yang disahkan",
                            source="Bidang",
                            unit_of_measure="dokumen",
                            polarity=Polarity.MAXIMIZE,
                            aggregation=Aggregation.SUM,
                            target=office.Decimal(4),
                            **{name: office.Decimal(value) for name, value in figures.items()},
                        )
                    ],
                )
                for number in (1, 2, 3)
            ],
        )
    )


def hire(app: Flask, employees: int) -> None:
    """Add units and posts without sheets, each with its holder, until there are that many employees."""
    with app.app_context(), transaction():
        first, boss = (db.session.scalar(select(func.max(row.id))) or 0 for row in (Employee, Position))
        day = office.now().date() - timedelta(days=100)
        people, held_posts, held = [], [], []
        for number in range(employees - first):
            unit, place = divmod(number, POSTS_IN_A_UNIT)
            facts = {"kind": EmployeeKind.PNS, "identifier": f"{199001012015000000 + number}", "rank": "III/c"}
            people.append({"id": first + number + 1, "name": f"{NAMES[number % len(NAMES)]} Contoh {number}", **facts})
            post = {"id": boss + number + 1, "code": f"contoh.{unit}.{place}", "given_title": "Analis Kepegawaian Muda"}
            post |= {
                "given_area": f"{unit}.{place}",
                "kind": PositionKind.STAFF,
                "unit_id": 1000 + unit,
                "order": 1000 + number,
            }
            held_posts.append(post | {"superior_id": boss + unit * POSTS_IN_A_UNIT + 1 if place else 1})
            term = {"kind": AssignmentKind.DEFINITIVE, "starts_on": day}
            held.append({"employee_id": first + number + 1, "position_id": boss + number + 1, **term})
        units = range(len(people) // POSTS_IN_A_UNIT + 1)
        db.session.execute(insert(Unit), [_unit(number) | {"id": 1000 + number} for number in units])
        for table, rows in ((Employee, people), (Position, held_posts), (Assignment, held)):
            db.session.execute(insert(table), rows)


def _unit(number: int) -> dict[str, object]:
    names = {"given_name": f"Bidang Contoh {number}", "given_short_name": f"Contoh {number}"}
    return {"code": f"contoh.{number}", **names, "kind": UnitKind.DIVISION, "superior_id": 1, "order": 100 + number}


def _submit_and_decide() -> None:
    """Of every ten Analis: three stay drafts, three are submitted, three reviewed, one approved; a Kabid's stays a draft."""
    drafts = db.session.execute(
        select(Sheet.id, Sheet.position_id, Sheet.reviewer_id, Sheet.approver_id)
        .join(Position, Position.id == Sheet.position_id)
        .where(Sheet.state == State.DRAFT, Sheet.order >= 1000, Position.kind == PositionKind.STAFF)
        .order_by(Sheet.order)
    ).all()
    holders = {
        row.position_id: row.employee_id for row in db.session.execute(select(Assignment.position_id, Assignment.employee_id))
    }
    for start in range(0, len(drafts), 500):
        batch = drafts[start : start + 500]
        texts = papers([row.id for row in batch])
        for place, row in enumerate(batch):
            people = (holders[row.position_id], holders[row.reviewer_id], holders[row.approver_id])
            _walk(row.id, canonical(content(texts[row.id])), people, steps=(0, 0, 0, 1, 1, 1, 2, 2, 2, 3)[place % 10])


def _copy(sheet_id: int, body: str) -> Copy:
    """A frozen copy with the same signers on every sheet."""
    signer = {
        "full_name": "Pegawai Contoh",
        "kind": "pns",
        "identifier": None,
        "rank": None,
        "title": "Sekretaris",
        "on": "2026-11-24",
    }
    more = {"office": {}, "portal_address": "", "register": f"{office.YEAR}-X{sheet_id}", "code": new_code()}
    signed = dict.fromkeys(("proposed", "reviewed", "approved"), signer)
    whole = canonical({**json.loads(body), **signed, **more})
    return Copy(whole, digest(whole), str(more["register"]), str(more["code"]))


def _walk(sheet_id: int, body: str, people: tuple[int, int, int], *, steps: int) -> None:
    now, content_hash = office.now(), digest(body)
    copy = _copy(sheet_id, body)
    if steps and db.session.get(SheetContent, content_hash) is None:
        db.session.execute(insert(SheetContent).values(hash=content_hash, body=body, stored_at=now))
    paper = json.loads(body)
    approved = {
        "approved_by_id": people[2],
        "approved_at": now,
        "approved_title": paper["position"],
        "approved_unit": paper["unit"],
    }
    moves = (
        (
            Step.SUBMIT,
            State.DRAFT,
            State.SUBMITTED,
            {"submitted_by_id": people[0], "submitted_at": now, "content_hash": content_hash},
        ),
        (Step.REVIEW, State.SUBMITTED, State.REVIEWED, {"reviewed_by_id": people[1], "reviewed_at": now}),
        (Step.APPROVE, State.REVIEWED, State.APPROVED, approved),
    )
    for version, (step, before, after, columns) in enumerate(moves[:steps], start=2):
        db.session.execute(update(Sheet).where(Sheet.id == sheet_id).values(state=after, version=version, **columns))
        act = Act(
            action=step,
            year=office.YEAR,
            at=now,
            sheet_id=sheet_id,
            revision=1,
            from_state=before,
            to_state=after,
            sheet_version=version,
            content_hash=copy.sha256 if step is Step.APPROVE else content_hash,
        )
        number = record(act, Author(people[version - 2], "Pegawai Contoh"))
        if step is Step.APPROVE:
            freeze(copy, sheet_id, history_number=number, now=now)
