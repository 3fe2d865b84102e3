"""Work that outlives a request: a command of ours in a process of its own."""

import subprocess
import sys
import threading


def start_command(*words: str) -> None:
    """Start `iki …` beside the portal, with its environment; to be called after the commit, so that it finds its row."""
    process = _start(words)
    threading.Thread(target=process.wait, daemon=True).start()  # or its end would be left unnoticed, a zombie


def run_command(*words: str) -> bool:
    """Run `iki …` as `start_command` does, and say whether it ended well."""
    return _start(words).wait() == 0


def _start(words: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    none, command = subprocess.DEVNULL, [sys.executable, "-m", "iki_portal.cli", *words]
    return subprocess.Popen(command, stdin=none, stdout=none, stderr=none, start_new_session=True)  # noqa: S603  # our own
