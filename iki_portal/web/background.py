"""Work that outlives a request: a command of ours in a process of its own."""

import subprocess
import sys
import threading


def start_command(*words: str) -> None:
    """Start `iki …` beside the portal, with its environment; to be called after the commit, so that it finds its row."""
    none, command = subprocess.DEVNULL, [sys.executable, "-m", "iki_portal.cli", *words]
    process = subprocess.Popen(command, stdin=none, stdout=none, stderr=none, start_new_session=True)  # noqa: S603  # our own
    threading.Thread(target=process.wait, daemon=True).start()  # or its end would be left unnoticed, a zombie
