"""How large a request may be: the app's limit, or more for a view that takes files."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

from iki_portal.web.transaction import abandon

View = TypeVar("View", bound=Callable[..., Any])

#: What a browser wraps around a file.
ENVELOPE = 64 * 1024


def takes_file_of(size: int) -> Callable[[View], View]:
    """Let the requests of this view carry a file of `size` bytes. Below the route decorator."""

    def mark(view: View) -> View:
        view.__dict__["largest_file"] = size
        return view

    return mark


def allow_size() -> None:
    """Runs once it is known who asks, and before the form token is looked for.

    A large body comes in while the request holds nothing in the database: SQLite has one write lock for everybody.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    size = getattr(view, "largest_file", None)
    if size is not None:
        request.max_content_length = size + ENVELOPE
        abandon()
        _ = request.form  # reads it
