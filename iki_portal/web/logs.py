"""Structured log lines. One line for each refusal; never a password, a token, or what somebody typed."""

import logging
import sys

import structlog
from flask import g, request

from iki_portal.web.actor import current_user

log = structlog.get_logger("iki_portal")


def set_up_logs() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def log_refusal(reason: str, *, status: int) -> None:
    """Say in the log who was refused what and why. Who may not (403) also stands in the trail (history/noting.py)."""
    account = current_user.account_name if current_user.is_authenticated else None
    if status == 403 and account is not None:
        g.refused = reason
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
