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
class Cable:
    """Between this machine (`here`) and a namespace (`there`); its two ends are called `name` + h and n."""

    name: str
    namespace: str
    here: str
    there: str

    def lay(self) -> None:
        near, far = f"{self.name}h", f"{self.name}n"
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.namespace)
        _ip("addr", "add", f"{self.here}/24", "dev", near)
        _ip("-n", self.namespace, "addr", "add", f"{self.there}/24", "dev", far)
        _ip("link", "set", near, "up")
        _ip("-n", self.namespace, "link", "set", far, "up")

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "del", f"{self.name}h")

    @contextmanager
    def swallowing(self) -> Iterator[None]:
        """Packets leave and arrive nowhere, on both sides."""
        here = ("neigh", "replace", self.there, "lladdr", _NOBODY, "dev", f"{self.name}h", "nud", "permanent")
        there = ("neigh", "replace", self.here, "lladdr", _NOBODY, "dev", f"{self.name}n", "nud", "permanent")
        _ip(*here)
        _ip("-n", self.namespace, *there)
        yield
        _ip("neigh", "del", self.there, "dev", f"{self.name}h")
        _ip("-n", self.namespace, "neigh", "del", self.here, "dev", f"{self.name}n")


@dataclass(frozen=True)
class Place:
    """A namespace with a cable to the officers and one to the database."""

    name: str
    front: Cable
    back: Cable

    @property
    def officers(self) -> str:
        """Its address for HTTP."""
        return self.front.there

    @property
    def database(self) -> str:
        """This machine's address as the portal sees it."""
        return self.back.here

    @property
    def under(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """No carrier: the portal's side knows at once that nothing can be sent."""
        _ip("link", "set", f"{self.back.name}h", "down")
        yield
        _ip("link", "set", f"{self.back.name}h", "up")

    @contextmanager
    def swallowed(self) -> Iterator[None]:
        """A silent middlebox before the database."""
        with self.back.swallowing():
            yield

    @contextmanager
    def vanished(self) -> Iterator[None]:
        """Nobody hears of the whole host any more, nor it of anybody."""
        with self.front.swallowing(), self.back.swallowing():
            yield

    @contextmanager
    def choked(self) -> Iterator[None]:
        """A line of 64 kbit/s towards the portal: answers take long, and come."""
        device = ("dev", f"{self.back.name}h", "root")
        subprocess.run(["tc", "qdisc", "add", *device, "tbf", "rate", "64kbit", "burst", "1600", "latency", "30s"], check=True)
        yield
        subprocess.run(["tc", "qdisc", "del", *device], check=True)


@contextmanager
def own_network(number: int = 0) -> Iterator[Place]:
    """A namespace with two cables; `number` keeps several apart."""
    if os.getuid() != 0:
        pytest.skip("only root makes a network namespace")
    tag, net = f"{os.getpid() % 10000}{number}", 10 + number
    name = f"iki-{tag}"
    place = Place(
        name,
        Cable(f"if{tag}", name, f"10.{net}.1.1", f"10.{net}.1.2"),
        Cable(f"id{tag}", name, f"10.{net}.2.1", f"10.{net}.2.2"),
    )
    _ip("netns", "add", name)
    try:
        for cable in (place.front, place.back):
            cable.lay()
        _ip("-n", name, "link", "set", "lo", "up")
        yield place
    finally:
        for cable in (place.front, place.back):
            cable.remove()
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
            # the thread that carries the other way may be waiting in it: closed alone, it would stay open until that one hears
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
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
