"""What machines ask the portal: does it take writes, may it serve, how does it fare. Plain text, no session, no cookie."""

import hmac
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from iki_portal.config import Settings
from iki_portal.domain.errors import NotFound
from iki_portal.extensions import db
from iki_portal.upkeep import queries
from iki_portal.web.access import public
from iki_portal.web.database import NotReady, demand_ready, prove_write
from iki_portal.web.logs import log

bp = Blueprint("upkeep", __name__)

NO_WRITES = "Portal tidak dapat menyimpan: basis data tidak menerima tulisan."
NOT_READY = "Portal belum siap melayani: basis data tidak cocok dengan versi ini. Lihat log."


class Remembered:
    """Asks `what` at most once in so many seconds: however often a stranger knocks, the database is asked no more often."""

    def __init__(self, what: Callable[[], str], *, seconds: float) -> None:
        self._what, self._seconds = what, seconds
        self._turn = threading.Lock()
        self._said, self._until = "", 0.0

    def __call__(self) -> str:
        with self._turn:
            if time.monotonic() >= self._until:
                self._said = self._what()
                self._until = time.monotonic() + self._seconds
            return self._said


def _write_problem() -> str:
    try:
        prove_write(db.engine)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        log.error("no writes", error=str(error))
        return NO_WRITES
    return ""


def _readiness_problem() -> str:
    try:
        demand_ready(db.engine)
    except (SQLAlchemyError, NotReady) as error:
        log.error("not ready", error=str(error))
        return NOT_READY
    return ""


@bp.record_once
def remember(state: object) -> None:
    """One memory for each portal of this process."""
    app = state.app  # type: ignore[attr-defined]
    app.extensions["iki_health"] = Remembered(_write_problem, seconds=1)
    app.extensions["iki_readiness"] = Remembered(_readiness_problem, seconds=5)


def _answer(problem: str) -> Response:
    return Response((problem or "ok") + "\n", status=503 if problem else 200, mimetype="text/plain")


@bp.get("/healthz")
@public
def health() -> Response:
    """Is it alive, and can it save? The one GET that writes (no row of anybody's): docs/decisions/0028."""
    return _answer(current_app.extensions["iki_health"]())


@bp.get("/readyz")
@public
def readiness() -> Response:
    """May it serve: is the database at this version's revision, with every guard?"""
    return _answer(current_app.extensions["iki_readiness"]())


class _Office(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield GaugeMetricFamily("iki_history_number", "Newest row of the history", value=queries.newest_number())
        sheets = GaugeMetricFamily("iki_sheets", "Sheets by state", labels=["state"])
        for state, count in queries.sheets_by_state().items():
            sheets.add_metric([state.value], count)
        yield sheets


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Figures for Prometheus, for who knows the token; for everybody else there is no such page."""
    settings: Settings = current_app.config["IKI"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.metrics_token or not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
        raise NotFound("Alamat ini tidak ada.")
    office = CollectorRegistry()
    office.register(_Office())
    return Response(generate_latest(_of_all_workers()) + generate_latest(office), content_type=CONTENT_TYPE_LATEST)


def _of_all_workers() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
