"""Structured log lines, one JSON object each; never a password, a token, or what somebody typed.

One line for each request, and one for each refusal. All lines of a request carry its id, which the answer names too.
"""

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from iki_portal.config import Settings
from iki_portal.web.actor import current_user, known_account
from iki_portal.web.figures import REFUSALS, REQUESTS, SIGN_IN_FAILURES

log = structlog.get_logger("iki_portal")

REQUEST_ID = "X-Request-ID"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Asked every few seconds by machines: their good answers are no news.
_QUIET = frozenset({"upkeep.health", "upkeep.readiness", "upkeep.metrics", "static", "bootstrap.static", "assets.font"})


def set_up_logs(level: str = "info") -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def register_logs(app: Flask, settings: Settings) -> None:
    """Before everything else that looks at a request, so that nothing happens without an id."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(REQUEST_ID, "") if settings.proxy_hops else ""
        g.request_id = given if _SANE_ID.fullmatch(given) else secrets.token_hex(6)
        g.begun = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        seconds, endpoint = time.perf_counter() - g.begun, request.endpoint or "none"
        REQUESTS.labels(endpoint, _method(), response.status_code).observe(seconds)
        (log.debug if endpoint in _QUIET and response.status_code < 400 else log.info)(
            "request",
            method=_method(),
            endpoint=endpoint,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            account=known_account(),
        )
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        """What this thread logs next belongs to no request, or to another one."""
        structlog.contextvars.clear_contextvars()


def _method() -> str:
    """A client may send any word as its method; a figure of its own for each would fill the memory."""
    return request.method if request.method in {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} else "other"


def log_refusal(reason: str, *, status: int) -> None:
    """Say in the log who was refused what and why. Who may not (403) also stands in the trail (history/noting.py)."""
    account = current_user.account_name if current_user.is_authenticated else None
    if status == 403 and account is not None:
        g.refused = reason
    REFUSALS.labels(status).inc()
    log.warning(
        "refused",
        status=status,
        reason=reason,
        account=account,
        method=request.method,
        endpoint=request.endpoint,
        path=request.path,
        address=request.remote_addr,
    )


def log_sign_in_failure(reason: str) -> None:
    """A refusal that somebody guessing causes many of."""
    SIGN_IN_FAILURES.inc()
    log_refusal(reason, status=422)
