"""Where evidence files lie: each under its SHA-256, written once and never over another.

A folder by default; what fsspec knows (`s3://bucket/prefix` with the extra `s3`) by IKI_EVIDENCE_URL. A file is written before
the transaction that names it commits: what is named is there. A file that nobody names (the transaction failed) does no harm;
the next one with the same content uses it.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
from flask import current_app
from fsspec.implementations.local import LocalFileSystem

from iki_portal.config import Settings
from iki_portal.paths import sync_folder


class StoreError(Exception):
    """The store cannot be used now. `str(error)` is for the log; it names no content."""


class Damaged(StoreError):
    """What the store holds under a hash has another one, or is not there."""


class Store:
    """The store at that URL (`Settings.evidence_store`)."""

    def __init__(self, url: str) -> None:
        self._url = url

    def keep(self, content: bytes) -> str:
        """Write the file unless it lies there already; returns its SHA-256. Raises `StoreError`, and then nothing was kept."""
        key = sha256(content).hexdigest()
        with _failures():
            filesystem, path = self._place(key)
            if filesystem.exists(path) and filesystem.size(path) == len(content):
                return key
            if isinstance(filesystem, LocalFileSystem):
                _write_file(Path(path), content)
            else:
                filesystem.pipe_file(path, content)  # an object appears whole or not at all
        return key

    def read(self, key: str) -> bytes:
        """The file of that hash; raises `Damaged` when it is missing or another one, `StoreError` when nobody answers."""
        with _failures():
            filesystem, path = self._place(key)
            try:
                content: bytes = filesystem.cat_file(path)
            except FileNotFoundError:
                raise Damaged(f"evidence {key} is missing") from None
        if sha256(content).hexdigest() != key:
            raise Damaged(f"evidence {key} was changed")
        return content

    def demand_writable(self) -> None:
        """Raise `StoreError` unless a file can be written here; leaves one small file, always the same."""
        self.keep(b"Portal IKI\n")

    def _place(self, key: str) -> tuple[Any, str]:
        filesystem, root = fsspec.core.url_to_fs(self._url)
        return filesystem, f"{root.rstrip('/')}/{key[:2]}/{key}"


def the_store() -> Store:
    """The one of the running portal."""
    settings: Settings = current_app.config["IKI"]
    return Store(settings.evidence_store)


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever the store's library raises becomes one error: the pages must not know which store it is."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # every store has errors of its own
        raise StoreError(f"evidence store: {type(error).__name__}: {error}") from error


def _write_file(path: Path, content: bytes) -> None:
    """Beside its place, synced, then renamed: it survives a power cut whole, or was never there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            Path(unfinished).unlink()
