"""How gunicorn serves the portal; gunicorn reads this file by itself where it is started beside wsgi.py.

`systemctl reload` (SIGUSR2) brings new code and new settings and drops no request: a second master loads the portal while the
first one serves, and ends it when it is ready. If the new version cannot start, the old one simply goes on. SIGHUP only
replaces the workers by fresh ones of the version that is loaded. (Start it as `gunicorn`: `python -m gunicorn` cannot start a
second master.)
"""

import os
import shutil
import signal
import tempfile
from typing import Any

from gunicorn.systemd import sd_notify

bind = "127.0.0.1:5000"
workers = 2
threads = 4
worker_class = "gthread"
#: Loaded once, before workers are made: a worker stands in a blink. wsgi.py lets go of its database connections.
preload_app = True
#: Seconds that requests under way get when a worker is replaced; the longest upload takes less.
graceful_timeout = 30
timeout = 60
#: Longer than a proxy keeps a connection for another request (deploy/nginx.conf keeps none): it never meets a closed one.
keepalive = 75
#: The heartbeat of workers: in memory, where a full disk does not stop it.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True

# Figures of all workers are added up in files (iki_portal/web/figures.py), in a folder of each master's own: one that a reload
# started inherits the name of the former's, which goes with that one. SIGHUP reads this file again in the same process.
_OWN_FIGURES = f"iki-figures-{os.getpid()}-"
if not os.path.basename(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")).startswith(_OWN_FIGURES):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=_OWN_FIGURES)


def when_ready(server: Any) -> None:
    """Tell systemd who serves from now on, and let the master that started this one finish what it has under way."""
    sd_notify(f"MAINPID={os.getpid()}", server.log)
    if former := os.environ.get("GUNICORN_PID"):
        os.kill(int(former), signal.SIGTERM)


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
