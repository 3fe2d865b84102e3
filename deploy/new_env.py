"""Write the settings of a new portal, with fresh keys: `python3 deploy/new_env.py iki.example.go.id > /etc/iki/iki.env`.

Python's standard library only, so that it runs before anything is installed.
"""

import re
import secrets
import sys
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("iki.env")
KEYS = ("secret_key", "csrf_key", "history_key", "metrics_token")


def new_env(host: str) -> str:
    """The settings for `host`: every key random and its own."""
    if not re.fullmatch(r"[a-z0-9.-]+", host):
        raise SystemExit("say the portal's host name, like iki.example.go.id")
    fresh = {name: secrets.token_urlsafe(48) for name in KEYS}
    # letters and digits: it stands in a URL
    return Template(TEMPLATE.read_text()).substitute(fresh, host=host, database_password=secrets.token_hex(24))


if __name__ == "__main__":
    sys.stdout.write(new_env(sys.argv[1] if len(sys.argv) == 2 else ""))
