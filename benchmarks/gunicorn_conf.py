"""One worker that loads its page for itself, so that its memory is all its own; gunicorn.conf.py is for an office."""

workers = 1
worker_class = "gthread"
threads = 4
loglevel = "warning"
control_socket_disable = True
