"""A network between a portal and its database, to be cut, choked, or made to swallow what it carries.

The portal lives in a network namespace of its own with two cables: one to the officers, one to the database. Only the
second is ever touched.
"""

import contextlib
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

#: A card that nobody has: what is sent to it arrives nowhere, and nobody is told.
_NOBODY = "02:00:00:00:00:99"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Place:
    """A namespace; `officers` is its address for HTTP, `database` the host's address as the portal sees it."""

    name: str
    officers: str
    portal: str
    database: str
    cable: str

    @property
    def under(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """No carrier: the portal's side knows at once that nothing can be sent."""
        _ip("link", "set", f"{self.cable}h", "down")
        yield
        _ip("link", "set", f"{self.cable}h", "up")

    @contextmanager
    def swallowed(self) -> Iterator[None]:
        """A silent middlebox: packets leave and arrive nowhere, on both sides."""
        here = ("neigh", "replace", self.portal, "lladdr", _NOBODY, "dev", f"{self.cable}h", "nud", "permanent")
        there = ("neigh", "replace", self.database, "lladdr", _NOBODY, "dev", f"{self.cable}n", "nud", "permanent")
        _ip(*here)
        _ip("-n", self.name, *there)
        yield
        _ip("neigh", "del", self.portal, "dev", f"{self.cable}h")
        _ip("-n", self.name, "neigh", "del", self.database, "dev", f"{self.cable}n")

    @contextmanager
    def choked(self) -> Iterator[None]:
        """A line of 64 kbit/s towards the portal: answers take long, and come."""
        device = ("dev", f"{self.cable}h", "root")
        subprocess.run(["tc", "qdisc", "add", *device, "tbf", "rate", "64kbit", "burst", "1600", "latency", "30s"], check=True)
        yield
        subprocess.run(["tc", "qdisc", "del", *device], check=True)


@contextmanager
def own_network(number: int = 0) -> Iterator[Place]:
    """A namespace with two cables; `number` keeps several apart."""
    if os.getuid() != 0:
        pytest.skip("only root makes a network namespace")
    tag = f"{os.getpid() % 10000}{number}"
    name, front, back = f"iki-{tag}", f"if{tag}", f"id{tag}"
    net = 10 + number
    _ip("netns", "add", name)
    try:
        for cable, kind in ((front, 1), (back, 2)):
            _ip("link", "add", f"{cable}h", "type", "veth", "peer", "name", f"{cable}n", "netns", name)
            _ip("addr", "add", f"10.{net}.{kind}.1/24", "dev", f"{cable}h")
            _ip("-n", name, "addr", "add", f"10.{net}.{kind}.2/24", "dev", f"{cable}n")
            _ip("link", "set", f"{cable}h", "up")
            _ip("-n", name, "link", "set", f"{cable}n", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Place(name, f"10.{net}.1.2", f"10.{net}.2.2", f"10.{net}.2.1", back)
    finally:
        for cable in (front, back):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("link", "del", f"{cable}h")
        _ip("netns", "del", name)


class Relay:
    """Carries bytes to a server, until it resets every connection it carries."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.carried: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self.listener.accept()
                outer = socket.create_connection(self.target)
            except OSError:
                return
            self.carried |= {inner, outer}
            for one, other in ((inner, outer), (outer, inner)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        for each in (one, other):
            self.carried.discard(each)
            each.close()

    def reset(self) -> None:
        """RST on every connection, in the middle of whatever it says."""
        for each in list(self.carried):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
                each.close()

    def close(self) -> None:
        self.listener.close()
        self.reset()
