"""Data saya: what the portal holds of the person who asks, and what was done with it (UU 27/2022, right of access)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select

from iki_portal.auth import queries
from iki_portal.auth.queries import SignInLine
from iki_portal.domain.appointments import format_span
from iki_portal.domain.dates import format_date, format_datetime
from iki_portal.domain.dialogue import CELL_WORDS, TalkText
from iki_portal.domain.people import ASSIGNMENT_KIND_WORDS, EMPLOYEE_KIND_WORDS, format_identifier, format_rank
from iki_portal.domain.policy import Actor
from iki_portal.extensions import db
from iki_portal.history import own_acts
from iki_portal.history.wording import WordedLine, worded
from iki_portal.models import Account, Assignment, Employee, Position, Talk, TalkWriting

#: On the page; the file holds more.
SHOWN = 20
MOST = 5000


@dataclass(frozen=True, slots=True)
class OwnTalk:
    """A talk that the reader took part in, with the text that stands now."""

    id: int
    sheet_id: int
    name: str
    text: TalkText
    is_closed: bool


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything, in the order of the page. Facts are pairs of a name and a value."""

    person: list[tuple[str, str]]
    assignments: list[tuple[str, str]]
    account: list[tuple[str, str]]
    talks: list[OwnTalk]
    sign_ins: list[SignInLine]
    by: list[WordedLine]
    about: list[WordedLine]
    downloads: list[WordedLine]


def own_data(actor: Actor, *, token: str, now: datetime, longest: timedelta, most: int = SHOWN) -> OwnData:
    """What is held of `actor`, at most so many acts of each kind, the newest first."""
    return OwnData(
        person=_person(actor.employee_id),
        assignments=_assignments(actor.employee_id),
        account=_account(actor.account_id),
        talks=_talks(actor.employee_id, most=most),
        sign_ins=queries.sign_ins(actor.account_id, token=token, now=now, longest=longest),
        by=[worded(line) for line in own_acts.acts_by(actor, most=most)],
        about=[worded(line) for line in own_acts.acts_about(actor, most=most)],
        downloads=[worded(line) for line in own_acts.downloads_naming(actor, most=most)],
    )


def _person(employee_id: int | None) -> list[tuple[str, str]]:
    if employee_id is None:
        return []
    row = db.session.get_one(Employee, employee_id)
    return [
        ("Nama", row.full_name),
        ("Jenis", EMPLOYEE_KIND_WORDS[row.kind]),
        ("NIP atau NI PPPK", format_identifier(row.identifier) if row.identifier else "belum diisi"),
        ("Pangkat, golongan", format_rank(row.kind, row.rank) or "belum diisi"),
        ("Surel", row.email or "belum diisi"),
    ]


def _assignments(employee_id: int | None) -> list[tuple[str, str]]:
    if employee_id is None:
        return []
    query = (
        select(Assignment, Position)
        .join(Position, Position.id == Assignment.position_id)
        .where(Assignment.employee_id == employee_id)
        .order_by(Assignment.starts_on.desc(), Assignment.id.desc())
    )
    return [(f"{ASSIGNMENT_KIND_WORDS[row.kind]}: {post.name}", _term(row)) for row, post in db.session.execute(query).all()]


def _term(row: Assignment) -> str:
    if row.is_cancelled:
        return "dibatalkan"
    decree = f"; {row.decree}" if row.decree else ""
    return format_span(row.starts_on, row.ends_on) + decree


def _talks(employee_id: int | None, *, most: int) -> list[OwnTalk]:
    """Newest first; whatever posts the two hold now."""
    if employee_id is None:
        return []
    query = (
        select(Talk, TalkWriting)
        .join(TalkWriting, and_(TalkWriting.talk_id == Talk.id, TalkWriting.version == Talk.version))
        .where(or_(Talk.owner_id == employee_id, Talk.superior_id == employee_id))
        .order_by(TalkWriting.held_on.desc(), Talk.id.desc())
        .limit(most)
    )
    return [_own_talk(talk, row) for talk, row in db.session.execute(query).all()]


def _own_talk(talk: Talk, row: TalkWriting) -> OwnTalk:
    text = TalkText(**{name: getattr(row, name) for name in TalkText._fields})
    name = f"{format_date(row.held_on)}: {talk.owner_name} dan {talk.superior_name}"
    closed = talk.owner_confirmed_at is not None and talk.superior_confirmed_at is not None
    return OwnTalk(talk.id, talk.sheet_id, name, text, closed)


def _account(account_id: int) -> list[tuple[str, str]]:
    row = db.session.get_one(Account, account_id)
    return [
        ("Nama masuk", row.name),
        ("Dibuat", format_datetime(row.created_at)),
        ("Sandi", "hanya hasil acaknya yang disimpan; sandinya sendiri tidak dapat dibaca siapa pun"),
        ("Verifikasi dua langkah", "menyala" if row.otp_salt else "mati"),
    ]


def rows_of(data: OwnData) -> Iterator[tuple[str, str, str, str]]:
    """The same as rows of a table: part, when, what, remark."""
    for part, facts in (("Data pegawai", data.person), ("Penugasan", data.assignments), ("Akun", data.account)):
        for name, value in facts:
            yield part, "", name, value
    for talk in data.talks:
        yield from _talk_rows(talk)
    for each in data.sign_ins:
        yield "Riwayat masuk", format_datetime(each.began_at), each.browser, each.address
    for part, lines in (
        ("Tindakan oleh saya", data.by),
        ("Tindakan tentang saya", data.about),
        ("Unduhan yang memuat nama saya", data.downloads),
    ):
        for row in lines:
            line = row.line
            remark = "; ".join(text for text in (line.sheet, line.note, f"nomor {line.number}") if text)
            yield part, format_datetime(line.place.at), f"{line.who}: {row.said}", remark


def _talk_rows(talk: OwnTalk) -> Iterator[tuple[str, str, str, str]]:
    for cell, word in CELL_WORDS.items():
        if value := getattr(talk.text, cell):
            yield "Dialog kinerja", "", talk.name, f"{word}: {format_date(value) if isinstance(value, date) else value}"
