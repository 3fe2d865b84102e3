"""How gunicorn serves the portal; gunicorn reads this file by itself where it is started beside wsgi.py.

Every worker loads the portal for itself (no preload): `systemctl reload` then brings new code and new settings, and no database
connection is ever shared by two processes. A reload waits for requests that are under way.
"""

import os
import shutil
import tempfile

bind = "127.0.0.1:5000"
workers = 2
threads = 4
worker_class = "gthread"
#: Seconds that requests under way get when a worker is replaced; the longest upload takes less.
graceful_timeout = 30
timeout = 60
#: Longer than nginx keeps a connection for another request, so that it is never nginx that meets a closed one.
keepalive = 75
#: The heartbeat of workers: in memory, where a full disk does not stop it.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True

# figures of all workers are added up in files (iki_portal/web/figures.py); a reload goes on with the same ones
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="iki-figures-")


def on_exit(_server: object) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
