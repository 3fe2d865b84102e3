"""Who may knock at which door. Signed in by default; a view without a mark stops the portal from starting."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.domain.policy import Permission, demand_permission
from iki_portal.web.actor import current_actor, current_user
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

#: Views of libraries, which cannot carry a mark: files that everybody may fetch.
LIBRARY_FILES = frozenset({"static", "bootstrap.static"})
#: The only doors open to somebody who must change the password first.
BEFORE_PASSWORD_CHANGE = frozenset({"auth.change_password", "auth.sign_out"})
#: The only doors open to an operator who must set up the second step first.
BEFORE_SECOND_STEP = frozenset({"auth.second_step_of_own", "auth.sign_out"})


@dataclass(frozen=True)
class Access:
    """What a view declares: open to everybody, or to those who have `permission`."""

    permission: Permission | None

    @property
    def is_public(self) -> bool:
        return self.permission is None


class UndeclaredAccess(Exception):
    """A view says nothing about who may use it."""


def public(view: View) -> View:
    """Open to people who are not signed in: sign-in, files, health."""
    view.__dict__["access"] = Access(None)
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Open to those whom `domain/policy.py` grants `permission`."""

    def mark(view: View) -> View:
        view.__dict__["access"] = Access(permission)
        return view

    return mark


def declared(app: Flask, endpoint: str) -> Access | None:
    if endpoint in LIBRARY_FILES:
        return Access(None)
    return getattr(app.view_functions[endpoint], "access", None)


def demand_declarations(app: Flask) -> None:
    """Raise `UndeclaredAccess` unless every endpoint carries a mark (put it *below* the route decorator)."""
    silent = sorted(endpoint for endpoint in app.view_functions if declared(app, endpoint) is None)
    if silent:
        raise UndeclaredAccess(f"add @public or @requires(...) below the route of: {', '.join(silent)}")


def gate() -> ResponseReturnValue | None:
    """Runs before every view, and before the form token is checked: a stranger is asked to sign in first."""
    if request.endpoint is None:
        return None
    access = declared(current_app, request.endpoint)
    if access is None or access.is_public:
        return None
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if current_user.must_change_password and request.endpoint not in BEFORE_PASSWORD_CHANGE:
        return redirect(url_for("auth.change_password"))
    if _lacks_second_step() and request.endpoint not in BEFORE_SECOND_STEP:
        return redirect(url_for("auth.second_step_of_own"))
    if access.permission is not None:
        demand_permission(current_actor(), access.permission)
    return None


def _lacks_second_step() -> bool:
    """The password comes first: an operator who must change both is led from one page to the other."""
    return current_user.must_set_up_second_step and not current_user.must_change_password


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send a reader to the sign-in page; give a writer the same page with what they typed carried along."""
    log_refusal("not signed in", status=401 if request.method not in SAFE_METHODS else 302)
    g.pop("actor", None)
    if request.method in SAFE_METHODS:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("auth.sign_in", next=target if target != "/" else None))
    page: ResponseReturnValue = current_app.extensions["iki_ask_to_sign_in"]()
    return page
