"""One request, one transaction; the command line uses the same rule. Nothing else says `commit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import Flask, Response, has_request_context, request

from iki_portal.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_writing: ContextVar[bool] = ContextVar("writing", default=False)


def is_writing() -> bool:
    """Whether a transaction that begins now is going to write (SQLite must know at BEGIN)."""
    return _writing.get() or (has_request_context() and request.method not in SAFE_METHODS)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block did, or nothing of it.

    Inside a request only for a fact that must survive a refusing answer (a failed sign-in is counted).
    """
    token = _writing.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Mark what runs inside as writing, without the session: for migrations and others with a connection of their own."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def abandon() -> None:
    """Undo what the request did so far; for a view that answers a refusal with a page of its own."""
    db.session.rollback()


class TransactionalFlask(Flask):
    """Commits when a writing view answers below 400, before the answer leaves; rolls back otherwise.

    Here and not in `after_request`, because an error at commit must still reach the error pages.
    """

    def dispatch_request(self) -> Response:
        try:
            response = self.make_response(super().dispatch_request())
            if request.method not in SAFE_METHODS and response.status_code < 400:
                db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        db.session.rollback()
        return response
