"""Who may sign in, and the sessions that are open. What an account may do comes from assignments, not from here."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.mail import MailChoice
from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime, word


class Account(Base):
    """An employee's account, or an operator's: never both, so that an operator holds no post (invariant 7)."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("is_operator = (employee_id IS NULL)", name="one_role"),
        CheckConstraint("name = lower(name)", name="lower_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    #: Empty until the account is activated: then no password opens it.
    password_hash: Mapped[str] = mapped_column(String(200))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"), unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    #: Locks in a row: each lasts longer than the one before.
    locks: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Of the one-time activation code; empty when none is out.
    activation_hash: Mapped[str] = mapped_column(String(200), default="")
    activation_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What the secret of the second step is derived from (auth/second_step.py), and with which key; empty: it is off.
    otp_salt: Mapped[str] = mapped_column(String(32), default="")
    otp_key_id: Mapped[str] = mapped_column(String(8), default="")
    #: The last half minute whose code was taken: no code is taken twice.
    otp_last_step: Mapped[int] = mapped_column(default=0)
    #: Counts where the employee has an address.
    mail_choice: Mapped[MailChoice] = mapped_column(word(MailChoice, "mail_choice"), default=MailChoice.DAILY)
    #: Moves with each act of an operator, so that a page that is sent twice acts once.
    version: Mapped[int] = mapped_column(default=1)


class RecoveryCode(Base):
    """One way in for who has lost the telephone; the row goes when it is used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: HMAC under the account's secret, which the database does not hold.
    code_hash: Mapped[str] = mapped_column(String(64))


class SignInSession(Base):
    """One signed-in browser. A copied cookie dies with its row: at sign-out, password change, lock, deactivation."""

    __tablename__ = "sign_in_session"

    #: SHA-256 of the token in the cookie: a leaked database opens no session.
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str] = mapped_column(String(40), default="")
    #: The password was right and the code of the second step is still to come: opens nothing.
    awaits_code: Mapped[bool] = mapped_column(default=False)
    #: Personal data: the row is removed after 90 days (domain/accounts.py).
    address: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    #: The assignment by which this browser's person chose to act; None, or one not in force any more: by every one.
    acting_as_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
