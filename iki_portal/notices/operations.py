"""Telling people, and what they do with it. `tell` writes in the caller's transaction: a step that is refused tells nobody."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Insert, Select, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from iki_portal.config import Settings
from iki_portal.domain.errors import NotFound
from iki_portal.domain.mail import MAIL_CHOICE_WORDS, MailChoice
from iki_portal.domain.notices import ASKING, ASKING_OF_REPORTS, OF_TALKS, URGENT
from iki_portal.domain.policy import Actor
from iki_portal.domain.trail import TrailAction
from iki_portal.extensions import Base, db
from iki_portal.history.trail import Event, note
from iki_portal.models import Account, Employee, Notice, OutgoingMail
from iki_portal.models.columns import LARGEST_ID
from iki_portal.models.parameters import IDS
from iki_portal.notices.letters import Letter, letter_of, message_id
from iki_portal.notices.news import News


@cache
def _insert_once(dialect: str, table: Table) -> Insert:
    """An insertion that leaves alone what is there already."""
    statement: Insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table).on_conflict_do_nothing()
    return statement


def add_new(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows that are not there yet, in one statement."""
    db.session.execute(_insert_once(db.engine.dialect.name, Base.metadata.tables[model.__tablename__]), rows)


def is_first(row: Base) -> bool:
    """Write the row; False when it was there already. Of two who try at once the database lets one be first."""
    table = Base.metadata.tables[row.__tablename__]
    keys = {column.name: getattr(row, column.name) for column in table.columns}
    inserted = _insert_once(db.engine.dialect.name, table).returning(*table.primary_key.columns)
    return db.session.execute(inserted, keys).first() is not None


def tell(news: Sequence[News], *, now: datetime) -> None:
    """Write a notice for each, and a mail for those who want one at once."""
    if not news:
        return
    ordered = sorted(
        news, key=lambda each: (each.employee_id, each.key)
    )  # everybody writes in one order: nobody waits crosswise
    add_new(Notice, [_notice(each, now) for each in ordered])
    if mails_are_sent():
        choices = mail_choices({each.employee_id for each in ordered})
        post([letter_of(each) for each in ordered if _goes_at_once(each, choices)], now=now)


def _notice(news: News, now: datetime) -> dict[str, Any]:
    return {
        "employee_id": news.employee_id,
        "key": news.key,
        "kind": news.kind,
        "sheet_id": news.sheet_id,
        "position_id": news.position_id,
        "year": news.about.year,
        "day": news.about.day,
        "created_at": now,
        "read_at": None,
    }


def _goes_at_once(news: News, choices: dict[int, MailChoice]) -> bool:
    choice = choices.get(news.employee_id, MailChoice.NONE)
    return choice is MailChoice.EACH or (choice is MailChoice.DAILY and news.kind in URGENT)


def mails_are_sent() -> bool:
    """Whether this portal has a mail server; without one no mail is ever owed."""
    settings: Settings = current_app.config["IKI"]
    return bool(settings.smtp_url)


@cache
def _choices() -> Select[*tuple[Any, ...]]:
    return (
        select(Account.employee_id, Account.mail_choice)
        .join(Employee, Employee.id == Account.employee_id)
        .where(Account.employee_id.in_(IDS), Account.is_active, Employee.email != "")
    )


def mail_choices(employee_ids: Collection[int]) -> dict[int, MailChoice]:
    """What those people chose, without those who have no account or no address."""
    rows = db.session.execute(_choices(), {"ids": sorted(employee_ids)}) if employee_ids else ()
    return {row.employee_id: row.mail_choice for row in rows}


def post(letters: Sequence[Letter], *, now: datetime) -> None:
    """Put letters into the outbox; they leave with the next `iki send-mail`."""
    settings: Settings = current_app.config["IKI"]
    rows = [
        {
            "employee_id": each.employee_id,
            "key": each.key,
            "message_id": message_id(each, now, sender=settings.mail_from),
            "subject": each.subject,
            "body": each.body,
            "created_at": now,
            "attempts": 0,
            "next_try_at": now,
            "last_error": "",
        }
        for each in letters
    ]
    if rows:
        add_new(OutgoingMail, rows)


def settle(sheet_id: int, *, actor: Actor, now: datetime) -> None:
    """A step was taken on the sheet: what asked for one is dealt with, and whoever acted has seen all of it."""
    asked = Notice.kind.in_(sorted(ASKING))
    _read((Notice.sheet_id == sheet_id) & (asked | (Notice.employee_id == actor.employee_id)), now=now)


def settle_report(sheet_id: int, quarter_begins_on: date, *, now: datetime) -> None:
    """The same of the report of a quarter."""
    asked = Notice.kind.in_(sorted(ASKING_OF_REPORTS)) & (Notice.day == quarter_begins_on)
    _read((Notice.sheet_id == sheet_id) & asked, now=now)


def settle_talk(sheet_id: int, keys: str, *, now: datetime) -> None:
    """The same of a talk on the sheet, whose notices have keys that begin with `keys`."""
    told = Notice.kind.in_(sorted(OF_TALKS)) & Notice.key.startswith(keys, autoescape=True)
    _read((Notice.sheet_id == sheet_id) & told, now=now)


def read_notice(notice_id: int, *, actor: Actor, now: datetime) -> Notice:
    """Mark one of one's own as read, and return it; raises `NotFound` for anybody else's."""
    own = select(Notice).where(Notice.id == notice_id, Notice.employee_id == actor.employee_id)
    found = db.session.scalar(own) if 0 < notice_id <= LARGEST_ID else None
    if found is None:
        raise NotFound("Pemberitahuan ini tidak ada, atau bukan untuk Anda.")
    found.read_at = found.read_at or now
    return found


def read_all(*, actor: Actor, up_to: int, now: datetime) -> None:
    """Mark as read what stood on the page: not what has come since."""
    _read((Notice.employee_id == actor.employee_id) & (Notice.id <= min(up_to, LARGEST_ID)), now=now)


def _read(which: ColumnElement[bool], *, now: datetime) -> None:
    """Rows are taken in one order, so that two who read and settle at once do not wait for each other."""
    unread = select(Notice.id).where(Notice.read_at.is_(None), which).order_by(Notice.id).with_for_update()
    query = update(Notice).where(Notice.id.in_(unread)).values(read_at=bindparam("moment", type_=Notice.read_at.type))
    db.session.execute(query, {"moment": now}, execution_options={"synchronize_session": False})


def choose_mail(choice: MailChoice, *, actor: Actor, now: datetime) -> None:
    """Which e-mail somebody wants; their own account and nobody else's."""
    account = db.session.get_one(Account, actor.account_id, with_for_update=True)
    if account.mail_choice is choice:
        return
    account.mail_choice = choice
    db.session.flush()
    note(Event(action=TrailAction.MAIL_CHOICE, at=now, note=MAIL_CHOICE_WORDS[choice]), actor)
