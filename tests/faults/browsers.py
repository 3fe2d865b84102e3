"""People before the sign-in page and behind it: a browser with a cookie, whatever it claims to come from."""

import re
import time

from tests.faults.portals import Door

LOCKED = "dikunci sementara"


class Browser:
    """Somebody at the sign-in page of `door`, seen from whatever address they claim."""

    def __init__(self, door: Door, claimed: str = "") -> None:
        self.door, self.claimed, self.cookie = door, claimed, ""
        self.slowest = 0.0
        _, page = self.ask("GET", "/masuk")
        self.token = _found(r'name="csrf_token" value="([^"]+)"', page)

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and page; keeps the cookie, and how long the longest answer took."""
        headers = {"Cookie": f"iki={self.cookie}", **({"X-Forwarded-For": self.claimed} if self.claimed else {})}
        begun = time.monotonic()
        try:
            status, page, answered = self.door.exchange(method, path, headers, body)
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
        for cookie in answered.get_all("Set-Cookie") or []:
            if found := re.match(r"iki=([^;]+)", cookie):
                self.cookie = found[1]
        return status, page

    def sign_in(self, name: str, password: str) -> str:
        """What became of it: `in`, `weighed` (and found wrong), `locked`, `limited`, or the status of anything else."""
        status, page = self.ask("POST", "/masuk", {"csrf_token": self.token, "name": name, "password": password})
        known = {302: "in", 422: "locked" if LOCKED in page else "weighed", 429: "limited"}
        if status == 302:
            _, page = self.ask("GET", "/sandi")
            self.token = _found(r'name="csrf_token" value="([^"]+)"', page)
        return known.get(status, str(status))


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return match[1]
