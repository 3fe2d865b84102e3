"""Who may sign in, and the sessions that are open. What an account may do comes from assignments, not from here."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime


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
    password_hash: Mapped[str] = mapped_column(String(200))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"), unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInSession(Base):
    """One signed-in browser. A copied cookie dies with its row: at sign-out, password change, lock, deactivation."""

    __tablename__ = "sign_in_session"

    #: SHA-256 of the token in the cookie: a leaked database opens no session.
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str] = mapped_column(String(40), default="")
