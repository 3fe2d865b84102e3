"""What is counted for monitoring: Prometheus figures of this process, without personal data. Served by upkeep/health_views.py.

Under gunicorn every worker writes its figures into files of PROMETHEUS_MULTIPROC_DIR (gunicorn.conf.py), and whichever worker
is asked adds them up.
"""

from prometheus_client import Counter, Histogram
from sqlalchemy import QueuePool
from sqlalchemy.pool import PoolProxiedConnection

#: Seconds. A page takes a few hundredths; nobody waits longer than ten.
_STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram("iki_request_seconds", "Time to answer a request", ["endpoint", "method", "status"], buckets=_STEPS)
REFUSALS = Counter("iki_refusals", "Requests refused, by status", ["status"])
SIGN_IN_FAILURES = Counter("iki_sign_in_failures", "Wrong passwords, codes and activation codes, and locked accounts")
POOL_WAITS = Histogram("iki_database_wait_seconds", "Time until a database connection was had", buckets=_STEPS)


class MeasuredPool(QueuePool):
    """Tells how long requests wait for a connection: what grows first when the database is slow or too small."""

    def connect(self) -> PoolProxiedConnection:
        with POOL_WAITS.time():
            return super().connect()
