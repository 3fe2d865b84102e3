"""How many notices are unread, and where somebody gets e-mail."""

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select

from iki_portal.domain.mail import MailChoice
from iki_portal.domain.policy import Actor
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, Notice

#: More are not counted: "99+" says enough, and a page costs the same however many there are.
MOST_COUNTED = 100


def unread_of_account() -> ScalarSelect[int]:
    """In SQL: the unread notices of an account's person, up to `MOST_COUNTED`; for the statement that every page asks."""
    unread = select(Notice.id).where(Notice.employee_id == Account.employee_id, Notice.read_at.is_(None))
    some = unread.limit(MOST_COUNTED).correlate(Account).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


@dataclass(frozen=True, slots=True)
class MailSetting:
    address: str
    choice: MailChoice


def mail_setting(actor: Actor) -> MailSetting | None:
    """Where e-mail goes and which; None for an operator, who gets none."""
    query = select(Account.mail_choice, Employee.email).join(Employee, Employee.id == Account.employee_id)
    row = db.session.execute(query.where(Account.id == actor.account_id)).one_or_none()
    return MailSetting(row.email, row.mail_choice) if row else None
