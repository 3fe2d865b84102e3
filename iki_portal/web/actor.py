"""The person behind the request."""

from dataclasses import dataclass
from typing import cast

from flask import g
from flask_login import AnonymousUserMixin, UserMixin
from flask_login import current_user as login_user

from iki_portal.domain.policy import Actor


@dataclass(frozen=True)
class User(UserMixin):  # type: ignore[misc]  # Flask-Login is untyped
    """What Flask-Login keeps for the request: plain values, loaded once, detached from the database."""

    token: str
    actor: Actor
    account_name: str
    must_change_password: bool
    must_set_up_second_step: bool = False
    #: Shown in the frame of every page that is not about another year.
    year: int | None = None
    #: Unread notices, shown there too; counted up to a hundred (notices/queries.py).
    unread: int = 0

    def get_id(self) -> str:
        return self.token


#: The signed-in `User`, or Flask-Login's anonymous one.
current_user: User = cast(User, login_user)


def current_actor() -> Actor:
    """Who acts in this request; only for views behind the gate."""
    return current_user.actor


def known_account() -> int | None:
    """The number of the account behind the request if it was asked for anyway; asks no database."""
    user = g.get("_login_user")  # where Flask-Login keeps whom it has loaded
    return user.actor.account_id if isinstance(user, User) else None


def ask_no_more() -> None:
    """For a page about a database that does not answer: who is not known yet stays unknown.

    The page's frame would ask again who this is, and that question must not break the answer.
    """
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()
